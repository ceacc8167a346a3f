"""How many two-qubit gates a block of any circuit needs, and how many with a swap inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from qiskit.circuit import ParameterExpression

from ...encounter import SWAP, Complexes
from ..circuits.gate import as_encounter
from ._least_gates import GENERIC, MAGIC
from .blocks import CircuitBlocks
from .gates import matrix_of, product_of
from .routing.device import Indices

_TOLERANCE = 1e-7
#: Free parameters of gates take multiples of it.
_ANGLE = 0.7318


def block_gates(blocks: CircuitBlocks, family: str) -> Indices | None:
    """``(n, 2)`` CX, CZ or ECR of every block, without and with a swap of its qubits.

    The swap inside an encounter is free; that inside a CX costs one gate, and inside a SWAP it
    saves three ("mirror gates" of McKinney, Hatridge and Jones, MIRAGE).

    Args:
        blocks: of a circuit.
        family: see :func:`.family.family`.

    Returns:
        the numbers, 3 where a matrix is not known; None where all are, or for other gates.
    """
    if family != "cz":
        return None
    result = np.full((len(blocks.pairs), 2), GENERIC)
    numbers, matrices = [], []
    for number, block in enumerate(blocks):
        if any(as_encounter(node.op) is not None for node in block.nodes):
            continue
        own = [matrix_of(_bound(node.op)) for node in block.nodes]
        known = [matrix for matrix in own if matrix is not None]
        if len(known) == len(own):
            numbers.append(number)
            matrices.append(product_of(known, block.nodes, block.pair[0], blocks.index))
    if not numbers:
        return None
    products = np.array(matrices)
    result[numbers, 0] = controlled_gates(products)
    result[numbers, 1] = controlled_gates(SWAP @ products)
    return None if (result == GENERIC).all() else result


def _bound(operation: Any) -> Any:
    """A gate with numbers in place of its free parameters: generic ones, no special angles."""
    params = getattr(operation, "params", [])  # a Clifford has none
    free = [isinstance(p, ParameterExpression) and p.parameters for p in params]
    if not any(free):
        return operation
    bound = operation.to_mutable()
    bound.params = [
        _ANGLE * (k + 1) if unknown else p
        for k, (p, unknown) in enumerate(zip(operation.params, free, strict=True))
    ]
    return bound


def controlled_gates(matrices: Complexes) -> Indices:
    r"""``(n,)`` fewest CX (CZ, ECR) that ``(n, 4, 4)`` unitary matrices need with one-qubit gates.

    With :math:`\gamma = m^T m`, m the matrix of determinant 1 in the magic basis: none where
    :math:`\gamma = \pm 1`, one where :math:`\mathrm{tr}\,\gamma = 0` and :math:`\gamma^2 = -1`, two
    where :math:`\mathrm{tr}\,\gamma` is real, else three.

    References:
        Shende, Bullock, Markov (quant-ph/0308045), proposition III.1 to III.3.

    Examples:
        >>> cx = np.eye(4)[[0, 3, 2, 1]]
        >>> controlled_gates(np.array([np.eye(4), cx, SWAP @ cx, SWAP])).tolist()
        [0, 1, 2, 3]
    """
    inner = MAGIC.conj().T @ matrices @ MAGIC
    gamma = inner.swapaxes(-1, -2) @ inner
    gamma = gamma / np.sqrt(np.linalg.det(inner).astype(complex))[:, None, None]
    quarter = np.trace(gamma, axis1=-2, axis2=-1) / 4
    one = np.eye(4)
    least = np.full(len(gamma), 3)
    least[abs(quarter.imag) < _TOLERANCE] = 2
    squared = abs(gamma @ gamma + one).max(axis=(-2, -1), initial=0.0)
    least[(abs(quarter) < _TOLERANCE) & (squared < _TOLERANCE)] = 1
    rest = abs(gamma - quarter[:, None, None] * one).max(axis=(-2, -1), initial=0.0)
    least[(rest < _TOLERANCE) & (abs(quarter.imag) < _TOLERANCE)] = 0  # of a SWAP it is i
    return least
