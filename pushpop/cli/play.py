"""`pushpop play`: a trained network in a page, which answers the words that a reader types."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def play(
    run: Path,
    /,
    *,
    out: Annotated[Path, Parameter(help="The page to write.")] = Path("play.html"),
) -> None:
    """Write a page that holds the network itself: type a word, and watch its memory answer it.

    Parameters
    ----------
    run
        A folder that `pushpop train` made; or @reverse, @copy or @bigram-flip, networks that come with pushpop.
    """
    from pushpop.experiments.answering import of_words
    from pushpop.experiments.loading import load
    from pushpop.reporting.play_page import write_play

    trained = of_words(load(run, "cpu"), "play")
    chosen = trained.settings
    page = write_play(trained, out, f"{run} · {chosen.model.kind} on {chosen.task.kind}, seed {chosen.seed}")
    print(f"play: {page} ({page.stat().st_size / 1e3:,.0f} kB)")
