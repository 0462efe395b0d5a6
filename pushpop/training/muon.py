"""Muon (Jordan et al. 2024): momentum whose steps are made orthogonal, for the matrices of a model; AdamW for the rest.

torch has it for whole matrices alone; here each gate of a cell is a matrix of its own, in full precision.
"""

from collections.abc import Collection, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.adamw import adamw

from pushpop.models.matrices import Matrix

MOMENTUM = 0.95
# Of x -> a x + b x^3 + c x^5, which drives singular values towards 1, small ones fast (Jordan et al. 2024).
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ROUNDS = 5
LIKE_ADAM = 0.2  # root mean square of a step for a rate of 1, about that of Adam's (Liu et al. 2025)
BETAS, EPSILON = (0.9, 0.999), 1e-8


class Muon(Optimizer):
    """Weights that are in `matrices` are turned by Muon, all others by AdamW, both with the same rate and decay."""

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        matrices: Collection[Matrix],
        spared: Collection[nn.Parameter] = (),
        *,
        lr: float,
        weight_decay: float,
    ) -> None:
        """Those `spared` have no weight decay, and are in no matrix."""
        self._matrices = {id(matrix.weights): matrix for matrix in matrices}
        free = {id(each) for each in spared}
        others = [each for each in weights if id(each) not in self._matrices.keys() | free]
        groups: list[dict[str, Any]] = [
            {"params": [matrix.weights for matrix in matrices], "orthogonal": True},
            {"params": others},
            {"params": list(spared), "weight_decay": 0.0},
        ]
        # `fused` is what torch looks for when it loads a state: counts of steps then go where their weights are.
        usual = {"lr": lr, "weight_decay": weight_decay, "orthogonal": False, "fused": True}
        super().__init__([group for group in groups if group["params"]], usual)

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            moving = [weights for weights in group["params"] if weights.grad is not None]
            if group["orthogonal"]:
                for weights in moving:
                    self._turn(weights, group["lr"], group["weight_decay"])
            elif moving:
                self._adapt(moving, group["lr"], group["weight_decay"])

    def _turn(self, weights: nn.Parameter, rate: float, decay: float) -> None:
        matrix, state, gradient = self._matrices[id(weights)], self.state[weights], weights.grad
        assert gradient is not None
        if not state:
            state["momentum"] = torch.zeros_like(weights)
        momentum = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        turned = orthogonal(matrix.apart(gradient.lerp(momentum, MOMENTUM)))  # Nesterov's
        weights.mul_(1 - rate * decay)
        weights.sub_(matrix.together(turned), alpha=rate * LIKE_ADAM * max(turned.shape[1:]) ** 0.5)

    def _adapt(self, moving: list[Tensor], rate: float, decay: float) -> None:
        states = [self.state[weights] for weights in moving]
        gradients = [weights.grad for weights in moving if weights.grad is not None]
        for weights, state in zip(moving, states, strict=True):
            if not state:
                state["step"] = torch.zeros((), dtype=torch.float32, device=weights.device)
                state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(weights), torch.zeros_like(weights)
        adamw(
            moving, gradients, [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states], [], [state["step"] for state in states],
            fused=True, amsgrad=False, beta1=BETAS[0], beta2=BETAS[1], lr=rate, weight_decay=decay, eps=EPSILON,
            maximize=False,
        )  # fmt: skip


def orthogonal(matrices: Tensor) -> Tensor:
    """About U V^T of each U S V^T in [N, I, O]: singular values of about .7 to 1.2, by Newton-Schulz rounds."""
    high = matrices.shape[1] > matrices.shape[2]
    near = matrices.mT if high else matrices
    near = near / (near.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ROUNDS):
        square = near @ near.mT
        near = a * near + (b * square + c * square @ square) @ near
    return near.mT if high else near
