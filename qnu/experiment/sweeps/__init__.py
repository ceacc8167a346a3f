"""Sweeps: an experiment on a grid of parameters, on all cores or on a cluster.

``values``, ``expressions``, ``keys`` and ``grid`` say which points there are; ``point`` runs one,
``work`` a job of several; ``records`` keeps what is done, and ``known`` says what is missing;
``engine`` gives jobs to workers, which ``clusters`` begins or finds; ``dataset`` puts everything
together, and ``sweeping`` is all of it in one call.
"""

from .sweeping import sweep

__all__ = ["sweep"]
