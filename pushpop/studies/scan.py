"""The default stack-lstm in JAX: a `lax.scan` over a stack with room for every cell, and the whole step in one program.

Only where jax is installed; no part of pushpop needs it.

Axes: B words, T positions, M wanted positions, N = T cells, H hidden units, W width of a value, G = 4H gates.
"""

import functools
import importlib
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pushpop.models.augmented import MemoryModel
from pushpop.studies.baselines import default_settings
from pushpop.studies.contest import Unavailable, Work
from pushpop.training.settings import TrainingSettings

Weights = dict[str, Any]  # arrays by our names


def found() -> tuple[Any, Any]:
    """jax and jax.numpy. Unavailable where it is not installed."""
    try:
        return importlib.import_module("jax"), importlib.import_module("jax.numpy")
    except ImportError:
        raise Unavailable("jax is not installed; `pip install jax` adds the row") from None


def features(weights: Weights, symbols: Any, writing: Any) -> Any:
    """(h, r) [T, B, H + W] of words [B, T]; `writing` [B, T] is 1 from the separator on."""
    jax, jnp = found()
    controller, interface = (
        {name.removeprefix(f"{part}."): array for name, array in weights.items() if name.startswith(part)}
        for part in ("controller", "interface")
    )
    table = controller["embedding"] @ controller["symbol"][0] + controller["bias.0"].sum(0)[0]
    entering, biases = table[writing.T, symbols.T], interface["strength_bias"][writing.T]
    (longest, batch), width = writing.T.shape, len(interface["value"])

    def newer(strengths: Any) -> Any:
        summed = jax.lax.cumsum(strengths[:, 1:], axis=1, reverse=True)
        return jnp.pad(summed, ((0, 0), (0, 1)))

    def step(state: Any, given: Any) -> tuple[Any, Any]:
        h, c, read, values, strengths = state
        own, first, t = given
        gates = own + read @ controller["read"][0] + h @ controller["hidden.0"][0]
        i, f, g, o = jnp.split(gates, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        push, pop = jnp.split(jax.nn.sigmoid(h @ interface["strength"].T + first), 2, axis=1)
        value = jnp.tanh(h @ interface["value"].T + interface["value_bias"])
        left = jax.nn.relu(strengths - jax.nn.relu(pop - newer(strengths)))
        strengths = jax.lax.dynamic_update_slice(left, push, (0, t))
        values = jax.lax.dynamic_update_slice(values, value[:, None], (0, t, 0))
        rest = jax.nn.relu(1 - newer(strengths))
        read = jnp.einsum("bn,bnw->bw", jnp.where(strengths > rest, rest, strengths), values)
        return (h, c, read, values, strengths), jnp.concatenate([h, read], 1)

    start = [jnp.broadcast_to(part, (batch, part.shape[-1])) for part in controller["initial"][:, 0]]
    empty = [jnp.zeros(shape, table.dtype) for shape in ((batch, width), (batch, longest, width), (batch, longest))]
    return jax.lax.scan(step, (*start, *empty), (entering, biases, jnp.arange(longest)))[1]


def loss(weights: Weights, symbols: Any, writing: Any, positions: Any, targets: Any) -> Any:
    """Mean cross entropy (nats) of `targets` [M] at the flat `positions` [M]."""
    jax, jnp = found()
    seen = features(weights, symbols, writing).swapaxes(0, 1)
    scores = seen.reshape(-1, seen.shape[-1])[positions] @ weights["output.weight"].T + weights["output.bias"]
    return -jnp.take_along_axis(jax.nn.log_softmax(scores), targets[:, None], 1).mean()


@functools.cache
def programs() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Loss with gradients, and a training step; compiled once for each shape of a batch."""
    jax, jnp = found()
    settings = TrainingSettings()
    graded = jax.value_and_grad(loss)

    def step(weights: Weights, first: Weights, second: Weights, count: Any, batch: Any) -> tuple[Any, ...]:
        _, gradients = graded(weights, *batch)
        norm = jnp.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
        scale = jnp.minimum(1, settings.clip / (norm + 1e-6))
        gradients = {name: gradient * scale for name, gradient in gradients.items()}
        first = {name: 0.9 * mean + 0.1 * gradients[name] for name, mean in first.items()}
        second = {name: 0.999 * mean + 0.001 * gradients[name] ** 2 for name, mean in second.items()}
        rate, root = settings.rate / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
        moved = {name: rate * first[name] / (jnp.sqrt(second[name]) / root + 1e-8) for name in weights}
        return {name: array - moved[name] for name, array in weights.items()}, first, second

    return jax.jit(graded), jax.jit(step, donate_argnums=(0, 1, 2))


class ScanContestant:
    """A `Contestant` in JAX, with the weights of a default stack-lstm, on as many threads as JAX takes."""

    def __init__(self, model: MemoryModel, work: Work, threads: int = 0) -> None:
        default_settings(model)
        _, jnp = found()
        self.work, self.threads = work, threads
        self.trained: Weights = {}
        self.start = {name: jnp.asarray(weights.detach().numpy()) for name, weights in model.named_parameters()}
        self.batches = []
        for symbols, _, positions, targets in work.batches:
            writing = ((symbols == model.separator).cumsum(1) > 0).long()
            self.batches.append([jnp.asarray(part.int().numpy()) for part in (symbols, writing, positions, targets)])

    def graded(self) -> dict[str, Tensor]:
        """As `Contestant`."""
        graded, _ = programs()
        total: dict[str, Tensor] = {}
        for batch in self.batches:
            cost, gradients = graded(self.start, *batch)
            share = len(batch[3]) / self.work.outputs
            for name, array in {"loss": cost, **{f"d {name}": array for name, array in gradients.items()}}.items():
                total[name] = total.get(name, 0) + share * torch.tensor(array.tolist()).view(array.shape)
        return total

    def warm_up(self) -> None:
        """As `Contestant`: each shape of a batch is compiled."""
        self.train()

    def train(self) -> float:
        """As `Contestant`."""
        jax, jnp = found()
        _, step = programs()
        state: Any = (
            {name: array.copy() for name, array in self.start.items()},
            *({name: jnp.zeros_like(array) for name, array in self.start.items()} for _ in range(2)),
        )
        jax.block_until_ready(state)
        began = time.perf_counter()
        for count, batch in enumerate(self.batches, 1):
            state = step(*state, float(count), batch)
        jax.block_until_ready(state)
        seconds, self.trained = time.perf_counter() - began, state[0]
        return seconds
