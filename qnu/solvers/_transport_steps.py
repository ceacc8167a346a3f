"""Steps of transport: how long they are, and who makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .. import piecewise
from ..beams import Beams
from ..common.checks import Floats
from ..errors import QnuError
from ..flavor import flavor_direction
from ..profiles import Profile, evaluate
from ._common import coupling_at, value_at
from ._transport_start import Inflow

#: Finite differences with the classical Runge-Kutta method are stable up to 1.68 cells per step.
LARGEST_CFL = {"upwind7": 1.5, "weno7": 1.5, "spectral": 20.0}
_MOST_STEPS = 1e9
#: Cell-beam-steps that are made at a time: about a tenth of a second.
_AT_ONCE = 2_000_000
_MOST_TOGETHER = 10_000
#: The mean field of a cell may grow by this factor before it is measured again.
_GROWS = 1.5


class Rates(NamedTuple):
    """What happens within a cell.

    Attributes:
        mu, matter: numbers or functions of time.
        gamma: of the entanglement.
        damping, emission: ``(B,)``.
        equilibrium: ``(B, 3)``.
    """

    mu: Profile
    matter: Profile
    gamma: float
    damping: Floats
    emission: Floats
    equilibrium: Floats


class Steps(NamedTuple):
    """Steps in time: where they begin, their lengths ``(n,)``, mu and matter ``(n, 3)``."""

    times: Floats
    length: Floats
    mu: Floats
    matter: Floats


def entanglement_sums(beams: Beams) -> Floats:
    r"""``(B,)`` :math:`\sum_{b'} w_{b'} [(1 - cc')^2 + (1 - c^2)(1 - c'^2)/2]`."""
    c, w = beams.cosine, beams.weight
    m1, m2 = float(w @ c), float(w @ c**2)
    result: Floats = 1.5 - 2 * c * m1 - c**2 / 2 - m2 / 2 + 1.5 * c**2 * m2
    return result


class Plan:
    """How long steps are: bounded by the CFL number, and by the angle of a turn.

    The mean field of beams that nearly cancel, as those of neutrinos and antineutrinos do, is far
    below mu, and steps follow what it is: it is measured again within each 1/mu.

    Args:
        beams: the beams.
        rates: mu, matter, gamma and the like.
        spacing: of the cells.
        cfl: cells that the fastest beam crosses in a step, at most.
        turn: radians by which a polarization turns in a step, at most.
        end: the last time.
    """

    def __init__(
        self, beams: Beams, rates: Rates, spacing: float, cfl: float, turn: float, end: float
    ) -> None:
        self.rates, self.turn = rates, turn
        fastest = float(abs(beams.cosine).max())
        self.advection = np.inf if fastest == 0.0 else cfl * spacing / fastest
        sums = float((beams.weight * abs(beams.cosine)).sum())
        self.largest_field = 1 + fastest * sums
        self.entanglement = rates.gamma * float(entanglement_sums(beams).max())
        self.constant = float((abs(beams.omega) + rates.damping + rates.emission).max())
        profiles = {"mu": rates.mu, "matter": rates.matter}
        self.where = piecewise.stops(0.0, end, profiles) if end > 0 else None
        self.steady = not any(map(callable, profiles.values()))
        self._check(end)

    def _check(self, end: float) -> None:
        times = np.linspace(0.0, end, 1001)
        mu = abs(evaluate(self.rates.mu, times, "mu"))
        matter = abs(evaluate(self.rates.matter, times, "matter"))
        with np.errstate(over="ignore", invalid="ignore"):
            per_mu = self.largest_field + self.entanglement
            rate = (self.constant + per_mu * mu + matter) / self.turn
            steps = float(np.trapezoid(np.maximum(rate, 1 / self.advection), times))
        if not steps <= _MOST_STEPS:
            allowed = f"times, rates and cells that take at most {_MOST_STEPS:g} steps"
            raise QnuError("times", end, f"{allowed} (here about {steps:.2g})")

    def longest(self, t: float, field: float) -> float:
        """The largest step at a time.

        Args:
            t: the time.
            field: the largest mean field of a cell, over mu.
        """
        mu, matter = coupling_at(self.rates.mu, t), value_at(self.rates.matter, t, "matter")
        felt = min(_GROWS * field, self.largest_field) + self.entanglement
        rate = self.constant + felt * mu + abs(matter)
        return min(self.advection, self.turn / rate if rate > 0 else np.inf)

    def steps(
        self, begin: float, end: float, together: int, field: Callable[[], float]
    ) -> Iterator[Steps]:
        """From one sample to the next, never over a breakpoint.

        Args:
            begin, end: the two times.
            together: so many steps at a time, at most.
            field: the largest mean field of a cell now, over mu.
        """
        if end <= begin:
            return
        assert self.where is not None
        at = self.where.at
        edges = [begin, *at[(at > begin) & (at < end)].tolist(), end]
        for a, b in pairwise(edges):
            parts = self._steady if self.steady else self._moving
            yield from parts(a, b, together, field)

    def _steady(
        self, a: float, b: float, together: int, field: Callable[[], float]
    ) -> Iterator[Steps]:
        mu, matter = float(self.rates.mu), float(self.rates.matter)  # type: ignore[arg-type]  # steady
        made, count = 0, 1
        while made < count:
            now = a + (b - a) * made / count if made else a
            left = max(int(np.ceil((b - now) / self.longest(a, field()) * (1 - 1e-12))), 1)
            if left != count - made:  # the steps that are left get another length
                a, made, count = now, 0, left
            each = (b - a) / count
            n = min(together, count - made, self._measured_after(mu, each))
            ones = np.ones((n, 3))
            times = a + each * (made + np.arange(n))
            yield Steps(times, np.full(n, each), mu * ones, matter * ones)
            made += n

    def _measured_after(self, mu: float, each: float) -> int:
        """Steps after which the mean field is measured again: those of a time 1/mu."""
        product = self.largest_field * mu * each
        return max(1, int(1 / product)) if product > 1e-9 else _MOST_TOGETHER

    def _moving(
        self, a: float, b: float, together: int, field: Callable[[], float]
    ) -> Iterator[Steps]:
        assert self.where is not None
        margin = min(1e-12 * (b - a) + 8 * float(np.spacing(max(abs(a), abs(b)))), (b - a) / 4)
        now, made, largest, most = a, [], field(), together
        while now < b:
            inside = min(max(now, a + margin), b - margin)
            h = min(self.longest(inside, largest), self.where.largest_step(now))
            h = min(h, self.longest(min(max(now + h, a + margin), b - margin), largest), b - now)
            if now + h >= b - 1e-9 * h:
                h = b - now
            elif now + 2 * h > b:  # two equal steps and no tiny one
                h = (b - now) / 2
            three = [min(max(t, a + margin), b - margin) for t in (now, now + h / 2, now + h)]
            mu = [coupling_at(self.rates.mu, t) for t in three]
            made.append((now, h, mu, [value_at(self.rates.matter, t, "matter") for t in three]))
            now = b if h == b - now else now + h
            most = min(most, self._measured_after(max(mu), h))
            if len(made) >= most or now >= b:
                yield Steps(*(np.array(column) for column in zip(*made, strict=True)))
                made, largest, most = [], field(), together


class Stepper:
    """Makes steps of all cells and beams.

    Args:
        start: ``(cells, B, 3)`` the initial state.
        beams, rates: what moves.
        length: of the box.
        advection: ``"upwind7"``, ``"weno7"`` or ``"spectral"``.
        periodic: whether the ends of the box are joined.
        inflow: what enters where they are not.
    """

    def __init__(
        self,
        start: Floats,
        beams: Beams,
        rates: Rates,
        length: float,
        *,
        advection: str,
        periodic: bool,
        inflow: Inflow,
    ) -> None:
        from ..engine.transport import finite, spectral, tables

        self.cells, self.inflow = len(start), inflow
        self.together = max(1, min(_AT_ONCE // start[..., 0].size, _MOST_TOGETHER))
        self.inner = np.s_[:, :, tables.GHOSTS : tables.GHOSTS + self.cells]
        self.state = np.zeros((len(beams), 3, self.cells + 2 * tables.GHOSTS))
        self.state[self.inner] = start.transpose(1, 2, 0)
        own = [np.array(a, float) for a in (beams.cosine, beams.weight, beams.omega)]
        given = (*own, entanglement_sums(beams), *map(np.array, rates[3:]))
        local = (given, flavor_direction(beams.mixing_angle), float(rates.gamma))
        fastest = abs(own[0]).max()
        self._moments = np.stack([own[1], own[1] * own[0] * fastest])
        self.spectral: Any = None
        self.finite: Any = None
        if advection == "spectral":
            self.spectral = spectral.SpectralSteps(self.state, length, *local)
        else:
            scheme = {"upwind7": tables.UPWIND7, "weno7": tables.WENO7}[advection]
            self.finite = finite.FiniteSteps(self.state, length, scheme, periodic, *local)

    def make(self, steps: Steps) -> None:
        """These steps."""
        if self.spectral is not None:
            self.spectral.run(steps.length, steps.mu, steps.matter)
            return
        when = steps.times[:, None] + steps.length[:, None] * np.array([0.0, 0.5, 1.0])
        self.finite.run(steps.length, steps.mu, steps.matter, self.inflow.during(when))

    def field(self) -> float:
        r"""The largest mean field of a cell now, over mu: :math:`|M_0| + \max|c|\,|M_1|`."""
        inner = self.state[self.inner]
        zeroth, first = np.tensordot(self._moments, inner, 1)
        largest: float = (np.linalg.norm(zeroth, axis=0) + np.linalg.norm(first, axis=0)).max()
        return float(largest)

    def polarization(self) -> Floats:
        """``(cells, B, 3)`` now."""
        return self.state[self.inner].transpose(2, 0, 1)

    def is_finite(self) -> bool:
        """Whether every number still is one."""
        return bool(np.isfinite(self.state[self.inner]).all())
