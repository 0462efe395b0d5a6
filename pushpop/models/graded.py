"""Loss and gradients in one compiled call, for training.

Axes: as in memory/layout.py; Z units of the layer between, O scores, X features that the scores are taken from.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels import head as kernel
from pushpop.kernels.grade import Targets, grade
from pushpop.kernels.threads import each, workers
from pushpop.memory.fused import Unrolled, first_only
from pushpop.memory.layout import Kind, Net, Start, Words, array
from pushpop.memory.passes import blank_grads, laid_back, lay_out, signature
from pushpop.memory.workspace import reused
from pushpop.models.heads import Head, head, head_arrays, head_gradients
from pushpop.models.unrolled import kind_of, net, start_of

if TYPE_CHECKING:
    from pushpop.models.augmented import MemoryModel


class _Graded(torch.autograd.Function):
    """Cross entropy, with gradients that are known before they are asked for."""

    @staticmethod
    def forward(ctx: Any, kind: Kind, words: Words, targets: Tensor, *given: Tensor) -> Tensor:  # pyrefly: ignore[bad-override]
        parts = len(Net._fields), len(Net._fields) + len(Start._fields)
        weights, start, out = Net(*given[: parts[0]]), Start(*given[parts[0] : parts[1]]), Head(*given[parts[1] :])
        with reused():  # the tape is not looked at again
            run = lay_out(weights, start, words, kind)
            # a row's gates are not looked at again once it has their gradients, which take their place
            grads = blank_grads(run, (None,) * len(Unrolled._fields), run.tape.gates)
            arrays = head_arrays(out, run.sizes, start)
            made = kernel.Head(*(np.zeros((run.layout.groups, *part.shape), part.dtype) for part in arrays))
            right = Targets(array(targets), len(out.bias), np.zeros(run.layout.groups))
            each(
                lambda group: grade(
                    signature(run), group, run.layout, run.sizes, run.weights, arrays, right, run.tape, grads, made
                ),
                run.layout.groups, workers(torch.get_num_threads()),
            )  # fmt: skip
            ctx.made = (*laid_back(run, grads), *head_gradients(made, out, run.sizes, start))
        return weights.value.new_tensor(right.losses.sum())

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:  # pyrefly: ignore[bad-override]
        first_only("loss")
        whole = float(upstream)
        return (None, None, None, *(part if whole == 1 else part * whole for part in ctx.made))


def loss(model: "MemoryModel", symbols: Tensor, lengths: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
    """The compiled twin of `SequenceModel.loss`."""
    state = model.state(len(symbols))
    words = Words(symbols, state.writing, lengths, positions)
    kind = kind_of(model, state, memory=False)
    return graded(kind, words, targets, net(model), start_of(model, state), head(model.mix, model.output))


def graded(kind: Kind, words: Words, targets: Tensor, net: Net, start: Start, head: Head) -> Tensor:
    """Mean cross entropy (nats) of the symbols `targets` [M] at the wanted positions of a net with this output map."""
    made: Tensor = _Graded.apply(kind, words, targets, *net, *start, *head)
    return made
