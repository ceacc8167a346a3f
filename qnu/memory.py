"""Ask before allocating: how much memory a calculation needs, and how much there is."""

from __future__ import annotations

import psutil

from .errors import QnuError

GIB = 2**30


def available() -> int:
    """Bytes that can be allocated now without swapping."""
    return int(psutil.virtual_memory().available)


def require(field: str, value: object, need: int) -> None:
    """One clear error where ``need`` bytes are more than there are.

    Examples:
        >>> require("neutrinos", 60, 16 * 2**60)
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: neutrinos: got 60; allowed: what fits into memory (needs ...
    """
    have = available()
    if need > have:
        raise QnuError(
            field,
            value,
            f"what fits into memory (needs {need / GIB:.3g} GiB, {have / GIB:.3g} GiB available)",
        )
