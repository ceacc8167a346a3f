"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from . import jobs
from .circuits.build import circuit, drawable
from .circuits.gate import EncounterGate
from .compile.compilation import compile_for, pass_manager
from .compile.cost import Estimate, estimate
from .compile.samples import slices
from .machines import (
    AerMachine,
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
from .machines.options import CompileOptions
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
    "drawable",
    "estimate",
    "jobs",
    "load_machine",
    "pass_manager",
    "run",
    "slices",
]

#: Modules that are imported when they are first used.
_LATER = ("files", "plugins", "qasm")


def __getattr__(name: str) -> ModuleType:
    if name in _LATER:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
