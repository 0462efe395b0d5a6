"""What a report shows of runs on text, corpus by corpus."""

from collections.abc import Iterator, Sequence

import numpy as np

from pushpop.reporting import curves, text_pictures, text_tables
from pushpop.reporting.captions import behind
from pushpop.reporting.curves import Across
from pushpop.reporting.pictures import has_losses, together
from pushpop.reporting.ranking import chosen, in_order
from pushpop.reporting.records import short
from pushpop.reporting.runs import Group, Split
from pushpop.reporting.showing import Drawing, Listed, Section, slug

ACROSS: dict[Across, str] = {"words": "characters", "seconds": "seconds"}
LINES = "Thin lines: every seed; bold line: their median."
LOSS = (
    "What a character costs on average, in nats (left) and bits (right): dotted on the windows that are trained on, "
    "solid on the validation part, dashed on the test tail, of which nothing is learned or chosen. A gap between dotted"
    f" and solid is text that was learned by heart, or units left out while training. {LINES}"
)
RIGHT = f"The share of characters that the model holds for the likeliest: dotted, solid and dashed as above. {LINES}"
DISTANCE = (
    "What a character costs by how far the text has come from where the state was zeros. A model that was trained on "
    "short windows shows here whether it holds beyond them."
)


def of_text(groups: Sequence[Group]) -> Iterator[Section]:
    """Models, curves, windows, distances and samples of each corpus."""
    corpora: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        corpora.setdefault((corpus(group), tail_hash(group)), []).append(group)
    for number, ((name, _), some) in enumerate(corpora.items(), start=1):
        tail = f": {name}" if len(corpora) > 1 else ""
        again = f"-{number}" if [one for one, _ in corpora].count(name) > 1 else ""
        yield from of_corpus(in_order(some), f"text-{slug(name)}{again}", tail)


def corpus(group: Group) -> str:
    """The name of what was read; of a path, its file."""
    return short(group.first.settings.get("task.corpus", "text")).removesuffix(".txt")


def tail_hash(group: Group) -> str:
    """What tells its test part from that of any other corpus or share of one."""
    return str((group.first.config.get("word_sets") or {}).get("test", ""))


def of_corpus(groups: Sequence[Group], name: str, tail: str) -> Iterator[Section]:
    """Those of one corpus; `name` goes before each figure's, `tail` behind each heading."""
    table, floors = text_tables.models(groups)
    yield Section(table.title + tail, tables=(Listed(f"{name}-models", table, floors),))
    if has_losses(together(groups)):
        drawings = tuple(loss(groups, across, name) for across in ACROSS)
        yield Section(text_pictures.TITLES["loss"] + tail, LOSS, drawings)
        drawings = tuple(accuracy(groups, across, name) for across in ACROSS)
        yield Section(text_pictures.TITLES["accuracy"] + tail, RIGHT, drawings)
    if (found := text_tables.distances(groups)) is not None:
        drawn = Drawing(f"{name}-distance", far(groups), lambda: text_pictures.distance_figure(groups))
        listed = Listed(f"{name}-distance", found)
        yield Section(text_pictures.TITLES["distance"] + tail, DISTANCE, (drawn,), (listed,))
    if (found := text_tables.windows(groups)) is not None:
        yield Section(found.title + tail, tables=(Listed(f"{name}-windows", found),))
    if (texts := text_tables.written_samples(groups)) is not None:
        table, first = texts
        yield Section(table.title + tail, tables=(Listed(f"{name}-samples", table, kind="samples", first=first),))
    if (found := text_tables.worth(groups)) is not None:
        yield Section(found.title + tail, tables=(Listed(f"{name}-worth", found),))


def loss(groups: Sequence[Group], across: Across, name: str) -> Drawing:
    sentences = [ends(group, "nats", across, " nats") for group in chosen(groups)[0]]
    said = " ".join([*sentences, behind(len(groups), len(chosen(groups)[1]))]).strip()
    return Drawing(f"{name}-loss-{ACROSS[across]}", said, lambda: text_pictures.loss_figure(groups, across))


def accuracy(groups: Sequence[Group], across: Across, name: str) -> Drawing:
    sentences = [ends(group, "accuracy", across, "") for group in chosen(groups)[0]]
    said = " ".join([*sentences, behind(len(groups), len(chosen(groups)[1]))]).strip()
    return Drawing(f"{name}-accuracy-{ACROSS[across]}", said, lambda: text_pictures.accuracy_figure(groups, across))


def ends(group: Group, measure: str, across: Across, unit: str) -> str:
    """Where the medians end: a sentence."""
    training = curves.losses if measure == "nats" else curves.training_accuracy
    lines = {"training": curves.median([training(record, across) for record in group.records])}
    splits: tuple[Split, Split] = ("validation", "test")
    for split in splits:
        lines[split] = curves.median([curves.scores(record, split, measure, across) for record in group.records])
    found = [f"{y[-1]:.3f}{unit} on {name}" for name, (_, y) in lines.items() if len(y)]
    return f"{group.name}: ends at {', '.join(found)}." if found else f"{group.name}: no scores yet."


def far(groups: Sequence[Group]) -> str:
    """At the first character, at its best, and where it is farthest: a sentence a model."""
    said = []
    for group in chosen(groups)[0]:
        x, y = curves.median([text_pictures.distances(record) for record in group.records])
        if len(y):
            best = int(np.argmin(y))
            said.append(f"{group.name}: {y[0]:.2f} nats at the first character, least ({y[best]:.3f}) around "
                        f"{x[best]:,.0f}, {y[-1]:.3f} around {x[-1]:,.0f}.")  # fmt: skip
    return " ".join(said)
