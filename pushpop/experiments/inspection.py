"""What there is to understand about a trained network: gradients through time, gates, and how many numbers it has."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch

from pushpop.errors import ConfigError
from pushpop.evaluation.flow import Batch, Flow, flows, formula_gaps, gradient_norm, rescaled
from pushpop.evaluation.mismatch import has_list
from pushpop.experiments import packaged
from pushpop.experiments.answering import TrainedWords
from pushpop.experiments.settings import Settings
from pushpop.experiments.trained import build_model
from pushpop.models import catalogue
from pushpop.models.classifiers import Classifier
from pushpop.models.contract import SequenceModel
from pushpop.models.counts import terms, total
from pushpop.tasks.classification import Classification
from pushpop.tasks.words import fixed_words, words_of

WORDS = 32
LONGEST = 32  # symbols of the words of a transduction: a trained range may go further than a picture needs
NORMS = (0.5, 1.0, 2.0)  # spectral norms that gates' matrices are scaled to


def inspect(trained: TrainedWords, norms: Sequence[float] = NORMS) -> dict[str, Any]:
    """All of it as plain data, arrays of gates (of the first word) included.

    `weights` has the first weights of the run and those it kept; each with the `gradient_norm` that clipping sees, the
    factor it would multiply by, and every direction's flow; `rescaled` has the kept ones at each spectral norm;
    `verdict` what a memory that is a list does, in words and measured, or None.

    Raises:
        ConfigError: a spectral norm that is none.
    """
    for norm in norms:
        if not 0 < norm < 1e6:
            raise ConfigError(f"spectral: {norm} is no spectral norm; give more than 0, such as 0.5,1,2")
    task = trained.task
    words, batch = sample(trained)
    first = build_model(trained.settings).eval()
    kept = trained.model.cpu().eval()
    return {
        "run": packaged.told(trained.path),
        "task": trained.settings.task.kind,
        "model": trained.settings.model.kind,
        "seed": trained.settings.seed,
        "word": words[0],
        "words": len(words),
        "positions": batch[0].shape[1],
        "weights": {
            name: weighed(model, batch, trained.settings) for name, model in (("first", first), ("kept", kept))
        },
        "rescaled": [
            {"spectral_norm": norm, "directions": [flow_data(one, False) for one in rescaled(kept, batch, norm)]}
            for norm in norms
        ]
        if isinstance(kept, Classifier)
        else [],
        "formula_gaps": formula_gaps(kept, batch),
        "verdict": trained.verdict().to_dict() if has_list(kept) and not isinstance(task, Classification) else None,
        "parameters": own_count(trained),
        "catalogue": every_count(trained),
    }


def sample(trained: TrainedWords) -> tuple[list[list[int]], Batch]:
    """Up to 32 words of one length, encoded: of a task with classes from its validation words, of the commonest
    length."""
    task = trained.task
    if isinstance(task, Classification):
        fixed = fixed_words(task, "validation")
        length = Counter(map(len, fixed)).most_common(1)[0][0]
        words = [word for word in fixed if len(word) == length][:WORDS]
    else:
        shortest, longest = task.lengths
        length = task.sizes(shortest, max(shortest, min(longest, LONGEST)))[-1]
        words = words_of(task, (length, length), WORDS)
    made = task.encode(words)
    symbols, lengths, positions, targets = (
        torch.from_numpy(array) for array in (made.symbols, made.lengths, made.positions, made.targets)
    )
    return [word.tolist() for word in words], (symbols, lengths, positions, targets)


def weighed(model: SequenceModel[Any], batch: Batch, settings: Settings) -> dict[str, Any]:
    """Flows of these weights, and what clipping would do to their gradient."""
    norm, chosen = gradient_norm(model, batch), settings.training
    clipped = chosen.clipping == "norm" and 0 < chosen.clip < norm
    return {
        "gradient_norm": norm,
        "clip": chosen.clip if chosen.clipping == "norm" else None,
        "factor": chosen.clip / norm if clipped else 1.0,
        "directions": [flow_data(one, True) for one in flows(model, batch)],
    }


def flow_data(flow: Flow, gates: bool) -> dict[str, Any]:
    """A flow as plain data. For one matrix alone the bound is |dL/dh_T| sigma^(T - t), which no tanh exceeds."""
    found: dict[str, Any] = {
        "direction": flow.direction,
        "spectral_norms": flow.spectral,
        "dL_dh": flow.hidden.tolist(),
        "dL_dc": None if flow.cell is None else flow.cell.tolist(),
        "bound": None,
    }
    if list(flow.spectral) == ["h"]:
        back = range(len(flow.hidden) - 1, -1, -1)
        found["bound"] = [float(flow.hidden[-1]) * flow.spectral["h"] ** steps for steps in back]
    if gates:
        found["gates"] = {name: values.tolist() for name, values in flow.gates.items()}
    return found


def own_count(trained: TrainedWords) -> dict[str, Any]:
    """The model's own numbers, term by term, by formula and counted."""
    chosen, alphabet = trained.settings.model, trained.task.alphabet
    found = terms(chosen.kind, chosen.settings, alphabet.inputs, alphabet.outputs)
    return {"terms": [term._asdict() for term in found], "formula": total(found), "count": trained.model.count()}


def every_count(trained: TrainedWords) -> list[dict[str, Any]]:
    """Every model that can learn the run's task, at its usual settings: by formula and counted."""
    inputs, outputs, _ = trained.task.alphabet
    rows = []
    for kind in catalogue.FAMILIES[trained.task.answers]:
        settings = Settings.from_dict({"task": trained.settings.task.kind, "model": kind})
        found = terms(kind, settings.model.settings, inputs, outputs)
        given = {**trained.settings.to_dict(), "model": settings.to_dict()["model"]}
        counted = build_model(Settings.from_dict(given)).count()
        formula = " + ".join(term.formula for term in found)
        rows.append({"model": kind, "formula": formula, "by_formula": total(found), "by_count": counted})
    return rows
