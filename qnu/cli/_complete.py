"""What the Tab key offers: experiments, machines and jobs. Fast: no physics, nothing compiled."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from .. import catalogue

#: A word and what it stands for, which zsh, fish and PowerShell show beside it.
Offer = tuple[str, str]

#: Providers that hold the state themselves: nothing is compiled for them, nothing is submitted.
_SIMULATORS = ("aer", "qnu")
_MOST_JOBS = 200
#: As ``PROBLEMS`` in ``quantum/circuits/problems.py``, which cannot be imported without Qiskit.
_KINDS = ("tournament", "tournament_line", "stochastic", "random_pairs", "native", "plane_wave")
#: As in ``quantum/jobs/records.py``, which cannot be imported without Qiskit.
_ENDED = ("fetched", "failed", "cancelled")


def _no_failure(offers: Callable[..., Iterator[Offer]]) -> Callable[..., list[Offer]]:
    """Nothing to offer is no error: a traceback would land in the line that is being typed."""

    @functools.wraps(offers)
    def safe(ctx: typer.Context, incomplete: str) -> list[Offer]:
        with contextlib.suppress(Exception):
            return list(offers(ctx, incomplete))
        return []

    return safe


@_no_failure
def experiments(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Names of the catalogue, and TOML files."""
    del ctx
    yield from _catalogue("circuits", incomplete)
    yield from _toml_files(incomplete)


@_no_failure
def catalogue_experiments(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Names of the catalogue."""
    del ctx
    yield from _catalogue("circuits", incomplete)


@_no_failure
def everything(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Names of experiments, sweeps and machines, and TOML files."""
    del ctx
    for kind in ("circuits", "circuits/sweeps", "hardware_configs"):
        yield from _catalogue(kind, incomplete)
    yield from _toml_files(incomplete)


@_no_failure
def sweeps(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Names of sweeps and experiments of the catalogue, and TOML files."""
    del ctx
    yield from _catalogue("circuits/sweeps", incomplete)
    yield from _catalogue("circuits", incomplete)
    yield from _toml_files(incomplete)


@_no_failure
def devices(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Machines that circuits are compiled for, and TOML files."""
    del ctx
    yield from _machines(incomplete, _SIMULATORS)


@_no_failure
def machines(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """All machines, and TOML files."""
    del ctx
    yield from _machines(incomplete)


@_no_failure
def benchmarks(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """What can stand after the last comma: kinds of circuits, and names of the catalogue."""
    del ctx
    head, comma, tail = incomplete.rpartition(",")
    for kind in _KINDS:
        if kind.startswith(tail):
            yield f"{head}{comma}{kind}", "a kind of circuits, in every size"
    for name, text in _catalogue("circuits", tail):
        yield f"{head}{comma}{name}", text


@_no_failure
def circuit_labels(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Labels of the circuits of the experiment that stands in the line."""
    from ..common import toml

    # an option without its value ends the reading of the line: the rest is in ctx.args
    path = catalogue.find_experiment(str(ctx.params["spec"] or ctx.args[0]))
    for method in toml.loads(toml.read_text(path))["method"]:
        label = str(method.get("label", method["kind"]))
        if method["kind"] == "circuit" and label.startswith(incomplete):
            yield label, "circuit"


@_no_failure
def jobs(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Ids of all recorded jobs."""
    del ctx
    yield from _jobs(incomplete, lambda state: True)


@_no_failure
def jobs_to_fetch(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Ids of jobs that have or may get a result."""
    del ctx
    yield from _jobs(incomplete, lambda state: state not in ("failed", "cancelled"))


@_no_failure
def jobs_to_cancel(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Ids of jobs that have not ended."""
    del ctx
    yield from _jobs(incomplete, lambda state: state not in _ENDED)


@_no_failure
def jobs_to_resume(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    """Ids of jobs that are not known to have been sent."""
    del ctx
    yield from _jobs(incomplete, lambda state: state == "intended")


def _catalogue(kind: str, incomplete: str, without: tuple[str, ...] = ()) -> Iterator[Offer]:
    from ..common import toml

    for path in sorted(catalogue.folder(kind).glob("*.toml")):
        if path.stem.startswith(incomplete):
            if without and toml.loads(toml.read_text(path)).get("provider") in without:
                continue
            yield path.stem, catalogue.description(path)


def _machines(incomplete: str, without: tuple[str, ...] = ()) -> Iterator[Offer]:
    """Those of the catalogue but for some providers, and TOML files; fake backends by class."""
    yield from _catalogue("hardware_configs", incomplete, without)
    if incomplete.startswith("Fake"):  # there are too many to be offered to an empty word
        yield from _snapshots(incomplete)
    yield from _toml_files(incomplete)


def _snapshots(incomplete: str) -> Iterator[Offer]:
    """Fake backends of qiskit-ibm-runtime."""
    from ..common import snapshots, toml

    for name in snapshots.names():
        if name.startswith(incomplete):
            yield name, str(toml.loads(snapshots.config(name))["description"])


def _toml_files(incomplete: str) -> Iterator[Offer]:
    """TOML files of the folder that has been typed, and of folders whose name has been begun.

    A folder itself is never offered: shells would put a space behind it.
    """
    head, tail = os.path.split(incomplete)
    folder = Path(head).expanduser()
    for entry in sorted(folder.iterdir()):
        if not entry.name.startswith(tail) or (entry.name.startswith(".") and not tail):
            continue
        shown = os.path.join(head, entry.name)
        if entry.suffix == ".toml" and entry.is_file():
            yield shown, "file"
        elif tail and entry.is_dir():
            for file in sorted(entry.glob("*.toml")):
                yield os.path.join(shown, file.name), "file"


def _jobs(incomplete: str, wanted: Callable[[str], bool]) -> Iterator[Offer]:
    """From the store as it stands on the disk; it is not made, upgraded or locked."""
    import sqlite3

    from ..common.home import jobs_file

    place = f"{jobs_file().as_uri()}?mode=ro"
    # ids of requests have a dot; a store of an earlier version has no column ``parent`` yet
    with contextlib.closing(sqlite3.connect(place, uri=True)) as db:
        rows = db.execute(
            "SELECT id, name, label, backend, state FROM jobs"
            " WHERE substr(id, 1, length(:begun)) = :begun AND instr(id, '.') = 0"
            " ORDER BY created DESC LIMIT :most",
            {"begun": incomplete, "most": _MOST_JOBS},
        )
        newest = db.execute(
            "SELECT state FROM jobs WHERE instr(id, '.') = 0"
            " ORDER BY created DESC, rowid DESC LIMIT 1"
        ).fetchone()
        if newest is not None and wanted(str(newest[0])) and "last".startswith(incomplete):
            yield "last", "the newest job"
        for job, name, label, backend, state in rows:
            if wanted(str(state)):
                yield str(job), f"{name}, {label} on {backend}, {state}"


def prepare() -> None:
    """What the shell hands over, put right before the command line library reads it.

    bash makes three words of ``--hardware=fake_t``; the help beside a word must stay on its line.
    """
    os.environ["COLUMNS"] = "1000"
    words, number = os.environ.get("COMP_WORDS", "").split("\n"), os.environ.get("COMP_CWORD", "")
    if len(words) > 1 and number.isdecimal():
        before = words[1 : int(number)].count("=")
        left = [word for k, word in enumerate(words) if word != "=" or k == int(number)]
        os.environ |= {"COMP_WORDS": "\n".join(left), "COMP_CWORD": str(int(number) - before)}
