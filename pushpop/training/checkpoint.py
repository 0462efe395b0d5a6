"""What a run leaves on disk: all it needs to go on (`state.pt`), and the weights worth keeping (`model.safetensors`).

Everything is in `state.pt`; `model.safetensors` is derived from it and written after it. A kill between the two leaves
older kept weights beside a newer state, both whole, and the next `restore` derives them anew.
"""

import hashlib
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn

from pushpop.errors import RunError, TrainingFailed
from pushpop.training.durable import write_whole
from pushpop.training.loop import Kept, Run

STATE = "state.pt"
WEIGHTS = "model.safetensors"
FORMAT = 1
DAMAGE = (  # what zipfile, torch and the reading of fields raise on a file that is not what it should be
    zipfile.BadZipFile,
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """A copy of a model's weights, on the CPU."""
    return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in model.state_dict().items()}


def save(run: Run, folder: Path) -> None:
    """Write the run to its folder: first all of it, then the kept weights.

    Raises:
        TrainingFailed: a weight is no longer a number; the files stay those of the last good checkpoint.
    """
    weights = weights_of(run.model)
    for name, value in weights.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise TrainingFailed(f"step {run.step}: {name} holds values that are no longer numbers")
    write_whole(folder / STATE, packed(run, weights))
    write_weights(folder, weights if run.kept is None else run.kept.weights)


def packed(run: Run, weights: dict[str, Tensor]) -> bytes:
    """All of a run that survives a restart, as `state.pt` holds it; `weights` are its own, on the CPU."""
    kept = run.kept
    state: dict[str, Any] = {
        "format": FORMAT,
        "step": run.step,
        "words": run.words,
        "seconds": run.seconds,
        "over": run.over,
        "right": run.right,
        "reached": run.reached,
        "losses": torch.tensor(run.losses, dtype=torch.float64),
        "shares": torch.tensor(run.shares, dtype=torch.float64),
        "evaluated": run.evaluated,
        "converged": run.converged,
        "carried": list(run.carried),
        "starts": run.starts,
        "waiting": run.waiting,
        "rivals": run.rivals,
        "weights": weights,
        "optimiser": run.optimiser.state_dict(),
        "kept": None if kept is None else {"step": kept.step, "rank": list(kept.rank), "weights": kept.weights},
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def restore(run: Run, folder: Path) -> bool:
    """Bring a fresh run to where the folder's `state.pt` stands; false if there is none yet.

    Raises:
        RunError: the file is damaged or belongs to another model.
    """
    path = folder / STATE
    if not path.exists():
        return False
    damaged = f"{path}: damaged or of another model; its run cannot go on, so start it afresh in another folder"
    try:
        if zipfile.ZipFile(path).testzip() is not None:  # torch itself does not look at the checksums it writes
            raise RunError(damaged)
        state = take(run, path.read_bytes())
    except DAMAGE:
        raise RunError(damaged) from None
    write_weights(folder, state["weights"] if run.kept is None else run.kept.weights)
    return True


def take(run: Run, content: bytes) -> dict[str, Any]:
    """Bring a fresh run to where a packed one stands; gives what it was packed as."""
    state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    run.model.load_state_dict(state["weights"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step, run.words, run.seconds = state["step"], state["words"], state["seconds"]
    run.over, run.right, run.reached = state["over"], state["right"], state["reached"]
    run.losses = state["losses"].tolist()
    run.shares = state["shares"].tolist() if "shares" in state else []  # of versions that knew no classes
    run.evaluated = state.get("evaluated", run.step - len(run.losses))  # of versions that kept no others
    run.converged = dict(state.get("converged", {}))
    run.carried = tuple(state.get("carried", ()))
    for name in ("starts", "waiting", "rivals"):
        setattr(run, name, list(state.get(name, ())))  # of versions with one start, or without rounds
    kept = state["kept"]
    run.kept = kept and Kept(kept["step"], tuple(kept["rank"]), kept["weights"])
    return state


def mend_weights(folder: Path) -> None:
    """Where a folder's `model.safetensors` is missing, write it anew from `state.pt`, if that is there.

    Raises:
        RunError: the state is damaged.
    """
    if (folder / WEIGHTS).exists() or not (folder / STATE).exists():
        return
    try:
        state = torch.load(folder / STATE, map_location="cpu", weights_only=True)
        weights = state["weights"] if state["kept"] is None else state["kept"]["weights"]
    except DAMAGE:
        raise RunError(f"{folder / STATE}: damaged, so {WEIGHTS} cannot be made from it; train the run anew") from None
    write_weights(folder, weights)


def write_weights(folder: Path, weights: dict[str, Tensor]) -> None:
    """Replace the folder's `model.safetensors`; the file holds its own checksum."""
    write_whole(folder / WEIGHTS, safetensors_bytes(weights, {"sha256": checksum(weights)}))


def read_weights(model: nn.Module, folder: Path) -> None:
    """Give `model` the kept weights of a folder. Runs no code from the file.

    Raises:
        RunError: there are none yet, the file is damaged, or it belongs to another model.
    """
    path = folder / WEIGHTS
    if not path.exists():
        if (folder / STATE).exists():
            raise RunError(f"{path}: no such file; `pushpop train --run {folder} --resume` makes it from {STATE}")
        raise RunError(f"{path}: no such file, and no {STATE}; train the run on with --resume, or copy the file again")
    try:
        path.open("rb").close()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); mend that or give another folder") from None
    try:
        with safe_open(path, "pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            stated = (file.metadata() or {}).get("sha256")
    except (SafetensorError, OSError, ValueError) as error:
        raise RunError(f"{path}: damaged ({error}); copy it again or train the run anew") from None
    if stated != checksum(weights):
        raise RunError(f"{path}: damaged (its checksum differs); copy it again or train the run anew")
    try:
        model.load_state_dict(weights)
    except RuntimeError:
        raise RunError(f"{path}: the weights of another model than config.json says; restore the right file") from None


def checksum(weights: dict[str, Tensor]) -> str:
    """SHA-256 over names, shapes and values, by name."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(f"{name} {tuple(weights[name].shape)} {weights[name].dtype}\n".encode())
        digest.update(weights[name].contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
