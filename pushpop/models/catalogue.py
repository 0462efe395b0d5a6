"""Every model by its kind. Looking one up imports no torch; building it does."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError, meant
from pushpop.models.branch_settings import TwoBranchSettings
from pushpop.models.graph_settings import (
    GATSettings,
    GCNSettings,
    GINSettings,
    GraphSettings,
    RelationalSettings,
    SAGESettings,
)
from pushpop.models.language_settings import (
    LanguageSettings,
    MemoryLanguageSettings,
    SuperpositionLanguageSettings,
)
from pushpop.models.paper_settings import (
    GATPaperSettings,
    GCNPaperSettings,
    LinkSettings,
    PaperSettings,
    SAGEPaperSettings,
)
from pushpop.models.rounds_settings import OrderedGraphSettings, RecurrentGraphSettings, StackedGraphSettings
from pushpop.models.search_settings import CallStackSettings
from pushpop.models.settings import (
    ClassifierSettings,
    GatedSettings,
    MemorySettings,
    RecurrentSettings,
    SuperpositionSettings,
)
from pushpop.models.transformer_settings import AttentionSettings, TransformerLanguageSettings, TransformerSettings
from pushpop.tasks.task import Answers

if TYPE_CHECKING:
    from pushpop.models.contract import SequenceModel
    from pushpop.models.language import LanguageModel


ModelSettings = (
    RecurrentSettings
    | MemorySettings
    | SuperpositionSettings
    | ClassifierSettings
    | LanguageSettings
    | AttentionSettings
    | GraphSettings
    | PaperSettings
    | LinkSettings
    | CallStackSettings
)


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """One line for people, the settings it takes, and where it is built ("module:function").

    A net that reads graphs has no builder here, since it is not of this part: `graphs.catalogue` builds it.
    """

    settings: type[ModelSettings]
    description: str
    builder: str = ""


CELLS = {"rnn": "Elman", "lstm": "LSTM", "gru": "GRU"}
CONTROLLERS = ("lstm", "rnn", "gru")
LISTS = {
    "stack": "a neural stack",
    "queue": "a neural queue",
    "deque": "a neural DeQue, worked at both its ends",
}
PLAIN: dict[str, ModelKind] = {
    cell: ModelKind(
        settings=RecurrentSettings,
        description=f"encoder-decoder of {name} cells{' (tanh)' if cell == 'rnn' else ''}, 1-8 layers",
        builder="pushpop.models.recurrent:build",
    )
    for cell, name in CELLS.items()
}
WITH_MEMORY: dict[str, ModelKind] = {
    f"{memory}-{cell}": ModelKind(
        settings=MemorySettings,
        description=f"{CELLS[cell]} controller with {name}",
        builder="pushpop.models.augmented:build",
    )
    for memory, name in LISTS.items()
    for cell in CONTROLLERS
}
WITH_MEMORY |= {
    f"superposition-{cell}": ModelKind(
        settings=SuperpositionSettings,
        description=f"{CELLS[cell]} controller with superposition stacks",
        builder="pushpop.models.superposition:build",
    )
    for cell in CONTROLLERS
}
MODELS: dict[str, ModelKind] = PLAIN | WITH_MEMORY
"""Models that write answers."""
MODELS["transformer"] = ModelKind(
    settings=TransformerSettings,
    description="transformer over word and answer: pre-norm, rotary positions, SwiGLU",
    builder="pushpop.models.transformer:build",
)


CLASSIFYING = {
    "rnn": (ClassifierSettings, "Elman net (tanh)"),
    "lstm": (GatedSettings, "LSTM"),
    "gru": (ClassifierSettings, "GRU, as torch has it"),
    "bilstm": (GatedSettings, "LSTM in each direction, each with weights of its own"),
    "peephole-lstm": (GatedSettings, "LSTM whose gates see its cells (Gers et al. 2002)"),
    "uva-gru": (ClassifierSettings, "GRU of the UvA assignment of 2020: no biases"),
    "uva-peephole": (GatedSettings, "peephole LSTM of the UvA assignment of 2020: gates see cells alone"),
}
CLASSIFIERS: dict[str, ModelKind] = {
    kind: ModelKind(settings=settings, description=description, builder="pushpop.models.classifiers:build")
    for kind, (settings, description) in CLASSIFYING.items()
}
"""Models of tasks whose answer is a class: of their own, and all that have a memory."""
CLASSIFIERS |= WITH_MEMORY


LANGUAGE: dict[str, ModelKind] = {
    f"{cell}-lm": ModelKind(
        settings=LanguageSettings,
        description=f"{name} layers over characters",
        builder="pushpop.models.recurrent_language:build",
    )
    for cell, name in CELLS.items()
}
"""Models of text: they score what comes next."""
LANGUAGE |= {
    f"{kind}-lm": ModelKind(
        settings=SuperpositionLanguageSettings if kind.startswith("superposition") else MemoryLanguageSettings,
        description=f"{entry.description}, over characters",
        builder="pushpop.models.augmented_language:build",
    )
    for kind, entry in WITH_MEMORY.items()
}
LANGUAGE["transformer-lm"] = ModelKind(
    settings=TransformerLanguageSettings,
    description="transformer over characters: pre-norm, rotary positions, SwiGLU",
    builder="pushpop.models.transformer_language:build",
)

GRAPH_NETS: dict[str, ModelKind] = {
    kind: ModelKind(settings=settings, description=description)
    for kind, (settings, description) in {
        "gcn": (GCNSettings, "graph convolutions (Kipf and Welling 2017), a fixed number of layers"),
        "gat": (GATSettings, "graph attention (Velickovic et al. 2018): static, a fixed number of layers"),
        "gatv2": (GATSettings, "graph attention (Brody et al. 2022): dynamic, a fixed number of layers"),
        "gin": (GINSettings, "graph isomorphism net (Xu et al. 2019), a fixed number of layers"),
        "sage": (SAGESettings, "GraphSAGE (Hamilton et al. 2017), a fixed number of layers"),
        "relational": (RelationalSettings, "a matrix for each kind of edge (Schlichtkrull et al. 2018), fixed layers"),
        "two-branch": (TwoBranchSettings, "a graph net, and an LSTM over what happened to each node, joined"),
        "recurrent-gnn": (RecurrentGraphSettings, "GRU at every node, as many rounds of messages as a graph asks for"),
        "ordered-gnn": (OrderedGraphSettings, "the same, whose neighbours are read by an LSTM, one after another"),
        "graph-stack-gnn": (StackedGraphSettings, "the same as recurrent-gnn with a neural stack of each graph"),
        "node-stack-gnn": (StackedGraphSettings, "the same with a neural stack at each node, worked by the graph"),
    }.items()
}
"""Nets that read the graph, whatever is asked."""
SEARCHERS: dict[str, ModelKind] = {
    "call-stack-gnn": ModelKind(
        settings=CallStackSettings,
        description="depth-first search step by step, with a call stack of each graph, at each node or none",
    )
}
"""Nets that learn from the steps of a search, and then go through it."""
GRAPHS: dict[str, ModelKind] = (
    GRAPH_NETS
    | SEARCHERS
    | {kind: found for kind, found in CLASSIFIERS.items() if kind in {*CELLS, "bilstm"} or kind in WITH_MEMORY}
)
"""Models of tasks about graphs: nets that read the graph, and classifiers that read it as a sequence."""

NODE_NETS: dict[str, ModelKind] = {
    kind: ModelKind(settings=settings, description=f"{description}, over one graph")
    for kind, (settings, description) in {
        "gcn": (GCNPaperSettings, "graph convolutions (Kipf and Welling 2017)"),
        "gat": (GATPaperSettings, "graph attention (Velickovic et al. 2018)"),
        "gatv2": (GATPaperSettings, "graph attention, dynamic (Brody et al. 2022)"),
        "sage": (SAGEPaperSettings, "GraphSAGE (Hamilton et al. 2017): sum, mean, max or an LSTM over neighbours"),
    }.items()
}
"""Nets that say the class of every node of one graph; `experiments.papers` builds them."""
LINK_NETS: dict[str, ModelKind] = {
    "gae": ModelKind(settings=LinkSettings, description="graph auto-encoder (Kipf and Welling 2016): two convolutions"),
    "vgae": ModelKind(settings=LinkSettings, description="the same, each node a distribution while training"),
}
"""Nets that say which pairs of nodes are edges."""

FAMILIES: dict[Answers, dict[str, ModelKind]] = {
    "written": MODELS,
    "class": CLASSIFIERS,
    "text": LANGUAGE,
    "graph": GRAPHS,
    "nodes": NODE_NETS,
    "links": LINK_NETS,
}
DOES: dict[Answers, tuple[str, str]] = {
    "written": ("writes answers", "writes no answers"),
    "class": ("says a class", "says no class"),
    "text": ("scores text", "scores no text"),
    "graph": ("reads graphs", "reads no graphs"),
    "nodes": ("says classes of one graph's nodes", "says no classes of one graph's nodes"),
    "links": ("says a graph's missing edges", "says no missing edges"),
}


def kind_of(name: str, answers: Answers = "written") -> ModelKind:
    """The entry of that name, for tasks whose answers are such; ConfigError where there is none."""
    models = FAMILIES[answers]
    if isinstance(name, str) and name in models:
        return models[name]
    own = next((does for does, family in FAMILIES.items() if isinstance(name, str) and name in family), None)
    why = f"{DOES[own][0]} and {DOES[answers][1]}" if own else "is not a model"
    raise ConfigError(f"model.kind: {name!r} {why}; {meant(name, models)}give one of {', '.join(models)}")


def build(
    kind: str, settings: ModelSettings, vocabulary: int, separator: int, seed: int, classes: int = 0
) -> "SequenceModel[Any]":
    """A model of that kind over `vocabulary` symbols; its first weights are a function of all that is given here.

    With `classes` it scores so many of them, else the symbols it reads.
    """
    found = kind_of(kind, "class" if classes else "written")
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    make = _maker(found)
    if kind in CLASSIFYING and classes:
        model: SequenceModel[Any] = make(kind, settings, vocabulary, classes, seed)
    elif classes:
        model = make(kind, settings, vocabulary, separator, seed, outputs=classes)
    else:
        model = make(kind, settings, vocabulary, separator, seed)
    return model


def build_language(kind: str, settings: ModelSettings, vocabulary: int, seed: int) -> "LanguageModel[Any]":
    """A model of text over `vocabulary` characters; its first weights follow from all that is given here."""
    found = kind_of(kind, "text")
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    model: LanguageModel[Any] = _maker(found)(kind, settings, vocabulary, seed)
    return model


def _maker(found: ModelKind) -> Callable[..., Any]:
    """The function that builds it; only now is torch imported."""
    module, function = found.builder.split(":")
    make: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return make
