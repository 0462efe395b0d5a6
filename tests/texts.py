"""Corpora that lie beside the repository, for what is known of them; a test that needs one is skipped without."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = [ROOT.parent / "shared" / "data", ROOT.parents[1] / "shared" / "data"]


def shared_text(name: str) -> Path:
    """The file data/text/`name`, below the folder PUSHPOP_DATA or one called `shared` beside the repository."""
    given = os.environ.get("PUSHPOP_DATA")
    for place in [Path(given)] if given else PLACES:
        if (path := place / "text" / name).is_file():
            return path
    pytest.skip(f"no {name}: it is expected in text/ of the folder that PUSHPOP_DATA names, or ../shared/data")
