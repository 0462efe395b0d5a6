"""How much arithmetic a training step is, counted on what must be computed, and what the machine can do of it."""

import time

import torch

from pushpop.models.augmented import MemoryModel
from pushpop.studies.contest import Work, middle

OPERATIONS = (
    "operations: 3 (forward, and twice that backward) x 2 x (positions x p + outputs x o), p = g h (h + r) + "
    "(l - 1) 2 g h h + h (w + s), o = v (h + r); g gates (LSTM 4, GRU 3, RNN 1), h hidden, l layers, r numbers read, "
    "w written, s strengths or actions, v symbols; of real positions and matrix products alone, a symbol's own part "
    "being a look-up, and the work on the memory itself left out"
)


def operations(model: MemoryModel, work: Work) -> int:
    """What OPERATIONS says, for all of the work."""
    controller = [model.controller.read, *model.controller.below, *model.controller.hidden]
    interface = [weights for name, weights in model.interface.named_parameters() if "bias" not in name]
    position = sum(size(weights) for weights in (*controller, *interface))
    output = sum(size(layer.weight) for layer in (model.mix, model.output) if layer is not None)
    return 6 * (work.positions * position + work.outputs * output)


def size(weights: torch.Tensor) -> int:
    """Numbers that one position meets: of the cells' weights, those of one phase."""
    return weights.shape[-2] * weights.shape[-1]


def sgemm_speed(side: int, repetitions: int) -> float:
    """GFLOP/s of a product of two float32 matrices [side, side], on all threads in use."""
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.rand(side, side, generator=generator) for _ in range(2))
    product = torch.empty_like(a)
    times = []
    for _ in range(repetitions + 1):
        began = time.perf_counter()
        torch.mm(a, b, out=product)
        times.append(time.perf_counter() - began)
    return float(2 * side**3 / middle(times[1:])[0] / 1e9)
