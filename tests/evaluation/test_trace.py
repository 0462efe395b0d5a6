"""A trace by hand, its JSON, and its refusals."""

import json

import pytest
from speakers import Reverser, Shown, Told, Watcher

from pushpop.errors import PushpopError, WordError
from pushpop.evaluation.evaluate import predict
from pushpop.evaluation.trace import trace
from pushpop.memory import Stack
from pushpop.models.catalogue import MODELS, build
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

TASK = Reverse()


class Perfect(Watcher):
    """The watcher without its error."""

    def symbol(self, answer: list[int], place: int) -> int:
        return Reverser.symbol(self, answer, place)


def test_a_trace_follows_the_word_and_then_what_is_said():
    seen = trace(Perfect(), TASK, [5, 17, 99])
    assert (seen.word, seen.wanted, seen.said) == ((5, 17, 99), (99, 17, 5), (99, 17, 5))
    assert seen.cells == ("S1", "5", "17", "99", "S2", "99", "17", "5")
    assert [step.phase for step in seen.steps] == ["reading"] * 4 + ["writing"] * 4
    assert [step.wanted for step in seen.steps] == [None] * 4 + ["99", "17", "5", "S3"]
    assert [step.predicted for step in seen.steps[4:]] == ["99", "17", "5", "S3"]
    assert [step.correct for step in seen.steps] == [None] * 4 + [True] * 4
    assert seen.first_error is None


class Named(Reverse):
    """Symbols with names, other ones in answers."""

    names, answer_names = ("up", "down", "left"), ("north", "south")


def test_a_trace_shows_names_where_there_are_some():
    seen = trace(Perfect(), Named(), ["up", 17, 2])
    assert (seen.word, seen.wanted, seen.said) == (("up", 17, "left"), (2, 17, "north"), (2, 17, "north"))
    assert seen.cells == ("S1", "up", "17", "left", "S2", "2", "17", "north")
    assert [step.wanted for step in seen.steps[4:]] == ["2", "17", "north", "S3"]
    assert seen.first_error is None


def test_a_trace_shows_the_memory_by_hand():
    steps = trace(Perfect(), TASK, [5, 17, 99]).steps
    assert [step.push for step in steps] == [0, 0.75, 0.75, 0.75, 0, 0, 0, 0]
    assert [step.pop for step in steps] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert steps[0].strengths == (0.0,)
    assert steps[4].strengths == (0, 0.75, 0.75, 0.75, 0)
    assert steps[4].weights == (0, 0, 0.25, 0.75, 0)
    assert steps[5].strengths == (0, 0.75, 0.5, 0, 0, 0)
    assert steps[5].weights == (0, 0.5, 0.5, 0, 0, 0)
    assert steps[7].strengths == (0,) * 8
    assert steps[4].read == (1.0, 1.0)
    # one score is 4 and the other 130 are 0
    assert steps[4].probability == pytest.approx(54.598150 / (54.598150 + 130))


def test_the_first_error_is_found_and_the_trace_goes_on():
    seen = trace(Watcher(), TASK, [1, 2, 3, 4, 5])
    assert seen.said == (5, 4, 3, 0, 1)
    assert seen.first_error == 6 + 3  # S1, five symbols, then three right outputs from the separator on
    assert [step.correct for step in seen.steps[6:]] == [True, True, True, False, True, True]
    assert seen.steps[9].predicted == "0"
    assert seen.steps[9].wanted == "2"
    assert seen.steps[10].fed == "0"  # what was said is fed back, not what was wanted


def test_a_trace_says_what_predict_says():
    for word in ([1], [1, 2, 3], list(range(20))):
        assert list(trace(Watcher(), TASK, word).said) == predict(Watcher(), TASK, [word])[0]


def test_an_answer_that_ends_early_or_never_ends_the_trace():
    class Early(Perfect):
        def symbol(self, answer, place):
            return answer[-1] if place == 1 else answer[place]

    class Never(Perfect):
        def symbol(self, answer, place):
            return 3

    early, never = trace(Early(), TASK, [1, 2, 3]), trace(Never(), TASK, [1, 2, 3])
    assert (early.said, early.first_error, len(early.steps)) == ((3,), 5, 6)
    assert (never.said, never.first_error, len(never.steps)) == ((0, 0, 0, 0), 4, 8)


def test_rounding_reaches_the_memory():
    seen = trace(Perfect(), TASK, [5, 17], rounded=True)
    assert seen.rounded
    assert [step.push for step in seen.steps[:4]] == [0, 1, 1, 0]
    assert not trace(Perfect(), TASK, [5, 17]).rounded


def test_a_trace_is_plain_data():
    data = trace(Watcher(), TASK, [1, 2, 3, 4]).to_dict()
    again = json.loads(json.dumps(data))
    assert again["memory"] == "Stack"
    assert again["cells"] == ["S1", "1", "2", "3", "4", "S2", "4", "3", "2", "0"]
    assert again["first_error"] == 8
    assert again["steps"][5] == {
        "fed": "S2",
        "phase": "writing",
        "push": 0.0,
        "pop": 0.0,
        "strengths": [0, 0.75, 0.75, 0.75, 0.75, 0],
        "weights": [0, 0, 0, 0.25, 0.75, 0],
        "read": [1.0, 1.0],
        "predicted": "4",
        "probability": data["steps"][5]["probability"],
        "wanted": "4",
        "correct": True,
        "bottom": None,
    }


def drawn(kind):
    plain = {} if kind.startswith("superposition") else {"margin": 0.0}  # no strength is exactly 0 or 1
    settings = MODELS[kind].settings(hidden=6, memory=4, **plain)
    return build(kind, settings, vocabulary(TASK.symbols), SEPARATOR, seed=1)


def test_a_deque_shows_both_its_ends():
    seen = trace(drawn("deque-lstm"), TASK, [5, 17])
    steps = seen.to_dict()["steps"]
    assert seen.memory == "DeQue"
    assert seen.cells == tuple(step["fed"] for step in [*reversed(steps), *steps])
    for count, step in enumerate(steps, 1):
        assert len(step["strengths"]) == len(step["weights"]) == len(step["bottom"]["weights"]) == 2 * count
        assert (step["strengths"][-1], step["strengths"][0]) == (step["push"], step["bottom"]["push"])
        assert step["weights"][-1] == step["push"]
        assert step["bottom"]["weights"][0] == step["bottom"]["push"]
    assert steps[1]["pop"] != steps[1]["bottom"]["pop"]


def test_superposition_stacks_show_their_shares_and_their_tops():
    seen = trace(drawn("superposition-gru"), TASK, [5, 17], rounded=True)
    data = json.loads(json.dumps(seen.to_dict()))
    assert (data["memory"], data["cells"]) == ("Superposition", [])
    for step in data["steps"]:
        assert len(step["stacks"]) == 4
        for stack in step["stacks"]:
            assert sorted([stack["push"], stack["pop"], stack["keep"]]) == [0, 0, 1]
        cells = [cell for stack in step["stacks"] for cell in stack["top"]]
        assert len(cells) == 8
        level_by_level = [*cells[::2], *cells[1::2]]
        assert [number for cell in level_by_level for number in cell] == step["read"]
        assert "strengths" not in step


def test_a_model_without_a_memory_is_refused():
    with pytest.raises(
        PushpopError, match=r"^trace: Reverser has no memory and so no strengths; give a model with one"
    ):
        trace(Reverser(), TASK, [1])


def test_a_wrong_or_overlong_word_is_refused():
    with pytest.raises(WordError, match=r"^word: symbol 1 is 128"):
        trace(Perfect(), TASK, [128])
    with pytest.raises(WordError, match=r"^word: 501 symbols are too many to watch; give 500 or fewer$"):
        trace(Perfect(), TASK, [1] * 501)


def test_a_memory_that_drops_cells_is_noticed():
    class Forgetful(Perfect):
        def watch(self, state: Told, symbol, rounded=False):
            after, scores, shown = super().watch(state, symbol, rounded)
            kept = Stack.of(shown.memory.values[:, 1:], shown.memory.strengths[:, 1:])
            return after, scores, Shown(shown.action, shown.read, kept)

    with pytest.raises(AssertionError, match="one cell a step"):
        trace(Forgetful(), TASK, [1])


def test_each_cell_is_decoded_by_each_hands_map():
    def made(kind, **settings):
        return build(
            kind, MODELS[kind].settings(hidden=6, memory=4, engine="eager", **settings), vocabulary(128), SEPARATOR, 1
        )

    seen = trace(made("deque-lstm"), TASK, [5, 17, 99])
    assert [len(symbols) for symbols in seen.decoded] == [len(seen.cells)] * 2
    assert trace(made("stack-lstm", wiring="delayed"), TASK, [5, 17, 99]).decoded == ()
    assert seen.to_dict()["decoded"] == seen.decoded
