"""The input of a report: results of several methods on one gas and one schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..averages import box_means
from ..common.provenance import Provenance
from ..common.versions import installed_versions
from ..gas import NeutrinoGas
from ..premises import Premise
from ..schedules import EncounterSchedule
from ..solvers import METHODS
from ..trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Record:
    """Trajectories by label, and where they came from.

    Args:
        name: title of the report.
        gas: the neutrinos.
        schedule: who meets whom.
        trajectories: by label; ``trajectories/<label>.nc`` in a result folder.
        description: one line under the title.
        seed: the seed of all random numbers, of the first history.
        spec_hash: sha256 of the content of the experiment file.
        notes: what failed to be drawn or written, and why.
        seeds: how many histories.
        premises: what the methods assume, and whether it holds.
        provenance: when and where it was run; None: not known.
        units: what 1 is in physical units, in words; "" where that is not given.
        versions: of the packages that it was run with, by name; default: those of now.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> Record("free", gas, schedule, {"a": qnu.solvers.many_body(gas, schedule)}).seed
        0
    """

    name: str
    gas: NeutrinoGas
    schedule: EncounterSchedule
    trajectories: Mapping[str, Trajectory]
    description: str = ""
    seed: int = 0
    spec_hash: str = ""
    notes: tuple[str, ...] = ()
    seeds: int = 1
    premises: tuple[Premise, ...] = ()
    provenance: Provenance | None = None
    units: str = ""
    versions: Mapping[str, str] = field(default_factory=installed_versions)

    def __post_init__(self) -> None:
        """Encounters are counted where a method took them, also if its result is an earlier one.

        Of results over space the record has their means over cells.
        """
        object.__setattr__(self, "trajectories", box_means(self.trajectories))
        names = [trajectory.method for trajectory in self.trajectories.values()]
        kind = self.schedule.kind
        took = any(name not in METHODS or METHODS[name].takes_encounters(kind) for name in names)
        if took and self.schedule.source.refusal is None:
            len(self.schedule)
