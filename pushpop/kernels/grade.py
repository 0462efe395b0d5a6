"""Training in one call: the unroll of one group of words, its cross entropy, and all gradients. Axes: tape.py, head.py.

The group stays on one thread from its first symbol to its last gradient, so that what one pass wrote the next one finds
in the cache.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from pushpop.kernels import orders
from pushpop.kernels.cache import Kernel
from pushpop.kernels.head import BLOCK, Head, clear_desk, lay, pack_head, speak, surprise, unspeak
from pushpop.kernels.inner import inlined
from pushpop.kernels.tape import pack_weights
from pushpop.kernels.unwind import scratch, sums_of


class Targets(NamedTuple):
    """What is right at the wanted outputs."""

    symbols: np.ndarray  # [M]
    count: int  # symbols there are; the head may have more columns
    losses: np.ndarray  # [U] made: nats, summed over each group and divided by M


@inlined
def judge(count, wanted, sizes, head, transposed, desk, targets, made, out):
    """Loss (summed) of the first `count` rows on the desk, and the gradients from there."""
    speak(count, sizes, head, desk)
    outputs, weight, loss = len(head.bias), desk.scores.dtype.type(1 / len(targets.symbols)), 0.0
    for i in range(count):
        loss += surprise(
            desk.scores, i * outputs, outputs, targets.count, targets.symbols[wanted[i]], weight, desk.peak
        )
    unspeak(count, sizes, head, transposed, desk, made, out, wanted)
    return loss


@inlined
def judge_group(group, plan, sizes, head, transposed, desk, targets, state, made, out, wanted):
    """The loss of a group's wanted rows, and its gradients."""
    first, last = plan.first_step[plan.first_part[group]], plan.first_step[plan.first_part[group + 1]] - 1
    count, loss = 0, 0.0
    for row in range(plan.offset[first], plan.offset[last] + plan.count[last]):
        if plan.wanted[row] < 0:
            continue
        wanted[count] = plan.wanted[row]
        lay(count, row, sizes, state, desk)
        count += 1
        if count == BLOCK:
            loss += judge(count, wanted, sizes, head, transposed, desk, targets, made, out)
            count = 0
    if count > 0:
        loss += judge(count, wanted, sizes, head, transposed, desk, targets, made, out)
    return loss


@njit(nogil=True)
def head_sums(grads, group):
    """A group's own sums."""
    return Head(grads.mix[group], grads.mix_bias[group], grads.scores[group], grads.bias[group])


@Kernel
def grade(group, plan, sizes, weights, head, targets, tape, grads, head_grads):
    """Unroll one group, judge it, and undo it: fills `grads`, `head_grads` and the group's loss."""
    orders.run_group(tape.memory, group, plan, sizes, pack_weights(weights, False), tape)
    targets.losses[group] = judge_group(
        group, plan, sizes, pack_head(head, False), pack_head(head, True), clear_desk(head, BLOCK), targets,
        tape.state, head_sums(head_grads, group), grads.out, np.empty(BLOCK, np.int64),
    ) / len(targets.symbols)  # fmt: skip
    high, carried, slate = scratch(group, plan, sizes, tape)
    orders.undo_group(
        tape.memory, group, plan, sizes, pack_weights(weights, True), tape, grads, sums_of(grads, group), high, carried,
        slate,
    )  # fmt: skip
