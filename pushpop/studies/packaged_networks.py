"""`packaged-networks`: do the networks that come with the package come out the same, byte by byte, made again?

How far each is right is measured here too: what the package keeps of that are the files of these runs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pushpop.experiments import packaged, store
from pushpop.experiments.lengths import WEIGHTS
from pushpop.experiments.settings import Settings
from pushpop.reporting.runs import Record
from pushpop.reporting.sections import Listed, Section, every_run, section
from pushpop.reporting.writing import Cell, Table, captioned
from pushpop.studies.findings import Findings
from pushpop.studies.rules import held
from pushpop.studies.study import Far, Study
from pushpop.studies.verdicts import CONFIRMED, NOT_CONFIRMED, UNDECIDED, Claim, Judged, Outcome, verdict_table

SHOWN = 16  # digits of a hash
FAR, WORDS = (256, 1_000, 10_000), 100  # what the package keeps of each network's longer words


def sha256(folder: Path) -> str:
    """The hash of the weights in a run folder."""
    return hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def arithmetic() -> str:
    """What the bytes of a network hang on beside settings, seed and threads: the processor and what computes on it."""
    import llvmlite.binding  # these three are slow to import, and no other study wants them
    import numba
    import torch

    return f"{llvmlite.binding.get_host_cpu_name()}, torch {torch.__version__}, numba {numba.__version__}"


def of_network(settings: Settings, name: str) -> bool:
    """Whether these are the settings, the budget and the seed that a network of the package was made with."""
    made = store.read_config(packaged.found(Path(name))).settings
    return (dict(settings.counted()), settings.training.budgets()) == (dict(made.counted()), made.training.budgets())


def same(record: Record, name: str) -> bool | None:
    """Whether a run that has ended has made that network; None if it is another run than that one's."""
    if not of_network(store.read_config(record.path).settings, name):
        return None
    return sha256(record.path) == sha256(packaged.found(Path(name)))


def again(records: Sequence[Record], name: str) -> list[Outcome]:
    """What the runs that were to make a network say of it."""
    return [outcome(record, name) for record in records if record.variant == name]


def outcome(record: Record, name: str) -> Outcome:
    made, words = sha256(record.path)[:SHOWN], f"{record.total('words') or 0:,.0f} words from seed {record.seed}"
    there = sha256(packaged.found(Path(name)))[:SHOWN]
    match same(record, name):
        case True:
            return Outcome(CONFIRMED, f"{made} again, after {words}")
        case False:
            return Outcome(NOT_CONFIRMED, f"{made} after {words}, and {there} in the package; on {arithmetic()}")
        case _:
            return Outcome(UNDECIDED, f"{words}, another run than that of the network")


def networks(found: Findings) -> Table:
    """A row for each run: what the package has, what was made again, and whether it is the same file."""
    rows = tuple(row(group.name, record) for group in found.groups for record in group.records)
    columns = ("network", "sha256 in the package", "sha256 made again", "the same", "words", "seconds", "test coarse",
               "all right to", "not at")  # fmt: skip
    caption = (
        f"The first {SHOWN} digits of the hash of {WEIGHTS}. Made again with the network's own settings and seed, one "
        "thread each; the same only where all bytes are, which hangs on the kind of processor and on what computes on "
        f"it, too: here {arithmetic()}. Seconds of training: they hang on what else the machine does. All right to: "
        f"the longest of the lengths {', '.join(f'{one:,}' for one in FAR)} up to which all of {WORDS} words each are "
        "wholly right, with strengths as they are; not at: the first at which one is not."
    )
    return Table("Made again", columns, rows, caption)


def row(name: str, record: Record) -> tuple[Cell, ...]:
    """A run beside its network; of one that has not ended there is nothing to compare."""
    there = sha256(packaged.found(Path(name)))[:SHOWN]
    made = sha256(record.path)[:SHOWN] if record.finished else None
    alike = {True: "yes", False: "no", None: "another run"}[same(record, name)] if record.finished else None
    words, seconds = (record.total(used) for used in ("words", "seconds"))
    return (name, there, made, alike, words, seconds, record.scores("test").get("coarse"), *held(record.further))


def shown(found: Findings) -> list[Section]:
    """Verdicts, the table, and seed by seed."""
    verdicts = verdict_table("The same again", [Judged(**one) for one in found.summary["verdicts"]])
    tables = (Listed("verdicts", verdicts, kind="prose"), Listed("networks", networks(found)))
    return [*map(section, tables), *every_run(found.groups)]


def kept(found: Findings) -> Mapping[str, Any]:
    """The table in words for the README, whole hashes, and what they were made with."""
    hashes = [
        {"network": group.name, "seed": record.seed, "sha256": sha256(record.path), "same": same(record, group.name)}
        for group in found.groups
        for record in group.records
        if record.finished
    ]
    return {"networks": captioned(networks(found)), "hashes": hashes, "arithmetic": arithmetic()}


RULE = (
    "Confirmed where a run with the network's settings, budget, seed and one thread ends in the same weights, byte by "
    "byte. Not confirmed where it does not: on another kind of processor, or with another version of torch or numba, "
    "sums come out otherwise, and the table says how right the network made is. Other runs decide nothing."
)
packaged_networks = Study(
    description="the networks that come with the package, trained again: are they the same, byte by byte?",
    file="packaged_networks.toml",
    far=(Far(variants=tuple(packaged.names()), lengths=FAR, words=WORDS),),
    tiny_far=(Far(variants=tuple(packaged.names()), lengths=(8, 12), words=4),),
    shown=shown,
    above=1,
    kept=kept,
    claims=tuple(
        Claim(says=f"{name} comes out the same", rule=RULE, judge=partial(again, name=name))
        for name in packaged.names()
    ),
)
