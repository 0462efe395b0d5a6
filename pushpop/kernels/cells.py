"""The recurrent cell of one word, whichever it is: which one is a number, so that one compiled kernel serves all.

`before` and `after` are what a cell carries from step to step beside h: the LSTM its c, the GRU its h once more, the
Elman cell nothing.
"""

from pushpop.kernels import gru, lstm, squash
from pushpop.kernels.inner import inner
from pushpop.kernels.rows import copy, slope_of_tanh

RNN, LSTM, GRU = range(3)
CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
ROWS = {RNN: 1, LSTM: 4, GRU: 4}  # of gates
CARRIES = {RNN: 0, LSTM: 1, GRU: 1}  # rows carried beside h


@inner
def forward(cell, hidden, gates, gates_at, before, before_at, after, after_at, h, h_at):
    """Squash the gates in place; what is carried from `before` into `after`, and h_t."""
    if cell == LSTM:
        lstm.forward(hidden, gates, gates_at, before, before_at, after, after_at, h, h_at)
    elif cell == GRU:
        gru.forward(hidden, gates, gates_at, before, before_at, after, after_at, h, h_at)
    else:
        squash.tanh(hidden, gates, gates_at)
        copy(hidden, gates, gates_at, h, h_at)


@inner
def backward(
    cell, hidden, gates, gates_at, before, before_at, after, after_at, grad, grad_at, carried, carried_at, into, into_at
):
    """Gradients of what entered the gates, from `grad` of h_t; `carried`: from the gradient after to the one before."""
    if cell == LSTM:
        lstm.backward(
            hidden, gates, gates_at, before, before_at, after, after_at, grad, grad_at, carried, carried_at, into,
            into_at,
        )  # fmt: skip
    elif cell == GRU:
        gru.backward(hidden, gates, gates_at, before, before_at, grad, grad_at, carried, carried_at, into, into_at)
    else:
        slope_of_tanh(hidden, gates, gates_at, grad, grad_at, into, into_at)
