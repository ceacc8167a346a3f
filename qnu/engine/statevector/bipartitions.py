"""Entanglement between any set of neutrinos and all others, from a state vector.

Beside the state stands the reduced density matrix of the smaller side, ``4^min(|A|, N - |A|)``
complex doubles in which LAPACK works in place, and a panel of 16 MiB. With half of N = 24
neutrinos on either side that matrix takes 256 MiB, as much as the state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.linalg.blas import zherk

from ...common import memory
from ...common.checks import Floats, integer
from ...common.jit import prange
from ...errors import QnuError
from ..compiled import serial_and_threads
from .pairs import places

#: Bits of a panel: amplitudes that are gathered for one product of matrices.
_PANEL = 20
#: From this many amplitudes on a panel is gathered by several threads.
_THREADS_FROM = 1 << 16


def _panel_of(state, base, outer, inner, out):
    """``out[o, i] = a[base + outer[o] + inner[i]]``."""
    for o in prange(outer.size):
        start = base + outer[o]
        for i in range(inner.size):
            out[o, i] = state[start + inner[i]]


_panel_serial, _panel_threads = serial_and_threads(_panel_of)


def bipartition_spectrum(state: NDArray[Any], qubits: Iterable[int]) -> Floats:
    r"""Eigenvalues :math:`\lambda_s` of :math:`\rho_A = \mathrm{Tr}_B |\psi\rangle\langle\psi|`,
    largest first.

    They are the squared Schmidt coefficients.

    A and B have the same eigenvalues, the larger side some zeros more; the smaller one is taken.

    Args:
        state: :math:`2^N` amplitudes, complex64 or complex128.
        qubits: the neutrinos of A, in any order.

    Returns:
        ``(2^min(|A|, N - |A|),)`` numbers >= 0, with the sum :math:`\langle\psi|\psi\rangle`.

    Raises:
        QnuError: neutrinos that are not there or given twice, a matrix that memory does not hold.

    References:
        Roggero (PRD 104, 103016).

    Examples:
        >>> import numpy as np
        >>> ghz = np.zeros(8, complex); ghz[[0, 7]] = 1 / np.sqrt(2)
        >>> bipartition_spectrum(ghz, [1]).round(12)
        array([0.5, 0.5])
    """
    count = state.size.bit_length() - 1
    mine = sorted(integer("qubits", k, high=count - 1) for k in qubits)
    if len(set(mine)) < len(mine):
        raise QnuError("qubits", mine, "each neutrino once")
    rest = [k for k in range(count) if k not in mine]
    if len(mine) > len(rest):
        mine, rest = rest, mine
    size = 1 << len(mine)
    memory.require("qubits", mine, 16 * size**2 + (16 << _PANEL))
    width = max(0, min(len(rest), _PANEL - len(mine)))
    side, near = (places(np.array(bits, np.int64)) for bits in (mine, rest[:width]))
    # neighbours in memory stay neighbours in the panel
    by_side = bool(mine) and mine[0] == 0
    outer, inner = (near, side) if by_side else (side, near)
    panel = np.empty((outer.size, inner.size), np.complex128)
    fill = _panel_threads if panel.size >= _THREADS_FROM else _panel_serial
    density = np.zeros((size, size), np.complex128, order="F")
    for base in places(np.array(rest[width:], np.int64)):
        fill(state, base, outer, inner, panel)
        # rho or its complex conjugate, which has the same eigenvalues; only the lower triangle
        density = zherk(
            1.0, panel.T, 1.0, density, trans=0 if by_side else 2, lower=1, overwrite_c=1
        )
    values = eigh(
        density, lower=True, eigvals_only=True, overwrite_a=True, check_finite=False, driver="evd"
    )
    spectrum: Floats = np.maximum(values[::-1], 0.0)
    return spectrum


def bipartition_entropy(state: NDArray[Any], qubits: Iterable[int]) -> float:
    r""":math:`S_A = -\sum_s \lambda_s \log_2 \lambda_s` in bits, of the normalised state.

    Args:
        state: :math:`2^N` amplitudes, complex64 or complex128, of any norm.
        qubits: the neutrinos of A.

    Returns:
        Between 0 and ``min(|A|, N - |A|)``.

    Raises:
        QnuError: as :func:`bipartition_spectrum`; a state without a norm above 0.

    Examples:
        >>> import numpy as np
        >>> singlet = np.array([0, 1, -1, 0], complex)
        >>> round(bipartition_entropy(singlet, [0]), 12)
        1.0
    """
    values = bipartition_spectrum(state, qubits)
    total = values.sum()
    if not total > 0:
        raise QnuError("state", float(total), "amplitudes with a norm > 0")
    some = values[values > 0] / total
    return max(0.0, -float(some @ np.log2(some)))
