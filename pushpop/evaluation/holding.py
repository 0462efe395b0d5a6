"""What symbol a cell of a memory holds, by the network's own output map: the one it would speak for if it were read.

Axes: N cells, A hands of the memory, W width of a value, O scores, H hidden units, Q units of the output's tanh layer.
"""

from typing import Any

import torch
from torch import Tensor

from pushpop.models.augmented import MemoryModel


def maps_of(model: Any) -> tuple[Tensor, ...]:
    """From a value read by each hand to what it adds to the scores: A times [O, W].

    With an output layer o = tanh(W_o [h; r] + b_o) these are its weights' product, which forgets the tanh. There are
    none where a read does not reach the scores of its own step (`wiring = "delayed"`), and none of superposition
    stacks, whose cells hold mixtures.
    """
    if not isinstance(model, MemoryModel) or model.settings.wiring != "direct":
        return ()
    hands = getattr(model.interface.memory, "hands", ())
    if not hands:
        return ()
    weights = model.output.weight.detach()
    if model.mix is not None:
        weights = weights @ model.mix.weight.detach()
    reads = weights[:, model.settings.hidden :]
    return reads.split(reads.shape[1] // len(hands), dim=1)


def symbols_in(values: Tensor, read: Tensor) -> Tensor:
    """The symbol that each value [..., W] speaks for by a map [O, W]: int64 [...]."""
    return torch.argmax(values.to(read.device) @ read.T, -1)
