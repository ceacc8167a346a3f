"""pennylane-lightning: its compiled state vectors, called without PennyLane's layers on top.

``lightning.qubit`` as published runs a gate on one thread, ``lightning.kokkos`` on all of them:
the faster of the two stands for lightning.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..circuit import Problem, read_out, start_vector
from ..threads import THREADS
from . import Run

Step = tuple[str, list[int], Any]


def _matrices(problem: Problem) -> list[Step]:
    top = problem.count - 1  # wire 0 is the highest bit: neutrino k is wire N - 1 - k
    return [("matrix", [top - i, top - j], gate) for i, j, gate in problem.unitaries()]


def _kicks(problem: Problem, kick: Callable[[float], list[tuple[str, float]]]) -> list[Step]:
    top = problem.count - 1
    steps: list[Step] = []
    for kind, i, j, angle in problem.frame_steps():
        if kind == "rz":
            steps.append(("RZ", [top - i], [angle]))
        else:
            steps += [(name, [top - i, top - j], [value]) for name, value in kick(angle)]
    return steps


def _exchange(problem: Problem) -> list[Step]:
    """``exp(-i theta SWAP)`` is IsingXY(-2 theta) IsingZZ(theta), up to a phase."""
    return _kicks(problem, lambda theta: [("IsingXY", -2 * theta), ("IsingZZ", theta)])


def _paulis(problem: Problem) -> list[Step]:
    return _kicks(problem, lambda theta: [(f"Ising{p}", theta) for p in ("XX", "YY", "ZZ")])


def _qubit(problem: Problem, precision: str, *, make) -> Run:
    from pennylane_lightning import lightning_qubit_ops as ops

    dtype = np.complex128 if precision == "double" else np.complex64
    make_state = ops.StateVectorC128 if precision == "double" else ops.StateVectorC64
    return _runner(problem, dtype, make_state, make(problem), "updateData", "getState")


def _kokkos(problem: Problem, precision: str, *, make) -> Run:
    from pennylane_lightning import lightning_kokkos_ops as ops

    settings = ops.InitializationSettings().set_num_threads(THREADS)
    kind = ops.StateVectorC128 if precision == "double" else ops.StateVectorC64
    dtype = np.complex128 if precision == "double" else np.complex64
    return _runner(
        problem, dtype, lambda n: kind(n, settings), make(problem), "HostToDevice", "DeviceToHost"
    )


def _runner(problem: Problem, dtype, make_state, steps: list[Step], put: str, get: str) -> Run:
    count = problem.count
    # bound once: a matrix in the precision it runs in
    calls = [
        ("applyMatrix", np.ascontiguousarray(data, dtype), wires)
        if name == "matrix"
        else (name, wires, data)
        for name, wires, data in steps
    ]

    def run():
        state = make_state(count)
        getattr(state, put)(start_vector(problem, dtype))
        for name, first, second in calls:
            if name == "applyMatrix":
                state.applyMatrix(first, second, False)
            else:
                getattr(state, name)(first, False, second)
        vector = np.empty(2**count, dtype)
        getattr(state, get)(vector)
        return read_out(vector, count)

    return run


FORMS = {
    "kokkos, IsingXY IsingZZ + RZ": partial(_kokkos, make=_exchange),
    "kokkos, matrix 4x4": partial(_kokkos, make=_matrices),
    "kokkos, IsingXX YY ZZ + RZ": partial(_kokkos, make=_paulis),
    "qubit, IsingXY IsingZZ + RZ": partial(_qubit, make=_exchange),
    "qubit, matrix 4x4": partial(_qubit, make=_matrices),
    "qubit, IsingXX YY ZZ + RZ": partial(_qubit, make=_paulis),
}
