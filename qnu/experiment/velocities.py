"""Drawn velocities, kept in the result folder: a moved folder has the same gas with any NumPy."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..common.checks import Floats
from ..errors import QnuError

#: In a result folder: ``(N, 3)`` for every seed, under the seed as its name.
FILE = "velocities.npz"
#: Of more than so many bytes nothing is kept: they are drawn again with the seed.
MOST = 2**26


def keep(velocities: Mapping[int, Floats], folder: Path) -> None:
    """Writes the velocities of every history; nothing where there are none, or too many.

    Args:
        velocities: ``(N, 3)`` by seed.
        folder: an existing result folder.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     keep({5: np.eye(3)}, Path(place))
        ...     kept_in(Path(place))[5].tolist() == np.eye(3).tolist()
        True
    """
    if not velocities or sum(v.nbytes for v in velocities.values()) > MOST:
        return
    buffer = io.BytesIO()
    # the names of the arrays are numbers: as keywords they may be any text
    np.savez(buffer, allow_pickle=False, **{str(seed): v for seed, v in velocities.items()})
    (folder / FILE).write_bytes(buffer.getvalue())


def kept_in(folder: Path) -> dict[int, Floats]:
    """What :func:`keep` wrote: ``(N, 3)`` by seed; empty where there is no such file.

    Raises:
        QnuError: a file that is damaged.
    """
    place = folder / FILE
    if not place.is_file():
        return {}
    try:
        with np.load(io.BytesIO(place.read_bytes()), allow_pickle=False) as arrays:
            return {int(name): np.asarray(arrays[name], float) for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError):
        raise QnuError("velocities", str(place), "the file that `qnu run` wrote") from None
