"""Every model by its kind. Looking one up imports no torch; building it does."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pushpop.errors import ConfigError, meant
from pushpop.models.settings import MemorySettings, RecurrentSettings

if TYPE_CHECKING:
    from pushpop.models.contract import SequenceModel


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """One line for people, the settings it takes, and where it is built ("module:function")."""

    settings: type[RecurrentSettings] | type[MemorySettings]
    description: str
    builder: str


MODELS: dict[str, ModelKind] = {
    "rnn": ModelKind(
        settings=RecurrentSettings,
        description="encoder-decoder of Elman cells (tanh), 1-8 layers",
        builder="pushpop.models.recurrent:build",
    ),
    "lstm": ModelKind(
        settings=RecurrentSettings,
        description="encoder-decoder of LSTM cells, 1-8 layers",
        builder="pushpop.models.recurrent:build",
    ),
    "gru": ModelKind(
        settings=RecurrentSettings,
        description="encoder-decoder of GRU cells, 1-8 layers",
        builder="pushpop.models.recurrent:build",
    ),
    "stack-lstm": ModelKind(
        settings=MemorySettings,
        description="LSTM controller with a neural stack",
        builder="pushpop.models.augmented:build",
    ),
    "stack-rnn": ModelKind(
        settings=MemorySettings,
        description="Elman controller with a neural stack",
        builder="pushpop.models.augmented:build",
    ),
    "stack-gru": ModelKind(
        settings=MemorySettings,
        description="GRU controller with a neural stack",
        builder="pushpop.models.augmented:build",
    ),
}


def kind_of(name: str) -> ModelKind:
    """The entry of that name; ConfigError where there is none."""
    if not isinstance(name, str) or name not in MODELS:
        raise ConfigError(f"model.kind: {name!r} is not a model; {meant(name, MODELS)}give one of {', '.join(MODELS)}")
    return MODELS[name]


def build(
    kind: str, settings: RecurrentSettings | MemorySettings, vocabulary: int, separator: int, seed: int
) -> "SequenceModel[Any]":
    """A model of that kind over `vocabulary` symbols; its first weights are a function of all that is given here."""
    found = kind_of(kind)
    assert isinstance(settings, found.settings), f"{kind} takes {found.settings.__name__}"
    module, function = found.builder.split(":")
    model: SequenceModel[Any] = getattr(importlib.import_module(module), function)(
        kind, settings, vocabulary, separator, seed
    )
    return model
