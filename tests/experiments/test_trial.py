"""Runs and their folders: trained once, never silently again, and every wrong folder told in one line."""

import json
import multiprocessing
import os
import re
import shutil
import signal

import numpy as np
import pytest
import torch

import pushpop
from pushpop.errors import ConfigError, PushpopError, RunError, TrainingFailed, WordError
from pushpop.experiments import store
from pushpop.experiments.presets import choose
from pushpop.experiments.settings import Settings
from pushpop.experiments.trained import build_model
from pushpop.experiments.trial import threads
from pushpop.kernels.threads import workers
from pushpop.models.catalogue import MODELS, build
from pushpop.models.recurrent import EncoderDecoder


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny):
    """A finished run; who changes it makes a copy."""
    path = tmp_path_factory.mktemp("runs") / "run"
    pushpop.train(**tiny, seed=3, run=path)
    return path


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def contents(path):
    return {entry.name: (entry.read_bytes(), entry.stat().st_mtime_ns) for entry in path.iterdir()}


def test_a_run_folder_holds_all_that_it_should(finished):
    names = {entry.name for entry in finished.iterdir() if not entry.name.startswith(("events.out", "."))}
    assert names == {"config.json", "events.jsonl", "state.pt", "model.safetensors", "metrics.json"}
    config = json.loads((finished / "config.json").read_text())
    assert config["version"] == pushpop.__version__
    assert set(config["word_sets"]) == {"validation", "test"}
    assert Settings.from_dict({part: config[part] for part in ("task", "model", "training", "seed")}).seed == 3
    metrics = json.loads((finished / "metrics.json").read_text())
    assert {"task", "model", "seed", "solved", "steps", "words", "seconds", "validation", "test"} <= set(metrics)
    assert (metrics["steps"], metrics["words"], metrics["solved"]) == (12, 48, False)
    assert set(metrics["test"]) == {"coarse", "fine", "token", "words"}
    assert metrics["test"]["words"] == metrics["validation"]["words"] == 1000
    logged = [json.loads(line) for line in (finished / "events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in logged] == [2, 4, 5, 6, 8, 10, 12]
    assert [event["step"] for event in logged if "validation" in event] == [5, 10, 12]


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
@pytest.mark.parametrize("model", ["stack-lstm", "superposition-lstm"])
def test_weight_decay_of_a_run_spares_what_it_is_told_to(model, optimiser, tiny, tmp_path):
    training = {**tiny["training"], "steps": 1, "optimiser": optimiser, "rate": 1e-6, "decay": 5e5}  # halves weights
    first = build_model(Settings.from_dict({**tiny, "model": model, "seed": 3})).state_dict()
    for spared in ("nothing", "actions"):
        given = {**tiny, "model": model, "training": {**training, "decay_spares": spared}}
        trained = pushpop.train(**given, seed=3, run=tmp_path / spared).model
        actions = {id(weight) for weight in trained.interface.actions()}
        assert actions
        for name, weight in trained.named_parameters():
            kept = id(weight) in actions and spared == "actions"
            assert torch.allclose(weight.detach(), first[name] * (1.0 if kept else 0.5), atol=1e-5), (spared, name)


def test_a_model_that_says_of_no_matrices_is_not_trained_by_another_optimiser_in_silence(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(EncoderDecoder, "matrices", lambda _: [])
    with pytest.raises(ConfigError, match=r"training.optimiser: muon: lstm says of no weights that they are matrices"):
        pushpop.train(**{**tiny, "training": {**tiny["training"], "optimiser": "muon"}}, run=tmp_path / "run")


@pytest.mark.parametrize("model", ["stack-gru", "superposition-lstm", "rnn", "lstm", "transformer"])
def test_muon_trains_every_net_that_writes_answers_and_steps_as_far_in_each_gate(model, tiny, tmp_path):
    training = {**tiny["training"], "steps": 1, "optimiser": "muon", "rate": 1.0, "clip": 0.0}
    first = build_model(Settings.from_dict({**tiny, "model": model, "seed": 3})).state_dict()
    trained = pushpop.train(**{**tiny, "model": model, "training": training}, seed=3, run=tmp_path / "run").model
    for matrix in trained.matrices():
        name = next(name for name, weights in trained.named_parameters() if weights is matrix.weights)
        moved = matrix.apart(matrix.weights.detach() - first[name])
        values = torch.linalg.svdvals(moved / (0.2 * max(moved.shape[1:]) ** 0.5))
        largest = values.max(1).values
        assert ((largest > 0.6) & (largest < 1.25)).all(), name


def test_a_run_from_before_strengths_were_cut_off_keeps_its_sigmoids(tiny, tmp_path):
    """The setting came later, and its default is another network."""
    pushpop.train(
        **{**tiny, "model": {"kind": "queue-rnn", "hidden": 6, "memory": 4, "margin": 0.0}}, run=tmp_path / "run"
    )
    config = json.loads((tmp_path / "run/config.json").read_text())
    del config["model"]["margin"]
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    assert store.read_config(tmp_path / "run").settings.model.settings.margin == 0
    assert Settings.from_dict({"model": config["model"]}).model.settings.margin > 0


def test_tensorboard_shows_every_event_once(finished):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(finished))
    found.Reload()
    assert [point.step for point in found.Scalars("loss")] == [2, 4, 5, 6, 8, 10, 12]
    assert [point.step for point in found.Scalars("validation/coarse")] == [5, 10, 12]


def test_a_finished_run_gives_its_result_again_and_touches_no_file(run, tiny):
    before = contents(run)
    again = pushpop.train(**tiny, seed=3, run=run)
    assert again.metrics == json.loads((run / "metrics.json").read_text())
    assert contents(run) == before


def test_the_name_of_a_run_folder_follows_from_its_settings(tmp_path, monkeypatch, tiny):
    monkeypatch.chdir(tmp_path)
    trained = pushpop.train(**{**tiny, "training": {**tiny["training"], "steps": 1}}, seed=5)
    assert str(trained.path) == f"runs/reverse/lstm-{trained.settings.hash()}-s5"
    assert trained.summary()["run"] == str(trained.path)
    assert pushpop.load(trained.path).settings == trained.settings


def test_a_loaded_run_predicts_and_evaluates(finished):
    trained = pushpop.load(finished)
    one = trained.predict([2, 0, 1])
    assert trained.predict([[2, 0, 1], [1]])[0] == one
    assert trained.predict(np.array([2, 0, 1])) == one
    scored = trained.evaluate(lengths="4-5,7", words=10)
    assert scored["words"] == 20
    assert {row["length"] for row in scored["by_length"]} <= {4, 5, 7}
    assert trained.evaluate()["coarse"] == trained.metrics["test"]["coarse"]
    assert trained.evaluate(words=[[0, 1]])["words"] == 1
    with pytest.raises(WordError, match="symbol 2 is 3"):
        trained.predict([1, 3])
    with pytest.raises(PushpopError, match="memory"):
        trained.trace([1, 2])


def test_words_may_be_tensors_and_arrays(finished):
    trained = pushpop.load(finished, device=torch.device("cpu"))
    one, both = trained.predict([2, 0]), trained.predict([[2, 0], [1, 1]])
    assert trained.predict(torch.tensor([2, 0])) == trained.predict((2, 0)) == one
    for words in ([[2, 0], [1, 1]], ((2, 0), (1, 1))):
        assert trained.predict(torch.tensor(words)) == trained.predict(np.array(words)) == both
    assert trained.predict([torch.tensor([2, 0]), np.array([1, 1])]) == both
    assert trained.predict(list(torch.tensor([2, 0]))) == one
    assert trained.evaluate(words=torch.tensor([[2, 0], [1, 1]]))["words"] == 2


@pytest.mark.parametrize("words", [5, {1, 2}, "1 2", None, iter([1]), {1: 2}, torch.tensor(1), np.array(1), 1.5])
def test_what_is_no_word_is_refused_in_one_line(words, finished):
    trained = pushpop.load(finished)
    line = r"^words: .* is no word and no list of words; give such as \[5, 17, 99\]$"
    with pytest.raises(WordError, match=line):
        trained.predict(words)
    if words is not None and words != 5:
        with pytest.raises(WordError, match=line):
            trained.evaluate(words=words)


def test_a_call_that_cannot_be_is_refused_in_one_line(finished):
    trained = pushpop.load(finished)
    with pytest.raises(WordError, match=r"symbol 1 is 1\.5; it is not an integer"):
        trained.predict(torch.tensor([1.5]))
    with pytest.raises(ConfigError, match=r"^words: True is no number of words; give 1 or more$"):
        trained.evaluate(words=True)
    with pytest.raises(ConfigError, match=r"^path: 5 is no path; give that of a run folder$"):
        pushpop.load(5)
    for wrong in ("foo", "cudax", "cuda:x", "", None, 0, torch.device("meta")):
        with pytest.raises(ConfigError, match=r"^device: .* is no device; give auto, cpu, cuda or cuda:0$"):
            pushpop.load(finished, device=wrong)


def test_an_unfinished_run_is_gone_on_with_only_when_asked(run, tiny):
    (run / "metrics.json").unlink()
    weights = (run / "model.safetensors").read_bytes()
    with pytest.raises(RunError, match=r"holds an unfinished run; go on with --resume"):
        pushpop.train(**tiny, seed=3, run=run)
    trained = pushpop.train(run=run, resume=True)
    assert trained.settings.seed == 3
    assert (run / "model.safetensors").read_bytes() == weights


def test_a_folder_with_another_run_is_refused_by_the_settings_that_differ(run, tiny):
    before = contents(run)
    other = {**tiny, "model": {"kind": "lstm", "hidden": 7}}
    for resume in (False, True):
        with pytest.raises(RunError, match=r"holds another run: model.hidden is 6 there and 7 here"):
            pushpop.train(**other, seed=3, run=run, resume=resume)
    foretold = {**tiny, "training": {**tiny["training"], "foretell": 0.5}}
    with pytest.raises(RunError, match=r"holds another run: training.foretell is 0.0 there and 0.5 here"):
        pushpop.train(**foretold, seed=3, run=run)
    with pytest.raises(RunError, match="seed is 3 there and 4 here"):
        pushpop.train(**tiny, seed=4, run=run)
    assert contents(run) == before


def test_a_run_on_a_task_that_is_not_in_the_catalogue_is_called_that_and_not_damaged(run):
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**config, "task": {**config["task"], "kind": "raised"}}))
    line = "a run on the task 'raised', and the catalogue here has none of that name; put it into pushpop.tasks.cat"
    with pytest.raises(RunError, match=f"^{re.escape(f'{run}: {line}')}"):
        pushpop.load(run)


def test_where_every_word_has_the_same_answer_nothing_is_trained(tmp_path):
    with pytest.raises(
        ConfigError, match=r"^task.longest: 2 is too short: every word has the same .*; give 3 or more$"
    ):
        pushpop.train({"kind": "solve-equation", "longest": 2}, run=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"3"])
def test_a_damaged_file_is_told_in_one_line(name, content, run):
    (run / name).write_bytes(content)
    with pytest.raises(RunError, match=name) as error:
        pushpop.load(run)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("change", [None, {"solved": 1}, {"validation": 5}, {"test": {"coarse": "x"}}, {"words": 1.5}])
def test_a_result_without_its_fields_is_damaged(change, run):
    result = json.loads((run / "metrics.json").read_text())
    (run / "metrics.json").write_text(json.dumps({"solved": True} if change is None else {**result, **change}))
    with pytest.raises(RunError, match=r"metrics.json: damaged, .*; restore it") as error:
        pushpop.load(run)
    assert "\n" not in str(error.value)


def test_weights_that_are_gone_come_back_from_the_state(run, tiny):
    weights = (run / "model.safetensors").read_bytes()
    (run / "model.safetensors").unlink()
    with pytest.raises(RunError, match=r"no such file; `pushpop train --run .* --resume` makes it from state.pt"):
        pushpop.load(run)
    pushpop.train(**tiny, seed=3, run=run, resume=True)
    assert (run / "model.safetensors").read_bytes() == weights


def test_weights_that_cannot_be_read_are_not_called_damaged(run):
    (run / "model.safetensors").unlink()
    (run / "model.safetensors").mkdir()
    with pytest.raises(RunError, match=r"model.safetensors: cannot be read \(Is a directory\)"):
        pushpop.load(run)


def test_a_refused_run_leaves_no_folder(tmp_path, tiny):
    with pytest.raises(ConfigError, match="cuda:99 is not there"):
        pushpop.train(**{**tiny, "training": {**tiny["training"], "device": "cuda:99"}}, run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_gives_back_the_threads_it_took(tmp_path, tiny):
    import torch

    before = torch.get_num_threads()
    training = {**tiny["training"], "steps": 1, "threads": before + 1}
    try:
        pushpop.train(**{**tiny, "training": training}, run=tmp_path / "run")
        assert torch.get_num_threads() == before
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("engine", "own"), [("fused", 1), ("eager", 3)])
@pytest.mark.parametrize("kind", ["stack-lstm", "lstm"])
def test_where_kernels_take_the_threads_torch_keeps_one(kind, engine, own):
    model = build(kind, MODELS[kind].settings(engine=engine), 9, 1, seed=0)
    with threads(3, model.fused()):
        assert (torch.get_num_threads(), workers(torch.get_num_threads())) == (own, 3)


def test_a_damaged_state_is_told_before_anything_is_written(run):
    (run / "metrics.json").unlink()
    (run / "state.pt").write_bytes(b"not a state")
    before = {name: both[0] for name, both in contents(run).items()}
    with pytest.raises(RunError, match=r"state.pt: damaged"):
        pushpop.train(run=run, resume=True)
    assert {name: both[0] for name, both in contents(run).items()} == before


def test_a_folder_that_is_no_run_is_left_alone(tmp_path, tiny):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(RunError, match=r"holds thesis.tex but no config.json"):
        pushpop.train(**tiny, run=tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(RunError, match="a file, where a run needs a folder"):
        pushpop.train(**tiny, run=tmp_path / "thesis.tex")
    with pytest.raises(RunError, match="no such run folder; give a folder"):
        pushpop.load(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"no run, it holds no config.json"):
        pushpop.load(tmp_path)


def hold(path, held, release):
    with store.locked(path):
        held.set()
        release.wait(60)


def test_two_processes_never_train_in_one_folder(tmp_path, tiny):
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path / "run", held, release))
    other.start()
    try:
        assert held.wait(60)
        with pytest.raises(RunError, match="another process is training it"):
            pushpop.train(**tiny, run=tmp_path / "run")
    finally:
        other.kill()
        other.join()
    pushpop.train(**{**tiny, "training": {**tiny["training"], "steps": 1}}, run=tmp_path / "run")


def test_a_run_whose_words_have_changed_is_not_gone_on_with(run, tiny):
    config = json.loads((run / "config.json").read_text())
    config["word_sets"]["test"] = "0" * 16
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match="its test words were others"):
        pushpop.train(**tiny, seed=3, run=run)


def test_a_loss_that_is_no_number_leaves_the_last_checkpoint(tmp_path, monkeypatch, tiny):
    from pushpop.experiments import feeding

    usual, calls = feeding.loss, []

    def breaks(model, batch):
        calls.append(1)
        return usual(model, batch) * (float("nan") if len(calls) == 8 else 1.0)

    monkeypatch.setattr(feeding, "loss", breaks)
    with pytest.raises(TrainingFailed) as error:
        pushpop.train(**tiny, run=tmp_path / "run")
    assert error.value.status == 1
    said = str(error.value)
    assert "step 7: the loss is nan" in said
    assert "checkpoint of step 4 is kept" in said
    assert "training.rate" in said
    assert pushpop.load(tmp_path / "run").metrics is None


def test_training_asks_the_model_for_its_own_loss(tmp_path, monkeypatch, tiny):
    """So that a model may compute it faster than from all scores."""

    def breaks(model, *batch):
        return torch.stack([weights.sum() for weights in model.parameters()]).sum() * float("nan")

    monkeypatch.setattr(EncoderDecoder, "loss", breaks)
    with pytest.raises(TrainingFailed, match="step 1: the loss is nan"):
        pushpop.train(**tiny, run=tmp_path / "run")


def test_ctrl_c_in_the_midst_and_on_again_is_the_same_run(finished, tmp_path, monkeypatch, tiny):
    from pushpop.experiments import feeding

    usual, calls = feeding.loss, []

    def pressed(model, batch):
        calls.append(1)
        if len(calls) == 8:
            os.kill(os.getpid(), signal.SIGINT)
        return usual(model, batch)

    with monkeypatch.context() as patch:
        patch.setattr(feeding, "loss", pressed)
        with pytest.raises(KeyboardInterrupt):
            pushpop.train(**tiny, seed=3, run=tmp_path / "run")
    last = json.loads((tmp_path / "run" / "events.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 6, "of step 7 only the state is saved"
    trained = pushpop.train(run=tmp_path / "run", resume=True)
    assert (trained.path / "model.safetensors").read_bytes() == (finished / "model.safetensors").read_bytes()


def test_the_published_networks_have_their_published_size():
    counts = {name: build_model(choose({}, name)).count() for name in ("cs281-2019", "paper-2015")}
    uncounted = 2 * 131 * 64 + (64 + 1) * 131 + 2 * 256  # the paper leaves out embeddings, softmax and h_0, c_0
    assert counts == {"cs281-2019": 150_597, "paper-2015": 673_602 + uncounted}


def test_an_early_stop_keeps_the_last_weights_and_says_solved(tmp_path):
    easy = {"kind": "reverse", "symbols": 2, "shortest": 1, "longest": 1, "test_shortest": 1, "test_longest": 1}
    training = {"rate": 0.05, "evaluate_every": 10, "words": 4000, "batch": 4}
    trained = pushpop.train(easy, {"kind": "gru", "hidden": 4}, training=training, run=tmp_path / "run")
    assert trained.solved
    assert trained.metrics["kept_step"] == trained.metrics["steps"] < 1000
    last = json.loads((tmp_path / "run" / "events.jsonl").read_text().splitlines()[-1])
    assert last["validation"] == {"coarse": 1.0, "fine": 1.0, "token": 1.0, "words": 1000}
