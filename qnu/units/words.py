"""Units in words, for reports and the command line."""

from __future__ import annotations

from .constants import SPEED_OF_LIGHT
from .conversions import density_from_mu
from .given import Units

_METRES = ((1e3, "km"), (1.0, "m"), (1e-2, "cm"), (1e-3, "mm"), (1e-6, "um"), (1e-9, "nm"),
           (1e-12, "pm"), (1e-15, "fm"))  # fmt: skip
_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps"), (1e-15, "fs"))


def in_words(units: Units) -> str:
    """What 1 is, and gamma, in one line; "" where nothing of it is given.

    Args:
        units: what [units] says.

    Examples:
        >>> in_words(Units(mu="642 km^-1"))
        'mu = 642 rad/km (n = 9.996e+29 cm^-3); 1/mu = 1.558 m = 5.196 ns'
    """
    parts = []
    unit = units.mu_per_km
    if unit is not None:
        density = units.density if units.density is not None else density_from_mu(unit)
        parts.append(f"mu = {unit:.4g} rad/km (n = {density:.4g} cm^-3)")
        parts.append(f"1/mu = {path_in_words(1 / unit)}")
    if units.gamma is not None:
        parts.append(f"gamma = {units.gamma:.3g} from {packets_in_words(units)}")
    return "; ".join(parts)


def packets_in_words(units: Units) -> str:
    """The size of a packet: ``packets of 100 fm``."""
    if units.packet is not None:
        return f"packets of {length_in_words(units.packet * 1e-18)}"
    if units.packet_rms is not None:
        return f"Gaussian packets of rms size {length_in_words(units.packet_rms * 1e-18)}"
    return f"packets of {units.area:.4g} fm^2"


def path_in_words(kilometres: float) -> str:
    """A path and the time that light takes: ``1.557 m = 5.193 ns``."""
    seconds = kilometres * 1e3 / SPEED_OF_LIGHT
    return f"{length_in_words(kilometres)} = {_with_unit(seconds, _SECONDS)}"


def length_in_words(kilometres: float) -> str:
    """A length with four digits: ``1.557 m``."""
    return _with_unit(kilometres * 1e3, _METRES)


def _with_unit(value: float, scales: tuple[tuple[float, str], ...]) -> str:
    for scale, name in scales:
        if abs(value) >= scale * (1 - 1e-9):  # not "1e+03 m" for 1 km
            return f"{value / scale:.4g} {name}"
    return f"{value:.4g} {'m' if scales is _METRES else 's'}"
