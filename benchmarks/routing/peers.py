"""Qiskit at its best: level 3 with ten seeds, and with 400 trials of SABRE."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import qnu

from .apart import Apart
from .cases import Case, backend, fingerprint, logical
from .store import Store

SEEDS = tuple(range(1, 11))
#: Random layouts, and routings from the best of each: Qiskit's level 3 has 20 and 20.
TRIALS = 400
#: Seeds with so many trials: three where they are cheap.
FEW, FEW_BELOW = 3, 20
KINDS = ("level 3", f"sabre {TRIALS}")
Run = list[float]


def names(case: Case) -> list[str]:
    """The runs of a case: ``level 3, seed 1`` ... and ``sabre 400, seed 1`` ..."""
    count = int(case.name.split(",")[0].split()[1])
    few = FEW if count <= FEW_BELOW and not case.name.startswith("random 20") else 1
    return [
        *(f"level 3, seed {s}" for s in SEEDS),
        *(f"sabre {TRIALS}, seed {s}" for s in range(1, few + 1)),
    ]


def compiled(circuit: Any, device: str, seed: int, trials: int | None = None) -> Any:
    """Level 3; with ``trials`` the Sabre of its layout stage has so many layouts and routings.

    All other passes are the preset ones: VF2 before Sabre, the synthesis of whole blocks after it.
    """
    from qiskit.transpiler import generate_preset_pass_manager

    manager = generate_preset_pass_manager(3, backend(device), seed_transpiler=seed)
    if trials is not None:
        found = [p for p in passes(manager.layout) if type(p).__name__ == "SabreLayout"]
        assert len(found) == 1, "Qiskit's level 3 has another layout stage"
        found[0].layout_trials = found[0].swap_trials = trials
    return manager.run(circuit)


def passes(manager: Any) -> Iterator[Any]:
    """The passes inside all controllers of a pass manager."""
    todo = list(manager.to_flow_controller().tasks)
    while todo:
        task = todo.pop(0)
        if hasattr(task, "tasks"):
            todo = [*task.tasks, *todo]
        else:
            yield task


def measured(isa: Any, device: str, seconds: float) -> Run:
    """Gates, depth, qnu's estimate of success with the readout of all neutrinos, seconds."""
    if isa.layout is not None:
        metadata = dict(isa.metadata or {})
        metadata["neutrino_qubit"] = [int(k) for k in isa.layout.final_index_layout()]
        isa.metadata = metadata
    found = qnu.quantum.estimate(isa, backend(device).target)
    success = float(f"{found.success_probability:.4g}")
    return [found.two_qubit_gates, found.two_qubit_depth, success, round(seconds, 3)]


def one(case: Case, name: str) -> Run:
    """One run, timed from the circuit to the compiled circuit."""
    kind, _, seed = name.partition(", seed ")
    trials = None if kind == "level 3" else int(kind.split()[1])
    circuit = logical(case)
    backend(case.device)  # loaded before the clock starts
    begin = time.perf_counter()
    isa = compiled(circuit, case.device, int(seed), trials)
    return measured(isa, case.device, time.perf_counter() - begin)


def about(shared: bool) -> dict[str, Any]:
    """How the runs of a cache were made."""
    from ..machine import describe

    where = describe()
    return {
        "what": "[two-qubit gates, two-qubit depth, estimated success, seconds] of every run",
        "last": time.strftime("%Y-%m-%d"),
        "processor": where["processor"],
        "cores": where["cores"],
        "threads of Qiskit": os.environ.get("RAYON_NUM_THREADS", "all cores"),
        "shared": shared,
        "versions": {k: where["versions"][k] for k in ("qiskit", "numpy")},
    }


def version() -> str:
    import qiskit

    return f"Qiskit {qiskit.__version__}"


def measure(
    store: Store,
    todo: list[Case],
    limit: float = 900.0,
    say: Callable[[str], None] = print,
) -> None:
    """Whatever is not in the store yet; a run that takes more than ``limit`` is given up."""
    process = Apart()
    try:
        for kind in KINDS:  # the ten seeds of all cases first: minutes, not hours
            for case in todo:
                _one_kind(store, case, kind, partial(process.call, limit), say)
    finally:
        process.close()


def _one_kind(store: Store, case: Case, kind: str, call: Any, say: Callable[[str], None]) -> None:
    circuit = fingerprint(logical(case), backend(case.device).target)
    runs = store.runs(case.key, circuit, version())
    missing = [name for name in names(case) if name.startswith(kind) and name not in runs]
    for name in missing:
        runs[name] = call(one, case, name)
        store.save()
    if missing:
        say(f"  {case.key}: {told(runs)}")


def numbers(runs: dict[str, Any], prefix: str = "") -> list[Run]:
    """The runs that gave a circuit."""
    return [r for name, r in runs.items() if name.startswith(prefix) and not isinstance(r, str)]


def best(runs: dict[str, Any], prefix: str = "") -> tuple[int, int, float] | None:
    """Fewest gates, least depth, highest estimate of success, each over all runs."""
    found = numbers(runs, prefix)
    if not found:
        return None
    gates, depth, success, _ = zip(*found, strict=True)
    return int(min(gates)), int(min(depth)), max(success)


def told(runs: dict[str, Any]) -> str:
    found = best(runs)
    if found is None:
        return "; ".join(map(str, runs.values())) or "nothing"
    return f"{found[0]} gates, depth {found[1]}, success {found[2]:.3g} ({len(runs)} runs)"
