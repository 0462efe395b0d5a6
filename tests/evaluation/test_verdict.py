"""What is said of a memory, of nets whose rules are known: made by hand, and watched word by word."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from pushpop.errors import PushpopError, WordError
from pushpop.evaluation.mismatch import Mismatch
from pushpop.evaluation.trace import trace
from pushpop.evaluation.verdict import Amounts, Decoding, Hand, Verdict, best, judge, reach, told
from pushpop.models.catalogue import MODELS, build
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

TASK = Reverse(symbols=9, shortest=1, longest=6)
WORDS = [[1, 2, 3], [4], [8, 7, 6, 5, 5, 1]]


def net(kind, seed=1, **settings):
    plain = {} if kind.startswith("superposition") else {"margin": 0.0}  # strengths are sigmoids of their logits
    chosen = MODELS[kind].settings(hidden=8, memory=4, engine="eager", **plain, **settings)
    return build(kind, chosen, vocabulary(9), SEPARATOR, seed)


def ruled(push, pop):
    """A net whose strengths are its biases alone: [reading, writing] each."""
    model = net("stack-lstm")
    with torch.no_grad():
        model.interface.strength.zero_()
        model.interface.strength_bias.copy_(torch.logit(torch.tensor([[push[0], pop[0]], [push[1], pop[1]]])))
    return model


def test_a_stack_that_pushes_while_reading_and_pops_while_writing():
    found = judge(ruled(push=(0.999, 0.001), pop=(0.002, 0.998)), TASK, WORDS)
    assert found.habits == "pushes every symbol before the separator (mean 0.999), pops one per output (mean 0.998)"
    assert (found.memory, found.words) == ("Stack", 3)
    assert found.to_dict()["hands"][0]["reading_pop"] == pytest.approx({"mean": 0.002, "share": 0.0})


def test_what_it_does_instead_is_said():
    assert judge(ruled(push=(0.01, 0.3), pop=(0.6, 0.02)), TASK, WORDS).habits == (
        "pushes next to nothing before the separator (mean 0.010), pops meanwhile (mean 0.600), "
        "pops next to nothing for its outputs (mean 0.020), pushes meanwhile (mean 0.300)"
    )


def amounts(mean, share):
    return Amounts(mean=mean, share=share)


def test_a_share_of_the_symbols_is_said_in_percent():
    half = Hand(reading_push=amounts(0.4, 0.43), reading_pop=amounts(0.0, 0.0),
                writing_push=amounts(0.0, 0.0), writing_pop=amounts(0.6, 0.7))  # fmt: skip
    assert told(half) == (
        "pushes 43 % of the symbols before the separator (mean 0.400), pops at 70 % of the outputs (mean 0.600)"
    )


def test_both_ends_of_a_deque_are_told_and_an_idle_one_in_short():
    nothing = amounts(0.01, 0.0)
    idle = Hand(reading_push=nothing, reading_pop=nothing, writing_push=nothing, writing_pop=nothing)
    busy = Hand(
        reading_push=amounts(1.0, 1.0), reading_pop=nothing, writing_push=nothing, writing_pop=amounts(1.0, 1.0)
    )
    found = Verdict(memory="DeQue", words=1, hands=(busy, idle), decoding=None)
    assert found.text == (
        "at the top: pushes every symbol before the separator (mean 1.000), pops one per output (mean 1.000); "
        "at the bottom: does nothing"
    )


@pytest.mark.parametrize("kind", ["stack-lstm", "queue-gru", "deque-rnn"])
def test_words_side_by_side_are_measured_as_one_by_one(kind):
    model = net(kind, seed=3)
    done = {(phase, name): [] for phase in ("reading", "writing") for name in ("push", "pop")}
    for word in WORDS:
        steps = trace(model, TASK, word).steps
        for phase, some in (("reading", steps[1 : len(word) + 1]), ("writing", steps[len(word) + 2 :])):
            for name in ("push", "pop"):
                done[phase, name] += [getattr(step, name) for step in some]
    found = judge(model, TASK, WORDS)
    for (phase, name), values in done.items():
        measured = getattr(found.hands[0], f"{phase}_{name}")
        assert measured.mean == pytest.approx(np.mean(values), abs=1e-6)
        assert measured.share == pytest.approx(np.mean(np.array(values) > 0.5))


def test_a_map_that_names_what_was_pushed_is_found_and_believed():
    model = ruled(push=(0.99, 0.01), pop=(0.01, 0.99))
    assert not judge(model, TASK, WORDS).decoding.works
    with torch.no_grad():  # h is a symbol's own code, the value is h, and the output map knows these codes
        chosen = {"hidden": 12, "memory": 12, "embedding": 12, "embeddings": "shared", "engine": "eager"}
        controller = build("stack-rnn", MODELS["stack-rnn"].settings(**chosen), vocabulary(9), SEPARATOR, 1)
        for weights in controller.parameters():
            weights.zero_()
        for weights in (
            controller.controller.embedding[0],
            controller.controller.symbol[0],
            controller.interface.value,
        ):
            weights.copy_(torch.eye(12))
        controller.output.weight[:, 12:] = torch.eye(12)
        controller.interface.strength_bias.copy_(torch.tensor([[5.0, -5.0], [-5.0, 5.0]]))
    assert judge(controller, TASK, WORDS).decoding == Decoding(hand=0, share=1.0)


def test_the_best_of_two_maps_is_taken_and_none_where_nothing_was_pushed():
    right, wrong, nothing = torch.tensor([True, True]), torch.tensor([True, False]), torch.tensor([], dtype=torch.bool)
    assert best([wrong, right]) == Decoding(hand=1, share=1.0)
    assert best([nothing]) is None
    assert best([]) is None


def test_what_cannot_be_judged_is_refused_in_one_line():
    with pytest.raises(PushpopError, match=r"^verdict: Superposition is no list of cells; give a run with a stack"):
        judge(net("superposition-lstm"), TASK, WORDS)
    with pytest.raises(PushpopError, match=r"^verdict: "):
        judge(build("lstm", MODELS["lstm"].settings(hidden=4), vocabulary(9), SEPARATOR, 1), TASK, WORDS)
    with pytest.raises(WordError, match=r"^word 2: "):
        judge(net("stack-lstm"), TASK, [[1], [9]])


def test_what_follows_from_the_mismatch_is_said_beside_what_was_measured():
    found = judge(ruled(push=(0.98, 0.0001), pop=(0.0001, 0.97)), TASK, WORDS)
    assert found.mismatch.length == pytest.approx(0.5 / found.mismatch.mismatch)
    assert found.text == f"{found.habits}; mismatch 0.01: open-loop prediction length {found.mismatch.length:.2g}"
    none, far = Mismatch(stored=1.0, taken=1.0, mismatch=0.0), reach({(8, 64): 1.0, (65, 128): 1.0})
    exact = replace(found, mismatch=none, reach=far)
    assert exact.text.endswith("mismatch 0: open-loop prediction length without end; measured right to 128")


def test_the_reach_ends_before_the_first_length_with_a_wrong_word():
    far = {(length, length): share for length, share in ((1000, 1.0), (4000, 1.0), (2000, 0.5))}
    assert reach({**far, (65, 128): 1.0}).text == "measured right to 1,000 (at 2,000 0.500 of the words)"
    assert reach({}).text == "not measured"


def test_a_share_over_several_lengths_is_not_told_as_that_of_the_longest():
    assert reach({(65, 128): 0.25}).text == "measured right at no length (at 65-128 0.250 of the words)"
    assert reach({(128, 128): 1.0, (65, 128): 0.25, (8, 64): 1.0}).text == (
        "measured right to 64 (at 65-128 0.250 of the words)"
    )
