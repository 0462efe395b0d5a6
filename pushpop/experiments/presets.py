"""Published networks and ours, by name, as what they change from the defaults."""

from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments.fields import one_of

PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "default": ("ours: every default as it is", {}),
    "paper-2015": (
        "Grefenstette et al. 2015: LSTM 256 with a stack of width 256, delayed read, pop bias -1, RMSProp, batch 10",
        {
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
                "push_bias": 0.0,
                "pop_bias": -1.0,
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
    "cs281-2019": (
        "the CS281 study: LSTM 64 with a stack of width 64, a cell per phase, one-hot symbols, Adam, batch 50",
        {
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
                "push_bias": 0.0,
                "pop_bias": 0.0,
                "cell_biases": 2,
            },
            # 10,000 batches; its code has clipping commented out.
            "training": {"optimiser": "adam", "rate": 1e-3, "batch": 50, "clip": 0.0, "words": 500_000},
        },
    ),
}


def preset(name: str) -> dict[str, Any]:
    """What a preset changes from the defaults, as nested plain data.

    Raises:
        ConfigError: there is no preset of that name.
    """
    one_of(name, PRESETS, "preset")
    return PRESETS[name][1]


def describe(name: str) -> str:
    """One line for people."""
    if name not in PRESETS:
        raise ConfigError(f"preset: {name!r} is not known; give one of {', '.join(PRESETS)}")
    return PRESETS[name][0]
