"""Axes and legends of sweeps in the symbols of the field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

_SYMBOLS = {
    "schedule.gamma": r"$\gamma$",
    "schedule.probability": "probability $p$",
    "schedule.mu": r"$\mu$",
    "schedule.matter": r"$\lambda_e/\mu$",
    "schedule.encounters": "encounters",
    "schedule.rounds": "rounds",
    "mixing_angle": r"mixing angle $\theta$",
    "count": "$N$",
    "gas.velocities": "velocities",
    "meetings_per_pair": "meetings per pair",
    "largest_meetings": "most meetings of a pair",
    "encounters": "encounters",
}
_OF_GROUP = {
    "omega": (r"\omega", r"/\mu"),
    "count": ("N", ""),
    "weight": ("w", ""),
    "polarization": ("P", ""),
}


#: Names of a sweep's own that are drawn as the letter (no "omicron": TeX has no command for it).
_GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau"
    "|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)

_TIMES = ("time", "sample_time", "final_time", "schedule.duration", "schedule.final_time")


def time_of(spec: str, swept: Sequence[str]) -> str:
    r"""The time of a sweep in the mu that it counts in: ``$\mu t$``, ``$\mu(0)\,t$`` or ``$t$``.

    Args:
        spec: the experiment file that was swept.
        swept: keys of the sweep.

    Examples:
        >>> print(time_of("[schedule]\nmu = { start = 1.0, scale = 5.0 }", []))
        $\mu(0)\,t$
    """
    try:
        mu: Any = tomllib.loads(spec).get("schedule", {}).get("mu", 1.0)
    except tomllib.TOMLDecodeError:
        mu = 1.0  # a dataset of other origin
    if any(key == "schedule.mu" or key.startswith("schedule.mu.") for key in swept):
        return "$t$"
    if not isinstance(mu, dict):
        return r"$\mu t$" if mu == 1.0 else "$t$"
    start = mu.get("start", next(iter(mu.get("values", ())), None))
    return r"$\mu(0)\,t$" if start == 1.0 else "$t$"


def symbol(key: str, groups: int = 2, time: str = r"$\mu t$") -> str:
    r"""The label of an axis for a key of the experiment file.

    Args:
        key: a dotted key.
        groups: of the gas; with one, ``group.1.count`` is N.
        time: how times are written (:func:`time_of`).

    Examples:
        >>> symbol("schedule.gamma"), symbol("group.1.omega"), symbol("group.1.count", groups=1)
        ('$\\gamma$', '$\\omega_{1}/\\mu$', '$N$')
        >>> symbol("method.kinetic.gamma"), symbol("my.own_key"), symbol("delta")
        ('$\\gamma$ (kinetic)', 'my.own key', '$\\delta$')
    """
    if key in _TIMES:
        return time
    if key in _SYMBOLS:
        return _SYMBOLS[key]
    if _GREEK.fullmatch(key):
        return rf"$\{key}$"
    group = re.fullmatch(r"group\.(.+)\.(\w+)", key)
    if group and group[2] in _OF_GROUP:
        letter, unit = _OF_GROUP[group[2]]
        return f"${letter}{'' if groups == 1 else _subscript(group[1])}{unit}$"
    method = re.fullmatch(r"method\.(.+)\.(\w+)", key)
    if method:
        inner = _SYMBOLS.get(f"schedule.{method[2]}", method[2].replace("_", " "))
        return f"{inner} ({method[1].replace('_', ' ')})".replace("$$", "")
    return key.replace("_", " ").replace("$", r"\$")


def _subscript(name: str) -> str:
    if name.isascii() and name.isalnum():
        return f"_{{{name}}}" if len(name) <= 2 else rf"_{{\mathrm{{{name}}}}}"
    return r"_{\mathrm{" + re.sub(r"[^A-Za-z0-9]+", r"\\ ", name).strip("\\ ") + "}}"


def value_text(value: Any) -> str:
    r"""A value in a legend.

    Examples:
        >>> value_text(0.1), value_text(1e-05), value_text("isotropic"), value_text(3.16227766e-3)
        ('0.1', '$10^{-5}$', 'isotropic', '0.00316')
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value).replace("$", r"\$")
    text = f"{value:.3g}"
    if "e" not in text:
        return text
    digits, _, power = text.partition("e")
    exponent = f"10^{{{int(power)}}}"
    return f"${exponent}$" if digits == "1" else rf"${digits}\times {exponent}$"
