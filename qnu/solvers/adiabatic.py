"""The adiabaticity number of a run of miscidynamics: one definition for its three drivers."""

from __future__ import annotations

import warnings

import numpy as np

from ..common.checks import Floats
from ..errors import PremiseWarning, QnuError, Words
from ..trajectory import Trajectory

#: Above this a gas does not follow its equilibria: the probability to jump between the eigenstates
#: of a linear MSW profile, exp(-pi/2a), reaches 4 %.
ADIABATIC = 0.5


def adiabaticity(run: Trajectory) -> float:
    r"""The largest :math:`a = |L_i\,\dot{\mathbf n}_i - \mathbf C_{i\perp}| / (|\mathbf H_i| \max_j
    L_j)` along a path.

    How fast the equilibrium of a gas moves, over how fast the gas turns about it: to lowest order
    the deviation of a polarization from its equilibrium, over the longest polarization. It is the
    largest value of the variable ``adiabaticity`` of :func:`miscidynamics`, which see; for MSW
    :math:`1/\gamma_\mathrm{ad}` of :func:`msw_resonance`. Small: the theory applies, with an error
    of about this. Above 0.5 it does not.

    Args:
        run: of :func:`miscidynamics`.

    Returns:
        the number, >= 0.

    Raises:
        QnuError: the result of another method.

    References:
        Johns, Thermodynamics of oscillating neutrinos (2306.14982); Raffelt and Smirnov (2007).

    Examples:
        A density that falls too steeply: the adiabatic theory says 0.0025, the truth is 0.982.

        >>> import qnu
        >>> gas = qnu.NeutrinoGas.from_groups(
        ...     [qnu.Group(1, flavor="electron", omega=1.0)], mixing_angle=0.05)
        >>> steep = qnu.profiles.Exponential(1000.0, scale=1.0)
        >>> run = qnu.solvers.miscidynamics(
        ...     gas, [0.0, 20.0], gamma=0.0, mu=0.0, matter=steep, force=True)
        >>> round(adiabaticity(run), 1), float(run.flavor_probability()[-1, 0].round(4))
        (100.0, 0.0025)
    """
    if "adiabaticity" not in run:
        raise QnuError("run", Words(f"a result of {run.method}"), "a result of miscidynamics")
    return float(np.max(run["adiabaticity"].values))


def check_adiabatic(values: Floats, force: bool) -> None:
    """Warn where a path is not adiabatic."""
    number = float(np.max(values))
    if number > ADIABATIC and not force:
        warnings.warn(
            PremiseWarning(
                "adiabatic",
                f"miscidynamics: not adiabatic: {number:.3g} > {ADIABATIC}: it does not apply, the"
                " gas does not follow equilibria that move so fast; better: mean_field or kinetic",
            ),
            stacklevel=3,
        )
