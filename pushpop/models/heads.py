"""A model's output map between torch's tensors and the kernels' arrays.

Axes: H hidden units, A hands of the memory, W width of a value, Z units of the layer between, O scores; K, and rows
and columns filled up, as in memory/layout.py.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from pushpop.kernels import head as kernel
from pushpop.kernels.tape import Sizes
from pushpop.memory.layout import Array, Start, array, filled
from pushpop.memory.passes import summed


class Head(NamedTuple):
    """An output map: weight and bias of the layer between (empty where there is none), and of the scores."""

    mix: Tensor  # [Z, H or H + A W]
    mix_bias: Tensor  # [Z]
    scores: Tensor  # [O, X]
    bias: Tensor  # [O]


def head(mix: nn.Linear | None, output: nn.Linear) -> Head:
    """Of these maps."""
    none = output.bias.new_empty(0)
    between = (none[:, None], none) if mix is None else (mix.weight, mix.bias)
    return Head(*between, output.weight, output.bias)


def head_arrays(head: Head, sizes: Sizes, start: Start) -> kernel.Head:
    """The kernels' weights; those of the reads are 0 where the output does not see them (delayed wiring)."""
    mix, mix_bias, scores, bias = map(array, head)
    units, width = start.h.shape[2], start.values.shape[2]
    if not len(mix_bias):
        between = np.zeros((sizes.depth, 0), bias.dtype)
        return kernel.Head(between, mix_bias, _from_features(scores, sizes, units, width), _columns(bias))
    second = np.zeros((filled(len(mix_bias)), filled(len(bias))), bias.dtype)
    second[: len(mix_bias), : len(bias)] = scores.T
    return kernel.Head(_from_features(mix, sizes, units, width), _columns(mix_bias), second, _columns(bias))


def head_gradients(made: tuple[Array, ...], head: Head, sizes: Sizes, start: Start) -> tuple[Tensor, ...]:
    """Of `Head`, from the kernels' sums of each group."""
    mix, mix_bias, scores, bias = map(summed, made)
    units, width, between, outputs = start.h.shape[2], start.values.shape[2], len(head.mix_bias), len(head.bias)
    if between:
        first = _to_features(mix, head.mix, sizes, units, width)
        parts = [first, mix_bias[:between], scores[:between, :outputs].T, bias[:outputs]]
    else:
        parts = [
            np.zeros((0, 1), bias.dtype),
            mix_bias,
            _to_features(scores, head.scores, sizes, units, width),
            bias[:outputs],
        ]
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in parts)


def _from_features(weight: Array, sizes: Sizes, units: int, width: int) -> Array:
    """A map's weight [C, H or H + A W] as the kernels have it: [K, C filled up]."""
    out = np.zeros((sizes.depth, filled(len(weight))), weight.dtype)
    out[:units, : len(weight)] = weight[:, :units].T
    if weight.shape[1] > units:
        reads = out[sizes.hidden :].reshape(-1, sizes.width, out.shape[1])
        reads[:, :width, : len(weight)] = weight[:, units:].T.reshape(-1, width, len(weight))
    return out


def _to_features(made: Array, weight: Tensor, sizes: Sizes, units: int, width: int) -> Array:
    """The gradient of such a weight, from that of the kernels'."""
    columns = len(weight)
    own = made[:units, :columns].T
    if weight.shape[1] == units:
        return own
    reads = made[sizes.hidden :].reshape(-1, sizes.width, made.shape[1])[:, :width, :columns]
    return np.concatenate([own, reads.reshape(-1, columns).T], 1)


def _columns(bias: Array) -> Array:
    """Filled up with zeros."""
    return np.pad(bias, (0, filled(len(bias)) - len(bias)))
