"""Fetched citation graphs: only the right files are read, and only numbers come out of them: the known ones."""

import os
import pickle
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks import download
from pushpop.tasks.graphs import planetoid
from pushpop.tasks.graphs.citation import read_citations

SHARED = Path(os.environ.get("PUSHPOP_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "graph"


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_can_only_hold_numbers():
    with pytest.raises(pickle.UnpicklingError, match=r"posix.system is no number"):
        planetoid.numbers(pickle.dumps(Evil(), 2))
    assert planetoid.numbers(pickle.dumps({3: [1, 2]}, 2)) == {3: [1, 2]}


def test_arrays_come_out_as_they_went_in():
    """As Python 2 wrote them: (1, shape, type, not by columns, bytes), in one-byte strings."""
    kind = b"cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    numbers = np.array([0.5, -200.25])
    old = b"\x80\x02" + made + b"(K\x01K\x02\x85" + kind + b"\x89U\x10" + numbers.tobytes() + b"tb."
    assert np.array_equal(planetoid.numbers(old), numbers)


def test_the_parts_become_one_graph():
    """Five papers known, one of each of two classes to train on; node 6 is in neither part, node 7 has no link."""
    known = planetoid.Labelled([[0], [2], [1, 3], [], [0]], [0, 1, 1, 0, 1])
    tested = planetoid.Labelled([[3], [1]], [1, 0])
    links = {0: [1, 5, 0], 1: [0, 0], 5: [0], 6: [2], 2: [6]}
    found = planetoid.assembled(known, tested, [7, 5], links)
    assert found.labels.tolist() == [0, 1, 1, 0, 1, 0, -1, 1]
    assert list(zip(found.rows.tolist(), found.words.tolist(), strict=True)) == [
        (0, 0), (1, 2), (2, 1), (2, 3), (4, 0), (5, 1), (7, 3)
    ]  # fmt: skip
    assert found.edges.tolist() == [[0, 0, 2, 1, 5, 6], [1, 5, 6, 0, 0, 2]]
    assert found.splits["test"].tolist() == [5, 7]
    assert found.vocabulary == 4


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """An empty cache, and a network on which one file is to be had, as often as it is asked for."""
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path))
    addresses: list[str] = []

    def served(address: str) -> bytes:
        addresses.append(address)
        return b"what came"

    monkeypatch.setattr(download, "download", served)
    return addresses


def test_a_file_is_fetched_once_and_kept(asked, monkeypatch, tmp_path):
    monkeypatch.setitem(planetoid.SUMS["cora"], "tx", sha256(b"what came").hexdigest())
    for _ in range(2):
        assert planetoid.file("cora", "tx") == b"what came"
    assert asked == [f"{planetoid.ADDRESS}ind.cora.tx"]
    assert (tmp_path / "graphs" / "ind.cora.tx").read_bytes() == b"what came"


def test_another_file_is_refused_unread(asked, tmp_path):
    with pytest.raises(ConfigError, match=r"cora: what came from .*ind.cora.tx is another file: its SHA-256 is .* try"):
        planetoid.file("cora", "tx")
    assert asked
    assert not (tmp_path / "graphs").exists()


def test_without_a_network_it_says_what_to_do(monkeypatch, tmp_path):
    def nobody(_address: str) -> bytes:
        raise OSError("no route")

    monkeypatch.setattr(download, "download", nobody)
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path))
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs" / "ind.cora.allx").write_bytes(b"mine")
    with pytest.raises(ConfigError) as refused:
        planetoid.fetched("cora")
    said = str(refused.value)
    assert said.startswith(f"cora: {planetoid.ADDRESS}ind.cora.allx cannot be fetched (no route), and {tmp_path}")
    assert said.endswith(
        f"save it as {tmp_path}/graphs/ind.cora.allx, or give a folder with the graph: --task.graph FOLDER"
    )
    assert "\n" not in said


@pytest.mark.skipif(not SHARED.is_dir(), reason="the citation graphs are not beside the project (shared/data/graph)")
@pytest.mark.parametrize("name", planetoid.SUMS)
def test_the_shared_files_are_the_graphs_in_plain_text(monkeypatch, tmp_path, name):
    monkeypatch.setenv("PUSHPOP_CACHE", str(tmp_path))
    shutil.copytree(SHARED / "planetoid", tmp_path / "graphs")
    got = planetoid.fetched(name)
    want = read_citations(SHARED / f"{name}.nodes.tsv", SHARED / f"{name}.edges.tsv")
    for field in ("labels", "rows", "words", "edges"):
        assert np.array_equal(getattr(got, field), getattr(want, field)), field
    assert got.vocabulary == want.vocabulary
    assert all(np.array_equal(got.splits[part], want.splits[part]) for part in want.splits)
