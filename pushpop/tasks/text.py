"""Text: what comes next, character by character. Where its corpus comes from is `corpora`'s business."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from jaxtyping import UInt

from pushpop.errors import ConfigError
from pushpop.tasks import corpora
from pushpop.tasks.encoding import NO_SEPARATOR, Alphabet
from pushpop.tasks.task import Answers, Task
from pushpop.tasks.vocabulary import Unit, Vocabulary
from pushpop.tasks.windows import Reading, Regime

LONGEST_WINDOW = 65_536
PARTS = ("training", "validation", "test")


@dataclass(frozen=True, kw_only=True)
class Text(Task):
    """A corpus in three parts, one after another: what is trained on, what choices are made on, and the tail.

    `corpus`      a name (see `pushpop tasks --corpora`), or the path of a text file or of a folder of them.
    `unit`        what is read and said: "characters", or "bytes".
    `encoding`    of the user's files.
    `licence`     Project Gutenberg's header and licence text: "strip" or "keep".
    `held_out`    share of the corpus at its end that nothing is learned or chosen from: the test.
    `validation`  share of the rest, at its end, that choices are made on: the weights are kept that predict its first
                  `training.evaluate_words` windows best. With 0 all of the rest is trained on, and the last are kept.
    `window`      characters that a gradient reaches back.
    `state`       windows follow one another, each from the state that the one before has left ("carried"), or are drawn
                  anywhere and begin from a state of zeros ("zero").
    """

    answers: ClassVar[Answers] = "text"

    corpus: str = "python-topics"
    unit: Unit = "characters"
    encoding: str = "utf-8"
    licence: corpora.Licence = "strip"
    held_out: float = 0.1
    validation: float = 0.1
    window: int = 64
    state: Regime = "carried"

    def __post_init__(self) -> None:
        self.whole_numbers("window")
        if not 1 <= self.window <= LONGEST_WINDOW:
            raise ConfigError(f"task.window: {self.window} is no window; give 1 to {LONGEST_WINDOW} characters")
        for name in ("held_out", "validation"):
            if not 0 <= getattr(self, name) <= 0.9:
                raise ConfigError(f"task.{name}: {getattr(self, name)} is not a share to keep back; give 0 to 0.9")

    @cached_property
    def source(self) -> corpora.Corpus:
        """The corpus itself, found but not yet read."""
        return corpora.find(self.corpus, unit=self.unit, encoding=self.encoding, licence=self.licence)

    @cached_property
    def ends(self) -> dict[str, int]:
        """Where each part ends, in characters; the first begins at 0."""
        whole = self.source.characters
        head = whole - int(whole * self.held_out)
        return {"training": head - int(head * self.validation), "validation": head, "test": whole}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The characters of the training part."""
        return self.source.vocabulary(0, self.ends["training"])

    @cached_property
    def symbols(self) -> UInt[np.ndarray, " n"]:
        """The whole corpus: a byte a character, where there are fewer than 256 of them."""
        return self.source.encode(self.vocabulary)

    @cached_property
    def parts(self) -> dict[str, UInt[np.ndarray, " n"]]:
        """The corpus in three: "training", "validation" and "test", which may be empty."""
        starts = [0, *self.ends.values()]
        return {name: self.symbols[starts[n] : starts[n + 1]] for n, name in enumerate(PARTS)}

    @property
    def alphabet(self) -> Alphabet:
        size = self.vocabulary.size
        return Alphabet(size, size, NO_SEPARATOR)

    def reading(self, batch: int, seed: int) -> Reading:
        """How the training part is read, in batches of so many windows. ConfigError where it is too short."""
        return Reading(text=self.parts["training"], batch=batch, window=self.window, regime=self.state, seed=seed)

    def hashes(self) -> dict[str, str]:
        """16 hexadecimal digits that tell a part from any other, and from the same part of any other corpus."""
        places = zip([0, *self.ends.values()], self.ends.items(), strict=False)
        said = {name: f"{self.source.sha256} {self.unit} {start} {end}" for start, (name, end) in places}
        return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in said.items()}
