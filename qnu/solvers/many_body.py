"""Exact many-body evolution: the 2^N state vector through the schedule."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import encounter, memory, profiles
from .. import observables as rooms
from ..checks import Floats, choice
from ..engine import clocks as engine_clocks
from ..engine import exchange, statevector, streaming
from ..errors import QnuError
from ..gas import NeutrinoGas, fields
from ..schedules import Encounters, EncounterSchedule, plane_wave
from ..schedules.match import check_match
from ..trajectory import Trajectory, conservation, conserved_drift
from ._common import Progress, encounter_fields, report

_GATES_AT_ONCE = 1 << 12


def many_body(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    precision: str = "double",
    observables: Sequence[str] = (),
    *,
    trotter_error: bool = True,
    progress: Progress = None,
) -> Trajectory:
    """``|psi> -> U_k |psi>`` for every encounter, ``U = exp(-i [theta SWAP + (t/2) sum h.sigma])``.

    All of the entanglement is kept. In vacuum only a 2x2 block on |01>, |10> of each pair is
    applied; free streaming and the phases of |00>, |11> stay pending as one angle per neutrino.
    With matter, streaming is multiplied into the next gate. Neither costs a pass over the state.

    Args:
        gas: N neutrinos in pure states (``|P| = 1``); 16 bytes times 2^N of memory.
        schedule: who meets whom, without fresh partners.
        times: sample times in 1/mu; default: initial and final state.
        precision: ``"double"`` or ``"single"``.
        observables: any of ``entropy``, ``purity`` (per neutrino), ``pair_concurrence``,
            ``pair_negativity``, ``mutual_information`` (per pair, ``(time, neutrino, partner)``).
        trotter_error: for plane waves of order 2, run once more with half the step and record how
            far the two are apart: variable ``trotter_error (time, neutrino)``.
        progress: called with the fraction done.

    Returns:
        polarization ``(time, N, 3)``; the drift of the norm and of the total P (along B), and for
        plane waves of the energy per neutrino, as attributes.

    Raises:
        QnuError: mixed states, fresh partners (``independent`` and circuits take those), more
            neutrinos than the memory holds, an unknown observable.

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
    check_match(gas, schedule)
    for name in observables:
        choice("observables", name, rooms.NAMES)
    _check_state(gas, schedule)
    dtype = {"double": np.complex128, "single": np.complex64}[
        choice("precision", precision, ("double", "single"))
    ]
    count = len(gas)
    memory.require("neutrinos", count, np.dtype(dtype).itemsize * 2**count)
    sample_times, _ = schedule.sample_times(times)
    samples = np.empty((len(sample_times), count, 3))
    shape = (
        (len(sample_times), count, count, 4, 4) if set(observables) & set(rooms.OF_PAIRS) else (0,)
    )
    pairs = np.zeros(shape, complex)
    norms, energies = [], []
    estimate = trotter_error and schedule.trotter is not None and schedule.trotter[1] == 2
    share = 1 / 3 if estimate else 1.0
    for sample, state, rotations in evolve(gas, schedule, times, dtype, progress, share):
        samples[sample] = streaming.turn_vectors(rotations, statevector.polarizations(state, count))
        norms.append(statevector.norm(state))
        if pairs.size:
            pairs[sample] = statevector.pair_densities(state, count)
        if _has_energy(schedule) and sample in (0, len(sample_times) - 1):
            energies.append(_energy(gas, schedule, state, rotations, samples[sample]))
    attributes: dict[str, Any] = {
        "precision": precision,
        "drift_norm": float(max(abs(np.array(norms) - norms[0]))),
        **conserved_drift(samples, np.ones(count), **conservation(gas, schedule.matter)),
    }
    if len(energies) > 1:
        attributes["drift_energy"] = abs(energies[-1] - energies[0]) / count
    variables = rooms.requested(observables, samples, pairs)
    if estimate:
        finer = _finer(gas, schedule)
        error = np.empty(samples.shape[:2])
        for sample, state, rotations in evolve(gas, finer, times, dtype, progress, 2 / 3, 1 / 3):
            vectors = streaming.turn_vectors(rotations, statevector.polarizations(state, count))
            error[sample] = np.linalg.norm(vectors - samples[sample], axis=-1)
        variables["trotter_error"] = (("time", "neutrino"), error)
        attributes["trotter_error"] = float(error.max())
    return Trajectory.build(
        "many_body",
        gas,
        sample_times,
        samples,
        started=started,
        schedule=schedule,
        variables=variables,
        attributes=attributes,
    )


def _check_state(gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
    gas.require_pure("many_body")
    if schedule.fresh is not None:
        raise QnuError(
            "schedule",
            "fresh partners",
            "no fresh partners in many_body (use independent, exact there, or a circuit)",
        )


def evolve(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None,
    dtype: Any = np.complex128,
    progress: Progress = None,
    share: float = 1.0,
    before: float = 0.0,
) -> Iterator[tuple[int, NDArray[Any], Floats]]:
    """The state at every sample: ``(number, amplitudes, rotations)``.

    The amplitudes (of one vector, changed in place) lack a rotation of each neutrino that is still
    pending; ``rotations (N, 4)`` are those quaternions. Entanglement does not feel them.
    """
    sample_times, _ = schedule.sample_times(times)
    state = statevector.product_state(statevector.spinors(gas.polarization), dtype)
    clocks, pending = np.zeros(len(gas)), np.zeros(len(gas))
    vacuum = profiles.is_zero(schedule.matter)
    matter = streaming.compile_matter(schedule.matter, gas.mixing_angle, schedule.final_time)
    done = 0
    for run, sample in schedule.segments(times, _GATES_AT_ONCE):
        if len(run.first) and vacuum:
            blocks = exchange.blocks(*run[:5], gas.omega, clocks, pending, schedule.free_streaming)
            statevector.apply_blocks(state, run.first, run.second, blocks)
        elif len(run.first):
            gates = _gates(gas, schedule, run, clocks, matter)
            statevector.apply_gates(state, run.first, run.second, gates)
        done += len(run.first)
        report(progress, before + share * done / max(len(schedule), 1))
        if sample is not None:
            now = float(sample_times[sample]) if schedule.free_streaming else 0.0
            if vacuum:
                angles = pending + gas.omega * np.maximum(now - clocks, 0.0)
                yield sample, state, exchange.pending_quaternions(angles)
                continue
            stop = np.full(len(gas), now)
            rotations = streaming.free_quaternions(gas.omega, np.minimum(clocks, now), stop, matter)
            yield sample, state, rotations


def _gates(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    run: Encounters,
    clocks: Floats,
    matter: streaming.Matter,
) -> NDArray[Any]:
    """``U (R_1 x R_2)`` in matter: each encounter with the free streaming that leads to it."""
    h1, h2 = encounter_fields(gas, schedule, run)
    gates = encounter.unitary(run.swap_angle, h1, h2, run.duration)
    if not schedule.free_streaming:
        return gates
    left = np.empty((len(run.first), 2))
    engine_clocks.departures(run.first, run.second, run.start, run.duration, clocks, left)
    r1, r2 = (
        streaming.quaternion_unitaries(
            streaming.free_quaternions(gas.omega[side], left[:, k], run.start, matter)
        )
        for k, side in enumerate((run.first, run.second))
    )
    both = np.einsum("nij,nkl->nikjl", r1, r2).reshape(-1, 4, 4)
    result: NDArray[Any] = gates @ both
    return result


def _has_energy(schedule: EncounterSchedule) -> bool:
    constant = not callable(schedule.mu) and not callable(schedule.matter)
    return schedule.kind == "plane_wave" and constant


def _energy(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    state: NDArray[Any],
    rotations: Floats,
    vectors: Floats,
) -> float:
    """``<H> = (mu/N) sum_{i<j} (1 - v_i.v_j) <SWAP_ij> + sum_i h_i.P_i / 2``."""
    count = len(gas)
    pairs = statevector.pair_densities(state, count)
    i, j = np.triu_indices(count, 1)
    # Tr(SWAP (r_i x r_j) rho (r_i x r_j)^+): unlike entanglement it feels the pending streaming
    local = streaming.quaternion_unitaries(rotations)
    both = np.einsum("nab,ncd->nacbd", local[i], local[j]).reshape(-1, 4, 4)
    turned = both @ pairs[i, j] @ both.conj().swapaxes(-1, -2)
    swaps = np.einsum("nab,ba->n", turned, encounter.SWAP).real
    assert not callable(schedule.mu)  # both numbers: see _has_energy
    assert not callable(schedule.matter)
    coupling = schedule.mu / count
    h = fields(gas.omega, schedule.matter, gas.mixing_angle)
    return float(coupling * gas.one_minus_cos(i, j) @ swaps + np.sum(h * vectors) / 2)


def _finer(gas: NeutrinoGas, schedule: EncounterSchedule) -> EncounterSchedule:
    assert schedule.trotter is not None
    steps, order = schedule.trotter
    return plane_wave(
        gas, schedule.final_time, 2 * steps, order, schedule.mu, matter=schedule.matter
    )
