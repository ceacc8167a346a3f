"""What helps against noise: tournaments on the snapshot of a device, against the exact answer.

Every method starts from the same compiled circuit and takes the same shots per circuit; what it
takes in all is stated. Sharp starts (mass states) are compared in P_z alone: P_x and P_y vanish.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import qnu
from qnu.quantum import FakeMachine, Mitigation, prepare, read, submit

DEVICE = "FakeTorino"
GAMMA = 0.4
TILT = 0.6
#: N -> neutrinos in the two groups; unequal, so that the conserved total is not 0.
SIZES = {4: (3, 1), 6: (4, 2), 8: (5, 3)}
SEED = 5

Said = Callable[[str], None]
#: name -> [mitigation] of the sampler, in which "symmetry" stands for what the start allows.
SAMPLED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "dynamical decoupling": {"dynamical_decoupling": "XY4"},
    "gate twirling": {"twirling": "gates"},
    "readout, calibrated": {"readout": "calibrated"},
    "post-selection": {"symmetry": "postselect"},
    "rescaling": {"symmetry": "rescale"},
    "readout and rescaling": {"readout": "calibrated", "symmetry": "rescale"},
}
#: resilience of the estimator -> names without and with rescaling of what it found.
ESTIMATED = {
    1: ("TREX", "TREX and rescaling"),
    2: ("TREX and extrapolation", "TREX, extrapolation and rescaling"),
}


def gas_of(count: int, start: str) -> qnu.NeutrinoGas:
    """Two groups of opposite polarization, sharp (mass states) or tilted."""
    x = TILT if start == "tilted" else 0.0
    p = np.array([x, 0.0, np.sqrt(1 - x**2)])
    first, second = SIZES[count]
    groups = [
        qnu.Group(first, polarization=p, omega=0.1, name="1"),
        qnu.Group(second, polarization=-p, omega=0.2, name="2"),
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities="isotropic", seed=1)


def measure(quick: bool = False, say: Said = print) -> list[dict[str, Any]]:
    """One row per size, start and method."""
    rows: list[dict[str, Any]] = []
    for count in (4,) if quick else (6, 8):
        for start in ("sharp", "tilted"):
            for row in _methods(count, start, 1024 if quick else 16384, quick):
                rows.append({"count": count, "start": start, **row})
                say(f"  {count} {start} {row['method']}: {row['rms']:.4f}, {row['seconds']:.0f} s")
    return rows


def _methods(count: int, start: str, shots: int, quick: bool) -> Iterator[dict[str, Any]]:
    gas = gas_of(count, start)
    schedule = qnu.schedules.tournament(gas, gamma=GAMMA, order="line")
    exact = qnu.solvers.many_body(gas, schedule).at()
    axes = [2] if start == "sharp" else [0, 1, 2]

    def row(name: str, found: qnu.Trajectory, executed: int, seconds: float) -> dict[str, Any]:
        away = (found.at() - exact)[:, axes]
        bars = found["polarization_error"].values[-1][:, axes]
        told = {
            k: found.attrs[k] for k in ("retained", "damping", "unreliable") if k in found.attrs
        }
        return {
            "method": name,
            "rms": float(np.sqrt(np.mean(away**2))),
            "max": float(np.max(abs(away))),
            "bar": float(np.sqrt(np.mean(bars**2))),
            "executed": executed,
            "seconds": seconds,
            "two_qubit_gates": int(found.attrs["two_qubit_gates"]),
            **told,
        }

    def ran(machine: FakeMachine) -> tuple[list[Any], dict[str, Any], int, float]:
        began = time.perf_counter()
        circuits, recipe = prepare(gas, schedule, machine, [schedule.final_time])
        job = submit(machine, circuits, recipe, seed=SEED)
        results = list(job.result())
        return results, recipe, job.executed, time.perf_counter() - began

    for name, used in SAMPLED.items():
        if used.get("symmetry") == "postselect" and start != "sharp":
            continue
        machine = FakeMachine(backend=DEVICE, shots=shots, mitigation=Mitigation(**used))
        results, recipe, executed, seconds = ran(machine)
        yield row(name, read(results, recipe), executed, seconds)
    for level, names in ESTIMATED.items():
        if quick and level == 2:
            continue
        machine = FakeMachine(
            backend=DEVICE,
            primitive="estimator",
            precision=shots**-0.5,
            mitigation=Mitigation(resilience=level),
        )
        results, recipe, executed, seconds = ran(machine)
        for name, symmetry in zip(names, ("none", "rescale"), strict=True):
            own = {**recipe, "mitigation": {**recipe["mitigation"], "symmetry": symmetry}}
            yield row(name, read(results, own), executed, seconds)
