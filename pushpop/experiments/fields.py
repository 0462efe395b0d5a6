"""A settings class filled from plain values, such as those of a TOML file; each mistake is one line with its place."""

import types
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pushpop.errors import ConfigError, meant

T = TypeVar("T")
NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def fill(settings: type[T], given: Mapping[str, object], place: str) -> T:
    """The settings with what is `given` in place of the defaults.

    Raises:
        ConfigError: a name that is no setting, a value of the wrong type, or one the class itself refuses.
    """
    refuse_unknown(given, [field.name for field in fields(settings)], place)  # type: ignore[arg-type]
    hints = hints_of(settings)
    return settings(**{name: typed(value, hints[name], f"{place}.{name}") for name, value in given.items()})


@cache
def hints_of(settings: type[Any]) -> Mapping[str, Any]:
    """The type of each of its fields; cached, since a grid of thousands of points asks for every one of them."""
    return get_type_hints(settings)


def refuse_unknown(given: Iterable[str], known: Iterable[str], place: str) -> None:
    """Unknown names are refused, never corrected behind the user's back."""
    names = list(known)
    for name in sorted(set(given) - set(names)):
        hint = meant(name, names).rstrip() or f"there are {', '.join(names)}"
        raise ConfigError(f"{place}.{name}: no such setting; {hint}".removeprefix("."))


def typed(value: object, wanted: Any, place: str) -> object:
    """`value` if it is of the type `wanted`; a whole number also serves as a number with a fraction."""
    if get_origin(wanted) is Literal:
        return one_of(value, get_args(wanted), place)
    if get_origin(wanted) in (Union, types.UnionType):
        inner = [kind for kind in get_args(wanted) if kind is not type(None)]
        return value if value is None else typed(value, inner[0], place)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        example = {int: "64", float: "0.5", bool: "true", str: '"word"'}[wanted]
        raise ConfigError(f"{place}: {value!r} is not {NAMES[wanted]}; give one, such as {example}")
    return value


def one_of(value: T, choices: Iterable[Any], place: str) -> T:
    """`value` if it is one of `choices`."""
    names = [str(choice) for choice in choices]
    if value in names:
        return value
    raise ConfigError(f"{place}: {value!r} is not known; {meant(value, names)}give one of {', '.join(names)}")
