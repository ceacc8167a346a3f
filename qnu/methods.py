"""Methods: what turns a gas and a schedule into a Trajectory, and how an experiment file names it.

The file of a solver ends with a subclass of :class:`Method`: its ``[[method]]`` keys are the fields
of the class, and class attributes say how tables and figures show it. To be defined is to be
registered in :data:`METHODS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from .checkpoint import Checkpoint
from .common.checks import Floats
from .common.progress import ProgressFunction
from .common.registry import register
from .common.spelling import did_you_mean
from .errors import QnuError
from .gas import NeutrinoGas
from .group import PROBABLY_ROUNDED
from .keys import Label, Samples, key
from .schedules import EncounterSchedule
from .schedules.match import NO_WEIGHTS
from .trajectory import Trajectory

__all__ = [
    "METHODS",
    "Drawn",
    "LineStyle",
    "Method",
    "MethodInput",
    "Prepared",
    "Surroundings",
    "check_observables",
    "refuse_weights",
    "require_pure",
]


@dataclass(frozen=True)
class LineStyle:
    """How figures draw a method: ``line`` or ``marker``, the other one empty.

    Simulations are wide and pale, theories thin and full: dashes stay visible on a solid line of
    their own color, where theory and simulation agree.

    Args:
        name: what the legend calls it.
        line: a matplotlib line style, "" for none.
        marker: a matplotlib marker, "" for none.
        width: line width in points.
        filled: whether markers are filled (shots) or open (exact).
        pale: how far the color is mixed with white, 0 to 1: wide pale lines lie underneath.
        order: what lies on top of what.
    """

    name: str
    line: str | tuple[float, tuple[float, ...]] = "-"
    marker: str = ""
    width: float = 1.4
    filled: bool = False
    pale: float = 0.0
    order: float = 3.0


@dataclass(frozen=True)
class MethodInput:
    """What a method of an experiment is given, before it runs.

    Args:
        gas: the gas.
        schedule: its schedule.
        times: sample times, checked.
        earlier: sample times of the methods before it, by label.
        seed: where the method is ``seeded``.
    """

    gas: NeutrinoGas
    schedule: EncounterSchedule
    times: Floats
    earlier: Mapping[str, Floats]
    seed: int | None = None


@dataclass(frozen=True)
class Prepared:
    """A method that can run: nothing in it has to be checked again.

    Args:
        times: sample times.
        options: further arguments of the solver.
        start: label of an earlier method and one of its sample times, where the run begins there.
    """

    times: Floats
    options: Mapping[str, Any]
    start: tuple[str, float] | None = None


@dataclass(frozen=True)
class Surroundings:
    """What a running method may use.

    Args:
        earlier: Trajectories of the methods before it, by label.
        progress: called with the fraction done.
        checkpoint: keeps the state, to go on from after an interruption.
    """

    earlier: Mapping[str, Trajectory]
    progress: ProgressFunction | None = None
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True)
class Drawn:
    """What an experiment draws with its seed.

    Args:
        velocities: whether the directions of the neutrinos are drawn.
        encounters: whether who meets whom, or how strongly, is drawn.
        methods: labels of earlier methods whose results depend on the seed.
    """

    velocities: bool
    encounters: bool
    methods: frozenset[str] = frozenset()


@dataclass(frozen=True)
class History:
    """One history of an ensemble: what a method needs to run it.

    Args:
        gas: the gas.
        schedule: its schedule.
        prepared: sample times and arguments of the method.
        earlier: Trajectories of the methods before it, of the same history, by label.
    """

    gas: NeutrinoGas
    schedule: EncounterSchedule
    prepared: Prepared
    earlier: Mapping[str, Trajectory]


#: Every kind of ``[[method]]``, by its name in experiment files.
METHODS: dict[str, type[Method]] = {}


class Method(Samples):
    r"""A ``[[method]]`` table: which solver, and its keys.

    A subclass names its kind (``kind: Literal["..."]``), declares its keys as fields
    (:func:`qnu.keys.key`), and sets ``solve``: a function ``(gas, schedule, times, **keys)`` that
    returns a Trajectory. It is also given ``progress`` and ``checkpoint`` if it takes them.

    Attributes:
        solve: the solver.
        line_style: how figures draw it; default: a plain solid line with the name of the kind.
        reference: where not None, results are exact, and others are compared with the method of
            the lowest number.
        pure_only: True where every neutrino must have :math:`|\mathbf P| = 1`.
        takes_mixed: True where any :math:`|\mathbf P| \le 1` will do; errors of the others name it.
        neglects: ``"encounters"``, ``"matter"``: what the method leaves out on purpose.
        seeded: True where shots (or the like) are drawn: it gets a seed of its own.
        encounters: False where only mu, matter, gamma and the like of the schedule count: if no
            method of a file needs the encounters, there may be any number of them.
    """

    kind: str
    label: Label | None = key(
        "letters, digits, '.', '_' and '-' (it names files), at most 64; default: the kind", None
    )

    solve: ClassVar[Callable[..., Trajectory]]
    line_style: ClassVar[LineStyle | None] = None
    reference: ClassVar[int | None] = None
    pure_only: ClassVar[bool] = False
    takes_mixed: ClassVar[bool] = False
    neglects: ClassVar[tuple[str, ...]] = ()
    seeded: ClassVar[bool] = False
    encounters: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        register(cls, "kind", METHODS)

    @property
    def rows(self) -> Literal["neutrino", "group"]:
        """What a row of the Trajectory is: a neutrino, or the mean of a group."""
        return "neutrino"

    def rows_of(self, prepared: Prepared) -> str:
        """What a row will be, once the gas is known: :attr:`rows`, unless that depends on the gas.

        Args:
            prepared: by :meth:`prepare`.
        """
        del prepared
        return self.rows

    @classmethod
    def reference_of(cls, run: Trajectory) -> int | None:
        """``reference``, or None where this result is not exact.

        Args:
            run: a result of the method.
        """
        del run
        return cls.reference

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Whether the result depends on the seed of the experiment.

        Args:
            drawn: what the experiment draws.
            prepared: by :meth:`prepare`.
        """
        del prepared
        return drawn.encounters or self.seeded

    def own_keys(self) -> dict[str, Any]:
        """The keys that this kind has and others need not have."""
        return {name: getattr(self, name) for name in _own_key_names(type(self))}

    def prepare(self, given: MethodInput) -> Prepared:
        """Checks everything that can be checked before anything runs.

        Args:
            given: gas, schedule and sample times.

        Returns:
            what :meth:`run` needs.

        Raises:
            QnuError: a gas, a schedule or keys that the solver does not take.
        """
        if self.encounters:
            refuse_weights(self.kind, given.gas)
        if self.pure_only:
            require_pure(self.kind, given.gas)
        options = self.own_keys()
        return Prepared(given.times, options | {"seed": given.seed} if self.seeded else options)

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        prepared: Prepared,
        around: Surroundings,
    ) -> Trajectory:
        """The result."""
        solve = type(self).solve
        return solve(gas, schedule, prepared.times, **prepared.options, **self.offered(around))

    def run_histories(
        self, histories: Iterable[History], progress: ProgressFunction | None = None
    ) -> Iterator[Trajectory]:
        """The result of every history of an ensemble, in their order.

        Args:
            histories: made one by one when they are needed, so that they need not be held together.
            progress: called with the fraction done of the history that runs.
        """
        for given in histories:
            around = Surroundings(given.earlier, progress)
            yield self.run(given.gas, given.schedule, given.prepared, around)

    def offered(self, around: Surroundings) -> dict[str, Any]:
        """``progress`` and ``checkpoint``, as far as the solver takes them."""
        offered = {"progress": around.progress, "checkpoint": around.checkpoint}
        accepted = inspect.signature(type(self).solve).parameters
        return {name: value for name, value in offered.items() if name in accepted}


def _own_key_names(method: type[Method]) -> list[str]:
    """Names of the keys that are not those of every method."""
    return [name for name in method.model_fields if name not in Method.model_fields]


def require_pure(kind: str, gas: NeutrinoGas) -> None:
    r"""An error that names the group, and the methods that take it, where some
    :math:`|\mathbf P| < 1`.

    Args:
        kind: of the method.
        gas: the gas.

    Raises:
        QnuError: a neutrino in a mixed state.

    Examples:
        >>> require_pure("many_body", NeutrinoGas([[0, 0, 0.5]], omega=[0.0]))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: kind: got 'many_body, with |P| = 0.5 in group[0]'; allowed: ...
    """
    if gas.is_pure():
        return
    lengths = np.linalg.norm(gas.polarization, axis=1)
    worst = int(np.argmax(abs(lengths - 1)))
    assert gas.group is not None
    near = " (give more digits)" if lengths[worst] > 1 - PROBABLY_ROUNDED else ""
    mixed = ", ".join(name for name, method in METHODS.items() if method.takes_mixed)
    raise QnuError(
        "kind",
        f"{kind}, with |P| = {lengths[worst]:.6g} in group[{gas.group[worst]}]",
        f"|P| = 1 in {kind}{near} (mixed states: {mixed})",
    )


def refuse_weights(kind: str, gas: NeutrinoGas) -> None:
    """An error that names the group, and the methods that take it, where a weight is not 1.

    Args:
        kind: of a method that follows encounters one by one.
        gas: the gas.

    Raises:
        QnuError: a group with a weight.

    Examples:
        >>> refuse_weights("many_body", NeutrinoGas([[0, 0, 1]], omega=[0.0], weight=[0.76]))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: kind: got 'many_body, with weight = 0.76 in group[0]'; allowed: ...
    """
    if gas.weight is None:
        return
    group = int(np.argmax(gas.group_weights != 1))
    takes = (name for name, one in METHODS.items() if not (one.encounters or one.pure_only))
    weighted = ", ".join(takes)
    raise QnuError(
        "kind",
        f"{kind}, with weight = {gas.group_weights[group]:g} in group[{group}]",
        f"{NO_WEIGHTS} ({weighted} take weights)",
    )


def check_observables(names: Sequence[str], allowed: Sequence[str], when: str = "") -> None:
    """An error that names the first observable that is not allowed.

    Args:
        names: requested observables.
        allowed: those that the method has.
        when: what the end of the message adds, such as ``" (with shots)"``.

    Raises:
        QnuError: a name that is not allowed.

    Examples:
        >>> check_observables(["entropy"], ["entropy", "purity"])
    """
    for k, name in enumerate(names):
        if name not in allowed:
            hint = did_you_mean(name, allowed) if isinstance(name, str) else ""
            raise QnuError(f"observables[{k}]", name, f"one of {', '.join(allowed)}{when}{hint}")
