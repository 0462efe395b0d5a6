"""`pushpop claims`: what graph layers can and cannot do, each line with its evidence."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pushpop.cli.screen import only_json, print_json, show


def claims(
    *,
    citations: Annotated[
        Path | None, Parameter(help="A folder with NAME.nodes.tsv and NAME.edges.tsv: line 4b, on these graphs too.")
    ] = None,
    figures: Annotated[
        Path | None, Parameter(help="A folder for the pictures as PNG and SVG, and the table as CSV and Markdown.")
    ] = None,
    json: Annotated[bool, Parameter(help="Print one JSON object and nothing else.")] = False,
) -> int:
    """Check what graph layers can and cannot do: claim, evidence and verdict, each made on the spot.

    Exit status 1 if a claim does not hold.
    """
    from pushpop.studies import claims as ledger

    with only_json(json):
        found = ledger.run(citations)
        written = files(found["claims"], figures) if figures else ""
    if json:
        print_json(found)
        return int(not found["hold"])
    for line in found["claims"]:
        show(f"{line['number']}. {line['verdict']}: {line['says']}")
        show("\n".join(f"     {evidence}" for evidence in line["evidence"]))
    holding = sum(line["verdict"] == ledger.CONFIRMED for line in found["claims"])
    seconds = sum(line["seconds"] for line in found["claims"])
    print(f"claims: {holding} of {len(found['claims'])} hold ({seconds:.1f} s)")
    if written:
        print(written)
    return int(not found["hold"])


def files(lines: list[dict[str, object]], figures: Path) -> str:
    """The table and the pictures written; where they are."""
    from pushpop.reporting.exports import save_sections
    from pushpop.studies.claims_pictures import sections

    return f"figures: {figures} ({len(save_sections(sections(lines), figures))} files)"
