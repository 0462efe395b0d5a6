"""What all lists of cells share; stack and queue: the same list, taken from the one end or the other.

Axes: B words, N cells (oldest first), W width of one value, A hands.
"""

from abc import ABC
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import torch
from torch import Tensor

from pushpop.errors import ShapeError
from pushpop.memory.cells import Cells, End, Hand
from pushpop.memory.engines import Engine, find_engine
from pushpop.memory.shapes import expect, expect_rows, expect_size, no_numbers, spell


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Memory(ABC):
    """A list of cells, worked by its hands. A value: every operation gives a new one and changes nothing.

    Within one step of a network pops come first, then pushes, then reads: `memory.work(push, pop, value).reads()`.
    Strengths and amounts are meant to be in [0, 1], which is not checked: that would make a GPU wait.
    """

    hands: ClassVar[tuple[Hand, ...]]

    cells: Cells
    width: int
    engine: Engine

    @classmethod
    def empty(
        cls,
        batch: int,
        width: int,
        *,
        engine: str = "eager",
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Self:
        """No cells yet, for `batch` words with values of `width` numbers. ConfigError for an impossible setting."""
        place = f"{cls.__name__}.empty"
        expect_size(f"{place}: batch", batch)
        expect_size(f"{place}: width", width)
        strengths = no_numbers(place, (batch, 0), dtype, device)
        return cls(cells=Cells((), strengths, 0, range(0)), width=width, engine=find_engine(engine))

    @classmethod
    def of(cls, values: Tensor, strengths: Tensor, *, below: int = 0, engine: str = "eager") -> Self:
        """With the content given: values [B, N, W], strengths [B, N], oldest first. Gradients flow back to both.

        `below` of the cells came at the old end (of a DeQue): so `where` knows which cell of another handle is which.
        """
        place = f"{cls.__name__}.of"
        if not isinstance(values, Tensor) or values.ndim != 3 or not values.is_floating_point():
            raise ShapeError(f"{place}: values: expected [B, N, W] of floats, given {spell(values)}")
        expect(f"{place}: strengths", strengths, values.shape[:2], values.dtype, values.device)
        if isinstance(below, bool) or not isinstance(below, int) or not 0 <= below <= values.shape[1]:
            raise ShapeError(f"{place}: below: expected 0 to {values.shape[1]}, a number of the cells, given {below!r}")
        cells = Cells(values.unbind(1), strengths, below, range(below, below))
        return cls(cells=cells, width=values.shape[2], engine=find_engine(engine))

    def work(self, push: Tensor, pop: Tensor, value: Tensor) -> Self:
        """One step of a network, by every hand: push and pop [B, A], value [B, A, W].

        All pops come before all pushes; each pop takes from what the hand before has left.
        """
        hands = len(self.hands)
        self._expect("work: push", push, (self.batch, hands))
        self._expect("work: pop", pop, (self.batch, hands))
        self._expect("work: value", value, (self.batch, hands, self.width))
        memory = self
        for hand, amount in zip(self.hands, pop.unbind(1), strict=True):
            memory = memory._popped(hand, amount)
        for hand, new, strength in zip(self.hands, value.unbind(1), push.unbind(1), strict=True):
            memory = memory._pushed(hand, new, strength)
        return memory

    def reads(self) -> Tensor:
        """What each hand reads, all of the same strengths: [B, A, W]."""
        return torch.stack([self._read(hand) for hand in range(len(self.hands))], dim=1)

    def weights(self, hand: int = 0) -> Tensor:
        """What each cell gives to the read of that hand: [B, N]."""
        if hand not in range(len(self.hands)):
            raise ShapeError(
                f"{type(self).__name__}.weights: hand: expected 0 to {len(self.hands) - 1}, given {hand!r}"
            )
        return self.engine.weigh(self.strengths, self.hands[hand].take) if len(self) else self.strengths

    def _popped(self, hand: Hand, amount: Tensor) -> Self:
        if not len(self):
            return self
        left = self.engine.drain(self.strengths, amount, hand.take)
        return replace(self, cells=self.cells._replace(strengths=left, settled=range(len(self))))

    def _pushed(self, hand: Hand, value: Tensor, strength: Tensor) -> Self:
        return replace(self, cells=self.cells.put(value, strength, hand.put))

    def _read(self, hand: int) -> Tensor:
        if not len(self):
            return self.strengths.new_zeros(self.batch, self.width)
        return self.engine.add_up(self.cells.values, self.weights(hand), self.cells.settled)

    @property
    def strengths(self) -> Tensor:
        """How much of each cell is left: [B, N]."""
        return self.cells.strengths

    @property
    def values(self) -> Tensor:
        """The values of all cells: [B, N, W], a copy."""
        if not len(self):
            return self.strengths.new_zeros(self.batch, 0, self.width)
        return torch.stack(self.cells.values, dim=1)

    @property
    def batch(self) -> int:
        """Words in the batch, B."""
        return self.strengths.shape[0]

    def __len__(self) -> int:
        """Cells, N: all that were ever pushed, unless `compact` has dropped some."""
        return len(self.cells.values)

    def where(self, active: Tensor, old: Self) -> Self:
        """The words of self where `active` [B] (bool), of `old` elsewhere.

        `old` is usually an earlier handle of this memory, of which self is a step further: a word that has ended stays
        as it was. Cells that a word does not have yet have strength 0 in it.
        """
        self._expect("where: active", active, (self.batch,), torch.bool)
        if type(old) is not type(self) or (old.batch, old.width) != (self.batch, self.width):
            raise ShapeError(f"{type(self).__name__}.where: old: expected {self!r}, given {old!r}")
        self._expect("where: old strengths", old.strengths, (self.batch, len(old)))
        return replace(self, cells=self.cells.where(active, old.cells))

    def select(self, rows: Tensor) -> Self:
        """The words at `rows` (bool [B], or places in the batch: int64 [K]); cells stay as they are."""
        expect_rows(f"{type(self).__name__}.select", rows, self.strengths)
        return replace(self, cells=self.cells.map(lambda x: x[rows]))

    def compact(self) -> Self:
        """Without the cells that no word has anything left of, for a stream that never ends. Makes a GPU wait.

        They are those whose strength is 0 in every word since a pop: nothing revives them, so every later result and
        gradient stays what it was. A cell that came after the last pop stays while gradients flow through strengths:
        pushed with 0, it can still learn to be pushed with more.
        """
        left = (self.strengths.detach() != 0).any(0)
        if self.strengths.requires_grad:
            left[: self.cells.settled.start] = True
            left[self.cells.settled.stop :] = True
        return replace(self, cells=self.cells.keep(left.nonzero().squeeze(1).tolist()))

    def detach(self) -> Self:
        """The same content, through which no gradient flows back."""
        return replace(self, cells=self.cells.map(Tensor.detach))

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The same content on another device, in another type, or both; gradients flow back through it."""
        return replace(self, cells=self.cells.map(lambda x: x.to(device=device, dtype=dtype)))

    def _expect_amount(self, place: str, amount: Tensor) -> Self:
        self._expect(f"{place}: amount", amount, (self.batch,))
        return self

    def _expect_cell(self, place: str, value: Tensor, strength: Tensor) -> Self:
        self._expect(f"{place}: value", value, (self.batch, self.width))
        self._expect(f"{place}: strength", strength, (self.batch,))
        return self

    def _expect(self, place: str, given: object, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> None:
        """ShapeError unless `given` has this shape, on this memory's device and of its type (or of `dtype`)."""
        like = self.strengths
        expect(f"{type(self).__name__}.{place}", given, shape, dtype or like.dtype, like.device)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch={self.batch}, width={self.width})"


class OneHanded(Memory, ABC):
    """A list with one end to pop and to read."""

    def pop(self, amount: Tensor) -> Self:
        """Take `amount` [B] away from the cells' strengths, from this memory's end on; at most what is there."""
        return self._expect_amount("pop", amount)._popped(self.hands[0], amount)

    def push(self, value: Tensor, strength: Tensor) -> Self:
        """Add a cell at the new end: value [B, W], strength [B]."""
        return self._expect_cell("push", value, strength)._pushed(self.hands[0], value, strength)

    def read(self) -> Tensor:
        """The values [B, W] within a strength of 1 of this memory's end; weaker the less there is, 0 with no cells."""
        return self._read(0)


class Stack(OneHanded):
    """Pops and reads what was pushed last.

    >>> push_a, push_b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> whole = torch.tensor([1.0])
    >>> stack = Stack.empty(batch=1, width=2).push(push_a, whole).push(push_b, whole)
    >>> stack.read().tolist(), stack.pop(whole).read().tolist(), stack.pop(whole / 4).read().tolist()
    ([[0.0, 1.0]], [[1.0, 0.0]], [[0.25, 0.75]])
    """

    hands = (Hand(put=End.NEW, take=End.NEW),)


class Queue(OneHanded):
    """Pops and reads what was pushed first.

    >>> push_a, push_b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> whole = torch.tensor([1.0])
    >>> queue = Queue.empty(batch=1, width=2).push(push_a, whole).push(push_b, whole)
    >>> queue.read().tolist(), queue.pop(whole).read().tolist(), queue.pop(whole / 4).read().tolist()
    ([[1.0, 0.0]], [[0.0, 1.0]], [[0.75, 0.25]])
    """

    hands = (Hand(put=End.NEW, take=End.OLD),)
