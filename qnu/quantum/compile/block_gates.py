"""How many two-qubit gates a block of any circuit needs, and how many with a swap inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from qiskit.circuit import ParameterExpression

from ...encounter import SWAP
from ..circuits.gate import as_encounter
from ._least_gates import GENERIC, controlled_gates
from .blocks import CircuitBlocks
from .gates import matrix_of, product_of
from .routing.device import Indices

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
