"""Schedules of so many encounters that they cannot be drawn: everything but their rows is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn

from ..errors import QnuError, Words
from .rows import Encounters, Indices, Source

#: Ends the message where rows are asked for.
NEED_NONE = "mean_field, kinetic and miscidynamics take the schedule without its encounters"


class Undrawn(Source):
    """Rows that would take too long, or too much memory: to ask for one is an error.

    Args:
        refusal: what is too large, with the argument of the generator that makes it so.
        expected: about how many rows there would be.
        recipe: as of the rows, so that the schedule has the fingerprint it would have.
        background: as of the rows.
    """

    def __init__(
        self, refusal: QnuError, expected: float, recipe: str, background: int | None = None
    ) -> None:
        self._refusal, self.recipe, self.expected = refusal, recipe, expected
        self.background, self.fresh = background, background is not None

    @property
    def refusal(self) -> QnuError:  # type: ignore[override]  # read-only; new at every use
        """An error that names the argument of the generator."""
        return self._refusal.of(str(self._refusal.field))

    def require(self) -> NoReturn:
        """Always an error: the rows cannot be drawn."""
        found = Words(f"about {self.expected:.3g} encounters, which are not drawn")
        raise QnuError("schedule", found, f"{self._refusal.allowed}; {NEED_NONE}")

    @property
    def offsets(self) -> Indices:
        self.require()

    def sizes(self) -> Indices:
        self.require()

    def block(self, number: int) -> Iterator[Encounters]:
        del number
        self.require()

    def runs(self, begin: int, size: int) -> Iterator[Encounters]:
        del begin, size
        self.require()


def source_of(
    make: Callable[[], Source],
    check: Callable[[], None],
    expected: float,
    recipe: str,
    background: int | None = None,
) -> Source:
    """The rows where ``check`` lets them be made, else :class:`Undrawn` ones."""
    try:
        check()
    except QnuError as refusal:
        return Undrawn(refusal, expected, recipe, background)
    return make()
