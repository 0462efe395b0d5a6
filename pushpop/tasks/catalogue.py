"""The tasks there are."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pushpop.tasks.binary import BaumSweet, BinaryPalindrome
from pushpop.tasks.combinations import RandomCombinations
from pushpop.tasks.counting import Addition, AnB2n, AnBmCnm, AnBn, AnBnCn, AnBnCnDn
from pushpop.tasks.dyck import Dyck
from pushpop.tasks.formal.catalogue import FORMAL
from pushpop.tasks.grammars import Gender, SvoSov
from pushpop.tasks.graphs.bfs import BreadthFirst
from pushpop.tasks.graphs.dfs import DepthFirst
from pushpop.tasks.graphs.expression import Expression
from pushpop.tasks.graphs.kinship import Kinship
from pushpop.tasks.graphs.lookup import LookUp
from pushpop.tasks.graphs.papers import Citeseer, CiteseerLinks, Cora, CoraLinks, Links, Nodes
from pushpop.tasks.graphs.parity import PathParity
from pushpop.tasks.graphs.temporal import Temporal
from pushpop.tasks.graphs.zero_shot import ZeroShot
from pushpop.tasks.strings import BigramFlip, Copy, Reverse
from pushpop.tasks.task import Task
from pushpop.tasks.text import Text


class TaskKind(NamedTuple):
    """How a task is named, set and made. Tasks of strings and numbers are their own settings: frozen fields."""

    settings: type[Task]
    build: Callable[[Task], Task]
    description: str
    model: str = "stack-lstm"  # what learns it unless another is named
    training: Mapping[str, Any] = {}  # what is usual for it, where that is not the default
    network: Mapping[str, Any] = {}  # settings of that model that are usual for it, where they are not the default
    meanings: Mapping[str, str] = {}  # what settings of training mean here, where that is not what they mean of words
    training_of: Mapping[str, Mapping[str, Any]] = {}  # what is usual of training beside it, by the kind of model


def itself(settings: Task) -> Task:
    """The task that its own settings are."""
    return settings


# Where symbols change places it is the read's turn in one step and the state's in the next: that is what the layer
# before the scores is for. The default margin leaves these tasks too little gradient to begin with; and the rate falls,
# since what is rare is learned by small steps alone (decision 16).
IN_TURN: dict[str, Any] = {"output": 128, "pop_bias": -1.0}
FLIPS: dict[str, Any] = {"words": 120_000, "patience": 12, "schedule": "cosine"}
GENDERS: dict[str, Any] = {**FLIPS, "words": 100_000}
# Most sentences are short, and right long before the others are: no patience.
SENTENCES: dict[str, Any] = {"words": 200_000, "patience": 0, "schedule": "cosine"}

# One seed in twenty of these never began to learn, and after 1,600 words that shows: two starts (decision 19).
TWICE: dict[str, Any] = {"starts": 2, "start_words": 1_600}

# Short words, few of which there are.
COUNTING: dict[str, Any] = {"batch": 32, "words": 96_000}

# As in the studies: batches of 128, gradients clipped at norm 10.
CLASSES: dict[str, Any] = {
    "rate": 1e-2, "clip": 10.0, "batch": 128, "words": 256_000, "evaluate_every": 20, "patience": 3,
}  # fmt: skip


def classification(settings: type[Task], description: str) -> TaskKind:
    """A task whose answer is a class."""
    return TaskKind(settings, itself, description, "lstm", CLASSES)


# Words are windows here: six million characters, about two minutes on two cores.
TEXT: dict[str, Any] = {
    "optimiser": "adamw", "rate": 6e-3, "decay": 0.01, "schedule": "cosine", "warm_up": 50, "batch": 64,
    "words": 96_000, "evaluate_every": 250, "evaluate_words": 500, "patience": 0,
}  # fmt: skip
# Settings of training that are about words alone.
OF_STEPS = ("foretell", "foretell_words", "foretell_then", "noise_words", "noise_then")
OF_WORDS = ("curriculum", "curriculum_start", "curriculum_words", "curriculum_loss", "curriculum_beyond", *OF_STEPS)
OF_TEXT = {
    "batch": "windows a step.",
    "words": "budget in windows of task.window characters.",
    "evaluate_words": (
        "windows scored at an evaluation, the first of validation (by which the kept weights are chosen) and of test; "
        "0 is all. At the end every part is scored whole."
    ),
    "patience": "of words: text is never wholly right, give 0.",
    **dict.fromkeys(OF_WORDS, "of words, not of text."),
}

# Words are graphs here; what is scored while training is a sample.
GRAPHS: dict[str, Any] = {
    "rate": 3e-3, "batch": 32, "words": 32_000, "evaluate_every": 100, "evaluate_words": 100, "patience": 0,
}  # fmt: skip


# What each task is learned with, as development seeds showed; the rate falls to 0 at the end of the budget.
FALLING: dict[str, Any] = {"schedule": "cosine", "warm_up": 50}
STEADY: dict[str, Any] = {"schedule": "linear", "rate": 1e-2}
LEARNED: dict[str, dict[str, Any]] = {
    "path-parity": {**STEADY, "words": 64_000, "evaluate_every": 250},
    "bfs": {**STEADY, "words": 9_600},
    "expression": {**FALLING, "rate": 5e-3, "batch": 64, "words": 96_000},
    "lookup": {**FALLING, "rate": 5e-3, "words": 22_400},
    "kinship": {**FALLING, "batch": 64, "words": 96_000},
    "temporal": {**FALLING, "rate": 5e-3, "words": 64_000},
    "zero-shot": {**FALLING, "rate": 5e-3, "batch": 16, "words": 19_200},
}
# Noise on states and drawn rounds while training, so that what is learned goes on.
GOES_ON: dict[str, Any] = {"hidden": 32, "messages": 0, "noise": 0.3, "factor": 2.0, "fewest": 0.5}
NETWORKS: dict[str, dict[str, Any]] = {
    "path-parity": GOES_ON,
    "bfs": {**GOES_ON, "said": "once", "numbers": "ranks", "rounds": "depth", "more": 2},
    "expression": {"hidden": 48, "rounds": "depth"},
    "lookup": {"layers": 1, "hidden": 128, "heads": 4, "smoothing": 0.1},
    "zero-shot": {"hidden": 32, "messages": 32, "aggregator": "sum", "rounds": "depth"},
}

OF_GRAPHS = {
    "batch": "graphs a step, all of one size.",
    "words": "budget in graphs.",
    "evaluate_words": (
        "graphs scored at an evaluation, the first of validation and of the test's smallest size beyond those trained "
        "on; 0 is all, and all once these are right. At the end every size of the test is scored."
    ),
    **dict.fromkeys(OF_STEPS, "of words, not of graphs."),
}

# A word is one look at the whole graph here; after each the validation part is scored.
ONE_GRAPH: dict[str, Any] = {
    "rate": 1e-2, "clip": 0.0, "batch": 1, "words": 0, "steps": 200, "evaluate_every": 1, "patience": 0,
}  # fmt: skip
OF_ONE_GRAPH = {
    "batch": "1: the whole graph.",
    "words": "budget in looks at the whole graph, as steps are.",
    "evaluate_words": "of words: a graph is scored whole.",
    "patience": "of words: a real graph is never wholly right, give 0.",
    **dict.fromkeys(OF_WORDS, "of words, not of one graph."),
}


def nodes(settings: type[Task], description: str) -> TaskKind:
    """A task on one graph: the classes of its nodes."""
    return TaskKind(settings, itself, description, "gcn", {**ONE_GRAPH, "decay": 5e-4}, meanings=OF_ONE_GRAPH)


def links(settings: type[Task], description: str) -> TaskKind:
    """A task on one graph: edges that were taken out of it."""
    return TaskKind(settings, itself, description, "gae", ONE_GRAPH, meanings=OF_ONE_GRAPH)


def graphs(name: str, settings: type[Task], description: str, model: str) -> tuple[str, TaskKind]:
    """A question about graphs, which each are a sequence too."""
    training, network = {**GRAPHS, **LEARNED.get(name, {})}, NETWORKS.get(name, {})
    return name, TaskKind(settings, itself, f"graphs: {description}", model, training, network, OF_GRAPHS)


GRAPH_TASKS = dict((
    graphs("path-parity", PathParity, "at each node of a path, the parity of the bits up to it", "recurrent-gnn"),
    graphs("bfs", BreadthFirst, "who first reaches each node in a breadth-first search", "recurrent-gnn"),
    graphs("dfs", DepthFirst, "who calls each node in a depth-first search", "recurrent-gnn"),
    graphs("expression", Expression, "the value of a nested expression of differences modulo m", "ordered-gnn"),
    graphs("lookup", LookUp, "the value stored under each query's key", "gatv2"),
    graphs("kinship", Kinship, "what the last of a chain of relatives is to the first", "lstm"),
    graphs("temporal", Temporal, "what each patient gets next, by its history and its relations", "two-branch"),
    graphs("zero-shot", ZeroShot, "the class of an item, told by a knowledge graph alone", "recurrent-gnn"),
))  # fmt: skip

TASKS: dict[str, TaskKind] = {
    "reverse": TaskKind(Reverse, itself, "say the word backwards (a stack's task)", training_of={"deque-lstm": TWICE}),
    "copy": TaskKind(
        Copy, itself, "say the word over again (a queue's task)", "queue-lstm", training_of={"queue-lstm": TWICE}
    ),
    "bigram-flip": TaskKind(
        BigramFlip,
        itself,
        "say the word, the two symbols of each pair exchanged",
        "queue-lstm",
        FLIPS,
        {**IN_TURN, "margin": 0.5},
    ),
    "svo-sov": TaskKind(
        SvoSov,
        itself,
        "say a made-up sentence with its verb at the end",
        "queue-lstm",
        SENTENCES,
        {**IN_TURN, "margin": 0.5},
    ),
    "gender": TaskKind(
        Gender,
        itself,
        "say made-up English in German, articles by gender",
        "queue-lstm",
        GENDERS,
        {**IN_TURN, "margin": 0.1, "noise": 0.0},
    ),
    "anbn": TaskKind(AnBn, itself, "after n times a: n times b", training=COUNTING),
    "anbncn": TaskKind(AnBnCn, itself, "after n times a: n times b, n times c", training=COUNTING),
    "anbncndn": TaskKind(AnBnCnDn, itself, "after n times a: n times b, n times c, n times d", training=COUNTING),
    "anb2n": TaskKind(AnB2n, itself, "after n times a: 2 n times b", training=COUNTING),
    "anbmcnm": TaskKind(AnBmCnm, itself, "after n times a, m times b: n + m times c", training=COUNTING),
    "addition": TaskKind(Addition, itself, "the sum of two binary numbers, lowest digit first", training=COUNTING),
    "dyck": TaskKind(Dyck, itself, "close all brackets that are open, of k kinds (a stack's task)"),
    **{
        name: TaskKind(
            one.settings, itself, f"{one.settings.level}: {one.description}", one.model, one.training, one.network
        )
        for name, one in FORMAL.items()
    },
    "random-combinations": classification(RandomCombinations, "class: which of 0..N-1 is missing from a permutation"),
    "baum-sweet": classification(BaumSweet, "class: whether a binary number has no odd block of zeros"),
    "binary-palindrome": classification(BinaryPalindrome, "class: the last bit of a palindrome, which is its first"),
    "text": TaskKind(Text, itself, "text, character by character: what comes next", "lstm-lm", TEXT, meanings=OF_TEXT),
    **GRAPH_TASKS,
    "cora": nodes(Cora, "class of each of Cora's 2,708 papers, from words, citations and 140 known classes"),
    "citeseer": nodes(Citeseer, "the same of Citeseer's 3,327 papers, 120 of them known"),
    "nodes": nodes(Nodes, "the same of a graph of yours, in two text files, or of the karate club"),
    "cora-links": links(CoraLinks, "citations taken out of Cora, told from pairs that are none"),
    "citeseer-links": links(CiteseerLinks, "the same of Citeseer"),
    "links": links(Links, "the same of a graph of yours, or of the karate club"),
}
