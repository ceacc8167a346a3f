"""Figures to files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ..common import writing
from ..errors import QnuError
from .style import paper


def save(figure: Any, folder: str | Path, name: str) -> tuple[Path, Path]:
    """``folder/name.png`` (300 dots per inch) and ``folder/name.pdf`` (fonts embedded).

    The same figure gives the same bytes: no date is written.

    Args:
        figure: a matplotlib Figure.
        folder: where to; made if it does not exist.
        name: file name without ending.

    Returns:
        the two paths, PNG first.

    Raises:
        QnuError: the folder cannot be written to, or has no room.

    References:
        fonts as TrueType (``pdf.fonttype = 42``), as journals ask for.

    Examples:
        >>> import qnu, tempfile
        >>> from qnu.plotting import schedule_diagram
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> figure = schedule_diagram(gas, qnu.schedules.tournament(gas, gamma=0.1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in save(figure, folder, "schedule")]
        ['schedule.png', 'schedule.pdf']
    """
    png, pdf = Path(folder) / f"{name}.png", Path(folder) / f"{name}.pdf"
    write(figure, png)
    write(figure, pdf)
    return png, pdf


def write(figure: Any, path: Path) -> None:
    """A figure in the format that the end of the name says: ``.png``, ``.pdf``, ``.svg``.

    Raises:
        QnuError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QnuError("figure", str(path.parent), f"a folder ({error.strerror})") from None
    kind = path.suffix[1:].lower()
    dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    buffer = io.BytesIO()
    with paper():
        figure.savefig(buffer, format=kind, dpi=300, metadata=dates.get(kind))
    writing.write(path, buffer.getvalue(), "figure")
