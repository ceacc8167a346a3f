"""Simulators of Qiskit Aer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar, Literal

from numpy.typing import ArrayLike
from pydantic import Field, field_validator
from qiskit_aer import AerSimulator

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..circuits.build import circuit_and_encounters
from ..simulate.aer import AerSimulation
from ..simulate.simulation import Simulation
from ._aer_options import checked_options
from .simulator import SimulatorMachine

#: Above this a density matrix takes longer than the shots that it would replace.
DENSITY_MATRIX_QUBITS = 12


class AerMachine(SimulatorMachine):
    """A simulator of Qiskit Aer.

    Args:
        method: ``"statevector"``, ``"matrix_product_state"`` or ``"density_matrix"``.
        precision: ``"double"`` or ``"single"``.
        gates: ``"cx"``: encounters as circuits of three CX, ``"unitary"``: as one 4x4 matrix.
        options: of :class:`qiskit_aer.AerSimulator`, passed on as they are once their types and
            ranges are checked.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        Qiskit Aer; Vidal (PRL 91, 147902) for matrix product states.

    Examples:
        >>> AerMachine(method="density_matrix").memory_need(10) // 2**20     # MiB
        16
    """

    provider: Literal["aer"] = "aer"
    method: Literal["statevector", "matrix_product_state", "density_matrix"]
    gates: Literal["cx", "unitary"] = "cx"
    options: dict[str, Any] = Field(default_factory=dict)

    #: Keys that have fields of their own above, or belong to a run.
    RESERVED: ClassVar[frozenset[str]] = frozenset(
        {"method", "precision", "seed_simulator", "shots", "noise_model"}
    )

    @field_validator("options")
    @classmethod
    def _known_options(cls, options: dict[str, Any]) -> dict[str, Any]:
        bad = cls.RESERVED & set(options)
        if bad:
            raise QnuError(f"options.{min(bad)}", options[min(bad)], "not an entry of options")
        return checked_options(options)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state; of a matrix product state at its largest bond dimension.

        Where no largest bond dimension is set, the size depends on the entanglement and is not
        known in advance: 0.
        """
        if self.method == "statevector":
            return self.amplitude_bytes << qubits
        if self.method == "density_matrix":
            return self.amplitude_bytes << 2 * qubits
        bond = self.options.get("matrix_product_state_max_bond_dimension")
        if not isinstance(bond, int):
            return 0
        widths = [min(bond, 1 << min(k, qubits - k)) for k in range(qubits + 1)]
        return 2 * self.amplitude_bytes * sum(a * b for a, b in pairwise(widths))

    def check(self, qubits: int) -> None:
        """Refuse a GPU that is not available, and a state that does not fit into memory."""
        self._check_device()
        super().check(qubits)

    def _check_device(self) -> None:
        device = self.options.get("device", "CPU")
        available = AerSimulator().available_devices()
        if device not in available:
            raise QnuError(
                f"options.device of {self.name!r}",
                device,
                f"what this Qiskit Aer has: {', '.join(available)} (for a GPU install"
                " qiskit-aer-gpu in place of qiskit-aer, on a machine that has one)",
            )

    def backend(self) -> AerSimulator:
        """The simulator.

        Raises:
            QnuError: options that Aer refuses.
        """
        self._check_device()
        options = dict(self.options)
        if self.method == "matrix_product_state":
            # Aer's own estimate assumes that every gate doubles the bond dimension
            options.setdefault("max_memory_mb", 2**40)
        try:
            return AerSimulator(method=self.method, precision=self.precision, **options)
        except Exception as error:  # Aer raises several kinds, all of them about the options
            raise QnuError("options", [*options], f"options of AerSimulator ({error})") from None

    def simulation(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        times: ArrayLike | SampleTimes | None,
        shots: int,
        swap: bool,
    ) -> Simulation:
        """The schedule's circuit on this simulator; resets are averaged where possible."""
        machine = self._for_resets(schedule, len(gas), shots)
        qc, _ = circuit_and_encounters(gas, schedule, times, None, swap)
        return AerSimulation(
            qc, machine.backend(), machine.method, machine.precision, machine.gates
        )

    def _for_resets(self, schedule: EncounterSchedule, count: int, shots: int) -> AerMachine:
        """A density matrix for circuits with resets, where it is small enough.

        A reset on a state vector follows one random history. With shots each shot has its own
        history, which is correct but slow, so this is used for many qubits only.
        """
        if schedule.fresh is None:
            return self
        exact = self.averaging_resets(count)
        if exact is not None:
            exact.check(count)
            return exact
        if not shots:
            raise QnuError(
                "neutrinos",
                count,
                f"at most {DENSITY_MATRIX_QUBITS} where fresh partners (resets) are averaged"
                f" exactly on {self.name!r}; or shots > 0, 'aer_density_matrix', or the solver"
                " independent",
            )
        return self

    def averaging_resets(self, qubits: int) -> AerMachine | None:
        """This machine with resets averaged over histories (a density matrix).

        None where a density matrix would be too large.
        """
        if self.method == "density_matrix":
            return self
        if qubits > DENSITY_MATRIX_QUBITS:
            return None
        return self.model_copy(update={"method": "density_matrix"})
