"""The whole unroll of a controller and its memory, for one group of words. Axes: see tape.py."""

from pushpop.kernels import orders
from pushpop.kernels.cache import Kernel
from pushpop.kernels.tape import pack_weights


@Kernel
def forward(group, plan, sizes, weights, tape):
    """Unroll one group of words: fills the tape."""
    orders.run_group(tape.memory, group, plan, sizes, pack_weights(weights, False), tape)
