"""Time as the neutrinos count it: the phase ``x = integral of mu dt``, and swap angles in bulk."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import Floats, number
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import Profile, checked, evaluate
from .rows import Indices


def checked_mu(mu: Profile) -> Profile:
    """mu as a number > 0 or a callable (whose values are checked where they are used)."""
    return checked("mu", mu) if callable(mu) else number("mu", mu, above=0.0)


class Clock:
    """``t`` with ``integral_0^t mu dt' = x``, for phases x from 0 to ``end``, any part of them."""

    def __init__(self, mu: Profile, end: float) -> None:
        self.mu = mu
        self._inverse: Any = None
        if not callable(mu) or end <= 0:
            return
        from scipy.integrate import solve_ivp

        def slowness(_: float, time: Floats) -> Floats:
            return 1.0 / _positive(mu, time)

        solution = solve_ivp(
            slowness, (0.0, end), [0.0], "DOP853", dense_output=True, rtol=1e-11, atol=1e-12
        )
        if solution.t[-1] < end:
            raise QnuError(
                "mu",
                f"a profile whose integral over all times is {solution.t[-1]:.6g}",
                f"an integral of at least {end:.6g}, which this schedule needs",
            )
        self._inverse = solution.sol

    def times(self, phases: Floats) -> Floats:
        """``(n,)`` times of increasing phases."""
        if not callable(self.mu):
            return phases / self.mu
        if self._inverse is None or phases.size == 0:
            return np.zeros_like(phases)
        result: Floats = self._inverse(phases)[0]
        return result

    def time(self, phase: float) -> float:
        """The time of one phase."""
        return float(self.times(np.array([phase]))[0])

    def step(self, phase: float) -> float | None:
        """How long steps of one phase last where that is one number."""
        return None if callable(self.mu) else phase / self.mu


def phase_at(mu: Profile, time: float) -> float:
    """``x = integral_0^time mu dt``."""
    if not callable(mu):
        return mu * time
    from scipy.integrate import solve_ivp

    solution = solve_ivp(
        lambda t, _: _positive(mu, np.array([t])),
        (0.0, time),
        [0.0],
        "DOP853",
        rtol=1e-11,
        atol=1e-12,
    )
    return float(solution.y[0, -1])


def _positive(mu: Profile, times: Floats) -> Floats:
    values = evaluate(mu, times, "mu")
    if (values <= 0).any():
        raise QnuError(f"mu(t={times.flat[0]:g})", float(values.min()), "> 0 at all times")
    return values


def swap_angles(gas: NeutrinoGas, first: Indices, second: Indices, strength: float) -> Floats:
    """``strength (1 - v.v')`` for every pair."""
    if gas.velocity is None:
        return np.full(first.size, strength)
    from ._kernels import pair_angles

    result = np.empty(first.size)
    pair_angles(gas.velocity, first, second, strength, result)
    return result
