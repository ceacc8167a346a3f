"""The numbers of a transport run, checked before anything is computed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .. import assembly, profiles
from ..beams import Beams
from ..common import memory
from ..common.checks import Floats, choice, integer, number
from ..errors import QnuError, QnuWarning, Words
from ..profiles import Profile
from ._transport_start import Perturbation, equilibrium_for, rates_for
from ._transport_steps import LARGEST_CFL, Plan, Rates

BOUNDARIES = ("periodic", "open")
ADVECTION = tuple(LARGEST_CFL)
#: Cells that the stencils need.
FEWEST_CELLS, MOST_CELLS = 8, 10_000_000
#: Larger cells, in 1/mu, do not show the structures of fast conversion.
_LARGEST_SPACING = 1.0
#: Share of the polarization in waves shorter than three cells from which on there is a warning.
_UNRESOLVED = 0.01
_FLOAT = 8


class Box(NamedTuple):
    """The box: its length, cells, scheme of advection, and whether its ends are joined."""

    length: float
    cells: int
    advection: str
    periodic: bool

    @property
    def spacing(self) -> float:
        return self.length / self.cells


@dataclass(frozen=True)
class Setup:
    """A run whose numbers are checked, and which fits into the memory."""

    beams: Beams
    times: Floats
    box: Box
    tilt: Perturbation
    rates: Rates
    plan: Plan
    cfl: float
    turn: float

    @classmethod
    def of(
        cls,
        beams: Beams,
        times: Floats,
        box: Box,
        tilt: Perturbation,
        rates: tuple[Any, ...],
        steps: tuple[Any, Any],
    ) -> Setup:
        cfl = number("cfl", steps[0], low=1e-6, high=LARGEST_CFL[box.advection])
        turn = number("turn", steps[1], low=1e-6, high=1.0)
        what = f"{box.cells} cells of {len(beams)} beams at {len(times)} times"
        need = memory_need(box.cells, len(beams), len(times), box.advection)
        memory.require("cells", what, need)
        found = _rates(beams, *rates)
        plan = Plan(beams, found, box.spacing, cfl, turn, float(times[-1]))
        tilt = tilt.checked(box.length, box.cells)
        return cls(beams, times, box, tilt, found, plan, cfl, turn)

    @property
    def z(self) -> Floats:
        """``(cells,)`` their centers."""
        result: Floats = (np.arange(self.box.cells) + 0.5) * self.box.spacing
        return result

    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "length": self.box.length,
            "boundary": "periodic" if self.box.periodic else "open",
            "advection": self.box.advection,
            "cfl": self.cfl,
            "turn": self.turn,
            "perturbation": self.tilt.kind or "none",
            "gamma": self.rates.gamma,
            **assembly.recorded_mu(self.rates.mu),
            "matter": profiles.describe(self.rates.matter),
        }
        if self.tilt.kind is not None:
            found["amplitude"] = self.tilt.amplitude
        if self.tilt.kind == "wave":
            found["wave_number"] = self.tilt.wave_number
        if self.tilt.kind == "random":
            found["seed"] = self.tilt.seed
        return found


def checked_box(length: Any, cells: Any, boundary: Any, advection: Any) -> Box:
    size = number("length", length, low=1e-9, high=1e15)
    count = integer("cells", cells, low=FEWEST_CELLS, high=MOST_CELLS)
    periodic = choice("boundary", boundary, BOUNDARIES) == "periodic"
    scheme = choice("advection", advection, ADVECTION)
    if scheme == "spectral" and not periodic:
        allowed = "'upwind7' or 'weno7' with open ends"
        raise QnuError("advection", scheme, allowed)
    return Box(size, count, scheme, periodic)


def _rates(
    beams: Beams,
    mu: Any,
    matter: Any,
    gamma: Any,
    damping: Any,
    emission: Any,
    equilibrium: Any,
    packet_ratio: Any,
) -> Rates:
    strength = number("gamma", gamma, low=0.0, high=1e6)
    if packet_ratio is not None and strength > 0:
        found = Words("entanglement of wave packets")
        raise QnuError("gamma", found, "gamma = 0 (the kernel here is that of theta = gamma (1-c))")
    lost = rates_for("damping", damping, beams)
    gained = rates_for("emission", emission, beams)
    return Rates(
        profiles.checked("mu", mu, positive=True),
        profiles.checked("matter", matter),
        strength,
        lost,
        gained,
        equilibrium_for(equilibrium, beams, gained),
    )


def checked_seed(perturbation: Any, seed: Any) -> int | None:
    """The seed, drawn where a random perturbation has none."""
    if seed is None and perturbation == "random":
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> np.uint64(1))
    return None if seed is None else integer("seed", seed, low=0, high=2**63 - 1)


def memory_need(cells: int, beams: int, samples: int, scheme: str) -> int:
    """Bytes of the state, with room to work in, and of the samples."""
    state = 3 * _FLOAT * (cells + 8) * beams
    return state * (10 if scheme == "spectral" else 5) + 2 * 3 * _FLOAT * cells * beams * samples


def warn_of_large_cells(mu: Profile, box: Box, start: Floats) -> None:
    """Fast conversion has structures of a few 1/mu; a uniform periodic box has none."""
    spacing = box.spacing
    uniform = box.periodic and not np.ptp(start, axis=0).any()
    if uniform or callable(mu) or mu * spacing <= _LARGEST_SPACING:
        return
    warnings.warn(
        QnuWarning(
            f"cells of {mu * spacing:.3g}/mu: flavor conversion makes waves of a few 1/mu, which"
            " less than six cells hold (more cells, or a shorter box)"
        ),
        stacklevel=6,
    )


def warn_of_short_waves(share: float) -> None:
    """Where cells do not resolve what is in them at the end."""
    if share <= _UNRESOLVED:
        return
    warnings.warn(
        QnuWarning(
            f"{share:.2g} of the polarization is in waves shorter than three cells at the end: the"
            " cells do not resolve it (more cells, or a shorter time)"
        ),
        stacklevel=6,
    )
