"""Plane waves in a periodic box: all pairs at all times, as a Trotter product."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Annotated, Literal

import numpy as np

from ..common import memory
from ..common.checks import Floats, integer, number, whole
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import COUNT, POSITIVE_TIME, WHOLE, Count, PositiveTime, key
from ..profiles import Profile
from ._checks import PER_ROW, at_least_two, require_time, warn_of_large_angles
from ._undrawn import source_of
from .clock import checked_mu, phases_at, swap_angles
from .kinds import ScheduleKind, pairs_of
from .rows import BLOCK, PART, Encounters, Indices, Source, encounters, ranges, recipe
from .schedule import EncounterSchedule
from .tournament import circle_round

_BYTES_PER_STEP = 32


def plane_wave(
    gas: NeutrinoGas,
    duration: float,
    steps: int,
    order: int = 2,
    mu: Profile = 1.0,
    *,
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r""":math:`H = \frac\mu N \sum_{i<j} (1 - \mathbf v_i\cdot\mathbf v_j)\,\mathrm{SWAP}_{ij}` and
    vacuum, in steps.

    A product of kicks :math:`\theta_{ij} = \mu\,dt\,(1 - \mathbf v_i\cdot\mathbf v_j)/N` and free
    streaming, in steps of dt = ``duration / steps``. Order 1: all pairs as kicks, then vacuum for
    dt. Order 2: vacuum for dt/2, all pairs with half the angle, all pairs backwards with half the
    angle (the round in the middle once, with the whole angle), vacuum for dt/2; its error falls as
    :math:`dt^2` at whole steps, so samples are taken there only.

    Args:
        gas: N >= 2 neutrinos.
        duration: final time, in units of 1/mu.
        steps: number of Trotter steps, >= 1; a warning where an angle of one is beyond pi/2.
        order: 1 or 2.
        mu: coupling, a number or a callable of time (its mean over each step counts).
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule; it has no gamma and no probability.

    Raises:
        QnuError: an argument out of its range. More encounters than an hour makes, or the memory
            holds steps, are an error where they are asked for: ``mean_field`` never does.

    References:
        Pantaleone (1992); Roggero (PRD 104, 103016); Hall et al. (2102.12556).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]] * 2, omega=[0.0] * 4)
        >>> schedule = qnu.schedules.plane_wave(gas, duration=5.0, steps=100, order=2)
        >>> len(schedule), schedule.swap_angle[[0, 4]]
        (1000, array([0.00625, 0.0125 ]))
    """
    count = at_least_two(gas)
    final_time = number("duration", duration, above=0.0)
    steps = integer("steps", steps, low=1)
    if whole(order) not in (1, 2):
        raise QnuError("order", order, "1 or 2")
    order = int(order)
    mu = checked_mu(mu)
    rows = count * (count - 1) / 2 * order * steps
    dt = final_time / steps
    digest = recipe("plane_wave", gas, dt=dt, steps=steps, order=order)

    def check() -> None:
        require_time("steps", steps, PER_ROW * rows, f"{rows:.3g} encounters")
        memory.require("steps", steps, _BYTES_PER_STEP * steps)

    make = partial(TrotterSteps, gas, dt, steps, order, mu, digest)
    source = source_of(make, check, rows, digest)
    if isinstance(source, TrotterSteps):
        strength = source.largest_coupling * dt / count
        warn_of_large_angles(gas, f"steps = {steps}, a step of {dt:.4g}", strength, stacklevel=3)
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=final_time,
        mu=mu,
        matter=matter,
        anisotropy=anisotropy,
        kind="plane_wave",
        trotter=(steps, order),
    )


class TrotterSteps(Source):
    """The rows of :func:`plane_wave`: blocks of whole steps, the same pairs each time."""

    duration = 0.0

    def __init__(
        self, gas: NeutrinoGas, dt: float, steps: int, order: int, mu: Profile, recipe: str
    ) -> None:
        count = len(gas)
        self._gas, self._order, self._strength = gas, order, dt / count
        self._size = count * (count - 1) // 2 * order - (count // 2 if order == 2 else 0)
        # the mean over each step: a short pulse may miss the middle of every step
        phases = phases_at(mu, np.arange(steps + 1) * dt)
        self._couplings = np.diff(phases) / dt if callable(mu) else np.full(steps, mu)
        self.largest_coupling = float(self._couplings.max())
        self._starts = (np.arange(steps) + (0.5 if order == 2 else 0.0)) * dt
        self._at_once = max(PART // self._size, 1)
        self._blocks = ranges(steps, max(BLOCK // self._size, 1))
        self.blocks = len(self._blocks)
        self.recipe = recipe

    @cached_property
    def _step(self) -> tuple[Indices, Indices, Floats]:
        """The pairs of one step and their angles over mu; made when a row is asked for."""
        count = len(self._gas)
        rounds = [circle_round(count, r) for r in range(count - 1 + count % 2)]
        parts = [(pairs, 1.0) for pairs in rounds]
        if self._order == 2:
            forward = [(pairs, 0.5) for pairs in rounds[:-1]]
            parts = [*forward, (rounds[-1], 1.0), *reversed(forward)]
        pairs = np.concatenate([part for part, _ in parts]).astype(np.int32)
        share = np.repeat([weight for _, weight in parts], [len(part) for part, _ in parts])
        first, second = np.ascontiguousarray(pairs.T)
        return first, second, share * swap_angles(self._gas, first, second, self._strength)

    def sizes(self) -> Indices:
        return np.array([(b - a) * self._size for a, b in self._blocks], np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        begin, end = self._blocks[number]
        first, second, angle = self._step
        for a, b in ranges(end - begin, self._at_once):
            steps = slice(begin + a, begin + b)
            yield encounters(
                np.tile(first, b - a),
                np.tile(second, b - a),
                (self._couplings[steps, None] * angle).ravel(),
                np.repeat(self._starts[steps], len(angle)),
                0.0,
            )


class PlaneWaveKind(ScheduleKind):
    """All pairs at all times, as a Trotter product (:func:`qnu.schedules.plane_wave`)."""

    kind: Literal["plane_wave"]
    duration: PositiveTime = key(POSITIVE_TIME)
    steps: Count = key(COUNT)
    order: Annotated[Literal[1, 2], WHOLE] = key("1 or 2", 2, "of the Trotter product")

    generate = staticmethod(plane_wave)

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """Every pair in every step, twice where the product is symmetric."""
        return 2.0 * pairs_of(gas) * self.steps

    def rows_of_a_step(self, gas: NeutrinoGas) -> int:
        """Every pair, in either order."""
        return len(gas) ** 2
