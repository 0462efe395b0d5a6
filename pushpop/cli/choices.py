"""What a `train` command line chooses before its options are known: the task, the model, the preset and the file."""

import shlex
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.experiments.presets import chosen
from pushpop.experiments.settings import Settings, merge
from pushpop.models.catalogue import FAMILIES
from pushpop.tasks.catalogue import TASKS

FLAGS = {"--resume", "--json", "--quiet", "--require-solved", "--help", "-h", "--version"}  # take no value


def chosen_before(argv: Sequence[str]) -> dict[str, object]:
    """What the arguments of `train` start from: the preset, the file over it, and the task and model named over both,
    as nested plain data without the defaults.

    Where a run folder is gone on with, and neither preset nor file is named, its own settings are the start. Raises
    ConfigError for a preset, file, task or model that is not there, and for what is wrong in the file.
    """
    words, named = split(argv)
    if words and words[0] not in TASKS and Path(words[0], store.CONFIG).is_file():
        task = store.read_config(Path(words[0])).settings.task.kind
        way = shlex.join(["pushpop", "train", task, "--run", words[0], "--resume"])
        raise ConfigError(f"task: {words[0]!r} is a run folder; go on with it by: {way}")
    kinds = {"task": words[0]} if words else {}
    if "--model" in named:
        kinds["model"] = named["--model"]
    folder = Path(named.get("--run", ""))
    fresh = "--preset" in named or "--config" in named
    if "--run" in named and "--resume" in argv and not fresh and store.status(folder) is not store.Status.ABSENT:
        return merge(store.read_config(folder).settings.to_dict(), kinds)
    return chosen(kinds, named.get("--preset"), Path(named["--config"]) if "--config" in named else None)


def others_with(option: str, argv: Sequence[str]) -> str:
    """Where the chosen model lacks an option, and others of its task have it: so much, as a sentence. Else nothing."""
    option, _, _ = option.partition("=")
    if not option.startswith("--model."):
        return ""
    before, name = Settings.from_dict(chosen_before(argv)), option.removeprefix("--model.").replace("-", "_")
    known = FAMILIES[before.task.settings.answers].items()
    found = [kind for kind, model in known if name in {field.name for field in fields(model.settings)}]
    return f"{option}: no setting of {before.model.kind}, but of {listed(found)}; leave it out." if found else ""


def listed(names: Sequence[str], most: int = 4) -> str:
    """The first few names, and how many there are besides.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=1)
    ('a, b, c', 'a and 2 more')
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


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
