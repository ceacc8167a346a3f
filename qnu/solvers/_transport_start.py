"""Where transport begins, and what enters at open ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..beams import Beams
from ..common.checks import Floats, array_of, choice, floats, generator, integer, number
from ..errors import QnuError, Words
from ..flavor import flavor_direction

PERTURBATIONS = ("random", "wave", "bump")
#: How much longer than 1 a given vector may be.
_ROUNDING = 1e-9


class Perturbation(NamedTuple):
    """A small turn of all polarizations of a cell.

    Attributes:
        kind: ``"random"``, ``"wave"``, ``"bump"`` or None.
        amplitude: the angle (of ``"random"``: its rms).
        wave_number: how many waves fit into the box.
        width: rms width of the bump in 1/mu; None: a twentieth of the box.
        seed: of ``"random"``.
    """

    kind: str | None
    amplitude: float
    wave_number: int
    width: float | None
    seed: int | None

    def checked(self, length: float, cells: int) -> Perturbation:
        """The same, with every number in its range."""
        kind = None if self.kind is None else choice("perturbation", self.kind, PERTURBATIONS)
        amplitude = number("amplitude", self.amplitude, low=0.0, high=1.0)
        top = max(cells // 2, 1)
        waves = integer("wave_number", self.wave_number, low=-top, high=top)
        width = length / 20 if self.width is None else number("width", self.width, above=0.0)
        return Perturbation(kind, amplitude, waves, width, self.seed)

    def angles(self, z: Floats, length: float) -> Floats:
        """``(cells, 2)`` by which P along L is tilted towards the two axes across L."""
        if self.kind is None or self.amplitude == 0.0:
            return np.zeros((len(z), 2))
        if self.kind == "random":
            drawn: Floats = generator(self.seed).normal(size=(len(z), 2))
            tilt: Floats = drawn * self.amplitude / np.sqrt(2)
            return tilt
        if self.kind == "wave":
            phase = 2 * np.pi * self.wave_number * z / length
            wave: Floats = self.amplitude * np.stack([np.cos(phase), np.sin(phase)], axis=1)
            return wave
        assert self.width is not None
        off = np.minimum(abs(z - length / 2) / self.width, 40.0)
        shape = np.exp(-(off**2) / 2)
        bump: Floats = self.amplitude * np.stack([shape, np.zeros(len(z))], axis=1)
        return bump


def initial_state(
    beams: Beams, z: Floats, length: float, initial: Any, perturbation: Perturbation
) -> Floats:
    """``(cells, B, 3)`` the polarizations at t = 0.

    Args:
        beams: their polarization is taken where ``initial`` is None.
        z: ``(cells,)`` centers of cells.
        length: of the box.
        initial: ``(cells, B, 3)``, a function of z that returns ``(B, 3)``, or None.
        perturbation: checked; turns the vectors of every cell, whose lengths stay.
    """
    if initial is None:
        start = np.broadcast_to(beams.polarization, (len(z), len(beams), 3)).copy()
    elif callable(initial):
        start = np.stack(
            [_vectors("initial", _value("initial", initial, float(at)), len(beams)) for at in z]
        )
    else:
        start = floats("initial", initial, (len(z), len(beams), 3))
        _check_lengths("initial", start)
    angles = perturbation.angles(z, length)
    return tilted(start, angles, flavor_direction(beams.mixing_angle)) if angles.any() else start


def tilted(vectors: Floats, angles: Floats, direction: Floats) -> Floats:
    """``(cells, B, 3)`` turned so that L would go to L + angles[0] e_1 + angles[1] e_2 (small)."""
    second = np.array([0.0, 1.0, 0.0])  # across L, which has no y component
    first = np.cross(second, direction)
    across = angles[:, :1] * first + angles[:, 1:] * second
    angle = np.linalg.norm(across, axis=1)
    axis = np.cross(direction, across) / np.maximum(angle, 1e-300)[:, None]
    n, c, s = axis[:, None, :], np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    along = np.sum(n * vectors, axis=-1, keepdims=True)
    turned: Floats = c * vectors + s * np.cross(n, vectors) + (1 - c) * along * n
    return turned


def rows_for(field: str, value: Any, beams: Beams, tail: tuple[int, ...] = ()) -> Floats:
    """A value for all beams, one per species, or one per beam, as ``(B, *tail)``."""
    groups, count = len(beams.group_names), len(beams)
    allowed = f"finite numbers: one for all, {groups} (one per species) or {count} (one per beam)"
    if tail:
        allowed = f"finite numbers of shape {tail}, {(groups, *tail)} or {(count, *tail)}"
    array = array_of(field, value, allowed)
    if array.dtype.kind not in "iufO" or array.ndim > 1 + len(tail):
        raise QnuError(field, value if array.size < 8 else f"shape {array.shape}", allowed)
    if array.shape == tail:
        whole = floats(field, array, tail) if tail else np.array(number(field, value))
        return np.broadcast_to(whole, (count, *tail)).copy()
    if array.shape == (groups, *tail):
        return floats(field, array, (groups, *tail))[beams.group]
    if array.shape == (count, *tail):
        return floats(field, array, (count, *tail))
    raise QnuError(field, f"shape {array.shape}", allowed)


def rates_for(field: str, value: Any, beams: Beams) -> Floats:
    """Rates >= 0, as :func:`rows_for`."""
    rates = rows_for(field, value, beams)
    if (rates < 0).any():
        raise QnuError(field, float(rates.min()), "numbers >= 0")
    return rates


def equilibrium_for(value: Any, beams: Beams, emission: Floats) -> Floats:
    """``(B, 3)`` what emission leads to; only needed where there is emission."""
    if value is None:
        if emission.any():
            found = Words("nothing, with emission")
            raise QnuError("equilibrium", found, "polarizations that emission leads to")
        return np.zeros((len(beams), 3))
    vectors = rows_for("equilibrium", value, beams, (3,))
    _check_lengths("equilibrium", vectors)
    return vectors


class Inflow:
    """What enters at an open end, at any time.

    Args:
        value: ``(3,)``, ``(species, 3)`` or ``(B, 3)``; a function of time that returns one of
            these; None: the initial polarization of the cell at the end where a beam enters.
        beams: the beams.
        start: ``(cells, B, 3)`` the initial state.
    """

    def __init__(self, value: Any, beams: Beams, start: Floats) -> None:
        self.beams = beams
        self.function: Callable[[float], Any] | None = None
        if value is None:
            self.constant = np.where(beams.cosine[:, None] >= 0, start[0], start[-1])
        elif callable(value):
            self.function = value
            self.constant = self.at(0.0)
        else:
            self.constant = self._checked(value)

    def at(self, time: float) -> Floats:
        """``(B, 3)`` at one time."""
        return (
            self.constant
            if self.function is None
            else self._checked(_value("inflow", self.function, time))
        )

    def during(self, times: Floats) -> Floats:
        """``(1, 1, B, 3)`` where it is constant, else ``(n, 3, B, 3)`` at times ``(n, 3)``."""
        if self.function is None:
            return np.ascontiguousarray(self.constant)[None, None]
        return np.array([[self.at(float(t)) for t in three] for three in times])

    def _checked(self, value: Any) -> Floats:
        vectors = rows_for("inflow", value, self.beams, (3,))
        _check_lengths("inflow", vectors)
        return vectors


def inflow_for(value: Any, periodic: bool, beams: Beams, start: Floats) -> Inflow:
    """What enters, checked; an error for an inflow into a periodic box."""
    if value is not None and periodic:
        raise QnuError("inflow", Words("an inflow into a periodic box"), "boundary = 'open'")
    return Inflow(value, beams, start)


def _value(field: str, function: Callable[[float], Any], at: float) -> Any:
    """What a function of the user returns; what it raises is an error of the field."""
    try:
        return function(at)
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        found = Words(f"{type(error).__name__} at {at:g}")
        raise QnuError(field, found, "a function of one number that returns vectors") from error


def _vectors(field: str, value: Any, count: int) -> Floats:
    vectors = floats(field, value, (count, 3))
    _check_lengths(field, vectors)
    return vectors


def _check_lengths(field: str, vectors: Floats) -> None:
    longest = float(np.linalg.norm(vectors, axis=-1).max())
    if longest > 1 + _ROUNDING:
        raise QnuError(field, Words(f"|P| = {longest:.6g}"), "polarizations with |P| <= 1")
