"""Words as arrays: what is read, what is wanted, and where."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushpop.tasks import encoding
from pushpop.tasks.encoding import (
    END,
    SEPARATOR,
    START,
    chosen,
    decode_answer,
    encode,
    encode_answer,
    label,
    prompts,
    some,
)

WORDS = st.lists(st.lists(st.integers(0, 127), min_size=1, max_size=9), min_size=1, max_size=6)


def arrays(words):
    return [np.array(word, dtype=np.int64) for word in words]


def slow(words, answers):
    """`encode` one word and one position at a time."""
    rows, positions, targets = [], [], []
    rows = [[START, *(a + 3 for a in w), SEPARATOR, *(y + 3 for y in v)] for w, v in zip(words, answers, strict=True)]
    longest = max(map(len, rows))
    for n, (row, word, answer) in enumerate(zip(rows, words, answers, strict=True)):
        for place, symbol in enumerate([*(y + 3 for y in answer), END]):
            positions.append(n * longest + len(word) + 1 + place)
            targets.append(symbol)
        assert len(row) == len(word) + 2 + len(answer)
    padded = [row + [0] * (longest - len(row)) for row in rows]
    return padded, list(map(len, rows)), positions, targets


@given(WORDS, st.data())
def test_some_words_of_a_batch_are_the_batch_of_those_words(words, data):
    answers = [word[::-1][: len(word) // 2 + 1] for word in words]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    got = some(encode(arrays(words), arrays(answers)), first, last)
    want = encode(arrays(words[first:last]), arrays(answers[first:last]))
    for name, array in vars(want).items():
        assert np.array_equal(getattr(got, name), array), name
        assert getattr(got, name).flags.c_contiguous, name


@given(WORDS, st.data())
def test_chosen_words_of_a_batch_are_the_batch_of_those_words(words, data):
    answers = [word[::-1][: len(word) // 2 + 1] for word in words]
    rows = sorted(data.draw(st.sets(st.integers(0, len(words) - 1), min_size=1)))
    got = chosen(encode(arrays(words), arrays(answers)), np.array(rows))
    want = encode(arrays([words[row] for row in rows]), arrays([answers[row] for row in rows]))
    for name, array in vars(want).items():
        assert np.array_equal(getattr(got, name), array), name
        assert getattr(got, name).flags.c_contiguous, name


def test_a_batch_by_hand():
    batch = encode(arrays([[5, 17], [9]]), arrays([[17, 5], [9]]))
    assert batch.symbols.tolist() == [[0, 8, 20, 1, 20, 8], [0, 12, 1, 12, 0, 0]]
    assert batch.lengths.tolist() == [6, 4]
    assert batch.positions.tolist() == [3, 4, 5, 8, 9]
    assert batch.targets.tolist() == [20, 8, 2, 12, 2]
    assert {array.dtype for array in vars(batch).values()} == {np.dtype(np.int64)}


@given(WORDS, st.randoms(use_true_random=False))
def test_encoding_agrees_with_a_slow_twin_whatever_the_lengths(words, random):
    answers = [word[: random.randint(0, len(word))] * random.randint(1, 2) for word in words]
    batch = encode(arrays(words), arrays(answers))
    assert [array.tolist() for array in vars(batch).values()] == list(slow(words, answers))


@given(WORDS)
def test_wanted_outputs_are_the_next_symbols_read(words):
    batch = encode(arrays(words), arrays(words))
    flat = batch.symbols.ravel()
    going_on = batch.targets != END
    assert (flat[batch.positions[going_on] + 1] == batch.targets[going_on]).all()
    assert (~going_on).sum() == len(words)


@given(WORDS)
def test_a_prompt_is_the_batch_up_to_the_separator(words):
    batch, (symbols, lengths) = encode(arrays(words), arrays(words)), prompts(arrays(words))
    for n, word in enumerate(words):
        assert lengths[n] == len(word) + 2
        assert symbols[n, : lengths[n]].tolist() == batch.symbols[n, : lengths[n]].tolist()
        assert not symbols[n, lengths[n] :].any()


def test_a_wrong_separator_would_be_noticed(monkeypatch):
    monkeypatch.setattr(encoding, "SEPARATOR", END)
    with pytest.raises(AssertionError):
        assert encode(arrays([[5]]), arrays([[5]])).symbols.tolist() == slow([[5]], [[5]])[0]


@given(st.lists(st.integers(0, 127)))
def test_an_answer_decodes_to_what_was_encoded(answer):
    assert decode_answer(encode_answer(np.array(answer, dtype=np.int64))) == answer


def test_decoding_stops_at_the_first_end_and_shows_misplaced_marks():
    assert decode_answer([8, END, 9, END]) == [5]
    assert decode_answer(np.array([8, START, SEPARATOR, 3])) == [5, -3, -2, 0]
    assert decode_answer([]) == []


def test_labels_are_what_users_type():
    assert [label(symbol) for symbol in (0, 1, 2, 3, 130)] == ["S1", "S2", "S3", "0", "127"]
    assert [label(symbol, ("left", "right")) for symbol in (0, 2, 3, 4, 5)] == ["S1", "S3", "left", "right", "2"]
