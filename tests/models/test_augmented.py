"""The engines agree: reference, eager and fused give the same values and gradients, each by its name."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch
from stack_nets import (
    MEMORY_KINDS,
    gradients,
    net,
    outcome,
    ragged,
    trained,
    twin,
    uneven,
    what_is_left,
)

from closeness import assert_same
from pushpop.memory import engines
from pushpop.models import unrolled
from pushpop.models.augmented import MemoryModel

FLOATS = [torch.float64, torch.float32]
SWITCHES = {
    "cells": ("shared", "per-phase"),
    "embeddings": ("shared", "per-phase"),
    "biases": ("shared", "per-phase"),
    "wiring": ("direct", "delayed"),
    "output": (0, 7),
    "embedding": (0, 5),
    "cell_biases": (1, 2),
    "initial": ("learned", "zero"),
}
LISTS = ["stack-lstm", "queue-lstm", "deque-lstm", "stack-gru", "queue-rnn", "deque-gru", "stack-rnn"]
SIZES = [(1, 1), (5, 17), (16, 16), (17, 5), (64, 64), (3, 64), (64, 3), (16, 1)]


def settings_of(number: int) -> dict[str, object]:
    """The switches as the digits of a number, and a margin in turn."""
    switches = {name: choices[number >> bit & 1] for bit, (name, choices) in enumerate(SWITCHES.items())}
    return {**switches, "margin": (0.0, 0.5, 4.0)[number % 3]}


def assert_engines_agree(model: MemoryModel, batch: int, longest: int, cells: int | None = None) -> None:
    """Eager is the judge of fused, and of reference (slow: scalar by scalar) where words are few and short."""
    words = ragged(batch, longest)
    want = outcome(model, *words, cells)
    others = ["fused", "reference"] if batch * longest**2 <= 300 else ["fused"]
    for engine in others:
        served = twin(model, engine)
        assert served.fused() == (engine == "fused")
        got = outcome(served, *words, cells)
        for name in want:
            if want[name].numel() > 1 or want[name].dtype != torch.float32:  # a lone sum may cancel to its own rounding
                assert_same(f"{engine}, {name}", got[name], want[name])


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", MEMORY_KINDS)
def test_eager_agrees_with_reference_for_every_memory_and_controller(kind, layers, dtype):
    """From an empty memory, and from one that holds cells already."""
    words = ragged(3, 5)
    model = uneven(net(kind, dtype, layers=layers, output=7, cells="per-phase"))
    for cells in (None, 4):
        got, want = outcome(model, *words, cells), outcome(twin(model, "reference"), *words, cells)
        for name in want:
            assert_same(name, got[name], want[name])


@pytest.mark.parametrize("keep", ["yes", "no"])
@pytest.mark.parametrize("value", ["sigmoid", "tanh", "linear"])
@pytest.mark.parametrize(("stacks", "memory", "read_depth", "empty"), [(1, 3, 1, 0.0), (3, 1, 4, -1.0)])
def test_eager_agrees_with_reference_for_every_superposition(keep, value, stacks, memory, read_depth, empty):
    settings = {"stacks": stacks, "memory": memory, "read_depth": read_depth, "empty": empty}
    model = uneven(net("superposition-rnn", keep=keep, value=value, **settings))
    words = ragged(3, 5)
    got, want = outcome(model, *words), outcome(twin(model, "reference"), *words)
    for name in want:
        assert_same(name, got[name], want[name])


def by_switches() -> list[pytest.param]:
    """All switches, with kinds, sizes, lengths and batches in turn; in short every 15th, each switch both ways."""
    cases = []
    for number in range(2 ** len(SWITCHES)):
        turn = (number * 7) % 256
        size, longest, batch = SIZES[turn % 8], 1 + number * 3 % 20, (1, 2, 7, 33)[turn // 8 % 4]
        kind, layers, short = LISTS[number % 7], 1 + number // 3 % 3, number % 15 == 0
        cases.append(pytest.param(number, kind, layers, size, longest, batch, marks=() if short else pytest.mark.long))
    return cases


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize(("number", "kind", "layers", "size", "longest", "batch"), by_switches())
def test_engines_agree_for_all_switches(number, kind, layers, size, longest, batch, dtype):
    hidden, memory = size
    model = net(kind, dtype, seed=number, layers=layers, hidden=hidden, memory=memory, **settings_of(number))
    assert_engines_agree(model, batch, longest)


@pytest.mark.long
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("batch", [1, 2, 7, 33, 70])
@pytest.mark.parametrize("longest", [1, 2, 5, 20])
def test_engines_agree_for_all_sizes(longest, batch, size, dtype):
    hidden, memory = size
    number = 11 * longest + 3 * batch + hidden
    model = net(LISTS[number % 3], dtype, seed=number, hidden=hidden, memory=memory, **settings_of(number % 256))
    assert_engines_agree(model, batch, longest)


def biases(*by_phase: tuple[float, float]) -> Callable[[MemoryModel], None]:
    """Push and pop biases alone decide, to the last bit the same in every engine: (push, pop) reading and writing."""

    def change(model: MemoryModel) -> None:
        model.interface.strength.zero_()
        model.interface.strength_bias.copy_(torch.tensor(by_phase).repeat(1, len(model.interface.memory.hands)))

    return change


def sharpen(model: MemoryModel) -> None:
    """Each strength exactly 0 or 1, by turns."""
    model.interface.strength.mul_(1e7)
    model.interface.strength_bias.zero_()


# How strengths come about. sigmoid(0) is exactly 1/2, of 200 exactly 1, and of -200 nothing to speak of.
REGIMES: dict[str, Callable[[MemoryModel], None]] = {
    "half pushes and half pops, each pop a tie": biases((0, 0), (0, 0)),
    "whole pushes, then whole pops": biases((200, -200), (-200, 200)),
    "whole pushes and whole pops at every step": biases((200, 200), (200, 200)),
    "half pushes, each read a tie, then whole pops": biases((0, -200), (0, 200)),
    "whole pushes, half pops": biases((200, 0), (200, 0)),
    "nothing pushed": biases((-200, 0), (-200, 0)),
    "nothing ever popped": biases((0.3, -200), (0.3, -200)),
    "tiny": biases((-6, -7), (-6.5, -7)),
    "pops larger than the content": biases((-2, 3), (-1, 4)),
    "settled into 0 and 1 by what is read": sharpen,
}


@pytest.mark.parametrize("cells", [None, 5], ids=["empty", "holding cells"])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("kind", LISTS[:3])
@pytest.mark.parametrize("margin", [0.0, 0.5])
@pytest.mark.parametrize("regime", REGIMES)
def test_engines_agree_at_ties_and_at_the_ends(regime, margin, kind, dtype, cells):
    model = net(kind, dtype, hidden=17, memory=5, margin=margin)
    with torch.no_grad():
        REGIMES[regime](model)
    if regime.startswith("settled"):
        strengths = model.unroll(*ragged(7, 9))[1].memory.strengths
        assert set(strengths.flatten().tolist()) == {0.0, 1.0}
    assert_engines_agree(model, 7, 9, cells)


@pytest.mark.parametrize("kind", LISTS[:3])
def test_one_long_word_among_empty_ones(kind):
    """Lengths 1 and 90 in one batch, both ways round, and alone."""
    model = uneven(net(kind))
    symbols, _ = ragged(9, 90)
    for lengths in ([1] * 4 + [90] + [1] * 4, [90] * 8 + [1]):
        words = symbols, torch.tensor(lengths)
        want, got = (outcome(twin(model, engine), *words) for engine in ("eager", "fused"))
        for name in want:
            assert_same(name, got[name], want[name])
    assert_engines_agree(model, 1, 90)


@pytest.mark.parametrize("strengths", [(-6.0, -8.0), (1.0, -1.0)], ids=["nothing saturates", "default"])
@pytest.mark.parametrize("kind", LISTS[:3])
def test_10_000_symbols_at_once_are_10_000_in_pieces(kind, strengths):
    """Values and gradients: the eager twin would need the square of the length."""
    model = net(kind, engine="fused", hidden=8, memory=4)
    with torch.no_grad():
        model.interface.strength_bias.copy_(torch.tensor(strengths).repeat(2, len(model.interface.memory.hands)))
    symbols = torch.randint(2, 9, (2, 10_000), generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([10_000, 9_000])
    scores, after = model.unroll(symbols, lengths)
    want = gradients({"scores": scores, "read": after.read}, trained(model))
    pieces, state = [], None
    for first in range(0, 10_000, 2_500):
        part, state = model.unroll(symbols[:, first : first + 2_500], (lengths - first).clamp(max=2_500), state)
        pieces.append(part)
    assert_same("scores", torch.cat(pieces, 1), scores)
    assert_same("strengths", state.memory.strengths, after.memory.strengths)
    got = gradients({"scores": torch.cat(pieces, 1), "read": state.read}, trained(model))
    for name in want:
        assert_same(name, got[name], want[name])


@pytest.mark.parametrize("kind", [kind for kind in MEMORY_KINDS if not kind.startswith("superposition")])
def test_what_nobody_has_written_is_not_read(kind, monkeypatch):
    """Rows that are filled up, places past a word's end: a kernel that let them in would often be right by chance."""
    empty = np.empty

    def of_no_number(shape, dtype=float, **given):
        made = empty(shape, dtype, **given)
        if made.dtype.kind == "f":
            made.fill(np.nan)
        return made

    monkeypatch.setattr(np, "empty", of_no_number)
    for layers, held in product((1, 2, 3), (None, 3)):
        model = net(kind, layers=layers, engine="fused")
        assert model.fused()
        for words in (ragged(7, 5), ragged(4, 1)):
            assert all(part.isfinite().all() for part in outcome(model, *words, held).values())


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("cells", [0, 1, 12])
def test_engines_agree_from_a_state_in_the_midst_of_words(cells, dtype):
    for wiring in SWITCHES["wiring"]:
        assert_engines_agree(net(dtype=dtype, wiring=wiring), 7, 11, cells)
        assert_engines_agree(net(dtype=dtype, wiring=wiring), 2, 3, cells)


@pytest.mark.parametrize("part", ["scores", "layer 0, part 0", "layer 0, part 1", "read", "strengths", "values"])
def test_gradients_are_right_where_only_one_part_matters(part):
    """The others have none then, not even zeros."""
    model, (symbols, lengths) = net(), ragged(7, 6)

    def of(engine: str) -> dict[str, torch.Tensor]:
        scores, after = twin(model, engine).unroll(symbols, lengths)
        return gradients({"it": {"scores": scores, **what_is_left(after, lengths)}[part]}, trained(model))

    got, want = of("fused"), of("eager")
    assert any(tensor.any() for tensor in want.values())
    for name in want:
        assert_same(name, got[name], want[name])


def test_scores_where_they_are_wanted_are_rows_of_the_whole():
    symbols, lengths = ragged(33, 9)
    for output, wiring in product((0, 7), SWITCHES["wiring"]):
        model = net(output=output, wiring=wiring)
        real = (torch.arange(9) < lengths[:, None]).flatten().nonzero().flatten()
        positions = real[torch.randperm(len(real), generator=torch.Generator().manual_seed(0))][::2]
        want = model(symbols, lengths).flatten(0, 1)[positions]
        for engine in ("eager", "fused"):
            served = twin(model, engine)
            got = served(symbols, lengths, positions)
            assert_same(f"{engine}, scores", got, want)
            none = served(symbols, lengths, positions[:0])
            assert none.shape == (0, want.shape[1])
        got, want = (gradients({"scores": rows}, trained(model)) for rows in (got, want))
        for name in want:
            assert_same(name, got[name], want[name])


def test_no_grad_gives_the_same_values_and_no_gradients():
    model, words = net(engine="fused"), ragged(7, 6)
    want, after = model.unroll(*words)
    with torch.no_grad():
        got, resting = model.unroll(*words)
    assert torch.equal(got, want)
    assert torch.equal(resting.memory.values, after.memory.values)
    assert not got.requires_grad
    assert not resting.memory.strengths.requires_grad
    assert want.requires_grad


def test_the_comparison_notices_a_wrong_slope_at_ties(monkeypatch):
    """Values stay right when a tie's gradient goes to the remainder: only gradients can tell."""
    eager = engines.ENGINES["eager"]
    half = eager._replace(weigh=lambda s, end: torch.minimum(s, (1 - engines.eager.nearer(s, end)).clamp(min=0)))
    monkeypatch.setitem(engines.ENGINES, "eager", half)
    model = net()
    with torch.no_grad():
        REGIMES["half pushes, each read a tie, then whole pops"](model)
    with pytest.raises(AssertionError, match="fused, d "):
        assert_engines_agree(model, 7, 9)


def test_the_comparison_notices_a_kernel_told_wrong_phases(monkeypatch):
    right = unrolled.net

    def mixed_up(model):
        return right(model)._replace(action_bias=right(model).action_bias.flip(0))

    monkeypatch.setattr(unrolled, "net", mixed_up)
    with pytest.raises(AssertionError, match="fused, scores"):
        assert_engines_agree(net(), 7, 9)
