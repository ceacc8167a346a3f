"""A run on a device in three steps that may be days and processes apart.

``prepare`` makes circuits and a recipe that says how to read them, ``submit`` sends the circuits to
the machine, ``read`` makes a Trajectory from the results and the recipe. Circuits survive QPY and
the recipe JSON unchanged; neither contains credentials.
"""

from .pairs import pair_settings
from .prepare import measured, prepare
from .read import read
from .submit import submit

__all__ = ["measured", "pair_settings", "prepare", "read", "submit"]
