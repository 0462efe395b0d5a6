"""How a model is trained. Knows no torch: the command line reads these without waiting for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from pushpop.errors import ConfigError
from pushpop.models.settings import LOUDEST
from pushpop.training.turns import ONE_IN, Turns

DEVICE = re.compile(r"auto|cpu|cuda(:[0-9]{1,3})?")
MOST = {"threads": 256, "batch": 1_000_000, "candidates": 1_000_000, "evaluate_words": 1_000_000,
        "warm_up": 1_000_000_000, "starts": 1_000, "start_rounds": 9}  # fmt: skip
BUDGETS = ("steps", "words", "seconds")
MOST_WEIGHT = 1000
MOST_OF_OTHERS = 10**15  # of whole numbers that cost nothing: as numbers with a fraction they are still exact

Optimiser = Literal["sgd", "adagrad", "rmsprop", "adam", "adamw", "muon"]
Schedule = Literal["constant", "linear", "cosine"]
Clipping = Literal["norm", "value"]
Spared = Literal["nothing", "actions"]
Curriculum = Literal["none", "linear", "adaptive"]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Optimiser, rate, budgets and rhythm of one run; a budget of 0 is none, the first one reached ends the run.

    `optimiser`  sgd, adagrad, rmsprop, adam, adamw or muon: steps made orthogonal for the matrices within a net's
                 cells or blocks, adamw for all else; of nets that write answers alone (decision 22).
    `rate`       learning rate, at its highest.
    `momentum`   of sgd and rmsprop; the others have their own and refuse it.
    `decay`      weight decay: added to the gradient, but by adamw and muon taken from the weights directly.
    `decay_spares`  what weight decay leaves alone: "nothing", or the maps to a memory's "actions": their weights may
                 then grow until a push or a pop is done wholly or not at all (decision 19).
    `schedule`   constant, linear or cosine: how the rate goes down, to 0 at the end of the budget.
    `warm_up`    steps over which the rate first rises.
    `clip`       greatest gradient let through; 0 is off.
    `clipping`   what `clip` limits: the "norm" of all gradients together, or each "value" by itself.
    `batch`      words a step.
    `candidates`  words drawn for each of these, once a curriculum has reached all lengths; the step is of those whose
                 answers cost most, and they alone count as words of a budget and for the loss that is told
                 (decision 24). 1 is off.
    `candidates_alike`  share of the candidates that are made of few different symbols, where a task says what such
                 words are: what is rare in words by chance, and common in far longer ones, is found in them.
    `steps`      budget in steps.
    `words`      budget in words.
    `seconds`    budget in seconds, over all sittings of the run; such a run does not end bit for bit the same.
    `evaluate_every`    steps between two evaluations.
    `evaluate_words`    words of each set scored at an evaluation, and all of them once these are right; 0 is all.
    `checkpoint_every`  steps between two checkpoints; changes no result, only what a kill costs.
    `log_every`         steps between two lines of the log that hold the loss alone, each the mean over these steps.
    `patience`          evaluations running at which validation is wholly right that end the run; 0 is none.
    `curriculum`        none, linear (words grow longer with the words seen) or adaptive (whenever the loss is low).
    `curriculum_start`  share of the training lengths that a curriculum starts with.
    `curriculum_words`  words after which a linear curriculum has reached every length.
    `curriculum_loss`   mean loss (nats) since the last evaluation below which an adaptive one goes on by an eighth.
    `curriculum_beyond`  share of a step's words that are of all lengths, however far a curriculum has come; the mean
                        over their answers weighs as much as that over the others', whatever the share.
    `foretell`          weight of the mean loss (nats) of foretelling each symbol of a word from those before it, while
                        the word is read; 0 is none. What is told as loss stays that of the answers to words that a
                        curriculum has reached (decision 17).
    `foretell_words`    words of a run, or of each of its starts, after which this weight is `foretell_then`; 0 is
                        never (decision 21).
    `foretell_then`     the weight of foretelling after `foretell_words`.
    `noise_words`       words of a run, or of each of its starts, after which the noise of a controller that works a
                        memory (`model.noise`) is `noise_then`; 0 is never (decision 23).
    `noise_then`        standard deviation of that noise after `noise_words`.
    `starts`            how many first weights are tried in turn, each for `start_words` words; the run goes on from
                        those to which the same other words of all lengths then cost least. All their words count
                        (decision 19); what is foretold costs what it weighed in a start's last step. 1 is off.
    `start_words`       words that each of these is trained on, in whole steps; only where there are several.
    `start_rounds`      how often they are compared: in each further round the better half goes on until it has had
                        twice the words (successive halving, decision 21); only where there are several. Starts
                        that are usual for a task are left out where a budget has no room for them.
    `device`            auto, cpu, cuda or cuda:N.
    `threads`           threads of torch and the kernels; 0 leaves them as they are.
    """

    # settings that came later, and with what all is as before
    later: ClassVar[Mapping[str, float | str]] = {
        "candidates": 1, "candidates_alike": 0.0, "curriculum_beyond": 0.0, "decay_spares": "nothing", "foretell": 0.0,
        "foretell_words": 0, "foretell_then": 0.0, "noise_words": 0, "noise_then": 0.0, "starts": 1,
        "start_words": 4_800, "start_rounds": 1,
    }  # fmt: skip

    optimiser: Optimiser = "adam"
    rate: float = 3e-3
    momentum: float = 0.0
    decay: float = 0.0
    decay_spares: Spared = "nothing"
    schedule: Schedule = "constant"
    warm_up: int = 0
    clip: float = 1.0
    clipping: Clipping = "norm"
    batch: int = 16
    candidates: int = 1
    candidates_alike: float = 0.0
    steps: int = 0
    words: int = 60_000
    seconds: float = 0.0
    evaluate_every: int = 100
    evaluate_words: int = 100
    checkpoint_every: int = 500
    log_every: int = 10
    patience: int = 6
    curriculum: Curriculum = "none"
    curriculum_start: float = 0.25
    curriculum_words: int = 20_000
    curriculum_loss: float = 0.5
    curriculum_beyond: float = 0.0
    foretell: float = 0.0
    foretell_words: int = 0
    foretell_then: float = 0.0
    noise_words: int = 0
    noise_then: float = 0.0
    starts: int = 1
    start_words: int = 4_800
    start_rounds: int = 1
    device: str = "auto"
    threads: int = 0

    def __post_init__(self) -> None:
        for name in ("batch", "candidates", "evaluate_every", "checkpoint_every", "log_every", "curriculum_words",
                     "starts", "start_words", "start_rounds"):  # fmt: skip
            if getattr(self, name) < 1:
                raise ConfigError(f"training.{name}: {getattr(self, name)} is too few; give 1 or more")
        for name in ("decay", "warm_up", "clip", "steps", "words", "seconds", "evaluate_words", "patience",
                     "foretell_words", "noise_words", "threads"):  # fmt: skip
            if not 0 <= getattr(self, name) < float("inf"):
                raise ConfigError(f"training.{name}: {getattr(self, name)} cannot be; give 0 (off) or more")
        if not 0 < self.rate < float("inf"):
            raise ConfigError(f"training.rate: {self.rate} is not a learning rate; give more than 0, such as 0.003")
        if not 0 <= self.momentum < 1:
            raise ConfigError(f"training.momentum: {self.momentum} is out of range; give 0 or more and less than 1")
        if self.momentum and self.optimiser not in ("sgd", "rmsprop"):
            raise ConfigError(f"training.momentum: {self.optimiser} has its own; leave it at 0, or take sgd or rmsprop")
        if not 0 < self.curriculum_start <= 1:
            raise ConfigError(f"training.curriculum_start: {self.curriculum_start} is not a share; give 0.05 to 1")
        if not self.curriculum_loss > 0:
            raise ConfigError(f"training.curriculum_loss: {self.curriculum_loss} is never reached; give more than 0")
        if not 0 <= self.curriculum_beyond < 1:
            rule = "is not a share; give 0 or more and less than 1"
            raise ConfigError(f"training.curriculum_beyond: {self.curriculum_beyond} {rule}")
        self._refuse_changes()
        if not (self.steps or self.words or self.seconds):
            raise ConfigError("training: a run without a budget never ends; give steps, words or seconds")
        for name in (field.name for field in fields(self) if field.type is int):
            if getattr(self, name) > (most := MOST.get(name, MOST_OF_OTHERS)):
                raise ConfigError(f"training.{name}: {getattr(self, name)} is too many; give {most} or fewer")
        if not 0 <= self.candidates_alike <= 1:
            raise ConfigError(f"training.candidates_alike: {self.candidates_alike} is not a share; give 0 to 1")
        if self.candidates_alike and self.candidates == 1:
            rule = "there are no candidates, since training.candidates is 1 (off)"
            raise ConfigError(f"training.candidates_alike: {self.candidates_alike:g}: {rule}; give 0, or more of these")
        if (drawn := self.batch * self.candidates) > MOST["batch"]:
            rule = f"{self.batch} words a step make {drawn} that are drawn, and {MOST['batch']} may be"
            raise ConfigError(
                f"training.candidates: {self.candidates}: {rule}; give {MOST['batch'] // self.batch} or fewer"
            )
        if self.starts > 1:
            self._refuse_starts()
        elif self.start_rounds > 1:
            rule = f"{self.start_rounds}: of one start there is nothing to compare"
            raise ConfigError(f"training.start_rounds: {rule}; give 1, or training.starts")
        if not DEVICE.fullmatch(self.device):
            raise ConfigError(f"training.device: {self.device!r} is no device; give auto, cpu, cuda or cuda:0")

    def _refuse_changes(self) -> None:
        """ConfigError where what changes in the midst of a run cannot be, or never comes."""
        for name in ("foretell", "foretell_then"):
            if not 0 <= getattr(self, name) <= MOST_WEIGHT:
                rule = f"is out of range; give 0 (off) to {MOST_WEIGHT}"
                raise ConfigError(f"training.{name}: {getattr(self, name)} {rule}, such as 1")
        if self.foretell_then and not self.foretell_words:
            rule = "never its weight, since training.foretell_words is 0 (never)"
            raise ConfigError(f"training.foretell_then: {self.foretell_then:g}: {rule}; give 0, or those words")
        if self.foretell_words and not self.foretell:
            rule = "nothing is foretold before that, since training.foretell is 0"
            raise ConfigError(
                f"training.foretell_words: {self.foretell_words}: {rule}; give 0 for both, or such a weight"
            )
        if not 0 <= self.noise_then <= LOUDEST:
            rule = f"is out of range; give 0 (none) to {LOUDEST:g}"
            raise ConfigError(f"training.noise_then: {self.noise_then} {rule}")
        if self.noise_then and not self.noise_words:
            rule = "never that, since training.noise_words is 0 (never)"
            raise ConfigError(f"training.noise_then: {self.noise_then:g}: {rule}; give 0, or those words")

    def _refuse_starts(self) -> None:
        """ConfigError where several starts cannot be."""
        given = f"training.starts: {self.starts}"
        if self.curriculum == "linear":
            rule = "a linear curriculum goes by the words of all starts"
            raise ConfigError(f"{given}: {rule}; give 1, or another curriculum")
        turns = self.turns()
        if turns.left(turns.rounds - 1) < 2:
            most = next(number for number in range(turns.rounds) if turns.left(number) < 2)
            rule = f"of {self.starts} starts one alone is left after round {most}"
            enough = 2 * ONE_IN ** (turns.rounds - 1)
            raise ConfigError(f"training.start_rounds: {self.start_rounds}: {rule}; give {most}, or {enough} starts")
        if 0 < (last := self.last_step()) <= turns.end:
            each = f"of {self.start_words} words"
            rounds = f" in {self.start_rounds} rounds take {turns.end * self.batch}, and" if turns.rounds > 1 else ""
            rule = f"{each}{rounds} leave nothing of {last * self.batch} words to go on with"
            raise ConfigError(f"{given} {rule}; give fewer, or a larger budget")

    def turns(self) -> Turns:
        """Which start each step is for."""
        return Turns(self.starts, -(-self.start_words // self.batch), self.start_rounds)

    def budgets(self) -> dict[str, float]:
        """The budgets by name; 0 is none."""
        return {name: getattr(self, name) for name in BUDGETS}

    def last_step(self) -> int:
        """The step at which the budget in steps or words ends the run; 0 if only seconds do."""
        by_words = -(-self.words // self.batch)
        return min((steps for steps in (self.steps, by_words) if steps), default=0)
