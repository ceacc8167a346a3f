"""Circuits of dense neutrino gases as MQT Bench has them: ``f(circuit_size, ...)``, measured.

Importing this module registers them where ``mqt.bench`` is installed, under names that begin with
``neutrino_``; where it is not, they are plain functions. Gates are ``cx``, ``rz`` and ``ry``, which
every tool knows; every encounter of two neutrinos is three CX.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

from qiskit.circuit import QuantumCircuit, QuantumRegister

from . import problems
from .build import circuit
from .openqasm2 import three_cx
from .problems import Problem, Seed

__all__ = [
    "REGISTERED",
    "native",
    "plane_wave",
    "random_pairs",
    "stochastic",
    "tournament",
    "tournament_line",
]

_Circuit = Callable[..., QuantumCircuit]
#: Names under which the functions are registered, with their descriptions.
REGISTERED: dict[str, str] = {}


def _register(name: str, description: str) -> Callable[[_Circuit], _Circuit]:
    """``mqt.bench.benchmarks.register_benchmark``; without MQT Bench it changes nothing."""
    REGISTERED[name] = description
    if importlib.util.find_spec("mqt") is None or importlib.util.find_spec("mqt.bench") is None:
        return lambda function: function
    known = importlib.import_module("mqt.bench.benchmarks")
    if name in known.get_available_benchmark_names():  # this module was loaded before
        return lambda function: function
    decorate: Callable[[_Circuit], _Circuit] = known.register_benchmark(name, description)
    return decorate


def _measured(name: str, problem: Problem) -> QuantumCircuit:
    """Qubit k is neutrino k, read into bit k."""
    gas, schedule = problem
    qc = QuantumCircuit(QuantumRegister(len(gas), "q"), name=name)
    qc.compose(three_cx(circuit(gas, schedule, barriers=False)), inplace=True)
    qc.measure_all()
    return qc


@_register("neutrino_tournament", description="Neutrino gas: every pair meets once, in a circle")
def tournament(
    circuit_size: int, gamma: float = 0.4, order: str = "circle", seed: Seed = 1
) -> QuantumCircuit:
    """Returns the circuit of a gas in which every pair of neutrinos meets once.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        gamma: strength of an encounter.
        order: ``"circle"`` (N - 1 rounds of disjoint pairs) or ``"line"`` (odd-even).
        seed: of the velocities; None: drawn anew.

    Returns:
        the measured circuit, with N (N - 1) / 2 encounters.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> counts = tournament(6).count_ops()
        >>> counts["cx"], counts["measure"]
        (45, 6)
    """
    return _measured("neutrino_tournament", problems.tournament(circuit_size, gamma, order, seed))


@_register("neutrino_tournament_line", description="Neutrino gas: every pair meets once, on a line")
def tournament_line(circuit_size: int, gamma: float = 0.4, seed: Seed = 1) -> QuantumCircuit:
    """Returns a tournament in the odd-even order: routed on a chain without a further gate.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        gamma: strength of an encounter.
        seed: of the velocities; None: drawn anew.

    Returns:
        the measured circuit, with N (N - 1) / 2 encounters.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    References:
        Hall et al. (2102.12556).

    Examples:
        >>> tournament_line(6).name
        'neutrino_tournament_line'
    """
    made = problems.tournament_line(circuit_size, gamma, seed)
    return _measured("neutrino_tournament_line", made)


@_register("neutrino_stochastic", description="Neutrino gas: random kicks with oscillation between")
def stochastic(
    circuit_size: int,
    gamma: float = 0.4,
    encounters_per_neutrino: float = 5.0,
    probability: float = 0.25,
    seed: Seed = 1,
) -> QuantumCircuit:
    """Returns the circuit of random encounters of disjoint pairs, with vacuum in between.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        gamma: strength of an encounter.
        encounters_per_neutrino: on average.
        probability: that a neutrino meets another in a step.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the measured circuit.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> stochastic(6).num_qubits
        6
    """
    made = problems.stochastic(circuit_size, gamma, encounters_per_neutrino, probability, seed)
    return _measured("neutrino_stochastic", made)


@_register("neutrino_random_pairs", description="Neutrino gas: random pairs, one after the other")
def random_pairs(
    circuit_size: int, gamma: float = 0.4, encounters_per_neutrino: float = 5.0, seed: Seed = 1
) -> QuantumCircuit:
    """Returns the circuit of encounters between random pairs, back to back.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        gamma: strength of an encounter.
        encounters_per_neutrino: on average.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the measured circuit.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> random_pairs(6).count_ops()["cx"]
        45
    """
    made = problems.random_pairs(circuit_size, gamma, encounters_per_neutrino, seed)
    return _measured("neutrino_random_pairs", made)


@_register("neutrino_native", description="Neutrino gas: neighbours on a heavy hex lattice, moving")
def native(
    circuit_size: int,
    gamma: float = 0.4,
    encounters_per_neutrino: float = 5.0,
    coupling: str = "heavy_hex",
    seed: Seed = 1,
) -> QuantumCircuit:
    """Returns a circuit that a heavy hex device runs without a gate beyond three per encounter.

    Neutrinos swap places in some of their encounters. Those swaps are left out: to find them again
    is the task of a compiler, and the least number of gates is known.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        gamma: strength of an encounter.
        encounters_per_neutrino: on average.
        coupling: ``"heavy_hex"``, ``"grid"``, ``"ring"`` or ``"line"``.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the measured circuit.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    Examples:
        >>> native(8).name
        'neutrino_native'
    """
    made = problems.native(circuit_size, gamma, encounters_per_neutrino, coupling, seed)
    return _measured("neutrino_native", made)


@_register("neutrino_plane_wave", description="Neutrino gas: Trotter steps of plane waves")
def plane_wave(
    circuit_size: int, duration: float = 2.0, steps: int = 2, order: int = 1, seed: Seed = 1
) -> QuantumCircuit:
    """Returns Trotter steps of the all-to-all Hamiltonian of plane waves in a box.

    Args:
        circuit_size: number of qubits and of neutrinos, at least 2.
        duration: in units of 1/mu.
        steps: number of Trotter steps.
        order: 1 or 2.
        seed: of the velocities; None: drawn anew.

    Returns:
        the measured circuit. The number of ones in an outcome is conserved.

    Raises:
        QnuError: an argument out of its range; a ValueError.

    References:
        Hall et al. (2102.12556); Roggero (PRD 104, 103016).

    Examples:
        >>> plane_wave(4, steps=1).count_ops()["cx"]
        18
    """
    made = problems.plane_wave(circuit_size, duration, steps, order, seed)
    return _measured("neutrino_plane_wave", made)
