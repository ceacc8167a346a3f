"""Where a sweep runs: processes on this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import QnuError
from . import work
from .engine import Lost, Pool
from .work import Job, Outcome

#: How often a cluster whose processes die before they have begun is begun again.
_BEGINNINGS = 6
#: What writes about workers that die and connections that end.
_LOGGERS = (
    "distributed",
    "distributed.client",
    "distributed.core",
    "distributed.nanny",
    "distributed.scheduler",
    "distributed.worker",
    "tornado.application",
)


class OnDask:
    """On the workers of a Dask cluster.

    Args:
        client: a ``distributed.Client``.
    """

    def __init__(self, client: Any) -> None:
        from distributed import as_completed

        self._client = client
        self._ended = as_completed(loop=client.loop)
        self._jobs: dict[Any, Job] = {}

    def size(self) -> int:
        """Threads of all workers."""
        return sum(self._client.nthreads().values())

    def submit(self, job: Job) -> None:
        """Send it to the scheduler."""
        future = self._client.submit(work.run, job, pure=False)
        self._jobs[future.key] = job
        self._ended.add(future)

    def next(self) -> tuple[Job, Outcome | Lost]:
        """Wait for one that ends.

        Raises:
            QnuError: the scheduler is gone.
        """
        from distributed import KilledWorker

        future = next(self._ended)
        job = self._jobs.pop(future.key)
        if future.status == "cancelled":
            raise QnuError(
                "scheduler", reason="the connection to it was lost; the same command goes on"
            )
        try:
            outcome: Outcome = future.result()
        except KilledWorker as death:
            count = getattr(death, "allowed_failures", 3)
            return job, Lost(f"{count + 1} workers died with it (too little memory?)")
        finally:
            future.release()
        return job, outcome


def cores() -> int:
    """Cores that this process may use."""
    from dask.system import CPU_COUNT

    return int(CPU_COUNT)


def share_of(workers: int) -> int:
    """Bytes for each of some workers on this machine."""
    from ...common import memory

    return int(memory.available() // workers)


@contextmanager
def local(workers: int, share: int | None) -> Iterator[Pool]:
    """A cluster of processes on this machine, with one thread each.

    Args:
        workers: how many.
        share: bytes of memory for each; None: no limit.
    """
    import logging

    import dask
    from distributed import Client

    settings = {
        "distributed.nanny.pre-spawn-environ": _ENVIRONMENT,
        "distributed.nanny.environ": {"NUMBA_NUM_THREADS": 1},
        # Ctrl-C goes to all processes of a terminal: only this one is to say something
        "distributed.worker.preload": [
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)"
        ],
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.limit": "1 hour",
    }
    with (
        dask.config.set(settings),
        _quiet(logging.CRITICAL),
        main_left_out(),
        _environment_kept(),
    ):
        cluster = _begun(workers, share)
        with cluster, Client(cluster, set_as_default=False) as client:
            yield OnDask(client)


#: Of processes before they start; libraries read it when they are loaded. Without the threshold of
#: Dask for giving memory back, with which every array of a loop is new memory: 1.5 times as slow.
_ENVIRONMENT = {
    "MALLOC_TRIM_THRESHOLD_": None,
    "OMP_NUM_THREADS": 1,
    "MKL_NUM_THREADS": 1,
    "OPENBLAS_NUM_THREADS": 1,
}


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Dask leaves in this process what it sets for others."""
    before = {
        name: os.environ.get(name)
        for name in (*_ENVIRONMENT, "PYTHONHASHSEED", "__DASK_PARENT_PID")
    }
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begun(workers: int, share: int | None) -> Any:
    """The local cluster; a worker may die before it has begun."""
    import logging

    from distributed import LocalCluster

    for _ in range(_BEGINNINGS):
        with contextlib.suppress(RuntimeError):
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # None would open a port that may be in use
                memory_limit=share,
                silence_logs=logging.CRITICAL,
            )
    raise QnuError(
        "workers", workers, "processes that can begin (they end at once; --workers 1 needs none)"
    )


@contextmanager
def remote(scheduler: str) -> Iterator[Pool]:
    """The cluster of a scheduler that runs already.

    Args:
        scheduler: its address, such as ``tcp://10.0.0.1:8786``.

    Raises:
        QnuError: nothing answers there, or no worker comes.
    """
    import logging

    from distributed import Client

    with _quiet(logging.CRITICAL):
        try:
            client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            allowed = f"the address of a Dask scheduler, such as tcp://10.0.0.1:8786 ({error})"
            raise QnuError("scheduler", scheduler, allowed) from None
        with client:
            yield given(client)


_PATIENCE = 30


def given(client: Any) -> Pool:
    """The cluster of a client, when it has a worker.

    Raises:
        QnuError: no client, or no worker comes.
    """
    if not hasattr(client, "wait_for_workers"):
        raise QnuError("client", client, "a distributed.Client")
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise QnuError(
            "scheduler", reason=f"it has no worker after {_PATIENCE} s; start some first"
        ) from None
    return OnDask(client)


def smallest_limit(client: Any) -> int | None:
    """The memory of the smallest worker; None where it has no limit."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [int(worker["memory_limit"]) for worker in workers if worker["memory_limit"]]
    return min(limits, default=None)


@contextmanager
def _quiet(level: int) -> Iterator[None]:
    """What dies or restarts on the way is no news: the sweep itself says what failed."""
    import logging

    # Dask gives a level of its own to some of its loggers
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, own in zip(loggers, before, strict=True):
            logger.setLevel(own)


@contextmanager
def main_left_out() -> Iterator[None]:
    """New processes do not run the user's script again, which may have no ``if __name__``."""
    import sys

    main = sys.modules["__main__"]
    kept = {name: getattr(main, name, None) for name in ("__spec__", "__file__")}
    main.__spec__ = None
    if kept["__file__"] is not None:
        del main.__file__
    try:
        yield
    finally:
        main.__spec__ = kept["__spec__"]
        if kept["__file__"] is not None:
            main.__file__ = kept["__file__"]
