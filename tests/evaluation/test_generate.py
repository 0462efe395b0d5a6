"""A model writes on from what it has read: the same sample alone, together and step by step, in bounded memory."""

from itertools import islice

import numpy as np
import pytest
import torch
from text_nets import CHARACTERS, net
from torch import nn
from torch.nn.functional import one_hot

from pushpop.errors import ConfigError, RunError, WordError
from pushpop.evaluation.generate import CHUNK, WIDTH, begin, generate, generate_together
from pushpop.evaluation.sampling import SEEN, Guard, Sampling, choose
from pushpop.tasks.draws import Draws


class Small(nn.Module):
    """A net of 48 units over 11 symbols, with dropout that must not act."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.cell, self.head = nn.Embedding(11, 48), nn.GRUCell(48, 48), nn.Linear(48, 11)
        source = torch.Generator().manual_seed(3)
        for weights in self.parameters():
            nn.init.uniform_(weights, -0.6, 0.6, generator=source)
        self.dropout = nn.Dropout(0.5)

    def state(self, batch):
        return self.head.weight.new_zeros(batch, 48)

    def step(self, state, symbol):
        state = self.cell(self.embed(symbol), state)
        return state, self.head(self.dropout(state))

    def read(self, symbols, state=None):
        state = self.state(len(symbols)) if state is None else state
        scores = []
        for t in range(symbols.shape[1]):
            state, out = self.step(state, symbols[:, t])
            scores.append(out)
        return torch.stack(scores, 1), state

    def carried(self, state):
        return state.detach()


class Counting(nn.Module):
    """Says the number of symbols it has read, modulo 10; its state grows with each until `carried` cuts it down."""

    def __init__(self) -> None:
        super().__init__()
        self.read_at_once, self.longest, self.steps, self.modes = [], 0, 0, set()

    def _scores(self, count):
        self.modes.add((self.training, torch.is_grad_enabled()))
        return one_hot(torch.as_tensor(count) % 10, 10).double() * 1e9

    def step(self, state, symbol):
        count, kept = state
        assert symbol.shape == (WIDTH,)
        self.steps += 1
        self.longest = max(self.longest, len(kept) + 1)
        return (count + 1, (*kept, 1)), self._scores(count + 1).expand(WIDTH, -1)

    def read(self, symbols, state=None):
        count, kept = (0, ()) if state is None else state
        assert len(symbols) == WIDTH
        length = symbols.shape[1]
        self.read_at_once.append(length)
        self.longest = max(self.longest, len(kept) + length)
        counts = torch.arange(count + 1, count + length + 1)
        return self._scores(counts).expand(WIDTH, -1, -1), (count + length, (*kept, *[1] * length))

    def carried(self, state):
        return state[0], ()


PREFIX = [3, 1, 4, 1, 5, 9, 2, 6]
GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module")
def small() -> Small:
    return Small()


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(top_k=4), Sampling(temperature=0, guard=True)], ids=str)
def test_a_sample_is_what_single_steps_and_choices_give(small, sampling):
    model = Small().double().eval()
    state, text = model.state(1), list(PREFIX)
    draws = Draws("sample", 7, 5)
    with torch.no_grad():
        for symbol in text:
            state, scores = model.step(state, torch.tensor([symbol]))
        for _ in range(300):
            guards = [Guard(text)] if sampling.guard else []
            text.append(int(choose(scores, sampling, [draws], guards)[0]))
            state, scores = model.step(state, torch.tensor(text[-1:]))
    assert list(generate(model, PREFIX, sampling, seed=7, sample=5, length=300)) == text[len(PREFIX) :]


def test_a_sample_is_the_same_alone_and_with_any_others(small):
    together = np.array(list(generate_together(small, PREFIX, Sampling(), 1, range(11), 150))).T.tolist()
    assert len({tuple(sample) for sample in together}) == 11
    for number in (0, 5, 8, 10):
        assert list(generate(small, PREFIX, Sampling(), 1, number, 150)) == together[number]
    some = np.array(list(generate_together(small, PREFIX, Sampling(), 1, [2, 7, 9], 150))).T.tolist()
    assert some == [together[2], together[7], together[9]]
    assert list(generate(small, PREFIX, Sampling(), 2, 0, 150)) != together[0], "another seed is another sample"


@pytest.mark.parametrize("kind", ["lstm-lm", "transformer-lm"])
def test_what_is_written_is_of_float32_whatever_the_model_was_trained_with(kind):
    """One symbol's products are the quicker for it; a prefix is read as it was trained on."""
    rounded, plain = (net(kind, precision=precision).float() for precision in ("bfloat16", "float32"))
    prefix = [n % CHARACTERS for n in range(300)]
    assert not torch.equal(begin(rounded, prefix).scores, begin(plain, prefix).scores)
    begun = begin(plain, prefix)
    texts = [list(generate(one, begun, Sampling(), length=200)) for one in (rounded, plain)]
    assert texts[0] == texts[1]


def test_samples_that_share_the_rows_share_the_steps():
    for samples, steps in (([5], 9), (range(WIDTH), 9), (range(WIDTH + 1), 18)):
        model = Counting()
        assert len(list(generate_together(model, PREFIX, Sampling(), samples=samples, length=10))) == 10
        assert model.steps == steps


def test_a_longer_sample_begins_with_the_shorter_one(small):
    long = list(generate(small, PREFIX, Sampling(), 4, 0, 700))
    assert list(generate(small, PREFIX, Sampling(), 4, 0, 30)) == long[:30]
    assert list(islice(generate(small, PREFIX, Sampling(), 4), 700)) == long
    assert list(generate(small, PREFIX, Sampling(), 4, 0, 0)) == []


def test_what_was_read_once_is_written_on_from_many_times(small):
    begun = begin(small, PREFIX)
    first = list(generate(small, begun, Sampling(), 0, 0, 200))
    assert list(generate(small, begun, GREEDY, 0, 0, 200)) == list(generate(small, PREFIX, GREEDY, 0, 0, 200))
    assert (
        list(generate(small, begun, Sampling(), 0, 0, 200))
        == first
        == list(generate(small, PREFIX, Sampling(), 0, 0, 200))
    )


def test_nobody_else_s_chance_is_read_or_disturbed(small):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = list(generate(small, PREFIX, Sampling(), 0, 0, 50))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    np.random.seed(3)  # noqa: NPY002 - the global generator is the point
    assert list(generate(small, PREFIX, Sampling(), 0, 0, 50)) == first


def test_a_model_in_training_rests_while_it_writes_and_trains_on_between():
    model = Counting().train()
    written = generate(model, PREFIX, GREEDY)
    for _ in range(3):
        next(written)
        assert model.training
        assert torch.is_grad_enabled()
    assert model.modes == {(False, False)}


def test_a_symbol_is_there_before_the_next_is_thought_of():
    model = Counting()
    written = generate(model, PREFIX, GREEDY, length=3)
    for n in range(3):
        assert next(written) == (len(PREFIX) + n) % 10
        assert model.steps == n
    assert list(written) == []
    assert model.steps == 2, "after the last symbol nothing is worked out"


def test_a_prefix_of_a_million_is_read_in_pieces():
    model = Counting()
    begun = begin(model, np.zeros(1_000_000, np.uint8))
    assert sum(model.read_at_once) == 1_000_000
    assert max(model.read_at_once) <= CHUNK
    assert model.longest <= CHUNK, "the state is cut to its bounded size between pieces"
    assert begun.scores.untyped_storage().nbytes() == WIDTH * 10 * 8, "the scores of a piece are let go"
    assert len(begun.tail) == SEEN
    assert next(generate(model, begun, GREEDY)) == 0
    assert next(generate(model, np.zeros(CHUNK + 3, np.uint8), GREEDY)) == (CHUNK + 3) % 10


def test_what_is_written_without_end_takes_no_more_memory():
    model, count = Counting(), 3 * CHUNK
    written = generate(model, PREFIX, GREEDY)
    assert list(islice(written, count)) == [(n + len(PREFIX)) % 10 for n in range(count)]
    assert model.longest <= CHUNK + len(PREFIX)


def test_the_guard_sees_the_prefix_too():
    class Stuck(Counting):
        def _scores(self, count):
            return super()._scores(0 * torch.as_tensor(count)) / 3e8

    loop, guarded = [0] * 99, Sampling(temperature=0, guard=True)
    assert {next(generate(Stuck(), loop, guarded, seed)) for seed in range(40)} > {0}
    assert {next(generate(Stuck(), PREFIX, guarded, seed)) for seed in range(40)} == {0}


def test_the_unknown_symbol_is_never_written(small):
    assert 4 in list(generate(small, PREFIX, Sampling(temperature=3.0), length=300))
    assert 4 not in list(generate(small, PREFIX, Sampling(temperature=3.0), length=300, never=4))


def test_weights_that_are_no_numbers_are_an_error_and_no_text():
    model = Small()
    nn.init.constant_(model.head.weight, torch.nan)
    with pytest.raises(RunError, match="are no numbers"):
        next(generate(model, PREFIX, Sampling()))


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"prefix": []}, WordError, "prefix: nothing to write on from; give one symbol or more"),
        ({"length": -1}, ConfigError, "length: -1 is below 0; give 0 or more"),
        ({"samples": []}, ConfigError, "samples: not one or more numbers from 0, each once and in order"),
        ({"samples": [-1]}, ConfigError, "samples: not one or more"),
        ({"samples": [1, 0]}, ConfigError, "samples: not one or more"),
        ({"samples": [1, 1]}, ConfigError, "samples: not one or more"),
    ],
    ids=str,
)
def test_mistakes_are_told_before_anything_is_written(small, given, error, says):
    with pytest.raises(error) as refused:
        generate_together(small, **{"prefix": PREFIX, "sampling": GREEDY, **given})
    assert str(refused.value).startswith(says)
