"""The check at the door of every generator."""

from __future__ import annotations

from ..errors import QnuError
from ..gas import NeutrinoGas


def at_least_two(gas: NeutrinoGas) -> int:
    """N of a gas in which somebody can meet somebody."""
    if not isinstance(gas, NeutrinoGas):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas")
    if len(gas) < 2:
        raise QnuError("gas", f"{len(gas)} neutrino", "at least two")
    return len(gas)
