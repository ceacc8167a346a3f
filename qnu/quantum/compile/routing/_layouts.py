"""Initial sites of neutrinos: by exchanges that shorten the distances of partners, and SABRE's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .device import DeviceGraph, Indices

#: An encounter in layer l weighs ``_EARLY (7/8)^l``, rounded down, but at least 1.
_EARLY, _DECAY = 64, (7, 8)
#: Passes of SABRE forwards and backwards, and its random starts. With 100 starts a search from
#: there is better by 2 %, but not better than from the other layouts.
_SABRE_PASSES, _SABRE_STARTS = 4, 8


def weights(pairs: Indices, neutrinos: int) -> Indices:
    """``(N, N)`` whole numbers: how often two neutrinos meet; early encounters count more."""
    table = np.zeros((neutrinos, neutrinos), np.int64)
    layer = [0] * neutrinos
    each: list[int] = []
    for i, j in pairs.tolist():
        now = max(layer[i], layer[j])
        while len(each) <= now:
            k = len(each)
            each.append(max(_EARLY * _DECAY[0] ** k // _DECAY[1] ** k, 1))
        table[i, j] += each[now]
        table[j, i] += each[now]
        layer[i] = layer[j] = now + 1
    return table


def total(sites: Indices, table: Indices, distance: Indices) -> int:
    """The sum of weights times distances."""
    return int((table * distance[np.ix_(sites, sites)]).sum()) // 2


def shortened(
    sites: Indices, table: Indices, distance: Indices, allowed: NDArray[np.bool_]
) -> Indices:
    """Sites after exchanges of two neutrinos and moves to allowed empty sites, each the best one.

    The quadratic assignment problem, to a local minimum. In whole numbers: no rounding decides.
    """
    n = len(sites)
    free = np.setdiff1d(np.flatnonzero(allowed), sites)
    at = np.concatenate([sites, free])  # neutrinos first, then empty sites
    near = distance[np.ix_(at, at)]
    cost = table @ near[:n]  # [i, s]: of neutrino i on the site of s
    every, spot = np.arange(n), np.arange(len(at))
    for _ in range(10 * len(at)):
        change = cost[:, spot]
        here = change[every, every]
        meeting = change[:, :n].T - here + 2 * table * near[np.ix_(spot[:n], spot[:n])]
        change[:, :n] += meeting  # at an empty site there is no one to pay for
        change -= here[:, None]
        i, j = np.unravel_index(int(np.argmin(change)), change.shape)
        if change[i, j] >= 0:
            break
        step = near[spot[j]] - near[spot[i]]
        cost += np.outer(table[:, i] - (table[:, j] if j < n else 0), step)
        spot[i], spot[j] = spot[j], spot[i]
    return at[spot[:n]]


def communities(table: Indices, size: int) -> Indices:
    """``(N,)`` neutrinos in an order in which those that meet often are close to each other.

    The next one is the one with the largest weight to the last ``size`` of those before it.
    """
    n = len(table)
    order = [int(np.argmax(table.sum(axis=1)))]
    left = set(range(n)) - set(order)
    while left:
        recent = table[order[-size:]].sum(axis=0)
        chosen = max(sorted(left), key=lambda k: int(recent[k]))
        order.append(chosen)
        left.remove(chosen)
    return np.array(order, np.int64)


def sabre(device: DeviceGraph, pairs: Indices, neutrinos: int, seed: int) -> Indices:
    """The initial sites that Qiskit's SabreLayout finds.

    References:
        Li, Ding, Xie (1809.02573) for the passes forwards and backwards.
    """
    from qiskit.circuit import QuantumCircuit
    from qiskit.converters import circuit_to_dag
    from qiskit.transpiler import CouplingMap
    from qiskit.transpiler.passes import SabreLayout

    circuit = QuantumCircuit(neutrinos)
    for i, j in pairs.tolist():
        circuit.cz(i, j)
    dag = circuit_to_dag(circuit)
    couplers = [pair for a, b in device.edges.tolist() for pair in ((a, b), (b, a))]
    layout = SabreLayout(
        CouplingMap(couplers),
        seed=seed,
        max_iterations=_SABRE_PASSES,
        swap_trials=1,
        layout_trials=_SABRE_STARTS,
        skip_routing=True,
    )
    layout.run(dag)
    chosen = layout.property_set["layout"]
    return np.array([chosen[qubit] for qubit in dag.qubits], np.int64)
