"""EncounterSchedule: who meets whom, when, and how strongly. Arrays, not objects."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import profiles
from ..checks import Floats, Held, floats, frozen, integer, number
from ..errors import QnuError
from ..profiles import Profile

Indices = NDArray[Any]

#: Times closer than this fraction of the final time count as equal.
TIME_TOLERANCE = 1e-10


class Encounters(NamedTuple):
    """A run of consecutive encounters: plain arrays of one length (``fresh`` may be None)."""

    first: Indices
    second: Indices
    swap_angle: Floats
    start: Floats
    duration: Floats
    fresh: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class EncounterSchedule:
    """A time-ordered list of encounters ``(first, second, swap_angle, start, duration)``.

    Encounters that share a neutrino do not commute: their order in the list is physics.

    Args:
        first: ``(n,)`` neutrino numbers.
        second: ``(n,)`` neutrino numbers, other than ``first``.
        swap_angle: ``(n,)`` theta in radians.
        start: ``(n,)`` times, never decreasing.
        duration: a number or ``(n,)``, >= 0: how long vacuum and matter act inside; 0: a kick.
        neutrinos: N.
        final_time: end of the schedule; default: the end of the last encounter.
        free_streaming: True: a neutrino oscillates whenever it is not inside an encounter.
            False: only inside encounters (back-to-back schedules); ``start`` then only orders
            encounters and labels samples, and overlaps are not checked.
        fresh: ``(n,)`` booleans: the second neutrino of encounter k is a new one in its initial
            state (on a quantum computer: a reset qubit).
        gamma, mu, probability, matter: what the schedule was made with, so that
            ``kinetic`` can be told "as this schedule". ``matter`` also acts on free streaming and
            inside encounters; its direction comes from the mixing angle of the gas.
        kind: the name of the generator.
        trotter: for plane waves, ``(steps, order)``.

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

    first: Held
    second: Held
    swap_angle: Held
    start: Held
    duration: Held
    neutrinos: int = field(kw_only=True)
    final_time: float = field(default=None, kw_only=True)  # type: ignore[assignment]  # set below
    free_streaming: bool = field(default=True, kw_only=True)
    fresh: Held = field(default=None, kw_only=True)
    gamma: float | None = field(default=None, kw_only=True)
    mu: Profile = field(default=1.0, kw_only=True)
    probability: float | None = field(default=None, kw_only=True)
    matter: Profile = field(default=0.0, kw_only=True)
    kind: str = field(default="custom", kw_only=True)
    trotter: tuple[int, int] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "neutrinos", integer("neutrinos", self.neutrinos, low=1))
        for name in ("swap_angle", "start"):
            set_(self, name, frozen(floats(name, getattr(self, name), (None,))))
        n = len(self.swap_angle)
        for name in ("first", "second"):
            set_(self, name, self._indices(name, n))
        if len(self.start) != n:
            raise QnuError("start", f"shape ({len(self.start)},)", f"shape ({n},)")
        if np.ndim(self.duration) == 0:
            value = number("duration", self.duration, low=0.0)
            set_(self, "duration", np.broadcast_to(np.float64(value), (n,)))
        else:
            set_(self, "duration", frozen(floats("duration", self.duration, (n,))))
        if self.fresh is not None:
            fresh = np.array(self.fresh)
            if fresh.shape != (n,) or fresh.dtype != bool:
                raise QnuError("fresh", self.fresh, f"booleans of shape ({n},)")
            set_(self, "fresh", frozen(fresh) if fresh.any() else None)
        end = float(np.max(self.start + self.duration)) if n else 0.0
        final = end if self.final_time is None else number("final_time", self.final_time, low=0.0)
        set_(self, "final_time", final)
        set_(self, "mu", profiles.checked("mu", self.mu))
        set_(self, "matter", profiles.checked("matter", self.matter))
        if self.gamma is not None:
            set_(self, "gamma", number("gamma", self.gamma, above=0.0))
        if self.probability is not None:
            set_(self, "probability", number("probability", self.probability, low=0.0, high=1.0))
        self._check_encounters()

    def _indices(self, name: str, n: int) -> Indices:
        value = np.asarray(getattr(self, name))
        if value.size == 0:
            value = value.astype(np.int32)
        if value.dtype.kind not in "iu":
            raise QnuError(name, value.dtype, "whole numbers")
        if value.shape != (n,):
            raise QnuError(name, f"shape {value.shape}", f"shape ({n},), as swap_angle has it")
        bad = (value < 0) | (value >= self.neutrinos)
        if bad.any():
            k = int(np.argmax(bad))
            raise QnuError(
                f"{name}[{k}]", int(value[k]), f"a neutrino from 0 to {self.neutrinos - 1}"
            )
        return frozen(value.astype(np.int32))

    def _check_encounters(self) -> None:
        n = len(self)
        if n == 0:
            return
        same = self.first == self.second
        if same.any():
            k = int(np.argmax(same))
            raise QnuError(
                f"second[{k}]",
                int(self.second[k]),
                f"a neutrino other than first[{k}] (a neutrino cannot meet itself)",
            )
        if self.start[0] < 0:
            raise QnuError("start[0]", float(self.start[0]), "a time >= 0")
        if (self.duration < 0).any():
            k = int(np.argmax(self.duration < 0))
            raise QnuError(f"duration[{k}]", float(self.duration[k]), "a time >= 0")
        back = np.diff(self.start) < 0
        if back.any():
            k = int(np.argmax(back)) + 1
            raise QnuError(
                f"start[{k}]",
                float(self.start[k]),
                f"a time >= start[{k - 1}] = {self.start[k - 1]:g} (encounters in order of time)",
            )
        if self.start[-1] > self.final_time + self.tolerance:
            raise QnuError(
                f"start[{n - 1}]", float(self.start[-1]), f"<= final_time = {self.final_time:g}"
            )
        if self.free_streaming and self.duration.any():
            self._check_overlaps()

    def _check_overlaps(self) -> None:
        from ._kernels import first_overlap

        constant = self.duration.strides == (0,)
        k, i = first_overlap(
            self.first,
            self.second,
            self.start,
            np.array(self.duration[:1]) if constant else self.duration,
            np.zeros(1, bool) if self.fresh is None else np.append(self.fresh, False),
            self.neutrinos,
            # durations and starts that were summed up in other orders differ by rounding
            max(self.tolerance, 1e-9 * float(self.duration.max())),
        )
        if k >= 0:
            met = (self.first[:k] == i) | (self.second[:k] == i)
            j = int(np.flatnonzero(met)[-1])
            raise QnuError(
                f"start[{k}]",
                float(self.start[k]),
                f">= {self.start[j] + self.duration[j]:g}, when neutrino {i} leaves encounter {j}"
                " (a neutrino is in one encounter at a time)",
            )

    def __len__(self) -> int:
        return len(self.swap_angle)

    def __repr__(self) -> str:
        gamma = "" if self.gamma is None else f", gamma = {self.gamma:g}"
        return (
            f"<EncounterSchedule {self.kind}: {len(self)} encounters of {self.neutrinos}"
            f" neutrinos to t = {self.final_time:g}{gamma}>"
        )

    @property
    def tolerance(self) -> float:
        """Times closer than this are equal."""
        return TIME_TOLERANCE * max(self.final_time, 1e-300)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EncounterSchedule):
            return NotImplemented
        arrays = ("first", "second", "swap_angle", "start", "duration")
        if any(not np.array_equal(getattr(self, a), getattr(other, a)) for a in arrays):
            return False
        if (self.fresh is None) != (other.fresh is None):
            return False
        if self.fresh is not None and not np.array_equal(self.fresh, other.fresh):
            return False
        return self._settings() == other._settings()

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def _settings(self) -> dict[str, Any]:
        names = "neutrinos final_time free_streaming gamma mu probability matter kind trotter"
        return {name: getattr(self, name) for name in names.split()}

    def fingerprint(self) -> str:
        """A hash of every encounter and setting, for provenance."""
        return self._digest

    @cached_property
    def _digest(self) -> str:  # every method of a run asks for it, and nothing here can change
        digest = hashlib.sha256()
        for encounters in self.chunks():
            for part in encounters:
                digest.update(b"" if part is None else np.ascontiguousarray(part).data)
        digest.update(repr(self._settings()).encode())
        return digest.hexdigest()

    def layer_numbers(self) -> NDArray[np.int64]:
        """``(n,)``: the round of every encounter when each is played as early as possible."""
        from ._kernels import layer_numbers

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

    def chunks(self, size: int = 1 << 18) -> Iterator[Encounters]:
        """The encounters in runs of at most ``size``, without copies."""
        for a in range(0, len(self), size):
            yield self._run(a, min(a + size, len(self)))

    def _run(self, a: int, b: int) -> Encounters:
        return Encounters(
            self.first[a:b],
            self.second[a:b],
            self.swap_angle[a:b],
            self.start[a:b],
            self.duration[a:b],
            None if self.fresh is None else self.fresh[a:b],
        )

    def sample_times(self, times: ArrayLike | None) -> tuple[Floats, NDArray[np.int64]]:
        """Checked sample times and how many encounters come before each.

        A sample at t includes every encounter that starts before t (compared with a tolerance);
        one at the final time includes all of them. Without ``times``: initial and final state.

        Raises:
            QnuError: times outside the schedule, or not increasing.

        Examples:
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2, final_time=2.0)
            >>> s.sample_times([0.0, 1.0, 1.5])[1].tolist()
            [0, 0, 1]
        """
        if times is None:
            return np.array([0.0, self.final_time]), np.array([0, len(self)])
        values = floats("times", times, (None,))
        if values.size == 0 or (np.diff(values) < 0).any():
            raise QnuError("times", values.tolist(), "at least one time, increasing")
        outside = (values < -self.tolerance) | (values > self.final_time + self.tolerance)
        if outside.any():
            k = int(np.argmax(outside))
            raise QnuError(
                f"times[{k}]",
                float(values[k]),
                f"0 to {self.final_time:g}, within the schedule",
            )
        self._check_whole_steps(values)
        counts = np.searchsorted(self.start, values - self.tolerance, side="left")
        counts[values >= self.final_time - self.tolerance] = len(self)
        return values, counts.astype(np.int64)

    def _check_whole_steps(self, values: Floats) -> None:
        """Within a step of a second-order Trotter product the state is only first order."""
        if self.trotter is None or self.trotter[1] != 2:
            return
        step = self.final_time / self.trotter[0]
        off = abs(values / step - np.round(values / step)) > 1e-6
        if off.any():
            k = int(np.argmax(off))
            raise QnuError(
                f"times[{k}]", float(values[k]), f"whole Trotter steps, multiples of {step:.6g}"
            )

    def equally_spaced(self, samples: int) -> Floats:
        """``samples`` times from 0 to the end; for plane waves of order 2 the nearest whole steps.

        Examples:
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2)
            >>> s.equally_spaced(3)
            array([0. , 0.5, 1. ])
        """
        if self.trotter is None or self.trotter[1] != 2:
            return np.linspace(0.0, self.final_time, samples)
        steps = self.trotter[0]
        whole = np.unique(np.round(np.linspace(0, steps, samples)))
        return whole * (self.final_time / steps)

    def segments(
        self, times: ArrayLike | None, size: int = 1 << 18
    ) -> Iterator[tuple[Encounters, int | None]]:
        """Runs of encounters to apply, each followed by a sample to take, or None."""
        _, counts = self.sample_times(times)
        a = 0
        for sample, b in enumerate(counts.tolist()):
            while b - a > size:
                yield self._run(a, a + size), None
                a += size
            yield self._run(a, b), sample
            a = b

    def save(self, path: str | Path) -> None:
        """Write a ``.npz`` file that :meth:`load` reads back bit for bit.

        Raises:
            QnuError: mu or matter is a callable that cannot be written down (use
                :class:`qnu.profiles.Table` or ``Exponential``).
        """
        settings = self._settings() | {
            name: profiles.as_json(name, getattr(self, name)) for name in ("mu", "matter")
        }
        arrays: dict[str, Any] = {
            name: getattr(self, name) for name in ("first", "second", "swap_angle", "start")
        }
        constant = self.duration.strides == (0,) and len(self) > 0
        arrays["duration"] = self.duration[0] if constant else np.ascontiguousarray(self.duration)
        if self.fresh is not None:
            arrays["fresh"] = self.fresh
        with open(path, "wb") as file:
            np.savez_compressed(file, settings=np.array(json.dumps(settings)), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> EncounterSchedule:
        """Read what :meth:`save` wrote.

        Raises:
            QnuError: no such file, or not a schedule.

        Examples:
            >>> import tempfile, pathlib
            >>> s = EncounterSchedule([0], [1], [0.3], [1.0], 0.0, neutrinos=2)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     s.save(pathlib.Path(folder) / "s.npz")
            ...     EncounterSchedule.load(pathlib.Path(folder) / "s.npz") == s
            True
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                parts = dict(file)
            settings = json.loads(str(parts.pop("settings")))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            raise QnuError("schedule file", str(path), "a .npz file written by save()") from None
        settings |= {name: profiles.from_json(settings[name]) for name in ("mu", "matter")}
        if settings["trotter"] is not None:
            settings["trotter"] = tuple(settings["trotter"])
        return cls(**parts, **settings)
