"""Mean field: every neutrino with the average of the others, no entanglement."""

from __future__ import annotations

import time as clock
from typing import ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import assembly, profiles
from ..common.checks import Floats
from ..common.progress import Progress, with_bar
from ..conservation import conservation, conserved_drift
from ..flavor import fields
from ..gas import NeutrinoGas
from ..methods import LineStyle
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import _partners
from ._common import coupling_at, require_phase, times_from_zero, value_at
from ._integrate import integrate
from ._partners import why_chosen as why_chosen
from ._rates import PartnersMethod, takes_schedule


@overload
def mean_field(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    mu: Profile | None = None,
    matter: Profile | None = None,
    resolve: str | None = None,
    partners: str | None = None,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory: ...


@overload
def mean_field(
    gas: NeutrinoGas,
    times: ArrayLike,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    resolve: str | None = None,
    partners: str = "others",
    *,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory: ...


@with_bar
@takes_schedule
def mean_field(
    gas: NeutrinoGas,
    times: ArrayLike,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    resolve: str | None = None,
    partners: str = "others",
    *,
    background: int | str | None = None,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`d\mathbf P_i/dt = [\omega_i\mathbf B + \lambda_e\mathbf L
    + \mu\sum_j w_{ij}\mathbf P_j]\times\mathbf P_i`.

    :math:`w_{ij} = (1 - \mathbf v_i\cdot\mathbf v_j)/(N - 1)`, :math:`j \ne i`, with
    ``partners="others"``; over N with ``"all"``. For groups :math:`1 - \mathbf v\cdot\mathbf v'` is
    averaged: 1 for isotropic velocities and at right angles, the mean over pairs for given
    velocities, that of the distributions where groups have one (:class:`qnu.AngularDistribution`),
    whatever was drawn; :math:`\bar{\mathbf P}_i = (N\bar{\mathbf P} - \mathbf P_i)/(N - 1)` with
    ``"others"``.

    Where groups have weights (:class:`qnu.Group`), with :math:`W = \sum_k w_k`,

    .. math::
        w_{ij} = (1 - \mathbf v_i\cdot\mathbf v_j)\,\frac{w_j}{W}\ \text{("all")}, \qquad
        (1 - \mathbf v_i\cdot\mathbf v_j)\,\frac{w_j}{W - \sum_k w_k^2/W},\ j \ne i\
        \text{("others")},

    so :math:`\bar{\mathbf P}_i = (\sum_j w_j\mathbf P_j - w_i\mathbf P_i)/(W - \sum_k w_k^2/W)`
    with ``"others"``: two different neutrinos meet in proportion to :math:`w_i w_j`, and in the
    weighted mean over the gas a neutrino meets one per :math:`t_\mathrm{int}`. Weights that are
    equal, of any size, are no weights. As :math:`w_i w_{ij}` is symmetric,
    :math:`\sum_i w_i\mathbf P_i` is conserved where :math:`\sum_i\mathbf P_i` is without weights.

    Called as ``mean_field(gas, schedule)`` it takes mu, matter, partners and background from the
    schedule, unless they are given; no encounter is drawn or counted. Called as
    ``mean_field(gas, times, mu, ...)``, without a schedule, it takes them as given.

    Args:
        gas: N neutrinos; at group level the members of a group must start alike.
        schedule: of any kind and any number of encounters.
        times: sample times in 1/mu, never decreasing; the gas is at t = 0. Default: the beginning
            and the end of the schedule.
        mu: coupling, a number or a callable of time (default: of the schedule; without one 1).
        matter: lambda_e, a number or a callable of time (default: of the schedule; without one 0).
            Short pulses of mu and matter: see :mod:`qnu.profiles`.
        resolve: ``"group"``: one vector per group; ``"neutrino"``: one per neutrino, exact weights.
            Default: ``"neutrino"`` where a group has a spectrum (frequencies that differ; the
            attribute ``resolve_reason`` says so), else ``"group"``.
        partners: ``"others"`` (the default without a schedule); ``"all"`` (plane waves, wave
            packets, odd tournaments, an infinite gas); or
            ``"across"``: two groups that only meet each other, :math:`\max(n_1, n_2)` rounds
            (bipartite). A beam feels :math:`\mu\,\frac{n_\mathrm{other}}{\max(n_1, n_2)} \langle(1
            - c)\,\mathbf P_\mathrm{other}\rangle`, with weights :math:`w n` instead of n.
        background: number or group of a neutrino of which all others encounter unchanged copies
            (as in ``schedules.constant_background``); weights then have no effect.
        progress: True for a bar with the time left, or a function called with the fraction done.
            Many turns, and fast callables, take minutes: nothing is shown unless it is asked for.

    Returns:
        polarization ``(time, N or groups, 3)``; drift of every :math:`|\mathbf P|`, of the energy
        per neutrino and of the total P (along B; weighted) as attributes.

    Raises:
        QnuError: groups whose members differ with ``resolve="group"`` (without it: whose members
            start in different directions), times out of order or outside the schedule, NaN; a
            neutrino that turns by more than 1e8 radians, which would take days.

    References:
        Sigl and Raffelt (1993); Pantaleone (1992).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])         # alone: it only precesses
        >>> mean_field(gas, [0.0, np.pi / 2]).polarization[-1].round(6) + 0.0
        array([[ 0., -1.,  0.]])
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2], group=[0, 1])
        >>> schedule = qnu.schedules.stochastic(gas, gamma=6e-11, probability=1.0, duration=10.0)
        >>> mean_field(gas, schedule).times                         # of 1.7e11 encounters
        array([ 0., 10.])
    """
    started = clock.perf_counter()
    sample_times = times_from_zero(times)
    mu, matter = profiles.checked("mu", mu, positive=True), profiles.checked("matter", matter)
    rows = _partners.rows(gas, resolve, partners, background)
    require_phase(gas, float(sample_times[-1]), mu, matter)
    felt = _partners.average(rows, lambda u: u, 1.0, linear=True)
    moving = moving_rows(rows)

    def rate(t: float, vectors: Floats) -> Floats:
        h = field_at(rows, matter, gas.mixing_angle, t)
        h = h + coupling_at(mu, t) * felt.apply(vectors)
        return np.cross(h, vectors) * moving

    samples = integrate(rate, rows.polarization, sample_times, progress, mu=mu, matter=matter)
    begun = np.linalg.norm(rows.polarization, axis=-1)
    attributes = {
        "drift_length": float(abs(np.linalg.norm(samples, axis=-1) - begun).max()),
        "partners": partners,
        "resolve_reason": why_chosen(gas, resolve),
        **assembly.recorded_mu(mu),
        "matter": profiles.describe(matter),
    }
    if background is None:
        attributes |= conserved_drift(samples, rows.acting, **conservation(gas, matter))
        if not callable(mu) and not callable(matter):
            attributes["drift_energy"] = _energy_drift(rows, felt, samples, mu, matter)
    return Trajectory.build(
        "mean_field",
        gas,
        sample_times,
        samples,
        started=started,
        resolve=rows.resolve,
        attributes=attributes,
    )


def moving_rows(rows: _partners.Rows) -> Floats:
    """``(rows, 1)``: 1, but 0 for a background that is always fresh."""
    moving = np.ones((len(rows.omega), 1))
    if rows.background is not None:
        moving[rows.background] = 0.0
    return moving


def field_at(rows: _partners.Rows, matter: Profile, mixing_angle: float, t: float) -> Floats:
    """``(rows, 3)`` vacuum and matter fields."""
    return fields(rows.omega, value_at(matter, t, "matter"), mixing_angle)


def _energy_drift(
    rows: _partners.Rows, felt: _partners.Average, samples: Floats, mu: float, matter: float
) -> float:
    """Change of ``E/N = sum_i f_i [h_i.P_i / 2 + (mu/4) P_i.(sum_j w_ij P_j)]``, f_i = w_i/W."""
    h = fields(rows.omega, matter, rows.gas.mixing_angle)
    share = rows.acting / rows.acting.sum()
    energies = [
        float(share @ np.sum((h / 2 + mu / 4 * felt.apply(p)) * p, axis=1))
        for p in (rows.polarization, *samples)
    ]
    return float(np.ptp(energies))


class MeanFieldMethod(PartnersMethod):
    """Everyone with the average (:func:`qnu.solvers.mean_field`)."""

    kind: Literal["mean_field"]

    solve = staticmethod(mean_field)
    line_style: ClassVar[LineStyle] = LineStyle(
        "mean field", line=(0.0, (7.0, 1.5, 1.2, 1.5)), width=0.8, pale=0.35, order=1.5
    )
    takes_mixed: ClassVar[bool] = True
