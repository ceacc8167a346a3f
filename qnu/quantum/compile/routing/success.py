r"""What a route will cost as a circuit: gates, depth, duration, probability that nothing fails.

The same model as :func:`qnu.quantum.estimate`, before there is a circuit: every step of a route
takes its two-qubit gates, with one-qubit pulses before and between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ....common.checks import Floats
from .device import WORST, DeviceGraph, Indices, QubitCalibration
from .route import MOVE, Route

#: Pulses of a qubit before a step. A rotation is two of them; the angles of most encounters need
#: two on one qubit and none on the other, which comes from where their gates can be merged.
BEFORE = 1.0
#: Pulses between two of the two-qubit gates of an encounter: what takes longer, and the mean.
LONGEST, MEAN = 2.0, 1.5
#: Pulses between two of the two-qubit gates of a move: a Hadamard gate is one.
IN_MOVE = 1.0


@dataclass(frozen=True, eq=False)
class Forecast:
    """A route on a device, see :func:`forecast`.

    Args:
        two_qubit_gates: their number.
        two_qubit_depth: layers of them.
        duration: seconds from the first gate to the last, without readout.
        gates: ``(E,)`` two-qubit gates on every coupler.
        pulses: ``(sites,)`` one-qubit pulses on every site.
        idle: ``(sites,)`` seconds that a site waits after its first pulse.
        read: ``(N,)`` sites of the neutrinos at the end.
        device: its couplers.
    """

    two_qubit_gates: int
    two_qubit_depth: int
    duration: float
    gates: Floats
    pulses: Floats
    idle: Floats
    read: Indices
    device: DeviceGraph

    @cached_property
    def log_success(self) -> float:
        """Logarithm of the probability that no gate, pause or readout fails."""
        sites = np.arange(self.device.sites)
        costs = site_costs(self, sites, sites)[sites, sites]
        return -math.fsum([*(self.gates * self.device.coupler_cost), *costs])

    @property
    def success_probability(self) -> float:
        """The probability that no gate, pause or readout fails."""
        return math.exp(self.log_success)


def forecast(device: DeviceGraph, route: Route, qubits_initially_zero: bool = True) -> Forecast:
    """Gates, depth, duration and success of a route's circuit, within a few per cent.

    Args:
        device: its couplers and calibration.
        route: on couplers of the device.
        qubits_initially_zero: see :meth:`Route.occupied`.

    Returns:
        the forecast.

    Examples:
        >>> device = DeviceGraph.of(3, [(0, 1), (1, 2)], error=0.01, duration=1e-7)
        >>> seen = forecast(device, Route.of([0, 1, 2], [(0, 0, 1, 1), (1, 1, 2, 0)]))
        >>> seen.two_qubit_gates, round(seen.duration, 12), round(seen.success_probability, 4)
        (6, 6e-07, 0.9415)
    """
    known = device.calibration or QubitCalibration.unknown(device.sites)
    pulse, length = known.duration.tolist(), device.duration.tolist()
    end, depth = [0.0] * device.sites, [0] * device.sites
    idle, used = [0.0] * device.sites, [False] * device.sites
    gates, pulses = [0.0] * len(device.edges), [0.0] * device.sites
    costs = route.costs(qubits_initially_zero).tolist()
    for (encounter, a, b, _), cost in zip(route.steps.tolist(), costs, strict=True):
        if not cost:
            continue
        row = device.coupler[a, b]
        between, mean = (IN_MOVE, IN_MOVE) if encounter == MOVE else (LONGEST, MEAN)
        slow = max(pulse[a], pulse[b])
        takes = cost * length[row] + (cost - 1) * between * slow
        begin = max(end[a] + BEFORE * pulse[a], end[b] + BEFORE * pulse[b])
        for site in (a, b):
            # pulses begin as soon as they can: also those of a site that was not used before
            idle[site] += begin - end[site] - BEFORE * pulse[site]
            idle[site] += (cost - 1) * (between - mean) * slow
            pulses[site] += BEFORE + (cost - 1) * mean
            end[site], used[site] = begin + takes, True
        gates[row] += cost
        depth[a] = depth[b] = max(depth[a], depth[b]) + cost
    last = max(end, default=0.0)
    for site in route.final.tolist():
        idle[site] += last - end[site] if used[site] else 0.0
    return Forecast(
        int(sum(costs)),
        max(depth, default=0),
        last,
        np.array(gates),
        np.array(pulses),
        np.array(idle),
        route.final,
        device,
    )


def site_costs(seen: Forecast, rows: Indices, sites: Indices) -> Floats:
    r"""``(n, m)`` what the pulses, pauses and readout of site ``rows[k]`` cost on ``sites[l]``.

    .. math:: -\log F(t) - p \log(1 - e) - \log(1 - r), \qquad
        F(t) = \tfrac16 (3 + e^{-t/T_1} + 2 e^{-t/T_2})
    """
    device = seen.device
    known = (device.calibration or QubitCalibration.unknown(device.sites)).of(sites)
    time = seen.idle[rows][:, None]
    kept = (3 + np.exp(-time / known.t1) + 2 * np.exp(-time / known.t2)) / 6
    is_read = np.zeros(device.sites)
    is_read[seen.read] = 1.0
    pulse = -np.log1p(-np.minimum(known.error, WORST))
    result: Floats = (
        -np.log(kept)
        + seen.pulses[rows][:, None] * pulse
        + is_read[rows][:, None] * device.readout_cost[sites]
    )
    return result
