"""Machines: what a circuit runs on, one class per provider, one TOML file per machine."""

from .aer import DENSITY_MATRIX_QUBITS, AerMachine
from .backend import BackendMachine
from .device import DeviceMachine
from .fake import FakeMachine
from .ibm import IBMMachine
from .ionq import IonQMachine
from .ions import IonMachine
from .limits import Limits
from .load import load_device, load_machine
from .machine import Machine
from .options import CompileOptions, Execution, Mitigation
from .qnu import QnuMachine

__all__ = [
    "DENSITY_MATRIX_QUBITS",
    "AerMachine",
    "BackendMachine",
    "CompileOptions",
    "DeviceMachine",
    "Execution",
    "FakeMachine",
    "IBMMachine",
    "IonMachine",
    "IonQMachine",
    "Limits",
    "Machine",
    "Mitigation",
    "QnuMachine",
    "load_device",
    "load_machine",
]
