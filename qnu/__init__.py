"""qnu: dense neutrino gases on quantum computers, and the classical theories to check them with.

A gas and a schedule of encounters go into a circuit on a machine or into a classical solver; either
way the result is a Trajectory.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import QnuError, QnuWarning
from .version import __version__ as __version__

if TYPE_CHECKING:
    from . import (
        encounter,
        experiment,
        observables,
        plotting,
        premises,
        profiles,
        quantities,
        quantum,
        schedules,
        solvers,
        testing,
        units,
    )
    from .angular import AngularDistribution
    from .beams import Beams
    from .checkpoint import Checkpoint
    from .gas import Group, NeutrinoGas
    from .schedules import EncounterSchedule
    from .trajectory import Trajectory


# The top level is lazy: `import qnu` takes milliseconds, modules are imported when first used.
_HOME = {
    "AngularDistribution": "angular",
    "Beams": "beams",
    "Checkpoint": "checkpoint",
    "Group": "gas",
    "NeutrinoGas": "gas",
    "EncounterSchedule": "schedules",
    "Trajectory": "trajectory",
}
_MODULES = (
    "angular",
    "averages",
    "beams",
    "catalogue",
    "checkpoint",
    "conservation",
    "encounter",
    "engine",
    "experiment",
    "gas",
    "keys",
    "methods",
    "modes",
    "observables",
    "plotting",
    "premises",
    "profiles",
    "quantities",
    "quantum",
    "report",
    "schedules",
    "solvers",
    "testing",
    "time_words",
    "trajectory",
    "units",
)

__all__ = [
    "AngularDistribution",
    "Beams",
    "Checkpoint",
    "EncounterSchedule",
    "Group",
    "NeutrinoGas",
    "QnuError",
    "QnuWarning",
    "Trajectory",
    "encounter",
    "experiment",
    "observables",
    "plotting",
    "premises",
    "profiles",
    "quantities",
    "quantum",
    "schedules",
    "solvers",
    "testing",
    "units",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module 'qnu' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__version__"})
