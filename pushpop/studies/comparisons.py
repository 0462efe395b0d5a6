"""What `bench` holds against what, on which work, and what is to come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pushpop.reporting.writing import NONE

Figure = Literal["ratio", "time", "growth", "sgemm"]
UNITS: dict[Figure, str] = {
    "ratio": "{:.1f}x",
    "time": "{:.2f}x time",
    "growth": "{:.2f}x growth",
    "sgemm": "{:.0%} sgemm",
}
SIGNS = {"least": "≥", "most": "≤", "said": "said"}


@dataclass(frozen=True)
class Target:
    """The figure a row is about, and where it should be; a bound that others `said` is there to be looked at.

    "ratio": how many times as fast as the other side. "time": how many times its time. "growth": the same, or how many
    times its memory at the peak, whichever is more. "sgemm": the share of the machine's rate in multiplying matrices.
    """

    figure: Figure = "ratio"
    bound: float | None = None
    at: Literal["least", "most", "said"] = "least"

    def met(self, found: float) -> bool | None:
        """Whether `found` is there; None where nothing is asked."""
        if self.bound is None or self.at == "said":
            return None
        return found >= self.bound if self.at == "least" else found <= self.bound

    def __str__(self) -> str:
        """In words."""
        if self.bound is None:
            return ""
        bound = f"{self.bound:.0%}" if self.figure == "sgemm" else f"{self.bound:g}x"
        return f"{SIGNS[self.at]} {bound}"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A network, one of WAYS to compute it, and the words it is trained on."""

    batch: int
    kind: str = "stack-lstm"
    sizes: tuple[tuple[str, float], ...] = ()  # settings other than the default ones
    way: str = "fused"
    lengths: tuple[int, int] = (8, 64)
    threads: Literal["best", "all", "one"] = "best"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One row: our side, and the other one; without one it is held against the machine alone."""

    ours: Side
    theirs: Side | None
    target: Target = field(default_factory=Target)
    batches: int = 9  # of one repetition
    turns: int = 5
    checked: int = 5  # words on which the sides have to agree

    @property
    def baseline(self) -> str:
        """What the other side differs in."""
        if self.theirs is None:
            return "sgemm"
        ours, theirs = self.ours, self.theirs
        parts = [theirs.way] if theirs.way != ours.way else []
        parts += [theirs.kind] if theirs.kind != ours.kind else []
        parts += [f"lengths {spell(theirs.lengths)}"] if theirs.lengths != ours.lengths else []
        parts += [f"{theirs.threads} thread"] if theirs.threads != ours.threads else []
        return ", ".join(parts)


def spell(lengths: tuple[int, int]) -> str:
    """A range of lengths.

    >>> spell((8, 64)), spell((500, 500))
    ('8-64', '500')
    """
    return "-".join(map(str, dict.fromkeys(lengths)))


def told(row: Mapping[str, Any]) -> tuple[str, str]:
    """What a measured row found and what it should have been, for people."""
    outcome = {True: "met", False: "missed", None: ""}[row["met"]]
    return UNITS[row["figure"]].format(row["found"]), " ".join(filter(None, (row["target"], outcome))) or NONE


def against(way: str, side: Side, bound: float | None = None, **sparing: int) -> Comparison:
    """A side beside the same network computed in another way: to be `bound` times as fast."""
    return Comparison(ours=side, theirs=replace(side, way=way), target=Target(bound=bound), **sparing)


def beside_stack(kind: str, bound: float) -> Comparison:
    """Another memory beside the stack, both on our engine: to take `bound` times its time at most."""
    side = Side(batch=50)
    return Comparison(ours=replace(side, kind=kind), theirs=side, target=Target("time", bound, "most"))


def of_sgemm(side: Side, bound: float, **sparing: int) -> Comparison:
    """A side beside the machine's own products of matrices."""
    return Comparison(ours=side, theirs=None, target=Target("sgemm", bound), **sparing)


TEN, FIFTY = Side(batch=10), Side(batch=50)
LONG = Side(batch=10, lengths=(8000, 8000))
VECTORISED = replace(FIFTY, way="dense-triangular")
WEAK = (("push_bias", -6.0), ("pop_bias", -8.0), ("writing_push_bias", -6.0), ("writing_pop_bias", -8.0))
FAINT = Side(batch=10, lengths=(200, 200), sizes=WEAK)
WIDE = Side(batch=64, sizes=(("hidden", 256), ("memory", 256), ("embedding", 256)))

COMPARISONS: dict[str, Comparison] = {
    "dense-50": against("dense-triangular", FIFTY, 12),
    "dense-10": against("dense-triangular", TEN, 25),
    "dense-10-500": against("dense-triangular", replace(TEN, lengths=(500, 500)), 120, batches=1, turns=3, checked=2),
    "list-4": against("list-of-tensors", Side(batch=4, lengths=(16, 32)), 400, batches=3, turns=4),
    "study-list-4": against("study-list", Side(batch=4, lengths=(16, 32)), 400, batches=3, turns=4),
    "tuned-50": against("dense-tuned", FIFTY),
    "tuned-10": against("dense-tuned", TEN),
    "eager-50": against("eager", FIFTY, turns=4),
    "eager-10": against("eager", TEN, turns=4),
    "queue-50": beside_stack("queue-lstm", 1.1),
    "deque-50": beside_stack("deque-lstm", 1.6),
    "superposition-32": against(
        "eager", Side(batch=32, kind="superposition-lstm", lengths=(128, 128)), 10, batches=1, turns=4
    ),
    "length-8000": Comparison(
        ours=LONG,
        theirs=replace(LONG, lengths=(1000, 1000)),
        target=Target("growth", 8.8, "most"),
        batches=1,
    ),
    "weak-10-200": Comparison(  # strengths so small that every read goes through all cells: the kernels' worst case
        ours=FAINT, theirs=replace(FAINT, way="eager"), target=Target("time", 1.2, "most"), batches=1, turns=3
    ),
    "sgemm-256": of_sgemm(WIDE, 0.50, batches=3),
    "sgemm-64": of_sgemm(Side(batch=64), 0.35),
    "study-50": Comparison(
        ours=VECTORISED, theirs=replace(VECTORISED, way="study-list"), target=Target(bound=25, at="said"),
        batches=3, turns=3, checked=2,
    ),
    "threads-50": Comparison(
        ours=replace(FIFTY, threads="all"), theirs=replace(FIFTY, threads="one"), target=Target(bound=1.8)
    ),
    "jax-10": against("jax-scan", TEN),
    "compile-10": against("torch-compile", TEN),
}  # fmt: skip
