"""Survival against the angle: P(nu_e) of every beam at some times, above the lepton number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from ..common.checks import Floats
from ..errors import QnuError, Words
from ..modes import lepton_number
from ..time_words import time_words
from ..trajectory import Trajectory
from . import page, style
from .boxes import labelled, one_history, species

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Of a panel of P(nu_e) and of the one of the lepton number, in inches.
_PANEL, _BELOW = 1.55, 1.35
#: Species with fewer beams are drawn as marks.
_LINE = 6
#: Times without being asked: the first sample, the last, and so many between.
_TIMES = 4


def angular_survival(
    trajectories: Mapping[str, Trajectory] | Trajectory,
    times: Sequence[float] | None = None,
    title: str | None = None,
    *,
    groups: Sequence[str] | None = None,
    width: str = "double",
) -> Figure:
    r""":math:`P_{ee}(c) = (1 + \mathbf P_c\cdot\mathbf L)/2` at some times, and the lepton number.

    Color: the species; from pale to full: time. c is the cosine to the z axis; of antineutrinos
    :math:`P(\bar\nu_e)`. With space it is the mean over cells. A column for each method, a row for
    each species; below them the electron lepton number of the start as a density in c, of each
    species (antineutrinos count negative) and of all: where it changes its sign fast flavor
    conversion can begin. Species with fewer than six beams are drawn as marks, then the lowest
    panels have their weights.

    Args:
        trajectories: label -> Trajectory whose rows are beams, or one; others are left out. Of an
            ensemble its first history is drawn.
        times: sample times; default: four samples from the first to the last.
        title: above the figure.
        groups: names of species; default: all.
        width: ``"double"`` or ``"single"``.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: no result of beams, a time that is no sample time, an unknown species.

    Examples:
        >>> import qnu
        >>> beams = qnu.Beams([-0.5, 0.5], [0.5, 0.5], [[0, 0, 1], [0, 0, 1]])
        >>> run = qnu.Trajectory.of_beams(
        ...     "t", beams, [0.0], beams.polarization[None], started=0.0, cells=None)
        >>> angular_survival(run).axes[0].get_ylabel().splitlines()[0]
        '$P(\\nu_e)$'
    """
    page.checked_width(width)
    known = {k: t for k, t in labelled(trajectories).items() if "cosine" in t.dataset.coords}
    if not known:
        raise QnuError("trajectories", Words("no result of beams"), "a result of transport")
    runs = {k: one_history(t).box_mean() for k, t in known.items()}
    names = species(runs, groups)
    samples = {label: _samples(run, times) for label, run in runs.items()}
    methods = style.styles(runs)
    narrow = width == "single"
    with style.paper(narrow=narrow):
        heights = [_PANEL - 0.3 * narrow] * len(names) + [_BELOW - 0.3 * narrow]
        engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.03, hspace=0.02)
        inches = sum(heights) + 1.0 + 0.25 * bool(title)
        figure = style.new_figure(page.WIDTHS[width], inches, layout=engine)
        panels = figure.subplots(
            len(names) + 1, len(runs), squeeze=False, sharex=True, sharey="row",
            height_ratios=heights,
        )  # fmt: skip
        for column, (label, run) in zip(panels.T, runs.items(), strict=True):
            for ax, name in zip(column[:-1], names, strict=True):
                _draw_survival(ax, run, name, samples[label])
            _draw_lepton_number(column[-1], run, names)
            column[-1].set_xlabel(r"cosine $c$ to the $z$ axis")
            if len(runs) > 1:
                column[0].set_title(methods[label].name, fontsize=9.0 if narrow else 10.5)
        for k, (ax, name) in enumerate(zip(panels[:-1, 0], names, strict=True)):
            ax.set_ylabel(_label(next(iter(runs.values())), name))
            panels[k, 0].set_ylim(-0.04, 1.04)
        panels[-1, 0].set_ylabel("lepton\nnumber" + (" $G(c)$" if _smooth(runs, names) else ""))
        panels[0, 0].set_xlim(-1.03, 1.03)
        figure.align_ylabels(panels[:, 0])
        keys = _keys(runs, samples, names)
        figure.legend(handles=keys, loc="outside lower center", ncols=3 if narrow else 4)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _samples(run: Trajectory, times: Sequence[float] | None) -> list[int]:
    if times is None:
        last = len(run.times) - 1
        return sorted({round(x) for x in np.linspace(0, last, min(_TIMES, last + 1))})
    found = [run.index_of(time) for time in np.atleast_1d(np.asarray(times, float)).tolist()]
    if not found:
        raise QnuError("times", times, "at least one sample time")
    return found


def _shades(color: str, count: int) -> list[str]:
    """A color from pale to full in the order of time."""
    rgb = np.array(to_rgb(color))
    pale = np.linspace(0.72, 0.0, count) if count > 1 else np.zeros(1)
    return [str(to_hex(rgb + p * (1 - rgb))) for p in pale]


def _rows(run: Trajectory, name: str) -> Floats:
    """Numbers of the beams of a species in the order of their cosines."""
    rows = np.flatnonzero(run.dataset["group"].values == name)
    return rows[np.argsort(run.dataset["cosine"].values[rows])]


def _label(run: Trajectory, name: str) -> str:
    anti = bool(run.dataset["antineutrino"].values[_rows(run, name)[0]])
    return (r"$P(\bar\nu_e)$" if anti else r"$P(\nu_e)$") + (
        "" if name in ("nu_e", "anti-nu_e", "nu_e-bar") else f"\nof {style.group_name(name)}"
    )


def _smooth(runs: Mapping[str, Trajectory], names: Sequence[str]) -> bool:
    """Whether every species has so many beams that a density in c is meant."""
    return all(len(_rows(run, name)) >= _LINE for run in runs.values() for name in names)


def _draw_survival(ax: Any, run: Trajectory, name: str, samples: Sequence[int]) -> None:
    rows = _rows(run, name)
    cosine = run.dataset["cosine"].values[rows]
    chance = run.flavor_probability("electron")[:, rows]
    line = {"linestyle": "-", "linewidth": 1.3}
    if len(rows) < _LINE:
        line = {"linestyle": "none", "marker": "o", "markersize": 4.0}
    color = style.group_colors(list(run.group_names))[name]
    for sample, shade in zip(samples, _shades(color, len(samples)), strict=True):
        gid = f"{name}:{run.times[sample]:.6g}"
        ax.plot(cosine, chance[sample], color=shade, gid=gid, **line)
    page.keep_letters(ax)


def _draw_lepton_number(ax: Any, run: Trajectory, names: Sequence[str]) -> None:
    number, cosine = lepton_number(run), run.dataset["cosine"].values
    colors = style.group_colors(list(run.group_names))
    smooth = _smooth({"": run}, names)
    parts = []
    for name in names:
        rows = _rows(run, name)
        values = number[rows] / _widths(cosine[rows]) if smooth else number[rows]
        parts.append((cosine[rows], values))
        if smooth:
            ax.plot(cosine[rows], values, color=colors[name], linewidth=1.2, gid=f"G:{name}")
        else:
            ax.vlines(cosine[rows], 0.0, values, color=colors[name], linewidth=1.6)
            ax.plot(cosine[rows], values, "o", markersize=4.0, color=colors[name], gid=f"G:{name}")
    alike = all(np.array_equal(parts[0][0], other) for other, _ in parts)
    if smooth and alike and len(parts) > 1:
        total = np.sum([values for _, values in parts], axis=0)
        ax.plot(parts[0][0], total, color="black", linewidth=1.6, linestyle="--", gid="G")
    ax.axhline(0.0, color="#808080", linewidth=0.6, zorder=0.5)
    page.keep_letters(ax)


def _widths(cosine: Floats) -> Floats:
    """What each node stands for in c: the weights of Gauss-Legendre where it is that rule."""
    nodes, weights = np.polynomial.legendre.leggauss(len(cosine))
    if np.allclose(nodes, cosine, atol=1e-9):
        return np.asarray(weights)
    ends = np.concatenate([[-1.0], (cosine[1:] + cosine[:-1]) / 2, [1.0]])
    result: Floats = np.maximum(np.diff(ends), 1e-12)
    return result


def _keys(
    runs: Mapping[str, Trajectory], samples: Mapping[str, Sequence[int]], names: Sequence[str]
) -> list[Any]:
    first = next(iter(runs))
    words = time_words(runs.values()).partition(",")[0].replace("mu", r"\mu")
    at = runs[first].times[list(samples[first])]
    keys = [
        Line2D([], [], color=shade, linewidth=1.6, label=rf"${words} = {time:.4g}$")
        for time, shade in zip(at, _shades("#303030", len(at)), strict=True)
    ]
    colors = style.group_colors(list(runs[first].group_names))
    for name in names:
        text = rf"$G(c)$: {style.group_name(name)}"
        keys.append(Line2D([], [], color=colors[name], linewidth=1.6, label=text))
    if _smooth(runs, names) and len(names) > 1:
        keys.append(Line2D([], [], color="black", linestyle="--", linewidth=1.6, label="sum"))
    return keys
