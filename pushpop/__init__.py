"""Networks with memories they push to and pop from: train on short inputs, work on far longer ones."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pushpop.experiments.loading import load as load
    from pushpop.experiments.trained import Trained as Trained
    from pushpop.experiments.trial import train as train

__version__ = "0.1.0"

__all__ = ["Trained", "__version__", "load", "train"]

PLACES = {
    "Trained": "pushpop.experiments.trained",
    "load": "pushpop.experiments.loading",
    "train": "pushpop.experiments.trial",
}


def __getattr__(name: str) -> Any:
    """`train`, `load` and `Trained` are imported when first asked for: importing pushpop imports no torch."""
    if name in PLACES:
        return getattr(importlib.import_module(PLACES[name]), name)
    raise AttributeError(f"module 'pushpop' has no attribute {name!r}")
