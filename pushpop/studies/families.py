"""Runs put together for a comparison: those that differ in nothing but what is compared, and their seeds."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pushpop.experiments.settings import UNCOUNTED
from pushpop.reporting.runs import Record, Split

Values = tuple[Any, ...]


class Family(NamedTuple):
    """Runs alike but for the values on some axes, and their seeds."""

    common: Mapping[str, Any]  # the settings they share
    members: Mapping[Values, Sequence[Record]]  # by the values on the axes


def families(records: Iterable[Record], *axes: str) -> list[Family]:
    """The runs by what they share; of each family the members by their values on `axes`, in order of those.

    A family of one member is one too: with nothing beside it, it says nothing.
    """
    together: dict[tuple[Any, ...], tuple[dict[str, Any], dict[Values, list[Record]]]] = {}
    for record in records:
        common = {name: value for name, value in record.settings.items() if name not in (*axes, *UNCOUNTED)}
        values = tuple(record.settings.get(axis) for axis in axes)
        _, members = together.setdefault(tuple(sorted(common.items(), key=str)), (common, {}))
        members.setdefault(values, []).append(record)
    return [Family(common, dict(sorted(members.items(), key=in_order))) for common, members in together.values()]


def in_order(member: tuple[Values, object]) -> tuple[tuple[bool, Any], ...]:
    """Numbers by size, then words."""
    return tuple((isinstance(value, str), value) for value in member[0])


def middle(records: Iterable[Record], split: Split, measure: str = "fine") -> float:
    """The median over runs of a final score; 0 where there is none."""
    found = [record.scores(split)[measure] for record in records if measure in record.scores(split)]
    return statistics.median(found) if found else 0.0


def network(settings: Mapping[str, Any]) -> str:
    """A network in short: its kind with layers and width, or with the widths of its state and of its memory.

    >>> network({"model.kind": "rnn", "model.layers": 4, "model.hidden": 256})
    'rnn 4 × 256'
    >>> network({"model.kind": "stack-lstm", "model.layers": 1, "model.hidden": 64, "model.memory": 16})
    'stack-lstm 64h 16e'
    """
    kind, hidden = settings.get("model.kind"), settings.get("model.hidden")
    if "model.memory" in settings:
        return f"{kind} {hidden}h {settings['model.memory']}e"
    layers = settings.get("model.layers")
    return f"{kind} {layers} × {hidden}" if layers else f"{kind} of width {hidden}"
