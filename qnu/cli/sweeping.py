"""``qnu sweep``: an experiment on a grid of parameters."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from ._frame import (
    FAILED,
    Terminated,
    checking,
    echo,
    fail_stopped,
    progress,
    show_path,
    warnings_at_the_end,
    whole_number,
    wrapped,
)
from ._options import Seed, Seeds, Spec
from .experiments import default_output, show_premises

if TYPE_CHECKING:
    import xarray as xr

    from ..experiment.sweeps.plan import Plan
    from ..experiment.sweeps.sweeping import Status

#: Failed points that are listed one by one.
_MOST_LISTED = 20


_Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUES",
        help="Values of a key: 0.1,0.2 or logspace(-3,-1,9), linspace(0,1,11), range(4,21,2),"
        " or computed from other keys: 5/schedule.gamma. Any number of times.",
    ),
]
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="Folder of the sweep; default: results/<file name>-sweep.",
    ),
]
_Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786.",
    ),
]
_Workers = Annotated[
    str | None,
    typer.Option("--workers", metavar="N", help="Processes here; default: one per core."),
]
_Part = Annotated[
    str | None,
    typer.Option(
        "--part",
        metavar="I/N",
        help="Compute only share I of N, for array jobs; afterwards, the same command without"
        " --part puts all together.",
    ),
]
_RetryFailed = Annotated[
    bool,
    typer.Option("--retry-failed", metavar="", help="Try again what failed before."),
]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="No progress, no summary.")]


def sweep(
    spec: Spec,
    values: _Values = None,
    seeds: Seeds = None,
    seed: Seed = None,
    output: _Output = None,
    scheduler: _Scheduler = None,
    workers: _Workers = None,
    part: _Part = None,
    retry_failed: _RetryFailed = False,
    quiet: _Quiet = False,
) -> None:
    """Run an experiment on a grid of parameters, on all cores or on a cluster.

    Keys name any field of the file: schedule.gamma, group.NAME.omega,
    method.LABEL.samples, ... The table `sweep` of the file has the defaults.
    Every combination of the values is a point, and every point has the same
    seeds. The folder has sweep.nc: values by seed, means and standard errors.

    The same command again computes only what is missing, also after it was
    stopped or killed. Points that fail are listed, and the exit code is 1.
    """
    from .. import catalogue
    from ..experiment.sweeps import sweeping

    where = sweeping.Where(None, scheduler, whole_number("--workers", workers))
    if scheduler is not None and workers is not None:
        raise QnuError("--workers", workers, "only without --scheduler, which has its own")
    given = _given(values or [])
    share = _part(part)
    place = output
    if place is None:
        place = default_output(catalogue.find_experiment(spec), "-sweep")
    started = time.monotonic()
    with warnings_at_the_end(), _going_on(place), contextlib.ExitStack() as opened:
        shown = _Shown(spec, quiet, opened)
        data, status = sweeping.run(
            spec,
            given,
            seeds=whole_number("--seeds", seeds),
            seed=whole_number("--seed", seed),
            where=where,
            output=place,
            part=share,
            retry_failed=retry_failed,
            show=sweeping.Show(shown.progress, shown.say, shown.begin),
        )
    _list_failures(status)
    if not quiet:
        _tell(status, data, time.monotonic() - started)
    if status.failures:
        raise typer.Exit(FAILED)


class _Shown:
    """A spinner while the points are checked, then a bar with the time left; in a pipe nothing."""

    def __init__(self, spec: str, quiet: bool, opened: contextlib.ExitStack) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._opened = opened
        self._advance: Any = lambda fraction: None
        self._spinner = contextlib.ExitStack()
        opened.enter_context(self._spinner)
        self._spinner.enter_context(checking(spec, self._quiet))

    def begin(self, made: Plan, kept: int, missing: int) -> None:
        """The bar, where there is something to compute."""
        self._spinner.close()
        if not missing:
            return
        name = f"{missing} histories"
        stage = self._opened.enter_context(progress([name], self._quiet))
        self._advance = self._opened.enter_context(stage(name))
        self._advance(0.0)

    def progress(self, fraction: float) -> None:
        """How far it is."""
        self._advance(fraction)

    def say(self, line: str) -> None:
        """A warning of a point, at the end."""
        import warnings

        from ..errors import QnuWarning

        warnings.warn(QnuWarning(line), stacklevel=2)


def _given(values: list[str]) -> dict[str, str]:
    """Values by key."""
    found: dict[str, str] = {}
    for text in values:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals or not key or not rest.strip():
            raise QnuError("--set", text, "KEY=VALUES, such as schedule.gamma=0.1,0.2")
        if key in found:
            raise QnuError("--set", text, f"every key once ({key} is there already)")
        found[key] = rest
    return found


def _part(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise QnuError("--part", text, "I/N with whole numbers, 1 <= I <= N, such as 3/40")
    return int(match[1]), int(match[2])


@contextlib.contextmanager
def _going_on(place: Path) -> Iterator[None]:
    """Tells what a sweep that is stopped leaves, and how to go on."""
    try:
        yield
    except (KeyboardInterrupt, Terminated) as order:
        left = "nothing was written"
        if any((place / "records").glob("*.record")):
            left = f"what was computed is in {place}: the same command goes on from it"
        fail_stopped(order, left)


def _list_failures(status: Status) -> None:
    from ..experiment.sweeps import point

    grid = status.plan.grid
    for number, text in list(status.failures.items())[:_MOST_LISTED]:
        where = point.described(grid.values_at(number)) or "the only point"
        echo(f"qnu: failed: {where}: {text}", error=True)
    more = len(status.failures) - _MOST_LISTED
    if more > 0:
        echo(f"qnu: failed: {more} more points (attribute `failures` of sweep.nc)", error=True)
    if status.failures:
        echo("qnu: the same command with --retry-failed tries them again", error=True)


def _tell(status: Status, data: xr.Dataset | None, seconds: float) -> None:
    frame = status.plan.frame
    sizes = " x ".join(map(str, status.plan.grid.shape)) or "1"
    seeds = f"{len(frame.seeds)} seeds" if len(frame.seeds) > 1 else "1 seed"
    text = (
        f"{sizes} points, {seeds}: {status.computed} histories computed now, {status.kept} there"
        f" before, {len(status.failures)} points failed; {seconds:.3g} s"
    )
    for line in wrapped("", text, "  "):
        echo(line)
    assert status.folder is not None
    if data is None:
        show_path("Records", status.folder / "records")
        echo("Next: after all parts, the same command without --part")
        return
    _premises(status, data)
    show_path("Results", status.folder / "sweep.nc")
    echo(f"Next: qnu plot {_short(status.folder)}")


def _premises(status: Status, data: xr.Dataset) -> None:
    """Premises that fail at the point where pairs meet most often."""
    import numpy as np

    from ..experiment.loading import built
    from ..experiment.sweeps import plan, point

    often = data["meetings_per_pair"].values.ravel()
    if np.isnan(often).all():
        return
    number = int(np.nanargmax(often))
    sets = status.plan.grid.values_at(number)
    seeds = status.plan.frame.seeds
    given = status.plan
    table = plan.specification(given.data, dict(given.changes(number)), given.inputs)
    made = built(table.model_copy(update={"seed": seeds[0], "seeds": len(seeds)}))
    found = [one for one in made.premises() if not one.holds]
    if found and sets:
        echo(f"Where pairs meet most often ({point.described(sets)}):")
    show_premises(found, always=())


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
