"""Runs a notebook of the guide from top to bottom, as Jupyter would, and keeps what its cells say.

python docs/machinery/notebooks.py docs/guide/notebook.ipynb          in its own place
python docs/machinery/notebooks.py docs/guide/notebook.ipynb OUT      in the place of OUT, which it writes
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

COMPILING = "compiling the kernel "  # said where no run before on this machine did


def run(path: Path, out: Path) -> None:
    """Execute it in an empty folder; without times, and without which kernels were compiled, so that the file changes
    only where something else is said."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False, resources=place).execute()
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in map(without_compiling, cell.outputs) if output.get("text", "-")]
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"], "language_info": {"name": "python"}}
    nbformat.write(notebook, out)


def without_compiling(output: NotebookNode) -> NotebookNode:
    """What a cell says, but for the lines that tell which kernels are compiled."""
    if "text" in output:
        lines = output.text.splitlines(keepends=True)
        output.text = "".join(line for line in lines if not line.startswith(COMPILING))
    return output


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    run(given[0], given[-1])
