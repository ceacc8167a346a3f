"""Imports matplotlib, also where the environment names a backend that is not installed.

An IPython kernel sets ``MPLBACKEND`` for every process it starts; where that backend is missing,
``import matplotlib`` fails. No figure of qnu needs a backend: each has a canvas of its own.
"""

import os
import sys

try:
    import matplotlib
except ValueError:
    _given = os.environ.pop("MPLBACKEND", None)
    if _given is None:
        raise
    for _name in [name for name in sys.modules if name.startswith("matplotlib.")]:
        del sys.modules[_name]  # parts of the package that could not be made
    try:
        import matplotlib  # noqa: F401
    finally:
        os.environ["MPLBACKEND"] = _given
