"""The superposition stack in plain Python, in the paper's order and letters: the slow twin of its fast engines.

Joulin, Mikolov, "Inferring Algorithmic Patterns with Stack-Augmented Recurrent Nets" (arXiv 1503.01007). Read it
beside the paper.

A stack is a column of cells s, s[0] on top; below its last cell everything is `empty`, for ever (-1 in the paper). At
every step t an action a is taken: the chances of PUSH and POP, and of NO-OP if there is such a thing, adding up to 1.
The column becomes the mean of what each would make of it:

* pushed, every cell goes down by one and the value v comes on top;
* popped, every cell goes up by one and the top is gone;
* under a no-op it stays.

With one chance of 1 and the others 0 this is an ordinary stack. Otherwise every cell mixes with its neighbours, and
everything has a gradient.

>>> s = []
>>> for v, a in [(1, (0.8, 0.2)), (2, (0.5, 0.5)), (3, (0.1, 0.9))]:
...     s = work(s, a, v, empty=-1)
...     print([round(x, 6) for x in s])
[0.6]
[0.5, -0.2]
[0.12, -0.85, -0.92]

Numbers may be Python's own, fractions, or tensors, through which autograd then gives the exact gradients; a cell may be
a vector [W].
"""

from collections.abc import Sequence
from typing import Any

Number = Any  # int, float, Fraction or a tensor


def work(s: Sequence[Number], a: Sequence[Number], v: Number, empty: float) -> list[Number]:
    """s_t from s_{t-1}, one cell higher: nothing that was pushed ever falls off the bottom.

    s_t[0] = a[PUSH] v + a[POP] s_{t-1}[1] + a[NO-OP] s_{t-1}[0], and for i > 0
    s_t[i] = a[PUSH] s_{t-1}[i-1] + a[POP] s_{t-1}[i+1] + a[NO-OP] s_{t-1}[i].
    """
    push, pop, *no_op = a
    above, s = [v, *s], [*s, empty, empty]
    return [push * above[i] + pop * s[i + 1] + sum(keep * s[i] for keep in no_op) for i in range(len(above))]


def read(s: Sequence[Number], k: int, empty: float) -> list[Number]:
    """s_t[0..k-1]: the k topmost cells."""
    return [s[i] if i < len(s) else empty for i in range(k)]
