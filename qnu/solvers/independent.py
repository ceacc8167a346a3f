"""The independent-neutrino limit: after every encounter each keeps only its own density matrix."""

from __future__ import annotations

import time as clock

import numpy as np
from numpy.typing import ArrayLike

from .. import encounter, profiles
from ..checks import Floats
from ..engine import bloch, streaming
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ..trajectory import Trajectory, conservation, conserved_drift
from ._common import NO_FRESH, Progress, encounter_fields, report


def independent(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    progress: Progress = None,
) -> Trajectory:
    """``rho_1 x rho_2 -> U rho_1 x rho_2 U^+``, each partner traced out, encounter by encounter.

    Without vacuum inside the encounter that is
    ``P_1' = cos^2(theta) P_1 + sin^2(theta) P_2 + sin(theta) cos(theta) P_2 x P_1``; in between
    ``dP/dt = h x P``. Exact for OILE in an infinite gas, where a partner is always fresh; at finite
    N the difference to :func:`many_body` measures the correlations that come back. Memory does
    not grow with the number of encounters: samples are stored, not every step.

    Args:
        gas: N neutrinos, mixed states allowed.
        schedule: who meets whom; fresh partners allowed.
        times: sample times in 1/mu; default: initial and final state.
        progress: called with the fraction done.

    Returns:
        polarization ``(time, N, 3)``; drift of the total P (or of its part along B) as attribute.

    Raises:
        QnuError: a schedule of another number of neutrinos, sample times outside it.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [np.pi / 2], [0.0], 0.0, neutrinos=2)
        >>> independent(gas, schedule).polarization[-1].round(12) + 0.0   # a full SWAP
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    started = clock.perf_counter()
    check_match(gas, schedule)
    sample_times, _ = schedule.sample_times(times)
    state = gas.polarization.copy()
    clocks = np.zeros(len(gas))
    matter = streaming.compile_matter(schedule.matter, gas.mixing_angle, schedule.final_time)
    samples = np.empty((len(sample_times), len(gas), 3))
    done = 0
    for run, sample in schedule.segments(times):
        fresh = NO_FRESH if run.fresh is None else run.fresh
        arguments = (state, clocks, *run[:5], fresh, gas.polarization, gas.omega)
        if profiles.is_zero(schedule.matter):
            bloch.evolve_in_vacuum(*arguments, schedule.free_streaming)
        else:
            gates = np.zeros((1, 4, 4), complex)
            if run.duration.any():
                h1, h2 = encounter_fields(gas, schedule, run)
                gates = encounter.unitary(run.swap_angle, h1, h2, run.duration)
            bloch.evolve_in_matter(*arguments, schedule.free_streaming, *matter, gates)
        done += len(run.first)
        if sample is not None:
            pending = _pending(gas, schedule, clocks, float(sample_times[sample]), matter)
            samples[sample] = streaming.turn_vectors(pending, state)
        report(progress, done / max(len(schedule), 1))
    drift = {}
    if schedule.fresh is None:
        ones = np.ones(len(gas))
        drift = conserved_drift(samples, ones, **conservation(gas, schedule.matter))
    return Trajectory.build(
        "independent",
        gas,
        sample_times,
        samples,
        started=started,
        schedule=schedule,
        attributes=drift,
    )


def _pending(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    clocks: Floats,
    time: float,
    matter: streaming.Matter,
) -> Floats:
    """Rotations from each neutrino's own clock to a sample time; none where it is ahead."""
    now = max(time, 0.0) if schedule.free_streaming else 0.0
    stop = np.full(len(gas), now)
    return streaming.free_quaternions(gas.omega, np.minimum(clocks, now), stop, matter)
