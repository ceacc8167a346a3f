"""The state of a gas through its schedule, sample by sample, from the start or a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..common.checks import Floats
from ..common.progress import Progress, report
from ..engine import clocks as engine_clocks
from ..engine import streaming
from ..engine.sector import tiles
from ..engine.statevector import exchange, fused, fusion
from ..engine.statevector.fused import Done
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..schedules import Encounters, EncounterSchedule
from ..schedules.parts import parts
from ..schedules.samples import SampleTimes
from . import states
from ._checkpoints import SolverCheckpoint, restore_amplitudes
from ._common import encounter_gates

PRECISIONS = {"double": np.complex128, "single": np.complex64}

_GATES_AT_ONCE = 1 << 12
#: Part of every key: encounters under way at a sample are cut in two, matter inside them changes.
_SAMPLES = "parts "


def plan_of_passes() -> str:
    """What decides which gates share a pass: a checkpoint counts passes."""
    sizes = (_GATES_AT_ONCE, fusion.PLAN, fusion._WINDOW, fused._BLOCK, tiles._SIZE)
    return _SAMPLES + " ".join(map(str, sizes))


def check_state(gas: NeutrinoGas, schedule: EncounterSchedule, method: str) -> None:
    """Pure states and no fresh partners: what a state vector can hold."""
    gas.require_pure(method)
    if schedule.fresh is not None:
        raise QnuError(
            "schedule",
            "fresh partners",
            f"no fresh partners in {method} (use independent, exact there, or a circuit)",
        )


class Sample(NamedTuple):
    """One sample: its number, the state, and rotations ``(N, 4)`` that are still pending.

    The rotations act on single neutrinos, so entanglement does not depend on them.
    """

    number: int
    state: states.State
    rotations: Floats


def evolve(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    samples: SampleTimes,
    dtype: Any = np.complex128,
    progress: Progress = None,
    checkpoint: SolverCheckpoint | None = None,
    stage: int = 0,
) -> Iterator[Sample]:
    """``|psi> -> U_k |psi>`` in place, and every sample on the way.

    Continuing from a checkpoint, samples before that point are not given again; the last one
    always is.
    """
    vacuum = profiles.is_zero(schedule.matter)
    state = states.initial(gas, vacuum, dtype)
    run_at, passes = 0, 0
    saved = None if checkpoint is None else checkpoint.saved_in(stage)
    if saved is not None:
        run_at, passes = saved.position["run"], saved.position["passes"]
        restore_amplitudes(saved, state.amplitudes)
    clocks, pending = np.zeros(len(gas)), np.zeros(len(gas))
    matter = streaming.compile_matter(schedule.matter, gas.mixing_angle, schedule.final_time)
    if checkpoint is not None:
        _ = schedule.rows  # held as a table, runs end at the same places however often it is read
    total, done = max(len(schedule), 1), 0
    for number, (run, sample, new) in enumerate(parts(schedule, samples, _GATES_AT_ONCE)):
        if len(run.first):
            share = new / len(run.first)  # the rest of an encounter was counted with its first part
            # clocks and pending angles are followed through what is already in the state, too
            if vacuum:
                apply: Callable[..., Iterator[Done]] = state.blocks
                gates = exchange.blocks(
                    *run[:5],
                    gas.omega,
                    clocks,
                    pending,
                    schedule.free_streaming,
                    schedule.anisotropy,
                )
            else:
                apply, gates = state.gates, _gates(gas, schedule, run, clocks, matter)
            skip = passes if number == run_at else 0
            if number >= run_at:
                for step in apply(run.first, run.second, gates, skip):
                    report(progress, (done + share * step.gates) / total)
                    if checkpoint is not None and step.whole:
                        position = {"stage": stage, "run": number, "passes": step.passes}
                        checkpoint.save(state.amplitudes, **position)
        done += new
        if sample is None or number < run_at:
            continue
        now = float(samples.times[sample]) if schedule.free_streaming else 0.0
        if vacuum:
            angles = pending + gas.omega * np.maximum(now - clocks, 0.0)
            yield Sample(sample, state, exchange.pending_quaternions(angles))
        else:
            stop = np.full(len(gas), now)
            rotations = streaming.free_quaternions(gas.omega, np.minimum(clocks, now), stop, matter)
            yield Sample(sample, state, rotations)
        if sample == len(samples) - 1:
            return  # the encounters after the last sample are not needed


def _gates(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    run: Encounters,
    clocks: Floats,
    matter: streaming.Matter,
) -> NDArray[Any]:
    """``U (R_1 x R_2)`` in matter: each encounter with the free streaming that leads to it."""
    gates = encounter_gates(gas, schedule, run)
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
