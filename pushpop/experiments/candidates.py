"""Which of the words drawn for a step it learns from: those whose answers cost most (online batch selection, Loshchilov
and Hutter 2016; of the hardest alone, Shrivastava et al. 2016, section 3).

Axes: N words drawn, B words learned from.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from torch.nn.functional import cross_entropy

from pushpop.models.contract import SequenceModel
from pushpop.tasks.encoding import Batch, some
from pushpop.training.parallel import Team


@torch.no_grad()
def costliest(
    model: SequenceModel[Any], drawn: Batch, count: int, team: Team, device: torch.device
) -> Int64[np.ndarray, " B"]:
    """Which `count` words of `drawn` have answers that cost the model most as it stands, in the order drawn.

    An answer costs what its symbols and its end do together. Every process scores its part, and all find the same.
    """
    part = some(drawn, *team.span(len(drawn.lengths)))
    arrays = part.symbols, part.lengths, part.positions, part.targets
    symbols, lengths, positions, targets = (torch.from_numpy(array).to(device) for array in arrays)
    costs = cross_entropy(model(symbols, lengths, positions), targets, reduction="none").double()
    of_words = costs.new_zeros(len(lengths)).index_add_(0, positions // symbols.shape[1], costs)
    whole = team.joined(of_words.cpu(), len(drawn.lengths)).numpy()
    return np.sort(np.argsort(-whole, kind="stable")[:count])
