"""Random encounters that are sparse in time: in every step a few disjoint pairs meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

from ..common.checks import Floats, choice, number, seed_sequence
from ..gas import NeutrinoGas
from ..keys import POSITIVE, POSITIVE_TIME, Positive, PositiveTime, key
from ..profiles import Profile
from ._binomial import binomial
from ._checks import PER_ROW, PER_STEP, at_least_two, checked_gamma, require_time
from ._undrawn import source_of
from .clock import Clock, checked_mu, phase_at, swap_angles
from .kinds import ScheduleKind
from .rows import BLOCK, PART, Encounters, Indices, Source, child, encounters, ranges, recipe
from .schedule import EncounterSchedule


def stochastic(
    gas: NeutrinoGas,
    gamma: float,
    probability: float,
    duration: float,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    vacuum: str = "between",
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Steps of :math:`dt = \gamma p/\mu(t)`; in each, a random set of disjoint pairs meets.

    Each neutrino has an encounter with probability p per step, so the mean time between its
    encounters is :math:`t_\mathrm{int} = dt/p = \gamma/\mu`;
    :math:`\theta = \gamma\,(1 - \mathbf v\cdot\mathbf v')`. The number of pairs in a step is
    binomial: a random perfect matching of which every pair meets with probability p (p N/2 pairs on
    average). All neutrinos oscillate in vacuum all the time.

    Encounters are drawn on demand, in blocks of :math:`2^{22}/(p N/2)` steps, each from
    its own child of the seed (the first from the seed itself).

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        probability: p, in (0, 1]; for odd N at most (N-1)/N, since one neutrino always rests.
        duration: final time, in units of 1/mu.
        seed: of the pairs drawn.
        mu: coupling, a number or a callable of time (dt then follows :math:`\gamma p/\mu(t)`).
        vacuum: ``"between"``: encounters are kicks in the middle of their step;
            ``"inside"``: vacuum acts inside the gate for the whole step.
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule; duration / dt steps of p N/2 encounters on average.

    Raises:
        QnuError: an argument out of its range. More encounters than an hour draws are an error
            where they are asked for: ``mean_field``, ``kinetic`` and ``miscidynamics`` never do.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.0] * 10)
        >>> schedule = qnu.schedules.stochastic(gas, 0.01, 0.2, 2.0, seed=3)
        >>> schedule.final_time, schedule == qnu.schedules.stochastic(gas, 0.01, 0.2, 2.0, seed=3)
        (2.0, True)
    """
    count = at_least_two(gas)
    gamma = checked_gamma(gas, gamma)
    highest = 1.0 if count % 2 == 0 else (count - 1) / count
    p = number("probability", probability, above=0.0, high=highest)
    final_time = number("duration", duration, low=0.0)
    mu = checked_mu(mu)
    inside = choice("vacuum", vacuum, ("between", "inside")) == "inside"
    drawn = seed_sequence(seed)
    # a last step that is not whole has no encounters; 1e-9 allows for the rounding of the ratio
    ratio = float(np.divide(phase_at(mu, final_time), gamma * p))
    expected = ratio * p * count / 2
    seconds = ratio * PER_STEP + PER_ROW * expected
    work = f"{ratio:.3g} steps of gamma p / mu"
    digest = recipe("stochastic", gas, drawn, gamma=gamma, p=p, inside=inside)
    source = source_of(
        lambda: Steps(gas, gamma, p, int(ratio + 1e-9), final_time, mu, drawn, inside, digest),
        lambda: require_time("duration", final_time, seconds, work),
        expected,
        digest,
    )
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=final_time,
        gamma=gamma,
        mu=mu,
        probability=p,
        matter=matter,
        anisotropy=anisotropy,
        kind="stochastic",
    )


class Steps(Source):
    """The rows of :func:`stochastic`: blocks of whole steps."""

    def __init__(
        self,
        gas: NeutrinoGas,
        gamma: float,
        p: float,
        steps: int,
        final_time: float,
        mu: Profile,
        seed: np.random.SeedSequence,
        inside: bool,
        recipe: str,
    ) -> None:
        self._gas, self._gamma, self._phase, self._seed = gas, gamma, gamma * p, seed
        self._inside, self.recipe = inside, recipe
        self.expected = steps * p * len(gas) / 2
        self._clock = Clock(mu, self._phase * steps, final_time)
        self.duration = self._clock.step(self._phase) if inside else 0.0
        couples = len(gas) // 2
        self._couples, self._share = couples, min(1.0, p * len(gas) / (2 * couples))
        pairs = max(couples * self._share, 1.0)  # per step; below 1 the steps count
        self._blocks = ranges(steps, max(int(BLOCK / pairs), 1))
        self.blocks = len(self._blocks)
        self._steps_at_once = max(int(PART / pairs), 1)

    def _pairs_per_step(self, number: int) -> tuple[Indices, np.random.Generator]:
        """How many pairs meet in every step of a block, and what draws the pairs."""
        rng = child(self._seed, number)
        begin, end = self._blocks[number]
        return binomial(rng, self._couples, self._share, end - begin), rng

    def sizes(self) -> Indices:
        return np.array([self._pairs_per_step(b)[0].sum() for b in range(self.blocks)], np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        from .kernels import draw_disjoint_pairs

        begin, _ = self._blocks[number]
        pairs_per_step, rng = self._pairs_per_step(number)
        order = np.arange(len(self._gas), dtype=np.int32)
        for a, b in ranges(len(pairs_per_step), self._steps_at_once):
            sizes = pairs_per_step[a:b]
            n = int(sizes.sum())
            steps = np.arange(begin + a, begin + b + 1)
            times = self._clock.times(self._phase * (steps if self._inside else steps[:-1] + 0.5))
            first, second = np.empty(n, np.int32), np.empty(n, np.int32)
            start = np.empty(n)
            draw_disjoint_pairs(order, sizes, times, rng.random(2 * n), first, second, start)
            angle = swap_angles(self._gas, first, second, self._gamma)
            length: Floats | float | None = self.duration
            if length is None:
                length = np.repeat(np.diff(times), sizes)
            yield encounters(first, second, angle, start, length)


class StochasticKind(ScheduleKind):
    """Random pairs, sparse in time: steps of gamma p / mu (:func:`qnu.schedules.stochastic`)."""

    kind: Literal["stochastic"]
    gamma: Positive = key(POSITIVE)
    probability: float = key(
        "a finite number > 0 and <= 1", meaning="per neutrino and step", gt=0, le=1
    )
    duration: PositiveTime = key(POSITIVE_TIME)
    vacuum: Literal["inside", "between"] = key(
        "'inside' or 'between'", "between", "where vacuum oscillation acts"
    )

    generate = staticmethod(stochastic)
    seeded: ClassVar[bool] = True

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """One neutrino has mu / gamma per unit of time; steps are counted as well."""
        phase = phase_at(self.mu, self.duration)
        return phase / self.gamma * (len(gas) / 2 + 1 / self.probability)
