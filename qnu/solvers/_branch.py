"""One branch of equilibria with ``Pbar_perp > 0``, followed in time from its root at the start."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ..common.checks import Floats
from ..common.progress import Progress, report
from ..errors import QnuError
from . import quasi_steady
from ._groups import Groups, unstable
from ._lag import largest
from ._panels import DEGREE, DIFFERENTIATE, INTEGRATE, NODES, LostError, Panel, last_time, panels
from .quasi_steady import Root
from .stability import linear_growth

#: Where Pbar_perp has fallen to this fraction of its start, all P_i have come to lie along B.
_ALONG_B = 1e-6
#: Radians that H_i turns in a panel in which it all but vanishes, at most.
_STILL = 1e-3
#: At so many times of a panel it is known how far the state lags behind.
_POINTS = 33


@dataclass(frozen=True)
class States:
    """The branch at ``(n,)`` times."""

    signed: Floats  # (n, groups): A_i
    precession: Floats
    transverse: Floats
    azimuth: Floats
    fields: Floats  # (n, groups): a_i, the part of H_i along B over mu
    coupling: Floats

    def polarization(self) -> Floats:
        """``(n, groups, 3)``."""
        r = np.hypot(self.fields, self.transverse[:, None])
        across = self.signed * self.transverse[:, None] / r
        x, y = np.cos(self.azimuth)[:, None], np.sin(self.azimuth)[:, None]
        return np.stack([across * x, across * y, -self.signed * self.fields / r], axis=2)

    def growth(self, share: Floats) -> Floats:
        """``(n,)`` growth rates."""
        result = np.zeros(len(self.coupling))
        for k, (vectors, mu) in enumerate(zip(self.polarization(), self.coupling, strict=True)):
            if (self.signed[k] < 0).any():  # otherwise stable
                p = self.transverse[k]
                x, y = np.cos(self.azimuth[k]), np.sin(self.azimuth[k])
                h = [np.array([p * x, p * y, -a]) for a in self.fields[k]]
                result[k] = linear_growth(vectors, share, mu * np.array(h), mu)
        return result


@dataclass
class Branch:
    """Follows a root: the lengths by their rates, (s, q) by Newton's method at every node.

    On every panel A_i, the directions of all P_i, s, q and Omega are polynomials to rounding, which
    also says that all nodes lie on one branch.
    """

    groups: Groups
    along: float  # Pbar_B
    signed: Floats
    root: Root
    azimuth: float
    time: float
    _slope: float = field(default=0.0, init=False)
    _q: float = field(default=0.0, init=False)
    _slope_q: float = field(default=0.0, init=False)
    _end: float = field(default=0.0, init=False)  # q at which the branch has come to lie along B
    _lags: list[tuple[Floats, Floats]] = field(default_factory=list, init=False)
    _lag: Floats | float = field(default=0.0, init=False)  # at the end of the panel before

    def __post_init__(self) -> None:
        self._q = self.root.transverse**2
        self._end = _ALONG_B**2 * self._q

    def follow(self, times: Floats, check: bool, progress: Progress) -> States:
        """The states at increasing times; an end or an instability before the last one is an error.

        Args:
            times: at or after the start.
            check: False: go on where deviations grow.
            progress: called with the fraction done.
        """
        end = float(times[-1])
        parts = [self._states(self._at_start(), times[times <= self.time])]
        corners, longest = self.groups.corners(self.time, end)
        first = 1.0 / self.groups.coupling(np.array([self.time]))[0]
        begin, done = self.time, len(parts[0].coupling)
        try:
            for panel in panels(self._solve, self.time, end, corners, first, longest):
                self._check_end(panel, end)
                if check:
                    self._check_growth(panel, end)
                here = times[done:][times[done:] <= panel.stop]
                self._add_lags(panel, here, end)
                if len(here):
                    parts.append(self._states(panel, here))
                    done += len(here)
                self._move(panel)
                report(progress, (panel.stop - begin) / max(end - begin, 1e-300))
        except LostError as lost:
            raise self._ended(lost.time, "no equilibrium goes on from there") from None
        names = States.__dataclass_fields__
        return States(*(np.concatenate([getattr(s, name) for s in parts]) for name in names))

    def lags(self) -> tuple[Floats, Floats]:
        """Times on the path that was followed, and how far the state lags behind there."""
        times, values = zip(*self._lags, strict=True) if self._lags else ((), ())
        empty = np.empty(0)
        return np.concatenate([empty, *times]), np.concatenate([empty, *values])

    def _add_lags(self, panel: Panel, samples: Floats, end: float) -> None:
        """``|dn_i/dt - C_i/A_i| / |H_i|`` in the plane of B and Pbar, which turns with Omega."""
        groups, length = len(self.signed), panel.stop - panel.start
        nodes = panel.start + length * NODES
        mu = self.groups.coupling(nodes)
        offset = quasi_steady.offsets(self.groups.omega, self.root.reference, mu)
        p = np.sqrt(np.maximum(panel.values[:, groups + 1, None], 0.0))  # below 0 by rounding
        a = offset - panel.values[:, groups, None]
        r = np.hypot(a, p)
        along, across = a / r, p / r  # of n_i: smooth also where mu goes to 0
        turn = along * (DIFFERENTIATE @ across) - across * (DIFFERENTIATE @ along)
        turn /= length
        toward, aside = (self.along * a + p * p) / r, p * (a - self.along) / r  # of Pbar, about n_i
        signed = panel.values[:, :groups]
        push = self.groups.pace(nodes)[:, None] * aside
        push *= self.groups.rate - self.groups.regular * signed * toward
        # A_i times the lag is a polynomial, also where A_i passes through 0
        lag = self._lag_of(signed * turn - push, mu[:, None] * r, length)
        behind = Panel(panel.start, panel.stop, lag)
        even = np.linspace(panel.start, min(panel.stop, end), _POINTS)
        times = np.concatenate([even, samples])
        length_of = panel.at(times)[:, :groups]
        self._lags.append((times, largest(behind.at(times), length_of)))

    def _lag_of(self, rate: Floats, size: Floats, length: float) -> Floats:
        """rate / size; where H_i all but vanishes, no more than ``n_i`` sweeps.

        There, as where mu goes to 0, a state stays where it is while ``n_i`` moves on.
        """
        swept = self._lag + abs(rate).max(axis=0) * length
        with np.errstate(divide="ignore", invalid="ignore"):
            lag = rate / size
        still = (size * length < _STILL) & ~(abs(lag) <= swept) & bool(self._lags)
        lag = np.where(still, np.copysign(swept, rate), lag)
        self._lag = abs(lag[-1])
        return lag

    # a panel holds A_i, s, q, Omega x length, azimuth from its start on, and a_i/r_i, in this order

    def _solve(self, start: float, stop: float) -> Panel | None:
        length = stop - start
        times = start + length * NODES
        mu = self.groups.coupling(times)
        offset = quasi_steady.offsets(self.groups.omega, self.root.reference, mu)
        x = np.empty((len(NODES), 2))
        x[:, 0] = self.root.shift + self._slope * (times - start)
        x[:, 1] = np.maximum(self._q + self._slope_q * (times - start), 0.5 * self._q)
        x[0] = self.root.shift, self._q
        signed = np.tile(self.signed, (len(NODES), 1))
        for _ in range(30):
            x, good = quasi_steady.polish(x, self.groups.share * signed, offset, self.along)
            if not good.all():
                return None
            if not self.groups.rate:
                break
            change = self._change(signed, x, offset, times)
            new = self.signed + length * (INTEGRATE @ change)
            moved = abs(new - signed).max()
            signed = new
            if moved < 1e-15:
                break
        else:
            return None
        a, q = offset - x[:, :1], x[:, 1:]
        omega = self._precession(x, mu)
        turned = -length * (INTEGRATE @ omega)
        columns = [signed, x, length * omega[:, None], turned[:, None], a / np.sqrt(a * a + q)]
        return Panel(start, stop, np.concatenate(columns, axis=1))

    def _change(self, signed: Floats, x: Floats, offset: Floats, times: Floats) -> Floats:
        """dA_i/dt through entanglement."""
        a, q = offset - x[:, :1], x[:, 1:]
        toward = (self.along * a + q) / np.sqrt(a * a + q)  # Pbar.P_i / A_i
        change = self.groups.rate * (toward - signed)
        change -= self.groups.regular * signed * (toward**2 - self.along**2 - q)
        result: Floats = self.groups.pace(times)[:, None] * change
        return result

    def _precession(self, x: Floats, mu: Floats) -> Floats:
        result: Floats = self.groups.omega[self.root.reference] + mu * (x[:, 0] + self.along)
        return result

    def _at_start(self) -> Panel:
        start = [self.root.shift, self._q, 0.0, 0.0]
        row = np.concatenate([self.signed, start, np.zeros(len(self.signed))])
        return Panel(self.time, self.time + 1.0, np.tile(row, (DEGREE + 1, 1)))

    def _states(self, panel: Panel, times: Floats) -> States:
        groups = len(self.signed)
        values = panel.at(times)
        signed, x, azimuth = (
            values[:, :groups],
            values[:, groups : groups + 2],
            values[:, groups + 3],
        )
        mu = self.groups.coupling(times)
        offset = quasi_steady.offsets(self.groups.omega, self.root.reference, mu)
        better, good = quasi_steady.polish(x, self.groups.share * signed, offset, self.along)
        x = np.where(good[:, None], better, x)
        return States(
            signed,
            self._precession(x, mu),
            np.sqrt(np.maximum(x[:, 1], 0.0)),
            self.azimuth + azimuth,
            offset - x[:, :1],
            mu,
        )

    def _move(self, panel: Panel) -> None:
        """To the end of a panel; from there on Omega is counted from the nearest omega_k."""
        groups = len(self.signed)
        last = panel.values[-1]
        self.signed, self.time = last[:groups], panel.stop
        self.azimuth = float(np.remainder(self.azimuth + last[groups + 3], 2 * np.pi))
        self._q = float(last[groups + 1])
        slope = (last - panel.values[-2]) / ((panel.stop - panel.start) * (NODES[-1] - NODES[-2]))
        self._slope, self._slope_q = float(slope[groups]), float(slope[groups + 1])
        mu = self.groups.coupling(np.array([panel.stop]))
        offset = quasi_steady.offsets(self.groups.omega, self.root.reference, mu)[0]
        shift = float(last[groups])
        nearest = int(np.argmin(abs(offset - shift)))
        if nearest != self.root.reference:
            shift, self._slope = shift - float(offset[nearest]), 0.0
        self.root = replace(self.root, reference=nearest, shift=shift)

    def _check_end(self, panel: Panel, end: float) -> None:
        groups = len(self.signed)
        low = np.flatnonzero(panel.values[:, groups + 1] < self._end)
        if len(low) == 0:
            return
        high = panel.start + (panel.stop - panel.start) * NODES[low[0]]

        def above(time: float) -> bool:
            return float(self._states(panel, np.array([time])).transverse[0]) ** 2 > self._end

        time = last_time(above, panel.start, float(high))
        if time <= end:
            raise self._ended(time, "all P_i come to lie along B")

    def _check_growth(self, panel: Panel, end: float) -> None:
        times = panel.start + (panel.stop - panel.start) * NODES[[DEGREE // 2, DEGREE]]
        states = self._states(panel, times)
        growth = states.growth(self.groups.share)
        bad = np.flatnonzero(unstable(growth, states.coupling))
        if len(bad) == 0:
            return

        def stable(time: float) -> bool:
            state = self._states(panel, np.array([time]))
            return not unstable(state.growth(self.groups.share), state.coupling)[0]

        time = last_time(stable, panel.start, float(times[bad[0]]))
        if time <= end:
            raise self._ended(time, "small deviations grow from there on", force=True)

    def _ended(self, time: float, reason: str, force: bool = False) -> QnuError:
        pattern = tuple(int(s) for s in np.where(self.signed < 0, -1, 1))
        return ended(f"branch eps = {pattern}", time, reason, force)


def ended(branch: str, time: float, reason: str, force: bool = False) -> QnuError:
    """A branch that does not reach the last sample."""
    more = ", or force=True" if force else ""
    allowed = f"sample times before its end ({reason}: the branch ends at t = {time:.6g}){more}"
    return QnuError("miscidynamics", branch, allowed)
