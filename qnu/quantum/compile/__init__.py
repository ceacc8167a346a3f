"""From a gas and a schedule to a device's own gates on its own couplers, and what that costs."""

from ...common.lazy import submodules
from .bounds import LowerBound, lower_bound
from .compilation import compile_for, pass_manager
from .cost import Estimate, estimate
from .target import device_graph

__all__ = [
    "Estimate",
    "LowerBound",
    "compile_for",
    "device_graph",
    "estimate",
    "lower_bound",
    "pass_manager",
]

__getattr__ = submodules(__name__, "decoupling", "plugins", "translation")
