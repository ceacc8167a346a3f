r"""What encounters of wave packets do per time, averaged over their impact parameters.

Two packets of one shape whose directions have the cosine c pass with the swap angle
:math:`\theta = \theta_0 e^{-q/2}`, q of the impact parameter. Partners arrive at random over the
plane across the relative motion, so :math:`\theta` has the measure :math:`d\theta/\theta`, and

.. math::
    \frac{\langle\sin\theta\cos\theta\rangle}{t_\mathrm{int}}
    = \mu\,(1 - c)\,\frac{\mathrm{Si}(2\theta_0)}{2\theta_0}, \qquad
    \frac{\langle\sin^2\theta\rangle}{t_\mathrm{int}}
    = \mu\,(1 - c)\,\frac{\mathrm{Cin}(2\theta_0)}{2\theta_0}, \qquad
    \theta_0 = 2\gamma\sqrt{\frac{1 - c}{(1 - c) + r^2 (1 + c)}}

with :math:`\mathrm{Cin}(x) = \int_0^x (1 - \cos t)\,dt/t`: to lowest order the mean field
:math:`\mu (1 - c)` and the entanglement rate
:math:`\mu\gamma\,(1 - c)^{3/2}/\sqrt{(1 - c) + r^2 (1 + c)}`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..common.checks import Floats, number
from ..errors import QnuError

#: Below, differences of nearly equal numbers are series in ``2 theta_0``.
_SERIES = 1e-2
#: Nodes of the mean over isotropic directions, in the square root of 1 - c, which makes it smooth.
_NODES = 200

Angular = Callable[[Floats], Floats]


def checked_ratio(ratio: float | None, p: float, own_clock: bool = False) -> float | None:
    """The shape of the packets, which arrive at random, and in vacuum all the time; or None."""
    if ratio is None:
        return None
    if p:
        raise QnuError("probability", p, "0 with wave packets: they arrive at random")
    if own_clock:
        raise QnuError("own_clock", True, "False with wave packets: vacuum acts all the time")
    return number("packet_ratio", ratio, above=0.0)


def largest_angle(one_minus_cos: Floats, gamma: float, ratio: float) -> Floats:
    """``theta_0``, of packets that meet head on in their centres; parallel ones never meet."""
    u = np.maximum(np.asarray(one_minus_cos, dtype=float), 0.0)  # -2e-16 of a neutrino with itself
    result: Floats = 2 * gamma * np.sqrt(u / (u + ratio**2 * np.maximum(2 - u, 0.0)))
    return result


def turning(gamma: float, ratio: float) -> Angular:
    r""":math:`\langle\sin\theta\cos\theta\rangle` per :math:`t_\mathrm{int} = \gamma/\mu`, of
    1 - c.
    """
    from scipy.special import sici

    def mean(u: Floats) -> Floats:
        x = 2 * largest_angle(u, gamma, ratio)
        safe = np.maximum(x, _SERIES)
        shape = np.where(x < _SERIES, 1 - x * x / 18 + x**4 / 600, sici(safe)[0] / safe)
        result: Floats = gamma * u * shape
        return result

    return mean


def mixing(gamma: float, ratio: float) -> Angular:
    r""":math:`\langle\sin^2\theta\rangle` per :math:`t_\mathrm{int} = \gamma/\mu`, of 1 - c."""
    from scipy.special import sici

    def mean(u: Floats) -> Floats:
        x = 2 * largest_angle(u, gamma, ratio)
        safe = np.maximum(x, _SERIES)
        whole = (np.euler_gamma + np.log(safe) - sici(safe)[1]) / safe
        shape = np.where(x < _SERIES, x / 4 - x**3 / 96 + x**5 / 4320, whole)
        result: Floats = gamma * u * shape
        return result

    return mean


def entangling(ratio: float) -> Angular:
    """``(1 - c)^(3/2) / sqrt((1 - c) + r^2 (1 + c))``: kappa is its mean."""

    def kernel(u: Floats) -> Floats:
        result: Floats = u * largest_angle(u, 0.5, ratio)
        return result

    return kernel


def isotropic_mean(function: Angular) -> float:
    """The mean over 1 - c uniform between 0 and 2."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    root = (1 + node) / 2  # 1 - c = 2 root^2
    return float(np.sum(weight * root * function(2 * root**2)))
