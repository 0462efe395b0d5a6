"""Bracketed texts read and completed: judged on models that know the rule, or nothing."""

import math
from itertools import islice

import pytest
import torch
from torch import Tensor

from pushpop.evaluation import closing
from pushpop.evaluation.closing import closing as judged
from pushpop.evaluation.closing import completed, led, read_through
from pushpop.evaluation.sampling import Sampling
from pushpop.models.catalogue import LANGUAGE, build_language
from pushpop.models.language import LanguageModel
from pushpop.tasks.brackets import documents
from pushpop.tasks.nesting import PAIRS, nested
from pushpop.tasks.vocabulary import Vocabulary


def known(language: str) -> Vocabulary:
    return Vocabulary.of([*islice(documents(language, (1, 6), "test"), 300), "\n"])


class Knowing(LanguageModel[tuple[str, ...]]):
    """Closes at once whatever is open, then ends the line; its state is what it has read."""

    device = torch.device("cpu")

    def __init__(self, vocabulary: Vocabulary, language: str, knows: bool = True, sure: float = 9.0) -> None:
        super().__init__()
        self.known, self.language, self.knows, self.sure, self.longest = vocabulary, language, knows, sure, 0

    def state(self, batch: int) -> tuple[str, ...]:
        return ("",) * batch

    def read(self, symbols: Tensor, state: tuple[str, ...] | None = None) -> tuple[Tensor, tuple[str, ...]]:
        texts = self.state(len(symbols)) if state is None else state
        scores = torch.zeros(*symbols.shape, self.known.size)
        for t in range(symbols.shape[1]):
            texts = tuple(
                text + str(self.known.decode([row[t]])) for text, row in zip(texts, symbols.tolist(), strict=True)
            )
            if self.knows:
                for row, text in enumerate(texts):
                    scores[row, t, self.known.encode(self.next(text))[0]] = self.sure
        self.longest = max(self.longest, *map(len, texts))
        return scores, texts

    def next(self, text: str) -> str:
        line = text.rpartition("\n")[2]
        still = nested(line, self.language).open
        return PAIRS[self.language][still[-1]] if still else "\n"

    def hold(self, old, new, active):
        return tuple(b if keep else a for a, b, keep in zip(old, new, active.tolist(), strict=True))

    def carried(self, state: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text[text.rfind("\n") + 1 :] for text in state)

    def packed(self, state):
        raise NotImplementedError

    def unpacked(self, tensors):
        raise NotImplementedError


@pytest.mark.parametrize("language", PAIRS)
def test_a_model_that_knows_the_rule_closes_whatever_is_open(language):
    found = judged(Knowing(known(language), language, sure=60.0), known(language), language, 9, 6)
    assert (found.depth, found.documents, found.right) == (9, 6, 1.0)
    assert found.closed == {"greedy": 1.0, "sampled": 1.0}
    if language == "dyck":
        assert found.formed == found.closed
    if language in ("lisp", "arithmetic"):
        assert found.formed == {"greedy": 0.0, "sampled": 0.0}, "(), which is closed and no document"


def test_a_model_that_knows_nothing_is_scored_as_chance():
    vocabulary = known("dyck")
    model = Knowing(vocabulary, "dyck", knows=False)
    texts = list(islice(documents("dyck", (8, 8), "test", 3), 20))
    bits, right, characters = read_through(model, vocabulary, "dyck", texts)
    assert bits == pytest.approx(math.log2(vocabulary.size))
    assert characters == sum(map(len, texts)) + 20
    first = min(")]}>")  # of equal scores, the first
    assert right == pytest.approx(sum(text.count(first) for text in texts) / sum(len(text) // 2 for text in texts))
    assert judged(model, vocabulary, "dyck", 4, 5).closed == {"greedy": 0.0, "sampled": 0.0}


def test_a_character_costs_what_its_score_says():
    """By hand: of `[]` and its end of line a model that closes at once knows the last two."""
    vocabulary, sure = known("dyck"), 3.0
    bits, right, characters = read_through(Knowing(vocabulary, "dyck", sure=sure), vocabulary, "dyck", ["[]"])
    whole = math.log(vocabulary.size - 1 + math.exp(sure))
    assert (right, characters) == (1.0, 3)
    assert bits == pytest.approx((whole + 2 * (whole - sure)) / 3 / math.log(2), rel=1e-6)


def test_rows_end_with_their_texts_and_begin_with_other_documents():
    vocabulary = known("json")
    rows = led(vocabulary, "json", ["[7]", '{"a":null}'])
    assert rows.shape == (2, closing.LEAD + 10)
    first, second = (str(vocabulary.decode(row.numpy())) for row in rows)
    assert first.endswith("\n[7]")
    assert second.endswith('\n{"a":null}')
    assert first.count("\n") > 1


def test_completions_end_with_their_line_or_at_the_limit_and_are_the_same_in_pieces(monkeypatch):
    vocabulary = known("dyck")
    model = Knowing(vocabulary, "dyck")
    begun = ["([{", "<"]
    assert completed(model, vocabulary, "dyck", begun, Sampling(temperature=0), 9, 0) == ["}])\n", ">\n"]
    assert completed(model, vocabulary, "dyck", begun, Sampling(temperature=0), 2, 0) == ["}]", ">\n"]
    settings = LANGUAGE["stack-lstm-lm"].settings(hidden=8, embedding=4, memory=4)
    real = build_language("stack-lstm-lm", settings, vocabulary.size, 0)
    found = []
    for size in (64, 7):
        monkeypatch.setattr(closing, "READ", size)
        found.append(completed(real, vocabulary, "dyck", begun, Sampling(), 40, 0))
    assert found[0] == found[1]
    assert found[0] != completed(real, vocabulary, "dyck", begun, Sampling(), 40, 1)


def test_what_is_read_long_ago_is_let_go():
    model = Knowing(known("lisp"), "lisp")
    judged(model, known("lisp"), "lisp", 3, 3)
    assert model.longest < 2 * (closing.LEAD + 200)
