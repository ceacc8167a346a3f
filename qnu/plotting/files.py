"""Figures to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
        OSError: the folder cannot be written to.

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
    target.mkdir(parents=True, exist_ok=True)
    png, pdf = target / f"{name}.png", target / f"{name}.pdf"
    with paper():
        figure.savefig(png, dpi=300)
        figure.savefig(pdf, dpi=300, metadata={"CreationDate": None})
    return png, pdf
