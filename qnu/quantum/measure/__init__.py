"""A run on a device in three steps that may be days and processes apart.

``prepare`` makes circuits and a recipe of how to read them, ``submit`` hands the circuits to the
machine, ``read`` makes a Trajectory of the results and the recipe. Circuits go through QPY and the
recipe through JSON unchanged; neither holds an account.
"""

from .prepare import measured, prepare
from .read import read
from .submit import submit

__all__ = ["measured", "prepare", "read", "submit"]
