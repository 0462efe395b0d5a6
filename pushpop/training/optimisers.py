"""Optimisers by the names users give, each really the one it is called, and the limit on gradients."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

from pushpop.models.matrices import Matrix
from pushpop.training.muon import Muon
from pushpop.training.settings import TrainingSettings

# `fused` is one pass over all weights, element by element: on the CPU 0.17 ms a step instead of 0.43 for a hundred
# thousand weights, and as reproducible. RMSprop has no such form.
OPTIMISERS: dict[str, tuple[Callable[..., Optimizer], dict[str, Any]]] = {
    "sgd": (SGD, {"fused": True}),
    "adagrad": (Adagrad, {"fused": True}),
    "rmsprop": (RMSprop, {"foreach": True}),
    "adam": (Adam, {"fused": True}),
    "adamw": (AdamW, {"fused": True}),
}


def build_optimiser(
    settings: TrainingSettings,
    parameters: Iterable[nn.Parameter],
    spared: Collection[nn.Parameter] = (),
    matrices: Collection[Matrix] = (),
) -> Optimizer:
    """The optimiser the settings name, over `parameters`; those `spared` of them have no weight decay.

    Muon is for those of them that are in `matrices`; for the others it is AdamW.
    """
    weights = list(parameters)
    if settings.optimiser == "muon":
        return Muon(weights, matrices, spared, lr=settings.rate, weight_decay=settings.decay)
    kind, options = OPTIMISERS[settings.optimiser]
    if kind is Adagrad and any(weight.device.type != "cpu" for weight in weights):
        options = {"foreach": True}  # torch fuses Adagrad on the CPU alone
    if kind in (SGD, RMSprop):
        options = {**options, "momentum": settings.momentum}
    if spared:
        free = {id(weight) for weight in spared}
        groups = [{"params": [weight for weight in weights if id(weight) not in free]}]
        return kind([*groups, {"params": list(spared), "weight_decay": 0.0}], lr=settings.rate, **options,
                    weight_decay=settings.decay)  # fmt: skip
    return kind(weights, lr=settings.rate, weight_decay=settings.decay, **options)


def set_rate(optimiser: Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def limit_gradients(parameters: Sequence[Tensor], settings: TrainingSettings) -> None:
    """Clip gradients as the settings say: their common norm, or each value by itself."""
    if not settings.clip:
        return
    weights = list(parameters)
    if settings.clipping == "value":
        torch.nn.utils.clip_grad_value_(weights, settings.clip, foreach=True)
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients, foreach=True)
    if not norm + 1e-6 <= settings.clip:  # below it torch would multiply by 1
        torch.nn.utils.clip_grads_with_norm_(weights, settings.clip, norm, foreach=True)
