"""Nested expressions: their value by Python's own arithmetic, both views, and what one blind to order can get."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from pushpop.errors import ConfigError
from pushpop.tasks.draws import Draws
from pushpop.tasks.graphs.expression import FACTORS, Expression
from pushpop.tasks.graphs.instance import drawn, guesses

SETTINGS = {
    "ragged": {},
    "full": {"shape": "full"},
    "postfix": {"notation": "postfix"},
    "four arguments": {"arguments": 4, "notation": "postfix"},
    "added up": {"ordered": False},
}
every_setting = pytest.mark.parametrize("name", SETTINGS)


def by_python(text: str, modulus: int) -> int:
    """The value of a bracketed expression, as Python reads it."""
    return eval(text) % modulus


def postfix(symbols: list[int], modulus: int, ordered: bool) -> tuple[int, int]:
    """Its value and the highest its stack was, with a list as the stack."""
    stack, highest = [], 0
    for symbol in symbols:
        if symbol >= modulus:
            count = symbol - modulus + 2
            stack, parts = stack[:-count], stack[-count:]
            symbol = sum((factor if ordered else 1) * part for factor, part in zip(FACTORS, parts)) % modulus  # noqa: B905
        stack.append(symbol)
        highest = max(highest, len(stack))
    assert len(stack) == 1
    return stack[0], highest


@every_setting
@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
def test_both_views_have_the_value_that_python_finds(name, depth):
    task = Expression(**SETTINGS[name])
    for instance in drawn(task, "test", depth, 20):
        view = task.sequence(instance, Draws("view"))
        symbols, answer = view.symbols.tolist(), int(view.answers(instance)[0])
        assert view.positions.tolist() == [len(symbols) - 1]
        assert max(symbols) < task.reads
        if task.notation == "postfix":
            assert postfix(symbols, 7, task.ordered)[0] == answer
        else:
            sign = "-" if task.ordered else "+"
            spelt = "".join({7: sign, 8: "(", 9: ")"}.get(symbol, str(symbol)) for symbol in symbols)
            assert by_python(spelt, 7) == answer


def test_three_and_four_arguments_are_told_apart_by_their_places():
    task = Expression(arguments=4)
    assert [task.value(tree) for tree in ((3, 1, 2), (3, 2, 1), (1, 2, 3, 4))] == [6, 3, (1 - 2 + 6 - 8) % 7]


@every_setting
def test_the_graph_is_the_tree(name):
    task = Expression(**SETTINGS[name])
    for instance in drawn(task, "training", 3, 10):
        tree = task.read_back(instance)
        assert np.array_equal(task.of(tree).edges, instance.edges)
        backwards = replace(instance, edges=instance.edges[:, ::-1], kinds=instance.kinds[::-1])
        assert task.read_back(backwards) == tree  # by the kinds of edges alone
        assert instance.edges.shape[1] == instance.nodes - 1
        assert instance.asked.tolist() == [[0]]
        assert instance.features(task.columns).shape == (instance.nodes, sum(task.columns))
        assert int(instance.kinds.max()) < task.kinds


def depth_of(tree) -> int:
    return 0 if isinstance(tree, int) else 1 + max(map(depth_of, tree))


@every_setting
def test_trees_are_as_deep_as_is_said(name):
    task = Expression(**SETTINGS[name])
    for depth in range(5):
        assert {depth_of(task.tree(Draws("d", depth, n), depth)) for n in range(20)} == {depth}


def test_a_full_tree_has_its_tokens_and_its_stack():
    """4 2^d - 3 tokens in brackets; in postfix a stack of d + 1."""
    for depth in (1, 4, 8):
        task = Expression(shape="full")
        (instance,) = drawn(task, "test", depth, 1)
        assert len(task.sequence(instance, Draws("v")).symbols) == 4 * 2**depth - 3
        other = Expression(shape="full", notation="postfix")
        assert postfix(other.sequence(instance, Draws("v")).symbols.tolist(), 7, True)[1] == depth + 1


def test_the_ragged_law_has_the_stacks_and_leaves_of_its_facts():
    """Mean leaves 3.5, 8.7 and mean postfix stack 2.8, 4.1 at depths 2 and 4."""
    task = Expression(notation="postfix")
    for depth, leaves, stack in ((2, 3.5, 2.8), (4, 8.7, 4.1)):
        words = [task.sequence(one, Draws("v")).symbols.tolist() for one in drawn(task, "test", depth, 400)]
        assert np.mean([sum(symbol < 7 for symbol in word) for word in words]) == pytest.approx(leaves, abs=0.3)
        assert np.mean([postfix(word, 7, True)[1] for word in words]) == pytest.approx(stack, abs=0.15)


def every_order(tree):
    """All trees with the arguments of some operators exchanged, each as often as it comes up."""
    if isinstance(tree, int):
        return [tree]
    parts = [every_order(part) for part in tree]
    return [order for first in product(*parts) for order in (first, first[::-1])]


def test_the_best_blind_guess_is_that_of_all_orders():
    task = Expression()
    for number in range(10):
        tree = task.tree(Draws("blind", number), 3)
        values = [task.value(one) for one in every_order(tree)]
        want = np.bincount(values, minlength=7) / len(values)
        assert np.allclose(task.unordered(tree), want, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ({"shape": "full"}, (0.571, 0.39, 0.25, 0.162)),
        ({}, (0.571, 0.39, 0.28, 0.21)),
        ({"ordered": False}, (1, 1, 1, 1)),
    ],
)
def test_ceilings_and_floors_are_those_known(settings, known):
    task = Expression(**settings)
    for depth, ceiling in enumerate(known, 1):
        found = guesses(task, drawn(task, "test", depth, 300))
        assert found["blind to order"] == pytest.approx(ceiling, abs=0.025)
        assert found["any value"] == pytest.approx(1 / 7)


def test_answers_stay_uniform():
    task = Expression()
    counts = np.bincount([int(one.answers[0]) for one in drawn(task, "test", 4, 1400)], minlength=7)
    assert counts.min() > 140
    assert counts.max() < 260


def test_sizes_of_training_and_of_the_test():
    assert Expression().ladder == {
        "training": (1, 2, 3, 4),
        "validation": (1, 2, 3, 4),
        "test": (1, 2, 3, 4, 5, 6, 8, 12),
    }


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"modulus": 10}, "task.modulus: 10 is no odd prime; give one, such as 7"),
        ({"modulus": 2}, "task.modulus: 2 cannot be; give a whole number from 3 to 97"),
        ({"arguments": 5}, "task.arguments: 5 cannot be; give a whole number from 2 to 4"),
        ({"depth": True}, "task.depth: True cannot be; give a whole number from 1 to 16"),
        ({"shape": "comb"}, "task.shape: 'comb' is not known; give one of full, ragged"),
        ({"notation": "infix"}, "task.notation: 'infix' is not known; give one of brackets, postfix"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ConfigError) as refused:
        Expression(**settings)
    assert str(refused.value) == says


def test_the_deepest_are_judged_by_fewer():
    assert (Expression().fixed(8), Expression().fixed(12)) == (1000, 100)
