"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from .circuits import circuit, drawable
from .execution import run
from .gate import EncounterGate
from .machines import AerMachine, Machine, QnuMachine, load_machine
from .primitives import QnuEstimator, QnuSampler

__all__ = [
    "AerMachine",
    "EncounterGate",
    "Machine",
    "QnuEstimator",
    "QnuMachine",
    "QnuSampler",
    "circuit",
    "drawable",
    "load_machine",
    "run",
]
