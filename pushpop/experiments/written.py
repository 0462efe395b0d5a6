"""A network trained on text: how well it predicts a text, and what it writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np

from pushpop.errors import ConfigError, RunError
from pushpop.evaluation import text
from pushpop.evaluation.continuation import Continuation, continuation
from pushpop.evaluation.sampling import Sampling
from pushpop.experiments import store
from pushpop.experiments.trained import Trained
from pushpop.tasks.text import Text
from pushpop.tasks.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class TrainedText(Trained):
    """A network that reads characters and says what comes next."""

    task: Text
    vocabulary: Vocabulary

    def predict(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it answers no words."""
        raise self.refuse("predict")

    def trace(self, *_given: Any, **_chosen: Any) -> NoReturn:
        """PushpopError: it answers no words."""
        raise self.refuse("trace")

    def read(
        self, prefix: str | bytes | None = None, unknown: Literal["refuse", "map"] = "refuse", place: str = "prefix"
    ) -> Continuation:
        """The network when it has read `prefix`, of any length; without one, the end of a line.

        Characters that it does not know are refused, or with "map" read as its unknown symbol.

        Raises:
            WordError: the prefix is empty, or has such characters.
        """
        return continuation(self.model, self.vocabulary, prefix, unknown, place)

    def generate(
        self,
        prefix: str | bytes | None = None,
        *,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        guard: bool = False,
        length: int = 300,
        seed: int = 0,
        samples: int = 1,
        complete: bool = False,
    ) -> list[str]:
        """What it writes on from `prefix`: `samples` texts of `length` characters (or of one sentence, if `complete`).

        The temperature divides the scores and 0 is greedy; `top_k`, `top_p` and `guard` are those of `Sampling`. Text
        while it is written, or without end: `read(prefix).pieces(...)`.

        Raises:
            ConfigError, WordError: a setting or a prefix that cannot be.
        """
        chosen = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, guard=guard)
        return self.read(prefix).texts(chosen, seed, samples, length, complete)

    def evaluate(
        self, given: str | bytes | Iterable[str | bytes] | None = None, windows: Sequence[int] = ()
    ) -> dict[str, Any]:
        """Nats and bits a character on a text, or chunks of one, or else on the held-out tail: with the state carried
        from its first character, and in each of `windows` from a state of zeros.

        Characters that the model does not know are scored as its unknown symbol.

        Raises:
            ConfigError: there are fewer than two characters.
            RunError: its corpus is no longer the one it was trained on, or nothing of it was held out.
        """
        chunks = [given] if isinstance(given, str | bytes) else given
        if chunks is None:
            if self.task.hashes() != store.read_config(self.path).words:
                corpus = self.task.corpus
                raise RunError(f"{self.path}: its corpus {corpus} has changed; restore it, or score a text with --file")
            symbols = self.task.parts["test"]
            if not len(symbols):
                raise RunError(f"{self.path}: nothing was held out (task.held_out); score a text with --file")
        else:
            pieces = [self.vocabulary.encode(chunk, unknown="map") for chunk in chunks]
            symbols = np.concatenate(pieces or [np.zeros(0, dtype=np.uint8)])
        if len(symbols) < 2:
            raise ConfigError(f"text: {len(symbols)} characters to score, and the first predicts the second; give more")
        found: dict[str, Any] = text.score(text.carried(self.model, symbols)).to_dict()
        rows = [(window, text.score(text.windowed(self.model, symbols, window))) for window in windows]
        return {**found, "windows": [{"window": window, **scores.to_dict()} for window, scores in rows]}


def of_text(trained: Trained, place: str) -> TrainedText:
    """The network, if it is one of text; else PushpopError that begins with `place`."""
    if isinstance(trained, TrainedText):
        return trained
    raise trained.refuse(place)
