"""The program: which commands there are, and how anything that goes wrong reaches the terminal as one line.

Exit status: 0 done, 1 a run failed or was not solved, 2 the user's mistake, 130 interrupted.
"""

import errno
import os
import re
import shlex
import sys
from collections.abc import Sequence
from itertools import pairwise

from cyclopts import App, CoercionError, CycloptsError, Parameter, UnknownOptionError, UnusedCliTokensError

from pushpop import __version__
from pushpop.errors import PushpopError

COMMANDS = {  # name -> (module:function, one line); a module is imported when its command is called
    "tasks": ("pushpop.cli.lists:tasks", "List the tasks, one line each."),
    "models": ("pushpop.cli.lists:models", "List the models, presets and trained networks, one line each."),
    "eval": ("pushpop.cli.evaluate:evaluate", "Score a run on longer words, or on words of your own."),
    "predict": ("pushpop.cli.predict:predict", "Answer words, one answer a line."),
    "generate": ("pushpop.cli.generate:generate", "Write on from a text, character by character."),
    "trace": ("pushpop.cli.trace:trace", "Write a page with the memory, step by step, on one word."),
    "play": ("pushpop.cli.play:play", "Write a page that holds the network: type a word, and watch its memory."),
    "inspect": ("pushpop.cli.inspect:inspect", "Write a page with gradients through time, gates and counts of a run."),
    "report": ("pushpop.cli.report:report", "Write a page with the curves and tables of runs."),
    "sweep": ("pushpop.cli.sweep:sweep", "Train many trials in parallel: a grid, or a search; goes on where it was."),
    "bench": ("pushpop.cli.studies:bench", "Measure speed against the published formulations, on the same work."),
    "claims": ("pushpop.cli.claims:claims", "Check what graph layers can and cannot do, on the spot."),
    "reproduce": ("pushpop.cli.studies:reproduce", "Make a study's table, from training to table."),
}
TRAIN = "Train a model on a task; every setting is an option."
WHOLE, NUMBER = "a whole number; give one, such as 64", "a number; give one, such as 0.5"
EXAMPLES = {int: WHOLE, int | None: WHOLE, float: NUMBER, float | None: NUMBER}
FLAGS = (bool, bool | None)
NO_MEMORY = re.compile(r"can't allocate memory|out of memory", re.IGNORECASE)  # torch says it by a RuntimeError
INTERRUPTED = 130


def program(argv: Sequence[str]) -> App:
    """The program as it must look for this command line: `train` has the options of the model it names."""
    app = App(
        name="pushpop",
        help="Networks with memories they push to and pop from. `pushpop train reverse` is a good start.",
        version=__version__,
        default_parameter=Parameter(show_env_var=False, negative="", show_default=default_shown),
        exit_on_error=False,
        print_error=False,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, (where, line) in COMMANDS.items():
        app.command(where, name=name, help=line)
    if argv[:1] == ["train"]:
        from pushpop.cli.train import command

        app.command(command(argv[1:]), name="train", help=TRAIN)
    else:
        app.command("pushpop.cli.train:train", name="train", help=TRAIN)
    return app


def default_shown(value: object) -> str | None:
    """A default as `--help` says it; that a flag is off goes without saying."""
    return None if value is None or value is False else str(value)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    # Before torch is imported. Its threads else spin where they should wait: beside busy neighbours, on two cores, a
    # training step took 216 ms so and 9 ms with this.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        status = int(program(argv)(argv) or 0)
        sys.stdout.flush()  # here, where a full disk or a reader who has left is still told as it should be
        return status
    except CycloptsError as error:
        return complain(f"{told(error)} See `{shlex.join(['pushpop', *named(error, argv)])} --help`.", 2)
    except PushpopError as error:
        return complain(error, error.status)
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        drop_stdout()
        return 0
    except OSError as error:
        if error.filename is None and error.errno == errno.ENOSPC:
            drop_stdout()
            return complain("stdout: no space left there; write it elsewhere", 1)
        if error.filename is None:
            raise
        return complain(f"{error.filename}: {error.strerror}; give another path", 2)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not NO_MEMORY.search(str(error)):
            raise
        return complain("not enough memory; give smaller sizes, shorter words or a smaller --training.batch", 1)
    except KeyboardInterrupt:
        return complain(f"interrupted{way_on(argv)}", INTERRUPTED)


def drop_stdout() -> None:
    """What could not be written is forgotten: else the interpreter tries once more at its end, and complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def told(error: CycloptsError) -> str:
    """What is wrong with a command line; a value of the wrong type with one that would do."""
    if isinstance(error, CoercionError) and error.argument and error.token and error.target_type in EXAMPLES:
        meant = EXAMPLES[error.target_type]
        return f"{error.token.keyword or error.argument.name}: {error.token.value!r} is not {meant}."
    if isinstance(error, CoercionError) and error.token and error.target_type is bool:
        return f"{error.token.keyword} takes no value; leave {f'={error.token.value}'!r} out."
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        word = error.unused_tokens[0]
        if flag := flag_before(error, word):
            return f"{flag} takes no value; leave {word!r} out."
        return f"{word!r} is one too many; leave it out, or put what belongs together in quotes."
    if isinstance(error, UnknownOptionError) and tuple(error.command_chain or ()) == ("train",):
        from pushpop.cli.choices import others_with

        option = error.token.keyword or error.token.value  # the latter where no word stands before it
        return others_with(option, list(error.root_input_tokens or ())[1:]) or str(error)
    return str(error)


def flag_before(error: UnusedCliTokensError, word: str) -> str | None:
    """The option without a value that stands right before a word nobody has taken, as if that were its value."""
    known = error.app.assemble_argument_collection() if error.app else ()
    flags = {name for argument in known if argument.hint in FLAGS for name in argument.names}
    pairs = pairwise(error.root_input_tokens or ())
    return next((before for before, after in pairs if after == word and before in flags), None)


def named(error: CycloptsError, argv: list[str]) -> Sequence[str]:
    """The command that was meant; of `train` with the task and the model, whose options its help has."""
    chain = tuple(error.command_chain or ())
    if chain != ("train",):
        return chain
    from pushpop.cli.choices import split

    words, options = split(argv[1:])
    return [*chain, *words[:1], *(("--model", options["--model"]) if "--model" in options else ())]


def way_on(argv: list[str]) -> str:
    """How what was interrupted goes on: by the same command once more, as its folder follows from what it says."""
    if argv[:1] == ["sweep"]:
        return f"; trials under way have made a checkpoint; go on with: {shlex.join(['pushpop', *argv])}"
    if argv[:1] not in (["train"], ["reproduce"]):
        return ""
    again = argv if "--resume" in argv else [*argv, "--resume"]
    return f"; go on with: {shlex.join(['pushpop', *again])}"


def complain(message: object, status: int) -> int:
    """One line on stderr, whatever the message."""
    sys.stdout.flush()
    print(f"pushpop: {' '.join(str(message).split())}", file=sys.stderr)
    return status
