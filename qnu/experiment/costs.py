r"""What the methods of an experiment cost, estimated before anything runs.

Times are measured ones, scaled: a state vector takes
:math:`(10^{-5} + 1.3\times10^{-10}\,2^N)` seconds per encounter in double precision, and so on.
They were measured on two threads of an AMD EPYC (docs/engine.md; ``python -m benchmarks``), without
the first compilation, and hold within a factor of about 3 on similar machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import profiles
from ..beams import Beams
from ..common.checks import Floats
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..methods import Method
from ..observables import OF_COUPLINGS, OF_PAIRS, OF_STATE
from ..schedules import EncounterSchedule
from ..solvers import states
from ..solvers.collective import Plan
from ..solvers.transport import memory_need as transport_memory

#: Seconds that every history takes besides what is counted here.
_LEAST = 1e-3
_FLOAT = 8
#: Largest N of which a noisy simulation of a device takes seconds.
_SMALL = 8


@dataclass(frozen=True)
class Cost:
    """An estimate of one method.

    Args:
        memory: bytes of its state and of its result, for one history; None: not known.
        seconds: of one history, within a factor of about 3; None: not known.
        note: why it is not known, or what it depends on.

    Examples:
        >>> Cost(16, 0.1).note
        ''
    """

    memory: int | None
    seconds: float | None
    note: str = ""


def cost(
    method: Method,
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: Floats,
    encounters: float,
    rows: int | None = None,
) -> Cost:
    """What one history of a method costs; no encounter is drawn.

    Args:
        method: its table in the file.
        gas: the gas.
        schedule: its schedule.
        times: sample times.
        encounters: up to the last sample, about.
        rows: of its result; default: one per neutrino.

    Returns:
        the estimate; of a kind that is not known here only the memory of its result.

    Examples:
        >>> import qnu
        >>> experiment = qnu.experiment.load("tournament_20")
        >>> method = experiment.methods[0]
        >>> found = cost(method.table, experiment.gas, experiment.schedule, method.times, 190)
        >>> found.memory > 16 * 2**20, 0.001 < found.seconds < 1
        (True, True)
    """
    rows = len(gas) if rows is None else rows
    result = _FLOAT * 3 * rows * len(times)
    estimate = _ESTIMATES.get(method.kind)
    if estimate is None:
        return Cost(result, None, "no estimate for this kind")
    found = estimate(_Task(method, gas, schedule, times, encounters, rows))
    seconds = None if found.seconds is None else _LEAST + float(found.seconds)
    memory = None if found.memory is None else found.memory + result
    return Cost(memory, seconds, found.note)


@dataclass(frozen=True, eq=False)
class _Task:
    """What an estimate is made from."""

    method: Any
    gas: NeutrinoGas
    schedule: EncounterSchedule
    times: Floats
    encounters: float
    rows: int

    @property
    def vacuum(self) -> bool:
        """No matter."""
        return profiles.is_zero(self.schedule.matter)


def _many_body(task: _Task) -> Cost:
    single = task.method.precision == "single"
    dtype = "complex64" if single else "complex128"
    need = states.memory_need(task.gas, task.vacuum, dtype)
    amplitudes = need / np.dtype(dtype).itemsize
    sector = states.sector_of(task.gas, task.vacuum) is not None
    each = (5e-6 + 8e-11 * amplitudes) if single else (1e-5 + 1.3e-10 * amplitudes)
    if sector:  # tables say where every amplitude is
        each = 2e-5 + 6e-10 * amplitudes
    if not task.vacuum:
        each *= 4
    samples, names = len(task.times), set(task.method.observables)
    read_out = 3e-9 * amplitudes
    if names & set(OF_PAIRS):
        read_out += len(names & set(OF_PAIRS)) * 1.5e-5 * len(task.gas) ** 2
        read_out += 1e-9 * len(task.gas) * amplitudes
    if names & set(OF_COUPLINGS):
        read_out += 2e-6 * len(task.gas) ** 2 + 1e-9 * len(task.gas) * amplitudes
    if names & set(OF_STATE):
        read_out += 1e-9 * float(2 ** (len(task.gas) // 2)) ** 3
    if "n_tangle" in names:
        read_out += 2e-9 * amplitudes
    if "loschmidt_echo" in names and not sector:
        read_out += 2e-9 * amplitudes
    if "stabilizer_renyi_entropy" in names:  # 4^N Pauli strings
        read_out += 1e-4 + 4.5e-10 * len(task.gas) * 4.0 ** len(task.gas)
    need += states.read_out_need(task.gas, task.vacuum, samples, task.method.observables)
    return Cost(int(need), task.encounters * each + samples * read_out)


def _independent(task: _Task) -> Cost:
    inside = task.schedule.source.duration != 0.0
    if task.vacuum:
        each = 2e-8
    elif callable(task.schedule.matter):
        each = 6.5e-7 if inside else 2.3e-7
    else:
        each = 6.5e-7 if inside else 1.6e-7
    count = len(task.gas)
    seconds = task.encounters * each + 1.5e-7 * count * len(task.times)
    if callable(task.schedule.matter) and not inside:  # it is followed in steps of 0.05 radians
        seconds += 8e-7 * count * _radians(task, (task.schedule.matter,))
    return Cost(64 * count, seconds)


def _phase_space(task: _Task) -> Cost:
    count, samples = len(task.gas), int(task.method.classical_samples)
    tiles = -(-samples // 64)
    each = 8 * 192 * count
    need = min(tiles * each, max(2**29, 2 * each)) + 2 * _FLOAT * 3 * count * len(task.times)
    if task.schedule.kind == "plane_wave":  # steps of 0.2 radians
        steps = 1.8 * _radians(task, (task.schedule.mu, task.schedule.matter)) / 0.2
        return Cost(need, 1e-8 * count * samples * (steps + len(task.times)))
    kick = 1e-9
    if task.schedule.source.duration != 0.0 and task.gas.omega.any():  # a product of ten kicks
        kick = 2e-8
    elif task.gas.omega.any() or not task.vacuum:
        kick = 2e-9
    turns = 3e-9 * count * len(task.times)
    return Cost(need, samples * (task.encounters * kick + turns) + 1e-6 * task.encounters)


#: Seconds per cell, beam and step, on two threads.
_TRANSPORT = {"upwind7": 8e-8, "weno7": 1.4e-7, "spectral": 2e-7}


def _transport(task: _Task) -> Cost:
    """Steps are bounded by the cells that a beam crosses, or by the angle of a turn."""
    method, schedule, end = task.method, task.schedule, float(task.times[-1])
    mu = schedule.mu if method.mu is None else method.mu
    matter = schedule.matter if method.matter is None else method.matter
    try:
        start = Beams.of(task.gas, method.beams)
    except QnuError as error:
        return Cost(None, None, str(error))
    beams = len(start)
    # the mean field at the start, over mu; the solver lets it grow by half between two measurements
    field = min(1.5 * float(np.linalg.norm(start.moments(), axis=1).sum()), 2.0)
    still = _radians(task, (matter,))
    radians = still + field * (_radians(task, (mu, matter)) - still)
    steps = max(end * method.cells / (method.cfl * method.length), radians / method.turn)
    need = transport_memory(method.cells, beams, len(task.times), method.advection)
    seconds = steps * method.cells * beams * _TRANSPORT[method.advection] + 4e-5 * steps
    return Cost(need, seconds)


def _radians(task: _Task, rates: tuple[Any, ...]) -> float:
    """By which a neutrino turns up to the last sample, about."""
    grid = np.linspace(0.0, task.times[-1], 101)
    rate = float(np.abs(task.gas.omega).max())
    for profile in rates:
        rate += float(np.abs(profiles.evaluate(profile, grid)).mean())
    return rate * float(task.times[-1])


def _light_cone(task: _Task) -> Cost:
    del task
    return Cost(None, None, "depends on the light cones")


def _rates(per_time: float) -> Callable[[_Task], Cost]:
    """Of an equation that follows every turn: so many seconds per radian."""

    def estimate(task: _Task) -> Cost:
        radians = _radians(task, (task.schedule.mu, task.schedule.matter))
        seconds = per_time * radians * (1 + task.rows / 1000)
        return Cost(200 * task.rows, seconds)

    return estimate


def _collective(task: _Task) -> Cost:
    """Terms of polynomials times amplitudes; Magnus steps take about three times as many."""
    method, schedule = task.method, task.schedule
    mu = schedule.mu if method.mu is None else method.mu
    matter = schedule.matter if method.matter is None else method.matter
    try:
        plan = Plan.of(task.gas, matter)
    except QnuError as error:
        return Cost(None, None, str(error))
    beams, end = len(plan.order), float(task.times[-1])
    coupling = float(np.abs(profiles.evaluate(mu, np.linspace(0.0, end, 101))).mean())
    terms = len(task.gas) / 8 * coupling * end + 15 * len(task.times)
    if callable(mu) or callable(matter):
        terms *= 3
    each = 1e-9 + 3e-10 * beams * (beams - 1 + 2 * plan.matter)
    seconds = terms * plan.basis.states * each
    if "beam_entropy" in method.observables and not plan.one_total:
        seconds += 1e-10 * len(task.times) * float(sum((plan.beams.count + 1.0) ** 3))
    return Cost(plan.bytes_needed(method.observables), seconds)


def _miscidynamics(task: _Task) -> Cost:
    return Cost(0, 5e-4 * len(task.times), "more where equilibria change fast")


def _circuit(task: _Task) -> Cost:
    from ..quantum import load_machine

    try:
        machine = load_machine(hardware_of(task.method, task.schedule))
    except QnuError as error:
        return Cost(None, None, str(error))
    count, samples = len(task.gas), len(task.times)
    shots = machine.default_shots() if task.method.shots is None else task.method.shots
    need = machine.memory_need(count)
    if machine.provider == "qnu":
        single = machine.precision == "single"  # type: ignore[attr-defined]  # of this provider
        each = 3e-5 + (8e-11 if single else 1.3e-10) * 2**count
        bases = settings_of(task.method.observables, count) if shots else 1
        return Cost(need, task.encounters * each + samples * bases * 3e-9 * 2**count)
    if machine.provider == "aer":
        how = machine.method  # type: ignore[attr-defined]  # of this provider
        if how == "matrix_product_state":
            return Cost(need, None, "depends on the entanglement")
        bases = settings_of(task.method.observables, count)
        each = 1e-3 + (6e-7 * 4.0**count if how == "density_matrix" else 1.2e-8 * 2.0**count)
        return Cost(need, task.encounters * each + (0.03 * bases * samples if shots else 0.0))
    if machine.provider in ("fake", "ions"):
        speed = "seconds" if count <= _SMALL else "minutes"
        return Cost(need or None, None, f"{speed} per sample (noise, compiling)")
    return Cost(None, None, "on the device: `qnu submit --dry-run` says")


def hardware_of(method: Any, schedule: EncounterSchedule) -> str:
    """The machine of a circuit, also where the file does not name one."""
    if method.hardware is not None:
        return str(method.hardware)
    fresh = bool(schedule.source.fresh)  # qnu's own engine has no reset
    return "aer_statevector" if fresh else "qnu"


def settings_of(observables: Sequence[str], neutrinos: int) -> int:
    """In how many settings a circuit with shots is measured at every sample."""
    from ..quantum import pair_settings  # it brings Qiskit, which only circuits need

    return len(pair_settings(neutrinos)) if set(observables) & set(OF_COUPLINGS) else 3


_ESTIMATES: dict[str, Callable[[_Task], Cost]] = {
    "many_body": _many_body,
    "light_cone": _light_cone,
    "independent": _independent,
    "phase_space": _phase_space,
    "transport": _transport,
    "mean_field": _rates(6e-4),
    "kinetic": _rates(1e-3),
    "collective": _collective,
    "miscidynamics": _miscidynamics,
    "circuit": _circuit,
}
