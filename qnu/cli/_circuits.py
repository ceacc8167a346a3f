"""What ``qnu compile`` and ``qnu submit`` say alike: the least that a circuit costs, its gates."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ..errors import QnuError, Words
from ._frame import echo, wrapped

if TYPE_CHECKING:
    from ..experiment import Experiment
    from ..experiment.methods import Method
    from ..quantum.compile.bounds import LowerBound
    from ..schedules.samples import SampleTimes

#: A row of the table: name, value, comment.
Row = tuple[str, str, str]
#: The two circuits whose gates are counted: names of bars and of rows.
WHOLE, LAST = "whole schedule", "last sample"
#: The row, and the bar, of the circuits of all samples.
SAMPLES = "circuits of samples"
ISA = "instructions, all in the target of the device"
_LABEL = 23  # columns of a label, as in the table of `qnu compile`


def circuit_method(loaded: Experiment, label: str | None) -> Method:
    """The circuit of this label; without one the first that has shots."""
    circuits = [method for method in loaded.methods if method.kind == "circuit"]
    names = ", ".join(repr(method.label) for method in circuits)
    if not circuits:
        raise QnuError(
            "method",
            Words(f"none of kind 'circuit' in {loaded.stem}"),
            "an experiment with a [[method]] of kind 'circuit'",
        )
    if label is None:
        return next((method for method in circuits if method.options["shots"]), circuits[0])
    for method in circuits:
        if method.label == label:
            return method
    raise QnuError("--method", label, f"one of {names}")


def show_bound(bound: LowerBound, line_order: int | None) -> None:
    """The least that any route costs, before one is searched for."""
    pairs, left = bound.two_qubit_gates // 3, bound.encounters - bound.two_qubit_gates // 3
    text = f"{bound.two_qubit_gates} two-qubit gates"
    if 3 * pairs == bound.two_qubit_gates > 0:
        text += f" = 3 x {pairs}"
        text += f" (of {bound.encounters} encounters {left} merge or need none)" if left else ""
        text += "" if left else f" encounter{'s' * (pairs != 1)}"
    text += f", depth {bound.two_qubit_depth}"
    if bound.duration == bound.duration:
        text += f", {seconds(bound.duration)}".replace(" us", "\N{NO-BREAK SPACE}us")
    _row("lower bound", text)
    if bound.success_probability < 1.0:
        best, median = (f"{p:.3g}" for p in (bound.success_probability, bound.success_at_median))
        _row("success at most", best if best == median else f"{best}; {median} with median errors")
    if line_order is not None:
        _row(
            'order = "line"',
            f"{line_order} two-qubit gates without a search; it is another schedule: the order of"
            " encounters is physics",
        )


def show_gain(line_order: int | None, gates: int) -> None:
    """What another order of a tournament would have saved."""
    if line_order is not None and line_order < gates:
        echo(f'  order = "line": {line_order} two-qubit gates, not {gates}')


def show_stand_in(note: str) -> None:
    """That a snapshot stands in for a device, for lack of an account."""
    for line in wrapped("", note, "  ") if note else []:
        echo(line)


def machine_or_snapshot(hardware: str) -> tuple[Any, str]:
    """The machine of a config, or without an account the snapshot that stands in, and a line."""
    from ..quantum import load_machine
    from ..quantum.machines.ibm import stand_in

    return stand_in(load_machine(hardware))


def isa_row(circuit: Any, target: Any) -> Row:
    """That every instruction is the device's own; an error names the first that is not."""
    from ..quantum.compile.isa import check_isa

    return ("ISA valid", str(check_isa(circuit, target)), ISA)


def _row(label: str, text: str) -> None:
    for line in wrapped(f"  {label}".ljust(_LABEL), text, " " * _LABEL):
        echo(line.replace("\N{NO-BREAK SPACE}", " "))


def circuit_samples(loaded: Experiment, label: str | None) -> SampleTimes | None:
    """The sample times of a circuit, where it has other circuits than that of the whole schedule.

    None where it does not, or where there is no such circuit.
    """
    with contextlib.suppress(QnuError):
        samples = loaded.schedule.samples(circuit_method(loaded, label).times)
        counts = loaded.schedule.counts(samples)
        if (counts[:-1] > 0).any() or end_early(loaded, samples):
            return samples
    return None


def end_early(loaded: Experiment, samples: SampleTimes | None) -> bool:
    """Whether the last sample is before the end of the schedule; False where there are none."""
    if samples is None:
        return False
    return bool(samples.times[-1] < loaded.schedule.final_time - loaded.schedule.tolerance)


def last_note(samples: int) -> str:
    """What is counted where the last sample is before the end of the schedule."""
    return f"circuit to the last of {samples} samples"


def seconds(duration: float) -> str:
    """With a fitting unit."""
    if duration != duration:
        return "unknown"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if duration >= size:
            return f"{duration / size:.3g} {unit}"
    return f"{duration / 1e-9:.3g} ns"


def gates_and_depth(counts: dict[str, int]) -> str:
    """As ``27, depth 27``."""
    return f"{counts['two_qubit_gates']}, depth {counts['two_qubit_depth']}"


def whole_schedule(loaded: Experiment, machine: Any, progress: Any = None) -> dict[str, int]:
    """Gates and depth of the circuit of the whole schedule, as ``qnu compile`` counts them."""
    from ..quantum import compile_for
    from ..quantum.circuits.sizes import two_qubit_gates

    isa = compile_for(loaded.gas, loaded.schedule, machine, progress=progress)
    return two_qubit_gates(isa)
