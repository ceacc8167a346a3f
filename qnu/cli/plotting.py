"""``qnu plot``: figures of results that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import QnuError
from ._frame import echo, show_path

_Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A folder of `qnu sweep`, or its sweep.nc.")
]
_Quantity = Annotated[
    str | None,
    typer.Option(
        "--quantity", metavar="NAME", help="What is drawn, such as entropy; see `--list`."
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
_ListOnly = Annotated[
    bool, typer.Option("--list", metavar="", help="List the quantities and draw nothing.")
]


def plot(
    folder: _Folder,
    quantity: _Quantity = None,
    x: _X = None,
    line: _Line = None,
    residual: _Residual = None,
    relative: _Relative = False,
    methods: _Methods = None,
    groups: _Groups = None,
    at: _At = None,
    theory: _Theory = None,
    slope: _Slope = None,
    scale: _Scale = None,
    option: _Option = None,
    title: _Title = None,
    output: _Output = None,
    list_: _ListOnly = False,
) -> None:
    """Draw a sweep: mean and standard error over seeds against a parameter.

    One line for each value of another parameter; methods by line style; groups
    by color or side by side. What is not given here is taken from the table
    `plot` of the file that was swept. A note in the figure says which points
    failed or have no value, and where pairs of neutrinos meet repeatedly.

    Example:
        qnu plot runs/gamma --x schedule.gamma --residual many_body
    """
    from ..experiment import sweep_figures

    if list_:
        _list(sweep_figures.names(folder))
        return
    given: dict[str, Any] = {
        "quantity": quantity,
        "x": x,
        "line": line,
        "residual": residual,
        "relative": relative or None,
        "methods": _words("--methods", methods),
        "groups": _words("--groups", groups),
        "at": _pairs("--at", at, _value),
        "theory": _pairs("--theory", theory, str),
        "slope": None if slope is None else _number("--slope", slope),
        "scale": scale,
        "options": _pairs("--option", option, _value),
        "title": title,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    for file in sweep_figures.draw(folder, wanted, output):
        show_path("Figure", file)


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
