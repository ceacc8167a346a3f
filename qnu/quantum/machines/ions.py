"""Trapped ions: every pair of qubits has a gate. One machine simulated here, one at IonQ."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from typing import Any, Literal

from pydantic import Field, model_validator
from qiskit.circuit import Measure, Parameter, QuantumCircuit, Reset
from qiskit.circuit.library import RXGate, RYGate, RZGate, RZZGate
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import InstructionProperties, Target

from ...errors import QnuError
from ..measure.statistics import Told
from . import submission
from .device import DeviceMachine, Job
from .optional import optional


class _AllToAll(DeviceMachine):
    """What both have in common: a size, and only the mitigation that is done on counts."""

    primitive: Literal["sampler"] = "sampler"
    qubits: int = Field(ge=2, le=1000)

    @model_validator(mode="after")
    def _on_counts(self) -> _AllToAll:
        for key in ("twirling", "dynamical_decoupling"):
            value = getattr(self.mitigation, key)
            if value != "none":
                raise QnuError(f"mitigation.{key}", value, "'none' on ions (their gates are RZZ)")
        return self

    def check(self, qubits: int) -> None:
        """Refuse more neutrinos than ions, and what does not fit into memory."""
        if qubits > self.qubits:
            raise QnuError("neutrinos", qubits, f"at most {self.qubits} qubits on {self.name!r}")
        super().check(qubits)


class IonMachine(_AllToAll):
    """A trapped-ion machine simulated here: RZZ between any two ions, depolarizing noise.

    RZ is a change of phase in software and has no error. Ions that wait have none either: their
    coherence outlives these circuits by far.

    Args:
        backend_name: ``backend`` in the file: a name of your own.
        qubits: how many ions.
        one_qubit_error: average infidelity of RX and RY.
        two_qubit_error: average infidelity of RZZ.
        readout_error: chance that a measurement is read wrongly.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        Moses et al. (PRX 13, 041052), whose numbers ``trapped_ions.toml`` has.

    Examples:
        >>> IonMachine(backend="trap", qubits=4).target()["rzz"][(3, 0)].error
        0.0
    """

    provider: Literal["ions"] = "ions"
    one_qubit_error: float = Field(default=0.0, ge=0.0, le=0.5)
    two_qubit_error: float = Field(default=0.0, ge=0.0, le=0.75)
    readout_error: float = Field(default=0.0, ge=0.0, le=0.5)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector of one noisy history."""
        return 16 << qubits

    def backend(self) -> Any:
        """A BackendV2 that knows gates and errors; it is simulated through its cut."""
        errors = (self.one_qubit_error, self.two_qubit_error, self.readout_error)
        return _trap(self.backend_name, self.qubits, *errors)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        told: Told,
    ) -> Job:
        """Simulated here, when the result is asked for."""
        return submission.LocalJob(self.backend(), circuits, recipe, seed, told)


class IonQMachine(_AllToAll):
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
        """As in the file; known without asking IonQ."""
        return f"ionq_{self.backend_name}"

    def target(self) -> Target:
        """Gates that IonQ's compiler takes; known without asking IonQ."""
        return all_to_all(self.qubits)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        told: Told,
    ) -> Job:
        """One job with all circuits; only the ideal simulator has a seed."""
        shots = int(recipe["shots"])
        options = {"noise_model": self.noise_model} if "simulator" in self.backend_name else {}
        job = self.backend().run(list(circuits), shots=shots, sampler_seed=seed, **options)
        return submission.CountsJob(job)


def all_to_all(
    qubits: int, one_qubit: float = 0.0, two_qubit: float = 0.0, readout: float = 0.0
) -> Target:
    """A Target with RX, RY, RZ and, between any two qubits, RZZ.

    Args:
        qubits: how many.
        one_qubit: error of RX and RY.
        two_qubit: error of RZZ.
        readout: error of a measurement.

    Returns:
        the target.

    Raises:
        QnuError: never.

    References:
        Qiskit's Target.

    Examples:
        >>> len(all_to_all(4)["rzz"])
        12
    """
    target = Target(num_qubits=qubits)
    angle = Parameter("angle")
    singles = [(k,) for k in range(qubits)]
    for gate, error in ((RXGate, one_qubit), (RYGate, one_qubit), (RZGate, 0.0)):
        target.add_instruction(
            gate(angle), {where: InstructionProperties(error=error) for where in singles}
        )
    pairs = permutations(range(qubits), 2)
    target.add_instruction(
        RZZGate(angle), {pair: InstructionProperties(error=two_qubit) for pair in pairs}
    )
    target.add_instruction(
        Measure(), {where: InstructionProperties(error=readout) for where in singles}
    )
    target.add_instruction(Reset(), dict.fromkeys(singles))
    return target


class _Trap(BackendV2):  # type: ignore[misc]  # Qiskit has no types
    """Ions that exist as a Target only."""

    def __init__(self, name: str, target: Target) -> None:
        super().__init__(name=name, description="trapped ions, all to all")
        self._target = target

    @property
    def target(self) -> Target:
        return self._target

    @property
    def max_circuits(self) -> None:
        return None

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **options: Any) -> Any:
        raise NotImplementedError("simulated through qnu.quantum.machines.cut.cut")


@cache
def _trap(name: str, qubits: int, one: float, two: float, readout: float) -> _Trap:
    return _Trap(name, all_to_all(qubits, one, two, readout))


@cache
def _ionq(name: str) -> Any:
    library = optional("qiskit_ionq", "ionq", "IonQ")
    provider = library.IonQProvider()
    if not provider.credentials.get("token"):
        raise QnuError("hardware: no key for IonQ; set IONQ_API_KEY in the environment")
    try:
        return provider.get_backend(name)
    except Exception as error:  # several kinds, network errors among them
        raise QnuError(
            "backend", name, f"a backend of IonQ that the key may use ({type(error).__name__})"
        ) from None
