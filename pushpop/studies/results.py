"""The README's tables out of the committed summaries in `docs/results`, so that no figure of them is typed by hand.

From the root of a clone, `python -m pushpop.studies.results` writes the tables anew; given the summary of a study that
has ended, or what `pushpop bench --json` printed, it keeps that one in `docs/results` first.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError, PushpopError
from pushpop.evaluation.metrics import wilson
from pushpop.reporting.published import PUBLISHED, Published
from pushpop.reporting.records import SPLITS, read_json
from pushpop.reporting.tables import runs_of, spread
from pushpop.reporting.writing import Cell, Table
from pushpop.studies.comparisons import told
from pushpop.studies.made_graphs import HEADINGS
from pushpop.studies.result_tables import (
    Summary,
    claims_section,
    document,
    made_with,
    tables_section,
    typed,
    variants_section,
)
from pushpop.training.durable import write_whole

README, RESULTS = Path("README.md"), Path("docs", "results")
SCORES = ("coarse", "fine")
Trials = Sequence[Mapping[str, Any]]


def page(text: str, results: Path) -> str:
    """A page with its tables as the summaries in `results` give them; where there is no summary, no table.

    Raises:
        ConfigError: the page has no place for a table that there is.
        RunError: a summary is damaged.
    """
    for name, section in SECTIONS.items():
        opening, closing = f"<!-- {name}: written by `python -m pushpop.studies.results` -->", f"<!-- end of {name} -->"
        before, opened, rest = text.partition(opening)
        _, closed, after = rest.partition(closing)
        stored = results / f"{name}.json"
        if not (opened and closed):
            if not stored.exists():
                continue
            raise ConfigError(
                f"README: has no place for the table {name}; put two lines there, {opening} and {closing}"
            )
        body = f"{section(read_json(stored))}\n" if stored.exists() else ""
        text = f"{before}{opening}\n\n{body}{closing}{after}"
    return text


def seeds_section(summary: Summary) -> str:
    """A study over seeds: solved, how soon and how right, published figures below; lengths; and how it was done."""
    trials = by_model(summary)
    lines = [f"- `{model}`, seeds {runs_of([one['seed'] for one in some])}: "
             + ", ".join(f"`{command}`" for command in dict.fromkeys(typed(one["command"], "--seed") for one in some))
             for model, some in trials.items()]  # fmt: skip
    tables = [headline(trials), *(lengths(model, some) for model, some in trials.items() if rows_at(some))]
    return "\n".join([*map(document, tables), f"{origin(summary)}\n", *lines, ""])


def by_model(summary: Summary) -> dict[str, Trials]:
    """The trials of each model, failed ones too, in the study's order."""
    models = dict.fromkeys(one["model"] for one in summary["trials"])
    return {model: [one for one in summary["trials"] if one["model"] == model] for model in models}


def headline(trials: Mapping[str, Trials]) -> Table:
    """A row a model, then a row for each published network."""
    columns = ("model", "solved", "words seen", "seconds", *(f"{split} {name}" for split in SPLITS for name in SCORES))
    published = PUBLISHED["reverse"]
    rows = [ours(model, some) for model, some in trials.items()] + [theirs(entry) for entry in published]
    caption = (
        "Solved: every validation and test word wholly right; of all seeds, with the 95 % Wilson interval. The rest: "
        "medians over seeds, with the lowest and highest. Seconds hang on what else the machine does, words do not. "
    )
    caption += " ".join(dict.fromkeys(entry.note for entry in published))
    return Table("Solved, by model", columns, tuple(rows), caption)


def ours(model: str, trials: Trials) -> tuple[Cell, ...]:
    scores = [[one[split][name] for one in trials if one.get(split)] for split in SPLITS for name in SCORES]
    return (
        f"**{model}**",
        out_of(sum(bool(one.get("solved")) for one in trials), len(trials)),
        spread(one.get("words") for one in trials),
        spread(None if one.get("seconds") is None else round(one["seconds"]) for one in trials),
        *(spread(round(score, 3) for score in some) for some in scores),
    )


def theirs(entry: Published) -> tuple[Cell, ...]:
    solved = out_of(*entry.solved) if entry.solved else None
    scores = (found.get(name) for found in (entry.validation, entry.test) for name in SCORES)
    return (f"*{entry.source}: {entry.network}*", solved, entry.words, None, *scores)


def lengths(model: str, trials: Trials) -> Table:
    """How many seeds are exact at each length tried, as trained and with rounded strengths."""
    rows = []
    for length, found in rows_at(trials).items():
        views = [[row["coarse"] for row in found], [row["rounded"]["coarse"] for row in found if row.get("rounded")]]
        # a run that failed is one of the seeds, and not exact
        seen = [(out_of(sum(one == 1 for one in view), len(trials)), spread(view)) for view in views if view]
        rows.append((length, found[0]["words"], *seen[0], *(seen[1:] or [(None, None)])[0]))
    columns = ("length", "words each", "seeds exact", "coarse", "seeds exact, rounded", "coarse, rounded")
    caption = (
        f"The same runs of {model} on longer words. Exact: all of them wholly right. Rounded: push and pop strengths "
        "above 1/2 taken as 1, the others as 0."
    )
    return Table(f"Far beyond the training lengths: {model}", columns, tuple(rows), caption)


def rows_at(trials: Trials) -> dict[int, list[Mapping[str, Any]]]:
    """What was scored at each length, over the seeds."""
    rows = [row for one in trials for row in one.get("by_length") or []]
    tried = dict.fromkeys(row["length"] for row in rows)
    return {length: [row for row in rows if row["length"] == length] for length in tried}


def out_of(right: int, seeds: int) -> str:
    """How many of how many, with the Wilson interval of the share."""
    low, high = wilson(right, seeds)
    return f"{right} of {seeds} ({low:.3f} to {high:.3f})"


def origin(summary: Summary) -> str:
    """Where a study's figures come from."""
    abreast = f"{summary['workers']} runs side by side" if summary["workers"] > 1 else "one run at a time"
    stamp = made_with(summary)
    return f"{stamp}; {abreast}, one thread each. To see it again: `pushpop reproduce {summary['study']}`. It trained:"


def bench_section(result: Mapping[str, Any]) -> str:
    """Our training step beside the other formulations."""
    columns = ("row", "engine", "beside", "batch", "lengths", "found", "target", "ms a step", "words/s", "of sgemm")
    rows = tuple(
        (row["name"], row["engine"], row["baseline"], row["batch"], row["lengths"], f"**{found}**", target,
         f"{1000 * row['seconds']:.2f}", round(row["words_per_second"]), f"{row['fraction_of_sgemm']:.0%}")
        for row, (found, target) in ((row, told(row)) for row in result["rows"])
    )  # fmt: skip
    caption = (
        "A training step of the engine beside the same network in another formulation, or beside what is named; found: "
        "how many times as fast, how many times its time (growth: or memory), or the share of the rate of sgemm."
    )
    caption += "".join(f" Left out: {row['name']} ({row['reason']})." for row in result.get("skipped", ()))
    stamp = f" {made_with(result)}." if result.get("version") else ""
    notes = "\n".join(f"- {note}" for note in result.get("notes", ()))
    folded = f"\n<details><summary>How it was measured</summary>\n\n{notes}\n\n</details>\n" if notes else ""
    return f"{document(Table('Training step', columns, rows, caption + stamp))}{folded}"


SECTIONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "reversal-seeds": seeds_section,
    "rules": variants_section("rules", "far", "foretold"),
    "reverse-and-copy": variants_section("rules", "far"),
    "packaged-networks": claims_section("packaged_networks.py", networks=""),
    "reliability": claims_section(
        "reliability.py",
        factors="Factor by factor:",
        together="Two factors together:",
        cells="Cell by cell:",
    ),
    "grefenstette-2015": claims_section("grefenstette_claims.py", networks="", cells="Cell by cell:"),
    "cs281-reversal": claims_section("cs281_claims.py", networks="", parts=""),
    "uva-2020": claims_section(
        "uva_claims.py",
        steps="Steps to convergence, mean ± standard deviation over seeds:",
        peepholes="The disagreement about peephole cells, palindromes of 20:",
    ),
    "uva-2020-graphs": claims_section(
        "uva_graph_claims.py` and `made_graph_claims.py",
        **{
            "cora": "Cora, the class of a paper:",
            "citeseer": "Citeseer, the class of a paper:",
            "cora-links": "Cora, citations taken out:",
            "citeseer-links": "Citeseer, citations taken out:",
            "speed": "An epoch on Cora:",
            **{name: f"{heading}:" for name, heading in HEADINGS.items()},
            "deep": "Breadth-first search where it is deep:",
        },
    ),
    "chomsky-2022": claims_section(
        "chomsky.py",
        means="Scores on lengths 41 to 500, per cent:",
        rounded="The same with rounded strengths, per cent:",
        best="Beside the highest published score:",
    ),
    "call-stack-2023": claims_section("call_stack_claims.py", stacks="Predecessors in a depth-first search:"),
    "text-minutes": tables_section("minutes"),
    "uva-2020-text": claims_section(
        "uva_text_claims.py",
        networks="",
        temperatures="What they write at the study's temperatures:",
        completions="Its prompts, each completed by the 30 likeliest characters:",
    ),
    "brackets": claims_section("brackets.py", dyck="Dyck words of four kinds of brackets:", json="JSON:"),
    "bench": bench_section,
}


def portable(result: Mapping[str, Any]) -> dict[str, Any]:
    """A summary without the folders of the machine that made it."""
    trials = [{**one, "command": typed(one["command"])} for one in result.get("trials", ())]
    return {**result, **({"trials": trials} if trials else {})}


def keep(summary: Path, results: Path) -> Path:
    """Store a summary under the name of its study among those that are committed; gives its path.

    Raises:
        ConfigError: it is of no study that has a table, or of one in small.
        RunError: it is missing or damaged.
    """
    found = read_json(summary)
    name = str(found.get("study", "bench" if "rows" in found else ""))
    if name not in SECTIONS:
        raise ConfigError(f"{summary}: is a summary of {name or 'nothing known'}; give one of {', '.join(SECTIONS)}")
    if found.get("quick"):
        raise ConfigError(f"{summary}: a quick study shows only that all works; give one without --quick")
    out = results / f"{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, (json.dumps(portable(found), indent=1) + "\n").encode())
    return out


def main(arguments: Sequence[str]) -> None:
    """Keep the summaries that are given, then write the page's tables anew."""
    try:
        for summary in arguments:
            keep(Path(summary), RESULTS)
        if not README.exists():
            raise ConfigError(f"{README}: is not here; go to the root of a clone")
        write_whole(README, page(README.read_text(encoding="utf-8"), RESULTS).encode())
    except PushpopError as error:
        sys.exit(f"results: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
