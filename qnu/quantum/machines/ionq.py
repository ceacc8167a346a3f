"""IonQ's devices and simulators."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pydantic import Field
from qiskit.circuit import QuantumCircuit
from qiskit.transpiler import Target

from ...common.progress import ProgressFunction
from ...errors import QnuError
from . import submission
from .all_to_all import AllToAllMachine, all_to_all
from .device import Job
from .optional import optional


class IonQMachine(AllToAllMachine):
    """IonQ's devices and simulators, through qiskit-ionq; the key is ``IONQ_API_KEY``.

    Args:
        backend_name: ``backend`` in the file: ``"simulator"`` or ``"qpu.forte-1"`` and so on.
        qubits: how many it has.
        noise_model: of the simulator: ``"ideal"``, or the name of a device.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qiskit-ionq; Amitrano et al. (2207.03189) for neutrinos on ions.

    Examples:
        >>> IonQMachine(backend="simulator", qubits=29).target().num_qubits
        29
    """

    provider: Literal["ionq"] = "ionq"
    noise_model: str = Field(default="ideal", min_length=1)

    def backend(self) -> Any:
        """IonQ's backend.

        Raises:
            QnuError: qiskit-ionq is not installed, no key, no such backend.
        """
        return _ionq(self.backend_name)

    def device_name(self) -> str:
        """As in the file; known without a request to IonQ."""
        return f"ionq_{self.backend_name}"

    def target(self) -> Target:
        """Gates that IonQ's compiler takes; known without a request to IonQ."""
        return all_to_all(self.qubits)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """One job with all circuits; only the ideal simulator has a seed."""
        shots = int(recipe["shots"])
        options = {"noise_model": self.noise_model} if "simulator" in self.backend_name else {}
        job = self.backend().run(list(circuits), shots=shots, sampler_seed=seed, **options)
        return submission.CountsJob(job)


@cache
def _ionq(name: str) -> Any:
    library = optional("qiskit_ionq", "ionq", "IonQ")
    provider = library.IonQProvider()
    if not provider.credentials.get("token"):
        raise QnuError("hardware", reason="no key for IonQ; set IONQ_API_KEY in the environment")
    try:
        return provider.get_backend(name)
    except Exception as error:  # several kinds, network errors among them
        raise QnuError(
            "backend", name, f"a backend of IonQ that the key may use ({type(error).__name__})"
        ) from None
