"""How gradients flow back through time in a network, and how far its gates are open.

Axes: B words of one length, T positions, H hidden units.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy, embedding

from pushpop.models.augmented import MemoryModel
from pushpop.models.bptt import Rnn, backward
from pushpop.models.cells import Cell, Elman
from pushpop.models.classifiers import Classifier
from pushpop.models.contract import SequenceModel
from pushpop.models.recurrent import EncoderDecoder
from pushpop.models.transformer import Transformer

GATES = {"rnn": ("h",), "lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}  # in torch's order

Batch = tuple[Tensor, Tensor, Tensor, Tensor]  # symbols [B, T], lengths [B], positions [M], targets [M]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One direction of reading: norms of gradients, each the median over words, and the gates of the first word."""

    direction: str
    hidden: Float[np.ndarray, " T"]
    """Of dL/dh_t, L being the loss of one word (nats, summed over what is wanted of it)."""
    cell: Float[np.ndarray, " T"] | None
    """Of dL/dc_t, where there is a cell."""
    spectral: dict[str, float]
    """The spectral norm of each gate's matrix on the state, by gate."""
    gates: dict[str, Float[np.ndarray, "T H"]] = field(default_factory=dict)


def flows(model: SequenceModel[Any], batch: Batch) -> list[Flow]:
    """Of the top layer, in each direction in which the model reads; `batch` holds words of one length.

    None of a transformer, which carries no state from step to step that gradients would flow through.
    """
    if isinstance(model, Transformer):
        return []
    symbols, lengths, _, _ = batch
    assert (lengths == symbols.shape[1]).all(), "words of one length, so that no step is padding"
    with torch.enable_grad():
        return _by_cell(model, batch) if isinstance(model, Classifier) else [_by_step(model, batch)]


def rescaled(model: Classifier, batch: Batch, norm: float) -> list[Flow]:
    """The flows, were every gate's matrix on the state scaled to this spectral norm."""
    twin = deepcopy(model)
    with torch.no_grad():
        for cell in twin.cells:
            assert isinstance(cell, Cell)
            for block in cell.state.split(twin.settings.hidden):
                block *= norm / torch.linalg.matrix_norm(block, 2).clamp(min=1e-12)
    return flows(twin, batch)


def gradient_norm(model: SequenceModel[Any], batch: Batch) -> float:
    """Of the gradient of all trained weights, as clipping sees it."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    with torch.enable_grad():
        grads = torch.autograd.grad(model.loss(*batch), weights, allow_unused=True)
    return float(torch.stack([grad.norm() for grad in grads if grad is not None]).norm())


def formula_gaps(model: SequenceModel[Any], batch: Batch) -> dict[str, float] | None:
    """Of a plain RNN that says classes: how far autograd is from the closed form, as a share of its largest number.

    None for every other model.
    """
    if not isinstance(model, Classifier) or not isinstance(model.cell, Elman):
        return None
    net = model.cell
    weights = dict(zip(Rnn._fields, (net.symbol, net.state, net.bias, model.output.weight, model.output.bias),
                       strict=True))  # fmt: skip
    with torch.enable_grad():
        found = torch.autograd.grad(model.loss(*batch), list(weights.values()))
    plain = Rnn(**{name: weight.detach().double().numpy() for name, weight in weights.items()})
    inputs = embedding(batch[0], model.embedding).detach().double().numpy()
    each = [backward(plain, word, right)[1] for word, right in zip(inputs, batch[3].tolist(), strict=True)]
    letters = {"symbol": "W_hx", "state": "W_hh", "bias": "b_h", "output": "W_ph", "output_bias": "b_p"}
    gaps = {}
    for name, grad in zip(Rnn._fields, found, strict=True):
        exact = np.mean([getattr(one, name) for one in each], axis=0)
        gaps[letters[name]] = float(abs(grad.numpy() - exact).max() / max(abs(exact).max(), 1e-30))
    return gaps


def _by_cell(model: Classifier, batch: Batch) -> list[Flow]:
    """Every direction read step by step, its gates watched."""
    inputs = embedding(batch[0], model.embedding).detach()
    watched = []
    for number, cell in enumerate(model.cells):
        assert isinstance(cell, Cell)
        read = inputs if number == 0 else inputs.flip(1)
        parts, passed, gates = cell.start(len(read)), list[tuple[Tensor, ...]](), list[Any]()
        for share in cell.share(read.transpose(0, 1)):
            gates.append(cell.open(share, parts))
            parts = cell.close(gates[-1], parts)
            passed.append(parts)
        watched.append((cell, passed, gates))
    features = torch.cat([passed[-1][0] for _, passed, _ in watched], 1)
    loss = cross_entropy(model.output(features), batch[3], reduction="sum")
    found = []
    for number, (cell, passed, gates) in enumerate(watched):
        blocks = cell.state.split(model.settings.hidden)
        norms = _norms(loss, passed)
        found.append(
            Flow(
                direction="backwards" if number else "forwards",
                hidden=norms[0],
                cell=norms[1] if len(norms) > 1 else None,
                spectral={name: _sigma(block) for name, block in zip(cell.gates, blocks, strict=False)},
                gates={name: np.stack([gate[name][0].detach().numpy() for gate in gates]) for name in gates[0]},
            )
        )
    return found


def _by_step(model: SequenceModel[Any], batch: Batch) -> Flow:
    """Any other model, by its own steps: what is wanted may stand at many of them."""
    symbols, _, positions, targets = batch
    state, passed, scores = model.state(len(symbols)), list[tuple[Tensor, ...]](), list[Tensor]()
    for t in range(symbols.shape[1]):
        state, said = model.step(state, symbols[:, t])
        if isinstance(model, EncoderDecoder):  # its scores come from another tensor than the state it carries on
            passed.append(state.layers)
            said = model.output(state.layers[0][:, -1])
        else:
            passed.append(state.layers[-1])
        scores.append(said)
    loss = cross_entropy(torch.stack(scores, 1).flatten(0, 1)[positions], targets, reduction="sum")
    norms = _norms(loss, passed)
    kind, weights = _recurrent(model)
    sigmas = {name: _sigma(block) for name, block in zip(GATES[kind], weights.chunk(len(GATES[kind])), strict=True)}
    return Flow(direction="forwards", hidden=norms[0], cell=norms[1] if len(norms) > 1 else None, spectral=sigmas)


def _norms(loss: Tensor, passed: Sequence[tuple[Tensor, ...]]) -> list[Float[np.ndarray, " T"]]:
    """For each part that is carried, the median over words of the norm of its gradient at each step."""
    wanted = [part for parts in passed for part in parts]
    grads = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
    sizes = [
        torch.zeros(len(part)) if grad is None else (grad[:, -1] if grad.ndim == 3 else grad).norm(dim=1)
        for part, grad in zip(wanted, grads, strict=True)
    ]
    table = torch.stack(sizes).unflatten(0, (len(passed), -1)).median(2).values.double().numpy()
    return list(table.T)


def _recurrent(model: SequenceModel[Any]) -> tuple[str, Tensor]:
    """Which cell the top layer has, and its weights on its own state [G H, H], of the reading phase."""
    if isinstance(model, EncoderDecoder):
        weights = getattr(model.cells[0], f"weight_hh_l{model.settings.layers - 1}")
        return {1: "rnn", 3: "gru", 4: "lstm"}[len(weights) // weights.shape[1]], weights
    assert isinstance(model, MemoryModel), f"{type(model).__name__} has no state that is known here"
    return model.controller.kind, model.controller.hidden[-1][0].T


def _sigma(weights: Tensor) -> float:
    return float(torch.linalg.matrix_norm(weights.detach().double(), 2))
