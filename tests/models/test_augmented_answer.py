"""Free-running answers: the compiled loop says what the contract's own loop says, soft and rounded."""

import pytest
import torch
from stack_nets import END, SEPARATOR, VOCABULARY, net, ragged, twin
from torch import Tensor

from pushpop.kernels.vectors import PAD
from pushpop.models import unrolled
from pushpop.models.augmented import MemoryModel
from pushpop.models.contract import NOTHING, SequenceModel

every_memory = pytest.mark.parametrize("kind", ["stack-lstm", "superposition-lstm"])
SIZES = {"odd": (5, 3), "whole vectors": (16, 32)}


def questions(batch: int, longest: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Prompts, their lengths, and limits from 0 on; some have come to their separator and some have not."""
    symbols, lengths = ragged(batch, longest, seed)
    limits = torch.randint(0, 12, (batch,), generator=torch.Generator().manual_seed(seed))
    return symbols, lengths, limits


def by_the_contract(model: MemoryModel, asked: tuple[Tensor, Tensor, Tensor], rounded: bool) -> Tensor:
    judge = twin(model, "eager")
    return SequenceModel.answer(judge.rounding() if rounded else judge, *asked, END)


@pytest.mark.parametrize("rounded", [False, True], ids=["soft", "rounded"])
@pytest.mark.parametrize("output", [0, 7])
@pytest.mark.parametrize("wiring", ["direct", "delayed"])
@pytest.mark.parametrize("size", SIZES)
@every_memory
def test_answers_are_those_of_the_contract(kind, size, wiring, output, rounded):
    hidden, memory = SIZES[size]
    ended = cut = 0
    for seed in range(6):
        model = net(kind, seed=seed, hidden=hidden, memory=memory, wiring=wiring, output=output, cells="per-phase")
        asked = questions((1, 2, 7, 40)[seed % 4], 1 + 3 * seed, seed)
        want = by_the_contract(model, asked, rounded)
        for engine in ("fused", "eager"):
            got = twin(model, engine).answer(*asked, END, rounded=rounded)
            assert torch.equal(got, want), engine
        said = (want != NOTHING).sum(1)
        ended += int((want == END).sum())
        cut += int(((want != END).all(1) & (said == asked[2]) & (said > 0)).sum())
    assert ended, "no answer ended by itself"
    assert cut, "no answer came to its limit"


@pytest.mark.parametrize(("cells", "embeddings", "embedding"), [("shared", "shared", 0), ("shared", "per-phase", 5)])
def test_phases_are_those_of_the_contract(cells, embeddings, embedding):
    """Also where the model itself says the separator in its answer."""
    spoken = 0
    for seed in range(4):
        model = net(seed=seed, cells=cells, embeddings=embeddings, embedding=embedding, biases="per-phase")
        symbols, lengths, limits = questions(20, 6, seed)
        symbols[symbols == SEPARATOR] = END + 1  # nobody has begun to write
        want = by_the_contract(model, (symbols, lengths, limits), False)
        assert torch.equal(twin(model, "fused").answer(symbols, lengths, limits, END), want)
        spoken += int((want == SEPARATOR).sum())
    assert spoken, "no answer has the separator in it"


@every_memory
def test_rounding_changes_answers_somewhere(kind):
    changed = 0
    for seed in range(6):
        model, asked = net(kind, seed=seed, engine="fused"), questions(40, 9, seed)
        changed += int((model.answer(*asked, END) != model.answer(*asked, END, rounded=True)).sum())
    assert changed, "soft and rounded are the same: rounding is not put to the test"


@every_memory
def test_a_word_is_answered_as_it_is_alone(kind):
    model, (symbols, lengths, limits) = net(kind, engine="fused"), questions(40, 9)
    together = model.answer(symbols, lengths, limits, END)
    for i in range(40):
        alone = model.answer(symbols[i : i + 1, : lengths[i]], lengths[i : i + 1], limits[i : i + 1], END)
        assert torch.equal(together[i, : limits[i]], alone[0]), f"word {i}"
        assert (together[i, limits[i] :] == NOTHING).all()


def test_limits_of_nothing_are_answered_with_nothing():
    for engine in ("fused", "eager"):
        model, (symbols, lengths, limits) = net(engine=engine), questions(3, 4)
        assert model.answer(symbols, lengths, limits * 0, END).shape == (3, 0)
        assert model.answer(symbols, lengths, torch.tensor([0, 2, 0]), END)[[0, 2]].tolist() == [[NOTHING] * 2] * 2


@every_memory
@pytest.mark.parametrize("threads", [2, 3])
def test_answers_do_not_depend_on_the_number_of_threads(threads, kind):
    model, asked = net(kind, engine="fused"), questions(70, 9)
    want = model.answer(*asked, END)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        assert torch.equal(model.answer(*asked, END), want)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("rounded", [False, True], ids=["soft", "rounded"])
def test_an_answer_of_10_000_symbols_is_the_one_the_unroll_scores_best(rounded):
    """Fed back its own answer, the other kernel must find each symbol the best: two loops, one truth."""
    length, nobody = 10_000, -5
    model = net(engine="fused", hidden=16, memory=16, seed=5)
    if rounded:  # the unroll has no rounding: make strengths whole instead
        with torch.no_grad():
            model.interface.strength.mul_(1e9)
    word = torch.randint(END + 1, VOCABULARY, (1, length), generator=torch.Generator().manual_seed(0))
    prompt = torch.cat([word, torch.tensor([[SEPARATOR]])], 1)
    sizes = torch.tensor([length + 1])
    said = model.answer(prompt, sizes, sizes, nobody, rounded=rounded)
    assert said.shape == (1, length + 1)
    assert len(said.unique()) > 2, "an answer that says one thing proves little"
    read = torch.cat([prompt, said[:, :-1]], 1)
    with torch.no_grad():
        scores = model(read, torch.tensor([read.shape[1]]), torch.arange(length, read.shape[1]))
    assert torch.equal(scores.argmax(1), said[0])


def test_the_comparison_notices_a_wrong_bias_of_the_output(monkeypatch):
    right = unrolled.head_arrays
    monkeypatch.setattr(unrolled, "head_arrays", lambda *given: right(*given)._replace(bias=right(*given).bias + tilt))
    tilt = torch.arange(PAD, dtype=torch.float64).numpy() / 10
    with pytest.raises(AssertionError, match="fused"):
        test_answers_are_those_of_the_contract("stack-lstm", "odd", "direct", 0, False)


@pytest.mark.parametrize("settings", [{"keep": "no"}, {"stacks": 17, "memory": 1, "read_depth": 3}, {"empty": 0.0}])
def test_rounded_answers_of_actions_that_tie_are_those_of_the_contract(settings):
    """The first of the likeliest actions is done: with all weights 0, that is always to push."""
    model, asked = net("superposition-gru", **settings), questions(7, 5)
    for scale in (0, 1):
        with torch.no_grad():
            model.interface.action.mul_(scale)
            model.interface.action_bias[:, 0] = scale
        assert torch.equal(twin(model, "fused").answer(*asked, END, True), by_the_contract(model, asked, True)), scale


def test_of_scores_that_tie_the_first_is_said():
    model, (symbols, lengths, _) = net(), questions(3, 4)
    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.copy_(torch.tensor([0, 0, 0, 0, 7.0, 3, 7, 7, 0]))
    for engine in ("eager", "fused"):
        assert twin(model, engine).answer(symbols, lengths, lengths * 0 + 2, END).tolist() == [[4, 4]] * 3


def test_it_draws_nothing_and_leaves_the_weights_alone():
    model, asked = net(engine="fused"), questions(7, 5)
    before = [torch.random.get_rng_state(), *(weights.clone() for weights in model.parameters())]
    first = model.answer(*asked, END)
    assert torch.equal(model.answer(*asked, END), first)
    assert all(map(torch.equal, before, [torch.random.get_rng_state(), *model.parameters()]))
    assert not first.requires_grad
