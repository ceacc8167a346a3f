"""When two sample times are the same."""

from __future__ import annotations

import numpy as np

from .checks import Floats

#: Sample times closer than this are the same: an absolute number for times up to 1, a fraction of
#: the last time beyond.
SAME_TIME = 1e-9


def same_time(last: float) -> float:
    """How far two times may be apart to be the same sample, in a run that ends at ``last``.

    Examples:
        >>> same_time(0.5), f"{same_time(500.0):.3g}"
        (1e-09, '5e-07')
    """
    return SAME_TIME * max(1.0, abs(float(last)))


def nearest_sample(times: Floats, time: float) -> tuple[int, bool]:
    """Number of the sample nearest to a time, and whether it is at that time.

    Examples:
        >>> nearest_sample(np.array([0.0, 1.0, 2.0]), 1.9)
        (2, False)
    """
    k = int(np.argmin(abs(times - time)))
    return k, bool(abs(times[k] - time) <= same_time(times[-1]))
