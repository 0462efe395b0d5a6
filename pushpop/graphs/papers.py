"""Nets that read one graph whole: the class of every node, and which pairs of nodes are edges.

The first layer reads only the words that a node has. Axes: N nodes, V words there are, W width of a state, C classes,
P pairs of nodes.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, elu, softplus

from pushpop.graphs.aggregators import Aggregator, Normalised, Reduce
from pushpop.graphs.attention import Attention
from pushpop.graphs.graph import Graphs
from pushpop.graphs.layers import first_weights
from pushpop.graphs.ordered import InOrder
from pushpop.graphs.segments import total
from pushpop.graphs.sparse import SparseFeatures, SparseLinear
from pushpop.graphs.trainable import Trainable
from pushpop.models.paper_settings import (
    GATPaperSettings,
    GCNPaperSettings,
    LinkSettings,
    PaperSettings,
    SAGEPaperSettings,
)
from pushpop.tasks.graphs.citation import Citations

MOST_SPREAD = 10.0  # of the logarithm of a standard deviation: e^10 is far beyond all that trains


@dataclass(frozen=True, eq=False)
class Known:
    """What a net knows of a graph: every node's words, and the edges along which it may hear."""

    words: SparseFeatures
    graphs: Graphs  # without features of its own: these are the words

    @classmethod
    def of(cls, citations: Citations, edges: np.ndarray | None = None) -> "Known":
        """All nodes of a citation graph, with these edges [2, E], or all of it has."""
        given = citations.edges if edges is None else edges
        return cls(SparseFeatures.of(citations), Graphs.of(torch.zeros(citations.nodes, 1), given))

    def to(self, device: torch.device | str) -> "Known":
        """The same on another device."""
        moved = {name: getattr(self.words, name).to(device) for name in ("rows", "columns", "values")}
        return Known(replace(self.words, **moved), self.graphs.to(device))


class OneGraphNet(Trainable, ABC):
    """What nets share that read one graph whole."""

    @abstractmethod
    def forward(self, known: Known) -> Tensor:
        """What each node has come to: scores of classes [N, C], or its vector [N, W]."""

    def begin(self, number: int) -> None:
        """Chance from here on is that of a step with this number: no step before it matters."""
        self.chance.manual_seed(number)
        for part in self.modules():
            if isinstance(part, InOrder):
                part.calls.fill_(number % 2**40)

    def some_words(self, known: Known, share: float) -> SparseFeatures:
        """The words with a share of them left out: leaving out a word that is not there changes nothing."""
        return replace(known.words, values=self.left_out(known.words.values, share))


class Papers(OneGraphNet):
    """Scores of the classes of all nodes: a layer over words, then layers over states.

    h <- act(heard(W h) + b) where nodes hear themselves too, h <- act(U h + W heard(h) + b) where they do not.
    """

    def __init__(self, kind: str, settings: PaperSettings, vocabulary: int, classes: int) -> None:
        super().__init__()
        self.settings = settings
        widths = [*[settings.hidden] * (settings.layers - 1), classes]
        apart = isinstance(settings, SAGEPaperSettings)
        heads = settings.last_heads if isinstance(settings, GATPaperSettings) else 1  # of the last layer, averaged
        inner = [*widths[:-1], classes * heads]
        self.first = SparseLinear(vocabulary, inner[0])
        self.maps = nn.ModuleList(
            nn.Linear(before, after, bias=False) for before, after in zip(widths, inner[1:], strict=False)
        )
        self.own = nn.ModuleList()
        if apart:
            self.own.append(SparseLinear(vocabulary, widths[0]))
            self.own.extend(nn.Linear(before, after, bias=False) for before, after in pairwise(widths))
        self.heard = nn.ModuleList(
            aggregator(kind, settings, width, number, last=number == len(widths) - 1)
            for number, width in enumerate(inner)
        )
        self.biases = nn.ParameterList(torch.zeros(width) for width in widths)

    def forward(self, known: Known) -> Tensor:
        words = self.some_words(known, self.settings.words)
        state = self.first(words)
        own = self.own[0](words) if len(self.own) else None
        for number, bias in enumerate(self.biases):
            state = self.hear(number, state, known.graphs) + bias
            state = state if own is None else state + own
            if number == len(self.biases) - 1:
                break
            state = elu(state) if isinstance(self.settings, GATPaperSettings) else state.relu()
            state = self.left_out(state, self.settings.dropout)
            own = self.own[number + 1](state) if len(self.own) else None
            state = self.maps[number](state)
        return state

    def hear(self, number: int, states: Tensor, graphs: Graphs) -> Tensor:
        """What the nodes get in a layer; the heads of the last one averaged."""
        heard = self.heard[number]
        if not isinstance(heard, Attention):
            return heard(states, graphs)
        assert isinstance(self.settings, GATPaperSettings), "attention has its own settings"
        found = heard.weigh(states, graphs)
        weights = self.left_out(found.weights, self.settings.attention)
        values = states.unflatten(1, (heard.heads, -1))[found.sources]
        heads = total(weights[:, :, None] * values, found.targets, graphs.nodes)
        return heads.mean(1) if number == len(self.biases) - 1 else heads.flatten(1)

    def loss(self, known: Known, nodes: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross entropy (nats) of the labels of these nodes, and which of them are named right."""
        scores = self(known)[nodes]
        return cross_entropy(scores, labels), scores.argmax(1) == labels


def aggregator(kind: str, settings: PaperSettings, width: int, number: int, last: bool) -> Aggregator:
    """How the nodes hear each other in the layer of that number."""
    if isinstance(settings, GCNPaperSettings):
        return Normalised(settings.norm, "learn" if settings.loop == "learned" else settings.self_loop)
    if isinstance(settings, GATPaperSettings):
        return Attention(width, settings.last_heads if last else settings.heads, dynamic=kind == "gatv2")
    assert isinstance(settings, SAGEPaperSettings), f"{kind} has no aggregator"
    if settings.aggregator == "lstm":
        return InOrder(width, "random", seed=number)
    return Reduce(settings.aggregator)


class Links(OneGraphNet):
    """A vector for each node, by two graph convolutions; two nodes are linked with chance sigmoid(z_i . z_j).

    With `spread` it is the mean of a distribution of vectors, drawn from while training (VGAE); else it is the vector
    itself (GAE; Kipf and Welling 2016).
    """

    def __init__(self, settings: LinkSettings, vocabulary: int, spread: bool) -> None:
        super().__init__()
        self.settings = settings
        self.first = SparseLinear(vocabulary, settings.hidden)
        self.mean = nn.Linear(settings.hidden, settings.width, bias=False)
        self.spread = nn.Linear(settings.hidden, settings.width, bias=False) if spread else None
        self.heard = Normalised()

    def states(self, known: Known) -> Tensor:
        """What nodes have come to after the first layer [N, W]."""
        first = self.first(self.some_words(known, self.settings.words))
        return self.left_out(self.heard(first, known.graphs).relu(), self.settings.dropout)

    def forward(self, known: Known) -> Tensor:
        return self.heard(self.mean(self.states(known)), known.graphs)

    def loss(self, known: Known, edges: Tensor) -> Tensor:
        """Mean cross entropy (nats) of the edges, plus that of as many pairs drawn at random; for a distribution plus
        what it costs to tell it from N(0, 1), of the mean node and over all nodes once more, as published."""
        state = self.states(known)
        vectors, cost = self.heard(self.mean(state), known.graphs), 0.0
        if self.spread is not None:
            spread = self.heard(self.spread(state), known.graphs).clamp(max=MOST_SPREAD)
            cost = (vectors**2 + (2 * spread).exp() - 1 - 2 * spread).sum(1).mean() / 2 / len(vectors)
            noise = torch.empty(vectors.shape).normal_(generator=self.chance)
            vectors = vectors + noise.to(vectors) * spread.exp()
        drawn = torch.randint(len(vectors), edges.shape, generator=self.chance).to(edges.device)
        return softplus(-products(vectors, edges)).mean() + softplus(products(vectors, drawn)).mean() + cost


def products(vectors: Tensor, pairs: Tensor) -> Tensor:
    """z_i . z_j of each pair [2, P]: [P]."""
    return (vectors[pairs[0]] * vectors[pairs[1]]).sum(1)


def build_papers(kind: str, settings: PaperSettings, vocabulary: int, classes: int, seed: int) -> Papers:
    """Such as a `gcn`; its first weights follow from all that is given here."""
    with torch.random.fork_rng(devices=[]):  # what layers draw before they get weights of the seed disturbs nobody
        return first_weights(Papers(kind, settings, vocabulary, classes), seed)


def build_links(kind: str, settings: LinkSettings, vocabulary: int, seed: int) -> Links:
    """A `gae` or a `vgae`, likewise."""
    with torch.random.fork_rng(devices=[]):
        return first_weights(Links(settings, vocabulary, spread=kind == "vgae"), seed)
