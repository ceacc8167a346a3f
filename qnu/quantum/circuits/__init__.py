"""From a gas and a schedule to a quantum circuit of encounter gates, and to files."""

from ...common.lazy import submodules
from .build import circuit, drawable, preparation
from .equivalence import CanonicalGate
from .gate import EncounterGate

__all__ = ["CanonicalGate", "EncounterGate", "circuit", "drawable", "preparation"]

__getattr__ = submodules(
    __name__, "files", "hamiltonian", "mqt_bench", "openqasm", "openqasm2", "problems"
)
