"""What ``qnu show`` takes: experiments, sweeps, machines, result folders, Trajectories."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import catalogue
from ..catalogue import did_you_mean
from ..common import memory, netcdf, toml
from ..common.checks import user_path
from ..common.provenance import Provenance
from ..errors import QnuError
from ..time_words import time_words
from ..trajectory import Trajectory
from .overview import contents
from .results import load_results, read_summary
from .sweep_figures import find as find_sweep
from .sweeps.place import FILE as SWEEP_FILE

_MOST_QUBITS = 62


@dataclass(frozen=True, eq=False)
class Shown:
    """What was found under a name.

    Args:
        content: what JSON can hold; ``kind`` says what it is.
        file: the TOML file, where there is one.
        trajectories: results by label, where there are some.
    """

    content: dict[str, Any]
    file: Path | None = None
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)


def shown(name_or_path: str | Path) -> Shown:
    """What a name of the catalogue, a file or a folder is, and what is in it.

    Args:
        name_or_path: an experiment, a sweep or a machine of ``qnu list``; the class of a fake
            backend (``"FakeBrisbane"``); a TOML file of one of these; a folder of ``qnu run`` or
            ``qnu sweep``; a ``.nc`` file.

    Returns:
        its content: ``kind`` is ``"experiment"``, ``"sweep"``, ``"machine"``, ``"result"``,
        ``"sweep result"`` or ``"trajectory"``.

    Raises:
        QnuError: nothing of that name, or a file that is damaged or has a mistake.

    Examples:
        >>> shown("fake_torino").content["provider"], shown("tournament_4").content["kind"]
        ('fake', 'experiment')
    """
    text = str(name_or_path)
    path = user_path("name", name_or_path)
    if catalogue.is_snapshot(name_or_path) and not path.exists():
        return _machine(text)
    experiments = (*catalogue.experiment_names(), *catalogue.sweep_names())
    machines = catalogue.hardware_names()
    bare = text.removesuffix(".toml")
    if text in machines:  # a bare name means the catalogue, also where a folder has it
        return _machine(catalogue.find_hardware(text))
    if path.is_dir() and text not in experiments:
        return _folder(path)
    if path.suffix == ".nc" and path.is_file():
        return _dataset(path)
    if path.is_file() and bare not in experiments and _is_machine(path):
        return _machine(path)
    if bare in machines and not path.is_file():
        return _machine(catalogue.find_hardware(bare))
    if not path.is_file() and bare not in experiments:
        known = (*experiments, *machines)
        allowed = f"a file, a result folder, or a name of `qnu list`{did_you_mean(bare, known)}"
        raise QnuError("name", text, allowed)
    return Shown(contents(text), catalogue.find_experiment(text))


def _is_machine(path: Path) -> bool:
    try:
        return "provider" in toml.loads(toml.read_text(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False  # the reader of experiments says what is wrong


def _machine(place: Path | str) -> Shown:
    """The machine of a file, or of the name of a fake backend, which has none."""
    from ..quantum import load_machine

    machine = load_machine(place)
    path = place if isinstance(place, Path) else None
    shots, qubits = machine.default_shots(), getattr(machine, "qubits", None)
    fits = None
    if machine.memory_need(2):  # a simulator that holds the state
        have, most = memory.available(), machine.max_qubits or _MOST_QUBITS
        fits = max((n for n in range(1, most + 1) if machine.memory_need(n) <= have), default=0)
    found = {
        "kind": "machine",
        "name": machine.name,
        "description": machine.description,
        "file": None if path is None else str(path),
        "provider": machine.provider,
        "backend": getattr(machine, "backend_name", None),
        "method": getattr(machine, "method", None),
        "primitive": getattr(machine, "primitive", None),
        "qubits": qubits,
        "max_qubits": machine.max_qubits,
        "qubits_that_fit": fits,
        "shots": shots,
    }
    return Shown(found, path)


def _folder(path: Path) -> Shown:
    if (path / SWEEP_FILE).is_file():
        return _dataset(find_sweep(path))
    summary = read_summary(path.resolve(), str(path))
    results = load_results(path)
    made = Provenance.of(summary.get("provenance"))
    runs = results.trajectories
    found = {
        "kind": "result",
        "name": summary.get("name") or results.experiment.name,
        "description": results.experiment.spec.description,
        "file": str(path / "spec.toml"),
        "seed": results.experiment.seed,
        "seeds": len(results.experiment.seeds),
        "neutrinos": len(results.experiment.gas),
        "schedule": summary.get("schedule"),
        "time": time_words(runs.values()),
        "methods": [_run(label, run) for label, run in runs.items()],
        "provenance": None if made is None else made.entry(),
        "notes": list(results.notes),
    }
    return Shown(found, path / "spec.toml", runs)


def _run(label: str, run: Trajectory) -> dict[str, Any]:
    shots, seeds = run.attrs.get("shots"), run.seeds
    return {
        "label": label,
        "method": run.method,
        "samples": len(run.times),
        "final_time": float(run.times[-1]),
        "seeds": 1 if seeds is None else len(seeds),
        "shots": None if shots is None else int(shots),
        "hardware": run.attrs.get("hardware"),
        "wall_time_s": float(run.attrs["wall_time_s"]) if "wall_time_s" in run.attrs else None,
    }


def _dataset(path: Path) -> Shown:
    dataset = netcdf.load(path)
    if "method" in dataset.dims and "seed" in dataset.dims:
        return _sweep(path)
    run = Trajectory.load(path)
    label = str(run.attrs.get("label", path.stem))
    found = {
        "kind": "trajectory",
        "name": str(run.attrs.get("experiment", path.stem)),
        "description": "",
        "file": str(path),
        "groups": list(run.group_names),
        "schedule": run.attrs.get("schedule"),
        "gamma": run.attrs.get("gamma"),
        "time": time_words([run]),
        "methods": [_run(label, run)],
        "variables": sorted(map(str, run.dataset.data_vars)),
    }
    return Shown(found, None, {label: run})


def _sweep(path: Path) -> Shown:
    dataset = netcdf.load(path)
    axes = [str(d) for d in dataset["final_time"].dims] if "final_time" in dataset else []
    found = {
        "kind": "sweep result",
        "name": str(dataset.attrs.get("experiment", path.stem)),
        "description": "",
        "file": str(path),
        "values": {axis: dataset[axis].values.tolist() for axis in axes},
        "points": int(dataset["final_time"].size) if "final_time" in dataset else 1,
        "failed": int(dataset["failed"].values.sum()) if "failed" in dataset else 0,
        "methods": dataset["method"].values.tolist(),
        "groups": dataset["group"].values.tolist(),
        "samples": int(dataset.sizes["time"]),
        "seeds": int(dataset.sizes["seed"]),
        "variables": sorted(map(str, dataset.data_vars)),
    }
    return Shown(found)
