"""Benchmarks of a backend: the same circuits on any machine, scored against exact polarizations.

``cases`` says what is run, ``running`` runs it, ``scores`` compares, ``records`` keeps what is done
in a JSON file, and ``tables`` prints.
"""

from .cases import Case, cases
from .records import Benchmark, load_benchmark
from .running import bench_backend
from .scores import Score

__all__ = ["Benchmark", "Case", "Score", "bench_backend", "cases", "load_benchmark"]
