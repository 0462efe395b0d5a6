"""The ledger: what graph layers do and what they cannot, each line with its evidence, made on the spot, in float64.

The numbers are those of the ledger of facts. Line 15, that sequence models on edge lists see an order that is not
there, wants a trained model and is not here.
"""

import time
from pathlib import Path
from typing import Any

import torch

from pushpop.studies import (
    claims_attention,
    claims_citations,
    claims_linear,
    claims_matrix,
    claims_reach,
    claims_recurrence,
    claims_symmetry,
    claims_twins,
)
from pushpop.studies.ledger import Entry
from pushpop.studies.verdicts import CONFIRMED, together

MODULES = (
    claims_matrix,
    claims_reach,
    claims_twins,
    claims_attention,
    claims_symmetry,
    claims_linear,
    claims_recurrence,
)


def in_order(number: str) -> tuple[int, str]:
    """Where a line stands: 9, 9b, 10."""
    plain = number.rstrip("b")
    return int(plain), number


LEDGER: tuple[Entry, ...] = tuple(
    sorted((entry for module in MODULES for entry in module.ENTRIES), key=lambda entry: in_order(entry.number))
)


def run(citations: Path | None = None) -> dict[str, Any]:
    """Every line judged: `claims`, each with number, says, rule, verdict, evidence and seconds, and whether all `hold`.

    With a folder of citation graphs, line 4b on them too. Raises GraphError for files there that are none.
    """
    entries = list(LEDGER)
    if citations is not None:
        entries = sorted([*entries, claims_citations.entry(citations)], key=lambda entry: in_order(entry.number))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices this small are slower with more
    try:
        lines = [judged(entry) for entry in entries]
    finally:
        torch.set_num_threads(threads)
    return {"claims": lines, "hold": all(line["verdict"] == CONFIRMED for line in lines)}


def judged(entry: Entry) -> dict[str, Any]:
    """One line."""
    began = time.perf_counter()
    outcomes = entry.judge()
    return {
        "number": entry.number,
        "says": entry.says,
        "rule": entry.rule,
        "verdict": together(outcomes),
        "evidence": [outcome.evidence for outcome in outcomes],
        "seconds": round(time.perf_counter() - began, 3),
    }
