"""The table at the end of a run, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..trajectory import Trajectory
from .rows import error_texts, heading, reference_label, rows, value_texts

if TYPE_CHECKING:
    from rich.table import Table


def table(trajectories: Mapping[str, Trajectory]) -> Table:
    """The final group polarizations of all methods, for a terminal of 80 columns.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a rich table: x, y, z, length (with standard errors where shots were taken), and the
        distance from the reference method.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> table({"a": qnu.solvers.mean_field(gas, [0.0, 1.0])}).row_count
        1
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    found, reference = rows(trajectories), reference_label(trajectories)
    caption = f"diff: distance from {escape(str(reference))} at the same time"
    drawn = Table(
        title=escape(heading(found)),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption=caption if len(trajectories) > 1 else None,
    )
    drawn.add_column("method", overflow="fold", max_width=18)
    drawn.add_column("group", overflow="fold", max_width=10)
    for name in ("x", "y", "z", "length", "diff"):
        drawn.add_column(name, justify="right", no_wrap=True)
    before = None
    for row in found:
        if before not in (None, row.label):
            drawn.add_section()
        drawn.add_row(
            "" if before == row.label else escape(row.label), escape(row.group), *value_texts(row)
        )
        if errors := error_texts(row):  # a line of their own keeps the table within 80 columns
            drawn.add_row("", "", *errors)
        before = row.label
    return drawn
