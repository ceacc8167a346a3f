"""What a tournament would cost in the order of a line."""

from __future__ import annotations

import numpy as np

from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ..machines import Machine
from ..machines.options import CompileOptions
from ._least_gates import GENERIC
from .family import device_of
from .routing.paths import best_path
from .routing.perfect import line_plan, perfect
from .target import resolve


def gates_in_line_order(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: Machine,
    options: CompileOptions | None = None,
) -> int | None:
    """Two-qubit gates of a tournament if its order were ``"line"``, where that needs no search.

    Args:
        gas: N neutrinos.
        schedule: any schedule.
        machine: the device.
        options: ``layout`` and ``avoid_error`` are used; default: those of the config.

    Returns:
        three per pair; None where this is not a whole tournament, where it needs no search as it
        is, or where the device has no path of N qubits.

    References:
        Hall et al. (2102.12556) for the order.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> device = qnu.quantum.load_machine("fake_torino")
        >>> gates_in_line_order(gas, qnu.schedules.tournament(gas, gamma=0.5), device)
        18
        >>> line = qnu.schedules.tournament(gas, gamma=0.5, order="line")
        >>> gates_in_line_order(gas, line, device) is None
        True
    """
    count = len(gas)
    every = count * (count - 1) // 2
    target, settings = resolve(machine, count)
    options = settings if options is None else options
    if schedule.kind != "tournament" or len(schedule) != every or options.layout != "auto":
        return None
    device = device_of(target, options, count)
    if count > device.sites or len(device.edges) == device.sites * (device.sites - 1) // 2:
        return None
    pairs = np.stack([schedule.first, schedule.second], axis=1)
    graphs = (device.without_bad(options.avoid_error), device)
    if line_plan(pairs, count) is not None:
        return None
    if any(perfect(pairs, count, graph) is not None for graph in graphs):
        return None
    if all(best_path(graph, count) is None for graph in graphs):
        return None
    return GENERIC * every
