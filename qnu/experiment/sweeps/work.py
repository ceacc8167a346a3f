"""What a worker of a sweep does: some histories of some points, as the content of a record."""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ...common import memory
from ...errors import QnuError, QnuWarning, printable
from ...version import __version__
from . import point as points
from . import records
from .keys import Place
from .plan import specification
from .point import Block, Failure

_MOST_WARNINGS = 20


@dataclass(frozen=True)
class Piece:
    """Histories of one point.

    Args:
        point: the hash.
        changes: what the point sets, by place in the tables.
        seeds: of the histories.
        fixed: whether methods that do not depend on the seed are to be run.
    """

    point: str
    changes: tuple[tuple[Place, Any], ...]
    seeds: tuple[int, ...]
    fixed: bool

    @property
    def histories(self) -> int:
        """How many."""
        return len(self.seeds)


@dataclass(frozen=True)
class Job:
    """What is sent to a worker.

    Args:
        tables: of the experiment file, as JSON.
        inputs: contents of the files that it names, by the path as it is written.
        pieces: what to compute, in this order.
        seconds: after this time, pieces that have not begun are given back.
        version: of qnu, that of the worker must be the same.
        tried: how often a worker died with it.
    """

    tables: str
    inputs: Mapping[str, bytes]
    pieces: tuple[Piece, ...]
    seconds: float
    version: str = __version__
    tried: int = 0

    @property
    def histories(self) -> int:
        """How many."""
        return sum(piece.histories for piece in self.pieces)

    def split(self) -> list[Job]:
        """One job per piece, or two halves of one piece."""
        if len(self.pieces) > 1:
            return [replace(self, pieces=(piece,), tried=0) for piece in self.pieces]
        (piece,) = self.pieces
        half = len(piece.seeds) // 2
        parts = [piece.seeds[:half], piece.seeds[half:]]
        return [
            replace(self, pieces=(replace(piece, seeds=part, fixed=piece.fixed and k == 0),))
            for k, part in enumerate(parts)
        ]


@dataclass(frozen=True)
class Outcome:
    """What a worker sends back.

    Args:
        name: of the record.
        content: of the record.
        done: how many of the pieces.
        histories: in them.
        seconds: that they took.
        failures: of all histories in it.
        warnings: each once.
    """

    name: str
    content: bytes
    done: int
    histories: int
    seconds: float
    failures: tuple[tuple[str, Failure], ...]
    warnings: tuple[str, ...]


def run(job: Job) -> Outcome:
    """The record of a job.

    Raises:
        QnuError: a worker with another version of qnu.
    """
    if job.version != __version__:
        allowed = f"{job.version}, as the process that sends the work (not {__version__})"
        raise QnuError("qnu on the workers", __version__, allowed)
    started = time.perf_counter()
    tables = _tables(job.tables)
    blocks: list[Block] = []
    with warnings.catch_warnings(record=True) as caught, memory.within(_limit()):
        warnings.simplefilter("always", QnuWarning)
        for piece in job.pieces:
            spec = specification(tables, dict(piece.changes), job.inputs)
            blocks.append(points.run(spec, piece.point, piece.seeds, piece.fixed))
            if time.perf_counter() - started > job.seconds:
                break
    seconds = time.perf_counter() - started
    said = dict.fromkeys(str(w.message) for w in caught if isinstance(w.message, QnuWarning))
    failures = tuple((block.point, f) for block in blocks for f in block.failures)
    name, content = records.pack(blocks)
    kept = tuple(said)[:_MOST_WARNINGS]
    histories = sum(len(block.seeds) for block in blocks)
    return Outcome(name, content, len(blocks), histories, seconds, failures, kept)


def lost(job: Job, reason: str) -> Outcome:
    """The record of a job of one history with which workers die."""
    (piece,) = job.pieces
    failures = tuple(Failure(seed, "", printable(reason)) for seed in piece.seeds)
    block = Block(piece.point, piece.seeds, piece.fixed, (), {}, failures)
    name, content = records.pack([block])
    return Outcome(name, content, 1, 1, 0.0, tuple((piece.point, f) for f in failures), ())


@lru_cache(maxsize=4)
def _tables(text: str) -> Any:
    return json.loads(text)


def _limit() -> int | None:
    """Bytes that this worker may use; None where it is no worker of Dask, or has no limit."""
    if "distributed" not in sys.modules:
        return None
    from distributed import get_worker

    try:
        limit = get_worker().memory_manager.memory_limit
    except (ValueError, AttributeError):  # no worker
        return None
    return int(limit) if limit else None
