"""Encounters in vacuum as 2x2 blocks: half of a state vector is never touched.

An encounter with vacuum inside conserves sigma_z of the pair. Up to a global phase it is a 2x2
block on |01>, |10> and phases ``e^{+-i Phi}`` on |00>, |11>; free streaming before it is
``exp(i alpha_1 sigma_z/2) x exp(i alpha_2 sigma_z/2)``. Split into a symmetric and an antisymmetric
part, all of the symmetric one commutes with the block and acts as 1 on |01>, |10>: it stays
pending, as an angle of either neutrino, and so do the phases. Only the antisymmetric part goes
into the block. Vacuum therefore costs no pass over the state at all.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True)
def _pending_differences(first, second, start, duration, omega, clock, pending, streaming, out):
    """``out (n,)``: half the difference of the partners' pending angles before each encounter."""
    for k in range(first.size):
        i, j = first[k], second[k]
        if streaming:
            pending[i] += omega[i] * max(start[k] - clock[i], 0.0)
            pending[j] += omega[j] * max(start[k] - clock[j], 0.0)
        out[k] = 0.5 * (pending[i] - pending[j])
        common = 0.5 * (pending[i] + pending[j]) + 0.5 * duration[k] * (omega[i] + omega[j])
        pending[i] = common
        pending[j] = common
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
) -> NDArray[Any]:
    """``(n, 2, 2)`` on (|01>, |10>); ``clock`` and ``pending (N,)`` move on in place."""
    difference = np.empty(len(first))
    _pending_differences(
        first, second, start, duration, omega, clock, pending, streaming, difference
    )
    d = duration * (omega[first] - omega[second]) / 2
    k = np.hypot(d, swap_angle)
    cos, sinc = np.cos(k), np.sinc(k / np.pi)
    phase = np.exp(1j * swap_angle)  # takes the triplets' phase away
    left, right = phase * np.exp(1j * difference), phase * np.exp(-1j * difference)
    result = np.empty((len(difference), 2, 2), complex)
    result[:, 0, 0] = (cos + 1j * d * sinc) * left
    result[:, 1, 1] = (cos - 1j * d * sinc) * right
    result[:, 0, 1] = -1j * swap_angle * sinc * right
    result[:, 1, 0] = -1j * swap_angle * sinc * left
    return result


def pending_quaternions(pending: Any) -> NDArray[Any]:
    """``(N, 4)`` rotations ``exp(i alpha sigma_z / 2)``."""
    zero = np.zeros_like(pending)
    return np.stack([np.cos(pending / 2), zero, zero, -np.sin(pending / 2)], axis=1)
