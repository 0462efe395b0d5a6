"""How the kernels' inner functions are compiled: they are handed arrays, and neither make nor count any.

Numba would count a reference to every array on the way into a function and out again, atomically; in functions that
run once a word and step that was a sixth of the whole time. What owns memory (packing, the kernels themselves) is
compiled as usual.
"""

from typing import Any

from numba import njit

SUMS = {"contract", "reassoc", "nsz", "arcp"}  # fused and reordered sums, but nothing assumed of NaN and infinity

OWNING: Any = {"nogil": True}
_UNCOUNTED: Any = {**OWNING, "_nrt": False}
INLINED: Any = {**_UNCOUNTED, "forceinline": True}
inner = njit(**_UNCOUNTED)
reordered = njit(**_UNCOUNTED, fastmath=SUMS)
inlined = njit(**INLINED)  # handed whole tuples of arrays, which a call would copy
