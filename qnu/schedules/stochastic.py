"""Random encounters: sparse in time (stochastic) or back to back (random pairs)."""

from __future__ import annotations

import numpy as np

from ..checks import Floats, choice, generator, integer, number
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import Profile, evaluate
from ._clock import checked_mu, phase_at, step_lengths, swap_angles, times_of_phase
from .schedule import EncounterSchedule, Indices
from .tournament import _at_least_two

_STEPS_AT_ONCE = 1 << 16


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
) -> EncounterSchedule:
    """Steps of ``dt = gamma p / mu(t)``; in each, a random set of disjoint pairs meets.

    Each neutrino meets somebody with probability p per step, so the mean time between its
    encounters is ``t_int = dt / p = gamma / mu``; ``theta = gamma (1 - v.v')``. The number of
    pairs in a step is binomial: a random perfect matching of which every pair meets with
    probability p (p N/2 pairs on average). All neutrinos oscillate in vacuum all the time.

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0.
        probability: p, in (0, 1]; for odd N at most (N-1)/N, since somebody always rests.
        duration: final time, in units of 1/mu.
        seed: of the pairs drawn.
        mu: coupling, a number or a callable of time (dt then follows ``gamma p / mu(t)``).
        vacuum: ``"between"``: encounters are kicks in the middle of their step;
            ``"inside"``: vacuum acts inside the gate for the whole step.
        matter: lambda_e, a number or a callable of time.

    Returns:
        the schedule; duration / dt steps of p N/2 encounters on average.

    Raises:
        QnuError: an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.0] * 10)
        >>> schedule = qnu.schedules.stochastic(gas, 0.01, 0.2, 2.0, seed=3)
        >>> schedule.final_time, schedule == qnu.schedules.stochastic(gas, 0.01, 0.2, 2.0, seed=3)
        (2.0, True)
    """
    from ._kernels import draw_disjoint_pairs

    count = _at_least_two(gas)
    gamma = number("gamma", gamma, above=0.0)
    highest = 1.0 if count % 2 == 0 else (count - 1) / count
    p = number("probability", probability, above=0.0, high=highest)
    final_time = number("duration", duration, low=0.0)
    mu = checked_mu(mu)
    inside = choice("vacuum", vacuum, ("between", "inside")) == "inside"
    # a last step that is not whole has no encounters; 1e-9 forgives the rounding of duration / dt
    steps = int(phase_at(mu, final_time) / (gamma * p) + 1e-9)
    rng = generator(seed)
    couples = count // 2
    pairs_per_step = rng.binomial(couples, min(1.0, p * count / (2 * couples)), steps)
    total = int(pairs_per_step.sum())
    first, second = np.empty(total, np.int32), np.empty(total, np.int32)
    order = np.arange(count)
    done = 0
    for a in range(0, steps, _STEPS_AT_ONCE):
        sizes = pairs_per_step[a : a + _STEPS_AT_ONCE]
        n = int(sizes.sum())
        part = slice(done, done + n)
        draw_disjoint_pairs(order, sizes, rng.random(2 * n), first[part], second[part])
        done += n
    bounds = times_of_phase(mu, gamma * p * np.arange(steps + 1))
    length: Floats | float = 0.0
    if inside:
        start, length = bounds[:-1], step_lengths(mu, gamma * p, bounds, pairs_per_step)
    else:
        start = times_of_phase(mu, gamma * p * (np.arange(steps) + 0.5))
    return EncounterSchedule(
        first,
        second,
        swap_angles(gas, first, second, gamma),
        np.repeat(start, pairs_per_step),
        length,
        neutrinos=count,
        final_time=final_time,
        gamma=gamma,
        mu=mu,
        probability=p,
        matter=matter,
        kind="stochastic",
    )


def random_pairs(
    gas: NeutrinoGas,
    gamma: float,
    encounters: int,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    matter: Profile = 0.0,
) -> EncounterSchedule:
    """Encounters one after the other, each between two different neutrinos drawn uniformly.

    ``theta = gamma (1 - v.v')``. A neutrino is always in an encounter: its own clock advances
    by ``t_int = gamma / mu`` per encounter, vacuum acts inside, never in between. ``start_k`` is
    the mean clock of a neutrino, ``2 k t_int / N``. The number of encounters of one neutrino is
    Poisson-distributed with mean 2n/N, so the kinetic equation at p = 0 holds (with
    ``own_clock=True`` where there is vacuum).

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0.
        encounters: n, how many.
        seed: of the pairs drawn.
        mu: coupling, a number or a callable of (mean) time.
        matter: lambda_e, a number or a callable of (mean) time.

    Returns:
        the schedule, ``free_streaming=False``, probability 0.

    Raises:
        QnuError: an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 100, omega=[0.0] * 100)
        >>> schedule = qnu.schedules.random_pairs(gas, gamma=0.01, encounters=5000, seed=42)
        >>> len(schedule), schedule.final_time
        (5000, 1.0)
    """
    count = _at_least_two(gas)
    gamma = number("gamma", gamma, above=0.0)
    n = integer("encounters", encounters)
    mu = checked_mu(mu)
    rng = generator(seed)
    first = rng.integers(0, count, n, dtype=np.int32)
    second: Indices = rng.integers(0, count - 1, n, dtype=np.int32)
    second += second >= first  # uniform over everybody else
    phases = np.arange(n + 1) * (2 * gamma / count)
    times = times_of_phase(mu, phases)
    length: Floats | float
    if callable(mu):
        length = gamma / evaluate(mu, times_of_phase(mu, phases[:-1] + gamma / count), "mu")
    else:
        length = gamma / mu
    return EncounterSchedule(
        first,
        second,
        swap_angles(gas, first, second, gamma),
        times[:-1],
        length,
        neutrinos=count,
        final_time=float(times[-1]),
        free_streaming=False,
        gamma=gamma,
        mu=mu,
        probability=0.0,
        matter=matter,
        kind="random_pairs",
    )


def constant_background(
    gas: NeutrinoGas,
    background: int | str,
    gamma: float,
    encounters: int,
    probability: float = 1.0,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    matter: Profile = 0.0,
) -> EncounterSchedule:
    """The simplest OILE: neutrinos meet a fresh copy of one background neutrino again and again.

    At p = 1 encounters are regular, back to back, each of length ``t_int = gamma / mu`` with vacuum
    inside; on a quantum computer that is two qubits, the partner reset before each encounter. At
    p < 1 each neutrino meets a copy with probability p in each step of ``dt = gamma p / mu`` (a
    kick in its middle). Every neutrino but the background meets its own copies: n - 1 of them are
    n - 1 independent histories.

    Args:
        gas: the neutrinos of interest and the background neutrino.
        background: number of the background neutrino in the gas, or the name of a group of one.
        gamma: discreteness parameter, > 0.
        encounters: mean number of encounters per neutrino; the time is ``encounters * t_int``.
        probability: p, in (0, 1].
        seed: of the histories drawn at p < 1.
        mu: coupling, a number or a callable of time.
        matter: lambda_e, a number or a callable of time.

    Returns:
        the schedule, every encounter ``fresh``.

    Raises:
        QnuError: no such background, an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.0, 0.0])
        >>> schedule = qnu.schedules.constant_background(gas, 1, gamma=0.05, encounters=200)
        >>> len(schedule), schedule.final_time, bool(schedule.fresh.all())
        (200, 10.0, True)
    """
    count = _at_least_two(gas)
    partner = _background_index(gas, background)
    gamma = number("gamma", gamma, above=0.0)
    p = number("probability", probability, above=0.0, high=1.0)
    steps = round(integer("encounters", encounters) / p)
    mu = checked_mu(mu)
    bounds = times_of_phase(mu, gamma * p * np.arange(steps + 1))
    others = np.delete(np.arange(count, dtype=np.int32), partner)
    length: Floats | float = 0.0
    if p == 1.0:
        step = np.repeat(np.arange(steps), others.size)
        first = np.tile(others, steps)
        start, length = bounds[:-1], step_lengths(mu, gamma, bounds, others.size)
    else:
        draws = generator(seed)
        met = [
            np.flatnonzero(draws.random((min(4096, steps - a), others.size)) < p) + a * others.size
            for a in range(0, steps, 4096)
        ]
        flat = np.concatenate(met) if met else np.empty(0, np.int64)
        step, first = flat // others.size, others[flat % others.size]
        start = times_of_phase(mu, gamma * p * (np.arange(steps) + 0.5))
    second = np.full(first.size, partner, np.int32)
    return EncounterSchedule(
        first,
        second,
        swap_angles(gas, first, second, gamma),
        start[step],
        length,
        neutrinos=count,
        final_time=float(bounds[-1]),
        fresh=np.ones(first.size, bool),
        gamma=gamma,
        mu=mu,
        probability=p,
        matter=matter,
        kind="constant_background",
    )


def _background_index(gas: NeutrinoGas, background: int | str) -> int:
    if isinstance(background, str):
        sizes = dict(zip(gas.group_names, gas.members, strict=True))
        if background not in sizes or len(sizes[background]) != 1:
            ones = [name for name, members in sizes.items() if len(members) == 1]
            raise QnuError("background", background, f"the name of a group of one: {ones}")
        return int(sizes[background][0])
    return integer("background", background, high=len(gas) - 1)
