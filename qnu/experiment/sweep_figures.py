"""Figures of a sweep: its folder or file, the ``[plot]`` table of its file, and what is added."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..common import netcdf, toml
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from . import theory_runs
from .figures import check_output
from .plot_table import PlotTable, is_run
from .sweeps.place import FILE as SWEEP_FILE

if TYPE_CHECKING:
    import xarray as xr


def find(place: Path) -> Path:
    """The dataset of a sweep: of its folder, or the file itself.

    Raises:
        QnuError: no such place, or the folder of something else.
    """
    if place.is_dir():
        file = place / SWEEP_FILE
        if file.is_file():
            return file
        if (place / "summary.json").is_file():
            got = Words(f"{str(place)!r}, a folder of `qnu run`")
            raise QnuError("folder", got, "a folder of `qnu sweep` (its own are in figures/)")
        got = Words(f"{str(place)!r}, without {SWEEP_FILE}")
        raise QnuError("folder", got, "a folder of `qnu sweep` that has ended")
    if not place.exists():
        raise QnuError("folder", str(place), f"a folder of `qnu sweep`, or its {SWEEP_FILE}")
    return place


def table_of(dataset: xr.Dataset) -> dict[str, Any]:
    """The ``[plot]`` table of the file that was swept; empty where it has none.

    Raises:
        QnuError: a table that cannot be read, which qnu does not write.
    """
    try:
        table = toml.loads(str(dataset.attrs.get("spec", ""))).get("plot", {})
    except tomllib.TOMLDecodeError as error:
        raise QnuError(
            "sweep file", Words(f"the attribute spec, no TOML ({error})"), "TOML"
        ) from None
    return dict(table) if isinstance(table, dict) else {}


def settings(dataset: xr.Dataset, given: Mapping[str, Any]) -> PlotTable:
    """The table of the file with what is given instead; ``at`` and the like key by key.

    Raises:
        QnuError: an unknown key (with the nearest), or a value that is not allowed.
    """
    table = table_of(dataset)
    if given.get("quantity") not in (None, table.get("quantity")):
        # these belong to the quantity of the file
        for name in ("slope", "scale", "options", "title"):
            table.pop(name, None)
        table["theory"] = {n: one for n, one in table.get("theory", {}).items() if is_run(one)}
    if given.get("x") not in (None, table.get("x")):
        # curves of another schedule are drawn against the x of the file; its lines may be x now
        table["theory"] = {n: one for n, one in table.get("theory", {}).items() if not is_run(one)}
        if given["x"] == table.get("line"):
            del table["line"]
    for name, value in given.items():
        inner = isinstance(value, Mapping) and isinstance(table.get(name), Mapping)
        table[name] = {**table[name], **value} if inner else value
    # what is drawn against x or as lines is not at one value
    axes = [table.get("x"), table.get("line")]
    try:
        checked = PlotTable.model_validate(table)
    except ValidationError as error:
        raise _one_line(error) from None
    at = {k: v for k, v in checked.at.items() if k not in axes}
    return checked.model_copy(update={"at": at})


def _one_line(error: ValidationError) -> QnuError:
    problem: Any = error.errors(include_url=False)[0]
    name = str(problem["loc"][0])
    own = problem.get("ctx", {}).get("error")
    if isinstance(own, QnuError):
        return own.of(f"plot.{own.field}")
    if name not in PlotTable.model_fields:
        known = list(PlotTable.model_fields)
        hint = did_you_mean(name, known)
        return QnuError("plot", Words(f"{name!r} (an unknown key)"), ", ".join(known) + hint)
    allowed = PlotTable.model_fields[name].description or problem["msg"]
    return QnuError(f"plot.{name}", problem["input"], allowed)


def opened(place: Path) -> tuple[Path, xr.Dataset]:
    """The file of a sweep and what is in it."""
    file = find(place)
    try:
        dataset = netcdf.load(file)
    except QnuError as error:
        raise error.of("sweep file") from None
    if "method" not in dataset.dims or "seed" not in dataset.dims:
        raise QnuError("sweep file", str(file), f"{SWEEP_FILE} of `qnu sweep` (this is none)")
    return file, dataset


def names(place: Path) -> dict[str, str]:
    """What can be drawn of a sweep, with a few words on each."""
    from ..plotting.sweep_quantity import names as known
    from ..quantities import QUANTITIES

    _, dataset = opened(place)
    labels = {name: q.label for name, q in QUANTITIES.items()}
    return {name: _in_words(labels.get(name, "an observable")) for name in known(dataset)}


def _in_words(label: str) -> str:
    """A label without its formulas: a terminal does not show them."""
    short = re.sub(r"\$(\w)\$", r"\1", label.replace(r"$\mu t$", "mu t"))
    return " ".join(re.sub(r"\$[^$]*\$", "", short).split()).strip(" ,")


def draw(place: Path, given: Mapping[str, Any], output: Path | None = None) -> list[Path]:
    """Draws one figure of a sweep.

    Args:
        place: the folder of ``qnu sweep``, or its file.
        given: keys of ``[plot]`` that replace those of the file.
        output: a file; None: ``figures/QUANTITY.png`` and ``.pdf`` beside the dataset.

    Returns:
        the files that were written.

    Raises:
        QnuError: no sweep there; an unknown name, with the nearest; a place that cannot be written.
    """
    from .. import plotting
    from ..plotting.files import write

    check_output(output)
    file, dataset = opened(place)
    table = settings(dataset, given).model_dump()
    quantity = table.pop("quantity")
    names = [quantity] if isinstance(quantity, str) else quantity
    table["theory"] = _theory(dataset, table, names)
    figure = plotting.sweep(dataset, quantity, **table)
    if output is not None:
        write(figure, output)
        return [output]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(names))
    return list(plotting.save(figure, file.parent / "figures", name))


def _theory(dataset: xr.Dataset, table: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Curves of other schedules are computed, for the groups that are drawn."""
    curves = theory_runs.computed(dataset, table["theory"], names, table["x"])
    wanted = table["groups"]
    if wanted is None:
        return curves
    own = {name for name, one in table["theory"].items() if is_run(one)}
    return {n: _of_groups(one, wanted) if n in own else one for n, one in curves.items()}


def _of_groups(curve: Any, wanted: list[str]) -> Any:
    if not isinstance(curve, dict):
        return curve
    if all(isinstance(part, dict) for part in curve.values()):
        return {name: _of_groups(part, wanted) for name, part in curve.items()}
    return {group: part for group, part in curve.items() if group in wanted}
