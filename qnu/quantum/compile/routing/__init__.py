"""Layout and routing on a device: couplers, paths and rings, routes. Arrays only, no Qiskit."""

from . import starts as starts
from .device import DeviceGraph, QubitCalibration
from .paths import Costs, bad_couplers, best_path, best_ring, longest_path, path_costs
from .perfect import LinePlan, line_plan, perfect
from .route import MOVE, Route

__all__ = [
    "MOVE",
    "Costs",
    "DeviceGraph",
    "LinePlan",
    "QubitCalibration",
    "Route",
    "bad_couplers",
    "best_path",
    "best_ring",
    "line_plan",
    "longest_path",
    "path_costs",
    "perfect",
]
