"""What a transformer is made of: attention with rotary positions, a gated layer, and the two as a block.

Pre-norm (Xiong et al. 2020), RMS norms without biases (Zhang and Sennrich 2019), rotary positions (Su et al. 2021),
SwiGLU (Shazeer 2020). What may see what, and what is dropped, the caller says.

Axes: B texts, T places that look, N places that are seen (those before, then the T), F numbers in the stream, K heads,
D = F / K numbers in a head.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu

from pushpop.models.matrices import Matrix
from pushpop.models.transformer_settings import AttentionSettings

BASE = 10_000.0  # of the wave lengths of positions
Dropped = Callable[[Tensor], Tensor]


class Seen(NamedTuple):
    """What can be looked at of places: keys without their positions, and values, each [B, K, N, D]."""

    keys: Tensor
    values: Tensor


class Waves(NamedTuple):
    """Cosines and sines [N, D / 2] by which places are turned."""

    cosines: Tensor
    sines: Tensor

    def last(self, places: int) -> "Waves":
        """Those of so many places at the end."""
        return Waves(self.cosines[-places:], self.sines[-places:])


def waves(places: int, width: int, like: Tensor) -> Waves:
    """Of places 0, 1 and so on, for heads of `width` numbers: computed in float64, since a float32 holds no angle of
    thousands well."""
    rates = BASE ** (torch.arange(0, width, 2, dtype=torch.float64, device=like.device) / -width)
    angles = torch.arange(places, dtype=torch.float64, device=like.device)[:, None] * rates
    return Waves(angles.cos().to(like.dtype), angles.sin().to(like.dtype))


def turned(given: Tensor, by: Waves) -> Tensor:
    """[B, K, N, D], number d and number d + D/2 of each head turned in their plane by its place's angle.

    The product of two turned vectors depends on how far apart their places are, not on where these are.
    """
    first, second = given.chunk(2, 3)
    return torch.cat([first * by.cosines - second * by.sines, first * by.sines + second * by.cosines], 3)


def as_it_is(flow: Tensor) -> Tensor:
    """Nothing is left out."""
    return flow


class Block(nn.Module):
    """Attention, then a gated layer; each reads the stream normed, and adds to it."""

    def __init__(self, width: int, heads: int, layers: int, generator: torch.Generator) -> None:
        """First weights are normal, their standard deviation 1 / sqrt(inputs), and of the two maps back to the stream
        1 / sqrt(2 `layers`) of that: so a stack of blocks begins no louder than one."""
        super().__init__()
        self.heads, inner, quiet = heads, inner_width(width), (2 * layers) ** -0.5

        def drawn(leaving: int, entering: int, scale: float = 1.0) -> nn.Parameter:
            return nn.Parameter(torch.empty(leaving, entering).normal_(std=scale * entering**-0.5, generator=generator))

        self.attention_norm = nn.Parameter(torch.ones(width))
        self.looking = drawn(3 * width, width)  # queries, keys, values
        self.seeing = drawn(width, width, quiet)
        self.inner_norm = nn.Parameter(torch.ones(width))
        self.inner = drawn(2 * inner, width)  # what is gated, and its gates
        self.outer = drawn(width, inner, quiet)

    def matrices(self) -> list[Matrix]:
        """Queries, keys and values each by itself, and so what is gated and its gates."""
        return [Matrix(self.looking, 3, -2), Matrix(self.seeing), Matrix(self.inner, 2, -2), Matrix(self.outer)]

    def forward(
        self, flow: Tensor, before: Seen, by: Waves, allowed: Tensor | None, causal: bool, dropped: Dropped
    ) -> tuple[Tensor, Seen]:
        """The stream [B, T, F] after it, and all N places as they can be seen, `before` first.

        `by` has the waves of all N; `allowed` (bool, [T, N] or [B, 1, T, N]) says who sees what: None is all, or with
        `causal` (and nothing before) each place itself and those before it. `dropped` is what training leaves out.
        """
        queries, keys, values = self.looked(flow)
        seen = Seen(torch.cat([before.keys.to(keys), keys], 2), torch.cat([before.values.to(values), values], 2))
        turns = by.last(flow.shape[1])
        mixed = mixture(turned(queries, turns), turned(seen.keys, by), seen.values, allowed, causal)
        return self.onward(flow, mixed, dropped), seen

    def looked(self, flow: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values [B, K, T, D] of the stream [B, T, F], none of them turned."""
        normed = rms_norm(flow, flow.shape[2:], self.attention_norm)
        own = linear(normed, self.looking).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return own[0], own[1], own[2]

    def onward(self, flow: Tensor, mixed: Tensor, dropped: Dropped = as_it_is) -> Tensor:
        """The stream [B, T, F] with what each place has seen, [B, K, T, D], added to it, and then the gated layer."""
        flow = flow + dropped(linear(mixed.transpose(1, 2).flatten(2), self.seeing))
        gated, gates = linear(rms_norm(flow, flow.shape[2:], self.inner_norm), self.inner).chunk(2, 2)
        return flow + dropped(linear(gated * silu(gates), self.outer))


class Weights(NamedTuple):
    """All that a transformer trains."""

    embedding: nn.Parameter  # [V, F]
    blocks: nn.ModuleList
    norm: nn.Parameter  # [F]
    output: nn.Parameter | None  # [V, F]; None: the embedding itself


def first_weights(settings: AttentionSettings, vocabulary: int, seed: int) -> Weights:
    """Drawn from a generator of their own, fixed by `seed`; embeddings are standard normal unless scores are taken with
    them, else as quiet as a map of F numbers."""
    width, generator = settings.hidden, torch.Generator().manual_seed(seed)

    def drawn(spread: float) -> nn.Parameter:
        return nn.Parameter(torch.empty(vocabulary, width).normal_(std=spread, generator=generator))

    embedding = drawn(width**-0.5 if settings.tied == "yes" else 1.0)
    blocks = nn.ModuleList(Block(width, settings.heads, settings.layers, generator) for _ in range(settings.layers))
    return Weights(
        embedding, blocks, nn.Parameter(torch.ones(width)), drawn(width**-0.5) if settings.tied == "no" else None
    )


def mixture(looking: Tensor, looked_at: Tensor, values: Tensor, allowed: Tensor | None, causal: bool) -> Tensor:
    """Values [B, K, N, D] as each place sees them: [B, K, T, D], from turned queries and keys."""
    # On a CPU in the weights' own precision: there gradients of attention in bfloat16 take several times as long.
    with torch.autocast("cpu", enabled=False) if looking.device.type == "cpu" else nullcontext():
        return scaled_dot_product_attention(
            looking, looked_at, values.to(looked_at), attn_mask=allowed, is_causal=causal and allowed is None
        )


def inner_width(width: int) -> int:
    """Numbers that are gated: 8/3 of the stream's, so that three maps have the weights of two to 4 times it; whole
    vectors."""
    return -(-8 * width // 24) * 8
