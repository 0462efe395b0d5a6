"""The layers of cells and the interface, for the rows of one step; of weight gradients, for all. Axes: see tape.py.

A layer's gates take in its own h of the step before and, the lowest, the symbol and the last read, an upper one the h
of the layer below.
"""

from pushpop.kernels import cells
from pushpop.kernels.inner import inlined, inner
from pushpop.kernels.matmul import add_product, add_transposed_product
from pushpop.kernels.rows import add, copy, fill
from pushpop.kernels.tape import product_by_phase, rows_of, run_of, state_at


@inlined
def enter_lowest(count, row, old, sizes, packed, token, phase, state, gates):
    """What enters the lowest layer's gates, for `count` rows from `row` on; the rows before are those from `old` on."""
    for i in range(row, row + count):
        copy(sizes.gates, packed.table, token[i] * sizes.gates, gates, i * sizes.gates)
    product_by_phase(
        phase, row, count, sizes.depth, sizes.gates, state, old * sizes.depth, sizes.depth, packed.recurrent, 0,
        len(packed.recurrent), gates, row * sizes.gates, sizes.gates,
    )  # fmt: skip


@inlined
def enter_upper(layer, count, row, old, sizes, packed, phase, state, gates):
    """The same for another layer, once the one below is through."""
    phases, rows = len(packed.recurrent), rows_of(state, sizes)
    at = (layer * (len(gates) // (sizes.layers * sizes.gates)) + row) * sizes.gates
    for i in range(count):
        which = (layer - 1) * phases + (phase[row + i] if phases > 1 else 0)
        copy(sizes.gates, packed.upper_bias, which * sizes.gates, gates, at + i * sizes.gates)
    for side in range(2):  # its own h, then that below
        source, step = state_at(sizes, layer - side, rows, row if side else old)
        product_by_phase(
            phase, row, count, sizes.hidden, sizes.gates, state, source, step, packed.upper,
            (2 * (layer - 1) + side) * phases, phases, gates, at, sizes.gates,
        )  # fmt: skip


@inlined
def work_controller(count, row, old, sizes, packed, token, phase, state, carry, gates, actions):
    """Cells and interface for `count` rows from `row` on: h of every layer, and what the interface says."""
    rows, positions = rows_of(state, sizes), len(gates) // (sizes.layers * sizes.gates)
    for layer in range(sizes.layers):
        if layer == 0:
            enter_lowest(count, row, old, sizes, packed, token, phase, state, gates)
        else:
            enter_upper(layer, count, row, old, sizes, packed, phase, state, gates)
        first, step = state_at(sizes, layer, rows, row)
        for i in range(count):
            cells.forward(
                sizes.cell, sizes.hidden, gates, (layer * positions + row + i) * sizes.gates, carry,
                (layer * rows + old + i) * sizes.carried, carry, (layer * rows + row + i) * sizes.carried, state,
                first + i * step,
            )  # fmt: skip
    for i in range(row, row + count):
        copy(sizes.stride, packed.bias, phase[i] * sizes.stride, actions, i * sizes.stride)
    top, step = state_at(sizes, sizes.layers - 1, rows, row)
    add_product(
        count, sizes.hidden, sizes.stride, state, top, step, packed.interface[0], actions, row * sizes.stride,
        sizes.stride,
    )  # fmt: skip


@inlined
def undo_controller(count, row, old, sizes, packed, tape, grads, made, high, carried):
    """Undo `work_controller`: `high` holds the gradients of the state after, and gets those of the state before.

    `high` and `carried` are laid out like `Grads.state` and `Grads.carry`, for the words of the group alone; `made` are
    the group's sums of gradients.
    """
    rows, words = rows_of(tape.state, sizes), rows_of(high, sizes)
    positions, phases = len(tape.gates) // (sizes.layers * sizes.gates), len(packed.recurrent)
    top, step = state_at(sizes, sizes.layers - 1, words, 0)
    for i in range(row, row + count):
        add(sizes.stride, grads.actions, i * sizes.stride, made.bias, tape.phase[i] * sizes.stride)
    if sizes.stride > 0:
        add_product(
            count, sizes.stride, sizes.hidden, grads.actions, row * sizes.stride, sizes.stride, packed.interface[0],
            high, top, step,
        )  # fmt: skip
    for layer in range(sizes.layers - 1, -1, -1):
        own, step = state_at(sizes, layer, words, 0)
        gates_at = (layer * positions + row) * sizes.gates
        for i in range(count):
            at = gates_at + i * sizes.gates
            cells.backward(
                sizes.cell, sizes.hidden, tape.gates, at, tape.carry, (layer * rows + old + i) * sizes.carried,
                tape.carry, (layer * rows + row + i) * sizes.carried, high, own + i * step, carried,
                (layer * words + i) * sizes.carried, grads.gates, at,
            )  # fmt: skip
            if layer == 0:
                add(sizes.gates, grads.gates, at, made.table, tape.token[row + i] * sizes.gates)
            else:
                which = (layer - 1) * phases + (tape.phase[row + i] if phases > 1 else 0)
                add(sizes.gates, grads.gates, at, made.upper_bias, which * sizes.gates)
        fill(count * step, high, own, 0)
        if layer == 0:
            product_by_phase(
                tape.phase, row, count, sizes.gates, sizes.depth, grads.gates, gates_at, sizes.gates, packed.recurrent,
                0, phases, high, own, step,
            )  # fmt: skip
            continue
        for side in range(2):
            target, step = state_at(sizes, layer - side, words, 0)
            product_by_phase(
                tape.phase, row, count, sizes.gates, sizes.hidden, grads.gates, gates_at, sizes.gates, packed.upper,
                (2 * (layer - 1) + side) * phases, phases, high, target, step,
            )  # fmt: skip


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
