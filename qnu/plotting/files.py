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
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QnuError("figure", str(folder), f"a folder ({error.strerror})") from None
    png, pdf = target / f"{name}.png", target / f"{name}.pdf"
    with paper():
        for path, options in ((png, {}), (pdf, {"metadata": {"CreationDate": None}})):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=path.suffix[1:], dpi=300, **options)
            writing.write(path, buffer.getvalue(), "figure")
    return png, pdf
