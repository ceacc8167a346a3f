"""The results of a run: a table in the terminal, ``report.md`` and ``summary.json``."""

from ..common.provenance import Provenance
from ..reference import reference_label
from .conclusions import conclusions
from .page import markdown
from .record import Record
from .rows import Row, rows
from .summary import SUMMARY_FORMAT, summary, write
from .terminal import table

__all__ = [
    "SUMMARY_FORMAT",
    "Provenance",
    "Record",
    "Row",
    "conclusions",
    "markdown",
    "reference_label",
    "rows",
    "summary",
    "table",
    "write",
]
