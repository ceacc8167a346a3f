"""Maps of a device with a circuit: couplers by error and use, initial qubits of neutrinos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ..common.checks import Floats
from ..gas import NeutrinoGas
from .style import group_colors, group_name, lightness, new_figure, paper, settle

if TYPE_CHECKING:
    from qiskit.circuit import QuantumCircuit

    from ..quantum.compile.routing import DeviceGraph

_GOOD, _BAD = 1e-3, 1e-1
_UNUSED = "0.88"


@paper()
def device_map(gas: NeutrinoGas, circuit: QuantumCircuit, machine: Any) -> Figure:
    """The couplers of a device, which of them a compiled circuit uses, and where it starts.

    Color of a coupler: error of its two-qubit gate; width: how many gates it carries; dashed: an
    error of 0.1 or more. Numbered disks: neutrinos on the qubits where they start, in the color of
    their group; open rings: where neutrinos are at the end but none started.

    Args:
        gas: the neutrinos.
        circuit: from :func:`qnu.quantum.compile_for`.
        machine: what it was compiled for: a hardware config, BackendV2 or Target.

    Returns:
        a matplotlib Figure.

    Raises:
        QnuError: a machine that does not exist.

    Examples:
        >>> import qnu
        >>> from qiskit.transpiler import CouplingMap, Target
        >>> line = Target.from_configuration(["cz", "rz", "sx", "x"], 5, CouplingMap.from_line(5))
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1], [1, 0, 0]], omega=[0.1, 0.2, 0.3])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5, order="line")
        >>> isa = qnu.quantum.compile_for(gas, schedule, line)
        >>> len(device_map(gas, isa, line).axes)
        2
    """
    from ..quantum.compile.compilation import resolve
    from ..quantum.compile.target import device_graph

    device = device_graph(resolve(machine, circuit.num_qubits)[0], circuit.num_qubits)
    place = places(device)
    span = np.ptp(place, axis=0) + 1
    width = 7.2
    figure = new_figure(
        width, max(2.2, min(width * span[1] / span[0] * 0.86, 9.0)), layout="constrained"
    )
    ax = figure.add_subplot()
    uses = _uses(circuit, device)
    _draw_couplers(figure, ax, device, place, uses)
    start, end = (circuit.metadata[key] for key in ("initial_qubit", "neutrino_qubit"))
    idle = [site for site in range(device.sites) if site not in start]
    ax.scatter(place[idle, 0], place[idle, 1], s=12, color="0.75", zorder=3, linewidths=0)
    final = [site for site in end if site not in start]
    ax.scatter(
        place[final, 0], place[final, 1], s=70, facecolors="white", edgecolors="0.3", zorder=3
    )
    colors = group_colors(gas.group_names)
    for g, name in enumerate(gas.group_names):
        members = gas.members[g]
        color = colors[name]
        sites = [start[k] for k in members]
        ax.scatter(
            place[sites, 0], place[sites, 1], s=110, color=color, zorder=4, label=group_name(name)
        )
        ink = "black" if lightness(color) > 60 else "white"
        for k, site in zip(members.tolist(), sites, strict=True):
            x, y = place[site]
            ax.text(x, y, str(k), color=ink, ha="center", va="center", fontsize=5.5, zorder=5)
    ax.set_aspect("equal")
    ax.invert_yaxis()
    ax.axis("off")
    if len(gas.group_names) > 1:
        figure.legend(title="group", loc="outside lower left", ncols=6, frameon=False)
    settle(figure)
    return figure


def places(device: DeviceGraph) -> Floats:
    """``(sites, 2)`` where to draw sites: rows of consecutive numbers, bridges between the rows.

    That is how IBM numbers heavy hexagons and squares; where it does not fit, a circle.

    Args:
        device: the couplers.

    Returns:
        coordinates, one unit per coupler, y downwards.

    Examples:
        >>> from qnu.quantum.compile.routing import DeviceGraph
        >>> places(DeviceGraph.of(4, [(0, 1), (0, 2), (1, 3), (2, 3)])).tolist()
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    place = np.full((device.sites, 2), np.nan)
    right = 0.0
    for root in range(device.sites):
        if not np.isnan(place[root, 0]):
            continue
        place[root] = right, 0.0
        waiting = [root]
        for here in waiting:
            for there in device.neighbors[here]:
                step = (
                    (np.sign(there - here), 0)
                    if abs(there - here) == 1
                    else (0, np.sign(there - here))
                )
                if np.isnan(place[there, 0]):
                    place[there] = place[here] + step
                    waiting.append(there)
        right = float(np.nanmax(place[:, 0])) + 2
    lengths = np.abs(np.diff(place[device.edges], axis=1)).sum(axis=2) if len(device.edges) else 1.0
    distinct = len(np.unique(place, axis=0)) == device.sites
    if distinct and np.all(lengths == 1):
        return place
    angle = 2 * np.pi * np.arange(device.sites) / device.sites
    radius = max(device.sites / (2 * np.pi), 1.0)
    return radius * np.stack([np.sin(angle), -np.cos(angle)], axis=1)


def _uses(circuit: QuantumCircuit, device: DeviceGraph) -> Floats:
    """Two-qubit gates on every coupler."""
    index = {qubit: k for k, qubit in enumerate(circuit.qubits)}
    uses = np.zeros(len(device.edges))
    for instruction in circuit.data:
        if len(instruction.qubits) == 2 and instruction.name != "barrier":
            a, b = (index[q] for q in instruction.qubits)
            uses[device.coupler[a, b]] += 1
    return uses


def _draw_couplers(
    figure: Figure, ax: Any, device: DeviceGraph, place: Floats, uses: Floats
) -> None:
    lines = place[device.edges]
    used = uses > 0
    if (~used).sum() <= 600:  # of an all-to-all device only those in use
        ax.add_collection(LineCollection(list(lines[~used]), colors=_UNUSED, linewidths=1.2))
    norm = LogNorm(_GOOD, _BAD, clip=True)
    error = np.maximum(device.error[used], _GOOD)
    width = 1.5 + 4.5 * uses[used] / max(uses.max(initial=0.0), 1.0)
    bad = device.error[used] >= _BAD
    for chosen, style in ((~bad, "solid"), (bad, (0, (1.2, 0.8)))):
        if chosen.any():
            drawn = LineCollection(
                list(lines[used][chosen]), linewidths=width[chosen], linestyles=style,
                cmap="YlOrRd", norm=norm, zorder=2,
            )  # fmt: skip
            drawn.set_array(error[chosen])
            ax.add_collection(drawn)
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(
        ScalarMappable(norm, "YlOrRd"), ax=ax, shrink=0.7, aspect=25, extend="both", pad=0.02
    )
    bar.set_label("error of a two-qubit gate")
    ax.autoscale_view()
    ax.margins(0.04)
