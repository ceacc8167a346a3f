"""Everything about a schedule that is not in its rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .. import profiles
from ..common.checks import boolean, number
from ..encounter import checked_anisotropy
from ..profiles import Profile
from .wiring import Wiring


@dataclass(frozen=True, eq=False)
class Settings:
    """What a schedule was made with; see :class:`~qnu.schedules.EncounterSchedule`.

    Raises:
        QnuError: a setting out of its range.
    """

    neutrinos: int
    final_time: float
    free_streaming: bool = True
    gamma: float | None = None
    mu: Profile = 1.0
    probability: float | None = None
    matter: Profile = 0.0
    kind: str = "custom"
    trotter: tuple[int, int] | None = None
    packet_ratio: float | None = None
    wiring: Wiring | None = None
    anisotropy: float = 1.0

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {
            "free_streaming": boolean("free_streaming", self.free_streaming),
            "final_time": number("final_time", self.final_time, low=0.0),
            "mu": profiles.checked("mu", self.mu),
            "matter": profiles.checked("matter", self.matter),
            "anisotropy": checked_anisotropy(self.anisotropy),
        }
        if self.gamma is not None:
            checked["gamma"] = number("gamma", self.gamma, above=0.0)
        if self.probability is not None:
            checked["probability"] = number("probability", self.probability, low=0.0, high=1.0)
        if self.packet_ratio is not None:
            checked["packet_ratio"] = number("packet_ratio", self.packet_ratio, above=0.0)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def settings(self) -> dict[str, Any]:
        """Those that belong to the physics, by name: all but the wiring.

        A packet ratio of None and an anisotropy of 1 are left out: fingerprints of schedules
        without them stay as they were before there were any.
        """
        found = {f.name: getattr(self, f.name) for f in fields(Settings) if f.name != "wiring"}
        if self.packet_ratio is None:
            del found["packet_ratio"]
        if self.anisotropy == 1.0:
            del found["anisotropy"]
        return found
