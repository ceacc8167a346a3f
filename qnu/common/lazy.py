"""Modules of a package that are imported when they are first used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType


def submodules(package: str, *names: str) -> Callable[[str], ModuleType]:
    """The ``__getattr__`` of a package: ``import qnu`` is enough for all names in it.

    Args:
        package: its ``__name__``.
        names: its modules.

    Examples:
        >>> submodules("qnu.schedules", "mixing")("mixing").__name__
        'qnu.schedules.mixing'
    """

    def get(name: str) -> ModuleType:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f".{name}", package)

    return get
