"""Libraries that only some machines need."""

from __future__ import annotations

import importlib
from types import ModuleType

from ...errors import QnuError


def optional(module: str, extra: str, purpose: str) -> ModuleType:
    """A module of an optional library, or one line that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.partition(".")[0].replace("_", "-")
        how = f"which is not installed (in a clone of qnu: pip install '.[{extra}]')"
        raise QnuError("hardware", reason=f"{purpose} need {library}, {how}") from None
