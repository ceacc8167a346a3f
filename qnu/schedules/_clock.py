"""Time as the neutrinos count it: the phase ``x = integral of mu dt``, and swap angles in bulk."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import Floats, number
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import Profile, checked, evaluate
from .schedule import Indices

_CHUNK = 1 << 18


def checked_mu(mu: Profile) -> Profile:
    """mu as a number > 0 or a callable (whose values are checked where they are used)."""
    return checked("mu", mu) if callable(mu) else number("mu", mu, above=0.0)


def times_of_phase(mu: Profile, phases: Floats) -> Floats:
    """``t`` with ``integral_0^t mu dt' = x`` for increasing phases x."""
    if not callable(mu):
        return phases / mu
    from scipy.integrate import solve_ivp

    def slowness(_: float, time: Floats) -> Floats:
        return 1.0 / _positive(mu, time)

    if phases.size == 0 or phases[-1] == 0:
        return np.zeros_like(phases)
    solution = solve_ivp(
        slowness, (0.0, phases[-1]), [0.0], "DOP853", t_eval=phases, rtol=1e-11, atol=1e-12
    )
    result: Floats = solution.y[0]
    if len(result) < len(phases):
        raise QnuError(
            "mu",
            f"a profile whose integral over all times is {solution.t[-1]:.6g}",
            f"an integral of at least {phases[-1]:.6g}, which this schedule needs",
        )
    return result


def step_lengths(mu: Profile, phase: float, bounds: Floats, repeats: Any) -> Floats | float:
    """Durations of steps of one phase: one number for constant mu, else one per encounter."""
    if not callable(mu):
        return phase / mu
    return np.repeat(np.diff(bounds), repeats)


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
    """``strength (1 - v.v')`` for every pair, in chunks so that no large temporary is made."""
    if gas.velocity is None:
        return np.full(first.size, strength)
    result = np.empty(first.size)
    for a in range(0, first.size, _CHUNK):
        part = slice(a, a + _CHUNK)
        np.multiply(strength, gas.one_minus_cos(first[part], second[part]), out=result[part])
    return result
