"""The trace page: what is in the file, and what a browser makes of it."""

import json
import re
from dataclasses import replace

import pytest
from moving_picture import PLACE, STEP, WAIT, drawn, named

from pushpop.errors import PushpopError
from pushpop.evaluation.trace import ListStep, Trace, trace
from pushpop.evaluation.verdict import Decoding
from pushpop.models.catalogue import MODELS, build
from pushpop.reporting.trace_page import write_trace
from pushpop.tasks.encoding import SEPARATOR, vocabulary
from pushpop.tasks.strings import Reverse


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


def strengths_at(way, step):
    """What a page makes of it: cell -> strength, of those not empty after a step."""
    found = {}
    for cell, known in enumerate(way["cells"]):
        seen = [strength for at, strength in known["strengths"] if at <= step]
        if seen and seen[-1]:
            found[cell] = seen[-1]
    return found


def test_the_page_holds_every_step_and_each_cell_once(tmp_path):
    data = data_of(write_trace(traced(), tmp_path / "trace.html").read_text())
    [way] = data["ways"]
    assert (data["word"], data["wanted"], way["said"]) == (["5", "17", "99"], ["99", "17", "5"], ["99", "17", "5"])
    assert (way["name"], way["error"]) == ("soft", None)
    assert [step["fed"] for step in way["steps"]] == ["S1", "5", "17", "99", "S2", "99", "17", "5"]
    assert way["cells"][:2] == [
        {"pushed": "S1", "holds": "S1", "strengths": [[0, 0.25]]},
        {"pushed": "5", "holds": "5", "strengths": [[1, 1.0], [7, 0.0]]},
    ]
    assert way["steps"][3]["ends"] == [{"push": 1.0, "pop": 0.0, "weights": [[3, 1.0]]}]
    assert strengths_at(way, 3) == {0: 0.25, 1: 1.0, 2: 1.0, 3: 1.0}
    assert strengths_at(way, 6) == {0: 0.25, 1: 1.0}


@pytest.mark.parametrize("kind", ["stack-lstm", "queue-lstm", "deque-lstm"])
def test_the_strengths_of_the_page_are_those_of_the_trace(tmp_path, kind):
    found = watched(kind)
    [way] = data_of(write_trace(found, tmp_path / "trace.html").read_text())["ways"]
    for number, step in enumerate(found.steps):
        below = (len(found.cells) - len(step.strengths)) // 2 if step.bottom else 0
        whole = {cell: strength for cell, strength in enumerate(step.strengths, below) if strength >= 5e-4}
        assert strengths_at(way, number) == pytest.approx(whole, abs=1e-4)


def test_a_page_grows_with_the_length_of_the_word_and_not_with_its_square(tmp_path):
    short, long = (len(write_trace(traced(range(n)), tmp_path / "t.html").read_bytes()) for n in (60, 120))
    empty = len(write_trace(traced((1,)), tmp_path / "t.html").read_bytes())
    assert long - empty < 2.3 * (short - empty)


def test_cells_hold_what_the_output_map_says_where_it_works_and_else_what_they_were_pushed_at(tmp_path):
    decoded = replace(traced(), decoded=(("S3", "6", "18", "100", "1", "1", "1", "1"),))

    def page(share):
        return write_trace(decoded, tmp_path / "t.html", decoding=Decoding(hand=0, share=share)).read_text()

    assert [cell["holds"] for cell in data_of(page(0.95))["ways"][0]["cells"]][:4] == ["S3", "6", "18", "100"]
    assert "which names 95.0 % of the cells" in page(0.95)
    assert [cell["holds"] for cell in data_of(page(0.5))["ways"][0]["cells"]][:4] == ["S1", "5", "17", "99"]
    assert "names only 50.0 % of the cells" in page(0.5)
    assert "in the colour of what it holds" in page(0.95)
    assert "names only 50.0 % of the cells" in page(0.5)
    plain = write_trace(decoded, tmp_path / "t.html").read_text()
    assert "Its name and colour are the symbol at which it was pushed." in plain
    for text in (page(0.5), plain):
        assert text.count("in the colour of the symbol at which it was pushed") == 2, "the caption and the label"
        assert not re.search("colours? of what (it|they) hold", text)


def test_an_answer_that_is_cut_off_is_said_to_be(tmp_path, show):
    assert not data_of(write_trace(traced(), tmp_path / "t.html").read_text())["ways"][0]["cut"]
    page = show(traced(wrong=3))
    assert "says ✗ wrong first at step 8 99 17 5 77 … cut off after 4 symbols: it had not ended its answer" in " ".join(
        page.locator("#words").inner_text().split()
    )


def test_the_verdict_stands_on_the_page(tmp_path):
    assert (
        "pops one per output" in write_trace(traced(), tmp_path / "t.html", verdict="pops one per output").read_text()
    )


def test_the_page_names_no_address(tmp_path):
    page = write_trace(traced(), tmp_path / "trace.html").read_text()
    assert re.findall(r"(?:https?:)?//\w|url\(|@import|\bsrc=", page.replace('"use strict"', "")) == []


def test_nothing_in_a_trace_can_end_its_script(tmp_path):
    trick = "</script><script>alert(1)</script>"
    page = write_trace(traced(wrong=0, said=trick), tmp_path / "trace.html", about=trick).read_text()
    assert page.count("</script>") == 2
    assert data_of(page)["ways"][0]["steps"][4]["predicted"] == trick


def watched(kind, word=(5, 17, 99)):
    """An untrained network at work: what it pushes at S1 and at each symbol is not yet gone at the end."""
    plain = {} if kind.startswith("superposition") else {"margin": 0.0, "pop_bias": -1.0}  # no strength is 0 or 1
    settings = MODELS[kind].settings(hidden=6, memory=4, engine="eager", **plain)
    task = Reverse()
    return trace(build(kind, settings, vocabulary(task.symbols), SEPARATOR, seed=1), task, word)


def test_superposition_stacks_are_refused_in_one_line(tmp_path):
    line = "^trace: Superposition has no page yet; `pushpop trace --json` has all that it does, as data$"
    with pytest.raises(PushpopError, match=line):
        write_trace(watched("superposition-lstm"), tmp_path / "trace.html")
    assert not (tmp_path / "trace.html").exists()


@pytest.fixture
def show(browse, tmp_path):
    """show(trace, rounded=None, **context) opens its page."""

    def show(trace, rounded=None, **context):
        return browse(write_trace(trace, tmp_path / "trace.html", rounded=rounded), **context)

    return show


def cells(page, way="soft"):
    """The names on the blocks in sight, the top or the left one first."""
    blocks = page.locator(f".panel[data-way={way}] .cell:not(.gone)").all()
    boxes = [block.bounding_box() for block in blocks]
    places = [box["y"] if box["height"] < box["width"] else box["x"] for box in boxes]
    names = [block.locator(".block span").text_content() for block in blocks]
    return [name for _, name in sorted(zip(places, names, strict=True), key=lambda pair: pair[0])]


def row(page, name, way="soft"):
    return page.locator(f".panel[data-way={way}] [data-row={name}] td").text_content()


def where(page):
    return page.locator("#count").text_content()


def test_a_reader_can_step_by_button_key_slider_string_and_chart(show):
    page = show(traced())
    assert where(page) == "1 of 8"
    page.click("#next")
    assert cells(page) == ["5", "S1"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert cells(page) == ["99", "17", "5", "S1"]
    page.locator("#slider").focus()
    page.keyboard.press("ArrowLeft")  # one step, not two
    assert where(page) == "3 of 8"
    page.locator("#slider").evaluate("s => { s.value = 5; s.dispatchEvent(new Event('input')); }")
    assert page.locator("#when").text_content() == "Step 6: writes 17"
    page.keyboard.press("End")
    assert cells(page) == ["S1"]
    page.locator("#tape button").nth(3).click()
    assert cells(page) == ["99", "17", "5", "S1"]
    assert page.locator("#tape [aria-current]").count() == 1
    assert page.locator("#tape button[tabindex='0']").count() == 1, "the string is one stop of the Tab key"
    page.locator("canvas").click(position={"x": 34 + page.locator(".here").bounding_box()["width"] * 5.5, "y": 60})
    assert where(page) in ("6 of 8", "7 of 8")  # the page's clock goes on with the wall's beside what is run
    assert page.problems == []
    assert all(address.startswith(("file:", "data:")) for address in page.asked)


def test_the_height_of_a_block_is_its_strength(show):
    page = show(traced())
    page.keyboard.press("ArrowRight")
    quarter, whole = (page.locator(f".cell[data-cell='{cell}']").bounding_box()["height"] for cell in (0, 1))
    assert quarter == pytest.approx(whole / 4, rel=0.02)


def test_the_width_of_a_pipes_block_is_its_strength_and_its_front_is_at_the_left(show):
    found = watched("queue-lstm")
    page = show(found)
    page.locator("#tape button").nth(2).click()
    widths = [page.locator(f".cell[data-cell='{cell}']").bounding_box()["width"] for cell in range(3)]
    assert widths == pytest.approx(
        [widths[2] * s / found.steps[2].strengths[2] for s in found.steps[2].strengths], rel=0.1
    )
    assert cells(page) == ["S1", "5", "17"]
    assert row(page, "read0").startswith("S1 ")
    page = show(watched("deque-lstm"))
    page.locator("#tape button").nth(2).click()
    assert cells(page) == ["17", "S1", "5", "17"], "the first two of the bottom are popped"
    assert row(page, "read0").startswith("17 ")
    assert row(page, "read1").startswith("17 ")
    assert row(page, "pop0") != row(page, "pop1")
    assert page.problems == []


def test_a_step_shows_push_pop_read_prediction_and_verdict(show):
    page = show(traced(wrong=1))
    page.locator("#tape button").nth(5).click()
    assert row(page, "fed") == "99"
    assert (row(page, "pop0"), row(page, "push0")) == ("1.000", "0.000")
    assert row(page, "read0") == "17 1.000"
    assert row(page, "predicted") == "770.875"
    assert row(page, "verdict") == "✗ wrong, wanted 17"
    page.keyboard.press("Home")
    assert row(page, "verdict") == "not said: it is still reading"
    page.click("#error")
    assert where(page) == "6 of 8"
    page.keyboard.press("Home")
    page.keyboard.press("e")
    assert where(page) == "6 of 8"
    assert not show(traced()).locator("#error").is_visible()


def test_soft_and_rounded_stand_side_by_side_and_either_can_be_hidden(show):
    longer = replace(traced(wrong=1), rounded=True)
    shorter = replace(traced(), steps=traced().steps[:6])
    page = show(shorter, longer)
    boxes = [page.locator(f".panel[data-way={way}]").bounding_box() for way in ("soft", "rounded")]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    page.keyboard.press("End")
    assert where(page) == "8 of 8"
    assert row(page, "verdict") == "its answer has ended"
    assert row(page, "verdict", "rounded") == "✓ right"
    page.get_by_label("rounded", exact=True).check(force=True)
    assert [page.locator(f".panel[data-way={way}]").is_visible() for way in ("soft", "rounded")] == [False, True]
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", ["stack-lstm", "deque-lstm"])
def test_the_page_fits_a_phone(show, scheme, kind):
    found = watched(kind, tuple(range(30)))
    page = show(found, replace(found, rounded=True), viewport={"width": 375, "height": 740}, color_scheme=scheme)
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    boxes = [page.locator(f"#{name}").bounding_box() for name in ("first", "play", "last", "slider", "speed", "error")]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 375 for box in boxes)
    assert page.problems == []


def test_the_keyboard_alone_reaches_all_controls_and_shows_where_it_is(show):
    page = show(traced(wrong=1), replace(traced(), rounded=True))
    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName")
        )
    assert {"play", "next", "slider", "speed", "error", "showing"} <= set(seen)
    page.locator("#tape [aria-current]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "step"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_playing_ends_at_the_last_step(show):
    page = show(traced())
    page.clock.install()
    page.locator("#speed").select_option("5")
    page.locator("h1").click()
    page.keyboard.press(" ")
    assert page.locator("#play").text_content() == "pause"
    page.clock.run_for(1_000)
    assert where(page) == "6 of 8"
    page.clock.run_for(20_000)
    assert where(page) == "8 of 8"
    assert page.locator("#play").text_content() == "play"


CELLS = """(seconds) => {
  for (const one of document.getAnimations()) { one.pause(); one.currentTime = 1000 * seconds; }
  return [...document.querySelectorAll("[data-cell]")].filter((cell) => Number(getComputedStyle(cell).opacity) > 0.5)
    .map((cell) => cell.querySelector("text").textContent);
}"""


def test_the_moving_picture_shows_the_cells_of_each_step(browse, tmp_path):
    found = replace(traced(), decoded=(("S3", "5", "17", "99", *["7"] * 4),))
    (tmp_path / "stack.svg").write_text(drawn(found))
    page = browse(tmp_path / "stack.svg", reduced_motion="no-preference")
    assert page.evaluate(CELLS, 0) == []
    for number, step in enumerate(found.steps):
        seen = page.evaluate(CELLS, WAIT + (number + 0.95) * STEP)
        assert seen == [named(found.decoded[0][n]) for n, strength in enumerate(step.strengths) if strength]
    assert page.problems == []
    assert all(address.startswith("file:") for address in page.asked)


def test_the_readme_begins_with_the_moving_picture_which_is_small_and_asks_for_nothing():
    picture, readme = PLACE.read_text(), PLACE.parents[2] / "README.md"
    assert len(picture) < 200_000
    assert re.findall(r"(?:https?:)?//\w|url\(|@import|href", picture.replace("http://www.w3.org/2000/svg", "")) == []
    assert "prefers-color-scheme: dark" in picture
    assert "prefers-reduced-motion: reduce" in picture
    assert PLACE.relative_to(readme.parent).as_posix() in "".join(readme.read_text().splitlines()[:20])


CHANGES = """() => {
  const counts = [];
  const watcher = new MutationObserver(() => {});
  watcher.observe(document.body, { subtree: true, attributes: true, childList: true, characterData: true });
  for (let step = 1; step < stage.length; step += 7) {
    stage.show(step);
    counts.push(watcher.takeRecords().length);
  }
  return Math.max(...counts);
}"""


def test_a_step_is_as_little_work_at_300_symbols_as_at_30(show, record_property):
    """Its time is the machine's other work too, and noted only; asserted is how much of the page changes."""
    most = {}
    for length in (30, 300):
        found = traced(tuple(n % 100 for n in range(length)))
        page = show(found, replace(found, rounded=True))
        most[length] = page.evaluate(CHANGES)
        assert page.problems == []
    wall, work = seconds_of_steps(page)
    record_property("median seconds of a step", wall)
    record_property("seconds of work in a step", work)
    assert most[300] <= 1.1 * most[30]


STEPS = """(every) => {
  const took = [];
  for (let step = 0; step < stage.length; step += every) {
    const began = performance.now();
    stage.show(step);
    document.body.getBoundingClientRect(); // layout included
    took.push(performance.now() - began);
  }
  return took.sort((a, b) => a - b);
}"""


def seconds_of_steps(page, every=15):
    """Seconds of a step on the page: the median on the wall's clock, and the mean of what the page's thread worked."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked():
        return next(
            one["value"] for one in session.send("Performance.getMetrics")["metrics"] if one["name"] == "TaskDuration"
        )

    before = worked()
    took = page.evaluate(STEPS, every)
    return took[len(took) // 2] / 1e3, (worked() - before) / len(took)
