"""The tasks of the Chomsky benchmark by name: what each asks, what learns it, and how that is trained."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pushpop.tasks.formal.context_free import ReverseString, StackManipulation
from pushpop.tasks.formal.context_sensitive import BucketSort, DuplicateString, MissingDuplicate, OddsFirst
from pushpop.tasks.formal.expressions import ModularArithmeticBrackets, SolveEquation
from pushpop.tasks.formal.family import Formal
from pushpop.tasks.formal.numbers import BinaryAddition, BinaryMultiplication, ComputeSqrt
from pushpop.tasks.formal.regular import CycleNavigation, EvenPairs, ModularArithmetic, ParityCheck

# Where one symbol is the answer, a rule is found on the shortest words and carried on to longer ones: of words of all
# lengths from the start an LSTM learned nothing of even pairs or parity. Found on seeds from 1000 on (decision 15).
BY_LENGTH: dict[str, Any] = {
    "curriculum": "adaptive", "curriculum_start": 0.05, "curriculum_loss": 0.05, "words": 160_000,
    "evaluate_words": 50,
}  # fmt: skip
# What is right on words of 40 symbols is still a little wrong on 500; a rate that falls to 0 takes it to the end.
TO_THE_END: dict[str, Any] = BY_LENGTH | {"rate": 5e-3, "schedule": "cosine", "patience": 0}
OF_CYCLES = BY_LENGTH | {"evaluate_every": 50}  # looks oftener, so goes on sooner
OF_ARITHMETIC = TO_THE_END | {"batch": 64}  # tables of digits to learn too
OF_STRINGS: dict[str, Any] = {"evaluate_words": 50}  # an answer as long as the word tells more
# From some first weights these take far longer, if they begin at all; after 3,200 words that shows (decision 19).
FROM_THREE = OF_STRINGS | {"starts": 3, "start_words": 3_200}
SMALL: dict[str, Any] = {"hidden": 64}
# With forget gates that begin shut, a net walks in a circle; with open ones, some count steps (decisions 15 and 17).
IN_A_CIRCLE: dict[str, Any] = {"hidden": 32, "forget_bias": -3.0}
# Each step's table of 25 sums is right to the end where weights decay and noise shakes them (decision 19), and the sum
# before a long product is kept best by a GRU, whose state stays as it is where its gates say so (decision 21).
OF_DIGITS = OF_ARITHMETIC | {"optimiser": "adamw", "decay": 0.1, "words": 1_200_000}
ON_DIGITS: dict[str, Any] = {"hidden": 64, "noise": 0.6}
# What an expression says next is told by its brackets, and foretelling it while it is read is what makes a net take to
# its stack: forget gates begin shut, so that values go through the stack too (decision 17). Weight decay is what turns
# values learned by heart into a rule (decision 19). Whether a start takes to the way of pushing and popping through
# which a rule soon goes hangs on its first weights, and is likelier where pushes and pops begin below the middle
# (decision 20). Which way it takes is settled after 32,000 words; from then on what cannot be foretold, digits and
# operators, is noise that hides what answers teach, and weighs less (decision 21). With Muon more starts follow the
# brackets, and values come sooner; whose come soon begins to show after 64,000. With a wider margin fewer strengths
# stay between 0 and 1 (decision 22). What a bracket is worth and what stood before it meet in one step, from two
# places, and that table is learned soon by 128 units, hardly by 64; wider noise from then on carries it farther
# (decision 23).
ON_BRACKETS: dict[str, Any] = {
    "hidden": 128,
    "memory": 16,
    "margin": 2.0,
    "noise": 0.1,
    "push_bias": -0.3,
    "pop_bias": -0.3,
}
OF_BRACKETS = OF_ARITHMETIC | {
    "optimiser": "muon", "decay": 0.1, "decay_spares": "actions", "foretell": 3.0, "curriculum_beyond": 0.5,
    "foretell_then": 0.5, "curriculum_loss": 0.1, "start_words": 64_000,
}  # fmt: skip
OF_EXPRESSIONS = OF_BRACKETS | {
    "foretell_words": 32_000, "noise_words": 256_000, "noise_then": 0.3,
    "starts": 12, "start_rounds": 3, "words": 2_400_000,
}  # fmt: skip
# Sums alone can be made without bringing anything back, in the state; a GRU's is bounded, and goes astray least. Noise
# widens as soon as one start goes on (decision 23). Most nets count them as far as words of 40 symbols go, instead of
# modulo 5; the words whose sums go farthest are sought out for that (decision 24).
OF_EQUATIONS = OF_BRACKETS | {
    "foretell_words": 64_000, "noise_words": 128_000, "noise_then": 0.4, "candidates": 16, "candidates_alike": 0.5,
    "starts": 6, "start_rounds": 2, "words": 1_280_000,
}  # fmt: skip


class FormalTask(NamedTuple):
    """A task of the Chomsky benchmark: what it asks, what learns it, how that is set, and how it is trained."""

    settings: type[Formal]
    description: str
    model: str
    training: Mapping[str, Any] = OF_STRINGS
    network: Mapping[str, Any] = {}


FORMAL: dict[str, FormalTask] = {
    "even-pairs": FormalTask(
        EvenPairs, "whether the number of unequal neighbours among bits is odd", "lstm", BY_LENGTH, SMALL
    ),
    "modular-arithmetic": FormalTask(
        ModularArithmetic, "the value modulo 5 of digits with + - * between them", "stack-gru", OF_DIGITS, ON_DIGITS
    ),
    "parity-check": FormalTask(ParityCheck, "whether the number of 1s is odd", "lstm", BY_LENGTH, SMALL),
    "cycle-navigation": FormalTask(
        CycleNavigation, "where steps to and fro on a circle of 5 places end", "stack-lstm", OF_CYCLES, IN_A_CIRCLE
    ),
    "stack-manipulation": FormalTask(
        StackManipulation, "what is left of a stack after pushes and pops", "stack-lstm", FROM_THREE
    ),
    "reverse-string": FormalTask(ReverseString, "say bits backwards", "stack-lstm"),
    "modular-arithmetic-brackets": FormalTask(
        ModularArithmeticBrackets,
        "the value modulo 5 of an expression in brackets",
        "stack-lstm",
        OF_EXPRESSIONS,
        ON_BRACKETS | {"forget_bias": -3.0},
    ),
    "solve-equation": FormalTask(
        SolveEquation, "what x is in an equation modulo 5 with brackets", "stack-gru", OF_EQUATIONS, ON_BRACKETS
    ),
    "duplicate-string": FormalTask(DuplicateString, "say bits twice", "queue-lstm", FROM_THREE),
    "missing-duplicate": FormalTask(
        MissingDuplicate, "the hidden bit of a string that is there twice", "queue-lstm", BY_LENGTH
    ),
    "odds-first": FormalTask(OddsFirst, "say every second bit, then the others", "queue-lstm"),
    "binary-addition": FormalTask(BinaryAddition, "the sum of two binary numbers, lowest bits first", "queue-lstm"),
    "binary-multiplication": FormalTask(BinaryMultiplication, "their product, lowest bits first", "queue-lstm"),
    "compute-sqrt": FormalTask(ComputeSqrt, "the whole part of the root of a binary number", "queue-lstm"),
    "bucket-sort": FormalTask(
        BucketSort, "say symbols 0 to 4 in order", "superposition-lstm", network={"stacks": 8, "noise": 0.3}
    ),
}
