"""What can be chosen about a model of text; known without torch, as all settings are."""

from dataclasses import dataclass
from typing import Literal

from pushpop.models.settings import (
    LAYERS,
    SIZES,
    ControllerSettings,
    Initial,
    MemorySettings,
    Phases,
    SuperpositionSettings,
    YesNo,
    one_of,
    share,
    whole,
)

KEPT = (1, 65_536)
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class LanguageSettings:
    """A recurrent net that reads text character by character and scores what comes next.

    `hidden`     units of each layer.
    `layers`     layers, one on top of the other (1-8).
    `embedding`  numbers a character becomes.
    `dropout`    share of units left out between layers and before the scores, while training.
    `weight_drop`  share of the weights from a layer's state to itself left out of a window, while training.
    `tied`       scores are taken with the embeddings themselves ("yes"), or with weights of their own ("no").
    `precision`  of products: "float32", "bfloat16" (weights and sums stay in float32), or "auto": bfloat16 where the
                 processor has instructions for it.
    """

    hidden: int = 256
    layers: int = 2
    embedding: int = 128
    dropout: float = 0.0
    weight_drop: float = 0.0
    tied: YesNo = "no"
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("layers", self.layers, LAYERS)
        whole("embedding", self.embedding, SIZES)
        share("dropout", self.dropout)
        share("weight_drop", self.weight_drop)
        one_of("tied", self.tied, YesNo)
        one_of("precision", self.precision, Precision)


@dataclass(frozen=True, kw_only=True)
class ReadingSettings(ControllerSettings):
    """What models with a memory have in common that read text: it has no writing phase, so everything is shared.

    `dropout`  share of the units and of what is read that the scores do not see, while training.
    `kept`     cells that go on from one window of text to the next.
    """

    hidden: int = 256
    embedding: int = 128
    embeddings: Phases = "shared"
    biases: Phases = "shared"
    initial: Initial = "zero"
    dropout: float = 0.0
    kept: int = 256

    def __post_init__(self) -> None:
        super().__post_init__()
        share("dropout", self.dropout)
        whole("kept", self.kept, KEPT)


@dataclass(frozen=True, kw_only=True)
class MemoryLanguageSettings(ReadingSettings, MemorySettings):
    """A controller that works a neural stack, queue or DeQue while it reads text and scores what comes next.

    `kept`     cells that go on from one window of text to the next: those with nothing left go, and of the others the
               oldest where there are more (of a DeQue those in the middle); what then comes to light is nothing.
    """

    margin: float = 0.0
    noise: float = 0.0
    pop_bias: float = -1.0
    bottom_push_bias: float = 1.0


@dataclass(frozen=True, kw_only=True)
class SuperpositionLanguageSettings(ReadingSettings, SuperpositionSettings):
    """A controller that works superposition stacks while it reads text and scores what comes next.

    `kept`     cells at the top of each stack that go on from one window of text to the next; below them is `empty`.
    """

    kept: int = 64
