"""Who goes where on a device: couplers, paths and rings, routes. Arrays only, no Qiskit."""

from .device import DeviceGraph
from .paths import Costs, bad_couplers, best_path, best_ring, longest_path, path_costs
from .route import MEET, MOVE, Route

__all__ = [
    "MEET",
    "MOVE",
    "Costs",
    "DeviceGraph",
    "Route",
    "bad_couplers",
    "best_path",
    "best_ring",
    "longest_path",
    "path_costs",
]
