"""Imports matplotlib, also where the environment names a backend that is not installed.

An IPython kernel sets ``MPLBACKEND`` for every process it starts; where that backend is missing,
``import matplotlib`` fails. No figure of qnu needs a backend: each has a canvas of its own.
"""

import os

try:
    import matplotlib
except ValueError:
    _given = os.environ.pop("MPLBACKEND", None)
    if _given is None:
        raise
    try:
        import matplotlib  # noqa: F401
    finally:
        os.environ["MPLBACKEND"] = _given
