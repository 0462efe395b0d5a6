"""Text that goes on from text: a prefix as a model's symbols, and its symbols as characters while they come."""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from pushpop.errors import ConfigError
from pushpop.evaluation.generate import Begun, begin, generate, generate_together
from pushpop.evaluation.sampling import Sampling
from pushpop.models.language import LanguageModel
from pushpop.tasks.task import shown
from pushpop.tasks.vocabulary import REPLACEMENT, Vocabulary

SENTENCE_ENDS = ".!?"
QUOTES = "\"'”’»"
Wrong = Literal["replace", "surrogateescape"]


@dataclass(frozen=True)
class Continuation:
    """A model that has read a prefix. All samples go on from there; of a seed, sample i is always the same."""

    model: LanguageModel[Any]
    vocabulary: Vocabulary
    prefix: str | bytes | None
    """As it was given; None where it was not."""
    begun: Begun
    wrong: Wrong = "replace"
    """How bytes that are no UTF-8 come, where bytes are written."""

    def pieces(
        self, sampling: Sampling, seed: int = 0, sample: int = 0, length: int | None = None, complete: bool = False
    ) -> Iterator[str]:
        """Sample number `sample` as it is written: `length` symbols (characters, or bytes), or without end.

        `complete` ends it with the first sentence, as `to_sentence_end` has it.
        """
        symbols = generate(self.model, self.begun, sampling, seed, sample, length, self.vocabulary.unknown)
        text = characters(symbols, self.vocabulary, self.wrong)
        return to_sentence_end(text) if complete else text

    def texts(
        self, sampling: Sampling, seed: int = 0, samples: int = 1, length: int = 300, complete: bool = False
    ) -> list[str]:
        """Samples 0 to `samples` - 1, each whole. ConfigError where that is no number of samples."""
        if not isinstance(samples, int) or samples < 1:
            raise ConfigError(f"samples: {shown(samples)} is no number of samples; give 1 or more")
        if complete:
            return ["".join(self.pieces(sampling, seed, sample, length, complete)) for sample in range(samples)]
        never = self.vocabulary.unknown
        steps = generate_together(self.model, self.begun, sampling, seed, range(samples), length, never)
        written = list(zip(*steps, strict=True)) or [()] * samples
        return ["".join(characters(symbols, self.vocabulary, self.wrong)) for symbols in written]


def continuation(
    model: LanguageModel[Any],
    vocabulary: Vocabulary,
    prefix: str | bytes | None = None,
    unknown: Literal["refuse", "map"] = "refuse",
    place: str = "prefix",
) -> Continuation:
    """Read `prefix`, of any length; without one, what `opening` says.

    Raises:
        WordError: the prefix is empty, or has characters that the model does not know (unless `unknown` is "map").
    """
    text = opening(vocabulary) if prefix is None else prefix
    return Continuation(model, vocabulary, prefix, begin(model, vocabulary.encode(text, unknown, place)))


def opening(vocabulary: Vocabulary) -> str:
    """What is read where no prefix is given: the end of a line, or the first character known where that is not."""
    return "\n" if "\n" in vocabulary.characters else vocabulary.characters[0]


def characters(symbols: Iterable[int], vocabulary: Vocabulary, wrong: Wrong = "replace") -> Iterator[str]:
    """Symbols as text while they come; of the unknown symbol U+FFFD is shown.

    Bytes that are not UTF-8 are shown so too, or with `wrong` "surrogateescape" come as half characters that, encoded
    with the same word, are those bytes again.
    """
    if vocabulary.unit == "bytes":
        decoder = codecs.getincrementaldecoder("utf-8")(wrong)
        yield from filter(None, (decoder.decode(bytes([symbol])) for symbol in symbols))
        yield from decoder.decode(b"", final=True)
    else:
        known = (*vocabulary.characters, REPLACEMENT)
        yield from (known[symbol] for symbol in symbols)


def to_sentence_end(text: Iterable[str]) -> Iterator[str]:
    """Characters up to the first `.`, `!` or `?` that white space or a quotation mark follows, and with that mark.

    >>> "".join(to_sentence_end('At 3.5 he said "Yes." And so on.'))
    'At 3.5 he said "Yes."'
    """
    last = ""
    for character in chain.from_iterable(text):
        ended = bool(last) and last in SENTENCE_ENDS
        if ended and character.isspace():
            return
        yield character
        if ended and character in QUOTES:
            return
        last = character
