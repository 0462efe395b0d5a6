"""Pages that live above `docs`: some have a page here in their place, and links to them lead there."""

import re
from os.path import normpath, relpath
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INSTEAD = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
COPIED = {"contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)(#[^)]*)?\)")


def within(text: str, folder: str, here: str) -> str:
    """A page's text, written in `folder` (both from the root) and shown in `here`, its links leading to pages of docs.

    >>> within("[it](../../README.md) [that](0001-layout.md#why)", "docs/decisions", "docs/decisions")
    '[it](../index.md) [that](0001-layout.md#why)'
    >>> within("[it](CHANGELOG.md) [that](docs/decisions/0001-layout.md)", ".", "docs")
    '[it](changelog.md) [that](decisions/0001-layout.md)'
    """

    def led(found: re.Match[str]) -> str:
        target = normpath(f"{folder}/{found[1]}")
        anchor = "" if target in INSTEAD else found[2] or ""
        return f"]({relpath(f'docs/{INSTEAD[target]}' if target in INSTEAD else target, here)}{anchor})"

    return LINK.sub(led, text)


def read(_app: Any, page: str, source: list[str]) -> None:
    """The source of a page, before it is parsed."""
    here = normpath(f"docs/{page}/..")
    if page in COPIED:
        source[0] = within((ROOT / COPIED[page]).read_text(encoding="utf-8"), ".", here)
    elif source[0].startswith(("#", "---")):  # no notebook
        source[0] = within(source[0], here, here)


def setup(app: Any) -> dict[str, bool]:
    app.connect("source-read", read)
    return {"parallel_read_safe": True}
