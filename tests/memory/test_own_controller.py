"""A memory under a controller of the reader's own, as the README shows it."""

import torch
from torch import Tensor, nn

from pushpop.memory import Stack


class StackGRU(nn.Module):
    def __init__(self, symbols: int, hidden: int = 32, width: int = 16) -> None:
        super().__init__()
        self.width, self.embed = width, nn.Embedding(symbols, width)
        self.cell, self.out = nn.GRUCell(2 * width, hidden), nn.Linear(hidden + width, symbols)
        self.interface = nn.Linear(hidden, 2 + width)  # how much to pop, how much to push, and the value to push

    def forward(self, words: Tensor) -> Tensor:  # [B, T] -> [B, T, symbols]
        stack, hidden, scores = Stack.empty(len(words), self.width), None, []
        for symbol in words.unbind(1):
            hidden = self.cell(torch.cat([self.embed(symbol), stack.read()], 1), hidden)
            pop, push, value = self.interface(hidden).split([1, 1, self.width], 1)
            stack = stack.pop(pop[:, 0].sigmoid()).push(value.tanh(), push[:, 0].sigmoid())
            scores.append(self.out(torch.cat([hidden, stack.read()], 1)))
        return torch.stack(scores, 1)


def test_a_controller_of_ones_own_learns_through_the_stack() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = StackGRU(5)
        words = torch.randint(5, (8, 6))
    answers = words.flip(1)
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    losses = []
    for _ in range(30):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(words).flatten(0, 1), answers.flatten())
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())
