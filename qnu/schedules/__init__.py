"""Who meets whom, when, and how strongly: the schedule and its generators."""

from .constant_background import constant_background
from .plane_wave import plane_wave
from .random_pairs import random_pairs
from .rows import Encounters
from .schedule import EncounterSchedule
from .stochastic import stochastic
from .tournament import bipartite, tournament

__all__ = [
    "EncounterSchedule",
    "Encounters",
    "bipartite",
    "constant_background",
    "plane_wave",
    "random_pairs",
    "stochastic",
    "tournament",
]
