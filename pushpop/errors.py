"""Every error a user can cause: one line that names the place, the value, the rule and the way out."""

from collections.abc import Iterable
from difflib import get_close_matches


class PushpopError(Exception):
    """The user's mistake, or a run that failed; the command line prints it as one line."""

    status = 2


class ConfigError(PushpopError, ValueError):
    """A setting that is unknown or has an impossible value."""


class WordError(PushpopError, ValueError):
    """A word that is not one of the task's: empty, not integers, or outside the alphabet."""


class GraphError(PushpopError, ValueError):
    """A graph that cannot be: no nodes, an edge to a node that is not there, a layer asked for what it has not."""


class ShapeError(PushpopError, ValueError):
    """A tensor of the wrong shape, type or device; says what was expected and what was given."""


class RunError(PushpopError):
    """A run folder that is missing, damaged, in use, or already holds another run."""


class StorageError(PushpopError):
    """The storage of a sweep's study: no such kind of it, out of reach, or not to be written."""


class TrainingFailed(PushpopError):
    """A run that could not go on, such as a loss that is no longer a number. Exit status 1."""

    status = 1


def meant(name: object, known: Iterable[str]) -> str:
    """The hint `did you mean 'lstm'? ` (with its space) if one of the `known` names is close; else nothing.

    >>> meant("lsmt", ["rnn", "lstm"]) + "give one of rnn, lstm"
    "did you mean 'lstm'? give one of rnn, lstm"
    >>> meant("LSTM", ["rnn", "lstm"])
    "did you mean 'lstm'? "
    """
    if not isinstance(name, str):
        return ""
    small = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), small, n=1)
    return f"did you mean {small[close[0]]!r}? " if close else ""
