"""Samples of the independent model inside encounters, from the state at the encounter's start.

The model traces a partner out at the end of an encounter. So the encounters themselves are applied
whole, whatever the sample times are, and a neutrino that is inside one at a sample is computed from
its own row of ``before (N, 10)``: P of itself and of its partner at the start, and the encounter.
"""

from __future__ import annotations

import numpy as np

from ..common.checks import Floats
from ..common.jit import njit
from .bloch import CLOCK, OMEGA, Z, _at, evolve_in_matter, evolve_in_vacuum

OWN, PARTNER, PARTNER_OMEGA, ANGLE, START, DURATION = 0, 3, 6, 7, 8, 9
COLUMNS = 10


def empty_rows(count: int) -> Floats:
    """``(N, 10)`` rows in which no neutrino is inside an encounter."""
    return np.zeros((count, COLUMNS))


@njit(nogil=True)
def _record(rows, pair, encounter, new, initial, matter, before):
    """Both partners at the start of ``encounter``: its angle, start and duration."""
    i, j = pair
    angle, start, length = encounter
    breaks, coefficients, direction, largest = matter
    for side in range(2):
        n, other = (i, j) if side == 0 else (j, i)
        x, y, z = rows[n, 0], rows[n, 1], rows[n, Z]
        if side == 1 and new:
            x, y, z = initial[n, 0], initial[n, 1], initial[n, 2]
        elif start > rows[n, CLOCK]:
            x, y, z = _at(rows[n], start, breaks, coefficients, direction, largest)
        for one, place in ((n, OWN), (other, PARTNER)):
            before[one, place], before[one, place + 1], before[one, place + 2] = x, y, z
        before[other, PARTNER_OMEGA] = rows[n, OMEGA]
        before[n, ANGLE], before[n, START], before[n, DURATION] = angle, start, length


@njit(nogil=True)
def evolve_to(rows, columns, initial, time, tolerance, matter, before, gates, anisotropy):
    """As ``evolve_in_vacuum`` with free streaming, recording the encounters under way at ``time``.

    ``tolerance (2,)``: of times, and relative to a duration. ``gates``: as ``evolve_in_matter``
    takes them; none in vacuum. The result in ``rows`` is the same as without recording.
    """
    first, second, angle, start, duration, fresh = columns
    breaks, coefficients, direction, largest = matter
    a = 0
    for k in range(first.size + 1):
        if k < first.size:
            length = duration[k if duration.size > 1 else 0]
            if start[k] + length <= time + max(tolerance[0], tolerance[1] * length):
                continue
        lasting = duration[a:k] if duration.size > 1 else duration
        new = fresh[a:k] if fresh.size > 1 else fresh
        if gates.shape[0] == 0:
            evolve_in_vacuum(
                rows, first[a:k], second[a:k], angle[a:k], start[a:k], lasting, new, initial, True,
                anisotropy,
            )  # fmt: skip
        else:
            evolve_in_matter(
                rows, first[a:k], second[a:k], angle[a:k], start[a:k], lasting, new, initial, True,
                breaks, coefficients, direction, largest, gates[a:k], anisotropy,
            )  # fmt: skip
        a = k
        if k < first.size:
            copy = fresh.size > 0 and fresh[k if fresh.size > 1 else 0]
            i, j = first[k], second[k]
            encounter = (angle[k], start[k], length)
            _record(rows, (i, j), encounter, copy, initial, matter, before)
