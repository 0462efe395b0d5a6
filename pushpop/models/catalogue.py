"""Every model by its kind. Looking one up imports no torch; building it does."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError, meant
from pushpop.models.settings import (
    ClassifierSettings,
    GatedSettings,
    MemorySettings,
    RecurrentSettings,
    SuperpositionSettings,
)

if TYPE_CHECKING:
    from pushpop.models.contract import SequenceModel


ModelSettings = RecurrentSettings | MemorySettings | SuperpositionSettings | ClassifierSettings


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """One line for people, the settings it takes, and where it is built ("module:function")."""

    settings: type[ModelSettings]
    description: str
    builder: str


CELLS = {"rnn": "Elman", "lstm": "LSTM", "gru": "GRU"}
CONTROLLERS = ("lstm", "rnn", "gru")
LISTS = {
    "stack": "a neural stack",
    "queue": "a neural queue",
    "deque": "a neural DeQue, worked at both its ends",
}
MODELS: dict[str, ModelKind] = {
    cell: ModelKind(
        settings=RecurrentSettings,
        description=f"encoder-decoder of {name} cells{' (tanh)' if cell == 'rnn' else ''}, 1-8 layers",
        builder="pushpop.models.recurrent:build",
    )
    for cell, name in CELLS.items()
}
MODELS |= {
    f"{memory}-{cell}": ModelKind(
        settings=MemorySettings,
        description=f"{CELLS[cell]} controller with {name}",
        builder="pushpop.models.augmented:build",
    )
    for memory, name in LISTS.items()
    for cell in CONTROLLERS
}
MODELS |= {
    f"superposition-{cell}": ModelKind(
        settings=SuperpositionSettings,
        description=f"{CELLS[cell]} controller with superposition stacks",
        builder="pushpop.models.superposition:build",
    )
    for cell in CONTROLLERS
}


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
CLASSIFIERS |= {kind: found for kind, found in MODELS.items() if kind not in CELLS}


def kind_of(name: str, classes: bool = False) -> ModelKind:
    """The entry of that name, for tasks with `classes` or with answers; ConfigError where there is none."""
    models, others = (CLASSIFIERS, MODELS) if classes else (MODELS, CLASSIFIERS)
    if isinstance(name, str) and name in models:
        return models[name]
    why = "says a class and writes no answers" if isinstance(name, str) and name in others else "is not a model"
    raise ConfigError(f"model.kind: {name!r} {why}; {meant(name, models)}give one of {', '.join(models)}")


def build(
    kind: str, settings: ModelSettings, vocabulary: int, separator: int, seed: int, classes: int = 0
) -> "SequenceModel[Any]":
    """A model of that kind over `vocabulary` symbols; its first weights are a function of all that is given here.

    With `classes` it scores so many of them, else the symbols it reads.
    """
    found = kind_of(kind, classes > 0)
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    module, function = found.builder.split(":")
    make = getattr(importlib.import_module(module), function)
    if kind in CLASSIFYING and classes:
        model: SequenceModel[Any] = make(kind, settings, vocabulary, classes, seed)
    elif classes:
        model = make(kind, settings, vocabulary, separator, seed, outputs=classes)
    else:
        model = make(kind, settings, vocabulary, separator, seed)
    return model
