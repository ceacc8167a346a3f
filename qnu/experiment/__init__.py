"""From one TOML file to a folder of results: gas + schedule + methods -> run.

``spec`` says what a file may contain, ``read`` turns every mistake into one line, ``build`` makes
gas and schedule, ``methods`` checks the methods before anything runs, ``loading`` puts these
together, ``simulating`` runs them, ``figures`` draws, ``running`` writes the results, ``folder``
lets them appear whole or not at all, and ``results`` reads them back. ``sweeps`` runs an experiment
on a grid of parameters, ``benchmarking`` runs circuits on a backend and scores it.
"""

from ..common.input_files import InputFiles
from ..common.lazy import submodules
from .adding import add
from .exporting import export
from .loading import Experiment, load, parse
from .overview import contents
from .rerunning import rerun
from .results import Results, load_results
from .running import run
from .schema_file import schema
from .simulating import simulate
from .sweeps import sweep

__all__ = [
    "Experiment",
    "InputFiles",
    "Results",
    "add",
    "contents",
    "export",
    "load",
    "load_results",
    "parse",
    "rerun",
    "run",
    "schema",
    "simulate",
    "sweep",
]

__getattr__ = submodules(__name__, "benchmarking", "programs")
