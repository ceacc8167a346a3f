"""``bench.json``: one section per kind of measurement, each with the machine it was taken on."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

SECTIONS = (
    *("peers", "contest", "scaling", "cases", "independent"),
    *(
        "packets",
        "phase_space",
        "collective",
        "transport",
        "compile",
        "routing",
        "optima",
        "mitigation",
    ),
)


def load(path: Path) -> dict[str, Any]:
    """The sections of a file; whatever else an older version left there is dropped."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        k: v for k, v in found.items() if isinstance(v, dict) and {"rows", "machine"} <= v.keys()
    }


def put(results: dict[str, Any], section: str, rows: Any, machine: dict[str, Any], **how: Any):
    """Replace one section; the others stay with the machine and the time that they have."""
    results[section] = {
        "taken": time.strftime("%Y-%m-%d"),
        "machine": machine,
        "how": how,
        "rows": rows,
    }


def save(results: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def rows(results: dict[str, Any], section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = results.get(section, {}).get("rows") or []
    return found
