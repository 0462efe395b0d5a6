"""`pushpop tasks` and `pushpop models`: what there is, one line each."""

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

# What a model is for that is in no family before.
ALONE = {
    "written": "", "class": "classes only: ", "text": "text: ", "graph": "graphs: ", "nodes": "one graph: ",
    "links": "links of one graph: ",
}  # fmt: skip


def tasks(
    *, corpora: Annotated[bool, Parameter(help="The texts that `--corpus` knows by name, instead.")] = False
) -> None:
    """List the tasks, one line each."""
    if corpora:
        from pushpop.tasks.corpora import NAMES

        lines(NAMES)
        return
    from pushpop.tasks.catalogue import TASKS

    lines({name: kind.description for name, kind in TASKS.items()})


def models() -> None:
    """List the models, the presets and the trained networks that come with pushpop, one line each."""
    from pushpop.experiments.packaged import described
    from pushpop.experiments.presets import PRESETS
    from pushpop.models.catalogue import FAMILIES

    found = dict[str, str]()
    for answers, family in FAMILIES.items():
        new = {name: kind.description for name, kind in family.items() if name not in found}
        found |= {name: f"{ALONE[answers]}{description}" for name, description in new.items()}
    presets = {f"--preset {name}": preset.description for name, preset in PRESETS.items()}
    lines({**found, **presets, **described()})


def lines(found: Mapping[str, str]) -> None:
    """One line each, descriptions under one another."""
    width = max(map(len, found))
    for name, description in found.items():
        print(f"{name:<{width}}  {description}")
