"""The kinetic equation: the rate equation of the independent model."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import assembly, profiles
from ..common.checks import Floats, boolean, number
from ..common.progress import Progress, with_bar
from ..conservation import conservation, conserved_drift
from ..errors import PremiseWarning, QnuError, Words
from ..gas import NeutrinoGas
from ..keys import POSITIVE, PROBABILITY, Positive, Probability, key
from ..methods import LineStyle
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import _packet_rates, _partners
from ._common import coupling_at, require_phase, times_from_zero
from ._integrate import integrate
from ._partners import Average, Rows
from ._rates import PartnersMethod, takes_schedule
from .mean_field import field_at, moving_rows

#: Above this gamma the p term, an expansion, no longer brings the equation nearer to encounters.
EXPANDED = 0.15
#: Below, averages over angles are series in ``4 gamma``.
_SERIES = 4e-3
#: A length may be larger than 1 by errors of the integrator, not by more.
_LONGEST = 1 + 1e-6


def isotropic_means(gamma: float) -> tuple[float, float]:
    """``<sin theta cos theta>`` and ``<sin^2 theta>``, 1 - c uniform between 0 and 2."""
    x = 4 * gamma
    if x < _SERIES:  # differences of nearly equal numbers
        return np.sin(x / 2) ** 2 / x, x * x / 12 - x**4 / 240 + x**6 / 10080
    return (1 - np.cos(x)) / (8 * gamma), 0.5 - np.sin(x) / (8 * gamma)


@overload
def kinetic(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    gamma: float | None = None,
    mu: Profile | None = None,
    matter: Profile | None = None,
    probability: float | None = None,
    resolve: str | None = None,
    partners: str | None = None,
    own_clock: bool | None = None,
    packet_ratio: float | None = None,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory: ...


@overload
def kinetic(
    gas: NeutrinoGas,
    times: ArrayLike,
    gamma: float,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    probability: float = 0.0,
    resolve: str | None = None,
    partners: str = "others",
    *,
    own_clock: bool = False,
    packet_ratio: float | None = None,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory: ...


@with_bar
@takes_schedule
def kinetic(
    gas: NeutrinoGas,
    times: ArrayLike,
    gamma: float,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    probability: float = 0.0,
    resolve: str | None = None,
    partners: str = "others",
    *,
    own_clock: bool = False,
    packet_ratio: float | None = None,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory:
    r"""Mean field plus equilibration through entanglement, at a rate proportional to gamma.

    .. math::
        \frac{d\mathbf P}{dt} = \mathbf h\times\mathbf P + \frac1{t_\mathrm{int}}
        \left[\langle\sin\theta\cos\theta\rangle\,\bar{\mathbf P}\times\mathbf P
        + \langle\sin^2\theta\rangle\,(\bar{\mathbf P} - \mathbf P)\right]
        - \frac p2\,t_\mathrm{int}\left[\mathbf m\times(\mathbf m\times\mathbf P)
        + \dot{\mathbf m}\times\mathbf P\right]

    with :math:`\theta = \gamma\,(1 - c)`, :math:`c = \mathbf v\cdot\mathbf v'`,
    :math:`t_\mathrm{int} = \gamma/\mu(t)`, :math:`\langle\cdot\rangle` the average over the
    partners, :math:`\bar{\mathbf P}` their polarization and
    :math:`\mathbf m = \mu\langle(1 - c)\,\mathbf P_j\rangle` their mean field. To lowest order:
    :math:`\mu\bar{\mathbf P}\times\mathbf P + \kappa\mu\gamma\,(\bar{\mathbf P} - \mathbf P)`,
    :math:`\kappa = \langle(1 - c)^2\rangle`. The p term is there because regular encounters
    fluctuate less than Poisson ones: they are forward steps of the mean field, whose flow is that
    of :math:`\mathbf m\times\mathbf P` minus half a step of its second derivative. In
    :math:`\dot{\mathbf m}` only encounters count; it is 0 for a background at rest and for equal
    weights. (Written with :math:`\langle\sin\theta\cos\theta\rangle` the precession lags regular
    kicks by :math:`\tfrac23\gamma^2\mu t`.) ``own_clock`` adds what ``random_pairs`` needs where
    there is vacuum, since there a neutrino's clock only advances in encounters:

    .. math::
        \frac{t_\mathrm{int}}2 \left[\mathbf h\times(\mathbf h\times\mathbf P)
        + \mathbf h\times(\mathbf m\times\mathbf P) + \mathbf m\times(\mathbf h\times\mathbf P)
        + \mu\langle(1 - c)\,\mathbf h_j\times\mathbf P_j\rangle\times\mathbf P\right]

    At p = 0 without ``own_clock`` no length grows beyond the largest one, for any gamma: there
    :math:`d|\mathbf P_i|^2/dt = (2/t_\mathrm{int}) \sum_j w_{ij} \sin^2\theta_{ij}\,
    (\mathbf P_i\cdot\mathbf P_j - |\mathbf P_i|^2)` with :math:`w_{ij} \ge 0`. The p term and that
    of ``own_clock`` are first terms of expansions in gamma. Above gamma = 0.15 the p term no longer
    helps (a warning), and from gamma = 1 to 1.6 on, depending on the gas, lengths grow beyond 1 (an
    error). :func:`independent` has neither limit.

    Wave packets (``packet_ratio``: their rms length over their rms width, r) meet at all impact
    parameters, and oblique pairs meet less often and longer than in
    :math:`\theta = \gamma\,(1 - c)`. Averaged over the impact parameters, with
    :math:`\theta_0 = 2\gamma\,[(1 - c)/((1 - c) + r^2(1 + c))]^{1/2}`,

    .. math::
        \frac{\langle\sin\theta\cos\theta\rangle}{t_\mathrm{int}}
        = \mu\,(1 - c)\,\frac{\mathrm{Si}(2\theta_0)}{2\theta_0}, \qquad
        \frac{\langle\sin^2\theta\rangle}{t_\mathrm{int}}
        = \mu\,(1 - c)\,\frac{\mathrm{Cin}(2\theta_0)}{2\theta_0},

    :math:`\mathrm{Cin}(x) = \int_0^x (1 - \cos t)\,dt/t`. To lowest order the mean field is
    :math:`\mu\,(1 - c)` again, and :math:`\kappa = \langle(1 - c)^{3/2}\,[(1 - c)
    + r^2(1 + c)]^{-1/2}\rangle`: 0.8 for isotropic directions and r = 1.

    Weights of groups (:class:`qnu.Group`) act in every average over partners, as in
    :func:`mean_field`: :math:`\bar{\mathbf P} = \sum_j w_j\mathbf P_j/W`, and
    :math:`\kappa = \sum_{ij} w_i w_j (1 - c_{ij})^2/W^2` in the mean over the gas, for an infinite
    one. Then :math:`\sum_i w_i\mathbf P_i` is conserved. With ``"others"`` neutrinos of unequal
    weights have :math:`(W - w_i)/(W - \sum_k w_k^2/W)` encounters per :math:`t_\mathrm{int}`; the p
    term and that of ``own_clock`` take one for all of them, which is off by 1/N.

    Called as ``kinetic(gas, schedule)`` it takes gamma, mu, matter, probability, partners, own
    clock and background from the schedule, unless they are given; no encounter is drawn or counted.
    Called as ``kinetic(gas, times, gamma, ...)``, without a schedule, it takes them as given.

    Args:
        gas: N neutrinos; at group level the members of a group must start alike.
        schedule: of any number of encounters; plane waves have no gamma: it must be given.
        times: sample times in 1/mu, never decreasing; the gas is at t = 0. Default: the beginning
            and the end of the schedule.
        gamma: discreteness parameter, > 0.
        mu: coupling, a number or a callable of time (default: of the schedule; without one 1).
        matter: lambda_e, a number or a callable of time (default: of the schedule; without one 0).
            Short pulses of mu and matter: see :mod:`qnu.profiles`.
        probability: p: 0 Poisson arrivals (random pairs), 1 regular ones (tournament). Default: of
            the schedule; 0 where it has none, and without one.
        resolve: ``"group"``: one vector per group, isotropic moments 1 and 4/3; the
            dephasing of individual neutrinos is lost. ``"neutrino"`` keeps it: one vector each.
            Default: as in :func:`mean_field`, ``"neutrino"`` where a group has a spectrum.
        partners: ``"others"``, ``"all"`` or ``"across"``, see :func:`mean_field`.
        own_clock: True for ``random_pairs``, and then the default of a schedule.
        packet_ratio: r, > 0, for wave packets; then p is 0, as packets arrive at random. Default:
            of the schedule; without one None, :math:`\theta = \gamma\,(1 - c)`.
        background: number or group of a neutrino of which all others encounter unchanged copies. At
            p = 1 vacuum acts inside: then it counts as :math:`\mathbf P_\mathrm{bg} + \tfrac12
            t_\mathrm{int}\,\mathbf h_\mathrm{bg}\times\mathbf P_\mathrm{bg}`.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, N or groups, 3)``; drift of the total P (along B; weighted) as
        attribute.

    Raises:
        QnuError: gamma <= 0, mu < 0, p outside [0, 1], groups whose members differ (as in
            :func:`mean_field`), a length that grows beyond 1 (at any step, not only at samples).

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0], group=[0, 1])
        >>> run = kinetic(gas, [0.0, 50.0], gamma=0.1)
        >>> run.polarization[-1, :, 2].round(3)           # both forget where they came from
        array([ 0., -0.])
        >>> schedule = qnu.schedules.random_pairs(gas, gamma=0.1, encounters=500, seed=1)
        >>> same = kinetic(gas, schedule)                 # gamma, p, ... and the end as it has them
        >>> (same.polarization[-1] == run.polarization[-1]).all()
        np.True_
    """
    started = clock.perf_counter()
    sample_times = times_from_zero(times)
    gamma = number("gamma", gamma, above=0.0, high=1e100)
    if gamma < 1e-100:
        raise QnuError("gamma", gamma, "a number from 1e-100 to 1e+100")
    p = number("probability", probability, low=0.0, high=1.0)
    mu, matter = profiles.checked("mu", mu, positive=True), profiles.checked("matter", matter)
    own_clock = boolean("own_clock", own_clock)
    packet_ratio = _packet_rates.checked_ratio(packet_ratio, p, own_clock)
    rows = _partners.rows(gas, resolve, partners, background)
    require_phase(gas, float(sample_times[-1]), mu, matter)
    equation = _Equation.of(rows, gamma, p, mu, matter, own_clock, packet_ratio)
    if p and gamma > EXPANDED:
        warnings.warn(_beyond(gamma), stacklevel=4)  # past two decorators
    check = _lengths(gamma, p) if p or own_clock else None
    samples = integrate(
        equation.rate, rows.polarization, sample_times, progress, check, mu=mu, matter=matter
    )
    attributes = {
        "partners": partners,
        "resolve_reason": _partners.why_chosen(gas, resolve),
        "gamma": gamma,
        **assembly.recorded_mu(mu),
        "matter": profiles.describe(matter),
        "probability": p,
        "own_clock": int(own_clock),
        "packet_ratio": packet_ratio,
    }
    if background is None:  # the terms in p and own_clock keep to it only up to their order in 1/N
        attributes |= conserved_drift(samples, rows.acting, **conservation(gas, matter))
    return Trajectory.build(
        "kinetic",
        gas,
        sample_times,
        samples,
        started=started,
        resolve=rows.resolve,
        attributes=attributes,
    )


def _beyond(gamma: float) -> PremiseWarning:
    """What is said where the p term no longer helps."""
    return PremiseWarning(
        "kinetic_range",
        f"kinetic: gamma = {gamma:g} > {EXPANDED}: the p term is an expansion in gamma;"
        " better: independent",
    )


@dataclass(frozen=True, eq=False)
class _Equation:
    """The right-hand side of :func:`kinetic` for rows of neutrinos or groups."""

    rows: Rows
    gamma: float
    p: float
    mu: Profile
    matter: Profile
    own_clock: bool
    felt: Average  # <1 - c>: the mean field
    turned: Average  # <sin theta cos theta>
    mixed: Average  # <sin^2 theta>
    moving: Floats

    @classmethod
    def of(
        cls,
        rows: Rows,
        gamma: float,
        p: float,
        mu: Profile,
        matter: Profile,
        own_clock: bool,
        packet_ratio: float | None,
    ) -> _Equation:
        """The equation with its averages over partners."""
        if packet_ratio is None:
            turning, mixing = isotropic_means(gamma)
            turned = _partners.average(rows, lambda u: np.sin(2 * gamma * u) / 2, turning)
            mixed = _partners.average(rows, lambda u: np.sin(gamma * u) ** 2, mixing)
        else:
            turned, mixed = (
                _partners.average(rows, mean, _packet_rates.isotropic_mean(mean))
                for mean in (
                    _packet_rates.turning(gamma, packet_ratio),
                    _packet_rates.mixing(gamma, packet_ratio),
                )
            )
        return cls(
            rows,
            gamma,
            p,
            mu,
            matter,
            own_clock,
            _partners.average(rows, lambda u: u, 1.0, linear=True),
            turned,
            mixed,
            moving_rows(rows),
        )

    def rate(self, t: float, vectors: Floats) -> Floats:
        """``dP/dt``, ``(rows, 3)``."""
        coupling = coupling_at(self.mu, t)
        h = field_at(self.rows, self.matter, self.rows.gas.mixing_angle, t)
        background = self.rows.background
        if background is not None and self.p == 1.0 and coupling:
            vectors = _background_halfway(vectors, h, background, self.gamma / coupling)
        per_time = coupling / self.gamma
        change = np.cross(h + per_time * self.turned.apply(vectors), vectors)
        change += per_time * (self.mixed.apply(vectors) - self.mixed.sums * vectors)
        if self.p or self.own_clock:
            mean = self.felt.apply(vectors)  # the mean field in units of mu
            around = np.cross(mean, vectors)
        if self.p:
            # forward steps of f: the flow of f - (step/2) f'f; f' also moves the partners
            moved = around / self.rows.encounters
            double = np.cross(mean, moved) + np.cross(self.felt.apply(moved), vectors)
            change -= (self.p / 2) * self.gamma * coupling * double
        if self.own_clock:
            if coupling == 0:
                raise QnuError(f"mu(t={t:g})", 0.0, "numbers > 0 (own_clock: t_int = gamma/mu)")
            own = np.cross(h, vectors)
            drag = np.cross(h, own) + coupling * (
                np.cross(h, around) + np.cross(mean, own) + np.cross(self.felt.apply(own), vectors)
            )
            change += drag / (2 * per_time)
        return change * self.moving


def _background_halfway(vectors: Floats, h: Floats, background: int, length: float) -> Floats:
    """The background halfway through a regular encounter, which has vacuum inside."""
    seen = vectors.copy()
    own = vectors[background]
    seen[background] = own + length / 2 * np.cross(h[background], own)
    return seen


def _lengths(gamma: float, p: float) -> Callable[[float, Floats], None]:
    def check(t: float, vectors: Floats) -> None:
        longest = float(np.sqrt(np.max(np.sum(vectors * vectors, axis=1))))
        if longest > _LONGEST:
            raise QnuError(
                "gamma",
                Words(f"{gamma:g}, with which |P| grows to {longest:.6g} at t = {t:.4g}"),
                f"a smaller gamma (its terms at probability = {p:g} are expansions, good to about"
                f" {EXPANDED}), or independent, which has no such limit",
            )

    return check


class KineticMethod(PartnersMethod):
    """The rate equation of encounters (:func:`qnu.solvers.kinetic`)."""

    kind: Literal["kinetic"]
    gamma: Positive | None = key(POSITIVE, None, unset="as the schedule")
    probability: Probability | None = key(PROBABILITY, None, unset="as the schedule")

    solve = staticmethod(kinetic)
    line_style: ClassVar[LineStyle] = LineStyle(
        "kinetic", line=(0.0, (1.0, 1.3)), width=1.7, order=4.0
    )
    takes_mixed: ClassVar[bool] = True
