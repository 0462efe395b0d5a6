"""Each command does its work, and each mistake is one line on stderr with status 2."""

import io
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pushpop.__main__ import main as started
from pushpop.cli.app import COMMANDS
from pushpop.cli.evaluate import within
from pushpop.models.catalogue import FAMILIES
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.corpora import NAMES


def test_help_names_every_command_and_imports_no_torch():
    code = (
        "import sys, time; began = time.perf_counter()\n"
        "from pushpop.cli.app import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(f'{time.perf_counter() - began:.3f} s', file=sys.stderr)\n"
        "assert 'torch' not in sys.modules\n"
    )
    for command in ([], ["train"], *([name] for name in COMMANDS)):
        done = subprocess.run(
            [sys.executable, "-c", code, *command, "--help"], capture_output=True, text=True, check=True
        )
        print(*command, done.stderr.strip())  # how long it took is shown, not judged
        if not command:
            assert all(name in done.stdout for name in (*COMMANDS, "train"))


def test_ctrl_c_before_the_program_is_read_is_one_line_too(monkeypatch, capsys):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "pushpop.cli.app")
    monkeypatch.setattr("builtins.__import__", pressed)
    status = started()
    monkeypatch.undo()
    assert (status, capsys.readouterr().err) == (130, "pushpop: interrupted\n")


def test_tasks_and_models_have_a_line_each(pushpop):
    assert [line.split()[0] for line in pushpop("tasks").out.splitlines()] == list(TASKS)
    assert [line.split()[0] for line in pushpop("tasks", "--corpora").out.splitlines()] == list(NAMES)
    lines = pushpop("models").out.splitlines()
    assert [line.split()[0] for line in lines if line[0] == "@"] == ["@bigram-flip", "@copy", "@reverse"]
    known = list(dict.fromkeys(name for family in FAMILIES.values() for name in family))
    assert [line.split()[0] for line in lines if line[0] not in "-@"] == known


def test_train_prints_one_json_object_and_nothing_else(pushpop, tmp_path, small):
    said = pushpop("train", *small, "--run", tmp_path / "run", "--json")
    assert said.status == 0
    found = json.loads(said.out)
    assert said.out.count("\n") == 1
    assert list(found)[:7] == ["run", "task", "model", "seed", "solved", "steps", "words"]
    assert set(found["validation"]) >= {"coarse", "fine", "token"}


def test_training_a_finished_run_again_prints_its_stored_result(pushpop, small_run, small):
    before = {path.name: path.stat().st_mtime_ns for path in small_run.iterdir()}
    first = json.loads(pushpop("train", *small, "--run", small_run, "--json").out)
    assert first["seconds"] == json.loads((small_run / "metrics.json").read_text())["seconds"]
    assert {path.name: path.stat().st_mtime_ns for path in small_run.iterdir()} == before


def test_an_unsolved_run_fails_where_solving_is_required(pushpop, small_run, small):
    assert pushpop("train", *small, "--run", small_run, "--require-solved").status == 1


def test_a_finished_run_needs_no_settings_to_be_asked_for_again(pushpop, small_run):
    assert pushpop("train", "--run", small_run, "--resume", "--json").status == 0


def test_the_table_is_for_people(pushpop, small_run, small):
    out = pushpop("train", *small, "--run", small_run).out
    assert "not solved" in out
    assert "validation" in out
    assert f"run: {small_run}" in out.replace("\n", "")


def test_a_failed_run_has_status_1(pushpop, tmp_path, small):
    wild = ("--training.optimiser", "sgd", "--training.rate", "1e38", "--training.clip", "0")
    said = pushpop("train", *small, *wild, "--run", tmp_path / "wild")
    assert (said.status, said.error.count("\n")) == (1, 1)
    assert "Traceback" not in said.error


def test_eval_by_length(pushpop, small_run):
    found = json.loads(pushpop("eval", small_run, "--lengths", "4-5,20", "--words", 6, "--json").out)
    assert found["words"] == 12
    assert {"coarse", "fine", "token", "by_length"} <= set(found)
    assert sum(row["words"] for row in found["by_length"] if row["length"] == 20) == 6
    other = json.loads(pushpop("eval", small_run, "--lengths", "4-5,20", "--words", 6, "--seed", 1, "--json").out)
    assert other["words"] == 12
    table = pushpop("eval", small_run, "--lengths", "4-5,20", "--words", 6).out
    assert "4-5" in table
    assert "all" in table


def test_over_a_range_every_length_counts_alike_in_the_benchmark_s_score():
    rows = [
        {"length": length, "coarse": share, "fine": share, "token": share, "position": share, "words": words}
        for length, share, words in ((4, 1.0, 3), (5, 0.5, 1), (9, 0.0, 7))
    ]
    found = within({"by_length": rows}, (4, 5))
    assert found == {"words": 4, "coarse": 0.875, "fine": 0.875, "token": 0.875, "position": 0.75}


def test_eval_says_how_well_pops_undo_pushes(pushpop, small, tmp_path):
    given = ("queue-lstm" if word == "lstm" else word for word in small)
    assert pushpop("train", *given, "--model.memory", "4", "--run", tmp_path / "run", "--quiet").status == 0
    asked = ("eval", tmp_path / "run", "--lengths", "4", "--words", 3)
    found = json.loads(pushpop(*asked, "--json").out)["mismatch"]
    assert set(found) == {"stored", "taken", "mismatch", "length"}
    assert found["length"] == pytest.approx(0.5 / found["mismatch"])
    said = " ".join(pushpop(*asked).out.split())
    assert f"Mismatch: a symbol pushes {found['stored']:.4f} and pops {found['taken']:.4f}, " in said
    assert f"half a cell after {found['length']:,.0f} symbols" in said
    assert json.loads((tmp_path / "run" / "lengths.json").read_text())["mismatch"] == found


def test_eval_keeps_the_scores_at_single_lengths_for_the_report(pushpop, small_run):
    (small_run / "lengths.json").unlink(missing_ok=True)
    for lengths in ("30,20", "4-5,30", "6"):
        pushpop("eval", small_run, "--lengths", lengths, "--words", 2)
    rows = json.loads((small_run / "lengths.json").read_text())["by_length"]
    assert [row["length"] for row in rows] == [6, 20, 30]
    assert {row["words"] for row in rows} == {2}


def test_eval_of_an_unfinished_run_keeps_nothing(pushpop, small_run, tmp_path):
    run = shutil.copytree(small_run, tmp_path / "run")
    (run / "lengths.json").unlink(missing_ok=True)
    (run / "metrics.json").unlink()
    assert pushpop("eval", run, "--lengths", "20", "--words", 2).status == 0
    assert not (run / "lengths.json").exists()


def test_eval_of_words_of_ones_own(pushpop, small_run, tmp_path):
    path = tmp_path / "words"
    path.write_text("1 2 3\n4,5\n")
    assert json.loads(pushpop("eval", small_run, "--file", path, "--json").out)["words"] == 2


def test_predict_says_one_answer_a_line(pushpop, small_run, tmp_path, monkeypatch):
    path = tmp_path / "words"
    path.write_text("1 2 3\n4,5\n6\n")
    of_file = pushpop("predict", small_run, "--file", path)
    assert of_file.out.count("\n") == 3
    monkeypatch.setattr("sys.stdin", io.StringIO(path.read_text()))
    assert pushpop("predict", small_run).out == of_file.out
    assert pushpop("predict", small_run, "--input", "1 2 3").out == of_file.out.splitlines(keepends=True)[0]


def test_report_is_written_where_it_says(pushpop, small_run, tmp_path):
    page = tmp_path / "page.html"
    assert str(page) in pushpop("report", small_run, "--out", page).out
    assert "<html" in page.read_text()


def test_a_stranger_below_the_folder_of_a_report_is_told_and_left_out(pushpop, small_run, tmp_path):
    shutil.copytree(small_run, tmp_path / "runs" / "small")
    (tmp_path / "runs" / "bert").mkdir()
    (tmp_path / "runs" / "bert" / "config.json").write_text("{}")
    said = pushpop("report", tmp_path / "runs", "--out", tmp_path / "page.html")
    assert said.status == 0
    assert said.error == f"report: {tmp_path / 'runs' / 'bert' / 'config.json'}: is not a run's; left out\n"


MISTAKES = [
    (["tran"], 'Did you mean "train"?'),
    (["train", "parsing"], "task: 'parsing' is not known; give one of"),
    (["train", "reverse", "reverse"], "pushpop: 'reverse' is one too many"),
    (["train", "reverse", "--quiet", "copy"], "--quiet takes no value; leave 'copy' out"),
    (["reproduce", "chomsky-2022", "--first", "x"], "--first takes no value; leave 'x' out"),
    (["reproduce", "chomsky-2022", "--first=x"], "--first takes no value; leave '=x' out"),
    (["eval", "{small}", "--rounded", "x"], "--rounded takes no value; leave 'x' out"),
    (["eval", "{small}", "x", "--rounded", "--json"], "pushpop: 'x' is one too many"),
    (["predict", "{small}", "--input", "5", "5"], "pushpop: '5' is one too many"),
    (["train", "--model", "lsmt"], "did you mean 'lstm'?"),
    (["train", "--model"], "--model requires an argument"),
    (["train", "--model.hiden", "3"], "Did you mean --model.hidden? See `pushpop train --help`."),
    (["train", "copy", "--task.kind", "3"], "See `pushpop train copy --help`."),
    (["train", "copy", "--model", "lstm", "--heat", "3"], "See `pushpop train copy --model lstm --help`."),
    (["eval", "{small}", "--heat", "3"], "See `pushpop eval --help`."),
    (["train", "--model", "lstm", "--model.memory", "3"], "--model.memory: no setting of lstm, but of stack-lstm"),
    (["train", "--model=gru", "--model.forget-bias=3"], "--model.forget-bias: no setting of gru, but of stack-lstm"),
    (["train", "--model", "lstm", "--model.memries=3"], "Unknown option: --model.memries"),
    (["train", "{small}", "--resume"], "is a run folder; go on with it by: pushpop train reverse --run "),
    (["train", "--resume", "{damaged}"], "damaged"),
    (["train", "{full}"], "is not known; give one of"),
    (["train", "{broken}"], "is not known; give one of"),
    (["train", ""], "task: '' is not known; give one of"),
    (["train", "--model.hidden", "0"], "model.hidden: 0 is not a size; give 1 or more"),
    (["train", "--model.hidden", "x"], "--model.hidden: 'x' is not a whole number; give one, such as 64"),
    (["train", "--seed", "1.5"], "--seed: '1.5' is not a whole number; give one, such as 64"),
    (["train", "--training.batch", "1.7"], "--training.batch: '1.7' is not a whole number; give one, such as 64"),
    (["eval", "{small}", "--words=1.5"], "--words: '1.5' is not a whole number"),
    (["reproduce", "reversal-seeds", "--workers", "1.5"], "--workers: '1.5' is not a whole number"),
    (["train", "--training.threads", "100000"], "training.threads: 100000 is too many; give 256 or fewer"),
    (["train", "--device", "cuda:99", "--run", "fresh"], "device: cuda:99 is not there; give cpu or auto"),
    (["predict", "{small}", "--device", "cudax", "--input", "5"], "device: 'cudax' is no device"),
    (["train", "--model.wiring", "dirct"], "direct"),
    (["train", "--training.rate", "-1"], "training.rate: -1.0 is not a learning rate; give more than 0"),
    (["train", "--words", "0"], "a run without a budget never ends; give steps, words or seconds"),
    (["train", "--preset", "papr"], "preset: 'papr' is not known; give one of default, paper-2015"),
    (["train", "--config", "nowhere.toml"], "nowhere.toml: there is no such file"),
    (["train", "--config", "{broken}"], "not TOML"),
    (["train", "--config", "{misspelt}"], "model.hiden: no such setting; did you mean 'hidden'?"),
    (["train", "--seed", "-1"], "seed: -1 is out of range"),
    (["train", "--device", "tpu"], "training.device: 'tpu' is no device; give auto, cpu, cuda"),
    (["train", "--run", "{small}"], "holds another run"),
    (["train", "--run", "{broken}"], "give another --run"),
    (["train", "--run", "{full}"], "holds file but no config.json"),
    (["predict", "{missing}", "--input", "5"], "no such run folder; give a folder that `pushpop train` made"),
    (["predict", "{damaged}", "--input", "5"], "damaged"),
    (["predict", "{small}", "--input", ""], "--input: an empty word; give 1 symbol or more"),
    (["predict", "{small}", "--input", "5 x"], "--input: symbol 2 is 'x', not an integer"),
    (["predict", "{small}", "--input", "5 9"], "--input: symbol 2 is 9; symbols are whole numbers from 0 to 8"),
    (["predict", "{small}", "--input", "5", "--file", "x"], "both --input and --file; give one"),
    (["predict", "{small}", "--file", "{broken}"], ":1: symbol 1 is 'x'"),
    (["predict"], "RUN requires an argument"),
    (["eval", "{small}", "--lengths", "x"], "lengths: 'x' is no length; give such as"),
    (["eval", "{small}", "--words", "0"], "words: 0 is too few; give 1 or more"),
    (["eval", "{small}", "--file", "x", "--words", "3"], "--file with --lengths or --words"),
    (["trace", "{small}", "--input", "5"], "trace: EncoderDecoder has no memory"),
    (["trace", "{small}"], "trace: EncoderDecoder has no memory"),
    (["trace", "@copy"], "--input: no word to watch; give one of this run's task, such as --input '"),
    (["trace", "@copy", "--input", " 5" * 501], "pushpop: --input: 501 symbols are too many to watch; give 500 or"),
    (["trace", "@COPY", "--input", "5"], "@COPY: no such network comes with pushpop; did you mean '@copy'? there are"),
    (["play", "{small}"], "play: EncoderDecoder has no memory"),
    (["report"], "no run given; give one or more folders"),
    (["report", "{missing}"], "no such run folder"),
    (["bench", "nothing"], "bench: 'nothing' is not known; there are"),
    (["reproduce", "nothing"], "reproduce: 'nothing' is not a study; there are"),
    (["reproduce", "reversal-seeds", "--seeds", "x"], "--seeds: 'x' is no seed; give such as 0-19"),
]


@pytest.mark.parametrize(("argv", "says"), MISTAKES, ids=[" ".join(argv)[:70] for argv, _ in MISTAKES])
def test_a_mistake_is_one_line_with_a_way_out(argv, says, pushpop, small_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = {name: tmp_path / name for name in ("broken", "misspelt", "missing", "damaged", "full")}
    places["small"] = small_run
    places["broken"].write_text("x = [")
    places["misspelt"].write_text("[model]\nhiden = 3\n")
    for name, inside in (("damaged", "config.json"), ("full", "file")):
        places[name].mkdir()
        (places[name] / inside).write_text("{")
    before = sorted(path for path in tmp_path.rglob("*"))
    said = pushpop(*[token.format(**places) for token in argv])
    assert said.status == 2
    assert said.out == ""
    assert said.error.count("\n") == 1, said.error
    assert says in said.error
    assert sorted(path for path in tmp_path.rglob("*")) == before, "a mistake leaves nothing behind"


def test_the_program_itself_prints_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pushpop", "train", "--model.hidden", "0"], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pushpop: model.hidden: 0 is not a size; give 1 or more\n"


def test_a_reader_who_leaves_is_no_error(small_run):
    command = f"yes 1 2 3 | head -2000 | {sys.executable} -m pushpop predict {small_run} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["models", "tasks"])
def test_a_full_disk_is_one_line(command):
    program = [sys.executable, "-m", "pushpop", command]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "pushpop: stdout: no space left there; write it elsewhere\n")


def test_a_short_listing_into_a_pipe_nobody_reads_says_nothing():
    command = f"{sys.executable} -m pushpop models | true"
    for _ in range(2):
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.stderr == ""


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_too_little_memory_is_one_line(error, pushpop, small_run, monkeypatch):
    from pushpop.experiments import loading

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(loading, "load", fail)
    said = pushpop("predict", small_run, "--input", "5")
    assert (said.status, said.out) == (1, "")
    assert said.error.startswith("pushpop: not enough memory; give smaller")


def test_help_says_no_flag_is_off(pushpop):
    out = pushpop("predict", "--help").out
    assert "[default: auto]" in out
    assert "[default: False]" not in out
    assert "[default: None]" not in out


def test_ctrl_c_says_how_to_go_on_and_that_works(tmp_path, small):
    folder = tmp_path / "run"
    program, endless = [sys.executable, "-m", "pushpop"], ["--words", "1000000000", "--training.log-every", "1"]
    settings = ["train", *small[:-2], "--run", str(folder), *endless]
    child = subprocess.Popen([*program, *settings], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    events = folder / "events.jsonl"
    while not (events.exists() and events.read_text().count("\n") > 3):
        assert child.poll() is None, child.communicate()
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out, error = child.communicate()
    assert (child.returncode, out) == (130, "")
    assert error.count("\n") == 1
    assert error.startswith("pushpop: interrupted; go on with: pushpop train reverse ")
    assert error.endswith("--resume\n")
    assert (folder / "state.pt").exists()
    again = subprocess.run([*program, *settings], capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "--resume" in again.stderr
