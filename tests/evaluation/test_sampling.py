"""Characters are drawn as the formulas say, in plain Python beside it; the guard leads out of loops alone."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pushpop.errors import ConfigError, RunError
from pushpop.evaluation.sampling import AGAIN, BACK, LATELY, SEEN, Guard, Sampling, choose, drawn, probabilities
from pushpop.tasks.draws import Draws

NOISE = Draws("noise").below(60, 5_000).tolist()
SCORES = [1.5, -0.25, 3.0, 3.0, 0.0, -7.0]


def one(scores, sampling, draws=None, guards=(), never=None) -> int:
    draws = draws or Draws("a test")
    return int(choose(np.array([scores], float), sampling, [draws], guards, never)[0])


def slow(scores: list[float], temperature: float, top_k: int, top_p: float) -> list[float]:
    """The chances of `probabilities`, from the words of its settings."""
    chances = [math.exp((score - max(scores)) / temperature) for score in scores]
    likeliest = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    kept = likeliest[: top_k or len(scores)]
    whole = math.fsum(chances[i] for i in kept)
    so_far, nucleus = 0.0, []
    for i in kept:
        if so_far < top_p or top_p == 1:
            nucleus.append(i)
            so_far += chances[i] / whole
    whole = math.fsum(chances[i] for i in nucleus)
    return [chances[i] / whole if i in nucleus else 0.0 for i in range(len(scores))]


@given(
    scores=st.lists(st.floats(-30, 30) | st.integers(-3, 3).map(float), min_size=1, max_size=9),
    temperature=st.floats(0.05, 20),
    top_k=st.integers(0, 12),
    top_p=st.floats(0.001, 1) | st.just(1.0),
)
def test_chances_are_those_of_plain_python(scores, temperature, top_k, top_p):
    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p)
    got = probabilities(np.array([scores]), sampling)[0]
    # a sum that comes to top_p but for rounding may end one symbol sooner or later
    wants = [slow(scores, temperature, top_k, share) for share in (top_p, top_p * (1 - 1e-12), top_p * (1 + 1e-12))]
    assert any(np.allclose(got, want, rtol=1e-9, atol=1e-15) for want in wants), (got, wants)


def test_each_uniform_number_picks_the_symbol_whose_share_it_falls_in():
    chances = [0.0, 0.25, 0.0, 0.5, 0.25, 0.0]

    class Fixed:
        def __init__(self, share):
            self.bits = int(share * 2**53)

        def below(self, bound, count):
            assert (bound, count) == (2**32, 2)
            return np.array([self.bits >> 21, (self.bits & (2**21 - 1)) << 11])

    for share, wanted in [(0, 1), (0.2499, 1), (0.25, 3), (0.7499, 3), (0.75, 4), (1 - 2**-53, 4)]:
        assert drawn(np.array([chances]), [Fixed(share)]).tolist() == [wanted], share
    for share, wanted in [(1.9 * 2**-40, 0), (2.1 * 2**-40, 1)]:
        assert drawn(np.array([[2**-39, 1 - 2**-39]]), [Fixed(share)]).tolist() == [wanted], "a rare one has its share"
    assert drawn(np.array([[0.1] * 3]), [Fixed(1 - 2**-53)]).tolist() == [2], "a sum that is not quite 1 has an end too"


@pytest.mark.parametrize(
    "sampling",
    [Sampling(), Sampling(temperature=0.5), Sampling(temperature=3.0), Sampling(top_k=3), Sampling(top_p=0.7)],
    ids=str,
)
def test_symbols_come_as_often_as_they_should(sampling):
    """Chi-square against its 99.9 % point for five degrees of freedom, 20.5; the seed is fixed."""
    count, draws = 20_000, Draws("as often as they should")
    rows = np.array([SCORES] * count)
    seen = np.bincount(choose(rows, sampling, [draws] * count), minlength=len(SCORES))
    wanted = np.array(slow(SCORES, sampling.temperature, sampling.top_k, sampling.top_p)) * count
    assert (seen[wanted == 0] == 0).all()
    assert (((seen - wanted) ** 2)[wanted > 0] / wanted[wanted > 0]).sum() < 20.5


GREEDY = [
    Sampling(temperature=0),
    Sampling(temperature=0.0, top_k=4, top_p=0.3),
    Sampling(temperature=1e-6),
    Sampling(temperature=5e-324),
    Sampling(temperature=100.0, top_k=1),
    Sampling(top_p=1e-9),
]


@pytest.mark.parametrize("sampling", GREEDY, ids=str)
@given(scores=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8, unique=True), seed=st.integers(0, 99))
def test_the_cold_the_first_and_the_narrowest_are_greedy(sampling, scores, seed):
    assert one(scores, sampling, Draws(seed)) == int(np.argmax(scores))


@pytest.mark.parametrize("scores", [[1e308, -1e308, 0.0], [-1e308, 3e-308, -99.0], [0.0, -np.inf, 99.0]], ids=str)
@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-6, 1.0])
def test_nothing_overflows_however_cold(scores, temperature):
    """Warnings are errors here, so none is given either."""
    assert one(scores, Sampling(temperature=temperature, top_p=0.9)) == int(np.argmax(scores))


def test_at_any_heat_the_chances_become_alike_and_add_up():
    found = probabilities(np.array([[1e3, -1e3, 0.0, 5.0]]), Sampling(temperature=1e300))
    assert np.allclose(found, 0.25)


def test_of_equal_scores_greedy_takes_the_first_and_top_k_the_first_few():
    equal = [2.0] * 5
    assert one(equal, Sampling(temperature=0)) == 0
    assert probabilities(np.array([equal]), Sampling(top_k=2))[0].tolist() == [0.5, 0.5, 0, 0, 0]
    assert probabilities(np.array([equal]), Sampling(top_p=0.5))[0].tolist() == pytest.approx([1 / 3] * 3 + [0, 0])
    assert {one(equal, Sampling(), Draws(seed)) for seed in range(50)} == set(range(5))
    # scores that differ so little that their chances do not are ranked as scores all the same
    assert probabilities(np.array([[0.0, 1e-17, 2e-17]]), Sampling(top_k=2)).tolist() == [[0, 0.5, 0.5]]


def test_top_p_takes_what_just_comes_to_it():
    scores = np.log([[0.5, 0.25, 0.125, 0.125]])
    for share, left in [(0.1, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.99, 4), (1.0, 4)]:
        assert (probabilities(scores, Sampling(top_p=share)) > 0).sum() == left, share
    both = probabilities(scores, Sampling(top_k=2, top_p=0.6))  # of the two, 2/3 and 1/3
    assert both[0].tolist() == [1, 0, 0, 0]
    assert (probabilities(scores, Sampling(temperature=4.0, top_p=0.5)) > 0).sum() == 2, "after temperature"


def test_a_vocabulary_of_one_symbol_has_one_answer():
    for sampling in (*GREEDY, Sampling(), Sampling(guard=True)):
        assert one([-3.0], sampling, guards=[Guard([0] * 100)]) == 0


def test_the_unknown_symbol_is_never_said():
    scores = [0.0, 1.0, 50.0]
    for sampling in (Sampling(temperature=0), Sampling(top_k=1), Sampling(top_p=0.01), Sampling(temperature=1e9)):
        assert {one(scores, sampling, Draws(seed), never=2) for seed in range(30)} <= {0, 1}
    assert one(scores, Sampling(temperature=0)) == 2
    table = np.array([scores])
    choose(table, Sampling(), [Draws(1)], never=2)
    assert table.tolist() == [scores], "what was given is left as it was"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=0)])
def test_scores_that_are_no_numbers_are_an_error_and_no_text(bad, sampling):
    with pytest.raises(RunError, match=r"are no numbers.*train again"):
        one([0.0, bad, 1.0], sampling)
    with pytest.raises(RunError):
        one([-math.inf, -math.inf], sampling)


def test_tensors_of_any_precision_do_as_well():
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        scores = torch.tensor([[1.0, 2.0, 0.5]], dtype=dtype, requires_grad=True)
        assert choose(scores, Sampling(), [Draws(4)]).tolist() == [one([1.0, 2.0, 0.5], Sampling(), Draws(4))]


def test_a_sample_does_not_know_of_the_others():
    rows = np.array([SCORES, SCORES[::-1], SCORES])
    sampling = Sampling(top_k=4)
    together = [Draws("sample", n) for n in range(3)]
    alone = [Draws("sample", n) for n in range(3)]
    for _ in range(50):
        got = choose(rows, sampling, together).tolist()
        assert got == [one(scores, sampling, source) for scores, source in zip(rows, alone, strict=True)]


def test_the_stream_has_golden_values():
    draws = Draws("sample", 0, 0)
    assert [one(SCORES, Sampling(), draws) for _ in range(16)] == [2, 3, 3, 3, 0, 2, 3, 3, 0, 3, 3, 0, 3, 3, 2, 3]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"temperature": -0.5}, "temperature: -0.5 is no temperature; give 0 (greedy) or more, such as 0.8"),
        ({"temperature": math.nan}, "temperature: nan"),
        ({"temperature": math.inf}, "temperature: inf"),
        ({"temperature": 10**400}, "temperature: a number of over 20 digits"),
        ({"temperature": True}, "temperature: True"),
        ({"temperature": "1"}, "temperature: '1'"),
        ({"top_k": -1}, "top_k: -1 is no number of symbols; give 1 or more, or 0 for all"),
        ({"top_k": 1.5}, "top_k: 1.5"),
        ({"top_p": 0.0}, "top_p: 0.0 is no share; give more than 0 and at most 1"),
        ({"top_p": 1.01}, "top_p: 1.01"),
        ({"top_p": math.nan}, "top_p: nan"),
        ({"guard": "auto"}, "guard: 'auto' is neither on nor off; give True or False"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(given, says):
    with pytest.raises(ConfigError) as refused:
        Sampling(**given)
    assert str(refused.value).startswith(says)


def slow_temperature(text: list[int]) -> float:
    """From the words of the guard, one place at a time."""
    repeats = 0
    for end in range(max(1, len(text) - 199), len(text) + 1):
        stretch = text[end - 24 : end] if end >= 24 else None
        repeats += any(text[end - n - 24 : end - n] == stretch for n in range(1, 2001) if end - n >= 24)
    return 0.5 + repeats / 100 if repeats else 0.0


@given(
    before=st.lists(st.integers(0, 3), max_size=40),
    block=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    copies=st.integers(1, 12),
    apart=st.integers(0, 250),
)
def test_repeats_are_counted_wherever_they_are(before, block, copies, apart):
    text = before + block * copies + NOISE[:apart] + before + block
    assert Guard(text).temperature == slow_temperature(text)


def test_a_repeat_is_what_the_guard_says_it_is():
    stretch = NOISE[3000 : 3000 + AGAIN]

    def of(*parts):
        found = Guard(symbol for part in parts for symbol in part).temperature
        return round((found - 0.5) * 100) if found else 0

    assert Guard(NOISE).temperature == Guard().temperature == Guard([1] * AGAIN).temperature == 0
    assert of([1] * (AGAIN + 1)) == 1
    assert of([1] * 100) == 100 - AGAIN
    assert of([1] * 10_000) == LATELY
    assert of(stretch, stretch) == 1
    assert of(stretch, [60], stretch[1:]) == 0, "one character short of it"
    assert of(stretch, NOISE[: BACK - AGAIN], stretch) == 1, "anywhere before, not only next to it"
    assert of(stretch, NOISE[: BACK - AGAIN + 1], stretch) == 0, "but for what is long ago"
    assert of(NOISE[:4_000], NOISE[2_050:2_150]) == 100 - AGAIN + 1, "also after it has forgotten what is long ago"
    assert of(stretch, stretch, NOISE[: LATELY - 1]) == 1
    assert of(stretch, stretch, NOISE[:LATELY]) == 0, "it is awake for so long"


def test_what_the_guard_has_seen_is_bounded_and_enough():
    text = (NOISE[:700] * 20 + NOISE[:1900] * 3 + NOISE)[:20_000]
    guard = Guard()
    for place, symbol in enumerate(text, 1):
        guard.saw(symbol)
        if place % 500 == 0:
            assert guard.temperature == Guard(text[max(0, place - SEEN) : place]).temperature
    assert len(Guard(NOISE)._places) <= 2 * BACK < len(NOISE) - 24


def test_the_guard_draws_where_greedy_would_go_round():
    scores, loop = [0.0, 5.0, 0.0, 0.0], [1] * 99
    greedy = Sampling(temperature=0)

    def said(sampling, guards, **other):
        table = np.array([scores])
        return {int(choose(table, sampling, [Draws(seed)], guards, **other)[0]) for seed in range(400)}

    assert said(greedy, []) == {1}
    assert said(greedy, [Guard(loop)]) == {0, 1, 2, 3}
    assert said(Sampling(top_k=1, top_p=0.1), [Guard(loop)]) == {0, 1, 2, 3}
    assert said(greedy, [Guard(loop[:20])]) == {1}, "nothing stands twice yet"
    assert said(greedy, [Guard(loop)], never=3) == {0, 1, 2}


@pytest.mark.parametrize(("repeats", "temperature"), [(1, 0.51), (100, 1.5), (500, 2.5)])
@pytest.mark.parametrize("lowest", [0, 0.4, 1.25, 60.0])
def test_the_guard_warms_with_every_repeat_and_never_cools(repeats, temperature, lowest):
    guard = Guard([1] * (AGAIN + repeats))
    for seed in range(50):
        draws = Draws(seed)
        if lowest:  # what the guard draws comes after what it sets aside
            draws.below(2, 2)
        found = choose(np.array([SCORES]), Sampling(temperature=lowest), [Draws(seed)], [guard])
        assert found.tolist() == [one(SCORES, Sampling(temperature=max(lowest, temperature)), draws)]
