"""Stack and queue: the same list of cells, taken from the one end or the other.

Axes: B words, N cells (oldest first), W width of one value.
"""

from abc import ABC
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import torch
from torch import Tensor

from pushpop.errors import ConfigError, ShapeError
from pushpop.memory.cells import Cells, End
from pushpop.memory.engines import Engine, find_engine
from pushpop.memory.shapes import expect, expect_size, spell


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Memory(ABC):
    """A list of cells with an end to pop and read. A value: every operation gives a new one and changes nothing.

    Within one step of a network pops come first, then the push, then the read: `memory.pop(u).push(v, d).read()`.
    Strengths and amounts are meant to be in [0, 1], which is not checked: that would make a GPU wait.
    """

    side: ClassVar[End]

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
        if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
            raise ShapeError(f"{place}: expected a dtype with fractions, such as torch.float32, given {dtype}")
        try:
            strengths = torch.zeros(batch, 0, dtype=dtype, device=device)
        except (AssertionError, RuntimeError, TypeError) as error:  # which one depends on how torch was built
            raise ConfigError(f"{place}: device {device!r} is not there; give such as cpu or cuda:0") from error
        return cls(cells=Cells((), strengths, 0), width=width, engine=find_engine(engine))

    @classmethod
    def of(cls, values: Tensor, strengths: Tensor, *, engine: str = "eager") -> Self:
        """With the content given: values [B, N, W], strengths [B, N], oldest first. Gradients flow back to both."""
        if not isinstance(values, Tensor) or values.ndim != 3 or not values.is_floating_point():
            raise ShapeError(f"{cls.__name__}.of: values: expected [B, N, W] of floats, given {spell(values)}")
        expect(f"{cls.__name__}.of: strengths", strengths, values.shape[:2], values.dtype, values.device)
        return cls(cells=Cells(values.unbind(1), strengths, 0), width=values.shape[2], engine=find_engine(engine))

    def pop(self, amount: Tensor) -> Self:
        """Take `amount` [B] away from the cells' strengths, from this memory's end on; at most what is there."""
        self._expect("pop: amount", amount, (self.batch,))
        if not len(self):
            return self
        left = self.engine.drain(self.strengths, amount, self.side)
        return replace(self, cells=self.cells._replace(strengths=left, settled=len(self)))

    def push(self, value: Tensor, strength: Tensor) -> Self:
        """Add a cell at the new end: value [B, W], strength [B]."""
        self._expect("push: value", value, (self.batch, self.width))
        self._expect("push: strength", strength, (self.batch,))
        return replace(self, cells=self.cells.append(value, strength))

    def read(self) -> Tensor:
        """The values [B, W] within a strength of 1 of this memory's end; weaker the less there is, 0 with no cells."""
        if not len(self):
            return self.strengths.new_zeros(self.batch, self.width)
        return self.engine.add_up(self.cells.values, self.weights(), self.cells.settled)

    def weights(self) -> Tensor:
        """What each cell gives to a read: [B, N]."""
        return self.engine.weigh(self.strengths, self.side) if len(self) else self.strengths

    @property
    def strengths(self) -> Tensor:
        """How much of each cell is left: [B, N]."""
        return self.cells.strengths

    @property
    def values(self) -> Tensor:
        """All values ever pushed: [B, N, W], a copy."""
        if not len(self):
            return self.strengths.new_zeros(self.batch, 0, self.width)
        return torch.stack(self.cells.values, dim=1)

    @property
    def batch(self) -> int:
        """Words in the batch, B."""
        return self.strengths.shape[0]

    def __len__(self) -> int:
        """Cells ever pushed, N."""
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
        if not isinstance(rows, Tensor) or rows.dtype != torch.int64 or rows.ndim != 1:
            self._expect("select: rows (bool, or int64 places)", rows, (self.batch,), torch.bool)
        return replace(self, cells=self.cells.map(lambda x: x[rows]))

    def detach(self) -> Self:
        """The same content, through which no gradient flows back."""
        return replace(self, cells=self.cells.map(Tensor.detach))

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The same content on another device, in another type, or both; gradients flow back through it."""
        return replace(self, cells=self.cells.map(lambda x: x.to(device=device, dtype=dtype)))

    def _expect(self, place: str, given: object, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> None:
        """ShapeError unless `given` has this shape, on this memory's device and of its type (or of `dtype`)."""
        like = self.strengths
        expect(f"{type(self).__name__}.{place}", given, shape, dtype or like.dtype, like.device)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch={self.batch}, width={self.width})"


class Stack(Memory):
    """Pops and reads what was pushed last.

    >>> push_a, push_b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> whole = torch.tensor([1.0])
    >>> stack = Stack.empty(batch=1, width=2).push(push_a, whole).push(push_b, whole)
    >>> stack.read().tolist(), stack.pop(whole).read().tolist(), stack.pop(whole / 4).read().tolist()
    ([[0.0, 1.0]], [[1.0, 0.0]], [[0.25, 0.75]])
    """

    side = End.NEW


class Queue(Memory):
    """Pops and reads what was pushed first.

    >>> push_a, push_b = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> whole = torch.tensor([1.0])
    >>> queue = Queue.empty(batch=1, width=2).push(push_a, whole).push(push_b, whole)
    >>> queue.read().tolist(), queue.pop(whole).read().tolist(), queue.pop(whole / 4).read().tolist()
    ([[1.0, 0.0]], [[0.0, 1.0]], [[0.75, 0.25]])
    """

    side = End.OLD
