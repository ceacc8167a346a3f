"""How far states lag behind equilibria that move: the ``adiabaticity`` of miscidynamics.

``P_i = A_i n_i + delta_i`` with ``n_i`` along ``H_i``; to lowest order, across ``n_i``,
``A_i dn_i/dt = H_i x delta_i + C_i``: so ``|delta_i| = |A_i dn_i/dt - C_i| / |H_i|``.
"""

from __future__ import annotations

import numpy as np

from .. import piecewise
from ..common.checks import Floats
from ..profiles import Profile

#: Instead of infinity: a field that passes through 0.
_MOST = 1e12
#: Points on every piece of a profile.
_POINTS = 5
#: A difference between two adjoining pieces that is larger than this is a jump.
_JUMP = 1e-8


def since(points: Floats, values: Floats, samples: Floats) -> Floats:
    """At every sample the largest value after the sample before and up to it; 0 without points.

    Args:
        points: ``(n,)`` times of the values, in any order.
        values: ``(n,)``, >= 0.
        samples: ``(times,)`` increasing; the first one takes all points up to it.
    """
    result = np.zeros(len(samples))
    which = np.searchsorted(samples, points)
    inside = which < len(samples)
    np.maximum.at(result, which[inside], values[inside])
    return result


def largest(behind: Floats, signed: Floats) -> Floats:
    """``(n,)`` from ``(n, groups)``: the largest ``|delta_i|`` over the longest ``|A_j|``."""
    size = np.maximum(abs(signed).max(axis=-1), 1e-300)
    result: Floats = np.minimum(abs(behind).max(axis=-1) / size, _MOST)
    return result


def in_matter(
    omega: Floats,
    signed: Floats,
    mixing_angle: float,
    matter: Profile,
    samples: Floats,
    begin: float,
) -> Floats:
    r"""``(times,)``: :math:`\omega_i |\sin2\theta\,\dot\lambda_e| / |\mathbf h_i|^3` (MSW).

    Between neighboring points the profile is taken as linear, and the resonance, where
    :math:`\lambda_e = \omega_i\cos2\theta` and :math:`|\mathbf h_i|` is smallest, is met exactly.
    A jump counts as the angle by which it turns :math:`\mathbf h_i`.
    """
    end = float(samples[-1])
    if end <= begin:
        return np.zeros(len(samples))
    times, value, slope = _points(piecewise.pieces(matter, end, "matter", start=begin), samples)
    low, high = value[:-1, None], value[1:, None]
    sine, cosine = abs(np.sin(2 * mixing_angle)), np.cos(2 * mixing_angle)
    nearest = np.clip(omega * cosine, np.minimum(low, high), np.maximum(low, high))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(high == low, 0.5, (nearest - low) / (high - low))
        rate = abs((1 - part) * slope[:-1, None] + part * slope[1:, None])
        field = np.hypot(nearest - omega * cosine, omega * sine)
        lag = np.where(rate == 0, 0.0, abs(omega) * sine * rate / field**3)
    lag[~np.isfinite(lag) | ((field == 0) & (rate > 0))] = _MOST  # no mixing: h changes its sign
    jumps = (np.diff(times) == 0) & (abs(np.diff(value)) > _JUMP * abs(value).max())
    if jumps.any():
        one, two = (np.arctan2(omega * sine, v - omega * cosine) for v in (low[jumps], high[jumps]))
        lag[jumps] = abs(one - two)
    return since(times[1:], largest(lag * signed, np.broadcast_to(signed, lag.shape)), samples)


def _points(pieces: piecewise.Pieces, samples: Floats) -> tuple[Floats, Floats, Floats]:
    """Times, both ends of every piece and the samples among them, with values and slopes there."""
    breaks = pieces.breaks
    inner = samples[(samples > breaks[0]) & (samples < breaks[-1])]
    even = breaks[:-1, None] + np.diff(breaks)[:, None] * np.linspace(0, 1, _POINTS)
    even[:, -1] = breaks[1:]
    cell = np.concatenate(
        [np.repeat(np.arange(len(breaks) - 1), _POINTS), np.searchsorted(breaks, inner) - 1]
    )
    times = np.concatenate([even.ravel(), inner])
    order = np.lexsort((times, cell))
    times, cell = times[order], cell[order]
    c, s = pieces.coefficients[:, cell], times - breaks[cell]
    value = ((c[0] * s + c[1]) * s + c[2]) * s + c[3]
    slope = (3 * c[0] * s + 2 * c[1]) * s + c[2]
    return times, value, slope
