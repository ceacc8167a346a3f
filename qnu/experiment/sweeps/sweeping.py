"""A whole sweep: what is there, what is missing, run it, put it together."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common import netcdf, writing
from ...common.checks import integer, user_path
from ...common.progress import Progress, no_progress, report
from ...errors import QnuError, QnuWarning
from ..loading import Experiment, load
from . import dataset, engine, plan
from . import point as points
from .plan import Plan
from .records import Records
from .work import Outcome, Piece

if TYPE_CHECKING:
    import xarray as xr

#: What every folder of a sweep has.
MARKER = "sweep.json"
FILE = "sweep.nc"
_FORMAT = "qnu sweep 1"
#: Seeds of a point that are sent at once, at most.
_MOST_FAILURES = 5


@dataclass(frozen=True, eq=False)
class Outlook:
    """A sweep as far as it is.

    Args:
        plan: what it is about.
        points: of the grid.
        computed: histories that were computed now.
        kept: histories that were there before.
        missing: histories that are not there.
        failures: by point: the text of the first one.
        seconds: of all workers together, for what was computed now.
        folder: where the records are; None: in memory.
    """

    plan: Plan
    computed: int
    kept: int
    missing: int
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
        >>> data["length_mean"].sel({"schedule.gamma": 0.2}, method="independent").dims
        ('time', 'group')
    """
    shown = _bar(progress)
    said: list[str] = []
    with shown as show:
        data, outlook = run(
            experiment,
            values,
            seeds=seeds,
            seed=seed,
            client=client,
            workers=workers,
            output=output,
            retry_failed=retry_failed,
            progress=show,
            say=said.append,
        )
    for line in said:
        warnings.warn(QnuWarning(line), stacklevel=2)
    if outlook.failures:
        number, text = next(iter(outlook.failures.items()))
        where = points.described(outlook.plan.grid.values_at(number))
        some = f"{len(outlook.failures)} of {len(outlook.plan.grid)} points failed"
        warnings.warn(QnuWarning(f"{some}; the first ({where}): {text}"), stacklevel=2)
    assert data is not None
    return data


@contextlib.contextmanager
def _bar(progress: Progress) -> Iterator[Callable[[float], None]]:
    from ...common.progress import bar

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
    client: Any = None,
    scheduler: str | None = None,
    workers: int | None = None,
    output: str | Path | None = None,
    part: tuple[int, int] | None = None,
    retry_failed: bool = False,
    progress: Callable[[float], None] = no_progress,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[xr.Dataset | None, Outlook]:
    """As :func:`sweep`, with what the command line tells about it; a part gives no dataset."""
    if workers is not None:
        workers = integer("workers", workers, low=1)
    if not isinstance(experiment, Experiment):
        experiment = load(experiment)
    count = workers or engine.cores()
    share = None
    if client is None and scheduler is None:
        share = engine.share_of(count)
    elif client is not None:
        share = engine.smallest_limit(client)
    made = plan.make(experiment, values, seed, seeds, share)
    with _place(output, made, part) as folder:
        records = Records(None if folder is None else folder / "records", say)
        if part is None:
            records.clear_leftovers()
        known = _Known(made, records, retry_failed)
        pieces = known.missing(part)
        kept = known.histories
        computed = [0.0, 0.0]

        def take(outcome: Outcome) -> None:
            records.add(outcome.name, outcome.content)
            computed[0] += sum(known.take(outcome))
            computed[1] += outcome.seconds
            for line in outcome.warnings:
                if line not in said:
                    said.add(line)
                    say(line)

        said: set[str] = set()
        if pieces:
            histories = sum(len(piece.seeds) for piece in pieces)
            enough = engine.workers_for(workers, histories)
            tables = json.dumps(made.data)
            with engine.pool_for(client, scheduler, enough, share or 0) as pool:
                engine.run(pool, pieces, tables, take, progress)
        missing = len(made.frame.seeds) * 0
        data = None
        if part is None:
            data = dataset.consolidated(made.frame, records.sheets())
            if folder is not None:
                netcdf.save(data, folder / FILE)
        outlook = Outlook(
            made, int(computed[0]), kept, missing, known.failed_points(), computed[1], folder
        )
    return data, outlook


class _Known:
    """What records have, and what is missing."""

    def __init__(self, made: Plan, records: Records, retry_failed: bool) -> None:
        self._plan, frame = made, made.frame
        self._numbers = frame.numbers()
        self._seeds: dict[str, set[int]] = {}
        self._fixed: set[str] = set()
        self._failures: dict[str, dict[tuple[int, str], str]] = {}
        wanted = set(frame.seeds)
        for sheet in records.sheets():
            failed: dict[int, set[int]] = {}
            for k, failure in sheet.failures:
                failed.setdefault(k, set()).add(failure.seed)
            for k, name in enumerate(sheet.points):
                if name in self._numbers:
                    good = (set(sheet.seeds) & wanted) - failed.get(k, set())
                    self._add(name, good, sheet.fixed and k not in failed)
            for k, failure in sheet.failures:
                name = sheet.points[k]
                if name in self._numbers and failure.seed in wanted:
                    texts = self._failures.setdefault(name, {})
                    texts[failure.seed, failure.method] = failure.text
        self._drop_made_good()
        if retry_failed:
            self._failures = {}
        self.histories = sum(map(len, self._seeds.values()))

    def _add(self, name: str, seeds: set[int], fixed: bool) -> None:
        self._seeds.setdefault(name, set()).update(seeds)
        if fixed:
            self._fixed.add(name)

    def _drop_made_good(self) -> None:
        """Failures that a later success has made good."""
        for name, texts in list(self._failures.items()):
            good = self._seeds.get(name, set())
            left = {key: text for key, text in texts.items() if key[0] not in good}
            if left:
                self._failures[name] = left
            else:
                del self._failures[name]

    def missing(self, part: tuple[int, int] | None) -> list[Piece]:
        """Pieces to compute, in the order of the grid; of a part, its share."""
        frame = self._plan.frame
        pieces = []
        seeds = list(frame.seeds) if frame.random else [frame.seeds[0]]
        for name, numbers in self._numbers.items():
            number = numbers[0]
            good = self._seeds.get(name, set())
            failed = {seed for seed, _ in self._failures.get(name, {})}
            left = [
                seed
                for k, seed in enumerate(seeds)
                if seed not in good and seed not in failed and self._mine(number, k, part)
            ]
            fixed = name not in self._fixed and not failed
            if fixed and not left and self._mine(number, 0, part):
                left = seeds[:1]
            if left:
                first = fixed and (part is None or self._mine(number, 0, part))
                pieces.append(Piece(name, self._plan.changes(number), tuple(left), first))
        return pieces

    def _mine(self, number: int, history: int, part: tuple[int, int] | None) -> bool:
        """Points are dealt out to the parts in turn, and histories where points are few."""
        if part is None:
            return True
        which, parts = part
        frame = self._plan.frame
        if len(frame.hashes) >= parts:
            return number % parts == which - 1
        return (number * len(frame.seeds) + history) % parts == which - 1

    def take(self, outcome: Outcome) -> list[int]:
        """Note failures; the number of histories of every point in a record."""
        from .records import unpack

        counts = []
        for sheet in unpack(outcome.content):
            counts += [len(sheet.seeds)] * len(sheet.points)
        for name, failure in outcome.failures:
            texts = self._failures.setdefault(name, {})
            texts[failure.seed, failure.method] = failure.text
        return counts

    def failed_points(self) -> dict[int, str]:
        """The first failure of every point that has one."""
        found: dict[int, str] = {}
        for name, texts in self._failures.items():
            (seed, method), text = next(iter(texts.items()))
            del method
            for number in self._numbers[name]:
                found[number] = f"{text} (seed {seed})"
        return dict(sorted(found.items()))


@contextlib.contextmanager
def _place(
    output: str | Path | None, made: Plan, part: tuple[int, int] | None
) -> Iterator[Path | None]:
    """The folder of a sweep, which no other process writes in the block."""
    if output is None:
        yield None
        return
    folder = user_path("output", output).resolve()
    marker = folder / MARKER
    if folder.exists() and not _is_sweep(folder):
        allowed = "a new folder, or one of a sweep"
        raise QnuError("output", str(output), allowed)
    try:
        (folder / "records").mkdir(parents=True, exist_ok=True)
        name = ".lock" if part is None else f".lock-{part[0]}-{part[1]}"
        try:
            lock = writing.locked(folder / name, wait=False)
        except writing.NoLocks:
            lock = None
    except writing.Busy:
        allowed = "a folder that no other sweep is writing at the same time"
        raise QnuError("output", str(output), allowed) from None
    except OSError as error:
        allowed = f"a place that can be written ({error.strerror})"
        raise QnuError("output", str(output), allowed) from None
    try:
        if not marker.exists() or part is None:
            content = {"format": _FORMAT, **made.frame.attributes}
            writing.write(marker, json.dumps(content, indent=1))
            writing.write(folder / "spec.toml", made.experiment.text)
        yield folder
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                (folder / name).unlink(missing_ok=True)
            lock.close()


def _is_sweep(folder: Path) -> bool:
    """A folder of a sweep, or an empty one."""
    if not folder.is_dir():
        return False
    if (folder / MARKER).is_file() or (folder / "records").is_dir():
        return True
    return not any(folder.iterdir())
