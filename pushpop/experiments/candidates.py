"""Which of the words drawn for a step it learns from: those whose answers cost most (online batch selection, Loshchilov
and Hutter 2016; of the hardest alone, Shrivastava et al. 2016, section 3).

Axes: N words drawn, B words learned from.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch.nn.functional import cross_entropy

from pushpop.experiments.lessons import tensors
from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import Batch, some
from pushpop.training.parallel import Team

AT_ONCE = 2048  # words that are scored together: of more the memory could run out


def costliest(
    model: SequenceModel[Any], drawn: Batch, count: int, team: Team, device: torch.device
) -> Int64[np.ndarray, " B"]:
    """Which `count` words of `drawn` have answers that cost the model most as it stands, in the order drawn.

    An answer costs what its symbols and its end do together. Every process scores its part, and all find the same. One
    that costs no number is among them, so that the step fails as it would without a choice.
    """
    first, last = team.span(len(drawn.lengths))
    pieces = [some(drawn, at, min(at + AT_ONCE, last)) for at in range(first, last, AT_ONCE)]
    part = torch.from_numpy(np.concatenate([costs(model, piece, device) for piece in pieces]))
    whole = team.joined(part, len(drawn.lengths)).numpy()
    return np.sort(np.argsort(-np.nan_to_num(whole, nan=np.inf), kind="stable")[:count])


@torch.no_grad()
def costs(model: SequenceModel[Any], batch: Batch, device: torch.device) -> Float64[np.ndarray, " N"]:
    """What each word's answer costs (nats)."""
    symbols, lengths, positions, targets = tensors(batch, device)
    each = cross_entropy(model(symbols, lengths, positions), targets, reduction="none").double().cpu().numpy()
    return np.bincount(batch.positions // batch.symbols.shape[1], weights=each, minlength=len(batch.lengths))
