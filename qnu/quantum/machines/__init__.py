"""Machines: what a circuit runs on, one class per provider, one TOML file per machine."""

from .aer import DENSITY_MATRIX_QUBITS, AerMachine, QnuMachine
from .device import DeviceMachine, Mitigation
from .fake import FakeMachine
from .ibm import IBMMachine
from .ions import IonMachine, IonQMachine
from .load import load_machine
from .machine import Machine

__all__ = [
    "DENSITY_MATRIX_QUBITS",
    "AerMachine",
    "DeviceMachine",
    "FakeMachine",
    "IBMMachine",
    "IonMachine",
    "IonQMachine",
    "Machine",
    "Mitigation",
    "QnuMachine",
    "load_machine",
]
