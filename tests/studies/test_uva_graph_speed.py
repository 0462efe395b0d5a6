"""An epoch with sparse features beside dense ones: the same net, timed, kept, and refused where the two differ."""

import pytest
import torch

import pushpop
from pushpop.errors import RunError
from pushpop.experiments.papers import build, known_of
from pushpop.models.paper_settings import GCNPaperSettings
from pushpop.studies import uva_graph_speed as speed
from pushpop.tasks.graphs.papers import Nodes

SMALL = GCNPaperSettings(hidden=4)


def test_the_dense_net_is_the_same_net():
    task = Nodes()
    known, net = known_of(task), build("gcn", SMALL, task, 3)
    dense = speed.Dense(net, known, 0.5)
    assert torch.allclose(dense.eval()(known), net(known), atol=1e-6)
    net.train()
    assert not torch.allclose(dense.train()(known), dense(known))


def test_times_are_told_as_a_ratio():
    found = speed.epochs(Nodes(), SMALL, 2)
    assert found["turns"] == 2
    assert found["ratio"] == pytest.approx(found["dense"] / found["sparse"])


def test_nets_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(speed.Dense, "forward", lambda self, known: 2 * self.net(known))
    with pytest.raises(RunError, match=r"epoch: sparse features cost .*, dense ones .*; none is timed"):
        speed.epochs(Nodes(), SMALL, 1)


def test_what_was_measured_is_kept_beside_the_run(tmp_path):
    run = tmp_path / "run"
    pushpop.train("nodes", {"kind": "gcn", "hidden": 4}, training={"steps": 2}, run=run, quiet=True)
    assert speed.found(run) == []
    speed.measure(run, quick=True)
    first = speed.found(run)
    assert [one["net"] for one in first] == ["as published, 16 units", "ours, 4 units"]
    speed.measure(run, quick=True)
    assert speed.found(run) == first
    made = speed.table(first, 200)
    assert made.columns[-1] == "seconds for 200 epochs"
    assert made.rows[0][3] == f"**{first[0]['ratio']:.1f}x**"
    (run / speed.EPOCH).write_text("{")
    assert speed.found(run) == []
