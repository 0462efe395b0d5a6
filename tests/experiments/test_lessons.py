"""What a step is learned from beside answers: values and gradients against a slow twin, whole and in parts."""

import numpy as np
import pytest
import torch
from stack_nets import net
from torch.nn.functional import cross_entropy

from pushpop.experiments import lessons
from pushpop.experiments.lessons import lesson
from pushpop.tasks.encoding import SEPARATOR, encode, heard, some

CPU = torch.device("cpu")
WORDS = [np.array(word) for word in ([1, 0, 2], [2], [0, 0, 1, 2, 1], [1, 1])]
WHOLE = encode(WORDS, [word[::-1] for word in WORDS])


def gradients(model, cost):
    model.zero_grad()
    cost.backward()
    return {name: weights.grad.clone() for name, weights in model.named_parameters()}


def taught(model, whole, part, first, reached, foretell):
    return lessons.loss(model, lesson(whole, part, first, reached, foretell, CPU))


def slow(model, reached, foretell):
    """The losses of the answers within reach, of the others, and of what is read, symbol by symbol of words alone."""
    parts: tuple[list, list, list] = ([], [], [])
    for number, word in enumerate(WORDS):
        batch = encode([word], [word[::-1]])
        symbols = torch.from_numpy(batch.symbols)
        scores, _ = model.unroll(symbols, torch.from_numpy(batch.lengths))
        said = [*symbols[0, 1:].tolist(), 2]
        for place, symbol in enumerate(said):
            reads = place <= len(word)
            cost = cross_entropy(scores[0, place], torch.tensor(symbol))
            parts[2 if reads else number >= reached].append(cost)
    told, beyond, read = (torch.stack(costs).mean() if costs else torch.zeros(()) for costs in parts)
    return told, told + beyond + foretell * read


@pytest.mark.parametrize("engine", ["eager", "fused"])
@pytest.mark.parametrize(("reached", "foretell"), [(4, 0.7), (2, 0.0), (3, 2.0)])
def test_it_agrees_with_a_slow_twin(reached, foretell, engine):
    model = net(engine=engine)
    told, all_of_it = slow(net(engine="eager"), reached, foretell)
    cost = taught(model, WHOLE, WHOLE, 0, reached, foretell)
    assert cost.item() == pytest.approx(told.item(), abs=1e-12)
    other = net(engine="eager")
    want = gradients(other, slow(other, reached, foretell)[1])
    assert all_of_it.item() != pytest.approx(told.item(), abs=0.1)
    for name, grad in gradients(model, cost).items():
        torch.testing.assert_close(grad, want[name], atol=1e-11, rtol=0, msg=name)


@pytest.mark.parametrize(("reached", "foretell"), [(4, 0.7), (2, 0.7), (1, 0.0)])
def test_the_parts_of_processes_add_up_to_the_whole(reached, foretell):
    model = net()
    whole = taught(model, WHOLE, WHOLE, 0, reached, foretell)
    want = gradients(model, whole)
    parts = [taught(model, WHOLE, some(WHOLE, *span), span[0], reached, foretell) for span in ((0, 1), (1, 4))]
    assert sum(part.item() for part in parts) == pytest.approx(whole.item(), abs=1e-12)
    for name, grad in gradients(model, sum(parts)).items():
        torch.testing.assert_close(grad, want[name], atol=1e-11, rtol=0, msg=name)


def test_what_is_read_is_each_symbol_before_the_separator_and_what_comes_next_there():
    positions, following = heard(WHOLE)
    width = WHOLE.symbols.shape[1]
    assert positions.tolist() == [n * width + place for n, word in enumerate(WORDS) for place in range(len(word) + 1)]
    assert following.tolist() == [symbol for word in WORDS for symbol in [*(word + 3).tolist(), SEPARATOR]]
