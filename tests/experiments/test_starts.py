"""Several starts of one run: each has the words it should, the best goes on, and none is lost or told to nobody."""

import copy
import json
from dataclasses import replace

import pytest
import torch

import pushpop
from pushpop.errors import ConfigError
from pushpop.experiments.feeding import COMPARED, feed_of
from pushpop.experiments.seeds import of_start
from pushpop.experiments.settings import Settings
from pushpop.experiments.starts import Starts, first_weights
from pushpop.experiments.trained import build_model
from pushpop.experiments.trial import fresh, placed
from pushpop.tasks.draws import Draws
from pushpop.tasks.encoding import encode
from pushpop.training.checkpoint import weights_of
from pushpop.training.loop import Run
from pushpop.training.optimisers import build_optimiser
from pushpop.training.parallel import Team

STARTED = {"starts": 3, "start_words": 8, "steps": 12, "words": 0}


@pytest.fixture
def settings(tiny):
    return Settings.from_dict({**tiny, "training": {**tiny["training"], **STARTED}, "seed": 5})


def a_step(run):
    """Not a real one: every weight moves, and the optimiser remembers."""
    for weight in run.model.parameters():
        weight.grad = torch.full_like(weight, 0.1 * (1 + len(run.starts)))
    run.optimiser.step()
    run.step, run.words = run.step + 1, run.words + 4
    run.losses.append(1.0)


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("optimiser", ["adam", "muon"])
@pytest.mark.parametrize("best", [0, 1, 2])
def test_the_run_goes_on_from_the_start_that_cost_least_as_it_stood(settings, best, optimiser):
    settings = replace(settings, training=replace(settings.training, optimiser=optimiser))
    model = build_model(settings)
    run = fresh(settings, model)
    run.reached = 0.5
    costs = iter([1.0 if start == best else 2.0 + start for start in range(3)])
    observer, ended, remembered = Starts(settings, lambda *_: next(costs)), [], []
    for start in range(3):
        assert same(weights_of(model), first_weights(settings, start))
        assert not run.optimiser.state_dict()["state"]
        for _ in range(2):
            a_step(run)
            if run.words < 8 * (start + 1):
                observer(run)
        ended.append(weights_of(model))
        remembered.append(
            {place: {k: v.clone() for k, v in each.items()} for place, each in run.optimiser.state.items()}
        )
        run.reached = 0.25 + start / 4
        observer(run)
    assert (len(run.starts), run.waiting, run.rivals, run.reached, run.step) == (3, [], [], 0.25 + best / 4, 6)
    assert same(weights_of(model), ended[best])
    for place, each in run.optimiser.state.items():
        assert all(torch.equal(torch.as_tensor(value), each[name]) for name, value in remembered[best][place].items())
    again = fresh(settings, build_model(settings))  # the same step from what was remembered leads to the same weights
    again.model.load_state_dict(ended[best])
    again.optimiser.load_state_dict(copy.deepcopy(run.optimiser.state_dict()))
    again.starts = list(run.starts)
    a_step(again)
    a_step(run)
    observer(run)  # all is chosen: nothing more happens, and no cost is left to ask for
    assert not same(weights_of(model), ended[best])
    assert same(weights_of(model), weights_of(again.model))


def test_in_a_second_round_the_best_go_on_as_they_stood_and_the_best_of_these_goes_on_alone(tiny):
    """Five starts of two steps; the best two, 3 before 1, have two more each, and 1 is better then."""
    given = {**tiny["training"], "starts": 5, "start_words": 8, "start_rounds": 2, "steps": 20, "words": 0}
    settings = Settings.from_dict({**tiny, "training": given, "seed": 5})
    model = build_model(settings)
    run = Run(model, build_optimiser(settings.training, model.parameters()))
    costs = iter([9, 2, 7, 1, 5, 3, 2.5])
    observer = Starts(settings, lambda *_: float(next(costs)))
    ended = []
    for _ in range(5):
        a_step(run)
        observer(run)
        a_step(run)
        ended.append(weights_of(model))
        observer(run)
    for best, known in ((3, 5), (1, 6)):
        assert same(weights_of(model), ended[best])
        for _ in range(2):
            assert len(run.starts) == known
            a_step(run)
            last = weights_of(model)
            observer(run)
    assert run.starts == [9, 2, 7, 1, 5, 3, 2.5]
    assert (run.step, run.waiting, run.rivals) == (14, [], [])
    assert same(weights_of(model), last)
    assert settings.training.turns().end == 14


def test_the_first_start_is_that_of_the_seed_and_no_two_are_alike(settings):
    assert same(first_weights(settings, 0), build_model(settings).state_dict())
    drawn = [of_start(seed, start) for seed in range(40) for start in range(6)]
    assert len(set(drawn)) == len(drawn)


def test_what_a_start_costs_is_the_mean_over_words_that_it_was_not_trained_on(settings):
    model = build_model(settings)
    task = settings.task.build()
    feed = feed_of(
        settings, Team(), torch.device("cpu"), Run(model, build_optimiser(settings.training, model.parameters()))
    )
    words = task.draw(Draws("starts", settings.seed), "training", COMPARED)
    batch = encode(words, [task.answer(word) for word in words])
    scores, _ = model.unroll(torch.from_numpy(batch.symbols), torch.from_numpy(batch.lengths))
    want = torch.nn.functional.cross_entropy(scores.flatten(0, 1)[batch.positions], torch.from_numpy(batch.targets))
    assert feed.cost(model, 0) == pytest.approx(want.item(), abs=1e-6)


def test_a_start_is_compared_by_what_foretelling_weighed_in_its_last_step(tiny):
    falling = {**STARTED, "foretell": 3.0, "foretell_words": 8, "foretell_then": 0.5}
    settings = Settings.from_dict({**tiny, "training": {**tiny["training"], **falling}, "seed": 5})
    batch = settings.training.batch
    model = build_model(settings)
    run = Run(model, build_optimiser(settings.training, model.parameters()))

    def cost(step, **training):
        one = replace(settings, training=replace(settings.training, **training))
        return feed_of(one, Team(), torch.device("cpu"), run).cost(model, step)

    plain = {"foretell": 0.0, "foretell_words": 0, "foretell_then": 0.0}
    answers, told = cost(0, **plain), cost(0, **{**plain, "foretell": 1.0})
    turns = settings.training.turns()
    weights = [(cost(turn.ends - 1) - answers) / (told - answers) for turn in turns.order]
    assert turns.steps * batch == 8
    assert weights == pytest.approx([3.0] * 3, rel=1e-4)
    assert cost(turns.end + turns.steps) - answers == pytest.approx(0.5 * (told - answers), rel=1e-4)
    asked = []
    observer = Starts(settings, lambda _model, step: asked.append(step) or 1.0)
    for _ in range(turns.end):
        a_step(run)
        observer(run)
    assert asked == [turn.ends - 1 for turn in turns.order]


def test_a_run_that_is_over_at_the_end_of_a_turn_stays_as_it_was_judged(settings):
    model = build_model(settings)
    run = Run(model, build_optimiser(settings.training, model.parameters()), right=1)
    for _ in range(2):
        a_step(run)
    run.over, ended = True, weights_of(model)
    Starts(settings, lambda *_: 1.0)(run)
    assert (run.right, run.starts) == (1, [])
    assert same(weights_of(model), ended)


def test_a_run_tells_all_its_starts(tiny, tmp_path):
    plain = {**tiny, "training": {**tiny["training"], "steps": 2}}
    pushpop.train(**plain, seed=5, run=tmp_path / "plain")
    pushpop.train(**{**tiny, "training": {**tiny["training"], **STARTED}}, seed=5, run=tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert (metrics["steps"], metrics["words"], len(metrics["starts"])) == (12, 48, 3)
    logged = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    assert [(event["step"], event["starts"]) for event in logged] == [
        (2, 0), (4, 1), (5, 2), (6, 2), (8, 3), (10, 3), (12, 3)
    ]  # fmt: skip
    first = json.loads((tmp_path / "plain" / "events.jsonl").read_text().splitlines()[0])
    assert logged[0]["loss"] == first["loss"]
    assert "starts" not in json.loads((tmp_path / "plain" / "metrics.json").read_text())


def test_a_cost_that_is_no_number_is_never_the_best(settings):
    model = build_model(settings)
    run = Run(model, build_optimiser(settings.training, model.parameters()))
    costs = iter([float("nan"), 3.0, float("nan")])
    observer = Starts(settings, lambda *_: next(costs))
    ended = []
    for _ in range(3):
        for _ in range(2):
            a_step(run)
        ended.append(weights_of(model))
        observer(run)
    assert run.starts == [float("inf"), 3.0, float("inf")]
    assert same(weights_of(model), ended[1])


def test_several_processes_have_one_start(settings):
    with pytest.raises(
        ConfigError, match=r"training.starts: 3: of 2 processes only one would change its weights; give 1"
    ):
        placed(settings, Team(0, 2))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"starts": 0}, "training.starts: 0 is too few; give 1 or more"),
        ({"starts": 1_001, "start_words": 1}, "training.starts: 1001 is too many; give 1000 or fewer"),
        ({"start_words": 0}, "training.start_words: 0 is too few; give 1 or more"),
        (
            {"starts": 4, "start_words": 100, "words": 400},
            "training.starts: 4 of 100 words leave nothing of 400 words to go on with; give fewer, or a larger budget",
        ),
        (
            {"starts": 16, "start_words": 100, "start_rounds": 2, "words": 2_608},
            (
                "training.starts: 16 of 100 words in 2 rounds take 2688, and leave nothing of 2608 words to go on with"
                "; give fewer, or a larger budget"
            ),
        ),
        (
            {"starts": 3, "start_rounds": 2},
            "training.start_rounds: 2: of 3 starts one alone is left after round 1; give 1, or 4 starts",
        ),
        (
            {"start_rounds": 2},
            "training.start_rounds: 2: of one start there is nothing to compare; give 1, or training.starts",
        ),
        ({"start_rounds": 10}, "training.start_rounds: 10 is too many; give 9 or fewer"),
        (
            {"starts": 2, "curriculum": "linear"},
            "training.starts: 2: a linear curriculum goes by the words of all starts; give 1, or another curriculum",
        ),
    ],
)
def test_what_cannot_be_is_refused(given, said):
    with pytest.raises(ConfigError) as caught:
        Settings.from_dict({"training": given})
    assert str(caught.value) == said


def test_only_words_that_are_answered_have_several_starts():
    with pytest.raises(
        ConfigError,
        match=r"training.starts: 2: only tasks with written answers have several",
    ):
        Settings.from_dict({"task": "baum-sweet", "training": {"starts": 2}})


def test_starts_that_are_off_name_no_run_anew():
    plain = Settings.from_dict({})
    assert Settings.from_dict({"training": {"starts": 1}}).hash() == plain.hash()
    assert Settings.from_dict({"training": {"starts": 2}}).hash() != plain.hash()
