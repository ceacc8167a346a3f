"""``qnu compile``: an experiment's circuit in a device's own gates, and what it costs there."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from ._circuits import (
    LAST,
    SAMPLES,
    WHOLE,
    Row,
    circuit_samples,
    end_early,
    isa_row,
    last_note,
    machine_or_snapshot,
    seconds,
    show_bound,
    show_gain,
    show_stand_in,
)
from ._frame import checking, echo, progress, show_path, whole_number, width
from ._options import Config, Seed, Spec

if TYPE_CHECKING:
    from ..experiment import Experiment
    from ..quantum.compile.cost import Estimate
    from ..schedules.samples import SampleTimes


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
        typer.Option("--effort", metavar="N", help="How much is searched; default 8."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", help="No progress bar.")
    ] = False,
) -> None:
    """Compile an experiment's schedule for a device.

    Prints at once what any circuit of it costs at least there. Then two-qubit gates and
    depth with their ratios to three per encounter and per logical layer, duration, and the
    success probability expected from the calibration.
    """
    from .. import experiment
    from ..quantum.circuits import files
    from ..quantum.compile.bounds import lower_bound
    from ..quantum.compile.compilation import check_circuit, compile_with_route, resolve
    from ..quantum.compile.cost import estimate
    from ..quantum.compile.line_order import gates_in_line_order

    if output is not None:
        files.check_ending(output)
    quiet = quiet or not sys.stderr.isatty()
    with checking(spec, quiet):
        loaded = experiment.load(spec, whole_number("--seed", seed))
        machine, note = machine_or_snapshot(hardware)
        target, options = resolve(machine, len(loaded.gas))
        if effort is not None:
            options = _tried(options, effort)
        check_circuit(loaded.gas, loaded.schedule)
        bound = lower_bound(loaded.gas, loaded.schedule, machine, options=options)
        line_order = gates_in_line_order(loaded.gas, loaded.schedule, machine, options)
        samples = circuit_samples(loaded, None)
    echo(f"{loaded.name}, {_neutrinos(loaded)} on {machine.name} ({target.num_qubits} qubits)")
    show_stand_in(note)
    show_bound(bound, line_order)
    names = [WHOLE] if samples is None else [WHOLE, SAMPLES]
    with progress(names, quiet) as stage:
        with stage(WHOLE) as advance:
            isa, route = compile_with_route(
                loaded.gas, loaded.schedule, target, options, progress=advance
            )
            cost = estimate(isa, target)
            if output is not None:
                files.write_circuit(isa, output)
        rows = []
        if samples is not None:
            with stage(SAMPLES) as advance:
                rows = _sample_rows(loaded, machine, samples, options, route, advance)
    _print(isa, cost, rows, isa_row(isa, target))
    show_gain(line_order, cost.two_qubit_gates)
    if output is not None:
        show_path("Circuit", output)


def _neutrinos(loaded: Experiment) -> str:
    return f"{len(loaded.gas)} neutrino{'s' * (len(loaded.gas) != 1)}"


def _sample_rows(
    loaded: Experiment, machine: Any, samples: SampleTimes, options: Any, route: Any, advance: Any
) -> list[tuple[str, str, str]]:
    """Rows on the circuits of samples, as `qnu submit` sends them; none where they have none."""
    from ..quantum.circuits.sizes import two_qubit_gates
    from ..quantum.compile.routing.step_counter import reporting_to
    from ..quantum.compile.samples import by_sample

    rows = []
    # samples inside encounters with fresh copies have no circuit
    with contextlib.suppress(QnuError), reporting_to(advance):
        plan = by_sample(loaded.gas, loaded.schedule, machine, samples, options, whole=route)
        if end_early(loaded, samples):
            gates = two_qubit_gates(plan.compiled(-1)[2])["two_qubit_gates"]
            rows.append((LAST, str(gates), last_note(len(samples))))
        if plan.origins():
            rows.append((SAMPLES, str(len(samples)), plan.origins()))
    return rows


def _tried(options: Any, effort: str) -> Any:
    if not (
        effort.isascii() and effort.isdecimal() and len(effort) < 6 and 1 <= int(effort) <= 10_000
    ):
        raise QnuError("--effort", effort, "a whole number from 1 to 10000")
    return options.model_copy(update={"effort": int(effort)})


def _print(isa: Any, cost: Estimate, samples: list[Row], valid: Row) -> None:
    from rich.console import Console
    from rich.table import Table

    metadata = isa.metadata
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    rows = [
        (
            "two-qubit gates",
            f"{cost.two_qubit_gates}",
            _bound(cost.gate_ratio, cost.encounters, "encounter"),
        ),
        *samples,
        (
            "two-qubit depth",
            f"{cost.two_qubit_depth}",
            _bound(cost.depth_ratio, cost.layers, "logical layer"),
        ),
        ("duration", seconds(cost.duration), "first gate to last, readout excluded"),
        (
            "success probability",
            f"{cost.success_probability:.3g}",
            "gates, idling and readout of the calibration",
        ),
        *_runner_up(metadata["runner_up"]),
        ("route", metadata["route"], _ROUTES[metadata["route"]]),
        ("physical qubits", "", " ".join(map(str, metadata["initial_qubit"]))),
        valid,
    ]
    if metadata["bad_couplers"]:
        text = " ".join(f"{a}-{b}" for a, b in metadata["bad_couplers"])
        rows.append(("bad couplers used", str(len(metadata["bad_couplers"])), text))
    for name, value, text in rows:
        table.add_row(f"  {name}", value, text)
    Console(width=width()).print(table)


_ROUTES = {
    "all-to-all": "every pair has a coupler",
    "wiring": "the couplers of the schedule, no gate beyond three per encounter",
    "perfect": "swaps in encounters only, no gate beyond three per encounter",
    "search": "swaps in encounters where they help, SWAP gates elsewhere",
}


def _runner_up(second: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    """The numbers of the second best route; none where nothing was compared."""
    if second is None:
        return []
    duration = second["duration"]
    length = "" if duration is None else f", {seconds(duration)}"
    text = f"depth {second['two_qubit_depth']}{length}, success {second['success_probability']:.3g}"
    return [("runner-up", str(second["two_qubit_gates"]), text)]


def _bound(ratio: float, count: int, per: str) -> str:
    return f"{ratio:.2f} x 3 per {per} ({count})" if count else ""
