"""Results as tables that other programs read: CSV or NumPy files, ``qnu export``."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..averages import box_means
from ..common import netcdf, writing
from ..common.checks import choice, user_path
from ..errors import QnuError
from ..time_words import time_words
from ..trajectory import Trajectory
from . import tables
from .folder import new_folder
from .results import Results, load_results
from .sweep_figures import find as find_sweep
from .sweeps.place import FILE as SWEEP_FILE
from .tables import Table

if TYPE_CHECKING:
    import xarray as xr

FORMS = ("csv", "npz")
_COLUMNS = {
    "seed": "the seed of the history that the row is of",
    "time": "{time}",
    "path_km": "the same as a path in km",
    "group": "name of the group",
    "neutrino": "number of the neutrino, from 0",
    "first": "number of one neutrino of the pair, from 0",
    "second": "number of the other one",
    "omega": "vacuum frequency of the row in units of mu (of antineutrinos: of their isospin)",
    "antineutrino": "1: antineutrino, 0: neutrino",
    "P_x": "mean polarization of the group (with space: over all cells), mass basis, x",
    "P_y": "the same, y",
    "P_z": "the same, z; +1 is mass state 1. Antineutrinos: flavor isospin S = (-x, y, -z)",
    "length": "length of that vector (in the tables of means: mean of the lengths)",
    "neutrino_length": "mean of |P| over the neutrinos of the group",
    "entropy": "von Neumann entropy of one neutrino in bits, mean over the group",
    "P_nu_e": "probability of electron flavor, mean over the group; of antineutrinos: of anti-nu_e",
    "method": "label of the method",
    "cosine": "cosine of the angle of the beam to the z axis",
    "beam_weight": "weight of the beam; all have the sum 1",
}
_SUFFIXES = {
    "_shot_error": "standard error of the shots (of phase_space in sweeps: over its samples)",
    "_sample_error": "standard error of the mean over samples",
    "_standard_error": "standard error of the mean over seeds",
    "_error": "standard error of the shots",
    "_mean": "mean over seeds",
}


def export(
    source: str | Path | Results,
    output: str | Path | None = None,
    *,
    neutrinos: bool = False,
    form: str = "csv",
) -> list[Path]:
    """Writes results as tables: one file per method, and README.md with what the columns are.

    A row is one time and group; in an ensemble one time, group and seed, and ``LABEL.means`` has
    means over seeds with their standard errors. Observables of pairs and of the whole gas are in
    ``LABEL.whole``. Of a method with space all rows are means over its cells; every cell is in its
    ``.nc``. Numbers have all digits. Of a sweep: ``points`` (means) and ``histories`` (by
    seed), with a column for each parameter.

    Args:
        source: a folder of ``qnu run`` or ``qnu sweep``, a ``.nc`` file, or :class:`Results`.
        output: a new folder; default: ``FOLDER-tables``, beside the folder of the results.
        neutrinos: True: also ``LABEL.neutrinos``, one row per neutrino, and ``LABEL.pairs``.
        form: ``"csv"``, or ``"npz"``: the columns as NumPy arrays.

    Returns:
        the files, README.md last.

    Raises:
        QnuError: not a result, an output that exists or cannot be written, an unknown form.

    Examples:
        >>> import tempfile, qnu
        >>> with tempfile.TemporaryDirectory() as place:
        ...     results = qnu.experiment.run("tournament_4", Path(place) / "out")
        ...     files = export(results)
        ...     [file.name for file in files][:2], files[0].read_text().splitlines()[0]
        (['circuit.csv', 'circuit.whole.csv'], 'time,group,P_x,P_y,P_z,length,entropy,P_nu_e')
    """
    choice("form", form, FORMS)
    place, made, time = _made(source, neutrinos)
    if output is None and place is None:
        raise QnuError("output", output, "a folder (these results are in none)")
    final = user_path("output", output if output is not None else str(place))
    names = []
    with new_folder(final) as work:
        for name, table in made:
            _write(work / f"{name}.{form}", table, form)
            names.append((f"{name}.{form}", list(table)))
        (work / "README.md").write_text(_readme(names, time), encoding="utf-8")
    return [*(final / name for name, _ in names), final / "README.md"]


def _made(
    source: str | Path | Results, neutrinos: bool
) -> tuple[Path | None, Iterator[tuple[str, Table]], str]:
    """The default output, the tables by name, and what the times are."""
    if isinstance(source, Results):
        place = None if source.folder is None else _beside(source.folder)
        return place, _of_runs(source.trajectories, neutrinos), _time(source.trajectories)
    path = user_path("folder", source)
    if path.is_dir() and not (path / SWEEP_FILE).is_file():
        return _made(load_results(path), neutrinos)
    if not path.exists():
        raise QnuError("folder", str(source), "a folder of results, or a .nc file")
    file = find_sweep(path)
    dataset = netcdf.load(file)
    if "method" in dataset.dims and "seed" in dataset.dims:
        if neutrinos:
            allowed = "only of a run: a sweep keeps no single neutrinos"
            raise QnuError("--neutrinos", True, allowed)
        time = "sample time of the method"
        return _beside(file.parent), _of_sweep(dataset), time
    run = Trajectory.load(file)
    runs = {str(run.attrs.get("label", file.stem)): run}
    return _beside(file.with_suffix("")), _of_runs(runs, neutrinos), _time(runs)


def _beside(place: Path) -> Path:
    """Not inside: a result that replaces it would keep the tables of the earlier one."""
    place = place.resolve()
    return place.with_name(f"{place.name}-tables")


def _time(runs: Mapping[str, Trajectory]) -> str:
    return f"sample time, as {time_words(runs.values())} (in the unit in which mu = 1)"


def _of_runs(runs: Mapping[str, Trajectory], neutrinos: bool) -> Iterator[tuple[str, Table]]:
    for label, run in box_means(runs).items():
        yield label, tables.groups(run)
        if run.seeds is not None:
            yield f"{label}.means", tables.means(run)
        more: dict[str, Callable[[Trajectory], Table | None]] = {"whole": tables.whole}
        if neutrinos:
            more |= {"neutrinos": tables.neutrinos, "pairs": tables.pairs}
        for name, make in more.items():
            table = make(run)
            if table is not None:
                yield f"{label}.{name}", table


def _of_sweep(dataset: xr.Dataset) -> Iterator[tuple[str, Table]]:
    """``points``: what has no seed; ``histories``: what has one."""
    axes = list(dataset["final_time"].dims)
    for name, index in (
        ("points", [*axes, "method", "time", "group"]),
        ("histories", [*axes, "method", "seed", "time", "group"]),
    ):
        table = _long(dataset, index)
        if table is not None:
            yield name, table


def _long(dataset: xr.Dataset, index: list[Any]) -> Table | None:
    """One row per place of the index; variables of fewer dimensions are repeated in it."""
    wanted = {}
    for name, variable in dataset.data_vars.items():
        over = [d for d in variable.dims if d != "axis"]
        inside = set(over) <= set(index) and ("seed" in over) == ("seed" in index)
        if inside and "group" in over and not str(name).startswith("polarization_error_"):
            wanted[str(name)] = variable
    if not wanted:
        return None
    shape = [dataset.sizes[d] for d in index]
    columns = {}
    scalars = {k: c.values.item() for k, c in dataset.coords.items() if not c.dims}
    for k, d in enumerate(index):
        values = _named(dataset[d].values)
        turned = values.reshape([-1 if n == k else 1 for n in range(len(index))])
        columns[str(d)] = np.broadcast_to(turned, shape)
    if "sample_time" in dataset:  # the number of the sample, where methods differ
        columns["time"] = _spread(dataset["sample_time"], index, shape)
    for name, value in scalars.items():
        columns[str(name)] = np.broadcast_to(np.asarray(value), shape)
    for name, variable in wanted.items():
        if "axis" not in variable.dims:
            columns[name] = _spread(variable, index, shape)
            continue
        for axis in ("x", "y", "z"):
            own = name.replace("polarization_error", f"P_{axis}_shot_error")
            column = own.replace("polarization", f"P_{axis}")
            columns[column] = _spread(variable.sel(axis=axis), index, shape)
    # without places that no method has: other sample times, points that failed
    known = ~np.isnan(np.asarray(columns[next(c for c in columns if c.startswith("P_x"))])).ravel()
    return {name: np.asarray(column).ravel()[known].tolist() for name, column in columns.items()}


def _spread(variable: xr.DataArray, index: list[Any], shape: list[int]) -> Any:
    order = [d for d in index if d in variable.dims]
    values = variable.transpose(*order).values
    size = [variable.sizes[d] if d in order else 1 for d in index]
    return np.broadcast_to(values.reshape(size), shape)


def _named(values: Any) -> Any:
    return values.astype(str) if values.dtype.kind == "O" else values


def _write(file: Path, table: Table, form: str) -> None:
    if form == "npz":
        with writing.replacing(file) as stream:
            columns: dict[str, Any] = {name: np.asarray(v) for name, v in table.items()}
            np.savez_compressed(stream, **columns)
        return
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))  # floats with all digits, as repr
    writing.write(file, text.getvalue())


def _readme(files: list[tuple[str, list[str]]], time: str) -> str:
    names = dict.fromkeys(name for _, columns in files for name in columns)
    lines = [
        "# Tables of a result of qnu",
        "",
        "One line of names, then one row per line; numbers have all digits; `nan`: not known.",
        "",
        "| file | columns |",
        "| --- | --- |",
        *(f"| `{file}` | {', '.join(f'`{c}`' for c in columns)} |" for file, columns in files),
        "",
        "| column | what it is |",
        "| --- | --- |",
        *(f"| `{name}` | {_about(name, time)} |" for name in names),
        "",
    ]
    return "\n".join(lines)


def _about(name: str, time: str) -> str:
    if name in _COLUMNS:
        return _COLUMNS[name].format(time=time)
    for suffix, what in _SUFFIXES.items():
        if name.endswith(suffix):
            return f"{what}, of `{name.removesuffix(suffix)}`"
    if "." in name:
        return "parameter of the sweep"
    return "observable that was asked for (of pairs: the value of the pair, or the mean over pairs)"
