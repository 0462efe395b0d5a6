"""Sizes, seeds, saving and refusals of models with a memory; and what happens without the compiler."""

import importlib.util
import io
import re
import subprocess
import sys
from itertools import product
from math import prod

import pytest
import torch
from stack_nets import END, MEMORY_KINDS, SEPARATOR, VOCABULARY, net, ragged, trained

from pushpop.errors import ConfigError, ShapeError
from pushpop.experiments.presets import PRESETS
from pushpop.models import engines
from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import MODELS, build
from pushpop.models.controller import GATES
from pushpop.models.settings import MemorySettings, SuperpositionSettings

SWITCHES = list(product(*[("shared", "per-phase")] * 3, ("direct", "delayed"), ("learned", "zero")))
ONE = torch.ones(2, dtype=torch.int64)
WORDS = torch.zeros(2, 3, dtype=torch.int64)


def worked(kind: str, s: MemorySettings | SuperpositionSettings) -> dict[str, tuple[int, ...]]:
    """The shapes of what works a memory, and how many numbers are read of it."""
    phases = 2 if s.biases == "per-phase" else 1
    if isinstance(s, SuperpositionSettings):
        values, actions = s.stacks * s.memory, s.stacks * (3 if s.keep == "yes" else 2)
        maps = {"action": (actions, s.hidden), "action_bias": (phases, actions)}
        return {"value": (values, s.hidden), "value_bias": (values,), **maps, "read": (values * s.read_depth,)}
    ends = 2 if kind.startswith("deque") else 1
    maps = {"strength": (2 * ends, s.hidden), "strength_bias": (phases, 2 * ends)}
    return {"value": (ends * s.memory, s.hidden), "value_bias": (ends * s.memory,), **maps, "read": (ends * s.memory,)}


def counted(kind: str, s: MemorySettings | SuperpositionSettings, vocabulary: int) -> int:
    """How many numbers are trained, from the equations."""
    controller, shapes = kind.split("-")[1], worked(kind, s)
    (reads,) = shapes.pop("read")
    gates = GATES[controller] * s.hidden
    cells = 2 if s.cells == "per-phase" else 1
    books = 2 if s.embeddings == "per-phase" or (not s.embedding and cells == 2) else 1
    one_hot = books * vocabulary * gates
    symbols = books * vocabulary * s.embedding + cells * s.embedding * gates if s.embedding else one_hot
    recurrent = cells * gates * (reads + s.hidden + 2 * s.hidden * (s.layers - 1))
    biases = (2 if controller == "gru" else s.cell_biases) * cells * gates * s.layers
    start = (2 if controller == "lstm" else 1) * s.layers * s.hidden if s.initial == "learned" else 0
    interface = sum(map(prod, shapes.values()))
    seen = s.hidden + (reads if s.wiring == "direct" else 0)
    output = (seen + 1) * s.output + (s.output + 1) * vocabulary if s.output else (seen + 1) * vocabulary
    return symbols + recurrent + biases + start + interface + output


@pytest.mark.parametrize("kind", MEMORY_KINDS)
@pytest.mark.parametrize(("layers", "embedding", "output", "cell_biases"), [(1, 0, 0, 1), (3, 5, 7, 2), (1, 5, 7, 1)])
def test_the_count_follows_the_formula(kind, layers, embedding, output, cell_biases):
    for cells, embeddings, biases, wiring, initial in SWITCHES:
        settings = MODELS[kind].settings(
            hidden=6, memory=4, layers=layers, embedding=embedding, output=output, cell_biases=cell_biases,
            cells=cells, embeddings=embeddings, biases=biases, wiring=wiring, initial=initial,
        )  # fmt: skip
        assert build(kind, settings, VOCABULARY, SEPARATOR, 0).count() == counted(kind, settings, VOCABULARY)


@pytest.mark.parametrize(("kind", "settings"), [
    ("stack-rnn", {}), ("queue-rnn", {}), ("deque-rnn", {"biases": "shared"}), ("deque-gru", {}),
    ("superposition-rnn", {"stacks": 3, "read_depth": 2}), ("superposition-rnn", {"keep": "no", "biases": "shared"}),
])  # fmt: skip
def test_what_works_a_memory_has_its_shapes(kind, settings):
    model = net(kind, **settings)
    shapes = worked(kind, model.settings)
    assert model.interface.reads == model.state(3).read.shape[1] == shapes["read"][0]
    assert model.controller.read.shape[1:] == (shapes.pop("read")[0], 6 * GATES[kind.split("-")[1]])
    assert {name: tuple(weights.shape) for name, weights in model.interface.named_parameters()} == shapes


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
    for kind, bottom in (("stack-lstm", []), ("queue-gru", []), ("deque-rnn", [-3, -1])):
        first = [[1, -1, *bottom], [0.25, 0.5] * (2 if bottom else 1)]
        assert net(kind, bottom_push_bias=-3.0, **given).interface.strength_bias.tolist() == first
        assert net(kind, biases="shared", bottom_push_bias=-3.0, **given).interface.strength_bias.tolist() == first[:1]


@pytest.mark.parametrize("margin", [-0.1, 100.5])
def test_a_margin_that_no_sigmoid_has_is_refused(margin):
    line = f"model.margin: {margin} is out of range; give 0 (the sigmoid) to 100"
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}$"):
        MemorySettings(margin=margin)


@pytest.mark.parametrize("noise", [-0.1, 10.5, 1e9])
@pytest.mark.parametrize("settings", [MemorySettings, SuperpositionSettings])
def test_noise_below_nothing_or_above_all_else_is_refused(settings, noise):
    with pytest.raises(
        ConfigError, match=f"^{re.escape(f'model.noise: {noise} is out of range; give 0 (none) to 10')}$"
    ):
        settings(noise=noise)
    assert settings(noise=10.0).noise == 10.0


@pytest.mark.parametrize("kind", ["stack-lstm", "deque-rnn", "superposition-gru"])
def test_the_maps_to_the_memory_and_to_the_output_begin_within_the_bound_that_is_chosen(kind):
    """Each matrix [outputs, inputs] by itself; the rest of the network is drawn as ever."""
    sizes = {"hidden": 64, "memory": 32, "output": 48, "wiring": "delayed"}
    xavier, uniform = (
        build(kind, MODELS[kind].settings(**sizes, **given), VOCABULARY, SEPARATOR, 0)
        for given in ({}, {"initialisation": "uniform"})
    )
    maps = [name for name in trained(xavier) if name.startswith(("interface", "mix")) and not name.endswith("bias")]
    assert len(maps) == 3
    for name in maps:
        assert trained(uniform)[name].abs().max().item() == pytest.approx(64**-0.5, rel=0.06), name
        assert trained(xavier)[name].abs().max().item() > 1.2 * 64**-0.5, name
    for name in set(trained(xavier)) - set(maps):
        assert torch.equal(trained(uniform)[name], trained(xavier)[name]), name


def test_the_ends_of_a_deque_and_all_stacks_begin_as_one_alone_would_but_not_alike():
    """Xavier's bounds are those of each map alone."""
    sizes = {"hidden": 64, "memory": 32, "embedding": 0}
    deque = build("deque-rnn", MemorySettings(**sizes), VOCABULARY, SEPARATOR, 0).interface
    stacks = SuperpositionSettings(**sizes, stacks=2)
    stacks = build("superposition-rnn", stacks, VOCABULARY, SEPARATOR, 0).interface
    for weights, out in ((deque.value, 32), (deque.strength, 1), (stacks.value, 32), (stacks.action, 3)):
        for half in weights.chunk(2):
            assert half.abs().max().item() == pytest.approx((6 / (64 + out)) ** 0.5, rel=0.06)
        assert not torch.equal(*weights.chunk(2))


FIRST = {  # of a stack-lstm in version 0.1: each weight times the cosine of its place, added up
    "controller.embedding": 9.310798,
    "controller.symbol": -10.876087,
    "controller.read": 4.683272,
    "controller.initial": -1.424427,
    "controller.below.0": -5.600144,
    "controller.hidden.0": -0.425205,
    "controller.hidden.1": 4.836331,
    "controller.bias.0": 0.273113,
    "controller.bias.1": -0.939853,
    "interface.value": -6.311790,
    "interface.value_bias": 0.000000,
    "interface.strength": -1.020833,
    "interface.strength_bias": 1.291991,
    "mix.weight": 1.630398,
    "mix.bias": 0.000000,
    "output.weight": -2.543715,
    "output.bias": 0.000000,
}


def test_the_first_weights_of_a_stack_lstm_are_those_of_the_first_version():
    """So that a seed's run there is that seed's run here."""
    settings = MemorySettings(output=7, layers=2, pop_bias=-1.0, writing_pop_bias=0.0)
    model = build("stack-lstm", settings, 131, SEPARATOR, 0)
    found = model.state_dict()
    assert list(found) == list(FIRST)
    for name, weights in found.items():
        places = torch.arange(weights.numel(), dtype=torch.float64)
        assert (weights.double().flatten() * places.cos()).sum().item() == pytest.approx(FIRST[name], abs=1e-4), name


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"stacks": 0}, "model.stacks: 0 is out of range; give 1 or more"),
        ({"stacks": 1.0}, "model.stacks: 1.0 is not a whole number; give one from 1 to 256"),
        ({"memory": 0}, "model.memory: 0 is not a size; give 1 or more"),
        ({"read_depth": 65}, "model.read_depth: 65 is out of range; give 64 or less"),
        ({"keep": True}, "model.keep: True is not known; give one of yes, no"),
        ({"value": "relu"}, "model.value: 'relu' is not known; give one of sigmoid, tanh, linear"),
        ({"empty": float("nan")}, "model.empty: nan is not a number; give a finite one, such as 0.5"),
        ({"hidden": 0}, "model.hidden: 0 is not a size; give 1 or more"),
        ({"wiring": "none"}, "model.wiring: 'none' is not known; give one of direct, delayed"),
        ({"initialisation": "zero"}, "model.initialisation: 'zero' is not known; give one of xavier, uniform"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(given, line):
    with pytest.raises(ConfigError, match=f"^{re.escape(line)}$"):
        SuperpositionSettings(**given)


@pytest.mark.parametrize("kind", ["stack-lstm", "stack-gru", "deque-lstm", "superposition-rnn"])
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
    for remembered in (engines._say_once, engines._has_numba):
        remembered.cache_clear()
    caplog.set_level("DEBUG", "pushpop")
    yield lambda: [record.getMessage() for record in caplog.records]
    for remembered in (engines._say_once, engines._has_numba):
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


@pytest.mark.parametrize("kind", ["stack-lstm", "superposition-lstm"])
def test_what_the_kernels_do_not_serve_is_eager(kind, said):
    words, reason = ragged(7, 6), "it computes in float32 or float64, and the weights are torch.bfloat16"
    want = net(kind, torch.bfloat16)(*words)
    assert torch.equal(net(kind, torch.bfloat16, engine="auto")(*words), want)
    assert said() == []
    assert torch.equal(net(kind, torch.bfloat16, engine="fused")(*words), want)
    assert said() == [f"engine fused: {reason}; using eager"]


@pytest.mark.long
def test_without_numba_nothing_is_missed():
    code = """
import sys
sys.modules.update({"numba": None, "llvmlite": None})
import torch
from pushpop.models.catalogue import MODELS, build
from pushpop.models.settings import MemorySettings, SuperpositionSettings
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


@pytest.mark.parametrize(("cell", "gates"), [("lstm", 4), ("gru", 3)])
def test_gates_that_keep_the_state_begin_as_far_below_as_the_settings_say(cell, gates):
    plain, shut = (
        build(f"stack-{cell}", MemorySettings(layers=2, hidden=5, forget_bias=bias), VOCABULARY, SEPARATOR, 0)
        for bias in (0.0, -3.0)
    )
    for before, after in zip(plain.controller.bias, shut.controller.bias, strict=True):
        added = (after - before).unflatten(-1, (gates, 5)).sum(0)
        torch.testing.assert_close(added[:, 1], torch.full_like(added[:, 1], -3.0))
        assert not added[:, [gate for gate in range(gates) if gate != 1]].any()
    for name, weights in plain.named_parameters():
        assert "bias" in name or torch.equal(weights, shut.get_parameter(name))


def test_first_embeddings_are_spread_as_the_settings_say():
    plain, wide = (
        build("stack-lstm", MemorySettings(spread=spread), VOCABULARY, SEPARATOR, 0) for spread in (1.0, 3.0)
    )
    for name, weights in plain.named_parameters():
        factor = 3 if name == "controller.embedding" else 1
        torch.testing.assert_close(wide.get_parameter(name), factor * weights, msg=name)
    with pytest.raises(ConfigError, match=r"^model\.spread: -1 is out of range; give 0 to 100$"):
        MemorySettings(spread=-1.0)


@pytest.mark.parametrize("memory", ["stack", "deque"])
def test_pops_begin_opposed_to_the_pushes_of_their_end_where_the_settings_say(memory):
    drawn, opposed = (
        build(f"{memory}-lstm", MemorySettings(first_pops=first), VOCABULARY, SEPARATOR, 0)
        for first in ("drawn", "opposed")
    )
    for name, weights in drawn.named_parameters():
        assert name == "interface.strength" or torch.equal(weights, opposed.get_parameter(name)), name
    before, after = drawn.interface.strength, opposed.interface.strength
    assert torch.equal(after[::2], before[::2])
    assert torch.equal(after[1::2], -before[::2])
    assert not torch.equal(before[1::2], after[1::2])
    with pytest.raises(ConfigError, match=r"^model\.first_pops: 'other' is not known; give one of drawn, opposed$"):
        MemorySettings(first_pops="other")


def test_cells_without_a_gate_that_keeps_their_state_refuse_a_bias_of_it():
    with pytest.raises(
        ConfigError, match=r"^model\.forget_bias: -3: cells of rnn have no gate that keeps their state; g"
    ):
        build("stack-rnn", MemorySettings(forget_bias=-3.0), VOCABULARY, SEPARATOR, 0)
