"""Independent neutrinos: after every encounter both partners are traced out."""

from __future__ import annotations

import math
import time as clock
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import profiles
from ..checkpoint import Checkpoint, key_of
from ..common import memory
from ..common.checks import Floats
from ..common.progress import Progress, report, with_bar
from ..conservation import conservation, conserved_drift
from ..engine import bloch, inside, streaming, under_way
from ..engine.inside import Lasting
from ..gas import NeutrinoGas
from ..schedules import Encounters, EncounterSchedule
from ..schedules.match import check_match
from ..schedules.parts import SHARE_TOLERANCE, share_done
from ..schedules.parts import under_way as is_under_way
from ..trajectory import Trajectory
from ._checkpoints import SolverCheckpoint, restore_rows
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
    r""":math:`\rho_1\otimes\rho_2 \to U\,(\rho_1\otimes\rho_2)\,U^\dagger`, each partner then
    traced out.

    Encounter by encounter; without vacuum inside the encounter that is

    .. math::
        \mathbf P_1' = \cos^2\theta\,\mathbf P_1 + \sin^2\theta\,\mathbf P_2
        + \sin\theta\cos\theta\,\mathbf P_2\times\mathbf P_1

    and in between :math:`d\mathbf P/dt = \mathbf h\times\mathbf P`. Exact for OILE in an infinite
    gas, where a partner is always fresh; at finite N the difference to :func:`many_body` measures
    the correlations that come back.

    A loop over runs of encounters, in the order of the schedule. Its whole state is one row per
    neutrino (polarization and own clock), the number of encounters applied and the samples taken;
    where runs end changes no result. Memory does not grow with the number of encounters.

    Args:
        gas: N neutrinos, mixed states allowed.
        schedule: the encounters; fresh partners allowed.
        times: sample times in 1/mu; default: initial and final state. Inside an encounter the part
            that has passed counts (in back-to-back schedules, which only have an order, the whole);
            partners are traced out at the end of it, so samples change no later result.
        progress: True for a bar with the time left, or a function called with the fraction done.
        checkpoint: a :class:`qnu.Checkpoint`: the run continues from it and is saved in it.

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
    check_match(gas, schedule, anisotropic=True)
    checked = schedule.samples(times)
    shape = (len(checked), len(gas), 3)
    memory.require("times", f"{shape[0]} samples of {shape[1]} neutrinos", 8 * math.prod(shape))
    samples = np.empty(shape)
    state = _State.of(gas, schedule)
    resume, done, taken = None, 0, 0
    if checkpoint is not None:
        key = key_of("under way", gas.fingerprint(), schedule.fingerprint(), checked.times)
        arrays = {"samples": samples, "before": state.before}
        resume = SolverCheckpoint(checkpoint, key, arrays, started)
        if resume.saved is not None:
            restore_rows(resume.saved, state.rows)
            done, taken = resume.saved.position["done"], resume.saved.position["taken"]
    expected = max(schedule.expected, 1.0)  # for progress; counting them would draw them
    for run, sample in schedule.segments(checked, _AT_ONCE, begin=done, taken=taken):
        if len(run.first):
            state.apply(run, float(checked.times[taken]))
        done += len(run.first)
        if sample is not None:
            state.sample(max(float(checked.times[sample]), 0.0), samples[sample])
            taken = sample + 1
            if taken == len(checked):
                break  # the encounters after the last sample are not needed
        report(progress, done / expected)
        if resume is not None:
            resume.save(state.rows, done=done, taken=taken)
    drift = {}
    if schedule.fresh is None:
        ones = np.ones(len(gas))
        drift = conserved_drift(
            samples, ones, **conservation(gas, schedule.matter, schedule.anisotropy)
        )
    return Trajectory.build(
        "independent",
        gas,
        checked.times,
        samples,
        started=started if resume is None else resume.started,
        schedule=schedule,
        attributes=drift,
    )


@dataclass(frozen=True, eq=False)
class _State:
    """Polarizations and clocks of all neutrinos, and what acts on them."""

    gas: NeutrinoGas
    schedule: EncounterSchedule
    matter: streaming.Matter
    rows: Floats  # (N, 8), see :mod:`qnu.engine.bloch`
    before: Floats  # (N, 10), see :mod:`qnu.engine.under_way`

    @classmethod
    def of(cls, gas: NeutrinoGas, schedule: EncounterSchedule) -> _State:
        """The state at t = 0."""
        matter = streaming.compile_matter(schedule.matter, gas.mixing_angle, schedule.final_time)
        rows = bloch.rows_of(gas.polarization, gas.omega)
        return cls(gas, schedule, matter, rows, under_way.empty_rows(len(gas)))

    @property
    def lasting(self) -> bool:
        """Whether a sample may lie inside an encounter: not between kicks, nor back to back."""
        return self.schedule.free_streaming and self.schedule.source.duration != 0.0

    def apply(self, run: Encounters, time: float) -> None:
        """One run of encounters; those under way at ``time`` are recorded in ``before``."""
        schedule, initial = self.schedule, self.gas.polarization
        a = schedule.anisotropy
        fresh = NO_FRESH if run.fresh is None else _alike(run.fresh)
        columns = (*run[:4], _alike(run.duration), fresh)
        recorded = False
        if self.lasting:
            # the last row starts last: mostly this one comparison decides
            latest = run.start[-1] + columns[4].max()
            recorded = bool(
                latest > time + schedule.tolerance
                and self._under_way(run.start, run.duration, time).any()
            )
        tolerances = (schedule.tolerance, SHARE_TOLERANCE)
        to = (time, tolerances, tuple(self.matter), self.before)
        if profiles.is_zero(schedule.matter):
            if recorded:
                no_gates = np.empty((0, 4, 4), complex)
                under_way.evolve_to(self.rows, columns, initial, *to, no_gates, a)
            else:
                bloch.evolve_in_vacuum(self.rows, *columns, initial, schedule.free_streaming, a)
            return
        gates = np.zeros((1, 4, 4), complex)
        if run.duration.any():
            gates = encounter_gates(self.gas, schedule, run)
        if recorded:
            under_way.evolve_to(self.rows, columns, initial, *to, gates, a)
        else:
            streams = schedule.free_streaming
            bloch.evolve_in_matter(self.rows, *columns, initial, streams, *self.matter, gates, a)

    def sample(self, time: float, out: Floats) -> None:
        """``out (N, 3)``: the polarizations at a time."""
        bloch.sample(self.rows, time, self.schedule.free_streaming, *self.matter, out)
        if self.lasting:
            self._sample_inside(time, out)

    def _under_way(self, start: Floats, duration: Floats, time: float) -> NDArray[np.bool_]:
        return is_under_way(start, duration, time, self.schedule.tolerance)

    def _sample_inside(self, time: float, out: Floats) -> None:
        """Neutrinos inside an encounter: the part that has passed, from their state before it."""
        rows, before = self.rows, self.before
        if rows[:, bloch.CLOCK].max() <= time + self.schedule.tolerance:
            return
        start, length = before[:, under_way.START], before[:, under_way.DURATION]
        # their clock is at its end; a copy that was renewed since has another one
        own = rows[:, bloch.CLOCK] == start + length
        some = np.flatnonzero(own & self._under_way(start, length, time))
        if len(some) == 0:
            return
        recorded = before[some]
        start, length = recorded[:, under_way.START], recorded[:, under_way.DURATION]
        share = share_done(start, length, time)
        vectors = recorded[:, : under_way.PARTNER_OMEGA].reshape(-1, 3)
        partner = recorded[:, under_way.PARTNER_OMEGA]
        omega = np.stack([self.gas.omega[some], partner], axis=1).ravel()
        pairs = bloch.rows_of(vectors, omega)
        number = np.arange(len(omega), dtype=np.int32)
        angle = share * recorded[:, under_way.ANGLE]
        columns = (number[::2], number[1::2], angle, start, share * length, NO_FRESH)
        matter, a = self.schedule.matter, self.schedule.anisotropy
        if profiles.is_zero(matter):
            bloch.evolve_in_vacuum(pairs, *columns, vectors, False, a)
        else:
            alone = Lasting(omega[::2], omega[1::2], *columns[2:5])
            gates = inside.gates(alone, matter, self.gas.mixing_angle, a)
            bloch.evolve_in_matter(pairs, *columns, vectors, False, *self.matter, gates, a)
        out[some] = pairs[::2, : bloch.Z + 1]


def _alike(column: Floats) -> Floats:
    """One number where all are one, so that the compiled loop sees only one kind of array."""
    return column[:1] if column.strides == (0,) else column
