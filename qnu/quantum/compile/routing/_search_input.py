"""What a search for routes is given, checked: compiled loops do not look again."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ....common.checks import array_of, integer
from ....errors import QnuError, Words
from .device import DeviceGraph, Indices


def encounters_and_sites(
    pairs: ArrayLike, sites: ArrayLike | None, neutrinos: int | None
) -> tuple[Indices, Indices | None, int]:
    """Encounters, initial sites and the number of neutrinos."""
    encounters = _whole_numbers("pairs", pairs, 2)
    begin = None if sites is None else _whole_numbers("sites", sites, 1).reshape(-1)
    count = int(encounters.max(initial=-1)) + 1
    if neutrinos is None:
        neutrinos = count if begin is None else len(begin)
    neutrinos = integer("neutrinos", neutrinos)
    if begin is not None and len(begin) != neutrinos:
        raise QnuError("sites", begin.tolist(), f"one site for each of {neutrinos} neutrinos")
    same = encounters[:, 0] == encounters[:, 1]
    if encounters.size and (encounters.min() < 0 or count > neutrinos or same.any()):
        allowed = f"pairs of different neutrinos below {neutrinos}"
        raise QnuError("pairs", encounters.tolist(), allowed)
    return encounters, begin, neutrinos


def _whole_numbers(field: str, value: ArrayLike, width: int) -> Indices:
    """``(n, width)`` of them."""
    allowed = "whole numbers" if width == 1 else f"rows of {width} whole numbers"
    given = array_of(field, value, allowed)
    if given.size == 0:
        return np.zeros((0, width), np.int64)
    if given.dtype.kind not in "iuf" or given.shape != (len(given), *[width] * (width > 1)):
        raise QnuError(field, Words(f"an array of shape {given.shape}"), allowed)
    if not np.isfinite(given).all() or (given != np.rint(given)).any():
        raise QnuError(field, given.tolist(), allowed)
    return given.astype(np.int64).reshape(-1, width)


def gates_of_blocks(block_gates: ArrayLike | None, pairs: Indices) -> Indices | None:
    """``(n, 2)`` two-qubit gates of every pair, without and with a swap."""
    if block_gates is None:
        return None
    gates = _whole_numbers("block_gates", block_gates, 2)
    if len(gates) != len(pairs) or (gates < 0).any():
        raise QnuError("block_gates", gates.tolist(), f"two numbers >= 0 for each of {len(pairs)}")
    return gates


def check_sites(device: DeviceGraph, begin: Indices, pairs: Indices) -> None:
    """Sites are different, and all pairs can meet."""
    if len(set(begin.tolist())) != len(begin) or not set(begin.tolist()) <= set(
        range(device.sites)
    ):
        raise QnuError("sites", begin.tolist(), f"different sites below {device.sites}")
    apart = device.distance[begin[pairs[:, 0]], begin[pairs[:, 1]]] >= device.sites
    if apart.any():
        raise QnuError("sites", begin.tolist(), "sites from which all pairs can meet")
