"""Checkpoints: what is needed to continue a long run, in one file that is always complete."""

from __future__ import annotations

import json
import time
import warnings
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .common import integrity, netcdf, writing
from .common.checks import number, user_path
from .errors import QnuError, QnuWarning
from .trajectory import Trajectory

#: The first version whose runs give the same bits as this one's: raised with any change of them.
_SAME_BITS = "0.1.0"
#: The first bytes of a file. Then one line of JSON, the contents it lists, and a SHA-256.
_FORMAT = b"qnu checkpoint 2\n"
_EARLIER = b"\x89HDF\r\n\x1a\n"
_LONGEST_HEADER = 1 << 30


@dataclass(frozen=True, eq=False)
class StoredArray:
    """Place of an array in the file."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    begin: int


@dataclass(frozen=True, eq=False)
class Saved:
    """The point that a run had reached: ``position`` (numbers) and ``arrays``."""

    position: Mapping[str, Any]
    arrays: Mapping[str, StoredArray]
    file: BufferedReader

    def restore(self, name: str, into: NDArray[Any]) -> None:
        """Fill an array with what was saved, without a second one of its size."""
        part = self.arrays[name]
        if (into.shape, into.dtype) != (part.shape, part.dtype) or not into.flags.c_contiguous:
            raise QnuError(f"checkpoint array {name}", part.shape, f"shape {into.shape}")
        self.file.seek(part.begin)
        view = into.reshape(-1).view(np.uint8)
        for begin in range(0, len(view), integrity.PIECE):
            self.file.readinto(view[begin : begin + integrity.PIECE].data)


class Checkpoint:
    """A file from which an interrupted run continues, with the same result to the last bit.

    It is written every so many minutes, under another name first: a process killed at any moment
    leaves the last one complete (so there must be room for two). A run that succeeds removes it. In
    Python, one file serves one call of a solver. It holds one line of JSON, the arrays as they are
    in memory, and a SHA-256 of both, which is checked before anything in it is used.

    Args:
        path: the file; if it exists, the run goes on from it.
        every: minutes between two writes; 0: as often as possible (for tests).

    Raises:
        QnuError: a file that is not a checkpoint, that is damaged, or that of another run or
            version of qnu; a place that cannot be written.

    Examples:
        >>> import qnu, tempfile, pathlib
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.schedules.tournament(gas, 0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Checkpoint(pathlib.Path(folder) / "run.checkpoint", every=5) as checkpoint:
        ...         run = qnu.solvers.many_body(gas, schedule, checkpoint=checkpoint)
        >>> run.method
        'many_body'
    """

    def __init__(self, path: str | Path, every: float = 10.0) -> None:
        self.path = user_path("checkpoint", path).resolve()
        self.every = number("every", every, low=0.0)
        self._label, self._owner, self._key = "", "", ""
        self._last = time.monotonic()
        self._finished: dict[str, bytes] = {}
        self._file: BufferedReader | None = None
        self._header: dict[str, Any] = {}
        self._parts: dict[str, StoredArray] = {}
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise QnuError("checkpoint", str(path), "a file in a folder that exists")
        writing.clear_leftover(self.path)  # of a process that was killed while it wrote
        if self.path.exists():
            self._read()

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        if kind is None:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> None:
        allowed = "a file written by --checkpoint, or a new name"
        try:
            if not self.path.is_file():
                raise QnuError("checkpoint", str(self.path), allowed)
            self._file = open(self.path, "rb")  # noqa: SIM115  # arrays are read from it later
            weakref.finalize(self, self._file.close)
            start = self._file.read(len(_FORMAT))
            if start.startswith(_EARLIER):
                allowed = "a checkpoint of this version of qnu (this one is of an earlier version)"
            if start != _FORMAT:
                raise QnuError("checkpoint", str(self.path), allowed)
            allowed = "an undamaged file (its content does not match its SHA-256), or a new name"
            if not integrity.check(self._file, self.path.stat().st_size):
                raise integrity.DamagedError
            try:
                self._read_header(self._file)
            except (
                ArithmeticError,
                AttributeError,
                LookupError,
                RecursionError,
                TypeError,
                ValueError,
            ):
                raise integrity.DamagedError from None  # of another program, with its own digest
        except (OSError, integrity.DamagedError) as error:
            self._close()
            reason = getattr(error, "strerror", None)
            allowed = f"a file that can be read ({reason})" if reason else allowed
            raise QnuError("checkpoint", str(self.path), allowed) from None
        except BaseException:
            self._close()
            raise

    def _read_header(self, file: BufferedReader) -> None:
        file.seek(len(_FORMAT))
        self._header = json.loads(file.readline(_LONGEST_HEADER))
        begin = file.tell()
        for label, size in self._header["finished"].items():
            self._finished[label] = file.read(size)
            begin += size
        for name, (kind, shape) in self._header.get("arrays", {}).items():
            part = StoredArray(tuple(shape), np.dtype(kind), begin)
            self._parts[name] = part
            begin += part.dtype.itemsize * int(np.prod(part.shape))

    def own(self, name: str) -> None:
        """Set the name of this run of several methods; the file of another run is refused."""
        self._owner = name
        self._check_owner()

    def _check_owner(self) -> None:
        if self._file is not None and self._header["owner"] != self._owner:
            raise self._of_another_run()

    def begin(self, label: str) -> None:
        """Start the next method: what is saved from here on belongs to it."""
        self._label, self._key = label, ""

    def finished(self, label: str) -> Trajectory | None:
        """The result of a method that had ended."""
        if label not in self._finished:
            return None
        return Trajectory(netcdf.unpack(self._finished[label]))

    def finish(self, label: str, trajectory: Trajectory) -> None:
        """Save the result of a method that has ended, in place of its state."""
        with netcdf.pack(trajectory.dataset) as content:
            self._finished[label] = bytes(content)
        if self.path.exists() or self.due():
            self._keep(None, {}, {}, result=True)

    def saved(self, key: str) -> Saved | None:
        """The point that the present method had reached, if it is in the file.

        Raises:
            QnuError: the file holds this method of another run.
        """
        if self._key not in ("", key):
            raise QnuError("checkpoint", str(self.path), "one file for one calculation")
        self._key = key
        self._check_owner()
        if self._file is None or self._header.get("label") != self._label:
            return None
        if self._header["key"] != key:
            raise self._of_another_run()
        return Saved(self._header["position"], self._parts, self._file)

    def _of_another_run(self) -> QnuError:
        allowed = "the checkpoint of this very run (and version of qnu), or a new name"
        return QnuError("checkpoint", str(self.path), allowed)

    def due(self) -> bool:
        """True when the next checkpoint is due."""
        return time.monotonic() - self._last >= 60 * self.every

    def save(self, key: str, position: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Save the state of the present method; ``position`` must be JSON.

        A full disk does not end a run: the last file is kept, with a warning.
        """
        self._keep(key, position, arrays)

    def _keep(
        self,
        key: str | None,
        position: Mapping[str, Any],
        arrays: Mapping[str, Any],
        *,
        result: bool = False,
    ) -> None:
        try:
            self._write(key, position, arrays)
        except QnuError as error:
            kept = self.path.exists()
            if not kept and not result:  # the place is wrong, and little has been computed yet
                raise
            left = "the last one is kept" if kept else "there is none"
            warnings.warn(QnuWarning(f"{error}; {left}"), stacklevel=3)
        self._last = time.monotonic()

    def _write(
        self, key: str | None, position: Mapping[str, Any], arrays: Mapping[str, Any]
    ) -> None:
        self._close()
        header: dict[str, Any] = {
            "owner": self._owner,
            "finished": {label: len(content) for label, content in self._finished.items()},
        }
        if key is not None:
            header |= {
                "label": self._label,
                "key": key,
                "position": dict(position),
                "arrays": {name: [a.dtype.str, list(a.shape)] for name, a in arrays.items()},
            }
        with writing.replacing(self.path, "checkpoint") as file:
            sealing = integrity.Sealing(file)
            sealing.write(_FORMAT + json.dumps(header).encode() + b"\n")
            for content in self._finished.values():
                sealing.write(content)
            for array in arrays.values():
                sealing.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
            sealing.end()


def key_of(*parts: Any) -> str:
    """One hash of everything that decides the bits of a result."""
    content = sha256(_SAME_BITS.encode())
    for part in parts:
        content.update(b"\0")
        content.update(part.tobytes() if isinstance(part, np.ndarray) else str(part).encode())
    return content.hexdigest()
