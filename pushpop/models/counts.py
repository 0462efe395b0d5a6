"""How many numbers a model trains, by formula: term by term, from its settings alone.

V symbols, E numbers a symbol becomes (one-hot: V), H hidden units, K outputs, L layers, O units of a layer between, R
numbers in what is read from a memory, W in a value, A ends of a list, S stacks; P, Q and F: sets of cells, of
embeddings and of biases (1, or 2 where they are per phase).
"""

from typing import NamedTuple

from pushpop.models.catalogue import CLASSIFYING, ModelSettings
from pushpop.models.language_settings import LanguageSettings
from pushpop.models.settings import (
    ClassifierSettings,
    ControllerSettings,
    MemorySettings,
    RecurrentSettings,
    SuperpositionSettings,
)
from pushpop.models.transformer_settings import AttentionSettings

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
CELL = {  # of classifiers: formula, and how often E H, H H and H are in it
    "rnn": ("E H + H H + H", (1, 1, 1)),
    "lstm": ("4 (E H + H H + H)", (4, 4, 4)),
    "bilstm": ("8 (E H + H H + H)", (8, 8, 8)),
    "gru": ("3 (E H + H H + 2 H)", (3, 3, 6)),
    "peephole-lstm": ("4 (E H + H H + H) + 3 H", (4, 4, 7)),
    "uva-gru": ("3 (E H + H H)", (3, 3, 0)),
    "uva-peephole": ("3 (E H + H H + H) + E H + H", (4, 3, 4)),
}


class Term(NamedTuple):
    """A part of a model, its formula, and what that comes to."""

    part: str
    formula: str
    count: int


def terms(kind: str, settings: ModelSettings, vocabulary: int, outputs: int) -> list[Term]:
    """The parts of a model of that kind over `vocabulary` symbols with so many `outputs`."""
    if isinstance(settings, ClassifierSettings):
        assert kind in CLASSIFYING, f"{kind} is no classifier"
        found = _classifier(kind, settings, vocabulary, outputs)
    elif isinstance(settings, RecurrentSettings):
        found = _encoder_decoder(kind, settings, vocabulary, outputs)
    elif isinstance(settings, LanguageSettings):
        found = _language(kind, settings, vocabulary)
    elif isinstance(settings, AttentionSettings):
        found = _transformer(settings, vocabulary)
    else:
        assert isinstance(settings, ControllerSettings), f"{kind} has no formula"
        found = _controller(kind, settings, vocabulary) + _memory(settings, kind)
        found += _head(settings, _reads(settings, kind), outputs)
    return [term for term in found if term.count]


def total(found: list[Term]) -> int:
    """All of them together."""
    return sum(term.count for term in found)


def _classifier(kind: str, settings: ClassifierSettings, vocabulary: int, outputs: int) -> list[Term]:
    e, h = settings.embedding, settings.hidden
    formula, (products, squares, vectors) = CELL[kind]
    ways = 2 if kind == "bilstm" else 1
    return [
        Term("embedding", "V E", vocabulary * e if settings.trained == "yes" else 0),
        Term("cell", formula, products * e * h + squares * h * h + vectors * h),
        Term("read-out", f"{'2 ' if ways == 2 else ''}K H + K", outputs * (ways * h + 1)),
    ]


def _encoder_decoder(kind: str, settings: RecurrentSettings, vocabulary: int, outputs: int) -> list[Term]:
    h, gates, p = settings.hidden, GATES[kind], 2 if settings.cells == "per-phase" else 1
    q = 2 if settings.embeddings == "per-phase" and not (p == 2 and not settings.embedding) else 1
    e = settings.embedding or vocabulary * q
    first, upper = e * h + h * h + 2 * h, (settings.layers - 1) * (2 * h * h + 2 * h)
    wide = "E" if settings.embedding or q == 1 else "Q E"
    learned = settings.initial == "learned"
    return [
        Term("embedding", "Q V E", q * vocabulary * settings.embedding),
        Term("cells", f"{gates} P ({wide} H + H H + 2 H)", p * gates * first),
        Term("upper layers", f"{gates} P (L - 1) (2 H H + 2 H)", p * gates * upper),
        _initial(kind, settings.layers, h, learned),
        Term("read-out", "K H + K", outputs * (h + 1)),
    ]


def _initial(cell: str, layers: int, hidden: int, learned: bool) -> Term:
    parts = 2 if cell == "lstm" else 1
    return Term("initial state", "2 L H" if parts == 2 else "L H", parts * layers * hidden if learned else 0)


def _language(kind: str, settings: LanguageSettings, vocabulary: int) -> list[Term]:
    """Torch's layers, which have two biases each."""
    v, e, h, gates = vocabulary, settings.embedding, settings.hidden, GATES[kind.removesuffix("-lm")]
    narrow = settings.tied == "yes" and e != h
    read_out = Term("read-out", "V H + V", v * (h + 1)) if settings.tied == "no" else Term("read-out", "V", v)
    return [
        Term("embedding", "V E", v * e),
        Term("first layer", f"{gates} (E H + H H + 2 H)", gates * (e * h + h * h + 2 * h)),
        Term("upper layers", f"{gates} (L - 1) (2 H H + 2 H)", gates * (settings.layers - 1) * (2 * h * h + 2 * h)),
        Term("narrowing", "E H + E", e * (h + 1) if narrow else 0),
        read_out,
    ]


def _transformer(settings: AttentionSettings, vocabulary: int) -> list[Term]:
    """No biases; I numbers are gated."""
    h, layers, inner = settings.hidden, settings.layers, -(-settings.hidden // 3) * 8
    return [
        Term("embedding", "V H", vocabulary * h),
        Term("attention", "4 L H H", 4 * layers * h * h),
        Term("gated layers", "3 L H I", 3 * layers * h * inner),
        Term("norms", "(2 L + 1) H", (2 * layers + 1) * h),
        Term("read-out", "V H", vocabulary * h if settings.tied == "no" else 0),
    ]


def _controller(kind: str, settings: ControllerSettings, vocabulary: int) -> list[Term]:
    cell = kind.removesuffix("-lm").rpartition("-")[2]
    h, gates, e, layers = settings.hidden, GATES[cell], settings.embedding, settings.layers
    p = 2 if settings.cells == "per-phase" else 1
    q = 2 if settings.embeddings == "per-phase" or (not e and p == 2) else 1
    biases = 2 if cell == "gru" else settings.cell_biases
    reads = _reads(settings, kind)
    return [
        Term("embedding", "Q V E", q * vocabulary * e),
        Term("symbols", f"{gates} P E H" if e else f"{gates} Q V H", gates * h * (p * e if e else q * vocabulary)),
        Term("reads", f"{gates} P R H", gates * h * p * reads),
        Term("state", f"{gates} P L H H", gates * h * p * layers * h),
        Term("upper layers", f"{gates} P (L - 1) H H", gates * h * p * (layers - 1) * h),
        Term("cell biases", f"{gates * biases} P L H", gates * biases * p * layers * h),
        _initial(cell, layers, h, settings.initial == "learned"),
    ]


def _memory(settings: ControllerSettings, kind: str) -> list[Term]:
    h, f = settings.hidden, 2 if settings.biases == "per-phase" else 1
    if isinstance(settings, SuperpositionSettings):
        choices = 3 if settings.keep == "yes" else 2
        cells, actions = settings.stacks * settings.memory, settings.stacks * choices
        return [
            Term("values", "S W H + S W", cells * (h + 1)),
            Term("actions", f"{choices} S H + {choices} F S", actions * (h + f)),
        ]
    assert isinstance(settings, MemorySettings), f"{kind} has no memory"
    ends = _ends(kind)
    return [
        Term("values", "A W H + A W", ends * settings.memory * (h + 1)),
        Term("push and pop", "2 A H + 2 F A", 2 * ends * (h + f)),
    ]


def _ends(kind: str) -> int:
    return 2 if kind.startswith("deque") else 1


def _reads(settings: ControllerSettings, kind: str) -> int:
    if isinstance(settings, SuperpositionSettings):
        return settings.stacks * settings.read_depth * settings.memory
    assert isinstance(settings, MemorySettings), f"{kind} has no memory"
    return _ends(kind) * settings.memory


def _head(settings: ControllerSettings, reads: int, outputs: int) -> list[Term]:
    seen = "H + R" if settings.wiring == "direct" else "H"
    width, between = settings.hidden + (reads if settings.wiring == "direct" else 0), settings.output
    if not between:
        return [Term("read-out", f"K ({seen}) + K", outputs * (width + 1))]
    return [
        Term("layer between", f"O ({seen}) + O", between * (width + 1)),
        Term("read-out", "K O + K", outputs * (between + 1)),
    ]
