"""Entropy of a distribution."""

from __future__ import annotations

import numpy as np

from ..common.checks import Floats


def bits(probabilities: Floats) -> float:
    r""":math:`-\sum_k p_k \log_2 p_k`; what rounding makes of a 0 does not count.

    Args:
        probabilities: any shape, of sum 1.

    Examples:
        >>> bits(np.array([0.5, 0.25, 0.25, -1e-18]))
        1.5
    """
    p = probabilities[probabilities > 0]
    return max(float(-(p * np.log2(p)).sum()), 0.0) + 0.0
