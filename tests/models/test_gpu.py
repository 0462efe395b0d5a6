"""On a GPU the eager engine gives what the CPU gives: the loss and every gradient."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from closeness import assert_same
from pushpop.models.catalogue import build
from pushpop.models.settings import MemorySettings, RecurrentSettings, SuperpositionSettings
from pushpop.tasks.encoding import SEPARATOR, encode, vocabulary

WORDS = [[1, 2, 0, 3], [3, 3, 1], [2]]
NETS = [
    ("stack-lstm", MemorySettings(hidden=8, memory=5, embedding=4, engine="eager")),
    ("stack-gru", MemorySettings(hidden=8, memory=5, embedding=4, layers=2, engine="eager")),
    ("deque-lstm", MemorySettings(hidden=8, memory=5, embedding=4, engine="eager")),
    ("superposition-rnn", SuperpositionSettings(hidden=8, stacks=2, memory=5, embedding=4, engine="eager")),
    ("lstm", RecurrentSettings(hidden=8, layers=2)),
]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize(("kind", "settings"), NETS, ids=[kind for kind, _ in NETS])
def test_a_gpu_agrees_with_the_cpu(kind, settings):
    batch = encode(WORDS, [word[::-1] for word in WORDS])
    parts = [torch.from_numpy(part) for part in (batch.symbols, batch.lengths, batch.positions, batch.targets)]
    found = {}
    for device in ("cpu", "cuda"):
        model = build(kind, settings, vocabulary(4), SEPARATOR, seed=3).to(device, torch.float64)
        symbols, lengths, positions, targets = (part.to(device) for part in parts)
        loss = cross_entropy(model(symbols, lengths, positions), targets)
        loss.backward()
        gradients = {f"d {name}": weight.grad.cpu() for name, weight in model.named_parameters()}
        found[device] = {"loss": loss.detach().cpu()} | gradients
    for name, wanted in found["cpu"].items():
        assert_same(name, found["cuda"][name], wanted)
