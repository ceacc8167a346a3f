"""The quantum road: encounters as gates, schedules as circuits, circuits on simulators."""

from .gate import EncounterGate

__all__ = ["EncounterGate"]
