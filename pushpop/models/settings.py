"""What can be chosen about a model; known without torch, so that `--help` and a run folder's check are quick."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar, Literal, get_args

from pushpop.errors import ConfigError

SIZES = (1, 8192)  # a wider layer than this fits no machine that could train it
LAYERS = (1, 8)
LARGEST = 1e30
STACKS = (1, 256)
DEPTHS = (1, 64)
WIDEST = 100.0  # margin: nearly a step; first embeddings and biases of gates beyond it saturate all there is
LOUDEST = 10.0  # noise: with more, chance alone decides whether a sigmoid is 0 or 1
Phases = Literal["shared", "per-phase"]
Initial = Literal["learned", "zero"]
Wiring = Literal["direct", "delayed"]
Initialisation = Literal["xavier", "uniform"]
Engine = Literal["auto", "reference", "eager", "fused"]
PlainEngine = Literal["auto", "eager", "fused"]
YesNo = Literal["yes", "no"]
FirstPops = Literal["drawn", "opposed"]
Value = Literal["sigmoid", "tanh", "linear"]
Drawn = Literal["normal", "uniform"]
Fan = Literal["in", "hidden"]
Recurrence = Literal["same", "orthogonal"]


@dataclass(frozen=True, kw_only=True)
class RecurrentSettings:
    """A plain encoder-decoder: reads the word, then writes the answer from the state that reading left.

    `hidden`      units of each layer.
    `layers`      layers, one on top of the other (1-8).
    `embedding`   numbers a symbol becomes; 0 is one-hot: the symbol picks a column of the first layer's weights.
    `cells`       one set of recurrent weights ("shared"), or one for reading and one for writing ("per-phase").
    `embeddings`  the same of the symbols' embeddings (one-hot: of the columns that symbols pick).
    `initial`     the state before the first symbol is "learned" (and saved), or "zero".
    `engine`      "eager" (torch's layers), "fused" (compiled kernels), or "auto": the fastest that runs here.
    """

    hidden: int = 256
    layers: int = 1
    embedding: int = 0
    cells: Phases = "per-phase"
    embeddings: Phases = "per-phase"
    initial: Initial = "learned"
    engine: PlainEngine = "auto"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("layers", self.layers, LAYERS)
        whole("embedding", self.embedding, (0, SIZES[1]))
        one_of("cells", self.cells, Phases)
        one_of("embeddings", self.embeddings, Phases)
        one_of("initial", self.initial, Initial)
        one_of("engine", self.engine, PlainEngine)


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings:
    """A recurrent net that reads a word from a state of zeros and says its class at the end.

    `hidden`     units of the cell (of each direction, where there are two).
    `embedding`  numbers a symbol becomes.
    `spread`     standard deviation of the first embeddings, which are normal.
    `trained`    embeddings are trained ("yes"), or stay as drawn ("no").
    `weights`    first weights are "normal", or "uniform"; biases are 0.
    `gain`       their standard deviation (uniform: bound) times the square root of the fan.
    `fan`        columns that a matrix reads ("in"), or `hidden` for all of them ("hidden": "uniform" with it and gain 1
                 is torch's rule for recurrent layers).
    `recurrent`  weights on the state are drawn as all others ("same"), or each gate's matrix "orthogonal".
    """

    hidden: int = 128
    embedding: int = 32
    spread: float = 1.0
    trained: YesNo = "yes"
    weights: Drawn = "uniform"
    gain: float = 1.0
    fan: Fan = "hidden"
    recurrent: Recurrence = "same"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("embedding", self.embedding, SIZES)
        for name, choices in (("trained", YesNo), ("weights", Drawn), ("fan", Fan), ("recurrent", Recurrence)):
            one_of(name, getattr(self, name), choices)
        for name in ("spread", "gain"):
            finite(name, getattr(self, name))
            if getattr(self, name) < 0:
                raise ConfigError(f"model.{name}: {getattr(self, name)} cannot be; give 0 or more")


@dataclass(frozen=True, kw_only=True)
class GatedSettings(ClassifierSettings):
    """The same, of cells with a forget gate.

    `forget_bias`  first bias of forget gates; 0 in the studies. With 3 a cell keeps 95 % of itself at first.
    """

    forget_bias: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        finite("forget_bias", self.forget_bias)


@dataclass(frozen=True, kw_only=True)
class ControllerSettings:
    """What models with a memory have in common, whichever memory it is.

    `hidden`, `layers`, `embedding`, `cells`, `embeddings`, `initial`: as in `RecurrentSettings`, of the controller.
    `output`       width of the tanh layer o_t in front of the scores; 0: the scores are taken from the state itself.
    `biases`       biases of what is done to the memory: "shared" by the phases, or "per-phase".
    `wiring`       the read reaches the output at once ("direct"), or through the next step only ("delayed", the paper).
    `cell_biases`  bias vectors of a recurrent cell: 1 (the papers), or 2 (torch's layers).
    `initialisation`  first weights of the maps to the memory and to o_t: "xavier", or "uniform" within 1 / sqrt(inputs)
                   (torch's rule).
    `spread`       standard deviation of the first embeddings, which are normal. Well above 1, what is done to the
                   memory differs by symbol from the start.
    `forget_bias`  what is added to the first biases of the gates that keep a cell's state: an LSTM's forget gates, a
                   GRU's update gates. Well below 0 it keeps little from step to step at first, so that what has to be
                   kept is learned to go through the memory (decisions 17 and 24).
    `noise`        standard deviation of what each step of training adds to the biases of what is done to the memory and
                   of the first layer's gates, for all of its words alike: what is learned then keeps its distance from
                   where it would turn over, and holds where words are far longer.
    `engine`       "reference", "eager", "fused", or "auto": the fastest that runs here.
    """

    # settings that came later, and with what all is as before
    later: ClassVar[Mapping[str, float | str]] = {"forget_bias": 0.0, "spread": 1.0}

    hidden: int = 64
    layers: int = 1
    embedding: int = 64
    output: int = 0
    cells: Phases = "shared"
    embeddings: Phases = "per-phase"
    biases: Phases = "per-phase"
    wiring: Wiring = "direct"
    initial: Initial = "learned"
    cell_biases: int = 1
    initialisation: Initialisation = "xavier"
    spread: float = 1.0
    forget_bias: float = 0.0
    noise: float = 0.0
    engine: Engine = "auto"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("layers", self.layers, LAYERS)
        whole("embedding", self.embedding, (0, SIZES[1]))
        whole("output", self.output, (0, SIZES[1]))
        whole("cell_biases", self.cell_biases, (1, 2))
        for name in ("cells", "embeddings", "biases"):
            one_of(name, getattr(self, name), Phases)
        one_of("wiring", self.wiring, Wiring)
        one_of("initial", self.initial, Initial)
        one_of("initialisation", self.initialisation, Initialisation)
        for name, least in (("spread", 0.0), ("forget_bias", -WIDEST)):
            finite(name, getattr(self, name))
            if not least <= getattr(self, name) <= WIDEST:
                rule = f"is out of range; give {least:g} to {WIDEST:g}"
                raise ConfigError(f"model.{name}: {getattr(self, name):g} {rule}")
        quiet("noise", self.noise)
        one_of("engine", self.engine, Engine)


@dataclass(frozen=True, kw_only=True)
class MemorySettings(ControllerSettings):
    """A recurrent controller that works a neural stack, queue or DeQue (Grefenstette et al. 2015, section 3.4).

    A DeQue is worked at both its ends, each with values, pushes and pops of its own. At first values come in at its top
    alone, and leave at either end: pushed at both, every value would be there twice, and either pop would reverse.

    `memory`       numbers in one value that is pushed and read.
    `margin`       how far the sigmoid of a push or pop is stretched beyond 0 and 1 before it is cut off there, so that
                   it can be exactly 0 or 1; 0 is the papers' sigmoid, which never is.
    `push_bias`    of the push at first, while reading (and writing, where shared).
    `pop_bias`     of the pop at first, while reading (and writing, where shared).
    `first_pops`   first weights of a pop are "drawn", as those of a push are, or "opposed" to its push's: what makes
                   the one likely then makes the other unlikely (decision 19).
    `bottom_push_bias`  of the push at a DeQue's bottom at first, while reading (and writing, where shared).
    `writing_push_bias`  of the push at first while writing, where biases are per phase.
    `writing_pop_bias`   of the pop at first while writing, where biases are per phase.
    """

    later: ClassVar[Mapping[str, float | str]] = {**ControllerSettings.later, "first_pops": "drawn"}

    memory: int = 64
    noise: float = 0.3
    margin: float = 1.0
    push_bias: float = 1.0
    pop_bias: float = -2.0
    first_pops: FirstPops = "drawn"
    bottom_push_bias: float = -2.0
    writing_push_bias: float = -2.0
    writing_pop_bias: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("memory", self.memory, SIZES)
        finite("margin", self.margin)
        if not 0 <= self.margin <= WIDEST:
            raise ConfigError(f"model.margin: {self.margin} is out of range; give 0 (the sigmoid) to {WIDEST:g}")
        one_of("first_pops", self.first_pops, FirstPops)
        for name in ("push_bias", "pop_bias", "bottom_push_bias", "writing_push_bias", "writing_pop_bias"):
            finite(name, getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class SuperpositionSettings(ControllerSettings):
    """A recurrent controller that works superposition stacks (Joulin and Mikolov 2015, section 3.2).

    `stacks`      stacks side by side, each with its own actions.
    `memory`      numbers in one cell of a stack.
    `read_depth`  cells read from the top of each stack.
    `keep`        a third action beside push and pop, which leaves a stack as it is: "yes" or "no".
    `value`       what a pushed value goes through: "sigmoid", "tanh" or "linear" (nothing).
    `empty`       each number of a cell below all that was pushed.
    """

    stacks: int = 4
    memory: int = 16
    read_depth: int = 2
    keep: YesNo = "yes"
    value: Value = "sigmoid"
    empty: float = -1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("stacks", self.stacks, STACKS)
        whole("memory", self.memory, SIZES)
        whole("read_depth", self.read_depth, DEPTHS)
        one_of("keep", self.keep, YesNo)
        one_of("value", self.value, Value)
        finite("empty", self.empty)


def whole(name: str, value: object, between: tuple[int, int]) -> None:
    """Refuse what is not a whole number from the first to the last of `between`."""
    low, high = between
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"model.{name}: {value!r} is not a whole number; give one from {low} to {high}")
    if not low <= value <= high:
        rule = "is not a size" if between == SIZES else "is out of range"
        way_out = f"give {low} or more" if value < low else f"give {high} or less"
        raise ConfigError(f"model.{name}: {value} {rule}; {way_out}")


def one_of(name: str, value: object, choices: Any) -> None:
    """Refuse what is not one of the words of a Literal."""
    if value not in get_args(choices):
        raise ConfigError(f"model.{name}: {value!r} is not known; give one of {', '.join(get_args(choices))}")


def share(name: str, value: object) -> None:
    """Refuse what is not a share of units that can be left out."""
    finite(name, value)
    if not (isinstance(value, int | float) and 0 <= value < 1):
        raise ConfigError(f"model.{name}: {value!r} is not a share; give 0 or more and less than 1")


def quiet(name: str, value: float) -> None:
    """Refuse what is no standard deviation of noise that anything could be learned with."""
    finite(name, value)
    if not 0 <= value <= LOUDEST:
        raise ConfigError(f"model.{name}: {value} is out of range; give 0 (none) to {LOUDEST:g}")


def finite(name: str, value: object) -> None:
    """Refuse what is not a number that can be computed with."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ConfigError(f"model.{name}: {value!r} is not a number; give a finite one, such as 0.5")
    if abs(value) > LARGEST:
        raise ConfigError(
            f"model.{name}: {value!r} is too large for float32; give one from -{LARGEST:g} to {LARGEST:g}"
        )
