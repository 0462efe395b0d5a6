"""The page that holds a network: its JavaScript against torch, and what a reader can do with it."""

import itertools
import json
import random
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from page_pictures import PICTURES, PLACE

from pushpop.errors import PushpopError, WordError
from pushpop.evaluation.trace import trace
from pushpop.experiments.answering import TrainedWords
from pushpop.models.catalogue import MODELS, build
from pushpop.reporting.play_page import described, drawn, write_play
from pushpop.reporting.trace_page import way
from pushpop.tasks.binary import BaumSweet
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.encoding import END, NO_SEPARATOR, SEPARATOR, START, vocabulary
from pushpop.tasks.formal.regular import ModularArithmetic
from pushpop.tasks.strings import BigramFlip, Copy, Reverse
from pushpop.tasks.task import Transduction, WordTask
from pushpop.tasks.words import words_of

MEMORIES = {"stack": "Stack", "queue": "Queue", "deque": "DeQue"}
NINE = Reverse(symbols=9, shortest=1, longest=6, test_shortest=7, test_longest=9)
CODES = vocabulary(9)


def net(kind, seed=1, task=NINE, **settings):
    chosen = MODELS[kind].settings(**{"hidden": 8, "memory": 5, "embedding": 6, "engine": "eager", **settings})
    model = build(kind, chosen, vocabulary(task.symbols), SEPARATOR, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():  # biases too: all of them must be in their places
        for weights in model.parameters():
            weights += 0.5 * torch.randn(weights.shape, generator=generator)
    return model.eval()


def reverser():
    """A net by hand: h is a symbol's code, which is pushed as it is and read by the output; the first cell says END."""
    chosen = {"hidden": CODES, "memory": CODES, "embedding": CODES, "embeddings": "shared", "engine": "eager"}
    model = build("stack-rnn", MODELS["stack-rnn"].settings(**chosen), CODES, SEPARATOR, 1)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        code = torch.eye(CODES)
        for weights in (model.controller.embedding[0], model.controller.symbol[0], model.interface.value):
            weights.copy_(code)
        model.output.weight[:, CODES:] = 20 * code
        model.output.weight[[START, END], CODES + START] = torch.tensor([0.0, 20.0])
        model.interface.strength_bias.copy_(torch.tensor([[5.0, -5.0], [-5.0, 5.0]]))
        model.interface.strength[1, SEPARATOR] = -20.0  # nothing is popped at the separator
    return model.eval()


def trained(model, task=NINE, kind="reverse"):
    settings = SimpleNamespace(task=SimpleNamespace(kind=kind))
    return TrainedWords(path=None, settings=settings, task=task, model=model, metrics=None)


@pytest.fixture
def play(browse, tmp_path):
    """play(trained, **context) opens its page and waits for its first word."""

    def play(given, **context):
        page = browse(write_play(given, tmp_path / "play.html"), **context)
        page.wait_for_function("stage.data !== null")
        return page

    return play


def ask(page, text):
    """Type a word, press Enter, and wait until it is answered or refused."""
    before = page.evaluate("play.asked")
    page.locator("#own").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_function("before => play.asked > before && !at('progress').textContent.includes('%')", arg=before)


def line(page, name):
    return page.locator(f"#words dt:text-is('{name}') + dd").text_content()


def settings_of(kind):
    """Every choice that the page's network knows, each at least once with each kind of controller."""
    pairs = [
        {},
        {"cells": "per-phase", "layers": 2, "cell_biases": 2, "margin": 0.0},
        {"embedding": 0, "wiring": "delayed", "biases": "shared", "initial": "zero"},
        {"embedding": 0, "cells": "per-phase", "embeddings": "shared", "output": 7, "layers": 3},
        {"embeddings": "shared", "output": 7, "wiring": "delayed", "cells": "per-phase", "margin": 0.1},
    ]
    return [(kind, seed, chosen) for seed, chosen in enumerate(pairs)]


STEPS = """({nets, symbols, rounded}) => nets.map((net) => {
  const network = new Network(net);
  const state = network.start();
  return symbols.map((symbol) => {
    const { scores, actions } = network.step(state, symbol, rounded);
    return [...scores, ...actions.flatMap(({ push, pop, value }) => [push, pop, ...value]), ...state.read];
  });
})"""


def stepped(model, symbols, rounded):
    """The same numbers as `STEPS` gives, from torch."""
    state, rows = model.state(1), []
    with torch.no_grad():
        for symbol in symbols:
            state, scores, seen = model.watch(state, torch.tensor([symbol]), rounded=rounded)
            hands = zip(seen.action.push[0], seen.action.pop[0], seen.action.value[0], strict=True)
            done = [torch.cat([push[None], pop[None], value]) for push, pop, value in hands]
            rows.append(torch.cat([scores[0], *done, seen.read[0]]))
    return torch.stack(rows)


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_pages_network_is_torchs(play, memory):
    """In float32 to 1e-5; in double precision, as the page computes, to the last digits."""
    page = play(trained(reverser()))
    cases = [case for cell in ("rnn", "lstm", "gru") for case in settings_of(f"{memory}-{cell}")]
    models = [net(kind, seed, **chosen) for kind, seed, chosen in cases]
    symbols = [START, 5, 7, 5, 3, 11, 4, SEPARATOR, 4, 11, 3, 7, 8, 5, 0, 2]
    for rounded in (False, True):
        given = {"nets": [described(model, MEMORIES[memory], SEPARATOR) for model in models], "symbols": symbols}
        found = page.evaluate(STEPS, {**given, "rounded": rounded})
        for case, model, rows in zip(cases, models, found, strict=True):
            made = torch.tensor(rows, dtype=torch.float64)
            for dtype, near in ((torch.float64, 1e-9), (torch.float32, 1e-5)):
                gap = (made - stepped(model.to(dtype), symbols, rounded).double()).abs().max().item()
                assert gap <= near, f"{case}, rounded {rounded}, {dtype}: {gap}"
    assert page.problems == []


def close(found, wanted, place=""):
    """Nested plain data, numbers to the places that a trace page keeps."""
    if isinstance(wanted, float):
        assert found == pytest.approx(wanted, abs=6e-5), place
    elif isinstance(wanted, dict):
        assert found.keys() >= wanted.keys(), place
        for name in wanted:
            close(found[name], wanted[name], f"{place}.{name}")
    elif isinstance(wanted, list | tuple):
        assert len(found) == len(wanted), place
        for n, pair in enumerate(zip(found, wanted, strict=True)):
            close(*pair, f"{place}[{n}]")
    else:
        assert found == wanted, place


def whole(way):
    """A way with each cell's strengths spelled out step by step: rounding may merge two changes that are as good as
    none."""
    cells = []
    for cell in way["cells"]:
        strengths = dict(map(tuple, cell["strengths"]))
        grown = itertools.accumulate(range(len(way["steps"])), lambda last, n, s=strengths: s.get(n, last), initial=0.0)
        cells.append({**cell, "strengths": [float(s) for s in grown][1:]})
    return {**way, "cells": cells}


@pytest.mark.parametrize("kind", ["stack-lstm", "queue-gru", "deque-rnn"])
def test_an_answer_in_the_page_is_the_one_of_a_trace(play, kind):
    model, word = net(kind, seed=4), [1, 2, 3, 8, 1, 1, 4]
    page = play(trained(model))
    ask(page, " ".join(map(str, word)))
    shown = page.evaluate("stage.data")
    hand = page.evaluate("play.task.hand")
    for rounded, found in zip((False, True), shown["ways"], strict=True):
        wanted = json.loads(json.dumps(way(trace(model, NINE, word, rounded=rounded), hand)))
        close(whole(found), whole(wanted))
    assert shown["wanted"] == [str(symbol) for symbol in reversed(word)]


@pytest.mark.parametrize(("kind", "task"), [("reverse", Reverse()), ("copy", Copy()), ("bigram-flip", BigramFlip())])
def test_the_right_answers_that_the_page_knows_are_the_tasks(play, kind, task):
    page = play(trained(reverser()))
    for word in ([5, 17, 99, 3], [1, 2], [7, 7, 8, 9, 10, 11]):
        assert (
            page.evaluate("([kind, word]) => ANSWERS[kind](word)", [kind, word])
            == task.answer(task.check(word)).tolist()
        )


def test_a_typed_word_is_answered_and_its_reversal_can_be_read_off_the_page(play):
    page = play(trained(reverser()))
    ask(page, "5, 1 7  8")
    assert line(page, "says, soft") == "✓ right 8 7 1 5"
    assert line(page, "says, rounded") == "✓ right 8 7 1 5"
    page.keyboard.press("Tab")
    page.locator("#tape button").nth(4).click()
    blocks = page.locator(".panel[data-way=rounded] .cell:not(.gone) .block span")
    assert sorted(blocks.all_text_contents()) == ["1", "5", "7", "8", "S3"], "the first cell holds the end"
    assert all(address.startswith(("file:", "data:")) for address in page.asked)
    assert page.problems == []


def test_the_keyboard_alone_reaches_all_of_it(play):
    page = play(trained(reverser()))
    page.locator("h1").click()
    seen = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.name"))
        if seen == ["own"]:
            page.keyboard.press("Control+a")
            page.keyboard.type("3 1 2")
            page.keyboard.press("Enter")
    assert [name for name in dict.fromkeys(seen) if name in ("own", "draw", "length")] == ["own", "draw", "length"]
    assert {"showing", "play", "next", "slider", "speed"} <= set(seen)
    page.wait_for_function("stage.data.word.length === 3")
    assert line(page, "says, soft") == "✓ right 2 1 3"


NO_WORDS = [
    ("", "The word is empty. Give 1 symbol or more, such as "),
    ("1 2 x9 3", "Symbol 3 is “x9”, which the network does not know. Symbols are whole numbers from 0 to 8"),
    ("1, 9", "Symbol 2 is “9”, which the network does not know."),
    ("1 -2", "Symbol 2 is “-2”"),
    ("1,,2", "Symbol 2 is “”"),
    (
        "1 " * 100_000,
        "100,000 symbols are too many to watch here. Give 1,000 or fewer; the command pushpop predict",
    ),
    ("7" * 100_000, "Symbol 1 is “777777777777777777777…”"),
    ("<b>1</b>", "Symbol 1 is “<b>1</b>”"),
]


def test_what_is_no_word_is_answered_in_the_page_and_a_better_one_goes_on(play):
    page = play(trained(reverser()))
    for text, says in NO_WORDS:
        page.locator("#own").evaluate("(field, text) => { field.value = text; }", text)
        page.locator("#ask button[type=submit]").click()
        assert page.locator("#refusal").text_content().startswith(says)
        assert page.evaluate("document.activeElement.id") == "own"
        assert page.locator("#own").get_attribute("aria-invalid") == "true"
        ask(page, "3 4")
        assert page.locator("#refusal").text_content() == ""
        assert line(page, "says, soft") == "✓ right 4 3"
    assert page.problems == []


def test_words_are_drawn_of_the_length_asked_for(play):
    page = play(trained(reverser()))
    for length, says in (("0", "0 is no length"), ("1001", "1001 is no length"), ("", "Nothing is no length")):
        page.locator("#length").fill(length)
        page.click("#draw")
        assert page.locator("#refusal").text_content().startswith(says)
    page.locator("#length").fill("37")
    page.click("#draw")
    page.wait_for_function("stage.data.word.length === 37")
    assert line(page, "says, soft").startswith("✓ right")


WRITTEN = {kind: found for kind, found in TASKS.items() if issubclass(found.settings, Transduction)}
FORMED = [kind for kind, found in WRITTEN.items() if found.settings.check is not WordTask.check]
SEVERAL = {"svo-sov": "si1 vi1 oi1 rpi", "gender": "the a me1 fe2 ne3 we4 or and"}  # symbols of all kinds, of many


def attempts(kind):
    """Words, words with a symbol changed, put in or taken out, words wrapped up in their ends, all short rows."""
    task = TASKS[kind].settings()
    symbols = (
        [task.names.index(name) for name in SEVERAL[kind].split()] if kind in SEVERAL else range(task.symbols)[:12]
    )
    longest = next(n for n in range(7, 0, -1) if len(symbols) ** n < 700)
    found = [list(word) for n in range(1, longest + 1) for word in itertools.product(symbols, repeat=n)]
    generator = random.Random(kind)
    for word in words_of(task, (5, 30), 40):
        good = word.tolist()
        at, other = generator.randrange(len(good)), generator.choice(symbols)
        found += [good, good[:at] + good[at + 1 :], [good[0], *good, good[-1]]]
        found += [[*good[:at], other, *good[at + 1 :]], [*good[:at], other, *good[at:]]]
    return task, [word for word in found if word]


def accepted(task, word):
    try:
        task.check(word)
    except WordError:
        return False
    return True


def test_the_pages_rules_are_the_tasks(play):
    page = play(trained(reverser()))
    assert page.evaluate("Object.keys(RULES).sort()") == sorted(FORMED)
    for kind in FORMED:
        task, words = attempts(kind)
        given = {"names": task.names, "symbols": task.symbols}
        holds = page.evaluate("([k, task, words]) => words.map((w) => RULES[k].holds(w, task))", [kind, given, words])
        wanted = [accepted(task, word) for word in words]
        assert True in wanted
        assert False in wanted
        assert [word for word, a, b in zip(words, holds, wanted, strict=True) if a != b] == [], kind


def test_what_is_no_word_of_the_task_is_said_and_words_are_drawn_by_its_own_law(play):
    task = ModularArithmetic()
    page = play(trained(net("stack-lstm", task=task), task, "modular-arithmetic"))
    assert "Symbols are 0 1 2 3 4 + - *; put" in page.locator("#rule").text_content()
    for text, says in (
        ("3 5 4", "Symbol 2 is “5”, which the network does not know. Symbols are 0 1 2 3 4 + - *, with spaces"),
        ("3 + 04", "Symbol 3 is “04”"),
        (
            "3 +",
            "This is no word of modular-arithmetic: digits 0 to 4 and operators take turns, a digit first and last.",
        ),
    ):
        ask(page, text)
        assert page.locator("#refusal").text_content().startswith(says)
    ask(page, "3 + 4")
    assert line(page, "word") == "3 + 4"
    page.locator("#length").fill("12")
    page.click("#draw")
    page.wait_for_function("stage.data.word.length > 3")
    found = page.evaluate("stage.data.word")
    assert len(task.check(found)) in (11, 13)
    told = f"{len(found)} symbols answered; of the words in this page none is nearer to 12"
    page.wait_for_function("told => at('progress').textContent === told", arg=told)
    assert page.problems == []


@pytest.mark.parametrize("kind", WRITTEN)
def test_words_in_the_page_are_the_tasks_and_of_many_lengths(kind):
    task = TASKS[kind].settings()
    words = drawn(task)
    if kind in ("reverse", "copy"):
        assert words is None
        return
    assert all(accepted(task, word) for word in words)
    lengths = sorted({len(word) for word in words})
    assert lengths[0] <= 5
    assert 900 < lengths[-1] <= 1000
    assert all(b - a <= 2 + 0.12 * a for a, b in itertools.pairwise(lengths))


class Even(Reverse):
    """Somebody's own task: words whose first symbol is even."""

    def check(self, word, place="word"):
        found = super().check(word, place)
        if found[0] % 2:
            raise WordError(f"{place}: odd")
        return found

    def word(self, draws, length):
        return draws.below(self.symbols // 2, length) * 2


def test_of_a_task_whose_rule_the_page_does_not_know_it_says_so(play):
    task = Even(symbols=9, shortest=1, longest=6, test_shortest=7, test_longest=9)
    page = play(trained(net("stack-lstm"), task, "evens"))
    assert "Which words are those of evens this page cannot tell" in page.locator("#rule").text_content()
    assert {symbol % 2 for word in page.evaluate("play.task.drawn") for symbol in word} == {0}


def test_an_answer_that_never_ends_is_cut_off_and_said_to_be(play):
    model = reverser()
    with torch.no_grad():
        model.output.weight[END] = -100.0
    page = play(trained(model, kind="something-else"))
    ask(page, "1 2")
    assert line(page, "says, soft").endswith(" … cut off after 18 symbols: it had not ended its answer")
    page = play(trained(reverser(), kind="something-else"))
    ask(page, "1 2")
    assert line(page, "says, soft") == "2 1"


class Named(Reverse):
    """Reversal of three symbols with names, other ones in answers."""

    names = ("ape", "bee", "cat")
    answer_names = ("Affe", "Biene", "Katze")


def test_symbols_with_names_are_typed_and_shown_by_them(play):
    task = Named(symbols=3, shortest=1, longest=4, test_shortest=5, test_longest=6)
    page = play(trained(net("stack-lstm", task=task), task=task, kind="something-else"))
    ask(page, "cat ape 1")
    assert line(page, "word") == "cat ape bee"
    assert page.locator("#words dt").all_text_contents() == ["word", "says, soft", "says, rounded"]
    assert set(line(page, "says, soft").split()) <= {"Affe", "Biene", "Katze", "S1", "S2", "nothing"}
    ask(page, "dog")
    assert "Symbols are ape, bee, cat (or their numbers, 0 to 2)" in page.locator("#refusal").text_content()
    assert page.problems == []


def test_a_word_of_300_symbols_is_answered_and_the_last_one_typed_is_the_one_shown(play):
    page = play(trained(reverser()))
    page.evaluate("(text) => { play.watch(text); play.watch('1 2 3'); }", "4 5 " * 400)
    page.wait_for_function("stage.data.word.length === 3")
    ask(page, " ".join(str(n % 9) for n in range(300)))
    assert page.evaluate("stage.data.ways.map((way) => way.error)") == [None, None]
    page.keyboard.press("End")  # in the field, where it is the field's
    assert page.evaluate("stage.current") == 0
    page.locator("#next").click()
    page.keyboard.press("End")
    assert page.evaluate("stage.current") == 601
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(play, scheme):
    page = play(trained(reverser()), viewport={"width": 375, "height": 740}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    boxes = [page.locator(f"#{name}").bounding_box() for name in ("own", "draw", "length", "play", "slider", "speed")]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 375 for box in boxes)


def test_the_page_of_the_default_network_is_smaller_than_a_megabyte(tmp_path):
    task = Reverse()
    model = build("stack-lstm", MODELS["stack-lstm"].settings(), vocabulary(128), SEPARATOR, 1)
    assert write_play(trained(model, task), tmp_path / "play.html").stat().st_size < 1e6


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("lstm", "^play: EncoderDecoder has no memory"),
        ("superposition-lstm", "^play: Superposition has no page yet; `pushpop trace --json` has all"),
    ],
)
def test_a_network_that_the_page_cannot_run_is_refused_in_one_line(tmp_path, kind, says):
    model = build(kind, MODELS[kind].settings(hidden=4), vocabulary(9), SEPARATOR, 1)
    with pytest.raises(PushpopError, match=says):
        write_play(trained(model), tmp_path / "play.html")
    assert not (tmp_path / "play.html").exists()


def test_a_network_that_says_classes_is_refused_as_that():
    task = BaumSweet()
    model = build("stack-lstm", MODELS["stack-lstm"].settings(hidden=4), vocabulary(2), NO_SEPARATOR, 1, task.classes)
    rule = "^play: baum-sweet has classes and no answers that are written; `pushpop predict` says its classes"
    with pytest.raises(PushpopError, match=rule):
        write_play(trained(model, task, "baum-sweet"), Path("play.html"))


def test_a_network_too_large_for_a_page_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("pushpop.reporting.play_page.MOST_WEIGHTS", 1000)
    with pytest.raises(PushpopError, match=r"^play: [\d,]+ weights are too many for a page; a page holds 1,000; give"):
        write_play(trained(net("stack-lstm", hidden=20)), tmp_path / "play.html")


def test_the_squashing_of_strengths_is_stretched_by_its_margin_and_clipped(play):
    page = play(trained(reverser()))
    for margin, logit in itertools.product((0.0, 0.1, 0.5), (-9.0, -1.0, 0.0, 2.5, 9.0)):
        wanted = min(1.0, max(0.0, (1 + 2 * margin) * torch.tensor(logit).double().sigmoid().item() - margin))
        assert page.evaluate("([x, m]) => squash(x, m)", [logit, margin]) == pytest.approx(wanted, abs=1e-12)


def test_the_pictures_in_the_docs_are_those_that_the_script_takes():
    assert {path.name for path in PLACE.glob("*-*-*.png")} == {f"{picture.name}.png" for picture in PICTURES}
    assert all((PLACE / f"{picture.name}.png").stat().st_size < 60_000 for picture in PICTURES)
