"""Word sets: golden hashes, and batches that depend on their seed and number alone."""

import numpy as np
import pytest

from pushpop.tasks.strings import BigramFlip, Copy, Reverse
from pushpop.tasks.words import fixed_words, short_word, training_batch, word_set_hash, words_of


def same(one, other):
    return all((a.tolist() == b.tolist()) for a, b in zip(vars(one).values(), vars(other).values(), strict=True))


def test_fixed_words_keep_their_hash():
    assert word_set_hash(fixed_words(Reverse(), "validation")) == "52a421ba7f86d18a"
    assert word_set_hash(fixed_words(Reverse(), "test")) == "a7e1304f5a1d2439"


def test_fixed_words_of_pairs_keep_their_hash():
    assert word_set_hash(fixed_words(BigramFlip(), "validation")) == "470970f3a38ddda2"
    assert word_set_hash(fixed_words(BigramFlip(), "test")) == "37170d9e36796a35"


def test_the_first_fixed_words_are_golden():
    assert fixed_words(Reverse(), "validation")[0].tolist() == [34, 21, 115, 48, 58, 108, 104, 63, 94, 103]
    assert fixed_words(Reverse(shortest=3, longest=5), "validation")[0].tolist() == [34, 21, 115, 48, 58]


def test_a_short_word_is_a_word_of_the_task_and_none_of_the_first_is_shorter():
    for task in (Reverse(), BigramFlip(shortest=2, longest=10)):
        word = short_word(task)
        assert task.check(word).tolist() == word.tolist()
        assert len(word) == min(map(len, fixed_words(task, "validation")[:50]))


def test_the_first_batch_is_golden():
    batch = training_batch(Reverse(), 0, 0, 2, (2, 4))
    assert batch.symbols.tolist() == [
        [0, 123, 62, 124, 97, 1, 97, 124, 62, 123],
        [0, 85, 127, 71, 42, 1, 42, 71, 127, 85],
    ]
    assert batch.targets.tolist() == [97, 124, 62, 123, 2, 42, 71, 127, 85, 2]


def test_fixed_words_have_the_lengths_of_their_split():
    for split, low, high in (("validation", 8, 64), ("test", 65, 128)):
        words = fixed_words(Reverse(), split)
        assert len(words) == 1000
        assert {len(word) for word in words} == set(range(low, high + 1))
        assert len({tuple(word.tolist()) for word in words}) == 1000


def test_validation_words_do_not_depend_on_the_test_s_settings_nor_on_the_task():
    here = word_set_hash(fixed_words(Reverse(), "validation"))
    assert word_set_hash(fixed_words(Reverse(test_longest=256), "validation")) == here
    assert word_set_hash(fixed_words(Copy(), "validation")) == here
    assert word_set_hash(fixed_words(Reverse(symbols=127), "validation")) != here


def test_a_batch_depends_on_its_seed_and_number_alone():
    task = Reverse()
    alone = training_batch(task, 3, 5, 16)
    for seed, k in ((3, 4), (3, 6), (4, 5), (5, 3)):
        assert not same(alone, training_batch(task, seed, k, 16))
    np.random.seed(0)  # noqa: NPY002
    fixed_words(task, "test")
    assert same(alone, training_batch(task, 3, 5, 16))


def test_a_batch_has_its_size_and_lengths():
    batch = training_batch(Reverse(), 0, 1, 50)
    assert len(batch.lengths) == 50
    assert set(batch.lengths % 2) == {0}
    assert (batch.lengths >= 18).all()
    assert (batch.lengths <= 130).all()
    assert training_batch(Reverse(), 0, 1, 50, (3, 3)).lengths.tolist() == [8] * 50


def test_reversing_twice_gives_the_very_batches_of_copying():
    task = Reverse()
    backwards, straight = training_batch(task, 0, 9, 8), training_batch(Copy(), 0, 9, 8)
    for n, length in enumerate(straight.lengths.tolist()):
        k = (length - 2) // 2
        assert backwards.symbols[n, : k + 2].tolist() == straight.symbols[n, : k + 2].tolist()
        assert backwards.symbols[n, k + 2 : length][::-1].tolist() == straight.symbols[n, k + 2 : length].tolist()


def test_words_of_a_length_differ_by_seed_and_range():
    words = words_of(Reverse(), (256, 256), 3)
    assert [len(word) for word in words] == [256] * 3
    hashes = {
        word_set_hash(w) for w in (words, words_of(Reverse(), (256, 256), 3, 1), words_of(Reverse(), (255, 256), 3))
    }
    assert len(hashes) == 3
    assert word_set_hash(words_of(Reverse(), (256, 256), 3)) == word_set_hash(words)


@pytest.mark.parametrize(
    "other",
    [[[1, 2], [4]], [[1], [2, 3]], [[1, 23]], [[12, 3]], [[1, 2, 3], []], [[3], [1, 2]]],
)
def test_a_hash_tells_lists_of_words_apart(other):
    here = word_set_hash([np.array([1, 2]), np.array([3])])
    assert word_set_hash([np.array(word, dtype=np.int64) for word in other]) != here


def test_words_beyond_reach_come_last_and_leave_the_others_as_they_are():
    task = Reverse(shortest=2, longest=60)
    some, all_of_them = training_batch(task, 3, 5, 6, (2, 4)), training_batch(task, 3, 5, 10, (2, 4), beyond=4)
    assert all_of_them.lengths[:6].tolist() == some.lengths.tolist()
    assert all_of_them.lengths[:6].max() <= 2 * 4 + 2 < all_of_them.lengths[6:].max()
    assert same(all_of_them, training_batch(task, 3, 5, 10, (2, 4), beyond=4))
    assert not same(all_of_them, training_batch(task, 3, 6, 10, (2, 4), beyond=4))
