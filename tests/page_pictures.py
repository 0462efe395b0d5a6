"""Takes the pictures of the trace page and of `play` in docs/pictures: `python tests/page_pictures.py [RUN]`.

RUN is trained first where it is not there: `stack-lstm` on `reverse`, seed 1000. Needs Playwright and a Chromium.
"""

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pushpop
from pushpop.reporting.play_page import write_play
from pushpop.reporting.trace_page import write_trace

PLACE = Path(__file__).parents[1] / "docs" / "pictures"
WORD = [5, 17, 99, 3, 64, 21, 8, 120]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


class Picture(NamedTuple):
    """What is in a picture."""

    name: str
    page: str  # trace or play
    scheme: str  # light or dark
    size: tuple[int, int]  # of the window
    step: int  # that is shown, from 0
    top: str  # what is at the upper edge


VIEWS = [
    ("trace", "desktop", (1100, 1240), 11, "body"),
    ("trace", "phone", (375, 812), 12, "[aria-label='The string']"),
    ("play", "desktop", (1100, 1140), 6, "#ask"),
    ("play", "phone", (375, 812), 11, "#ask"),
]
PICTURES = [
    Picture(f"{page}-{width}-{scheme}", page, scheme, size, step, top)
    for page, width, size, step, top in VIEWS
    for scheme in ("light", "dark")
]
TONES = 128  # of the colours of a picture: a third of the bytes, and the eye sees no difference


def pages(run: Path, out: Path) -> dict[str, Path]:
    """The two pages of a run, written to a folder."""
    if not run.exists():
        pushpop.train("reverse", seed=1000, run=run)
    trained = pushpop.load(run)
    verdict = trained.verdict()
    trace = write_trace(
        trained.trace(WORD),
        out / "trace.html",
        "stack-lstm on reverse, seed 1000",
        rounded=trained.trace(WORD, rounded=True),
        decoding=verdict.decoding,
        verdict=verdict.text,
    )
    return {"trace": trace, "play": write_play(trained, out / "play.html", "stack-lstm on reverse, seed 1000")}


def take(written: dict[str, Path], out: Path) -> None:
    """All pictures, into a folder."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        for name, page_name, scheme, (width, height), step, top in PICTURES:
            page = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                device_scale_factor=1 if width > 600 else 1.5,
            ).new_page()
            page.goto(written[page_name].as_uri())
            page.wait_for_function("stage.data !== null")
            if page_name == "play":
                page.evaluate("word => play.watch(word.join(' '))", WORD)
                page.wait_for_function("stage.data.word.length === 8")
                page.locator("#own").fill(" ".join(map(str, WORD)))
            page.evaluate("step => stage.show(step)", step)
            page.evaluate("top => document.querySelector(top).scrollIntoView()", top)
            seen = Image.open(BytesIO(page.screenshot())).convert("RGB")
            seen.quantize(TONES, dither=Image.Dither.NONE).save(out / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    PLACE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "run"
        take(pages(given, Path(folder)), PLACE)
    for picture in PICTURES:
        path = PLACE / f"{picture.name}.png"
        print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")
