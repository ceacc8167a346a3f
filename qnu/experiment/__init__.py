"""From one TOML file to a folder of results: gas + schedule + methods -> run.

``spec`` says what a file may contain, ``read`` turns every mistake into one line, ``build`` makes
gas and schedule, ``methods`` checks the methods before anything runs, ``loading`` puts these
together, ``running`` runs them, ``figures`` draws, and ``folder`` lets the results appear whole or
not at all. ``sweeps`` runs an experiment on a grid of parameters.
"""

from .loading import Experiment, load, parse
from .results import load_results
from .running import Results, run, simulate
from .sweeps import sweep

__all__ = [
    "Experiment",
    "Results",
    "load",
    "load_results",
    "parse",
    "run",
    "simulate",
    "sweep",
]
