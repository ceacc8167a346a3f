"""How many encounters a schedule has, also where they have not been drawn."""

from __future__ import annotations

from .rows import Encounters, Source


class Countable:
    """The number of rows of a source: exact, or about."""

    source: Source

    @property
    def rows(self) -> Encounters:
        """All encounters as arrays."""
        raise NotImplementedError  # EncounterSchedule has them

    def __len__(self) -> int:
        if "rows" in vars(self):  # no need to count what is there
            return len(self.rows.first)
        return int(self.source.offsets[-1])

    @property
    def counted(self) -> bool:
        """Whether the number of encounters is known without drawing any."""
        if self.source.refusal is not None:
            return False
        known = self.source.expected is None or "offsets" in vars(self.source)
        return known or "rows" in vars(self)

    @property
    def expected(self) -> float:
        """How many encounters: the mean number where they are not :attr:`counted`."""
        mean = self.source.expected
        return float(len(self)) if mean is None or self.counted else mean

    @property
    def size(self) -> str:
        """How many encounters, in words; none is drawn for it.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 100, omega=[0.0] * 100)
            >>> qnu.schedules.stochastic(gas, 6e-11, probability=0.1, duration=500.0).size
            'about 4.17e+14 encounters (not drawn)'
        """
        if self.counted:
            return f"{len(self)} encounters"
        return f"about {self.expected:.3g} encounters (not drawn)"
