"""Schedules of encounters (which pair, when, how strongly) and their generators."""

from ..common.lazy import submodules
from ._packet_statistics import PacketStatistics, packet_statistics
from .constant_background import constant_background
from .explicit import ExplicitKind
from .kinds import KINDS, ScheduleKind
from .meetings import Meetings, meetings
from .native import native
from .plane_wave import plane_wave
from .random_pairs import random_pairs
from .rows import Encounters
from .schedule import EncounterSchedule
from .stochastic import stochastic
from .tournament import bipartite, tournament
from .wave_packets import wave_packets
from .wiring import Wiring, coupling_map

__all__ = [
    "KINDS",
    "EncounterSchedule",
    "Encounters",
    "ExplicitKind",
    "Meetings",
    "PacketStatistics",
    "ScheduleKind",
    "Wiring",
    "bipartite",
    "constant_background",
    "coupling_map",
    "meetings",
    "native",
    "packet_statistics",
    "plane_wave",
    "random_pairs",
    "stochastic",
    "tournament",
    "wave_packets",
]

__getattr__ = submodules(__name__, "mixing")
