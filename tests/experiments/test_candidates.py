"""Of words drawn for a step those are learned from whose answers cost most: against a slow twin, whole and in parts."""

import numpy as np
import pytest
import torch
from stack_nets import net
from torch.nn.functional import cross_entropy

from pushpop.experiments import candidates as candidates_of
from pushpop.experiments import lessons
from pushpop.experiments.candidates import costliest
from pushpop.experiments.feeding import WordFeed
from pushpop.experiments.lessons import lesson
from pushpop.experiments.seeds import of_step
from pushpop.experiments.settings import Settings
from pushpop.experiments.trained import build_model
from pushpop.tasks.encoding import chosen, encode, some
from pushpop.tasks.words import candidates, training_batch
from pushpop.training.parallel import Team

CPU = torch.device("cpu")
WORDS = [np.array(word) for word in ([1, 0, 2], [2], [0, 0, 1, 2, 1], [1, 1], [2, 2], [0])]
DRAWN = encode(WORDS, [word[::-1] for word in WORDS])


def slow(model):
    """What the answer to each word alone costs, its end included."""
    costs = []
    for word in WORDS:
        batch = encode([word], [word[::-1]])
        scores, _ = model.unroll(torch.from_numpy(batch.symbols), torch.from_numpy(batch.lengths))
        places = range(len(word) + 1, 2 * len(word) + 2)
        wanted = [*(word[::-1] + 3).tolist(), 2]
        costs.append(sum(cross_entropy(scores[0, a], torch.tensor(b)) for a, b in zip(places, wanted, strict=True)))
    return np.array([cost.item() for cost in costs])


class HalfTeam(Team):
    """One of two processes, to which the other's numbers are known beforehand."""

    def __init__(self, rank, known):
        super().__init__(rank, 2)
        self.known = known

    def joined(self, part, words):
        first, last = self.span(words)
        assert np.allclose(part.numpy(), self.known[first:last], atol=1e-12)
        return torch.from_numpy(self.known)


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_costliest_are_those_of_a_slow_twin_in_the_order_drawn(engine, count):
    costs = slow(net(engine="eager"))
    want = sorted(sorted(range(len(WORDS)), key=lambda word: -costs[word])[:count])
    assert costliest(net(engine=engine), DRAWN, count, Team(), CPU).tolist() == want


def test_each_process_scores_its_part_and_all_choose_the_same():
    costs = slow(net())
    alone = costliest(net(), DRAWN, 3, Team(), CPU).tolist()
    assert [costliest(net(), DRAWN, 3, HalfTeam(rank, costs), CPU).tolist() for rank in (0, 1)] == [alone, alone]


def test_so_many_are_scored_at_once_and_no_more(monkeypatch):
    monkeypatch.setattr(candidates_of, "AT_ONCE", 4)
    sizes = []
    monkeypatch.setattr(candidates_of, "some", lambda *given: sizes.append(given[1:]) or some(*given))
    costs = slow(net())
    want = sorted(sorted(range(len(WORDS)), key=lambda word: -costs[word])[:2])
    assert costliest(net(), DRAWN, 2, Team(), CPU).tolist() == want
    assert sizes == [(0, 4), (4, 6)]


def test_one_that_costs_no_number_is_taken():
    class Broken(torch.nn.Module):
        def forward(self, symbols, lengths, positions):
            scores = torch.zeros(len(positions), 6)
            scores[positions // symbols.shape[1] == 4] = torch.nan
            return scores

    assert costliest(Broken(), DRAWN, 2, Team(), CPU).tolist() == [2, 4]


def test_of_words_that_cost_the_same_the_first_are_taken():
    twice = encode([WORDS[1]] * 4, [WORDS[1]] * 4)
    assert costliest(net(), twice, 2, Team(), CPU).tolist() == [0, 1]


def feed_of(candidates, **training):
    given = {"batch": 4, "candidates": candidates, **training}
    settings = Settings.from_dict({"task": {"kind": "reverse", "shortest": 2, "longest": 30}, "training": given})
    return WordFeed(settings.task.build(), settings, Team(), CPU), build_model(settings), settings


def test_a_step_learns_from_the_costliest_alone_and_foretells_them():
    feed, model, settings = feed_of(3, foretell=0.5)
    (drawn, step), share = feed.make(7, 1.0)
    whole = training_batch(settings.task.build(), settings.seed, 7, 12)
    assert (step, share, len(drawn.lengths)) == (7, 1.0, 12)
    assert np.array_equal(drawn.symbols, whole.symbols)
    model.shake(of_step(settings.seed, 7))  # as they cost under the noise of this very step
    rows = costliest(model, whole, 4, Team(), CPU)
    taken = chosen(whole, rows)
    want = lessons.loss(model, lesson(taken, taken, 0, 4, 0.5, CPU))
    got = feed.loss(model, (drawn, step))
    assert got.item() == pytest.approx(want.item(), abs=1e-6)
    rest = chosen(whole, np.setdiff1d(np.arange(12), rows)[:4])
    assert lessons.loss(model, lesson(rest, rest, 0, 4, 0.5, CPU)).item() < want.item()


def test_a_curriculum_first_comes_to_all_lengths():
    (many, _), _ = feed_of(3, curriculum="adaptive")[0].make(7, 0.5)
    (few, _), _ = feed_of(1, curriculum="adaptive")[0].make(7, 0.5)
    assert all(torch.equal(one, other) for one, other in zip(many, few, strict=True))
    (drawn, _), _ = feed_of(3, curriculum="adaptive")[0].make(7, 1.0)
    assert len(drawn.lengths) == 12


def test_a_share_of_the_candidates_is_made_of_few_symbols():
    training = {"batch": 4, "candidates": 3, "candidates_alike": 0.5}
    settings = Settings.from_dict({"task": "solve-equation", "training": training})
    task = settings.task.build()
    (drawn, _), _ = WordFeed(task, settings, Team(), CPU).make(7, 1.0)
    assert np.array_equal(drawn.symbols, candidates(task, settings.seed, 7, 12, 6).symbols)
    assert not np.array_equal(drawn.symbols, candidates(task, settings.seed, 7, 12, 0).symbols)
