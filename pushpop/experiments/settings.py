"""All that fixes a run: the task, the model, the training and the seed; from defaults, presets, files and callers.

Knows no torch.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from pushpop.errors import ConfigError
from pushpop.experiments.fields import fill, one_of, refuse_unknown, typed
from pushpop.models.catalogue import FAMILIES, ModelSettings, kind_of
from pushpop.models.settings import ControllerSettings, MemorySettings
from pushpop.tasks.catalogue import TASKS
from pushpop.tasks.task import Task, WordTask
from pushpop.training.settings import BUDGETS, MOST, TrainingSettings

PARTS = ("task", "model", "training", "seed")
# Where and how a run is computed, not what: the same run goes on after they change, so they name no other folder.
UNCOUNTED = ("training.device", "training.threads", "training.checkpoint_every", "training.log_every", "model.engine")
# Not under a constant rate: a run with a larger budget is the same run, gone on with.
BUDGET_PLACES = tuple(f"training.{name}" for name in BUDGETS)
PHASES = ("cells", "embeddings", "biases")  # settings of models that can be "per-phase"
# Of lists where nothing is written: no lean towards pushing alone, since such a memory is pushed and popped in turn
# (decision 13).
READING: dict[str, object] = {"margin": 0.0, "noise": 0.0, "pop_bias": -1.0}
MOST_SEED = 2**63 - 1
STARTS = {"starts", "start_words", "start_rounds"}


@dataclass(frozen=True, kw_only=True)
class TaskChoice:
    """A task of the catalogue by its kind, with its settings."""

    kind: str = "reverse"
    settings: Task = field(default_factory=TASKS["reverse"].settings)

    def build(self) -> Task:
        """The task itself."""
        return TASKS[self.kind].build(self.settings)


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """A model of the catalogue by its kind, with its settings."""

    kind: str = "stack-lstm"
    settings: ModelSettings = field(default_factory=MemorySettings)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that fixes a run. As plain data (TOML, JSON) a part's settings stand beside its `kind`."""

    task: TaskChoice = field(default_factory=TaskChoice)
    model: ModelChoice = field(default_factory=ModelChoice)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MOST_SEED:
            raise ConfigError(f"seed: {self.seed} is out of range; give 0 to {MOST_SEED}")
        if self.task.settings.answers != "written":
            for name in PHASES:
                if getattr(self.model.settings, name, "shared") != "shared":
                    raise ConfigError(f"model.{name}: per-phase: {self.task.kind} has no writing phase; give shared")
            if self.training.curriculum != "none":
                rule = f"{self.task.kind} is not drawn by length; give none"
                raise ConfigError(f"training.curriculum: {self.training.curriculum}: {rule}")
        spells = isinstance(self.task.settings, WordTask) and self.task.settings.answers == "written"
        if self.training.foretell and not spells:
            rule = f"the words of {self.task.kind} are not foretold"
            raise ConfigError(f"training.foretell: {self.training.foretell:g}: {rule}; give 0")
        if self.training.candidates > 1 and not spells:
            rule = f"words are chosen by their written answers, and {self.task.kind} has none"
            raise ConfigError(f"training.candidates: {self.training.candidates}: {rule}; give 1")
        if self.training.candidates_alike and type(self.task.settings).alike is WordTask.alike:  # type: ignore[union-attr]
            rule = f"nothing says which words of {self.task.kind} are made of few different symbols"
            raise ConfigError(f"training.candidates_alike: {self.training.candidates_alike:g}: {rule}; give 0")
        if self.training.optimiser == "muon" and self.task.settings.answers != "written":
            rule = f"it is for nets that write answers, and those of {self.task.kind} do not"
            raise ConfigError(f"training.optimiser: muon: {rule}; give adamw")
        if self.training.starts > 1 and not spells:
            rule = f"only tasks with written answers have several, and {self.task.kind} has none"
            raise ConfigError(f"training.starts: {self.training.starts}: {rule}; give 1")
        if self.training.decay_spares != "nothing" and not isinstance(self.model.settings, ControllerSettings):
            rule = f"{self.model.kind} has no memory that it acts on"
            raise ConfigError(f"training.decay_spares: {self.training.decay_spares}: {rule}; give nothing")
        of_words = isinstance(self.task.settings, WordTask)
        if self.training.noise_words and not (of_words and isinstance(self.model.settings, ControllerSettings)):
            rule = f"{self.model.kind} on {self.task.kind} has no noise that could be another later on"
            raise ConfigError(f"training.noise_words: {self.training.noise_words}: {rule}; give 0")
        if getattr(self.model.settings, "forget_bias", 0) and "rnn" in self.model.kind.split("-"):
            rule = f"cells of {self.model.kind} have no gate that keeps their state; give 0, or LSTM or GRU cells"
            raise ConfigError(f"model.forget_bias: {self.model.settings.forget_bias:g}: {rule}")  # type: ignore[union-attr]
        if self.training.curriculum_beyond and self.training.curriculum == "none":
            rule = "there is no curriculum to be beyond; give 0, or training.curriculum linear or adaptive"
            raise ConfigError(f"training.curriculum_beyond: {self.training.curriculum_beyond:g}: {rule}")
        if self.task.settings.answers in ("text", "nodes", "links") and self.training.patience:
            rule = f"{self.task.kind} is never wholly right"
            raise ConfigError(f"training.patience: {self.training.patience}: {rule}; give 0")

    @staticmethod
    def from_dict(given: Mapping[str, object]) -> "Settings":
        """Settings from nested plain data; what is not given has its default.

        Raises:
            ConfigError: one line: place, value, rule, way out.
        """
        refuse_unknown(given, PARTS, "")
        parts = {name: table(given.get(name, {}), name) for name in ("task", "model", "training")}
        task = one_of(str(parts["task"].pop("kind", "reverse")), TASKS, "task")
        usual = TASKS[task]
        answers = usual.settings.answers
        model = str(parts["model"].pop("kind", usual.model))
        if not any(model in family for family in FAMILIES.values()):
            one_of(model, FAMILIES[answers], "model")
        kind = kind_of(model, answers)
        reads = answers != "written"
        own = usual.network if model == usual.model else {}
        chosen = {**own, **parts["model"]}
        phases = {field.name: "shared" for field in fields(kind.settings) if reads and field.name in PHASES}
        of_model = {**usual.training, **usual.training_of.get(model, {})}
        trained = fitting(of_model, parts["training"], kind.settings, noise=chosen.get("noise", 0) != 0)
        lean = READING if reads and issubclass(kind.settings, MemorySettings) else {}
        return Settings(
            task=TaskChoice(kind=task, settings=fill(usual.settings, parts["task"], "task")),
            model=ModelChoice(kind=model, settings=fill(kind.settings, {**phases, **lean, **chosen}, "model")),
            training=fill(TrainingSettings, {**trained, **parts["training"]}, "training"),
            seed=typed(given.get("seed", 0), int, "seed"),  # type: ignore[arg-type]
        )

    def to_dict(self) -> dict[str, Any]:
        """Every setting as nested plain data; `from_dict` gives the same settings again."""
        return {
            "task": {"kind": self.task.kind, **asdict(self.task.settings)},
            "model": {"kind": self.model.kind, **asdict(self.model.settings)},
            "training": asdict(self.training),
            "seed": self.seed,
        }

    def hash(self) -> str:
        """8 hexadecimal digits of all that counts but the seed: runs that share them differ in their seed alone."""
        counted = {place: value for place, value in self.counted() if place != "seed"}
        return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:8]

    def counted(self) -> Iterator[tuple[str, Any]]:
        """Each setting that makes a run another run, by its place such as `model.hidden`.

        One that came later counts where it changes anything: runs from before it keep their names.
        """
        later = {
            f"{name}.{field}": value
            for name, part in (("model", self.model.settings), ("training", self.training))
            for field, value in getattr(part, "later", {}).items()
        }
        where_and_how = UNCOUNTED + (BUDGET_PLACES if self.training.schedule == "constant" else ())
        for place, value in self.flat().items():
            if place not in where_and_how and not (place in later and value == later[place]):
                yield place, value

    def flat(self) -> dict[str, Any]:
        """Every setting by its place."""
        parts = {part: values if isinstance(values, dict) else {"": values} for part, values in self.to_dict().items()}
        return {
            f"{part}.{name}" if name else part: value for part, each in parts.items() for name, value in each.items()
        }


def fitting(
    usual: Mapping[str, Any], given: Mapping[str, object], model: type[ModelSettings], *, noise: bool
) -> dict[str, Any]:
    """What is usual of training, without what the model, or what is `given` instead, has no room for.

    `noise`: whether the task or the user has chosen any for the model; if not, there is none later on either.
    """
    gone = set[str]()
    if given.get("curriculum") == "none":
        gone.add("curriculum_beyond")
    if given.get("foretell") == 0:
        gone |= {"foretell_words", "foretell_then"}
    if given.get("foretell_words") == 0:
        gone.add("foretell_then")
    if given.get("noise_words") == 0:
        gone.add("noise_then")
    batch = given.get("batch", 1)
    if "candidates" not in given and isinstance(batch, int) and batch * usual.get("candidates", 1) > MOST["batch"]:
        gone |= {"candidates", "candidates_alike"}
    if given.get("candidates") == 1:
        gone.add("candidates_alike")
    if not noise:
        gone |= {"noise_words", "noise_then"}
    if not issubclass(model, ControllerSettings):
        gone.add("decay_spares")
    if given.get("starts") == 1:
        gone |= STARTS
    if usual.get("starts", 1) > 1 and not STARTS & given.keys():
        left = {name: value for name, value in usual.items() if name not in gone}
        one = fill(TrainingSettings, {**left, "starts": 1, "start_rounds": 1, **given}, "training")
        try:
            replace(one, starts=usual["starts"], start_rounds=usual.get("start_rounds", 1))
        except ConfigError:
            gone |= STARTS
    return {name: value for name, value in usual.items() if name not in gone}


def table(value: object, place: str) -> dict[str, object]:
    """The settings of one part; a bare word is its kind."""
    if isinstance(value, str) and place != "training":
        return {"kind": value}
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place}: {value!r} is not a table of settings; give one, such as [{place}] in a TOML file")
    return dict(value)


def merge(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`base` with what `over` says instead. Where `over` names another kind, what `base` said of its own is dropped."""
    merged = dict(base)
    for name, value in over.items():
        if name == "seed" or name not in PARTS:
            merged[name] = value
            continue
        new, old = table(value, name), table(merged.get(name, {}), name)
        other = "kind" in new and "kind" in old and new["kind"] != old["kind"]
        merged[name] = new if other else {**old, **new}
    return merged


def read_toml(path: Path) -> dict[str, Any]:
    """The settings of a TOML file as nested plain data, names not yet looked at.

    Raises:
        ConfigError: no such file, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; give a TOML file of settings") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); give a TOML file of settings") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}; see toml.io for how it is written") from None
