"""The simplest OILE: always a fresh copy of one neutrino."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from ..common.checks import Floats, integer, number, seed_sequence, whole
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import COUNT, POSITIVE, Count, Positive, key
from ..profiles import Profile
from ._checks import PER_ROW, at_least_two, checked_gamma, require_time
from ._undrawn import source_of
from .clock import Clock, checked_mu, swap_angles
from .kinds import ScheduleKind
from .rows import BLOCK, PART, Encounters, Indices, Source, child, encounters, ranges, recipe
from .schedule import EncounterSchedule


def constant_background(
    gas: NeutrinoGas,
    background: int | str,
    gamma: float,
    encounters: int,
    probability: float = 1.0,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""The simplest OILE: repeated encounters with fresh copies of one background neutrino.

    At p = 1 encounters are regular, back to back, each of length
    :math:`t_\mathrm{int} = \gamma/\mu` with vacuum inside; on a quantum computer that is two
    qubits, the partner reset before each encounter. At p < 1 each neutrino meets a copy with
    probability p in each step of :math:`dt = \gamma p/\mu` (a kick in its middle). Every neutrino
    but the background has its own copies: n - 1 of them are n - 1 independent histories. Rows are
    made on demand; at p < 1 in blocks of :math:`2^{22}/(N - 1)` steps, each from its own child of
    the seed (the first from the seed).

    Args:
        gas: the neutrinos of interest and the background neutrino.
        background: number of the background neutrino in the gas, or the name of a group of one.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        encounters: mean number of encounters per neutrino; the time is ``encounters * t_int``.
        probability: p, in (0, 1].
        seed: of the histories drawn at p < 1.
        mu: coupling, a number or a callable of time.
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule, every encounter ``fresh``.

    Raises:
        QnuError: no such background, an argument out of its range. More encounters than an hour
            draws are an error where they are asked for: ``mean_field`` and ``kinetic`` never do.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.0, 0.0])
        >>> schedule = qnu.schedules.constant_background(gas, 1, gamma=0.05, encounters=200)
        >>> len(schedule), schedule.final_time, bool(schedule.fresh.all())
        (200, 10.0, True)
    """
    count = at_least_two(gas)
    partner = _background_index(gas, background)
    gamma = checked_gamma(gas, gamma)
    p = number("probability", probability, above=0.0, high=1.0)
    n = integer("encounters", encounters)
    if not np.isfinite(np.divide(n, p)):
        raise QnuError("probability", p, "a number > 0 with a finite number of steps")
    work = f"{n / p:.3g} steps for each of {count - 1} neutrinos"
    steps = round(n / p)
    mu = checked_mu(mu)
    clock = Clock(mu, gamma * p * steps)
    drawn = seed_sequence(seed)
    settings = {"gamma": gamma, "p": p, "steps": steps, "partner": partner}
    digest = recipe("constant_background", gas, None if p == 1.0 else drawn, **settings)
    source = source_of(
        lambda: Copies(gas, partner, gamma, p, steps, clock, drawn, digest),
        lambda: require_time("encounters", n, PER_ROW * n / p * (count - 1), work),
        steps * p * (count - 1),
        digest,
        partner,
    )
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=clock.time(gamma * p * steps),
        gamma=gamma,
        mu=mu,
        probability=p,
        matter=matter,
        anisotropy=anisotropy,
        kind="constant_background",
    )


def _background_index(gas: NeutrinoGas, background: int | str) -> int:
    if isinstance(background, str):
        sizes = dict(zip(gas.group_names, gas.members, strict=True))
        if background not in sizes or len(sizes[background]) != 1:
            ones = [name for name, members in sizes.items() if len(members) == 1]
            raise QnuError("background", background, f"the name of a group of one: {ones}")
        return int(sizes[background][0])
    return integer("background", background, high=len(gas) - 1)


class Copies(Source):
    """The rows of :func:`constant_background`: blocks of whole steps."""

    fresh = True

    def __init__(
        self,
        gas: NeutrinoGas,
        partner: int,
        gamma: float,
        p: float,
        steps: int,
        clock: Clock,
        seed: np.random.SeedSequence,
        recipe: str,
    ) -> None:
        self._gas, self._partner, self._gamma, self._p = gas, partner, gamma, p
        self._clock, self._seed, self.recipe, self.background = clock, seed, recipe, partner
        self.expected = None if p == 1.0 else steps * p * (len(gas) - 1)
        self._blocks = ranges(steps, max(BLOCK // (len(gas) - 1), 1))
        self.blocks = len(self._blocks)
        self.duration = clock.step(gamma) if p == 1.0 else 0.0

    def _steps(self, number: int) -> Iterator[tuple[int, int, Indices]]:
        """Ranges of steps, and ``step (N-1) + k`` of every encounter of neutrino k in them."""
        others, rng = len(self._gas) - 1, child(self._seed, number)
        begin, end = self._blocks[number]
        for a, b in ranges(end - begin, max(PART // others, 1)):
            flat = np.arange((b - a) * others)
            if self._p < 1.0:
                flat = flat[rng.random(flat.size) < self._p]
            yield begin + a, begin + b, flat

    def sizes(self) -> Indices:
        if self._p == 1.0:
            return np.array([(b - a) * (len(self._gas) - 1) for a, b in self._blocks], np.int64)
        sizes = [sum(len(x[2]) for x in self._steps(b)) for b in range(self.blocks)]
        return np.array(sizes, np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        others, phase = len(self._gas) - 1, self._gamma * self._p
        for a, b, flat in self._steps(number):
            step, first = flat // others, (flat % others).astype(np.int32)
            first += first >= self._partner
            second = np.full(first.size, self._partner, np.int32)
            angle = swap_angles(self._gas, first, second, self._gamma)
            length: Floats | float = 0.0
            if self._p == 1.0:
                bounds = self._clock.times(phase * np.arange(a, b + 1))
                start = bounds[:-1]
                length = np.diff(bounds)[step] if self.duration is None else self.duration
            else:
                start = self._clock.times(phase * (np.arange(a, b) + 0.5))
            yield encounters(first, second, angle, start[step], length, fresh=True)


_BACKGROUND = "the number of a neutrino (from 0) or the name of a group of one"


def _index_or_name(value: Any, info: ValidationInfo) -> Any:
    count = whole(value)
    if count is None and not isinstance(value, str):
        raise QnuError(str(info.field_name), value, _BACKGROUND)
    return value if count is None else count


class ConstantBackgroundKind(ScheduleKind):
    """Fresh copies of one neutrino as partners (:func:`qnu.schedules.constant_background`)."""

    kind: Literal["constant_background"]
    background: Annotated[
        Any,
        BeforeValidator(_index_or_name),
        WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]}),
    ] = key(_BACKGROUND)
    gamma: Positive = key(POSITIVE)
    encounters: Count = key(COUNT, meaning="per neutrino")
    probability: float = key(
        "a finite number > 0 and <= 1", 1.0, "of an encounter in a step; 1: regular", gt=0, le=1
    )

    generate = staticmethod(constant_background)
    seeded: ClassVar[bool] = True

    def draws(self) -> bool:
        """Not where encounters are regular."""
        return self.probability < 1.0

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """For each of the others, with the steps in between."""
        return float(self.encounters) * (len(gas) - 1 + 1 / self.probability)
