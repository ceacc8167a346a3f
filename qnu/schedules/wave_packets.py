"""Wave packets on straight lines in a periodic box: an encounter is a passage of two of them."""

from __future__ import annotations

import hashlib
import math
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema, model_validator

from ..common import memory
from ..common.checks import Floats, choice, floats, integer, number, number_or_floats, seed_sequence
from ..errors import QnuError, Words
from ..gas import NeutrinoGas
from ..keys import (
    ONE_OR_LIST,
    POSITIVE_TIME,
    Count,
    NumberOrList,
    PositiveTime,
    TimeOrList,
    context_of,
    key,
)
from ..profiles import Profile, evaluate
from ..units.reading import is_text_or_quantity
from ._checks import PER_ROW, at_least_two, require_time
from ._packet_box import Packets
from ._packet_rows import BYTES_PER_ROW, Kicks, Slices, gates
from ._undrawn import source_of
from .clock import Clock, checked_mu, phase_at, phases_at
from .kinds import ScheduleKind
from .rows import Source, recipe
from .schedule import EncounterSchedule

_SIZES = ("box", "width", "gamma")
_TWO = f"two of {', '.join(_SIZES)}"
_8_PI = 8 * math.pi
#: Seconds that a slice of one pair takes in a Fourier series, per wave.
_PER_WAVE = 1e-8
_BYTES_PER_PACKET = 400
_CUTOFF = 4.0
#: Lengths in units of 1/mu, so that the sixth power of one, and volumes, are finite numbers.
_SHORTEST, _LONGEST = 1e-50, 1e50
_KM_PER_FM = 1e-18


def wave_packets(
    gas: NeutrinoGas,
    duration: float,
    *,
    box: float | ArrayLike | None = None,
    width: float | ArrayLike | None = None,
    gamma: float | None = None,
    ratio: float | ArrayLike = 1.0,
    positions: ArrayLike | None = None,
    slices: int | None = None,
    vacuum: str = "between",
    cutoff: float = _CUTOFF,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Gaussian packets that fly on straight lines at light speed, and exchange flavor where they
    overlap.

    A packet has the rms size :math:`s_T` across and :math:`s_L` along its velocity, so its
    covariance is
    :math:`S_i = s_T^2\,(1 - \mathbf v\mathbf v^T) + s_L^2\,\mathbf v\mathbf v^T`. With
    :math:`S = S_i + S_j`, :math:`\mathbf u = \mathbf v_i - \mathbf v_j` and the separation
    :math:`\mathbf d`, one passage has the swap angle

    .. math::
        \theta = \sqrt2\,G_F\,\frac{(1 - \mathbf v_i\cdot\mathbf v_j)\,e^{-q/2}}
        {2\pi\sqrt{\det S\;\mathbf u^T S^{-1}\mathbf u}},\qquad
        q = \mathbf d^T S^{-1}\mathbf d
        - \frac{(\mathbf u^T S^{-1}\mathbf d)^2}{\mathbf u^T S^{-1}\mathbf u},

    and :math:`\sqrt2\,G_F = \mu V/N` in a box of volume V. The overlap is a Gaussian in time about
    the closest approach :math:`t^*` with the rms :math:`(\mathbf u^T S^{-1}\mathbf u)^{-1/2}`. Of a
    passage that the beginning or the end of the run cuts, the part inside counts. All periodic
    images count. Parallel packets exchange nothing.

    The mean field is :math:`\mu\,(1 - \mathbf v_i\cdot\mathbf v_j)/N` of every pair, for packets of
    any shape; arrivals are random, p = 0 in the kinetic equation.

    - By default every passage is one kick at :math:`t^*` (of a part: at its mean time). That is
      right for packets that meet one at a time: much smaller than their distance.
    - ``vacuum="inside"``: a gate with vacuum inside from :math:`t^* - \sqrt3\,\sigma` on for
      :math:`2\sqrt3\,\sigma`, the uniform distribution with the same rms; an error where two gates
      of one neutrino overlap.
    - ``slices=n``: the overlap of every pair is cut into n equal slices of the run, and every slice
      is a Trotter product of order 2, sampled at whole slices. Right for packets of any size;
      those that fill the box give plane waves. ``many_body`` estimates the error of the slices.

    Lengths are in units of time (c = 1), those of 1/mu. Where mu changes, packets keep their size
    and the density changes: they move by :math:`\int\mu\,dt/\mu(0)`, and :math:`\gamma` is
    constant.

    Args:
        gas: N >= 2 neutrinos with velocities (``"right-angle"`` has none).
        duration: final time, in units of 1/mu.
        box: side of a cube, or three sides.
        width: :math:`s_T`, or one per neutrino.
        gamma: :math:`\mu V/(8\pi N s_T^2)`. Exactly two of box, width and gamma.
        ratio: :math:`s_L/s_T`, or one per neutrino.
        positions: ``(N, 3)`` at t = 0; default: drawn uniformly.
        slices: how many time slices; default: none.
        vacuum: ``"between"`` or ``"inside"``.
        cutoff: passages at more than so many rms sizes of the relative position
            (:math:`q > \mathrm{cutoff}^2`) are left out, with
            :math:`e^{-\mathrm{cutoff}^2/2}` of the mean field and
            :math:`e^{-\mathrm{cutoff}^2}` of the entanglement. Not of slices of packets of a
            quarter of the box and more, which are exact.
        seed: of the positions drawn.
        mu: coupling, a number or a callable of time.
        matter: lambda_e, a number or a callable of time.
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule, with p = 0, and, where all packets are alike, gamma and
        ``packet_ratio``. Its rows are made on demand.

    Raises:
        QnuError: an argument out of its range, a gas without velocities, overlapping gates. More
            passages than an hour finds are an error where they are asked for.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 50, omega=[0.0] * 50, velocities="isotropic",
        ...                       velocity=qnu.testing.random_gas(50, seed=1).velocity)
        >>> schedule = qnu.schedules.wave_packets(gas, 2.0, width=0.001, gamma=0.05, seed=1)
        >>> schedule.gamma, schedule.packet_ratio, len(schedule)
        (0.05, 1.0, 5230)
    """
    count = at_least_two(gas)
    final_time, mu = number("duration", duration, above=0.0), checked_mu(mu)
    pace = float(evaluate(mu, np.zeros(1), "mu")[0]) if callable(mu) else mu
    sides, across, gamma = _sizes(count, pace, box, width, gamma)
    with np.errstate(over="ignore"):  # an infinite one is refused
        along = across * _positive("ratio", ratio, count)
    _finite_length("ratio", along, pace)
    cutoff = number("cutoff", cutoff, low=1.0, high=20.0)
    pieces = None if slices is None else integer("slices", slices, low=1)
    inside = choice("vacuum", vacuum, ("between", "inside")) == "inside"
    if inside and pieces is not None:
        raise QnuError("vacuum", vacuum, "'between' with slices")
    place = _positions(count, sides, positions, seed_sequence(seed))
    packets = _packets(gas, place, across, along, sides, pace, cutoff, phase_at(mu, final_time))
    how: dict[str, Any] = {"end": final_time, "slices": pieces, "inside": inside, "cutoff": cutoff}
    digest = recipe("wave_packets", gas, shape=_digest(packets), **how)
    clock = Clock(mu, packets.end, final_time)

    def times(phases: Floats) -> Floats:
        return np.minimum(clock.times(phases), final_time)

    def make() -> Source:
        if pieces is not None:
            return Slices(packets, times, digest, partial(phases_at, mu), pieces, final_time)
        return gates(packets, times, digest) if inside else Kicks(packets, times, digest)

    expected = packets.expected if pieces is None else _sliced(packets, pieces)
    source = source_of(make, partial(_check, packets, pieces, gamma), expected, digest)
    source.packets = packets
    alike = bool(np.ptp(across) == 0 and np.ptp(along) == 0)
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=final_time,
        gamma=gamma if alike else None,
        mu=mu,
        probability=0.0,
        matter=matter,
        anisotropy=anisotropy,
        kind="wave_packets",
        trotter=None if pieces is None else (pieces, 2),
        packet_ratio=float(along[0] / across[0]) if alike else None,
    )


def _sizes(
    count: int, mu: float, box: Any, width: Any, gamma: Any
) -> tuple[Floats, Floats, float | None]:
    """Sides, the widths and gamma, of two of them."""
    given = [n for n, value in zip(_SIZES, (box, width, gamma), strict=True) if value is not None]
    if len(given) != 2:
        found = Words(" and ".join(given) if given else "none of them")
        raise QnuError(_first_missing(given), found, f"exactly {_TWO}")
    if gamma is not None:
        gamma = number("gamma", gamma, above=0.0, high=1e100)
    across = None if width is None else _positive("width", width, count)
    sides = None if box is None else _positive("box", box, 3)
    for field, lengths in (("width", across), ("box", sides)):
        if lengths is not None:
            _finite_length(field, lengths, mu)
    if sides is None:
        assert across is not None
        assert gamma is not None
        if np.ptp(across):
            raise QnuError("gamma", gamma, "box with widths that differ: gamma belongs to one")
        volume = _8_PI * count * float(across[0]) ** 2 * gamma / mu
        sides = np.full(3, volume ** (1 / 3))
        _finite_length("gamma", sides, mu)
        return sides, across, gamma
    volume = float(np.prod(sides))
    if across is None:
        across = np.full(count, math.sqrt(mu * volume / (_8_PI * count * gamma)))
        _finite_length("gamma", across, mu)
        return sides, across, gamma
    return sides, across, mu * volume / (_8_PI * count * float(across[0]) ** 2)


def _first_missing(given: list[str]) -> str:
    """Of which argument the error is: one too many, or one that is missing."""
    return (
        given[-1]
        if len(given) == 3
        else next(n for n in ("gamma", "width", "box") if n not in given)
    )


def _positive(field: str, value: Any, count: int) -> Floats:
    """``(count,)`` numbers > 0, from one number or as many."""
    found: Any = number_or_floats(field, value, count)
    found = np.full(count, found) if isinstance(found, float) else np.asarray(found)
    if not (found > 0).all():
        k = int(np.argmin(found > 0))
        name = field if np.ndim(value) == 0 else f"{field}[{k}]"
        raise QnuError(name, float(found[k]), "a finite number > 0")
    return np.ascontiguousarray(found, dtype=np.float64)


def _finite_length(field: str, lengths: Floats, mu: float) -> None:
    """An error where lengths that an argument gives are beyond what can be multiplied."""
    with np.errstate(over="ignore"):
        wrong = ~((lengths * mu >= _SHORTEST) & (lengths * mu <= _LONGEST))
    if wrong.any():
        raise QnuError(
            field,
            Words(f"a length of {lengths[np.argmax(wrong)]:g}"),
            f"lengths from {_SHORTEST:g} to {_LONGEST:g} of 1/mu",
        )


def _positions(count: int, sides: Floats, positions: Any, seed: np.random.SeedSequence) -> Floats:
    """``(N, 3)``, drawn uniformly where none are given."""
    if positions is not None:
        return floats("positions", positions, (count, 3))
    return np.random.default_rng(seed).random((count, 3)) * sides


def _packets(
    gas: NeutrinoGas,
    positions: Floats,
    across: Floats,
    along: Floats,
    sides: Floats,
    mu: float,
    cutoff: float,
    end: float,
) -> Packets:
    """Packets in phases: lengths times mu(0)."""
    if gas.velocity is None:
        raise QnuError(
            "gas",
            Words("velocities = 'right-angle', which are no directions"),
            "velocities along which packets fly: 'isotropic', or a `direction` for every group",
        )
    memory.require("gas", f"{len(gas)} neutrinos", _BYTES_PER_PACKET * len(gas))
    velocity = gas.velocity / np.linalg.norm(gas.velocity, axis=1, keepdims=True)
    place = np.mod(positions, sides)
    place = np.where(place >= sides, 0.0, place)  # where rounding went up
    return Packets(mu * place, velocity, mu * across, mu * along, mu * sides, cutoff, end, mu)


def _digest(packets: Packets) -> str:
    """Of everything that decides who passes whom, but for the velocities."""
    digest = hashlib.sha256()
    for array in (packets.position, packets.across, packets.along, packets.sides):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _sliced(packets: Packets, slices: int) -> float:
    """Rows of slices, about."""
    count = len(packets)
    if packets.large:
        return float(count * (count - 1) * slices)
    per_phase, under_way = packets.crossings
    return 2 * (per_phase * packets.end + under_way / 2 * slices)


def _check(packets: Packets, slices: int | None, gamma: float | None) -> None:
    """An error where finding the passages takes longer than an hour."""
    expected, seconds = packets.expected, packets.seconds
    what = f"{expected:.3g} passages of wave packets"
    if slices is not None:
        rows = _sliced(packets, slices)
        if packets.large:
            memory.require("slices", slices, int(BYTES_PER_ROW * rows / slices))
        each = _PER_WAVE * len(packets.waves) if packets.large else PER_ROW
        seconds = (0.0 if packets.large else seconds) + 20 * PER_ROW * rows + each * rows / 2
        what = f"{rows:.3g} encounters in slices"
    value = Words("unlike packets") if gamma is None else gamma
    require_time("gamma", value, seconds, what)


def _lengths(value: Any, info: ValidationInfo) -> Any:
    """``positions``: rows of three numbers, or texts with units."""
    if not isinstance(value, list):
        raise QnuError("positions", value, "a list of [x, y, z]")
    units = context_of(info).units

    def one(item: Any, k: int) -> Any:
        return units.time(item, f"positions[{k}]") if is_text_or_quantity(item) else item

    return [
        [one(x, k) for x in row] if isinstance(row, list) else row for k, row in enumerate(value)
    ]


_Positions = Annotated[
    Any,
    BeforeValidator(_lengths),
    WithJsonSchema({"type": "array", "items": {"type": "array", "items": ONE_OR_LIST["anyOf"][0]}}),
]
_VACUUM = "where vacuum oscillation acts"
_LENGTH = "a finite number > 0 (of 1/mu, c = 1) or a text with a unit, such as '2 km'"


class WavePacketsKind(ScheduleKind):
    """Gaussian packets in a periodic box (:func:`qnu.schedules.wave_packets`)."""

    kind: Literal["wave_packets"]
    duration: PositiveTime = key(POSITIVE_TIME)
    box: TimeOrList | None = key(f"{_LENGTH}, or a list of three", None, "side of a cube, or sides")
    width: TimeOrList | None = key(
        f"{_LENGTH}, or a list with one per neutrino", None, "rms size across the velocity, s_T"
    )
    gamma: float | None = key(
        "a finite number > 0", None, "mu V/(8 pi N s_T^2); two of box, width, gamma", gt=0
    )
    ratio: NumberOrList = key(
        "a finite number > 0, or a list with one per neutrino", 1.0, "s_L/s_T"
    )
    positions: _Positions | None = key("a list of [x, y, z]", None, "at t = 0", "drawn uniformly")
    slices: Count | None = key(
        "a whole number >= 1",
        None,
        "time slices, for packets that overlap several",
        "one at a time",
    )
    vacuum: Literal["inside", "between"] = key("'inside' or 'between'", "between", _VACUUM)
    cutoff: float = key(
        "a number from 1 to 20",
        _CUTOFF,
        "rms sizes beyond which a passage is left out",
        ge=1,
        le=20,
    )

    generate = staticmethod(wave_packets)
    seeded: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _physical_sizes(cls, given: Any, info: ValidationInfo) -> Any:
        """Where the table has none of the sizes, width and gamma are those of [units]."""
        units = context_of(info).units
        area, unit = units.cross_section, units.mu_per_km
        if not isinstance(given, dict) or set(_SIZES) & set(given) or area is None or unit is None:
            return given
        return {**given, "width": math.sqrt(area / _8_PI) * _KM_PER_FM * unit, "gamma": units.gamma}

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """Passages of isotropic packets; slices are checked where they are made."""
        pace = float(evaluate(self.mu, np.zeros(1), "mu")[0])
        sides, across, _ = _sizes(len(gas), pace, self.box, self.width, self.gamma)
        if self.slices is not None:
            return 0.0
        area = math.pi * self.cutoff**2 * 2 * float(np.mean(across**2))
        density = len(gas) / float(np.prod(sides))
        return phase_at(self.mu, self.duration) / pace * len(gas) / 2 * density * area * 4 / 3

    @classmethod
    def example(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Two of three sizes: small packets, which meet one at a time."""
        lacking = max(2 - len(set(_SIZES) & set(given)), 0)
        small = {"width": 1e-5, "gamma": 0.4}
        names = [name for name in small if name not in given][:lacking]
        return {**given, **{name: small[name] for name in names}}
