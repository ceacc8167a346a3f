"""A gas and a schedule, run as a circuit on a machine: the result is a Trajectory."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import profiles
from ..common.checks import Floats, integer, words
from ..common.progress import Progress, ProgressFunction, no_progress, with_bar
from ..conservation import conservation, conserved_drift
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..observables import (
    OF_COUPLINGS,
    OF_ONE,
    OF_PAIRS,
    Variables,
    collision_term,
    plane_wave_couplings,
    requested,
    requested_of_collision,
    require_plane_waves,
)
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ..trajectory import Trajectory
from .circuits.sizes import two_qubit_gates
from .machines import DeviceMachine, Machine, load_device, load_machine
from .measure import read, statistics
from .measure.pairs import pair_settings, pairs_from_shots
from .measure.prepare import prepare_checked
from .simulate.outcomes import Outcomes
from .simulate.simulation import Simulation


@with_bar
def run(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    hardware: str | Path | Machine = "aer_statevector",
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
    seed: int | None = None,
    *,
    swap: bool = False,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`\mathbf P_k(t) = \langle\psi(t)|\,\boldsymbol\sigma_k\,|\psi(t)\rangle` from a
    circuit on a machine.

    Without shots, all 3N Pauli components at all sample times come from one simulation. With
    shots, all qubits are measured at once in the bases X, Y and Z, one circuit per sample time and
    basis, ``shots`` times each. The standard error of a component of mean m is
    :math:`2\sqrt{p(1 - p)/(n + 2)}`, :math:`p = (k + 1/2)/(n + 1)`, with k of n shots up: about
    :math:`\sqrt{(1 - m^2)/n}`, but never 0 (below 200 shots still too small). Errors of group means
    include the correlations between neutrinos of one shot.

    For a device, real or fake, the circuit is compiled first (:func:`qnu.quantum.compile_for`), and
    the error mitigation of its config is applied; ``qnu.quantum.prepare``, ``submit`` and
    ``read`` are the steps.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom; fresh partners (reset qubits) allowed.
        hardware: a name of the catalogue, the path of a config, or a
            :class:`~qnu.quantum.Machine`.
        times: sample times in 1/mu; default: initial and final state; inside encounters the part
            that has passed counts, see :func:`qnu.quantum.circuit`.
        shots: per sample time and basis; 0: exact, but not on a device; default: that of the
            config.
        observables: ``entropy``, ``purity`` (per neutrino), and without shots ``pair_concurrence``,
            ``pair_negativity``, ``mutual_information`` (per pair, ``(time, neutrino, partner)``);
            of plane waves ``collision_term`` (:func:`qnu.observables.collision_term`), with shots
            from the settings of :func:`qnu.quantum.pair_settings` in place of the three bases.
            With shots, entropy and purity come from :math:`|\mathbf P|^2` minus the sum of squared
            errors (:math:`|\mathbf P|` alone is biased upward), with ``..._error``.
        seed: of the shots; the same seed gives the same numbers.
        swap: partners exchange qubits after every encounter, see :func:`qnu.quantum.circuit`; on a
            device the compiler decides.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, N, 3)``; with shots ``polarization_error`` and
        ``group_polarization_error (time, group_mean, axis)``. Attributes: hardware, backend,
        simulated_as, shots, seed, number and depth of the two-qubit gates that ran, and the
        drift of conserved quantities (with shots as large as their scatter). On a device also
        those of :func:`qnu.quantum.read`.

    Raises:
        QnuError: mixed states, unknown hardware or observable, more qubits than the machine or
            the memory holds, pair observables with shots, resets that cannot be averaged exactly.

    References:
        Hall et al. (2102.12556); Amitrano et al. (2207.03189); Kost, Johns, Duan, OILE I
        (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [np.pi / 4], [0.0], 0.0, neutrinos=2)
        >>> result = run(gas, schedule, observables=["pair_concurrence"])
        >>> float(result["pair_concurrence"][-1, 0, 1].round(12)), result.at().round(12) + 0.0
        (1.0, array([[0., 0., 0.],
               [0., 0., 0.]]))
    """
    started = clock.perf_counter()
    check_match(gas, schedule, anisotropic=True)
    machine = load_machine(hardware)
    shots = _checked_shots(machine, shots, observables)
    require_plane_waves(observables, schedule)
    machine.check(len(gas))
    gas.require_pure("a circuit")
    show = progress if callable(progress) else no_progress
    show(0.0)
    simulation = machine.simulation(gas, schedule, times, shots, swap)
    if simulation is None:
        device, number = load_device(machine), _checked_seed(seed)
        return _on_device(gas, schedule, device, times, shots, observables, number, show)
    sample_times = np.array([mark["time"] for mark in simulation.qc.metadata["samples"]])
    couplings = _couplings(gas, schedule, sample_times, observables)
    attributes: dict[str, Any] = {"hardware": machine.name, "shots": shots}
    attributes |= simulation.attributes() | two_qubit_gates(simulation.executed())
    if shots:
        attributes["seed"] = _checked_seed(seed)
        seeds = np.random.SeedSequence(attributes["seed"])
        samples, variables, more = _counted(simulation, gas, shots, seeds, couplings, show)
        alone = [name for name in observables if name in OF_ONE]
        error = variables["polarization_error"][1]
        variables |= statistics.of_one_with_errors(alone, samples, error)
    else:
        samples, variables, more = _exact(simulation, observables, couplings, show)
    attributes |= more
    if schedule.fresh is None:  # with shots the drift is as large as their scatter
        acting = conservation(gas, schedule.matter, schedule.anisotropy)
        attributes |= conserved_drift(samples, np.ones(len(gas)), **acting)
    show(1.0)
    return Trajectory.build(
        "circuit",
        gas,
        sample_times,
        samples,
        started=started,
        schedule=schedule,
        variables=variables,
        attributes=attributes,
    )


def _checked_shots(machine: Machine, shots: int | None, observables: Sequence[str]) -> int:
    """The number of shots, for these observables on this machine."""
    shots = machine.default_shots() if shots is None else integer("shots", shots)
    machine.check_shots(shots)
    words("observables", observables, (*OF_ONE, *OF_PAIRS, *OF_COUPLINGS))
    for name in observables:
        if shots and name in OF_PAIRS:
            raise QnuError(
                "observables",
                name,
                "entropy, purity or collision_term with shots (others need exact runs: shots=0)",
            )
    return shots


def _checked_seed(seed: int | None) -> int:
    """A seed that can be recorded; drawn where none is given."""
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return integer("seed", seed)


def _on_device(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    device: DeviceMachine,
    times: ArrayLike | None,
    shots: int,
    observables: Sequence[str],
    seed: int,
    progress: ProgressFunction,
) -> Trajectory:
    """The three steps of :mod:`qnu.quantum.measure`, one after the other."""
    started = clock.perf_counter()
    circuits, recipe = prepare_checked(gas, schedule, device, times, shots, observables, started)
    job = device.submit(circuits, recipe, seed, progress)
    results = job.result()
    ids = [name for name in [job.job_id()] if name]
    executed = getattr(job, "executed", None)  # only local jobs count the shots of the primitive
    return read(results, recipe, ids).with_attributes(
        shots_executed=executed, seed=seed, wall_time_s=clock.perf_counter() - started
    )


def _couplings(
    gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats, observables: Sequence[str]
) -> Floats | None:
    """``(time, N, N)`` couplings of plane waves, where an observable needs them."""
    if not set(observables) & set(OF_COUPLINGS):
        return None
    return plane_wave_couplings(gas, profiles.evaluate(schedule.mu, times, "mu"))


Part = tuple[Floats, Variables, dict[str, Any]]


def _exact(
    simulation: Simulation,
    observables: Sequence[str],
    couplings: Floats | None,
    progress: ProgressFunction,
) -> Part:
    """Polarizations, variables and attributes without shots."""
    with_pairs = couplings is not None or any(name in OF_PAIRS for name in observables)
    samples, pairs, drift = simulation.exact(with_pairs, progress)
    variables = requested(observables, samples, pairs)
    if couplings is not None:
        variables |= requested_of_collision(observables, collision_term(pairs, couplings))
    return samples, variables, dict(drift)


def _counted(
    simulation: Simulation,
    gas: NeutrinoGas,
    shots: int,
    seeds: np.random.SeedSequence,
    couplings: Floats | None,
    progress: ProgressFunction,
) -> Part:
    """The same with shots."""
    if couplings is None:
        outcomes = simulation.counted(shots, seeds, progress)
        marks = simulation.qc.metadata["samples"]
        return *_from_shots(gas, len(marks), outcomes), {}
    settings = pair_settings(len(gas))
    outcomes = simulation.counted(shots, seeds, progress, settings)
    read_out = pairs_from_shots(gas.members, settings, couplings, outcomes)
    return *read_out, {"settings": len(settings)}


def _from_shots(gas: NeutrinoGas, samples: int, outcomes: Outcomes) -> tuple[Floats, Variables]:
    """``(time, N, 3)`` polarizations, and the variables of their errors."""
    mean, error = np.empty((samples, len(gas), 3)), np.empty((samples, len(gas), 3))
    group_error = np.empty((samples, len(gas.group_names), 3))
    for sample, axis, signs, number in outcomes:
        m, e = statistics.mean_and_error(signs, number)
        mean[sample, :, axis], error[sample, :, axis] = m, e
        group_error[sample, :, axis] = statistics.group_error(signs, number, e, gas.members)
    return mean, {
        "polarization_error": (("time", "neutrino", "axis"), error),
        "group_polarization_error": (("time", "group_mean", "axis"), group_error),
    }
