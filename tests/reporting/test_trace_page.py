"""The trace page: what is in the file, and what a browser makes of it."""

import importlib.util
import json
import re
import shutil

import pytest

from pushpop.errors import PushpopError
from pushpop.evaluation.trace import ListStep, Trace, trace
from pushpop.models.catalogue import MODELS, build
from pushpop.reporting.trace_page import write_trace
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def traced(word=(5, 17, 99), wrong=None, said=None):
    """A stack that pushes whole symbols while reading and pops them while writing; `wrong`: the answer's bad place."""
    wanted = [*map(str, reversed(word)), "S3"]
    fed = ["S1", *map(str, word), "S2", *wanted[:-1]]
    strengths, steps = [], []
    for at, symbol in enumerate(fed):
        place = at - len(word) - 1
        push, pop = (0.25 if at == 0 else 1.0) if place < 0 else 0.0, 1.0 if place > 0 else 0.0
        kept, owed = [], pop
        for strength in reversed(strengths):
            kept.append(max(0.0, strength - owed))
            owed = max(0.0, owed - strength)
        strengths = [*reversed(kept), push]
        answer = wanted[place] if place >= 0 else None
        predicted = (said or "77") if place == wrong and place >= 0 else answer or "3"
        weights = [min(strength, max(0.0, 1 - sum(strengths[n + 1 :]))) for n, strength in enumerate(strengths)]
        watched = {"push": push, "pop": pop, "strengths": tuple(strengths), "weights": tuple(weights)}
        asked = {"phase": "reading", "wanted": None, "correct": None}
        if place >= 0:
            asked = {"phase": "writing", "wanted": answer, "correct": predicted == answer}
        steps.append(ListStep(fed=symbol, read=(0.0,), predicted=predicted, probability=0.875, **watched, **asked))
    said_ids = tuple(int(step.predicted) for step in steps if step.wanted and step.predicted.isdigit())
    return Trace(
        memory="Stack", word=tuple(word), wanted=tuple(reversed(word)), said=said_ids, rounded=False, steps=tuple(steps)
    )


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="trace">(.*?)</script>', page, re.DOTALL)[1])


def test_the_page_holds_every_step_with_the_cells_that_are_not_empty(tmp_path):
    data = data_of(write_trace(traced(), tmp_path / "trace.html").read_text())
    assert [step["fed"] for step in data["steps"]] == ["S1", "5", "17", "99", "S2", "99", "17", "5"]
    assert data["steps"][3]["strengths"] == [[0, 0.25], [1, 1.0], [2, 1.0], [3, 1.0]]
    assert data["steps"][3]["ends"] == [{"push": 1.0, "pop": 0.0, "weights": [[3, 1.0]]}]
    assert data["steps"][6]["strengths"] == [[0, 0.25], [1, 1.0]]
    assert data["cells"][:4] == ["S1", "5", "17", "99"]


def test_the_page_names_no_address(tmp_path):
    page = write_trace(traced(), tmp_path / "trace.html").read_text()
    assert re.findall(r"(?:https?:)?//\w|url\(|@import|\bsrc=", page.replace('"use strict"', "")) == []


def test_nothing_in_a_trace_can_end_its_script(tmp_path):
    trick = "</script><script>alert(1)</script>"
    page = write_trace(traced(wrong=0, said=trick), tmp_path / "trace.html", about=trick).read_text()
    assert page.count("</script>") == 2
    assert data_of(page)["steps"][4]["predicted"] == trick


def watched(kind, word=(5, 17, 99)):
    """An untrained network at work: what it pushes at S1 and at each symbol is not yet gone at the end."""
    settings = MODELS[kind].settings(hidden=6, memory=4, engine="eager")
    task = Reverse()
    return trace(build(kind, settings, vocabulary(task.symbols), SEPARATOR, seed=1), task, word)


def test_a_deques_cells_keep_their_numbers_while_it_grows_at_both_ends(tmp_path):
    found = watched("deque-lstm")
    data = data_of(write_trace(found, tmp_path / "trace.html").read_text())
    steps = len(found.steps)
    assert len(data["cells"]) == 2 * steps
    assert data["cells"] == [step.fed for step in found.steps][::-1] + [step.fed for step in found.steps]
    for number, (step, shown) in enumerate(zip(found.steps, data["steps"], strict=True)):
        numbers = [cell for cell, _ in shown["strengths"]]
        assert numbers[0] == steps - 1 - number, "just pushed at the bottom"
        assert numbers[-1] == steps + number, "just pushed at the top"
        assert shown["strengths"][-1][1] == pytest.approx(step.push, abs=1e-4)
        assert shown["strengths"][0][1] == pytest.approx(step.bottom.push, abs=1e-4)
        top, bottom = shown["ends"]
        assert (top["pop"], bottom["pop"]) == pytest.approx((step.pop, step.bottom.pop), abs=1e-4)
        assert (top["weights"][-1][0], bottom["weights"][0][0]) == (numbers[-1], numbers[0])


def test_superposition_stacks_are_refused_in_one_line(tmp_path):
    line = "^trace: Superposition has no page yet; give --json for all that it does, as data$"
    with pytest.raises(PushpopError, match=line):
        write_trace(watched("superposition-lstm"), tmp_path / "trace.html")
    assert not (tmp_path / "trace.html").exists()


@pytest.fixture
def browse(tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine to open the page in")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)

        def browse(trace, **context):
            page = browser.new_context(reduced_motion="reduce", **context).new_page()
            page.problems, page.asked = [], []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on("console", lambda message: page.problems.append(message.text))
            page.on("request", lambda request: page.asked.append(request.url))
            page.goto(write_trace(trace, tmp_path / "trace.html").as_uri())
            return page

        yield browse
        browser.close()


def cells(page):
    return page.locator(".cell:not(.gone) .block span:first-child").all_text_contents()


def test_a_reader_can_step_by_button_key_slider_and_string(browse):
    page = browse(traced())
    assert page.locator("#count").text_content() == "step 1 of 8"
    page.click("#next")
    assert cells(page) == ["5", "S1"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert cells(page) == ["99", "17", "5", "S1"]
    page.locator("#slider").focus()
    page.keyboard.press("ArrowLeft")  # one step, not two
    assert page.locator("#count").text_content() == "step 3 of 8"
    page.locator("#slider").evaluate("s => { s.value = 5; s.dispatchEvent(new Event('input')); }")
    assert page.locator("#when").text_content() == "Step 6: writing"
    page.keyboard.press("End")
    assert cells(page) == ["S1"]
    page.locator("#tape button").nth(3).click()
    assert cells(page) == ["99", "17", "5", "S1"]
    assert page.locator("#tape [aria-current]").count() == 1
    page.locator("#chart").click(position={"x": page.locator("#here").bounding_box()["width"] * 6.5, "y": 40})
    assert page.locator("#count").text_content() != "step 4 of 8"
    assert page.problems == []
    assert all(address.startswith(("file:", "data:")) for address in page.asked)


def test_the_height_of_a_block_is_its_strength(browse):
    page = browse(traced())
    page.keyboard.press("ArrowRight")
    whole, quarter = (page.locator(".cell").nth(place).bounding_box()["height"] for place in (0, 1))
    assert quarter == pytest.approx(whole / 4, rel=0.02)


def test_a_step_shows_push_pop_read_prediction_and_verdict(browse):
    page = browse(traced(wrong=1))
    page.locator("#tape button").nth(5).click()
    assert page.locator("#fed").text_content() == "99"
    assert page.locator("#pop").text_content() == "1.000"
    assert page.locator("#push").text_content() == "0.000"
    assert page.locator("#reads").text_content() == "17 1.000"
    assert page.locator("#predicted").text_content() == "77"
    assert page.locator("#probability").text_content() == "0.875"
    assert page.locator("#wants").text_content() == "17"
    assert page.locator("#verdict").text_content() == "✗ wrong"
    page.keyboard.press("Home")
    assert page.locator("#wants").text_content() == "nothing yet"
    page.locator("#said button").click()  # to the first error
    assert page.locator("#count").text_content() == "step 6 of 8"


def test_a_queue_has_its_front_on_top_and_a_deque_both_its_ends(browse):
    page = browse(watched("queue-lstm"))
    page.locator("#tape button").nth(2).click()
    assert page.locator(".memory h2").text_content().startswith("The queue, its front on top")
    assert cells(page) == ["S1", "5", "17"]
    assert page.locator("#reads").text_content().startswith("S1 ")
    page = browse(watched("deque-lstm"))
    page.locator("#tape button").nth(2).click()
    assert cells(page) == ["17", "5", "S1", "S1", "5", "17"]
    assert page.locator("#reads").text_content().startswith("17 ")
    assert page.locator("#reads-bottom").text_content().startswith("17 ")
    assert page.locator("#pop").text_content() != page.locator("#pop-bottom").text_content()
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(browse, scheme):
    page = browse(traced(tuple(range(40))), viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.problems == []


def test_playing_ends_at_the_last_step(browse):
    page = browse(traced())
    page.clock.install()
    page.keyboard.press(" ")
    assert page.locator("#play").text_content() == "pause"
    page.clock.run_for(20_000)
    assert page.locator("#count").text_content() == "step 8 of 8"
    assert page.locator("#play").text_content() == "play"
