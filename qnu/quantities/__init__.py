r"""What figures and tables of a sweep show: one number per point, method, group and history.

A quantity is a function of the dataset of a sweep (:func:`qnu.experiment.sweep`, ``sweep.nc``) and
returns an :class:`xarray.DataArray` whose dimensions are parameters of the sweep, ``method``,
``seed`` and, where it is one number per group, ``group``. Its attributes ``label`` and ``scale``
(``"log"`` or ``"linear"``) are those of an axis.

Each is computed history by history, so that mean and standard error over ``seed`` follow. Two are
only defined for all histories together (:func:`distance_of_means`, :func:`spread`; ``per_history``
is False): along ``seed`` they have the pseudo-values of the jackknife, whose mean is the estimate
(its bias of order 1/n removed) and whose standard error is that of the jackknife. A single one of
them means nothing.

:data:`QUANTITIES` has all of them by name.
"""

from __future__ import annotations

from .distances import (
    distance_of_histories,
    distance_of_lengths,
    distance_of_means,
    distance_of_z,
    spread,
)
from .quantity import QUANTITIES, Quantity, find, quantity
from .rates import entanglement_rate, entanglement_rate_over_gamma
from .samples import (
    entropy,
    entropy_per_neutrino,
    flavor_probability,
    length,
    neutrino_length,
    recorded,
    x,
    y,
    z,
)
from .times import first_minimum, time_to_equilibrium

__all__ = [
    "QUANTITIES",
    "Quantity",
    "distance_of_histories",
    "distance_of_lengths",
    "distance_of_means",
    "distance_of_z",
    "entanglement_rate",
    "entanglement_rate_over_gamma",
    "entropy",
    "entropy_per_neutrino",
    "find",
    "first_minimum",
    "flavor_probability",
    "length",
    "neutrino_length",
    "quantity",
    "recorded",
    "spread",
    "time_to_equilibrium",
    "x",
    "y",
    "z",
]
