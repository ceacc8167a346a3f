"""Datasets over one space dimension: the dimension ``cell``, and the mean over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from .assembly import schedule_attributes
from .common.checks import Floats, floats
from .schema import AXES, BEAM_WEIGHT, CELL

if TYPE_CHECKING:
    from .beams import Beams
    from .schedules import EncounterSchedule

__all__ = ["MEAN_OF", "box_mean", "of_beams"]

#: The attribute of a mean over cells: how many there were.
MEAN_OF = "mean_over_cells"


def of_beams(
    beams: Beams,
    times: Floats,
    polarization: Floats,
    cells: Floats | None,
    variables: Mapping[str, tuple[tuple[str, ...], Any]],
) -> xr.Dataset:
    """The dataset of a Trajectory whose rows are beams, without attributes.

    Args:
        beams: directions, weights and species of the rows.
        times: ``(samples,)`` in 1/mu.
        polarization: ``([cells,] samples, beams, 3)``.
        cells: ``(cells,)`` z of their centers in 1/mu; None: no space.
        variables: more, also ``initial_polarization ([cell,] neutrino, axis)`` where the start is
            not that of the beams.

    Raises:
        QnuError: cells that are not finite numbers.
    """
    names = np.array(beams.group_names, dtype=str)
    coords: dict[str, Any] = {
        "time": ("time", np.asarray(times, float), {"units": "1/mu"}),
        "axis": ("axis", list(AXES)),
        "group": ("neutrino", names[beams.group]),
        "omega": ("neutrino", np.array(beams.omega, float), {"units": "mu"}),
        "antineutrino": ("neutrino", np.array(beams.antineutrino, bool)),
        "count": ("neutrino", np.ones(len(beams), np.int64)),
        "cosine": ("neutrino", np.array(beams.cosine, float)),
        BEAM_WEIGHT: ("neutrino", np.array(beams.weight, float)),
    }
    dimensions: tuple[str, ...] = ("time", "neutrino", "axis")
    if cells is not None:
        coords[CELL] = (CELL, floats("cells", cells, (None,)), {"units": "1/mu"})
        dimensions = (CELL, *dimensions)
    start = (("neutrino", "axis"), np.array(beams.polarization, float))
    return xr.Dataset(
        {
            "polarization": (dimensions, np.asarray(polarization, float)),
            "initial_polarization": start,
            **variables,
        },
        coords=coords,
    )


def attributes(method: str, beams: Beams, schedule: EncounterSchedule | None) -> dict[str, Any]:
    """What identifies a run of beams: the method, the species and the schedule.

    Args:
        method: its name.
        beams: the rows.
        schedule: gives mu, matter and gamma; None: there is none.
    """
    return {
        "method": method,
        "resolve": "beam",
        "mixing_angle": float(beams.mixing_angle),
        "beams_hash": beams.fingerprint(),
        "group_names": json.dumps(list(beams.group_names)),
        "units": "times and positions in 1/mu, frequencies in mu",
        **schedule_attributes(schedule),
    }


def box_mean(dataset: xr.Dataset) -> xr.Dataset:
    r""":math:`\frac1n\sum_z` of everything over ``cell``; the same dataset where there are none.

    Args:
        dataset: of a Trajectory.

    Examples:
        >>> data = xr.Dataset({"a": (("cell", "time"), [[0.0], [1.0]])}, {"cell": [0.5, 1.5]})
        >>> box_mean(data)["a"].values, box_mean(data).attrs
        (array([0.5]), {'mean_over_cells': 2})
    """
    if CELL not in dataset.dims:
        return dataset
    mean = dataset.mean(CELL, keep_attrs=True) if dataset.data_vars else dataset
    kept = {name: v.variable for name, v in dataset.coords.items() if CELL not in v.dims}
    mean = mean.drop_vars(CELL, errors="ignore").assign_coords(kept)
    return mean.assign_attrs({**dataset.attrs, MEAN_OF: int(dataset.sizes[CELL])})
