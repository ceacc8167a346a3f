"""``qnu export``: results as tables for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import QnuError
from ._frame import show_path

_Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", help="A folder of `qnu run` or `qnu sweep`, or one of their .nc files."
    ),
]
_Csv = Annotated[bool, typer.Option("--csv", metavar="", help="As CSV; the default.")]
_Npz = Annotated[bool, typer.Option("--npz", metavar="", help="As NumPy arrays.")]
_Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="A new folder; default: FOLDER-tables."),
]
_Neutrinos = Annotated[
    bool,
    typer.Option(
        "--neutrinos", metavar="", help="Also one row per neutrino, and per pair where asked for."
    ),
]


def export(
    folder: _Folder,
    csv: _Csv = False,
    npz: _Npz = False,
    output: _Output = None,
    neutrinos: _Neutrinos = False,
) -> None:
    """Write results as CSV tables: time, group, seed, P_x, P_y, P_z, entropy, ...

    One file per method, with one row per time and group; of several seeds also
    their means with standard errors. README.md beside them says what every column
    is. Numbers have all digits. A folder that exists is not overwritten.

    Example:
        qnu export results/two_groups_10 --csv -o tables
    """
    from ..experiment import exporting

    if csv and npz:
        raise QnuError("--npz", "both --csv and --npz", "one of the two")
    files = exporting.export(folder, output, neutrinos=neutrinos, form="npz" if npz else "csv")
    for file in files:
        show_path("Written", file)
