"""The methods of an experiment file, checked and ready to run.

Everything that can be wrong is found here, before anything runs; messages begin with the place in
the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import observables, profiles
from ..checkpoint import Checkpoint
from ..common import memory
from ..common.checks import Floats
from ..errors import QnuError, Words
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule
from ..schedules.clock import phase_at
from ..trajectory import Trajectory
from . import tables
from .build import Seeds, place

Progress = Callable[[float], None]
Earlier = Mapping[str, Trajectory]

_NO_BACKGROUND = "independent, mean_field, kinetic or circuit"


@dataclass(frozen=True, eq=False)
class Method:
    """One method, checked and ready: its sample times and the arguments of its solver.

    Args:
        label: names its files; unique.
        kind: ``many_body``, ``light_cone``, ``independent``, ``mean_field``, ``kinetic``,
            ``miscidynamics`` or ``circuit``.
        times: sample times.
        options: further arguments of the solver.
        start: for miscidynamics, the label of an earlier method and one of its sample times.

    Raises:
        QnuError: never.

    References:
        see the solver.

    Examples:
        >>> import qnu
        >>> [method.label for method in qnu.experiment.load("two_groups_10").methods][:2]
        ['circuit', 'circuit-shots']
    """

    label: str
    kind: str
    times: Floats
    options: Mapping[str, Any]
    start: tuple[str, float] | None = None

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        earlier: Earlier,
        progress: Progress | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Trajectory:
        """The answer of this method; ``earlier`` holds those of the methods before it."""
        if self.kind == "circuit":
            from .. import quantum

            return quantum.run(gas, schedule, times=self.times, progress=progress, **self.options)
        from .. import solvers

        solve: Callable[..., Trajectory] = getattr(solvers, self.kind)
        options = dict(self.options)
        if self.start is not None:
            label, time = self.start
            options["start"] = (earlier[label], time)
        if self.kind == "light_cone":
            return solve(gas, schedule, self.times, progress=progress)
        if self.kind in ("many_body", "independent"):
            options |= {"progress": progress, "checkpoint": checkpoint}
            return solve(gas, schedule, self.times, **options)
        return solve(gas, self.times, progress=progress, **options)


def make_methods(
    table: tables.Spec, gas: NeutrinoGas, schedule: EncounterSchedule, seeds: Seeds
) -> tuple[Method, ...]:
    """The methods of an experiment file, in its order.

    Args:
        table: the file.
        gas: its gas.
        schedule: its schedule.
        seeds: for shots.

    Returns:
        methods that :meth:`Method.run` runs.

    Raises:
        QnuError: two methods with one label, a sample time outside the schedule, a method that
            cannot take this gas or schedule, a start that does not exist, unknown hardware, a
            state that does not fit into memory.

    References:
        see the solvers.

    Examples:
        >>> import qnu
        >>> qnu.experiment.load("two_groups_60_40").methods[-1].start
        ('independent', 200.0)
    """
    shots = iter(seeds.shots(sum(m.kind == "circuit" for m in table.method)))
    made: list[Method] = []
    for k, given in enumerate(table.method):
        where = f"method[{k}]"
        label = given.label if given.label is not None else given.kind
        # file names that differ only in case are one file on some systems
        twin = [m.label for m in made if m.label.lower() == label.lower()]
        if twin:
            raise QnuError(
                f"{where}.label", label, "a label that no other method has (default: the kind)"
            )
        times = _times(where, given, table.output, schedule)
        with place(where):
            made.append(_method(given, label, times, gas, schedule, made, next_seed=shots))
    resolved = [m.label for m in made if _one_row_each(m)]
    for label in table.output.individuals:
        if label not in resolved:
            allowed = (
                f"labels of methods with one row per neutrino: {', '.join(resolved) or 'none'}"
            )
            raise QnuError("output.individuals", label, allowed)
    return tuple(made)


def _one_row_each(method: Method) -> bool:
    """Whether its Trajectory has a row for every neutrino, not one per group."""
    if method.kind in ("mean_field", "kinetic"):
        return method.options.get("resolve") == "neutrino"
    return method.kind != "miscidynamics"


def _times(
    where: str, given: tables.Samples, default: tables.Samples, schedule: EncounterSchedule
) -> Floats:
    """Sample times of one method: its own, or those of [output], or 101."""
    for place_, table in ((where, given), ("output", default)):
        if table.samples is not None and table.times is not None:
            raise QnuError(f"{place_}.times", Words("samples and times"), "one of the two")
        if table.times is not None:
            with place(place_):
                return schedule.checked_times(table.times)
        if table.samples is not None:
            return schedule.equally_spaced(table.samples)
    return schedule.equally_spaced(101)


def _method(
    given: Any,
    label: str,
    times: Floats,
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    earlier: Sequence[Method],
    next_seed: Iterator[int],
) -> Method:
    start = None
    match given.kind:
        case "many_body":
            _check_many_body(given, gas, schedule, len(times))
            options = {"precision": given.precision, "observables": tuple(given.observables)}
        case "light_cone":
            _check_light_cones(gas, schedule, times)
            options = {}
        case "independent":
            options = {}
        case "circuit":
            seed = next(next_seed)
            options = {
                "hardware": _hardware(given, schedule),
                "shots": given.shots,
                "observables": tuple(given.observables),
                "seed": given.seed if given.seed is not None else seed,
            }
            _check_circuit(options, gas, schedule, times)
        case _:
            options = _rates(given, gas, schedule)
            if given.kind == "miscidynamics":
                if schedule.kind == "constant_background":
                    raise QnuError(
                        "kind", "miscidynamics, in a constant_background schedule", _NO_BACKGROUND
                    )
                start = _start(given, earlier)
                if start is not None:
                    times = _from(start[1], times)
                options["signs"] = _signs(given, gas)
                options["force"] = given.force
    return Method(label, given.kind, times, options, start)


def _check_pure(kind: str, gas: NeutrinoGas) -> None:
    lengths = np.linalg.norm(gas.polarization, axis=1)
    worst = int(np.argmax(abs(lengths - 1)))
    if not gas.is_pure():
        assert gas.group is not None
        raise QnuError(
            "kind",
            f"{kind}, with |P| = {lengths[worst]:.6g} in group[{gas.group[worst]}]",
            f"|P| = 1 in {kind} (mixed states: independent, mean_field, kinetic)",
        )


def _check_many_body(
    given: tables.ManyBodyTable, gas: NeutrinoGas, schedule: Any, samples: int
) -> None:
    _check_observables(given.observables, observables.NAMES)
    _check_pure("many_body", gas)
    if schedule.fresh is not None:
        raise QnuError(
            "kind",
            "many_body, with fresh partners in the schedule",
            "independent (exact there) or a circuit with reset",
        )
    from ..solvers.states import memory_need, read_out_need

    vacuum = profiles.is_zero(schedule.matter)
    dtype = "complex128" if given.precision == "double" else "complex64"
    need = memory_need(gas, vacuum, dtype)
    need += read_out_need(gas, vacuum, samples, given.observables)
    memory.require("kind", f"many_body, {len(gas)} neutrinos", need)


def _check_light_cones(gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats) -> None:
    _check_pure("light_cone", gas)
    from ..solvers.light_cone import checked_counts

    checked_counts(gas, schedule, times)


def _hardware(given: tables.CircuitTable, schedule: EncounterSchedule) -> str:
    """What a circuit runs on; where the file does not say, qnu's own engine, which has no reset."""
    if given.hardware is not None:
        return given.hardware
    return "qnu" if schedule.fresh is None else "aer_statevector"


def _check_circuit(
    options: Mapping[str, Any], gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats
) -> None:
    from ..quantum.circuits.build import check_samples
    from ..quantum.machines import DeviceMachine, load_machine

    machine = load_machine(options["hardware"])
    shots = machine.default_shots() if options["shots"] is None else options["shots"]
    machine.check_shots(shots)
    allowed = [*observables.OF_ONE, *(() if shots else observables.OF_PAIRS)]
    _check_observables(options["observables"], allowed, " (with shots)" if shots else "")
    _check_pure("circuit", gas)
    machine.check_schedule(schedule)
    if isinstance(machine, DeviceMachine):
        machine.check_symmetry(gas, schedule)
    else:  # on a device every sample has a circuit of its own
        check_samples(schedule, times)
    try:
        machine.check(len(gas))
    except QnuError as error:
        raise QnuError(
            "hardware", f"{machine.name}, {len(gas)} qubits", error.allowed, reason=error.reason
        ) from None


def _check_observables(names: Sequence[str], allowed: Sequence[str], when: str = "") -> None:
    for k, name in enumerate(names):
        if name not in allowed:
            raise QnuError(f"observables[{k}]", name, "one of " + ", ".join(allowed) + when)


def _rates(given: Any, gas: NeutrinoGas, schedule: EncounterSchedule) -> dict[str, Any]:
    """What mean field, kinetic and miscidynamics take from the schedule unless told otherwise."""
    options: dict[str, Any] = {
        "mu": schedule.mu if given.mu is None else given.mu,
        "matter": schedule.matter if given.matter is None else given.matter,
    }
    if given.kind != "miscidynamics":
        if given.resolve == "group":
            _check_alike(gas)
        options["resolve"] = given.resolve
        options["partners"] = given.partners or _partners(gas, schedule)
        if schedule.kind == "constant_background":
            met = next(schedule.chunks(1), None)
            options["background"] = 0 if met is None else int(met.second[0])
    if given.kind == "mean_field":
        return options
    for name in ("gamma", "probability"):
        own = getattr(given, name)
        value = getattr(schedule, name) if own is None else own
        if value is None:
            allowed = type(given).model_fields[name].description
            raise QnuError(
                name,
                Words(f"nothing (the {schedule.kind} schedule has none to take)"),
                allowed,
            )
        options[name] = value
    if given.kind == "kinetic":
        options["own_clock"] = not schedule.free_streaming
    return options


def _partners(gas: NeutrinoGas, schedule: EncounterSchedule) -> str:
    """Over the N - 1 others; over N where everybody rests once or all always meet; or across."""
    if schedule.kind == "bipartite":
        return "across"
    if schedule.kind == "plane_wave":
        return "all"
    if schedule.kind == "tournament":
        assert schedule.gamma is not None
        rounds = round(phase_at(schedule.mu, schedule.final_time) / schedule.gamma)
        return "all" if rounds == len(gas) else "others"  # N - 1 rounds: nobody ever rests
    return "others"


def _check_alike(gas: NeutrinoGas) -> None:
    for members, name in zip(gas.members, gas.group_names, strict=True):
        if np.ptp(gas.omega[members]) > 0:
            raise QnuError(
                "resolve", "group", f"'neutrino' where omega differs within a group (here {name!r})"
            )


def _signs(given: tables.MiscidynamicsTable, gas: NeutrinoGas) -> list[int] | None:
    groups = len(gas.group_names)
    if given.signs is not None and len(given.signs) != groups:
        raise QnuError("signs", given.signs, f"a list of 1 and -1, one for each of {groups} groups")
    return None if given.signs is None else list(given.signs)


def _start(given: tables.MiscidynamicsTable, earlier: Sequence[Method]) -> tuple[str, float] | None:
    if given.start is None:
        return None
    label, time = given.start.method, given.start.time
    found = [m for m in earlier if m.label == label]
    if not found:
        names = ", ".join(repr(m.label) for m in earlier) or "none"
        raise QnuError(
            "start.method", label, f"a method that comes earlier in the file (here {names})"
        )
    times = found[0].times
    nearest = float(times[np.argmin(abs(times - time))])
    if abs(nearest - time) > 1e-9 * max(1.0, float(times[-1])):
        raise QnuError("start.time", time, f"a sample time of {label!r}; nearest {nearest:.10g}")
    return label, nearest


def _from(start: float, times: Floats) -> Floats:
    """The sample times from a start on, the start included."""
    later = times[times > start + 1e-9 * max(1.0, float(times[-1]))]
    return np.concatenate([[start], later])
