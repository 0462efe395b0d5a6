"""A first layer for features that are mostly 0, such as which words a paper has: only the others are touched.

Axes: N nodes, F features, V of them not 0, O outputs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

from pushpop.errors import ShapeError
from pushpop.memory.shapes import expect, expect_size
from pushpop.tasks.graphs.citation import Citations


@dataclass(frozen=True, eq=False)
class SparseFeatures:
    """Features [N, F] by those that are not 0, node by node."""

    rows: Tensor  # [V] int64, ascending
    columns: Tensor  # [V] int64, of one node ascending, each once
    values: Tensor  # [V]
    nodes: int
    width: int  # F

    @classmethod
    def of(cls, citations: Citations, dtype: torch.dtype = torch.float32) -> "SparseFeatures":
        """The words of a citation graph's papers, each paper's summing to 1."""
        columns = (torch.from_numpy(one) for one in (citations.rows, citations.words, citations.weights))
        rows, words, weights = columns
        return cls(rows, words, weights.to(dtype), citations.nodes, citations.vocabulary)

    def dense(self) -> Tensor:
        """All of them: [N, F]."""
        found = self.values.new_zeros(self.nodes, self.width)
        return found.index_put((self.rows, self.columns), self.values, accumulate=True)

    def dropped(self, share: float, training: bool = True) -> "SparseFeatures":
        """With each number that is not 0 put to 0 with that chance, and the others made larger by as much.

        Dropping a 0 changes nothing, so this is dropout on all of them.
        """
        values = dropout(self.values, share, training)
        return SparseFeatures(self.rows, self.columns, values, self.nodes, self.width)


class SparseLinear(nn.Module):
    """X W for sparse X: for each node the sum of the rows of W of its words, each times its number. ConfigError."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        expect_size("sparse: inputs", inputs)
        expect_size("sparse: outputs", outputs)
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        nn.init.xavier_uniform_(self.weight.detach())

    def forward(self, features: SparseFeatures) -> Tensor:
        """[N, O]. ShapeError for features of another width."""
        if features.width != len(self.weight):
            raise ShapeError(f"sparse: expected {len(self.weight)} features, given {features.width}")
        expect("sparse: values", features.values, ("V",), self.weight.dtype, self.weight.device)
        places = torch.stack([features.rows, features.columns])
        size = (features.nodes, features.width)
        matrix = torch.sparse_coo_tensor(places, features.values, size, is_coalesced=True, check_invariants=False)
        return torch.sparse.mm(matrix, self.weight)
