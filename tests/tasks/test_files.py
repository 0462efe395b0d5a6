"""Words of the user's own: every way a file can be wrong, in one line each."""

import re

import pytest

from pushpop.errors import WordError
from pushpop.tasks.files import parse_word, read_words, typed
from pushpop.tasks.formal.context_free import StackManipulation
from pushpop.tasks.formal.regular import ModularArithmetic
from pushpop.tasks.strings import Reverse
from pushpop.tasks.words import fixed_words

TASK = Reverse()


def refusal(path, data: bytes | None) -> str:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(WordError) as refused:
        read_words(path, TASK)
    said = str(refused.value)
    assert "\n" not in said
    assert said.startswith(str(path))
    return said.removeprefix(str(path))


@pytest.mark.parametrize(
    "data",
    [
        b"5 17 99\n3\n",
        b"5 17 99\n3",
        b"5,17,99\n3\n",
        b"5, 17 ,99\n3\n",
        b"\t5  17\t99 \r\n3\r\n",
        b"5 17 99\r3\r",
        b"\xef\xbb\xbf+5 017 99\n3\n",
    ],
)
def test_words_are_read_one_a_line(tmp_path, data):
    (tmp_path / "words.txt").write_bytes(data)
    assert [word.tolist() for word in read_words(tmp_path / "words.txt", TASK)] == [[5, 17, 99], [3]]


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"5\n5 128\n", ":2: symbol 2 is 128; symbols are whole numbers from 0 to 127: change it"),
        (b"5\n\n-1\n", ":2: an empty word; give 1 symbol or more"),
        (b"5 -1\n", ":1: symbol 2 is -1; symbols are whole numbers from 0 to 127: change it"),
        (
            b"5\n6 x7\n",
            ":2: symbol 2 is 'x7', not an integer of the alphabet; give integers from 0 to 127, separated by",
        ),
        (b"5.0\n", ":1: symbol 1 is '5.0', not an integer"),
        (b"1_0\n", ":1: symbol 1 is '1_0', not an integer"),
        ("٣\n".encode(), ":1: symbol 1 is '٣', not an integer"),
        (b"5,,6\n", ":1: symbol 2 is '', not an integer"),
        (b"5,\n", ":1: symbol 2 is '', not an integer"),
        (b"9" * 5000 + b"\n", ":1: symbol 1 is '99999999999999999999..., not an integer"),
        ("5\x856\n7\u2028x\n".encode(), ":2: symbol 2 is 'x', not an integer"),
        (b"", ": an empty file; give one word a line, such as: 5 17 99"),
        (b"\n", ": an empty file; give one word a line"),
        (b"5\n6\n7 \xff8\n", ":3: byte 0xff is not UTF-8 text; save as plain text"),
        (None, ": there is no such file; give a file with one word a line"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_line(tmp_path, data, start):
    assert refusal(tmp_path / "words.txt", data).startswith(start)


def test_a_folder_is_no_file_of_words(tmp_path):
    assert refusal(tmp_path, None) == ": cannot be read (is a directory); give a readable file with one word a line"


def test_a_word_on_the_command_line_is_refused_in_its_own_name():
    assert parse_word("5 17 99", TASK, "--input").tolist() == [5, 17, 99]
    with pytest.raises(WordError, match=r"^--input: symbol 2 is 'b', not an integer"):
        parse_word("5 b", TASK, "--input")
    with pytest.raises(WordError, match=r"^--input: an empty word; give 1 symbol or more"):
        parse_word(" ", TASK, "--input")


@pytest.mark.parametrize(
    ("task", "text", "at"),
    [(ModularArithmetic(), "3 5 4", 2), (ModularArithmetic(), "3 + 04", 3), (StackManipulation(), "0 1 2", 3)],
)
def test_where_digits_are_names_they_are_no_numbers_of_symbols_too(task, text, at):
    line = (
        rf"^--input: symbol {at} is '\d+'; symbols are {re.escape(' '.join(task.names))}, separated by spaces or comm"
    )
    with pytest.raises(WordError, match=line):
        parse_word(text, task, "--input")


def test_a_digit_that_is_a_name_is_that_symbol():
    assert parse_word("3 + 4", ModularArithmetic(), "--input").tolist() == [3, 5, 4]


class Directions(Reverse):
    """Symbols with names."""

    names = ("left", "stay", "right", "+")


@pytest.mark.parametrize(
    "task", [Directions(symbols=4), ModularArithmetic(), Reverse()], ids=lambda task: type(task).__name__
)
def test_a_word_typed_is_that_word(task):
    for word in fixed_words(task, "validation")[:5]:
        assert parse_word(typed(word, task), task, "--input").tolist() == word.tolist()


def test_a_word_is_typed_by_name():
    assert typed([3, 5, 4], ModularArithmetic()) == "3 + 4"
    assert typed([0, 5], Directions(symbols=6)) == "left 5"
    assert typed([5, 17, 99], Reverse()) == "5 17 99"


def test_words_may_be_written_by_name(tmp_path):
    task = Directions(symbols=4)
    (tmp_path / "words.txt").write_text("left right,+\n 0 right 3 \n")
    assert [word.tolist() for word in read_words(tmp_path / "words.txt", task)] == [[0, 2, 3], [0, 2, 3]]
    with pytest.raises(WordError) as refused:
        parse_word("left rigth", task, "--input")
    assert str(refused.value) == (
        "--input: symbol 2 is 'rigth', not an integer or a name of the alphabet; did you mean 'right'? give integers "
        "from 0 to 3, or names such as left, stay, right, +, separated by spaces or commas"
    )
