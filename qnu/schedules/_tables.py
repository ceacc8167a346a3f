"""Schedules from tables, and tables from schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from ..profiles import Profile
from .rows import Encounters, Source

if TYPE_CHECKING:
    import pandas as pd


class Tables:
    """What turns tables into a schedule, and a schedule into a table."""

    @classmethod
    def of(cls, source: Source, **settings: Any) -> Self:
        """A schedule of rows."""
        raise NotImplementedError  # EncounterSchedule has it

    @property
    def rows(self) -> Encounters:
        """All encounters as arrays."""
        raise NotImplementedError  # EncounterSchedule has them

    @classmethod
    def from_table(
        cls,
        table: Any,
        *,
        columns: Any = None,
        numbered_from: int = 0,
        sort: bool = False,
        angle_factor: float = 1.0,
        time_factor: float = 1.0,
        duration: float | None = None,
        neutrinos: int | None = None,
        final_time: float | None = None,
        free_streaming: bool | None = None,
        gamma: float | None = None,
        mu: Profile | None = None,
        probability: float | None = None,
        matter: Profile | None = None,
        anisotropy: float | None = None,
    ) -> Self:
        r"""A schedule from a table with one encounter per row.

        The columns are ``first`` and ``second`` (numbers of neutrinos), ``swap_angle``
        (:math:`\theta` of :math:`\exp(-i\,\theta\,\mathrm{SWAP})`), ``start``, and, where there
        are such, ``duration`` and ``fresh`` (true or false, or 1 or 0). Other columns are not used.
        Whole numbers may be stored as floats.

        Args:
            table: the path of a text file (CSV, also with semicolons, tabs or blanks; ``#`` begins
                a comment) or of a ``.npz`` file with arrays of these names; a pandas DataFrame, an
                xarray Dataset, a structured array, or a dict of arrays. A file that :meth:`save`
                wrote also has the settings: those that are not given here.
            columns: ``{"first": "i", ...}`` where columns have other names. Of a text file that
                does not name its columns: the list of their names.
            numbered_from: the number of the first neutrino in the table: 0, or 1.
            sort: True: rows are put in order of ``start``; those that start together keep their
                order.
            angle_factor: multiplies every swap angle.
            time_factor: > 0, multiplies the columns ``start`` and ``duration``.
            duration: of every encounter, where there is no such column; default: 0, kicks. As
                ``final_time`` it is not multiplied by ``time_factor``.
            neutrinos: N; default: the largest number in the table is that of the last neutrino.
            final_time: end of the schedule; default: the end of the last encounter.
            free_streaming: as in :class:`~qnu.EncounterSchedule`; default: True.
            gamma, mu, probability, matter: what the encounters were made with, as there.
            anisotropy: as there; default: 1.

        Returns:
            the schedule.

        Raises:
            QnuError: no such file, a column that is missing, a value that no schedule may have;
                the message has the line of the file, or the number of the row.

        References:
            Kost, Johns, Duan, OILE I (PRD 109, 103037).

        Examples:
            >>> import pandas as pd, qnu
            >>> table = pd.DataFrame({"i": [1, 2], "j": [2, 3], "one_minus_cos": [1.0, 0.5],
            ...                       "t": [0.0, 1.5]})
            >>> names = {"first": "i", "second": "j", "swap_angle": "one_minus_cos", "start": "t"}
            >>> schedule = qnu.EncounterSchedule.from_table(
            ...     table, columns=names, numbered_from=1, angle_factor=0.1)
            >>> schedule
            <EncounterSchedule custom: 2 encounters of 3 neutrinos to t = 1.5>
            >>> schedule.second.tolist(), schedule.swap_angle.tolist()
            ([1, 2], [0.1, 0.05])
        """
        from ._columns import columns_of
        from ._from_table import scheduled

        return scheduled(
            cls.of,
            columns_of(table, columns),
            numbered_from=numbered_from,
            sort=sort,
            angle_factor=angle_factor,
            time_factor=time_factor,
            duration=duration,
            neutrinos=neutrinos,
            final_time=final_time,
            free_streaming=free_streaming,
            gamma=gamma,
            mu=mu,
            probability=probability,
            matter=matter,
            anisotropy=anisotropy,
        )

    def to_dataframe(self) -> pd.DataFrame:
        """The encounters as a pandas DataFrame, one per row.

        ``schedule.to_dataframe().to_csv("enc.csv", index=False)`` writes a file from which
        :meth:`from_table` and ``[schedule] file`` make the same encounters, bit for bit.

        Returns:
            the columns ``first``, ``second``, ``swap_angle``, ``start``, ``duration``, and
            ``fresh`` where partners are fresh.

        Raises:
            QnuError: more encounters than the memory holds.

        Examples:
            >>> import qnu
            >>> s = qnu.EncounterSchedule([0, 1], [1, 2], [0.3, 0.2], [0.0, 1.0], 0.5, neutrinos=3)
            >>> print(s.to_dataframe().to_csv(index=False))
            first,second,swap_angle,start,duration
            0,1,0.3,0.0,0.5
            1,2,0.2,1.0,0.5
            <BLANKLINE>
        """
        import pandas as pd

        columns = self.rows._asdict()
        return pd.DataFrame({name: part for name, part in columns.items() if part is not None})
