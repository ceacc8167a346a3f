"""Lines, native schedules and pytket: qnu's compiler beside Qiskit's and pytket's, in one run.

The comparison of routing with the best of Qiskit is :mod:`benchmarks.routing`. Here are schedules
that need no route, tournaments of 100, and pytket, on one device. Qiskit's result depends on its
seed: it gets ten, and the best counts.

``python -m benchmarks.compiling DEVICE CASE TOOL`` prints one row; every row of the section is such
a process with a time limit, so that a compiler that does not finish stops nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import qnu

from .sheet import Sheet

#: Qiskit's seeds, and the seconds after which no further one begins.
SEEDS, SEEDS_UNTIL = 10, 60.0
DEVICES = ("FakeTorino", "FakeMarrakesh", "FakeNighthawk")
TOOLS = ("qnu", "qiskit", "pytket")


def _gas(count: int) -> qnu.NeutrinoGas:
    omega = np.linspace(0.1, 0.2, count)
    return qnu.NeutrinoGas([[0.0, 0.0, 1.0]] * count, omega=omega)


def _tournament(count: int, order: str) -> Callable[[Any], Any]:
    def make(edges: Any) -> Any:
        del edges
        gas = _gas(count)
        return gas, qnu.schedules.tournament(gas, gamma=0.1, order=order)

    return make


def _random(count: int, encounters: int) -> Callable[[Any], Any]:
    def make(edges: Any) -> Any:
        del edges
        gas = _gas(count)
        return gas, qnu.schedules.random_pairs(gas, gamma=0.1, encounters=encounters, seed=1)

    return make


def _native(count: int, encounters: int) -> Callable[[Any], Any]:
    def make(edges: Any) -> Any:
        gas = _gas(count)
        return gas, qnu.schedules.native(gas, 0.1, edges, encounters, seed=1)

    return make


#: Name, how the schedule is made from the device's couplers, and the compilers that get it.
CASES: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    **{f"tournament {n} (circle)": (_tournament(n, "circle"), TOOLS) for n in (10, 100)},
    **{f"tournament {n} (line)": (_tournament(n, "line"), TOOLS) for n in (12, 20, 40, 100)},
    "tournament 112 (line)": (_tournament(112, "line"), ("qnu",)),
    "random pairs 40 x 400": (_random(40, 400), TOOLS),
    "native 100 x 40": (_native(100, 40), TOOLS),
}
QUICK = ("tournament 12 (line)",)
#: Routed on one device only: the others are in :mod:`benchmarks.routing`.
ONCE = ("tournament 10 (circle)", "random pairs 40 x 400")


def measure(limit: float, quick: bool = False, repeats: int = 1) -> list[dict[str, Any]]:
    """One row per device, case and compiler; compilers alternate within a case.

    pytket gets one device, the others all. A compiler that did not finish a case is not given a
    larger one of the same device.
    """
    rows: list[dict[str, Any]] = []
    for device in DEVICES[:1] if quick else DEVICES:
        beyond: dict[str, int] = {}
        for case, (_, tools) in CASES.items():
            if (quick and case not in QUICK) or (case in ONCE and device != DEVICES[0]):
                continue
            size = _size(case)
            for tool in tools:
                if tool == "pytket" and device != DEVICES[0]:
                    continue  # it is slow, and one device says enough
                if size >= beyond.get(tool, size + 1):
                    row = {"device": device, "case": case, "tool": tool, "why": "not run"}
                else:
                    seconds = {"qnu": 600.0, "qiskit": limit + SEEDS_UNTIL}.get(tool, limit)
                    row = _apart(device, case, tool, seconds, repeats)
                if "gates" not in row:
                    beyond[tool] = min(size, beyond.get(tool, size))
                rows.append(row)
                told = (
                    f"{row['gates']} gates, depth {row['depth']}" if "gates" in row else row["why"]
                )
                print(f"  {device}, {case}, {tool}: {told}", flush=True)
    return rows


def _size(case: str) -> int:
    """About how many encounters a case has: the product or square of its numbers."""
    first, *rest = map(int, re.findall(r"\d+", case))
    return rest[0] if case.startswith("random") else first * (rest[0] if rest else first) // 2


def _apart(device: str, case: str, tool: str, limit: float, repeats: int) -> dict[str, Any]:
    row: dict[str, Any] = {"device": device, "case": case, "tool": tool}
    command = [sys.executable, "-m", "benchmarks.compiling", device, case, tool, str(repeats)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return row | {"why": f"not done in {limit:.0f} s"}
    if done.returncode:
        return row | {"why": (done.stderr.strip().splitlines() or ["failed"])[-1][:120]}
    return row | json.loads(done.stdout.splitlines()[-1])


def one(device: str, case: str, tool: str, repeats: int) -> dict[str, Any]:
    """Compile one schedule: two-qubit gates, depth, lower bounds, median time."""
    warnings.simplefilter("ignore")
    from qiskit_ibm_runtime import fake_provider

    backend = getattr(fake_provider, device)()
    from qnu.quantum.compile.target import device_graph

    edges = device_graph(backend.target).without_bad().edges
    gas, schedule = CASES[case][0](edges)
    *sizes, seconds = zip(*_compiled(tool, gas, schedule, backend, repeats), strict=True)
    gates, depth = min(zip(*sizes, strict=True))
    if tool == "qnu":
        seconds = seconds[1:]  # the first reads kernels from the disk
    return {
        "gates": gates,
        "depth": depth,
        "runs": len(seconds),
        "least_gates": 3 * len(schedule),
        "least_depth": 3 * len(schedule.layers()),
        "seconds": float(np.median(seconds)),
    }


def _compiled(
    tool: str, gas: Any, schedule: Any, backend: Any, repeats: int
) -> Iterator[tuple[int, int, float]]:
    """Gates, depth and seconds of every run: qnu's repeats are alike, Qiskit's seeds are not."""
    if tool == "qnu":
        for _ in range(repeats + 1):
            begin = time.perf_counter()
            isa = qnu.quantum.compile_for(gas, schedule, backend)
            spent = time.perf_counter() - begin
            found = qnu.quantum.estimate(isa, backend.target)
            yield found.two_qubit_gates, found.two_qubit_depth, spent
        return
    logical = qnu.quantum.circuit(gas, schedule, barriers=False)
    if tool == "qiskit":
        from qiskit import transpile

        started = time.perf_counter()
        for seed in range(1, SEEDS + 1):
            begin = time.perf_counter()
            isa = transpile(logical, backend, optimization_level=3, seed_transpiler=seed)
            spent = time.perf_counter() - begin
            two = [i for i in isa.data if len(i.qubits) == 2]
            yield len(two), isa.depth(lambda i: len(i.qubits) == 2), spent
            if time.perf_counter() - started > SEEDS_UNTIL:
                return
        return
    yield _pytket(logical, backend)


def _pytket(logical: Any, backend: Any) -> tuple[int, int, float]:
    """pytket: its strongest passes for CX, its mapping, the same passes again without new swaps."""
    from pytket import OpType
    from pytket.architecture import Architecture
    from pytket.extensions.qiskit import qiskit_to_tk
    from pytket.passes import (
        DecomposeBoxes,
        DefaultMappingPass,
        FullPeepholeOptimise,
        SequencePass,
        SynthesiseTket,
    )
    from qiskit import transpile

    from qnu.quantum.compile.target import device_graph

    plain = transpile(logical, basis_gates=["cx", "rz", "ry", "u"], optimization_level=0)
    circuit = qiskit_to_tk(plain)
    couplers = Architecture([tuple(e) for e in device_graph(backend.target).edges.tolist()])
    passes = SequencePass(
        [
            DecomposeBoxes(),
            FullPeepholeOptimise(),
            DefaultMappingPass(couplers),
            FullPeepholeOptimise(allow_swaps=False),
            SynthesiseTket(),
        ]
    )
    begin = time.perf_counter()
    passes.apply(circuit)
    spent = time.perf_counter() - begin
    return circuit.n_gates_of_type(OpType.CX), circuit.depth_by_type(OpType.CX), spent


def sheets(found: list[dict[str, Any]]) -> Iterator[Sheet]:
    """One table per device."""
    for device in dict.fromkeys(r["device"] for r in found):
        own = [r for r in found if r["device"] == device]
        cell = {(r["case"], r["tool"]): r for r in own}
        tools = [tool for tool in TOOLS if any(r["tool"] == tool for r in own)]
        body = []
        for case in dict.fromkeys(r["case"] for r in own):
            known = next((r for r in own if r["case"] == case and "gates" in r), None)
            bound = f"{known['least_gates']}; {known['least_depth']}" if known else ""
            cells = [_cell(cell.get((case, tool)), cell.get((case, "qnu"))) for tool in tools]
            body.append([case, bound, *cells])
        yield Sheet(
            f"Compiled for {device}: two-qubit gates; depth; time",
            ["schedule", "3 each; 3 per layer", *tools],
            body,
            "Second column: three two-qubit gates per encounter, three layers per logical layer."
            " In brackets: gates and depth of qnu over those of the other compiler."
            " qnu: defaults, median time; Qiskit: level 3, the best of ten seeds (of fewer, named,"
            " where they take over a minute), time of one; pytket: FullPeepholeOptimise,"
            " DefaultMappingPass, FullPeepholeOptimise, one run. Of random pairs, Qiskit and"
            " qnu merge meetings of one pair in a row. Native schedules were"
            " drawn on the device.",
        )


def _cell(row: dict[str, Any] | None, ours: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    if "gates" not in row:
        return str(row["why"])
    text = f"{row['gates']}; {row['depth']}; {row['seconds']:.2g} s"
    if row["tool"] == "qiskit" and row["runs"] < SEEDS:
        text += f", {row['runs']} seed{'s' * (row['runs'] > 1)}"
    if row["tool"] != "qnu" and ours and "gates" in ours:
        text += f" ({ours['gates'] / row['gates']:.2f}; {ours['depth'] / row['depth']:.2f})"
    return text


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("device", choices=DEVICES)
    asked.add_argument("case", choices=CASES)
    asked.add_argument("tool", choices=TOOLS)
    asked.add_argument("repeats", type=int, nargs="?", default=1)
    given = asked.parse_args()
    print(json.dumps(one(given.device, given.case, given.tool, given.repeats)))
