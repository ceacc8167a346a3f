"""Circuits as Qiskit draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import QnuError
from . import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from qiskit import QuantumCircuit

    from ..schedules import EncounterSchedule

MOST_QUBITS = 12
MOST_ENCOUNTERS = 70

#: At most about so many columns of gates before the drawing goes on in a new row.
_COLUMNS = 24
_INCHES_PER_UNIT = 0.34

_STYLE = {
    "name": "bw",
    "subfontsize": 9,
    "barrierfacecolor": "#D8D8D8",
    "displaytext": {"encounter": r"\theta", "encounter_swap": r"\theta", "reset": r"|0\rangle"},
    "displaycolor": {
        "encounter": ("#CFE0F4", "#000000"),
        "encounter_swap": ("#F6D9B0", "#000000"),
    },
}


def can_draw_circuit(schedule: EncounterSchedule) -> bool:
    """Whether the circuit of a schedule can be read: few qubits, few gates.

    Args:
        schedule: any.

    Returns:
        True for at most 12 neutrinos and 70 encounters.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.0] * 10)
        >>> can_draw_circuit(qnu.schedules.tournament(gas, gamma=0.1))
        True
    """
    small = schedule.neutrinos <= MOST_QUBITS and schedule.expected <= 2 * MOST_ENCOUNTERS
    return small and len(schedule) <= MOST_ENCOUNTERS


def circuit_diagram(
    circuit: QuantumCircuit,
    title: str | None = None,
    *,
    encounters: Sequence[int] | None = None,
    note: str = "",
) -> Figure:
    """The circuit as Qiskit draws it: a wire per neutrino, a box per encounter.

    Boxes of encounters carry their swap angle theta (orange: the partners swap qubits); the
    numbers inside a box mark the first neutrino (0) and the second (1).

    Args:
        circuit: any circuit, for example from :func:`qnu.quantum.circuit`.
        title: above the figure.
        encounters: of every gate of an encounter in turn, the number of its encounter. One that
            is in several gates, where a sample or a change of mu or matter cuts it, is drawn once.
        note: a line below the circuit, such as which history of an ensemble it shows.

    Returns:
        a matplotlib Figure as large as the circuit needs, folded where it is long.

    Raises:
        QnuError: a circuit without qubits.

    References:
        Qiskit's ``QuantumCircuit.draw("mpl")``.

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> circuit = QuantumCircuit(2)
        >>> _ = circuit.h(0), circuit.cx(0, 1)
        >>> circuit_diagram(circuit).get_size_inches()[0] > 1
        np.True_
    """
    if circuit.num_qubits == 0:
        raise QnuError("circuit", "no qubit", "a circuit with at least one")
    shown = _for_drawing(circuit, encounters)
    with style.paper():
        # Qiskit fits a drawing into given axes: find its proportions first, then draw it at the
        # size at which fonts are right
        left, right, *_ = _draw(shown, style.new_figure(1.0, 1.0), fold=-1)
        rows = math.ceil((right - left) / _COLUMNS)
        fold = math.ceil((right - left) / rows) + 1 if rows > 1 else -1
        left, right, bottom, top = _draw(shown, style.new_figure(1.0, 1.0), fold=fold)
        width = (right - left) * _INCHES_PER_UNIT
        height = (top - bottom) * _INCHES_PER_UNIT
        # a line for the title above, one that explains the boxes below
        head, foot = 0.25 if title else 0.0, 0.25 if "encounter" in _names(shown) else 0.0
        foot += 0.2 if note else 0.0
        total = height + head + foot
        figure = style.new_figure(width, total)
        _draw(shown, figure, fold, (foot / total, height / total))
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5, y=1 - 0.08 / total)
        if note:
            figure.text(
                0.5,
                0.05 / total,
                style.plain(note),
                ha="center",
                va="bottom",
                fontsize=8.5,
                gid="note",
            )
        if "encounter" in _names(shown):
            low = 0.25 if note else 0.06
            text = r"box: one encounter and its swap angle $\theta$ (rad); 0, 1: first, second"
            figure.text(0.5, low / total, text, ha="center", va="bottom", fontsize=9.5)
    return figure


def _draw(
    circuit: QuantumCircuit, figure: Figure, fold: int, share: tuple[float, float] = (0.0, 1.0)
) -> tuple[float, ...]:
    """Limits ``(left, right, bottom, top)`` of the drawing, in Qiskit's units."""
    ax = figure.add_axes((0.0, share[0], 1.0, share[1]))
    circuit.draw("mpl", ax=ax, style=_STYLE, fold=fold, idle_wires=True, plot_barriers=True)
    return (*ax.get_xlim(), *ax.get_ylim())


def _names(circuit: QuantumCircuit) -> set[str]:
    return {instruction.operation.name.split("_")[0] for instruction in circuit.data}


def _for_drawing(
    circuit: QuantumCircuit, encounters: Sequence[int] | None = None
) -> QuantumCircuit:
    """The same circuit with short labels: boxes as wide as eight numbers cannot be read."""
    from qiskit import QuantumCircuit
    from qiskit.circuit import Barrier, Gate, QuantumRegister

    shown = circuit.copy_empty_like()
    if [register.name for register in circuit.qregs] == ["nu"] and not circuit.ancillas:
        shown = QuantumCircuit(QuantumRegister(circuit.num_qubits, r"\nu"), *circuit.cregs)
    shown.global_phase = 0  # Qiskit would write it with pyplot, into a figure of its own
    gates = [i.operation for i in circuit.data if _is_encounter(i.operation)]
    numbers = list(range(len(gates))) if encounters is None else list(encounters)
    parts: dict[int, list[Any]] = {}
    for number, gate in zip(numbers, gates, strict=True):
        parts.setdefault(number, []).append(gate)
    turn, drawn = iter(numbers), set[int]()
    for instruction in circuit.data:
        operation = instruction.operation
        if _is_encounter(operation):
            number = next(turn)
            if number in drawn:
                continue
            drawn.add(number)
            last = parts[number][-1]  # it has the swap, if there is one
            operation = Gate(last.name, 2, [], label=_angle(parts[number]))
        elif operation.name.startswith("save"):
            operation = Barrier(operation.num_qubits)
        qubits = [shown.qubits[circuit.find_bit(qubit).index] for qubit in instruction.qubits]
        shown.append(operation, qubits, instruction.clbits)
    return shown


def _is_encounter(operation: Any) -> bool:
    return bool(operation.name.startswith("encounter") and operation.num_qubits == 2)


def _angle(parts: list[Any]) -> str:
    """The swap angle of an encounter: the sum over its parts."""
    if not all(part.params for part in parts):
        return r"$\theta$"
    try:
        return f"{sum(float(part.params[0]) for part in parts):.2f}"
    except TypeError:
        return r"$\theta$"
