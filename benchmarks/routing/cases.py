"""What is compiled: circle tournaments, random pairs, stochastic schedules, general circuits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import qnu

DEVICES = ("FakeTorino", "FakeMarrakesh", "FakeSherbrooke", "FakeNighthawk")
#: Circle tournaments: these sizes first, then every other even one.
FIRST = (6, 10, 18, 26, 40)
CIRCLES = tuple(range(6, 41, 2))
#: Random pairs: neutrinos and encounters.
RANDOM = ((12, 60), (20, 200), (40, 400))
SEEDS = (1, 2, 3, 4, 5)
#: As in circuits/stochastic_16.toml, but for about 150 encounters (16 x 0.5 / 2 per step).
STOCHASTIC = {"gamma": 0.2, "probability": 0.5, "duration": 3.75}
#: Circuits of other people's benchmarks, through the transpiler plugin.
GENERAL = ("QFT 16", "QAOA 20", *(f"random 30, seed {s}" for s in SEEDS))


@dataclass(frozen=True)
class Case:
    """One circuit on one device; ``group`` is what a goal speaks of."""

    device: str
    group: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.device}: {self.name}"

    @property
    def general(self) -> bool:
        return self.group == "general"


def cases(devices: tuple[str, ...] = DEVICES, quick: bool = False) -> list[Case]:
    """All cases, the most important first: first sizes and random pairs, device by device."""
    if quick:
        return [
            Case(DEVICES[0], "circle", "circle 6"),
            Case(DEVICES[0], "random 12 x 60", "random 12 x 60, seed 1"),
        ]
    first = [Case(d, *one) for d in devices for one in (*_circles(FIRST), *_others())]
    rest = tuple(n for n in CIRCLES if n not in FIRST)
    return first + [Case(d, *one) for d in devices for one in _circles(rest)]


def _circles(sizes: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    for count in sizes:
        yield "circle", f"circle {count}"


def _others() -> Iterator[tuple[str, str]]:
    for group in (*(f"random {n} x {e}" for n, e in RANDOM), "stochastic 16"):
        for seed in SEEDS:
            yield group, f"{group}, seed {seed}"
    for name in GENERAL:
        yield "general", name


@cache
def backend(device: str) -> Any:
    """The snapshot of a device, from qiskit-ibm-runtime."""
    from qiskit_ibm_runtime import fake_provider

    return getattr(fake_provider, device)()


def gas_and_schedule(case: Case) -> tuple[Any, Any]:
    """The schedule of a case that is not general."""
    name, _, seed = case.name.partition(", seed ")
    kind, size = name.split(" ", 1)
    count = int(size.split(" x ")[0])
    gas = qnu.NeutrinoGas([[0.0, 0.0, 1.0]] * count, omega=np.linspace(0.1, 0.2, count))
    if kind == "circle":
        return gas, qnu.schedules.tournament(gas, gamma=0.1, order="circle")
    if kind == "random":
        encounters = int(size.split(" x ")[1])
        return gas, qnu.schedules.random_pairs(gas, 0.1, encounters, seed=int(seed))
    return gas, qnu.schedules.stochastic(gas, **STOCHASTIC, seed=int(seed))


def logical(case: Case) -> Any:
    """The circuit that the peers get: of a schedule without barriers, as qnu makes it."""
    if not case.general:
        return qnu.quantum.circuit(*gas_and_schedule(case), barriers=False)
    from qiskit.circuit import QuantumCircuit
    from qiskit.circuit.library import QFTGate
    from qiskit.circuit.random import random_circuit

    if case.name.startswith("random"):
        seed = int(case.name.split()[-1])
        return random_circuit(30, 10, num_operand_distribution={2: 1.0}, seed=seed)
    count = int(case.name.split()[1])
    circuit = QuantumCircuit(count)
    if case.name.startswith("QFT"):
        circuit.append(QFTGate(count), range(count))
        return circuit
    circuit.h(range(count))
    for angle, mixing in ((0.4, 0.9), (0.7, 0.5)):  # p = 2
        for a, b in regular_graph(count, 3):
            circuit.rzz(angle, a, b)
        circuit.rx(mixing, range(count))
    return circuit


def regular_graph(nodes: int, degree: int, seed: int = 1) -> list[tuple[int, int]]:
    """Edges of a random regular graph: stubs paired at random until it is simple."""
    rng = np.random.default_rng(seed)
    while True:
        stubs = rng.permutation(np.repeat(np.arange(nodes), degree)).reshape(-1, 2)
        edges = {(min(a, b), max(a, b)) for a, b in stubs.tolist() if a != b}
        if len(edges) == nodes * degree // 2:
            return sorted(edges)


def fingerprint(circuit: Any, target: Any) -> str:
    """Hash of the circuit's operations and of the device's couplers."""
    index = {qubit: k for k, qubit in enumerate(circuit.qubits)}
    text = [str(circuit.num_qubits)]
    for step in circuit.data:
        numbers = ",".join(f"{float(x):.9g}" for x in step.operation.params if np.isreal(x))
        text.append(f"{step.name} {[index[q] for q in step.qubits]} {numbers}")
    couplers = target.build_coupling_map().get_edges()
    text.append(str(sorted(tuple(sorted(e)) for e in couplers)))
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:16]
