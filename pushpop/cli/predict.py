"""`pushpop predict`: words in (on one graph: nodes, or a pair of them), one answer a line out."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.errors import ConfigError


def predict(
    run: Path,
    /,
    *,
    input: Annotated[str | None, Parameter(help="One word, such as `5 17 99`, or by names.")] = None,  # noqa: A002 - its option's name
    file: Annotated[Path | None, Parameter(help="One word a line; without it and --input, stdin.")] = None,
    rounded: Annotated[bool, Parameter(help="Push and pop strengths above 1/2 become 1, others 0.")] = False,
    device: Annotated[str, Parameter(help="auto, cpu, cuda or cuda:N.")] = "auto",
) -> None:
    """Answer words, one answer (or class) a line.

    Parameters
    ----------
    run
        A folder that `pushpop train` made; or @reverse, @copy or @bigram-flip, networks that come with pushpop.
    """
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.experiments.one_graph import TrainedOneGraph
    from pushpop.tasks.files import parse_word, read_words
    from pushpop.tasks.task import WordTask

    if input is not None and file is not None:
        raise ConfigError("predict: both --input and --file; give one of them")
    loaded = load(run, device=device)
    trained = loaded if isinstance(loaded, TrainedOneGraph) else of_words(loaded, "predict")
    if input is not None:
        words = [parse_word(input, trained.task, "--input")]
    elif file is not None:
        words = read_words(file, trained.task)
    else:
        words = [parse_word(line, trained.task, f"stdin:{number}") for number, line in enumerate(sys.stdin, 1)]
    if not words:
        raise ConfigError("predict: nothing on stdin; give one word a line, or --input, or --file")
    chosen = {} if isinstance(trained, TrainedOneGraph) else {"rounded": rounded}
    task = trained.task
    for answer in trained.predict(words, **chosen):
        if isinstance(answer, list):
            print(*(task.spelled(answer) if isinstance(task, WordTask) else answer))
        else:
            print(answer)
