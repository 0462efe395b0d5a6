"""`uva-2020-text`: what it trains, what its networks write, and verdicts from runs whose numbers are made up."""

import json
from pathlib import Path

import pytest
from made_up_texts import write_text_run

import pushpop
from pushpop.errors import ConfigError
from pushpop.experiments import store
from pushpop.reporting.records import read_run
from pushpop.reporting.runs import Group
from pushpop.studies import reproduce, uva_text, uva_text_claims, uva_text_written
from pushpop.studies.catalogue import find
from pushpop.studies.findings import Findings, trials
from pushpop.studies.study import Study, Trained
from pushpop.studies.verdicts import CONFIRMED, CONTRADICTED, NOT_CONFIRMED, UNDECIDED
from pushpop.tasks import corpora

SEEN = 11_520_000  # characters of the study


@pytest.fixture
def made(tmp_path):
    """made(variant, ...) gives the record of a made-up run; `ended` is its loss and accuracy on training windows."""

    def made(variant, *, ended=None, distance=None, writing=None, greedy=None, blocks=None, seed=0, **given):
        root = tmp_path / f"{variant}-{seed}-{len(list(tmp_path.iterdir()))}"
        run = write_text_run(root, seed=seed, **given)
        (run / "trial.json").write_text(json.dumps({"variant": variant, "number": 0, "sweep": "s"}))
        (run / "model.safetensors").write_bytes(b"weights")
        metrics = json.loads((run / "metrics.json").read_text())
        if distance:
            metrics["by_distance"] = [{"from": first, "to": last, "nats": nats, "characters": 64}
                                      for (first, last), nats in distance.items()]  # fmt: skip
        (run / "metrics.json").write_text(json.dumps(metrics))
        if ended:
            events = [{"step": step, "words": step * 8, "seconds": 1.0, "loss": 3.0 if step <= 180 else ended[0],
                       "accuracy": 0.1 if step <= 180 else ended[1]} for step in range(10, 201, 10)]  # fmt: skip
            (run / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
        if writing:
            content = {"weights": uva_text_written.lengths.fingerprint(run), **writing}
            (run / "writing.json").write_text(json.dumps(content))
        if blocks:
            content = {"weights": uva_text_written.lengths.fingerprint(run), **blocks}
            (run / "blocks.json").write_text(json.dumps(content))
        if greedy:
            rows = store.read_samples(run)
            for row in rows:
                if row["temperature"] == 0:
                    row["samples"] = [{"prefix": text[:1], "text": text[1:]} for text in greedy.get(row["part"], [])]
            (run / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_run(run)

    return made


def verdicts(outcomes):
    return [outcome.verdict for outcome in outcomes]


def test_the_study_has_its_own_settings_and_nothing_of_ours_has_more_characters():
    sweep = find("uva-2020-text").sweep()
    seen = {}
    for configuration, settings, _ in trials(sweep, Path("sweep")):
        task, model, training = settings.task.settings, settings.model.settings, settings.training
        seen.setdefault(configuration.variant, []).append(settings.seed)
        assert training.words * task.window <= SEEN
        assert (task.corpus, task.licence) == ("democracy-in-america-v1", "keep")
        assert (task.validation > 0) == configuration.variant.startswith("regularised")
        if configuration.variant.startswith("as published"):
            assert (model.layers, model.hidden, model.embedding, model.dropout) == (2, 1024, 256, 0.0)
            assert (training.optimiser, training.rate, training.decay, training.clip) == ("adam", 5e-4, 1e-4, 5.0)
            assert (training.batch, task.window, task.state) == (256, 30, "zero")
            assert (training.schedule, training.warm_up) == ("constant", 0)
            assert training.last_step() / (1 - task.held_out) == pytest.approx(1500), "as many passes as the study"
    assert seen["as published, a tenth held out"] == [0]
    assert seen["ours, 2 x 512"] == [0]
    assert len(seen["regularised, dropout"] + seen["regularised, no decay"]) == 3
    assert {name.partition(",")[0] for name in seen} == set(uva_text.PARTS)


@pytest.mark.parametrize(
    ("ended", "verdict", "said"),
    [((1.08, 0.67), CONFIRMED, "1.080"), ((1.2, 0.67), NOT_CONFIRMED, "1.200"), ((0.9, 0.72), NOT_CONFIRMED, "beyond")],
)
def test_its_curves_end_where_it_says_or_not(made, ended, verdict, said):
    (outcome,) = uva_text_claims.curves([made("as published, a tenth held out", ended=ended)])
    assert outcome.verdict == verdict
    assert said in outcome.evidence


def test_the_end_of_a_curve_has_no_part_of_what_lies_before(made, tmp_path):
    """At an evaluation the log has the mean since the one before, which may be of far earlier steps."""
    record = made("ours, 2 x 512", ended=(1.2, 0.6))
    events = (record.path / "events.jsonl").read_text().splitlines()
    late = {"step": 200, "words": 1600, "seconds": 1.0, "loss": 9.0, "accuracy": 0.0, "test": {"nats": 1.0}}
    (record.path / "events.jsonl").write_text("\n".join([*events[:-1], json.dumps(late)]) + "\n")
    assert uva_text_claims.ends(read_run(record.path)) == pytest.approx({"nats": 1.2, "accuracy": 0.6})


def test_remembered_text_is_where_a_network_is_ahead_of_those_that_have_not_read_it(made):
    plain = {"before the tail": [1.5, 1.7], "tail": [1.8, 2.0]}
    judges = [made("regularised, no decay", blocks=plain), made("regularised, dropout", blocks=plain)]
    tails = ([1.5, 1.71], [1.4, 1.7], [1.1, 1.31])
    runs = [made("ours, 2 x 512", blocks={"before the tail": [1.1, 1.29], "tail": tail}) for tail in tails]
    outcomes = uva_text_claims.remembered([*judges, *runs])
    assert verdicts(outcomes) == [CONFIRMED, UNDECIDED, CONTRADICTED]
    assert "ahead by 0.405 nats on text read, by 0.295 on the tail (± 0.014)" in outcomes[0].evidence
    assert uva_text_claims.remembered(runs) == [], "that the tail costs more says nothing: it may be the harder text"


def test_samples_widen_where_more_of_their_words_are_different(made):
    loops, wide = ["the law of the law.", "of the law."], ["people are kings.", "of one nation."]
    runs = [made("ours, 2 x 512", greedy={1: loops, 2: loops, 3: wide}),
            made("ours, 2 x 512", greedy={1: wide, 2: wide, 3: loops}),
            made("ours, 2 x 512", greedy={1: wide, 2: loops, 3: wide}),
            made("ours, 2 x 512", greedy={1: ["a b c d e f g h i j a."], 3: ["a b c d e f g h i j k."]})]  # fmt: skip
    assert verdicts(uva_text_claims.widening(runs)) == [CONFIRMED, CONTRADICTED, UNDECIDED, UNDECIDED]


def test_a_word_that_a_sample_breaks_off_in_is_none():
    assert uva_text_claims.different(["of the", "of a"]) == 0.5
    assert uva_text_claims.different(["of the.", "of a."]) == 0.75
    assert uva_text_claims.different(["o", ""]) == 0.0


@pytest.mark.parametrize(("far", "verdict"), [(1.7, CONFIRMED), (1.51, NOT_CONFIRMED), (1.4, CONTRADICTED)])
def test_text_falls_apart_where_what_a_window_has_reached_is_lost_beyond_it(made, far, verdict):
    distance = {(1, 16): 2.0, (17, 32): 1.5, (33, 64): far, (65, 1024): far}
    (outcome,) = uva_text_claims.falling([made("windows, 30 from zero", distance=distance)])
    assert outcome.verdict == verdict
    assert f"1.500 nats at 17 to 32 characters, {far:.3f} beyond" in outcome.evidence
    assert uva_text_claims.falling([]) == []


def test_the_reach_of_gradients_is_judged_with_the_state_carried_by_all(made):
    zero = made("windows, 30 from zero", distance={(1, 32): 1.5, (33, 1024): 9.0})
    runs = [zero, made("windows, 30 carried", distance={(1, 32): 1.6, (33, 64): 1.5, (65, 1024): 1.5})]
    longer = [{(1, 32): 1.6, (33, 1024): 1.4}, {(1, 32): 1.5, (33, 1024): 1.41}, {(1, 32): 1.6, (33, 1024): 1.49},
              {(1, 32): 1.6, (33, 1024): 1.6}]  # fmt: skip
    wanted = [CONFIRMED, NOT_CONFIRMED, NOT_CONFIRMED, CONTRADICTED]
    for distance, verdict in zip(longer, wanted, strict=True):
        (outcome,) = uva_text_claims.reach([*runs, made("windows, 256 carried", distance=distance)])
        assert outcome.verdict == verdict, distance
    assert "30 carried 1.500 nats, 256 carried 1.600 (within: 1.600 and 1.600)" in outcome.evidence
    assert uva_text_claims.reach(runs) == []


def writing(*known):
    rows = [{"tau": tau, "samples": ["\nthe law"], "qualities": [
        {"characters": 30, "known": 0.9, "copied": 3, "repeated": 0.0},
        {"characters": 300, "known": share, "copied": 9, "repeated": 0.1}]}
        for tau, share in zip((0.5, 1.0, 2.0), known, strict=True)]  # fmt: skip
    texts = ["s of the state", "s of the state", *"abcde"]
    said = [{"prompt": prompt, "text": text} for prompt, text in zip(uva_text_written.PROMPTS, texts, strict=True)]
    return {"temperatures": rows, "completions": said}


def test_temperatures_are_judged_by_the_words_that_are_known(made):
    known = [(0.2, 0.8, 0.97), (0.6, 0.8, 0.97), (0.2, 0.8, 0.9)]
    runs = [*(made("ours, 2 x 512", writing=writing(*shares)) for shares in known), made("ours, 2 x 512")]
    assert verdicts(uva_text_claims.temperatures(runs)) == [CONFIRMED, NOT_CONFIRMED, NOT_CONFIRMED]


def test_completions_that_are_the_same_are_counted(made):
    (outcome,) = uva_text_claims.alike([made("as published, a tenth held out", writing=writing(0.2, 0.8, 0.9))])
    assert (outcome.verdict, outcome.evidence) == (CONFIRMED, "as published, a tenth held out: 2 of 7")


@pytest.mark.parametrize(("gain", "verdict"), [(0.02, CONFIRMED), (0.0005, UNDECIDED), (-0.02, CONTRADICTED)])
def test_dropout_helps_where_unread_text_costs_less_block_by_block(made, gain, verdict):
    """Blocks differ by far more than the two networks do on any of them."""
    before = [1.2, 1.6, 1.4]
    after = [1.2 - gain + 0.001, 1.6 - gain - 0.001, 1.4 - gain]
    plain = made("regularised, dropout", dropout=0.0, ended=(1.1, 0.6), blocks={"validation": before})
    other = made("regularised, dropout", dropout=0.3, ended=(1.2, 0.6), blocks={"validation": after})
    (outcome,) = uva_text_claims.helps([plain, other], "model.dropout")
    assert outcome.verdict == verdict
    assert "training 1.100 to 1.200" in outcome.evidence
    assert uva_text_claims.helps([plain, other], "training.decay") == []
    assert uva_text_claims.helps([plain], "model.dropout") == []


def test_tables_have_the_study_s_numbers_below_ours(made):
    blocks = {"before the tail": [1.0, 1.2], "tail": [1.3, 1.5], "validation": []}
    runs = [made("ours, 2 x 512", seed=seed, ended=(1.2, 0.6), nats=1.4, writing=writing(0.2, 0.8, 0.97), blocks=blocks)
            for seed in (0, 1)]  # fmt: skip
    found = Findings(find("uva-2020-text").sweep(), [Group("ours, 2 x 512", tuple(runs))], {})
    ours, theirs = uva_text.networks(found).rows
    assert theirs[:5] == (uva_text.THEIRS, 1, SEEN, 1.05, 0.675)
    assert (ours[1], ours[3].middle, ours[6].middle) == (2, pytest.approx(1.2), pytest.approx(1.4))
    assert (ours[9].middle, ours[10].middle) == (pytest.approx(1.1), pytest.approx(1.4))
    assert len(theirs) == len(ours)
    table = uva_text.by_temperature(found)
    assert table.columns[3:5] == ("words known in 30", "words known in 300")
    assert table.rows == tuple(
        ("ours, 2 x 512", tau, temperature, 0.9, known, 9, 0.1, "the law")
        for tau, temperature, known in (("0.5", "2", 0.2), ("1", "1", 0.8), ("2", "0.5", 0.97))
    )
    table = uva_text.completed(found)
    assert table.columns == ("prompt", "ours, 2 x 512")
    assert table.rows[:2] == (("The heart of democracy is", "s of the state"), ("Liberty is", "s of the state"))
    assert set(uva_text.kept(found)) == {"networks", "temperatures", "completions"}


def test_every_part_is_shown_with_its_curves(made):
    groups = [Group(f"{part}, net", (made(f"{part}, net", ended=(1.2, 0.6)),)) for part in uva_text.PARTS]
    found = Findings(find("uva-2020-text").sweep(), groups, {"verdicts": [], "quick": False})
    sections = uva_text.shown(found)
    headings = [section.heading for section in sections]
    for heading in uva_text.PARTS.values():
        assert f"Loss: {heading}" in headings
    names = [one.name for section in sections for one in (*section.drawings, *section.tables)]
    assert len(names) - len(set(names)) == len(uva_text.PARTS), "a figure and a table share a name, nothing else"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has read a little of its own, and the folder of its run."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "book.txt").write_text(
        "The heart of democracy is North. Liberty is Slavery. America is People of Equality.\n" * 40
    )
    rhythm = {"batch": 4, "steps": 4, "words": 0, "evaluate_words": 5}
    task = {"kind": "text", "corpus": str(folder / "book.txt"), "window": 8}
    return pushpop.train(task, {"kind": "lstm-lm", "hidden": 8}, training=rhythm, run=folder / "run", quiet=True)


def test_the_first_run_of_each_network_writes_once(trained, monkeypatch):
    asked = []
    monkeypatch.setattr(uva_text_written, "TINY", {0.5: 30, 2.0: 40})
    runs = [Trained(trained.path, "ours, 2 x 512", "{}"), Trained(Path("second"), "ours, 2 x 512", "{}"),
            Trained(Path("not asked"), "regularised, dropout", "{}")]  # fmt: skip
    uva_text.after(runs, True, asked.append)
    found = uva_text_written.written(trained.path)
    assert asked == [f"{trained.path.name}: reads the texts that all are compared on", f"{trained.path.name}: writes"]
    assert [len(row["samples"]) for row in found["temperatures"]] == [8, 8]
    assert [one["characters"] for one in found["temperatures"][1]["qualities"]] == [30, 40]
    cold = trained.generate(temperature=0.5, length=40, samples=8)
    assert found["temperatures"][1]["samples"] == cold, "tau 2 is temperature 1/2"
    assert [one["prompt"] for one in found["completions"]] == list(uva_text_written.PROMPTS)
    assert {len(one["text"]) for one in found["completions"]} == {30}
    uva_text.after(runs, True, asked.append)
    assert len(asked) == 2
    (trained.path / "writing.json").write_text('{"weights": "of others"}')
    assert uva_text_written.written(trained.path) == {}


def test_another_text_of_the_name_is_refused(monkeypatch):
    cut = corpora.Corpus(
        title="cut", files=(), unit="characters", characters=1_128_956, sha256="", cut=0, text=lambda: iter(())
    )
    monkeypatch.setattr(corpora, "find", lambda *_, **__: cut)
    with pytest.raises(ConfigError, match=r"1,128,956 characters where the course's file has 1,148,435"):
        uva_text.corpus_here()


def test_a_study_whose_text_is_missing_says_so_and_leaves_no_folder(tmp_path, monkeypatch):
    def missing():
        raise ConfigError("democracy-in-america-v1: cannot be fetched")

    study = Study(description="", file="uva_2020_text.toml", shown=lambda _: [], needs=missing)
    monkeypatch.setattr(reproduce, "find", lambda _: study)
    with pytest.raises(ConfigError, match="cannot be fetched"):
        reproduce.run("uva-2020-text", out=tmp_path / "study")
    assert not (tmp_path / "study").exists()
