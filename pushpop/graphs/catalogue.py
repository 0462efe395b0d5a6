"""Models of tasks about graphs, by their kind. Looking one up imports no torch; building it does."""

import importlib
from typing import TYPE_CHECKING, Any

from pushpop.models.catalogue import GRAPH_NETS, SEARCHERS, ModelSettings, build, kind_of
from pushpop.tasks.encoding import NO_SEPARATOR
from pushpop.tasks.graphs.instance import GraphTask

if TYPE_CHECKING:
    from pushpop.graphs.contract import Reader
    from pushpop.models.contract import SequenceModel


def build_graph(kind: str, settings: ModelSettings, task: GraphTask, seed: int) -> "Reader | SequenceModel[Any]":
    """A model of that kind for a task about graphs; its first weights follow from all that is given here.

    A net that reads graphs, or a model that reads the symbols of the task's sequence view and scores its classes.
    Raises ConfigError for a kind that is neither, or settings that do not fit the task.
    """
    found = kind_of(kind, "graph")
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    if kind in SEARCHERS:
        searcher: Reader = importlib.import_module("pushpop.graphs.callstack").build(settings, task, seed)
        return searcher
    if kind not in GRAPH_NETS:
        return build(kind, settings, task.reads, NO_SEPARATOR, seed, classes=task.classes)
    net: Reader = importlib.import_module("pushpop.graphs.nets").build(kind, settings, task, seed)
    return net
