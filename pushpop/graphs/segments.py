"""Sums, means, maxima and softmax over what belongs together: the edges of a target, the nodes of a graph.

Axes: M things, C places they belong to, ... anything. A place to which nothing belongs gets 0.
"""

import torch
from torch import Tensor

from pushpop.errors import ConfigError, meant


def total(values: Tensor, place: Tensor, count: int) -> Tensor:
    """The sum of `values` [M, ...] at each of `count` places, `place` [M] saying where: [C, ...]."""
    return values.new_zeros(count, *values.shape[1:]).index_add(0, place, values)


def mean(values: Tensor, place: Tensor, count: int) -> Tensor:
    """Their mean: [C, ...]."""
    sizes = torch.bincount(place, minlength=count).clamp(min=1).to(values.dtype)
    return total(values, place, count) / sizes.view(-1, *[1] * (values.ndim - 1))


def largest(values: Tensor, place: Tensor, count: int) -> Tensor:
    """The largest of each number: [C, ...]. Of several that are the largest each has its share of the derivative."""
    where = place.view(-1, *[1] * (values.ndim - 1)).expand_as(values)
    nothing = values.new_zeros(count, *values.shape[1:])
    return nothing.scatter_reduce(0, where, values, "amax", include_self=False)


def softmax(scores: Tensor, place: Tensor, count: int) -> Tensor:
    """Weights [M, ...] of 0 or more, whose sum is 1 at each place: exp(score) over the sum of them all."""
    highest = largest(scores.detach(), place, count)
    weights = (scores - highest[place]).exp()
    return weights / total(weights, place, count)[place]


def log_softmax(scores: Tensor, place: Tensor, count: int) -> Tensor:
    """The logarithms of those weights, however small."""
    highest = largest(scores.detach(), place, count)
    left = scores - highest[place]
    return left - total(left.exp(), place, count).log()[place]


def first_largest(values: Tensor, place: Tensor, count: int) -> Tensor:
    """Which of `values` [M] is the largest at each place, by its number in them; of equal ones the first: [C] int64."""
    best = (values == largest(values, place, count)[place]).nonzero()[:, 0]
    first = torch.full((count,), len(values), device=place.device)
    return first.scatter_reduce(0, place[best], best, "amin")


REDUCTIONS = {"sum": total, "mean": mean, "max": largest}


def reduce(how: str, values: Tensor, place: Tensor, count: int) -> Tensor:
    """Values [M, ...] at each place, by sum, mean or max. ConfigError for any other name."""
    return REDUCTIONS[expect_reduction(how, "reduction")](values, place, count)


def expect_reduction(how: object, where: str) -> str:
    """`how`, if it is sum, mean or max. Raises ConfigError."""
    if not isinstance(how, str) or how not in REDUCTIONS:
        raise ConfigError(f"{where}: {how!r} is not known; {meant(how, REDUCTIONS)}give one of {', '.join(REDUCTIONS)}")
    return how
