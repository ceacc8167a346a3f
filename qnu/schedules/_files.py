"""A schedule as a ``.npz`` file and back, bit for bit."""

from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..common import integrity, memory, writing
from ..errors import QnuError, Words
from .rows import Encounters
from .wiring import Wiring

_WIRING = "wiring_"
#: Attributes of a Wiring by their keys in a file.
_WIRING_KEYS = {"edges": "edges", "sites": "sites", "swapped": "traded"}
_FIELD = "schedule file"
_WRITTEN = "a .npz file written by save()"


def write(
    path: str | Path, rows: Encounters, settings: dict[str, Any], wiring: Wiring | None
) -> None:
    """Columns and settings; mu and matter as numbers, tables or exponentials."""
    written = settings | {name: profiles.as_json(name, settings[name]) for name in ("mu", "matter")}
    arrays = {name: part for name, part in rows._asdict().items() if part is not None}
    constant = rows.duration.strides == (0,) and len(rows.first) > 0
    arrays["duration"] = rows.duration[0] if constant else np.ascontiguousarray(rows.duration)
    if wiring is not None:
        arrays |= {_WIRING + key: getattr(wiring, name) for name, key in _WIRING_KEYS.items()}
    memory.require(_FIELD, f"{len(rows.first)} encounters", sum(a.nbytes for a in arrays.values()))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, settings=np.array(json.dumps(written)), **arrays)
    with buffer.getbuffer() as content, writing.replacing(path, _FIELD) as file:
        content[-2:] = integrity.LENGTH.to_bytes(2, "little")  # to ZIP the digest is a comment
        sealing = integrity.Sealing(file)
        sealing.write(content)
        sealing.end()


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and settings of a file.

    Where its digest is there, it is that of all its bytes; a file without one (of an earlier
    version of qnu, or written by another program) does not determine how its rows were made.
    """
    name = str(path)
    try:
        with writing.regular(path) as file:
            sealed = integrity.check(file, file.seek(0, io.SEEK_END))
            parts = _arrays(file, name)
        settings = _settings(str(parts.pop("settings")))
        if not sealed:
            settings["recipe"] = None
        wired = {key: parts.pop(key) for key in list(parts) if key.startswith(_WIRING)}
        if wired:
            names = [_WIRING + key for key in _WIRING_KEYS.values()]
            if set(names) != set(wired):
                raise KeyError(_WIRING)
            settings["wiring"] = Wiring(*(wired[key] for key in names))
    except integrity.DamagedError:
        raise QnuError(
            _FIELD, name, "an undamaged file (its content does not match its SHA-256)"
        ) from None
    except OSError as error:
        raise QnuError(_FIELD, name, f"{_WRITTEN} ({error.strerror or 'damaged'})") from None
    except (QnuError, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib and numpy raise many kinds
        raise QnuError(_FIELD, name, f"{_WRITTEN} ({type(error).__name__})") from None
    return parts, settings


def _settings(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(text)
    settings |= {key: profiles.from_json(settings[key]) for key in ("mu", "matter")}
    if settings["trotter"] is not None:
        steps, order = settings["trotter"]
        settings["trotter"] = (int(steps), int(order))
    return settings


def arrays(file: Any, name: str) -> dict[str, NDArray[Any]]:
    """Every array in a ``.npz`` file of any program.

    Args:
        file: it, open.
        name: of the file, for messages.

    Raises:
        QnuError: no such file, damaged, or too large for the memory.
    """
    try:
        return _arrays(file, name)
    except (QnuError, MemoryError):
        raise
    except Exception as error:  # zipfile, zlib and numpy raise many kinds
        allowed = "a .npz file of NumPy, or CSV (save a sheet of Excel as CSV)"
        raise QnuError(name, Words(f"no arrays ({type(error).__name__})"), allowed) from None


def settings_in(text: str, name: str) -> dict[str, Any]:
    """The settings of a schedule that :func:`write` wrote."""
    try:
        return _settings(text)
    except (QnuError, ValueError, KeyError, TypeError):
        raise QnuError(f"{name}: settings", text, "those that save() writes") from None


def not_written(path: str | Path) -> QnuError:
    """The error for a file that is no schedule."""
    return QnuError(_FIELD, str(path), _WRITTEN)


def _arrays(file: Any, name: str) -> dict[str, NDArray[Any]]:
    """Every array of the file, once the sizes in their headers fit into memory."""
    with zipfile.ZipFile(file) as archive:
        if archive.comment and not integrity.is_seal(archive.comment):
            raise integrity.DamagedError
        total = 0
        for member in archive.infolist():
            with archive.open(member) as stream:
                version = np.lib.format.read_magic(stream)
                header = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }[version]
                shape, _, dtype = header(stream)
                size = math.prod(shape) * dtype.itemsize
                if size > member.file_size:
                    raise QnuError(_FIELD, name, f"what it can hold ({member.filename}: {shape})")
                total += size
        memory.require(_FIELD, name, total)
    file.seek(0)
    with np.load(file, allow_pickle=False) as content:
        return dict(content)
