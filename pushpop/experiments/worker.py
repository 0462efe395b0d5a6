"""What any launcher's process does with a job: train it on from where its folder stands. Touches no study."""

import os
import traceback
from pathlib import Path

from pushpop.experiments import store
from pushpop.experiments.launchers import Job
from pushpop.experiments.settings import Settings


def train_job(job: Job) -> None:
    """Train until the folder holds `metrics.json`, or, if the run fails, `failure.json` with the traceback.

    A folder with neither is that of a process that was killed, or asked to stop: the same job goes on with it.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(job.threads))  # before torch is imported, where nobody has said it
    folder = Path(job.folder)
    try:
        from pushpop.experiments.trial import train_settings

        train_settings(Settings.from_dict(job.settings), folder, resume=True, quiet=True)
    except store.Held:
        return  # by a process that a scheduler before this one started: it will end the run
    except Exception as error:
        message = " ".join(str(error).split())
        store.write_json(folder / store.FAILURE, {"error": f"{type(error).__name__}: {message}",
                                                  "traceback": traceback.format_exc()})  # fmt: skip
