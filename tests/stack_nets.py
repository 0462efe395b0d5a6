"""Small models with a memory, ragged words, and all that comes out of a model, gradients included, by name."""

import copy
from dataclasses import replace

import torch
from torch import Tensor

from pushpop.memory import Superposition
from pushpop.memory.cells import End
from pushpop.models.augmented import MemoryModel, MemoryState
from pushpop.models.catalogue import MODELS, build

SEPARATOR, END, VOCABULARY = 1, 2, 9
MEMORY_KINDS = [kind for kind in MODELS if "-" in kind]
Named = dict[str, Tensor]


def net(kind: str = "stack-lstm", dtype: torch.dtype = torch.float64, seed: int = 3, **settings: object) -> MemoryModel:
    """A model whose weights are large enough for strengths, phases and reads to matter."""
    sizes = {"hidden": 6, "memory": 4, "embedding": 5, "engine": "eager"}
    if kind.startswith("superposition"):
        sizes |= {"memory": 2, "stacks": 2}
    model = build(kind, MODELS[kind].settings(**{**sizes, **settings}), VOCABULARY, SEPARATOR, seed)
    assert isinstance(model, MemoryModel)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if not name.endswith("strength_bias"):
                weights.mul_(1.5)
    return model.to(dtype)


def uneven(model: MemoryModel) -> MemoryModel:
    """The same, no two biases of the interface and the output alike: a mix-up of places shows."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.startswith(("interface", "output", "mix")) and name.endswith("bias"):
                weights.add_(torch.linspace(-0.5, 0.8, weights.numel()).view_as(weights))
    return model


def twin(model: MemoryModel, engine: str) -> MemoryModel:
    """The same weights, worked by another engine."""
    other = copy.copy(model)
    other.settings = replace(model.settings, engine=engine)
    return other


def ragged(batch: int, longest: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Words of 1 to `longest` symbols, one of them that long; most come to a separator, some begin with it."""
    generator = torch.Generator().manual_seed(1000 * seed + 40 * batch + longest)
    symbols = torch.randint(END, VOCABULARY, (batch, longest), generator=generator)
    lengths = torch.randint(1, longest + 1, (batch,), generator=generator)
    lengths[int(torch.randint(batch, (), generator=generator))] = longest
    places = torch.randint(longest, (batch,), generator=generator)
    symbols[torch.arange(batch), places] = SEPARATOR
    return symbols, lengths


def held_state(model: MemoryModel, batch: int, cells: int, seed: int = 0) -> tuple[MemoryState, Named]:
    """A state in the midst of words, with cells held already (popped ones and ties among them), and its leaves."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, dtype=torch.float64).to(model.output.weight.dtype)

    settings, kind, parts = model.settings, model.interface.memory, len(model.controller.state(1)[0])
    engine = "reference" if settings.engine == "reference" else "eager"
    if kind is Superposition:
        leaves = {"cells": drawn(batch, cells, settings.stacks, settings.memory) * 2 - 1}
    else:
        strengths = torch.where(drawn(batch, cells) < 0.5, (drawn(batch, cells) * 2).round() / 2, drawn(batch, cells))
        leaves = {"values": drawn(batch, cells, settings.memory) * 2 - 1, "strengths": strengths}
    leaves["read"] = drawn(batch, model.interface.reads) - 0.5
    for layer in range(settings.layers):
        leaves |= {f"layer {layer}, part {part}": drawn(batch, settings.hidden) - 0.5 for part in range(parts)}
    leaves = {f"held {name}": tensor.requires_grad_() for name, tensor in leaves.items()}
    if kind is Superposition:
        memory = kind.of(leaves["held cells"], empty=settings.empty, engine=engine)
    else:
        below = cells // 2 if len(kind.hands) > 1 else 0
        memory = kind.of(leaves["held values"], leaves["held strengths"], below=below, engine=engine)
    state = MemoryState(
        layers=tuple(
            tuple(leaves[f"held layer {layer}, part {part}"] for part in range(parts))
            for layer in range(settings.layers)
        ),
        read=leaves["held read"],
        memory=memory,
        writing=(drawn(batch) < 0.5).long(),
    )
    return state, leaves


def what_is_left(state: MemoryState, lengths: Tensor, held: int = 0) -> Named:
    """A state at its words' ends, by name; of the values those of cells that the word has (others are anyone's)."""
    layers = {f"layer {i}, part {k}": part for i, parts in enumerate(state.layers) for k, part in enumerate(parts)}
    return {**layers, "read": state.read, **content(state.memory, lengths, held), "writing": state.writing}


def content(memory: object, lengths: Tensor, held: int = 0) -> Named:
    """What is in a memory that held so many cells before words of these lengths."""
    if isinstance(memory, Superposition):
        return {"cells": memory.cells}
    first, last = own_cells(memory, lengths, held)
    places = torch.arange(len(memory))
    own = (places >= first[:, None]) & (places < last[:, None])
    return {"strengths": memory.strengths, "values": memory.values.where(own[:, :, None], 0.0)}


def own_cells(memory: object, lengths: Tensor, held: int = 0) -> tuple[Tensor, Tensor]:
    """The places [B] of each word's first cell and past its last: the others came to longer words."""
    if isinstance(memory, Superposition):  # the top is at 0
        return torch.zeros_like(lengths), held + lengths
    olds = sum(hand.put is End.OLD for hand in memory.hands)
    longest = (len(memory) - held) // len(memory.hands)
    first = olds * (longest - lengths)
    return first, first + held + lengths * len(memory.hands)


def gradients(parts: Named, leaves: Named) -> Named:
    """Of a sum over all parts in fixed proportions, by name."""
    generator = torch.Generator().manual_seed(1)
    judged = sum(
        (part * torch.randn(part.shape, generator=generator, dtype=torch.float64).to(part)).sum()
        for part in parts.values()
        if part.is_floating_point()
    )
    found = torch.autograd.grad(judged, list(leaves.values()), allow_unused=True, materialize_grads=True)
    return {f"d {name}": gradient for name, gradient in zip(leaves, found, strict=True)}


def trained(model: MemoryModel) -> Named:
    """The weights that have gradients, by name."""
    return {name: weights for name, weights in model.named_parameters() if weights.requires_grad}


def outcome(model: MemoryModel, symbols: Tensor, lengths: Tensor, cells: int | None = None) -> Named:
    """Scores, what is left at the words' ends, and every gradient; with `cells` from a state that holds so many."""
    state, leaves = held_state(model, len(symbols), cells) if cells is not None else (None, {})
    scores, after = model.unroll(symbols, lengths, state)
    parts = {"scores": scores, **what_is_left(after, lengths, cells or 0)}
    return {name: part.detach() for name, part in parts.items()} | gradients(parts, trained(model) | leaves)
