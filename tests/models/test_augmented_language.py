"""Models of text with a memory: engines agree, what goes on from window to window is bounded, and which cells those
are."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from text_nets import CHARACTERS, LONG, TEXTS, assert_all_same, gradients, net, parts, texts
from torch import Tensor

import pushpop
from closeness import assert_same
from pushpop.errors import ConfigError
from pushpop.memory import DeQue, Queue, Stack, Superposition
from pushpop.memory.lists import Memory
from pushpop.models.augmented_language import MemoryText, newest
from pushpop.models.catalogue import LANGUAGE
from pushpop.models.language import LanguageModel
from pushpop.models.language_settings import MemoryLanguageSettings, SuperpositionLanguageSettings

KINDS = [kind for kind, entry in LANGUAGE.items() if hasattr(entry.settings, "kept")]
LISTS = {"stack": Stack, "queue": Queue, "deque": DeQue}


def twin(model: MemoryText, engine: str) -> MemoryText:
    """The same weights, worked by another engine."""
    other = copy.copy(model)
    other._modules = {**model._modules, "net": copy.copy(model.net)}
    other.net.settings = replace(model.net.settings, engine=engine)
    other.chance = torch.Generator()
    return other


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_the_compiled_window_agrees_with_the_loop_of_steps(kind, layers, dropout):
    model, symbols = net(kind, layers=layers, dropout=dropout), texts(2 * LONG)
    found = []
    for engine in ("eager", "fused"):
        served = twin(model, engine)
        served.chance.manual_seed(5)
        _, state = served.read(symbols[:, :LONG])
        scores, after = served.read(symbols[:, LONG:], served.carried(state))
        found.append({"scores": scores, **parts(served, after), **gradients(served, scores)})
    assert twin(model, "fused").fused()
    assert_all_same(found[1], found[0])


def lively(hands: int, cells: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Values [B, N, W] and strengths [B, N], half of them 0."""
    generator = torch.Generator().manual_seed(seed)
    strengths = torch.rand(4, cells, generator=generator) * (torch.rand(4, cells, generator=generator) < 0.5)
    return torch.randn(4, cells, 3, generator=generator) * hands, strengths


def by_hand(memory: Memory, row: int, kept: int) -> list[tuple[float, list[float]]]:
    """The cells that stay, one by one, oldest first."""
    cells = [
        (strength, value)
        for strength, value in zip(memory.strengths[row].tolist(), memory.values[row].tolist(), strict=True)
        if strength
    ]
    if len(cells) <= kept:
        return cells
    low = kept // 2 if isinstance(memory, DeQue) else 0
    return cells[:low] + cells[len(cells) - (kept - low) :]


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("cells", [0, 1, 7, 30])
@pytest.mark.parametrize("kept", [1, 4, 5, 100])
def test_the_newest_cells_that_are_not_empty_stay(kind, cells, kept):
    memory = LISTS[kind].of(*lively(1, cells, kept))
    found = newest(memory, kept)
    assert len(found) == min(kept, int((memory.strengths != 0).sum(1).max()))
    for row in range(4):
        assert by_hand(found, row, kept) == by_hand(memory, row, kept)
        holes = found.strengths[row] == 0
        assert not holes[int((~holes).nonzero().min()) :].any() if (~holes).any() else True


@pytest.mark.parametrize("kind", LISTS)
def test_what_is_forgotten_is_only_missed_where_it_would_have_been_reached(kind):
    """With room for all that is left no read changes; one cell fewer, and some read does."""
    memory = LISTS[kind].of(*lively(1, 12))
    left, whole = int((memory.strengths != 0).sum(1).max()), torch.ones(4, len(memory.hands))
    value = torch.zeros(4, len(memory.hands), 3)
    same, fewer = newest(memory, left), newest(memory, left - 1)
    gaps = []
    for _ in range(12):
        memory, same, fewer = (one.work(whole * 0, whole * 0.6, value) for one in (memory, same, fewer))
        assert_same("reads", same.reads(), memory.reads())
        gaps.append(float((fewer.reads() - memory.reads()).abs().max()))
    assert max(gaps) > 0.01


def test_of_superposition_stacks_the_levels_at_the_top_stay():
    levels = torch.randn(2, 9, 2, 3)
    levels[:, 6:] = -1.0
    memory = Superposition.of(levels, empty=-1.0)
    assert newest(memory, 100).cells.shape[1] == 6
    assert torch.equal(newest(memory, 4).cells, levels[:, :4])
    assert newest(memory, 4).vacant == -1.0


@pytest.mark.parametrize(
    ("kind", "long"),
    [("stack-lstm-lm", 5_000), ("queue-gru-lm", 300), ("deque-lstm-lm", 300), ("superposition-lstm-lm", 300)],
)
def test_a_text_is_written_on_and_on_with_bounded_cells(kind, long):
    model, kept, every = net(kind, kept=8, layers=1), 8, 16
    state, symbol, most = model.state(TEXTS), torch.zeros(TEXTS, dtype=torch.int64), 0
    with torch.no_grad():
        for place in range(long):
            if place % every == 0:
                state = model.carried(state)
                assert len(state.memory) <= kept
            state, scores = model.step(state, symbol)
            symbol = (scores.argmax(1) + place) % CHARACTERS
            most = max(most, len(state.memory))
    assert most <= kept + every * len(getattr(state.memory, "hands", (1,)))


def test_there_is_a_limit_to_what_can_be_kept():
    for settings in (MemoryLanguageSettings, SuperpositionLanguageSettings):
        with pytest.raises(ConfigError, match=r"model.kept: 0 is out of range; give 1 or more"):
            settings(kept=0)
        with pytest.raises(ConfigError, match=r"model.dropout: 1.0 is not a share; give 0 or more and less than 1"):
            settings(dropout=1.0)


@pytest.mark.parametrize("kind", ["stack-lstm-lm", "superposition-gru-lm", "transformer-lm"])
def test_killed_and_resumed_it_ends_bit_for_bit_the_same(kind, tmp_path, monkeypatch):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("(a(bc)d) [e[f]] " * 60)
    known = LANGUAGE[kind].settings.__dataclass_fields__
    sizes = {"hidden": 8, "embedding": 4, "memory": 3, "kept": 5, "dropout": 0.2, "heads": 2, "context": 6}
    given = {
        "task": {"kind": "text", "corpus": str(corpus), "window": 9},
        "model": {"kind": kind, **{name: value for name, value in sizes.items() if name in known}},
        "training": {"steps": 14, "batch": 4, "rate": 0.01, "evaluate_every": 5, "checkpoint_every": 4, "log_every": 2},
    }
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    pushpop.train(**given, run=whole, quiet=True)
    with monkeypatch.context() as patch:
        patch.setattr(LanguageModel, "window_loss", deadly(LanguageModel.window_loss, 7))
        with pytest.raises(Killed):
            pushpop.train(**given, run=cut, quiet=True)
    assert len(torch.load(cut / "state.pt")["carried"]) > 2
    pushpop.train(**given, run=cut, resume=True, quiet=True)
    assert (cut / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


def deadly(loss: Callable[..., Any], call: int) -> Callable[..., Any]:
    """`loss`, that ends the process when it is called for the `call`-th time."""
    calls = []

    def once(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return loss(*given)

    return once
