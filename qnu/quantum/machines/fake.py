"""Fake devices: the couplers, gates and calibration of a real one, its noise simulated by Aer."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any, Literal

from ...common import snapshots
from . import submission
from .optional import optional
from .simulated import SimulatedDevice


class FakeMachine(SimulatedDevice):
    """A snapshot of an IBM device, from qiskit-ibm-runtime.

    Only the qubits that a circuit uses are simulated, with the noise of the
    snapshot's calibration.

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

    def backend(self) -> Any:
        """The snapshot, read once per process.

        Raises:
            QnuError: no such snapshot, or qiskit-ibm-runtime is not installed.
        """
        return _snapshot(self.backend_name)

    def calibrated(self) -> str | None:
        """When the snapshot was taken."""
        return submission.calibration_date(self.backend())


@cache
def _snapshot(name: str) -> Any:
    provider = optional("qiskit_ibm_runtime.fake_provider", "ibm", "fake devices")
    snapshots.require(name, "backend")
    with warnings.catch_warnings():
        # FakeNighthawk warns that its errors are not typical: its config and README say so
        warnings.simplefilter("ignore", UserWarning)
        return getattr(provider, name)()
