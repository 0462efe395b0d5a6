"""Every way to compute a network that `bench` knows gives our loss and gradients, on words of many lengths."""

import sys

import pytest
import torch

from pushpop.errors import RunError
from pushpop.models.catalogue import MODELS
from pushpop.models.settings import MemorySettings
from pushpop.studies import compiled, scan
from pushpop.studies.contest import Unavailable, Work, by_length, check_agreement, same_words
from pushpop.studies.ways import TASK, WAYS, network, stirred

SMALL = {"hidden": 6, "memory": 5, "embedding": 4}
LISTS = [kind for kind, entry in MODELS.items() if entry.settings is MemorySettings]


@pytest.fixture(autouse=True)
def _as_it_is_written(monkeypatch):
    """The step that `torch.compile` would take half a minute for."""
    monkeypatch.setattr(compiled, "compiled_step", lambda: compiled.buffered_step)


def check(way, kind="stack-lstm", sizes=SMALL):
    """Compare that way with `eager` on a batch of words."""
    model = stirred(network(kind, sizes))
    words = same_words(TASK, (1, 9), 5, 3)[0][0]
    batches = [words] if WAYS[way].ragged else by_length(words)
    got = WAYS[way].enter(model, Work.of(TASK, batches), 0).graded()
    wanted = WAYS["eager"].enter(model, Work.of(TASK, [words]), 0).graded()
    check_agreement(way, got, wanted)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "jax-scan"])
def test_it_has_our_loss_and_gradients(way):
    check(way)


def test_the_scan_has_our_loss_and_gradients():
    pytest.importorskip("jax")
    check("jax-scan")


@pytest.mark.parametrize("kind", LISTS)
def test_our_engines_agree_on_every_list(kind):
    check("fused", kind)


@pytest.mark.long
@pytest.mark.filterwarnings("default")
def test_the_compiled_step_has_our_loss_and_gradients(monkeypatch):
    monkeypatch.setattr(compiled, "compiled_step", lambda: torch.compile(compiled.buffered_step, dynamic=True))
    try:
        check("torch-compile")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("fault", ["no pops", "wide reads"])
def test_a_wrong_step_is_noticed(monkeypatch, fault):
    right = compiled.buffered_step

    def wrong(state, inputs, first, here, cell, interface):
        if fault == "no pops":
            first = first - torch.tensor([0.0, 100.0])
        h, c, read, values, strengths = right(state, inputs, first, here, cell, interface)
        return h, c, read * (1.001 if fault == "wide reads" else 1), values, strengths

    monkeypatch.setattr(compiled, "compiled_step", lambda: wrong)
    with pytest.raises(RunError, match="no speed is told of a red check"):
        check("torch-compile")


def test_what_cannot_be_compiled_says_why(monkeypatch):
    def fail(*given):
        raise RuntimeError("no C++ compiler was found\nand much more")

    monkeypatch.setattr(compiled, "compiled_step", lambda: fail)
    with pytest.raises(Unavailable, match=r"^torch.compile failed: no C\+\+ compiler was found$"):
        check("torch-compile")


def test_without_jax_it_is_said_how_to_have_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(Unavailable, match="jax is not installed; `pip install jax` adds the row"):
        scan.found()


def test_a_wrong_scan_is_noticed(monkeypatch):
    pytest.importorskip("jax")
    right = scan.features
    monkeypatch.setattr(scan, "features", lambda *given: right(*given) * 1.001)
    scan.programs.cache_clear()
    with pytest.raises(RunError, match="no speed is told of a red check"):
        check("jax-scan")
    scan.programs.cache_clear()


def test_a_step_of_the_scan_clips_and_updates_as_ours_does():
    """After three batches the weights are those of our engine, but for what hangs on the sign of a rounding error."""
    pytest.importorskip("jax")
    model, work = network("stack-lstm", SMALL), Work.of(TASK, same_words(TASK, (3, 9), 4, 3)[1])
    theirs, ours = (WAYS[name].enter(model, work, 1) for name in ("jax-scan", "eager"))
    assert theirs.train() > 0
    assert ours.train() > 0
    for name, start in model.named_parameters():
        want = dict(ours.model.named_parameters())[name]
        got = torch.tensor(theirs.trained[name].tolist())
        assert (want - start).abs().mean() > 1e-4, f"{name} stays where it was"
        assert (got - want).abs().mean() < 0.01 * (want - start).abs().mean(), name


def test_a_side_may_be_told_its_threads():
    assert WAYS["fused"].enter(network("stack-lstm", SMALL), Work(()), 1).threads == 1
