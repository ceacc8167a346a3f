"""What is drawn of a sweep, and how: lines, colors, markers and styles of methods."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex

from ..common import toml
from ..common.checks import Floats
from . import style
from .sweep_values import Values
from .sweep_words import value_text

#: Curves that are no further apart are the same.
_SAME = 1e-9
_MARKERS = "osD^vPX<>phd"
#: Markers of methods with the same dashes: full, open, half.
_FILLS = ("full", "none", "left", "bottom")


@dataclass(frozen=True, eq=False)
class Plan:
    """What is drawn, and how: lines of one panel are values of a parameter, or groups.

    Args:
        values: of the methods that are drawn.
        mean, error: ``(x, line, method, group)``.
        columns: numbers of groups, one per panel; one panel where groups are lines.
        styles: of every method that is drawn.
        names: of all methods, on paper.
        missing: names of methods without a value.
        below: names of methods without a value > 0 for a logarithmic axis.
        fills: how markers of methods are filled.
        x_log, y_log: scales.
        slope: of the reference triangle.
        many_body: labels of methods that keep the correlations of pairs.
    """

    values: Values
    mean: Floats
    error: Floats
    columns: tuple[int, ...]
    styles: dict[str, style.MethodStyle]
    names: dict[str, str]
    missing: list[str]
    below: list[str]
    fills: dict[str, str]
    x_log: bool
    y_log: bool
    slope: float | None
    many_body: tuple[str, ...] = ()

    @property
    def series(self) -> list[tuple[str, str, str]]:
        """Name, color and marker of every line of a panel."""
        values = self.values
        if values.line_key is not None:
            texts = [value_text(v) for v in values.lines]
            ramp = colormaps["plasma"](np.linspace(0.0, 0.8, max(len(texts), 2)))
            colors = [str(to_hex(color)) for color in ramp]
        else:
            texts = [style.group_name(g) for g in values.groups]
            colors = list(style.group_colors(values.groups).values())
        marks = [_MARKERS[k % len(_MARKERS)] for k in range(len(texts))]
        return list(zip(texts, colors, marks, strict=False))

    @property
    def alike(self) -> tuple[str, ...]:
        """Methods whose curves over time are the same for all values of the parameter."""
        values = self.values
        if not values.over_time or len(values.lines) < 2:
            return ()
        apart = np.ptp(self.mean, axis=1).max(axis=(0, 2))
        return tuple(m for m, most in zip(values.methods, apart, strict=True) if most < _SAME)

    def curves(self, column: int) -> Iterator[tuple[int, tuple[int, int, int]]]:
        """Number of the series and (line, method, group) of every line of a panel."""
        for m in range(len(self.values.methods)):
            for s in range(len(self.series)):
                by_line = self.values.line_key is not None
                yield s, ((s, m, column) if by_line else (0, m, s))


def styles(dataset: Any, labels: Sequence[str]) -> dict[str, style.MethodStyle]:
    """Of every method, from the file of the sweep: its kind, and whether shots were taken."""
    kinds = _kinds(str(getattr(dataset, "attrs", {}).get("spec", "")))
    bases = {}
    for label in labels:
        kind = kinds.get(label, label)
        shots = label in _with_shots(dataset)
        bases[label] = (style.kind_style(kind, shots, kind == "circuit"), kind)
    return {label: style.narrow(own) for label, own in style.apart(bases).items()}


def many_body(dataset: Any, labels: Sequence[str]) -> tuple[str, ...]:
    """Labels of methods that keep the correlations of pairs: exact ones, and circuits."""
    from ..solvers import METHODS  # a file may be drawn in a process that ran no solver

    kinds = _kinds(str(getattr(dataset, "attrs", {}).get("spec", "")))
    found = []
    for label in labels:
        kind = kinds.get(label, label)
        method = METHODS.get(kind)
        if kind == "circuit" or (method is not None and method.reference is not None):
            found.append(label)
    return tuple(found)


def fills(styles_: Mapping[str, style.MethodStyle], lines: bool) -> dict[str, str]:
    """How the markers of every method are filled: apart where dashes do not tell them apart.

    Args:
        styles_: of all methods, so that a choice of them changes nothing.
        lines: whether points are joined by lines.
    """
    seen: dict[Any, int] = {}
    found = {}
    for label, own in styles_.items():
        if own.marker:
            found[label] = "full" if own.filled else "none"
            continue
        dashes = own.line if lines else ""
        k = seen[dashes] = seen.get(dashes, -1) + 1
        found[label] = _FILLS[k % len(_FILLS)]
    return found


def _with_shots(dataset: Any) -> list[str]:
    if "polarization_error" not in dataset or "method" not in dataset:
        return []
    known = dataset["polarization_error"].notnull()
    any_known = known.any([d for d in known.dims if d != "method"])
    return [str(label) for label in dataset["method"].values[any_known.values]]


def _kinds(spec: str) -> dict[str, str]:
    try:
        methods = toml.loads(spec).get("method", [])
        return {str(m.get("label", m["kind"])): str(m["kind"]) for m in methods}
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError):
        return {}  # a dataset of other origin: labels are read as kinds
