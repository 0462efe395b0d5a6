"""Models of text: whole, stepped and cut agree; parts with a thread each give one's gradients; chance is their own."""

import pytest
import torch

from closeness import assert_same
from pushpop.errors import ConfigError, ShapeError
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.models.counts import terms, total
from pushpop.models.language_settings import LanguageSettings
from pushpop.models.recurrent_language import RecurrentText
from pushpop.models.shares import spans

KINDS = ("lstm", "gru", "rnn")


def made(kind="lstm", **chosen):
    return RecurrentText(
        kind, LanguageSettings(**{"hidden": 16, "embedding": 8, "precision": "float32", **chosen}), 11, 3
    )


def texts(rows=6, length=17, seed=0):
    chance = torch.Generator().manual_seed(seed)
    whole = torch.randint(11, (rows, length + 1), generator=chance)
    return whole[:, :-1], whole[:, 1:].contiguous()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tied", ["yes", "no"])
@pytest.mark.parametrize("layers", [1, 3])
def test_whole_stepped_and_cut_agree(kind, tied, layers):
    model = made(kind, tied=tied, layers=layers).eval()
    symbols, _ = texts()
    whole, end = model.read(symbols)
    state, said = model.state(len(symbols)), []
    for t in range(symbols.shape[1]):
        state, scores = model.step(state, symbols[:, t])
        said.append(scores)
    assert_same("stepped", torch.stack(said, 1), whole)
    first, middle = model.read(symbols[:, :5])
    rest, last = model.read(symbols[:, 5:], model.unpacked(model.packed(model.carried(middle))))
    assert_same("cut", torch.cat([first, rest], 1), whole)
    for got, stepped, want in zip(model.packed(last), model.packed(state), model.packed(end), strict=True):
        assert_same("state", got, want)
        assert_same("state, stepped", stepped, want)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("left", [{}, {"dropout": 0.4}, {"weight_drop": 0.3}, {"dropout": 0.2, "weight_drop": 0.5}])
def test_parts_with_a_thread_each_are_the_whole(kind, left, monkeypatch):
    """Values, gradients, what was right and the state; and the same again, number for number."""
    model = made(kind, **left).train()
    symbols, targets = texts(rows=33)
    start = model.carried(model.read(texts(rows=33, seed=1)[0])[1])
    found = []
    for count in (1, 2, 2, 3):
        monkeypatch.setattr(torch, "get_num_threads", lambda count=count: count)
        model.chance.manual_seed(5)
        loss, right, after = model.window_loss(symbols, targets, start)
        gradients = torch.autograd.grad(2 * loss, list(model.parameters()))
        found.append([loss.detach(), right, *gradients, *(part.detach() for part in model.packed(after))])
    for parts in found[1:]:
        for number, (got, want) in enumerate(zip(parts, found[0], strict=True)):
            assert_same(f"{number}", got, want)
    assert all(torch.equal(a, b) for a, b in zip(found[1], found[2], strict=True))


def test_the_loss_is_cross_entropy_by_hand():
    model = made().eval()
    symbols, targets = texts()
    loss, right, _ = model.window_loss(symbols, targets)
    scores = model.read(symbols)[0].detach().double()
    by_hand = (scores.exp().sum(2).log() - scores.gather(2, targets[:, :, None])[:, :, 0]).mean()
    assert float(loss.detach()) == pytest.approx(float(by_hand), rel=1e-5)
    assert torch.equal(right.view(targets.shape), scores.argmax(2) == targets)


def test_what_is_left_out_is_a_function_of_the_model_s_own_chance():
    model = made(dropout=0.5).train()
    symbols, targets = texts()

    def cost(seed):
        model.chance.manual_seed(seed)
        return float(model.window_loss(symbols, targets)[0].detach())

    torch.manual_seed(1)
    first, other = cost(1), cost(2)
    torch.manual_seed(9)
    assert cost(1) == first != other
    model.eval()
    assert cost(1) == cost(2)


def test_dropout_keeps_the_mean_and_is_the_same_at_every_character():
    model = made(dropout=0.25).train()
    model.chance.manual_seed(0)
    masks = torch.cat([mask.flatten() for _ in range(400) for mask in model._left_out(8).outputs])
    assert masks.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float(masks.mean()) == pytest.approx(1.0, abs=0.01)
    assert [tuple(mask.shape) for mask in model._left_out(8).outputs] == [(1, 8, 16)] * 2
    assert model._left_out(8).weights == []


@pytest.mark.parametrize("kind", KINDS)
def test_weights_left_out_are_those_of_a_layer_s_state_to_itself(kind):
    """As a net that has not got them: its other weights untouched, one character read as always from a state of 0."""
    model = made(kind, weight_drop=0.5).train()
    symbols, targets = texts()
    model.chance.manual_seed(4)
    left = model._left_out(len(symbols)).weights
    model.chance.manual_seed(4)
    loss, _, _ = model.window_loss(symbols, targets)
    bare = made(kind).eval()
    with torch.no_grad():
        for layer, mask in zip(bare.layers, left, strict=True):
            layer.weight_hh_l0 *= mask
    assert_same("loss", loss, bare.window_loss(symbols, targets)[0])
    assert float((left[0] == 0).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_bfloat16_is_near_float32_and_keeps_weights_and_state_in_it():
    exact, rough = made(), made(precision="bfloat16")
    rough.load_state_dict(exact.state_dict())
    symbols, targets = texts()
    for name, weights in rough.named_parameters():
        assert weights.dtype == torch.float32, name
    scores, state = rough.read(symbols)
    assert scores.dtype == torch.float32
    assert all(part.dtype == torch.float32 for part in rough.packed(state))
    gap = float((scores - exact.read(symbols)[0]).detach().abs().max())
    assert 0 < gap < 0.03, "rounded, but near"
    loss = rough.window_loss(symbols, targets)[0]
    loss.backward()
    assert all(weights.grad is not None and weights.grad.dtype == torch.float32 for weights in rough.parameters())


@pytest.mark.parametrize("kind", [f"{kind}-lm" for kind in KINDS])
def test_the_formula_counts_what_is_there(kind):
    for chosen in ({}, {"tied": "yes"}, {"tied": "yes", "embedding": 16}, {"layers": 3}):
        settings = LANGUAGE[kind].settings(**{"hidden": 16, "embedding": 8, **chosen})
        model = build_language(kind, settings, 11, 0)
        assert total(terms(kind, settings, 11, 11)) == model.count()


def test_a_seed_fixes_the_first_weights_and_nothing_else_does():
    torch.manual_seed(1)
    first = made().state_dict()
    torch.manual_seed(2)
    assert all(torch.equal(a, b) for a, b in zip(first.values(), made().state_dict().values(), strict=True))
    other = RecurrentText("lstm", LanguageSettings(hidden=16, embedding=8), 11, 4).state_dict()
    assert not torch.equal(first["embedding"], other["embedding"])


@pytest.mark.parametrize(
    ("symbols", "said"),
    [
        (torch.zeros(3, dtype=torch.int64), r"symbols: expected torch.int64 \[B, T\]"),
        (torch.zeros(2, 3), r"symbols: expected torch.int64 \[B, T\]"),
        (torch.zeros(2, 0, dtype=torch.int64), "one text and character or more"),
        (torch.full((2, 3), 11), "symbols: expected from 0 to 10, given 11 to 11"),
        (torch.full((2, 3), -1), "symbols: expected from 0 to 10, given -1 to -1"),
    ],
)
def test_what_is_no_text_is_refused(symbols, said):
    with pytest.raises(ShapeError, match=said):
        made().read(symbols)


def test_a_state_of_others_is_refused():
    model = made()
    with pytest.raises(ShapeError, match=r"state.layers\[0\]"):
        model.read(texts()[0], model.state(5))
    with pytest.raises(ShapeError, match="state: expected a TextState"):
        model.read(texts()[0], model.state(6).layers)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dropout": 1.0}, "model.dropout: 1.0 is not a share; give 0 or more and less than 1"),
        ({"dropout": -0.1}, "model.dropout: -0.1 is not a share"),
        ({"weight_drop": 1.5}, "model.weight_drop: 1.5 is not a share"),
        ({"hidden": 0}, "model.hidden: 0 is not a size"),
        ({"precision": "float16"}, "model.precision: 'float16' is not known; give one of auto, float32, bfloat16"),
        ({"tied": "maybe"}, "model.tied: 'maybe' is not known"),
    ],
)
def test_settings_that_cannot_be_are_refused(given, said):
    with pytest.raises(ConfigError, match=said):
        LanguageSettings(**given)


@pytest.mark.parametrize(
    ("rows", "threads", "sizes"), [(32, 2, [16, 16]), (33, 2, [16, 17]), (15, 2, [15]), (9, 8, [9])]
)
def test_parts_are_as_many_as_threads_but_never_small(rows, threads, sizes):
    parts = spans(rows, threads, 8)
    assert [part.stop - part.start for part in parts] == sizes
    assert (parts[0].start, parts[-1].stop) == (0, rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_gradients_are_those_of_layers_written_out(kind, training):
    """Torch's layer on one character after another, in double precision, is the slow twin."""
    model = made(kind).train(training)
    symbols, targets = texts(rows=3, length=9)
    gradients = torch.autograd.grad(model.window_loss(symbols, targets)[0], list(model.parameters()))
    twin = made(kind).double()
    cells = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "rnn": torch.nn.RNNCell}
    states, scores = [None] * len(twin.layers), []
    for t in range(symbols.shape[1]):
        flow = twin.embedding[symbols[:, t]]
        for number, layer in enumerate(twin.layers):
            weights = {name.removesuffix("_l0"): value for name, value in layer.named_parameters()}
            cell = cells[kind](flow.shape[1], 16, dtype=torch.float64)
            given = (flow,) if states[number] is None else (flow, states[number])
            states[number] = torch.func.functional_call(cell, weights, given)
            flow = states[number][0] if kind == "lstm" else states[number]
        scores.append(twin.output(flow))
    loss = torch.nn.functional.cross_entropy(torch.stack(scores, 1).flatten(0, 1), targets.flatten())
    wanted = torch.autograd.grad(loss, list(twin.parameters()))
    for (name, _), got, want in zip(model.named_parameters(), gradients, wanted, strict=True):
        assert_same(name, got, want.float())
