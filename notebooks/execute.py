"""Execute every notebook of this folder, each in a fresh kernel of the Python that runs this file.

    .venv/bin/python notebooks/execute.py              copies with fresh outputs in executed/
    .venv/bin/python notebooks/execute.py --inplace    refresh the outputs that are committed
    .venv/bin/python notebooks/execute.py 01_*.ipynb   only these
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
EXECUTED = HERE / "executed"
TIMEOUT_S = 300.0


class ThisPython(KernelSpecManager):
    """Every kernel is this very Python, whatever kernels the machine or its user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification that starts ipykernel with ``sys.executable``."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "--log-level=40"]
        argv += ["-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class OutOfTimeError(Exception):
    """A notebook that takes longer than its time."""


class Client(NotebookClient):
    """Gives every cell what is left of the time of the whole notebook."""

    def __init__(self, notebook: NotebookNode, seconds: float) -> None:
        super().__init__(
            notebook,
            km=AsyncKernelManager(kernel_spec_manager=ThisPython()),
            timeout_func=self.seconds_left,
            record_timing=False,
            resources={"metadata": {"path": str(HERE)}},
        )
        self.limit = seconds
        self.end = time.monotonic() + seconds

    def seconds_left(self, _: Any = None) -> float:
        """What is left; below one second the cell would not have begun."""
        left = self.end - time.monotonic()
        if left < 1.0:
            raise OutOfTimeError
        return left


def execute(path: Path, seconds: float = TIMEOUT_S) -> tuple[NotebookNode, str | None]:
    """Run one notebook from top to bottom.

    Args:
        path: of the notebook; it is only read.
        seconds: limit for the whole notebook.

    Returns:
        the notebook with fresh outputs, and None or what went wrong, with the cell.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = Client(notebook, seconds)
    error = None
    try:
        client.execute()
    except CellExecutionError as failure:
        error = _failing_cell(notebook) + f"\n{failure.ename}: {failure.evalue}"
    except (CellTimeoutError, OutOfTimeError):
        error = f"not done after {seconds:.0f} s"
    except DeadKernelError as failure:
        error = f"the kernel died: {failure}"
    return tidy(notebook), error


def _failing_cell(notebook: NotebookNode) -> str:
    for number, cell in enumerate(notebook.cells, start=1):
        outputs = cell.get("outputs", [])
        if any(output.output_type == "error" for output in outputs):
            return f"cell {number}:\n" + "\n".join("    " + x for x in cell.source.splitlines())
    return "a cell"


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Without what depends on the machine: versions, timings, pieces of one stream."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        joined: list[Any] = []
        for output in cell.outputs:
            last = joined[-1] if joined else None
            if output.output_type == "stream" and last and last.get("name") == output.name:
                last.text += output.text
            else:
                joined.append(output)
        cell.outputs = joined
    nbformat.validate(notebook)
    return notebook


def warnings_in(notebook: NotebookNode) -> str:
    """What the notebook wrote to stderr."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(
        output.text
        for output in outputs
        if output.output_type == "stream" and output.name == "stderr"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run, say how long each took, and return the exit status."""
    parser = argparse.ArgumentParser(description="Execute the notebooks of this folder.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of this folder")
    parser.add_argument("--inplace", action="store_true", help="refresh the committed outputs")
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, help="seconds per notebook")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebooks] or sorted(HERE.glob("*.ipynb"))
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        print(f"no such notebook: {missing[0]}" if missing else f"no notebooks in {HERE}")
        return 2
    failed = 0
    with tempfile.TemporaryDirectory() as profile:
        # nobody's start-up files, no remarks of the debugger about Python's frozen modules
        os.environ |= {"IPYTHONDIR": profile, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        for path in paths:
            started = time.monotonic()
            notebook, error = execute(path, options.timeout)
            seconds = time.monotonic() - started
            print(f"{path.name}: {'FAILED' if error else 'ok'}, {seconds:.1f} s", flush=True)
            if error:
                failed += 1
                print(error, flush=True)
            elif written := warnings_in(notebook):
                print(f"on stderr:\n{written}", flush=True)
            EXECUTED.mkdir(exist_ok=True)
            nbformat.write(notebook, EXECUTED / path.name)  # type: ignore[no-untyped-call]  # nbformat
            if options.inplace and not error:
                nbformat.write(notebook, path)  # type: ignore[no-untyped-call]  # nbformat
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
