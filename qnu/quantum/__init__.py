"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from .circuits import circuit, drawable
from .gate import EncounterGate

__all__ = ["EncounterGate", "circuit", "drawable"]
