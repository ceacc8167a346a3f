"""Long runs that survive: what is needed to go on, in one file that is always whole."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .checks import number, user_path
from .errors import QnuError
from .trajectory import Trajectory, installed_versions

_FORMAT = "qnu checkpoint 1"
#: Amplitudes written at a time, so that an interrupt is heard.
_PIECE = 1 << 23


@dataclass(frozen=True, eq=False)
class Saved:
    """Where a run was: ``position`` (numbers) and ``arrays``."""

    position: Mapping[str, Any]
    arrays: Mapping[str, Any]

    def restore(self, name: str, into: NDArray[Any]) -> None:
        """Fill an array with what was saved, without a second one of its size."""
        saved = self.arrays[name]
        if into.ndim != 1:
            saved.read_direct(into)
            return
        for begin in range(0, len(into), _PIECE):
            piece = np.s_[begin : begin + _PIECE]
            saved.read_direct(into, piece, piece)


class Checkpoint:
    """A file from which an interrupted run goes on and ends with the same bits.

    It is written every so many minutes, under another name first: a process killed at any moment
    leaves the last one whole (so there must be room for two). A run that ends well removes it. In
    Python, one file serves one call of a solver.

    Args:
        path: the file; if it exists, the run goes on from it.
        every: minutes between two of them; 0: whenever there is occasion (for tests).

    Raises:
        QnuError: a file that is not a checkpoint, or that of another run; a place that cannot be
            written.

    References:
        qnu's own format, in HDF5.

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
        self._file: h5py.File | None = None
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise QnuError("checkpoint", str(path), "a file in a folder that exists")
        self._part = self.path.with_name(f".{self.path.name}.partial")
        self._part.unlink(missing_ok=True)  # of a process that was killed while it wrote
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
        self._part.unlink(missing_ok=True)
        if kind is None:
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> None:
        try:
            self._file = h5py.File(self.path, "r")
            if self._file.attrs.get("format") != _FORMAT:
                raise KeyError
            for label, content in self._file["finished"].items():
                self._finished[label] = content[()].tobytes()
        except (OSError, KeyError):
            raise QnuError(
                "checkpoint", str(self.path), "a file written by --checkpoint, or a new name"
            ) from None

    def own(self, name: str) -> None:
        """This run of several methods is called ``name``; the file of another one is refused."""
        self._owner = name
        self._check_owner()

    def _check_owner(self) -> None:
        if self._file is not None and self._file.attrs["owner"] != self._owner:
            raise self._of_another_run()

    def begin(self, label: str) -> None:
        """The next method starts; what is saved from here on is its own."""
        self._label, self._key = label, ""

    def finished(self, label: str) -> Trajectory | None:
        """The result of a method that had ended."""
        if label not in self._finished:
            return None
        content = io.BytesIO(self._finished[label])
        return Trajectory(xr.load_dataset(content, engine="h5netcdf"))

    def finish(self, label: str, trajectory: Trajectory) -> None:
        """Keep the result of a method that has ended; its own state is not needed any more."""
        self._finished[label] = bytes(trajectory.dataset.to_netcdf(engine="h5netcdf"))
        if self.path.exists() or self.due():
            self._write(None, {}, {})
            self._last = time.monotonic()

    def saved(self, key: str) -> Saved | None:
        """Where the present method was, if the file holds it.

        Raises:
            QnuError: the file holds this method of another run.
        """
        if self._key not in ("", key):
            raise QnuError("checkpoint", str(self.path), "one file for one calculation")
        self._key = key
        self._check_owner()
        if self._file is None or self._file.attrs.get("label") != self._label:
            return None
        if self._file.attrs["key"] != key:
            raise self._of_another_run()
        return Saved(json.loads(self._file.attrs["position"]), self._file["arrays"])

    def _of_another_run(self) -> QnuError:
        allowed = "the checkpoint of this very run (and version of qnu), or a new name"
        return QnuError("checkpoint", str(self.path), allowed)

    def due(self) -> bool:
        """True when it is time for the next one."""
        return time.monotonic() - self._last >= 60 * self.every

    def save(self, key: str, position: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Write where the present method is; ``position`` must be JSON.

        A place that has no room any more does not end a run: the last file stays, with a warning.
        """
        try:
            self._write(key, position, arrays)
        except QnuError as error:
            if not self.path.exists():
                raise
            warnings.warn(f"{error}; the last one is kept", RuntimeWarning, stacklevel=2)
        self._last = time.monotonic()

    def _write(
        self, key: str | None, position: Mapping[str, Any], arrays: Mapping[str, Any]
    ) -> None:
        self._close()
        part = self._part
        try:
            with h5py.File(part, "w") as file:
                file.attrs["format"], file.attrs["owner"] = _FORMAT, self._owner
                kept = file.create_group("finished")
                for label, content in self._finished.items():
                    kept.create_dataset(label, data=np.frombuffer(content, np.uint8))
                if key is not None:
                    file.attrs["label"] = self._label
                    file.attrs["key"] = key
                    file.attrs["position"] = json.dumps(dict(position))
                    group = file.create_group("arrays")
                    for name, array in arrays.items():
                        _fill(group.create_dataset(name, array.shape, array.dtype), array)
            with open(part, "rb") as done:
                os.fsync(done.fileno())
            os.replace(part, self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise QnuError(
                "checkpoint",
                str(self.path),
                f"a place with room for it ({error.strerror or error})",
            ) from None
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _fill(dataset: Any, array: NDArray[Any]) -> None:
    if array.ndim != 1:
        dataset[...] = array
        return
    for begin in range(0, len(array), _PIECE):
        dataset[begin : begin + _PIECE] = array[begin : begin + _PIECE]


def key_of(*parts: Any) -> str:
    """One hash of everything that decides the bits of a result, the version of qnu included."""
    content = hashlib.sha256(dict(installed_versions())["qnu"].encode())
    for part in parts:
        content.update(b"\0")
        content.update(part.tobytes() if isinstance(part, np.ndarray) else str(part).encode())
    return content.hexdigest()
