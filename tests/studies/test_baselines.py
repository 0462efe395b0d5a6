"""The formulations of others, as published and tuned, are the same network as ours: golden reads, loss, gradients."""

import pytest
import torch

from closeness import assert_same
from pushpop.errors import RunError
from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import build
from pushpop.models.settings import MemorySettings
from pushpop.studies.baselines import PublishedStackLSTM, TunedStackLSTM
from pushpop.studies.contest import TorchContestant, Work, by_length, check_agreement, same_words
from pushpop.studies.published_stacks import ListStack, PublishedStack, StudyListStack, TriangularStack
from pushpop.studies.ways import stirred
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

TASK = Reverse(symbols=7)
STACKS = [PublishedStack, StudyListStack, TriangularStack, ListStack]


def our_model(engine: str, seed: int = 0, **given: int) -> MemoryModel:
    """Stirred: with first weights hardly a read depends on a pop."""
    settings = MemorySettings(hidden=6, memory=5, embedding=4, margin=0.0, engine=engine, **given)  # type: ignore[arg-type]
    model = build("stack-lstm", settings, vocabulary(TASK.symbols), SEPARATOR, seed)
    assert isinstance(model, MemoryModel)
    return stirred(model).double()


def graded(model, *batches):
    return TorchContestant(model, Work.of(TASK, batches)).graded()


def assert_same_grades(got, want):
    assert got.keys() == want.keys()
    for name in want:
        assert_same(name, got[name], want[name])


@pytest.mark.parametrize("kind", STACKS)
def test_reads_and_strengths_are_those_of_the_paper_s_figure(kind):
    stack = kind(1, 1, torch.zeros((), dtype=torch.float64))
    reads = []
    for number, push, pop in ((1.0, 0.8, 0.0), (2.0, 0.5, 0.1), (3.0, 0.9, 0.9)):
        value, push, pop = (torch.tensor([[given]], dtype=torch.float64) for given in (number, push, pop))
        reads.append(stack.step(value, push, pop))
    assert_same("reads", torch.cat(reads, 1), torch.tensor([[0.8, 1.5, 2.8]], dtype=torch.float64))
    assert_same("strengths", stack.strengths.flatten()[-3:], torch.tensor([0.3, 0.0, 0.9], dtype=torch.float64))


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("stack", [TriangularStack, ListStack])
def test_the_tuned_network_has_our_loss_and_gradients_on_words_of_any_length(engine, batch, stack):
    mixed, alike = same_words(TASK, (1, 12), batch, 4)
    model = our_model(engine)
    tuned = TunedStackLSTM(model, stack)
    for words in (*mixed, *alike):
        ours = graded(model, words)
        for theirs in ([words], by_length(words)):
            assert_same_grades(graded(tuned, *theirs), ours)


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("biases", [1, 2])
@pytest.mark.parametrize("stack", [PublishedStack, StudyListStack])
def test_the_published_network_has_our_loss_and_gradients(engine, batch, biases, stack):
    mixed, alike = same_words(TASK, (1, 12), batch, 4)
    model = our_model(engine, cell_biases=biases)
    published = PublishedStackLSTM(model, stack)
    for words in (*mixed, *alike):
        assert_same_grades(graded(published, *by_length(words)), graded(model, words))


def test_the_published_network_takes_one_length_a_batch():
    words = [TASK.check([0, 1, 2]), TASK.check([3, 4])]
    with pytest.raises(AssertionError, match="words of one length"):
        graded(PublishedStackLSTM(our_model("eager")), words)


def test_only_the_default_network_has_a_twin():
    with pytest.raises(AssertionError, match=r"only the default stack-lstm .* not one with other \['wiring'\]"):
        TunedStackLSTM(our_model("eager", wiring="delayed"))


def test_both_sides_are_given_the_same_words_in_batches_of_one_size():
    mixed, alike = same_words(TASK, (2, 12), 4)
    assert sorted(word.tolist() for words in mixed for word in words) == sorted(
        word.tolist() for words in alike for word in words
    )
    assert {len(words) for words in (*mixed, *alike)} == {4}
    assert all(len({len(word) for word in words}) == 1 for words in alike)
    assert any(len({len(word) for word in words}) > 1 for words in mixed)
    assert [len(words[0]) for words in same_words(TASK, (2, 12), 4, 3)[1]] == [2, 7, 12]


@pytest.mark.parametrize("network", [PublishedStackLSTM, TunedStackLSTM])
def test_disagreement_is_noticed_and_named(network):
    words = same_words(TASK, (2, 12), 4)[1][0]
    model = our_model("eager")
    published = network(model)
    right = graded(model, words)
    check_agreement("dense-4", right, graded(published, words))
    with torch.no_grad():
        published.interface.value_bias += 0.05
    with pytest.raises(RunError, match=r"bench dense-4: d .* is off by .*; no speed is told"):
        check_agreement("dense-4", right, graded(published, words))
    broken = {**right, "d output.weight": right["d output.weight"] * float("nan")}
    with pytest.raises(RunError, match=r"d output.weight is off by nan"):
        check_agreement("dense-4", broken, right)
    del broken["d output.weight"]
    with pytest.raises(RunError, match=r"only one side has d output.weight"):
        check_agreement("dense-4", broken, right)


def test_rounding_may_gather_over_many_steps_but_not_over_few():
    right, off = {"loss": torch.tensor(1.0)}, {"loss": torch.tensor(1.0002)}
    check_agreement("long", off, right, steps=2002)
    with pytest.raises(RunError, match="is off by"):
        check_agreement("short", off, right, steps=20)
