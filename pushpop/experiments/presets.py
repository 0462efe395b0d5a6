"""Published networks and ours, by name, as what they change from the defaults; and how all that is given adds up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments.fields import one_of
from pushpop.experiments.settings import Settings, merge, read_toml, table
from pushpop.tasks.catalogue import TASKS


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A network with its training: one line for people, and what it changes from the defaults, as plain data."""

    description: str
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The kind of model it is about."""
        return str(self.table("model").get("kind", "stack-lstm"))

    def table(self, part: str) -> dict[str, Any]:
        """What it changes in the task, the model or the training."""
        return table(self.settings.get(part, {}), part)


PRESETS: dict[str, Preset] = {
    "default": Preset(description="ours: every default as it is"),
    "paper-2015": Preset(
        description="Grefenstette et al. 2015: LSTM 256, a stack of width 256, delayed read, pop bias -1, RMSProp",
        settings={
            "task": {"kind": "reverse"},
            "model": {
                "kind": "stack-lstm",
                "hidden": 256,
                "memory": 256,
                "embedding": 64,
                "output": 64,
                "cells": "shared",
                "embeddings": "per-phase",
                "biases": "shared",
                "wiring": "delayed",
                "margin": 0.0,
                "noise": 0.0,
                "push_bias": 0.0,
                "pop_bias": -1.0,
                "initial": "learned",
                "cell_biases": 1,
            },
            # The paper searched the rates 5e-3 to 5e-5 and ran without end; "clipping all gradients above 1".
            "training": {
                "optimiser": "rmsprop",
                "rate": 1e-3,
                "batch": 10,
                "clip": 1.0,
                "clipping": "value",
                "words": 1_000_000,
                "evaluate_every": 1_000,
            },
        },
    ),
    "cs281-2019": Preset(
        description="the CS281 study: LSTM 64, a stack of width 64, a cell per phase, one-hot symbols, Adam",
        settings={
            "task": {"kind": "reverse"},
            "model": {
                "kind": "stack-lstm",
                "hidden": 64,
                "memory": 64,
                "embedding": 0,
                "output": 64,
                "cells": "per-phase",
                "embeddings": "shared",
                "biases": "shared",
                "wiring": "delayed",
                "margin": 0.0,
                "noise": 0.0,
                "push_bias": 0.0,
                "pop_bias": 0.0,
                "initial": "zero",  # "trained" in the report; its code neither trains nor saves it
                "cell_biases": 2,
            },
            # 10,000 batches; its code has clipping commented out.
            "training": {"optimiser": "adam", "rate": 1e-3, "batch": 50, "clip": 0.0, "words": 500_000},
        },
    ),
}


TRIED = 3  # minutes of the runs that settings of text were chosen among


def text_for(minutes: int, model: dict[str, Any], rate: float) -> Preset:
    """`lstm-lm` for so many minutes on two cores: chosen among runs of three minutes; wider nets for a longer time are
    extrapolated from those and one of seven, not chosen among runs as long as theirs (decision 11)."""
    size = f"{model['layers']} x {model['hidden']}"
    how = "" if minutes <= TRIED else f"; extrapolated from runs of {TRIED} minutes"
    return Preset(
        description=f"text in {minutes} minutes on two cores: lstm-lm {size}, dropout {model['dropout']}{how}",
        settings={
            "task": {"kind": "text"},
            "model": {"kind": "lstm-lm", **model},
            "training": {"rate": rate, "batch": 64, "words": 0, "seconds": 60.0 * minutes, "evaluate_every": 500},
        },
    )


PRESETS |= {
    "text-3m": text_for(3, {"layers": 2, "hidden": 384, "dropout": 0.15}, 6e-3),
    "text-15m": text_for(15, {"layers": 2, "hidden": 512, "dropout": 0.2}, 5e-3),
    "text-60m": text_for(60, {"layers": 2, "hidden": 640, "dropout": 0.4, "weight_drop": 0.2}, 4e-3),
}

# By name what these tasks are learned with anyway, unless another model is named.
PRESETS |= {
    name: Preset(
        description=description,
        settings={
            "task": {"kind": name},
            "model": {"kind": TASKS[name].model, **TASKS[name].network},
            "training": dict(TASKS[name].training),
        },
    )
    for name, description in (
        ("path-parity", "parity along a path of 10, right along 1,000: recurrent-gnn of 32, noise on its states"),
        ("bfs", "breadth-first search of 16 nodes, right on 1,600: recurrent-gnn of 32 whose nodes answer once"),
    )
}


def choose(given: Mapping[str, object], preset: str | None = None, config: Path | None = None) -> Settings:
    """Settings of a run: the defaults, and over them all that is `chosen`. Raises ConfigError as that does."""
    return Settings.from_dict(chosen(given, preset, config))


def chosen(given: Mapping[str, object], preset: str | None = None, config: Path | None = None) -> dict[str, object]:
    """What stands over the defaults, as nested plain data: a preset, then a TOML file, then what the caller gives.

    The file may name its preset (`preset = "paper-2015"`). A later word on a part's kind drops what was said of
    another kind.

    Raises:
        ConfigError: one line: place, value, rule, way out.
    """
    from_file = read_toml(config) if config else {}
    named = from_file.pop("preset", None)
    name = str(preset or named or "default")
    one_of(name, PRESETS, "preset")
    merged = dict(PRESETS[name].settings)
    if config:
        try:
            merged = merge(merged, from_file)
            Settings.from_dict(merge(merged, kinds(given)))
        except ConfigError as error:
            raise ConfigError(f"{config}: {error}") from None
    return merge(merged, given)


def kinds(given: Mapping[str, object]) -> dict[str, object]:
    """The kinds alone of what is given: a file's settings may be of a model that the caller names."""
    parts = {part: table(given[part], part).get("kind") for part in ("task", "model") if part in given}
    return {part: kind for part, kind in parts.items() if kind is not None}
