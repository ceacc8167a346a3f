"""Groups of a gas with averaged velocities, and how far a start is from an equilibrium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import piecewise, profiles
from ..common.checks import Floats
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import ClosedForm, Profile, Table
from . import _partners
from ._packet_rates import entangling, isotropic_mean
from .stability import GROWS

#: Pairs of groups may differ by this fraction in <1-c>, as a few random velocities do.
_ALIKE = 0.5
#: Where groups have distributions of directions nothing is random.
_EXACT = 1e-6
#: A callable is sampled on at least this many panels.
_LEAST = 50


@dataclass(frozen=True)
class Groups:
    """The groups and the slow drivers, with velocities averaged."""

    share: Floats  # f_i
    omega: Floats
    mu: Profile
    mean: float  # <1 - c>
    rate: float  # kappa gamma
    regular: float  # (p/2) gamma <1 - c>^2

    @classmethod
    def of(
        cls,
        gas: NeutrinoGas,
        omega: Floats,
        gamma: float,
        mu: Profile,
        p: float,
        packet_ratio: float | None = None,
    ) -> Groups:
        """The groups of a gas; spectra within one, and beams, are errors."""
        spectrum = _partners.group_with_spectrum(gas)
        if spectrum is not None:
            raise QnuError("gas", f"a spectrum in group {spectrum!r}", _partners.binned(gas))
        felt = _partners.between(gas, lambda u: u, 1.0)
        felt = felt[(gas.counts[:, None] > 1) | ~np.eye(len(felt), dtype=bool)]
        alike = _EXACT if gas.angular else _ALIKE  # moments of distributions are no draws
        if felt.size and np.ptp(felt) > alike * abs(felt).max():
            raise QnuError(
                "velocities",
                f"<1-c> between groups from {felt.min():.3g} to {felt.max():.3g}",
                "groups that share one distribution of velocities (the equilibria assume it)",
            )
        # over all pairs, a neutrino with itself counted as 0
        share = gas.shares
        mean = float(share @ _partners.between(gas, lambda u: u, 1.0, others=False) @ share)
        kernel: _partners.Angular = np.square if packet_ratio is None else entangling(packet_ratio)
        isotropic = 4 / 3 if packet_ratio is None else isotropic_mean(kernel)
        strength = _partners.between(gas, kernel, isotropic, others=False)
        kappa = float(share @ strength @ share)
        return cls(share, omega, mu, mean, kappa * gamma, p / 2 * gamma * mean**2)

    def pace(self, times: Floats) -> Floats:
        """``mu(t)``; a negative one is an error."""
        if callable(self.mu) and len(times) > 1:  # a jump at an end of a panel is on neither side
            margin = 1e-12 * (times[-1] - times[0]) + 8 * np.spacing(abs(times[-1]))
            times = np.clip(times, times[0] + margin, times[-1] - margin)
        values = profiles.evaluate(self.mu, times, "mu")
        profiles.check_not_negative(times, values)
        return values

    def coupling(self, times: Floats) -> Floats:
        """``mu(t) <1 - c>``, the coupling of the mean field."""
        return self.pace(times) * self.mean

    def corners(self, begin: float, end: float) -> tuple[Floats, Callable[[float], float]]:
        """Times at which mu may have a corner, and the longest step from a time on.

        A callable of unknown kind is never evaluated after the last sample time.
        """
        if not callable(self.mu) or isinstance(self.mu, ClosedForm):
            return np.empty(0), lambda _: np.inf
        if isinstance(self.mu, Table):
            return self.mu.times, lambda _: np.inf
        if end <= begin:
            return np.array([end]), lambda _: np.inf
        # jumps that sampling finds are corners, too
        stops, longest = piecewise.stops(begin, end, {"mu": self.mu}), (end - begin) / _LEAST
        return np.append(stops.at, end), lambda time: min(stops.largest_step(time), longest)


def unstable(growth: Floats, coupling: Floats) -> Floats:
    """Whether small deviations grow at a rate that matters."""
    result: Floats = np.asarray(growth) > GROWS * np.asarray(coupling)
    return result


def distance(vectors: Floats, equilibrium: Floats, share: Floats) -> float:
    """``sum_i f_i |P_i - P_i,eq|`` at the common azimuth about B where it is smallest.

    As a function of the azimuth each term is smooth but for a corner where the two azimuths agree,
    so the corners are tried as well as the smooth minima between them.
    """
    p, q = vectors[:, 0] + 1j * vectors[:, 1], equilibrium[:, 0] + 1j * equilibrium[:, 1]
    z = vectors[:, 2] - equilibrium[:, 2]
    product = p * q.conj()

    def apart(angles: Floats) -> Floats:
        result: Floats = np.hypot(abs(p - q * np.exp(1j * angles)[:, None]), z) @ share
        return result

    grid = np.angle(np.sum(share * product)) + np.linspace(-np.pi, np.pi, 73)
    k = int(np.argmin(apart(grid)))
    low, high = grid[max(k - 1, 0)], grid[min(k + 1, 72)]
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(50):
        inner = np.array([high - golden * (high - low), low + golden * (high - low)])
        values = apart(inner)
        low, high = (low, inner[1]) if values[0] < values[1] else (inner[0], high)
    return float(apart(np.append(np.angle(product), (low + high) / 2)).min())
