"""Regions of a device in which all sites are close to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ....errors import QnuError
from .device import DeviceGraph, Indices


def compact(device: DeviceGraph, neutrinos: int, centers: int | None = None) -> list[Indices]:
    """Sets of ``neutrinos`` sites, the one with the smallest mean distance first.

    Each is grown around one site and improved by exchanging one site at a time. Of regions alike,
    the one with the smaller errors of couplers and measurements comes first. With ``centers`` only
    those sites are tried around which the sum of distances is smallest.

    Raises:
        QnuError: there are not so many connected sites.
    """
    distance = device.distance.astype(float)
    reach = (device.distance < device.sites).sum(axis=1)
    if reach.max(initial=0) < neutrinos:
        raise QnuError("neutrinos", neutrinos, f"at most {reach.max(initial=0)} connected sites")
    error = device.readout.copy()
    touched = np.bincount(device.edges.reshape(-1), minlength=device.sites)
    for end in range(2):
        np.add.at(
            error, device.edges[:, end], device.error / np.maximum(touched, 1)[device.edges[:, end]]
        )
    regions: dict[bytes, tuple[float, Indices]] = {}
    around = np.flatnonzero(reach >= neutrinos)
    if centers is not None and centers < len(around):
        nearest = np.sort(device.distance[around], axis=1)[:, :neutrinos].sum(axis=1)
        around = around[np.argsort(nearest, kind="stable")[:centers]]
    for center in around:
        inside = np.zeros(device.sites, bool)
        inside[np.lexsort((error, distance[center]))[:neutrinos]] = True
        _improve(inside, distance, error)
        region = np.flatnonzero(inside)
        cost = float(distance[np.ix_(region, region)].mean() + error[region].mean())
        regions[inside.tobytes()] = cost, region
    return [region for _, region in sorted(regions.values(), key=lambda entry: entry[0])]


def _improve(inside: NDArray[np.bool_], distance: Floats, error: Floats) -> None:
    """Exchange one site of a region for another while that lowers distances and errors."""
    for _ in range(len(inside)):
        total = distance[:, inside].sum(axis=1) + error
        change = total[~inside][:, None] - total[inside] - distance[np.ix_(~inside, inside)]
        if not change.size:
            return
        enter, leave = np.unravel_index(int(np.argmin(change)), change.shape)
        if change[enter, leave] > -1e-9:
            return
        enter, leave = np.flatnonzero(~inside)[enter], np.flatnonzero(inside)[leave]
        inside[enter], inside[leave] = True, False
