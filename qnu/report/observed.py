"""Requested observables as rows of a table: their range over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..averages import requested_curves
from ..trajectory import Trajectory

_OVER = {"pairs": "all pairs", "half": "first half (value)", "state": "whole state"}


@dataclass(frozen=True)
class ObservableRow:
    """One observable of one method.

    Args:
        label: of the method.
        observable: its name.
        part: name of a group, ``"pairs"``, ``"half"`` or ``"state"``.
        over: the same in words.
        start: time of the first sample.
        stop: time of the last one.
        values: the first, the last and the largest.
        time_of_largest: of the largest.
        errors: standard errors over seeds of the three values; None: one history.
    """

    label: str
    observable: str
    part: str
    over: str
    start: float
    stop: float
    values: tuple[float, float, float]
    time_of_largest: float
    errors: tuple[float, float, float] | None = None


def observable_rows(trajectories: Mapping[str, Trajectory]) -> list[ObservableRow]:
    """Every requested observable, as group means or the mean over all pairs.

    Args:
        trajectories: by label.

    Returns:
        a row per method, observable and group; empty where none was requested.

    Examples:
        >>> observable_rows({})
        []
    """
    table = []
    for label, trajectory in trajectories.items():
        for curve in requested_curves(trajectory):
            top = int(curve.values.argmax())
            over = f"group {curve.part}" if curve.group else _OVER[curve.part]
            ends = float(curve.times[0]), float(curve.times[-1])
            values = (float(curve.values[0]), float(curve.values[-1]), float(curve.values[top]))
            time = float(curve.times[top])
            errors = None
            if curve.standard_error is not None:
                spread = curve.standard_error
                errors = (float(spread[0]), float(spread[-1]), float(spread[top]))
            table.append(
                ObservableRow(
                    label, curve.observable, curve.part, over, *ends, values, time, errors
                )
            )
    return table
