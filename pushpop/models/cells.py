"""Recurrent cells as their papers write them, one step at a time; `classifiers` runs them over whole words.

Axes: B words, H hidden units, E numbers a symbol becomes, G H rows that a cell takes from a symbol (G gates).
x_t is the symbol's embedding, s the logistic function, * the elementwise product; h_0 = c_0 = 0.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

Parts = tuple[Tensor, ...]  # what a cell carries on: h, or h and c, each [B, H]
Gates = Mapping[str, Tensor]  # by name, each [B, H]


class Cell(nn.Module, ABC):
    """What a recurrent cell is: from a symbol's share [B, G H] and what it carries, its gates, and what it carries on.

    `parts` is led by h, which is read out.
    """

    gates: tuple[str, ...]  # in the order of the rows of `symbol`
    recurrent: int  # blocks of H rows that act on what is carried
    carried = 1
    biased = True
    bias: Tensor

    def __init__(self, embedding: int, hidden: int) -> None:
        """Room for the weights; drawing them is another's matter."""
        super().__init__()
        self.hidden = hidden
        self.symbol = nn.Parameter(torch.empty(len(self.gates) * hidden, embedding))
        self.state = nn.Parameter(torch.empty(self.recurrent * hidden, hidden))
        bias = torch.zeros(len(self.gates) * hidden)
        if self.biased:
            self.bias = nn.Parameter(bias)
        else:
            self.register_buffer("bias", bias, persistent=False)

    def start(self, batch: int) -> Parts:
        """h_0 = 0 (and c_0 = 0)."""
        return (self.symbol.new_zeros(batch, self.hidden),) * self.carried

    def share(self, inputs: Tensor) -> Tensor:
        """What symbols [..., E] add to each row: W x + b, [..., G H]."""
        return nn.functional.linear(inputs, self.symbol, self.bias)

    @abstractmethod
    def open(self, share: Tensor, parts: Parts) -> Gates:
        """How far each gate is open, from a symbol's share and what is carried."""

    @abstractmethod
    def close(self, gates: Gates, parts: Parts) -> Parts:
        """What is carried on."""

    def forward(self, share: Tensor, parts: Parts) -> Parts:
        """One step."""
        return self.close(self.open(share, parts), parts)

    def through(self, inputs: Tensor) -> Tensor:
        """h_1..h_T [B, T, H] for embedded words [B, T, E]: a loop of steps until a cell knows a faster way."""
        share, parts, hidden = self.share(inputs.transpose(0, 1)), self.start(len(inputs)), list[Tensor]()
        for row in share:
            parts = self(row, parts)
            hidden.append(parts[0])
        return torch.stack(hidden, 1)


class Elman(Cell):
    """h_t = tanh(W_hx x_t + W_hh h_t-1 + b_h) (the assignment's equation 1)."""

    gates = ("h",)
    recurrent = 1

    def open(self, share: Tensor, parts: Parts) -> Gates:
        return {"h": torch.tanh(share + parts[0] @ self.state.T)}

    def close(self, gates: Gates, parts: Parts) -> Parts:  # noqa: ARG002 - others carry on some of what was
        return (gates["h"],)

    def through(self, inputs: Tensor) -> Tensor:
        none = torch.zeros_like(self.bias)
        start = inputs.new_zeros(1, len(inputs), self.hidden)
        weights = [self.symbol, self.state, self.bias, none]
        return torch.rnn_tanh(inputs, start, weights, True, 1, 0.0, self.training, False, True)[0]


class Lstm(Cell):
    """The LSTM of equations 4-9.

    i = s(W_ix x_t + W_ih h_t-1 + b_i), f and o likewise, g = tanh(W_gx x_t + W_gh h_t-1 + b_g),
    c_t = g * i + c_t-1 * f, h_t = tanh(c_t) * o.
    """

    gates = ("i", "f", "g", "o")  # torch's order
    recurrent = 4
    carried = 2

    def open(self, share: Tensor, parts: Parts) -> Gates:
        i, f, g, o = (share + parts[0] @ self.state.T).chunk(4, 1)
        return {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}

    def close(self, gates: Gates, parts: Parts) -> Parts:
        cell = gates["g"] * gates["i"] + parts[1] * gates["f"]
        return cell.tanh() * gates["o"], cell

    def through(self, inputs: Tensor) -> Tensor:
        none = torch.zeros_like(self.bias)
        start = inputs.new_zeros(1, len(inputs), self.hidden)
        weights = [self.symbol, self.state, self.bias, none]
        return torch.lstm(inputs, [start, start], weights, True, 1, 0.0, self.training, False, True)[0]


class Gru(Cell):
    """torch's GRU: biases, a reset after the matrix product, and z that weights the old state.

    r = s(W_rx x_t + b_r + W_rh h_t-1 + b'_r), z likewise, n = tanh(W_nx x_t + b_n + r * (W_nh h_t-1 + b'_n)),
    h_t = (1 - z) * n + z * h_t-1. The second biases b' of r and z add nothing to the first; torch has them.
    """

    gates = ("r", "z", "n")
    recurrent = 3

    def __init__(self, embedding: int, hidden: int) -> None:
        super().__init__(embedding, hidden)
        self.second = nn.Parameter(torch.empty(3 * hidden))

    def open(self, share: Tensor, parts: Parts) -> Gates:
        r, z, n = share.chunk(3, 1)
        from_r, from_z, from_n = nn.functional.linear(parts[0], self.state, self.second).chunk(3, 1)
        r, z = (r + from_r).sigmoid(), (z + from_z).sigmoid()
        return {"r": r, "z": z, "n": torch.tanh(n + r * from_n)}

    def close(self, gates: Gates, parts: Parts) -> Parts:
        return ((1 - gates["z"]) * gates["n"] + gates["z"] * parts[0],)

    def through(self, inputs: Tensor) -> Tensor:
        start = inputs.new_zeros(1, len(inputs), self.hidden)
        weights = [self.symbol, self.state, self.bias, self.second]
        return torch.gru(inputs, start, weights, True, 1, 0.0, self.training, False, True)[0]


class UvaGru(Cell):
    """The assignment's GRU (equations 29-32): no biases, a reset before the product, and z that weights the new state.

    z = s(W_z [h_t-1, x_t]), r = s(W_r [h_t-1, x_t]), n = tanh(W [r * h_t-1, x_t]), h_t = (1 - z) * h_t-1 + z * n.
    """

    gates = ("z", "r", "n")
    recurrent = 3
    biased = False

    def open(self, share: Tensor, parts: Parts) -> Gates:
        (hidden,) = parts
        of_gates, of_new = share.split([2 * self.hidden, self.hidden], 1)
        from_gates, from_new = self.state.split([2 * self.hidden, self.hidden])
        z, r = (of_gates + hidden @ from_gates.T).sigmoid().chunk(2, 1)
        return {"z": z, "r": r, "n": torch.tanh(of_new + (r * hidden) @ from_new.T)}

    def close(self, gates: Gates, parts: Parts) -> Parts:
        return ((1 - gates["z"]) * parts[0] + gates["z"] * gates["n"],)


class UvaPeephole(Cell):
    """The assignment's peephole LSTM (equations 35-39): gates see c_t-1 by whole matrices, and nothing sees h_t-1.

    f = s(W_fx x_t + W_fc c_t-1 + b_f), i and o likewise, c_t = s(W_cx x_t + b_c) * i + c_t-1 * f, h_t = tanh(c_t) * o.
    So a cell is never below 0.
    """

    gates = ("f", "i", "o", "c")
    recurrent = 3
    carried = 2

    def open(self, share: Tensor, parts: Parts) -> Gates:
        of_gates, new = share.split([3 * self.hidden, self.hidden], 1)
        f, i, o = (of_gates + parts[1] @ self.state.T).sigmoid().chunk(3, 1)
        return {"f": f, "i": i, "o": o, "c": new.sigmoid()}

    def close(self, gates: Gates, parts: Parts) -> Parts:
        cell = gates["c"] * gates["i"] + parts[1] * gates["f"]
        return cell.tanh() * gates["o"], cell


class Peephole(Cell):
    """The usual peephole LSTM (Gers, Schraudolph and Schmidhuber 2002): the LSTM, whose gates see c by one weight each.

    i = s(W_ix x_t + W_ih h_t-1 + p_i * c_t-1 + b_i), f likewise, o likewise but with c_t.
    """

    gates = ("i", "f", "g", "o")
    recurrent = 4
    carried = 2

    def __init__(self, embedding: int, hidden: int) -> None:
        super().__init__(embedding, hidden)
        self.peep = nn.Parameter(torch.empty(3, hidden))  # of i, f, o

    def open(self, share: Tensor, parts: Parts) -> Gates:
        hidden, cell = parts
        i, f, g, o = (share + hidden @ self.state.T).chunk(4, 1)
        i, f, g = (i + self.peep[0] * cell).sigmoid(), (f + self.peep[1] * cell).sigmoid(), g.tanh()
        return {"i": i, "f": f, "g": g, "o": (o + self.peep[2] * (g * i + cell * f)).sigmoid()}

    def close(self, gates: Gates, parts: Parts) -> Parts:
        cell = gates["g"] * gates["i"] + parts[1] * gates["f"]
        return cell.tanh() * gates["o"], cell


CELLS: dict[str, type[Cell]] = {
    "rnn": Elman,
    "lstm": Lstm,
    "bilstm": Lstm,
    "gru": Gru,
    "peephole-lstm": Peephole,
    "uva-gru": UvaGru,
    "uva-peephole": UvaPeephole,
}
