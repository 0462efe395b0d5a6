"""A classifier's cell over whole words in one compiled call: the kernels of the models with a memory, without one.

Axes: B words, T positions, M wanted positions, H hidden units, G rows of gates.
"""

import torch
from torch import Tensor

from pushpop.memory.fused import unroll
from pushpop.memory.layout import Kind, Words
from pushpop.models.cells import Cell
from pushpop.models.plain import alone, one_layer, start_alone
from pushpop.tasks.encoding import NO_SEPARATOR


def passed(kind: str, cell: Cell, table: Tensor, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """h [M, H] at flat `positions`, from h and c of 0, of an `rnn` or `lstm`; `table` [S, G]: each symbol's share."""
    own = cell.state.T[None]
    net = alone(table[None].expand(2, -1, -1), own, one_layer(table, own))
    zeros = table.new_zeros(1, len(symbols), cell.hidden)
    start = start_alone(kind, zeros, zeros)
    reading = torch.zeros(len(symbols), dtype=torch.int64)
    made: Tensor = unroll(
        net, start, Words(symbols, reading, lengths, positions), Kind(kind, "none", NO_SEPARATOR, False)
    ).out
    return made
