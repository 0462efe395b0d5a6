"""Writes the README's moving picture, docs/pictures/stack.svg: `python tests/moving_picture.py [RUN]`.

RUN is trained first where it is not there: `stack-lstm` on `reverse`, seed 1000. The picture is that net's own trace of
a short word: how strong cells are, what they hold by its output map, what is read, pushed, popped and said. It lives
here, beside `page_pictures`, since it is for the docs alone: nothing that is installed draws it.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast
from xml.sax.saxutils import escape

import pushpop

if TYPE_CHECKING:
    from pushpop.evaluation.trace import ListStep, Trace

PLACE = Path(__file__).parents[1] / "docs" / "pictures" / "stack.svg"
WORD = [5, 17, 99, 3, 64, 21]
STEP, MOVE, WAIT, HOLD = 0.8, 0.28, 0.4, 2.2  # seconds: a step, what moves in it, before the first, after the last
STILL = 8  # the step (or else the last) that is shown where readers want no motion
TONES = [("#56b4e9", "#14161a"), ("#e69f00", "#14161a"), ("#009e73", "#14161a"), ("#f0e442", "#14161a"),
         ("#0072b2", "#ffffff"), ("#d55e00", "#14161a"), ("#cc79a7", "#14161a")]  # fmt: skip
START = "S1"
SEEN = 5e-4  # a cell with less strength is empty to the eye
GREY = ("#b3b7be", "#14161a")
UNIT, FOOT, LEFT, WIDE = 26, 266, 34, 118  # of the pile: a whole cell's height, where it stands, how wide it is
RIGHT, CHIP = 262, 58  # where rows of symbols begin, and from one to the next
Tones: TypeAlias = dict[str, tuple[str, str]]  # of each symbol its colour and that of what is written on it
STYLE = """
svg { --page: #fbfaf7; --ink: #23262b; --soft: #63686f; --line: #dedcd5; --push: #0072b2; --pop: #d55e00; }
@media (prefers-color-scheme: dark) {
  svg { --page: #14161a; --ink: #e6e4df; --soft: #9ea3ab; --line: #343941; --push: #55b0ea; --pop: #ff8a3d; }
}
text { font: 15px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink);
  font-variant-numeric: tabular-nums; }
.name { fill: var(--soft); font-size: 13px; } .big { font-size: 17px; font-weight: 600; }
.in { text-anchor: middle; dominant-baseline: central; font-weight: 600; }
.card { fill: var(--page); stroke: var(--line); } .line { stroke: var(--line); stroke-width: 1.5; fill: none; }
.bar { transform-origin: 0 0; transform-box: fill-box; }
.cell { transform-origin: 0 100%; transform-box: fill-box; }
"""


@dataclass
class Film:
    """The styles of what moves, by the steps of a trace."""

    steps: int
    rules: list[str]

    @property
    def seconds(self) -> float:
        return WAIT + self.steps * STEP + HOLD

    def moves(self, before: str, states: Sequence[str]) -> str:
        """The attributes of an element whose style is `before` until the first step, and then that of each step."""
        name = f"m{len(self.rules)}"
        frames, now = [f"0%{{{before}}}"], before
        for step, state in enumerate(states):
            if state != now:
                begin = WAIT + step * STEP
                frames += [f"{self.at(begin)}{{{now}}}", f"{self.at(begin + MOVE)}{{{state}}}"]
                now = state
        frames += [f"{self.at(self.seconds - MOVE)}{{{now}}}", f"100%{{{before}}}"]
        self.rules.append(f"@keyframes {name} {{ {' '.join(frames)} }}")
        still = states[min(STILL, len(states) - 1)]
        self.rules.append(f"#{name} {{ {still}; animation: {name} {self.seconds:.1f}s ease-in-out infinite; }}")
        return f'id="{name}"'

    def at(self, seconds: float) -> str:
        return f"{100 * seconds / self.seconds:.2f}%"


def drawn(trace: "Trace") -> str:
    """The picture of a stack's trace, as SVG."""
    steps = cast("Sequence[ListStep]", trace.steps)
    film = Film(len(steps), [])
    tones = {str(symbol): TONES[n % len(TONES)] for n, symbol in enumerate(dict.fromkeys(trace.word))}
    parts = [
        '<rect width="720" height="300" rx="10" class="card"/>',
        *pile(film, steps, trace.decoded[0], tones),
        *tape(film, steps, tones),
        *meters(film, steps),
    ]
    said = " ".join(map(str, trace.said))
    about = f"A stack-lstm reads {' '.join(map(str, trace.word))}, pushing every symbol, and says {said}, popping them."
    style = STYLE + "\n".join(film.rules)
    still = "@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 722 302" role="img" aria-label="{escape(about)}">'
        f"<title>{escape(about)}</title>\n<style>{style}\n{still}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def pile(film: Film, steps: Sequence["ListStep"], held: Sequence[str], tones: Tones) -> list[str]:
    """The cells, each where it lies and as high as it is strong; beside each how much of it is read."""
    found = [
        f'<path class="line" d="M{LEFT - 8} {FOOT + 1}h{WIDE + 16}"/>',
        f'<text class="name" x="{LEFT + WIDE / 2}" y="{FOOT + 21}" text-anchor="middle">the stack</text>',
    ]
    for cell, symbol in enumerate(held):
        strengths = [(*step.strengths, *[0.0] * len(held))[cell] for step in steps]
        weights = [(*step.weights, *[0.0] * len(held))[cell] for step in steps]
        if max(strengths) < SEEN:
            continue
        first = next(n for n, strength in enumerate(strengths) if strength >= SEEN)
        places, sizes = list[str](), list[str]()
        for n in range(len(steps)):
            there = strengths[n] >= SEEN
            lies = sum(steps[max(n, first)].strengths[:cell]) + (0 if there else 1.2)  # it comes from above, and goes
            places.append(f"transform: translateY({-UNIT * lies:.1f}px); opacity: {int(there)}")
            sizes.append(f"transform: scaleY({strengths[n] if there else 1:.3f})")
        middle, (tone, ink) = FOOT - UNIT / 2, tones.get(symbol, GREY)
        found += [
            f'<g data-cell="{cell}" {film.moves(above(places[0]), places)}>',
            (
                f'<rect class="cell" x="{LEFT}" y="{FOOT - UNIT + 1}" width="{WIDE}" height="{UNIT - 2}" rx="4" '
                f'fill="{tone}" {film.moves(sizes[0], sizes)}/>'
            ),
            f'<text class="in" x="{LEFT + WIDE / 2}" y="{middle}" style="fill: {ink}">{named(symbol)}</text>',
            f"<g {film.moves('opacity: 0', [f'opacity: {weight:.2f}' for weight in weights])}>",
            f'<path d="M{LEFT + WIDE + 7} {middle}l9 -6v12z" fill="var(--ink)"/>',
            f'<text class="name" x="{LEFT + WIDE + 21}" y="{middle + 4.5}">read</text></g></g>',
        ]
    return found


def above(place: str) -> str:
    """A cell's style before it is pushed."""
    return place.replace("opacity: 1", "opacity: 0")


def tape(film: Film, steps: Sequence["ListStep"], tones: Tones) -> list[str]:
    """What is fed, symbol by symbol, and below it what is said."""
    found = [f'<text class="name" x="{RIGHT}" y="{y}">{name}</text>' for name, y in (("reads", 44), ("says", 124))]
    rows = [("reading", 56, [step.fed for step in steps]), ("writing", 136, [step.predicted for step in steps])]
    for phase, top, symbols in rows:
        own = [n for n, step in enumerate(steps) if step.phase == phase and symbols[n] != START]
        for place, n in enumerate(own):
            tone, ink = tones.get(symbols[n], GREY)
            x, before = RIGHT + CHIP * place, "opacity: 0.4" if phase == "reading" else "opacity: 0"
            seen = [before if step < n else "opacity: 1" for step in range(len(steps))]
            now = [f"opacity: {int(step == n)}" for step in range(len(steps))]
            found.append(
                f'<g {film.moves(before, seen)}><rect x="{x}" y="{top}" width="{CHIP - 8}" height="32" rx="6" '
                f'fill="{tone}"/><text class="in" x="{x + CHIP / 2 - 4}" y="{top + 16}" style="fill: {ink}">'
                f"{named(symbols[n])}</text></g>"
            )
            found.append(
                f'<rect x="{x - 3}" y="{top - 3}" width="{CHIP - 2}" height="38" rx="8" fill="none" '
                f'stroke="var(--ink)" stroke-width="2" {film.moves("opacity: 0", now)}/>'
            )
    return found


def meters(film: Film, steps: Sequence["ListStep"]) -> list[str]:
    """How much is pushed and popped at each step, as bars and as numbers."""
    found = []
    for name, y in (("push", 206), ("pop", 238)):
        amounts = [getattr(step, name) for step in steps]
        bars = [f"transform: scaleX({amount:.3f})" for amount in amounts]
        found += [
            f'<text x="{RIGHT}" y="{y + 13}">{name}</text>',
            f'<rect class="line" x="{RIGHT + 48}" y="{y}" width="200" height="16" rx="3"/>',
        ]
        found.append(
            f'<rect class="bar" x="{RIGHT + 48}" y="{y}" width="200" height="16" rx="3" fill="var(--{name})" '
            f"{film.moves('transform: scaleX(0)', bars)}/>"
        )
        for value in dict.fromkeys(f"{amount:.3f}" for amount in amounts):
            shown = [f"opacity: {int(f'{amount:.3f}' == value)}" for amount in amounts]
            found.append(f'<text x="{RIGHT + 260}" y="{y + 13}" {film.moves("opacity: 0", shown)}>{value}</text>')
    return found


def named(symbol: str) -> str:
    """A mark by what it is for."""
    return escape({"S1": "start", "S2": "|", "S3": "end"}.get(symbol, symbol))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "run"
        if not run.exists():
            pushpop.train("reverse", seed=1000, run=run)
        PLACE.write_text(drawn(pushpop.load(run).trace(WORD)), encoding="utf-8")
    print(f"{PLACE}: {PLACE.stat().st_size / 1e3:.0f} kB")
