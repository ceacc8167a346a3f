"""quimb: a tensor-network library; its dense circuit keeps the whole state as one tensor.

Its matrix product states gain where there is little entanglement; a tournament makes it large. At
N = 14 ``CircuitPermMPS`` took forty times as long as the dense circuit, so only that one is here.
"""

from __future__ import annotations

import numpy as np
import quimb.tensor as qtn

from ..circuit import Problem, read_out
from . import Run


def _dense(problem: Problem, precision: str) -> Run:
    count = problem.count
    top = count - 1  # quimb is big-endian
    dtype = "complex128" if precision == "double" else "complex64"
    gates = [(np.asarray(g, dtype), (top - i, top - j)) for i, j, g in problem.unitaries()]
    tilts = problem.tilts

    def run():
        circuit = qtn.CircuitDense(count, dtype=dtype)
        for k, tilt in enumerate(tilts):
            circuit.apply_gate("RY", tilt, top - k)
        for gate, where in gates:
            circuit.apply_gate_raw(gate, where)
        return read_out(np.ascontiguousarray(circuit.to_dense()).ravel(), count)

    return run


FORMS = {"CircuitDense, 4x4": _dense}
