"""One public function per equation, all with one call shape, all returning a Trajectory."""

from .independent import independent
from .kinetic import kinetic
from .many_body import many_body
from .mean_field import mean_field

__all__ = ["independent", "kinetic", "many_body", "mean_field"]
