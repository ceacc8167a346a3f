"""The figures of docs/start: the experiment whose file stands in the page itself."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

import qnu
from qnu import plotting

PAGE = Path(__file__).parent / "start" / "experiment.md"


def my_gas() -> Figure:
    """``comparison.png`` of ``qnu run my_gas.toml``, with the file that the page shows."""
    found = re.search(r"```toml\n(# my_gas\.toml\n.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "my_gas.toml"
        path.write_text(found[1], encoding="utf-8")
        experiment = qnu.experiment.load(path)
    return plotting.compare(
        qnu.experiment.simulate(experiment), individuals=experiment.spec.output.individuals
    )


FIGURES: dict[str, Callable[[], Figure]] = {"my_gas": my_gas}
