"""The memories in plain Python, in the paper's order and letters: the slow twin that judges every fast engine.

Grefenstette, Hermann, Suleyman, Blunsom, "Learning to Transduce with Unbounded Memory" (arXiv 1506.02516), equations
1 to 11. Read it beside the paper.

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

A DeQue is pushed, popped and read at both ends; every step adds two rows, one below the others and one above. Its
strengths and both its reads at four steps, which the paper does not show:

>>> V, s = [], []
>>> for v_top, v_bot, d_top, d_bot, u_top, u_bot in [
...     (1, 10, 0.8, 0.3, 0.0, 0.0),
...     (2, 20, 0.5, 0.6, 0.1, 0.2),
...     (3, 30, 0.9, 0.4, 0.7, 0.5),
...     (4, 40, 0.2, 0.1, 0.6, 0.9),
... ]:
...     V, s = [v_bot, *V, v_top], [d_bot, *pop_deque(s, u_top, u_bot), d_top]
...     r_top, r_bot = read(V, read_top(s)), read(V, read_bottom(s))
...     print([round(x, 6) for x in s], "reads:", round(r_top, 6), round(r_bot, 6))
[0.3, 0.8] reads: 2.8 3.7
[0.6, 0.1, 0.7, 0.5] reads: 1.5 13.3
[0.4, 0.1, 0.1, 0.5, 0, 0.9] reads: 2.8 15.4
[0.1, 0, 0, 0, 0.2, 0, 0.3, 0.2] reads: 5.9 5.9

At the last step less than 1 is left, and both reads see all of it.

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


def pop_deque(s: Sequence[Number], u_top: Number, u_bot: Number) -> list[Number]:
    """Equations 7 and 8: the pop at the top, then, from what it has left, the pop at the bottom.

    Of all 2(t - 1) rows there are: the bounds are printed one short, and in the sum of equation 8 j runs, not i.
    """
    rows = range(len(s))
    s_top = [max(0, s[i] - max(0, u_top - newest_first(s[i + 1 :]))) for i in rows]
    return [max(0, s_top[i] - max(0, u_bot - sum(s_top[:i]))) for i in rows]


def read_top(s: Sequence[Number]) -> list[Number]:
    """Equation 10, the factors of the values: as equation 3, from row 2t down."""
    return [min(s[i], max(0, 1 - newest_first(s[i + 1 :]))) for i in range(len(s))]


def read_bottom(s: Sequence[Number]) -> list[Number]:
    """Equation 11, the factors of the values: as equation 5, from row 1 up."""
    return [min(s[i], max(0, 1 - sum(s[:i]))) for i in range(len(s))]


def read(V: Sequence[Number], w: Sequence[Number]) -> Number:
    """Equations 3, 5, 10, 11: the sum of the values (numbers or vectors [W]), each times its factor; 0 with no rows."""
    return sum(w[i] * V[i] for i in range(len(V)))


def newest_first(s: Sequence[Number]) -> Number:
    """The sum over some rows, in the order in which a stack passes them: how a sum rounds depends on its order."""
    return sum(reversed(s))
