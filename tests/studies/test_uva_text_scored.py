"""Texts that networks are compared on: which they are, what they cost block by block, and when they are read."""

import json
from pathlib import Path

import numpy as np
import pytest

import pushpop
from pushpop.evaluation import text
from pushpop.reporting.records import read_run
from pushpop.studies import uva_text_scored

LICENCE = "*** END OF THE PROJECT GUTENBERG EBOOK THIS BOOK ***\n" + "Of the licence there are these words.\n" * 40


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has read a quarter of a book which ends in a licence, and the folder of its run."""
    folder = tmp_path_factory.mktemp("books")
    lines = [f"Line {number} of this long book says {'abcdefg'[number // 30 % 7] * 20}.\n" for number in range(1_000)]
    (folder / "book.txt").write_text("".join(lines) + LICENCE)
    rhythm = {"batch": 4, "steps": 4, "words": 0, "evaluate_words": 5}
    task = {"kind": "text", "corpus": str(folder / "book.txt"), "licence": "keep", "held_out": 0.0, "validation": 0.75}
    task["window"] = 8
    return pushpop.train(task, {"kind": "lstm-lm", "hidden": 8}, training=rhythm, run=folder / "run", quiet=True)


def test_the_same_places_are_read_whatever_was_trained_on_and_no_licence(trained):
    whole = Path(trained.task.corpus).read_text()
    work, head = whole.index(LICENCE), len(whole) - len(whole) // 10
    found = uva_text_scored.costs(trained.path)
    known = {name: whole[start:end] for name, start, end in (
        ("before the tail", 2 * head - work, head), ("tail", head, work),
        ("validation", trained.task.ends["training"], len(whole)))}  # fmt: skip
    assert {name: len(blocks) for name, blocks in found.items()} == {
        name: (len(part) - 1) // 1_000 for name, part in known.items()
    }
    for name, part in known.items():
        symbols = trained.vocabulary.encode(part, unknown="map")
        nats = text.windowed(trained.model, np.asarray(symbols), 30).nats
        assert found[name][1] == pytest.approx(nats[1_000:2_000].mean(), rel=1e-4), name


def test_texts_are_read_once_by_the_weights_that_are_there(trained, tmp_path):
    asked = []
    uva_text_scored.read_on([trained.path, tmp_path], asked.append)
    assert asked == [f"{trained.path.name}: reads the texts that all are compared on"]
    record = read_run(trained.path)
    assert len(uva_text_scored.blocks_of(record, "tail")) == 3
    assert uva_text_scored.nats_of(record, "tail") == pytest.approx(sum(uva_text_scored.kept(trained.path)["tail"]) / 3)
    uva_text_scored.read_on([trained.path], asked.append)
    assert len(asked) == 1
    (trained.path / "blocks.json").write_text(json.dumps({"weights": "of others", "tail": [1.0]}))
    assert uva_text_scored.blocks_of(record, "tail") == []
    assert uva_text_scored.nats_of(record, "tail") is None
    (trained.path / "blocks.json").write_text("torn")
    assert uva_text_scored.kept(trained.path) == {}


def test_differences_of_the_same_blocks_are_surer_than_those_of_others():
    one, other = [1.0, 2.0, 3.0], [0.9, 1.8, 2.9]
    gap, sure = uva_text_scored.dearer(one, other)
    assert (gap, sure) == (pytest.approx(0.4 / 3), pytest.approx(2 * ((1 + 1.003333) / 3) ** 0.5, rel=1e-4))
    gap, sure = uva_text_scored.gained(one, other)
    assert (gap, sure) == (pytest.approx(0.4 / 3), pytest.approx(2 * (0.01 / 9) ** 0.5))
