"""Group means on the Bloch sphere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from ..averages import box_means, on_one_line
from ..common.checks import Floats
from . import histories as ensembles
from . import legends, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory

#: In inches, where the legend is not wider.
_WIDTH = 4.9
_ELEVATION, _AZIMUTH = 18.0, -52.0
#: Size of a mark, in points.
_MARK = 6.5
#: Marks nearer to each other lie on each other.
_SAME_PLACE = 0.04


def bloch(
    trajectories: Mapping[str, Trajectory] | Trajectory,
    title: str | None = None,
    *,
    until: float | None = None,
    histories: str | Sequence[str] = (),
) -> Figure:
    """The paths of ``P_g(t)`` inside the Bloch sphere: nu_1 at the top, nu_2 at the bottom.

    Pure states lie on the sphere; a path inside it means entanglement (or dephasing within
    the group). Open triangle: first sample; cross: last one; groups at the same place have marks
    of different sizes. Colors and line styles as in
    :func:`compare`. Of an ensemble it is the path of the mean over seeds, which lies further
    inside than the histories where these turn by different angles.

    Args:
        trajectories: label -> Trajectory, or one Trajectory.
        title: above the figure.
        until: draw samples up to this time only; default: all. Samples are joined by straight
            lines, so take several per turn.
        histories: labels of ensembles of which every history is drawn too, as a thin line.

    Returns:
        a matplotlib Figure.

    Raises:
        QnuError: no trajectory, ``histories`` that name no ensemble.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> bloch(qnu.solvers.mean_field(gas, [0.0, 1.0, 2.0])).axes[0].name
        '3d'
    """
    if not isinstance(trajectories, Mapping):
        trajectories = {trajectories.method: trajectories}
    colors = style.all_groups(trajectories)
    trajectories = box_means(trajectories)
    methods = style.styles(trajectories)
    single = ensembles.checked_histories(trajectories, histories)
    with style.paper():
        groups = legends.group_handles(colors, legends.group_texts(trajectories))
        thin = ensembles.thin_keys(trajectories, methods, (), single)
        if any(trajectory.seeds is not None for trajectory in trajectories.values()):
            thin.append(
                Line2D([], [], linestyle="none", label=ensembles.mean_in_words(trajectories))
            )
        entries = [*legends.method_handles(methods), *_keys_of_ends(), *thin]
        lines = legends.lines_of(groups, entries)
        figure = style.new_figure(_WIDTH, max(3.6, legends.inches(lines)))
        ax: Any = figure.add_axes((-0.045, -0.02, 0.75, 1.02), projection="3d")
        ax.view_init(elev=_ELEVATION, azim=_AZIMUTH)
        ax.set_proj_type("ortho")
        _draw_sphere(ax)
        for label, trajectory in trajectories.items():
            if label in single:
                _draw_histories(ax, trajectory, colors, until)
            _draw_paths(ax, trajectory, colors, methods[label], until)
        _draw_ends(ax, trajectories, colors, methods, until)
        limit = 0.78  # mplot3d leaves wide margins around its box
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), zlim=(-limit, limit))
        ax.set_box_aspect((1, 1, 1))
        ax.set_axis_off()
        _place(figure, ax, groups, entries)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
    return figure


def _place(figure: Figure, ax: Any, groups: Sequence[Line2D], entries: Sequence[Any]) -> None:
    """The legend at the right of the sphere, in a figure that is wide enough for it."""
    legends.two_part_legend(figure, groups, entries, loc="center left", borderaxespad=0.0)
    (legend,) = figure.legends
    left = 0.685 * _WIDTH
    width = max(_WIDTH, left + legend.get_window_extent().width / figure.dpi + 0.05)
    figure.set_figwidth(width)
    legend.set_bbox_to_anchor((left / width, 0.5), figure.transFigure)
    ax.set_position((-0.045 * _WIDTH / width, -0.02, 0.75 * _WIDTH / width, 1.02))


def _draw_sphere(ax: Any) -> None:
    angle = np.linspace(0, 2 * np.pi, 181)
    cos, sin, zero = np.cos(angle), np.sin(angle), np.zeros_like(angle)
    thin = {"color": "0.88", "linewidth": 0.4, "zorder": 0.5}
    for latitude in np.deg2rad([-60, -30, 30, 60]):
        ax.plot(cos * np.cos(latitude), sin * np.cos(latitude), zero + np.sin(latitude), **thin)
    for longitude in np.deg2rad([30, 60, 120, 150]):
        ax.plot(cos * np.cos(longitude), cos * np.sin(longitude), sin, **thin)
    strong = thin | {"color": "0.72", "linewidth": 0.6}
    ax.plot(cos, sin, zero, **strong)
    ax.plot(cos, zero, sin, **strong)
    ax.plot(zero, cos, sin, **strong)
    # the outline, seen from the camera
    elevation, azimuth = np.deg2rad([_ELEVATION, _AZIMUTH])
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    toward = np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    rim = np.outer(cos, right) + np.outer(sin, np.cross(toward, right))
    ax.plot(*rim.T, color="0.5", linewidth=0.8, zorder=0.6)
    axis = {"color": "0.45", "linewidth": 0.6, "zorder": 0.7}
    for end, reach in zip(np.eye(3), (1.28, 1.12, 1.12), strict=True):
        ax.plot(*np.stack([-end, reach * end]).T, **axis)
    rim_of_text = [Stroke(linewidth=2.5, foreground="white"), Normal()]
    text: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10.5, "zorder": 20.0}
    text["path_effects"] = rim_of_text
    ax.text(0, 0, 1.24, r"$|0\rangle = \nu_1$", **text)
    ax.text(0, 0, -1.16, r"$|1\rangle = \nu_2$", **text)
    ax.text(1.42, 0, 0, r"$P_x$", **text)
    ax.text(0, 1.22, 0, r"$P_y$", **text)


def _paths(trajectory: Trajectory, until: float | None) -> Floats:
    """``(histories, samples, groups, 3)``."""
    means = trajectory.group_mean()
    paths: Floats = means if trajectory.seeds is not None else means[None]
    return paths if until is None else paths[:, trajectory.times <= until]


def _draw_histories(
    ax: Any, trajectory: Trajectory, colors: Mapping[str, str], until: float | None
) -> None:
    paths = _paths(trajectory, until)
    for g, name in enumerate(trajectory.group_names):
        for path in paths[:, :, g]:
            thin = {"linewidth": 0.4, "alpha": ensembles.strength(len(paths)), "zorder": 1.0}
            ax.plot(*path.T, color=colors[name], gid=f"histories:{name}", **thin)


def _draw_paths(
    ax: Any,
    trajectory: Trajectory,
    colors: Mapping[str, str],
    own: style.MethodStyle,
    until: float | None,
) -> None:
    means = _paths(trajectory, until).mean(axis=0)
    if len(means) == 0:
        return
    for g, name in enumerate(trajectory.group_names):
        path = means[:, g]
        options = own.line_options(colors[name])
        if own.line:
            options["linewidth"] = 0.55 * own.width
        else:
            options["markersize"] = 0.6 * options["markersize"]
        options["gid"] = f"{own.name}:{name}"
        ax.plot(*path.T, **options)


def _draw_ends(
    ax: Any,
    trajectories: Mapping[str, Trajectory],
    colors: Mapping[str, str],
    methods: Mapping[str, style.MethodStyle],
    until: float | None,
) -> None:
    """Where the paths begin and end: one mark for all methods that do so at the same place."""
    for which, marker in (("start", "^"), ("end", "X")):
        places: list[tuple[str, Floats]] = []
        for label, trajectory in trajectories.items():
            means = _paths(trajectory, until).mean(axis=0)
            if not methods[label].line or len(means) == 0:
                continue
            for name, place in zip(
                trajectory.group_names, means[0 if which == "start" else -1], strict=True
            ):
                same = [p for n, p in places if n == name]
                if all(np.linalg.norm(p - place) > _SAME_PLACE for p in same):
                    places.append((name, place))
        for k, (name, place) in enumerate(places):
            later = sum(np.linalg.norm(p - place) <= _SAME_PLACE for _, p in places[k + 1 :])
            face = "white" if which == "start" else colors[name]
            ax.plot(
                *place[:, None],
                linestyle="none",
                marker=marker,
                markersize=_MARK * (1 + 0.6 * later),
                markerfacecolor=face,
                markeredgecolor=colors[name] if which == "start" else "white",
                markeredgewidth=1.2 if which == "start" else 0.6,
                zorder=9.0 + 0.01 * k,
                gid=f"{which}:{name}",
            )


def _keys_of_ends() -> list[Line2D]:
    """Entries of the legend for the marks."""
    point: dict[str, Any] = {"color": "#404040", "linestyle": "none", "markersize": _MARK}
    return [
        Line2D([], [], marker="^", markerfacecolor="white", label="start", **point),
        Line2D([], [], marker="X", markeredgecolor="white", label="end", **point),
    ]


def sphere_is_useful(trajectories: Mapping[str, Trajectory]) -> bool:
    """Whether :func:`bloch` shows more than a straight line.

    Args:
        trajectories: label -> Trajectory.

    Returns:
        False where all group means of all methods stay on one straight line, such as the z axis.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, 1]], omega=[0.1, 0.1])
        >>> sphere_is_useful({"mean field": qnu.solvers.mean_field(gas, [0.0, 1.0])})
        False
    """
    return not on_one_line(trajectories.values())
