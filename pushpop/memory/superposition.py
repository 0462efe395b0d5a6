"""Stacks that are pushed and popped at once, each in part: the superposition stack.

Axes: B words, K stacks, H cells of each (top first), W width of one value, C actions.
"""

from dataclasses import dataclass, replace
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from pushpop.errors import ConfigError, ShapeError
from pushpop.memory.engines import Engine, find_engine
from pushpop.memory.shapes import expect, expect_rows, expect_size, no_numbers, spell


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Superposition:
    """Stacks side by side, each the mean of itself pushed, popped and kept (Joulin and Mikolov 2015).

    A value: every operation gives a new one and changes nothing. Each step makes every stack one cell higher, so none
    is ever too full; below its last cell everything is `empty`.

    >>> push, pop = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    >>> a, b = torch.tensor([[[3.0]]]), torch.tensor([[[5.0]]])
    >>> memory = Superposition.empty(batch=1, stacks=1, width=1, empty=-1.0).work(push, a).work(push, b)
    >>> memory.reads(depth=3).flatten().tolist(), memory.work(pop, a).reads(depth=3).flatten().tolist()
    ([5.0, 3.0, -1.0], [3.0, -1.0, -1.0])
    >>> memory.work((push + pop) / 2, a).reads(depth=3).flatten().tolist()
    [3.0, 2.0, 1.0]
    """

    cells: Tensor  # [B, H, K, W]
    vacant: float  # what is below the last cell
    engine: Engine

    @classmethod
    def empty(
        cls,
        batch: int,
        stacks: int,
        width: int,
        *,
        empty: float = 0.0,
        engine: str = "eager",
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> Self:
        """No cells yet, for `batch` words with `stacks` stacks of values of `width` numbers: `empty` all the way down.

        ConfigError or ShapeError for an impossible setting.
        """
        place = f"{cls.__name__}.empty"
        for name, size in (("batch", batch), ("stacks", stacks), ("width", width)):
            expect_size(f"{place}: {name}", size)
        cells = no_numbers(place, (batch, 0, stacks, width), dtype, device)
        return cls(cells=cells, vacant=_number(place, empty), engine=find_engine(engine))

    @classmethod
    def of(cls, cells: Tensor, *, empty: float = 0.0, engine: str = "eager") -> Self:
        """With the content given: cells [B, H, K, W], top first. Gradients flow back to them."""
        place = f"{cls.__name__}.of"
        if not isinstance(cells, Tensor) or cells.ndim != 4 or not cells.is_floating_point():
            raise ShapeError(f"{place}: cells: expected [B, H, K, W] of floats, given {spell(cells)}")
        return cls(cells=cells, vacant=_number(place, empty), engine=find_engine(engine))

    def work(self, actions: Tensor, value: Tensor) -> Self:
        """One step of a network, in every stack: actions [B, K, C], value [B, K, W].

        The actions are push, pop and, if there are three, keep; they are meant to add up to 1 in each stack, which is
        not checked: that would make a GPU wait.
        """
        self._expect("work: actions", actions, (self.batch, self.stacks, "2 or 3"))
        if actions.shape[2] not in (2, 3):
            raise ShapeError(f"{self._name}.work: actions: expected 2 or 3 in each stack, given {actions.shape[2]}")
        self._expect("work: value", value, (self.batch, self.stacks, self.width))
        return replace(self, cells=self.engine.superpose(self.cells, actions, value, self.vacant))

    def reads(self, depth: int = 1) -> Tensor:
        """The `depth` topmost cells of every stack: [B, K, depth, W]."""
        expect_size(f"{self._name}.reads: depth", depth)
        return self._at_least(depth)[:, :depth].transpose(1, 2)

    @property
    def batch(self) -> int:
        """Words in the batch, B."""
        return self.cells.shape[0]

    @property
    def stacks(self) -> int:
        """Stacks side by side, K."""
        return self.cells.shape[2]

    @property
    def width(self) -> int:
        """Numbers in one value, W."""
        return self.cells.shape[3]

    def __len__(self) -> int:
        """Cells of each stack, H: one for every step, unless `compact` has dropped some."""
        return self.cells.shape[1]

    def where(self, active: Tensor, old: Self) -> Self:
        """The words of self where `active` [B] (bool), of `old` elsewhere: a word that has ended stays as it was."""
        expect(f"{self._name}.where: active", active, (self.batch,), torch.bool, self.cells.device)
        if repr(old) != repr(self):
            raise ShapeError(f"{self._name}.where: old: expected {self!r}, given {old!r}")
        self._expect("where: old cells", old.cells, (self.batch, "H", self.stacks, self.width))
        mine, theirs = self._at_least(len(old)), old._at_least(len(self))
        return replace(self, cells=torch.where(active[:, None, None, None], mine, theirs))

    def select(self, rows: Tensor) -> Self:
        """The words at `rows` (bool [B], or places in the batch: int64 [K]); cells stay as they are."""
        expect_rows(f"{self._name}.select", rows, self.cells)
        return replace(self, cells=self.cells[rows])

    def compact(self) -> Self:
        """Without the lowest cells that are `empty` in every stack of every word, as rounded actions leave them.

        No later result changes. While gradients flow through the cells none is dropped: each of them has one. Makes a
        GPU wait.
        """
        if self.cells.requires_grad:
            return self
        full = (self.cells != self.vacant).any(3).any(2).any(0).nonzero()
        return replace(self, cells=self.cells[:, : int(full.max()) + 1 if len(full) else 0])

    def detach(self) -> Self:
        """The same content, through which no gradient flows back."""
        return replace(self, cells=self.cells.detach())

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Self:
        """The same content on another device, in another type, or both; gradients flow back through it."""
        return replace(self, cells=self.cells.to(device=device, dtype=dtype))

    def _at_least(self, height: int) -> Tensor:
        """The cells, followed by as many empty ones as it takes: [B, max(H, height), K, W]."""
        return F.pad(self.cells, (0, 0, 0, 0, 0, max(0, height - len(self))), value=self.vacant)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _expect(self, place: str, given: object, shape: tuple[int | str, ...]) -> None:
        expect(f"{self._name}.{place}", given, shape, self.cells.dtype, self.cells.device)

    def __repr__(self) -> str:
        sizes = f"batch={self.batch}, stacks={self.stacks}, width={self.width}"
        return f"{self._name}({sizes}, empty={self.vacant})"


def _number(place: str, empty: object) -> float:
    """`empty`, if a cell can hold it; otherwise ConfigError."""
    if isinstance(empty, bool) or not isinstance(empty, int | float) or not abs(empty) < 1e30:
        raise ConfigError(f"{place}: empty {empty!r} is not what a cell can hold; give a number such as 0 or -1")
    return float(empty)
