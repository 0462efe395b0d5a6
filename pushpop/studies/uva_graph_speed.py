"""What an epoch on Cora costs with sparse features beside dense ones: the same net, in turns, in one process.

An epoch is a training step on all nodes and a scoring of all, with one thread. Time is the processor's, so that a busy
machine lengthens it little; medians over turns. Kept beside a run, in `epoch.json`.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from pushpop.errors import RunError
from pushpop.experiments import store
from pushpop.experiments.papers import build, known_of
from pushpop.graphs.papers import Known, OneGraphNet
from pushpop.models.paper_settings import GCNPaperSettings
from pushpop.reporting.writing import Table
from pushpop.tasks.graphs.papers import Nodes

EPOCH = "epoch.json"
TURNS, TINY_TURNS, FIRST = 40, 3, 5  # turns, in small; epochs of a turn that are not counted: everything is new to them
CLOSE = 1e-4  # of a loss
PUBLISHED = GCNPaperSettings(hidden=16, words=0.5, dropout=0.5)  # Kipf and Welling 2017


class Dense(nn.Module):
    """The same net over a matrix of all words of all nodes, most of them 0: chance is drawn for each of these."""

    def __init__(self, net: OneGraphNet, known: Known, left_out: float) -> None:
        super().__init__()
        self.net, self.features, self._left_out = net, known.words.dense(), left_out

    def forward(self, known: Known) -> Tensor:
        net: Any = self.net
        words = dropout(self.features, self._left_out, self.training)
        state = (net.hear(0, words @ net.first.weight, known.graphs) + net.biases[0]).relu()
        state = net.left_out(state, net.settings.dropout)
        return net.hear(1, net.maps[0](state), known.graphs) + net.biases[1]


def epochs(task: Nodes, settings: GCNPaperSettings, turns: int = TURNS) -> dict[str, Any]:
    """Milliseconds of an epoch with sparse and with dense features, and how many times the first is as fast.

    RunError where the two do not agree.
    """
    known, net = known_of(task), build("gcn", settings, task, 0)
    sides: dict[str, nn.Module] = {"sparse": net, "dense": Dense(net, known, settings.words)}
    nodes = torch.from_numpy(task.citations.splits["training"])
    labels = torch.from_numpy(task.citations.labels)[nodes]
    losses = [cross_entropy(side.eval()(known)[nodes], labels).item() for side in sides.values()]
    if abs(losses[0] - losses[1]) > CLOSE:
        raise RunError(f"epoch: sparse features cost {losses[0]:.6f}, dense ones {losses[1]:.6f}; none is timed")
    step = torch.optim.Adam(net.parameters(), 1e-6, fused=True)
    times: dict[str, list[float]] = {name: [] for name in sides}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for turn in range(FIRST + turns):
        for name, side in sides.items():
            took = timed(lambda side=side: epoch(side, step, known, nodes, labels))  # type: ignore[misc]
            times[name] += [took] if turn >= FIRST else []
    torch.set_num_threads(threads)
    middle = {name: 1000 * statistics.median(some) for name, some in times.items()}
    return {**middle, "ratio": middle["dense"] / middle["sparse"], "turns": turns}


def epoch(side: nn.Module, step: torch.optim.Optimizer, known: Known, nodes: Tensor, labels: Tensor) -> None:
    """A training step, then a look at all nodes."""
    side.train()
    step.zero_grad()
    cross_entropy(side(known)[nodes], labels).backward()
    step.step()
    side.eval()
    with torch.no_grad():
        side(known)


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor that it takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(run: Path, quick: bool) -> None:
    """Time the published net and that of a run that has ended, both with first weights, unless that is done."""
    settings = store.read_config(run).settings
    own, task = settings.model.settings, settings.task.build()
    assert isinstance(own, GCNPaperSettings), f"{run} is no run of a gcn"
    assert isinstance(task, Nodes), f"{run} names no classes"
    if not found(run):
        rows = [
            {"net": f"{name}, {one.hidden} units", **epochs(task, one, TINY_TURNS if quick else TURNS)}
            for name, one in (("as published", PUBLISHED), ("ours", own))
        ]
        store.write_json(run / EPOCH, {"rows": rows})


def found(run: Path) -> list[dict[str, Any]]:
    """What was measured beside a run; nothing if it was not, or is damaged."""
    try:
        rows = store.read_json(run / EPOCH).get("rows")
        return rows if isinstance(rows, list) else []
    except RunError:
        return []


def table(times: Sequence[dict[str, Any]], steps: int) -> Table:
    """A row a net: both epochs, how many times as fast, and what a run of so many epochs takes."""
    rows = tuple(
        (one["net"], round(one["sparse"], 1), round(one["dense"], 1), f"**{one['ratio']:.1f}x**",
         round(one["sparse"] * steps / 1000, 1)) for one in times
    )  # fmt: skip
    columns = ("GCN", "sparse, ms an epoch", "dense, ms an epoch", "as fast", f"seconds for {steps} epochs")
    caption = (
        f"Processor time with one thread, medians of {times[0]['turns']} epochs of each in turns, every epoch with a "
        "look at all nodes: the same net over the words that papers have, and over a matrix of all words, as is usual."
    )
    return Table("Cora: an epoch with sparse features beside dense ones", columns, rows, caption)
