"""The section of a report on devices: where a method ran, its error mitigation, warnings."""

from __future__ import annotations

from collections.abc import Mapping

from ..trajectory import Trajectory

#: Attributes of a run on a device, and their names in the report.
LABELS = {
    "backend": "device",
    "calibrated": "calibrated",
    "physical_qubits": "physical qubits at the end",
    "two_qubit_gates": "two-qubit gates",
    "two_qubit_depth": "in depth",
    "shots": "shots per circuit",
    "circuits": "circuits",
    "mitigation": "against noise",
    "retained": "fraction of the shots left by post-selection",
    "damping": "damping measured by rescaling (none: not rescaled)",
    "total_z_pull": "conserved total of z, in standard errors off",
    "job_ids": "jobs",
}


def device_lines(trajectories: Mapping[str, Trajectory]) -> list[str]:
    """One paragraph of Markdown per method that ran on a device, with warnings in bold.

    Args:
        trajectories: label to trajectory.

    Returns:
        paragraphs; none where no device was used.

    Examples:
        >>> device_lines({})
        []
    """
    lines = []
    for label, trajectory in trajectories.items():
        attrs = trajectory.attrs
        if "primitive" not in attrs:
            continue
        used = [f"{word} {attrs[name]}" for name, word in LABELS.items() if name in attrs]
        settings = "; ".join(used)
        warning = f" **Not reliable: {attrs['unreliable']}.**" if "unreliable" in attrs else ""
        lines.append(f"{label}: {settings}.{warning}")
    return lines
