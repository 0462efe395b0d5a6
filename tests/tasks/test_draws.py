"""Chance is a function of its key: golden values, a slow twin, uniformity, and nothing global."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.tasks.draws import Draws

KEYS = st.lists(st.integers(-(2**70), 2**70) | st.text(max_size=5), max_size=4)
MASK = 2**64 - 1


def philox(key: int, count: int) -> list[int]:
    """Philox4x64-10 as its authors define it, in plain integers; the counter is raised before each block."""
    words: list[int] = []
    block = 0
    while len(words) < count:
        block += 1
        x, keys = [block & MASK, block >> 64, 0, 0], [key & MASK, key >> 64]
        for _ in range(10):
            low, high = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
            x = [(high >> 64) ^ x[1] ^ keys[0], high & MASK, (low >> 64) ^ x[3] ^ keys[1], low & MASK]
            keys = [(keys[0] + 0x9E3779B97F4A7C15) & MASK, (keys[1] + 0xBB67AE8584CAA73B) & MASK]
        words += x
    return words[:count]


def twin(key: tuple, bound: int, count: int) -> list[int]:
    digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
    return [word % bound for word in philox(int.from_bytes(digest, "little"), count)]


def test_draws_keep_their_golden_values():
    assert Draws("golden", 1).below(128, 8).tolist() == [57, 35, 114, 45, 8, 19, 14, 105]
    assert Draws("golden", 1).below(2**32, 3).tolist() == [783686201, 2100362659, 1996522354]
    assert Draws().below(57, 6).tolist() == [6, 52, 56, 52, 0, 45]


@pytest.mark.parametrize("bound", [1, 2, 57, 128, 2**32 - 1, 2**32])
@pytest.mark.parametrize("key", [(), ("a",), (0,), ("training", 3, 2**65), (-1, "ü/'")])
def test_draws_agree_with_philox_in_plain_python(key, bound):
    assert Draws(*key).below(bound, 11).tolist() == twin(key, bound, 11)


@given(KEYS, KEYS)
def test_different_keys_give_different_draws(one, other):
    same = Draws(*one).below(2**32, 4).tolist() == Draws(*other).below(2**32, 4).tolist()
    assert same == (one == other)


def test_a_numpy_integer_is_the_same_key_and_a_float_is_none():
    assert Draws(np.int64(3), np.uint8(4)).below(128, 4).tolist() == Draws(3, 4).below(128, 4).tolist()
    with pytest.raises(TypeError):
        Draws(3.0)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 9), max_size=6))
def test_draws_in_pieces_are_the_draws_in_one(pieces):
    whole, parts = Draws("pieces"), Draws("pieces")
    together = [value for piece in pieces for value in parts.below(128, piece).tolist()]
    assert together == whole.below(128, sum(pieces)).tolist()


@pytest.mark.parametrize("bound", [2, 57, 128])
def test_draws_are_uniform(bound):
    counts = np.bincount(Draws("uniform", bound).below(bound, 1000 * bound), minlength=bound)
    assert len(counts) == bound
    assert abs(standard_score(counts)) < 4
    skewed = np.append(counts[:-1], counts[-1] + 400)  # the oracle is seen to refuse
    assert standard_score(skewed) > 4


def test_neighbouring_draws_are_independent():
    pairs = Draws("pairs").below(16, 2**16).reshape(-1, 2)
    counts = np.bincount(pairs[:, 0] * 16 + pairs[:, 1], minlength=256)
    assert abs(standard_score(counts)) < 4


def test_neighbouring_keys_are_independent():
    pairs = np.array([[Draws("batch", k).below(8, 1)[0], Draws("batch", k + 1).below(8, 1)[0]] for k in range(4096)])
    assert abs(standard_score(np.bincount(pairs[:, 0] * 8 + pairs[:, 1], minlength=64))) < 4


def test_global_generators_neither_disturb_draws_nor_are_disturbed():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first = Draws("global").below(128, 5).tolist()
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    assert Draws("global").below(128, 5).tolist() == first


@pytest.mark.parametrize("bound", [0, -1, 2**32 + 1])
def test_an_impossible_bound_is_our_own_mistake(bound):
    with pytest.raises(AssertionError, match="bound"):
        Draws().below(bound, 1)


def standard_score(counts: np.ndarray) -> float:
    """How many standard deviations chi-square is above its mean if all counts have the same chance."""
    expected, free = counts.mean(), len(counts) - 1
    return float((((counts - expected) ** 2).sum() / expected - free) / np.sqrt(2 * free))
