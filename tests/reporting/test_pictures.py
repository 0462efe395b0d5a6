"""What is drawn: errors on a logarithmic axis, a few of many in colour, the scores a run has, trials along an axis."""

import json
import math

import numpy as np
import pytest

from pushpop.reporting import canvas, captions, pictures
from pushpop.reporting.importance import Importance
from pushpop.reporting.measures import drawn, main, measures
from pushpop.reporting.ranking import FEW, MANY, OTHERS, chosen, ranked
from pushpop.reporting.records import grouped, read_runs
from pushpop.reporting.search import importance_bars, points, slice_caption, slice_plot
from pushpop.reporting.sections import read_contents
from pushpop.reporting.tables import headline, settings_table


def colours(figure):
    return {line.get_color() for line in figure.axes[0].lines}


def bold(figure):
    return [line for line in figure.axes[0].lines if line.get_linewidth() == 2.2]


@pytest.fixture(scope="module")
def many(write_sweep, tmp_path_factory):
    folder = write_sweep(tmp_path_factory.mktemp("many") / "many", hiddens=(8, 16, 32, 64), seeds=(1, 2), quiet=True)
    return grouped(read_runs([folder]))


@pytest.fixture(scope="module")
def sweep(write_sweep, tmp_path_factory):
    [found] = read_contents([write_sweep(tmp_path_factory.mktemp("swept") / "swept")]).sweeps
    return found


def test_errors_are_one_minus_the_scores_on_a_logarithmic_axis(make_run):
    groups = grouped(read_runs([make_run(seed=seed) for seed in range(3)]))
    figure = pictures.error_curves(groups, "coarse", "words")
    [axes] = figure.axes
    assert (axes.get_yscale(), axes.get_xlabel()) == ("log", "words trained on")
    assert sorted(line.get_linewidth() for line in axes.lines) == [0.7] * 6 + [2.2] * 2
    record = groups[0].records[0]
    seen = np.array([event["validation"]["coarse"] for event in record.evaluations])
    least = pictures.least_error(groups, "coarse")
    assert axes.lines[0].get_ydata() == pytest.approx(np.maximum(1 - seen, least))


def test_no_error_at_all_has_a_place_below_the_least_that_can_be(make_run):
    groups = grouped(read_runs([make_run()]))
    least = pictures.least_error(groups, "coarse")
    assert 0 < least < 1 / 1000  # of the 1,000 words of the fixtures
    [axes] = pictures.error_curves(groups, "coarse", "seconds").axes
    assert axes.get_yticks()[-1] == least
    assert axes.get_yticklabels()[-1].get_text() == "none"
    assert axes.get_xlabel() == "training time, seconds"


def test_a_caption_of_errors_says_when_they_fell_and_where_they_end(make_run):
    groups = grouped(read_runs([make_run(), make_run(model="lstm")]))
    said = captions.of_errors(groups, "coarse", "words")
    assert "stack-lstm: median test error below 0.1 from" in said
    assert "at the end none." in said
    assert "lstm: median test error at the end 1." in said


def test_up_to_eight_configurations_have_a_colour_each(many):
    some = many[:MANY]
    assert chosen(some) == (some, [])
    assert len(colours(pictures.learning_curves(some, "coarse", "words"))) == MANY == len(canvas.COLOURS)


def test_of_many_the_best_few_have_colours_and_the_others_are_grey(many):
    assert len(many) == 12
    shown, grey = chosen(many)
    assert [*shown, *grey] == ranked(many)
    assert (len(shown), len(grey)) == (FEW, 12 - FEW)
    for figure in (
        pictures.learning_curves(many, "coarse", "words"),
        pictures.error_curves(many, "fine", "seconds"),
        pictures.loss_curves(many, "words"),
    ):
        assert colours(figure) == {*canvas.COLOURS[:FEW], canvas.INK}
        assert f"{12 - FEW} others" in [text.get_text() for text in figure.legends[0].get_texts()]
    for said in (captions.of_scores(many, "coarse", "words"), captions.of_losses(many, "words", "nats")):
        assert said.endswith(f"In colour the best {FEW} of 12 configurations by validation; in grey the medians of "
                             f"the other {12 - FEW}.")  # fmt: skip


def test_of_very_many_not_even_all_the_grey_ones_are_drawn(many):
    groups = many * 5
    assert len(chosen(groups)[1]) == OTHERS
    assert f"the next {OTHERS}." in captions.behind(len(groups), OTHERS)


def test_of_many_the_settings_are_those_of_the_best(many):
    table = settings_table(many)
    assert len(table.columns) == 1 + FEW
    assert "Of 12 configurations the best 5" in table.caption
    assert len(headline(many, published=False).rows) == 12  # where every one is


def test_a_thousand_seeds_are_drawn_with_few_points_each():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    canvas.draw(axes, [(np.arange(200.0), np.arange(200.0))] * 1000, 0, "-")
    assert sum(len(line.get_xdata()) for line in axes.lines[:-1]) <= 24_000
    assert len(axes.lines[-1].get_xdata()) == 200


def classified(folder, seed=0, baseline=0.625):
    """A run that named classes: one score beside the commonest class."""
    run = folder / "baum-sweet" / f"lstm-0a0a0a0a-s{seed}"
    run.mkdir(parents=True)
    far = [{"length": length, "accuracy": 0.75, "baseline": 0.5, "words": 1000} for length in (10, 20)]
    config = {"task": {"kind": "baum-sweet", "length": 5}, "model": {"kind": "lstm", "hidden": 64},
              "training": {"rate": 0.001}, "seed": seed, "hash": "0a0a0a0a"}  # fmt: skip
    (run / "config.json").write_text(json.dumps(config))
    log = [{"step": step, "words": step * 128, "seconds": step / 10, "loss": 0.7 / step,
            "validation": (row := {"accuracy": min(1.0, 0.5 + step / 40), "baseline": baseline, "words": 100}),
            "test": row} for step in range(1, 21)]  # fmt: skip
    (run / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in log))
    metrics = {"solved": True, "steps": 20, "words": 2560, "seconds": 2.0, "validation": log[-1]["validation"],
               "test": log[-1]["test"], "by_length": far}  # fmt: skip
    (run / "metrics.json").write_text(json.dumps(metrics))
    return run


def test_runs_that_name_classes_are_shown_by_their_accuracy(tmp_path):
    contents = read_contents([classified(tmp_path, seed) for seed in range(2)])
    names = [drawing.name for section in contents.sections for drawing in section.drawings]
    assert names == ["baum-sweet-accuracy-words", "baum-sweet-accuracy-seconds", "baum-sweet-error-accuracy-words",
                     "baum-sweet-error-accuracy-seconds", "baum-sweet-loss-words",
                     "baum-sweet-loss-seconds", "baum-sweet-length-accuracy"]  # fmt: skip
    assert measures(contents.groups[0].records) == ["accuracy", "baseline"]
    assert (main(contents.groups), drawn(contents.groups)) == ("accuracy", ["accuracy"])
    assert {"validation accuracy", "test baseline"} <= set(headline(contents.groups).columns)


def test_the_commonest_class_is_a_line_beside_accuracy(tmp_path):
    groups = grouped(read_runs([classified(tmp_path)]))
    lines = pictures.learning_curves(groups, "accuracy", "words").axes[0].lines
    assert [line.get_ydata()[0] for line in lines if line.get_color() == canvas.INK] == [0.625]
    far = pictures.length_curves(groups, "accuracy")
    [guessed] = [line for line in far.axes[0].lines if line.get_color() == canvas.INK]
    assert (list(guessed.get_xdata()), list(guessed.get_ydata())) == ([10, 20], [0.5, 0.5])
    assert "commonest class" in [text.get_text() for text in far.legends[0].get_texts()]
    assert pictures.loss_unit(groups) == "nats"
    other = grouped(read_runs([classified(tmp_path / "other", 1, baseline=0.5), *(r.path for r in groups[0].records)]))
    assert pictures.baseline(other) is None  # of two sets of words there is no one line


def test_every_trial_with_a_score_is_a_point_along_each_axis(sweep):
    scored = [record for record in sweep.records if record.status in ("solved", "not solved", "pruned")]
    for axis in sweep.axes:
        figure = slice_plot(sweep, axis)
        assert len(points(sweep, axis)) == len(scored)
        assert sum(len(some.get_offsets()) for some in figure.axes[0].collections) == len(scored)
        right = sum(record.status == "solved" for record in scored)
        assert slice_caption(sweep, axis).startswith(f"{axis}: all of validation right in ")
        assert sum(point.kind == "all of validation right" for point in points(sweep, axis)) == right


def test_choices_stand_side_by_side_and_each_has_its_median(sweep):
    [axes] = slice_plot(sweep, "model.hidden").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["16", "32", "64", "128"]
    assert len(bold(axes.figure)) == 4


def test_a_range_far_stretched_is_logarithmic(write_sweep, tmp_path):
    rates = tuple(10 ** (-4 + number / 5) for number in range(13))
    folder = write_sweep(tmp_path / "range", hiddens=(64,) * 13, rates=rates, seeds=(1,), search="random", quiet=True)
    [found] = read_contents([folder]).sweeps
    [axes] = slice_plot(found, "training.rate").axes
    assert axes.get_xscale() == "log"
    assert bold(axes.figure) == []
    assert "from 0.0001 to 0.0251: " in slice_caption(found, "training.rate")


def test_what_mattered_is_a_bar_a_setting(sweep):
    [axes] = importance_bars(Importance({"a": 0.75, "b": 0.25}, "")).axes
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25]
    assert [text.get_text() for text in axes.texts] == ["0.75", "0.25"]
    assert axes.yaxis_inverted()


def test_the_legend_makes_room_for_itself(many):
    few, lots = (pictures.learning_curves(some, "coarse", "words") for some in (many[:1], many[:8]))
    assert lots.get_figheight() > few.get_figheight()
    assert math.isclose(few.get_figwidth(), lots.get_figwidth())
