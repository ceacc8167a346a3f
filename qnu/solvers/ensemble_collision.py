r"""The collision term of encounters: what changes the mean over seeds beyond its mean field."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import piecewise, profiles
from ..common.checks import Floats, finite, floats
from ..errors import QnuError, QnuWarning, Words
from ..gas import NeutrinoGas, check_gas
from ..observables import along_and_across
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..schedules.clock import phases_at
from ..schedules.match import check_schedule
from ..trajectory import Trajectory
from . import _packet_rates, _partners
from ._common import coupling_at
from ._integrate import solve
from ._rates import read
from .mean_field import field_at, moving_rows

#: Radians between two samples beyond which C is averaged over too much of a turn.
_COARSE = 1.0


@dataclass(frozen=True, eq=False)
class CollisionTerm:
    r""":math:`\mathbf C` of every group or neutrino, between the samples of an ensemble.

    Args:
        times: ``(K,)`` middles of the K intervals between samples, in 1/mu.
        names: ``(rows,)`` of the groups, or numbers of the neutrinos.
        vectors: ``(K, rows, 3)`` :math:`\mathbf C`, in mu.
        covariance: ``(K, rows, 3, 3)`` of the components of one row; NaN for one history.
        polarization: ``(K, rows, 3)`` mean over seeds, at the same times.
        partners: ``(K, rows, 3)`` :math:`\bar{\mathbf P}_i`, the mean of the partners that
            ``expected`` compares with.
        expected: ``(K, rows, 3)`` :math:`\mu\gamma\kappa\,(\bar{\mathbf P} - \mathbf P)`, mu
            averaged over the interval; None where the schedule has no gamma.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0], group=[0, 1])
        >>> schedule = qnu.schedules.random_pairs(gas, gamma=0.1, encounters=100, seed=1)
        >>> run = qnu.solvers.kinetic(gas, schedule, schedule.equally_spaced(11))
        >>> term = qnu.solvers.ensemble_collision_term(run, gas, schedule)
        >>> bool(abs(term.vectors - term.expected).max() < 0.02 * term.vectors.max())
        True
    """

    times: Floats
    names: tuple[str, ...]
    vectors: Floats
    covariance: Floats
    polarization: Floats
    partners: Floats
    expected: Floats | None

    @property
    def error(self) -> Floats:
        """``(K, rows, 3)`` standard errors of the mean over seeds."""
        result: Floats = np.sqrt(np.einsum("...aa->...a", self.covariance))
        return result

    def components(self) -> tuple[Floats, Floats]:
        """``(K, rows, 3)`` along P, across it towards the partners, and at right angles to both.

        With standard errors; see :func:`qnu.observables.along_and_across`.
        """
        basis = np.stack(
            [
                along_and_across(np.broadcast_to(e, self.vectors.shape), *self._directions)
                for e in np.eye(3)
            ],
            axis=-1,
        )
        values = np.einsum("...ka,...a->...k", basis, self.vectors)
        spread = np.einsum("...ka,...ab,...kb->...k", basis, self.covariance, basis)
        return values, np.sqrt(spread)

    def expected_components(self) -> Floats | None:
        """``(K, rows, 3)`` the same of ``expected``."""
        if self.expected is None:
            return None
        return along_and_across(self.expected, *self._directions)

    @property
    def _directions(self) -> tuple[Floats, Floats]:
        return self.polarization, self.partners


def ensemble_collision_term(
    histories: Any,
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    resolve: str | None = None,
) -> CollisionTerm:
    r""":math:`\mathbf C_i = \frac{d\langle\mathbf P_i\rangle}{dt} - \Big[\omega_i\mathbf B
    + \lambda_e\mathbf L + \mu\sum_j w_{ij}\langle\mathbf P_j\rangle\Big]\times
    \langle\mathbf P_i\rangle`, with :math:`\langle\cdot\rangle` the mean over seeds.

    For encounters of strangers (OILE) to lowest order :math:`\mathbf C_i =
    \mu\gamma\sum_j r_{ij} (1 - c_{ij})^2 (\mathbf P_j - \mathbf P_i) =
    \mu\gamma\kappa\,(\bar{\mathbf P} - \mathbf P_i)`, which is in ``expected``: a rate without
    memory (wave packets: their own kernel).

    No derivative is taken. Between two samples :math:`t_0, t_1` the mean at :math:`t_0` is
    followed forward by the mean-field equation (with vacuum, matter, mu(t)) to the middle
    :math:`t_m`, and that at :math:`t_1` backward:

    .. math::
        \mathbf C(t_m) = \frac{\Phi_{t_1\to t_m}\langle\mathbf P(t_1)\rangle
        - \Phi_{t_0\to t_m}\langle\mathbf P(t_0)\rangle}{t_1 - t_0},

    the mean of :math:`\mathbf C` over the interval, turned to its middle. It is 0 for a mean field
    however far apart the samples are, to 1e-9. What remains is of second order: a fraction of about
    :math:`((\omega^2 + \mu^2)(t_1 - t_0)^2)/24` of :math:`\mathbf C` itself, not of the
    oscillation. The terms of the kinetic equation at p = 1, and those of gamma squared in the mean
    field, are part of :math:`\mathbf C`.

    Args:
        histories: of n seeds: an ensemble (a Trajectory over ``seed``), a list of Trajectories,
            the ``polarization`` of a sweep at one point and method, over ``seed``, ``time``,
            ``group`` and ``axis``, or an array ``(n, samples, rows, 3)`` with ``times``.
        gas: of the histories; velocities that are drawn anew with every seed count as their
            distribution at group level.
        schedule: of any seed: mu, matter, gamma and who meets whom.
        times: ``(samples,)`` in 1/mu, increasing: with an array only.
        resolve: ``"group"``: of group means; ``"neutrino"``. Default: as in :func:`mean_field`.

    Returns:
        :math:`\mathbf C` in the middle of every interval, with standard errors over seeds
        (jackknife: the whole calculation with every seed left out once).

    Raises:
        QnuError: fewer than two samples, rows that do not fit, times that do not increase.

    Warns:
        QnuWarning: samples so far apart that a neutrino turns by more than 1 radian between them.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas(
        ...     [[0, 0, 1]] * 20 + [[1, 0, 0]] * 20, omega=[0.0] * 40, group=[0] * 20 + [1] * 20)
        >>> runs = []
        >>> for seed in range(20):
        ...     schedule = qnu.schedules.stochastic(
        ...         gas, gamma=0.1, probability=0.1, duration=2.0, seed=seed)
        ...     runs.append(qnu.solvers.independent(gas, schedule, [0.0, 1.0, 2.0]))
        >>> term = ensemble_collision_term(runs, gas, schedule)
        >>> term.times.tolist(), bool((abs(term.vectors - term.expected) < 4 * term.error).all())
        ([0.5, 1.5], True)
    """
    check_gas(gas)
    check_schedule(schedule)
    chosen = _partners.chosen(gas) if resolve is None else resolve
    found = read(gas, schedule, ("mu", "matter", "partners", "background"), {})
    rows = _partners.rows(gas, chosen, found["partners"], found["background"])
    at, values = _samples(histories, times, rows)
    flow = _MeanField(rows, found["mu"], found["matter"])
    count = len(values)
    mean = values.mean(axis=0)
    without = (count * mean - values) / max(count - 1, 1)
    tried = np.concatenate([mean[None], without]) if count > 1 else mean[None]
    ends = flow.to_the_middle(at, tried.swapaxes(0, 1))
    length = np.diff(at)[:, None, None, None]
    terms = (ends[1] - ends[0]) / length
    middles = (at[1:] + at[:-1]) / 2
    here = (ends[1] + ends[0])[:, 0] / 2
    partners, expected = _expected(rows, schedule, here, at)
    flow.warn(at)
    names = gas.group_names if chosen == "group" else [str(k) for k in range(len(gas))]
    return CollisionTerm(
        middles,
        tuple(map(str, names)),
        terms[:, 0],
        _jackknife(terms[:, 1:]),
        here,
        partners,
        expected,
    )


def _jackknife(terms: Floats) -> Floats:
    """``(K, rows, 3, 3)`` from ``(K, n, rows, 3)``, each with one seed left out."""
    count = terms.shape[1]
    if count < 2:
        return np.full((len(terms), terms.shape[2] if count else 0, 3, 3), np.nan)
    away = terms - terms.mean(axis=1, keepdims=True)
    result: Floats = np.einsum("knra,knrb->krab", away, away) * (count - 1) / count
    return result


def _expected(
    rows: _partners.Rows, schedule: EncounterSchedule, here: Floats, at: Floats
) -> tuple[Floats, Floats | None]:
    """The partners of every row, and ``mu gamma kappa (Pbar - P)``."""
    ratio = schedule.packet_ratio
    if ratio is None:
        mixed = _partners.average(rows, lambda u: u * u, 4 / 3)
    else:
        kernel = _packet_rates.entangling(ratio)
        mixed = _partners.average(rows, kernel, _packet_rates.isotropic_mean(kernel))
    sums = np.array([mixed.apply(vectors) for vectors in here])
    partners = sums / np.where(mixed.sums > 0, mixed.sums, 1.0)
    if schedule.gamma is None:
        return partners, None
    # the mean over each interval: mu may change within it
    mu = (np.diff(phases_at(schedule.mu, at)) / np.diff(at))[:, None, None]
    change = mu * schedule.gamma * (sums - mixed.sums * here) * moving_rows(rows)
    return partners, change


def _samples(
    histories: Any, times: ArrayLike | None, rows: _partners.Rows
) -> tuple[Floats, Floats]:
    """Sample times and ``(n, samples, rows, 3)``."""
    if isinstance(histories, Trajectory):
        if times is not None:
            raise QnuError("times", Words("with a Trajectory"), "None: it has its own")
        at, values = histories.times, _of_trajectory(histories, rows.resolve)
    elif hasattr(histories, "dims"):
        at, values = _of_sweep(histories, times)
    elif isinstance(histories, Sequence) and all(isinstance(h, Trajectory) for h in histories):
        if not histories:
            raise QnuError("histories", [], "at least one")
        at = histories[0].times
        if any(not np.array_equal(h.times, at) for h in histories):
            raise QnuError("histories", Words("different sample times"), "the same in all of them")
        each = [_of_trajectory(h, rows.resolve) for h in histories]
        values = np.concatenate(each)
    else:
        if times is None:
            raise QnuError("times", None, "sample times, with an array of histories")
        at, values = floats("times", times, (None,)), finite("histories", histories, (3,))
    wanted = (len(at), len(rows.omega), 3)
    if values.ndim != 4 or not len(values) or values.shape[1:] != wanted:
        allowed = f"(seeds, {', '.join(map(str, wanted))}), resolve = {rows.resolve!r}"
        raise QnuError("histories", Words(f"shape {values.shape}"), allowed)
    if len(at) < 2 or not (np.diff(at) > 0).all():
        raise QnuError("times", at.tolist(), "at least two sample times, increasing")
    return at, values


def _of_trajectory(trajectory: Trajectory, resolve: str) -> Floats:
    trajectory = trajectory.box_mean()
    by_group = trajectory.attrs.get("resolve") == "group"
    if resolve == "neutrino" and by_group:
        raise QnuError("resolve", "neutrino", "'group': a row of the histories is a group")
    values = trajectory.group_mean() if resolve == "group" else trajectory.polarization
    return values if values.ndim == 4 else values[None]


def _of_sweep(array: Any, times: ArrayLike | None) -> tuple[Floats, Floats]:
    """The array of a sweep at one point and method."""
    wanted = ["seed", "time", "group", "axis"]
    if set(array.dims) != set(wanted):
        found = Words(f"dimensions {tuple(array.dims)}")
        raise QnuError("histories", found, "seed, time, group and axis (choose the others)")
    values = np.asarray(array.transpose(*wanted).values, float)
    at = np.asarray(array["time"].values if times is None else times, float)
    failed = np.isnan(values).any(axis=(1, 2, 3))
    return at, values[~failed]


@dataclass(frozen=True, eq=False)
class _MeanField:
    """The flow of the mean field, of many gases at once."""

    rows: _partners.Rows
    mu: Profile
    matter: Profile

    def to_the_middle(self, at: Floats, samples: Floats) -> tuple[Floats, Floats]:
        """Both ends of every interval in its middle: each ``(K, n, rows, 3)``."""
        middles = (at[1:] + at[:-1]) / 2
        ahead, behind = samples[:-1], samples[1:]
        if not callable(self.mu) and not callable(self.matter):
            return self._carried(at[:-1], middles, ahead), self._carried(at[1:], middles, behind)
        both = []
        for begins, values in ((at[:-1], ahead), (at[1:], behind)):
            parts = []
            for begin, end, start in zip(begins, middles, values, strict=True):
                y = start[None]
                for a, b in pairwise(self._stops(float(begin), float(end))):
                    y = self._carried(np.array([a]), np.array([b]), y)
                parts.append(y[0])
            both.append(np.array(parts))
        return both[0], both[1]

    def _stops(self, begin: float, end: float) -> list[float]:
        """Times at which the integration starts anew, from begin to end."""
        low, high = min(begin, end), max(begin, end)
        where = piecewise.stops(low, high, {"mu": self.mu, "matter": self.matter})
        edges = [low, *where.at.tolist(), high]
        fine: list[float] = [low]
        for a, b in pairwise(edges):
            pieces = int(np.ceil((b - a) / min(where.largest_step(a), b - a)))
            fine += np.linspace(a, b, pieces + 1)[1:].tolist()
        return fine if begin == low else fine[::-1]

    def _carried(self, begin: Floats, end: Floats, start: Floats) -> Floats:
        """``(K, n, rows, 3)`` from begin ``(K,)`` to end ``(K,)``, forward or backward."""
        acting = _partners.average(self.rows, lambda u: u, 1.0, linear=True).apply
        moving = moving_rows(self.rows)[None, None]
        angle, length = self.rows.gas.mixing_angle, (end - begin)[:, None, None, None]
        shape, count = start.shape, len(self.rows.omega)

        def rate(part: float, flat: Floats) -> Floats:
            inside = min(max(part, 1e-12), 1 - 1e-12)  # a jump belongs to one side
            t = float(begin[0] + inside * (end[0] - begin[0]))  # several: nothing depends on it
            vectors = flat.reshape(shape)
            columns = np.moveaxis(vectors, 2, 0).reshape(count, -1)
            mean = np.moveaxis(acting(columns).reshape(count, *shape[:2], 3), 0, 2)
            h = field_at(self.rows, self.matter, angle, t) + coupling_at(self.mu, t) * mean
            change: Floats = length * np.cross(h, vectors) * moving
            return change.ravel()

        if not start.size:
            return start
        solution = solve(rate, 0.0, start.ravel(), np.array([1.0]), {})
        result: Floats = solution.y[-1].reshape(shape)
        return result

    def warn(self, at: Floats) -> None:
        """Where samples are far apart."""
        grid = (at[1:] + at[:-1]) / 2
        rate = abs(profiles.evaluate(self.mu, grid)) + abs(profiles.evaluate(self.matter, grid))
        turned = float(np.max((rate + abs(self.rows.omega).max()) * np.diff(at)))
        if turned > _COARSE:
            warnings.warn(
                QnuWarning(
                    f"samples are so far apart that a neutrino turns by up to {turned:.2g} radians"
                    " between two of them; the collision term is an average over that"
                ),
                stacklevel=3,
            )
