"""A schedule as a ``.npz`` file and back, bit for bit."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from .. import profiles
from ..errors import QnuError
from .rows import Encounters
from .wiring import Wiring

_WIRING = "wiring_"


def write(
    path: str | Path, rows: Encounters, settings: dict[str, Any], wiring: Wiring | None
) -> None:
    """Columns and settings; mu and matter as numbers, tables or exponentials."""
    told = settings | {name: profiles.as_json(name, settings[name]) for name in ("mu", "matter")}
    arrays = {name: part for name, part in rows._asdict().items() if part is not None}
    constant = rows.duration.strides == (0,) and len(rows.first) > 0
    arrays["duration"] = rows.duration[0] if constant else np.ascontiguousarray(rows.duration)
    if wiring is not None:
        arrays |= {_WIRING + field.name: getattr(wiring, field.name) for field in fields(wiring)}
    with open(path, "wb") as file:
        np.savez_compressed(file, settings=np.array(json.dumps(told)), **arrays)


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and settings of a file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = dict(file)
        settings = json.loads(str(parts.pop("settings")))
        wired = {name: parts.pop(name) for name in list(parts) if name.startswith(_WIRING)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        raise QnuError("schedule file", str(path), "a .npz file written by save()") from None
    settings |= {name: profiles.from_json(settings[name]) for name in ("mu", "matter")}
    if settings["trotter"] is not None:
        settings["trotter"] = tuple(settings["trotter"])
    if wired:
        names = [_WIRING + field.name for field in fields(Wiring)]
        if set(names) != set(wired):
            raise QnuError("schedule file", str(path), "a .npz file written by save()")
        settings["wiring"] = Wiring(*(wired[name] for name in names))
    return parts, settings
