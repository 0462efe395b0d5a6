"""Figures others published for a task, to stand beside ours."""

from dataclasses import dataclass, field

from pushpop.reporting.maxima import MAXIMA, NETWORKS, SHORT, UNVERIFIED


@dataclass(frozen=True, kw_only=True)
class Published:
    """One published network: its source, its scores by split and measure, and how often it was solved if known."""

    source: str
    note: str
    network: str
    solved: tuple[int, int] | None = None  # solved, runs
    words: int | None = None  # trained on in all, where the study says it
    validation: dict[str, float] = field(default_factory=dict)
    test: dict[str, float] = field(default_factory=dict)


CS281 = "CS281 study 2019"
NOTE = (
    "In italics what the CS281 reversal study of 2019 published for the same task, about two hours on a GPU a run: the "
    "scores of its own table (for the stack net those of a run that found the rule), and how many of its nine archived "
    "runs of the stack net were perfect on its test words."
)
# Coarse: the report's table. Token: the archived curves, "fine" in its code, which counts every matching place.
# Its text counts six runs of the stack net, its archive has nine at the same settings.
PUBLISHED = {
    "reverse": [
        Published(source=CS281, note=NOTE, network="RNN 4 × 256", words=25_000_000,
                  validation={"coarse": 0.741, "token": 0.981}, test={"coarse": 0.0, "token": 0.373}),
        Published(source=CS281, note=NOTE, network="LSTM 2 × 256",
                  validation={"coarse": 0.505, "token": 0.970}, test={"coarse": 0.0, "token": 0.132}),
        Published(source=CS281, note=NOTE, network="LSTM + stack, 64h 64e", words=500_000, solved=(5, 9),
                  validation={"coarse": 1.0, "token": 1.0}, test={"coarse": 1.0, "token": 1.0}),
    ],
}  # fmt: skip
BEST = (
    f"In italics what {SHORT} published: of each network the highest of 30 runs, each of 128 million words. A star: "
    "from memory, not checked in print."
)
PUBLISHED |= {
    task: [
        Published(source=SHORT, note=BEST, network=f"{network}{'*' * (network in UNVERIFIED.get(task, ()))}",
                  words=128_000_000, test={"position": score / 100})
        for network, score in zip(NETWORKS, scores, strict=True)
    ]
    for task, scores in MAXIMA.items()
}  # fmt: skip
# Figures of another alphabet or other lengths say nothing about ours.
SIZES = {"reverse": {"symbols": 128, "shortest": 8, "longest": 64, "test_shortest": 65, "test_longest": 128}}
SIZES |= {task: {"shortest": 1, "longest": 40, "test_shortest": 41, "test_longest": 500} for task in MAXIMA}
