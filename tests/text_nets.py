"""Small models of text, and all that comes out of one, gradients included, by name."""

from typing import Any

import torch
from torch import Tensor

from closeness import assert_same
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.models.language import LanguageModel
from pushpop.models.language_settings import LanguageSettings

TEXTS, LONG, CHARACTERS = 3, 11, 7
SMALL = {
    "hidden": 8,
    "embedding": 5,
    "memory": 4,
    "stacks": 2,
    "layers": 2,
    "heads": 2,
    "context": 5,
    "precision": "float32",
}


def net(kind: str, **given: Any) -> LanguageModel[Any]:
    """A small model, whose weights are large enough to matter; in float64 where it can be."""
    known = LANGUAGE[kind].settings.__dataclass_fields__
    settings = LANGUAGE[kind].settings(**{name: value for name, value in SMALL.items() if name in known} | given)
    model = build_language(kind, settings, CHARACTERS, 3)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(1.5)
    return model if LANGUAGE[kind].settings is LanguageSettings else model.double()


def texts(long: int = LONG, seed: int = 0) -> Tensor:
    return torch.randint(CHARACTERS, (TEXTS, long), generator=torch.Generator().manual_seed(seed))


def parts(model: LanguageModel[Any], state: Any) -> dict[str, Tensor]:
    """What a state carries on, by number."""
    return {f"state {n}": part for n, part in enumerate(model.packed(model.carried(state)))}


def assert_all_same(got: dict[str, Tensor], want: dict[str, Tensor]) -> None:
    assert list(got) == list(want)
    for name, wanted in want.items():
        assert_same(name, got[name], wanted)


def gradients(model: LanguageModel[Any], scores: Tensor) -> dict[str, Tensor]:
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    judged = (scores * torch.linspace(-1, 1, scores.numel(), dtype=scores.dtype).view_as(scores)).sum()
    found = torch.autograd.grad(judged, list(weights.values()), allow_unused=True, materialize_grads=True)
    return {f"d {name}": gradient for name, gradient in zip(weights, found, strict=True)}
