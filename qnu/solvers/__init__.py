"""Solvers: one public function per equation, each returning a Trajectory.

A solver that is imported here is known to experiment files, tables and figures.
"""

from ..methods import METHODS
from ._independent_batch import IndependentMethod as _IndependentMethod
from .collective import collective
from .ensemble_collision import CollisionTerm, ensemble_collision_term
from .final_state import ManyBodyState, final_state
from .independent import independent
from .kinetic import kinetic
from .light_cone import light_cone
from .linear_stability import (
    AngularCrossing,
    LinearMode,
    LinearModes,
    angular_crossing,
    linear_stability,
)
from .many_body import many_body
from .mean_field import mean_field
from .miscidynamics import miscidynamics
from .phase_space import phase_space
from .quasi_steady import QuasiSteadyState, quasi_steady_state
from .stability import growth_rate
from .transport import transport

assert _IndependentMethod in METHODS.values()  # to be imported is to be registered

__all__ = [
    "METHODS",
    "AngularCrossing",
    "CollisionTerm",
    "LinearMode",
    "LinearModes",
    "ManyBodyState",
    "QuasiSteadyState",
    "angular_crossing",
    "collective",
    "ensemble_collision_term",
    "final_state",
    "growth_rate",
    "independent",
    "kinetic",
    "light_cone",
    "linear_stability",
    "many_body",
    "mean_field",
    "miscidynamics",
    "phase_space",
    "quasi_steady_state",
    "transport",
]
