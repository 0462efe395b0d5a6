"""Documents are of the depth that was asked for, as a judge says that knows nothing of how they are made."""

import hashlib
from collections import Counter
from itertools import islice

import pytest

from pushpop.tasks import brackets
from pushpop.tasks.brackets import Chance, documents, tree
from pushpop.tasks.corpora import find
from pushpop.tasks.nesting import PAIRS, nested, well_formed

GOLDEN = {  # of the first 5,000 characters
    "dyck": "c19de1c56419",
    "quotations": "269adfbd5aa6",
    "json": "34df4bb3c552",
    "lisp": "b5541a825ffb",
    "arithmetic": "ad7b54052655",
}
every_language = pytest.mark.parametrize("language", PAIRS)


@every_language
@pytest.mark.parametrize("depth", [1, 2, 6, 24])
def test_a_document_is_closed_well_formed_and_as_deep_as_asked(language, depth):
    for document in islice(documents(language, (depth, depth), "test", 1_000), 40):
        assert "\n" not in document
        assert nested(document, language) == ("", depth, True)
        assert well_formed(document, language), document


@every_language
def test_all_depths_are_as_likely(language):
    depths = Counter(nested(one, language).depth for one in islice(documents(language, (2, 5), "test", 0), 800))
    assert set(depths) == {2, 3, 4, 5}
    assert min(depths.values()) > 150


@every_language
def test_documents_are_fixed_by_their_key_alone(language):
    first, again = (list(islice(documents(language, (1, 6), "test", 7), 20)) for _ in range(2))
    assert first == again
    assert first != list(islice(documents(language, (1, 6), "test", 8), 20))


def test_they_grow_with_their_depth_and_not_faster():
    """20 levels more are some 20 / 10 times the characters of 10 levels, however deep."""
    sizes = [sum(map(len, islice(documents("lisp", (depth, depth), "test", 0), 100))) / 100 for depth in (10, 30, 50)]
    assert 1.5 < (sizes[2] - sizes[1]) / sizes[0] < 2.5
    assert 1.5 < (sizes[1] - sizes[0]) / sizes[0] < 2.5


def test_a_tree_is_of_its_depth():
    def height(node):
        return 1 + max(map(height, node.children)) if node.children else 0

    chance = Chance("test")
    assert all(height(tree(chance, depth)) == depth for depth in range(12) for _ in range(20))


@pytest.mark.parametrize("name", brackets.NAMES)
def test_a_corpus_is_found_by_its_name_and_is_always_the_same(name, monkeypatch):
    monkeypatch.setattr(brackets, "CHARACTERS", 5_000)
    brackets.corpus.cache_clear()
    corpus = find(name)
    brackets.corpus.cache_clear()
    text = "".join(corpus.chunks())
    assert corpus.title == brackets.NAMES[name]
    assert 5_000 <= len(text) < 6_000
    assert text.endswith("\n")
    language = name.removeprefix("brackets-")
    assert all(well_formed(line, language) and 1 <= nested(line, language).depth <= 6 for line in text.splitlines())
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == GOLDEN[language]
