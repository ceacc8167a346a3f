"""Checks of arguments that generators share: the gas, gamma, and how long making the rows takes."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ..common.checks import number
from ..errors import PremiseWarning, QnuError
from ..gas import NeutrinoGas, check_gas

#: So that swap angles and times are finite.
_LARGEST_GAMMA = 1e100
#: Making the rows of a schedule, or counting them, may take an hour.
_LONGEST = 3600.0
#: Neutrinos whose angles to all others are computed to find the largest 1 - cos.
_SAMPLED = 512

#: Seconds that drawing or making one row, and one step of a random schedule, takes, about.
PER_ROW = 1e-8
PER_STEP = 2e-8

#: Swap angles beyond pi/2, but for rounding, do not mix more.
LARGEST_ANGLE = math.pi / 2 * (1 + 1e-9)


def at_least_two(gas: NeutrinoGas) -> int:
    """N, of a gas that has at least one pair."""
    if len(check_gas(gas)) < 2:
        raise QnuError("gas", f"{len(gas)} neutrino", "at least two")
    return len(gas)


def checked_gamma(gas: NeutrinoGas, gamma: Any, *, stacklevel: int = 3) -> float:
    """gamma as a number > 0; a warning where swap angles reach beyond a full SWAP."""
    strength = number("gamma", gamma, above=0.0, high=_LARGEST_GAMMA)
    if strength * 2 > math.pi / 2:
        warn_of_large_angles(gas, f"gamma = {strength:g}", strength, stacklevel=stacklevel + 1)
    return strength


def warn_of_large_angles(
    gas: NeutrinoGas, cause: str, strength: float, *, stacklevel: int = 2
) -> None:
    """A warning where ``strength (1 - cos)`` of a pair is beyond pi/2, where mixing turns back."""
    largest = strength * _largest_one_minus_cos(gas)
    if largest > LARGEST_ANGLE:
        warnings.warn(
            PremiseWarning(
                "swap_angle",
                f"{cause}: the swap angle of a pair reaches {largest:.4g}, beyond pi/2."
                " exp(-i theta SWAP) is periodic: theta and theta - pi differ by a global phase"
                " only, so a larger angle does not mean stronger mixing",
            ),
            stacklevel=stacklevel,
        )


def _largest_one_minus_cos(gas: NeutrinoGas) -> float:
    """Of any pair; in a large gas of the pairs with one of 512 neutrinos."""
    if gas.velocity is None:
        return 1.0
    some = gas.velocity[:: max(len(gas) // _SAMPLED, 1)][:_SAMPLED]
    return 1.0 - float(np.min(some @ gas.velocity.T))


def require_time(field: str, value: Any, seconds: float, what: str) -> None:
    """An error where making the rows would take longer than an hour.

    Args:
        field: the argument that makes it long.
        value: what it is.
        seconds: an estimate.
        what: how much there is to do, such as ``"1e+12 steps"``.
    """
    if not seconds <= _LONGEST:
        allowed = f"what is drawn within an hour ({what} take about {_span(seconds)})"
        raise QnuError(field, value, allowed)


def _span(seconds: float) -> str:
    hours = seconds / 3600
    if hours < 48:
        return f"{hours:.3g} hours"
    return f"{hours / 24:.3g} days" if hours < 24 * 366 else f"{hours / 24 / 365.25:.3g} years"
