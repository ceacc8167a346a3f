"""Tables of what was measured of wave packets, phase space and beams as big spins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .results import rows
from .sheet import Sheet


def sheets(results: dict[str, Any], seconds: Callable[[float], str]) -> Iterator[Sheet]:
    """Whatever sections there are."""
    found = rows(results, "packets")
    if found:
        body = [[r["case"], seconds(r["median_s"]), _each(r["each_ns"])] for r in found]
        yield Sheet("Wave packets", ["case", "median", "per passage or encounter"], body)
    found = rows(results, "phase_space")
    if found:
        body = [
            [r["case"], seconds(r["seconds"]), f"{r['each_ns']:.3g} ns", f"{r['cpu_ns']:.3g} ns"]
            for r in found
        ]
        note = (
            "each: per pair and sample (plane waves: per neutrino, step and sample), on the clock; "
            "of a core: the time of all cores. NumPy: the same rotations, all samples at once."
        )
        yield Sheet("Phase space", ["case", "median", "each", "of a core"], body, note)
    found = rows(results, "transport")
    if found:
        body = [
            [r["case"], seconds(r["seconds"]), f"{r['each_ns']:.3g} ns", f"{r['cpu_ns']:.3g} ns"]
            for r in found
        ]
        note = (
            "1,024 cells x 100 beams, seconds for 10,000 steps; each: per cell, beam and step (four"
            " stages). NumPy: the same steps, a whole array at a time."
        )
        yield Sheet("Transport", ["case", "10,000 steps", "each", "of a core"], body, note)
    found = rows(results, "collective")
    if found:
        body = [
            [
                f"{r['case']} of {r['count']} to mu t = {r['mu_t']:g}",
                str(r["amplitudes"]),
                seconds(r["median_s"]),
                f"{seconds(r['scipy_s'])} to {r['scipy_mu_t']:g}",
            ]
            for r in found
        ]
        note = (
            "amplitudes held: blocks of one total have room for some that no state has. SciPy: a "
            "sparse matrix and expm_multiply, to the mu t that stands beside its time."
        )
        head = ["beams as big spins", "amplitudes held", "median", "SciPy"]
        yield Sheet("Plane waves of beams", head, body, note)


def _each(ns: float) -> str:
    return f"{ns:.3g} ns" if ns < 1e4 else f"{ns / 1e3:.3g} us"
