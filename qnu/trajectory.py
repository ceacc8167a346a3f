"""Trajectory: the one result type of every solver and every machine."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from . import assembly, ensembles, observables, rows, schema
from . import cells as space
from .common import netcdf
from .common.checks import Floats, integer, number
from .common.times import nearest_sample
from .common.versions import installed_versions
from .errors import QnuError
from .gas import NeutrinoGas

if TYPE_CHECKING:
    from .beams import Beams
    from .schedules import EncounterSchedule

AXES = schema.AXES
#: The format of the file; a later one is refused.
FORMAT = "qnu trajectory 1"


class Trajectory:
    r"""Polarizations :math:`\mathbf P(t)` at sample times, with what is needed to understand them
    later.

    Wraps an :class:`xarray.Dataset` of a fixed schema (NetCDF-4 as a file), in ``dataset``:

    - dimensions ``time``, ``neutrino``, ``axis`` (x, y, z); where a method works on groups
      (attribute ``resolve = "group"``), ``neutrino`` indexes groups;
    - variable ``polarization (time, neutrino, axis)``; ``polarization_error`` where shots were
      taken; requested observables (``entropy``, ``pair_concurrence``, ...);
    - variable ``initial_polarization (neutrino, axis)``: of the gas, at t = 0, before any sample;
      where a group has neutrinos and antineutrinos, ``antineutrino_share (neutrino)``;
    - coordinates ``group`` (name), ``omega``, ``antineutrino``, ``count`` (neutrinos per row), of
      a gas with weights also ``weight`` (of each neutrino of the row);
    - of an ensemble (:meth:`of_histories`) what differs between its histories has the dimension
      ``seed`` first, as in ``polarization (seed, time, neutrino, axis)``, with the coordinate
      ``seed``; all shapes below then begin with the number of histories;
    - where rows are beams (:meth:`of_beams`) the coordinates ``cosine`` and ``beam_weight``, and
      with space the dimension ``cell`` (after ``seed``), whose coordinate is z in 1/mu; shapes
      below then have the number of cells there;
    - attributes: method, mu, gamma, seed, spec_hash, versions, wall_time_s, and the drift of what
      should be conserved (``drift_...``).

    Args:
        dataset: a dataset of this schema; solvers use :meth:`build`.

    Raises:
        QnuError: a dataset that lacks part of the schema, or has what no method can have written:
            times that decrease, numbers that are not finite, polarizations longer than 1 (where
            shots were taken, estimates far from any).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> qnu.solvers.mean_field(gas, [0.0, 1.0]).polarization.round(3).tolist()
        [[[1.0, 0.0, 0.0]], [[0.54, -0.841, 0.0]]]
    """

    def __init__(self, dataset: xr.Dataset) -> None:
        schema.check(dataset)
        self.dataset = dataset

    @classmethod
    def _of(cls, dataset: xr.Dataset) -> Trajectory:
        """Of a dataset that is valid; a long run must not be lost to a check of its results."""
        trajectory = cls.__new__(cls)
        trajectory.dataset = dataset
        return trajectory

    @classmethod
    def build(
        cls,
        method: str,
        gas: NeutrinoGas,
        times: Floats,
        polarization: Floats,
        *,
        started: float,
        resolve: str = "neutrino",
        schedule: EncounterSchedule | None = None,
        variables: Mapping[str, tuple[tuple[str, ...], Any]] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Trajectory:
        """A Trajectory from arrays; ``started`` is ``time.perf_counter()`` at the beginning."""
        attrs = assembly.attributes(method, gas, resolve, schedule) | dict(attributes or {})
        data = xr.Dataset(
            {
                "polarization": (("time", "neutrino", "axis"), np.asarray(polarization, float)),
                **assembly.initial_variables(gas, resolve),
                **(variables or {}),
            },
            coords=assembly.coordinates(gas, times, resolve),
        )
        return cls._built(data, attrs, started)

    @classmethod
    def of_beams(
        cls,
        method: str,
        beams: Beams,
        times: Floats,
        polarization: Floats,
        *,
        started: float,
        cells: Floats | None,
        schedule: EncounterSchedule | None = None,
        variables: Mapping[str, tuple[tuple[str, ...], Any]] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Trajectory:
        r"""A Trajectory whose rows are beams: group means are :math:`\sum w_b P_b/\sum w_b`.

        Args:
            method: its name.
            beams: cosines, weights and species.
            times: ``(samples,)``.
            polarization: ``(cells, samples, beams, 3)``; without space ``(samples, beams, 3)``.
            started: ``time.perf_counter()`` at the beginning.
            cells: ``(cells,)`` z of the centers of cells in 1/mu; None: no space.
            schedule: what mu, matter and gamma were taken from.
            variables: more variables; ``initial_polarization ([cell,] neutrino, axis)`` where the
                start is not that of ``beams``.
            attributes: more attributes.
        """
        attrs = space.attributes(method, beams, schedule) | dict(attributes or {})
        data = space.of_beams(beams, times, polarization, cells, variables or {})
        return cls._built(data, attrs, started)

    @classmethod
    def _built(cls, data: xr.Dataset, attrs: Mapping[str, Any], started: float) -> Trajectory:
        attrs = assembly.with_drift(attrs)
        attrs["versions"] = json.dumps(dict(installed_versions()))
        attrs["wall_time_s"] = clock.perf_counter() - started
        data.attrs = {k: v for k, v in attrs.items() if v is not None}
        schema.check(data, lengths=False)  # the drift of a method is recorded, not refused
        return cls._of(data)

    @classmethod
    def of_histories(cls, histories: Sequence[Trajectory], seeds: Sequence[int]) -> Trajectory:
        """An ensemble: histories of one method that differ in what was drawn.

        Args:
            histories: of one method, with the same groups and sample times.
            seeds: a whole number for each.

        Returns:
            a Trajectory with the dimension ``seed`` first; :meth:`history` takes one out again.

        Raises:
            QnuError: histories that do not belong together, two alike seeds.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0, 0])
            >>> runs = [qnu.solvers.independent(gas, qnu.schedules.random_pairs(
            ...     gas, gamma=0.3, encounters=2, seed=seed)) for seed in range(5)]
            >>> qnu.Trajectory.of_histories(runs, seeds=range(5)).group_mean().shape
            (5, 2, 1, 3)
        """
        numbers = [integer(f"seeds[{k}]", seed) for k, seed in enumerate(seeds)]
        dataset = ensembles.stack([run.dataset for run in histories], numbers)
        schema.check(dataset, lengths=False)
        return cls._of(dataset)

    def __repr__(self) -> str:
        sizes, kind = self.dataset.sizes, self.attrs.get("resolve", "neutrino")
        more = [f", {sizes[name]} {name}s" for name in (schema.CELL, schema.SEED) if name in sizes]
        return (
            f"<Trajectory {self.method}: {sizes['time']} samples,"
            f" {sizes['neutrino']} {kind}{'s' if sizes['neutrino'] != 1 else ''}{''.join(more)}>"
        )

    def __getitem__(self, name: str) -> xr.DataArray:
        if name not in self.dataset:
            raise QnuError("observable", name, f"one of {sorted(map(str, self.dataset.variables))}")
        return self.dataset[name]

    def __contains__(self, name: str) -> bool:
        return name in self.dataset

    @property
    def attrs(self) -> dict[str, Any]:
        """Everything recorded beside the numbers."""
        return self.dataset.attrs

    @property
    def method(self) -> str:
        """The method that made it."""
        return str(self.attrs.get("method", "unknown"))

    @property
    def times(self) -> Floats:
        """``(samples,)`` in units of 1/mu."""
        return np.asarray(self.dataset["time"].values)

    @property
    def path_km(self) -> Floats:
        """``(samples,)`` the path :math:`c t` in km.

        Raises:
            QnuError: the unit of mu is not recorded (``mu_unit_per_km``, in rad/km), as experiments
                with ``[units]`` record it.
        """
        return rows.in_km(self.dataset, self.times)

    @property
    def seeds(self) -> NDArray[np.int64] | None:
        """``(histories,)`` the seeds of an ensemble; None: this is one history."""
        if schema.SEED not in self.dataset.dims:
            return None
        return np.asarray(self.dataset[schema.SEED].values)

    @property
    def cells(self) -> Floats | None:
        """``(cells,)`` z of the centers of cells in 1/mu; None: a result without space."""
        if schema.CELL not in self.dataset.dims:
            return None
        return np.asarray(self.dataset[schema.CELL].values)

    def box_mean(self) -> Trajectory:
        r""":math:`\frac1n\sum_z\mathbf P_b(z, t)`: what tables, comparisons and curves show.

        Returns:
            a Trajectory without the dimension ``cell``; the same one where it has none.
        """
        return self if self.cells is None else Trajectory._of(space.box_mean(self.dataset))

    def history(self, seed: int) -> Trajectory:
        """One history of an ensemble, as the method gave it for that seed.

        Raises:
            QnuError: no such seed; a Trajectory that is one history already.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0, 0])
            >>> runs = [qnu.solvers.independent(gas, qnu.schedules.random_pairs(
            ...     gas, gamma=0.3, encounters=2, seed=seed)) for seed in (1, 2)]
            >>> both = qnu.Trajectory.of_histories(runs, seeds=[1, 2])
            >>> both.polarization.shape, both.history(2).polarization.shape
            ((2, 2, 2, 3), (2, 2, 3))
        """
        if self.seeds is None:
            raise QnuError("seed", seed, "an ensemble to take it from (this is one history)")
        found = np.flatnonzero(self.seeds == integer("seed", seed))
        if not len(found):
            allowed = f"one of {self.seeds[0]} to {self.seeds[-1]}"
            raise QnuError("seed", seed, allowed)
        return Trajectory._of(ensembles.history(self.dataset, int(found[0])))

    @property
    def polarization(self) -> Floats:
        """``(samples, neutrinos or groups, 3)``."""
        return np.asarray(self.dataset["polarization"].values)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Names of the groups, in the order of the gas."""
        if "group_names" not in self.attrs:
            return tuple(dict.fromkeys(self.dataset["group"].values.tolist()))
        return tuple(json.loads(self.attrs["group_names"]))

    def group_weights(self) -> Floats:
        """``(groups, rows)``: rows of the mean over every group."""
        return rows.group_weights(self.dataset, self.group_names)

    def group_mean(self) -> Floats:
        """``(samples, groups, 3)``: the mean polarization of every group."""
        result: Floats = np.einsum("gn,...tna->...tga", self.group_weights(), self.polarization)
        return result

    def group_length(self) -> Floats:
        """``(samples, groups)``: length of the mean polarization of every group."""
        return observables.length(self.group_mean())

    def group_error(self) -> Floats | None:
        """``(samples, groups, 3)`` standard errors of :meth:`group_mean`, or None without shots."""
        return rows.group_error(self.dataset, self.group_names)

    def total(self) -> Floats:
        r"""``(samples, 3)``: the mean polarization of the whole gas.

        Of a gas with weights it is :math:`\sum_i w_i\mathbf P_i/\sum_i w_i`: what is conserved.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas.from_groups(
            ...     [qnu.Group(5, (0, 0, 1)), qnu.Group(5, (0, 0, -1), weight=0.6)], "right-angle")
            >>> qnu.solvers.mean_field(gas, [0.0]).total()       # (5 - 3)/(5 + 3) along z
            array([[0.  , 0.  , 0.25]])
        """
        share = rows.shares(self.dataset)
        result: Floats = np.einsum("n,...tna->...ta", share, self.polarization)
        return result

    def entropy(self) -> Floats:
        """``(samples, neutrinos)`` von Neumann entropy in bits (see :mod:`qnu.observables`)."""
        return observables.entropy(self.polarization)

    def purity(self) -> Floats:
        r"""``(samples, neutrinos)`` purity :math:`(1 + |\mathbf P|^2)/2`."""
        return observables.purity(self.polarization)

    def flavor_probability(self, flavor: str = "electron") -> Floats:
        """``(samples, neutrinos)`` probability of a flavor, antineutrinos included.

        Of a group with neutrinos and antineutrinos that start alike (the same P and S) it is the
        mean over its members.

        Raises:
            QnuError: a row that is the mean of neutrinos and antineutrinos that do not start alike:
                the mean of P and S does not determine a flavor.
        """
        return rows.flavor_probability(self.dataset, flavor)

    def survival_probability(self) -> Floats:
        r"""``(samples, neutrinos)`` chance to find each in the state that the gas began in.

        That is the state of the gas at t = 0, whatever the first sample time is, and exact also
        where the samples were measured with shots.

        Raises:
            QnuError: neutrinos (or groups) that do not begin pure, :math:`|\mathbf P| = 1`; a file
                of an earlier version that does not have the beginning.
        """
        start = rows.initial(self.dataset)
        return observables.survival_probability(self.polarization, start)

    def index_of(self, time: float | None = None) -> int:
        """Number of the sample at a time (default: the last one)."""
        if time is None:
            return len(self.times) - 1
        time = number("time", time)
        k, same = nearest_sample(self.times, time)
        if not same:
            raise QnuError("time", time, f"a sample time; the nearest is {self.times[k]:.10g}")
        return k

    def at(self, time: float | None = None) -> Floats:
        """``(neutrinos, 3)`` at a sample time (default: the last one)."""
        result: Floats = self.polarization[..., self.index_of(time), :, :]
        return result

    def with_attributes(self, **attributes: Any) -> Trajectory:
        """The same numbers with more recorded beside them."""
        return Trajectory._of(
            self.dataset.assign_attrs({k: v for k, v in attributes.items() if v is not None})
        )

    def save(self, path: str | Path) -> None:
        """Write a NetCDF file (``.nc``) that :meth:`load` reads back bit for bit.

        The file is whole, or the earlier one stays. It ends with a SHA-256 of its content, which
        :meth:`load` checks and other programs pass over. Beside the dataset its bytes are held in
        memory once while they are written.

        Raises:
            QnuError: an attribute that NetCDF cannot hold (True, 10**20, text with NUL, a
                dictionary), too little memory, a place that cannot be written or has no room.
        """
        netcdf.save(self.dataset.assign_attrs(format=FORMAT), path)

    @classmethod
    def load(cls, path: str | Path) -> Trajectory:
        """Read what :meth:`save` wrote.

        A file that ends with the SHA-256 of :meth:`save` is checked against it. One without (of an
        earlier version of qnu, or changed by a program that removed it) is read if it is a
        Trajectory: dimensions, types and ranges are checked in either case.

        Raises:
            QnuError: no such file, not a Trajectory, one that is damaged or that another process
                is writing, data outside the file, more than the memory holds.

        Examples:
            >>> import qnu, tempfile, pathlib
            >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
            >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     run.save(pathlib.Path(folder) / "run.nc")
            ...     Trajectory.load(pathlib.Path(folder) / "run.nc").method
            'mean_field'
        """
        dataset = netcdf.load(path)
        written = dataset.attrs.pop("format", FORMAT)
        if written != FORMAT:
            raise QnuError("trajectory file", written, f"{FORMAT!r} (it is of a newer qnu)")
        return cls(dataset)
