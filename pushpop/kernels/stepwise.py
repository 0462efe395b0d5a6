"""The unroll of a controller and its memory, step by step, and its undoing, the last step first. Axes: see tape.py.

Every step is a product for the gates of each layer and one for the interface, over the words still running; the memory
is worked word by word. Weight gradients are left to one product at the end. Going back, cells are taken off a word's
list and the popped ones put back from its log, so that memory is linear in the length; of superposition stacks see
superposition.py.
"""

from pushpop.kernels import memories
from pushpop.kernels.controller import undo_controller, weigh_up, work_controller
from pushpop.kernels.inner import inlined
from pushpop.kernels.rows import add
from pushpop.kernels.tape import move, rows_of, state_at


@inlined
def run_group(memory, group, plan, sizes, packed, tape):
    """Run every step of a group of words."""
    words_at, first, last = plan.first_word[group], plan.first_step[group], plan.first_step[group + 1]
    pushed = len(tape.token) * sizes.stride
    for i in range(words_at, plan.first_word[group + 1]):
        memories.begin(memory, plan.order[i], sizes, pushed)
    old = len(tape.token) + words_at
    for s in range(first, last):
        count, row = plan.count[s], plan.offset[s]
        work_controller(
            count, row, old, sizes, packed, tape.token, tape.phase, tape.state, tape.carry, tape.gates, tape.actions
        )
        for i in range(count):
            at = (row + i) * sizes.depth + sizes.hidden
            memories.work(memory, plan.order[words_at + i], row + i, sizes, tape.actions, tape.state, at)
        old = row


@inlined
def add_wanted(sizes, out, place, high, i):
    """Add the gradient of a wanted output to that of the state it was taken from."""
    top, _ = state_at(sizes, sizes.layers - 1, rows_of(high, sizes), i)
    add(sizes.hidden, out, place * sizes.depth, high, top)
    add(sizes.read, out, place * sizes.depth + sizes.hidden, high, i * sizes.depth + sizes.hidden)


@inlined
def undo_group(memory, group, plan, sizes, packed, tape, grads, made, high, carried, slate):
    """Undo every step of a group; `high`, `carried` and `slate` are `scratch`."""
    words_at, first, last = plan.first_word[group], plan.first_step[group], plan.first_step[group + 1]
    words = plan.first_word[group + 1] - words_at
    pushed, start = len(tape.token) * sizes.stride, len(tape.token) + words_at
    for s in range(last - 1, first - 1, -1):
        count, row = plan.count[s], plan.offset[s]
        for i in range(count):
            word = plan.order[words_at + i]
            if s + 1 == last or i >= plan.count[s + 1]:
                move(sizes, grads.state, word, grads.carry, high, i, carried)
                memories.finish(memory, word, i, sizes, pushed, tape.actions, grads.left, slate)
            if plan.wanted[row + i] >= 0:
                add_wanted(sizes, grads.out, plan.wanted[row + i], high, i)
            memories.undo(
                memory, word, i, row + i, sizes, tape.actions, high, i * sizes.depth + sizes.hidden, grads.actions,
                slate,
            )  # fmt: skip
        old = start if s == first else plan.offset[s - 1]
        undo_controller(count, row, old, sizes, packed, tape, grads, made, high, carried)
    weigh_up(first, last, start, plan, sizes, len(packed.recurrent), tape, grads, made)
    for i in range(words):
        word = plan.order[words_at + i]
        move(sizes, high, i, carried, grads.state, word, grads.carry)
        memories.arrive(memory, word, i, plan.offset[first] + i, sizes, pushed, slate, grads.held)
