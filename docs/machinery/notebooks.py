"""Runs a notebook of the guide from top to bottom, as Jupyter would, and keeps what its cells say.

python docs/machinery/notebooks.py docs/guide/notebook.ipynb          in its own place
python docs/machinery/notebooks.py docs/guide/notebook.ipynb OUT      in the place of OUT, which it writes
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient


def run(path: Path, out: Path) -> None:
    """Execute it in an empty folder; without times, so that the file changes only where something else is said."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False, resources=place).execute()
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    nbformat.write(notebook, out)


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    run(given[0], given[-1])
