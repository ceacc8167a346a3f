"""Exact many-body evolution: the 2^N state vector through the schedule."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from .. import profiles
from ..checkpoint import Checkpoint, key_of
from ..common import memory
from ..common.checks import Floats, boolean, choice, words
from ..common.progress import Progress, section, with_bar
from ..conservation import conservation, conserved_drift
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import key
from ..methods import LineStyle, Method, MethodInput, Prepared, check_observables
from ..observables import (
    NAMES,
    OF_RESOURCES,
    Variables,
    check_resources,
    requested,
    requested_of_collision,
    requested_of_resources,
    requested_of_state,
    require_plane_waves,
)
from ..schedules import EncounterSchedule
from ..schedules.finer import finer
from ..schedules.match import check_match
from ..trajectory import Trajectory
from ._checkpoints import SolverCheckpoint
from ._evolution import PRECISIONS, check_state, evolve, plan_of_passes
from ._readout import Readout, initial_energy
from .states import memory_need, read_out_need


@with_bar
def many_body(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    precision: str = "double",
    observables: Sequence[str] = (),
    *,
    trotter_error: bool = True,
    progress: Progress = None,
    checkpoint: Checkpoint | None = None,
) -> Trajectory:
    r""":math:`|\psi\rangle \to U_k |\psi\rangle` for every encounter, in the order of the schedule.

    .. math::
        U = \exp\left(-i\left[\theta\,\mathrm{SWAP} + \tfrac t2 (\mathbf h_1\cdot\boldsymbol\sigma_1
        + \mathbf h_2\cdot\boldsymbol\sigma_2)\right]\right)

    All of the entanglement is kept. In vacuum only a 2x2 block on :math:`|01\rangle, |10\rangle` of
    each pair is applied; free streaming and the phases of :math:`|00\rangle, |11\rangle` stay
    pending as one angle per neutrino.
    With matter, streaming is multiplied into the next gate. Neither costs a pass over the state.
    Matter that changes inside an encounter is followed there, to 5e-10 per encounter.
    A gas of mass eigenstates (every P along :math:`\pm z`) without matter keeps its number k of
    :math:`\nu_2`: then only the :math:`\binom Nk` amplitudes of that sector are stored.

    Args:
        gas: N neutrinos in pure states (:math:`|\mathbf P| = 1`); 16 bytes times :math:`2^N` of
            memory (8 in single precision), or times :math:`\binom Nk` in a sector.
        schedule: the encounters, without fresh partners.
        times: sample times in 1/mu; default: initial and final state. Inside an encounter the part
            that has passed counts (in back-to-back schedules, which only have an order, the whole).
        precision: ``"double"`` or ``"single"``.
        observables: any of ``entropy``, ``purity`` (per neutrino), ``pair_concurrence``,
            ``pair_negativity``, ``mutual_information`` (per pair, ``(time, neutrino, partner)``),
            ``half_chain_entropy`` (of the first N // 2 neutrinos with the others, ``(time,)``);
            ``n_tangle``, ``stabilizer_renyi_entropy`` (at most 16 neutrinos), ``loschmidt_echo``
            with the initial state (``(time,)``; :func:`qnu.observables.n_tangle` and so on);
            of plane waves ``collision_term`` (:func:`qnu.observables.collision_term`, ``(time,
            neutrino, axis)``, in the unit of mu).
        trotter_error: for plane waves, and wave packets in slices, run once more with half the step
            and record how far the two are apart: variable ``trotter_error (time, neutrino)``.
            The error of the run itself is about twice that for order 1 (at whole steps; inside a
            step it may be more), 4/3 of it for order 2.
        progress: True for a bar with the time left, or a function called with the fraction done.
        checkpoint: a :class:`qnu.Checkpoint`: the run continues from it and is saved in it.

    Returns:
        polarization ``(time, N, 3)``; the drift of the norm and of the total P (along B), and for
        plane waves of the energy per neutrino, as attributes.

    Raises:
        QnuError: mixed states, fresh partners (``independent`` and circuits take those), more
            neutrinos than the memory holds, an unknown observable, a collision term where the
            schedule is not plane waves.

    References:
        Roggero (PRD 104, 103016); Martin et al. (2307.16793); Kost, Johns, Duan (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [np.pi / 4], [0.0], 0.0, neutrinos=2)
        >>> run = many_body(gas, schedule, observables=["pair_concurrence"])
        >>> float(run["pair_concurrence"][-1, 0, 1].round(12)), run.entropy()[-1].round(12)
        (1.0, array([1., 1.]))
    """
    started = clock.perf_counter()
    check_match(gas, schedule, anisotropic=True)
    words("observables", observables, NAMES)
    require_plane_waves(observables, schedule)
    check_resources(observables, len(gas))
    trotter_error = boolean("trotter_error", trotter_error)
    check_state(gas, schedule, "many_body")
    dtype = PRECISIONS[choice("precision", precision, tuple(PRECISIONS))]
    samples = schedule.samples(times)
    vacuum = profiles.is_zero(schedule.matter)
    need = memory_need(gas, vacuum, dtype)
    need += read_out_need(gas, vacuum, len(samples), observables)
    memory.require("neutrinos", len(gas), need)  # now: hours later it would be too late
    readout = Readout.empty(gas, len(samples), observables, schedule)
    twice = finer(gas, schedule) if trotter_error else None
    estimate = twice is not None
    resume = None
    if checkpoint is not None:
        decides = (gas.fingerprint(), schedule.fingerprint(), samples.times, precision, estimate)
        key = key_of(*decides, sorted(observables), plan_of_passes())
        resume = SolverCheckpoint(checkpoint, key, readout.arrays(), started)
    if resume is None or resume.stage == 0:
        part = section(progress, 0.0, 1 / 3 if estimate else 1.0)
        for sample in evolve(gas, schedule, samples, dtype, part, resume):
            readout.record(gas, schedule, sample)
        del sample  # and the state that it holds: the next stage has one of its own
    if twice is not None:
        part = section(progress, 1 / 3, 2 / 3)
        for sample in evolve(gas, twice, samples, dtype, part, resume, stage=1):
            readout.compare(sample)
    return Trajectory.build(
        "many_body",
        gas,
        samples.times,
        readout.polarization,
        started=started if resume is None else resume.started,
        schedule=schedule,
        variables=_variables(readout, observables, estimate)
        | _collision(readout, observables, schedule, samples.times),
        attributes={"precision": precision, **_errors(readout, gas, schedule, estimate)},
    )


def _variables(readout: Readout, observables: Sequence[str], estimate: bool) -> Variables:
    """The requested observables, and the Trotter error where it is estimated."""
    variables = requested(observables, readout.polarization, readout.pairs)
    if readout.half_chain.size:
        variables |= requested_of_state(observables, readout.half_chain)
    variables |= requested_of_resources(
        observables, {name: getattr(readout, name) for name in OF_RESOURCES}
    )
    if estimate:
        variables["trotter_error"] = (("time", "neutrino"), readout.trotter_error)
    return variables


def _collision(
    readout: Readout, observables: Sequence[str], schedule: EncounterSchedule, times: Floats
) -> Variables:
    """The collision term where it is requested; its mu is that of each sample."""
    if not readout.collision.size:
        return {}
    mu = profiles.evaluate(schedule.mu, times, "mu")
    return requested_of_collision(observables, mu[:, None, None] * readout.collision)


def _errors(
    readout: Readout, gas: NeutrinoGas, schedule: EncounterSchedule, estimate: bool
) -> dict[str, float]:
    """The drift of what is conserved, and the largest Trotter error."""
    conserved = conservation(gas, schedule.matter, schedule.anisotropy)
    errors = {
        "drift_norm": float(max(abs(readout.norm - 1.0))),
        **conserved_drift(readout.polarization, np.ones(len(gas)), **conserved),
    }
    if readout.energy.size:
        drift = abs(readout.energy[-1] - initial_energy(gas, schedule))
        errors["drift_energy"] = float(drift) / len(gas)
    if estimate:
        errors["trotter_error"] = float(readout.trotter_error.max())
    return errors


class ManyBodyMethod(Method):
    """The 2^N state vector through the schedule (:func:`qnu.solvers.many_body`)."""

    kind: Literal["many_body"]
    precision: Literal["double", "single"] = key("'double' or 'single'", "double")
    observables: list[str] = key(
        "a list of names of observables",
        [],
        "any of " + ", ".join(f'`"{name}"`' for name in NAMES),
    )

    solve = staticmethod(many_body)
    line_style: ClassVar[LineStyle] = LineStyle("many-body", width=5.0, pale=0.68, order=2.0)
    reference: ClassVar[int] = 0
    pure_only: ClassVar[bool] = True

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether it fits into memory."""
        check_observables(self.observables, NAMES)
        require_plane_waves(self.observables, given.schedule)
        check_resources(self.observables, len(given.gas))
        options = super().prepare(given).options
        gas, schedule, times = given.gas, given.schedule, given.times
        if schedule.fresh is not None:
            raise QnuError(
                "kind",
                "many_body, with fresh partners in the schedule",
                "independent (exact there) or a circuit with reset",
            )
        vacuum = profiles.is_zero(schedule.matter)
        dtype = "complex128" if self.precision == "double" else "complex64"
        need = memory_need(gas, vacuum, dtype)
        need += read_out_need(gas, vacuum, len(times), self.observables)
        memory.require("kind", f"many_body, {len(gas)} neutrinos", need)
        return Prepared(times, {**options, "observables": tuple(self.observables)})
