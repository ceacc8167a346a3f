"""The registry of quantities, and how one is added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..common.spelling import did_you_mean
from ..errors import QnuError

if TYPE_CHECKING:
    import xarray as xr

    #: dataset, options -> DataArray
    Function = Callable[..., xr.DataArray]


@dataclass(frozen=True)
class Quantity:
    """A function of the dataset of a sweep, with what an axis needs to know about it.

    Called, it returns what the function returns, with ``label``, ``scale`` and ``per_history`` in
    the attributes.

    Args:
        name: by which ``qnu plot`` and :data:`QUANTITIES` know it.
        function: ``(dataset, **options) -> DataArray``; its docstring has the formula.
        label: of the axis, in LaTeX.
        scale: ``"log"`` where it is positive and a power law is what one looks for.
        per_history: False where only all histories together have it.

    Examples:
        >>> QUANTITIES["distance_of_means"].per_history
        False
    """

    name: str
    function: Function
    label: str
    scale: Literal["log", "linear"] = "linear"
    per_history: bool = True

    def __call__(self, dataset: xr.Dataset, **options: Any) -> xr.DataArray:
        """The numbers, with what an axis needs to know in the attributes."""
        attributes = {
            "label": self.label,
            "scale": self.scale,
            "per_history": int(self.per_history),  # NetCDF has no True
        }
        found = self.function(dataset, **options).rename(self.name)
        return found.assign_attrs(attributes)

    @property
    def about(self) -> str:
        """The first paragraph of its docstring."""
        text = (self.function.__doc__ or "").strip().partition("\n\n")[0]
        return " ".join(text.split())


#: Every quantity by its name.
QUANTITIES: dict[str, Quantity] = {}


def quantity(
    label: str, scale: Literal["log", "linear"] = "linear", per_history: bool = True
) -> Callable[[Function], Function]:
    """Adds a function to :data:`QUANTITIES` under its own name.

    Args:
        label: of the axis, in LaTeX.
        scale: ``"log"`` where it is positive and a power law is what one looks for.
        per_history: False where only all histories together have it.

    Returns:
        a decorator that returns the function as it is.

    Raises:
        QnuError: a name that is taken.

    Examples:
        >>> @quantity(r"$1 - L$")
        ... def lost_length(dataset):
        ...     return 1 - QUANTITIES["length"](dataset)
        >>> QUANTITIES.pop("lost_length").label
        '$1 - L$'
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in QUANTITIES:
            raise QnuError("quantity", name, "a name that is not taken")
        QUANTITIES[name] = Quantity(name, function, label, scale, per_history)
        return function

    return register


def find(name: str) -> Quantity:
    """The quantity of a name.

    Args:
        name: one of :data:`QUANTITIES`.

    Returns:
        the quantity.

    Raises:
        QnuError: another name, with the nearest.

    Examples:
        >>> find("entropy").scale
        'linear'
        >>> find("entropi")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: quantity: got 'entropi'; allowed: one of ...
    """
    if name not in QUANTITIES:
        known = ", ".join(QUANTITIES)
        hint = did_you_mean(name, QUANTITIES) if isinstance(name, str) else ""
        raise QnuError("quantity", name, f"one of {known}{hint}")
    return QUANTITIES[name]
