"""A run small enough to be trained many times over."""

from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny() -> dict[str, Any]:
    """Settings for `pushpop.train`; a test that changes them makes a copy."""
    return {
        "task": {"kind": "reverse", "symbols": 3, "shortest": 1, "longest": 3, "test_shortest": 4, "test_longest": 5},
        "model": {"kind": "lstm", "hidden": 6},
        "training": {
            "steps": 12,
            "batch": 4,
            "rate": 0.01,
            "evaluate_every": 5,
            "evaluate_words": 20,
            "checkpoint_every": 4,
            "log_every": 2,
        },
    }
