"""What all figures share: colors of groups, line styles of methods, fonts, an empty figure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from ..errors import QnuError
from ..methods import LineStyle

if TYPE_CHECKING:
    from ..trajectory import Trajectory

#: One color per group. Told apart by eyes that lack red or green, and in grey: CIE lightness
#: 26, 62, 43, 73, 5. A sixth would be taken for one of them; more groups get a ramp.
GROUP_COLORS = ("#0B3C7D", "#E8790B", "#00735C", "#62BDEE", "#111111")

#: Column widths of a Physical Review page, in inches.
SINGLE_COLUMN, DOUBLE_COLUMN = 3.4, 7.0

#: Fonts that come with matplotlib, so that figures look alike on every machine.
SETTINGS: dict[str, Any] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.title_fontsize": 10.0,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "lines.dash_capstyle": "butt",
    "text.usetex": False,
    "figure.dpi": 150.0,
    "pdf.fonttype": 42,
    "savefig.dpi": 300.0,
    "svg.fonttype": "none",
}

_SMALL: dict[str, Any] = {
    "font.size": 8.5,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True)
class MethodStyle(LineStyle):
    """How one method is drawn, in the colors of the groups."""

    def color(self, color: str) -> str:
        """The color of a group as this method draws it."""
        rgb = np.array(to_rgb(color))
        return str(to_hex(rgb + self.pale * (1 - rgb)))

    def line_options(self, color: str) -> dict[str, Any]:
        """Keyword arguments of ``Axes.plot``."""
        own = self.color(color)
        options: dict[str, Any] = {
            "color": own,
            "linestyle": self.line or "none",
            "linewidth": self.width,
            "zorder": self.order,
        }
        if self.marker:
            options |= {
                "marker": self.marker,
                "markersize": 3.2 if self.filled else 5.2,
                "markerfacecolor": own if self.filled else "none",
                "markeredgecolor": own,
                "markeredgewidth": 0.9,
            }
        return options


_EXACT = MethodStyle("circuit, exact", line="", marker="o", order=6.0)
_SHOTS = MethodStyle("circuit, shots", line="", marker="o", filled=True, order=7.0)
_MARKERS = "osD^vP"


def is_circuit(trajectory: Trajectory) -> bool:
    """True for results of circuits, on machines or simulators of them."""
    method = trajectory.method
    return method.startswith(("circuit", "aer", "quantum")) or "hardware" in trajectory.attrs


def method_style(trajectory: Trajectory) -> MethodStyle:
    """Line style = method: solid, dashed, dash-dot, dash-dot-dot, dotted; markers for circuits.

    Args:
        trajectory: any.

    Returns:
        its style; filled markers where shots were taken, a plain solid line for methods that
        are not known here.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> method_style(qnu.solvers.mean_field(gas, [0.0, 1.0])).name
        'mean field'
    """
    shots = trajectory.group_error() is not None
    return kind_style(trajectory.method, shots, is_circuit(trajectory))


def kind_style(kind: str, shots: bool, circuit: bool) -> MethodStyle:
    """The style of a kind of method."""
    from ..solvers import METHODS  # a file may be drawn in a process that ran no solver

    method = METHODS.get(kind)
    own = None if method is None else method.line_style
    if circuit or (shots and (own is None or not getattr(method, "seeded", False))):
        return _SHOTS if shots else _EXACT
    if own is None:
        return MethodStyle(kind.replace("_", " "))
    return MethodStyle(**asdict(own))


def styles(trajectories: Mapping[str, Trajectory]) -> dict[str, MethodStyle]:
    """One style per label: two results of one method keep its dashes but differ visibly."""
    found = apart({k: (method_style(t), t.method) for k, t in trajectories.items()})
    return {k: own if trajectories[k].seeds is None else narrow(own) for k, own in found.items()}


def narrow(own: MethodStyle) -> MethodStyle:
    """The style of a line with a band, which a wide pale line would hide."""
    width = own.width if own.width < 1.6 else max(1.2, 0.42 * own.width)
    return replace(own, width=width, pale=0.6 * own.pale)


def apart(bases: Mapping[str, tuple[MethodStyle, str]]) -> dict[str, MethodStyle]:
    """One style per label, from the style and the kind of its method."""
    result: dict[str, MethodStyle] = {}
    seen: dict[MethodStyle, int] = {}
    for label, (base, kind) in bases.items():
        look = replace(base, name="")  # methods of other names may look alike
        k = seen[look] = seen.get(look, -1) + 1
        # the default label of a method is its name in files; on paper it reads better
        name = base.name if label == kind and not base.marker else label
        own = replace(base, name=plain(name))
        if k and base.marker:
            own = replace(own, marker=_MARKERS[k % len(_MARKERS)])
        elif k:
            own = replace(own, width=max(0.6, base.width * 0.6**k), pale=base.pale / 2)
        result[label] = own
    return result


def plain(name: str) -> str:
    """A name or title of the user's: mathematics where it is valid, else the text as it stands."""
    if "$" not in name:
        return name
    try:
        MathTextParser("path").parse(name)
    except ValueError:
        return name.replace("$", r"\$")
    return name if name.count("$") % 2 == 0 else name.replace("$", r"\$")


_NEUTRINO = re.compile(
    r"(?P<before>anti[-_ ]?)?nu(?P<inside>[-_ ]?bar)?"
    r"(?:[-_ ]?(?P<kind>e|x|y|mu|tau|[1-3]))?(?P<after>[-_ ]?bar)?",
    re.IGNORECASE,
)


def group_name(name: str) -> str:
    r"""The name of a group as figures write it: ``nu_e`` and the like as symbols.

    Args:
        name: any; ``nu_e``, ``nu_x``, ``nu_mu``, ``nu_1``, ``anti_nu_e``, ``anti-nu_e``,
            ``nubar_e``, ``nu_e_bar`` (with ``_``, ``-``, a blank or nothing between the parts) are
            symbols; all others stay as they are.

    Examples:
        >>> print(group_name("nu_e"), group_name("anti-nu_mu"), group_name("beam"))
        $\nu_e$ $\bar\nu_\mu$ beam
    """
    found = _NEUTRINO.fullmatch(name)
    bars = [] if found is None else [k for k in ("before", "inside", "after") if found[k]]
    if found is None or len(bars) > 1:
        return plain(name)
    kind = (found["kind"] or "").lower()
    below = {"": "", "mu": r"_\mu", "tau": r"_\tau"}.get(kind, f"_{kind}")
    bar = r"\bar" if bars else ""
    return rf"${bar}\nu{below}$"


def group_colors(names: Sequence[str]) -> dict[str, str]:
    """``color = GROUP_COLORS[number of the group]``: one color per group, in every figure.

    Args:
        names: names of all groups, in the order of the gas.

    Returns:
        a color for every name; with more than five groups a ramp from dark to light.

    References:
        Okabe and Ito (2008) for colors that are distinguishable with color blindness.

    Examples:
        >>> group_colors(["1", "2"])
        {'1': '#0B3C7D', '2': '#E8790B'}
    """
    if len(names) <= len(GROUP_COLORS):
        return dict(zip(names, GROUP_COLORS, strict=False))
    ramp = colormaps["cividis"](np.linspace(0.0, 0.92, len(names)))
    return {name: str(to_hex(color)) for name, color in zip(names, ramp, strict=True)}


def lightness(color: str) -> float:
    r""":math:`L^* = 116\,Y^{1/3} - 16`: what is left of a color in grey; 0 black, 100 white.

    Args:
        color: any color matplotlib knows.

    Returns:
        CIE lightness.

    Raises:
        ValueError: not a color.

    References:
        CIE 1976 L*a*b*, sRGB primaries.

    Examples:
        >>> round(lightness("white"), 3), round(lightness("#0B3C7D"))
        (100.0, 26)
    """
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    if luminance <= (6 / 29) ** 3:
        return float(luminance * (29 / 3) ** 3)
    return float(116 * luminance ** (1 / 3) - 16)


class PaperFigure(Figure):
    """A matplotlib Figure that pyplot does not know of, but a notebook can show."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with paper():
            self.savefig(buffer, format="png", dpi=150)
        return buffer.getvalue()


@contextmanager
def paper(narrow: bool = False) -> Iterator[None]:
    """Fonts and lines of a paper inside the block; matplotlib's settings as before after it.

    Args:
        narrow: smaller letters, for one column of a journal.
    """
    with rc_context(SETTINGS | (_SMALL if narrow else {})):
        yield


def new_figure(width: float, height: float, **options: Any) -> PaperFigure:
    """An empty figure, in inches, that draws itself without a screen."""
    figure = PaperFigure(figsize=(width, height), **options)
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Figure) -> None:
    """Lay a figure out once and for all: else every drawing of it moves things a little."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def all_groups(trajectories: Mapping[str, Trajectory]) -> dict[str, str]:
    """Checked: at least one trajectory. The color of every group that appears."""
    if not isinstance(trajectories, Mapping) or not trajectories:
        raise QnuError("trajectories", trajectories, "a dictionary of at least one Trajectory")
    names: dict[str, None] = {}
    for trajectory in trajectories.values():
        names.update(dict.fromkeys(trajectory.group_names))
    return group_colors(list(names))
