"""A study on a real PostgreSQL server, which the tests start; where there is none they are skipped."""

import pytest
from postgres import Server
from sweeps import came_to, changed, end, start, write_toml

from pushpop.errors import StorageError
from pushpop.experiments.ledger import Ledger, look


@pytest.fixture
def mortal(server):
    """A server for one test alone, which may crash."""
    mortal = Server()
    mortal.start()
    mortal.query("create database study")
    yield mortal
    mortal.remove()


def test_a_server_that_crashes_is_one_line_and_the_study_goes_on(mortal):
    url = mortal.url("study")
    ledger = Ledger.open(url, "sweep")
    numbers = [ledger.begin({"hidden": 64}, {"seed": seed}) for seed in range(3)]
    ledger.finish(0, "done", 0.5, {"words": 7})
    entries = ledger.entries()
    mortal.crash()
    for write in (lambda: ledger.finish(1, "done", 0.5, {}), lambda: ledger.begin({}, {}), ledger.entries):
        with pytest.raises(StorageError) as told:
            write()
        said = str(told.value)
        assert said.startswith(f"storage {url.replace('secret', '***')}: ")
        assert said.endswith("what was stored before is whole; mend that and start the same sweep again")
        assert "\n" not in said
    ledger.close()
    mortal.start()
    assert numbers == [0, 1, 2]
    assert look(url, "sweep") == entries
    ledger = Ledger.open(url, "sweep")
    ledger.finish(1, "done", 0.25, {})
    assert ledger.begin({}, {}) == 3
    assert [entry.state for entry in ledger.entries()] == ["done", "done", "running", "running"]
    ledger.close()


def test_no_such_database_is_one_line(server):
    with pytest.raises(StorageError, match=r'storage postgresql.*: .*database "nowhere" does not exist; '):
        Ledger.open(server.url("nowhere"), "sweep")


def test_a_database_of_no_encoding_is_spoken_with_in_utf8(server):
    """Such as a cluster made with `initdb --locale=C`: its driver would give bytes for text."""
    server.query("create database plain encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'")
    ledger = Ledger.open(server.url("plain"), "Übung")
    ledger.finish(ledger.begin({}, {"said": "∑.txt"}), "done", 0.5, {"words": 7})
    (entry,) = look(server.url("plain"), "Übung")
    assert (entry.state, entry.attrs["said"]) == ("done", "∑.txt")
    ledger.close()


def test_a_sweep_keeps_its_study_on_the_server(database, tmp_path):
    file, out = write_toml(tmp_path / "tiny.toml", changed(over={})), tmp_path / "out"
    said = end(start(file, out, "--workers", "2", "--storage", database), out)
    assert said["done"] == len(came_to(out)) == 2
    assert [entry.state for entry in look(database, "tiny")] == ["done"] * 2
    assert not (out / "study.journal").exists()
    other = tmp_path / "other"
    assert start(file, other, "--storage", database).wait() == 2
    assert "its study 'tiny' is that of the sweep in" in other.with_suffix(".complaints").read_text()
