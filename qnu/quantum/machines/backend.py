"""Any Qiskit backend as a machine: of a vendor, of your own, fake, or a simulator."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr
from qiskit.circuit import QuantumCircuit
from qiskit.providers import BackendV2
from qiskit.providers.fake_provider import GenericBackendV2

from ...common.progress import ProgressFunction
from ...errors import QnuError
from . import submission
from .device import DeviceMachine, Job

#: Where classes come from whose backends run in this process.
_LOCAL = (
    "qiskit.providers.basic_provider",
    "qiskit.providers.fake_provider",
    "qiskit_aer.",
    "qiskit_ibm_runtime.fake_provider",
)
_IBM = "qiskit_ibm_runtime.ibm_backend"


class BackendMachine(DeviceMachine):
    """A Qiskit ``BackendV2`` that is given as an object, see :meth:`of`.

    Circuits are compiled for its target. Fake devices of qiskit-ibm-runtime and Qiskit's generic
    backends are cut to the qubits that a circuit uses and simulated with their noise; devices of
    IBM get the circuits by IBM's primitives; every other backend by its method ``run``, which
    answers with counts.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        Qiskit, ``qiskit.providers.BackendV2``.

    Examples:
        >>> import qnu
        >>> machine = BackendMachine.of(GenericBackendV2(3, seed=1))
        >>> machine.name, machine.target().num_qubits, machine.local
        ('generic_backend_3q', 3, True)
    """

    provider: str = "backend"  # no Literal: no file can name it
    _given: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, backend: BackendV2, **keys: Any) -> BackendMachine:
        """The machine of a backend.

        Args:
            backend: it has a Target with a number of qubits.
            **keys: of every device config: ``shots``, ``compile``, ``mitigation``, ...

        Raises:
            QnuError: no BackendV2, or one of unknown size.
        """
        if not isinstance(backend, BackendV2):
            raise QnuError("backend", type(backend).__name__, "a BackendV2 of Qiskit")
        name = str(backend.name or type(backend).__name__)
        if backend.target is None or backend.target.num_qubits is None:
            raise QnuError("backend", name, "one whose Target has a number of qubits")
        machine = cls(**{"name": name, "backend": name, **keys})
        machine._given = backend
        return machine

    @classmethod
    def named(cls, attribute: str, **keys: Any) -> BackendMachine:
        """The machine of a backend in Python code.

        Args:
            attribute: ``"module:attribute"``; the working directory is searched first, and a class
                or a function is called without arguments.
            **keys: as in :meth:`of`.

        Raises:
            QnuError: no such module or attribute, code that fails, no BackendV2.

        Examples:
            >>> BackendMachine.named("qiskit_aer:AerSimulator").name
            'aer_simulator'
        """
        module, _, name = attribute.partition(":")
        allowed = "'module:attribute', a BackendV2 or what makes one without arguments"
        if not module or not name:
            raise QnuError("backend", attribute, allowed)
        here = str(Path.cwd())
        sys.path.insert(0, here)
        try:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
            backend = found if isinstance(found, BackendV2) else found()
        except Exception as error:  # code of the user: of any kind
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise QnuError("backend", attribute, f"{allowed} ({reason})") from None
        finally:
            sys.path.remove(here)
        return cls.of(backend, **keys)

    @property
    def local(self) -> bool:
        """Whether it runs in this process: nothing is sent, nothing is paid for."""
        return _comes_from(self._given, *_LOCAL)

    def backend(self) -> Any:
        """The backend that was given."""
        return self._given

    def calibrated(self) -> str | None:
        """When it was calibrated, where it says so."""
        return submission.calibration_date(self._given)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state of one noisy history, where it is simulated here."""
        return 16 << qubits if self.local else 0

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """Simulated with the noise of its calibration, IBM's primitives, or its own ``run``."""
        if _only_a_target(self._given):
            return submission.LocalJob(self._given, circuits, recipe, seed, progress)
        if _comes_from(self._given, _IBM):
            job: Job = submission.remote(self._given, circuits, recipe)
            return job
        if recipe["primitive"] != "sampler":
            raise QnuError("primitive", recipe["primitive"], "'sampler' on a backend with counts")
        return submission.BackendJob(self._given, circuits, int(recipe["shots"]), seed, progress)


def _only_a_target(backend: BackendV2) -> bool:
    """Whether its ``run`` would simulate all of its qubits, also those that nobody uses."""
    fake = _comes_from(backend, "qiskit_ibm_runtime.fake_provider")
    return fake or isinstance(backend, GenericBackendV2)


def _comes_from(backend: BackendV2, *modules: str) -> bool:
    """Whether its class, or one that it is derived from, is in one of these modules."""
    return any(kind.__module__.startswith(modules) for kind in type(backend).__mro__)
