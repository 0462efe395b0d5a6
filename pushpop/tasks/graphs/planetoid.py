"""Cora and Citeseer with the public split of Yang, Cohen and Salakhutdinov (2016), fetched when they are asked for.

The files are Python's pickles, which can run code when they are read. So each is read only if its SHA-256 is the one
stated here, and then only numbers come out: arrays, a sparse matrix's three parts, and lists in a dictionary. They are
kept as they came; files put there by hand are as good. The address could not be tried here, the sums are those of the
files of that very commit; a sum that differs is an error that shows both.

Of each graph: `allx` and `ally`, words and labels of all papers but those of the test, the first ones (20 of each
class) the training part and the 500 after them validation; `tx`, `ty` and `test.index`, those of the test and which
papers they are; `graph`, who is linked to whom. Papers that are in neither have no words and no label.
"""

import hashlib
import io
import pickle
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pushpop.errors import ConfigError
from pushpop.tasks import download
from pushpop.tasks.graphs.citation import UNKNOWN, Citations
from pushpop.tasks.graphs.edges import both_ways

ADDRESS = "https://raw.githubusercontent.com/kimiyoung/planetoid/af6abf468a772cc055bec88c52e4d6f51b7c37e3/data/"
EACH, VALIDATION = 20, 500  # training papers of a class; validation papers
SUMS = {
    "cora": {
        "allx": "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543",
        "ally": "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71",
        "graph": "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d",
        "test.index": "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
        "tx": "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a",
        "ty": "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad",
    },
    "citeseer": {
        "allx": "2ac30345d95c9ec933a817ee0bdd6a5f077f8c184a20e696910192d534414668",
        "ally": "f704b2d986dde6c2669934de1f3ae5696a6cf9455c0f6b2646a2d135ea0a1c95",
        "graph": "d79a4ef9d3e7169aee8946145f6b7306e35bc79bffad26346cfb94e10e9912a7",
        "test.index": "2af990671580b6b2df5d158d1038f8292e30c9cd821b5453f399659b25b723d4",
        "tx": "539a8906a2da97628d212f2fdd668c109a8b3f0d36574b59e5d3fd5b5303da21",
        "ty": "55e5bd1ba1e733a04598753ad1a8d57957f4b8f89e74519f41f4f4938767e4ce",
    },
}


class Sparse:
    """The three parts of a sparse matrix by rows, as scipy names them; scipy itself is not needed."""

    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray


class Labelled(NamedTuple):
    """Papers with the indices of their words, ascending, and their labels."""

    words: list[list[int]]
    labels: list[int]


def empty(_kind: type, shape: tuple[int, ...], code: str) -> np.ndarray:
    """An array to be filled by what follows in its pickle."""
    return np.ndarray(shape, np.dtype(code))


KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): empty,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("scipy.sparse.csr", "csr_matrix"): Sparse,
    ("collections", "defaultdict"): defaultdict,
    ("__builtin__", "list"): list,
}


class Numbers(pickle.Unpickler):
    """Reads pickles that hold nothing but numbers in arrays, lists and dictionaries."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no number")
        return KNOWN[module, name]


def folder() -> Path:
    """Where the files are kept."""
    return download.folder("graphs")


def fetched(name: str) -> Citations:
    """One of SUMS, from the cache or else from its address. Raises ConfigError where it cannot be had."""
    raw = {part: file(name, part) for part in SUMS[name]}
    read = {part: numbers(data) for part, data in raw.items() if part != "test.index"}
    tested = [int(line) for line in raw["test.index"].split()]
    return assembled(
        Labelled(words_of(read["allx"]), read["ally"].argmax(1).tolist()),
        Labelled(words_of(read["tx"]), read["ty"].argmax(1).tolist()),
        tested,
        read["graph"],
    )


def file(name: str, part: str) -> bytes:
    """One file, with the sum it must have. Raises ConfigError."""
    path = folder() / f"ind.{name}.{part}"
    try:
        here = path.read_bytes()
    except OSError:
        here = None
    wanted = SUMS[name][part]
    if here is not None and checksum(here) == wanted:
        return here
    address = f"{ADDRESS}{path.name}"
    try:
        data = download.download(address)
    except download.FAILURES as error:
        found = "" if here is None else f", and {path} is another file (its SHA-256 is {checksum(here)})"
        way_out = f"fetch it by hand and save it as {path}, or give a folder with the graph: --task.graph FOLDER"
        raise ConfigError(f"{name}: {address} cannot be fetched ({download.reason(error)}){found}; {way_out}") from None
    if (given := checksum(data)) != wanted:
        raise ConfigError(
            f"{name}: what came from {address} is another file: its SHA-256 is {given} and not {wanted}; try again "
            f"later, or save the right one as {path}"
        )
    download.keep(path, data)
    return data


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def numbers(data: bytes) -> Any:
    """What a pickle of numbers holds. UnpicklingError for one that holds anything else."""
    return Numbers(io.BytesIO(data), encoding="latin1").load()


def words_of(matrix: Sparse) -> list[list[int]]:
    """The columns of each row that are not 0, ascending."""
    ends = matrix.indptr.tolist()
    return [sorted(matrix.indices[first:last].tolist()) for first, last in pairwise(ends)]


def assembled(known: Labelled, tested: Labelled, places: list[int], links: dict[int, list[int]]) -> Citations:
    """One graph of all papers, those of the test in their places; links are taken once each, loops left out."""
    nodes = max(len(links), *(place + 1 for place in places))
    words, labels = list[list[int]]([[]] * nodes), [UNKNOWN] * nodes
    own = [*zip(range(len(known.words)), *known, strict=True), *zip(places, *tested, strict=True)]
    for node, these, label in own:
        words[node], labels[node] = these, label
    classes = max(known.labels) + 1
    first = EACH * classes
    parts = {"training": range(first), "validation": range(first, first + VALIDATION), "test": sorted(places)}
    pairs = {tuple(sorted((one, other))) for one, others in links.items() for other in others if one != other}
    rows = np.repeat(np.arange(nodes), [len(these) for these in words])
    flat = np.array([word for these in words for word in these], dtype=np.int64)
    splits = {name: np.array(part, dtype=np.int64) for name, part in parts.items()}
    return Citations(np.array(labels), splits, rows, flat, both_ways(np.array(sorted(pairs))), int(flat.max()) + 1)
