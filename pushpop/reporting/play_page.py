"""The page that holds a trained network and runs it: a reader types a word of their own and watches the memory."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pushpop.errors import PushpopError
from pushpop.evaluation.evaluate import demand_memory
from pushpop.reporting.markup import write_page
from pushpop.reporting.trace_page import WORDS, demand_list
from pushpop.tasks.draws import Draws
from pushpop.tasks.strings import Strings
from pushpop.tasks.task import WordTask, by_names_alone, or_names
from pushpop.tasks.words import short_word

if TYPE_CHECKING:
    from pushpop.experiments.answering import TrainedWords
    from pushpop.models.augmented import MemoryModel

MOST_WEIGHTS = 5_000_000  # 27 MB as text: browsers take more, readers do not
LONGEST = 1_000  # symbols of a word that can be watched in the page
FINE, STEP = 41, 1.1  # of every length below it, and then of lengths each so much longer
EACH = 2  # words of a length in the page, where any symbols at any place are no word


def write_play(trained: "TrainedWords", out: Path, about: str = "") -> Path:
    """Write the page of a network to `out`; gives its path. `about` is a line that says which run this is.

    Raises ConfigError for an `out` that cannot be a file, PushpopError for a network that is not one of words with a
    stack, queue or DeQue, or is too large for a page.
    """
    trained.demand_written("play")
    demand_memory(trained.model, "play")
    demand_list(type(trained.model.state(1).memory).__name__, "play")
    demand_size(trained.model)
    verdict = trained.verdict()
    task, decoding = trained.task, verdict.decoding
    asked = {
        "kind": trained.settings.task.kind,
        "symbols": task.symbols,
        "names": list(task.names),
        "answerNames": list(task.answer_names),
        "byNamesAlone": by_names_alone(task.names),
        "formed": type(task).check is not WordTask.check,
        "drawn": drawn(task),
        "hand": decoding.hand if decoding and decoding.works else None,
        "example": short_word(task).tolist(),
    }
    return write_page(
        "play.html",
        out,
        about=about,
        words=WORDS[verdict.memory],
        verdict=verdict.text,
        decoding=decoding,
        rule=f"Symbols are {symbols_of(task)}; put spaces or commas between them.",
        longest=LONGEST,
        lengths=task.lengths,
        length=4 * task.lengths[1] if task.lengths[1] <= 75 else 300,
        given={"task": asked, "net": described(trained.model, verdict.memory, task.alphabet.separator)},
    )


def symbols_of(task: WordTask) -> str:
    """What a reader types."""
    if by_names_alone(task.names):
        return " ".join(task.names)
    return f"whole numbers from 0 to {task.symbols - 1}{or_names(task.names)}"


def drawn(task: WordTask) -> list[list[int]] | None:
    """Words as the task draws them, of more and more lengths; None where any symbols at any place are drawn."""
    if type(task).word is Strings.word and type(task).sizes is WordTask.sizes:
        return None
    sizes, lengths = task.sizes(1, LONGEST), list[int]()
    for size in sizes:
        if not lengths or size < FINE or size >= STEP * lengths[-1]:
            lengths.append(size)
    return [word.tolist() for word in task.words(Draws("words to play with"), lengths * EACH)]


def demand_size(model: "MemoryModel") -> None:
    """Raise PushpopError for a network that makes too heavy a page."""
    if model.count() > MOST_WEIGHTS:
        rule = f"a page holds {MOST_WEIGHTS:,}; give a run of a smaller network"
        raise PushpopError(f"play: {model.count():,} weights are too many for a page; {rule}")


def described(model: "MemoryModel", memory: str, separator: int) -> dict[str, Any]:
    """A network for the page's JavaScript: what it is built of, and its weights as float32 in base64, row by row."""
    settings = model.settings
    return {
        "controller": model.controller.kind,
        "memory": memory,
        "width": settings.memory,
        "hidden": settings.hidden,
        "layers": settings.layers,
        "wiring": settings.wiring,
        "margin": getattr(settings, "margin", 0.0),
        "separator": separator,
        "weights": {name: packed(weights.detach().cpu().numpy()) for name, weights in model.state_dict().items()},
    }


def packed(numbers: np.ndarray) -> dict[str, Any]:
    """An array as the page reads it."""
    data = base64.b64encode(np.ascontiguousarray(numbers, dtype="<f4").tobytes()).decode()
    return {"shape": list(numbers.shape), "data": data}
