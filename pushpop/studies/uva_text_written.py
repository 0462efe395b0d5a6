"""What the networks of `uva-2020-text` write once they are trained: at the study's temperatures, and after its prompts.

Kept in the run folder, in `writing.json`, tied to the weights that wrote it; what is there is not written again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pushpop.errors import RunError
from pushpop.experiments import lengths, store
from pushpop.reporting.runs import Record

WRITING = "writing.json"
# The study multiplies the scores by tau, which is 1 / T: of each the samples' length, in small too.
TAUS = {0.5: 300, 1.0: 3_000, 2.0: 3_000}
TINY = {0.5: 30, 1.0: 60, 2.0: 60}
SAMPLES = 8
PROMPTS = ("The heart of democracy is", "Liberty is", "People of", "Equality", "Slavery", "America is", "North")
LONG = 30  # characters that each prompt is completed by, greedily


def write_on(runs: Iterable[Path], quick: bool, tell: Callable[[str], object]) -> None:
    """Have each run that has ended write, one after the other."""
    for run in runs:
        if (run / store.METRICS).exists() and not written(run):
            tell(f"{run.name}: writes")
            found = {"weights": lengths.fingerprint(run), **writing(run, TINY if quick else TAUS)}
            store.write_json(run / WRITING, found)


def writing(run: Path, taus: Mapping[float, int]) -> dict[str, Any]:
    """Samples at each temperature with what they are worth, and the completed prompts."""
    from pushpop.evaluation.samples import qualities
    from pushpop.experiments.loading import load
    from pushpop.experiments.samples import training_text
    from pushpop.experiments.written import of_text

    trained = of_text(load(run), "generate")
    read = training_text(trained.task)
    rows = []
    for tau, length in taus.items():
        texts = trained.generate(temperature=1 / tau, length=length, samples=SAMPLES)
        cuts = sorted({30, 300, 3_000, length})
        worth = [asdict(one) for one in qualities(texts, read, cuts)]
        rows.append({"tau": tau, "samples": texts, "qualities": worth})
    known = [prompt for prompt in PROMPTS if not set(prompt) - set(trained.vocabulary.characters)]
    said = [{"prompt": one, "text": trained.generate(one, temperature=0, length=LONG)[0]} for one in known]
    return {"temperatures": rows, "completions": said}


def written(run: Path) -> dict[str, Any]:
    """What the weights that a run has now have written; empty if they have not, or it is damaged."""
    try:
        found = store.read_json(run / WRITING)
        return found if found.get("weights") == lengths.fingerprint(run) else {}
    except RunError:
        return {}


def at_tau(record: Record, tau: float) -> Mapping[str, Any] | None:
    """Its samples at one of the study's temperatures."""
    rows: Sequence[Mapping[str, Any]] = written(record.path).get("temperatures") or ()
    return next((row for row in rows if row["tau"] == tau), None)


def known_words(record: Record, tau: float) -> float | None:
    """The share of all the words of those samples that the training text has."""
    row = at_tau(record, tau)
    return row["qualities"][-1]["known"] if row and row["qualities"] else None


def completions(record: Record) -> dict[str, str]:
    """What it puts behind each prompt."""
    return {row["prompt"]: row["text"] for row in written(record.path).get("completions") or ()}
