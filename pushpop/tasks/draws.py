"""The one source of chance: numbers fixed by a key alone.

The bits are those of Philox4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a counter
put through a cipher. How they become integers is written here, so that words keep their hash whatever becomes of
numpy's own distributions.
"""

import hashlib
from operator import index

import numpy as np
from jaxtyping import Int64, UInt64

LARGEST_BOUND = 2**32  # keeps the bias of `below` under 2**-32


class Draws:
    """Random integers fixed by their key: no call anywhere else can disturb them.

    >>> Draws("an example", 7).below(10, 8).tolist()
    [5, 8, 5, 6, 2, 5, 8, 7]
    """

    def __init__(self, *key: int | str) -> None:
        """`key` names the stream: 1 and "1" are different parts, and so are ("ab",) and ("a", "b")."""
        exact = repr(tuple(part if isinstance(part, str) else index(part) for part in key))
        digest = hashlib.blake2b(exact.encode(), digest_size=16).digest()
        self._bits = np.random.Philox(key=int.from_bytes(digest, "little"))

    def below(self, bound: int, count: int) -> Int64[np.ndarray, " count"]:
        """The next `count` integers of 0..bound-1, one 64-bit word each: the word modulo `bound`.

        Some integers are likelier than others by one part in 2**64 / bound at most. Two calls for m and n integers give
        what one call for m + n gives.
        """
        assert 0 < bound <= LARGEST_BOUND, f"a bound of {bound} is outside 1..{LARGEST_BOUND}"
        return (self.bits(count) % np.uint64(bound)).astype(np.int64)

    def bits(self, count: int) -> UInt64[np.ndarray, " count"]:
        """The next `count` 64-bit words themselves, of which `below` takes remainders."""
        return self._bits.random_raw(count)
