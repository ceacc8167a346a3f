"""Jobs that cannot be lost: recorded before they are sent, looked up by a tag after any crash.

``docs/how-to/jobs.md`` describes their states, and what happens after a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from ...common.deprecation import warn_renamed
from ...errors import QnuError, Words
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...trajectory import Trajectory
from ..machines import Machine
from ..machines.faults import ServiceError
from ..machines.service import Service, Status, Work
from .drafts import Draft, PlannedJob, draft, planned
from .records import Intent, Record
from .runner import JobRunner, NotDoneError
from .store import Store

__all__ = [
    "Draft",
    "Intent",
    "JobRunner",
    "NotDoneError",
    "PlannedJob",
    "Record",
    "Service",
    "ServiceError",
    "Status",
    "Store",
    "Work",
    "cancel",
    "draft",
    "fetch",
    "planned",
    "recorded",
    "resume",
    "send",
    "status",
    "submit",
]


def send(work: Draft, store: Store | None = None) -> Record:
    """Records a draft, sends it to its machine, and records the machine's id of the job.

    Args:
        work: from :func:`draft`.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: a draft for a device that stands in for lack of an account (a dry run).
        ServiceError: it was not sent, or this is not known; :func:`resume` finishes it.

    Examples:
        >>> import qnu, tempfile
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(Path(folder))
        ...     work = draft(gas, schedule, "fake_torino", shots=100, seed=1, folder=folder)
        ...     job = send(work, store)
        ...     fetch(job.id, store=store).polarization.shape, status(job.id, store).state
        ((2, 2, 3), 'fetched')
    """
    if work.note:
        raise QnuError("draft", Words(f"one of a dry run ({work.note})"), "one for the machine")
    return JobRunner(store).send(work.intent)


def submit(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    hardware: str | Path | Machine,
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
    seed: int | None = None,
    *,
    name: str = "run",
    folder: str | Path = ".",
    store: Store | None = None,
) -> Record:
    """Sends the circuits of :func:`qnu.quantum.run` to a machine: :func:`draft`, then :func:`send`.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        hardware: an IBM device, a fake one, or simulated ions.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: that of the config.
        observables: ``entropy``, ``purity``.
        seed: of shots and twirling on a simulated device.
        name: names the Trajectory's file.
        folder: where the Trajectory will be written.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: as :func:`draft`.
        ServiceError: as :func:`send`.

    Examples:
        >>> import qnu, tempfile
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     submit(gas, schedule, "fake_torino", shots=9, store=Store(Path(folder))).state
        'sent'
    """
    work = draft(gas, schedule, hardware, times, shots, observables, seed, name=name, folder=folder)
    return send(work, store)


def resume(job: str, store: Store | None = None) -> Record:
    """Sends a recorded job, unless the service already has it.

    Args:
        job: its id, the beginning of it, or ``"last"``.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: no such job.
        ServiceError: the service cannot be reached, or refuses.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     resume("0badc0de", Store(Path(folder)))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: job: got '0badc0de'; allowed: an id from `qnu jobs`
    """
    runner = JobRunner(store)
    return runner.deliver(runner.store.find(job).id)


def recorded(store: Store | None = None) -> list[Record]:
    """All jobs of a store, the oldest first, in their recorded states.

    Args:
        store: default: the one in ``$QNU_HOME``.

    Returns:
        the jobs.

    Raises:
        QnuError: a store that cannot be read.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     recorded(Store(Path(folder)))
        []
    """
    return JobRunner(store).store.all()


def status(job: str, store: Store | None = None) -> Record:
    """The state of a job; one whose submission was interrupted is looked up by its tag.

    Args:
        job: its id, the beginning of it, or ``"last"``.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: no such job.
        ServiceError: the service cannot be reached.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:        # of a job: see send
        ...     status("375a", Store(Path(folder)))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: job: got '375a'; allowed: an id from `qnu jobs`
    """
    return JobRunner(store).status(job)


def fetch(job: str, output: str | Path | None = None, store: Store | None = None) -> Trajectory:
    """The Trajectory of a finished job, written to disk the first time and read from there later.

    Args:
        job: its id, the beginning of it, or ``"last"``.
        output: the file; default: ``<name>.<label>.<id>.nc`` in the folder given with the job.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: no such job, not done yet, failed, cancelled, a file of something else.
        ServiceError: the service cannot be reached.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:        # of a job: see send
        ...     fetch("375a", store=Store(Path(folder)))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: job: got '375a'; allowed: an id from `qnu jobs`
    """
    path = JobRunner(store).fetch(job, None if output is None else Path(output))
    return Trajectory.load(path)


def cancel(job: str, store: Store | None = None) -> Record:
    """Cancels a job at its service; one that is not listed there is only marked.

    Args:
        job: its id, the beginning of it, or ``"last"``.
        store: default: the one in ``$QNU_HOME``.

    Raises:
        QnuError: no such job, or one that has ended.
        ServiceError: the service cannot be reached.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     cancel("", Store(Path(folder)))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: job: got ''; allowed: an id from `qnu jobs`
    """
    return JobRunner(store).cancel(job)


def __getattr__(name: str) -> Any:
    if name == "Office":
        warn_renamed("qnu.quantum.jobs.Office", "JobRunner", "0.4")
        return JobRunner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
