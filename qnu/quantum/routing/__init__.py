"""Who goes where on a device: couplers, paths and rings, routes. Arrays only, no Qiskit."""

from .device import DeviceGraph
from .route import MEET, MOVE, Route

__all__ = ["MEET", "MOVE", "DeviceGraph", "Route"]
