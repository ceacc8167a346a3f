"""Names that are others now: the old one still works, with a DeprecationWarning."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ..errors import QnuError

P = ParamSpec("P")
R = TypeVar("R")


def warn_renamed(old: str, new: str, until: str, stacklevel: int = 2) -> None:
    """A DeprecationWarning that says the new name, and until when the old one works.

    Args:
        old: the former name, as the user wrote it.
        new: the present one.
        until: the version in which the old one goes.
        stacklevel: as in :func:`warnings.warn`, counted from the caller.

    Examples:
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn_renamed("Wiring.traded", "swapped", "0.4")
        ...     str(caught[0].message)
        'Wiring.traded is now called swapped (until qnu 0.4)'
    """
    text = f"{old} is now called {new} (until qnu {until})"
    warnings.warn(text, DeprecationWarning, stacklevel=stacklevel + 1)


def renamed_keyword(old: str, new: str, until: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: the keyword ``old`` is accepted for ``new``.

    Args:
        old: the former name.
        new: the name in the signature.
        until: the version in which the old one goes.

    Returns:
        the decorator.

    Raises:
        QnuError: from the decorated function, where both names are given.

    Examples:
        >>> @renamed_keyword("colour", "color", until="0.4")
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
                warn_renamed(f"{function.__name__}: the keyword {old}", new, until)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return accepting

    return decorator
