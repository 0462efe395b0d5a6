"""The ways to train one network that `bench` knows: our engines, and the formulations of others."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from pushpop.models.augmented import MemoryModel
from pushpop.models.catalogue import build, kind_of
from pushpop.models.settings import Engine, MemorySettings
from pushpop.studies.baselines import PublishedStackLSTM, TunedStackLSTM
from pushpop.studies.compiled import CompiledStackLSTM
from pushpop.studies.contest import Contestant, TorchContestant, Work
from pushpop.studies.published_stacks import ListStack, StudyListStack
from pushpop.studies.scan import ScanContestant
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

TASK = Reverse()
# Of a network's weights, what to train on, and threads (0: as it likes).
Enter = Callable[[MemoryModel, Work, int], Contestant]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a network is computed, in a line for people; `enter` has it take part."""

    enter: Enter
    says: str = ""
    grouped: bool = True  # given the words one length a batch, as its authors train
    ragged: bool = True  # whether it can take words of several lengths in one batch at all


def network(kind: str, sizes: Mapping[str, float], engine: str = "fused") -> MemoryModel:
    """A model of the catalogue with its default settings but for some sizes, for TASK; of lists with plain sigmoids."""
    chosen = kind_of(kind).settings
    plain = {"margin": 0.0} if issubclass(chosen, MemorySettings) else {}
    settings = chosen(**sizes, **plain, engine=engine)  # type: ignore[call-arg]
    model = build(kind, settings, vocabulary(TASK.symbols), SEPARATOR, seed=0)
    assert isinstance(model, MemoryModel), f"{kind} has no memory"
    return model


def stirred(model: MemoryModel) -> MemoryModel:
    """A copy that works its memory at every strength: with first weights hardly a read depends on a pop."""
    other = deepcopy(model)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in other.interface.parameters():
            weights += torch.empty_like(weights).uniform_(-0.5, 0.5, generator=generator)
    return other


def on_engine(engine: Engine) -> Enter:
    """One of ours."""

    def enter(model: MemoryModel, work: Work, threads: int) -> Contestant:
        twin = deepcopy(model)
        twin.settings = replace(model.settings, engine=engine)
        return TorchContestant(twin, work, threads)

    return enter


def in_torch(formulation: Callable[[MemoryModel], nn.Module]) -> Enter:
    """The network with its weights in another formulation."""
    return lambda model, work, threads: TorchContestant(formulation(model), work, threads)


WAYS: dict[str, Way] = {
    "fused": Way(enter=on_engine("fused"), grouped=False),
    "eager": Way(
        enter=on_engine("eager"),
        grouped=False,
        says="our own PyTorch with running sums; the same batches as fused",
    ),
    "dense-triangular": Way(
        enter=in_torch(PublishedStackLSTM),
        ragged=False,
        says="as the 2019 reversal study trains, all of it anew at every step",
    ),
    "dense-tuned": Way(
        enter=in_torch(TunedStackLSTM),
        says="the same stack, all around it as quick as eager PyTorch gets",
    ),
    "list-of-tensors": Way(
        enter=in_torch(partial(TunedStackLSTM, stack=ListStack)),
        says="as rau and stack-attention: a Python loop over (value, strength) from the top, all around it quick",
    ),
    "study-list": Way(
        enter=in_torch(partial(PublishedStackLSTM, stack=StudyListStack)),
        ragged=False,
        says="what the 2019 study had before its triangular matrices: lists, and every sum added up anew",
    ),
    "torch-compile": Way(
        enter=in_torch(CompiledStackLSTM),
        says="one step with a buffer for all cells under torch.compile, called for each position",
    ),
    "jax-scan": Way(
        enter=ScanContestant,
        says="lax.scan over a buffer for all cells, the whole step one program, on JAX's own threads",
    ),
}
