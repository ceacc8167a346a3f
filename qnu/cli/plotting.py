"""``qnu plot``: figures of results that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import QnuError
from ._frame import echo, show_path

_Folder = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="A folder of `qnu run` or `qnu sweep`, or a sweep.nc."),
]
_Quantity = Annotated[
    str | None,
    typer.Option(
        "--quantity", metavar="NAMES", help="What is drawn, as entropy or entropy,z; see `--list`."
    ),
]
_X = Annotated[
    str | None, typer.Option("--x", metavar="KEY", help="The parameter along the axis, or time.")
]
_Line = Annotated[
    str | None,
    typer.Option("--line", metavar="KEY", help="One line for each value of this parameter."),
]
_Residual = Annotated[
    str | None,
    typer.Option("--residual", metavar="LABEL", help="Lower panel: the methods minus this one."),
]
_Relative = Annotated[
    bool, typer.Option("--relative", metavar="", help="Lower panel: the ratio, minus 1.")
]
_Methods = Annotated[
    str | None, typer.Option("--methods", metavar="LABELS", help="With commas; default: all.")
]
_Groups = Annotated[
    str | None, typer.Option("--groups", metavar="NAMES", help="With commas; default: all.")
]
_At = Annotated[
    list[str] | None,
    typer.Option(
        "--at", metavar="KEY=VALUE", help="Of another parameter; `mean`: over all its values."
    ),
]
_Theory = Annotated[
    list[str] | None,
    typer.Option(
        "--theory", metavar="NAME=FORMULA", help="A thin line, as 'rate=2*schedule.gamma'."
    ),
]
_Slope = Annotated[
    str | None,
    typer.Option("--slope", metavar="S", help="Fit slopes; draw a triangle of this one."),
]
_Scale = Annotated[
    str | None, typer.Option("--scale", metavar="SCALE", help="log or linear: the vertical axis.")
]
_Option = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="Of the quantity, as reference=LABEL."),
]
_Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Above the figure.")]
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="FILE.pdf, .png or .svg; default: both PNG and PDF in FOLDER/figures.",
    ),
]
_Panel = Annotated[
    str | None,
    typer.Option(
        "--panel",
        metavar="NAMES",
        help="With commas: length, z, entropy, flavor, residual, mu, matter; or alone: space,"
        " transverse, angles.",
    ),
]
_Histories = Annotated[
    str | None,
    typer.Option("--histories", metavar="LABELS", help="Also draw single histories of these."),
]
_Individuals = Annotated[
    str | None,
    typer.Option("--individuals", metavar="LABELS", help="Also draw single neutrinos of these."),
]
_Width = Annotated[
    str | None,
    typer.Option("--width", metavar="WIDTH", help="single: a journal column; double: a page."),
]
_Axis = Annotated[
    str | None,
    typer.Option("--axis", metavar="UNIT", help="Second time axis: km, m, cm, s, ms, us or none."),
]
_ListOnly = Annotated[
    bool, typer.Option("--list", metavar="", help="List the quantities and draw nothing.")
]


def plot(
    folder: _Folder,
    panel: _Panel = None,
    methods: _Methods = None,
    groups: _Groups = None,
    residual: _Residual = None,
    histories: _Histories = None,
    individuals: _Individuals = None,
    width: _Width = None,
    axis: _Axis = None,
    quantity: _Quantity = None,
    x: _X = None,
    line: _Line = None,
    relative: _Relative = False,
    at: _At = None,
    theory: _Theory = None,
    slope: _Slope = None,
    scale: _Scale = None,
    option: _Option = None,
    title: _Title = None,
    output: _Output = None,
    list_: _ListOnly = False,
) -> None:
    """Draw results that are there: of a run against time, of a sweep against a parameter.

    Of a run: its methods over each other, one panel for each name of --panel.
    Of a sweep: mean and standard error over seeds; one line for each value of
    another parameter, methods by line style, groups by color or side by side.
    What is not given is taken from the tables `output` and `plot` of the file.
    A note in the figure says what is left out, which points of a sweep failed or
    have no value, and where pairs of neutrinos meet repeatedly.

    Examples:
        qnu plot results/first --panel entropy,flavor --methods kinetic
        qnu plot runs/gamma --x schedule.gamma --residual many_body
    """
    both = {"methods": _words("--methods", methods), "title": title}
    of_run: dict[str, Any] = {
        "panels": _words("--panel", panel),
        "histories": _words("--histories", histories),
        "individuals": _words("--individuals", individuals),
        "width": width,
        "second_axis": {"none": ""}.get(axis, axis) if axis is not None else None,
    }
    of_sweep: dict[str, Any] = {
        "quantity": _names(quantity),
        "groups": _words("--groups", groups),
        "x": x,
        "line": line,
        "relative": relative or None,
        "at": _pairs("--at", at, _value),
        "theory": _pairs("--theory", theory, str),
        "slope": None if slope is None else _number("--slope", slope),
        "scale": scale,
        "options": _pairs("--option", option, _value),
    }
    _draw(folder, both, of_run, {**of_sweep, "residual": residual}, output, list_)


def _draw(
    folder: Path,
    both: dict[str, Any],
    of_run: dict[str, Any],
    of_sweep: dict[str, Any],
    output: Path | None,
    names_only: bool,
) -> None:
    """With what belongs to the kind of folder; an option of the other kind is an error."""
    from ..experiment import result_figures, sweep_figures

    if result_figures.is_result(folder):
        residual = of_sweep.pop("residual")
        _refuse(of_sweep, "a sweep, and this is a folder of `qnu run`")
        if names_only:
            over_space = result_figures.OVER_SPACE.items()
            _list(_PANELS | {name: f"alone: {about}" for name, (_, about) in over_space})
            return
        given = {**both, **of_run, **_against(residual, of_run["panels"])}
        files = result_figures.draw(folder, _given(given), output)
    else:
        if names_only:
            _list(sweep_figures.names(folder))
            return
        _refuse(of_run, "a folder of `qnu run`, and this is none")
        files = sweep_figures.draw(folder, _given({**both, **of_sweep}), output)
    for file in files:
        show_path("Figure", file)


#: Panels of a figure of a run, for `--list`.
_PANELS = {
    "length": "length of the mean polarization of a group",
    "z": "its z component",
    "entropy": "entropy of one neutrino, in bits",
    "flavor": "P(nu_e)",
    "residual": "distance from the exact method, in standard errors where there are shots",
    "mu": "mu(t)",
    "matter": "lambda_e(t)",
}
#: Options whose name is not that of the setting.
_OPTIONS = {"panels": "panel", "second_axis": "axis", "options": "option"}


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _refuse(settings: dict[str, Any], where: str) -> None:
    """Options that belong to the other kind of folder."""
    for name, value in _given(settings).items():
        shown = value if isinstance(value, str | int | float) else "a value"
        raise QnuError(f"--{_OPTIONS.get(name, name)}", shown, f"an option for {where}")


def _against(label: str | None, panels: list[str] | None) -> dict[str, Any]:
    """The method that residuals refer to, and their panel."""
    if label is None:
        return {}
    shown = ["z", "residual"] if panels is None else panels
    return {"reference": label, "panels": list(dict.fromkeys([*shown, "residual"]))}


def _list(names: dict[str, str]) -> None:
    longest = max(map(len, names), default=0)
    for name, about in names.items():
        echo(f"{name:<{longest}}  {about}".rstrip())


def _words(option: str, text: str | None) -> list[str] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise QnuError(option, text, "names with commas between them")
    return words


def _names(quantity: str | None) -> str | list[str] | None:
    """One quantity, or several with commas between them."""
    if quantity is None or "," not in quantity:
        return quantity
    return _words("--quantity", quantity)


def _pairs(option: str, texts: list[str] | None, read: Any) -> dict[str, Any] | None:
    found = {}
    for text in texts or ():
        name, equal, value = text.partition("=")
        if not (equal and name.strip() and value.strip()):
            raise QnuError(option, text, "NAME=VALUE")
        found[name.strip()] = read(value.strip())
    return found or None


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise QnuError(option, text, "a finite number") from None
