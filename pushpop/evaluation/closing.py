"""How well a model of a bracketed text keeps what is open, by depth: documents it reads, and documents it completes.

Every document is read after others of the depths that were trained on, as in its corpus.

Axes: S documents side by side, n characters of a row, V characters there are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pushpop.evaluation.evaluate import resting
from pushpop.evaluation.sampling import Sampling, choose
from pushpop.models.language import LanguageModel
from pushpop.tasks.brackets import TRAINED, documents
from pushpop.tasks.draws import Draws
from pushpop.tasks.nesting import closing_marks, nested, to_the_deepest, well_formed
from pushpop.tasks.vocabulary import Vocabulary

LEAD = 512  # characters of other documents that are read first, or more
READ = 64  # characters after which a state is cut to its bounded size
END = "\n"
WAYS = {"greedy": Sampling(temperature=0), "sampled": Sampling()}


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What came of documents of one depth.

    `bits`     a character, its end of line included.
    `right`    share of their closing brackets for which, of all kinds, the right one was the likeliest.
    `closed`   of documents begun, up to their deepest bracket, that the model has brought to an end of line in at most
               twice the characters that the longest true end has: the share whose brackets are all closed, each by its
               own kind, greedily and drawn at temperature 1.
    `formed`   the same, and a document of the language in all else.
    """

    depth: int
    documents: int
    characters: int
    bits: float
    right: float
    closed: dict[str, float]
    formed: dict[str, float]


def closing(
    model: LanguageModel[Any], vocabulary: Vocabulary, language: str, depth: int, count: int, seed: int = 0
) -> Closing:
    """`count` documents of this depth, read and completed; they are a function of language, depth, count and seed."""
    texts = list(islice(documents(language, (depth, depth), "closing", depth, seed), count))
    bits, right, characters = read_through(model, vocabulary, language, texts)
    closed, formed = dict[str, float](), dict[str, float]()
    begun = [to_the_deepest(text, language) for text in texts]
    limit = 2 * max(len(text) - len(start) + 1 for text, start in zip(texts, begun, strict=True))
    for way, sampling in WAYS.items():
        ends = completed(model, vocabulary, language, begun, sampling, limit, seed)
        whole = [start + end for start, end in zip(begun, ends, strict=True)]
        ended = [text.removesuffix(END) for text in whole if text.endswith(END)]
        closed[way] = sum(nested(text, language).closed for text in ended) / count
        formed[way] = sum(well_formed(text, language) for text in ended) / count
    return Closing(
        depth=depth, documents=count, characters=characters, bits=bits, right=right, closed=closed, formed=formed
    )


def read_through(
    model: LanguageModel[Any], vocabulary: Vocabulary, language: str, texts: Sequence[str]
) -> tuple[float, float, int]:
    """Bits a character, the share of closing brackets that are right, and how many characters there are."""
    rows = led(vocabulary, language, [text + END for text in texts])
    marks = torch.tensor(sorted(vocabulary.encode(closing_marks(language)).tolist()))
    counted = torch.tensor([len(text) + 1 for text in texts])
    nats, closers, right = 0.0, 0, 0
    with resting(model):
        state = None
        for start in range(0, rows.shape[1] - 1, READ):
            piece = rows[:, start : start + READ + 1]
            scores, state = model.read(piece[:, :-1].to(model.device), state)
            state = model.carried(state)
            logs, targets = scores.float().cpu().log_softmax(2), piece[:, 1:]
            places = torch.arange(start + 1, start + piece.shape[1])
            own = places >= rows.shape[1] - counted[:, None]
            nats -= float(logs.gather(2, targets[:, :, None])[:, :, 0][own].double().sum())
            closing = own & torch.isin(targets, marks)
            likeliest = marks[logs[:, :, marks].argmax(2)]
            closers, right = closers + int(closing.sum()), right + int((likeliest == targets)[closing].sum())
    characters = int(counted.sum())
    return nats / characters / math.log(2), right / closers, characters


def completed(
    model: LanguageModel[Any],
    vocabulary: Vocabulary,
    language: str,
    begun: Sequence[str],
    sampling: Sampling,
    limit: int,
    seed: int,
) -> list[str]:
    """What the model writes after each of these, up to and with the end of its line; `limit` characters at most."""
    rows, end = led(vocabulary, language, begun), int(vocabulary.encode(END)[0])
    draws = [Draws("sample", seed, number) for number in range(len(begun))]
    written = np.empty((len(begun), limit), np.int64)
    done = np.zeros(len(begun), dtype=bool)
    with resting(model):
        state = scores = None
        for piece in rows.split(READ, 1):
            out, state = model.read(piece.to(model.device), state if state is None else model.carried(state))
            scores = out[:, -1]
        for place in range(limit):
            assert isinstance(scores, Tensor), "there is something to go on from"
            said = choose(scores, sampling, draws, never=vocabulary.unknown)
            written[:, place], done = said, done | (said == end)
            if done.all():
                break
            state = state if (place + 1) % READ else model.carried(state)
            state, scores = model.step(state, torch.from_numpy(said).to(model.device))
    found = [str(vocabulary.decode(row[: place + 1])) for row in written]
    return [text[: text.index(END) + 1] if END in text else text for text in found]


def led(vocabulary: Vocabulary, language: str, texts: Sequence[str]) -> Tensor:
    """Rows [S, n] that end with these texts and begin with other documents, all of one length."""
    size = LEAD + max(map(len, texts))
    lead, others = "", documents(language, TRAINED, "lead")
    while len(lead) < size:
        lead += next(others) + END
    rows = [vocabulary.encode((lead + text)[-size:], place=language).astype(np.int64) for text in texts]
    return torch.from_numpy(np.stack(rows))
