"""Figures a paper could use, from Trajectories, sweeps, schedules and circuits.

Color says the group, the same in every figure; line style says the method: solid where every
neutrino is followed, dashed for miscidynamics, dash-dot for the mean field, dash-dot-dot for phase
space, dotted for the kinetic equation, markers for circuits. Nothing here touches pyplot or changes
matplotlib's settings.
"""

from . import _matplotlib  # noqa: I001  # first: matplotlib may need help to be imported

from .angles import angular_survival
from .boxes import space_time, transverse_growth
from .collision import collision_terms
from .devices import device_map
from .files import save
from .schedules import can_draw_schedule, schedule_diagram
from .mode_growth import mode_growth
from .overlay import compare
from .pairs import meeting_counts
from .power_law import PowerLaw, power_law
from .requested import requested_observables
from .sphere import bloch, sphere_is_useful
from .stability import growth
from .sweeps import sweep
from .style import GROUP_COLORS, MethodStyle, group_colors, lightness, method_style
from .circuits import can_draw_circuit, circuit_diagram

del _matplotlib

__all__ = [
    "GROUP_COLORS",
    "MethodStyle",
    "PowerLaw",
    "angular_survival",
    "bloch",
    "can_draw_circuit",
    "can_draw_schedule",
    "circuit_diagram",
    "collision_terms",
    "compare",
    "device_map",
    "group_colors",
    "growth",
    "lightness",
    "meeting_counts",
    "method_style",
    "mode_growth",
    "power_law",
    "requested_observables",
    "save",
    "schedule_diagram",
    "space_time",
    "sphere_is_useful",
    "sweep",
    "transverse_growth",
]
