"""What stays constant: the total polarization, or its component along B."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import profiles
from .common.checks import Floats
from .gas import NeutrinoGas
from .schedules import EncounterSchedule


def conserves_total_z(schedule: EncounterSchedule) -> bool:
    r""":math:`\frac{d}{dt}\sum_k P_{kz} = 0`: neither matter nor fresh partners.

    Args:
        schedule: the encounters.

    Returns:
        whether the total polarization along B is conserved.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> conserves_total_z(qnu.schedules.tournament(gas, gamma=0.3))
        True
    """
    return schedule.fresh is None and profiles.is_zero(schedule.matter)


def conserved_ones(gas: NeutrinoGas, schedule: EncounterSchedule) -> int | None:
    r""":math:`\sum_k (1 - P_{kz})/2`: how many neutrinos are in mass state 2, if that is a sharp
    number.

    Args:
        gas: the neutrinos at the start.
        schedule: the encounters.

    Returns:
        the number of 1 in every shot in the Z basis; None where some neutrino starts in a
        superposition of mass states, or matter or fresh partners change the number.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1], [0, 0, -1]], omega=[0.1, 0.2, 0.3])
        >>> conserved_ones(gas, qnu.schedules.tournament(gas, gamma=0.3))
        2
    """
    z = gas.polarization[:, 2]
    if not conserves_total_z(schedule) or (abs(z) != 1.0).any():
        return None
    return int((z < 0).sum())


def conservation(
    gas: NeutrinoGas, matter: profiles.Profile, anisotropy: float = 1.0
) -> dict[str, Any]:
    """What acts on a gas and where it begins: the arguments of :func:`conserved_drift`.

    An anisotropic coupling conserves as much as vacuum does: the total z.
    """
    return {
        "vacuum": bool(gas.omega.any()) or anisotropy != 1.0,
        "matter": not profiles.is_zero(matter),
        "initial": np.average(gas.polarization, axis=0, weights=gas.weight).tolist(),
    }


def conserved_drift(
    polarization: Floats,
    count: ArrayLike,
    *,
    vacuum: bool,
    matter: bool,
    initial: ArrayLike | None = None,
) -> dict[str, float]:
    r"""How far what should be conserved has moved: the total P per neutrino, or its part along B.

    Without vacuum and matter all of :math:`\sum_i \mathbf P_i` is conserved, with vacuum or an
    anisotropic coupling only its component along B, with matter neither (then the result is empty).
    In a gas with weights it is :math:`\sum_i w_i\mathbf P_i`.

    Args:
        polarization: ``(samples, rows, 3)``.
        count: ``(rows,)`` neutrinos per row, times their weight.
        vacuum: True where some omega is not 0, or the coupling is anisotropic.
        matter: True where there is matter.
        initial: ``(3,)`` P per neutrino at t = 0; default: of the first sample.

    Returns:
        attributes ``drift_total_z`` or ``drift_total``: largest change, per neutrino.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> conserved_drift(np.zeros((2, 1, 3)), [1], vacuum=True, matter=False)
        {'drift_total_z': 0.0}
    """
    if matter:
        return {}
    weight = np.asarray(count, float) / np.sum(count)
    total = np.einsum("n,tna->ta", weight, polarization)
    moved = abs(total - (total[0] if initial is None else np.asarray(initial)))
    if vacuum:
        return {"drift_total_z": float(moved[:, 2].max())}
    return {"drift_total": float(moved.max())}
