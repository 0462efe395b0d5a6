"""The whole unroll of a controller and its memory, for one group of words. Axes: see tape.py.

Every step is a product for the gates of each layer and one for the interface, over the words still running; the memory
is worked word by word. Weight gradients are left to one product at the end.
"""

from pushpop.kernels import memories
from pushpop.kernels.cache import Kernel
from pushpop.kernels.controller import work_controller
from pushpop.kernels.inner import inlined
from pushpop.kernels.tape import pack_weights


@inlined
def run_group(group, plan, sizes, packed, tape):
    """Run every step of a group of words."""
    words_at, first, last = plan.first_word[group], plan.first_step[group], plan.first_step[group + 1]
    pushed = len(tape.token) * sizes.stride
    for i in range(words_at, plan.first_word[group + 1]):
        memories.begin(tape.memory, plan.order[i], sizes, pushed)
    old = len(tape.token) + words_at
    for s in range(first, last):
        count, row = plan.count[s], plan.offset[s]
        work_controller(
            count, row, old, sizes, packed, tape.token, tape.phase, tape.state, tape.carry, tape.gates, tape.actions
        )
        for i in range(count):
            at = (row + i) * sizes.depth + sizes.hidden
            memories.work(tape.memory, plan.order[words_at + i], row + i, sizes, tape.actions, tape.state, at)
        old = row


@Kernel
def forward(group, plan, sizes, weights, tape):
    """Unroll one group of words: fills the tape."""
    run_group(group, plan, sizes, pack_weights(weights, False), tape)
