"""What becomes of a published claim when it is tried again, and why: in words that the runs' own numbers fill in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from pushpop.reporting.runs import Record
from pushpop.reporting.writing import Noted, Table

Verdict = Literal["confirmed", "not confirmed", "contradicted", "not decided at this budget"]
CONFIRMED, NOT_CONFIRMED, CONTRADICTED, UNDECIDED = get_args(Verdict)


class Outcome(NamedTuple):
    """What one comparison says of a claim, with the numbers."""

    verdict: Verdict
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What was published, the rule by which it is judged, in words, and the rule itself, over runs that have ended."""

    says: str
    rule: str
    judge: Callable[[Sequence[Record]], Sequence[Outcome]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim with its verdict."""

    says: str
    verdict: Verdict
    evidence: str
    rule: str


def verdict_table(title: str, verdicts: Sequence[Judged]) -> Table:
    """Claims with their rules, verdicts and evidence, for the report."""
    rows = tuple((Noted(one.says, one.rule), one.verdict, one.evidence) for one in verdicts)
    return Table(title, ("claim, and the rule it is judged by", "verdict", "evidence"), rows)


def together(outcomes: Sequence[Outcome]) -> Verdict:
    """One verdict from all comparisons: theirs if they agree; open while one is and no other speaks against the claim.

    >>> together([Outcome("confirmed", ""), Outcome("contradicted", "")])
    'not confirmed'
    """
    found = {outcome.verdict for outcome in outcomes}
    if len(found) == 1:
        return found.pop()
    return UNDECIDED if found <= {CONFIRMED, UNDECIDED} else NOT_CONFIRMED


def judged(claims: Sequence[Claim], records: Sequence[Record]) -> list[Judged]:
    """Every claim with what these runs say of it; a run that has not ended says nothing."""
    ended = [record for record in records if record.finished]
    found = []
    for claim in claims:
        outcomes = claim.judge(ended)
        evidence = "; ".join(outcome.evidence for outcome in outcomes) or "no runs that could tell have ended"
        found.append(Judged(says=claim.says, verdict=together(outcomes), evidence=f"{evidence}.", rule=claim.rule))
    return found
