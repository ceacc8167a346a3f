"""``qnu export``: results, circuits and Hamiltonians for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import QnuError, Words
from . import _complete
from ._frame import show_path

_Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help="A folder of `qnu run` or `qnu sweep`, or one of their .nc files; with --qasm2,"
        " --qasm3 or --hamiltonian an experiment.",
        autocompletion=_complete.experiments,
    ),
]
_Csv = Annotated[bool, typer.Option("--csv", metavar="", help="As CSV; the default.")]
_Npz = Annotated[bool, typer.Option("--npz", metavar="", help="As NumPy arrays.")]
_Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="A new folder; default: FOLDER-tables. Of an experiment a new file; default: NAME.qasm"
        " or NAME.json.",
    ),
]
_Neutrinos = Annotated[
    bool,
    typer.Option(
        "--neutrinos", metavar="", help="Also one row per neutrino, and per pair where asked for."
    ),
]
_Qasm2 = Annotated[
    bool,
    typer.Option(
        "--qasm2", metavar="", help="The circuit in OpenQASM 2, gates of qelib1.inc, measured."
    ),
]
_Qasm3 = Annotated[
    bool,
    typer.Option("--qasm3", metavar="", help="The circuit in OpenQASM 3, with sample times."),
]
_Hamiltonian = Annotated[
    bool,
    typer.Option(
        "--hamiltonian",
        metavar="",
        help="Of plane waves, as Pauli strings: FILE.json as Benchpress reads HamLib, FILE.txt as"
        " HamLib's text.",
    ),
]


def export(
    folder: _Folder,
    csv: _Csv = False,
    npz: _Npz = False,
    output: _Output = None,
    neutrinos: _Neutrinos = False,
    qasm2: _Qasm2 = False,
    qasm3: _Qasm3 = False,
    hamiltonian: _Hamiltonian = False,
) -> None:
    """Write results as CSV tables: time, group, seed, P_x, P_y, P_z, entropy, ...

    One file per method, with one row per time and group; of several seeds also
    their means with standard errors. README.md beside them says what every column
    is. Numbers have all digits. A folder that exists is not overwritten.

    With --qasm2, --qasm3 or --hamiltonian, the circuit or the Hamiltonian of an
    experiment, for benchmarks and other simulators.

    Example:
        qnu export results/two_groups_10 --csv -o tables
        qnu export plane_wave_8 --hamiltonian
    """
    from .. import catalogue
    from ..experiment import exporting

    asked = {"qasm2": qasm2, "qasm3": qasm3, "hamiltonian": hamiltonian}
    forms = [form for form, wanted in asked.items() if wanted]
    if forms:
        others = [name for name, on in (("csv", csv), ("npz", npz), ("neutrinos", neutrinos)) if on]
        _program(str(folder), [*forms, *others], output)
        return
    named = folder.suffix == ".toml" or str(folder) in catalogue.experiment_names()
    if named and not folder.is_dir():
        allowed = "results; for an experiment add --qasm2, --qasm3 or --hamiltonian"
        raise QnuError("folder", Words(f"the experiment {str(folder)!r}"), allowed)
    if csv and npz:
        raise QnuError("--npz", "both --csv and --npz", "one of the two")
    files = exporting.export(folder, output, neutrinos=neutrinos, form="npz" if npz else "csv")
    for file in files:
        show_path("Written", file)


def _program(spec: str, asked: list[str], output: Path | None) -> None:
    """The circuit or the Hamiltonian of an experiment."""
    from ..experiment.programs import export_program

    if len(asked) > 1:
        given = Words(" and ".join(f"--{name}" for name in asked))
        raise QnuError(f"--{asked[0]}", given, "one of them")
    show_path("Written", export_program(spec, asked[0], output))
