"""How long a job holds a device, estimated before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.transpiler import Target

#: Seconds that a job costs besides its shots, and between shots where the device does not say.
PER_JOB, REP_DELAY = 2.0, 250e-6


@dataclass(frozen=True)
class DeviceTime:
    """``seconds = jobs * per_job + shots * sum over circuits of (duration + rep_delay)``.

    Args:
        seconds: the estimate.
        circuits: number of circuits that the device runs.
        shots: shots per circuit.
        longest: duration of the longest circuit in seconds, its readout included; None where the
            device does not say how long its gates take.
        rep_delay: seconds between two shots.
        jobs: in how many requests it is sent.

    References:
        IBM Quantum documentation, "Workload usage": the same formula, with 2 seconds per job.

    Examples:
        >>> DeviceTime(3.6, 6, 1000, 2e-5, 250e-6).model()
        '2 s + 6 circuits x 1000 shots x (up to 20 us + 250 us between shots)'
    """

    seconds: float
    circuits: int
    shots: int
    longest: float | None
    rep_delay: float
    jobs: int = 1

    def model(self) -> str:
        """The formula with its numbers."""
        longest = "unknown" if self.longest is None else f"up to {1e6 * self.longest:.3g} us"
        between = f"{1e6 * self.rep_delay:.3g} us between shots"
        each = f"{PER_JOB:g} s" if self.jobs == 1 else f"{self.jobs} jobs x {PER_JOB:g} s"
        return f"{each} + {self.circuits} circuits x {self.shots} shots x ({longest} + {between})"


def device_time(
    circuits: Sequence[QuantumCircuit],
    shots: int,
    target: Target,
    rep_delay: float | None = None,
    settings: int = 1,
    jobs: int = 1,
) -> DeviceTime:
    """``jobs * per_job + shots * sum over circuits of (duration + rep_delay)``.

    Durations are those of the critical path through the target's own durations of gates and
    readout. Circuits that a provider adds by itself, such as its own calibration, are not counted.

    Args:
        circuits: compiled for the target; a readout is added to those that have none.
        shots: shots per circuit.
        target: target of the device.
        rep_delay: seconds between two shots; default: 250 us, that of IBM's devices.
        settings: how often each circuit is run, in other bases or with other noise factors.
        jobs: in how many requests they are sent.

    Returns:
        the estimate; an unknown duration counts as 0.

    References:
        IBM Quantum documentation, "Workload usage".

    Examples:
        >>> qc = QuantumCircuit(1, 1)
        >>> device_time([qc, qc], 100, Target(num_qubits=1, dt=1e-9), rep_delay=1e-3).seconds
        2.2
    """
    pause = REP_DELAY if rep_delay is None else float(rep_delay)
    lengths = [_duration(qc, target) for qc in circuits]
    seconds = jobs * PER_JOB + shots * settings * sum((length or 0.0) + pause for length in lengths)
    longest = None if None in lengths else max((length or 0.0 for length in lengths), default=0.0)
    return DeviceTime(seconds, settings * len(circuits), shots, longest, pause, jobs)


def _duration(qc: QuantumCircuit, target: Target) -> float | None:
    if not qc.data:
        return 0.0
    try:
        length = float(qc.estimate_duration(target, unit="s"))
        if "measure" not in qc.count_ops():
            length += max(measure.duration for measure in target["measure"].values())
    except (QiskitError, KeyError, TypeError, AttributeError):
        return None  # a gate without a duration
    return length
