"""Sparse features: the same numbers and gradients as dense ones, and dropout on what is there."""

import numpy as np
import pytest
import torch

from closeness import assert_same
from pushpop.errors import ConfigError, ShapeError
from pushpop.graphs.sparse import SparseFeatures, SparseLinear
from pushpop.tasks.graphs.citation import Citations


def papers() -> Citations:
    """Five papers; the third has no words."""
    rows, words = np.array([0, 0, 1, 3, 3, 3, 4]), np.array([1, 4, 0, 0, 1, 5, 4])
    parts = {name: np.zeros(0, dtype=np.int64) for name in ("training", "validation", "test")}
    return Citations(np.array([0, 1, -1, 0, 1]), parts, rows, words, np.zeros((2, 0), dtype=np.int64), 6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_product_is_the_dense_one(dtype):
    features, layer = SparseFeatures.of(papers(), dtype), SparseLinear(6, 3).to(dtype)
    assert_same("features", features.dense(), torch.from_numpy(papers().features()).to(dtype))
    got, want = layer(features), features.dense() @ layer.weight
    assert_same("product", got, want)
    direction = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    gradients = [torch.autograd.grad((one * direction).sum(), layer.weight)[0] for one in (got, want)]
    assert_same("d weight", *gradients)
    assert bool((got[2] == 0).all())


def test_dropout_takes_away_what_is_there_and_keeps_the_mean():
    features = SparseFeatures.of(papers(), torch.float64)
    torch.manual_seed(0)
    many = torch.stack([features.dropped(0.25).values for _ in range(4000)])
    assert_same("kept", many[many != 0].unique(), (features.values / 0.75).unique())
    assert torch.allclose(many.mean(0), features.values, atol=0.02)
    assert torch.equal(features.dropped(0.25, training=False).values, features.values)


def test_features_of_another_width_are_refused():
    with pytest.raises(ShapeError, match="sparse: expected 7 features, given 6"):
        SparseLinear(7, 2)(SparseFeatures.of(papers()))
    with pytest.raises(ShapeError, match=r"sparse: values: expected \[V\] float32 on cpu, given \[7\] float64"):
        SparseLinear(6, 2)(SparseFeatures.of(papers(), torch.float64))
    with pytest.raises(ConfigError, match="sparse: outputs 0 is not a size"):
        SparseLinear(6, 0)
