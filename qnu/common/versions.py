"""Versions of the packages that a result depends on."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from ..version import __version__

_PACKAGES = ("numpy", "scipy", "numba", "qiskit", "qiskit-aer", "xarray")


@functools.cache
def installed_versions() -> Mapping[str, str]:
    """Versions of the packages a result depends on, as far as they are installed."""
    versions = {"qnu": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return MappingProxyType(versions)
