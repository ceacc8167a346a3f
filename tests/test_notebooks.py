"""The stored notebooks: whole, with outputs, and without a trace of the machine that ran them.

That they run is checked by ``make notebooks``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"/(home|work|Users|tmp|root|usr|opt)/|[A-Z]:\\\\| at 0x[0-9a-f]+")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return json.loads(request.param.read_text(encoding="utf-8"))["cells"]


def code(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [cell for cell in cells if cell["cell_type"] == "code"]


def texts(cell: dict[str, Any]) -> list[str]:
    """Source and everything of the outputs that is text."""
    found = ["".join(cell["source"])]
    for output in cell.get("outputs", []):
        found.append("".join(output.get("text", "")))
        found += ["".join(x) for kind, x in output.get("data", {}).items() if "text" in kind]
    return found


def test_there_is_a_first_notebook() -> None:
    assert [path.name[:2] for path in NOTEBOOKS][:1] == ["01"]


def test_outputs_are_stored_and_clean(cells: list[dict[str, Any]]) -> None:
    outputs = [output for cell in code(cells) for output in cell["outputs"]]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 5
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_run_once_from_top_to_bottom(cells: list[dict[str, Any]]) -> None:
    counts = [cell["execution_count"] for cell in code(cells)]
    assert counts == list(range(1, len(counts) + 1))
    assert not [cell for cell in cells if "execution" in cell["metadata"]]


def test_no_trace_of_a_machine(cells: list[dict[str, Any]]) -> None:
    assert not [text for cell in cells for text in texts(cell) if MACHINE.search(text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_small_enough_to_keep(path: Path) -> None:
    assert path.stat().st_size < 3_000_000
