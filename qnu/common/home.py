"""Where jobs are recorded, for who must not import Qiskit to know it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import QnuError


def home() -> Path:
    """``$QNU_HOME``, or the platform's folder for data of programs; it need not exist.

    Raises:
        QnuError: a user without a home, and no ``$QNU_HOME``.
    """
    given = os.environ.get("QNU_HOME")
    if given:
        from .checks import user_path

        return user_path("QNU_HOME", given).absolute()
    import platformdirs

    try:
        folder = Path(platformdirs.user_data_dir("qnu", appauthor=False))
    except RuntimeError:  # neither HOME nor an entry for the user
        folder = Path()
    if not folder.is_absolute():  # older versions of platformdirs leave "~/..." as it is
        raise QnuError("QNU_HOME", given, "a folder, where the user has no home")
    return folder


def jobs_file() -> Path:
    """The database of :class:`qnu.quantum.jobs.Store` in :func:`home`; it need not exist."""
    return home() / "jobs.sqlite"
