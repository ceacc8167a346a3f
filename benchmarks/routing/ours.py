"""qnu's compiler on the same cases, alternately with single calls of Qiskit's level 3."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import qnu

from . import peers
from .apart import Apart
from .cases import Case, backend, fingerprint, gas_and_schedule, logical
from .store import Store

#: Timed calls of each, after a first one that loads kernels and libraries.
REPEATS = 3
#: Words of ``circuit.metadata["route"]`` for a circuit that Qiskit routed.
FALLBACKS = ("qiskit", "fallback", "sabre")
NAME = "default effort"


def compiled(case: Case, circuit: Any) -> Any:
    """By ``compile_for`` with its defaults; general circuits by the transpiler plugin."""
    device = backend(case.device)
    if not case.general:
        return qnu.quantum.compile_for(*gas_and_schedule(case), device)
    from qiskit import transpile

    methods = {"layout_method": "qnu", "routing_method": "qnu"}
    return transpile(circuit, device, optimization_level=3, seed_transpiler=0, **methods)


def one(case: Case, repeats: int = REPEATS) -> dict[str, Any]:
    """Gates, depth, success, median times of qnu and of one call of Qiskit."""
    from qiskit.transpiler import generate_preset_pass_manager

    circuit = logical(case)
    generate_preset_pass_manager(3, backend(case.device))  # plugins are loaded
    spent: list[float] = []
    theirs: list[float] = []
    for k in range(repeats + 1):
        begin = time.perf_counter()
        isa = compiled(case, circuit)
        spent.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        peers.compiled(circuit, case.device, k + 1)
        theirs.append(time.perf_counter() - begin)
    gates, depth, success, _ = _measured(case, isa)
    return {
        "gates": gates,
        "depth": depth,
        "success": success,
        "seconds": round(statistics.median(spent[1:]), 4),
        "first_s": round(spent[0], 3),
        "qiskit_s": round(statistics.median(theirs[1:]), 4),
        "route": str((isa.metadata or {}).get("route", "plugin")),
        **_bound(case),
    }


def _measured(case: Case, isa: Any) -> peers.Run:
    if case.general:
        return peers.measured(isa, case.device, 0.0)
    found = qnu.quantum.estimate(isa, backend(case.device).target)
    success = float(f"{found.success_probability:.4g}")
    return [found.two_qubit_gates, found.two_qubit_depth, success, 0.0]


def _bound(case: Case) -> dict[str, int]:
    """The least gates and depth of any route; unknown for general circuits."""
    if case.general:
        return {}
    found = qnu.quantum.lower_bound(*gas_and_schedule(case), backend(case.device))
    return {"least_gates": found.two_qubit_gates, "least_depth": found.two_qubit_depth}


def version() -> str:
    """Of what decides about a route: a hash of the sources of the compiler and its gates."""
    assert qnu.__file__ is not None
    home = Path(qnu.__file__).parent / "quantum"
    digest = hashlib.sha256()
    for folder in ("circuits", "compile"):
        for path in sorted((home / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"qnu {qnu.__version__} {digest.hexdigest()[:12]}"


def measure(
    store: Store,
    todo: list[Case],
    limit: float = 600.0,
    say: Callable[[str], None] = print,
) -> None:
    """Whatever this version of qnu has not been measured on yet."""
    process = Apart()
    try:
        for case in todo:
            circuit = fingerprint(logical(case), backend(case.device).target)
            runs = store.runs(case.key, circuit, version())
            if NAME in runs:
                continue
            runs[NAME] = process.call(limit, one, case)
            store.save()
            say(f"  {case.key}: {told(runs[NAME])}")
    finally:
        process.close()


def told(found: Any) -> str:
    if isinstance(found, str):
        return found
    return (
        f"{found['gates']} gates, depth {found['depth']}, {found['seconds']:.3g} s;"
        f" Qiskit takes {found['qiskit_s']:.3g} s"
    )


def is_fallback(route: str) -> bool:
    """Whether the circuit is one of Qiskit's, returned as it is."""
    return any(word in route.lower() for word in FALLBACKS)
