"""Random encounters back to back: a neutrino is always in one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

from ..common.checks import Floats, integer, seed_sequence
from ..gas import NeutrinoGas
from ..keys import COUNT, POSITIVE, Count, Positive, key
from ..profiles import Profile
from ._checks import PER_ROW, at_least_two, checked_gamma, require_time
from ._undrawn import source_of
from .clock import Clock, checked_mu, swap_angles
from .kinds import ScheduleKind
from .rows import BLOCK, PART, Encounters, Indices, Source, child, encounters, ranges, recipe
from .schedule import EncounterSchedule


def random_pairs(
    gas: NeutrinoGas,
    gamma: float,
    encounters: int,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Encounters one after the other, each between two different neutrinos drawn uniformly.

    :math:`\theta = \gamma\,(1 - \mathbf v\cdot\mathbf v')`. A neutrino is always in an encounter:
    its own clock advances by :math:`t_\mathrm{int} = \gamma/\mu` per encounter, vacuum acts inside,
    never in between. The start of encounter k is the mean clock of a neutrino,
    :math:`2 k\,t_\mathrm{int}/N`. The number of encounters of one neutrino is Poisson-distributed
    with mean 2n/N, so the kinetic equation at p = 0 holds (with ``own_clock=True`` where there is
    vacuum).

    Encounters are drawn on demand, in blocks of :math:`2^{22}`, each from its own child of the seed
    (the first from the seed itself).

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        encounters: n, how many.
        seed: of the pairs drawn.
        mu: coupling, a number or a callable of (mean) time.
        matter: lambda_e, a number or a callable of (mean) time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule, ``free_streaming=False``, probability 0.

    Raises:
        QnuError: an argument out of its range. More encounters than an hour draws are an error
            where they are asked for: ``mean_field``, ``kinetic`` and ``miscidynamics`` never do.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 100, omega=[0.0] * 100)
        >>> schedule = qnu.schedules.random_pairs(gas, gamma=0.01, encounters=5000, seed=42)
        >>> len(schedule), schedule.final_time
        (5000, 1.0)
    """
    count = at_least_two(gas)
    gamma = checked_gamma(gas, gamma)
    n = integer("encounters", encounters)
    mu = checked_mu(mu)
    clock = Clock(mu, n * (2 * gamma / count))
    drawn = seed_sequence(seed)
    digest = recipe("random_pairs", gas, drawn, gamma=gamma, n=n)
    source = source_of(
        lambda: RandomPairs(gas, gamma, n, clock, drawn, digest),
        lambda: require_time("encounters", n, PER_ROW * n, f"{n:.3g} encounters"),
        n,
        digest,
    )
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=clock.time(n * (2 * gamma / count)),
        free_streaming=False,
        gamma=gamma,
        mu=mu,
        probability=0.0,
        matter=matter,
        anisotropy=anisotropy,
        kind="random_pairs",
    )


class RandomPairs(Source):
    """The rows of :func:`random_pairs`."""

    def __init__(
        self,
        gas: NeutrinoGas,
        gamma: float,
        n: int,
        clock: Clock,
        seed: np.random.SeedSequence,
        recipe: str,
    ) -> None:
        self._gas, self._gamma, self._clock, self._seed = gas, gamma, clock, seed
        self._blocks = ranges(n, BLOCK)
        self.blocks = len(self._blocks)
        self.duration = clock.step(gamma)
        self.recipe = recipe

    def sizes(self) -> Indices:
        return np.array([b - a for a, b in self._blocks], np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        begin, end = self._blocks[number]
        count, rng = len(self._gas), child(self._seed, number)
        first = rng.integers(0, count, end - begin, dtype=np.int32)
        second: Indices = rng.integers(0, count - 1, end - begin, dtype=np.int32)
        second += second >= first  # uniform over all others
        phase = 2 * self._gamma / count
        for a, b in ranges(end - begin, PART):
            bounds = self._clock.times(np.arange(begin + a, begin + b + 1) * phase)
            length: Floats | float | None = self.duration
            if length is None:
                # N/2 encounters advance the mean clock by one: none of a pulse of mu is left out
                length = np.diff(bounds) * (count / 2)
            # copies: whoever holds a part does not hold the block while the next one is drawn
            one, two = first[a:b].copy(), second[a:b].copy()
            angle = swap_angles(self._gas, one, two, self._gamma)
            yield encounters(one, two, angle, bounds[:-1], length)


class RandomPairsKind(ScheduleKind):
    """Random pairs, back to back (:func:`qnu.schedules.random_pairs`)."""

    kind: Literal["random_pairs"]
    gamma: Positive = key(POSITIVE)
    encounters: Count = key(COUNT)

    generate = staticmethod(random_pairs)
    seeded: ClassVar[bool] = True

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """As the file says."""
        del gas
        return float(self.encounters)
