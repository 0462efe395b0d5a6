"""Parts of the README made of the tables that a summary holds in words: with verdicts, or with what was trained."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pushpop.reporting.tables import runs_of
from pushpop.reporting.writing import Table, markdown

Summary = Mapping[str, Any]


def claims_section(rules: str, **tables: str) -> Callable[[Summary], str]:
    """A study with a verdict for each of its claims, whose rules stand in the module `rules`; and these tables of it,
    each with a line above it, which may be empty; a part that a study has not yet come to has none."""

    def section(summary: Summary) -> str:
        rows = tuple((one["says"], f"**{one['verdict']}**", one["evidence"]) for one in summary["verdicts"])
        caption = "Each verdict is made by a rule from the runs; the rules stand in the study's page, and in "
        verdicts = Table("Claims", ("claim", "verdict", "evidence"), rows, f"{caption}`pushpop/studies/{rules}`.")
        others = [replace(in_full(summary[name]), title=above) for name, above in tables.items() if name in summary]
        pages = [f"{table.title}\n\n{document(table)}" if table.title else document(table) for table in others]
        return "\n".join([document(verdicts), *pages, f"{again(summary)}\n"])

    return section


def tables_section(*tables: str) -> Callable[[Summary], str]:
    """A study of which these tables are shown, and what it trained."""

    def section(summary: Summary) -> str:
        found = [in_full(summary[name]) for name in tables]
        lines = [f"- `{typed(one['command'])}`" for one in summary["trials"]]
        return "\n".join([*map(document, found), f"{again(summary)} It trained:\n", *lines, ""])

    return section


def variants_section(*tables: str) -> Callable[[Summary], str]:
    """A study of which these tables are shown, and what each of its variants trained, from which seeds."""

    def section(summary: Summary) -> str:
        found = [in_full(summary[name]) for name in tables if name in summary]
        seeds: dict[str, list[int]] = {}
        for one in summary["trials"]:
            seeds.setdefault(typed(one["command"], "--seed"), []).append(one["seed"])
        lines = [f"- `{command}`, seeds {runs_of(some)}" for command, some in seeds.items()]
        return "\n".join([*map(document, found), f"{again(summary)} It trained:\n", *lines, ""])

    return section


def in_full(kept: Mapping[str, Any]) -> Table:
    """A table that a summary holds in words."""
    return Table("", tuple(kept["columns"]), tuple(map(tuple, kept["rows"])), kept.get("caption", ""))


def again(summary: Summary) -> str:
    """Where figures come from, and how to have them again."""
    budget = "" if summary.get("budget", 1) == 1 else f" --budget {summary['budget']:g}"
    first = " --first" if summary.get("first") else ""
    return f"{made_with(summary)}. To see it again: `pushpop reproduce {summary['study']}{budget}{first}`."


def made_with(result: Mapping[str, Any]) -> str:
    commits = ", ".join(f"`{one[:12]}`" for one in str(result.get("commit")).split(", "))
    return f"pushpop {result.get('version')}, commit {commits}, on {result.get('machine')}"


def document(table: Table) -> str:
    return f"{markdown(table)}\n{table.caption}\n" if table.caption else markdown(table)


def typed(command: str, *without: str) -> str:
    """A command of a study as one would type it: without its folder, and options with a value that are named."""
    words = iter(shlex.split(command))
    kept = []
    for word in words:
        if word in ("--run", *without):
            next(words)
        elif word not in ("--resume", "--json"):
            kept.append(word)
    return shlex.join(kept)
