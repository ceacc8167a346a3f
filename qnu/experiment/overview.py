"""What is in an experiment file and what it costs, without running it: ``qnu show``."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import profiles
from ..catalogue import find_experiment
from ..common import toml
from ..common.checks import Floats
from ..common.input_files import InputFiles
from ..errors import QnuError, SettingError
from ..gas import NeutrinoGas
from ..methods import Drawn, Method, MethodInput, Prepared
from ..schedules import EncounterSchedule, ExplicitKind
from . import read as reading
from .build import Seeds, make_gas, place
from .costs import Cost, cost, hardware_of, settings_of
from .folder import name_of
from .loading import parse
from .methods import drawn_by
from .spec import GroupTable, Spec, without_later_keys
from .sweeps import grid as grids
from .sweeps.keys import Keys
from .sweeps.plan import specification

#: Points of a sweep of which the costs are looked at one by one.
_MOST_POINTS = 100
_SAMPLES = 101  # where the file does not say
_GATES = 3  # two-qubit gates that an encounter takes at least
_SPECIAL = ("kind", "mu", "matter")


def contents(name_or_path: str | Path) -> dict[str, Any]:
    """What is in an experiment file or a sweep, and what it costs; nothing is drawn or run.

    Args:
        name_or_path: a name of the catalogue (``qnu list``) or the path of a TOML file.

    Returns:
        what JSON can hold: ``name``, ``description``, ``gas``, ``schedule``, ``methods`` with the
        memory (bytes) and the time (seconds, an estimate) of each, ``circuits``, of a sweep
        ``sweep``, and ``problem``: why it cannot run here (None: it can).

    Raises:
        QnuError: no such file, or one with a mistake in its keys.

    Examples:
        >>> found = contents("two_groups_60_40")
        >>> found["gas"]["neutrinos"], found["schedule"]["encounters"]
        (100, 2500000.0)
        >>> contents("entanglement_rate")["sweep"]["points"]
        20
    """
    path = find_experiment(name_or_path)
    text = _text(path)
    files = InputFiles.of(path)
    spec = reading.read(text, path.name, files)
    parts = _parts(spec)
    return {
        "kind": "sweep" if spec.sweep else "experiment",
        "name": spec.name or name_of(path),
        "description": spec.description,
        "file": str(path),
        "seed": spec.seed,
        "seeds": spec.seeds,
        **parts,
        "sweep": _sweep(spec, text, files.used) if spec.sweep else None,
        "problem": _problem(text, path, files),
    }


def _text(path: Path) -> str:
    try:
        return toml.read_text(path)
    except UnicodeDecodeError:
        raise QnuError("spec", str(path), "a text file in UTF-8") from None
    except OSError as error:
        raise QnuError("spec", str(path), f"a file that can be read ({error.strerror})") from None


def _parts(spec: Spec) -> dict[str, Any]:
    """Gas, schedule, methods, circuits and all costs of one experiment."""
    seeds = Seeds(spec.seed)
    gas = make_gas(spec, seeds)
    with place("schedule", gas="group", neutrinos="group"):
        schedule = spec.schedule.make(gas, seeds.encounters())
    drawn = drawn_by(spec)
    methods = [_method(method, spec, gas, schedule, drawn) for method in spec.method]
    seconds = [method["seconds"] for method in methods]
    return {
        "gas": _gas(spec, gas),
        "schedule": _schedule(spec, gas, schedule),
        "methods": methods,
        "seconds": sum(second for second in seconds if second is not None),
        "seconds_complete": None not in seconds,
    }


def _gas(spec: Spec, gas: NeutrinoGas) -> dict[str, Any]:
    groups = [_group(k, group) for k, group in enumerate(spec.group)]
    return {
        "neutrinos": len(gas),
        "groups": groups,
        "velocities": _velocities(spec),
        "mixing_angle": spec.mixing_angle,
    }


def _velocities(spec: Spec) -> str:
    given = spec.gas.velocities
    if all(group.direction is not None for group in spec.group):
        return "one direction per group"
    if all(group.direction is not None or group.angular is not None for group in spec.group):
        return "as each group says"
    return given if isinstance(given, str) else "given one by one"


def _group(number: int, group: GroupTable) -> dict[str, Any]:
    omega = group.omega
    return {
        "name": group.name or str(number + 1),
        "count": group.count,
        "flavor": group.flavor,
        "polarization": group.polarization,
        "antineutrino": group.antineutrino,
        **({} if group.direction is None else {"direction": group.direction}),
        **({} if group.angular is None else {"angular": group.angular}),
        "omega": [min(omega), max(omega)] if isinstance(omega, list) else omega,
    }


def _schedule(spec: Spec, gas: NeutrinoGas, schedule: EncounterSchedule) -> dict[str, Any]:
    given = spec.schedule.model_dump(mode="json")
    without_later_keys(spec.schedule, given)
    if isinstance(spec.schedule, ExplicitKind) and spec.schedule.file is not None:
        given["file"] = spec.schedule.file.path
    keys = {name: value for name, value in given.items() if name not in _SPECIAL}
    count, encounters = len(gas), schedule.expected
    pairs = count * (count - 1) / 2
    fresh = bool(schedule.source.fresh)
    return {
        "kind": schedule.kind,
        "keys": {name: value for name, value in keys.items() if _short(value)},
        "encounters": encounters,
        "counted": schedule.counted,
        "drawn": any(method.takes_encounters(schedule.kind) for method in spec.method),
        "encounters_per_neutrino": (1 if fresh else 2) * encounters / count,
        "meetings_per_pair": None if fresh or not pairs else encounters / pairs,
        "rounds": _rounds(schedule.kind, gas),
        "packets": _packets(schedule),
        "final_time": schedule.final_time,
        "mu": _profile(schedule.mu),
        "matter": _profile(schedule.matter),
    }


def _packets(schedule: EncounterSchedule) -> dict[str, float | None] | None:
    """What wave packets are like; none is moved for it."""
    packets = schedule.source.packets
    if packets is None:
        return None
    return {
        "gamma": schedule.gamma,
        "side": packets.volume ** (1 / 3) / packets.unit,
        "width": float(packets.across.mean()) / packets.unit,
        "size": packets.size,
        "others_on_one": packets.others_on_one,
        "lost_mean_field": packets.lost[0],
        "lost_entanglement": packets.lost[1],
    }


def _profile(profile: Any) -> float | str:
    """A number, or in words how it changes."""
    if isinstance(profile, profiles.Exponential):
        return f"{profile.start:g} exp(-t/{profile.scale:g})"
    if isinstance(profile, profiles.PowerLaw):
        return f"{profile.start:g} (1 + t/{profile.radius:g})^-{profile.power:g}"
    if isinstance(profile, profiles.Table):
        times, values = profile.times, profile.values
        return f"{values[0]:g} to {values[-1]:g} in a table of {len(times)} times"
    return profiles.describe(profile)


def _short(value: Any) -> bool:
    return value is not None and not isinstance(value, list | dict)


def _rounds(kind: str, gas: NeutrinoGas) -> int | None:
    """How many, where that is known without looking at the encounters."""
    if kind == "tournament":
        return len(gas) - 1 if len(gas) % 2 == 0 else len(gas)
    return max(map(len, gas.members)) if kind == "bipartite" else None


def _method(
    method: Method, spec: Spec, gas: NeutrinoGas, schedule: EncounterSchedule, drawn: Drawn
) -> dict[str, Any]:
    prepared = _prepared(method, spec, gas, schedule, _times(method, spec, schedule))
    times = prepared.times
    share = times[-1] / schedule.final_time if schedule.final_time else 0.0
    encounters = schedule.expected * share if method.takes_encounters(schedule.kind) else 0.0
    rows = len(gas.group_names) if method.rows_of(prepared) == "group" else len(gas)
    found: Cost = cost(method, gas, schedule, times, encounters, rows)
    circuit = _circuit(method, gas, schedule, times, encounters)
    random = _is_random(method, drawn, prepared, circuit)
    histories = spec.seeds if random else 1
    return {
        "label": method.label or method.kind,
        "kind": method.kind,
        "samples": len(times),
        "seeds": histories,
        "memory": found.memory,
        "seconds": None if found.seconds is None else found.seconds * histories,
        "note": found.note,
        "circuit": circuit,
    }


def _times(method: Method, spec: Spec, schedule: EncounterSchedule) -> Floats:
    """Sample times; those that are not allowed are said by ``problem``."""
    for table in (method, spec.output):
        if table.times is not None:
            return _array(table.times)
        if table.samples is not None:
            return schedule.equally_spaced(table.samples)
    return schedule.equally_spaced(_SAMPLES)


def _array(times: Sequence[float]) -> Floats:
    import numpy as np

    return np.asarray(times, float)


def _prepared(
    method: Method, spec: Spec, gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats
) -> Prepared:
    """As the method itself, where that draws nothing and needs no memory."""
    if not method.encounters:
        earlier = {m.label or m.kind: _times(m, spec, schedule) for m in spec.method}
        with contextlib.suppress(QnuError):  # said by ``problem``
            return method.prepare(MethodInput(gas, schedule, times, earlier))
    start = getattr(method, "start", None)
    begins = None if start is None else (start.method, start.time)
    return Prepared(times, {"resolve": getattr(method, "resolve", None) or "group"}, begins)


def _is_random(
    method: Method, drawn: Drawn, prepared: Prepared, circuit: Mapping[str, Any] | None
) -> bool:
    """As the method says itself."""
    if circuit is not None:
        return drawn.velocities or drawn.encounters or bool(circuit["shots"])
    earlier: frozenset[str] = frozenset()
    if prepared.start is not None and (drawn.velocities or drawn.encounters):
        earlier = frozenset({prepared.start[0]})
    return method.is_random(Drawn(drawn.velocities, drawn.encounters, earlier), prepared)


def _circuit(
    method: Any, gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats, encounters: float
) -> dict[str, Any] | None:
    if method.kind != "circuit":
        return None
    from ..quantum import load_machine

    hardware = hardware_of(method, schedule)
    try:
        machine = load_machine(hardware)
    except QnuError:  # said by ``problem``
        shots, provider = method.shots or 0, None
    else:
        shots = machine.default_shots() if method.shots is None else method.shots
        provider = machine.provider
    circuits = settings_of(method.observables, len(gas)) * len(times) if shots else 1
    return {
        "hardware": hardware,
        "provider": provider,
        "qubits": len(gas) + (1 if schedule.source.fresh else 0),
        "encounters": encounters,
        "two_qubit_gates_at_least": _GATES * encounters,
        "shots": shots,
        "circuits": circuits,
        "shots_in_all": circuits * shots,
    }


def _problem(text: str, path: Path, files: InputFiles) -> str | None:
    """Why the experiment cannot run here; None: it can."""
    try:
        parse(text, source=str(path), files=files)
    except SettingError:
        raise
    except QnuError as error:
        return str(error)
    return None


def _sweep(spec: Spec, text: str, inputs: Mapping[str, bytes]) -> dict[str, Any]:
    """The grid of a sweep, and what all of it costs."""
    data = {k: v for k, v in tomllib.loads(text).items() if k not in ("sweep", "plot")}
    grid = grids.make(spec.sweep, Keys(data, spec))
    points = len(grid)
    looked_at = sorted(grid.first_to_check(min(points, _MOST_POINTS)))
    seconds, complete = 0.0, True
    for number in looked_at:
        changes = grid.changes(grid.values_at(number))
        one = specification(data, changes, inputs).model_copy(update={"seeds": spec.seeds})
        try:
            parts = _parts(one)
        except QnuError:  # such a point fails when the sweep runs, and is listed there
            complete = False
            continue
        seconds += parts["seconds"]
        complete = complete and parts["seconds_complete"]
    return {
        "values": {key: list(axis.items) for key, axis in grid.axes.items()},
        "fixed": dict(grid.fixed),
        "computed": {key: str(spec.sweep[key]) for key in grid.computed},
        "points": points,
        "histories": points * spec.seeds,
        "seconds": float(seconds * points / len(looked_at)),
        "seconds_complete": complete,
    }
