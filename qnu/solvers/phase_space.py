"""Phase space (truncated Wigner): classical spins from random starts, and the mean over them."""

from __future__ import annotations

import time as clock
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..common import memory
from ..common.checks import integer
from ..common.progress import Progress, section, with_bar
from ..conservation import conservation, conserved_drift
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import MAX_SEED, Whole, key
from ..methods import LineStyle, Method, MethodInput, Prepared, refuse_weights
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ..trajectory import Trajectory
from ._common import require_phase
from ._phase_paths import through_encounters, through_plane_waves
from ._phase_samples import Means, tiles

#: What more samples than this would tell is far below the error of the method.
_MOST_SAMPLES = 10**9
_EVEN = "an even number from 4 to 1000000000 (samples come in pairs)"


@with_bar
def phase_space(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    samples: int = 1000,
    seed: int | None = None,
    progress: Progress = None,
) -> Trajectory:
    r""":math:`\mathbf P_i(0) = \mathbf n_i + a\,\mathbf e_1 + b\,\mathbf e_2` with
    :math:`a, b = \pm 1` at random, then classical motion; the mean over samples.

    The discrete truncated Wigner approximation. In every sample a neutrino that starts along
    :math:`\mathbf n_i` begins at one of four corners around it, :math:`|\mathbf P| = \sqrt 3`: mean
    and second moments of a sample are those of the quantum state,
    :math:`\langle P_aP_b\rangle = \delta_{ab}`. One of :math:`|\mathbf P_i| < 1` begins about
    :math:`\pm\mathbf n_i` with probability :math:`(1 \pm |\mathbf P_i|)/2`. An encounter turns both
    partners about their sum,

    .. math::
        \frac{d\mathbf P_1}{dt} = \mathbf h_1\times\mathbf P_1
        + \frac\theta t\,\mathbf P_2\times\mathbf P_1, \qquad
        \frac{d\mathbf P_2}{dt} = \mathbf h_2\times\mathbf P_2
        + \frac\theta t\,\mathbf P_1\times\mathbf P_2

    (a kick: by the angle :math:`\theta\,|\mathbf P_1 + \mathbf P_2|`), and plane waves follow

    .. math::
        \frac{d\mathbf P_i}{dt} = \Big[\omega_i\mathbf B + \lambda_e\mathbf L
        + \frac\mu N\sum_{j \ne i} (1 - \mathbf v_i\cdot\mathbf v_j)\,\mathbf P_j\Big]
        \times\mathbf P_i

    Times linear in N and in the number of samples, so it reaches gases that no state vector holds.
    It is right to second order in time, and for plane waves of many neutrinos at a fixed time
    (where mean field is unstable: for the first swing only). It is **exact neither for few
    neutrinos nor at strong encounters**: :doc:`/concepts/phase-space` has a table of its errors.

    The standard error over samples is not the error of the method. Samples come in pairs that begin
    on opposite sides of the mean (pure states), so that t = 0 is exact and early errors are small.
    Sample k depends on the seed and on k alone: neither on threads nor on how many there are.

    Kicks and free streaming are exact to rounding; encounters that last, with unequal fields, to
    1e-12 each (a product of exact rotations of order 6; less where matter jumps at a time that is
    no breakpoint). Plane waves are integrated in steps in which the longest likely field turns by
    0.2 (order 4, about 1e-6 at mu t = 50), without the Trotter steps of the schedule.

    Args:
        gas: N neutrinos, mixed states allowed.
        schedule: any; fresh partners allowed (each sample draws its own).
        times: sample times in 1/mu; default: initial and final state. Inside an encounter the part
            that has passed counts (in back-to-back schedules, which only have an order, the whole).
        samples: an even number >= 4. About half a GiB of them are held at a time.
        seed: of the samples; default: another one in every call (the attribute ``seed`` has it).
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, N, 3)``; ``polarization_error`` and ``group_polarization_error
        (time, group_mean, axis)``, standard errors of the mean over samples. A mean may be longer
        than 1. Attributes: samples, seed, drift of the total P (or of its part along B).

    Raises:
        QnuError: a schedule of another number of neutrinos, sample times outside it, weights, more
            samples than the memory holds.

    References:
        Schachenmayer, Pikovski and Rey, discrete truncated Wigner (PRX 5, 011022; 1408.4441);
        Polkovnikov, phase space representation (Ann. Phys. 325, 1790; 0905.3384).

    Examples:
        >>> import qnu
        >>> half = [[0, 0, 1], [0, 0, -1]] * 50
        >>> gas = qnu.NeutrinoGas(half, omega=[0.0] * 100, group=[0, 1] * 50)
        >>> schedule = qnu.schedules.plane_wave(gas, duration=20.0, steps=1)
        >>> run = phase_space(gas, schedule, samples=2000, seed=1)
        >>> z, error = run.group_mean()[-1, 0, 2], run.group_error()[-1, 0, 2]
        >>> f"{z:.2f} +- {error:.2f}"            # exact: -0.28; the mean field stays at 1
        '-0.28 +- 0.02'
    """
    started = clock.perf_counter()
    planes = schedule.kind == "plane_wave" if isinstance(schedule, EncounterSchedule) else False
    check_match(gas, schedule, rows=not planes)
    refuse_weights("phase_space", gas)
    checked = schedule.samples(times)
    count = _even(samples)
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> np.uint64(1))
    seed = integer("seed", seed, low=0, high=MAX_SEED)
    result = 48 * len(checked) * (len(gas) + len(gas.group_names))
    memory.require("times", f"{len(checked)} samples of {len(gas)} neutrinos", 2 * result)
    if planes:
        require_phase(gas, float(checked.times[-1]), schedule.mu, schedule.matter)
    follow = through_plane_waves if planes else through_encounters
    means = Means(gas, len(checked), count)
    for some in tiles(gas, count, seed):
        part = section(progress, some.numbers.start / some.of, len(some.numbers) / some.of)
        follow(schedule, checked, some, means, part)
    drift = {}
    if schedule.fresh is None:
        kept = conservation(gas, schedule.matter)
        drift = conserved_drift(means.polarization, np.ones(len(gas)), **kept)
    return Trajectory.build(
        "phase_space",
        gas,
        checked.times,
        means.polarization,
        started=started,
        schedule=schedule,
        variables={
            "polarization_error": (("time", "neutrino", "axis"), means.error()),
            "group_polarization_error": (("time", "group_mean", "axis"), means.group_error()),
        },
        attributes={"samples": count, "seed": seed, **drift},
    )


def _even(samples: int) -> int:
    """The number of samples, checked."""
    count = integer("samples", samples, low=4, high=_MOST_SAMPLES)
    if count % 2:
        raise QnuError("samples", samples, _EVEN)
    return count


class PhaseSpaceMethod(Method):
    """Classical spins from random starts (:func:`qnu.solvers.phase_space`)."""

    kind: Literal["phase_space"]
    classical_samples: Whole = key(
        _EVEN, 1000, "random starts over which the mean is taken", ge=4, le=_MOST_SAMPLES
    )
    seed: Whole | None = key(
        "a whole number >= 0 and < 2^63",
        None,
        "of the random starts",
        "from the seed of the file",
        ge=0,
        le=MAX_SEED,
    )

    solve = staticmethod(phase_space)
    line_style: ClassVar[LineStyle] = LineStyle(
        "phase space", line=(0.0, (3.5, 1.1, 1.0, 1.1, 1.0, 1.1)), width=1.5, order=3.8
    )
    takes_mixed: ClassVar[bool] = True
    seeded: ClassVar[bool] = True

    @classmethod
    def takes_encounters(cls, kind: str) -> bool:
        """Not in plane waves, whose mean field is integrated."""
        return kind != "plane_wave"

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether the number of samples is even."""
        super().prepare(given)
        if self.classical_samples % 2:
            raise QnuError("classical_samples", self.classical_samples, _EVEN)
        seed = given.seed if self.seed is None else self.seed
        return Prepared(given.times, {"samples": self.classical_samples, "seed": seed})
