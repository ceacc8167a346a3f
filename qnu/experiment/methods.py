"""The methods of an experiment file, checked and ready to run.

Everything that can be wrong is found here, before anything runs; messages begin with the place in
the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..checkpoint import Checkpoint
from ..common.checks import Floats
from ..common.progress import ProgressFunction
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from ..gas import NeutrinoGas
from ..keys import Samples
from ..methods import Drawn, History, MethodInput, Prepared, Surroundings
from ..methods import Method as MethodTable
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from .build import Seeds, place
from .spec import Spec


@dataclass(frozen=True, eq=False)
class Method:
    """One method, checked and ready: its sample times and the arguments of its solver.

    Args:
        label: names its files; unique.
        table: its keys in the file.
        prepared: sample times and arguments.
        random: whether its result depends on the seed of the experiment.

    Examples:
        >>> import qnu
        >>> [method.label for method in qnu.experiment.load("two_groups_10").methods][:2]
        ['circuit', 'circuit-shots']
    """

    label: str
    table: MethodTable
    prepared: Prepared
    random: bool

    @property
    def kind(self) -> str:
        """``many_body``, ``circuit`` or another name in :data:`qnu.methods.METHODS`."""
        return self.table.kind

    @property
    def times(self) -> Floats:
        """Sample times."""
        return self.prepared.times

    @property
    def options(self) -> Mapping[str, Any]:
        """Further arguments of the solver."""
        return self.prepared.options

    @property
    def start(self) -> tuple[str, float] | None:
        """The label of an earlier method and one of its sample times, where it starts there."""
        return self.prepared.start

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        earlier: Mapping[str, Trajectory],
        progress: ProgressFunction | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Trajectory:
        """The result; ``earlier`` holds those of the methods before it."""
        around = Surroundings(earlier, progress, checkpoint)
        return self.table.run(gas, schedule, self.prepared, around)

    def run_histories(
        self, histories: Iterable[History], progress: ProgressFunction | None = None
    ) -> Iterator[Trajectory]:
        """The results of several histories, in their order."""
        return self.table.run_histories(histories, progress)


def make_methods(
    table: Spec, gas: NeutrinoGas, schedule: EncounterSchedule, seeds: Seeds
) -> tuple[Method, ...]:
    """The methods of an experiment file, in its order.

    Args:
        table: the file.
        gas: its gas.
        schedule: its schedule.
        seeds: for shots.

    Returns:
        methods that :meth:`Method.run` runs.

    Raises:
        QnuError: two methods with one label, a sample time outside the schedule, a method that
            cannot take this gas or schedule, a start that does not exist, unknown hardware, a
            state that does not fit into memory.

    Examples:
        >>> import qnu
        >>> qnu.experiment.load("two_groups_60_40").methods[-1].start
        ('independent', 200.0)
    """
    drawn = drawn_by(table)
    shots = iter(seeds.shots(sum(given.seeded for given in table.method)))
    made: list[Method] = []
    for k, given in enumerate(table.method):
        where = f"method[{k}]"
        label = given.label if given.label is not None else given.kind
        # file names that differ only in case are one file on some systems
        twin = [m.label for m in made if m.label.lower() == label.lower()]
        if twin:
            raise QnuError(
                f"{where}.label", label, "a label that no other method has (default: the kind)"
            )
        times = _times(where, given, table.output, schedule)
        seed = next(shots) if given.seeded else None
        earlier = {method.label: method.times for method in made}
        given = _with_gamma(given, table)
        with place(where):
            prepared = given.prepare(MethodInput(gas, schedule, times, earlier, seed))
            random = given.is_random(drawn, prepared)
        if random:
            drawn = dataclasses.replace(drawn, methods=drawn.methods | {label})
        made.append(Method(label, given, prepared, random))
    resolved = [m.label for m in made if m.table.rows_of(m.prepared) == "neutrino"]
    _check_drawn("individuals", table, resolved, "methods with one row per neutrino")
    several = [method.label for method in made if method.random]
    _check_drawn("histories", table, several, "methods that depend on the seed")
    return tuple(made)


def _with_gamma(given: MethodTable, table: Spec) -> MethodTable:
    """With the physical gamma of [units] where a method takes one, and no schedule has it."""
    gamma = table.units.resolved().gamma
    if gamma is None or "gamma" in type(table.schedule).model_fields:
        return given
    takes = "gamma" in type(given).model_fields and getattr(given, "gamma", 0) is None
    return given.model_copy(update={"gamma": gamma}) if takes else given


def drawn_by(table: Spec) -> Drawn:
    """What an experiment draws; swap angles that are listed do not follow from velocities."""
    beams = all(group.direction is not None for group in table.group)
    velocities = table.gas.velocities == "isotropic" and not beams
    directed = velocities and table.schedule.directed
    return Drawn(velocities, table.schedule.draws() or directed)


def _check_drawn(key: str, table: Spec, labels: list[str], which: str) -> None:
    """Labels of [output] that name methods of a kind."""
    for label in getattr(table.output, key):
        if label not in labels:
            allowed = f"labels of {which}: {', '.join(labels) or 'none'}"
            raise QnuError(f"output.{key}", label, allowed + did_you_mean(label, labels))


def _times(where: str, given: Samples, default: Samples, schedule: EncounterSchedule) -> Floats:
    """Sample times of one method: its own, or those of [output], or 101."""
    for place_, table in ((where, given), ("output", default)):
        if table.samples is not None and table.times is not None:
            raise QnuError(f"{place_}.times", Words("both samples and times"), "one of the two")
        if table.times is not None:
            with place(place_):
                return schedule.checked_times(table.times)
        if table.samples is not None:
            return schedule.equally_spaced(table.samples)
    return schedule.equally_spaced(101)
