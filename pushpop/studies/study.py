"""What a study is: a sweep file beside this one, as it is, in small or at a larger budget; and what its runs show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from pushpop.errors import ConfigError
from pushpop.experiments.space import Axis, Choices
from pushpop.experiments.sweep import Sweep
from pushpop.experiments.variants import Variant, settled
from pushpop.reporting.sections import Section
from pushpop.studies.findings import Findings
from pushpop.studies.verdicts import Claim
from pushpop.tasks.brackets import NAMES
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.grammars import Translation

# The same in small, to see that all of it works: four symbols, two values an axis, one seed, eight evaluations.
TINY_TASK: Mapping[str, Any] = {
    "symbols": 4, "shortest": 2, "longest": 4, "test_shortest": 5, "test_longest": 6, "corpus": "python-topics",
    "graph": "karate", "reach": 1,
}  # fmt: skip
TINY_SENTENCES = {"shortest": 5, "longest": 8, "test_shortest": 9, "test_longest": 10}  # none are shorter
TINY_TRAINING = {
    "words": 64,
    "start_words": 4,
    "start_rounds": 1,
    "batch": 4,
    "evaluate_every": 2,
    "log_every": 1,
    "patience": 0,
}
FEW_STARTS, FEW_WORDS = 3, 8  # starts, and words after which foretelling or noise is another
TINY_EPOCHS = {"steps": 16, "words": 0, "batch": 1, "evaluate_every": 2, "log_every": 1, "patience": 0}
SIZES, SHRINK = ("hidden", "memory", "embedding", "output"), 8


@dataclass(frozen=True, kw_only=True)
class Far:
    """Lengths far beyond the training lengths, at which the runs of some variants are tried when they have ended."""

    variants: tuple[str, ...]
    lengths: tuple[int, ...]
    words: int  # of each length
    rounded: bool = True  # with rounded strengths too, which takes as long again
    timed: bool = False  # how long each takes is kept too


class Trained(NamedTuple):
    """A run of a study that has ended: its folder, and the configuration that it is of."""

    run: Path
    variant: str
    configuration: str


@dataclass(frozen=True, kw_only=True)
class Study:
    """A published study, tried again: what it trains, the claims it judges, and what it shows of its runs."""

    description: str
    file: str
    shown: Callable[[Findings], list[Section]]
    far: tuple[Far, ...] = ()
    tiny_far: tuple[Far, ...] = ()
    claims: tuple[Claim, ...] = ()
    first: tuple[str, ...] = ()  # variants that can be run without the others
    above: int = 0  # sections of its page that come before the models
    kept: Callable[[Findings], Mapping[str, Any]] | None = None  # what its summary holds beside runs and verdicts
    needs: Callable[[], None] | None = None  # raises ConfigError where something is missing that it trains on
    after: Callable[[Sequence[Trained], bool, Callable[[str], object]], None] | None = None
    """What is made of the runs that have ended, in small or not, and told of in lines; before its claims are judged."""

    def sweep(
        self, *, quick: bool = False, seeds: Sequence[int] | None = None, budget: float = 1.0, first: bool = False
    ) -> Sweep:
        """What it trains: the file's sweep, from these seeds or its own, with `budget` times its words.

        A variant with seeds of its own has the first so many of those asked for. With `first` there are those variants
        alone that the study names so; without it, later and in the same folder, the others are added.

        Raises:
            ConfigError: a budget that is none, or a study that names no first variants.
        """
        if not 0 < budget < 1e6:
            raise ConfigError(f"reproduce.budget: {budget} is no multiple of the words; give more than 0, such as 2")
        found = Sweep.read(Path(__file__).parent / self.file)
        if first and not self.first:
            raise ConfigError("reproduce.first: this study has no first rows; leave it out")
        if first:
            found = replace(found, variants=tuple(each for each in found.variants if each.name in self.first))
        if quick:
            found = replace(found, variants=tuple(map(small, found.variants)))
        if quick or seeds is not None:
            found = with_seeds(found, found.seeds[:1] if seeds is None else tuple(seeds))
        if budget != 1.0:
            found = replace(found, variants=tuple(raised(each, budget) for each in found.variants))
        return found


def with_seeds(sweep: Sweep, seeds: tuple[int, ...]) -> Sweep:
    own = (replace(each, seeds=seeds[: len(each.seeds)]) for each in sweep.variants)
    return replace(sweep, seeds=seeds, variants=tuple(own))


def small(variant: Variant) -> Variant:
    """A variant of the same shape that trains in a moment."""
    settings = settled(variant.base, {})
    base, whole = settings.to_dict(), settings.task.settings.answers in ("nodes", "links")
    model = {name: shrunk(value) if name in SIZES else value for name, value in base["model"].items()}
    over = {name: smaller(axis, name.rpartition(".")[2] in SIZES) for name, axis in variant.over.items()}
    known = base["task"]  # a corpus that is made here is there
    tiny = {**TINY_TASK, **(TINY_SENTENCES if any(map(has_sentences, tasks_of(variant))) else {})}
    task = {name: value for name, value in tiny.items() if name in known and known[name] not in NAMES}
    parts: Mapping[str, Any] = {
        "task": {**known, **task},
        "model": model,
        "training": {
            **base["training"],
            **(TINY_EPOCHS if whole else TINY_TRAINING),
            "starts": min(FEW_STARTS, base["training"]["starts"]),
            **{name: min(FEW_WORDS, base["training"][name]) for name in ("foretell_words", "noise_words")},
        },
    }
    return replace(variant, base=parts, over=over)


def tasks_of(variant: Variant) -> list[str]:
    """The tasks of a variant: its own, or those on an axis."""
    axis = variant.over.get("task.kind")
    return [str(one) for one in axis.values] if isinstance(axis, Choices) else [settled(variant.base, {}).task.kind]


def has_sentences(task: str) -> bool:
    return issubclass(TASKS[task].settings, Translation)


def shrunk(size: int) -> int:
    return max(1, size // SHRINK) if size else 0


def smaller(axis: Axis, size: bool) -> Axis:
    """The first and the last of its values."""
    assert isinstance(axis, Choices), "the axes of a study are lists"
    ends = dict.fromkeys((axis.values[0], axis.values[-1]))
    return Choices(tuple(shrunk(int(value)) if size else value for value in ends))


def raised(variant: Variant, budget: float) -> Variant:
    """A variant with so many times each of its budgets; steps and words as whole evaluations, so that the run up to
    there stays what it was.

    Where the rate falls with the budget it does not, and is another run.
    """
    training = settled(variant.base, {}).training
    sizes = {"steps": training.evaluate_every, "words": training.batch * training.evaluate_every}
    given = {name: value for name, value in training.budgets().items() if value}
    whole = {name: max(1, round(given[name] * budget / size)) * size for name, size in sizes.items() if name in given}
    part = {**variant.base.get("training", {}), **{name: value * budget for name, value in given.items()}, **whole}
    return replace(variant, base={**variant.base, "training": part})
