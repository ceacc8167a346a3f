"""How often pairs meet, and how many encounters are between neutrinos that share a past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common import memory
from ..common.checks import frozen
from ._checks import LARGEST_ANGLE
from .match import check_schedule
from .rows import Encounters, Indices
from .schedule import EncounterSchedule

#: Of so many neutrinos meetings are counted in a table of all pairs; of more, pairs are sorted.
_MOST_IN_TABLE = 4096
#: Bytes that an encounter takes while pairs are sorted.
_BYTES_SORTED = 16
#: Pasts of more neutrinos are not followed: their bits would take more than 50 MB.
_MOST_PASTS = 20_000
#: Words of 64 bits that following the pasts may read: under a second on one core.
_MOST_WORDS = 2e8


@dataclass(frozen=True, eq=False)
class Meetings:
    r"""What :func:`meetings` counts.

    Args:
        encounters: n, how many there are.
        mean: meetings of a pair, on average: :math:`2n/N(N-1)`.
        largest: meetings of the pair that meets most often.
        shared_past: share of encounters, 0 to 1, whose partners share a past; None: not counted.
        left_out: why it is not counted; empty where it is.
        each: ``(N,)`` encounters of every neutrino.
        total_angle: the sum of all swap angles.
        largest_angle: the largest swap angle.
        large_angles: how many encounters have a swap angle beyond :math:`\pi/2`.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 8, omega=[0.0] * 8)
        >>> qnu.schedules.meetings(qnu.schedules.tournament(gas, 0.3)).each.tolist()
        [7, 7, 7, 7, 7, 7, 7, 7]
    """

    encounters: int
    mean: float
    largest: int
    shared_past: float | None
    left_out: str
    each: Indices
    total_angle: float
    largest_angle: float
    large_angles: int


def meetings(schedule: EncounterSchedule) -> Meetings:
    r"""How often pairs meet, and which share of encounters is between neutrinos of a common past.

    The independent model takes partners as uncorrelated, which they are where

    .. math::
        \mathrm{past}(i)\cap\mathrm{past}(j) = \emptyset,\qquad
        \mathrm{past}(i), \mathrm{past}(j) \to \mathrm{past}(i)\cup\mathrm{past}(j)
        \text{ at an encounter of } i \text{ and } j,

    with :math:`\mathrm{past}(i) = \{i\}` at the beginning: nobody is in the light cone of both.
    Pairs that meet again share a past, and so do many that have never met. In a random
    schedule of n encounters a pair meets :math:`m = 2n/N(N-1)` times on average.

    A fresh partner is a neutrino of its own: it has met nobody, it shares no past, and N counts it.
    Rows are read once, block by block. Pasts are followed up to 20,000 neutrinos and
    :math:`2\times10^8` steps (less than a second), else ``shared_past`` is None.

    Args:
        schedule: of N neutrinos.

    Returns:
        the numbers, exact.

    Raises:
        QnuError: more than 4096 neutrinos with more encounters than the memory holds.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 8, omega=[0.0] * 8)
        >>> counted = qnu.schedules.meetings(qnu.schedules.tournament(gas, gamma=0.3))
        >>> counted.mean, counted.largest, round(counted.shared_past, 3)  # none in 2 of 7 rounds
        (1.0, 1, 0.714)
    """
    from ._meeting_kernels import sum_angles

    check_schedule(schedule)
    count = schedule.neutrinos
    met, past = _Met(schedule), _Pasts(schedule)
    total, largest_angle, beyond = 0.0, 0.0, 0
    for run in schedule.chunks():
        met.add(run)
        past.add(run)
        angle, largest, large = sum_angles(run.swap_angle, LARGEST_ANGLE)
        total, largest_angle = total + angle, max(largest_angle, largest)
        beyond += int(large)
    n, present = met.encounters, count + met.new
    pairs = present * (present - 1) / 2
    return Meetings(
        encounters=n,
        mean=n / pairs if pairs else 0.0,
        largest=met.largest(),
        shared_past=None if past.left_out else past.shared / max(n, 1),
        left_out=past.left_out,
        each=frozen(met.each),
        total_angle=total,
        largest_angle=largest_angle,
        large_angles=beyond,
    )


def _fresh(run: Encounters) -> Indices:
    """Which partners are new ones; empty where none is."""
    return np.empty(0, np.bool_) if run.fresh is None else np.ascontiguousarray(run.fresh)


class _Met:
    """Meetings of every pair: in a table, or of many neutrinos as sorted numbers of pairs."""

    def __init__(self, schedule: EncounterSchedule) -> None:
        count = schedule.neutrinos
        self.each = np.zeros(count, np.int64)
        self.encounters = self.new = 0
        self._all_new = schedule.source.fresh  # then no pair meets twice
        table = count <= _MOST_IN_TABLE and not self._all_new
        self._met = np.zeros((count, count) if table else (0, 0), np.int32)
        self._names = np.arange(count)  # another one for every new partner
        self._pairs: list[Indices] = []
        self._largest = 0
        if not table and not self._all_new:
            n = len(schedule)
            memory.require("schedule", f"{n} encounters", _BYTES_SORTED * n)

    def add(self, run: Encounters) -> None:
        """Counts a run of encounters."""
        from ._meeting_kernels import count_pairs, pair_numbers

        fresh = _fresh(run)
        before = len(self.each) + self.new
        self.encounters += len(run.first)
        self.new += int(fresh.sum())
        largest = count_pairs(run.first, run.second, fresh, self._met, self.each)
        self._largest = max(self._largest, int(largest))
        if not self._met.size and not self._all_new:
            self._pairs.append(pair_numbers(run.first, run.second, fresh, self._names, before))

    def largest(self) -> int:
        """Meetings of the pair that meets most often."""
        if self._all_new:
            return min(self.encounters, 1)
        if not self._pairs:
            return self._largest
        pairs = np.concatenate(self._pairs)
        self._pairs.clear()
        pairs.sort()
        begins = np.flatnonzero(np.diff(pairs, prepend=-1, append=-1))
        return int(np.diff(begins).max(initial=0))


class _Pasts:
    """Who is in whose past, as bits."""

    def __init__(self, schedule: EncounterSchedule) -> None:
        count = schedule.neutrinos
        self.shared = 0
        self.left_out = ""
        self._all_new = schedule.source.fresh
        if count > _MOST_PASTS and not self._all_new:
            self.left_out = f"more than {_MOST_PASTS} neutrinos"
        if self.left_out or self._all_new:
            return
        index = np.arange(count)
        self._past = np.zeros((count, -(-count // 64)), np.uint64)
        self._past[index, index // 64] = np.uint64(1) << (index % 64).astype(np.uint64)
        self._size = np.ones(count, np.int64)
        self._work = _MOST_WORDS

    def add(self, run: Encounters) -> None:
        """Follows the pasts through a run of encounters."""
        from ._meeting_kernels import follow_pasts

        if self.left_out or self._all_new:
            return
        rows = run.first, run.second, _fresh(run)
        shared, self._work = follow_pasts(*rows, self._past, self._size, self._work)
        self.shared += int(shared)
        if self._work < 0:
            self.left_out = "it takes about a second and more"
