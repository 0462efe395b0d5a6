"""`pushpop eval`: how right a run is, on lengths or words of the user's choosing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from pushpop.cli.evaluate_one_graph import graph_table
from pushpop.cli.evaluate_text import text_scores, text_table
from pushpop.cli.options import whole
from pushpop.cli.screen import only_json, print_json, show
from pushpop.errors import ConfigError

if TYPE_CHECKING:
    from pushpop.experiments.answering import TrainedWords
    from pushpop.experiments.graphed import TrainedGraphs
    from pushpop.experiments.trained import Trained
    from pushpop.reporting.writing import Table

# Those that a task's kind has.
SCORES = ("coarse", "fine", "token", "position", "accuracy", "baseline", "graph", "node", "floor")


def evaluate(
    run: Path,
    /,
    *,
    lengths: Annotated[
        str | None, Parameter(help="Such as 65-128,1000; of graphs sizes. Without, the task's fixed test words.")
    ] = None,
    words: Annotated[
        int | None, Parameter(converter=whole, help="Of each length or range; 1000, or 100 of long ones.")
    ] = None,
    seed: Annotated[int | None, Parameter(converter=whole, help="Draws other words; 0.")] = None,
    file: Annotated[Path | None, Parameter(help="Words of your own, one a line; of a run on text, a text.")] = None,
    windows: Annotated[str | None, Parameter(help="Of text: such as 30,256; windows from a state of zeros.")] = None,
    rounded: Annotated[
        bool | None, Parameter(negative="--no-rounded", help="Score words with rounded strengths too, or not.")
    ] = None,
    rounds: Annotated[
        str | None,
        Parameter(help="Of nets that read graphs in rounds: such as '2 nodes', 'depth + 3', 20; as trained."),
    ] = None,
    device: Annotated[str, Parameter(help="auto, cpu, cuda or cuda:N.")] = "auto",
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Score a run on longer words, or on words of your own.

    Scores at single lengths, such as 256 or 10000, are kept in the folder of a finished run, where its report finds
    them; those of fewer words never replace those of more.

    Parameters
    ----------
    run
        A folder that `pushpop train` made; or @reverse, @copy or @bigram-flip, networks that come with pushpop.
    """
    expect_spans(lengths, words, file)
    from pushpop.experiments.loading import load

    with only_json(as_json):
        given = {"--lengths": lengths, "--words": words, "--seed": seed, "--file": file, "--windows": windows}
        given["--rounds"] = rounds
        given["--no-rounded" if rounded is False else "--rounded"] = rounded
        found, shown = scores(load(run, device), run, {name: one for name, one in given.items() if one is not None})
    print_json(found) if as_json else printed(found, shown)


def expect_spans(lengths: str | None, words: int | None, file: Path | None) -> None:
    """ConfigError, before torch is imported, for lengths that are none, or that a file leaves no room for."""
    if file is not None and (lengths is not None or words is not None):
        raise ConfigError("eval: --file with --lengths or --words; a file says its words itself, leave those out")
    from pushpop.experiments.spans import ranges

    if lengths is not None:
        ranges(lengths)


def scores(trained: "Trained", run: Path, given: Mapping[str, Any]) -> tuple[dict[str, Any], "Table"]:
    """All scores, as JSON and as a table. ConfigError for an option that this kind of run does not have."""
    from pushpop.experiments.answering import TrainedWords
    from pushpop.experiments.graphed import TrainedGraphs
    from pushpop.experiments.one_graph import TrainedOneGraph
    from pushpop.experiments.written import TrainedText

    lengths, words, seed, file = (given.get(name) for name in ("--lengths", "--words", "--seed", "--file"))
    if isinstance(trained, TrainedGraphs):
        refuse(given, ("--lengths", "--words", "--seed", "--rounds"), "graphs")
        found, spans = graph_scores(trained, lengths, words, seed or 0, given.get("--rounds"))
        rule = f", rounds: {found['rounds']}" if "rounds" in found else ""
        return found, table(f"{run}: {found['words']:,} graphs{rule}", found, spans, ("size", "graphs"))
    if isinstance(trained, TrainedOneGraph):
        refuse(given, (), "one graph")
        found = trained.evaluate()
        return found, graph_table(str(run), found)
    if isinstance(trained, TrainedText):
        refuse(given, ("--file", "--windows"), "text")
        found = text_scores(trained, file, given.get("--windows"))
        return found, text_table(f"{file or run}", found)
    assert isinstance(trained, TrainedWords), f"no scores of {trained}"
    refuse(given, ("--lengths", "--words", "--seed", "--file", "--rounded", "--no-rounded"), "words")
    found, spans = word_scores(trained, lengths, words, seed or 0, file, "--no-rounded" not in given)
    return found, table(f"{run}: {found['words']:,} words", found, spans)


def refuse(given: Mapping[str, object], known: Sequence[str], kind: str) -> None:
    """ConfigError for an option that runs on this kind of task do not have."""
    if asked := [name for name in given if name not in known]:
        rule = f"this is a run on {kind}, which takes {', '.join(known) or 'none of these'}"
        raise ConfigError(f"eval: {asked[0]}: {rule}; leave it out")


def word_scores(
    trained: "TrainedWords", lengths: str | None, words: int | None, seed: int, file: Path | None, rounded: bool
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """All scores, which the run's folder keeps where they are of single lengths, and the ranges asked for."""
    from pushpop.experiments.lengths import LENGTHS, keep
    from pushpop.experiments.spans import ranges
    from pushpop.tasks.files import read_words

    chosen = read_words(file, trained.task) if file else words
    found = trained.evaluate(lengths, chosen, seed=seed, rounded=rounded)
    spans = ranges(lengths) if lengths is not None else []
    keep(trained.path / LENGTHS, trained.path, found, seed, [low for low, high in spans if low == high])
    return found, spans


def graph_scores(
    trained: "TrainedGraphs", lengths: str | None, graphs: int | None, seed: int, rounds: str | None
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """The scores at each size, and the sizes; the run's folder keeps them where the rounds are its own."""
    from pushpop.experiments.lengths import LENGTHS, keep

    found = trained.evaluate(lengths, graphs, seed=seed, rounds=rounds)
    sizes = [row["length"] for row in found["by_length"]]
    if rounds is None:
        keep(trained.path / LENGTHS, trained.path, found, seed, sizes)
    return found, [(size, size) for size in sizes]


def table(
    title: str,
    found: Mapping[str, Any],
    spans: Sequence[tuple[int, int]],
    called: tuple[str, str] = ("length", "words"),
) -> "Table":
    """One row for each range of lengths asked for, or one for all words; soft beside rounded scores."""
    from pushpop.reporting.writing import Table

    views = [found, *([found["rounded"]] if "rounded" in found else [])]
    rows = [(spoken(span), *cells([within(view, span) for view in views])) for span in spans]
    if len(spans) != 1:
        rows.append(("all", *cells(views)))
    names = [name for name in SCORES if name in found]
    columns = (*called, *names, *(f"rounded {name}" for name in names if len(views) > 1))
    return Table(title, columns, tuple(rows))


def cells(views: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The number of words, then every score of every view of them."""
    return [views[0]["words"], *(view[name] for view in views for name in SCORES if name in view)]


def within(view: Mapping[str, Any], span: tuple[int, int]) -> dict[str, Any]:
    """The scores over all words of these lengths."""
    rows = [row for row in view["by_length"] if span[0] <= row["length"] <= span[1]]
    words = sum(row["words"] for row in rows)
    names = [name for name in SCORES if name in rows[0]]
    found = {name: sum(row[name] * row["words"] for row in rows) / words for name in names}
    if "position" in found:  # in which every length counts alike
        found["position"] = sum(row["position"] for row in rows) / len(rows)
    return {"words": words, **found}


def printed(found: Mapping[str, Any], shown: "Table") -> None:
    """The table, and of a memory that is a list how well pops undo pushes."""
    from pushpop.reporting.writing import terminal

    show(terminal(shown))
    if "mismatch" in found:
        show(missed(found["mismatch"]))


def missed(found: Mapping[str, Any]) -> str:
    """How well pops undo pushes, in a line."""
    if found["mismatch"] is None:
        return "Mismatch: at neither end of the memory is more pushed than popped while words are read."
    half = f"half a cell after {found['length']:,.0f} symbols" if found["length"] else "half a cell at no length"
    return (
        f"Mismatch: a symbol pushes {found['stored']:.4f} and pops {found['taken']:.4f}, {found['mismatch']:.6f} cells "
        f"a symbol on validation words: {half}, if nothing steers the reads back."
    )


def spoken(span: tuple[int, int]) -> str:
    return f"{span[0]:,}" if span[0] == span[1] else f"{span[0]:,}-{span[1]:,}"
