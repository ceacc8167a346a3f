"""Datasets as NetCDF files with a SHA-256, and back.

Nothing that a file states is used before it is checked. The bytes are built in memory and then
written like those of any other file: HDF5 itself ends the process when it writes to a full disk.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np
import xarray as xr

from ..errors import QnuError
from . import integrity, memory, writing

_FIELD = "trajectory file"
_WRITTEN = "a .nc file written by save()"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: Logical bytes per byte of the file, at most: deflate reaches 1032. Small files are let through.
_RATIO, _SMALL = 1100, 1 << 26
#: Entries of an attribute.
_LIST = 4096
#: Bytes of text read before it is counted again.
_TEXT = 1 << 28


def pack(dataset: xr.Dataset, field: str = "trajectory") -> memoryview:
    """A dataset as the bytes of a NetCDF file, without the digest.

    Returns:
        the bytes, to be released: the buffer under them cannot be closed before.

    Raises:
        QnuError: an attribute or a variable that NetCDF cannot hold, by name; too little memory.
    """
    memory.require(field, f"{dataset.nbytes} bytes", 2 * dataset.nbytes)
    try:
        return memoryview(dataset.to_netcdf(engine="h5netcdf"))
    except MemoryError:
        raise
    except Exception as error:  # xarray, h5netcdf and h5py raise many kinds
        raise _culprit(dataset, field, error) from error


def _culprit(dataset: xr.Dataset, field: str, error: Exception) -> QnuError:
    """The error that names the first attribute or variable that cannot be written alone."""
    for where, attributes in _attributes(dataset).items():
        for name, value in attributes.items():
            try:
                xr.Dataset(attrs={name: value}).to_netcdf(engine="h5netcdf")
            except Exception:  # of whatever kind: this is the one that cannot be written
                allowed = "text without NUL, a number of 64 bits, or a list of either"
                return QnuError(f"{field} attribute {where}{name}", value, allowed)
    for name, variable in dataset.variables.items():
        try:
            bare = xr.Dataset({name: (variable.dims, variable.values)})
            bare.to_netcdf(engine="h5netcdf")
        except Exception:  # likewise
            return QnuError(
                f"{field} variable {name}", variable.dtype, "numbers, or text without NUL"
            )
    return QnuError(field, f"{type(error).__name__}: {error}", "what NetCDF can hold")


def _attributes(dataset: xr.Dataset) -> dict[str, Mapping[Any, Any]]:
    variables = {f"{name}.": v.attrs for name, v in dataset.variables.items()}
    return {"": dataset.attrs, **variables}


def save(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a file that is whole, or leave the earlier one.

    Raises:
        QnuError: as :func:`pack`; a place that cannot be written or has no room.
    """
    with pack(dataset) as content, writing.replacing(path, _FIELD) as file:
        sealing = integrity.Sealing(file)
        sealing.write(content)
        sealing.end()


def unpack(content: bytes) -> xr.Dataset:
    """The dataset of :func:`pack`, from a source that is known to be undamaged."""
    return xr.load_dataset(io.BytesIO(content), engine="h5netcdf")


def load(path: str | Path) -> xr.Dataset:
    """Read a NetCDF file; nothing in it is read before digest, links and sizes are checked.

    Raises:
        QnuError: no such file, one that another process is writing, damage, anything that is not
            held in the file itself, more than the memory holds.
    """
    name = str(path)
    try:
        with writing.regular(path) as file:
            _share(file, name)
            return _read(file, name)
    except OSError as error:
        raise QnuError(_FIELD, name, f"{_WRITTEN} ({error.strerror or 'damaged'})") from None


def _share(file: IO[bytes], name: str) -> None:
    """HDF5 locks what it writes, with the same kind of lock."""
    if not writing.LOCKS:
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise QnuError(
            _FIELD, name, "a file that no other process is writing (this one is in use)"
        ) from None
    except OSError:  # some network file systems have no locks
        return


def _read(file: IO[bytes], name: str) -> xr.Dataset:
    size = os.fstat(file.fileno()).st_size
    head = file.read(64)
    if not head.startswith(_SIGNATURE):
        raise QnuError(_FIELD, name, _WRITTEN)
    try:
        sealed = integrity.check(file, size)
    except integrity.DamagedError:
        raise QnuError(
            _FIELD,
            name,
            "an undamaged file (its content does not match its SHA-256: it was damaged, or another"
            " program changed it)",
        ) from None
    if not sealed and _end(head) not in (None, size):
        raise QnuError(_FIELD, name, "an undamaged file (its length is not what HDF5 says)")
    file.seek(0)
    try:
        with h5py.File(file, "r") as content:
            _inspect(content, size, name)
        file.seek(0)
        return xr.load_dataset(file, engine="h5netcdf")
    except (QnuError, MemoryError):
        raise
    except Exception as error:  # xarray, h5netcdf and h5py raise many kinds where a file is odd
        raise QnuError(_FIELD, name, f"{_WRITTEN} ({type(error).__name__})") from error


def _end(head: bytes) -> int | None:
    """The end of the content according to the HDF5 header."""
    version = head[8] if len(head) == 64 else -1
    if version in (0, 1) and head[13] == 8:
        start = 40 if version == 0 else 44
    elif version in (2, 3) and head[9] == 8:
        start = 28
    else:
        return None
    return int.from_bytes(head[start : start + 8], "little")


def _inspect(content: h5py.File, size: int, name: str) -> None:
    """Only datasets that are held in this file, of plain types, that fit into memory."""
    total = 0
    for key in content.attrs:
        if int(np.prod(content.attrs.get_id(key).shape, dtype=object)) > _LIST:
            raise QnuError(_FIELD, name, f"lists of at most {_LIST} as attributes (not {key!r})")
    for key in content:
        link = content.get(key, getlink=True)
        kind = content.get(key, getclass=True) if isinstance(link, h5py.HardLink) else None
        if kind is not h5py.Dataset:
            raise QnuError(_FIELD, name, f"variables only, held in the file itself (not {key!r})")
        dataset = content[key]
        plan = dataset.id.get_create_plist()
        if plan.get_external_count() or dataset.is_virtual:
            raise QnuError(_FIELD, name, f"data held in the file itself (not as for {key!r})")
        text = h5py.check_string_dtype(dataset.dtype) is not None
        if not text and dataset.dtype.kind not in "biufc":
            raise QnuError(_FIELD, name, f"numbers and text ({key!r} is neither)")
        if _only_a_dimension(dataset):
            continue
        chunk = int(np.prod(dataset.chunks, dtype=object)) if dataset.chunks else 0
        count = int(np.prod(dataset.shape, dtype=object))
        total += max(count, chunk) * max(dataset.dtype.itemsize, 16 if text else 1)
        if total > max(_RATIO * size, _SMALL):
            raise QnuError(
                _FIELD, name, f"what a file of {size} bytes can hold ({key!r} has {count} values)"
            )
        if text:
            _count_text(dataset, size, name, key)
    memory.require(_FIELD, name, 2 * total)


def _only_a_dimension(dataset: h5py.Dataset) -> bool:
    label = dataset.attrs.get("NAME", b"")
    return isinstance(label, bytes) and label.startswith(b"This is a netCDF dimension but not")


def _count_text(dataset: h5py.Dataset, size: int, name: str, key: str) -> None:
    """Texts can all be the same bytes of the file: they are counted before all are held."""
    if dataset.ndim == 0 or h5py.check_string_dtype(dataset.dtype).length is not None:
        return  # one text, or texts of a fixed length, which are counted like numbers
    if dataset.ndim > 1:
        raise QnuError(_FIELD, name, f"text in one dimension (not as {key!r})")
    step, total = int(np.clip(_TEXT // size, 64, 1 << 16)), 0
    for begin in range(0, len(dataset), step):
        total += sum(map(len, dataset[begin : begin + step]))
        if total > size:
            raise QnuError(_FIELD, name, f"what a file of {size} bytes can hold (not {key!r})")
