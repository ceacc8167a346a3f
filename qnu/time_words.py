r"""Which mu the times of a result are in, in words.

Times and frequencies are in a unit of the user: the one in which mu is 1. Where mu is 1 all the
time, times are :math:`\mu t`; where it changes and starts from 1, they are :math:`\mu(0)\,t`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .trajectory import Trajectory

__all__ = ["time_words", "words_of"]


def time_words(trajectories: Iterable[Trajectory]) -> str:
    r"""What the times of results are: ``"mu t"``, ``"mu(0) t"``, or ``"t"`` with the mu it goes
    with.

    Args:
        trajectories: results that are shown together.

    Returns:
        ``"mu t"`` where mu = 1; ``"mu(0) t"`` where mu changes and mu(0) = 1; ``"t, mu = 2"`` and
        ``"t, mu(0) = 2"`` where it is another number; ``"t"`` where there is no mu, or where the
        results differ in it.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> falling = qnu.profiles.Exponential(1.0, 10.0)
        >>> time_words([qnu.solvers.mean_field(gas, [0.0, 1.0], mu=falling)])
        'mu(0) t'
    """
    found = {words_of(trajectory.attrs) for trajectory in trajectories}
    return found.pop() if len(found) == 1 else "t"


def words_of(attrs: Mapping[str, Any]) -> str:
    """The same of what is recorded of mu (:func:`qnu.assembly.recorded_mu`).

    Args:
        attrs: ``mu``, a number or text, and ``mu_at_start`` where it changes.

    Examples:
        >>> words_of({"mu": 1.0}), words_of({"mu": "falls", "mu_at_start": 2.0})
        ('mu t', 't, mu(0) = 2')
    """
    mu = attrs.get("mu", 1.0)
    if not isinstance(mu, str):
        return {0.0: "t", 1.0: "mu t"}.get(float(mu), f"t, mu = {float(mu):g}")
    start = float(attrs.get("mu_at_start", 1.0))
    return {0.0: "t", 1.0: "mu(0) t"}.get(start, f"t, mu(0) = {start:g}")
