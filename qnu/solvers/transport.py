"""Transport: beams in one space dimension, with mean field, OILE entanglement and collisions."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from typing import Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from ..beams import Beams, check_beams
from ..common.checks import Floats
from ..common.progress import Progress, report, with_bar
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import (
    MAX_SEED,
    POSITIVE,
    PROBABILITY,
    NumberOrList,
    Positive,
    Probability,
    Whole,
    key,
)
from ..methods import Drawn, LineStyle, MethodInput, Prepared
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from ._common import times_from_zero
from ._rates import RateMethod, takes_schedule
from ._transport_drift import drifts, unresolved
from ._transport_setup import (
    FEWEST_CELLS,
    MOST_CELLS,
    Setup,
    checked_box,
    checked_seed,
    memory_need,
    warn_of_large_cells,
    warn_of_short_waves,
)
from ._transport_start import Inflow, Perturbation, inflow_for, initial_state
from ._transport_steps import Stepper

__all__ = ["TransportMethod", "memory_need", "transport"]


@overload
def transport(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    length: float,
    cells: int = 256,
    beams: int = 32,
    boundary: str = "periodic",
    advection: str = "upwind7",
    perturbation: str | None = None,
    amplitude: float = 1e-3,
    wave_number: int = 1,
    width: float | None = None,
    seed: int | None = None,
    initial: ArrayLike | Callable[[float], ArrayLike] | None = None,
    inflow: ArrayLike | Callable[[float], ArrayLike] | None = None,
    mu: Profile | None = None,
    matter: Profile | None = None,
    gamma: float | None = None,
    packet_ratio: float | None = None,
    damping: ArrayLike = 0.0,
    emission: ArrayLike = 0.0,
    equilibrium: ArrayLike | None = None,
    cfl: float = 0.5,
    turn: float = 0.1,
    progress: Progress = None,
) -> Trajectory: ...


@overload
def transport(
    gas: NeutrinoGas | Beams,
    times: ArrayLike,
    *,
    length: float,
    cells: int = 256,
    beams: int = 32,
    boundary: str = "periodic",
    advection: str = "upwind7",
    perturbation: str | None = None,
    amplitude: float = 1e-3,
    wave_number: int = 1,
    width: float | None = None,
    seed: int | None = None,
    initial: ArrayLike | Callable[[float], ArrayLike] | None = None,
    inflow: ArrayLike | Callable[[float], ArrayLike] | None = None,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    gamma: float = 0.0,
    packet_ratio: float | None = None,
    damping: ArrayLike = 0.0,
    emission: ArrayLike = 0.0,
    equilibrium: ArrayLike | None = None,
    cfl: float = 0.5,
    turn: float = 0.1,
    progress: Progress = None,
) -> Trajectory: ...


@with_bar
@takes_schedule
def transport(
    gas: NeutrinoGas | Beams,
    times: ArrayLike,
    *,
    length: float,
    cells: int = 256,
    beams: int = 32,
    boundary: str = "periodic",
    advection: str = "upwind7",
    perturbation: str | None = None,
    amplitude: float = 1e-3,
    wave_number: int = 1,
    width: float | None = None,
    seed: int | None = None,
    initial: ArrayLike | Callable[[float], ArrayLike] | None = None,
    inflow: ArrayLike | Callable[[float], ArrayLike] | None = None,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    gamma: float = 0.0,
    packet_ratio: float | None = None,
    damping: ArrayLike = 0.0,
    emission: ArrayLike = 0.0,
    equilibrium: ArrayLike | None = None,
    cfl: float = 0.5,
    turn: float = 0.1,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`(\partial_t + c_b\,\partial_z)\,\mathbf P_b = [\omega_b\mathbf B +
    \lambda_e\mathbf L + \mu\sum_{b'} w_{b'}(1 - c_bc_{b'})\,\mathbf P_{b'}]\times\mathbf P_b +
    \mathbf C_b`.

    Beams of cosine :math:`c_b` and weight :math:`w_b` (sum 1) in a box along z, axially symmetric;
    antineutrinos as :math:`\mathbf S = -\mathbf P` (:class:`qnu.Beams`). The collision term,

    .. math::
        \mathbf C_b = \mu\gamma\sum_{b'} w_{b'}\Big[(1 - c_bc_{b'})^2
        + \tfrac12(1 - c_b^2)(1 - c_{b'}^2)\Big](\mathbf P_{b'} - \mathbf P_b)
        - \Gamma_b\,[\mathbf P_b - \mathbf L(\mathbf L\cdot\mathbf P_b)]
        + \Gamma'_b\,(\mathbf P_b^\mathrm{eq} - \mathbf P_b),

    is entanglement (once-in-a-lifetime encounters, to lowest order in gamma, p = 0; it conserves
    :math:`\sum_b w_b\mathbf P_b` in every cell), damping (``damping``) of what is transverse to the
    flavor axis L, and emission and absorption (``emission``).

    In z: finite differences of seventh order in the direction of the wind, linear (``"upwind7"``)
    or with the nonlinear weights of WENO7 (``"weno7"``, for fronts), or exact shifts of Fourier
    waves (``"spectral"``, periodic boxes). In time: the classical Runge-Kutta method of order 4.
    :doc:`/concepts/transport` says how to choose, with measured errors.

    Called as ``transport(gas, schedule)`` it takes mu, matter and gamma from the schedule, unless
    they are given; no encounter is drawn.

    Args:
        gas: beams, or a gas, which :meth:`qnu.Beams.of` puts on a quadrature.
        schedule: of any kind but wave packets (whose directions have another kernel) and bipartite
            ones. Arrivals are at random (p = 0) and partners are all beams, whatever its
            probability, its own clocks and its N - 1 partners are: with p = 1 the entanglement
            across :math:`\bar{\mathbf P}` is up to twice as slow (:func:`kinetic` has it).
        times: sample times in 1/mu, never decreasing.
        length: of the box in 1/mu.
        cells: of equal size, at least 8.
        beams: nodes of the quadrature, for every species with a distribution of directions.
        boundary: ``"periodic"``; ``"open"``: beams leave at one end, and ``inflow`` enters at the
            other.
        advection: ``"upwind7"``, ``"weno7"`` or ``"spectral"``.
        perturbation: a small turn of all polarizations of a cell: ``"random"`` (another one in
            every cell), ``"wave"`` (``wave_number`` waves in the box: L is tilted by ``amplitude``
            times ``(cos kz, sin kz)``), ``"bump"`` (a Gaussian of rms ``width`` in the middle, by
            default a twentieth of the box). None: a uniform gas stays uniform.
        amplitude: of the perturbation in radians (``"random"``: rms).
        wave_number: from ``-cells/2`` to ``cells/2``.
        width: in 1/mu.
        seed: of ``"random"``; default: another one in every call (the attribute ``seed`` has it).
        initial: ``(cells, B, 3)``, or a function of z that returns ``(B, 3)``; default: the same
            beams everywhere.
        inflow: polarizations ``(B, 3)`` that enter, one per species or one for all, or a function
            of time that returns them (antineutrinos as S); default: what is there at t = 0.
        mu: coupling, a number or a callable of time (default: of the schedule; without one 1).
        matter: lambda_e, a number or a callable of time (default: of the schedule; without one 0).
        gamma: >= 0 (default: of the schedule; without one 0: no entanglement).
        packet_ratio: of a wave-packet schedule, which needs ``gamma=0`` here.
        damping: :math:`\Gamma_b`: a number, one per species or one per beam.
        emission: :math:`\Gamma'_b`, likewise.
        equilibrium: :math:`\mathbf P_b^\mathrm{eq}`, as ``inflow``, constant.
        cfl: cells that the fastest beam crosses in a step, at most; up to 1.5 (spectral: 20).
        turn: radians by which a polarization turns in a step, at most; up to 1.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(cell, time, B, 3)``; ``box_mean()`` is its mean over the box. Attributes:
        ``time_step`` (the largest), ``steps``, ``unresolved`` (share of the polarization at the end
        that is in waves shorter than three cells), ``drift_length`` (change of any
        :math:`|\mathbf P|`, where nothing but the grid changes it), ``drift_total`` or
        ``drift_total_z`` (of the mean over the box, where it is conserved), seed.

    Raises:
        QnuError: directions that are not there, numbers out of range, ``"spectral"`` with open
            ends, :math:`|\mathbf P| > 1`, more cells and samples than the memory holds.

    References:
        Sigl and Raffelt (1993); Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331);
        Balsara and Shu (J. Comput. Phys. 160, 405) for WENO7.

    Examples:
        >>> import qnu
        >>> two = qnu.Beams([1.0, -1.0], [1.0, 1.0], [[0, 0, 1], [0, 0, -1]])
        >>> run = transport(two, [0.0, 8.0], length=20.0, cells=64,
        ...                 perturbation="wave", wave_number=-2, amplitude=1e-3)
        >>> run.polarization.shape
        (64, 2, 2, 3)
        >>> bool(run.box_mean().polarization[-1, 0, 2] < 0.99)     # it has grown
        True
    """
    started = clock.perf_counter()
    seed = checked_seed(perturbation, seed)
    setup = Setup.of(
        check_beams(gas, beams),
        times_from_zero(times),
        checked_box(length, cells, boundary, advection),
        Perturbation(perturbation, amplitude, wave_number, width, seed),
        (mu, matter, gamma, damping, emission, equilibrium, packet_ratio),
        (cfl, turn),
    )
    start = initial_state(setup.beams, setup.z, setup.box.length, initial, setup.tilt)
    enters = inflow_for(inflow, setup.box.periodic, setup.beams, start)
    warn_of_large_cells(setup.rates.mu, setup.box, start)
    samples, made = _follow(setup, start, enters, progress)
    attributes = setup.attributes() | made
    attributes |= drifts(samples, start, setup.beams, setup.rates, setup.box.periodic, enters)
    attributes["unresolved"] = unresolved(samples[:, -1], setup.beams, setup.box.periodic)
    warn_of_short_waves(attributes["unresolved"])
    if isinstance(gas, NeutrinoGas):
        attributes["gas_hash"] = gas.fingerprint()
    return Trajectory.of_beams(
        "transport",
        setup.beams,
        setup.times,
        samples,
        started=started,
        cells=setup.z,
        variables={"initial_polarization": (("cell", "neutrino", "axis"), start)},
        attributes=attributes,
    )


def _follow(
    setup: Setup, start: Floats, inflow: Inflow, progress: Progress
) -> tuple[Floats, dict[str, Any]]:
    """``(cells, samples, B, 3)`` and how many steps it took."""
    box, times = setup.box, setup.times
    stepper = Stepper(
        start,
        setup.beams,
        setup.rates,
        box.length,
        advection=box.advection,
        periodic=box.periodic,
        inflow=inflow,
    )
    samples = np.empty((box.cells, len(times), len(setup.beams), 3))
    now, end, count, longest = 0.0, float(times[-1]), 0, 0.0
    for k, time in enumerate(times.tolist()):
        for steps in setup.plan.steps(now, time, stepper.together, stepper.field):
            stepper.make(steps)
            count, longest = count + len(steps.length), max(longest, float(steps.length.max()))
            report(progress, float(steps.times[-1] + steps.length[-1]) / end)
        now = max(now, time)
        if not stepper.is_finite():
            raise QnuError("cfl", reason=f"the steps became unstable before t = {time:g}")
        samples[:, k] = stepper.polarization()
    report(progress, 1.0)
    return samples, {"steps": count, "time_step": longest}


#: Arguments of what happens in a cell, and what they are without a schedule.
_RATE_DEFAULTS: dict[str, Any] = {
    "mu": 1.0,
    "matter": 0.0,
    "gamma": 0.0,
    "damping": 0.0,
    "emission": 0.0,
    "equilibrium": None,
    "packet_ratio": None,
}
_PER_SPECIES = "a number, or a list: one number per group"
_VECTORS = "[x, y, z], or a list of them: one per group"


class TransportMethod(RateMethod):
    """Beams in one space dimension (:func:`qnu.solvers.transport`)."""

    kind: Literal["transport"]
    gamma: float | None = key("a finite number >= 0; default: as the schedule", None, ge=0)
    length: Positive = key(POSITIVE, meaning="of the box in 1/mu")
    cells: Whole = key(
        f"a whole number from {FEWEST_CELLS} to {MOST_CELLS}", 256, ge=FEWEST_CELLS, le=MOST_CELLS
    )
    beams: Whole = key(
        "a whole number from 1 to 4096",
        32,
        "directions of every group that has many",
        ge=1,
        le=4096,
    )
    boundary: Literal["periodic", "open"] = key("'periodic' or 'open'", "periodic")
    advection: Literal["upwind7", "weno7", "spectral"] = key(
        "'upwind7', 'weno7' or 'spectral'", "upwind7", "how beams move from cell to cell"
    )
    perturbation: Literal["random", "wave", "bump"] | None = key(
        "'random', 'wave' or 'bump'", None, "of the start", "none: a uniform gas stays uniform"
    )
    amplitude: Probability = key(PROBABILITY, 1e-3, "of the perturbation in radians")
    wave_number: Whole = key("a whole number", 1, "waves in the box (`wave`)")
    width: Positive | None = key(POSITIVE, None, "of the `bump` in 1/mu", "a twentieth of the box")
    seed: Whole | None = key(
        "a whole number >= 0 and < 2^63",
        None,
        "of a `random` perturbation",
        "from the seed of the file",
        ge=0,
        le=MAX_SEED,
    )
    damping: NumberOrList = key(_PER_SPECIES, 0.0, "rate at which coherence of flavor is lost")
    emission: NumberOrList = key(_PER_SPECIES, 0.0, "rate towards `equilibrium`")
    equilibrium: list[Any] | None = key(_VECTORS, None, "antineutrinos as S = -P")
    inflow: list[Any] | None = key(
        _VECTORS, None, "what enters at open ends, antineutrinos as S = -P", "what starts there"
    )
    cfl: Positive = key("a finite number > 0", 0.5, "cells per step, at most")
    turn: Positive = key("a finite number > 0", 0.1, "radians per step, at most")

    solve = staticmethod(transport)
    line_style: ClassVar[LineStyle] = LineStyle(
        "transport", line=(0.0, (5.0, 1.2, 1.0, 1.2)), width=1.3, order=3.2
    )
    takes_mixed: ClassVar[bool] = True
    seeded: ClassVar[bool] = True

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """A random perturbation, or velocities that are drawn and not on a quadrature."""
        del prepared
        return self.perturbation == "random" or drawn.velocities

    def prepare(self, given: MethodInput) -> Prepared:
        """What the schedule says, and everything else that is wrong before anything runs."""
        rates = super().prepare(given)
        own = {k: v for k, v in self.own_keys().items() if k not in rates.options}
        options = {**rates.options, **own}
        options["seed"] = given.seed if self.seed is None else self.seed
        if self.perturbation != "random":
            options["seed"] = None
        wanted = {name: value for name, value in options.items() if value is not None}
        setup = Setup.of(
            check_beams(given.gas, self.beams),
            given.times,
            checked_box(self.length, self.cells, self.boundary, self.advection),
            Perturbation(
                self.perturbation, self.amplitude, self.wave_number, self.width, self.seed
            ),
            tuple(wanted.get(name, default) for name, default in _RATE_DEFAULTS.items()),
            (self.cfl, self.turn),
        )
        inflow_for(
            self.inflow, setup.box.periodic, setup.beams, setup.beams.polarization[np.newaxis]
        )
        return Prepared(rates.times, options)
