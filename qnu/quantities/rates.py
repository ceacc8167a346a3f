"""How fast neutrinos become entangled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import reading
from .quantity import quantity

if TYPE_CHECKING:
    import xarray as xr


@quantity(r"rate of entanglement$\,/\,\mu$", scale="log")
def entanglement_rate(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\Gamma = -\frac1t\ln\frac{\langle|\mathbf P_i|\rangle(t)}
    {\langle|\mathbf P_i|\rangle(0)}`, the mean over all neutrinos of the gas, in units of mu.

    In OILE :math:`d|\mathbf P_i|/dt = \kappa\mu\gamma\,(\bar{\mathbf P}_i\cdot\mathbf P_i/
    |\mathbf P_i| - |\mathbf P_i|)`, with the mean :math:`\bar{\mathbf P}_i` over the N - 1 others
    and :math:`\kappa = \langle(1-\mathbf v\cdot\mathbf v')^2\rangle`: 1 at right angles, 4/3 for
    isotropic velocities (of wave packets: see :func:`qnu.solvers.kinetic`). In a gas of pure
    neutrinos :math:`\bar{\mathbf P}_i\cdot\mathbf P_i = (N|\bar{\mathbf P}|^2 - 1)/(N - 1)`
    on average, so that at :math:`\mu\gamma t\ll1`

    .. math::
        \Gamma = \kappa\mu\gamma\,\frac{N}{N-1}\,(1 - |\bar{\mathbf P}|^2).

    It is also half the rate of :math:`|\mathbf P_i|^2` and, there, the rate at which the purity
    :math:`(1 + |\mathbf P_i|^2)/2` is lost.

    Args:
        dataset: of a sweep.
        at: t, a sample time; None: the last of every point and method. The earlier one is the
            first sample.

    Returns:
        ``(parameters, method, seed)``.

    Raises:
        QnuError: a time without a sample.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import numpy as np, xarray as xr
        >>> data = xr.Dataset(
        ...     {"neutrino_length": (("seed", "time", "group"), [[[1.0], [np.exp(-0.06)]]])},
        ...     coords={"time": [0.0, 2.0], "group": ["1"]},
        ...     attrs={"spec": "[[group]]" + chr(10) + "count = 4"},
        ... )
        >>> round(entanglement_rate(data).item(), 12)
        0.03
    """
    lengths = reading.variable(dataset, "neutrino_length")
    times = reading.sample_times(dataset)
    before, after = (
        reading.mean_over_gas(dataset, values)
        for values in (reading.first_sample(lengths), reading.sampled(dataset, lengths, at))
    )
    passed = reading.sampled(dataset, times, at) - reading.first_sample(times)
    lost: Any = np.log(before / after.where(after > 0))
    rate: xr.DataArray = lost / passed.where(passed > 0)
    return rate


@quantity(r"rate of entanglement$\,/\,\mu\gamma$")
def entanglement_rate_over_gamma(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\Gamma/\mu\gamma`, with :math:`\Gamma` of :func:`entanglement_rate`.

    :math:`\kappa\,\frac{N}{N-1}(1 - |\bar{\mathbf P}|^2)` at :math:`\mu\gamma t\ll1`.

    Args:
        dataset: of a sweep.
        at: as in :func:`entanglement_rate`.

    Returns:
        ``(parameters, method, seed)``.

    Raises:
        QnuError: a schedule without gamma, mu as a function of time.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import numpy as np, xarray as xr
        >>> text = ["[[group]]", "count = 4", "[schedule]", "gamma = 0.01"]
        >>> data = xr.Dataset(
        ...     {"neutrino_length": (("seed", "time", "group"), [[[1.0], [np.exp(-0.02)]]])},
        ...     coords={"time": [0.0, 2.0], "group": ["1"]},
        ...     attrs={"spec": chr(10).join(text)},
        ... )
        >>> round(entanglement_rate_over_gamma(data).item(), 12)
        1.0
    """
    gamma = reading.numeric_field(dataset, "schedule.gamma")
    mu = reading.numeric_field(dataset, "schedule.mu", 1.0)
    over: xr.DataArray = entanglement_rate(dataset, at) / (mu * gamma)
    return over
