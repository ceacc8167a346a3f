"""Where a neutrino in matter passes its MSW resonance, how adiabatically, and what survives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import piecewise, profiles
from ..common.checks import Floats, number
from ..errors import QnuError, Words
from ..flavor import angle
from ..profiles import Exponential, Profile

__all__ = ["MSWResonance", "msw_resonance"]


@dataclass(frozen=True)
class MSWResonance:
    r"""One passage through :math:`\lambda_e = \omega\cos2\theta`, found by :func:`msw_resonance`.

    Attributes:
        time: at which :math:`\lambda_e(t) = \omega\cos2\theta`.
        adiabaticity: :math:`\gamma_\mathrm{ad}`; 1 over the ``adiabaticity`` that
            :func:`miscidynamics` has at the resonance.
        landau_zener: :math:`e^{-\pi\gamma_\mathrm{ad}/2}`.
        jump_probability: :math:`P_c`, exact for an :class:`~qnu.profiles.Exponential` that ends in
            vacuum, else ``landau_zener``.
        survival: of a :math:`\nu_e` from t = 0, averaged over the phase.
        adiabatic_survival: the same with :math:`P_c = 0`.
    """

    time: float
    adiabaticity: float
    landau_zener: float
    jump_probability: float
    survival: float
    adiabatic_survival: float


def msw_resonance(omega: float, matter: Profile, mixing_angle: float, end: float) -> MSWResonance:
    r"""The adiabaticity of the MSW effect, and the probability to jump between the eigenstates.

    .. math::
        \gamma_\mathrm{ad} = \frac{|\mathbf h|}{|d\alpha/dt|}
        = \frac{\omega\sin^2 2\theta}{\cos2\theta\;|d\ln\lambda_e/dt|},\qquad
        P_c^\mathrm{linear} = e^{-\pi\gamma_\mathrm{ad}/2},\qquad
        P_c^\mathrm{exponential} = \frac{e^{-2\pi\omega s\sin^2\theta} - e^{-2\pi\omega s}}
        {1 - e^{-2\pi\omega s}}

    at the resonance, :math:`\alpha` the direction of :math:`\mathbf h = \omega\mathbf B +
    \lambda_e\mathbf L`, s the scale of :math:`\lambda_e = \lambda_0 e^{-t/s}`. Far beyond it, in
    vacuum,

    .. math::
        P(\nu_e \to \nu_e) = \tfrac12 + (\tfrac12 - P_c)\cos2\theta\,\cos2\theta_m,\qquad
        \cos2\theta_m = \frac{\omega\cos2\theta - \lambda_e(0)}{|\mathbf h(0)|}

    Args:
        omega: vacuum frequency; that of an antineutrino is negative as it is stored.
        matter: :math:`\lambda_e(t)`, a number or a profile, with one resonance before the end.
        mixing_angle: theta, in radians, between 0 and pi/4 (0 has no resonance to speak of).
        end: last time, > 0, in 1/omega where omega is 1.

    Returns:
        the resonance.

    Raises:
        QnuError: no resonance between 0 and the end, or more than one.

    References:
        Mikheyev and Smirnov (1985); Landau (1932), Zener (1932); Parke (1986), for the survival;
        Petcov (1988), Kuo and Pantaleone (1989), for exponential profiles.

    Examples:
        >>> import qnu
        >>> steep = msw_resonance(1.0, qnu.profiles.Exponential(1000.0, scale=1.0), 0.05, end=20.0)
        >>> round(steep.adiabaticity, 4), round(steep.jump_probability, 4)
        (0.01, 0.9844)
        >>> round(steep.survival, 3), round(steep.adiabatic_survival, 4)
        (0.982, 0.0025)
    """
    frequency, theta = number("omega", omega), angle(mixing_angle)
    stop = number("end", end, above=0.0)
    matter = profiles.checked("matter", matter)
    sine, cosine = math.sin(2 * theta), math.cos(2 * theta)
    if sine <= 0 or cosine <= 0:
        raise QnuError("mixing_angle", theta, "an angle between 0 and pi/4")
    if frequency == 0:
        raise QnuError("omega", frequency, "a frequency other than 0")
    time, slope = _crossing(matter, frequency * cosine, stop)
    gap = frequency * sine
    gamma = gap * gap / abs(slope) if slope else math.inf
    linear = jump = math.exp(-math.pi * gamma / 2)
    if isinstance(matter, Exponential):
        turns = 2 * math.pi * abs(frequency * matter.scale)
        jump = (math.exp(-turns * math.sin(theta) ** 2) - math.exp(-turns)) / -math.expm1(-turns)
    start = float(profiles.evaluate(matter, np.zeros(1), "matter")[0])
    along = frequency * cosine - start
    turned = math.copysign(1.0, frequency) * cosine * along / math.hypot(along, gap)
    return MSWResonance(
        time,
        gamma,
        linear,
        jump,
        0.5 + (0.5 - jump) * turned,
        0.5 + 0.5 * turned,
    )


def _crossing(matter: Profile, level: float, end: float) -> tuple[float, float]:
    """When the profile passes a level, and its slope there; none or several are errors."""
    pieces = piecewise.pieces(matter, end, "matter")
    even = np.linspace(0.0, 1.0, 9)
    edges = np.diff(pieces.breaks)[:, None] * even
    value = _cubic(pieces.coefficients[:, :, None], edges)[0]
    above = value > level
    cell, part = np.nonzero(above[:, 1:] != above[:, :-1])
    jumps = int(np.count_nonzero(above[1:, 0] != above[:-1, -1]))
    if len(cell) != 1 or jumps:
        found = Words(f"{len(cell) + jumps} resonances before t = {end:g}, {jumps} of them jumps")
        allowed = f"one smooth passage through omega cos(2 theta) = {level:g}"
        raise QnuError("matter", found, allowed)
    k = int(cell[0])
    low, high = edges[k, part[0]], edges[k, part[0] + 1]
    rising = bool(above[k, part[0] + 1])
    c = pieces.coefficients[:, k]
    for _ in range(80):
        middle = (low + high) / 2
        if (_cubic(c, middle)[0] > level) == rising:
            high = middle
        else:
            low = middle
    return float(pieces.breaks[k] + low), float(_cubic(c, low)[1])


def _cubic(c: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Values and slopes of ``c_0 s^3 + ... + c_3``."""
    return ((c[0] * s + c[1]) * s + c[2]) * s + c[3], (3 * c[0] * s + 2 * c[1]) * s + c[2]
