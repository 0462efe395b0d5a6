"""`packaged-networks`: it trains the packaged networks as they were made, and sees whether each is the same again."""

import json
import shutil
from pathlib import Path

import pytest

from pushpop.experiments import lengths, packaged
from pushpop.experiments.trial import train_settings
from pushpop.reporting.records import read_run
from pushpop.studies import packaged_networks, reproduce
from pushpop.studies.catalogue import STUDIES
from pushpop.studies.findings import trials
from pushpop.studies.verdicts import CONFIRMED, NOT_CONFIRMED, UNDECIDED

STUDY = STUDIES["packaged-networks"]
OFFICIAL = Path(__file__).parents[2] / "docs" / "results" / "packaged-networks.json"
SETTINGS = {configuration.variant: settings for configuration, settings, _ in trials(STUDY.sweep(), Path())}


@pytest.fixture
def made(tmp_path):
    """made(name, change) gives the record of a run that came out as the network of that name, its config changed."""

    def made(name, change=lambda config: None):
        run = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(packaged.found(Path(name)), run)
        config = json.loads((run / "config.json").read_text())
        change(config)
        (run / "config.json").write_text(json.dumps(config))
        (run / "trial.json").write_text(json.dumps({"variant": name, "number": 0, "sweep": "s"}))
        return read_run(run)

    return made


def test_it_trains_every_network_as_it_was_made():
    """Red where a default has changed: then the networks are to be made anew, too."""
    assert sorted(SETTINGS) == packaged.names()
    for name, settings in SETTINGS.items():
        assert packaged_networks.of_network(settings, name), name
        assert settings.training.threads == 1
    assert not packaged_networks.of_network(SETTINGS["@copy"], "@reverse")
    assert [claim.says.split()[0] for claim in STUDY.claims] == packaged.names()


@pytest.mark.parametrize("name", packaged.names())
def test_a_network_is_the_same_only_if_every_byte_is(name, made):
    record = made(name)
    (found,) = packaged_networks.again([record, made("@copy" if name != "@copy" else "@reverse")], name)
    assert found.verdict == CONFIRMED
    assert found.evidence.startswith(f"{packaged_networks.sha256(record.path)[:16]} again, after ")
    weights = record.path / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    (found,) = packaged_networks.again([record], name)
    assert (found.verdict, packaged_networks.row(name, record)[3]) == (NOT_CONFIRMED, "no")


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.update(seed=1),
        lambda config: config["training"].update(words=320),
        lambda config: config["model"].update(noise=0.2),
    ],
    ids=["seed", "budget", "setting"],
)
def test_another_run_decides_nothing(change, made):
    record = made("@reverse", change)
    assert [one.verdict for one in packaged_networks.again([record], "@reverse")] == [UNDECIDED]
    assert packaged_networks.row("@reverse", record)[3] == "another run"


def test_of_a_run_that_has_not_ended_there_is_nothing_to_compare(made):
    record = made("@reverse")
    (record.path / "metrics.json").unlink()
    (record.path / "model.safetensors").unlink()
    assert packaged_networks.row("@reverse", read_run(record.path))[1:4] == ("197b2a0d8f79079c", None, None)


def test_the_study_in_small_has_a_row_and_a_verdict_for_each(played, tmp_path):
    found = reproduce.run("packaged-networks", out=tmp_path / "study", quick=True)
    assert len(found.summary["verdicts"]) == 3
    assert [row[0] for row in found.tables[0].rows] == list(SETTINGS)
    assert [row[3] for row in found.tables[0].rows] == ["another run"] * 3
    assert [row[7:] for row in found.tables[0].rows] == [(12, None)] * 3
    assert [one["same"] for one in found.summary["hashes"]] == [None] * 3
    assert found.summary["arithmetic"] in found.summary["networks"]["caption"]


def test_what_the_package_keeps_of_longer_words_is_what_the_official_runs_came_to():
    trials = {one["variant"]: one["by_length"] for one in json.loads(OFFICIAL.read_text())["trials"]}
    for name in packaged.names():
        folder = packaged.found(Path(name))
        assert lengths.read(folder / lengths.LENGTHS, folder) == trials[name] != []


@pytest.mark.long
@pytest.mark.parametrize("name", packaged.names())
def test_made_again_it_is_the_same_file(name, tmp_path):
    """Where sums come out as on the machine of the official run, the packaged one; elsewhere the same twice."""
    made = train_settings(SETTINGS[name], tmp_path / "run", quiet=True).path
    there = packaged.found(Path(name))
    if json.loads(OFFICIAL.read_text())["arithmetic"] != packaged_networks.arithmetic():
        there = train_settings(SETTINGS[name], tmp_path / "again", quiet=True).path
    assert packaged_networks.sha256(made) == packaged_networks.sha256(there)
