"""IBM's devices, through Qiskit's service and its saved account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import model_validator
from qiskit.circuit import QuantumCircuit

from ...common import snapshots
from ...common.progress import ProgressFunction
from ...common.spelling import did_you_mean
from ...errors import QnuError
from . import submission
from .device import DeviceMachine, Job
from .fake import FakeMachine
from .faults import SAVE, NoAccountError, service_error
from .ibm_service import IBMService
from .limits import Limits, limits_of
from .machine import Machine
from .optional import optional
from .parts import requests_of
from .service import Service

LEAST_BUSY = "least_busy"
#: Circuits times shots of one job, at most (IBM Quantum documentation, "Job limits").
EXECUTIONS = 10_000_000


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

    def snapshot(self) -> FakeMachine:
        """The newest snapshot of this device, or of this family, with the options of this config.

        Returns:
            a fake device: it needs no account, and nothing of it is sent to IBM. (A snapshot has
            no fractional gates, also where ``fractional = true``.)

        Raises:
            QnuError: there is no snapshot of it.

        Examples:
            >>> IBMMachine(backend="ibm_torino", shots=100).snapshot().backend_name
            'FakeTorino'
        """
        anyone = self.backend_name == LEAST_BUSY
        name = snapshots.newest(None if anyone else self.backend_name, self.family)
        if name is None:
            snapshots.require("FakeTorino", "backend")  # the library is installed
            known = sorted({snapshots.real_name(one) for one in snapshots.names()})
            families = ["Heron", "Nighthawk", "Eagle", "Falcon"]
            field, given = ("family", self.family) if anyone else ("backend", self.backend_name)
            near = did_you_mean(str(given), families if anyone else known)
            raise QnuError(field, given, f"one of which qiskit-ibm-runtime has a snapshot{near}")
        shared = self.model_fields_set & set(FakeMachine.model_fields)
        kept = {key: getattr(self, key) for key in shared - {"provider", "backend_name"}}
        return FakeMachine(**{**kept, "backend": name})

    def calibrated(self) -> str | None:
        """When the device was calibrated last."""
        return submission.calibration_date(self.backend())

    def limits(self) -> Limits:
        """Also 10 million executions of a sampler's job; IBM splits an estimator's itself."""
        most = EXECUTIONS if self.primitive == "sampler" else None
        return limits_of(self.backend(), self.execution, most)

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
        """One job with all circuits, or several where IBM takes less; the device has no seed."""
        shots, settings = int(recipe["shots"]), self.executions()
        requests = requests_of(len(circuits), shots, self.limits(), settings)
        job: Job = submission.remote_in_parts(self.backend(), circuits, recipe, requests)
        return job


def stand_in(machine: Machine) -> tuple[Machine, str]:
    """The machine, or where it needs an account and there is none, the newest snapshot of it.

    Args:
        machine: any.

    Returns:
        the machine, and the line that says what was put in its place; empty: nothing was.

    Raises:
        QnuError: there is an account, and what :meth:`IBMMachine.backend` refuses; or there is
            none, and no snapshot either.

    Examples:
        >>> stand_in(FakeMachine(backend="FakeTorino"))[1]
        ''
    """
    if not isinstance(machine, IBMMachine):
        return machine, ""
    try:
        machine.backend()
    except NoAccountError as error:
        try:
            fake = machine.snapshot()
        except QnuError as missing:
            raise missing.noted(f"; or an account: {error.advice}") from None
        name = fake.backend_name
        day = snapshots.calibrated(name)[:10]
        what = f"{name}, a snapshot of {snapshots.real_name(name)} of {day}"
        return fake, f"no account: compiled for {what}"
    return machine, ""


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
    if fault is not None and kind == "AccountNotFoundError":
        raise NoAccountError(fault.who, fault.what, fault.advice, sent=False) from None
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
