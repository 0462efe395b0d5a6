"""A run folder as a network that can be used: `load`."""

from pathlib import Path
from typing import Any

import torch

from pushpop.errors import ConfigError
from pushpop.experiments import packaged, store
from pushpop.experiments.answering import TrainedWords
from pushpop.experiments.graphed import TrainedGraphs
from pushpop.experiments.one_graph import TrainedOneGraph
from pushpop.experiments.trained import build_model, on_device
from pushpop.experiments.written import TrainedText
from pushpop.tasks.graphs.instance import GraphTask
from pushpop.tasks.graphs.papers import OneGraph
from pushpop.tasks.task import shown
from pushpop.tasks.text import Text
from pushpop.training.checkpoint import read_weights


def load(
    path: Path | str, device: str | torch.device = "auto"
) -> TrainedWords | TrainedGraphs | TrainedOneGraph | TrainedText:
    """The network of a run folder, finished or not, or one that comes with the package, such as "@reverse".

    Reads JSON and safetensors alone, so it can run no code.

    Raises:
        ConfigError: what is given is no path, or no device that is here.
        RunError: the folder is missing or damaged, or has no weights yet; or no network of that name comes with it.
    """
    try:
        path = packaged.found(Path(path))
    except TypeError:
        raise ConfigError(f"path: {shown(path)} is no path; give that of a run folder") from None
    config = store.read_config(path)
    metrics = store.read_metrics(path)
    task = config.settings.task.build()
    stored = store.read_vocabulary(path) if isinstance(task, Text) else None
    model = build_model(config.settings, stored)
    read_weights(model, path)
    model.to(on_device(device, config.settings.model)).eval()
    same: Any = {"path": path, "settings": config.settings, "task": task, "model": model, "metrics": metrics}
    if stored is not None:
        return TrainedText(**same, vocabulary=stored)
    if isinstance(task, OneGraph):
        return TrainedOneGraph(**same)
    return TrainedGraphs(**same) if isinstance(task, GraphTask) else TrainedWords(**same)
