"""Transport: beams in one space dimension, with mean field, OILE entanglement and collisions."""

from __future__ import annotations

import time as clock
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import assembly, profiles
from ..beams import Beams, check_beams
from ..common import memory
from ..common.checks import Floats, choice, integer, number
from ..common.progress import Progress, report, with_bar
from ..errors import QnuError, QnuWarning, Words
from ..gas import NeutrinoGas
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from ._common import times_from_zero
from ._rates import takes_schedule
from ._transport_drift import drifts, unresolved
from ._transport_start import (
    Inflow,
    Perturbation,
    equilibrium_for,
    initial_state,
    rates_for,
)
from ._transport_steps import LARGEST_CFL, Plan, Rates, Stepper

BOUNDARIES = ("periodic", "open")
ADVECTION = tuple(LARGEST_CFL)
#: Cells that the stencils need.
FEWEST_CELLS, MOST_CELLS = 8, 10_000_000
#: Larger cells, in 1/mu, do not show the structures of fast conversion.
_LARGEST_SPACING = 1.0
#: Share of the polarization in waves shorter than three cells from which on there is a warning.
_UNRESOLVED = 0.01
_FLOAT = 8


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
        schedule: of any kind but wave packets (whose directions have another kernel).
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
        >>> run.box_mean().polarization[-1, 0, 2] < 0.99     # it has grown
        True
    """
    started = clock.perf_counter()
    sample_times = times_from_zero(times)
    box = check_beams(gas, beams)
    size, number_of_cells, scheme, periodic = _box(length, cells, boundary, advection)
    rates = _rates(box, mu, matter, gamma, damping, emission, equilibrium, packet_ratio)
    largest = LARGEST_CFL[scheme]
    cfl, turn = number("cfl", cfl, above=0.0, high=largest), number("turn", turn, above=0.0, high=1)
    _require_memory(number_of_cells, len(box), len(sample_times), scheme)
    tilt = Perturbation(perturbation, amplitude, wave_number, width, _seed(perturbation, seed))
    tilt = tilt.checked(size, number_of_cells)
    z = (np.arange(number_of_cells) + 0.5) * size / number_of_cells
    start = initial_state(box, z, size, initial, tilt)
    if inflow is not None and periodic:
        raise QnuError("inflow", Words("an inflow into a periodic box"), "boundary='open'")
    enters = Inflow(inflow, box, start)
    plan = Plan(box, rates, size / number_of_cells, cfl, turn, float(sample_times[-1]))
    _warn_of_large_cells(mu, size / number_of_cells, not periodic or start[1:] != start[:-1])
    stepper = Stepper(
        start, box, rates, size, advection=scheme, periodic=periodic, inflow=enters
    )
    samples, made = _follow(stepper, plan, sample_times, progress)
    attributes: dict[str, Any] = {
        "length": size,
        "boundary": boundary,
        "advection": scheme,
        "cfl": cfl,
        "turn": turn,
        **made,
        "perturbation": tilt.kind or "none",
        "unresolved": unresolved(samples[:, -1], box, periodic),
        "gamma": rates.gamma,
        **assembly.recorded_mu(rates.mu),
        "matter": profiles.describe(rates.matter),
        **drifts(samples, start, box, rates, periodic, enters),
    }
    if tilt.kind is not None:
        attributes["amplitude"] = tilt.amplitude
    if tilt.kind == "random":
        attributes["seed"] = tilt.seed
    if isinstance(gas, NeutrinoGas):
        attributes["gas_hash"] = gas.fingerprint()
    if attributes["unresolved"] > _UNRESOLVED:
        _warn_of_waves(attributes["unresolved"])
    return Trajectory.of_beams(
        "transport",
        box,
        sample_times,
        samples,
        started=started,
        cells=z,
        variables={"initial_polarization": (("cell", "neutrino", "axis"), start)},
        attributes=attributes,
    )


def _box(length: Any, cells: Any, boundary: Any, advection: Any) -> tuple[float, int, str, bool]:
    size = number("length", length, above=0.0, high=1e15)
    count = integer("cells", cells, low=FEWEST_CELLS, high=MOST_CELLS)
    periodic = choice("boundary", boundary, BOUNDARIES) == "periodic"
    scheme = choice("advection", advection, ADVECTION)
    if scheme == "spectral" and not periodic:
        allowed = "'upwind7' or 'weno7' with open ends"
        raise QnuError("advection", scheme, allowed)
    return size, count, scheme, periodic


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


def _seed(perturbation: Any, seed: Any) -> int | None:
    """The seed, drawn where a random perturbation has none."""
    if seed is None and perturbation == "random":
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> np.uint64(1))
    return None if seed is None else integer("seed", seed, low=0, high=2**63 - 1)


def memory_need(cells: int, beams: int, samples: int, scheme: str) -> int:
    """Bytes of the state, with room to work in, and of the samples."""
    state = 3 * _FLOAT * (cells + 8) * beams
    return state * (8 if scheme == "spectral" else 5) + 2 * 3 * _FLOAT * cells * beams * samples


def _require_memory(cells: int, beams: int, samples: int, scheme: str) -> None:
    what = f"{cells} cells of {beams} beams at {samples} times"
    memory.require("cells", what, memory_need(cells, beams, samples, scheme))


def _warn_of_large_cells(mu: Profile, spacing: float, structured: Any) -> None:
    """Fast conversion has structures of a few 1/mu."""
    if not np.any(structured) or callable(mu) or mu * spacing <= _LARGEST_SPACING:
        return
    warnings.warn(
        QnuWarning(
            f"cells of {mu * spacing:.3g}/mu: flavor conversion makes waves of a few 1/mu, which"
            " less than six cells hold (more cells, or a shorter box)"
        ),
        stacklevel=5,
    )


def _warn_of_waves(share: float) -> None:
    warnings.warn(
        QnuWarning(
            f"{share:.2g} of the polarization is in waves shorter than three cells at the end: the"
            " cells do not resolve it (more cells, or a shorter time)"
        ),
        stacklevel=5,
    )


def _follow(
    stepper: Stepper, plan: Plan, times: Floats, progress: Progress
) -> tuple[Floats, dict[str, Any]]:
    """``(cells, samples, B, 3)`` and how many steps it took."""
    now, end = 0.0, float(times[-1])
    first = stepper.polarization()
    samples = np.empty((first.shape[0], len(times), *first.shape[1:]))
    count, longest = 0, 0.0
    for k, time in enumerate(times.tolist()):
        for steps in plan.steps(now, time, stepper.together):
            stepper.make(steps)
            count, longest = count + len(steps.length), max(longest, float(steps.length.max()))
            report(progress, (steps.times[-1] + steps.length[-1]) / end)
        now = max(now, time)
        if not stepper.is_finite():
            raise QnuError("cfl", reason=f"the steps became unstable before t = {time:g}")
        samples[:, k] = stepper.polarization()
    report(progress, 1.0)
    return samples, {"steps": count, "time_step": longest}
