"""The layers of cells and the interface, for the rows of one step; of weight gradients, for all. Axes: see tape.py.

A layer's gates take in its own h of the step before and, the lowest, the symbol and the last read, an upper one the h
of the layer below.
"""

from pushpop.kernels import cells
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.matmul import add_product, add_transposed_product
from pushpop.kernels.rows import add, copy, fill
from pushpop.kernels.tape import gates_at, product_by_phase, rows_of, run_of, state_at


@inlined
def set_out(layer, count, row, sizes, packed, token, phase, gates):
    """Begin a layer's gates for `count` rows from `row` on: with what the symbol adds, or the bias."""
    at, phases = gates_at(layer, row, sizes, gates), len(packed.recurrent)
    for i in range(count):
        if layer == 0:
            copy(sizes.gates, packed.table, token[row + i] * sizes.gates, gates, at + i * sizes.gates)
            continue
        which = (layer - 1) * phases + (phase[row + i] if phases > 1 else 0)
        copy(sizes.gates, packed.upper_bias, which * sizes.gates, gates, at + i * sizes.gates)


@inlined
def hear_before(layer, count, row, old, sizes, packed, phase, state, gates):
    """Add what the layer's own h (the lowest: with the read) of the rows from `old` on says to its gates."""
    (source, step), at = state_at(sizes, layer, rows_of(state, sizes), old), gates_at(layer, row, sizes, gates)
    phases = len(packed.recurrent)
    if layer == 0:
        product_by_phase(
            phase, row, count, sizes.depth, sizes.gates, state, source, step, packed.recurrent, 0, phases, gates, at,
            sizes.gates,
        )  # fmt: skip
    else:
        product_by_phase(
            phase, row, count, sizes.hidden, sizes.gates, state, source, step, packed.upper, 2 * (layer - 1) * phases,
            phases, gates, at, sizes.gates,
        )  # fmt: skip


@inlined
def hear_below(layer, count, row, sizes, packed, phase, state, gates):
    """Add what the h of the layer below says to a layer's gates, once that one is through."""
    source, step = state_at(sizes, layer - 1, rows_of(state, sizes), row)
    phases = len(packed.recurrent)
    product_by_phase(
        phase, row, count, sizes.hidden, sizes.gates, state, source, step, packed.upper, (2 * layer - 1) * phases,
        phases, gates, gates_at(layer, row, sizes, gates), sizes.gates,
    )  # fmt: skip


@inlined
def advance(layer, count, row, old, sizes, state, carry, gates):
    """The cells of a layer, for `count` rows from `row` on, whose gates are complete."""
    rows, at = rows_of(state, sizes), gates_at(layer, row, sizes, gates)
    first, step = state_at(sizes, layer, rows, row)
    for i in range(count):
        cells.forward(
            sizes.cell, sizes.hidden, gates, at + i * sizes.gates, carry, (layer * rows + old + i) * sizes.carried,
            carry, (layer * rows + row + i) * sizes.carried, state, first + i * step,
        )  # fmt: skip


@inlined
def work_controller(count, row, old, sizes, packed, token, phase, state, carry, gates, actions):
    """Cells and interface for `count` rows from `row` on: h of every layer, and what the interface says."""
    for layer in range(sizes.layers):
        set_out(layer, count, row, sizes, packed, token, phase, gates)
        hear_before(layer, count, row, old, sizes, packed, phase, state, gates)
        if layer > 0:
            hear_below(layer, count, row, sizes, packed, phase, state, gates)
        advance(layer, count, row, old, sizes, state, carry, gates)
    for i in range(row, row + count):
        copy(sizes.stride, packed.bias, phase[i] * sizes.stride, actions, i * sizes.stride)
    top, step = state_at(sizes, sizes.layers - 1, rows_of(state, sizes), row)
    add_product(
        count, sizes.hidden, sizes.stride, state, top, step, packed.interface[0], actions, row * sizes.stride,
        sizes.stride,
    )  # fmt: skip


@inlined
def retreat(layer, count, row, old, sizes, phases, tape, grads, made, high, carried):
    """Undo `advance` and `set_out`: from `high`, which is cleared, to the gradients of what entered the gates."""
    rows, words, at = rows_of(tape.state, sizes), rows_of(high, sizes), gates_at(layer, row, sizes, tape.gates)
    own, step = state_at(sizes, layer, words, 0)
    for i in range(count):
        place = at + i * sizes.gates
        cells.backward(
            sizes.cell, sizes.hidden, tape.gates, place, tape.carry, (layer * rows + old + i) * sizes.carried,
            tape.carry, (layer * rows + row + i) * sizes.carried, high, own + i * step, carried,
            (layer * words + i) * sizes.carried, grads.gates, place,
        )  # fmt: skip
        if layer == 0:
            add(sizes.gates, grads.gates, place, made.table, tape.token[row + i] * sizes.gates)
        else:
            which = (layer - 1) * phases + (tape.phase[row + i] if phases > 1 else 0)
            add(sizes.gates, grads.gates, place, made.upper_bias, which * sizes.gates)
    fill(count * step, high, own, 0)


@inlined
def tell_before(layer, count, row, sizes, packed, phase, gates, high):
    """Undo `hear_before`: `packed` are the transposes, `gates` the gradients of what entered them."""
    target, step = state_at(sizes, layer, rows_of(high, sizes), 0)
    at, phases = gates_at(layer, row, sizes, gates), len(packed.recurrent)
    if layer == 0:
        product_by_phase(
            phase, row, count, sizes.gates, sizes.depth, gates, at, sizes.gates, packed.recurrent, 0, phases, high,
            target, step,
        )  # fmt: skip
    else:
        product_by_phase(
            phase, row, count, sizes.gates, sizes.hidden, gates, at, sizes.gates, packed.upper,
            2 * (layer - 1) * phases, phases, high, target, step,
        )  # fmt: skip


@inlined
def tell_below(layer, count, row, sizes, packed, phase, gates, into, target, step):
    """Undo `hear_below`: add the gradients of the layer below's h to rows of `into` from `target` on."""
    phases = len(packed.recurrent)
    product_by_phase(
        phase, row, count, sizes.gates, sizes.hidden, gates, gates_at(layer, row, sizes, gates), sizes.gates,
        packed.upper, (2 * layer - 1) * phases, phases, into, target, step,
    )  # fmt: skip


@inlined
def undo_controller(count, row, old, sizes, packed, tape, grads, made, high, carried):
    """Undo `work_controller`: `high` holds the gradients of the state after, and gets those of the state before.

    `high` and `carried` are laid out like `Grads.state` and `Grads.carry`, for the words of the group alone; `made` are
    the group's sums of gradients.
    """
    words, phases = rows_of(high, sizes), len(packed.recurrent)
    top, step = state_at(sizes, sizes.layers - 1, words, 0)
    for i in range(row, row + count):
        add(sizes.stride, grads.actions, i * sizes.stride, made.bias, tape.phase[i] * sizes.stride)
    add_product(
        count, sizes.stride, sizes.hidden, grads.actions, row * sizes.stride, sizes.stride, packed.interface[0], high,
        top, step,
    )  # fmt: skip
    for layer in range(sizes.layers - 1, -1, -1):
        retreat(layer, count, row, old, sizes, phases, tape, grads, made, high, carried)
        tell_before(layer, count, row, sizes, packed, tape.phase, grads.gates, high)
        if layer > 0:
            below, step = state_at(sizes, layer - 1, words, 0)
            tell_below(layer, count, row, sizes, packed, tape.phase, grads.gates, high, below, step)


@inner
def weigh(phase, row, count, rows, columns, a, a_at, a_row, b, b_at, into, into_at, phases, panel):
    """Weight gradients W[phase] += A^T B, W [P, rows, columns] from `into_at` on: one product for each run of rows."""
    i = 0
    while i < count:
        length = run_of(phase, row + i, count - i, phases)
        which = phase[row + i] if phases > 1 else 0
        add_transposed_product(
            length, rows, columns, a, a_at + i * a_row, a_row, b, b_at + i * columns, into,
            into_at + which * rows * columns, panel,
        )  # fmt: skip
        i += length


@inlined
def weigh_layers(row, old, count, sizes, phases, tape, grads, made):
    """The gradients of the cells' weights over `count` rows, which came after as many from `old` on."""
    rows, positions = rows_of(tape.state, sizes), len(tape.gates) // (sizes.layers * sizes.gates)
    for layer in range(sizes.layers):
        b_at = (layer * positions + row) * sizes.gates
        if layer == 0:
            weigh(
                tape.phase, row, count, sizes.depth, sizes.gates, tape.state, old * sizes.depth, sizes.depth,
                grads.gates, b_at, made.recurrent, 0, phases, made.panel,
            )  # fmt: skip
            continue
        for side in range(2):
            source, step = state_at(sizes, layer - side, rows, row if side else old)
            weigh(
                tape.phase, row, count, sizes.hidden, sizes.gates, tape.state, source, step, grads.gates, b_at,
                made.upper, (2 * (layer - 1) + side) * phases * sizes.hidden * sizes.gates, phases, made.panel,
            )  # fmt: skip


@inlined
def weigh_up(first, last, start, plan, sizes, phases, tape, grads, made):
    """The gradients of the weights over all steps of a group: steps whose rows, and rows before, adjoin are one."""
    offset, count = plan.offset, plan.count
    rows = rows_of(tape.state, sizes)
    begun, ended = offset[first], offset[last - 1] + count[last - 1]
    top, step = state_at(sizes, sizes.layers - 1, rows, begun)
    add_transposed_product(
        ended - begun, sizes.hidden, sizes.stride, tape.state, top, step, grads.actions, begun * sizes.stride,
        made.interface, 0, made.panel,
    )  # fmt: skip
    s = first
    while s < last:
        row, old = offset[s], start if s == first else offset[s - 1]
        e = s + 1
        while e < last and offset[e] - row == offset[e - 1] - old:
            e += 1
        weigh_layers(row, old, offset[e - 1] + count[e - 1] - row, sizes, phases, tape, grads, made)
        s = e
