"""Symbols out of a model: it reads what stands before, then writes on from the state it carries, one symbol at a time.

Axes: W = WIDTH rows, B samples, V symbols of the vocabulary.

A sample is the same whether it is drawn alone or with others. Libraries round the sums of a batch of one otherwise than
those of a batch of ten, and one such bit can change a character and all that follow. So samples go through the model W
at a time, always in W rows, and sample i always in row i % W; rows that nobody asked for are filled up. For networks of
a few hundred units, W rows take hardly longer than one. What is written is of products of float32, whatever the model
was trained with: those of one symbol are the quicker for it, those of a long prefix are not.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, count
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pushpop.errors import ConfigError, WordError
from pushpop.evaluation.evaluate import device_of, resting
from pushpop.evaluation.sampling import SEEN, Guard, Sampling, choose
from pushpop.models.language import LanguageModel
from pushpop.models.precision import in_float32
from pushpop.tasks.draws import Draws

WIDTH = 8  # samples that go through the model together
CHUNK = 256  # symbols of a prefix that are read at once, and written before the state is cut to its bounded size


class Begun(NamedTuple):
    """A model that has read a prefix. It may be written on from any number of times: nothing changes it."""

    state: Any  # of W rows, all alike
    scores: Tensor  # [W, V] of the symbol after the prefix
    tail: tuple[int, ...]  # the last symbols of the prefix, as far back as the guard sees


def begin(model: LanguageModel[Any], prefix: Sequence[int] | np.ndarray) -> Begun:
    """Read a prefix of any length, in memory that does not grow with it. WordError where it is empty."""
    if not len(prefix):
        raise WordError("prefix: nothing to write on from; give one symbol or more")
    state = scores = None
    for start in range(0, len(prefix), CHUNK):
        symbols = torch.as_tensor(np.asarray(prefix[start : start + CHUNK], np.int64), device=device_of(model))
        with resting(model):
            state = state if state is None else model.carried(state)
            out, state = model.read(symbols.expand(WIDTH, -1), state)
        scores = out[:, -1].clone()  # a view would keep those of the whole chunk
    assert scores is not None, "a prefix has a last symbol"
    return Begun(state, scores, tuple(int(symbol) for symbol in prefix[-SEEN:]))


def generate(
    model: LanguageModel[Any],
    prefix: Sequence[int] | np.ndarray | Begun,
    sampling: Sampling,
    seed: int = 0,
    sample: int = 0,
    length: int | None = None,
    never: int | None = None,
) -> Iterator[int]:
    """Sample number `sample` (from 0) of `seed`, symbol by symbol: `length` of them, or without end in bounded memory.

    `prefix` is what the model reads first, or what `begin` made of it; `never` is a symbol that is not to be written,
    the unknown one.

    Raises:
        WordError, ConfigError: no prefix, or a length or a sample below 0.
        RunError: the model's scores are no numbers.
    """
    return (symbol for (symbol,) in generate_together(model, prefix, sampling, seed, [sample], length, never))


def generate_together(
    model: LanguageModel[Any],
    prefix: Sequence[int] | np.ndarray | Begun,
    sampling: Sampling,
    seed: int = 0,
    samples: Sequence[int] = range(WIDTH),
    length: int | None = None,
    never: int | None = None,
) -> Iterator[list[int]]:
    """The same of several samples at once: at each step one symbol of each, in the order of `samples`, which rises."""
    if min(samples, default=-1) < 0 or list(samples) != sorted(set(samples)):
        raise ConfigError("samples: not one or more numbers from 0, each once and in order; give such as 0, 1, 2")
    if length is not None and length < 0:
        raise ConfigError(f"length: {length} is below 0; give 0 or more")
    begun = prefix if isinstance(prefix, Begun) else begin(model, prefix)
    groups: dict[int, list[int]] = {}
    for number in samples:
        groups.setdefault(number // WIDTH, []).append(number)
    written = [_group(model, begun, sampling, seed, group, length, never) for group in groups.values()]
    return (list(chain(*symbols)) for symbols in zip(*written, strict=True))


def _group(
    model: LanguageModel[Any],
    begun: Begun,
    sampling: Sampling,
    seed: int,
    samples: Sequence[int],
    length: int | None,
    never: int | None,
) -> Iterator[list[int]]:
    """Samples that share the model's W rows."""
    rows, draws = [number % WIDTH for number in samples], [Draws("sample", seed, number) for number in samples]
    guards = [Guard(begun.tail) for _ in samples] if sampling.guard else []
    (state, scores), said = begun[:2], list[int]()
    for place in count() if length is None else range(length):
        if place:
            fed = torch.full((WIDTH,), said[0])
            fed[rows] = torch.tensor(said)
            with resting(model), in_float32():
                state = state if place % CHUNK else model.carried(state)
                state, scores = model.step(state, fed.to(scores.device))
        said = choose(scores.cpu()[rows], sampling, draws, guards, never).tolist()
        yield said
        for guard, symbol in zip(guards, said, strict=False):
            guard.saw(symbol)
