"""Classes that are found by a name which one of their fields says."""

from __future__ import annotations

from typing import TypeVar, get_args

from pydantic import BaseModel

from ..errors import QnuError

Model = TypeVar("Model", bound=BaseModel)


def register(cls: type[Model], field: str, registry: dict[str, type[Model]]) -> None:
    """Adds a class under the one word of its ``field: Literal["..."]``, once.

    A class that inherits the field, or declares it without a word, is not added.

    Args:
        cls: a class that has just been defined.
        field: ``"kind"`` or ``"provider"``.
        registry: where it is added.

    Raises:
        QnuError: a word that another class has.

    Examples:
        >>> import qnu
        >>> known = {}
        >>> register(qnu.schedules.KINDS["native"], "kind", known)
        >>> list(known)
        ['native']
    """
    words = get_args(cls.model_fields[field].annotation) if field in cls.__annotations__ else ()
    if words:
        (word,) = words
        if word in registry:
            raise QnuError(field, word, "a name that is not registered yet")
        registry[word] = cls
