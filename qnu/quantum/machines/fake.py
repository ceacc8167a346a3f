"""Fake devices: the couplers, gates and calibration of a real one, its noise simulated by Aer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from qiskit.circuit import QuantumCircuit

from ...catalogue import did_you_mean
from ...common.progress import ProgressFunction
from ...errors import QnuError
from . import submission
from .device import DeviceMachine, Job
from .machine import Machine
from .optional import optional
from .service import Service


class FakeMachine(DeviceMachine):
    """A snapshot of an IBM device, from qiskit-ibm-runtime.

    Only the qubits that a circuit uses are simulated (:func:`.cut.cut`), with the
    noise that the snapshot's calibration says.

    Args:
        backend_name: ``backend`` in the file: the name of the class, such as ``"FakeTorino"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qiskit-ibm-runtime, fake provider.

    Examples:
        >>> FakeMachine(backend="FakeTorino").target().num_qubits
        133
    """

    provider: Literal["fake"] = "fake"

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector of one noisy history."""
        return 16 << qubits

    def backend(self) -> Any:
        """The snapshot, read once per process.

        Raises:
            QnuError: no such snapshot, or qiskit-ibm-runtime is not installed.
        """
        return _snapshot(self.backend_name)

    def calibrated(self) -> str | None:
        """When the snapshot was taken."""
        return submission.calibration_date(self.backend())

    def service(self, backend: str, local: Callable[[Machine], Service]) -> Service:
        """The one for machines that are simulated here."""
        return local(self)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """Simulated here, when the result is asked for."""
        return submission.LocalJob(self.backend(), circuits, recipe, seed, progress)


@cache
def _snapshot(name: str) -> Any:
    provider = optional("qiskit_ibm_runtime.fake_provider", "ibm", "fake devices")
    if not name.startswith("Fake") or not hasattr(provider, name):
        known = [n for n in dir(provider) if n.startswith("Fake") and "Provider" not in n]
        raise QnuError(
            "backend",
            name,
            "a fake backend of qiskit-ibm-runtime, such as 'FakeTorino'"
            + did_you_mean(name, known),
        )
    with warnings.catch_warnings():
        # of FakeNighthawk, that its errors are not typical: its config and README say so
        warnings.simplefilter("ignore", UserWarning)
        return getattr(provider, name)()
