"""What can be chosen about a transformer, of words or of text; known without torch, as all settings are."""

from dataclasses import dataclass

from pushpop.errors import ConfigError
from pushpop.models.language_settings import KEPT, Precision
from pushpop.models.settings import LAYERS, SIZES, YesNo, one_of, share, whole

HEADS = (1, 64)


@dataclass(frozen=True, kw_only=True)
class AttentionSettings:
    """What transformers have in common.

    `hidden`     numbers in the stream that its blocks read and add to.
    `layers`     blocks, one after the other (1-8).
    `heads`      of attention; each has `hidden` / `heads` numbers, an even number of them.
    `tied`       scores are taken with the embeddings themselves ("yes"), or with weights of their own ("no").
    `precision`  of products: "float32", "bfloat16" (weights and sums stay in float32), or "auto": bfloat16 where the
                 processor has instructions for it.
    """

    hidden: int = 128
    layers: int = 3
    heads: int = 4
    tied: YesNo = "yes"
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        whole("hidden", self.hidden, SIZES)
        whole("layers", self.layers, LAYERS)
        whole("heads", self.heads, HEADS)
        one_of("tied", self.tied, YesNo)
        one_of("precision", self.precision, Precision)
        if self.hidden % (2 * self.heads):
            raise ConfigError(
                f"model.hidden: {self.hidden} is not {self.heads} heads of an even size; "
                f"give a multiple of {2 * self.heads}"
            )


@dataclass(frozen=True, kw_only=True)
class TransformerSettings(AttentionSettings):
    """A transformer over a word, the separator and the answer: each place sees itself and all before it."""


@dataclass(frozen=True, kw_only=True)
class TransformerLanguageSettings(AttentionSettings):
    """A transformer that reads text character by character and scores what comes next.

    `context`    characters that one sees at most: itself and those before it.
    `dropout`    share left out of the embeddings and of what each block adds, while training.
    """

    hidden: int = 256
    layers: int = 4
    context: int = 256
    dropout: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("context", self.context, KEPT)
        share("dropout", self.dropout)
