"""Which memory a kernel works: chosen by the type of its tuple while the kernel is compiled.

So the unroll, its undoing and the answers are one body of code for every memory, and who uses one compiles no other.
What each function does is said in lists.py.
"""

from typing import Any

from numba.extending import overload

from pushpop.kernels import lists, live_lists, nothing, superposition
from pushpop.kernels.choices import Shape
from pushpop.kernels.inner import INLINED, OWNING

MEMORIES = {
    lists.Hands: live_lists,
    lists.Lists: lists,
    live_lists.Live: live_lists,
    nothing.Nothing: nothing,
    nothing.Alone: nothing,
    Shape: superposition,
    superposition.Stacks: superposition,
    superposition.Live: superposition,
}


def of_memory(name: str, options: Any, modules: dict[type, Any] = MEMORIES) -> Any:
    """In compiled code: the function of this name that belongs to the memory, or its shape, in the first argument."""

    def called(memory, *rest):
        raise TypeError(f"{name}: only compiled code can choose the memory's own")

    def chosen(memory, *rest):
        return getattr(modules[memory.instance_class], name).py_func

    overload(called, jit_options=options, strict=False)(chosen)
    return called


begin, work, work_live = (of_memory(name, INLINED) for name in ("begin", "work", "work_live"))
finish, undo, arrive = (of_memory(name, INLINED) for name in ("finish", "undo", "arrive"))
live, slate = (of_memory(name, OWNING) for name in ("live", "slate"))
