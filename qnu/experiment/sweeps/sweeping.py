"""A whole sweep: what is there, what is missing, run it, put it together."""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common import netcdf
from ...common.checks import integer
from ...common.progress import Progress, bar, no_progress, report
from ...errors import QnuWarning
from ..loading import Experiment, load
from . import clusters, dataset, engine, plan
from . import point as points
from .known import Known, Part
from .place import FILE, place
from .plan import Plan
from .records import Records
from .work import Outcome, Piece

if TYPE_CHECKING:
    import xarray as xr


_NUMBER = re.compile(r"[-+]?\d[\d.]*(e[-+]?\d+)?")


@dataclass(frozen=True, eq=False)
class Where:
    """Where a sweep runs.

    Args:
        client: a ``distributed.Client``.
        scheduler: the address of a scheduler of Dask.
        workers: processes on this machine, where neither is given; None: one per core.
    """

    client: Any = None
    scheduler: str | None = None
    workers: int | None = None

    def share(self) -> int | None:
        """Bytes of memory for one worker; None: not known yet."""
        if self.client is not None:
            return clusters.smallest_limit(self.client)
        if self.scheduler is not None:
            return None
        return clusters.share_of(self._count())

    def _count(self) -> int:
        if self.workers is None:
            return clusters.cores()
        return integer("workers", self.workers, low=1)

    def local(self, histories: int) -> int | None:
        """Processes on this machine, no more than histories; None: the workers are elsewhere."""
        if self.client is not None or self.scheduler is not None:
            return None
        return min(self._count(), histories)

    def pool(
        self, workers: int | None, share: int | None
    ) -> contextlib.AbstractContextManager[engine.Pool]:
        """The workers, as a context."""
        if self.client is not None:
            return contextlib.nullcontext(clusters.given(self.client))
        if self.scheduler is not None:
            return clusters.remote(self.scheduler)
        assert workers is not None
        if workers == 1:
            return contextlib.nullcontext(engine.Here())
        return clusters.local(workers, share)


@dataclass(frozen=True, eq=False)
class Show:
    """What tells how far a sweep is.

    Args:
        progress: takes the fraction done.
        say: takes a line, such as a warning of a point.
        begin: takes the plan, how many histories were there, and how many are missing.
    """

    progress: Callable[[float], None] = no_progress
    say: Callable[[str], None] = lambda line: None
    begin: Callable[[Plan, int, int], None] = lambda made, kept, missing: None


@dataclass(frozen=True, eq=False)
class Status:
    """How a sweep ended.

    Args:
        plan: what it is about.
        computed: histories that were computed now.
        kept: histories that were there before.
        failures: the first one of every point that has one.
        seconds: that all workers took together for what was computed now.
        folder: where the records are; None: in memory.
    """

    plan: Plan
    computed: int
    kept: int
    failures: Mapping[int, str]
    seconds: float
    folder: Path | None


def sweep(
    experiment: Experiment | str | Path,
    values: Mapping[str, Any] | None = None,
    *,
    seeds: int | None = None,
    seed: int | None = None,
    client: Any = None,
    workers: int | None = None,
    output: str | Path | None = None,
    retry_failed: bool = False,
    progress: Progress = None,
) -> xr.Dataset:
    r"""An experiment on a grid of parameters: raw values by seed, means and standard errors
    :math:`s/\sqrt n` over n seeds.

    Every point runs the methods of the experiment with the same seeds, so that differences between
    points and between methods are paired. Points run on all cores, or on the cluster of ``client``.
    With ``output``, what has been computed is kept in records that are whole whenever the process
    is killed, and the same call computes only what is missing.

    Args:
        experiment: or a name of the catalogue, or a path.
        values: what keys of the file take, such as ``{"schedule.gamma": [0.01, 0.1]}``: a list, an
            array, a text as on the command line (``"logspace(-3, -1, 9)"``, or an expression of
            other keys); they replace or add to those of the ``[sweep]`` table of the file. A single
            value is set and has no dimension.
        seeds: how many histories, instead of the number in the file.
        seed: the first seed, instead of the one in the file.
        client: a ``distributed.Client``; default: processes on this machine.
        workers: how many processes; default: one per core. 1: in this process.
        output: a folder for records and the dataset, ``sweep.nc``.
        retry_failed: True: histories that failed before are tried again.
        progress: True for a bar, or a function called with the fraction done.

    Returns:
        ``polarization (keys..., method, seed, time, group, axis)``, ``length``, ``entropy``,
        ``neutrino_length (keys..., method, seed, time, group)`` and requested observables, each
        also as ``..._mean`` and ``..._standard_error`` without the dimension ``seed``;
        ``sample_time``, ``final_time``, ``encounters``, ``failed`` and more by point.

    Raises:
        QnuError: an unknown key, a value that no file may have, a point that does not fit into the
            memory of a worker, a folder that cannot be written: then nothing runs. Points that
            fail are a warning, and have NaN.

    Examples:
        >>> data = sweep("tournament_4", {"schedule.gamma": [0.1, 0.2]}, workers=1)
        >>> data["length_mean"].sel({"schedule.gamma": 0.2, "method": "independent"}).dims
        ('time', 'group')
    """
    said: list[str] = []
    with _bar(progress) as shown:
        data, status = run(
            experiment,
            values,
            seeds=seeds,
            seed=seed,
            where=Where(client, None, workers),
            output=output,
            retry_failed=retry_failed,
            show=Show(shown, said.append),
        )
    for line in said:
        warnings.warn(QnuWarning(line), stacklevel=2)
    if status.failures:
        number, text = next(iter(status.failures.items()))
        where = points.described(status.plan.grid.values_at(number))
        some = f"{len(status.failures)} of {len(status.plan.grid)} points failed"
        warnings.warn(QnuWarning(f"{some}; the first ({where}): {text}"), stacklevel=2)
    assert data is not None
    return data


@contextlib.contextmanager
def _bar(progress: Progress) -> Iterator[Callable[[float], None]]:
    if progress is True:
        with bar("sweep") as show:
            yield show
    elif progress is None or progress is False:
        yield no_progress
    else:
        yield lambda fraction: report(progress, fraction)


def run(
    experiment: Experiment | str | Path,
    values: Mapping[str, Any] | None = None,
    *,
    seeds: int | None = None,
    seed: int | None = None,
    where: Where | None = None,
    output: str | Path | None = None,
    part: Part | None = None,
    retry_failed: bool = False,
    show: Show | None = None,
) -> tuple[xr.Dataset | None, Status]:
    """As :func:`sweep`, with what the command line tells about it; a part gives no dataset."""
    where, show = where or Where(), show or Show()
    if not isinstance(experiment, Experiment):
        experiment = load(experiment)
    with contextlib.ExitStack() as opened:
        share = where.share()
        made = plan.make(experiment, values, seed, seeds, share)
        folder = opened.enter_context(place(output, made, part, show.say))
        records = Records(None if folder is None else folder / "records", show.say)
        if part is None:
            records.clear_leftovers()
        known = Known(made, records, retry_failed)
        pieces = known.missing(part)
        show.begin(made, known.kept, sum(len(piece.seeds) for piece in pieces))
        keeper = _Keeper(records, known, show)
        _run(where, share, pieces, made, keeper, show)
        keeper.end()
        data = None
        if part is None:
            data = dataset.consolidated(made.frame, records.sheets())
            if folder is not None:
                netcdf.save(data, folder / FILE)
        failures = known.failed_points()
        status = Status(made, keeper.histories, known.kept, failures, keeper.seconds, folder)
    return data, status


def _run(
    where: Where,
    share: int | None,
    pieces: Sequence[Piece],
    made: Plan,
    keeper: _Keeper,
    show: Show,
) -> None:
    """All pieces: here, or on processes or a cluster."""
    total = sum(len(piece.seeds) for piece in pieces)
    queue = engine.Queue(pieces, json.dumps(made.data), made.inputs)
    sizes = engine.Sizes()
    counter = engine.Counter(total, keeper.take, show.progress)
    workers = where.local(total)
    first = None
    if workers is not None and workers > 1:
        first = engine.FirstHere(queue, sizes, counter, workers)
        first.run()
    if queue:
        with where.pool(workers, share) as pool:
            engine.run(pool, queue, sizes, counter)
    if first is not None:
        first.end()
        engine.run(engine.Here(), queue, sizes, counter)


class _Keeper:
    """Keeps records, and counts."""

    def __init__(self, records: Records, known: Known, show: Show) -> None:
        self._records, self._known, self._show = records, known, show
        self._said: dict[str, list[str]] = {}
        self.histories, self.seconds = 0, 0.0

    def take(self, outcome: Outcome) -> None:
        """A record that came from a worker."""
        self._records.add(outcome.name, outcome.content)
        self._known.take(outcome)
        self.histories += outcome.histories
        self.seconds += outcome.seconds
        for line in outcome.warnings:
            self._said.setdefault(_NUMBER.sub("#", line), []).append(line)

    def end(self) -> None:
        """Warnings that differ only in their numbers are said once."""
        for lines in self._said.values():
            others = len(set(lines)) - 1
            more = f" (and {others} more that differ in their numbers)" if others else ""
            self._show.say(lines[0] + more)
