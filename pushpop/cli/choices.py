"""What a `train` command line chooses before its options are known: the task, the model, the preset and the file."""

from collections.abc import Sequence
from pathlib import Path

from pushpop.experiments import store
from pushpop.experiments.presets import chosen
from pushpop.experiments.settings import merge

FLAGS = {"--resume", "--json", "--quiet", "--require-solved", "--help", "-h", "--version"}  # take no value


def chosen_before(argv: Sequence[str]) -> dict[str, object]:
    """What the arguments of `train` start from: the preset, the file over it, and the task and model named over both,
    as nested plain data without the defaults.

    Where a run folder is gone on with, and neither preset nor file is named, its own settings are the start. Raises
    ConfigError for a preset, file, task or model that is not there, and for what is wrong in the file.
    """
    words, named = split(argv)
    kinds = {"task": words[0]} if words else {}
    if "--model" in named:
        kinds["model"] = named["--model"]
    folder = Path(named.get("--run", ""))
    fresh = "--preset" in named or "--config" in named
    if "--run" in named and "--resume" in argv and not fresh and store.status(folder) is not store.Status.ABSENT:
        return merge(store.read_config(folder).settings.to_dict(), kinds)
    return chosen(kinds, named.get("--preset"), Path(named["--config"]) if "--config" in named else None)


def split(argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The arguments that belong to no option, and the last value of each option.

    >>> split(["--model", "lstm", "reverse", "--seed=3", "--json"])
    (['reverse'], {'--model': 'lstm', '--seed': '3'})
    """
    words: list[str] = []
    named: dict[str, str] = {}
    waiting = ""
    for token in argv:
        if waiting:
            named[waiting], waiting = token, ""
        elif token.startswith("--") and "=" in token:
            name, _, value = token.partition("=")
            named[name] = value
        elif token.startswith("-") and token not in FLAGS:
            waiting = token
        elif token not in FLAGS:
            words.append(token)
    return words, named
