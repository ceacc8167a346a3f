"""Hardware configs: what a circuit runs on, read from ``hardware_configs/*.toml`` and checked."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from qiskit_aer import AerSimulator

from .. import catalogue, memory
from ..errors import QnuError
from ..schedules import EncounterSchedule

#: More qubits than this and a density matrix takes longer than the shots it would replace.
DENSITY_MATRIX_QUBITS = 12


class Machine(BaseModel):
    """What every hardware config says; each provider is a class of its own.

    Args:
        name: the file's name, or words of your own.
        description: one line for people.
        shots: default number of shots per sample time and basis; 0: exact expectation values.
        max_qubits: most qubits it takes; None: what fits into memory.

    Raises:
        pydantic.ValidationError: a field out of its range (:func:`load_machine` turns it into one
            line).

    References:
        qnu's own convention.

    Examples:
        >>> AerMachine(method="statevector").shots
        0
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    provider: str
    name: str = "custom"
    description: str = ""
    shots: int = Field(default=0, ge=0)
    max_qubits: int | None = Field(default=None, ge=1)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state of so many qubits; 0 where that cannot be told."""
        return 0

    def check_schedule(self, schedule: EncounterSchedule) -> None:
        """Refuse a schedule that this machine cannot run.

        Raises:
            QnuError: fresh partners on a machine that knows no reset.
        """

    def check(self, qubits: int) -> None:
        """Refuse what does not fit, before anything is allocated.

        Raises:
            QnuError: more qubits than the backend takes or the memory holds.
        """
        need = self.memory_need(qubits)
        if self.max_qubits is not None and qubits > self.max_qubits:
            text = f" (needs {need / memory.GIB:.3g} GiB)" if need else ""
            raise QnuError(
                "neutrinos", qubits, f"at most {self.max_qubits} qubits on {self.name!r}{text}"
            )
        memory.require("neutrinos", qubits, need)


class AerMachine(Machine):
    """A simulator of Qiskit Aer.

    Args:
        method: ``"statevector"``, ``"matrix_product_state"`` or ``"density_matrix"``.
        precision: ``"double"`` or ``"single"``.
        gates: ``"cx"``: encounters as circuits of three CX, ``"unitary"``: as one 4x4 matrix.
        options: of :class:`qiskit_aer.AerSimulator`, passed on as they are.

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
    precision: Literal["double", "single"] = "double"
    gates: Literal["cx", "unitary"] = "cx"
    options: dict[str, Any] = Field(default_factory=dict)

    #: Keys that have fields of their own above, or belong to a run.
    RESERVED: ClassVar[frozenset[str]] = frozenset(
        {"method", "precision", "seed_simulator", "shots", "noise_model"}
    )

    @property
    def amplitude_bytes(self) -> int:
        """Bytes of one complex number."""
        return 16 if self.precision == "double" else 8

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state; for a matrix product state with its bond dimension at the limit set.

        Without such a limit a matrix product state takes what the entanglement asks for, which
        nobody knows beforehand: 0.
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

    def backend(self) -> AerSimulator:
        """The simulator.

        Raises:
            QnuError: options that Aer refuses.
        """
        bad = self.RESERVED & set(self.options)
        if bad:
            raise QnuError(f"options.{min(bad)}", self.options[min(bad)], "not an entry of options")
        options = dict(self.options)
        if self.method == "matrix_product_state":
            # Aer's own estimate takes every gate to double the bond and refuses what would fit
            options.setdefault("max_memory_mb", 2**40)
        try:
            return AerSimulator(method=self.method, precision=self.precision, **options)
        except Exception as error:  # Aer raises several kinds, all of them about the options
            raise QnuError("options", self.options, f"options of AerSimulator ({error})") from None

    def averaging_resets(self, qubits: int) -> AerMachine | None:
        """A machine on which a reset is the average over histories: itself, or a density matrix.

        None where a density matrix would be too large.
        """
        if self.method == "density_matrix":
            return self
        if qubits > DENSITY_MATRIX_QUBITS:
            return None
        return self.model_copy(update={"method": "density_matrix"})


class QnuMachine(Machine):
    """qnu's own engine: the circuit's encounters as kernels on 2^N amplitudes.

    Args:
        precision: ``"double"`` or ``"single"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qnu's own engine, :mod:`qnu.engine`.

    Examples:
        >>> QnuMachine(precision="single").memory_need(20) // 2**20     # MiB
        8
    """

    provider: Literal["qnu"] = "qnu"
    precision: Literal["double", "single"] = "double"

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector."""
        return (16 if self.precision == "double" else 8) << qubits

    def check_schedule(self, schedule: EncounterSchedule) -> None:
        """Refuse resets: a state vector would follow one random history.

        Raises:
            QnuError: fresh partners.
        """
        if schedule.fresh is not None:
            raise QnuError(
                "hardware",
                f"{self.name}, with fresh partners in the schedule",
                "'aer_density_matrix', which averages over resets",
            )


#: One class per value of ``provider``.
PROVIDERS: dict[str, type[Machine]] = {"aer": AerMachine, "qnu": QnuMachine}


def load_machine(hardware: str | Path | Machine) -> Machine:
    """A hardware config, read and checked.

    Args:
        hardware: a name of the catalogue (``"aer_statevector"``), the path of a TOML file, or a
            machine that is returned as it is.

    Returns:
        the machine.

    Raises:
        QnuError: no such name or file (the message lists what exists), not TOML, an unknown
            provider, unknown or missing keys, values out of range.

    References:
        qnu's own convention; the keys are listed in ``hardware_configs/README.md``.

    Examples:
        >>> load_machine("aer_mps").method
        'matrix_product_state'
    """
    if isinstance(hardware, Machine):
        return hardware
    if not isinstance(hardware, str | Path):
        raise QnuError("hardware", hardware, "the name or path of a hardware config, or a Machine")
    path = catalogue.find_hardware(hardware)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise QnuError("hardware", str(path), f"a TOML file ({error})") from None
    provider = data.get("provider")
    if not isinstance(provider, str) or provider not in PROVIDERS:
        known = ", ".join(map(repr, sorted(PROVIDERS)))
        raise QnuError(f"provider in {path.name}", provider, f"one of {known}")
    try:
        return PROVIDERS[provider](**{"name": path.stem, **data})
    except ValidationError as error:
        raise _one_line(error, path.name, PROVIDERS[provider]) from None


def _one_line(error: ValidationError, file: str, kind: type[Machine]) -> QnuError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        keys = sorted(kind.model_fields)
        guess = catalogue.did_you_mean(where, keys)
        return QnuError(f"key in {file}", where, "one of " + ", ".join(keys) + guess)
    value = None if first["type"] == "missing" else first["input"]
    return QnuError(f"{where} in {file}", value, first["msg"][:1].lower() + first["msg"][1:])
