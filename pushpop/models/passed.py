"""A classifier's cell over whole words in one compiled call: the kernels of the models with a memory, without one.

Axes: B words, T positions, M wanted positions, H hidden units, G rows of gates.
"""

import torch
from torch import Tensor

from pushpop.memory.fused import unroll
from pushpop.memory.layout import Kind, Net, Start, Words
from pushpop.models.cells import Cell
from pushpop.tasks.encoding import NO_SEPARATOR


def passed(kind: str, cell: Cell, table: Tensor, symbols: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """h [M, H] at flat `positions`, from h and c of 0, of an `rnn` or `lstm`; `table` [S, G]: each symbol's share."""
    words, hidden = len(symbols), cell.hidden
    none = table.new_empty
    own = cell.state.T[None]
    upper = none(0, 2, 1, hidden, own.shape[2]), none(0, 1, own.shape[2])
    interface = none(0, hidden), none(0), none(0, hidden), none(1, 0)
    net = Net(table[None].expand(2, -1, -1), own, none(1, 0, own.shape[2]), *upper, *interface)
    zeros = table.new_zeros(1, words, hidden)
    start = Start(zeros, zeros[:, :, :0] if kind == "rnn" else zeros, none(words, 0), none(words, 0, 0), none(words, 0))
    reading = torch.zeros(words, dtype=torch.int64)
    made: Tensor = unroll(
        net, start, Words(symbols, reading, lengths, positions), Kind(kind, "none", NO_SEPARATOR, False)
    ).out
    return made
