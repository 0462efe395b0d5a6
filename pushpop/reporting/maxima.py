"""The published scores of the Chomsky benchmark (Delétang et al., "Neural Networks and the Chomsky Hierarchy", 2022).

Each is the highest of 30 runs: 10 seeds at 3 rates, a million steps of 128 words.
"""

NETWORKS = ("RNN", "Stack-RNN", "Tape-RNN", "Transformer", "LSTM")
MAXIMA: dict[str, tuple[float, ...]] = {  # per cent, of each network
    "even-pairs": (100, 100, 100, 96.4, 100),
    "modular-arithmetic": (100, 100, 100, 24.2, 100),
    "parity-check": (100, 100, 100, 52.0, 100),
    "cycle-navigation": (100, 100, 100, 61.9, 100),
    "stack-manipulation": (56.0, 100, 100, 57.5, 59.1),
    "reverse-string": (62.0, 100, 100, 62.3, 60.9),
    "modular-arithmetic-brackets": (41.3, 96.1, 95.4, 32.5, 59.2),
    "solve-equation": (51.0, 56.2, 64.4, 25.7, 67.8),
    "duplicate-string": (50.3, 52.8, 100, 52.8, 57.6),
    "missing-duplicate": (52.3, 55.2, 100, 56.4, 54.3),
    "odds-first": (51.0, 51.9, 100, 52.8, 55.6),
    "binary-addition": (50.3, 52.7, 100, 54.3, 55.5),
    "binary-multiplication": (50.0, 52.7, 58.5, 52.2, 53.1),
    "compute-sqrt": (54.3, 56.5, 57.8, 52.4, 57.5),
    "bucket-sort": (27.9, 78.1, 70.7, 91.9, 99.3),
}
# What could not be checked in the paper's text or a second paper: a whole row, or a network of it.
UNVERIFIED: dict[str, tuple[str, ...]] = {
    "even-pairs": ("Transformer",),
    "modular-arithmetic-brackets": NETWORKS,
    "solve-equation": NETWORKS,
    "missing-duplicate": NETWORKS,
    "binary-addition": NETWORKS,
    "binary-multiplication": NETWORKS,
    "compute-sqrt": NETWORKS,
    "bucket-sort": NETWORKS,
}
SHORT = "Delétang et al. 2022"


def written(task: str, network: str) -> str:
    """A published score in per cent, with a star where it could not be checked."""
    score = MAXIMA[task][NETWORKS.index(network)]
    return f"{score:g}{'*' * (network in UNVERIFIED.get(task, ()))}"


def best(task: str) -> tuple[str, float]:
    """The network with the highest score, and that score; of equals the first."""
    scores = MAXIMA[task]
    return NETWORKS[scores.index(max(scores))], max(scores)
