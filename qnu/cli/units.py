"""``qnu units``: from densities, sizes of packets and energies to mu, omega and gamma."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError, Words
from ._frame import echo, width, wrapped

if TYPE_CHECKING:
    from ..units import Scales, Units

_SPLITTING = "2.5e-3 eV^2"
_NAME = 14
#: Smaller gammas take more than 10^6 encounters of a neutrino to mu gamma t = 1.
_WITHIN_REACH = 1e-3
#: Above it mu gamma/omega is not small.
_SMALL = 0.2


def _option(name: str, text: str, example: str) -> Any:
    return typer.Option(f"--{name}", metavar="TEXT", help=f"{text}, such as '{example}'.")


def units_(
    density: Annotated[str | None, _option("density", "Of all neutrinos", "1e30/cm3")] = None,
    mu: Annotated[str | None, _option("mu", "Instead of the density", "642 km^-1")] = None,
    packet: Annotated[str | None, _option("packet", "sqrt(A) of a packet", "1e-11cm")] = None,
    area: Annotated[str | None, _option("area", "A, instead of sqrt(A)", "1e-22 cm^2")] = None,
    packet_rms: Annotated[
        str | None, _option("packet-rms", "rms size of a Gaussian packet", "0.1 pm")
    ] = None,
    energy: Annotated[str | None, _option("energy", "Of a neutrino", "15MeV")] = None,
    mass_splitting: Annotated[
        str | None,
        _option("mass-splitting", f"dm^2 (default: {_SPLITTING})", "-2.5e-3 eV^2"),
    ] = None,
    time: Annotated[
        str | None, _option("time", "Scaled runs reach its mu gamma t (default: 1)", "10 ms")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (rad/km, km).")] = False,
) -> None:
    """Physical units: mu, omega, gamma, times, and gammas that are within reach.

    Example: qnu units --density 1e30/cm3 --packet 1e-11cm --energy 15MeV
    """
    given = {
        "density": density,
        "mu": mu,
        "packet": packet,
        "area": area,
        "packet_rms": packet_rms,
        "energy": energy,
    }
    texts = {name: text for name, text in given.items() if text is not None}
    if mass_splitting is not None or energy is not None:
        texts["mass_splitting"] = mass_splitting or _SPLITTING
    if not texts:
        allowed = "some of --density, --mu, --packet, --area, --packet-rms, --energy"
        raise QnuError("units", Words("no quantity"), allowed)
    from ..units import Units, scales

    units = Units(**texts)
    found = scales(units, time)
    if as_json:
        for line in json.dumps({"given": texts, **dataclasses.asdict(found)}, indent=2).split("\n"):
            echo(line)
        return
    for line in _lines(units, found, texts):
        echo(line)


def _lines(units: Units, found: Scales, texts: dict[str, str]) -> Iterator[str]:
    yield from _rates(units, found)
    yield from _sizes(units, found)
    if found.gamma is not None:
        yield ""
        yield from _scaled(found)
        yield ""
        yield from _snippet(found, texts)


def _row(name: str, value: str, remark: str = "") -> Iterator[str]:
    """A name, what it is, and a remark: on the same line where it fits."""
    line = f"{name:<{_NAME}}{value}"
    remark = f"({remark})" if remark else ""
    if len(line) + 2 + len(remark) <= width():
        yield f"{line}  {remark}".rstrip()
        return
    yield line
    yield from wrapped(" " * _NAME, remark, " " * _NAME)


def _rates(units: Units, found: Scales) -> Iterator[str]:
    from ..units.constants import HBAR_C, SPEED_OF_LIGHT
    from ..units.words import path_in_words

    def rate(per_km: float) -> str:
        per_second, ev = per_km * SPEED_OF_LIGHT / 1e3, per_km * HBAR_C * 1e-9
        return f"{per_km:.4g} rad/km = {per_second:.4g} rad/s = {ev:.4g} eV"

    if found.mu is not None:
        yield from _row("n", f"{found.density:.4g} cm^-3")
        yield from _row("mu", rate(found.mu), "sqrt(2) G_F n")
        yield from _row("1/mu", path_in_words(1 / found.mu))
    if found.omega is not None and found.oscillation is not None:
        yield from _row(
            "omega", rate(found.omega), f"{units.mass_splitting:g} eV^2, {units.energy:g} MeV"
        )
        yield from _row("2 pi/omega", path_in_words(found.oscillation), "one oscillation")
    if found.omega_over_mu is not None:
        yield from _row("omega/mu", f"{found.omega_over_mu:.4g}")


def _sizes(units: Units, found: Scales) -> Iterator[str]:
    from ..units.words import packets_in_words, path_in_words

    if found.gamma is None:
        return
    yield from _row(
        "gamma", f"{found.gamma:.4g}", f"{packets_in_words(units)}, A = {found.area:.4g} fm^2"
    )
    if found.t_int is not None and found.entanglement is not None:
        remark = "gamma/mu, the time between two encounters of a neutrino"
        yield from _row("t_int", path_in_words(found.t_int), remark)
        yield from _row("1/(mu gamma)", path_in_words(found.entanglement), "to entangle")
    if found.encounters_per_oscillation is not None:
        number = f"{found.encounters_per_oscillation:.4g}"
        yield from _row("encounters", number, "of one neutrino in one oscillation")
    if found.packets_overlap is not None:
        remark = "packets in the volume of one; much less than 1: they meet one at a time"
        yield from _row("n A^(3/2)", f"{found.packets_overlap:.2g}", remark)


def _scaled(found: Scales) -> Iterator[str]:
    if found.gamma is not None and found.gamma < _WITHIN_REACH:
        text = "No list of encounters can have so small a gamma. Larger ones that reach the same"
    else:
        text = "Gammas of lists of encounters that reach the same"
    text += f" mu gamma t = {found.mu_gamma_t:.4g}:"
    yield from wrapped("", text, "")
    known = found.omega_over_mu is not None
    yield f"{'gamma':>10}{'mu t':>12}{'encounters of one':>20}" + f"{'mu gamma/omega':>17}" * known
    for run in found.scaled:
        ratio = f"{run.ratio:>17.2g}" if run.ratio is not None else ""
        yield f"{run.gamma:>10g}{run.mu_t:>12.4g}{run.encounters:>20.4g}{ratio}"
    text = (
        "Results depend on gamma only through mu gamma t where mu gamma/omega is much less than"
        " 1: compare two or three such gammas. Mean field has no gamma; kinetic and miscidynamics"
        " take the physical one."
    )
    yield from wrapped("", text, "")


def _snippet(found: Scales, texts: dict[str, str]) -> Iterator[str]:
    from ..units.words import path_in_words

    run = found.scaled[1]
    yield "[units]"
    for name, text in texts.items():
        yield f"{name} = {json.dumps(text)}"
    yield ""
    yield "[schedule]"
    yield 'kind = "stochastic"'
    yield f"gamma = {run.gamma:g}  # scaled; without this line the physical one, {found.gamma:.4g}"
    if run.ratio is not None and run.ratio > _SMALL:
        yield f"# mu gamma/omega = {run.ratio:.2g} is not small: compare with a smaller gamma"
    yield "probability = 0.1"
    length = "" if found.mu is None else f"  # {path_in_words(run.mu_t / found.mu)}"
    yield f"duration = {float(f'{run.mu_t:.6g}')!r}{length}"
