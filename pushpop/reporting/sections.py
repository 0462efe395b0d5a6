"""All that a report shows, section by section: the page sets it, the files are written from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pushpop.experiments import packaged
from pushpop.reporting import captions, pictures
from pushpop.reporting.costs import costs, cut_short
from pushpop.reporting.curves import Across
from pushpop.reporting.importance import as_table, importance
from pushpop.reporting.measures import MEASURES, drawn
from pushpop.reporting.ranking import in_order
from pushpop.reporting.records import Cache, Say, grouped, read_runs
from pushpop.reporting.runs import Group
from pushpop.reporting.search import importance_bars, points, slice_caption, slice_plot
from pushpop.reporting.showing import Drawing, Listed, Section, section, slug
from pushpop.reporting.sweeps import Swept, configurations, pruning, read_sweeps
from pushpop.reporting.tables import by_length, headline, seed_by_seed, settings_table
from pushpop.reporting.text_sections import of_text

__all__ = [
    "Contents",
    "Drawing",
    "Listed",
    "Section",
    "distinct",
    "every_run",
    "learning",
    "losses",
    "read_contents",
    "section",
    "sections",
    "slug",
]

ACROSS: tuple[Across, Across] = ("words", "seconds")
MOST_AXES = 12  # of a sweep, that are drawn
SCORE = (
    "The score of a trial by its validation words: below 1 (dotted) all of them are right, and the fewer words that "
    "took the lower it is; above 1 they are not, and it is 1 plus the share that is wrong."
)
NATS = "The nats of a character of the validation part."


@dataclass(frozen=True)
class Contents:
    """What there is to report: runs that differ in their seed alone, and the sweeps that some of them belong to."""

    groups: tuple[Group, ...]
    sweeps: tuple[Swept, ...] = ()

    @cached_property
    def sections(self) -> list[Section]:
        return sections(self.groups, self.sweeps)


def read_contents(
    runs: Sequence[Path], say: Say | None = None, *, forgiving: bool = False, cache: Cache | None = None
) -> Contents:
    """What these run folders or names, folders of them and sweeps hold; options and errors are those of `read_runs`."""
    runs = [packaged.found(run) for run in runs]
    groups = grouped(read_runs(runs, say, forgiving=forgiving, cache=cache))
    return Contents(tuple(groups), tuple(read_sweeps(runs, groups, say)))


def sections(groups: Sequence[Group], sweeps: Sequence[Swept] = ()) -> list[Section]:
    """What there is to show of these runs, task by task, and of the sweeps they belong to."""
    of_words, texts = ([group for group in groups if group.is_text == text] for text in (False, True))
    tasks = list(dict.fromkeys(group.first.task for group in of_words))
    out = []
    if of_words:
        summary = headline(of_words)
        out.append(section(Listed("models", summary, len(summary.rows) - len(of_words))))
    names = distinct([slug(sweep.name) for sweep in sweeps])
    for sweep, name in zip(sweeps, names, strict=True):
        out += of_sweep(sweep, name)
    for task in tasks:
        some = [group for group in of_words if group.first.task == task]
        out += of_runs(in_order(some), slug(task), f": {task}" if len(tasks) > 1 else "")
    out += of_text(texts)
    tables = {"lengths": by_length(of_words), "cost": costs(of_words) if of_words else None,
              "cut-short": cut_short(groups), "seeds": seed_by_seed(of_words) if of_words else None,
              "text-seeds": seed_by_seed(texts) if texts else None,
              "settings": settings_table(groups) if groups else None}  # fmt: skip
    return out + [
        section(Listed(name, table, kind="settings" if name == "settings" else ""))
        for name, table in tables.items() if table is not None
    ]  # fmt: skip


def of_runs(groups: Sequence[Group], task: str, tail: str = "") -> Iterator[Section]:
    """Learning curves, errors, losses and scores by length, of what these runs of one task have been measured in.

    `tail` is put behind each heading, `task` before each figure's name.
    """
    seen = pictures.together(groups)
    measured = drawn(seen)
    for name in measured:
        curves = tuple(learning(groups, name, across, task) for across in ACROSS)
        yield Section(MEASURES[name].heading + tail, f"{MEASURES[name].reading} {captions.SPLIT_LINES}", curves)
    shares = [name for name in measured if MEASURES[name].share]
    if shares:
        curves = tuple(errors(groups, name, across, task) for name in shares for across in ACROSS)
        yield Section("Error against words and training time" + tail, captions.ERRORS, curves)
    if pictures.has_losses(seen):
        curves = tuple(losses(groups, across, task) for across in ACROSS)
        yield Section(pictures.TITLES["loss"] + tail, captions.LOSSES, curves)
    if far := tuple(lengths(groups, name, task) for name in pictures.lengthwise(seen)):
        yield Section(pictures.TITLES["length"] + tail, captions.LENGTHS, far)


def every_run(groups: Sequence[Group]) -> list[Section]:
    """How a study's page ends: seed by seed, then with which settings; nothing where nothing was trained."""
    if not groups:
        return []
    settings = Listed("settings", settings_table(groups), kind="settings")
    return [section(Listed("seeds", seed_by_seed(groups))), section(settings)]


def learning(groups: Sequence[Group], measure: str, across: Across, task: str) -> Drawing:
    said = captions.of_scores(groups, measure, across, MEASURES[measure].share)
    return Drawing(f"{task}-{measure}-{across}", said, lambda: pictures.learning_curves(groups, measure, across))


def errors(groups: Sequence[Group], measure: str, across: Across, task: str) -> Drawing:
    said = captions.of_errors(groups, measure, across)
    return Drawing(f"{task}-error-{measure}-{across}", said, lambda: pictures.error_curves(groups, measure, across))


def losses(groups: Sequence[Group], across: Across, task: str) -> Drawing:
    said = captions.of_losses(groups, across, pictures.loss_unit(pictures.together(groups)))
    return Drawing(f"{task}-loss-{across}", said, lambda: pictures.loss_curves(groups, across))


def lengths(groups: Sequence[Group], measure: str, task: str) -> Drawing:
    said = captions.of_lengths(groups, measure)
    return Drawing(f"{task}-length-{measure}", said, lambda: pictures.length_curves(groups, measure))


def of_sweep(sweep: Swept, name: str) -> Iterator[Section]:
    """Its configurations, what pruning cost, what mattered, and every trial along each axis."""
    tables = (Listed(f"{name}-configurations", configurations(sweep)),) if sweep.records else ()
    yield Section(f"The sweep {sweep.name}", sweep.state(), tables=tables)
    if (stopped := pruning(sweep)) is not None:
        yield section(Listed(f"{name}-pruning", stopped))
    if not sweep.records:
        return
    found = importance(sweep)
    if found.shares:
        bars = Drawing(f"{name}-importance", f"{top(found.shares)} mattered most.", lambda: importance_bars(found))
        listed = Listed(f"{name}-importance", as_table(sweep, found), on_page=False)
        yield Section(f"What mattered in {sweep.name}", found.how, (bars,), (listed,))
    else:
        yield Section(f"What mattered in {sweep.name}", found.how)
    if axes := [axis for axis in sweep.axes[:MOST_AXES] if points(sweep, axis)]:
        yield Section(
            f"Every trial of {sweep.name}, along each axis",
            (NATS if sweep.is_text else SCORE)
            + " Each point is one seed of one configuration; a bar is the median at its value."
            + (f" Of {len(sweep.axes)} axes the first {MOST_AXES}." if len(sweep.axes) > MOST_AXES else ""),
            tuple(sliced(sweep, axis, name) for axis in axes),
        )


def sliced(sweep: Swept, axis: str, name: str) -> Drawing:
    return Drawing(f"{name}-slice-{slug(axis)}", slice_caption(sweep, axis), lambda: slice_plot(sweep, axis))


def top(shares: dict[str, float]) -> str:
    first, *_ = shares
    return f"{first} ({shares[first]:.2f})"


def distinct(names: Sequence[str]) -> list[str]:
    """Each name once: a second one that is the same gets a number."""
    return [f"{name}-{before + 1}" if (before := names[:at].count(name)) else name for at, name in enumerate(names)]
