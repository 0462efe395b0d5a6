"""Classifiers: formulas against torch and numpy; words whole, stepped and cut; how many numbers they have."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from pushpop.errors import ConfigError, ShapeError
from pushpop.models.catalogue import CLASSIFIERS, CLASSIFYING, MODELS, build
from pushpop.models.cells import CELLS, Cell
from pushpop.models.classifiers import Classifier
from pushpop.models.settings import ClassifierSettings, GatedSettings
from tests.closeness import assert_same

SYMBOLS = torch.tensor([[1, 4, 2, 0, 3, 3, 1], [2, 2, 0, 0, 0, 0, 0], [3, 0, 1, 1, 2, 0, 0]])
LENGTHS = torch.tensor([7, 1, 5])
ENDS = torch.tensor([6, 7, 18])


def classifier(kind: str, **given) -> Classifier:
    settings = CLASSIFYING[kind][0](**{"hidden": 6, "embedding": 3, **given})
    model = build(kind, settings, 5, -1, 0, classes=4)
    assert isinstance(model, Classifier)
    return model


def drawn(kind: str) -> Cell:
    """A cell all of whose numbers are drawn, biases too."""
    cell = CELLS[kind](3, 6)
    generator = torch.Generator().manual_seed(1)
    for weights in cell.parameters():
        nn.init.normal_(weights, generator=generator)
    return cell


@pytest.mark.parametrize("kind", CELLS)
def test_a_word_in_one_go_is_the_word_step_by_step_and_so_are_gradients(kind):
    cell, inputs = drawn(kind), torch.randn(4, 9, 3, generator=torch.Generator().manual_seed(2))
    fast, slow = cell.through(inputs), Cell.through(cell, inputs)
    assert_same("h", fast, slow)
    weight = torch.linspace(-1, 1, fast.numel()).view_as(fast)
    both = [torch.autograd.grad((out * weight).sum(), list(cell.parameters())) for out in (fast, slow)]
    for (name, _), one, other in zip(cell.named_parameters(), *both, strict=True):
        assert_same(name, one, other)


@pytest.mark.parametrize("kind", CLASSIFYING)
def test_ends_alone_are_what_every_position_says_there(kind):
    model = classifier(kind)
    whole = model(SYMBOLS, LENGTHS)
    assert_same("scores", model(SYMBOLS, LENGTHS, ENDS), whole.flatten(0, 1)[ENDS])
    everywhere = torch.tensor([0, 3, 6, 7, 14, 18])
    assert_same("scores", model(SYMBOLS, LENGTHS, everywhere), whole.flatten(0, 1)[everywhere])


@pytest.mark.parametrize("most", [7, 15, 40])
def test_reading_backwards_in_pieces_changes_nothing(monkeypatch, most):
    model, everywhere = classifier("bilstm"), torch.tensor([18, 0, 3, 6, 7, 14])
    want = model(SYMBOLS, LENGTHS, everywhere)
    monkeypatch.setattr("pushpop.models.classifiers.MOST_SYMBOLS", most)
    with torch.no_grad():
        assert_same("scores", model(SYMBOLS, LENGTHS, everywhere), want)


@pytest.mark.parametrize("kind", CLASSIFYING)
def test_a_word_cut_in_two_ends_where_the_whole_one_does(kind):
    model = classifier(kind)
    lengths = torch.tensor([7, 7, 7])
    whole, end = model.unroll(SYMBOLS, lengths)
    first, state = model.unroll(SYMBOLS[:, :3], torch.tensor([3, 3, 3]))
    second, last = model.unroll(SYMBOLS[:, 3:], torch.tensor([4, 4, 4]), state)
    assert_same("scores", torch.cat([first, second], 1), whole)
    for name, one, other in zip("hc", last.parts, end.parts, strict=False):
        assert_same(name, one, other)


@pytest.mark.parametrize("kind", CLASSIFYING)
def test_padding_changes_nothing(kind):
    model = classifier(kind)
    other = SYMBOLS.clone()
    other[1, 1:], other[2, 5:] = 4, 1
    assert_same("scores", model(other, LENGTHS, ENDS), model(SYMBOLS, LENGTHS, ENDS))


def test_the_two_directions_are_two_lstms_from_zero():
    model = classifier("bilstm")
    forward, backward = model.cells
    assert isinstance(forward, Cell)
    assert isinstance(backward, Cell)
    assert not torch.equal(forward.symbol, backward.symbol)
    for row, (word, length) in enumerate(zip(SYMBOLS, LENGTHS.tolist(), strict=True)):
        inputs = model.embedding[word[:length]][None]
        ends = [forward.through(inputs)[0, -1], backward.through(inputs.flip(1))[0, -1]]
        assert_same("scores", model(SYMBOLS, LENGTHS, ENDS)[row], model.output(torch.cat(ends)))


@pytest.mark.parametrize(("kind", "layer"), [("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_usual_cells_are_torch_s(kind, layer):
    cell, inputs = drawn(kind), torch.randn(2, 5, 3)
    other = layer(3, 6, batch_first=True)
    second = cell.second if kind == "gru" else torch.zeros_like(cell.bias)
    for name, weights in (("weight_ih", cell.symbol), ("weight_hh", cell.state), ("bias_ih", cell.bias),
                          ("bias_hh", second)):  # fmt: skip
        getattr(other, f"{name}_l0").data = weights.detach()
    assert_same("h", cell.through(inputs), other(inputs)[0])


def sigma(x):
    return 1 / (1 + np.exp(-x))


def numbers(cell: Cell) -> list[np.ndarray]:
    return [one.detach().double().numpy() for one in (cell.symbol, cell.state, cell.bias)]


def test_the_assignment_s_gru_is_its_equations():
    """29-32, row by row with [h, x] joined, as the PDF writes them."""
    cell, inputs = drawn("uva-gru"), torch.randn(1, 5, 3)
    symbol, state, _ = numbers(cell)
    w_z, w_r, w_n = (np.concatenate(pair, 1) for pair in zip(np.split(state, 3), np.split(symbol, 3), strict=True))
    h = np.zeros(6)
    for x, found in zip(inputs[0].double().numpy(), cell.through(inputs)[0], strict=True):
        z, r = sigma(w_z @ np.append(h, x)), sigma(w_r @ np.append(h, x))
        h = (1 - z) * h + z * np.tanh(w_n @ np.append(r * h, x))
        assert_same("h", found, torch.tensor(h, dtype=torch.float32))


def test_the_assignment_s_peephole_lstm_is_its_equations():
    """35-39: gates from c alone, a new cell from x alone, through the logistic function."""
    cell, inputs = drawn("uva-peephole"), torch.randn(1, 5, 3)
    symbol, state, bias = numbers(cell)
    (w_fx, w_ix, w_ox, w_cx), (b_f, b_i, b_o, b_c) = np.split(symbol, 4), np.split(bias, 4)
    w_fc, w_ic, w_oc = np.split(state, 3)
    c = np.zeros(6)
    for x, found in zip(inputs[0].double().numpy(), cell.through(inputs)[0], strict=True):
        f, i, o = (sigma(w_x @ x + w_c @ c + b) for w_x, w_c, b in
                   ((w_fx, w_fc, b_f), (w_ix, w_ic, b_i), (w_ox, w_oc, b_o)))  # fmt: skip
        c = sigma(w_cx @ x + b_c) * i + c * f
        assert (c >= 0).all()
        assert_same("h", found, torch.tensor(np.tanh(c) * o, dtype=torch.float32))


def test_the_usual_peephole_lstm_sees_its_new_cell_at_the_output_gate():
    cell, inputs = drawn("peephole-lstm"), torch.randn(1, 5, 3)
    symbol, state, bias = numbers(cell)
    p_i, p_f, p_o = cell.peep.detach().double().numpy()
    h, c = np.zeros(6), np.zeros(6)
    for x, found in zip(inputs[0].double().numpy(), cell.through(inputs)[0], strict=True):
        i, f, g, o = np.split(symbol @ x + state @ h + bias, 4)
        c = sigma(f + p_f * c) * c + sigma(i + p_i * c) * np.tanh(g)
        h = sigma(o + p_o * c) * np.tanh(c)
        assert_same("h", found, torch.tensor(h, dtype=torch.float32))


@pytest.mark.parametrize(
    ("kind", "hidden", "embedding", "vocabulary", "classes", "published"),
    [
        ("lstm", 128, 32, 6, 6, 83_398), ("lstm", 128, 32, 11, 11, 84_203), ("lstm", 128, 32, 16, 16, 85_008),
        ("bilstm", 128, 32, 6, 6, 166_598), ("bilstm", 128, 32, 16, 16, 169_488), ("lstm", 256, 64, 3, 2, 329_410),
        ("uva-gru", 256, 64, 3, 2, 246_466), ("uva-peephole", 256, 64, 3, 2, 263_874),
    ],
)  # fmt: skip
def test_there_are_as_many_numbers_as_the_formulas_say(kind, hidden, embedding, vocabulary, classes, published):
    settings = CLASSIFYING[kind][0](hidden=hidden, embedding=embedding)
    assert build(kind, settings, vocabulary, -1, 0, classes=classes).count() == published


def test_first_weights_are_as_the_settings_say():
    wide = {"hidden": 64, "embedding": 256}
    model = classifier("lstm", **wide, weights="normal", gain=2.0, fan="in", spread=0.5, forget_bias=3.0)
    assert model.embedding.std().item() == pytest.approx(0.5, rel=0.1)
    assert model.cell.symbol.std().item() == pytest.approx(2 / 16, rel=0.05)
    assert model.cell.state.std().item() == pytest.approx(2 / 8, rel=0.05)
    assert model.cell.bias.view(4, 64).mean(1).tolist() == [0, 3, 0, 0]
    same = classifier("lstm", **wide, fan="hidden")
    assert same.cell.symbol.abs().max().item() == pytest.approx(1 / 8, rel=0.01)
    square = classifier("uva-gru", hidden=16, recurrent="orthogonal").cell.state.split(16)
    for block in square:
        assert_same("identity", block @ block.T, torch.eye(16))
    frozen = classifier("lstm", trained="no")
    assert frozen.count() == model_count(classifier("lstm")) - 15
    assert torch.equal(frozen.embedding, classifier("lstm").embedding)


def model_count(model: Classifier) -> int:
    return sum(weights.numel() for weights in model.parameters())


def test_the_first_weights_follow_from_the_seed():
    settings = GatedSettings(hidden=4)
    one, same, other = (build("lstm", settings, 5, -1, seed, classes=3).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["embedding"], other["embedding"])


@pytest.mark.parametrize("kind", ["stack-lstm", "deque-gru", "superposition-rnn"])
def test_models_with_a_memory_say_classes_too(kind):
    phases = dict.fromkeys(("cells", "embeddings", "biases"), "shared")
    settings = replace(MODELS[kind].settings(hidden=6, memory=3), **phases)
    model = build(kind, settings, 5, -1, 0, classes=4)
    assert model(SYMBOLS, LENGTHS, ENDS).shape == (3, 4)
    slow = build(kind, replace(settings, engine="eager"), 5, -1, 0, classes=4)
    assert_same("scores", model(SYMBOLS, LENGTHS, ENDS), slow(SYMBOLS, LENGTHS, ENDS))


def test_every_entry_of_the_catalogue_can_be_built():
    for kind, entry in CLASSIFIERS.items():
        assert build(kind, entry.settings(), 3, -1, 0, classes=2).count() > 0
        assert entry.description


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hidden": 0}, "model.hidden: 0 is not a size; give 1 or more"),
        ({"gain": -1.0}, "model.gain: -1.0 cannot be; give 0 or more"),
        ({"fan": "out"}, "model.fan: 'out' is not known; give one of in, hidden"),
        ({"embedding": 0}, "model.embedding: 0 is not a size; give 1 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(given, said):
    with pytest.raises(ConfigError) as error:
        ClassifierSettings(**given)
    assert str(error.value) == said


def test_a_classifier_writes_no_answers():
    with pytest.raises(ConfigError, match=r"model.kind: 'bilstm' says a class and writes no answers"):
        build("bilstm", GatedSettings(), 5, 1, 0)


def test_symbols_and_states_of_others_are_refused():
    model = classifier("lstm")
    with pytest.raises(ShapeError, match="symbols: expected from 0 to 4, given 0 to 9"):
        model(torch.tensor([[0, 9]]), torch.tensor([2]), torch.tensor([1]))
    with pytest.raises(ShapeError, match="state: expected a ClassifierState"):
        model.step((), torch.tensor([1]))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["rnn", "lstm", "bilstm"])
def test_compiled_training_has_the_loss_and_gradients_of_torch_s_layers(kind, monkeypatch):
    model, targets = classifier(kind, hidden=10), torch.tensor([0, 3, 1])
    assert model.fused()
    outcomes = []
    for compiled in (True, False):
        monkeypatch.setattr(Classifier, "fused", lambda _, compiled=compiled: compiled)
        loss = model.loss(SYMBOLS, LENGTHS, ENDS, targets)
        outcomes.append([loss, *torch.autograd.grad(loss, list(model.parameters()))])
    for name, one, other in zip(["loss", *dict(model.named_parameters())], *outcomes, strict=True):
        assert_same(name, one, other)
