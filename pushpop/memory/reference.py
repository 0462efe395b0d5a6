"""The memories in plain Python, in the paper's order and letters: the slow twin that judges every fast engine.

Grefenstette, Hermann, Suleyman, Blunsom, "Learning to Transduce with Unbounded Memory" (arXiv 1506.02516), equations
1 to 5. Read it beside the paper.

A memory is a list of rows, oldest first. Row i holds a value V[i] and a strength s[i]: how much of the value is there.
Nothing is ever taken out or moved; a row that has been popped is one whose strength has become 0. At every step t

* a pop takes the quantity u from the rows' strengths, beginning at the row to be read first and going on to the next
  when a row has no more to give;
* a push adds the value v with strength d;
* a read takes the quantity 1 in the same way, but from a copy, and adds up the values it passes, each times what it
  gave.

With strengths of 0 and 1 this is an ordinary stack (taken from the newest row) or queue (from the oldest). In between,
everything has a gradient, so that a network can learn when to push and when to pop.

The stack of the paper's figure 1, its values v1, v2, v3 being 1, 2 and 3:

>>> V, s = [], []
>>> for v, d, u in [(1, 0.8, 0), (2, 0.5, 0.1), (3, 0.9, 0.9)]:
...     V, s = [*V, v], [*pop_stack(s, u), d]
...     r = read(V, read_stack(s))
...     print([round(x, 6) for x in s], "read:", round(r, 6))
[0.8] read: 0.8
[0.7, 0.5] read: 1.5
[0.3, 0, 0.9] read: 2.8

The last pop, 0.9, took all of row 2 and 0.4 of row 1; the last read is 0.9 of v3, nothing of v2 and 0.1 of v1. A queue
that is told the same gives up its oldest rows first:

>>> V, s = [], []
>>> for v, d, u in [(1, 0.8, 0), (2, 0.5, 0.1), (3, 0.9, 0.9)]:
...     V, s = [*V, v], [*pop_queue(s, u), d]
...     r = read(V, read_queue(s))
...     print([round(x, 6) for x in s], "read:", round(r, 6))
[0.8] read: 0.8
[0.7, 0.5] read: 1.3
[0, 0.3, 0.9] read: 2.7

Numbers may be Python's own, fractions, or 0-d tensors, through which autograd then gives the exact gradients. Where two
arguments of `max` or `min` are equal the derivative is that of the left one (the paper's footnote 1). Python's `max`
and `min` return the left one too, which is why the equations can stand here as printed.
"""

from collections.abc import Sequence
from typing import Any

Number = Any  # int, float, Fraction or a 0-d tensor


def pop_stack(s: Sequence[Number], u: Number) -> list[Number]:
    """Equation 2, rows i < t: what row i has left is what it had, less what the newer rows could not give of u."""
    t = len(s)
    return [max(0, s[i] - max(0, u - newest_first(s[i + 1 : t]))) for i in range(t)]


def read_stack(s: Sequence[Number]) -> list[Number]:
    """Equation 3, the factors of the values: row i gives what the newer rows could not give of 1, if it has as much."""
    t = len(s)
    return [min(s[i], max(0, 1 - newest_first(s[i + 1 : t]))) for i in range(t)]


def pop_queue(s: Sequence[Number], u: Number) -> list[Number]:
    """Equation 4, rows i < t: as equation 2, from the oldest row on."""
    return [max(0, s[i] - max(0, u - sum(s[:i]))) for i in range(len(s))]


def read_queue(s: Sequence[Number]) -> list[Number]:
    """Equation 5, the factors of the values: as equation 3, from the oldest row on."""
    return [min(s[i], max(0, 1 - sum(s[:i]))) for i in range(len(s))]


def read(V: Sequence[Number], w: Sequence[Number]) -> Number:
    """Equations 3 and 5: the sum of the values (numbers, or vectors [W]), each times its factor; 0 with no rows."""
    return sum(w[i] * V[i] for i in range(len(V)))


def newest_first(s: Sequence[Number]) -> Number:
    """The sum over some rows, in the order in which a stack passes them: how a sum rounds depends on its order."""
    return sum(reversed(s))
