"""Schedules as quantum circuits: built, compiled for a machine, run there, and read.

``circuits`` builds them, ``machines`` describes what runs them, ``compile`` compiles them for a
device, ``simulate`` runs them on simulators that hold the state, ``measure`` prepares circuits for
a device and reads their results, ``jobs`` records what runs elsewhere, ``run`` combines these.
"""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from . import jobs
from .circuits.build import circuit, drawable
from .circuits.gate import EncounterGate
from .compile.bounds import LowerBound, lower_bound
from .compile.compilation import compile_for, pass_manager
from .compile.cost import Estimate, estimate
from .compile.isa import check_isa
from .compile.samples import slices
from .compile.target import device_graph
from .machines import (
    AerMachine,
    BackendMachine,
    CompileOptions,
    DeviceMachine,
    Execution,
    FakeMachine,
    IBMMachine,
    IonMachine,
    IonQMachine,
    Machine,
    Mitigation,
    QnuMachine,
    load_machine,
)
from .measure import pair_settings, prepare, read, submit
from .run import run
from .simulate.primitives import QnuEstimator, QnuSampler

__all__ = [
    "AerMachine",
    "BackendMachine",
    "CompileOptions",
    "DeviceMachine",
    "EncounterGate",
    "Estimate",
    "Execution",
    "FakeMachine",
    "IBMMachine",
    "IonMachine",
    "IonQMachine",
    "LowerBound",
    "Machine",
    "Mitigation",
    "QnuEstimator",
    "QnuMachine",
    "QnuSampler",
    "check_isa",
    "circuit",
    "compile_for",
    "device_graph",
    "drawable",
    "estimate",
    "jobs",
    "load_machine",
    "lower_bound",
    "pair_settings",
    "pass_manager",
    "prepare",
    "read",
    "run",
    "slices",
    "submit",
]

#: Modules by their names of 0.1, and where their content is; imported when they are first used.
_FORMER = {
    "calibration": ("compile", "compile.target", "compile.cost"),
    "devices": ("machines.cut",),
    "files": ("circuits.files",),
    "mitigation": ("measure.mitigation", "measure.statistics", "..conservation"),
    "options": ("machines.options",),
    "plugins": ("compile.plugins",),
    "qasm": ("circuits.openqasm",),
    "requests": ("measure", "measure.prepare"),
    "routing": ("compile.routing",),
}


class _FormerModule(ModuleType):
    """A module that has moved: its names are looked up in the modules that have them now."""

    def __getattr__(self, name: str) -> Any:
        places = _FORMER[self.__name__.rpartition(".")[2]]
        for place in places if not name.startswith("__") else ():
            dots = "" if place.startswith(".") else "."
            module = import_module(f"{dots}{place}", __name__)
            with contextlib.suppress(AttributeError):
                return getattr(module, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


for _name in _FORMER:  # `import qnu.quantum.qasm` and `from qnu.quantum.qasm import export`
    sys.modules.setdefault(f"{__name__}.{_name}", _FormerModule(f"{__name__}.{_name}"))


def __getattr__(name: str) -> ModuleType:
    if name in _FORMER:
        first = _FORMER[name]
        former = sys.modules[f"{__name__}.{name}"]
        return former if len(first) > 1 else import_module(f".{first[0]}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
