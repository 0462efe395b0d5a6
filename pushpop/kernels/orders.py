"""In which order a group's steps and layers are gone through: chosen, as in memories.py, by what memory there is."""

from pushpop.kernels import layerwise, lists, nothing, stepwise, superposition
from pushpop.kernels.inner import INLINED
from pushpop.kernels.memories import of_memory

ORDERS = {lists.Lists: stepwise, superposition.Stacks: stepwise, nothing.Alone: layerwise}

run_group, undo_group = (of_memory(name, INLINED, ORDERS) for name in ("run_group", "undo_group"))
