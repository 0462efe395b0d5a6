"""`pushpop generate`: a run on text writes on from what it is given."""

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from pushpop.cli.chance import Chance
from pushpop.cli.options import whole
from pushpop.cli.prefix import Before
from pushpop.cli.screen import only_json, print_json, show
from pushpop.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from pushpop.evaluation.continuation import Continuation, Wrong
    from pushpop.evaluation.sampling import Sampling

AMOUNT = Group("How much, and where it goes", sort_key=3)
# What a terminal would obey, shown as its sign instead; a file or a pipe gets it as it is.
SIGNS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | dict.fromkeys(range(0x7F, 0xA0), "�")


@Parameter(name="*", group=AMOUNT)
@dataclass(frozen=True, kw_only=True)
class Amount:
    """How much is written, and how it is printed."""

    length: Annotated[
        int, Parameter(converter=whole, help="Characters (bytes, where those were learned); 0: without end, to Ctrl-C.")
    ] = 300
    complete: Annotated[bool, Parameter(help="End with the first sentence: at . ! or ? before a space or quote.")] = (
        False
    )
    samples: Annotated[int, Parameter(converter=whole, help="How many; each the same however many there are.")] = 1
    stream: Annotated[bool, Parameter(help="Print each character when it is written.")] = False
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON object and nothing else.")] = False
    device: Annotated[str, Parameter(help="auto, cpu, cuda or cuda:N.")] = "auto"

    def check(self, temperatures: int) -> None:
        """ConfigError for numbers that cannot be, and where something that has an end is asked of endless text."""
        if self.length < 0:
            raise ConfigError(f"--length: {self.length} is below 0; give 1 or more, or 0 for text without end")
        if self.samples < 1:
            raise ConfigError(f"--samples: {self.samples} is too few; give 1 or more")
        waits = {"--json": self.as_json, "--samples": self.samples > 1, "--temperatures": temperatures > 1}
        for name in (name for name, asked in waits.items() if asked):
            if self.length == 0:
                raise ConfigError(f"--length: 0 is without end, which {name} would wait for; give 1 or more")
            if self.stream and name != "--samples":
                raise ConfigError(f"generate: both --stream and {name}, which is printed at the end; give one of them")


def generate(
    run: Path,
    /,
    *,
    before: Before = Before(),  # noqa: B008 - frozen
    chance: Chance = Chance(),  # noqa: B008
    amount: Amount = Amount(),
) -> None:
    """Write on from a text, character by character.

    The same seed gives the same text, whatever else is printed. What the model does not know it never writes. Of a
    model of bytes a terminal, a table and JSON show those that are no UTF-8 as U+FFFD; a file or a pipe gets the bytes.

    Parameters
    ----------
    run
        A folder that `pushpop train text` made.
    """
    before.check()
    samplings = chance.samplings()
    amount.check(len(samplings))
    from pushpop.experiments.loading import load
    from pushpop.experiments.written import of_text

    with only_json(amount.as_json):
        trained = of_text(load(run, amount.device), "generate")
        read = trained.read(before.read(trained.vocabulary.unit), before.unknown, before.place)
    as_it_is = trained.vocabulary.unit == "bytes" and not sys.stdout.isatty()
    write_utf8("surrogateescape" if as_it_is else "replace")
    if not amount.as_json and len(samplings) == 1:
        read = replace(read, wrong="surrogateescape" if as_it_is else "replace")
        printed(before.prefix or "", read, samplings[0], chance.seed, amount)
        return
    rows = [
        {"text": text, "temperature": sampling.temperature, "seed": chance.seed, "sample": sample}
        for sampling in samplings
        for sample, text in enumerate(read.texts(sampling, chance.seed, amount.samples, amount.length, amount.complete))
    ]
    if amount.as_json:
        print_json(described(run, read.prefix, samplings, amount, rows))
    else:
        show(table(before.prefix or "", rows))


def printed(prefix: str, read: "Continuation", sampling: "Sampling", seed: int, amount: Amount) -> None:
    """Each sample after its prefix, one after another."""
    streamed = amount.stream or amount.length == 0
    if streamed:
        each = range(amount.samples)
        texts = [read.pieces(sampling, seed, n, amount.length or None, amount.complete) for n in each]
    else:
        texts = [iter([text]) for text in read.texts(sampling, seed, amount.samples, amount.length, amount.complete)]
    for number, text in enumerate(texts, 1):
        if amount.samples > 1:
            print(f"--- sample {number} of {amount.samples}")
        try:
            for piece in chain([prefix], text):
                print(for_terminal(piece), end="", flush=streamed)
        except KeyboardInterrupt:
            print(flush=True)  # so that what is said of it has a line of its own
            raise
        print()


def described(
    run: Path, prefix: str | bytes | None, samplings: Sequence["Sampling"], amount: Amount, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """What `--json` prints."""
    settings = {name: value for name, value in asdict(samplings[0]).items() if name != "temperature"}
    settings |= {"length": amount.length, "complete": amount.complete}
    text = prefix.decode("utf-8", "replace") if isinstance(prefix, bytes) else prefix
    return {"run": str(run), "prefix": text, "settings": settings, "samples": rows}


def table(prefix: str, rows: Sequence[Mapping[str, Any]]) -> "Table":
    """A row for each temperature and sample, each with its prefix."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    out = Table(title=f"seed {rows[0]['seed']}", box=SIMPLE_HEAD)
    out.add_column("temperature", justify="right")
    out.add_column("text", overflow="fold")
    for row in rows:
        out.add_row(f"{row['temperature']:g}", Text((prefix + row["text"]).translate(SIGNS)))
    return out


def for_terminal(text: str) -> str:
    """Text without what a terminal obeys; where there is none, as it is."""
    return text.translate(SIGNS) if sys.stdout.isatty() else text


def write_utf8(wrong: "Wrong") -> None:
    """What is written is UTF-8, whatever the language of the machine; what is none is "?", or the bytes that it was."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=wrong)
