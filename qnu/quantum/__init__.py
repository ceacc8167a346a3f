"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from .circuits import circuit, drawable
from .execution import run
from .gate import EncounterGate
from .machines import AerMachine, Machine, load_machine

__all__ = [
    "AerMachine",
    "EncounterGate",
    "Machine",
    "circuit",
    "drawable",
    "load_machine",
    "run",
]
