"""One module per engine. Each has ``FORMS``: name -> function that prepares the circuit.

A form takes ``(problem, precision)``, builds the engine's own circuit (that is the build time)
and returns a function that evolves the start and returns all N polarizations (that is the time).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from numpy.typing import NDArray

Run = Callable[[], NDArray]


@dataclass(frozen=True)
class Engine:
    """A column of the table: which module runs it, in which precision and form."""

    name: str
    module: str
    packages: tuple[str, ...]  # what must be importable
    precision: str
    form: str

    @property
    def key(self) -> str:
        return f"{self.name} {self.precision}"

    @property
    def missing(self) -> list[str]:
        return [p for p in self.packages if importlib.util.find_spec(p) is None]

    def load(self) -> ModuleType:
        return importlib.import_module(f".{self.module}", __name__)


def _both(name: str, module: str, packages: tuple[str, ...], double: str, single: str):
    yield Engine(name, module, packages, "double", double)
    yield Engine(name, module, packages, "single", single)


_AER = "unitary 4x4, fused up to 5"
_KOKKOS, _QUBIT = "kokkos, matrix 4x4", "qubit, IsingXX YY ZZ + RZ"
_QULACS = "PauliRotation + RZ, optimizer, blocks of 2"
#: Every engine, in the form to take where forms are not compared (:mod:`benchmarks.contest`).
ENGINES: tuple[Engine, ...] = (
    *_both("qnu", "qnu_itself", (), "many_body", "many_body"),
    *_both("Aer", "aer", ("qiskit_aer",), _AER, _AER),
    Engine("qsim", "qsim", ("qsimcirq",), "single", "MatrixGate, fused up to 3"),
    Engine("qulacs", "qulacs", ("qulacs",), "double", _QULACS),
    *_both("lightning", "lightning", ("pennylane_lightning",), _KOKKOS, _QUBIT),
    *_both("quimb", "quimb", ("quimb",), "CircuitDense, 4x4", "CircuitDense, 4x4"),
)


def by_key(key: str) -> Engine:
    return next(engine for engine in ENGINES if engine.key == key)
