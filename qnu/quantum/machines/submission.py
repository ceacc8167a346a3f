"""Jobs of Qiskit's primitives, local and remote, from compiled circuits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.providers import BackendV2
from qiskit.quantum_info import SparsePauliOp

from ...common.progress import ProgressFunction
from ...errors import QnuError
from ..circuits.bases import BASES
from . import cut
from .optional import optional
from .options import RANDOMIZATIONS
from .parts import Request, merged, recipe_of


@dataclass(eq=False)
class LocalJob:
    """Circuits on the cut of a backend, run when the result is requested.

    Every circuit is a job of its own with its own seed: in one job the simulator would use the
    same seed for each, and their errors would be correlated. ``executed`` counts the shots of all
    circuits that the primitive makes of them.
    """

    backend: BackendV2
    circuits: Sequence[QuantumCircuit]
    recipe: Mapping[str, Any]
    seed: int
    progress: ProgressFunction
    executed: int = 0

    def job_id(self) -> str:
        """Empty: it exists in this process only."""
        return ""

    def result(self) -> list[Any]:
        """Results of the primitive, one per circuit."""
        read = {place for places in self.recipe["qubits"] for place in places}
        qubits = sorted(read | set(cut.used_qubits(self.circuits)))
        simulator = cut.cut(self.backend, qubits)
        seeds = np.random.SeedSequence(self.seed).generate_state(len(self.circuits)) >> 1
        results = []
        for k, (qc, seed) in enumerate(zip(self.circuits, seeds.tolist(), strict=True)):
            places = _renumbered(self.recipe["qubits"][k], qubits)
            part = {**_twirlable(self.recipe, qc), "qubits": [places]}
            try:
                job = _run(simulator, [cut.onto(qc, qubits)], part, seed)
                results.append(job.result()[0])
            except QnuError:
                raise
            except Exception as error:  # of the primitive or the simulator, of many kinds
                message = " ".join(str(error).split())
                reason = f"{simulator.name} cannot run this ({message})"
                raise QnuError("hardware", reason=reason) from None
            program = job.inputs
            self.executed += int(program.shots * sum(item.size() for item in program.items))
            self.progress((k + 1) / len(self.circuits))
        return results


@dataclass(frozen=True, eq=False)
class CountsJob:
    """A job of ``backend.run``, whose result is counts."""

    job: Any

    def job_id(self) -> str:
        """The provider's."""
        return str(self.job.job_id())

    def result(self) -> list[Mapping[str, int]]:
        """Counts, one dictionary per circuit."""
        counts = self.job.result().get_counts()
        return [counts] if isinstance(counts, Mapping) else list(counts)


@dataclass(eq=False)
class BackendJob:
    """Circuits for the method ``run`` of a backend, run when the result is requested.

    A simulator with a seed gets one circuit at a time, each with a seed of its own; other backends
    as many circuits as a job of them may have.
    """

    backend: BackendV2
    circuits: Sequence[QuantumCircuit]
    shots: int
    seed: int
    progress: ProgressFunction

    def job_id(self) -> str:
        """Empty: there may be several."""
        return ""

    def result(self) -> list[Mapping[str, int]]:
        """Counts, one dictionary per circuit."""
        seeded = hasattr(self.backend.options, "seed_simulator")
        seeds = np.random.SeedSequence(self.seed).generate_state(len(self.circuits)) >> 1
        size = 1 if seeded else self.backend.max_circuits or len(self.circuits)
        results: list[Mapping[str, int]] = []
        while len(results) < len(self.circuits):
            done = len(results)
            some = list(self.circuits[done : done + size])
            options = {"seed_simulator": int(seeds[done])} if seeded else {}
            try:
                counts = CountsJob(self.backend.run(some, shots=self.shots, **options)).result()
            except Exception as error:  # of the backend, of any kind
                message = " ".join(str(error).split())
                reason = f"{self.backend.name} cannot run this ({message})"
                raise QnuError("hardware", reason=reason) from None
            if len(counts) != len(some):
                reason = f"{self.backend.name} gave {len(counts)} results for {len(some)} circuits"
                raise QnuError("hardware", reason=reason)
            results += counts
            self.progress(len(results) / len(self.circuits))
        return results


def remote(
    backend: BackendV2,
    circuits: Sequence[QuantumCircuit],
    recipe: Mapping[str, Any],
    tags: Sequence[str] = (),
    mode: Any = None,
) -> Any:
    """One job with all circuits on a real device: a ``RuntimeJobV2`` with tags.

    ``mode``: an open Batch or Session of the backend; None: the job is for itself.
    """
    return _run(backend, circuits, recipe, None, tags, mode)


def opened(backend: BackendV2, execution: Mapping[str, Any]) -> Any:
    """A new Batch or Session of a backend; None where jobs are for themselves."""
    mode = execution.get("mode", "job")
    if mode == "job":
        return None
    runtime = optional("qiskit_ibm_runtime", "ibm", "devices")
    kind = runtime.Session if mode == "session" else runtime.Batch
    return kind(backend=backend, max_time=execution.get("max_time"))


@dataclass(frozen=True, eq=False)
class SplitJob:
    """Several jobs as one, where the device does not take all circuits and shots in one."""

    jobs: Sequence[Any]
    requests: Sequence[Request]

    def job_id(self) -> str:
        """Those of all, with blanks between."""
        return " ".join(str(job.job_id()) for job in self.jobs)

    def result(self) -> list[Any]:
        """One result per circuit, of all their shots."""
        return merged([list(job.result()) for job in self.jobs], self.requests)


def remote_in_parts(
    backend: BackendV2,
    circuits: Sequence[QuantumCircuit],
    recipe: Mapping[str, Any],
    requests: Sequence[Request],
) -> Any:
    """:func:`remote` in as many jobs as the device needs, in the mode of the recipe."""
    mode = opened(backend, recipe.get("execution") or {})
    try:
        if len(requests) == 1:
            return remote(backend, circuits, recipe, mode=mode)
        sent = [
            remote(backend, [circuits[k] for k in one.circuits], recipe_of(recipe, one), mode=mode)
            for one in requests
        ]
    finally:
        if mode is not None:
            mode.close()
    return SplitJob(sent, requests)


def calibration_date(backend: Any) -> str | None:
    """When a backend of IBM, or a snapshot of one, was calibrated."""
    date = getattr(cut.properties(backend), "last_update_date", None)
    return None if date is None else str(date.isoformat())


def _run(
    backend: BackendV2,
    circuits: Sequence[QuantumCircuit],
    recipe: Mapping[str, Any],
    seed: int | None,
    tags: Sequence[str] = (),
    mode: Any = None,
) -> Any:
    shots, options = int(recipe["shots"]), _options(recipe, seed)
    if tags:
        options["environment"] = {"job_tags": list(tags)}
    place = backend if mode is None else mode
    if recipe["primitive"] == "sampler":
        library = optional("qiskit_ibm_runtime.executor_sampler", "ibm", "devices")
        return library.Sampler(mode=place, options=options).run(list(circuits), shots=shots)
    library = optional("qiskit_ibm_runtime.executor_estimator", "ibm", "devices")
    pubs = [
        (qc, observables(qc.num_qubits, places))
        for qc, places in zip(circuits, recipe["qubits"], strict=True)
    ]
    options["default_shots"] = shots
    return library.Estimator(mode=place, options=options).run(pubs)


def observables(width: int, places: Sequence[int]) -> list[list[SparsePauliOp]]:
    """``(N, 3)``: X, Y and Z of neutrino k on qubit ``places[k]``."""
    return [
        [SparsePauliOp.from_sparse_list([(basis, [place], 1.0)], width) for basis in BASES]
        for place in places
    ]


def _options(recipe: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
    """Options of executor primitives, which are the same but for resilience."""
    mitigation = recipe["mitigation"]
    options = _execution(recipe.get("execution") or {})  # recipes of earlier versions have none
    if mitigation["twirling"] != "none":
        options["twirling"] = {
            "enable_gates": mitigation["twirling"] in ("gates", "all"),
            "enable_measure": mitigation["twirling"] in ("measure", "all"),
        }
    randomized = {key: mitigation[key] for key in RANDOMIZATIONS if mitigation.get(key)}
    if randomized:
        options["twirling"] = options.get("twirling", {}) | randomized
    if mitigation["dynamical_decoupling"] != "none":
        sequence = mitigation["dynamical_decoupling"]
        options["dynamical_decoupling"] = {"enable": True, "sequence_type": sequence}
    if recipe["primitive"] == "estimator":
        options["resilience_level"] = mitigation["resilience"]
        keys = ("noise_factors", "extrapolator")
        folded = {key: mitigation[key] for key in keys if mitigation[key]}
        if folded:
            options["resilience"] = {"zne": folded}
    if seed is not None:
        options["simulator"] = {"seed_simulator": seed}
    return options


def _execution(execution: Mapping[str, Any]) -> dict[str, Any]:
    """The options of both primitives that say how a job runs."""
    options: dict[str, Any] = {}
    if execution.get("max_execution_time") is not None:
        options["max_execution_time"] = execution["max_execution_time"]
    if execution.get("rep_delay") is not None:
        options["execution"] = {"rep_delay": execution["rep_delay"]}
    return options


def _twirlable(recipe: Mapping[str, Any], qc: QuantumCircuit) -> Mapping[str, Any]:
    """The recipe without gate twirling for a circuit that has no gates to twirl.

    The local executor (qiskit-ibm-runtime 0.51) runs such a circuit for the first randomization
    only and fills the shots of the others with zeros.
    """
    if qc.num_nonlocal_gates():
        return recipe
    without_gates = {"gates": "none", "all": "measure"}
    mitigation = recipe["mitigation"]
    twirling = without_gates.get(mitigation["twirling"], mitigation["twirling"])
    return {**recipe, "mitigation": {**mitigation, "twirling": twirling}}


def _renumbered(places: Sequence[int], qubits: Sequence[int]) -> list[int]:
    new = {old: k for k, old in enumerate(qubits)}
    return [new[place] for place in places]
