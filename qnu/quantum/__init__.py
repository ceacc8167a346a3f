"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from .circuits import circuit, drawable
from .execution import run
from .gate import EncounterGate
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
from .primitives import QnuEstimator, QnuSampler

__all__ = [
    "AerMachine",
    "DeviceMachine",
    "EncounterGate",
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
    "drawable",
    "load_machine",
    "run",
]
