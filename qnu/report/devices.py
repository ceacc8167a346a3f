"""What a report says about devices: where it ran, what was done against noise, what to doubt."""

from __future__ import annotations

from collections.abc import Mapping

from ..trajectory import Trajectory

#: Attributes of a run on a device, and what the report calls them.
TOLD = {
    "backend": "device",
    "calibrated": "calibrated",
    "physical_qubits": "physical qubits at the end",
    "two_qubit_gates": "two-qubit gates",
    "two_qubit_depth": "in depth",
    "shots": "shots per circuit",
    "circuits": "circuits",
    "mitigation": "against noise",
    "retained": "fraction of the shots left by post-selection",
    "damping": "damping found by rescaling (none: left undone)",
    "total_z_pull": "conserved total of z, in standard errors off",
    "job_ids": "jobs",
}


def device_lines(trajectories: Mapping[str, Trajectory]) -> list[str]:
    """One paragraph of Markdown per method that ran on a device, doubts in bold.

    Args:
        trajectories: label to trajectory.

    Returns:
        paragraphs; none where no device was used.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> device_lines({})
        []
    """
    found = []
    for label, trajectory in trajectories.items():
        attrs = trajectory.attrs
        if "primitive" not in attrs:
            continue
        said = "; ".join(f"{word} {attrs[name]}" for name, word in TOLD.items() if name in attrs)
        doubt = f" **Not reliable: {attrs['unreliable']}.**" if "unreliable" in attrs else ""
        found.append(f"{label}: {said}.{doubt}")
    return found
