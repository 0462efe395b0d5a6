"""The README's tables are what the committed summaries give, and nothing in these is of one machine's folders."""

import json
import re
from pathlib import Path

import pytest

from pushpop.errors import ConfigError, RunError
from pushpop.studies import results

ROOT = Path(__file__).parents[2]
RIGHT, WRONG = ({"coarse": share, "fine": share, "token": share, "words": 1000} for share in (1.0, 0.25))
PLACES = "".join(
    f"before {name}\n<!-- {name}: written by `python -m pushpop.studies.results` -->\nold\n<!-- end of {name} -->\n"
    for name in results.SECTIONS
)


def trial(model, seed, solved=True, options="", **more):
    """What a study's summary holds of one run."""
    scores = RIGHT if solved else WRONG
    command = f"pushpop train reverse --model {model}{options} --seed {seed} --run '/home/me/s {seed}' --resume --json"
    return {"model": model, "seed": seed, "run": f"{model}-s{seed}", "failure": None, "command": command,
            "solved": solved, "words": 100 + seed, "seconds": 2.0 + seed, "validation": scores, "test": scores,
            **more}  # fmt: skip


def scored(soft, hard):
    return {"by_length": [{**RIGHT, "length": 256, "words": 10, "coarse": soft, "rounded": {**RIGHT, "coarse": hard}}]}


@pytest.fixture
def summary():
    """Of three seeds of one model two are solved and one failed; one seed of another is not solved."""
    failed = {"failure": "the loss is nan", "solved": None, "words": None, "seconds": None}
    failed |= {"validation": None, "test": None, "by_length": None}
    trials = [
        trial("stack-lstm", 0, **scored(1.0, 1.0)),
        trial("stack-lstm", 1, **scored(0.5, 1.0)),
        trial("stack-lstm", 2, **failed),
        trial("rnn", 0, solved=False, options=" --model.layers 4", by_length=[]),
    ]
    return {"study": "reversal-seeds", "quick": False, "version": "0.1.0", "commit": "c0ffee" * 6, "workers": 2,
            "machine": "a good one", "trials": trials}  # fmt: skip


def cells(text, first):
    """The cells of the row that begins so."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("| ").split(" | ")]


def test_the_readme_shows_what_the_committed_summaries_give():
    text = (ROOT / "README.md").read_text()
    made = results.page(text, ROOT / results.RESULTS)
    assert text == made, "write it anew with `python -m pushpop.studies.results`"


def test_a_figure_changed_by_hand_is_noticed(summary, tmp_path):
    (tmp_path / "reversal-seeds.json").write_text(json.dumps(summary))
    made = results.page(PLACES, tmp_path)
    assert results.page(made, tmp_path) == made
    better = made.replace("2 of 3", "3 of 3")
    assert better != made
    assert results.page(better, tmp_path) == made


def test_committed_summaries_are_of_whole_studies_and_name_no_folder():
    for stored in (ROOT / results.RESULTS).glob("*.json"):
        text = stored.read_text()
        found = json.loads(text)
        assert stored.stem in results.SECTIONS
        assert not found.get("quick")
        assert re.fullmatch(r"[0-9a-f]{40}(, [0-9a-f]{40})*", found["commit"]), "of commits that others can check out"
        assert not re.search(r"(?<![\w.])[/~]/?\w+/|--run", text), f"{stored.name} names a folder of one machine"


def test_every_seed_counts_and_published_figures_stand_below(summary):
    text = results.seeds_section(summary)
    assert cells(text, "**stack-lstm**")[1:4] == [
        "2 of 3 (0.208 to 0.939)", "100 (100 to 101)", "2.5 (2 to 3)",
    ]  # fmt: skip
    assert cells(text, "**rnn**")[1:] == ["0 of 1 (0.000 to 0.793)", "100", "2", "0.250", "0.250", "0.250", "0.250"]
    assert cells(text, "*CS281 study 2019: RNN 4 × 256*")[4:] == ["0.741", "–", "0.000", "–"]
    assert cells(text, "*CS281 study 2019: LSTM 2 × 256*")[4:] == ["0.505", "–", "0.000", "–"]
    stack = cells(text, "*CS281 study 2019: LSTM + stack, 64h 64e*")
    assert (stack[1], stack[4:]) == ("5 of 9 (0.267 to 0.811)", ["1.000", "–", "1.000", "–"])


def test_exact_seeds_at_a_length_are_out_of_all_seeds_soft_and_rounded(summary):
    row = cells(results.seeds_section(summary), "256")
    assert row[1:] == ["10", "1 of 3 (0.061 to 0.792)", "0.750 (0.500 to 1.000)", "2 of 3 (0.208 to 0.939)", "1.000"]


def test_it_is_said_how_to_train_these_runs_and_with_what(summary):
    text = results.seeds_section(results.portable(summary))
    assert "- `stack-lstm`, seeds 0-2: `pushpop train reverse --model stack-lstm`\n" in text
    assert "- `rnn`, seeds 0: `pushpop train reverse --model rnn --model.layers 4`\n" in text
    assert "pushpop 0.1.0, commit `c0ffeec0ffee`, on a good one; 2 runs side by side" in text


def test_a_bench_is_told_as_ratios(tmp_path):
    row = {"name": "dense-50", "batch": 50, "lengths": "8-64", "engine": "fused", "baseline": "dense-triangular",
           "seconds": 0.0125, "spread": 0.001, "words_per_second": 4000.0, "ratio": 12.34, "gflops": 30.0,
           "fraction_of_sgemm": 0.25, "figure": "ratio", "found": 12.34, "target": "≥ 12x",
           "met": True}  # fmt: skip
    queue = {**row, "name": "queue-50", "baseline": "stack-lstm", "figure": "time", "found": 1.2345, "met": False}
    alone = {**row, "name": "sgemm-64", "baseline": "sgemm", "ratio": None, "figure": "sgemm", "found": 0.25,
             "target": None, "met": None}  # fmt: skip
    found = {"rows": [row, queue, alone], "sgemm_gflops": 100.0, "notes": ["the same words"], "version": "0.1.0"}
    found |= {"commit": "c0" * 20, "skipped": [{"name": "jax-10", "reason": "jax is not installed"}]}
    (tmp_path / "bench.json").write_text(json.dumps({**found, "machine": "a good one"}))
    text = results.page(PLACES, tmp_path)
    assert cells(text, "dense-50")[1:] == [
        "fused", "dense-triangular", "50", "8-64", "**12.3x**", "≥ 12x met", "12.50", "4,000", "25%",
    ]  # fmt: skip
    assert cells(text, "queue-50")[5:7] == ["**1.23x time**", "≥ 12x missed"]
    assert cells(text, "sgemm-64")[5:7] == ["**25% sgemm**", "–"]
    assert "Left out: jax-10 (jax is not installed)." in text
    assert "- the same words\n" in text
    assert "commit `c0c0c0c0c0c0`, on a good one" in text


def test_without_a_summary_there_is_no_table(tmp_path):
    text = results.page(PLACES, tmp_path)
    assert "old" not in text
    assert "|" not in text
    assert results.page("# A page\n", tmp_path) == "# A page\n", "where there is no summary, no place is missed"
    (tmp_path / "reversal-seeds.json").write_text("{}")
    with pytest.raises(ConfigError, match="has no place for the table reversal-seeds; put two lines there, <!-- rev"):
        results.page("# A page\n", tmp_path)


def test_what_variants_trained_is_told_once_with_their_seeds(summary):
    table = {"columns": ["task and network", "are"], "rows": [["reverse, stack-lstm", "1 of 3"]], "caption": "So many."}
    text = results.SECTIONS["rules"]({**summary, "study": "rules", "rules": table})
    assert cells(text, "reverse, stack-lstm") == ["reverse, stack-lstm", "1 of 3"]
    assert "- `pushpop train reverse --model stack-lstm`, seeds 0-2\n" in text
    assert "`pushpop reproduce rules`" in text


def test_a_summary_is_kept_without_its_folders_and_the_page_follows(summary, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text(PLACES)
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    results.main(["summary.json"])
    kept = (tmp_path / "docs" / "results" / "reversal-seeds.json").read_text()
    assert "/home/me" not in kept
    commands = [one["command"] for one in json.loads(kept)["trials"]]
    assert commands[3] == "pushpop train reverse --model rnn --model.layers 4 --seed 0"
    assert {**json.loads(kept), "trials": None} == {**summary, "trials": None}
    assert "2 of 3" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"study": "reversal-seeds", "quick": True}, "a quick study shows only that all works; give one without"),
        (
            {"study": "copying"},
            "is a summary of copying; give one of reversal-seeds, ",
        ),
        (
            {},
            "is a summary of nothing known; give one of reversal-seeds, ",
        ),
    ],
)
def test_what_is_no_result_is_not_kept(content, said, tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=said):
        results.keep(tmp_path / "summary.json", tmp_path)
    with pytest.raises(RunError, match="cannot be read"):
        results.keep(tmp_path / "none.json", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


def test_outside_a_clone_it_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"results: README.md: is not here; go to the root of a clone"):
        results.main([])
    assert list(tmp_path.iterdir()) == []
