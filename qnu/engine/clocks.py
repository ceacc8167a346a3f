"""How long each neutrino has streamed freely before each encounter."""

from __future__ import annotations

from ..common.jit import njit


@njit
def departures(first, second, start, duration, clock, left):
    """``left (n, 2)``: the time at which each partner of encounter k left its last encounter.

    ``clock (N,)`` is read and moved on in place.
    """
    for k in range(first.size):
        i, j = first[k], second[k]
        left[k, 0] = min(clock[i], start[k])
        left[k, 1] = min(clock[j], start[k])
        clock[i] = start[k] + duration[k]
        clock[j] = start[k] + duration[k]
