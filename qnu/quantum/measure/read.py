"""From the results of a job to a Trajectory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ...conservation import conserved_drift
from ...errors import QnuError
from ...observables import OF_ONE
from ...trajectory import Trajectory
from . import statistics
from .prepare import FORMAT, WITH_BASES
from .results import estimated, sampled, sampled_pairs


def read(
    results: Sequence[Any], recipe: Mapping[str, Any], job_ids: Sequence[str] = ()
) -> Trajectory:
    """From the results of a job to polarizations with standard errors.

    Args:
        results: one per circuit: of a SamplerV2 or EstimatorV2, or counts: bit strings (last bit
            neutrino 0, one digit per neutrino), hexadecimal strings or whole numbers, to numbers.
        recipe: from :func:`prepare`.
        job_ids: recorded in the Trajectory.

    Returns:
        polarization and ``polarization_error`` ``(time, N, 3)``, with the sampler also
        ``group_polarization_error``, and ``collision_term`` with ``collision_term_error`` where it
        was requested. Attributes: machine, physical qubits, gates, shots,
        mitigation and its effect (``retained``: fractions of the shots, ``damping``: measured
        factors, ``total_z_pull``: deviation of the conserved total in standard errors; with the
        estimator both take neutrinos as uncorrelated), calibration date.
        A value whose error bar is infinite or missing is NaN with error inf, and is named in
        ``unreliable``; a mean over it is NaN as well.

    Raises:
        QnuError: a recipe of another format, results of other circuits, outcomes of another number
            of bits, no shot at all, no shot left.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.1])
        >>> schedule = qnu.schedules.tournament(gas, gamma=np.pi / 2)
        >>> end = [schedule.final_time]
        >>> _, recipe = qnu.quantum.prepare(gas, schedule, "fake_torino", times=end, shots=100)
        >>> coin = {"00": 25, "01": 25, "10": 25, "11": 25}
        >>> read([coin, coin, {"01": 98, "00": 2}], recipe).at().tolist()    # they have swapped
        [[0.0, 0.0, -0.96], [0.0, 0.0, 1.0]]
    """
    known = WITH_BASES if "bases" in recipe else FORMAT
    if recipe.get("format") != known:
        raise QnuError("recipe", recipe.get("format"), f"format {known}")
    if len(results) != len(recipe["qubits"]):
        wanted = f"one for each of {len(recipe['qubits'])} circuits"
        raise QnuError("results", f"{len(results)} results", wanted)
    if recipe["primitive"] == "estimator":
        readout = estimated(results, recipe)
    elif "bases" in recipe:
        readout = sampled_pairs(results, recipe)
    else:
        readout = sampled(results, recipe)
    variables: dict[str, Any] = {
        "polarization": (("time", "neutrino", "axis"), readout.mean),
        "polarization_error": (("time", "neutrino", "axis"), readout.error),
    }
    if readout.group_error is not None:
        variables["group_polarization_error"] = (
            ("time", "group_mean", "axis"),
            readout.group_error,
        )
    alone = [name for name in recipe["observables"] if name in OF_ONE]
    variables |= statistics.of_one_with_errors(alone, readout.mean, readout.error, readout.cross)
    variables |= readout.variables
    attributes = dict(readout.attributes)
    if job_ids:
        attributes["job_ids"] = " ".join(job_ids)
    frame = xr.Dataset.from_dict(recipe["frame"])
    if recipe["conserved"] is not None:
        drift = conserved_drift(readout.mean, np.ones(readout.mean.shape[1]), **recipe["conserved"])
        if drift:
            del frame.attrs["drift"]
        attributes |= drift
    return Trajectory(frame.assign(variables).assign_attrs(attributes))
