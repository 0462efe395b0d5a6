"""`pushpop generate`, and what users of tools like it have complained of: each cannot happen here."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import pushpop as library
from pushpop.cli.app import main
from pushpop.errors import ConfigError, PushpopError, WordError

LINE = 'the cat sat on the mat. a dog, "the dog?" no!\n'
SIZES = ("--model", "gru-lm", "--model.hidden", "16", "--model.embedding", "8", "--task.window", "16")
BUDGET = ("--training.batch", "4", "--steps", "2", "--seed", "1001", "--device", "cpu", "--quiet")


def trained(folder: Path, text: str, *more: str) -> Path:
    corpus = folder / "corpus.txt"
    corpus.write_text(text, encoding="utf-8", newline="")
    run = folder / "run"
    assert main(["train", "text", "--task.corpus", str(corpus), *SIZES, *BUDGET, *more, "--run", str(run)]) == 0
    corpus.unlink()  # what is written needs the run folder alone
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return trained(tmp_path_factory.mktemp("text"), LINE * 60)


@pytest.fixture
def texts(pushpop, run):
    """The texts of one command line's JSON."""

    def call(*argv: object) -> list[str]:
        said = pushpop("generate", run, *argv, "--json")
        assert (said.status, said.error) == (0, "")
        return [sample["text"] for sample in json.loads(said.out)["samples"]]

    return call


@pytest.fixture
def stdin(monkeypatch):
    def give(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def test_it_writes_on_from_the_prefix_and_prints_both(pushpop, run, texts):
    said = pushpop("generate", run, "--prefix", "the cat", "--length", 40)
    assert (said.status, said.error) == (0, "")
    (text,) = texts("--prefix", "the cat", "--length", 40)
    assert len(text) == 40
    assert said.out == f"the cat{text}\n"
    assert len(texts()[0]) == 300
    assert texts("--length", 1)[0] == texts()[0][:1]


def test_the_same_seed_writes_the_same_whatever_else_is_asked(pushpop, run, texts):
    many = texts("--samples", 9, "--length", 30, "--seed", 5)
    assert len(set(many)) == 9
    assert texts("--samples", 2, "--length", 30, "--seed", 5) == many[:2]
    torch.manual_seed(17)
    assert texts("--samples", 9, "--length", 30, "--seed", 5) == many
    assert texts("--length", 30, "--seed", 6) != many[:1]
    whole = pushpop("generate", run, "--samples", 2, "--length", 30, "--seed", 5).out
    assert whole == f"--- sample 1 of 2\n{many[0]}\n--- sample 2 of 2\n{many[1]}\n"
    assert pushpop("generate", run, "--samples", 2, "--length", 30, "--seed", 5, "--stream").out == whole


def test_json_is_one_object_and_nothing_else(pushpop, run):
    said = pushpop("generate", run, "--prefix", "a", "--samples", 2, "--length", 9, "--top-k", 3, "--seed", 4, "--json")
    assert said.out.count("\n") == 1
    found = json.loads(said.out)
    assert list(found) == ["run", "prefix", "settings", "samples"]
    assert (found["run"], found["prefix"]) == (str(run), "a")
    assert found["settings"] == {"top_k": 3, "top_p": 1.0, "guard": False, "length": 9, "complete": False}
    for number, sample in enumerate(found["samples"]):
        assert (sample["seed"], sample["sample"], sample["temperature"]) == (4, number, 1.0)
    assert json.loads(pushpop("generate", run, "--length", 1, "--json").out)["prefix"] is None


def test_temperature_divides_and_its_inverse_multiplies(texts):
    assert texts("--inverse-temperature", 4) == texts("--temperature", 0.25) != texts()
    assert texts("--greedy") == texts("--temperature", 0) == texts("--top-k", 1) == texts("--temperature", 1e-6)
    assert texts("--temperature", 1) == texts() == texts("--top-k", 0) == texts("--top-p", 1)
    assert texts("--top-p", 0.5) != texts()


def test_one_prefix_at_several_temperatures_is_a_table(pushpop, run, texts):
    given = ("--prefix", "the", "--temperatures", "0,0.5,2", "--length", 30)
    assert texts(*given) == [
        texts("--prefix", "the", "--length", 30, "--temperature", one)[0] for one in ("0", "0.5", "2")
    ]
    out = pushpop("generate", run, *given).out
    assert all(start in out for start in (" temperature ", " 0   the", " 0.5   the", " 2   the"))


def test_the_guard_ends_loops(texts):
    assert texts("--greedy", "--length", 900, "--guard") != texts("--greedy", "--length", 900)


def test_a_sentence_may_be_all(texts):
    long, ended = texts("--samples", 3, "--length", 900), texts("--samples", 3, "--length", 900, "--complete")
    for text, start in zip(long, ended, strict=True):
        assert text.startswith(start)
        assert start == text or start[-1] in '.!?"'
        assert start == text or text[len(start)].isspace() or start[-1] == '"'
    assert any(len(start) < 200 for start in ended)


def test_a_prefix_comes_from_a_file_or_stdin_with_its_lines(pushpop, run, texts, stdin, tmp_path):
    path = tmp_path / "prefix"
    path.write_text(LINE * 2)
    (text,) = texts("--prefix", LINE * 2)
    assert texts("--prefix-file", path) == [text]
    assert pushpop("generate", run, "--prefix-file", path).out == f"{text}\n", "a file is not printed again"
    stdin((LINE * 2).encode())
    assert texts("--prefix-file", "-") == [text]
    path.write_bytes(b"\xef\xbb\xbf" + (LINE * 2).encode())
    assert texts("--prefix-file", path) == [text], "a mark of an editor's is no part of it"


@pytest.mark.parametrize("characters", [10_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_prefix_of_a_million_characters_is_read(characters, texts, tmp_path):
    path = tmp_path / "prefix"
    path.write_text((LINE * 25_000)[:characters])
    assert len(texts("--prefix-file", path, "--length", 20)[0]) == 20


def test_characters_that_are_not_known_have_a_place_and_a_policy(pushpop, run, texts, tmp_path):
    path = tmp_path / "prefix"
    path.write_text("the cat\nsat ∑")
    said = pushpop("generate", run, "--prefix-file", path)
    assert (said.status, said.out) == (2, "")
    assert said.error.startswith(f"pushpop: {path}: line 2, column 5, offset 12: '∑' (U+2211) is not among the 18 ")
    assert "--unknown map" in said.error
    assert len(texts("--prefix-file", path, "--unknown", "map")[0]) == 300
    assert pushpop("generate", run, "--prefix", "ZOË", "--unknown", "map", "--length", 3).out.startswith("ZOË")


def test_without_a_prefix_nothing_is_asked_that_may_be_missing(pushpop, tmp_path):
    """Tools with a prompt of their own failed where the text had not its characters, or no line's end."""
    run = trained(tmp_path, "abc abd " * 300)
    said = pushpop("generate", run, "--length", 30)
    assert (said.status, len(said.out)) == (0, 31)
    assert set(said.out[:-1]) <= set("abcd ")


def test_unicode_is_characters_and_never_half_of_one(pushpop, tmp_path):
    run = trained(tmp_path, "Ça va? Où ça — à l'été 😀. " * 100)
    said = pushpop("generate", run, "--prefix", "Où ça", "--length", 200)
    assert (said.status, len(said.out)) == (0, len("Où ça") + 201)
    assert set(said.out) & set("Çùàé—😀")
    assert "\ufffd" not in said.out


def test_bytes_are_shown_as_text_when_they_are_whole(pushpop, tmp_path, stdin):
    run = trained(tmp_path, "Ça va? Où ça — à l'été 😀. " * 100, "--task.unit", "bytes")
    asked = ("--prefix", "Où ∑", "--length", "300")
    (shown,) = json.loads(pushpop("generate", run, *asked, "--json").out)["samples"]
    assert "\ufffd" in shown["text"]
    for stream in ([], ["--stream"]):  # a file or a pipe gets the bytes that were written, not what stands for them
        done = subprocess.run(program(run, *asked, *stream), capture_output=True, check=True)
        assert len(done.stdout) == len("Où ∑".encode()) + 301
        assert done.stdout.decode("utf-8", "replace") == f"Où ∑{shown['text']}\n"
        assert b"\xef\xbf\xbd" not in done.stdout
    stdin(b"\xff\xfe not UTF-8")
    found = json.loads(pushpop("generate", run, "--prefix-file", "-", "--length", 3, "--json").out)
    assert found["prefix"] == "\ufffd\ufffd not UTF-8"


def test_weights_that_went_out_of_range_are_told_of(pushpop, run, monkeypatch):
    def spoilt(model, path):
        for weights in model.parameters():
            torch.nn.init.constant_(weights, torch.nan)

    monkeypatch.setattr("pushpop.experiments.loading.read_weights", spoilt)
    said = pushpop("generate", run)
    assert (said.status, said.out, said.error.count("\n")) == (2, "", 1)
    assert "are no numbers" in said.error
    assert "train again" in said.error


def test_what_was_trained_elsewhere_is_opened_here(run, monkeypatch):
    """Weights name no device, so none has to be there; and a model out of a run folder leaves dropout alone."""
    loaded = library.load(run, "cpu")
    assert {weights.device.type for weights in loaded.model.parameters()} == {"cpu"}
    assert not loaded.model.training


def test_python_says_the_same(run, texts):
    found = library.load(run, "cpu")
    assert found.generate("the cat", samples=2, length=50, seed=3, temperature=0.5, top_k=9, top_p=0.9) == texts(
        *("--prefix", "the cat", "--samples", 2, "--length", 50, "--seed", 3),
        *("--temperature", 0.5, "--top-k", 9, "--top-p", 0.9),
    )
    assert found.generate(length=900, temperature=0, guard=True) == texts("--greedy", "--guard", "--length", 900)
    assert found.generate(length=900, complete=True) == texts("--length", 900, "--complete")
    with pytest.raises(ConfigError, match="temperature: -1"):
        found.generate(temperature=-1)
    with pytest.raises(WordError, match=r"^prefix: line 1, column 1"):
        found.generate("∑")


MISTAKES = [
    (["--temperature", "-1"], "temperature: -1.0 is no temperature; give 0 (greedy) or more"),
    (["--temperature", "nan"], "temperature: nan"),
    (["--temperature", "hot"], "--temperature: 'hot' is not a number"),
    (
        ["--inverse-temperature", "0"],
        "--inverse-temperature: 0.0 is none of a temperature; give more than 0, such as 2",
    ),
    (["--inverse-temperature", "nan"], "--inverse-temperature: nan"),
    (["--inverse-temperature", "1e-320"], "--inverse-temperature: 1e-320"),
    (["--inverse-temperature", "inf"], "--inverse-temperature: inf"),
    (["--temperatures", "0.5,x"], "--temperatures: 'x' is no temperature; give a list such as 0,0.5,1,2"),
    (["--temperatures", "0.5,-1"], "temperature: -1.0"),
    (["--temperature", "1", "--inverse-temperature", "1"], "both --temperature and --inverse-temperature"),
    (["--greedy", "--temperature", "1"], "both --greedy and --temperature"),
    (["--greedy", "--temperatures", "1,2"], "both --greedy and --temperatures"),
    (["--greedy", "--top-k", "3"], "--greedy with --top-k"),
    (["--greedy", "--top-p", "0.3"], "--greedy with --top-p"),
    (["--top-k", "-1"], "top_k: -1 is no number of symbols; give 1 or more, or 0 for all"),
    (["--top-k", "1.5"], "--top-k: '1.5' is not a whole number"),
    (["--top-p", "0"], "top_p: 0.0 is no share; give more than 0 and at most 1"),
    (["--length", "-1"], "--length: -1 is below 0; give 1 or more, or 0 for text without end"),
    (["--length", "0", "--json"], "--length: 0 is without end, which --json would wait for; give 1 or more"),
    (["--length", "0", "--samples", "2"], "--length: 0 is without end, which --samples would wait for"),
    (["--length", "0", "--temperatures", "1,2"], "--length: 0 is without end, which --temperatures would wait for"),
    (["--stream", "--json"], "both --stream and --json, which is printed at the end"),
    (["--stream", "--temperatures", "1,2"], "both --stream and --temperatures"),
    (["--samples", "0"], "--samples: 0 is too few; give 1 or more"),
    (["--prefix", ""], "--prefix: nothing in it; give one character or more, or leave it out"),
    (["--prefix", "a", "--prefix-file", "b"], "both --prefix and --prefix-file; give one of them"),
    (["--prefix", "Q"], "--prefix: line 1, column 1, offset 0: 'Q' (U+0051) is not among the 18 characters"),
    (["--prefix", "-"], "--prefix: line 1, column 1, offset 0: '-' (U+002D)"),
    (["--prefix", "\udcff"], "--prefix: line 1, column 1, offset 0: '\\udcff'"),
    (["--prefix-file", "nowhere"], "nowhere: cannot be read (no such file or directory); give a file of text, or -"),
    (["--prefix-file", "."], ".: cannot be read (is a directory)"),
    (["--prefix-file", "empty"], "empty: nothing in it; give one character or more, or leave it out"),
    (["--prefix-file", "latin"], "latin: line 2, column 4, offset 5: byte 0xe9 is not UTF-8; save it as UTF-8 text"),
    (["--unknown", "skip"], '"refuse", "map"'),
    (["--device", "cudax"], "device: 'cudax' is no device"),
]


@pytest.mark.parametrize(
    ("argv", "says"), MISTAKES, ids=[" ".join(argv).encode("utf-8", "replace") for argv, _ in MISTAKES]
)
def test_a_mistake_is_one_line_with_a_way_out(argv, says, pushpop, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "latin").write_bytes("a\ncafé".encode("latin-1"))
    said = pushpop("generate", run, *argv)
    assert (said.status, said.out) == (2, "")
    assert said.error.count("\n") == 1
    assert says in said.error


def test_a_run_on_words_writes_no_text_and_one_on_text_answers_no_words(pushpop, run, small_run):
    said = pushpop("generate", small_run)
    assert said == (
        2,
        "",
        f"pushpop: generate: {small_run} is a run on words; use `pushpop predict`, or give another run\n",
    )
    said = pushpop("predict", run, "--input", "5")
    assert said == (2, "", f"pushpop: predict: {run} is a run on text; use `pushpop generate`, or give another run\n")
    with pytest.raises(PushpopError, match="use `pushpop predict`"):
        library.load(small_run).generate()


def program(run: Path, *argv: str) -> list[str]:
    return [sys.executable, "-m", "pushpop", "generate", str(run), *argv]


def test_text_without_end_streams_until_ctrl_c(run):
    child = subprocess.Popen(program(run, "--length", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = child.stdout.read(400)
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    rest, error = child.communicate()
    assert (child.returncode, error) == (130, b"pushpop: interrupted\n")
    assert rest.endswith(b"\n")
    (whole,) = library.load(run).generate(length=400)
    assert first.decode() == whole


def test_a_reader_who_has_had_enough_is_no_error(run):
    command = f"{' '.join(program(run, '--length', '0'))} | head -c 100"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 100, "")


def test_a_terminal_gets_nothing_that_it_would_obey(tmp_path):
    run = trained(tmp_path, "".join(map(chr, range(1, 128))) * 40, "--task.unit", "bytes")
    master, slave = pty.openpty()
    done = subprocess.run(program(run, "--length", "400", "--temperature", "9"), stdout=slave, check=True)
    os.close(slave)
    seen = b""
    while chunk := (os.read(master, 1 << 16) if done.returncode == 0 else b""):
        seen += chunk
        if seen.endswith(b"\n") and len(seen) > 400:
            break
    os.close(master)
    assert set(seen) & set(range(32)) <= set(b"\r\n\t")
    assert b"\xe2\x90\x9b" in seen, "escape is shown by its sign"


def test_what_is_written_is_utf8_wherever_one_is(tmp_path):
    run = trained(tmp_path, "Où ça — à l'été. " * 100)
    latin = os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run(program(run, "--prefix", "—"), env=latin, capture_output=True, check=True)
    assert done.stdout.decode("utf-8").startswith("—")


@pytest.mark.parametrize("model", ["stack-lstm-lm", "superposition-lstm-lm", "transformer-lm"])
def test_models_of_text_are_trained_from_the_command_line(model, pushpop, tmp_path):
    """Their options are found, the folder goes on, and what was learned writes."""
    (tmp_path / "book.txt").write_text("".join(f"{n} green bottles. " for n in range(60)))
    sizes = ["--model.hidden", "16", "--training.batch", "4", "--task.window", "8", "--words", "0"]
    given = ["train", "text", "--model", model, "--corpus", tmp_path / "book.txt", *sizes, "--run", tmp_path / "run"]
    assert "--model.hidden" in pushpop("train", "text", "--model", model, "--help").out
    assert pushpop(*given, "--steps", "2", "--quiet").status == 0
    assert pushpop(*given, "--steps", "2", "--quiet", "--resume").status == 0
    assert len(pushpop("generate", tmp_path / "run", "--prefix", "1 green", "--length", "5").out) > 7
