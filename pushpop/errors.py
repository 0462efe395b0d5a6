"""Every error a user can cause: one line that names the place, the value, the rule and the way out."""


class PushpopError(Exception):
    """The user's mistake, or a run that failed; the command line prints it as one line."""

    status = 2


class ConfigError(PushpopError, ValueError):
    """A setting that is unknown or has an impossible value."""


class WordError(PushpopError, ValueError):
    """A word that is not one of the task's: empty, not integers, or outside the alphabet."""


class ShapeError(PushpopError, ValueError):
    """A tensor of the wrong shape, type or device; says what was expected and what was given."""


class RunError(PushpopError):
    """A run folder that is missing, damaged, in use, or already holds another run."""


class TrainingFailed(PushpopError):
    """A run that could not go on, such as a loss that is no longer a number. Exit status 1."""

    status = 1
