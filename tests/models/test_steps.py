"""Steps by hand, of any model: what does not fit is refused in one line, never broadcast or wrapped round."""

import math
import re

import pytest
import torch
from torch import Tensor

from pushpop.errors import ConfigError, PushpopError, ShapeError
from pushpop.models.catalogue import MODELS, build

WORDS, VOCABULARY = 3, 9

REFUSED = {
    "a negative symbol": (torch.tensor([3, -1, 4]), "symbol: expected from 0 to 8, given -1 to 4"),
    "a symbol too many": (torch.tensor([3, 9, 4]), "symbol: expected from 0 to 8, given 3 to 9"),
    "one symbol for all": (torch.tensor([3]), "symbol: expected [3] int64 on cpu, given [1] int64 on cpu"),
    "a symbol too few": (torch.tensor([3, 4]), "symbol: expected [3] int64 on cpu, given [2] int64 on cpu"),
    "an axis too many": (torch.zeros(3, 1).long(), "symbol: expected [3] int64 on cpu, given [3, 1] int64 on cpu"),
    "no axis": (torch.tensor(3), "symbol: expected [3] int64 on cpu, given [] int64 on cpu"),
    "fractions": (torch.zeros(3), "symbol: expected [3] int64 on cpu, given [3] float32 on cpu"),
    "a list": ([3, 4, 5], "symbol: expected [3] int64 on cpu, given a list"),
}


def made(kind: str, **settings: object):
    sizes = {"hidden": 8 if kind == "transformer" else 6, **({"memory": 4} if "-" in kind else {})}
    chosen = MODELS[kind].settings(**{**sizes, **settings})
    return build(kind, chosen, VOCABULARY, 1, 0)


def steps(model):
    """All that reads one symbol each."""
    watching = [model.watch, lambda *given: model.watch(*given, rounded=True)] if hasattr(model, "watch") else []
    return [model.step, *watching]


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("case", REFUSED)
def test_a_symbol_that_does_not_fit_is_refused(kind, case):
    model = made(kind)
    symbol, line = REFUSED[case]
    for step in steps(model):
        with pytest.raises(ShapeError, match=f"^{re.escape(line)}$"):
            step(model.state(WORDS), symbol)


@pytest.mark.parametrize("kind", MODELS)
def test_what_is_no_state_is_refused(kind):
    model = made(kind)
    symbol, name = torch.tensor([3, 4, 5]), type(model.state(1)).__name__
    line = f"state: expected a {name}, given a {{}}; give model.state(batch), or what a step has returned"
    for step in steps(model):
        with pytest.raises(ShapeError, match=f"^{re.escape(line.format('NoneType'))}$"):
            step(None, symbol)
    with pytest.raises(ShapeError, match=f"^{re.escape(line.format('int'))}$"):
        model.unroll(symbol[:, None], torch.ones(3).long(), 3)


@pytest.mark.parametrize("kind", MODELS)
def test_the_state_of_another_model_is_refused(kind):
    other = made(kind, **({"memory": 5} if "-" in kind else {"hidden": 16 if kind == "transformer" else 7}))
    with pytest.raises(
        ShapeError, match=r"^state\.(read|layers|blocks\[0\]): expected \[3, .* float32 on cpu, given \[3, "
    ):
        made(kind).step(other.state(WORDS), torch.tensor([3, 4, 5]))


def test_a_memory_of_another_kind_is_refused():
    model, state = made("stack-lstm"), made("queue-lstm").state(WORDS)
    with pytest.raises(ShapeError, match=r"^state\.memory: expected a Stack, given a Queue$"):
        model.step(state, torch.tensor([3, 4, 5]))


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("batch", [-1, 0, "x", None, 2.0, True])
def test_a_batch_that_is_no_size_is_refused(kind, batch):
    with pytest.raises(ConfigError, match=f"^state: batch {re.escape(repr(batch))} is not a size; give 1 or more$"):
        made(kind).state(batch)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru", "transformer"])
def test_rounded_answers_without_a_memory_are_refused(kind):
    one = torch.ones(1, dtype=torch.int64)
    line = (
        f"rounded: {type(made(kind)).__name__} has no memory and so no strengths; give a model with one, as stack-lstm"
    )
    with pytest.raises(PushpopError, match=f"^{line}$"):
        made(kind).answer(one[None], one, one, 2, rounded=True)


@pytest.mark.parametrize("kind", MODELS)
def test_the_loss_is_what_the_right_symbols_lack_in_probability(kind):
    model, generator = made(kind), torch.Generator().manual_seed(0)
    symbols = torch.randint(VOCABULARY, (WORDS, 4), generator=generator)
    lengths, positions, targets = torch.tensor([4, 2, 3]), torch.tensor([3, 1, 5, 10]), torch.tensor([7, 0, 8, 7])
    loss = model.loss(symbols, lengths, positions, targets)
    scores = model(symbols, lengths).flatten(0, 1).tolist()
    lacking = [
        math.log(sum(map(math.exp, scores[place]))) - scores[place][target]
        for place, target in zip(positions.tolist(), targets.tolist(), strict=True)
    ]
    assert loss.shape == ()
    assert loss.item() == pytest.approx(sum(lacking) / 4, rel=1e-5)
    loss.backward()
    assert all(weights.grad is not None for name, weights in model.named_parameters() if "output" in name)


@pytest.mark.parametrize("kind", ["lstm", "transformer"])
def test_limits_for_other_words_are_refused_by_plain_nets_too(kind):
    one: Tensor = torch.ones(1, dtype=torch.int64)
    with pytest.raises(ShapeError, match=r"^limits: expected \[1\] int64 on cpu, given \[2\] int64 on cpu$"):
        made(kind).answer(one[None], one, torch.tensor([1, 2]), 2)
