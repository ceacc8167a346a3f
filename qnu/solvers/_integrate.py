"""One integrator for the classical rate equations, with progress."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..checks import Floats
from ..errors import QnuError
from ..progress import Progress
from ._common import report

RELATIVE = 1e-10
ABSOLUTE = 1e-12


def integrate(
    rate: Callable[[float, Floats], Floats], start: Floats, times: Floats, progress: Progress
) -> Floats:
    """``dP/dt = rate(t, P)`` from t = 0: an array ``(len(times), *start.shape)``."""
    from scipy.integrate import solve_ivp

    end = float(times[-1])
    if end == 0.0:
        return np.broadcast_to(start, (len(times), *start.shape)).copy()
    marks, sample = np.unique(times, return_inverse=True)  # times may repeat
    calls = 0

    def flat(t: float, values: Floats) -> Floats:
        nonlocal calls
        calls += 1
        if calls % 64 == 0:
            report(progress, t / end)
        return rate(t, values.reshape(start.shape)).ravel()

    solution = solve_ivp(
        flat,
        (0.0, end),
        start.ravel(),
        "DOP853",
        t_eval=marks,
        rtol=RELATIVE,
        atol=ABSOLUTE,
    )
    if not solution.success:
        raise QnuError(
            "times",
            float(times[-1]),
            f"times before t = {solution.t[-1]:g}, where the integration cannot go on"
            " (rates too large for this gamma or mu)",
        )
    report(progress, 1.0)
    result: Floats = solution.y.T[sample].reshape(len(times), *start.shape)
    return result
