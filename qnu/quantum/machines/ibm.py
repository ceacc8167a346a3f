"""IBM's devices, through Qiskit's service and its saved account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import model_validator
from qiskit.circuit import QuantumCircuit

from ...common.progress import ProgressFunction
from ...errors import QnuError
from . import submission
from .device import DeviceMachine, Job
from .faults import SAVE, service_error
from .ibm_service import IBMService
from .machine import Machine
from .optional import optional
from .service import Service

LEAST_BUSY = "least_busy"


class IBMMachine(DeviceMachine):
    """A device of the IBM Quantum Platform.

    The account, its channel and its instance come from Qiskit alone: saved with
    ``QiskitRuntimeService.save_account``, or ``QISKIT_IBM_TOKEN``, ``QISKIT_IBM_CHANNEL`` and
    ``QISKIT_IBM_INSTANCE`` in the environment. They are never part of a config.

    Args:
        backend_name: ``backend`` in the file: the name of a device, such as ``"ibm_torino"``, or
            ``"least_busy"``.
        family: with ``"least_busy"``: only processors of this family, ``"Heron"`` or
            ``"Nighthawk"``.
        fractional: the device's fractional gates (RZZ, RX); without them gates can be twirled.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qiskit-ibm-runtime; IBM Quantum Platform.

    Examples:
        >>> IBMMachine(backend="least_busy", family="Heron").memory_need(100)
        0
    """

    provider: Literal["ibm"] = "ibm"
    family: str | None = None
    fractional: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> IBMMachine:
        if self.family is not None and self.backend_name != LEAST_BUSY:
            raise QnuError("family", self.family, f"only with backend = {LEAST_BUSY!r}")
        if self.compile.gates == "rzz" and not self.fractional:
            raise QnuError("compile.gates", "rzz", "'rzz' only with fractional = true")
        if self.fractional and self.mitigation.twirling in ("gates", "all"):
            raise QnuError(
                "mitigation.twirling",
                self.mitigation.twirling,
                "'none' or 'measure' with fractional = true (only Clifford gates are twirled)",
            )
        return self

    def backend(self) -> Any:
        """The device; looked up once per process, so that least_busy stays the same one.

        Raises:
            QnuError: qiskit-ibm-runtime is not installed, no account, no such device, no network.
        """
        return _device(self.backend_name, self.family, self.fractional)

    def calibrated(self) -> str | None:
        """When the device was calibrated last."""
        return submission.calibration_date(self.backend())

    def service(self, backend: str, local: Callable[[Machine], Service]) -> Service:
        """IBM's, by the name of the device (``least_busy`` may be another one next time)."""
        return IBMService(backend, self.fractional)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """One job with all circuits; the device has no seed."""
        job: Job = submission.remote(self.backend(), circuits, recipe)
        return job


@cache
def _device(name: str, family: str | None, fractional: bool) -> Any:
    runtime = optional("qiskit_ibm_runtime", "ibm", "IBM devices")
    wanted = name if family is None else f"{name}, family {family}"
    service: Any = None
    try:
        service = runtime.QiskitRuntimeService()
        if name != LEAST_BUSY:
            return service.backend(name, use_fractional_gates=fractional)
        return service.least_busy(
            operational=True,
            simulator=False,
            use_fractional_gates=fractional,
            filters=None if family is None else lambda device: _family(device) == family,
        )
    except Exception as error:  # many kinds; their texts may quote what was in the account
        kind = type(error).__name__
        fault = service_error(error, wanted, sent=False)
    if fault is not None:
        raise fault from None
    if service is None:
        raise QnuError(
            "hardware",
            reason=f"no account of the IBM Quantum Platform ({kind}); save one with {SAVE},"
            " or set QISKIT_IBM_TOKEN",
        ) from None
    allowed = f"a device that the account may use, with a network to reach it ({kind})"
    raise QnuError("backend", wanted, allowed) from None


def _family(backend: Any) -> str | None:
    processor = getattr(backend, "processor_type", None)
    return processor.get("family") if isinstance(processor, dict) else None
