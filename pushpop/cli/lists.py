"""`pushpop tasks` and `pushpop models`: what there is, one line each."""

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter


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
    """List the models and the presets, one line each."""
    from pushpop.experiments.presets import PRESETS
    from pushpop.models.catalogue import CLASSIFIERS, GRAPH_NETS, LANGUAGE, MODELS, SEARCHERS

    others = {name: f"classes only: {kind.description}" for name, kind in CLASSIFIERS.items() if name not in MODELS}
    others |= {name: f"text: {kind.description}" for name, kind in LANGUAGE.items()}
    others |= {name: f"graphs: {kind.description}" for name, kind in (GRAPH_NETS | SEARCHERS).items()}
    presets = {f"--preset {name}": preset.description for name, preset in PRESETS.items()}
    lines({**{name: kind.description for name, kind in MODELS.items()}, **others, **presets})


def lines(found: Mapping[str, str]) -> None:
    """One line each, descriptions under one another."""
    width = max(map(len, found))
    for name, description in found.items():
        print(f"{name:<{width}}  {description}")
