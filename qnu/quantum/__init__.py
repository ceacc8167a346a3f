"""Schedules as quantum circuits: built, compiled for a machine, run there, and read.

``circuits`` builds them, ``machines`` describes what runs them, ``compile`` compiles them for a
device, ``simulate`` runs them on simulators that hold the state, ``measure`` prepares circuits for
a device and reads their results, ``jobs`` records what runs elsewhere, ``run`` combines these.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from . import jobs
from .circuits.build import circuit, drawable
from .circuits.gate import EncounterGate
from .compile.compilation import compile_for, pass_manager
from .compile.cost import Estimate, estimate
from .compile.samples import slices
from .compile.target import device_graph
from .machines import (
    AerMachine,
    CompileOptions,
    DeviceMachine,
    FakeMachine,
    IBMMachine,
    IonMachine,
    IonQMachine,
    Machine,
    Mitigation,
    QnuMachine,
    load_machine,
)
from .measure import prepare, read, submit
from .run import run
from .simulate.primitives import QnuEstimator, QnuSampler

__all__ = [
    "AerMachine",
    "CompileOptions",
    "DeviceMachine",
    "EncounterGate",
    "Estimate",
    "FakeMachine",
    "IBMMachine",
    "IonMachine",
    "IonQMachine",
    "Machine",
    "Mitigation",
    "QnuEstimator",
    "QnuMachine",
    "QnuSampler",
    "circuit",
    "compile_for",
    "device_graph",
    "drawable",
    "estimate",
    "jobs",
    "load_machine",
    "pass_manager",
    "prepare",
    "read",
    "run",
    "slices",
    "submit",
]

#: Modules by the names under which scripts know them; imported when they are first used.
_MODULES = {
    "calibration": "compile",
    "devices": "machines.cut",
    "files": "circuits.files",
    "mitigation": "measure.mitigation",
    "options": "machines.options",
    "plugins": "compile.plugins",
    "qasm": "circuits.openqasm",
    "requests": "measure",
    "routing": "compile.routing",
}


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
