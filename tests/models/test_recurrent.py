"""`rnn`, `lstm`, `gru`: whole, stepped and continued are one model, padding changes nothing, sizes are as computed.

What the two engines share; that they agree is in test_plain.py.
"""

import subprocess
import sys
from itertools import product

import pytest
import torch
from torch import Tensor

from pushpop.errors import ConfigError, ShapeError
from pushpop.models.catalogue import MODELS, build
from pushpop.models.contract import SequenceModel
from pushpop.models.recurrent import EncoderDecoder
from pushpop.models.settings import MemorySettings, RecurrentSettings

SEPARATOR, END, VOCABULARY = 1, 2, 9
KINDS = ("rnn", "lstm", "gru")
both_engines = pytest.mark.parametrize("engine", ["eager", "fused"])
SWITCHES = list(product(("shared", "per-phase"), ("shared", "per-phase"), (0, 5), ("learned", "zero")))


def small(kind: str, seed: int = 3, vocabulary: int = VOCABULARY, **settings: object) -> EncoderDecoder:
    given = RecurrentSettings(**{"hidden": 6, "layers": 2, **settings})  # type: ignore[arg-type]
    model = build(kind, given, vocabulary, SEPARATOR, seed)
    assert isinstance(model, EncoderDecoder)
    return model.double()


def ragged() -> tuple[Tensor, Tensor]:
    """Four words: one is still being read at its end, one begins with the separator."""
    words = [[0, 4, 5, 6, 1, 6, 5, 4], [0, 3, 1, 3], [0, 7, 7, 8, 3], [1, 8, 7, 5, 4, 4]]
    symbols = torch.zeros(len(words), 8, dtype=torch.int64)
    for row, word in enumerate(words):
        symbols[row, : len(word)] = torch.tensor(word)
    return symbols, torch.tensor([len(word) for word in words])


def same(got: Tensor, wanted: Tensor, name: str) -> None:
    gap = (got - wanted).abs().max().item()
    assert gap < 1e-12, f"{name}: off by {gap}"


@both_engines
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cells", "embeddings", "embedding", "initial"), SWITCHES)
def test_whole_and_stepped_are_one_model_in_value_and_gradient(engine, kind, cells, embeddings, embedding, initial):
    model = small(kind, engine=engine, cells=cells, embeddings=embeddings, embedding=embedding, initial=initial)
    symbols, lengths = ragged()
    got, gradients = [], []
    for unroll in (EncoderDecoder.unroll, SequenceModel.unroll):
        model.zero_grad()
        scores, state = unroll(model, symbols, lengths)
        (scores.sin().sum() + sum(part.cos().sum() for part in state.layers)).backward()
        got.append((scores, state))
        gradients.append({name: weights.grad.clone() for name, weights in model.named_parameters()})
    (whole, end), (stepped, stepped_end) = got
    same(whole, stepped, "scores")
    assert torch.equal(end.writing, stepped_end.writing)
    for part, wanted in zip(end.layers, stepped_end.layers, strict=True):
        same(part, wanted, "state")
    for name, wanted in gradients[1].items():
        same(gradients[0][name], wanted, f"d {name}")


@both_engines
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", range(1, 8))
def test_a_cut_word_goes_on_where_it_stopped(engine, kind, cut):
    model = small(kind, engine=engine)
    symbols, _ = ragged()
    symbols, lengths = symbols[:1], torch.tensor([8])
    whole, end = model.unroll(symbols, lengths)
    first, state = model.unroll(symbols[:, :cut], torch.tensor([cut]))
    second, state = model.unroll(symbols[:, cut:], torch.tensor([8 - cut]), state)
    same(torch.cat([first, second], 1), whole, "scores")
    for part, wanted in zip(state.layers, end.layers, strict=True):
        same(part, wanted, "state")


@both_engines
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", ["shared", "per-phase"])
def test_padding_changes_nothing(engine, kind, cells):
    model = small(kind, engine=engine, cells=cells)
    symbols, lengths = ragged()
    together, _ = model.unroll(symbols, lengths)
    symbols[torch.arange(8) >= lengths[:, None]] = SEPARATOR
    refilled, _ = model.unroll(symbols, lengths)
    assert torch.equal(together, refilled)
    for row, length in enumerate(lengths.tolist()):
        alone, _ = model.unroll(symbols[row : row + 1, :length], lengths[row : row + 1])
        same(together[row : row + 1, :length], alone, f"word {row}")
        assert not together[row, length:].any()


@both_engines
@pytest.mark.parametrize("kind", KINDS)
def test_wanted_positions_are_rows_of_the_whole(engine, kind):
    model = small(kind, engine=engine)
    symbols, lengths = ragged()
    positions = torch.tensor([4, 5, 7, 10, 24, 29])
    same(model(symbols, lengths, positions), model(symbols, lengths).flatten(0, 1)[positions], "scores")


@both_engines
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_the_contract(engine, kind):
    model = small(kind, engine=engine, vocabulary=4, seed=8)
    prompts = torch.tensor([[0, 3, 3, 1], [0, 3, 1, 0], [0, 1, 0, 0], [0, 3, 3, 1]])
    lengths, limits = torch.tensor([4, 3, 2, 4]), torch.tensor([5, 0, 9, 2])
    ended = False
    for seed in range(8):
        model = small(kind, engine=engine, vocabulary=4, seed=seed)
        got = model.answer(prompts, lengths, limits, END)
        wanted = SequenceModel.answer(model, prompts, lengths, limits, END)
        assert torch.equal(got, wanted)
        ended |= bool((got == END).any())
    assert ended, "no answer ended by itself: the end is not put to the test"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cells", "embeddings", "embedding", "initial"), SWITCHES)
@pytest.mark.parametrize(("hidden", "layers"), [(6, 1), (4, 8)])
def test_the_count_follows_the_formula(kind, cells, embeddings, embedding, initial, hidden, layers):
    model = small(
        kind, cells=cells, embeddings=embeddings, embedding=embedding, initial=initial, hidden=hidden, layers=layers
    )
    gates = {"rnn": 1, "lstm": 4, "gru": 3}[kind]
    tables = 2 if embeddings == "per-phase" else 1
    width = embedding or VOCABULARY * (tables if cells == "shared" else 1)
    cell = gates * hidden * (width + hidden + 2) + (layers - 1) * gates * hidden * (2 * hidden + 2)
    wanted = (2 if cells == "per-phase" else 1) * cell + tables * VOCABULARY * embedding
    wanted += VOCABULARY * (hidden + 1)
    wanted += (2 if kind == "lstm" else 1) * layers * hidden if initial == "learned" else 0
    assert model.count() == wanted


def test_first_weights_depend_on_the_seed_alone():
    before = torch.random.get_rng_state()
    one, two, other = small("lstm", seed=1), small("lstm", seed=1), small("lstm", seed=2)
    assert torch.equal(before, torch.random.get_rng_state()), "a global generator was read"
    weights = [dict(model.named_parameters()) for model in (one, two, other)]
    for name in weights[0]:
        assert torch.equal(weights[0][name], weights[1][name]), name
        assert name == "output.bias" or not torch.equal(weights[0][name], weights[2][name]), name


def test_the_learned_initial_state_is_saved_and_a_zero_one_is_zero():
    assert "initial" in small("gru").state_dict()
    zero = small("gru", initial="zero")
    assert "initial" not in zero.state_dict()
    assert not zero.state(2).layers[0].any()


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"hidden": 0}, "model.hidden: 0 is not a size; give 1 or more"),
        ({"hidden": 10**9}, "model.hidden: 1000000000 is not a size; give 8192 or less"),
        ({"hidden": True}, "model.hidden: True is not a whole number; give one from 1 to 8192"),
        ({"layers": 9}, "model.layers: 9 is out of range; give 8 or less"),
        ({"embedding": -1}, "model.embedding: -1 is out of range; give 0 or more"),
        ({"cells": "both"}, "model.cells: 'both' is not known; give one of shared, per-phase"),
        ({"initial": 0}, "model.initial: 0 is not known; give one of learned, zero"),
    ],
)
def test_an_impossible_setting_is_refused_in_one_line(wrong, line):
    for settings in (RecurrentSettings, MemorySettings):
        with pytest.raises(ConfigError) as refusal:
            settings(**wrong)
        assert str(refusal.value) == line


def test_stack_settings_refuse_what_cannot_be_computed():
    with pytest.raises(ConfigError, match=r"model.pop_bias: nan is not a number"):
        MemorySettings(pop_bias=float("nan"))
    with pytest.raises(ConfigError, match=r"model.engine: 'fast' is not known; give one of auto, "):
        MemorySettings(engine="fast")


def test_an_unknown_kind_is_refused_with_the_nearest_one():
    with pytest.raises(ConfigError, match=r"'lstmm' is not a model; did you mean 'lstm'\? give one of rnn, "):
        build("lstmm", RecurrentSettings(), VOCABULARY, SEPARATOR, 0)
    with pytest.raises(ConfigError, match=r"^model.kind: \['lstm'\] is not a model; give one of rnn, "):
        build(["lstm"], RecurrentSettings(), VOCABULARY, SEPARATOR, 0)


@both_engines
@pytest.mark.parametrize(
    ("symbols", "lengths", "said"),
    [
        (
            torch.zeros(3, dtype=torch.int64),
            torch.ones(3, dtype=torch.int64),
            r"symbols: expected \[B, T\] int64 on cpu",
        ),
        (torch.zeros(2, 3), torch.ones(2, dtype=torch.int64), r"given \[2, 3\] float32 on cpu"),
        (
            torch.zeros(2, 3, dtype=torch.int64),
            torch.ones(3, dtype=torch.int64),
            r"lengths: expected \[2\] int64 on cpu",
        ),
        (torch.zeros(2, 3, dtype=torch.int64), torch.tensor([4, 1]), r"lengths: expected from 1 to 3, given 1 to 4"),
        (torch.zeros(0, 3, dtype=torch.int64), torch.ones(0, dtype=torch.int64), r"at least one word"),
    ],
)
def test_wrong_tensors_are_refused_with_both_shapes(engine, symbols, lengths, said):
    with pytest.raises(ShapeError, match=said):
        small("rnn", engine=engine)(symbols, lengths)


def test_the_catalogue_and_the_settings_need_no_torch():
    code = "import sys, pushpop.models.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_kind_says_what_it_is():
    for name, kind in MODELS.items():
        assert kind.description, name
        assert "\n" not in kind.description, name
        assert kind.builder.startswith("pushpop.models."), name
