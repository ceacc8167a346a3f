"""When a schedule may be sampled."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats
from ..errors import QnuError

Trotter = tuple[int, int] | None


def checked_times(
    times: ArrayLike | None, final_time: float, tolerance: float, trotter: Trotter
) -> Floats:
    """Times that never decrease, within the schedule; without them its beginning and end."""
    if times is None:
        return np.array([0.0, final_time])
    values = floats("times", times, (None,))
    if values.size == 0 or (np.diff(values) < 0).any():
        raise QnuError("times", values.tolist(), "at least one time, never decreasing")
    outside = (values < -tolerance) | (values > final_time + tolerance)
    if outside.any():
        k = int(np.argmax(outside))
        raise QnuError(f"times[{k}]", float(values[k]), f"0 to {final_time:g}, within the schedule")
    if trotter is not None and trotter[1] == 2:
        _check_whole_steps(values, final_time / trotter[0])
    return values


def _check_whole_steps(values: Floats, step: float) -> None:
    """Within a step of a second-order Trotter product the state is only first order."""
    off = abs(values / step - np.round(values / step)) > 1e-6
    if off.any():
        k = int(np.argmax(off))
        raise QnuError(
            f"times[{k}]", float(values[k]), f"whole Trotter steps, multiples of {step:.6g}"
        )


def equally_spaced(samples: int, final_time: float, trotter: Trotter) -> Floats:
    """From 0 to the end; the nearest whole steps where only those can be sampled."""
    if trotter is None or trotter[1] != 2:
        return np.linspace(0.0, final_time, samples)
    whole = np.unique(np.round(np.linspace(0, trotter[0], samples)))
    return whole * (final_time / trotter[0])
