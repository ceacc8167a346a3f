"""Results per case in one JSON file, written whole after every run: stop it at any time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: What the peers reached, part of the repository; what qnu reached here, not.
PEERS = HERE / "peers.json"
OURS = Path("results") / "routing_qnu.json"


class Store:
    """Cases by key: ``{"circuit": fingerprint, "version": of the compiler, "runs": {name: run}}``.

    A run of Qiskit is ``[two-qubit gates, two-qubit depth, estimated success, seconds]`` or the
    reason why there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.about: dict[str, Any] = found.get("about", {})
        self.cases: dict[str, dict[str, Any]] = found.get("cases", {})

    def runs(self, key: str, circuit: str, version: str) -> dict[str, Any]:
        """The runs of a case; those of another circuit or version are forgotten."""
        case = self.cases.get(key)
        if case is None or (case["circuit"], case["version"]) != (circuit, version):
            case = self.cases[key] = {"circuit": circuit, "version": version, "runs": {}}
        runs: dict[str, Any] = case["runs"]
        return runs

    def save(self) -> None:
        """All of it, one case a line; the old file stays until the new one is complete."""
        lines = [f"  {json.dumps(key)}: {json.dumps(case)}" for key, case in self.cases.items()]
        about = json.dumps(self.about, indent=1).replace("\n", "\n ")
        text = f'{{\n "about": {about},\n "cases": {{\n' + ",\n".join(lines) + "\n }\n}\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(self.path.name + ".new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, self.path)
