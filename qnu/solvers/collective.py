"""Beams as big spins: plane waves of many neutrinos that start alike, exactly."""

from __future__ import annotations

import functools
import time as clock
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import assembly, profiles
from ..common import memory
from ..common.checks import words
from ..common.progress import Progress, report, with_bar
from ..conservation import conservation, conserved_drift
from ..encounter import checked_anisotropy
from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas
from ..keys import key
from ..methods import (
    Drawn,
    LineStyle,
    MethodInput,
    Prepared,
    check_observables,
    refuse_weights,
    require_pure,
)
from ..observables import OF_BEAMS, OF_ONE
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from ._collective_evolution import Evolution, Hamiltonian
from ._collective_plan import Plan as Plan
from ._collective_plan import Readout
from ._common import recorded_anisotropy, require_phase, times_from_zero
from ._rates import RateMethod, takes_schedule

#: Names of observables that a run takes.
NAMES = (*OF_ONE, *OF_BEAMS)
#: Of a beam in one sample, with a copy and what observables add.
_BYTES_PER_VECTOR = 96


def _of_plane_waves(solve: Callable[..., Trajectory]) -> Callable[..., Trajectory]:
    """A solver that takes a schedule of another kind only where mu is given."""

    @functools.wraps(solve)
    def called(*args: Any, **given: Any) -> Trajectory:
        for value in (*args[1:2], given.get("schedule")):
            if isinstance(value, EncounterSchedule):
                check_kind(value, given.get("mu"))
        return solve(*args, **given)

    return called


def check_kind(schedule: EncounterSchedule, mu: Profile | None) -> None:
    """An error where neither the schedule nor a mu says that all pairs interact at all times."""
    if schedule.kind != "plane_wave" and mu is None:
        raise QnuError(
            "schedule",
            Words(f"a {schedule.kind} schedule"),
            "plane_wave (all pairs at all times); or mu = NUMBER: plane waves with this mu,"
            " up to the end of the schedule",
        )


@overload
def collective(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    mu: Profile | None = None,
    matter: Profile | None = None,
    anisotropy: float | None = None,
    observables: Sequence[str] = (),
    progress: Progress = None,
) -> Trajectory: ...


@overload
def collective(
    gas: NeutrinoGas,
    times: ArrayLike,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    *,
    anisotropy: float = 1.0,
    observables: Sequence[str] = (),
    progress: Progress = None,
) -> Trajectory: ...


@with_bar
@_of_plane_waves
@takes_schedule
def collective(
    gas: NeutrinoGas,
    times: ArrayLike,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    *,
    anisotropy: float = 1.0,
    observables: Sequence[str] = (),
    progress: Progress = None,
) -> Trajectory:
    r""":math:`H = \frac{2\mu}{N} \sum_{g<h} u_{gh}\,\mathbf J_g\cdot\mathbf J_h
    - \sum_g\omega_g J_g^z + \lambda_e\,\mathbf L\cdot\sum_g\mathbf J_g`: plane waves of beams,
    exactly.

    The :math:`n_g` neutrinos of a beam start alike and feel the same, so they stay alike: together
    they are one spin :math:`J_g = n_g/2`, and :math:`\prod_g(n_g + 1)` amplitudes hold what takes
    :math:`2^N` otherwise. It is the H of :func:`qnu.schedules.plane_wave`,
    :math:`\frac\mu N\sum_{i<j} u_{ij}\,\mathrm{SWAP}_{ij}` and vacuum, with
    :math:`u_{gh} = 1 - \mathbf v_g\cdot\mathbf v_h` and
    :math:`\mathrm{SWAP}_{ij} = \tfrac12 + 2\,\mathbf s_i\cdot\mathbf s_j`, without Trotter steps.
    Pairs within a beam (:math:`u = 0` where it is parallel, 1 at right angles) only add
    :math:`\mathbf J_g^2`, a constant.

    With an ``anisotropy`` a, :math:`J_g^x J_h^x + J_g^y J_h^y + a\,J_g^z J_h^z` takes the place of
    :math:`\mathbf J_g\cdot\mathbf J_h`, and pairs within a beam add
    :math:`\frac\mu N (a - 1)\sum_g u_{gg} (J_g^z)^2`.

    Without matter (or with :math:`\mathbf L` along B) :math:`\sum_g J_g^z` is conserved, and only
    those of its values are kept that the start has: one for mass eigenstates, about
    :math:`\sqrt N` for tilted beams, all with matter. Values with a probability below
    :math:`10^{-32}` in all are left out. Constant H: Chebyshev polynomials, to rounding. mu(t) and
    matter(t): Magnus steps of fourth order, which stop at every corner, with errors of
    :math:`10^{-11}` in all.

    Args:
        gas: groups are the beams: all neutrinos of one share one polarization
            (:math:`|\mathbf P| = 1`), one omega and one direction, or velocities are at right
            angles. No weights.
        schedule: a ``plane_wave`` schedule, of which only mu, matter and the duration count. Of
            another kind only if mu is given.
        times: sample times in 1/mu; default: the beginning and the end of the schedule.
        mu: coupling, a number or a callable of time (default: of the schedule; without one 1).
        matter: lambda_e, a number or a callable of time (default: of the schedule; without one 0).
        anisotropy: a (default: of the schedule; without one 1).
        observables: any of ``entropy`` and ``purity`` (of one neutrino), ``beam_entropy`` (of all
            neutrinos of a beam with the other beams, in bits, ``(time, neutrino)``).
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, beams, 3)`` of one neutrino of each beam; attributes: the drift of the
        norm, of the total P and of the energy per neutrino, ``amplitudes`` (how many are held),
        ``left_out`` (a probability), and of changing H ``time_step_error`` (of the norm of the
        state).

    Raises:
        QnuError: groups that are not beams, mixed states, weights, more amplitudes than the memory
            holds, an unknown observable.

    References:
        Friedland and Lunardini (2003); Roggero (PRD 104, 103016); Alvermann and Fehske (J. Comput.
        Phys. 230, 5930) for the steps in time.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas.from_groups(
        ...     [qnu.Group(1000, (0, 0, 1)), qnu.Group(1000, (0, 0, -1))], "right-angle")
        >>> run = collective(gas, [0.0, 2.1241 * 2000**0.5], observables=["beam_entropy"])
        >>> run.survival_probability()[-1].round(3)         # N -> infinity: 0.3576
        array([0.357, 0.357])
        >>> run["beam_entropy"].values[-1].round(2)
        array([9.3, 9.3])
    """
    started = clock.perf_counter()
    check_gas(gas)
    sample_times = times_from_zero(times)
    mu, matter = profiles.checked("mu", mu, positive=True), profiles.checked("matter", matter)
    words("observables", observables, NAMES)
    anisotropy, plan = checked_anisotropy(anisotropy), Plan.of(gas, matter)
    memory.require("gas", Words(plan.words), plan.bytes_needed(observables))
    samples, beams = len(sample_times), len(plan.order)
    found = f"{samples} samples of {beams} beams"
    memory.require("times", Words(found), _BYTES_PER_VECTOR * samples * beams)
    end = float(sample_times[-1])
    require_phase(gas, end, mu, matter)
    evolution = Evolution(
        Hamiltonian.of(plan.ordered, plan.basis, not profiles.is_zero(matter), anisotropy),
        plan.basis.start(plan.amplitudes),
        mu,
        matter,
        end,
        lambda time: report(progress, time / end),
    )
    readout = Readout.empty(len(sample_times), plan, observables)
    for k, time in enumerate(sample_times):
        evolution.advance(float(time))
        readout.record(k, evolution)
    report(progress, 1.0)
    vectors = readout.polarization
    attributes: dict[str, Any] = {
        "partners": "all",
        **recorded_anisotropy(anisotropy),
        **assembly.recorded_mu(mu),
        "matter": profiles.describe(matter),
        "amplitudes": plan.basis.states,
        "left_out": plan.basis.left_out,
        "drift_norm": float(abs(readout.norm - 1).max()),
        **conserved_drift(vectors, gas.counts, **conservation(gas, matter, anisotropy)),
    }
    if evolution.changes:
        attributes["time_step_error"] = evolution.error
    else:
        attributes["drift_energy"] = float(np.ptp(readout.energy)) / len(gas)
    return Trajectory.build(
        "collective",
        gas,
        sample_times,
        vectors,
        started=started,
        resolve="group",
        variables=readout.variables(observables),
        attributes=attributes,
    )


class CollectiveMethod(RateMethod):
    """Plane waves of beams, each a big spin: exact (:func:`qnu.solvers.collective`)."""

    kind: Literal["collective"]
    observables: list[str] = key(
        "a list of names of observables",
        [],
        "any of " + ", ".join(f'`"{name}"`' for name in NAMES),
    )

    solve = staticmethod(collective)
    line_style: ClassVar[LineStyle] = LineStyle(
        "plane waves, exact", width=3.2, pale=0.5, order=2.2
    )
    reference: ClassVar[int] = -1  # before many_body, which has a Trotter error
    pure_only: ClassVar[bool] = True

    @classmethod
    def reference_of(cls, run: Trajectory) -> int | None:
        """Exact, but not of encounters that are no plane waves."""
        return cls.reference if run.attrs.get("schedule") == "plane_wave" else None

    @property
    def rows(self) -> Literal["neutrino", "group"]:
        """A beam."""
        return "group"

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Only if velocities are drawn (of groups of one neutrino)."""
        del prepared
        return drawn.velocities

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether groups are beams, and whether they fit into memory."""
        check_observables(self.observables, NAMES)
        refuse_weights(self.kind, given.gas)
        require_pure(self.kind, given.gas)
        check_kind(given.schedule, self.mu)
        rates = super().prepare(given)
        plan = Plan.of(given.gas, rates.options["matter"])
        need = plan.bytes_needed(self.observables)
        memory.require("kind", Words(f"collective, {plan.words}"), need)
        options = {**rates.options, "observables": tuple(self.observables)}
        return Prepared(rates.times, options)
