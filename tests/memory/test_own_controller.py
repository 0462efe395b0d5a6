"""A memory under a controller of the reader's own, as the README shows it."""

import torch
from torch import Tensor, nn

# The README's example begins here.
from pushpop.memory import Stack


class StackGRU(nn.Module):
    def __init__(self, symbols: int, hidden: int = 32, width: int = 16) -> None:
        super().__init__()
        self.width, self.embed = width, nn.Embedding(symbols, width)
        self.cell, self.out = nn.GRUCell(2 * width, hidden), nn.Linear(hidden + width, symbols)
        self.interface = nn.Linear(hidden, 2 + width)  # pop, push, and the value to push

    def forward(self, words: Tensor) -> Tensor:  # [B, T] -> [B, T, symbols]
        stack, read, h, scores = Stack.empty(batch=len(words), width=self.width), 0 * self.embed(words[:, 0]), None, []
        for symbol in words.unbind(1):
            h = self.cell(torch.cat([self.embed(symbol), read], 1), h)
            pop, push, *value = self.interface(h).split([1, 1, self.width], dim=1)
            stack = stack.pop(pop.sigmoid()[:, 0]).push(value[0].tanh(), push.sigmoid()[:, 0])
            read = stack.read()
            scores.append(self.out(torch.cat([h, read], 1)))
        return torch.stack(scores, 1)


# The README's example ends here.


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
