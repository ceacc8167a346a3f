"""Which methods the figure of the Bloch sphere shows."""

from __future__ import annotations

from collections.abc import Mapping

from ..trajectory import Trajectory


def on_the_sphere(runs: Mapping[str, Trajectory]) -> dict[str, Trajectory]:
    """With miscidynamics only it and what it follows: over its times the others fill the sphere.

    Args:
        runs: Trajectories by label.

    Returns:
        those that the figure ``bloch`` shows.

    Examples:
        >>> on_the_sphere({})
        {}
    """
    theory = [label for label, t in runs.items() if t.method == "miscidynamics"]
    if not theory:
        return dict(runs)
    for method in ("many_body", "independent"):
        followed = [label for label, t in runs.items() if t.method == method]
        if followed:
            break
    return {label: runs[label] for label in [*followed[:1], *theory]}
