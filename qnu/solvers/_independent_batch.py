"""Many histories of the independent model: one thread for each that is under way."""

from __future__ import annotations

import itertools
import operator
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar, Literal

from numpy.typing import ArrayLike

from ..common.checks import integer
from ..common.jit import get_num_threads
from ..common.progress import Progress, ProgressFunction, report, with_bar
from ..gas import NeutrinoGas
from ..methods import History, LineStyle, Method
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from .independent import independent


class _StoppedError(Exception):
    """The caller wants no more histories."""


@with_bar
def independent_histories(
    gases: Iterable[NeutrinoGas],
    schedules: Iterable[EncounterSchedule],
    times: ArrayLike | None = None,
    progress: Progress = None,
    *,
    threads: int | None = None,
) -> list[Trajectory]:
    r"""History k is what ``independent(gases[k], schedules[k], times)`` gives, to the last bit.

    .. math:: \rho_1\otimes\rho_2 \to U\,(\rho_1\otimes\rho_2)\,U^\dagger

    The compiled loops hold no lock of the interpreter, so histories run beside each other; each is
    the work of one thread, and so nothing depends on how many threads there are.

    Args:
        gases: one per history; any iterable, asked for the next one when a thread is free.
        schedules: as many.
        times: sample times in 1/mu, of all histories; default: initial and final state.
        progress: True for a bar with the time left, or a function called with the fraction done
            (from any thread, never from two at a time).
        threads: histories under way at a time, at most; default: numba's number of threads.

    Returns:
        one Trajectory per history, in order.

    Raises:
        QnuError: as :func:`qnu.solvers.independent`, of the first history that cannot be run; the
            others are stopped.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gases = [qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.0, 0.0])] * 3
        >>> draw = qnu.schedules.random_pairs
        >>> drawn = [draw(gas, 0.1, 20, seed=k) for k, gas in enumerate(gases)]
        >>> [len(run.polarization) for run in independent_histories(gases, drawn)]
        [2, 2, 2]
    """
    return list(iterate_histories(gases, schedules, times, progress, threads=threads))


def iterate_histories(
    gases: Iterable[NeutrinoGas],
    schedules: Iterable[EncounterSchedule],
    times: ArrayLike | None = None,
    progress: Progress = None,
    *,
    threads: int | None = None,
) -> Iterator[Trajectory]:
    """The histories of :func:`independent_histories` one after the other, in order.

    Memory: at most ``2 threads`` histories are under way, about to begin, or wait to be taken.
    """
    most = get_num_threads() if threads is None else integer("threads", threads, low=1)
    total = operator.length_hint(gases, 0) or operator.length_hint(schedules, 0)
    tracker = _Tracker(progress, total)
    pairs = zip(gases, schedules, strict=True)
    if most == 1 or total == 1:
        for number, (gas, schedule) in enumerate(pairs):
            yield independent(gas, schedule, times, progress=tracker.of(number))
        return
    under_way: deque[Future[Trajectory]] = deque()
    numbers = itertools.count()
    pool = ThreadPoolExecutor(most, thread_name_prefix="qnu-history")

    def begin() -> None:
        """The next history, where there is one."""
        for gas, schedule in itertools.islice(pairs, 1):
            shown = tracker.of(next(numbers))
            under_way.append(pool.submit(independent, gas, schedule, times, progress=shown))

    try:
        for _ in range(2 * most):  # no thread waits for the history of another one
            begin()
        while under_way:
            finished = under_way[0].result()
            under_way.popleft()
            begin()
            yield finished
            del finished
    finally:  # after an error, Ctrl-C, or where no more are taken
        tracker.stopped = True
        pool.shutdown(wait=True, cancel_futures=True)


class _Tracker:
    """The fraction done of all histories together; stops those that are under way."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.stopped = progress, total, False
        self._done: dict[int, float] = {}
        self._lock = threading.Lock()

    def of(self, number: int) -> ProgressFunction:
        """What one history reports to."""

        def update(fraction: float) -> None:
            if self.stopped:
                raise _StoppedError
            if not callable(self.progress):
                return
            with self._lock:
                self._done[number] = fraction
                report(self.progress, sum(self._done.values()) / max(self.total, len(self._done)))

        return update


class IndependentMethod(Method):
    """One density matrix each (:func:`qnu.solvers.independent`)."""

    kind: Literal["independent"]

    solve = staticmethod(independent)
    line_style: ClassVar[LineStyle] = LineStyle("independent", width=2.4, pale=0.4, order=2.5)
    takes_mixed: ClassVar[bool] = True

    def run_histories(
        self, histories: Iterable[History], progress: ProgressFunction | None = None
    ) -> Iterator[Trajectory]:
        """As many beside each other as there are threads."""
        del progress  # of a single history there is none: several run at a time
        first, rest = itertools.tee(histories)
        start = next(first, None)
        del first  # else all histories would be kept for it
        if start is None:
            return iter(())
        gases, schedules = itertools.tee(rest)
        return iterate_histories(
            (given.gas for given in gases),
            (given.schedule for given in schedules),
            start.prepared.times,
        )
