"""A run small enough to be trained many times over."""

import itertools
import shutil
import tempfile
from typing import Any

import pytest
from postgres import PROGRAMS, Server

from pushpop.errors import ConfigError
from pushpop.experiments.launchers.ray import imported

NUMBERS = itertools.count()


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


@pytest.fixture(scope="session")
def server():
    """A PostgreSQL server, at work."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        pytest.skip(f"no PostgreSQL server here: {missing[0]} is not on the PATH")
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database(server) -> str:
    """The URL of an empty database."""
    name = f"study{next(NUMBERS)}"
    server.query(f"create database {name}")
    return server.url(name)


@pytest.fixture
def ray(monkeypatch):
    """Ray, with a folder and settings of its own."""
    try:
        imported()
    except ConfigError as error:
        pytest.skip(str(error))
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp")  # short: Ray's sockets are below it, and their names have limits
    monkeypatch.setenv("RAY_TMPDIR", folder)
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # else it writes a token to the home
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(ray):
    """Two nodes of one core each."""
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    cluster.add_node(**small)
    yield cluster
    cluster.shutdown()
