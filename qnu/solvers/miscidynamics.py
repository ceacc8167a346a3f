"""Miscidynamics: the adiabatic theory that follows the gas through its quasi-steady states."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import assembly, profiles
from ..common.checks import Floats, number
from ..common.progress import Progress, report, with_bar
from ..common.times import nearest_sample, same_time
from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas
from ..keys import PROBABILITY, Probability, Table, Time, key
from ..methods import Drawn, LineStyle, MethodInput, Prepared, Surroundings
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import quasi_steady
from ._common import times_from_zero
from ._groups import Groups
from ._packet_rates import checked_ratio
from ._partners import binned, group_with_spectrum
from ._paths import drift_of, longitudinal, msw, transverse
from ._rates import RateMethod, takes_schedule
from ._start import branch_at, check_near, start_of
from .adiabatic import check_adiabatic


@overload
def miscidynamics(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    gamma: float | None = None,
    mu: Profile | None = None,
    matter: Profile | None = None,
    probability: float | None = None,
    packet_ratio: float | None = None,
    signs: Sequence[int] | None = None,
    start: tuple[Trajectory, float] | None = None,
    force: bool = False,
    progress: Progress = None,
) -> Trajectory: ...


@overload
def miscidynamics(
    gas: NeutrinoGas,
    times: ArrayLike,
    gamma: float,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    probability: float = 0.0,
    signs: Sequence[int] | None = None,
    start: tuple[Trajectory, float] | None = None,
    *,
    packet_ratio: float | None = None,
    force: bool = False,
    progress: Progress = None,
) -> Trajectory: ...


@with_bar
@takes_schedule
def miscidynamics(
    gas: NeutrinoGas,
    times: ArrayLike,
    gamma: float,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    probability: float = 0.0,
    signs: Sequence[int] | None = None,
    start: tuple[Trajectory, float] | None = None,
    *,
    packet_ratio: float | None = None,
    force: bool = False,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`d\mathbf P/dt = (d\mathbf P_\mathrm{eq}/dQ)(dQ/dt)`: along a path of mean-field
    equilibria.

    The equilibria are those of :func:`quasi_steady_state`, with :math:`\bar{\mathbf P} = \sum_i f_i
    \mathbf P_i`. Three slow drivers move Q:

    - entanglement, with :math:`\bar P_B` fixed and :math:`\kappa = \langle(1 - c)^2\rangle` (4/3
      isotropic, 1 at right angles, the weighted mean over pairs for given velocities):

      .. math::
          \frac{dL_i}{dt} = \kappa\mu\gamma\left(\frac{\bar{\mathbf P}\cdot\mathbf P_i}{L_i}
          - L_i\right) - \frac p2\,\mu\gamma\langle1 - c\rangle^2\,
          \frac{\mathbf P_i\cdot[\bar{\mathbf P}\times(\bar{\mathbf P}\times\mathbf P_i)]}{L_i}

      a group whose length passes through 0 goes on with the other sign; for wave packets
      :math:`\kappa = \langle(1 - c)^{3/2}\,[(1 - c) + r^2(1 + c)]^{-1/2}\rangle`, as in
      :func:`kinetic`;
    - a changing ``mu(t)``, with :math:`L_i` (where gamma = 0) and :math:`\bar P_B` fixed: spectral
      splits;
    - a changing ``matter(t)`` with ``mu = 0``: each :math:`\mathbf P_i` follows
      :math:`\mathbf h_i = \omega_i\mathbf B + \lambda_e\mathbf L` and keeps
      :math:`\mathbf P_i\cdot\mathbf h_i/|\mathbf h_i|`: the MSW effect.

    It holds for a gas that is near an equilibrium which is stable. So a start farther than 0.2 from
    its equilibrium is an error: :math:`\sum_i f_i |\mathbf P_i - \mathbf P_{i,\mathrm{eq}}|` with
    the mean :math:`\mathbf P_i` of every group, at the best common azimuth about B (MSW: the mean
    length of the parts of :math:`\mathbf P_i` across :math:`\mathbf h_i`). So is an
    equilibrium about which small deviations of the mean field grow (:func:`growth_rate`) faster
    than 1e-6 mu, at the start or later.

    It is adiabatic where the gas turns about its equilibria faster than they move. The variable
    ``adiabaticity`` says how far states lag behind, to lowest order, over the longest polarization,
    in the frame that turns with :math:`\Omega`:

    .. math::
        a(t) = \max_i\frac{|L_i\,\dot{\mathbf n}_i - \mathbf C_{i\perp}|}{|\mathbf H_i|}
        \Big/ \max_j L_j,\qquad \mathbf n_i = \frac{\epsilon_i\mathbf H_i}{|\mathbf H_i|}

    with :math:`\mathbf C_{i\perp}` the part of entanglement across :math:`\mathbf n_i`,
    :math:`\kappa\mu\gamma\bar{\mathbf P}_\perp` for p = 0. For MSW it is :math:`|d\alpha/dt|/|
    \mathbf h|`, at the resonance :math:`1/\gamma_\mathrm{ad}` (:func:`msw_resonance`). A jump of
    the matter counts as the angle by which it turns :math:`\mathbf h`. Where a field all but
    vanishes, a state counts as behind by no more than what :math:`\mathbf n_i` sweeps. Above 0.5
    the run warns.

    The branch is followed by its own steps, which do not depend on the sample times. They end at
    every time of a :class:`~qnu.profiles.Table`; other callables are sampled at 650 or more times
    between the start and the last sample. A branch with :math:`\bar P_\perp > 0` ends only where
    all :math:`\mathbf P_i` come to lie along B (:math:`\bar P_\perp` below 1e-6 of its start), or
    where mu(t) jumps.

    Called as ``miscidynamics(gas, schedule)`` it takes gamma, mu, matter and probability from the
    schedule, unless they are given; no encounter is drawn or counted. Called as
    ``miscidynamics(gas, times, gamma, ...)``, without a schedule, it takes them as given.

    Args:
        gas: groups of neutrinos, each of one omega; a group enters with its mean polarization and
            its share :math:`f_i = w_i n_i/\sum_j w_j n_j` of the gas, w its weight.
        schedule: of any number of encounters, but no ``constant_background``; plane waves have no
            gamma: it must be given.
        times: sample times, never decreasing; those before the start are left out. Default: the
            beginning and the end of the schedule.
        gamma: discreteness parameter, >= 0 (0: no entanglement).
        mu: coupling (default: of the schedule; without one 1); with a driver, omega, matter and t
            are in units of mu(0).
        matter: lambda_e, only where ``mu = 0`` (default: of the schedule; without one 0).
        probability: p; 0 drops the p term (default: of the schedule; 0 where it has none, and
            without one).
        packet_ratio: r, > 0, the rms length of wave packets over their rms width (default: of the
            schedule; without one None, :math:`\theta = \gamma\,(1 - c)`).
        signs: :math:`\epsilon_i` per group; default: the pattern whose equilibrium is nearest to
            the start.
        start: ``(trajectory, time)``: take :math:`L_i` and :math:`\bar P_B` from the group means of
            that sample; default: the gas itself at t = 0.
        force: True: go on from a start that is far from its equilibrium, and along equilibria that
            are unstable; ``start_distance`` and ``growth_rate`` say how far and how unstable. No
            warning where it is not adiabatic.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, groups, 3)``, azimuth included; variables ``growth_rate`` over time (0
        where the equilibrium is stable), ``adiabaticity`` over time (at a sample the largest since
        the sample before), ``start_distance``, ``transverse`` (:math:`\bar P_\perp`) over time
        and, where :math:`\bar P_\perp > 0`, ``precession`` (:math:`\Omega`) over time
        and ``sign`` (:math:`\epsilon_i`) over time and group; attribute ``branch`` (transverse,
        longitudinal or msw).

    Raises:
        QnuError: no equilibrium near the start, an unstable one, a branch that ends or becomes
            unstable (with the time at which it does), matter together with mu.

    References:
        Johns (2306.14982, 2401.15247); Kost, Johns, Duan, OILE II (2508.14331); Raffelt and
        Smirnov (2007) for splits.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas.from_groups(
        ...     [qnu.Group(6, (0.3, 0, 0.2), omega=0.1), qnu.Group(4, (0.2, 0, 0.1), omega=0.2)])
        >>> run = miscidynamics(gas, [0.0, 100.0], gamma=0.01)
        >>> run.attrs["branch"], run.group_length()[-1].round(3), float(run["growth_rate"].max())
        ('transverse', array([0.313, 0.274]), 0.0)
        >>> physical = qnu.schedules.stochastic(gas, 6e-11, probability=0.1, duration=1e10, seed=1)
        >>> miscidynamics(gas, physical).group_length()[-1].round(3)    # none of its 8e20 is drawn
        array([0.327, 0.262])
    """
    started = clock.perf_counter()
    check_gas(gas)
    sample_times = times_from_zero(times)
    gamma = number("gamma", gamma, low=0.0)
    p = number("probability", probability, low=0.0, high=1.0)
    packet_ratio = checked_ratio(packet_ratio, p)
    mu, matter = _checked_mu(mu), profiles.checked("matter", matter)
    vectors, begin = start_of(gas, start)
    if signs is not None:
        quasi_steady.checked_signs(signs, len(vectors))
    sample_times = _from(begin, sample_times)
    different, which = np.unique(sample_times, return_inverse=True)  # times may repeat
    if profiles.is_zero(mu):
        path = msw(gas, vectors, matter, different, begin)
        check_near(path.apart, force, "take it where matter dominates")
    elif not profiles.is_zero(matter):
        raise QnuError("matter", profiles.describe(matter), "0 where mu is not 0 (MSW: mu = 0)")
    else:
        groups = Groups.of(gas, gas.group_means(gas.omega), gamma, mu, p, packet_ratio)
        if abs(vectors[:, :2]).max() < 1e-12:
            path = longitudinal(groups, vectors, different, begin, force)
        else:
            at_start = branch_at(groups, vectors, signs, begin, force)
            path = transverse(at_start, different, force, progress)
    report(progress, 1.0)
    check_adiabatic(path.variables["adiabaticity"][1], force)
    samples = path.samples[which]
    return Trajectory.build(
        "miscidynamics",
        gas,
        sample_times,
        samples,
        started=started,
        resolve="group",
        variables=path.at(which),
        attributes={
            "gamma": gamma,
            **assembly.recorded_mu(mu),
            "matter": profiles.describe(matter),
            "probability": p,
            "packet_ratio": packet_ratio,
            "branch": path.branch,
            "start_time": begin,
            **drift_of(path.branch, gas, samples, matter, sample_times),
        },
    )


def _from(begin: float, times: Floats) -> Floats:
    """The sample times at or after the start."""
    kept = times[times >= begin - same_time(begin)]
    if not len(kept):
        raise QnuError("times", float(times[-1]), f"a time at or after the start, {begin:g}")
    return kept


def _checked_mu(mu: Profile) -> Profile:
    mu = profiles.checked("mu", mu)
    return mu if callable(mu) else number("mu", mu, low=0.0, high=1e9)


class Start(Table):
    """``start = { method = ..., time = ... }``: lengths taken from another method."""

    method: str = key("the label of a method that comes earlier in the file")
    time: Time = key("a sample time of that method", ge=0)


class MiscidynamicsMethod(RateMethod):
    """Slow motion through quasi-steady states (:func:`qnu.solvers.miscidynamics`)."""

    kind: Literal["miscidynamics"]
    gamma: float | None = key(
        "a finite number >= 0 (0: no entanglement)", None, unset="as the schedule", ge=0
    )
    probability: Probability | None = key(PROBABILITY, None, unset="as the schedule")
    signs: list[Literal[-1, 1]] | None = key(
        "a list of 1 and -1, one per group", None, unset="those nearest to the start"
    )
    start: Start | None = key(
        "{ method = ..., time = ... }",
        None,
        "take the group means of an earlier method at one of its sample times",
    )
    force: bool = key(
        "true (also far from equilibrium and where it is unstable) or false",
        False,
        "go on from a start farther than 0.2 from its equilibrium, and along unstable equilibria"
        " (both are errors otherwise)",
    )

    solve = staticmethod(miscidynamics)
    line_style: ClassVar[LineStyle] = LineStyle(
        "miscidynamics", line=(0.0, (5.0, 3.2)), width=1.6, order=5.0
    )

    @property
    def rows(self) -> Literal["neutrino", "group"]:
        """Groups."""
        return "group"

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Only where it starts from a random method."""
        return prepared.start is not None and prepared.start[0] in drawn.methods

    def prepare(self, given: MethodInput) -> Prepared:
        """Also where it starts: its sample times begin there."""
        if given.schedule.kind == "constant_background":
            raise QnuError(
                "kind",
                "miscidynamics, in a constant_background schedule",
                "independent, mean_field, kinetic or circuit",
            )
        options = dict(super().prepare(given).options)
        times = given.times
        spectrum = group_with_spectrum(given.gas)
        if spectrum is not None:
            found = Words(f"miscidynamics, with a spectrum in group {spectrum!r}")
            raise QnuError("kind", found, binned(given.gas))
        start = None if self.start is None else _earlier_sample(self.start, given.earlier)
        if start is not None:
            later = times[times > start[1] + same_time(times[-1])]
            times = np.concatenate([[start[1]], later])
        groups = len(given.gas.group_names)
        if self.signs is not None and len(self.signs) != groups:
            allowed = f"a list of 1 and -1, one for each of {groups} groups"
            raise QnuError("signs", self.signs, allowed)
        options["signs"] = None if self.signs is None else list(self.signs)
        options["force"] = self.force
        return Prepared(times, options, start)

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        prepared: Prepared,
        around: Surroundings,
    ) -> Trajectory:
        """The result, from the start that an earlier method gives, if there is one."""
        if prepared.start is not None:
            label, time = prepared.start
            options = {**prepared.options, "start": (around.earlier[label], time)}
            prepared = Prepared(prepared.times, options, prepared.start)
        return super().run(gas, schedule, prepared, around)


def _earlier_sample(start: Start, earlier: Mapping[str, Floats]) -> tuple[str, float]:
    """The label, and the sample time nearest to the one in the file."""
    if start.method not in earlier:
        names = ", ".join(map(repr, earlier)) or "none"
        allowed = f"a method that comes earlier in the file (here {names})"
        raise QnuError("start.method", start.method, allowed)
    times = earlier[start.method]
    k, there = nearest_sample(times, start.time)
    nearest = float(times[k])
    if not there:
        allowed = f"a sample time of {start.method!r}; nearest {nearest:.10g}"
        raise QnuError("start.time", start.time, allowed)
    return start.method, nearest
