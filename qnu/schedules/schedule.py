"""EncounterSchedule: which pair meets when, and how strongly, as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common import memory
from ..common.checks import Floats, integer, number
from ..piecewise import trace
from . import _files, _listed
from ._countable import Countable
from ._tables import Tables
from .rows import Encounters, Indices, Listed, Source, encounters, nothing, same
from .samples import SampleTimes, checked_samples, equally_spaced, tolerance
from .settings import Settings

_CHUNK = 1 << 18
_BYTES_PER_ROW = 33
_MOST_SAMPLES = 10**8


@dataclass(frozen=True, eq=False, init=False, repr=False)
class EncounterSchedule(Settings, Countable, Tables):
    r"""A time-ordered list of encounters ``(first, second, swap_angle, start, duration)``.

    Encounters that share a neutrino do not commute: their order in the list is physics.

    The generators of :mod:`qnu.schedules` return schedules whose rows are made on demand, so that
    :math:`10^8` encounters need no table: :meth:`chunks` and :meth:`segments` make them block by
    block (see :class:`qnu.schedules.rows.Source`), the columns (``schedule.first`` and so on) all
    at once; these are kept (33 bytes per encounter). The numbers are the same either way.

    Args:
        first: ``(n,)`` neutrino numbers; whole numbers stored as floats are taken as well.
        second: ``(n,)`` neutrino numbers, other than ``first``.
        swap_angle: ``(n,)`` theta in radians.
        start: ``(n,)`` times, never decreasing.
        duration: a number or ``(n,)``, >= 0: how long vacuum and matter act inside; 0: a kick.
        neutrinos: N, how many there are.
        final_time: end of the schedule; default: the end of the last encounter. Of an encounter
            that is still under way then, only the part up to the final time happens.
        free_streaming: True: a neutrino oscillates whenever it is not inside an encounter, and a
            sample inside an encounter includes the part of it that has passed.
            False: only inside encounters (back-to-back schedules); ``start`` then only orders
            encounters and labels samples, encounters are always whole, and overlaps are not
            checked.
        fresh: ``(n,)`` booleans: the second neutrino of encounter k is a new one in its initial
            state (on a quantum computer: a reset qubit).
        gamma, mu, probability, matter: what the schedule was made with, so that
            ``kinetic`` can be run with the same values. ``matter`` also acts on free streaming and
            inside encounters; its direction comes from the mixing angle of the gas.
        kind: the name of the generator.
        trotter: for plane waves, ``(steps, order)``.
        packet_ratio: for wave packets that are all alike, rms length over rms width
            (``s_L / s_T``): their swap angles are not gamma (1 - v.v').
        anisotropy: :math:`a = J_z/J_\perp` of every encounter (:func:`qnu.encounter.unitary`):
            :math:`\tfrac12 (1 + XX + YY + a\,ZZ)` in place of SWAP. Total z stays conserved; x and
            y are for a = 1 only.
        wiring: for schedules drawn on a device, where every encounter takes place. It is no part of
            the physics: schedules that differ in it are equal.

    Raises:
        QnuError: an index out of range, a neutrino meeting itself, times out of order, two
            encounters of one neutrino that overlap, NaN, odd shapes.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> schedule = EncounterSchedule([0, 1], [1, 2], [0.3, 0.2], [0.0, 1.0], 0.0, neutrinos=3)
        >>> len(schedule), schedule.final_time, [k.tolist() for k in schedule.layers()]
        (2, 1.0, [[0], [1]])
    """

    source: Source = field(kw_only=True)

    def __init__(
        self,
        first: ArrayLike,
        second: ArrayLike,
        swap_angle: ArrayLike,
        start: ArrayLike,
        duration: ArrayLike,
        *,
        neutrinos: int,
        final_time: float | None = None,
        free_streaming: bool = True,
        fresh: ArrayLike | None = None,
        **settings: Any,
    ) -> None:
        neutrinos = _listed.neutrino_count(neutrinos)
        rows = _listed.listed(first, second, swap_angle, start, duration, fresh, neutrinos)
        if final_time is None:
            final_time = _listed.end_of(rows)
        end = number("final_time", final_time, low=0.0)
        settings |= {"final_time": end, "free_streaming": free_streaming}
        self._make(Listed(rows), neutrinos=neutrinos, **settings)
        _listed.check_order(rows, neutrinos, end, free_streaming, _listed.Naming())

    @classmethod
    def of(cls, source: Source, **settings: Any) -> Self:
        """A schedule whose rows come from a source and are not checked again."""
        schedule = cls.__new__(cls)
        schedule._make(source, **settings)
        return schedule

    def _make(self, source: Source, **settings: Any) -> None:
        object.__setattr__(self, "source", source)
        Settings.__init__(self, **settings)
        if self.wiring is not None:
            self.wiring.check_size(self.neutrinos, len(self))

    @cached_property
    def rows(self) -> Encounters:
        """All encounters as arrays, made once; an error where the memory does not hold them."""
        if isinstance(self.source, Listed):
            return self.source.rows
        n, lasting = len(self), self.source.duration
        memory.require("schedule", f"{n} encounters", _BYTES_PER_ROW * n)
        first, second = np.empty(n, np.int32), np.empty(n, np.int32)
        angle, start = np.empty(n), np.empty(n)
        duration: Floats | float = np.empty(n) if lasting is None else lasting
        done = 0
        for run in self.source.runs(0, _CHUNK):
            part = slice(done, done + len(run.first))
            first[part], second[part], angle[part], start[part] = run[:4]
            if not isinstance(duration, float):
                duration[part] = run.duration
            done = part.stop
        return encounters(first, second, angle, start, duration, self.source.fresh and n > 0)

    @property
    def first(self) -> Indices:
        """``(n,)`` neutrino numbers."""
        return self.rows.first

    @property
    def second(self) -> Indices:
        """``(n,)`` neutrino numbers."""
        return self.rows.second

    @property
    def swap_angle(self) -> Floats:
        """``(n,)`` theta in radians."""
        return self.rows.swap_angle

    @property
    def start(self) -> Floats:
        """``(n,)`` times."""
        return self.rows.start

    @property
    def duration(self) -> Floats:
        """``(n,)`` durations."""
        if self.source.duration is None:
            return self.rows.duration
        return np.broadcast_to(np.float64(self.source.duration), (len(self),))

    @property
    def fresh(self) -> NDArray[np.bool_] | None:
        """``(n,)``: True where the second neutrino is a new one; None where none is."""
        if isinstance(self.source, Listed):
            return self.rows.fresh
        if not self.source.fresh or len(self) == 0:
            return None
        return np.broadcast_to(np.True_, (len(self),))

    def __repr__(self) -> str:
        gamma = "" if self.gamma is None else f", gamma = {self.gamma:g}"
        if self.anisotropy != 1.0:
            gamma += f", anisotropy = {self.anisotropy:g}"
        size = self.size if self.source.refusal is not None else f"{len(self)} encounters"
        return (
            f"<EncounterSchedule {self.kind}: {size} of {self.neutrinos}"
            f" neutrinos to t = {self.final_time:g}{gamma}>"
        )

    @property
    def tolerance(self) -> float:
        """Times closer than this are equal."""
        return tolerance(self.final_time)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EncounterSchedule):
            return NotImplemented
        if self.settings() != other.settings():
            return False
        recipe = self.source.recipe
        listed = isinstance(self.source, Listed) or isinstance(other.source, Listed)
        if recipe is not None and recipe == other.source.recipe and not listed:
            return True
        if self.source.refusal is not None or other.source.refusal is not None:
            return False
        return len(self) == len(other) and self._same_rows(other)

    def _same_rows(self, other: EncounterSchedule) -> bool:
        a = 0
        for mine in self.chunks():
            n = len(mine.first)
            for theirs in other.chunks(n, begin=a):
                m = min(len(theirs.first), n)
                if not same(mine.part(0, m), theirs.part(0, m)):
                    return False
                a, n, mine = a + m, n - m, mine.part(m, n)
                if n == 0:
                    break
        return True

    def __hash__(self) -> int:
        size = 0 if self.source.refusal is not None else len(self)
        return hash((self.kind, self.neutrinos, self.final_time, size))

    def fingerprint(self) -> str:
        """A hash of what the schedule follows from, for provenance.

        From a generator: of its recipe (name, arguments, seed, velocities of the gas), so that the
        rows need not be made. From arrays: of every encounter and setting.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:  # used by every method of a run; a schedule cannot change
        digest = hashlib.sha256((self.source.recipe or "").encode())
        if self.source.recipe is None:
            for part in self.rows:
                digest.update(b"" if part is None else np.ascontiguousarray(part).data)
        settings = self.settings() | {
            name: trace(getattr(self, name), self.final_time) for name in ("mu", "matter")
        }
        digest.update(repr(settings).encode())
        return digest.hexdigest()

    def layer_numbers(self) -> NDArray[np.int64]:
        """``(n,)``: the round of every encounter when each is played as early as possible."""
        from .kernels import layer_numbers

        result: NDArray[np.int64] = layer_numbers(self.first, self.second, self.neutrinos)
        return result

    def layers(self) -> list[NDArray[np.int64]]:
        """Rounds of disjoint pairs that keep the order of encounters sharing a neutrino.

        Returns:
            one array of encounter numbers per round, as few rounds as possible.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
            >>> [len(k) for k in qnu.schedules.tournament(gas, gamma=0.1).layers()]
            [2, 2, 2]
        """
        if len(self) == 0:
            return []
        layer = self.layer_numbers()
        order = np.argsort(layer, kind="stable")
        return list(np.split(order, np.cumsum(np.bincount(layer))[:-1]))

    def chunks(self, size: int = _CHUNK, *, begin: int = 0) -> Iterator[Encounters]:
        """The encounters from number ``begin`` on, in runs of at most ``size``."""
        size, begin = integer("size", size, low=1), integer("begin", begin)
        source = self.source
        if "rows" in vars(self):
            source = Listed(self.rows)
        return source.runs(begin, size)

    def samples(self, times: ArrayLike | SampleTimes | None) -> SampleTimes:
        """The sample times, checked; without ``times`` the beginning and the end.

        Functions that take ``times`` check them here and hand the result on.

        Raises:
            QnuError: times outside the schedule, or that decrease.

        Examples:
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2, final_time=2.0)
            >>> s.samples(None).times
            array([0., 2.])
        """
        if isinstance(times, SampleTimes):
            return times
        return checked_samples(times, self.final_time, self.trotter)

    def checked_times(self, times: ArrayLike | None) -> Floats:
        """The sample times of :meth:`samples` as an array."""
        return self.samples(times).times

    def counts(self, times: ArrayLike | SampleTimes | None) -> Indices:
        """``(samples,)``: how many encounters start before each sample.

        Times are compared with a tolerance; at the final time all encounters count. With free
        streaming only the part up to t of an encounter that ends after t belongs to the sample;
        without it encounters are whole. Counting makes the rows.

        Examples:
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2, final_time=2.0)
            >>> s.counts([0.0, 1.0, 1.5]).tolist()
            [0, 0, 1]
        """
        limits = self.samples(times).limits
        result = np.zeros(len(limits), np.int64)
        for run in self.chunks():
            result += np.searchsorted(run.start, limits, side="left")
        return result

    def sample_times(self, times: ArrayLike | None) -> tuple[Floats, Indices]:
        """:meth:`checked_times` and :meth:`counts` of the same sample times."""
        checked = self.samples(times)
        return checked.times, self.counts(checked)

    def equally_spaced(self, samples: int) -> Floats:
        """``samples`` times from 0 to the end; for plane waves of order 2 the nearest whole steps.

        Examples:
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2)
            >>> s.equally_spaced(3)
            array([0. , 0.5, 1. ])
        """
        number = integer("samples", samples, low=1, high=_MOST_SAMPLES)
        return equally_spaced(number, self.final_time, self.trotter)

    def segments(
        self,
        times: ArrayLike | SampleTimes | None,
        size: int = _CHUNK,
        *,
        begin: int = 0,
        taken: int = 0,
    ) -> Iterator[tuple[Encounters, int | None]]:
        """Runs of encounters that begin before a sample, each followed by the sample, or None.

        Every encounter is whole. With free streaming some may be under way at the sample:
        ``qnu.schedules.parts`` cuts those in two.

        ``begin`` (encounters already applied) and ``taken`` (samples already taken) continue an
        earlier iteration where it stopped; the rest is the same.
        """
        limits = self.samples(times).limits
        for run in self.chunks(size, begin=begin):
            a, n = 0, len(run.first)
            while taken < len(limits) and limits[taken] <= run.start[-1]:
                b = int(np.searchsorted(run.start, limits[taken], side="left"))
                yield run.part(a, b), taken
                a, taken = b, taken + 1
            if a < n:
                yield run.part(a, n), None
        for sample in range(taken, len(limits)):
            yield nothing(), sample

    def save(self, path: str | Path) -> None:
        """Write a ``.npz`` file that :meth:`load` reads back bit for bit.

        The file is whole, or the earlier one stays. It ends with a SHA-256 of its content.

        Raises:
            QnuError: mu or matter is a callable that cannot be written down (use
                :class:`qnu.profiles.Table` or ``Exponential``); a place that cannot be written or
                has no room.
        """
        settings = self.settings() | {"recipe": self.source.recipe}
        _files.write(path, self.rows, settings, self.wiring)

    @classmethod
    def load(cls, path: str | Path) -> EncounterSchedule:
        """Read what :meth:`save` wrote.

        A file with the SHA-256 of :meth:`save` is checked against it, and the schedule keeps its
        :meth:`fingerprint`. Of a file without one (of an earlier version of qnu, or written by
        another program) the fingerprint is that of the rows it holds.

        Raises:
            QnuError: no such file, not a schedule, or one that is damaged.

        Examples:
            >>> import tempfile, pathlib
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     s.save(pathlib.Path(folder) / "s.npz")
            ...     EncounterSchedule.load(pathlib.Path(folder) / "s.npz") == s
            True
        """
        parts, settings = _files.read(path)
        recipe = settings.pop("recipe", None)
        try:
            schedule = cls(**parts, **settings)
        except TypeError:  # columns or settings that no schedule has
            raise _files.not_written(path) from None
        schedule.source.recipe = recipe
        return schedule
