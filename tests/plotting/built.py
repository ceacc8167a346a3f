"""Trajectories with numbers that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import qnu
from qnu.trajectory import Trajectory


def gas_of(names: Sequence[str], antineutrino: Sequence[bool] = (), angle: float = 0.0) -> Any:
    """One neutrino per name; those of one name are a group."""
    anti = list(antineutrino) or [False] * len(names)
    start = [[0.0, 0.0, -1.0 if one else 1.0] for one in anti]
    return qnu.NeutrinoGas(
        start,
        omega=[0.1] * len(names),
        group=list(names),
        antineutrino=anti,
        mixing_angle=angle,
    )


def build(
    gas: Any,
    times: Any,
    vectors: Any,
    method: str = "many_body",
    errors: Any = None,
    **attributes: Any,
) -> Trajectory:
    """``vectors``: ``(samples, neutrinos, 3)``."""
    vectors = np.asarray(vectors, float)
    variables = None
    if errors is not None:
        error = np.broadcast_to(np.asarray(errors, float), vectors.shape)
        variables = {"polarization_error": (("time", "neutrino", "axis"), error)}
    return Trajectory.build(
        method,
        gas,
        np.asarray(times, float),
        vectors,
        started=0.0,
        variables=variables,
        attributes={"mu": 1.0, "matter": 0.0} | attributes,
    )


def along_z(values: Any) -> np.ndarray:
    """``(samples, neutrinos)`` z components as vectors."""
    z = np.asarray(values, float)
    return np.stack([0 * z, 0 * z, z], axis=-1)


def line(ax: Any, gid: str) -> np.ndarray:
    """The values of a curve."""
    (found,) = [one for one in ax.lines if one.get_gid() == gid]
    return np.asarray(found.get_ydata(), float)


def notes(figure: Any) -> str:
    """The sentences below the panels, on one line."""
    found = [text.get_text() for text in figure.texts if text.get_gid() == "notes"]
    return " ".join(found).replace("\n", " ")
