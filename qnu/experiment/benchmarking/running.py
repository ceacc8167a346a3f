"""Runs the cases of a benchmark on a machine, and scores them."""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from qiskit.providers import BackendV2

from ... import conservation, quantum
from ...common.checks import Floats, integer
from ...errors import QnuError
from ...quantum.machines import BackendMachine, DeviceMachine, Machine, load_machine
from ...quantum.machines.simulated import SimulatedDevice
from ...quantum.measure.results import outcomes_of
from ...trajectory import Trajectory
from ..catalogue_files import reference
from ..simulating import Stage, silent
from .cases import SIZES, Case, cases
from .records import Benchmark, check_ending, done_before
from .scores import Score, at_random, compared

#: Shots of a simulator whose config has none: exact values would have no error to compare with.
SHOTS = 4096
#: The part of a case that compiling is, for progress.
_COMPILED = 0.3


def bench_backend(
    backend: str | Path | Machine | BackendV2,
    experiments: Sequence[str] | None = None,
    sizes: Sequence[int] = SIZES,
    *,
    shots: int | None = None,
    samples: int = 1,
    seed: int = 1,
    output: str | Path | None = None,
    overwrite: bool = False,
    stage: Stage = silent,
) -> Benchmark:
    """Circuits of neutrino gases on a backend, scored against exact polarizations.

    Args:
        backend: a hardware config by name or path, a Machine, a BackendV2, or the name of one in
            Python code, ``"module:attribute"``.
        experiments: kinds and experiments, see :func:`cases`; default: all kinds.
        sizes: numbers of neutrinos of every kind.
        shots: per sample and basis; default: of the config, of simulators 4096; 0: exact, on
            simulators that hold the state.
        samples: equally spaced sample times; 1: the end alone.
        seed: of shots on simulators.
        output: a JSON file that is written after every circuit; where it exists, circuits that are
            in it are not run again.
        overwrite: True: a file that exists is made anew.
        stage: shows how far each kind is.

    Returns:
        the scores; a circuit that the backend does not take has the reason in ``failed``.

    Raises:
        QnuError: bad input, a file of other settings, no circuit that the backend takes.

    Examples:
        >>> found = bench_backend("qnu", ["tournament"], [4], shots=0)
        >>> found.scores[0].rms < 1e-12, found.scores[0].beyond_shots
        (True, False)
    """
    place = None if output is None else Path(output)
    if place is not None:
        check_ending(place)
    machine = machine_of(backend)
    listed = cases(experiments, sizes, samples)
    number = _shots(machine, shots)
    settings = {
        "machine": machine.name,
        "backend": _backend_name(machine),
        "qubits": _qubits(machine),
        "calibrated": machine.calibrated() if isinstance(machine, DeviceMachine) else None,
        "shots": number,
        "samples": integer("samples", samples, low=1),
        "seed": integer("seed", seed),
    }
    keep = place if place is not None and place.suffix == ".json" else None
    done = {} if overwrite else done_before(keep, settings)
    wanted = {case.name for case in listed}
    scores = [score for name, score in done.items() if name not in wanted]
    if any(case.name not in done for case in listed):
        _warm_up(machine, number)
    for kind, group in itertools.groupby(listed, key=lambda case: case.experiment):
        some = list(group)
        with stage(kind) as advance:
            for k, case in enumerate(some):

                def part(fraction: float, begin: int = k, count: int = len(some)) -> None:
                    advance((begin + fraction) / count)

                scores.append(done.get(case.name) or _scored(case, machine, number, seed, part))
                if keep is not None:
                    Benchmark(settings, tuple(scores)).write(keep)
    made = Benchmark(settings, tuple(scores))
    if all(score.failed is not None for score in scores):
        raise QnuError("backend", reason=f"{machine.name} ran no circuit: {scores[0].failed}")
    if place is not None and keep is None:
        made.write(place)
    return made


def machine_of(backend: str | Path | Machine | BackendV2) -> Machine:
    """The machine of a backend, by name or as an object.

    Args:
        backend: as in :func:`bench_backend`.

    Returns:
        the machine.

    Raises:
        QnuError: what does not exist.

    Examples:
        >>> machine_of("qiskit_aer:AerSimulator").name, machine_of("qnu").name
        ('aer_simulator', 'qnu')
    """
    if isinstance(backend, BackendV2):
        return BackendMachine.of(backend)
    named = isinstance(backend, str) and ":" in backend and not Path(backend).exists()
    if named and Path(str(backend)).suffix != ".toml":
        return BackendMachine.named(str(backend))
    return load_machine(backend)


def sends(machine: Machine) -> bool:
    """Whether circuits leave this computer: to a service, where time may be paid for.

    Examples:
        >>> sends(machine_of("qnu")), sends(machine_of("fake_torino"))
        (False, False)
    """
    if isinstance(machine, BackendMachine):
        return not machine.local
    return isinstance(machine, DeviceMachine) and not isinstance(machine, SimulatedDevice)


def _shots(machine: Machine, shots: int | None) -> int:
    number = machine.default_shots() or SHOTS if shots is None else integer("shots", shots)
    machine.check_shots(number)
    return number


def _backend_name(machine: Machine) -> str:
    return machine.device_name() if isinstance(machine, DeviceMachine) else machine.provider


def _qubits(machine: Machine) -> int | None:
    return machine.target().num_qubits if isinstance(machine, DeviceMachine) else None


def _warm_up(machine: Machine, shots: int) -> None:
    """Loads compiled loops and libraries, so that the first circuit is not timed with them."""
    case = cases(["tournament"], [2])[0]
    if isinstance(machine, DeviceMachine):
        quantum.compile_for(case.gas, case.schedule, machine)
    else:
        quantum.run(case.gas, case.schedule, machine, shots=min(shots, 1), seed=0)


def _scored(case: Case, machine: Machine, shots: int, seed: int, progress: Any) -> Score:
    """One case; where the machine does not take it, the reason."""
    blank = Score(case.experiment, case.name, len(case.gas))
    own_seed = int(
        np.random.SeedSequence([seed, zlib.crc32(case.name.encode())]).generate_state(1)[0]
    )
    try:
        exact, how = reference(case.gas, case.schedule, case.times)
        if isinstance(machine, DeviceMachine):
            run, more = _on_device(case, machine, shots, own_seed, progress)
        else:
            run, more = _on_simulator(case, machine, shots, own_seed, progress)
    except QnuError as error:
        progress(1.0)
        return replace(blank, failed=str(error))
    measured = run.polarization
    of_shots = np.asarray(run.dataset["polarization_error"]) if shots else None
    more |= compared(exact.polarization, measured, of_shots)
    return replace(
        blank,
        encounters=int(case.schedule.counts(case.times)[-1]),
        shots=shots,
        two_qubit_gates=int(run.attrs["two_qubit_gates"]),
        two_qubit_depth=int(run.attrs["two_qubit_depth"]),
        reference=how,
        times=case.times.tolist(),
        exact=_rounded(exact.polarization),
        measured=_rounded(measured),
        error=None if of_shots is None else _rounded(of_shots),
        **more,
    )


def _rounded(values: Floats) -> list[Any]:
    found: list[Any] = (values.round(9) + 0.0).tolist()
    return found


def _on_simulator(
    case: Case, machine: Machine, shots: int, seed: int, progress: Any
) -> tuple[Trajectory, dict[str, Any]]:
    """On a simulator that holds the state."""
    started = time.perf_counter()
    run = quantum.run(
        case.gas, case.schedule, machine, case.times, shots, seed=seed, progress=progress
    )
    circuits = len(case.times) * (3 if shots else 1)
    return run, {"run_s": time.perf_counter() - started, "circuits": circuits}


def _on_device(
    case: Case, machine: DeviceMachine, shots: int, seed: int, progress: Any
) -> tuple[Trajectory, dict[str, Any]]:
    """Compiled for a device, submitted and read."""
    started = time.perf_counter()
    circuits, recipe = quantum.prepare(case.gas, case.schedule, machine, case.times, shots)
    compiled = time.perf_counter()
    progress(_COMPILED)

    def rest(fraction: float) -> None:
        progress(_COMPILED + (1.0 - _COMPILED) * fraction)

    job = quantum.submit(machine, circuits, recipe, seed, rest)
    results = job.result()
    ended = time.perf_counter()
    run = quantum.read(results, recipe, [name for name in [job.job_id()] if name])
    last = circuits[len(recipe["settings"]) - 1]  # calibration of the readout comes after it
    return run, {
        "circuits": len(circuits),
        "compile_s": compiled - started,
        "run_s": ended - compiled,
        "success": _success(last, machine),
        **_in_sector(case, results, recipe),
    }


def _success(circuit: Any, machine: DeviceMachine) -> float | None:
    """Readout included; None where the device gives no errors."""
    found = float(quantum.estimate(circuit, machine).success_probability)
    return found if found < 1.0 else None


def _in_sector(case: Case, results: Sequence[Any], recipe: dict[str, Any]) -> dict[str, Any]:
    """How many shots in Z have the conserved number of ones, over all samples."""
    ones = conservation.conserved_ones(case.gas, case.schedule)
    z = [k for k, setting in enumerate(recipe["settings"]) if setting[1:] == [2]]
    if ones is None or not z:
        return {}
    right = total = 0.0
    for k in z:
        outcomes, number = outcomes_of(results[k], len(case.gas))
        right += float(number[(outcomes < 0).sum(axis=1) == ones].sum())
        total += float(number.sum())
    return {
        "in_sector": right / total,
        "in_sector_at_random": at_random(len(case.gas), ones),
    }
