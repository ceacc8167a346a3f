"""``qnu compile``: an experiment's circuit in a device's own gates, and what it costs there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from ._frame import checking, echo, progress, show_path, whole_number, width
from ._options import Config, Seed, Spec

if TYPE_CHECKING:
    from ..quantum.compile.cost import Estimate


def compile_(
    spec: Spec,
    hardware: Config,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the circuit: FILE.qasm or FILE.qpy."
        ),
    ] = None,
    seed: Seed = None,
    effort: Annotated[
        str | None,
        typer.Option("--effort", metavar="N", help="Routes to try, instead of the config's."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", help="No progress bar.")
    ] = False,
) -> None:
    """Compile an experiment's schedule for a device.

    Prints two-qubit gates and depth with their ratios to three per encounter and
    per logical layer, duration, and the success probability expected from the
    calibration.
    """
    from .. import experiment
    from ..quantum import load_machine
    from ..quantum.circuits import files
    from ..quantum.compile.compilation import compile_for, resolve
    from ..quantum.compile.cost import estimate

    if output is not None:
        files.check_ending(output)
    quiet = quiet or not sys.stderr.isatty()
    with checking(spec, quiet):
        loaded = experiment.load(spec, whole_number("--seed", seed))
        machine = load_machine(hardware)
        target, options = resolve(machine, len(loaded.gas))
        if effort is not None:
            options = _tried(options, effort)
    with progress(["compiling"], quiet) as stage, stage("compiling") as advance:
        isa = compile_for(loaded.gas, loaded.schedule, machine, options=options, progress=advance)
        cost = estimate(isa, target)
        if output is not None:
            files.write_circuit(isa, output)
    _print(loaded, machine, isa, cost)
    if loaded.schedule.kind == "tournament" and isa.metadata["route"] == "search":
        echo('  order = "line" in [schedule] would need no extra gate on a path of this device')
    if output is not None:
        show_path("Circuit", output)


def _tried(options: Any, effort: str) -> Any:
    if not (
        effort.isascii() and effort.isdecimal() and len(effort) < 6 and 1 <= int(effort) <= 10_000
    ):
        raise QnuError("--effort", effort, "a whole number from 1 to 10000")
    return options.model_copy(update={"effort": int(effort)})


def _print(loaded: Any, machine: Any, isa: Any, cost: Estimate) -> None:
    from rich.console import Console
    from rich.table import Table

    metadata = isa.metadata
    echo(
        f"{loaded.name}, {len(loaded.gas)} neutrino{'s' * (len(loaded.gas) != 1)}"
        f" on {machine.name} ({isa.num_qubits} qubits)"
    )
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    rows = [
        (
            "two-qubit gates",
            f"{cost.two_qubit_gates}",
            _bound(cost.gate_ratio, cost.encounters, "encounter"),
        ),
        (
            "two-qubit depth",
            f"{cost.two_qubit_depth}",
            _bound(cost.depth_ratio, cost.layers, "logical layer"),
        ),
        ("duration", _seconds(cost.duration), "first gate to last, readout excluded"),
        (
            "success probability",
            f"{cost.success_probability:.3g}",
            "gates, idling and readout of the calibration",
        ),
        ("route", metadata["route"], _ROUTES[metadata["route"]]),
        ("physical qubits", "", " ".join(map(str, metadata["initial_qubit"]))),
    ]
    if metadata["bad_couplers"]:
        text = " ".join(f"{a}-{b}" for a, b in metadata["bad_couplers"])
        rows.append(("bad couplers used", str(len(metadata["bad_couplers"])), text))
    for name, value, text in rows:
        table.add_row(f"  {name}", value, text)
    Console(width=width()).print(table)
    echo("  counted: the circuit of the whole schedule; samples on the way add gates")


_ROUTES = {
    "all-to-all": "every pair has a coupler",
    "wiring": "the couplers of the schedule, no gate beyond three per encounter",
    "perfect": "swaps in encounters only, no gate beyond three per encounter",
    "search": "swaps in encounters where they help, SWAP gates elsewhere",
}


def _bound(ratio: float, count: int, per: str) -> str:
    return f"{ratio:.2f} x 3 per {per} ({count})" if count else ""


def _seconds(duration: float) -> str:
    if duration != duration:
        return "unknown"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if duration >= size:
            return f"{duration / size:.3g} {unit}"
    return f"{duration / 1e-9:.3g} ns"
