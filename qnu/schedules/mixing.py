"""How well a schedule mixes: which pairs have encounters, how often, and how soon again."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats
from ..errors import QnuError
from .match import check_schedule
from .rows import Indices
from .schedule import EncounterSchedule

__all__ = [
    "difference",
    "meeting_counts",
    "return_times",
    "share_met",
]


def meeting_counts(schedule: EncounterSchedule) -> Indices:
    """``n_ij``: number of encounters of i with j.

    Args:
        schedule: of N neutrinos.

    Returns:
        ``(N, N)`` whole numbers, symmetric, zero on the diagonal.

    Examples:
        >>> s = EncounterSchedule([0, 1, 0], [1, 2, 1], [0.1] * 3, [0, 1, 2], 0.0, neutrinos=3)
        >>> meeting_counts(s).tolist()
        [[0, 2, 0], [2, 0, 1], [0, 1, 0]]
    """
    check_schedule(schedule)
    counts = np.zeros((schedule.neutrinos, schedule.neutrinos), np.int64)
    for run in schedule.chunks():
        np.add.at(counts, (run.first, run.second), 1)
    return counts + counts.T


def share_met(schedule: EncounterSchedule, encounters_per_neutrino: ArrayLike) -> Floats:
    """The fraction of all pairs that have met at least once, as the schedule proceeds.

    Partners drawn from the whole gas give ``1 - exp(-k / (N - 1))`` after k encounters per
    neutrino, a tournament ``k / (N - 1)``, which is the most there can be.

    Args:
        schedule: of N neutrinos.
        encounters_per_neutrino: ``(m,)`` values of k, on average over the neutrinos.

    Returns:
        ``(m,)`` numbers from 0 to 1.

    Raises:
        QnuError: k that are not finite numbers >= 0.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 6, omega=[0.0] * 6)
        >>> share_met(qnu.schedules.tournament(gas, 0.1), [1, 5]).tolist()
        [0.2, 1.0]
    """
    check_schedule(schedule)
    depth = floats("encounters_per_neutrino", encounters_per_neutrino, (None,))
    if (depth < 0).any():
        raise QnuError("encounters_per_neutrino", depth.tolist(), "numbers >= 0")
    _, begin = np.unique(_pair_numbers(schedule), return_index=True)
    total = schedule.neutrinos * (schedule.neutrinos - 1) / 2
    done = depth * schedule.neutrinos / 2 - 0.5  # half an encounter: rounding of k
    return np.searchsorted(np.sort(begin), done, side="left") / total


def return_times(schedule: EncounterSchedule) -> Indices:
    """Encounters from one encounter of a pair to its next, on the clocks of both.

    Counted for either of the two are its encounters after the first one, up to and including the
    second: 1 where it had no other in between. Partners drawn from the whole gas come back
    after N - 1 on average, and the numbers are distributed geometrically.

    Args:
        schedule: of N neutrinos.

    Returns:
        ``(2 m,)`` for m encounters of pairs that had met before: on the clocks of both partners.

    Examples:
        >>> s = EncounterSchedule([0, 1, 0], [1, 2, 1], [0.1] * 3, [0, 1, 2], 0.0, neutrinos=3)
        >>> return_times(s).tolist()
        [1, 2]
    """
    check_schedule(schedule)
    n = len(schedule)
    members = np.stack([schedule.first, schedule.second], axis=1).ravel()
    order = np.argsort(members, kind="stable")
    begins = np.searchsorted(members[order], np.arange(schedule.neutrinos))
    clock = np.empty(2 * n, np.int64)  # the number of this encounter among those of the neutrino
    clock[order] = np.arange(2 * n) - begins[members[order]]
    pairs = _pair_numbers(schedule)
    again = np.argsort(pairs, kind="stable")
    same = pairs[again][1:] == pairs[again][:-1]
    before, after = again[:-1][same], again[1:][same]
    small = np.minimum(schedule.first, schedule.second)
    turned = schedule.first != small
    clocks = clock.reshape(n, 2)
    clocks[turned] = clocks[turned][:, ::-1]  # the smaller number first, as in the pair's number
    apart: Indices = clocks[after] - clocks[before]
    return apart.ravel()


def difference(ours: ArrayLike, theirs: ArrayLike) -> tuple[Floats, Floats]:
    """``mean(ours) - mean(theirs)`` over seeds, and its standard error.

    Args:
        ours: ``(seeds, ...)``, such as group means that :func:`qnu.solvers.independent` finds
            with one schedule per seed.
        theirs: ``(other seeds, ...)`` of another.

    Returns:
        the difference, and the square root of the sum of both squared standard errors.

    Raises:
        QnuError: fewer than two seeds, shapes that differ.

    Examples:
        >>> difference([1.0, 3.0], [0.0, 0.0, 0.0])
        (np.float64(2.0), np.float64(1.0))
    """
    one, two = np.asarray(ours, float), np.asarray(theirs, float)
    if min(len(one), len(two)) < 2 or one.shape[1:] != two.shape[1:]:
        raise QnuError("ours, theirs", (one.shape, two.shape), "at least two seeds, of one shape")
    squares = [some.var(axis=0, ddof=1) / len(some) for some in (one, two)]
    return one.mean(axis=0) - two.mean(axis=0), np.sqrt(squares[0] + squares[1])


def _pair_numbers(schedule: EncounterSchedule) -> Indices:
    first, second = schedule.first.astype(np.int64), schedule.second.astype(np.int64)
    return np.minimum(first, second) * schedule.neutrinos + np.maximum(first, second)
