"""The trials of a sweep as its study has them, and places on the axes as parameters of a study."""

from collections.abc import Mapping
from typing import Any

from pushpop.experiments.ledger import Entry
from pushpop.experiments.standing import Trial
from pushpop.experiments.sweep import Configuration, Variant


def attrs_of(configuration: Configuration, seed: int, index: int) -> dict[str, Any]:
    """What the study keeps of a trial beside its place, from the start on."""
    budget = open_budget(configuration)
    return {"variant": configuration.variant, "seed": seed, "index": index, "budget": budget}


def open_budget(configuration: Configuration) -> dict[str, float]:
    """What a trial may use, where a larger budget is the same run gone on with; nothing where it makes another run."""
    training = configuration.settings.training
    return dict(training.budgets()) if training.schedule == "constant" else {}


def larger(now: Mapping[str, float], before: Mapping[str, float]) -> bool:
    """Whether a budget lets a run go further than another did; 0 is no limit."""
    return any(before.get(name, 0) and (not limit or limit > before[name]) for name, limit in now.items())


def named(variant: Variant, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """A place on the axes as parameters of a study, in which a name has one distribution: variants have their own."""
    return {f"{variant.name}: {name}" if variant.name else name: value for name, value in chosen.items()}


def place_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round."""
    return {name.rpartition(": ")[2]: value for name, value in params.items()}


def space_of(variant: Variant) -> dict[str, Any]:
    """The distribution of each parameter."""
    return named(variant, {name: axis.distribution() for name, axis in variant.over.items()})


def trial_of(entry: Entry) -> Trial:
    """A trial as the study has it."""
    attrs, result = entry.attrs, dict(entry.attrs.get("result") or {})
    run = str(result.pop("run", ""))
    return Trial(
        number=entry.number,
        variant=attrs["variant"],
        chosen=place_of(entry.params),
        seed=attrs["seed"],
        run=run,
        budget=attrs["budget"],
        state=entry.state,
        result=result if entry.state == "done" else None,
        error=str(result.get("error", "")),
    )
