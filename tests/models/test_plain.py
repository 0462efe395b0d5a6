"""`rnn`, `lstm`, `gru` on compiled kernels are those on torch's layers: scores, states, losses, gradients, answers."""

import copy
import hashlib
from dataclasses import replace
from itertools import product

import pytest
import torch
from stack_nets import END, SEPARATOR, VOCABULARY, Named, gradients, ragged, trained
from torch import Tensor

from closeness import assert_same
from pushpop.errors import PushpopError, ShapeError
from pushpop.kernels.vectors import PAD
from pushpop.models import graded, plain, unrolled
from pushpop.models.catalogue import build
from pushpop.models.contract import NOTHING, SequenceModel
from pushpop.models.recurrent import EncoderDecoder, RecurrentState
from pushpop.models.settings import RecurrentSettings

KINDS = ("rnn", "lstm", "gru")
PHASES = ("shared", "per-phase")
SWITCHES = list(product(PHASES, PHASES, (0, 5), ("learned", "zero")))
DTYPES = (torch.float32, torch.float64)
every_kind = pytest.mark.parametrize("kind", KINDS)
every_switch = pytest.mark.parametrize(("cells", "embeddings", "embedding", "initial"), SWITCHES)


def net(
    kind: str, dtype: torch.dtype = torch.float64, seed: int = 3, tilt: float = 0.1, **settings: object
) -> EncoderDecoder:
    """A model whose weights are large enough for phases and layers to matter, and no two biases of the output alike."""
    given = RecurrentSettings(**{"hidden": 6, "engine": "eager", **settings})  # type: ignore[arg-type]
    model = build(kind, given, VOCABULARY, SEPARATOR, seed)
    assert isinstance(model, EncoderDecoder)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(1.5)
        model.output.bias.add_(tilt * torch.arange(VOCABULARY))
    return model.to(dtype)


def twin(model: EncoderDecoder, engine: str) -> EncoderDecoder:
    """The same weights, worked by another engine."""
    other = copy.copy(model)
    other.settings = replace(model.settings, engine=engine)
    return other


def asked(words: int, longest: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Words, and what is right at some of their positions, in no order; at one at least."""
    symbols, lengths = ragged(words, longest, seed)
    generator = torch.Generator().manual_seed(seed)
    real = (torch.arange(longest) < lengths[:, None]).flatten().nonzero().flatten()
    wanted = real[(torch.rand(len(real), generator=generator) < 0.6) | (real == 0)]
    positions = wanted[torch.randperm(len(wanted), generator=generator)]
    return symbols, lengths, positions, torch.randint(VOCABULARY, (len(positions),), generator=generator)


def in_the_midst(model: EncoderDecoder, batch: int) -> tuple[RecurrentState, Named]:
    """A state that words have left behind, some of them writing, and its leaves."""
    generator = torch.Generator().manual_seed(0)
    shape, dtype = (batch, model.settings.layers, model.settings.hidden), model.output.weight.dtype
    drawn = [torch.rand(shape, generator=generator, dtype=torch.float64).to(dtype) - 0.5 for _ in model.initial]
    leaves = {f"state {part}": tensor.requires_grad_() for part, tensor in enumerate(drawn)}
    return RecurrentState(tuple(drawn), torch.rand(batch, generator=generator) < 0.5), leaves


def unrolled_by(model: EncoderDecoder, engine: str, symbols: Tensor, lengths: Tensor) -> Named:
    """Scores and states, and every gradient of theirs."""
    state, leaves = in_the_midst(model, len(symbols))
    scores, after = twin(model, engine).unroll(symbols, lengths, state)
    parts = {"scores": scores} | {f"layers {part}": tensor for part, tensor in enumerate(after.layers)}
    made = {name: part.detach() for name, part in parts.items()}
    return made | {"writing": after.writing} | gradients(parts, trained(model) | leaves)


def graded_by(model: EncoderDecoder, engine: str, work: tuple[Tensor, ...]) -> Named:
    """The loss, and the gradient of twice it, by name."""
    model.zero_grad(set_to_none=True)
    served = twin(model, engine)
    loss = SequenceModel.loss(served, *work) if engine == "eager" else served.loss(*work)
    (2 * loss).backward()
    found = {f"d {name}": weights for name, weights in trained(model).items()}
    unused = {name: torch.zeros_like(weights) for name, weights in found.items() if weights.grad is None}
    return {"loss": loss.detach()} | {name: weights.grad for name, weights in found.items()} | unused


def assert_agree(model: EncoderDecoder, work: tuple[Tensor, ...]) -> None:
    """Unroll, loss, and all gradients of both."""
    for found in (lambda engine: unrolled_by(model, engine, *work[:2]), lambda engine: graded_by(model, engine, work)):
        want, got = found("eager"), found("fused")
        for name in want:
            assert_same(f"fused, {name}", got[name], want[name])


@every_kind
@every_switch
def test_engines_agree_with_any_settings(kind, cells, embeddings, embedding, initial):
    model = net(kind, cells=cells, embeddings=embeddings, embedding=embedding, initial=initial, layers=2)
    assert_agree(model, asked(5, 8))


@every_kind
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layers", [1, 2, 4, 8])
def test_engines_agree_with_any_number_of_layers(kind, layers, dtype):
    assert_agree(net(kind, dtype, layers=layers), asked(40, 9, layers))


@pytest.mark.long
@every_kind
@every_switch
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("layers", [1, 2, 4, 8])
@pytest.mark.parametrize("hidden", [5, 16, 37])
def test_engines_agree_everywhere(kind, cells, embeddings, embedding, initial, layers, dtype, hidden):
    sizes = {"hidden": hidden, "layers": layers, "embedding": embedding, "initial": initial}
    model = net(kind, dtype, cells=cells, embeddings=embeddings, **sizes)
    for words, longest in ((1, 1), (3, 17), (70, 9)):
        assert_agree(model, asked(words, longest, 1))


@every_kind
@pytest.mark.parametrize("cells", PHASES)
def test_whole_vectors_of_units_and_words_of_one_symbol(kind, cells):
    for words, longest in ((1, 1), (33, 1), (2, 12)):
        assert_agree(net(kind, hidden=PAD, cells=cells), asked(words, longest, 1))


@every_kind
def test_words_that_are_only_read_and_only_written(kind):
    """Nobody comes to the separator; everybody begins with it."""
    symbols, lengths, positions, targets = asked(9, 7)
    symbols[symbols == SEPARATOR] = SEPARATOR + 2
    assert_agree(net(kind), (symbols, lengths, positions, targets))
    symbols[:, 0] = SEPARATOR
    assert_agree(net(kind), (symbols, lengths, positions, targets))


@every_kind
@pytest.mark.parametrize("cells", PHASES)
def test_answers_are_those_of_torchs_layers(kind, cells):
    ended = cut = 0
    for seed in range(10):
        model = net(kind, seed=seed, tilt=-0.1, cells=cells, layers=1 + seed % 2)
        symbols, lengths = ragged((1, 2, 7, 40)[seed % 4], 1 + 3 * seed, seed)
        limits = torch.randint(0, 12, lengths.shape, generator=torch.Generator().manual_seed(seed))
        want = SequenceModel.answer(twin(model, "eager"), symbols, lengths, limits, END)
        for engine in ("fused", "eager"):
            assert torch.equal(twin(model, engine).answer(symbols, lengths, limits, END), want), engine
        ended += int((want == END).sum())
        cut += int(((want != END).all(1) & ((want != NOTHING).sum(1) == limits) & (limits > 0)).sum())
    assert ended, "no answer ended by itself"
    assert cut, "no answer came to its limit"


@every_kind
def test_the_number_of_threads_changes_sums_over_words_only(kind):
    model, work = net(kind, engine="fused", layers=2), asked(70, 9)
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            found.append((model(*work[:2]), graded_by(model, "fused", work)))
    finally:
        torch.set_num_threads(before)
    (scores, want), (others, got) = found
    assert torch.equal(scores, others)
    for name in want:
        assert_same(name, got[name], want[name])


def test_auto_is_fused_here_and_eager_where_kernels_do_not_serve():
    assert net("lstm", engine="auto").fused()
    assert not net("lstm", engine="eager").fused()
    assert not net("lstm", torch.bfloat16, engine="auto").fused()


@pytest.mark.parametrize("engine", ["eager", "fused"])
def test_what_cannot_be_asked_for_is_refused(engine):
    model, (symbols, lengths, positions, targets) = twin(net("gru"), engine), asked(3, 5)
    short = int(lengths.argmin())
    with pytest.raises(ShapeError, match="positions: expected places before each word's end, given"):
        model.loss(symbols, lengths, torch.tensor([5 * short + 4]), targets[:1])
    with pytest.raises(ShapeError, match="targets: expected from 0 to 8, given"):
        model.loss(symbols, lengths, positions, targets + 9)
    with pytest.raises(ShapeError, match="positions: expected each once"):
        model(symbols, lengths, positions[:1].expand(2))
    with pytest.raises(ShapeError, match="limits: expected 0 or more, given -2"):
        model.answer(symbols, lengths, torch.tensor([3, -2, 1]), END)
    with pytest.raises(ShapeError, match=r"state.layers: expected \[3, 1, 6\] float64"):
        model.unroll(symbols, lengths, model.state(2))
    with pytest.raises(PushpopError, match="rounded: EncoderDecoder has no memory"):
        model.answer(symbols, lengths, lengths, END, rounded=True)


def test_second_derivatives_are_refused_not_wrong():
    model = twin(net("lstm"), "fused")
    with pytest.raises(PushpopError, match="the engine fused cannot differentiate twice"):
        torch.autograd.grad(model.loss(*asked(3, 5)), list(trained(model).values()), create_graph=True)


@every_kind
@pytest.mark.parametrize("engine", ["eager", "fused"])
def test_weights_that_are_no_numbers_end_in_scores_that_are_none(kind, engine):
    model, work = twin(net(kind, layers=2), engine), asked(3, 5)
    for name in trained(model):
        spoilt = copy.deepcopy(model)
        with torch.no_grad():
            dict(spoilt.named_parameters())[name].fill_(torch.nan)
        loss = spoilt.loss(*work)
        loss.backward()
        assert loss.isnan(), name
        assert spoilt.output.weight.grad.isnan().any(), name
        assert spoilt.answer(*work[:2], work[1], END).shape == (3, int(work[1].max()))


FIRST = {  # of the weights drawn from seed 3, before there were compiled kernels
    "rnn": "e924e2159acd9979",
    "lstm": "555b5036bbcb54d5",
    "gru": "46ba3b7f9d24ebfe",
}


@every_kind
def test_first_weights_are_what_they_always_were(kind):
    digest = hashlib.sha256()
    for embedding, initial in ((0, "learned"), (5, "zero")):
        settings = RecurrentSettings(hidden=6, layers=2, embedding=embedding, initial=initial)
        for name, weights in build(kind, settings, VOCABULARY, SEPARATOR, 3).state_dict().items():
            digest.update(name.encode() + weights.numpy().tobytes())
    assert digest.hexdigest()[:16] == FIRST[kind]


def test_the_comparison_notices_a_gradient_left_out(monkeypatch):
    right = graded.grade

    def forgetful(*given):
        right(*given)
        given[-1].bias[...] = 0

    monkeypatch.setattr(graded, "grade", forgetful)
    with pytest.raises(AssertionError, match=r"fused, d output\.bias"):
        assert_agree(net("lstm"), asked(5, 8))


def test_the_comparison_notices_a_wrong_answer(monkeypatch):
    right, tilt = unrolled.head_arrays, torch.arange(PAD, dtype=torch.float64).numpy() / 10
    monkeypatch.setattr(unrolled, "head_arrays", lambda *given: right(*given)._replace(bias=right(*given).bias + tilt))
    with pytest.raises(AssertionError, match="fused"):
        test_answers_are_those_of_torchs_layers("lstm", "shared")


@pytest.mark.parametrize("part", ["table", "hidden", "upper", "upper_bias"])
def test_the_comparison_notices_weights_that_are_handed_on_wrong(part, monkeypatch):
    right = plain.net
    monkeypatch.setattr(plain, "net", lambda model: right(model)._replace(**{part: getattr(right(model), part) * 1.01}))
    with pytest.raises(AssertionError, match="fused, scores"):
        assert_agree(net("gru", layers=2), asked(5, 8))
