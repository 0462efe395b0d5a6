"""How well a model predicts a text: nats and bits a character, with an interval; and by how far the text has come.

Axes: n characters of a text, n - 1 of which are predicted; S streams, W characters of a window.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float64, Integer

from pushpop.models.language import LanguageModel

STREAM = 4_096  # characters of the shortest stream that a text is cut into
STREAMS = 64
LEAD = 512  # characters that bring a stream's state to where its part begins; they are not scored
READ = 256  # characters read at once
BLOCK = 1_000  # errors of neighbouring characters go together: the interval is of the means of blocks


class Predicted(NamedTuple):
    """Of each character that was predicted: its cost (nats), and whether it was the likeliest."""

    nats: Float64[np.ndarray, " n"]
    right: Bool[np.ndarray, " n"]


@dataclass(frozen=True, kw_only=True)
class TextScores:
    """`error` is the standard error of the bits a character, of blocks of 1,000 characters; None where there are fewer
    than two, which say nothing of how they differ."""

    nats: float
    bits_per_character: float
    error: float | None
    accuracy: float
    characters: int

    def to_dict(self) -> dict[str, float]:
        """What is known, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def carried(model: LanguageModel[Any], text: Integer[np.ndarray, " n"]) -> Predicted:
    """Each character after the first, predicted once, its text's state carried from the first one on.

    A long text is read in streams side by side, each after the 512 characters before its part.
    """
    wanted = len(text) - 1
    streams = max(1, min(STREAMS, wanted // STREAM))
    part = -(-wanted // streams)
    starts = [n * part for n in range(streams)]
    lead = LEAD if streams > 1 else 0
    rows = np.stack([_stretch(text, start - lead, lead + part + 1) for start in starts])
    found = read(model, rows)
    keep = slice(lead, None)
    nats, right = found.nats[:, keep].reshape(-1)[:wanted], found.right[:, keep].reshape(-1)[:wanted]
    if lead:  # the first stream has nothing before it: what it read there was not its text
        first = read(model, text[None, : part + 1])
        nats[:part], right[:part] = first.nats[0], first.right[0]
    return Predicted(nats, right)


def windowed(model: LanguageModel[Any], text: Integer[np.ndarray, " n"], window: int) -> Predicted:
    """Each character after the first, predicted in windows side by side, each from a state of zeros."""
    wanted = len(text) - 1
    whole = wanted // window
    nats, right = np.empty(wanted), np.empty(wanted, dtype=bool)
    many = max(1, (READ * STREAMS) // window)
    for first in range(0, whole, many):
        last = min(whole, first + many)
        rows = np.stack([text[n * window : (n + 1) * window + 1] for n in range(first, last)])
        found = read(model, rows)
        place = slice(first * window, last * window)
        nats[place], right[place] = found.nats.reshape(-1), found.right.reshape(-1)
    if whole * window < wanted:
        found = read(model, text[None, whole * window :])
        nats[whole * window :], right[whole * window :] = found.nats[0], found.right[0]
    return Predicted(nats, right)


@torch.no_grad()
def read(model: LanguageModel[Any], rows: Integer[np.ndarray, "S n"]) -> Predicted:
    """Each row [n] a text of its own, from a state of zeros: cost and rightness [S, n - 1] of all after the first."""
    nats, right, state = list[np.ndarray](), list[np.ndarray](), None
    for start in range(0, rows.shape[1] - 1, READ):
        piece = torch.from_numpy(rows[:, start : start + READ + 1].astype(np.int64)).to(model.device)
        scores, state = model.read(piece[:, :-1], state)
        state = model.carried(state)
        logs, targets = torch.log_softmax(scores.float(), 2), piece[:, 1:, None]
        nats.append(-logs.gather(2, targets)[:, :, 0].double().cpu().numpy())
        right.append((logs.argmax(2) == targets[:, :, 0]).cpu().numpy())
    return Predicted(np.concatenate(nats, 1), np.concatenate(right, 1))


def score(found: Predicted) -> TextScores:
    """The mean, and how far it may be off."""
    bits, each = found.nats / math.log(2), blocks(found)
    spread = float(np.std(each, ddof=1) / math.sqrt(len(each)) / math.log(2)) if len(each) > 1 else None
    return TextScores(
        nats=float(found.nats.mean()),
        bits_per_character=float(bits.mean()),
        error=spread,
        accuracy=float(found.right.mean()),
        characters=len(bits),
    )


def blocks(found: Predicted) -> list[float]:
    """Mean nats of each block of 1,000 characters; what is left at the end is no block."""
    starts = range(0, len(found.nats) - BLOCK + 1, BLOCK)
    return [float(found.nats[start : start + BLOCK].mean()) for start in starts]


def by_distance(
    model: LanguageModel[Any], text: Integer[np.ndarray, " n"], farthest: int = 10_000, starts: int = 64
) -> list[dict[str, float]]:
    """Mean nats of the characters so far from where the state was zeros: distances 1, 2, 3-4, 5-8 and so on.

    Texts begin at `starts` places spread over this one, or as many as it has. Half of a shorter one is the farthest.
    """
    farthest = min(farthest, max(1, (len(text) - 1) // 2))
    places = np.unique(np.linspace(0, len(text) - 1 - farthest, starts).astype(np.int64))
    found = read(model, np.stack([text[place : place + farthest + 1] for place in places]))
    rows = []
    for first, last in _spans(farthest):
        nats = float(found.nats[:, first:last].mean())
        rows.append({"from": first + 1, "to": last, "nats": nats, "characters": len(places) * (last - first)})
    return rows


def _spans(farthest: int) -> Iterator[tuple[int, int]]:
    """0-1, 1-2, 2-4, 4-8 and so on."""
    first, last = 0, 1
    while first < farthest:
        yield first, min(last, farthest)
        first, last = last, last * 2


def _stretch(text: np.ndarray, start: int, length: int) -> np.ndarray:
    """So many characters from a place that may be before the first; what is not there is the nearest one."""
    return text[np.clip(np.arange(start, start + length), 0, len(text) - 1)]
