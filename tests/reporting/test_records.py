"""Run folders as a report reads them: torn, missing, damaged, unfinished."""

import json

import pytest

from pushpop.errors import RunError
from pushpop.experiments.lengths import keep
from pushpop.reporting.records import grouped, read_run, read_runs
from pushpop.reporting.sections import read_contents


def test_a_torn_last_line_is_left_out(make_run):
    run = make_run()
    whole = read_run(run).events
    with (run / "events.jsonl").open("a") as log:
        log.write('{"step": 99999, "words": 1599')
    assert read_run(run).events == whole


def test_a_run_is_found_below_the_folder_given_and_only_once(make_run):
    run = make_run(seed=3)
    make_run(seed=4)
    found = read_runs([run, run.parent, run.parent.parent])
    assert sorted(record.seed for record in found) == [3, 4]


@pytest.mark.parametrize("name", ["absent", "empty", "file"])
def test_what_is_no_run_folder_is_refused_in_one_line(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=rf"{name}: .*give a folder that `pushpop train` made") as error:
        read_runs([tmp_path / name])
    assert "\n" not in str(error.value)


def test_no_run_at_all_is_refused():
    with pytest.raises(RunError, match="no run folder given"):
        read_runs([])


@pytest.mark.parametrize("file", ["config.json", "metrics.json", "lengths.json"])
@pytest.mark.parametrize("content", [b'{"task": ', b"[1, 2]", b"\xff\xfe", b""])
def test_a_damaged_file_is_named_in_one_line(make_run, file, content):
    run = make_run()
    (run / file).write_bytes(content)
    with pytest.raises(RunError, match=rf"{file}: damaged") as error:
        read_runs([run])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("part", ["task", "model"])
def test_a_config_that_names_no_task_or_model_is_damaged(make_run, part):
    run = make_run()
    config = json.loads((run / "config.json").read_text())
    del config[part]
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match=f"config.json: damaged, names no {part}"):
        read_run(run)


def test_an_unfinished_run_has_the_scores_of_its_last_evaluation(make_run):
    record = read_run(make_run(model="lstm", finished=False))
    assert record.status == "unfinished"
    assert record.scores("validation") == record.evaluations[-1]["validation"] != {}
    assert record.total("words") == record.events[-1]["words"]


def test_a_run_that_has_not_begun_to_learn_is_still_a_run(make_run):
    run = make_run(finished=False)
    (run / "events.jsonl").unlink()
    record = read_run(run)
    assert (record.status, record.total("words"), record.scores("test"), record.lengths()) == (
        "unfinished",
        None,
        {},
        [],
    )


def test_lengths_scored_later_are_added_and_replace_older_ones(make_run):
    run = make_run()
    (run / "model.safetensors").write_bytes(b"weights")
    rows = [{"length": 2048, "coarse": 0.25, "words": 9}, {"length": 10_000, "coarse": 0.5, "words": 9}]
    keep(run / "lengths.json", run, {"by_length": rows}, 0, [2048, 10_000])
    found = {row["length"]: row["coarse"] for row in read_run(run).lengths()}
    assert (found[8], found[2048], found[10_000]) == (1.0, 0.25, 0.5)
    assert list(found) == sorted(found)


def test_lengths_of_other_weights_are_left_out(make_run):
    run = make_run(by_length=False)
    (run / "model.safetensors").write_bytes(b"weights")
    keep(run / "lengths.json", run, {"by_length": [{"length": 20, "coarse": 1.0, "words": 9}]}, 0, [20])
    assert len(read_run(run).lengths()) == 1
    (run / "model.safetensors").write_bytes(b"others")
    assert read_run(run).lengths() == []


def test_a_stranger_s_config_below_a_folder_is_told_and_left_out(make_run):
    run = make_run()
    for name, content in (("bert", '{"architectures": ["x"]}'), ("list", "[1]"), ("torn", "{")):
        (run.parent / name).mkdir()
        (run.parent / name / "config.json").write_text(content)
    said = []
    assert [record.path for record in read_runs([run.parent], said.append)] == [run]
    assert said == [
        f"{run.parent / name / 'config.json'}: is not a run's; left out" for name in ("bert", "list", "torn")
    ]


def test_runs_that_differ_in_more_than_the_seed_are_told_apart_by_what_differs(make_run):
    runs = [make_run(seed=seed, memory=memory) for memory in (16, 64) for seed in (1, 0)]
    groups = grouped(read_runs(runs))
    assert [group.name for group in groups] == ["stack-lstm (memory 16)", "stack-lstm (memory 64)"]
    assert [[record.seed for record in group.records] for group in groups] == [[0, 1], [0, 1]]


WRONG = [b"", b"[]", b"{", b"3"]


@pytest.mark.parametrize("file", ["config.json", "metrics.json"])
@pytest.mark.parametrize("content", [*WRONG, b'{"seed": "x", "task": "reverse", "model": "lstm"}'])
def test_a_damaged_run_of_many_is_told_and_left_out(make_run, file, content):
    runs = [make_run(seed=seed) for seed in range(3)]
    (runs[1] / file).write_bytes(content)
    said = []
    assert [record.path for record in read_runs([runs[0].parent], said.append)] == [runs[0], runs[2]]
    assert len(said) == 1
    assert said[0].startswith(str(runs[1] / file))
    assert said[0].endswith("left out")


WRONG_TRIAL = b'{"number": "x", "configuration": 3}'


@pytest.mark.parametrize(
    ("file", "content", "status"),
    [
        *(("trial.json", content, "not solved") for content in [*WRONG, WRONG_TRIAL, b'{"configuration": [1]}']),
        *(("failure.json", content, "failed") for content in [*WRONG, b'{"error": 3}']),
        *(("pruned.json", content, "unfinished") for content in [*WRONG, b'{"percent": "x"}', b'{"spared": 3}']),
        *(("lengths.json", content, "not solved") for content in WRONG),
    ],
)
def test_a_run_of_many_is_shown_without_what_is_damaged_beside_it(make_run, file, content, status):
    """That a run failed is known from the file being there, damaged or not."""
    run, other = (make_run("lstm", seed=seed, finished=status == "not solved") for seed in range(2))
    (run / file).write_bytes(content)
    said = []
    contents = read_contents([run.parent], said.append)
    assert [record.status for record in contents.groups[0].records] == [
        status,
        "unfinished" if status == "failed" else status,
    ]
    assert len(said) == 1
    assert said[0].startswith(f"{run / file}: damaged, ")
    assert said[0].endswith("shown without it")
    with pytest.raises(RunError, match=rf"{file}: damaged") as error:
        read_runs([run, other], said.append)
    assert "\n" not in str(error.value)


def test_a_damaged_trial_that_has_no_settings_yet_is_named_by_its_folder(make_run):
    run = make_run(finished=False)
    (run / "config.json").unlink()
    (run / "trial.json").write_bytes(WRONG_TRIAL)
    [record] = read_runs([run.parent], print)
    assert (record.status, record.model, record.trial) == ("unfinished", "stack-lstm", None)


def test_lengths_and_scores_of_the_wrong_shape_are_passed_by(make_run):
    run = make_run(finished=False)
    with (run / "events.jsonl").open("a") as log:
        log.write('{"step": 99999, "words": 1, "validation": 3}\n')
    record = read_run(run)
    assert record.scores("validation") == record.evaluations[-1]["validation"]
    run = make_run(seed=1)
    metrics = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({**metrics, "by_length": 3}))
    assert read_run(run).lengths() == []
