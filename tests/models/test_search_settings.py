"""Settings of nets that go through a search."""

import pytest

from pushpop.errors import ConfigError
from pushpop.models.catalogue import GRAPHS, SEARCHERS
from pushpop.models.search_settings import CallStackSettings


def test_searchers_are_models_of_tasks_about_graphs():
    assert GRAPHS["call-stack-gnn"] is SEARCHERS["call-stack-gnn"]
    assert SEARCHERS["call-stack-gnn"].settings is CallStackSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [("hidden", 0), ("memory", 1.5), ("stack", "edge"), ("operations", "taught"), ("carried", True),
     ("positions", "odd"), ("push_bias", float("nan"))],
)  # fmt: skip
def test_what_cannot_be_is_refused(name, value):
    with pytest.raises(ConfigError, match=rf"^model\.{name}: .*; give "):
        CallStackSettings(**{name: value})
