"""The table at the end of a run, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..reference import reference_label
from ..trajectory import Trajectory
from .rows import (
    ISOSPIN,
    NO_REFERENCE,
    error_remark,
    error_texts,
    has_antineutrinos,
    heading,
    rows,
    space_remark,
    value_texts,
)

if TYPE_CHECKING:
    from rich.table import Table


def table(trajectories: Mapping[str, Trajectory]) -> Table:
    """The final group polarizations of all methods, for a terminal of 80 columns.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a rich table: x, y, z, length, and, where one of several methods is exact, the distance from
        it; with standard errors over seeds, or of the shots where there is one history.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> table({"a": qnu.solvers.mean_field(gas, [0.0, 1.0])}).row_count
        1
    """
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    lines, reference = rows(trajectories), reference_label(trajectories)
    compared = reference is not None and len(trajectories) > 1
    captions = []
    if len(trajectories) > 1:
        exact = f"diff: distance from {escape(str(reference))}, exact, at the same time"
        captions.append(NO_REFERENCE if reference is None else exact)
    if remark := error_remark(trajectories):
        captions.append(remark)
    if remark := space_remark(trajectories):
        captions.append(escape(remark))
    if any(has_antineutrinos(trajectory) for trajectory in trajectories.values()):
        captions.append(ISOSPIN)
    drawn = Table(
        title=escape(heading(trajectories)),
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption="\n".join(captions) or None,
    )
    drawn.add_column("method", overflow="fold", max_width=18)
    drawn.add_column("group", overflow="fold", max_width=10)
    for name in ("x", "y", "z", "length", *(["diff"] if compared else [])):
        drawn.add_column(name, justify="right", no_wrap=True)
    before = None
    for row in lines:
        if before not in (None, row.label):
            drawn.add_section()
        values = value_texts(row) if compared else value_texts(row)[:-1]
        drawn.add_row("" if before == row.label else escape(row.label), escape(row.group), *values)
        if errors := error_texts(row):  # a line of their own keeps the table within 80 columns
            drawn.add_row("", "", *errors)
        before = row.label
    return drawn
