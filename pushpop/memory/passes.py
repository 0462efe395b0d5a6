"""One unroll and its gradients: torch's tensors laid out, the kernels run by all threads, the results laid back.

Axes: as in layout.py.
"""

from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pushpop.kernels.choices import Shape
from pushpop.kernels.lists import HANDS, Hands, Lists
from pushpop.kernels.nothing import Alone, Nothing
from pushpop.kernels.plan import Plan, plan
from pushpop.kernels.superposition import Stacks
from pushpop.kernels.tape import Grads, Sizes, Tape, Weights
from pushpop.kernels.threads import each, workers
from pushpop.kernels.unroll import forward
from pushpop.kernels.unwind import backward
from pushpop.memory import list_tape, nothing_tape, superposition_tape
from pushpop.memory.layout import (
    Array,
    Kind,
    Net,
    Run,
    Start,
    Words,
    array,
    gather,
    layers_of,
    net_arrays,
    net_gradients,
    put_state,
    reads,
    sizes_of,
    spread,
    state_size,
    take_state,
)
from pushpop.memory.workspace import empty, zeros

LARGEST_GROUP_ALONE = 64  # words without a memory: more rows to a product
TAPES = {"none": nothing_tape, "superposition": superposition_tape}  # of lists: `list_tape`


def tape_of(store: str) -> ModuleType:
    """What lays a memory of this kind out for the kernels, and back."""
    return TAPES.get(store, list_tape)


def shape_of(kind: Kind, sizes: Sizes, start: Start) -> Hands | Nothing | Shape:
    """What all words' memories have in common, as the kernels know it."""
    if kind.store == "none":
        return Nothing()
    if kind.store in HANDS:
        return Hands(np.array(HANDS[kind.store]), np.array([kind.margin], array(start.h).dtype))
    return superposition_tape.shape_of(kind, sizes, array(start.values))


def signature(run: Run) -> tuple[Any, Any]:
    """What the types of all that the kernels are handed depend on."""
    return run.tape.state.dtype, type(run.tape.memory)


def begin(net: Net, start: Start, words: Words, kind: Kind) -> Run:
    """Lay the words out, and run the kernel, which fills the tape."""
    run = lay_out(net, start, words, kind)
    each(
        lambda group: forward(signature(run), group, run.layout, run.sizes, run.weights, run.tape),
        run.layout.groups, workers(torch.get_num_threads()),
    )  # fmt: skip
    return run


def lay_out(net: Net, start: Start, words: Words, kind: Kind) -> Run:
    """Everything in the kernels' layout, and a tape that is still blank."""
    sizes = sizes_of(net, kind)
    weights = net_arrays(net, sizes, kind)
    symbols, writing, lengths, positions = map(array, words)
    phase = np.minimum(np.cumsum(symbols == kind.separator, 1) + writing[:, None], 1)
    threads, apart = workers(torch.get_num_threads()), parts(net, kind, phase, lengths)
    layout = plan(lengths, symbols.shape[1], positions, threads, **apart)
    token = symbols + phase * (len(weights.table) // 2)
    source, made = layout.source, tape_of(kind.store).blank(kind, sizes, start, words, layout)
    tape = blank_tape(sizes, token.reshape(-1)[source], phase.reshape(-1)[source], start, layout, *made)
    return Run(net, start, words, kind, sizes, weights, layout, tape)


def parts(net: Net, kind: Kind, phase: Array, lengths: Array) -> dict[str, Any]:
    """How `plan` is to lay out words without a memory: more of them together, and phases with own cells apart."""
    if kind.store != "none":
        return {}
    read = np.minimum((phase == 0).sum(1), lengths) if len(net.hidden) > 1 else None
    return {"most": LARGEST_GROUP_ALONE, "read": read}


def blank_tape(
    sizes: Sizes, token: Array, phase: Array, start: Start, layout: Plan, memory: Lists | Alone | Stacks, held: Array
) -> Tape:
    """A tape with room for everything, and each word's start behind its rows; `held` goes behind the actions."""
    h, c, r = map(array, start[:3])
    rows, words, dtype = layout.rows, len(layout.order), h.dtype
    state = empty((rows + words) * state_size(sizes), dtype)
    put_state(state, slice(rows, None), h[:, layout.order], r[layout.order], sizes)
    carry = zeros(sizes.layers * (rows + words) * sizes.carried, dtype).reshape(
        sizes.layers, rows + words, sizes.carried
    )
    if sizes.carried:
        carry[:, rows:, : c.shape[2]] = c[:, layout.order]
    actions = empty(rows * sizes.stride + len(held), dtype)
    actions[rows * sizes.stride :] = held
    gates = empty(sizes.layers * rows * sizes.gates, dtype)
    return Tape(token, phase, state, carry.reshape(-1), gates, actions, memory)


def finish(run: Run) -> tuple[Tensor, ...]:
    """What `fused.Unrolled` says, from the tape."""
    sizes, layout, units, width = run.sizes, run.layout, run.start.h.shape[2], run.start.values.shape[2]
    ends, behind = layout.ends, len(layout.order)
    h, r = take_state(run.tape.state, ends, units, width, sizes)
    carry = run.tape.carry.reshape(sizes.layers, layout.rows + behind, sizes.carried)[:, ends, : run.start.c.shape[2]]
    if run.kind.memory:
        values, strengths = tape_of(run.kind.store).left(run)
    else:
        values, strengths = np.empty((len(ends), 0, width), h.dtype), np.empty((len(ends), 0), h.dtype)
    return (wanted(run), *(torch.from_numpy(np.ascontiguousarray(part)) for part in (h, carry, r, values, strengths)))


def wanted(run: Run) -> Tensor:
    """(h, r) [M, H + V] of the top layer at the wanted positions, 0 past a word's end."""
    sizes, layout, units, width = run.sizes, run.layout, run.start.h.shape[2], run.start.values.shape[2]
    rows = np.full(len(run.words.positions), -1)
    real = layout.wanted >= 0
    rows[layout.wanted[real]] = np.flatnonzero(real)
    lowest, upper = map(torch.from_numpy, layers_of(run.tape.state, sizes))
    if sizes.layers == 1 and sizes.hidden == units and sizes.width == width:
        out = lowest.index_select(0, torch.from_numpy(rows.clip(0)))
    else:
        read = torch.from_numpy(gather(lowest.numpy()[rows, sizes.hidden :], reads(sizes), width))
        out = torch.cat([(upper[-1] if len(upper) else lowest)[rows, :units], read], 1)
    return out if (rows >= 0).all() else out.masked_fill_(torch.from_numpy(rows < 0)[:, None], 0)


def gradients(run: Run, upstream: tuple[Tensor | None, ...]) -> tuple[Tensor, ...]:
    """Of everything in `Net` and `Start`, from those of `fused.Unrolled`."""
    layout, memory, used_up = run.layout, run.tape.memory, tape_of(run.kind.store).USED_UP
    # the backward pass uses the memory up, and it may be run again
    tape = run.tape._replace(memory=memory._replace(**{name: getattr(memory, name).copy() for name in used_up}))
    grads = blank_grads(run, upstream, np.empty_like(run.tape.gates))
    each(
        lambda group: backward(signature(run), group, layout, run.sizes, run.weights, tape, grads),
        layout.groups, workers(torch.get_num_threads()),
    )  # fmt: skip
    return laid_back(run, grads)


def laid_back(run: Run, grads: Grads) -> tuple[Tensor, ...]:
    """The kernels' gradients as those of everything in `Net` and `Start`."""
    made = Weights(*map(summed, grads[-len(Weights._fields) :]))
    parts = (*net_gradients(run.net, run.sizes, run.kind, made), *start_gradients(run, grads))
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in parts)


def summed(groups: Array) -> Array:
    """The sum over groups, which come first."""
    total: Array = groups[0] if len(groups) == 1 else groups.sum(0)
    return total


def blank_grads(run: Run, upstream: tuple[Tensor | None, ...], gates: Array) -> Grads:
    """The upstream gradients in the kernels' layout, and room for the others; `gates` for what enters the gates."""
    d_out, d_h, d_c, d_r, d_values, d_strengths = (None if part is None else array(part) for part in upstream)
    sizes, units, width, dtype = run.sizes, run.start.h.shape[2], run.start.values.shape[2], run.tape.state.dtype
    words, hands = len(run.words.lengths), run.kind.hands
    out = zeros(len(run.words.positions) * sizes.depth, dtype)
    if d_out is not None:
        high, read = spread(d_out[:, :units], 1, sizes.hidden), spread(d_out[:, units:], hands, sizes.width)
        out = np.concatenate([high, read], 1).reshape(-1)
    state, carry = np.zeros(words * state_size(sizes), dtype), np.zeros((sizes.layers, words, sizes.carried), dtype)
    if d_h is not None or d_r is not None:
        h = np.zeros((sizes.layers, words, units), dtype) if d_h is None else d_h
        put_state(state, slice(None), h, np.zeros((words, hands * width), dtype) if d_r is None else d_r, sizes)
    if d_c is not None:
        carry[:, :, : d_c.shape[2]] = d_c
    actions, left, held = tape_of(run.kind.store).given(run, d_values, d_strengths)
    return Grads(
        out=out,
        state=state,
        carry=carry.reshape(-1),
        left=left,
        held=held,
        gates=gates,
        actions=actions,
        **{name: np.zeros((run.layout.groups, *part.shape), dtype) for name, part in run.weights._asdict().items()},
    )


def start_gradients(run: Run, grads: Grads) -> tuple[Array, ...]:
    """Of `Start`."""
    sizes, start, words = run.sizes, run.start, len(run.words.lengths)
    h, r = take_state(grads.state, slice(None), start.h.shape[2], start.values.shape[2], sizes)
    c = grads.carry.reshape(sizes.layers, words, sizes.carried)[:, :, : start.c.shape[2]]
    return h, c, r, *tape_of(run.kind.store).of_start(run, grads)
