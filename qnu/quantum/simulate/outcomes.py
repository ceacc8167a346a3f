"""Outcomes of all qubits as +1 and -1, and how often each occurred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats

#: ``(sample, setting, outcomes (kinds, N), number (kinds,))``, see :func:`signs`; setting is the
#: number of the bases in which it was measured, column k is neutrino k.
Outcomes = Iterator[tuple[int, int, Floats, Floats]]


def signs(counts: Mapping[str, float], qubits: int) -> tuple[Floats, Floats]:
    """Outcomes ``(kinds, qubits)`` as +1 (|0>) and -1 (|1>), and their numbers ``(kinds,)``.

    Args:
        counts: hexadecimal outcome to number, qubit k as bit k.
        qubits: number of qubits.
    """
    width = (qubits + 7) // 8
    raw = b"".join(int(key, 16).to_bytes(width, "little") for key in counts)
    table = np.frombuffer(raw, np.uint8).reshape(len(counts), width)
    bits = np.unpackbits(table, axis=1, bitorder="little")[:, :qubits]
    return signs_of(bits), np.array(list(counts.values()), float)


def signs_of(bits: NDArray[np.uint8]) -> Floats:
    """0 as +1 (|0>), 1 as -1 (|1>)."""
    return 1.0 - 2.0 * bits
