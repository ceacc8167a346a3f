"""The independent-neutrino limit: after every encounter each keeps only its own density matrix."""

from __future__ import annotations

import math
import time as clock
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import profiles
from ..checkpoint import Checkpoint, key_of
from ..common import memory
from ..common.checks import Floats
from ..common.progress import Progress, report, with_bar
from ..conservation import conservation, conserved_drift
from ..engine import bloch, inside, streaming, under_way
from ..gas import NeutrinoGas
from ..methods import LineStyle, Method
from ..schedules import Encounters, EncounterSchedule
from ..schedules.match import check_match
from ..schedules.parts import SHARE_TOLERANCE, share_done
from ..schedules.parts import under_way as is_under_way
from ..trajectory import Trajectory
from ._checkpoints import Keeper, restore_rows
from ._common import NO_FRESH, encounter_gates

#: Encounters applied at a time; with matter each needs a 4x4 matrix and what makes it.
_AT_ONCE = 1 << 16


@with_bar
def independent(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    progress: Progress = None,
    checkpoint: Checkpoint | None = None,
) -> Trajectory:
    """``rho_1 x rho_2 -> U rho_1 x rho_2 U^+``, each partner traced out, encounter by encounter.

    Without vacuum inside the encounter that is
    ``P_1' = cos^2(theta) P_1 + sin^2(theta) P_2 + sin(theta) cos(theta) P_2 x P_1``; in between
    ``dP/dt = h x P``. Exact for OILE in an infinite gas, where a partner is always fresh; at finite
    N the difference to :func:`many_body` measures the correlations that come back.

    A loop over runs of encounters, in the order of the schedule. Its whole state is one row per
    neutrino (polarization and own clock), the number of encounters applied and the samples taken;
    where runs end changes no result. Memory does not grow with the number of encounters.

    Args:
        gas: N neutrinos, mixed states allowed.
        schedule: who meets whom; fresh partners allowed.
        times: sample times in 1/mu; default: initial and final state. Inside an encounter the part
            that has passed counts (in back-to-back schedules, which only have an order, the whole);
            partners are traced out at the end of it, so samples change no later result.
        progress: True for a bar with the time left, or a function called with the fraction done.
        checkpoint: a :class:`qnu.Checkpoint` to go on from, and to be able to.

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
    sample_times = schedule.checked_times(times)
    shape = (len(sample_times), len(gas), 3)
    memory.require("times", f"{shape[0]} samples of {shape[1]} neutrinos", 8 * math.prod(shape))
    samples = np.empty(shape)
    rows = bloch.rows_of(gas.polarization, gas.omega)
    matter = streaming.compile_matter(schedule.matter, gas.mixing_angle, schedule.final_time)
    before = under_way.nobody(len(gas))
    keeper, done, taken = None, 0, 0
    if checkpoint is not None:
        key = key_of("under way", gas.fingerprint(), schedule.fingerprint(), sample_times)
        keeper = Keeper(checkpoint, key, {"samples": samples, "before": before}, started)
        saved = keeper.saved()
        if saved is not None:
            restore_rows(saved, rows)
            done, taken = saved.position["done"], saved.position["taken"]
    for run, sample in schedule.segments(times, _AT_ONCE, begin=done, taken=taken):
        if len(run.first):
            _apply(rows, gas, schedule, run, matter, float(sample_times[taken]), before)
        done += len(run.first)
        if sample is not None:
            now = max(float(sample_times[sample]), 0.0)
            bloch.sample(rows, now, schedule.free_streaming, *matter, samples[sample])
            if _lasting(schedule):
                _take_those_inside(rows, gas, schedule, now, matter, before, samples[sample])
            taken = sample + 1
            if taken == len(sample_times):
                break  # nobody looks at what comes after the last sample
        report(progress, done / max(len(schedule), 1))
        if keeper is not None:
            keeper.save(rows, done=done, taken=taken)
    drift = {}
    if schedule.fresh is None:
        ones = np.ones(len(gas))
        drift = conserved_drift(samples, ones, **conservation(gas, schedule.matter))
    return Trajectory.build(
        "independent",
        gas,
        sample_times,
        samples,
        started=started if keeper is None else keeper.started,
        schedule=schedule,
        attributes=drift,
    )


def _apply(
    rows: Floats,
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    run: Encounters,
    matter: streaming.Matter,
    time: float,
    before: Floats,
) -> None:
    """One run of encounters on the rows; who is inside one at ``time`` is noted in ``before``."""
    fresh = NO_FRESH if run.fresh is None else _alike(run.fresh)
    columns = (*run[:4], _alike(run.duration), fresh)
    noted = False
    if _lasting(schedule):
        # the last row starts last: mostly one comparison tells
        latest = run.start[-1] + columns[4].max()
        noted = bool(
            latest > time + schedule.tolerance
            and _inside(run.start, run.duration, time, schedule).any()
        )
    to = (time, _tolerances(schedule), tuple(matter), before)
    if profiles.is_zero(schedule.matter):
        if noted:
            under_way.evolve_to(rows, columns, gas.polarization, *to, np.empty((0, 4, 4), complex))
        else:
            bloch.evolve_in_vacuum(rows, *columns, gas.polarization, schedule.free_streaming)
        return
    gates = np.zeros((1, 4, 4), complex)
    if run.duration.any():
        gates = encounter_gates(gas, schedule, run)
    if noted:
        under_way.evolve_to(rows, columns, gas.polarization, *to, gates)
    else:
        streams = schedule.free_streaming
        bloch.evolve_in_matter(rows, *columns, gas.polarization, streams, *matter, gates)


def _lasting(schedule: EncounterSchedule) -> bool:
    """Whether a sample may lie inside an encounter: not between kicks, nor back to back."""
    return schedule.free_streaming and schedule.source.duration != 0.0


def _tolerances(schedule: EncounterSchedule) -> tuple[float, float]:
    return schedule.tolerance, SHARE_TOLERANCE


def _inside(
    start: Floats, duration: Floats, time: float, schedule: EncounterSchedule
) -> NDArray[np.bool_]:
    return is_under_way(start, duration, time, schedule.tolerance)


def _take_those_inside(
    rows: Floats,
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    time: float,
    matter: streaming.Matter,
    before: Floats,
    sample: Floats,
) -> None:
    """Neutrinos inside an encounter: the part that has passed, from what they were before it."""
    if rows[:, bloch.CLOCK].max() <= time + schedule.tolerance:
        return
    start, length = before[:, under_way.START], before[:, under_way.DURATION]
    # their clock is at its end; a copy that was renewed since has another one
    own = rows[:, bloch.CLOCK] == start + length
    some = np.flatnonzero(own & _inside(start, length, time, schedule))
    if len(some) == 0:
        return
    noted = before[some]
    share = share_done(noted[:, under_way.START], noted[:, under_way.DURATION], time)
    vectors = noted[:, : under_way.PARTNER_OMEGA].reshape(-1, 3)
    omega = np.stack([gas.omega[some], noted[:, under_way.PARTNER_OMEGA]], axis=1).ravel()
    pairs = bloch.rows_of(vectors, omega)
    number = np.arange(len(omega), dtype=np.int32)
    columns = (
        number[::2],
        number[1::2],
        share * noted[:, under_way.ANGLE],
        noted[:, under_way.START],
        share * noted[:, under_way.DURATION],
        NO_FRESH,
    )
    if profiles.is_zero(schedule.matter):
        bloch.evolve_in_vacuum(pairs, *columns, vectors, False)
    else:
        alone = (omega[::2], omega[1::2], *columns[2:5])
        gates = inside.gates(*alone, schedule.matter, gas.mixing_angle)
        bloch.evolve_in_matter(pairs, *columns, vectors, False, *matter, gates)
    sample[some] = pairs[::2, : bloch.Z + 1]


def _alike(column: Floats) -> Floats:
    """One number where all are one, so that the compiled loop sees only one kind of array."""
    return column[:1] if column.strides == (0,) else column


class IndependentMethod(Method):
    """One density matrix each (:func:`qnu.solvers.independent`)."""

    kind: Literal["independent"]

    solve = staticmethod(independent)
    line_style: ClassVar[LineStyle] = LineStyle("independent", width=2.4, pale=0.4, order=2.5)
    takes_mixed: ClassVar[bool] = True
