"""A network out of its run folder, ready to be used: what every one can be asked, and how it is built."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pushpop.errors import ConfigError, PushpopError
from pushpop.experiments import packaged, papers
from pushpop.experiments.settings import ModelChoice, Settings
from pushpop.graphs.catalogue import build_graph
from pushpop.models import catalogue
from pushpop.models.settings import ControllerSettings
from pushpop.tasks.classification import Classification
from pushpop.tasks.graphs.instance import GraphTask
from pushpop.tasks.graphs.papers import OneGraph
from pushpop.tasks.task import Answers, Task, shown
from pushpop.tasks.text import Text
from pushpop.tasks.vocabulary import Vocabulary
from pushpop.training.settings import DEVICE

ASKED: dict[Answers, tuple[str, str]] = {
    "written": ("words", "predict"),
    "class": ("words", "predict"),
    "text": ("text", "generate"),
    "graph": ("graphs", "eval"),
    "nodes": ("one graph", "predict"),
    "links": ("one graph", "predict"),
}
"""What a run is on, and the command that asks it something."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained network with the run folder it came from: a `TrainedWords`, `TrainedText`, `TrainedGraphs` or
    `TrainedOneGraph`."""

    path: Path
    settings: Settings
    task: Task
    model: Any
    """A `SequenceModel`, of text a `LanguageModel`; of graphs it may be a `GraphNet`."""
    metrics: dict[str, Any] | None
    """The result of the run as `metrics.json` holds it; None if the run has not ended."""

    @property
    def solved(self) -> bool:
        """Whether every validation and test word was answered (or classified) right at the end."""
        return bool(self.metrics and self.metrics["solved"])

    def summary(self) -> dict[str, Any]:
        """What `pushpop train --json` prints: the run folder and its result."""
        return {"run": str(self.path), **(self.metrics or {})}

    def refuse(self, place: str) -> PushpopError:
        """What to raise where something is asked that this task does not have."""
        kind, instead = ASKED[self.task.answers]
        return PushpopError(
            f"{place}: {packaged.told(self.path)} is a run on {kind}; use `pushpop {instead}`, or give another run"
        )


def build_model(settings: Settings, vocabulary: Vocabulary | None = None) -> Any:
    """The untrained model of these settings: its first weights follow from the seed.

    A model of text has the `vocabulary` of its run, or else that of its corpus.
    """
    task, model = settings.task.build(), settings.model
    if isinstance(task, Text):
        size = (vocabulary or task.vocabulary).size
        return catalogue.build_language(model.kind, model.settings, size, settings.seed)
    if isinstance(task, GraphTask):
        return build_graph(model.kind, model.settings, task, settings.seed)
    if isinstance(task, OneGraph):
        return papers.build(model.kind, model.settings, task, settings.seed)
    inputs, outputs, separator = task.alphabet
    classes = outputs if isinstance(task, Classification) else 0
    return catalogue.build(model.kind, model.settings, inputs, separator, settings.seed, classes)


def on_device(name: str | torch.device, model: ModelChoice) -> torch.device:
    """The device a name stands for. `auto` is a GPU where there is one, but never for a model whose fused CPU kernels
    outrun it.

    Raises:
        ConfigError: there is no such device here.
    """
    small = isinstance(model.settings, ControllerSettings) and model.settings.engine in ("auto", "fused")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() and not small else "cpu")
    if not isinstance(name, str | torch.device) or not DEVICE.fullmatch(str(name)):
        raise ConfigError(f"device: {shown(name)} is no device; give auto, cpu, cuda or cuda:0")
    name = str(name)
    if name != "cpu" and (not torch.cuda.is_available() or int(name[5:] or 0) >= torch.cuda.device_count()):
        raise ConfigError(f"device: {name} is not there; give cpu or auto")
    return torch.device(name)
