"""Keywords that have another name now: the old one still works, with a DeprecationWarning."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..errors import QnuError

P = ParamSpec("P")
R = TypeVar("R")


def renamed_keyword(old: str, new: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: the keyword ``old`` is accepted for ``new``.

    Args:
        old: the former name.
        new: the name in the signature.

    Returns:
        the decorator.

    Raises:
        QnuError: from the decorated function, where both names are given.

    Examples:
        >>> @renamed_keyword("colour", "color")
        ... def paint(*, color="red"):
        ...     return color
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     paint(colour="blue"), str(caught[0].message)
        ('blue', 'paint: the keyword colour is now called color (until qnu 0.4)')
    """

    def decorator(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
            if old in kwargs:
                if new in kwargs:
                    raise QnuError(old, kwargs[old], f"only {new}, its present name")
                text = f"{function.__name__}: the keyword {old} is now called {new} (until qnu 0.4)"
                warnings.warn(text, DeprecationWarning, stacklevel=2)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return accepting

    return decorator
