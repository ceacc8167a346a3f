"""Who meets whom, when, and how strongly: the schedule and its generators."""

from .plane_wave import plane_wave
from .schedule import Encounters, EncounterSchedule
from .stochastic import constant_background, random_pairs, stochastic
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
