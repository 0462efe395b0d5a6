"""The unroll of a controller without a memory, and its undoing: a layer goes through all steps before the next one.

Nothing but a layer's own h must be had step by step. What it hears from below, what it tells below and its weight
gradients are each one product over all rows, and the one matrix that is needed at every step stays in the cache. Where
phases have cells of their own, a part of the plan (plan.py) is in one phase. Axes: see tape.py.
"""

from pushpop.kernels.controller import (
    advance,
    hear_before,
    hear_below,
    retreat,
    set_out,
    tell_before,
    tell_below,
    weigh,
)
from pushpop.kernels.inner import inlined
from pushpop.kernels.rows import add, copy, fill
from pushpop.kernels.tape import gates_at, move, move_layer, rows_of, state_at


@inlined
def run_group(alone, group, plan, sizes, packed, tape):
    """Run every part of a group."""
    for part in range(plan.first_part[group], plan.first_part[group + 1]):
        run_part(part, plan, sizes, packed, tape)


@inlined
def undo_group(alone, group, plan, sizes, packed, tape, grads, made, high, carried, slate):
    """Undo every part of a group: what one gives for its start, the part before takes for its end."""
    for part in range(plan.first_part[group + 1] - 1, plan.first_part[group] - 1, -1):
        undo_part(part, plan, sizes, packed, tape, grads, made, high, carried)


@inlined
def bounds(part, plan):
    """A part's first and last step, its first row, and how many rows it has."""
    first, last = plan.first_step[part], plan.first_step[part + 1]
    begun = plan.offset[first]
    return first, last, begun, plan.offset[last - 1] + plan.count[last - 1] - begun


@inlined
def run_part(part, plan, sizes, packed, tape):
    """Run every step of a part."""
    first, last, begun, count = bounds(part, plan)
    start = len(tape.token) + plan.first_word[part]
    for i in range(plan.first_word[part + 1] - plan.first_word[part]):
        before = plan.before[plan.first_word[part] + i]
        if before >= 0:
            move(sizes, tape.state, before, tape.carry, tape.state, start + i, tape.carry)
    for layer in range(sizes.layers):
        set_out(layer, count, begun, sizes, packed, tape.token, tape.phase, tape.gates)
        if layer > 0:
            hear_below(layer, count, begun, sizes, packed, tape.phase, tape.state, tape.gates)
        old = start
        for s in range(first, last):
            row = plan.offset[s]
            hear_before(layer, plan.count[s], row, old, sizes, packed, tape.phase, tape.state, tape.gates)
            advance(layer, plan.count[s], row, old, sizes, tape.state, tape.carry, tape.gates)
            old = row


@inlined
def undo_part(part, plan, sizes, packed, tape, grads, made, high, carried):
    """Undo every step of a part; `high` and `carried` as in unwind.py, `tape.memory.rising` by rows."""
    _, _, begun, count = bounds(part, plan)
    hidden, rising, top = sizes.hidden, tape.memory.rising, sizes.layers - 1
    fill(count * hidden, rising, begun * hidden, 0)
    for row in range(begun, begun + count):
        if plan.wanted[row] >= 0:
            copy(hidden, grads.out, plan.wanted[row] * hidden, rising, row * hidden)
    for layer in range(top, -1, -1):
        undo_layer(layer, part, plan, sizes, packed, tape, grads, made, high, carried)
        if layer > 0:
            fill(count * hidden, rising, begun * hidden, 0)
            tell_below(layer, count, begun, sizes, packed, tape.phase, grads.gates, rising, begun * hidden, hidden)
    for layer in range(sizes.layers):
        weigh_layer(layer, part, plan, sizes, len(packed.recurrent), tape, grads, made)


@inlined
def undo_layer(layer, part, plan, sizes, packed, tape, grads, made, high, carried):
    """Undo every step of one layer, whose rows' gradients from above are in `rising`."""
    first, last, phases = plan.first_step[part], plan.first_step[part + 1], len(packed.recurrent)
    words_at = plan.first_word[part]
    own, step = state_at(sizes, layer, rows_of(high, sizes), 0)
    for s in range(last - 1, first - 1, -1):
        count, row = plan.count[s], plan.offset[s]
        for i in range(count):
            if s + 1 == last or i >= plan.count[s + 1]:
                move_layer(layer, sizes, grads.state, plan.order[words_at + i], grads.carry, high, i, carried)
            add(sizes.hidden, tape.memory.rising, (row + i) * sizes.hidden, high, own + i * step)
        old = len(tape.token) + words_at if s == first else plan.offset[s - 1]
        retreat(layer, count, row, old, sizes, phases, tape, grads, made, high, carried)
        tell_before(layer, count, row, sizes, packed, tape.phase, grads.gates, high)
    for i in range(plan.count[first]):
        move_layer(layer, sizes, high, i, carried, grads.state, plan.order[words_at + i], grads.carry)


@inlined
def weigh_layer(layer, part, plan, sizes, phases, tape, grads, made):
    """The gradients of a layer's weights; h of the rows before is first laid side by side, where `rising` was."""
    first, last, begun, count = bounds(part, plan)
    hidden, before, rows = sizes.hidden, tape.memory.rising, rows_of(tape.state, sizes)
    for s in range(first, last):
        old = len(tape.token) + plan.first_word[part] if s == first else plan.offset[s - 1]
        source, _ = state_at(sizes, layer, rows, old)
        copy(plan.count[s] * hidden, tape.state, source, before, plan.offset[s] * hidden)
    at, size = gates_at(layer, begun, sizes, tape.gates), hidden * sizes.gates
    into, place = (made.recurrent, 0) if layer == 0 else (made.upper, 2 * (layer - 1) * phases * size)
    weigh(
        tape.phase, begun, count, hidden, sizes.gates, before, begun * hidden, hidden, grads.gates, at, into, place,
        phases, made.panel,
    )  # fmt: skip
    if layer > 0:
        source, _ = state_at(sizes, layer - 1, rows, begun)
        weigh(
            tape.phase, begun, count, hidden, sizes.gates, tape.state, source, hidden, grads.gates, at, made.upper,
            place + phases * size, phases, made.panel,
        )  # fmt: skip
