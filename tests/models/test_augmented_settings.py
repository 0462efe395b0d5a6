"""Sizes, seeds, saving and refusals of the stack models; and what happens without the compiler."""

import importlib.util
import io
import re
import subprocess
import sys
from itertools import product

import pytest
import torch
from stack_nets import END, SEPARATOR, VOCABULARY, net, ragged, trained

from pushpop.errors import ShapeError
from pushpop.experiments.presets import PRESETS
from pushpop.models import augmented
from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import build
from pushpop.models.controller import GATES
from pushpop.models.settings import MemorySettings

SWITCHES = list(product(*[("shared", "per-phase")] * 3, ("direct", "delayed"), ("learned", "zero")))
ONE = torch.ones(2, dtype=torch.int64)
WORDS = torch.zeros(2, 3, dtype=torch.int64)


def counted(kind: str, s: MemorySettings, vocabulary: int) -> int:
    """How many numbers are trained, from the equations."""
    gates = GATES[kind.removeprefix("stack-")] * s.hidden
    cells = 2 if s.cells == "per-phase" else 1
    books = 2 if s.embeddings == "per-phase" or (not s.embedding and cells == 2) else 1
    one_hot = books * vocabulary * gates
    symbols = books * vocabulary * s.embedding + cells * s.embedding * gates if s.embedding else one_hot
    recurrent = cells * gates * (s.memory + s.hidden + 2 * s.hidden * (s.layers - 1))
    biases = (2 if kind == "stack-gru" else s.cell_biases) * cells * gates * s.layers
    start = (2 if kind == "stack-lstm" else 1) * s.layers * s.hidden if s.initial == "learned" else 0
    interface = (s.hidden + 1) * s.memory + 2 * s.hidden + 2 * (2 if s.biases == "per-phase" else 1)
    seen = s.hidden + (s.memory if s.wiring == "direct" else 0)
    output = (seen + 1) * s.output + (s.output + 1) * vocabulary if s.output else (seen + 1) * vocabulary
    return symbols + recurrent + biases + start + interface + output


@pytest.mark.parametrize("kind", ["stack-lstm", "stack-rnn", "stack-gru"])
@pytest.mark.parametrize(("layers", "embedding", "output", "cell_biases"), [(1, 0, 0, 1), (3, 5, 7, 2), (1, 5, 7, 1)])
def test_the_count_follows_the_formula(kind, layers, embedding, output, cell_biases):
    for cells, embeddings, biases, wiring, initial in SWITCHES:
        settings = MemorySettings(
            hidden=6, memory=4, layers=layers, embedding=embedding, output=output, cell_biases=cell_biases,
            cells=cells, embeddings=embeddings, biases=biases, wiring=wiring, initial=initial,
        )  # fmt: skip
        assert build(kind, settings, VOCABULARY, SEPARATOR, 0).count() == counted(kind, settings, VOCABULARY)


def of_preset(name: str, **changes: int) -> MemoryModel:
    given = {**PRESETS[name].settings.get("model", {}), **changes}
    kind = given.pop("kind", "stack-lstm")
    return build(kind, MemorySettings(**given), 131, SEPARATOR, 0)


def test_the_network_of_the_cs281_study_has_its_150_597_numbers():
    assert of_preset("cs281-2019").count() == 150_597


@pytest.mark.parametrize(("hidden", "published"), [(256, 673_602), (512, 1_871_170)])
def test_the_papers_network_has_its_numbers(hidden, published):
    """Embeddings, the layer in front of the softmax and the first state are not counted there."""
    model = of_preset("paper-2015", hidden=hidden)
    left_out = ("controller.embedding", "controller.initial", "output.")
    assert sum(w.numel() for name, w in trained(model).items() if not name.startswith(left_out)) == published


def test_the_default_network_has_87_495_numbers():
    s = MemorySettings()
    gates = 4 * s.hidden * (s.embedding + s.memory + s.hidden + 1)
    rest = 2 * 131 * s.embedding + 2 * s.hidden + s.memory * (s.hidden + 1) + 2 * s.hidden + 4
    assert of_preset("default").count() == gates + rest + 131 * (s.hidden + s.memory + 1) == 87_495


def test_first_weights_depend_on_the_seed_alone():
    before = torch.random.get_rng_state()
    one, two, other = (net(seed=seed, output=7, layers=2) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state()), "the global generator was read"
    for name, weights in trained(one).items():
        assert torch.equal(weights, trained(two)[name]), name
        assert "bias" in name or not torch.equal(weights, trained(other)[name]), name


def test_push_and_pop_begin_as_the_settings_say():
    given = {"push_bias": 1.0, "pop_bias": -1.0, "writing_push_bias": 0.25, "writing_pop_bias": 0.5}
    assert net(**given).interface.strength_bias.tolist() == [[1, -1], [0.25, 0.5]]
    assert net(biases="shared", **given).interface.strength_bias.tolist() == [[1, -1]]


@pytest.mark.parametrize("kind", ["stack-lstm", "stack-gru"])
def test_a_model_saved_and_loaded_in_double_is_the_same_model(kind):
    words = ragged(7, 8)
    model = net(kind, engine="auto", output=7)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = net(kind, engine="auto", output=7, seed=4)
    assert not torch.equal(other(*words), model(*words))
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(*words), model(*words))
    assert "controller.initial" in model.state_dict()
    assert "controller.initial" not in net(initial="zero").state_dict()


@pytest.fixture
def said(caplog, monkeypatch):
    """What is said once may be said again here, and elsewhere as if this had not been."""
    for remembered in (augmented._say_once, augmented._has_numba):
        remembered.cache_clear()
    caplog.set_level("DEBUG", "pushpop")
    yield lambda: [record.getMessage() for record in caplog.records]
    for remembered in (augmented._say_once, augmented._has_numba):
        remembered.cache_clear()


def test_without_numba_fused_says_so_once_and_is_eager(said, monkeypatch):
    right = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda *name: None if name == ("numba",) else right(*name))
    words = ragged(7, 6)
    want = net(engine="eager")(*words)
    assert torch.equal(net(engine="auto")(*words), want)
    assert said() == []
    for _ in range(3):
        assert torch.equal(net(engine="fused")(*words), want)
    assert said() == ["engine fused: numba is not installed; using eager"]


@pytest.mark.parametrize(
    ("kind", "settings", "dtype", "reason"),
    [
        ("superposition-lstm", {}, torch.float32, "it serves a stack, a queue or a DeQue"),
        (
            "stack-lstm", {}, torch.bfloat16,
            "it computes in float32 or float64, and the weights are torch.bfloat16",
        ),
    ],
)  # fmt: skip
def test_what_the_kernels_do_not_serve_is_eager(kind, settings, dtype, reason, said):
    words = ragged(7, 6)
    want = net(kind, dtype, **settings)(*words)
    assert torch.equal(net(kind, dtype, engine="auto", **settings)(*words), want)
    assert said() == []
    assert torch.equal(net(kind, dtype, engine="fused", **settings)(*words), want)
    assert said() == [f"engine fused: {reason}; using eager"]


@pytest.mark.long
def test_without_numba_nothing_is_missed():
    code = """
import sys
sys.modules.update({"numba": None, "llvmlite": None})
import torch
from pushpop.models.catalogue import build
from pushpop.models.settings import MemorySettings
model = build("stack-lstm", MemorySettings(hidden=4, memory=4), 9, 1, 0)
words = torch.tensor([[3, 4, 1, 4]])
model(words, torch.tensor([4])).sum().backward()
model.answer(words[:, :3], torch.tensor([3]), torch.tensor([2]), 2)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


REFUSED = {
    "symbols without words": ((WORDS[0], ONE), "symbols: expected [B, T] int64 on cpu, given [3] int64 on cpu"),
    "symbols of numbers": (
        (WORDS.float(), ONE),
        "symbols: expected [B, T] int64 on cpu, given [2, 3] float32 on cpu",
    ),
    "symbols elsewhere": (
        (WORDS.to("meta"), ONE),
        "symbols: expected [B, T] int64 on cpu, given [2, 3] int64 on meta; move it there with .to('cpu')",
    ),
    "a list": (([[0, 1]], ONE), "symbols: expected [B, T] int64 on cpu, given a list"),
    "no words": ((WORDS[:0], ONE[:0]), "symbols: expected at least one word, given none; give a batch of 1 or more"),
    "lengths of other words": ((WORDS, ONE[:1]), "lengths: expected [2] int64 on cpu, given [1] int64 on cpu"),
    "lengths that are too long": ((WORDS, ONE * 4), "lengths: expected from 1 to 3, given 4 to 4"),
    "a word of nothing": ((WORDS, ONE * 0), "lengths: expected from 1 to 3, given 0 to 0"),
    "a symbol too many": ((WORDS + VOCABULARY, ONE), "symbols: expected from 0 to 8, given 9 to 9"),
    "a negative symbol": ((WORDS - 1, ONE), "symbols: expected from 0 to 8, given -1 to -1"),
    "positions of numbers": (
        (WORDS, ONE, torch.zeros(2)),
        "positions: expected [M] int64 on cpu, given [2] float32 on cpu",
    ),
    "positions outside": (
        (WORDS, ONE, torch.tensor([0, 6])),
        "positions: expected from 0 to 5, given 0 to 6",
    ),
    "a position twice": ((WORDS, ONE, ONE * 3), "positions: expected each once, given 3 2 times"),
}


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize("case", REFUSED)
def test_a_tensor_that_does_not_fit_is_refused_in_one_line(case, engine):
    given, line = REFUSED[case]
    with pytest.raises(ShapeError, match=f"^{re.escape(line)}$"):
        net(engine=engine)(*given)


@pytest.mark.parametrize("engine", ["eager", "fused"])
def test_an_answer_and_a_state_that_do_not_fit_are_refused_too(engine):
    model = net(engine=engine)
    with pytest.raises(ShapeError, match=re.escape("limits: expected [2] int64 on cpu, given [1] int64 on cpu")):
        model.answer(WORDS, ONE, ONE[:1], END)
    line = "state.read: expected [2, 4] float64 on cpu, given [3, 4] float64 on cpu"
    with pytest.raises(ShapeError, match=re.escape(line)):
        model.unroll(WORDS, ONE, model.state(3))
    line = "state.read: expected [2, 4] float64 on cpu, given [2, 4] float32 on cpu"
    with pytest.raises(ShapeError, match=re.escape(line)):
        model.unroll(WORDS, ONE, net(dtype=torch.float32).state(2))
