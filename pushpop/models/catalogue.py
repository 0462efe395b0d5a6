"""Every model by its kind. Looking one up imports no torch; building it does."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError, meant
from pushpop.models.settings import MemorySettings, RecurrentSettings, SuperpositionSettings

if TYPE_CHECKING:
    from pushpop.models.contract import SequenceModel


ModelSettings = RecurrentSettings | MemorySettings | SuperpositionSettings


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


def kind_of(name: str) -> ModelKind:
    """The entry of that name; ConfigError where there is none."""
    if not isinstance(name, str) or name not in MODELS:
        raise ConfigError(f"model.kind: {name!r} is not a model; {meant(name, MODELS)}give one of {', '.join(MODELS)}")
    return MODELS[name]


def build(kind: str, settings: ModelSettings, vocabulary: int, separator: int, seed: int) -> "SequenceModel[Any]":
    """A model of that kind over `vocabulary` symbols; its first weights are a function of all that is given here."""
    found = kind_of(kind)
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    module, function = found.builder.split(":")
    model: SequenceModel[Any] = getattr(importlib.import_module(module), function)(
        kind, settings, vocabulary, separator, seed
    )
    return model
