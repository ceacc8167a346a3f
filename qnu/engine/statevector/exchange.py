"""Encounters in vacuum as 2x2 blocks with an eigenvalue 1: half of a state vector is never touched.

An encounter with vacuum inside conserves sigma_z of the pair. Up to a global phase it is a 2x2
block on |01>, |10> and phases ``e^{+-i Phi}`` on |00>, |11>; free streaming is
``exp(i alpha sigma_z / 2)`` of each neutrino. All such phases stay *pending*, as one angle per
neutrino; vacuum costs no pass over the state at all. Pending phases of the pair turn the
off-diagonal entries of its block. In exchange a block may leave some phase behind: it is chosen
such that an eigenvalue is 1, which saves a quarter of the arithmetic (:mod:`.updates`).

With ``K = sqrt(d^2 + theta^2)`` the block

    e^{i theta} (cos K - i (sin K / K) [[-d, theta], [theta, d]])

is ``diag(e^{i beta}, e^{-i beta}) N``, N with eigenvalues 1 and ``e^{2 i theta}``, where

    beta = arg(cos K + i d sin K / K) - arg(cos theta + i sin theta cos eta),
    sin eta = (sin K / K) / (sin theta / theta)

For kicks, d = 0, beta is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.jit import njit


@njit
def _pending_differences(
    first, second, start, duration, left_behind, omega, clock, pending, streaming, out
):
    """``out (n,)``: half the difference of the partners' pending angles before each encounter."""
    for k in range(first.size):
        i, j = first[k], second[k]
        if streaming:
            pending[i] += omega[i] * max(start[k] - clock[i], 0.0)
            pending[j] += omega[j] * max(start[k] - clock[j], 0.0)
        out[k] = 0.5 * (pending[i] - pending[j])
        common = 0.5 * duration[k] * (omega[i] + omega[j])
        pending[i] += common + left_behind[k]
        pending[j] += common - left_behind[k]
        clock[i] = start[k] + duration[k]
        clock[j] = start[k] + duration[k]


def blocks(
    first: Any,
    second: Any,
    swap_angle: Any,
    start: Any,
    duration: Any,
    omega: Any,
    clock: Any,
    pending: Any,
    streaming: bool,
    anisotropy: float = 1.0,
) -> NDArray[Any]:
    """``(n, 2, 2)`` on (|01>, |10>); ``clock`` and ``pending (N,)`` move on in place.

    With ``anisotropy`` a, ``exp(-i theta (1 + a)/2)`` of |00> and |11> is taken away and the block
    has the factor ``exp(-i theta (1 - a)/2)``: together ``exp(i a theta)`` in place of
    ``exp(i theta)``. No eigenvalue is 1 then.
    """
    d = duration * (omega[first] - omega[second]) / 2
    k = np.hypot(d, swap_angle)
    own, sinc = np.cos(k) + 1j * d * np.sinc(k / np.pi), np.sinc(k / np.pi)
    beta, stay = _left_behind(swap_angle, own, sinc)
    difference = np.empty(len(d))
    _pending_differences(
        first, second, start, duration, beta, omega, clock, pending, streaming, difference
    )
    phase = np.exp(1j * anisotropy * swap_angle)  # takes that of |00> and |11> away
    result = np.empty((len(difference), 2, 2), complex)
    result[:, 0, 0] = phase * stay
    result[:, 1, 1] = phase * stay.conj()
    across = -1j * phase * swap_angle * sinc
    turn = np.exp(-1j * (2 * difference + beta))
    result[:, 0, 1] = across * turn
    result[:, 1, 0] = across * turn.conj()
    return result


def _left_behind(theta: Any, own: Any, sinc: Any) -> tuple[Any, Any]:
    """beta, and the entry of N in place of ``own``; where N does not exist, 0 and ``own``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        sin_eta = sinc / np.sinc(theta / np.pi)
    there = abs(sin_eta) <= 1 + 4e-15  # for |theta| <= K <= pi always; 1 may be rounded up
    cos_eta = np.sqrt(np.maximum(1 - np.where(there, sin_eta, 0.0) ** 2, 0.0))
    stay = np.cos(theta) + 1j * np.sin(theta) * cos_eta
    beta = np.where(there, np.angle(own) - np.angle(stay), 0.0)
    return beta, np.where(there, stay, own)


def pending_quaternions(pending: Any) -> NDArray[Any]:
    """``(N, 4)`` rotations ``exp(i alpha sigma_z / 2)``."""
    zero = np.zeros_like(pending)
    return np.stack([np.cos(pending / 2), zero, zero, -np.sin(pending / 2)], axis=1)
