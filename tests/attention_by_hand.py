"""A transformer place by place, as its equations are written: the slow twin of every one here."""

import math
from typing import Any

import torch
from torch import Tensor


def normed(given: Tensor, weight: Tensor) -> Tensor:
    return given / (given.square().mean() + torch.finfo(given.dtype).eps).sqrt() * weight


def turned_by_hand(head: Tensor, place: int) -> Tensor:
    """One head [D] as complex numbers, each turned by its own rate times the place."""
    half = len(head) // 2
    rates = torch.tensor([10_000.0 ** (-number / half) for number in range(half)], dtype=torch.float64)
    plane = torch.complex(head[:half], head[half:]) * torch.polar(torch.ones_like(rates), rates * place)
    return torch.cat([plane.real, plane.imag])


def by_hand(model: Any, text: Tensor, context: int) -> Tensor:
    """Scores [T, V] of one text or word [T], from equations over single places that see `context` of them."""
    heads = model.settings.heads
    flow = [model.embedding[symbol] for symbol in text]
    for block in model.blocks:
        own = [block.looking @ normed(one, block.attention_norm) for one in flow]
        queries, keys, values = ([part.chunk(3)[which].chunk(heads) for part in own] for which in range(3))
        for t in range(len(flow)):
            mixed = []
            for head in range(heads):
                near = range(max(0, t - context + 1), t + 1)
                query = turned_by_hand(queries[t][head], t)
                scores = torch.stack([query @ turned_by_hand(keys[j][head], j) for j in near])
                shares = (scores / math.sqrt(len(query))).softmax(0)
                mixed.append(sum(share * values[j][head] for share, j in zip(shares, near, strict=True)))
            flow[t] = flow[t] + block.seeing @ torch.cat(mixed)
        for t, one in enumerate(flow):
            gated, gates = (block.inner @ normed(one, block.inner_norm)).chunk(2)
            flow[t] = one + block.outer @ (gated * gates * torch.sigmoid(gates))
    read_out = model.embedding if model.output is None else model.output
    return torch.stack([read_out @ normed(one, model.norm) for one in flow])
