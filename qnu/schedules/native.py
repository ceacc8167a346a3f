"""Random encounters between neighbours on a device, which plays them without an extra gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from ..common import memory
from ..common.checks import LARGEST_INTEGER, Floats, choice, number, seed_sequence, whole_numbers
from ..encounter import checked_anisotropy
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import POSITIVE, Positive, Probability, Whole, key
from ..profiles import Profile
from . import wiring
from ._checks import at_least_two, checked_gamma, require_time
from .clock import Clock, checked_mu, swap_angles
from .kinds import ScheduleKind
from .rows import Indices, Listed, encounters, recipe
from .schedule import EncounterSchedule

_BYTES_PER_ENCOUNTER = 64
_BYTES_PER_PAIR = 8
#: Rounds per encounter of a neutrino, about, where every pair of a round meets.
_ROUNDS_PER_ENCOUNTER = 2.6
#: Seconds that a coupler of a round takes, about.
_PER_COUPLER = 1e-7
#: Random numbers drawn at a time, about.
_AT_ONCE = 1 << 18


def native(
    gas: NeutrinoGas,
    gamma: float,
    coupling: Any,
    encounters_per_neutrino: float,
    seed: int | np.random.SeedSequence | None = None,
    mu: Profile = 1.0,
    *,
    prefer: str = "strangers",
    trade: float = 1.0,
    share: float = 1.0,
    sites: ArrayLike | Sequence[int] | None = None,
    vacuum: str = "between",
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Rounds of :math:`dt = \gamma p/\mu(t)`; in each, neighbours on a device meet and may swap
    places.

    Their swap angle is :math:`\theta = \gamma\,(1 - \mathbf v\cdot\mathbf v')`.
    Every neutrino is on a site of a device. In every round couplers are taken one by one, in a
    random order, if both of their sites are still free. The two neutrinos of an encounter may be
    swapped, which costs a quantum computer no further gate, so that neutrinos move and meet others:
    three two-qubit gates per encounter, nothing else.

    With ``prefer="strangers"`` couplers whose two neutrinos have met least often come first, and no
    two meet again before one of them has met another. That and ``trade=1`` (the defaults) mix
    best: on a heavy hex or a square lattice at least as many pairs have met as if partners were
    drawn from the whole gas (docs/how-to/native.md).

    p is the share of neutrinos that meet in a round, on average over the rounds drawn (about 0.76
    on a heavy hex, 0.88 on a square lattice), so the mean time between the encounters of a neutrino
    is :math:`t_\mathrm{int} = \gamma/\mu`, as in :func:`stochastic`. Neutrinos oscillate in vacuum
    all the time. The rows are drawn at once: each depends on those before it.

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        coupling: couplers of the device as pairs of sites, a Qiskit ``CouplingMap`` (anything with
            ``get_edges()``), or one made for the size of the gas: ``"line"``, ``"ring"``,
            ``"grid"`` or ``"heavy_hex"``.
        encounters_per_neutrino: on average; N/2 times as many encounters in all.
        seed: of the pairs drawn, and of the initial sites.
        mu: coupling, a number or a callable of time.
        prefer: ``"strangers"``, or ``"anybody"``: couplers in a uniform random order.
        trade: probability that the two neutrinos of an encounter swap places.
        share: probability that a pair meets whose coupler was taken.
        sites: ``(N,)`` where neutrino k starts; default: sites close together, neutrinos placed at
            random.
        vacuum: ``"between"``: encounters are kicks in the middle of their round;
            ``"inside"``: vacuum acts inside the gate for the whole round.
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        the schedule; ``schedule.wiring`` has the couplers, sites and swaps, and
        ``schedule.probability`` is p.

    Raises:
        QnuError: an argument out of its range, fewer connected sites than neutrinos.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Hall et al. (2102.12556) for free swaps.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.0] * 10)
        >>> schedule = qnu.schedules.native(gas, 0.01, "heavy_hex", 20, seed=3)
        >>> len(schedule), schedule.final_time, len(schedule.wiring.sites)
        (100, 0.2, 10)
    """
    count = at_least_two(gas)
    anisotropy, gamma = checked_anisotropy(anisotropy), checked_gamma(gas, gamma)
    each = number("encounters_per_neutrino", encounters_per_neutrino, above=0.0)
    wanted = count * each / 2
    least = int(min(_BYTES_PER_ENCOUNTER * wanted, LARGEST_INTEGER))
    memory.require("encounters_per_neutrino", each, least)
    n = max(round(wanted), 1)
    mu = checked_mu(mu)
    strangers = choice("prefer", prefer, ("strangers", "anybody")) == "strangers"
    trade = number("trade", trade, low=0.0, high=1.0)
    share = number("share", share, above=0.0, high=1.0)
    inside = choice("vacuum", vacuum, ("between", "inside")) == "inside"
    need = _BYTES_PER_ENCOUNTER * n + _BYTES_PER_PAIR * count**2 * strangers
    memory.require("encounters_per_neutrino", f"{n} encounters of {count} neutrinos", need)
    drawn = seed_sequence(seed)
    rng = np.random.default_rng(drawn)
    edges = wiring.couplers(coupling, count)
    where = _initial_sites(edges, sites, count, rng)
    used = edges[np.isin(edges, where).all(axis=1)]
    rounds = float(np.divide(_ROUNDS_PER_ENCOUNTER * n / count, share))
    work = f"about {rounds:.3g} rounds of {len(used)} couplers"
    require_time("share", share, _PER_COUPLER * rounds * len(used), work)
    first, second, swapped, sizes = _drawn(used, where, n, strangers, (share, trade), rng)
    p = 2 * n / (count * len(sizes))
    clock = Clock(mu, gamma * p * len(sizes))
    start, length = _times(clock, gamma * p, sizes, inside)
    angle = swap_angles(gas, first, second, gamma)
    source = Listed(encounters(first, second, angle, start, length))
    settings: dict[str, Any] = {"n": n, "prefer": prefer, "trade": trade, "share": share}
    settings |= {"edges": used.tolist(), "sites": where.tolist(), "inside": inside}
    source.recipe = recipe("native", gas, drawn, gamma=gamma, **settings)
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=clock.time(gamma * p * len(sizes)),
        gamma=gamma,
        mu=mu,
        probability=p,
        matter=matter,
        anisotropy=anisotropy,
        kind="native",
        wiring=wiring.Wiring(used, where, swapped),
    )


def _initial_sites(edges: Indices, sites: Any, count: int, rng: np.random.Generator) -> Indices:
    """The site of every neutrino: as given, or at random in a region."""
    if sites is None:
        return rng.permutation(wiring.region(edges, count))
    allowed = f"{count} different sites of the device, connected by its couplers"
    where = whole_numbers("sites", sites, (count,), allowed=allowed)
    if len(np.unique(where)) < count or not np.isin(where, edges).all():
        raise QnuError("sites", where.tolist(), allowed)
    inner = np.searchsorted(np.sort(where), edges[np.isin(edges, where).all(axis=1)])
    if len(inner) == 0:
        raise QnuError("sites", where.tolist(), allowed)
    try:
        wiring.region(inner, count)
    except QnuError:
        raise QnuError("sites", where.tolist(), allowed) from None
    return where


def _drawn(
    edges: Indices,
    where: Indices,
    n: int,
    strangers: bool,
    chances: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Indices, Indices, Indices, Indices]:
    """First and second neutrino of n encounters, whether they are swapped, encounters per round."""
    from .kernels import draw_neighbors

    count = len(where)
    links = np.searchsorted(np.sort(where), edges)
    on = np.argsort(where)  # the neutrino on every site
    met = np.zeros((count, count) if strangers else (0, 0), np.int64)
    last = np.full(len(met), -1)
    first, second = np.empty(n, np.int32), np.empty(n, np.int32)
    swapped = np.empty(n, np.bool_)
    rounds = max(_AT_ONCE // (3 * len(links)), 1)
    sizes: list[Indices] = []
    done = 0
    while done < n:
        numbers = rng.random((rounds, 3, len(links)))
        rest = (first[done:], second[done:], swapped[done:])
        played, more, per_round = draw_neighbors(
            links, on, met, last, numbers, n - done, chances, *rest
        )
        sizes.append(per_round[:played])
        done += more
    return first, second, swapped, np.concatenate(sizes)


def _times(
    clock: Clock, step: float, sizes: Indices, inside: bool
) -> tuple[Floats, Floats | float]:
    """When every encounter starts and how long it takes."""
    rounds = np.arange(len(sizes))
    if not inside:
        return np.repeat(clock.times(step * (rounds + 0.5)), sizes), 0.0
    bounds = clock.times(step * np.arange(len(sizes) + 1))
    length: Floats | float | None = clock.step(step)
    if length is None:
        length = np.repeat(np.diff(bounds), sizes)
    return np.repeat(bounds[:-1], sizes), length


def _coupling(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, str):
        return choice(field, value, wiring.NAMES)
    return wiring.couplers(value, 0).tolist()


class NativeKind(ScheduleKind):
    """Random neighbors on a device, which plays it without an extra gate
    (:func:`qnu.schedules.native`).
    """

    kind: Literal["native"]
    gamma: Positive = key(POSITIVE)
    coupling: Annotated[Any, BeforeValidator(_coupling), WithJsonSchema(wiring.JSON_SCHEMA)] = key(
        wiring.ALLOWED, meaning="a name is made for the size of the gas"
    )
    encounters_per_neutrino: Positive = key(POSITIVE)
    prefer: Literal["strangers", "anybody"] = key(
        "'strangers' or 'anybody'", "strangers", '`"strangers"`: pairs that met least often first'
    )
    trade: Probability = key(
        "a finite number >= 0 and <= 1", 1.0, "how likely two that met exchange places"
    )
    share: float = key(
        "a finite number > 0 and <= 1", 1.0, "share of the drawn pairs that meet", gt=0, le=1
    )
    sites: list[Whole] | None = key(
        "a list of sites, one per neutrino", None, unset="close together, drawn"
    )
    vacuum: Literal["inside", "between"] = key(
        "'inside' or 'between'", "between", "where vacuum oscillation acts"
    )

    generate = staticmethod(native)
    seeded: ClassVar[bool] = True

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """Two neutrinos share an encounter."""
        return self.encounters_per_neutrino * len(gas) / 2
