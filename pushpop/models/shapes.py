"""Refuses states, symbols and words that are not a model's, with what was expected and what was given."""

from typing import Any

import torch
from torch import Tensor

from pushpop.errors import ShapeError
from pushpop.memory.shapes import expect


def expect_state(given: object, kind: type) -> None:
    """ShapeError unless `given` is a state of this kind."""
    if not isinstance(given, kind):
        way_out = "give model.state(batch), or what a step has returned"
        raise ShapeError(f"state: expected a {kind.__name__}, given a {type(given).__name__}; {way_out}")


def expect_memory(given: Any, wanted: Any) -> None:
    """ShapeError unless `given` is a memory like `wanted`: of its kind, sizes and type, for as many words."""
    if not isinstance(given, type(wanted)):
        raise ShapeError(f"state.memory: expected a {type(wanted).__name__}, given a {type(given).__name__}")
    if repr(given) != repr(wanted):
        raise ShapeError(f"state.memory: expected {wanted!r}, given {given!r}")
    given, like = (one.cells if isinstance(one.cells, Tensor) else one.strengths for one in (given, wanted))
    expect("state.memory", given, tuple(given.shape), like.dtype, like.device)


def expect_layers(given: tuple[tuple[Tensor, ...], ...], wanted: tuple[tuple[Tensor, ...], ...]) -> None:
    """ShapeError unless these are states of a controller's layers like `wanted`."""
    sizes, others = ([len(parts) for parts in layers] for layers in (wanted, given))
    if sizes != others:
        raise ShapeError(f"state.layers: expected {len(sizes)} of {sizes[0]} tensors each, given {others}")
    for number, (parts, likes) in enumerate(zip(given, wanted, strict=True)):
        for part, like in zip(parts, likes, strict=True):
            expect(f"state.layers[{number}]", part, tuple(like.shape), like.dtype, like.device)


def expect_phases(writing: Tensor, words: int, device: torch.device) -> None:
    """ShapeError unless this is 0 (reading) or 1 (writing) for each word: [B] int64."""
    expect("state.writing", writing, (words,), torch.int64, device)
    if device.type == "cpu":
        _expect_between("state.writing", writing, 2)


def expect_limits(limits: Tensor, words: int, device: torch.device) -> None:
    """ShapeError unless these are most symbols of each answer: [B] int64, 0 or more."""
    expect("limits", limits, (words,), torch.int64, device)
    if len(limits) and int(limits.min()) < 0:
        raise ShapeError(f"limits: expected 0 or more, given {int(limits.min())}")


def expect_symbol(symbol: Tensor, words: int, device: torch.device, vocabulary: int) -> None:
    """ShapeError unless this is one symbol each [B] (int64) for `words` words, below `vocabulary`.

    On a GPU the numbers are not looked at: that would make every step wait for it.
    """
    expect("symbol", symbol, (words,), torch.int64, device)
    if device.type == "cpu":
        _expect_between("symbol", symbol, vocabulary)


def expect_words(
    symbols: Tensor, lengths: Tensor, device: torch.device | None = None, vocabulary: int | None = None
) -> None:
    """ShapeError unless these are words [B, T] (int64), padded, and their lengths [B] (int64, from 1 to T).

    With a `vocabulary`, all symbols (padding too) are to be below it: a kernel looks them up unchecked.
    """
    expect("symbols", symbols, ("B", "T"), torch.int64, device)
    expect("lengths", lengths, (len(symbols),), torch.int64, device)
    if not len(lengths):
        raise ShapeError("symbols: expected at least one word, given none; give a batch of 1 or more")
    low, high = int(lengths.min()), int(lengths.max())
    if low < 1 or high > symbols.shape[1]:
        raise ShapeError(f"lengths: expected from 1 to {symbols.shape[1]}, given {low} to {high}")
    if vocabulary is not None:
        _expect_between("symbols", symbols, vocabulary)


def expect_positions(positions: Tensor, symbols: Tensor) -> None:
    """ShapeError unless these are flat places b * T + t [M] (int64) in `symbols` [B, T], none of them twice."""
    expect("positions", positions, ("M",), torch.int64, symbols.device)
    if not len(positions):
        return
    _expect_between("positions", positions, symbols.numel())
    times = torch.bincount(positions)
    if int(times.max()) > 1:
        raise ShapeError(f"positions: expected each once, given {int(times.argmax())} {int(times.max())} times")


def expect_real(positions: Tensor, symbols: Tensor, lengths: Tensor) -> None:
    """ShapeError unless every flat place b * T + t is before its word's end."""
    past = positions % symbols.shape[1] >= lengths[positions // symbols.shape[1]]
    if past.any():
        raise ShapeError(f"positions: expected places before each word's end, given {int(positions[past][0])} past one")


def expect_targets(targets: Tensor, positions: Tensor, outputs: int) -> None:
    """ShapeError unless there is one symbol (int64) that can come out for each position."""
    expect("targets", targets, (len(positions),), torch.int64, positions.device)
    if not len(targets):
        raise ShapeError("targets: expected at least one, given none; a mean over nothing is no number")
    _expect_between("targets", targets, outputs)


def _expect_between(name: str, given: Tensor, above: int) -> None:
    """ShapeError unless all numbers are from 0 to `above` - 1."""
    low, high = (int(end) for end in torch.aminmax(given))
    if low < 0 or high >= above:
        raise ShapeError(f"{name}: expected from 0 to {above - 1}, given {low} to {high}")
