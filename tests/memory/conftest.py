"""Shapes in annotations are checked while the tests of the memories run."""

import pytest
from beartype import beartype
from jaxtyping import jaxtyped

from pushpop.memory import eager, engines


@pytest.fixture(autouse=True)
def _annotations_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nearer", "drain", "weigh", "add_up", "superpose"):
        monkeypatch.setattr(eager, name, jaxtyped(typechecker=beartype)(getattr(eager, name)))
    checked = engines.Engine(eager.drain, eager.weigh, eager.add_up, eager.superpose)
    monkeypatch.setitem(engines.ENGINES, "eager", checked)
