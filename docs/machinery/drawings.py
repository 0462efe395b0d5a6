"""The pictures of the page on the idea, drawn from the memories themselves: `python docs/machinery/drawings.py`.

Each is an SVG of its own colours, light or dark as its reader's machine is; the tests hold the files to this code.
"""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import torch

from pushpop.memory import Queue, Stack
from pushpop.memory.lists import OneHanded
from pushpop.models.interface import saturating

PLACE = Path(__file__).parents[1] / "pictures"
STEPS = [(1.0, 0.8, 0.0), (2.0, 0.5, 0.1), (3.0, 0.9, 0.9)]  # value, push, pop: figure 1 of the paper
TONES = ["#56b4e9", "#e69f00", "#cc79a7"]  # with #14161a upon them
UNIT, WIDE, LEFT, APART = 66, 70, 130, 190  # of a pile: a strength of 1, how wide, where the first is, and the next
STYLE = """
svg { --page: #fbfaf7; --ink: #23262b; --soft: #63686f; --line: #dedcd5; --a: #0072b2; --b: #d55e00; --c: #008f68; }
@media (prefers-color-scheme: dark) {
  svg { --page: #14161a; --ink: #e6e4df; --soft: #9ea3ab; --line: #343941; --a: #55b0ea; --b: #ff8a3d; --c: #3fc79a; }
}
text { font: 15px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink); }
.soft { fill: var(--soft); font-size: 13px; } .on { fill: #14161a; text-anchor: middle; dominant-baseline: central; }
.strong { font-weight: 600; } .mid { text-anchor: middle; } .end { text-anchor: end; }
.card { fill: var(--page); stroke: var(--line); } .line { stroke: var(--line); fill: none; }
path { fill: none; stroke-width: 2.5; }
"""


def svg(width: int, height: int, told: str, parts: Sequence[str]) -> str:
    """A picture on its card, with what it shows in words."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {height + 2}" role="img"'
    card = f'<rect class="card" width="{width}" height="{height}" rx="8"/>'
    said = escape(told)
    return "\n".join(
        [f'{head} aria-label="{said}"><title>{said}</title>', f"<style>{STYLE}</style>", card, *parts, "</svg>\n"]
    )


def text(x: float, y: float, said: str, names: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{names}">{escape(said)}</text>'


def piles() -> str:
    """A stack and a queue that are told the same three steps."""
    parts = ['<rect x="18" y="18" width="6" height="30" rx="3" fill="var(--c)"/>', text(32, 38, "is read", "soft")]
    for n, (value, push, pop) in enumerate(STEPS):
        parts += [text(LEFT + WIDE / 2 + APART * n, 30, f"pop {pop}", "soft mid")] if pop else []
        parts.append(text(LEFT + WIDE / 2 + APART * n, 48, f"push {value:.0f} with {push}", "soft mid"))
    for foot, kind in ((170, Stack), (318, Queue)):
        parts += [text(18, foot - 4, kind.__name__, "strong"), f'<path class="line" d="M{LEFT - 24} {foot}H640"/>']
        memory = kind.empty(batch=1, width=1, dtype=torch.float64)
        for n, step in enumerate(STEPS):
            value, push, pop = (torch.tensor([number], dtype=torch.float64) for number in step)
            memory = memory.pop(pop).push(value[None], push)
            parts += pile(memory, LEFT + APART * n, foot)
    told = "A stack and a queue after each of three steps: blocks as high as their strengths, and what is read of them."
    return svg(660, 352, told, parts)


def pile(memory: OneHanded, left: float, foot: float) -> list[str]:
    """Its cells, the oldest lowest, and beside each the part of it that is read."""
    parts, top = list[str](), foot
    rows = zip(memory.strengths[0].tolist(), memory.weights()[0].tolist(), strict=True)
    for tone, (strength, weight) in zip(TONES, rows, strict=False):
        height, read = UNIT * strength, UNIT * weight
        top -= height
        if height:
            block = f'<rect x="{left}" y="{top:.1f}" width="{WIDE}" height="{height:.1f}" rx="3" fill="{tone}"/>'
            parts += [block, text(left + WIDE / 2, top + height / 2, f"{strength:.1f}", "on")]
        if read:
            begin = top if isinstance(memory, Stack) else top + height - read
            bar = f'y="{begin + 1:.1f}" width="6" height="{read - 2:.1f}" rx="3" fill="var(--c)"'
            parts.append(f'<rect x="{left + WIDE + 8}" {bar}/>')
    said = f"read {memory.read().item():.1f}"
    return [*parts, text(left + WIDE / 2, foot + 20, said, "strong mid")]


def chart(
    told: str, lines: dict[str, Callable[[float], float]], x: Sequence[float], y: tuple[float, float], axes: list[str]
) -> str:
    """Lines over `x`, labelled where they end; `axes` has what stands left, right, below, and at both ends of y."""
    left, right, top, foot = 64, 470, 24, 210
    low, high = y

    def at(number: float, value: float) -> str:
        across = left + (right - left) * (number - x[0]) / (x[-1] - x[0])
        return f"{across:.1f} {foot - (foot - top) * (value - low) / (high - low):.1f}"

    parts = [f'<path class="line" d="M{left} {top}V{foot}H{right}"/>']
    parts += [text(left, foot + 20, axes[0], "soft mid"), text(right, foot + 20, axes[1], "soft mid")]
    parts += [text((left + right) / 2, foot + 20, axes[2], "soft mid")]
    parts += [text(left - 8, foot, axes[3], "soft end"), text(left - 8, top + 5, axes[4], "soft end")]
    above = 0.0
    for tone, (name, value) in zip("abc", lines.items(), strict=False):  # the highest at its end comes first
        points = [at(number, value(number)) for number in x]
        parts.append(f'<path stroke="var(--{tone})" d="M{"L".join(points)}"/>')
        above = max(above + 20, float(points[-1].split()[1]) + 5)
        parts.append(text(right + 10, above, name).replace("<text", f'<text style="fill:var(--{tone})"'))
    return svg(660, 250, told, parts)


def drift() -> str:
    """By how much the value that is read is not the one whose turn it is, after so many pops."""
    found = {
        f"push {push}, pop {pop}": off(push, pop, 101) for push, pop in ((0.99, 0.98), (0.99, 0.985), (0.99, 0.99))
    }
    lines = {name: lambda n, row=row: row[int(n)] for name, row in found.items()}
    told = "How far the value read is from the one that is wanted: it grows with every pop where push and pop differ."
    return chart(told, lines, range(0, 101, 4), (0, 1), ["0", "100", "pops", "0", "1 cell"])


def off(push: float, pop: float, count: int) -> list[float]:
    """Values 1, 2, ... are pushed, then popped: by how much each value read is off, after 0, 1, ... pops."""
    pushed = 2 * count
    values = torch.arange(1, pushed + 1, dtype=torch.float64).reshape(1, pushed, 1)
    stack, found = Stack.of(values, torch.full((1, pushed), push, dtype=torch.float64)), list[float]()
    first = pushed - stack.read().item()  # a push of 0.99 lets a little of the value below be read from the start
    for popped in range(count):
        found.append(abs(pushed - popped - stack.read().item() - first))
        stack = stack.pop(torch.tensor([pop], dtype=torch.float64))
    return found


def margins() -> str:
    """A push or pop by its logit, with three margins."""
    lines = {
        f"margin {margin:g}": lambda x, margin=margin: saturating(torch.tensor(x, dtype=torch.float64), margin).item()
        for margin in (1.0, 0.5, 0.0)
    }
    told = "The sigmoid, and the same stretched by margins of 0.5 and 1 and cut off at 0 and 1, which it reaches."
    return chart(told, lines, [n / 10 for n in range(-30, 31)], (0, 1), ["-3", "3", "logit", "0", "1"])


DRAWINGS = {"three-steps": piles, "drift": drift, "margin": margins}

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        (PLACE / f"{name}.svg").write_text(draw(), encoding="utf-8")
