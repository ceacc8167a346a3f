"""Exact polarizations of many neutrinos after few encounters: each from its light cone."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .. import profiles
from ..common.checks import Floats, integer
from ..common.progress import Progress, report, with_bar
from ..conservation import conservation, conserved_drift
from ..engine import streaming
from ..engine.sector import MOST
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..methods import LineStyle, Method, MethodInput, Prepared
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ..schedules.rows import Indices, Listed, encounters
from ..schedules.samples import SampleTimes
from ..trajectory import Trajectory
from ._evolution import Sample, check_state, evolve
from .states import memory_need

#: Default of the largest light cone: 2 to this power amplitudes.
MOST_NEUTRINOS = 24
_AMPLITUDE_BYTES = 16


@with_bar
def light_cone(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    largest: int = MOST_NEUTRINOS,
    *,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`\mathbf P_i = \langle\psi|U_1^\dagger \cdots U_n^\dagger\,\boldsymbol\sigma_i\,
    U_n \cdots U_1|\psi\rangle` without the U that cancel.

    Of all encounters before t only those count that lead to neutrino i: its own, the earlier ones
    of its partners, and so on. So P_i is exactly that of a gas of the neutrinos in this backward
    light cone, which :func:`many_body` takes however many there are outside. After d rounds on a
    line a cone has at most 2d members, in any schedule at most :math:`2^d`.

    Args:
        gas: N neutrinos in pure states; N may be large.
        schedule: the encounters, without fresh partners.
        times: sample times in 1/mu; default: initial and final state; inside encounters as in
            :func:`many_body`.
        largest: refuse a light cone of more than 2 to the power ``largest`` amplitudes (mass
            eigenstates, which stay in one weight sector, may be more neutrinos than that).
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, N, 3)``; attribute ``largest_cone``, its number of neutrinos.

    Raises:
        QnuError: mixed states, fresh partners, a light cone that is too large.

    References:
        Lieb and Robinson (1972); Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]] * 50, omega=[0.1] * 100)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.3, order="line")
        >>> run = light_cone(gas, schedule, [0.0, 1.2])          # four of 100 rounds
        >>> run.attrs["largest_cone"], run.polarization[-1, 50].round(6)
        (8, array([0.      , 0.      , 0.423909]))
    """
    started = clock.perf_counter()
    check_match(gas, schedule, anisotropic=True)
    samples = schedule.samples(times)
    counts = _counts(gas, schedule, samples, largest)
    most = 0
    polarization = np.empty((len(samples), len(gas), 3))
    for sample, count in enumerate(counts):
        cones = [cone_of(schedule, count, [k]) for k in range(len(gas))]
        most = max(most, *(len(cone.members) for cone in cones))
        results: dict[bytes, Floats] = {}
        for neutrino, cone in enumerate(cones):
            if cone.key not in results:  # two neutrinos share a cone if their last encounter is one
                time = samples.only(sample)
                done = evolved(gas, schedule, cone, time)
                vectors = done.state.polarizations()
                results[cone.key] = streaming.turn_vectors(done.rotations, vectors)
            place = np.searchsorted(cone.members, neutrino)
            polarization[sample, neutrino] = results[cone.key][place]
            report(progress, (sample + (neutrino + 1) / len(gas)) / len(samples))
    conserved = conservation(gas, schedule.matter, schedule.anisotropy)
    drift = conserved_drift(polarization, np.ones(len(gas)), **conserved)
    return Trajectory.build(
        "light_cone",
        gas,
        samples.times,
        polarization,
        started=started,
        schedule=schedule,
        attributes={"largest_cone": most, **drift},
    )


class Cone(NamedTuple):
    """Numbers of the encounters that lead to some neutrinos, and those in them, both increasing."""

    rows: Indices
    members: Indices

    @property
    def key(self) -> bytes:
        """The same for the same cone."""
        return self.rows.tobytes() + b"of" + self.members.tobytes()


def checked_counts(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None,
    largest: int = MOST_NEUTRINOS,
) -> list[int]:
    """Encounters before every sample, the light cones of the last one not too large.

    What :func:`light_cone` checks, without the calculation.
    """
    check_match(gas, schedule, anisotropic=True)
    return _counts(gas, schedule, schedule.samples(times), largest)


def _counts(
    gas: NeutrinoGas, schedule: EncounterSchedule, samples: SampleTimes, largest: int
) -> list[int]:
    """A light cone only grows with time, so those of earlier samples are no larger."""
    check_state(gas, schedule, "light_cone")
    largest = integer("largest", largest, low=1, high=MOST)
    counts: list[int] = schedule.counts(samples).tolist()
    for neutrino in range(len(gas)):
        cone = cone_of(schedule, counts[-1], [neutrino])
        check_cone(gas, schedule, cone, largest, f"neutrino {neutrino}")
    return counts


def check_cone(
    gas: NeutrinoGas, schedule: EncounterSchedule, cone: Cone, largest: int, whose: str
) -> None:
    """An error where the neutrinos in a cone have more than ``2^largest`` amplitudes."""
    members = cone.members
    need = memory_need(_some(gas, members), profiles.is_zero(schedule.matter), np.complex128)
    if need > _AMPLITUDE_BYTES * 2**largest:
        size = f"{len(members)} neutrinos" if len(members) <= MOST else f"more than {MOST}"
        raise QnuError(
            "times",
            f"{whose} with a light cone of {size}",
            f"light cones of 2^{largest} amplitudes: earlier times or fewer encounters",
        )


def cone_of(schedule: EncounterSchedule, count: int, neutrinos: Sequence[int]) -> Cone:
    """From the last encounter backwards; incomplete where it is too large for every engine."""
    from ..schedules.kernels import light_cone

    inside = np.zeros(schedule.neutrinos, np.bool_)
    inside[list(neutrinos)] = True
    rows = np.empty(count, np.int64)
    n = light_cone(schedule.first[:count], schedule.second[:count], inside, MOST, rows)
    return Cone(rows[:n][::-1].copy(), np.flatnonzero(inside))


def evolved(gas: NeutrinoGas, schedule: EncounterSchedule, cone: Cone, time: SampleTimes) -> Sample:
    """The state of the members of a cone at one time; exact for the neutrinos whose cone it is."""
    rows, members = cone
    part = EncounterSchedule.of(
        Listed(
            encounters(
                np.searchsorted(members, schedule.first[rows]).astype(np.int32),
                np.searchsorted(members, schedule.second[rows]).astype(np.int32),
                schedule.swap_angle[rows],
                schedule.start[rows],
                schedule.duration[rows],
            )
        ),
        neutrinos=len(members),
        final_time=schedule.final_time,
        free_streaming=schedule.free_streaming,
        mu=schedule.mu,
        matter=schedule.matter,
        anisotropy=schedule.anisotropy,
    )
    (sample,) = evolve(_some(gas, members), part, time)
    return sample


def _some(gas: NeutrinoGas, members: Indices) -> NeutrinoGas:
    return NeutrinoGas(gas.polarization[members], gas.omega[members], mixing_angle=gas.mixing_angle)


class LightConeMethod(Method):
    """Exact, neutrino by neutrino, after few encounters (:func:`qnu.solvers.light_cone`)."""

    kind: Literal["light_cone"]

    solve = staticmethod(light_cone)
    line_style: ClassVar[LineStyle] = LineStyle(
        "many-body, light cones", width=5.0, pale=0.68, order=2.0
    )
    reference: ClassVar[int] = 1
    pure_only: ClassVar[bool] = True

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether every light cone is small enough."""
        prepared = super().prepare(given)
        checked_counts(given.gas, given.schedule, given.times)
        return prepared
