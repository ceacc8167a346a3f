"""Trajectories as tables for other programs: one row per time and group, or neutrino, or pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..averages import error_source, estimate, has_entropy, mean_over_seeds, requested_curves
from ..common.checks import Floats
from ..errors import QnuError
from ..observables import OF_COUPLINGS, OF_ONE
from ..trajectory import Trajectory

#: Columns by name, all of one length.
Table = dict[str, Any]

#: Columns of errors of one history, by where they come from.
_SUFFIX = {"": "", "shots": "_shot_error", "samples": "_sample_error"}
_COMPONENTS = {"P_x": "x", "P_y": "y", "P_z": "z"}
_PAIRS = ("seed", "time", "neutrino", "partner")


def groups(run: Trajectory) -> Table:
    r"""One row per time and group (and seed).

    ``P_x``, ``P_y``, ``P_z``: the mean :math:`\mathbf P_g` of the group in the mass basis;
    ``length``: :math:`|\mathbf P_g|`; ``entropy``: :math:`\langle S_i\rangle_g` in bits;
    ``P_nu_e``: :math:`\langle P(\nu_e)\rangle_g`, of antineutrinos :math:`P(\bar\nu_e)`; with
    ``_shot_error`` what shots add (``_sample_error``: samples of phase space); requested
    observables as means over the group.

    Args:
        run: of one history or of an ensemble.

    Returns:
        columns; in an ensemble a row is of one seed.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> table = groups(qnu.solvers.mean_field(gas, [0.0]))
        >>> list(table), table["group"], table["P_x"]
        (['time', 'group', 'P_x', 'P_y', 'P_z', 'length', 'entropy', 'P_nu_e'], ['1'], [1.0])
    """
    table = _index(run, run.group_names, "group")
    source = _SUFFIX[error_source(run)]
    for name, values, error in _quantities(run):
        table[name] = _flat(values)
        if error is not None:
            table[name + source] = _flat(error)
    return table


def means(run: Trajectory) -> Table:
    """The same averaged over the seeds of an ensemble, with ``_standard_error`` over seeds.

    Args:
        run: an ensemble.

    Raises:
        QnuError: a Trajectory of one history.
    """
    if run.seeds is None:
        raise QnuError("trajectory", "one history", "an ensemble")
    table = _index(run.history(int(run.seeds[0])), run.group_names, "group")
    source = _SUFFIX[error_source(run)]
    for name, values, error in _quantities(run):
        mean, spread = mean_over_seeds(values)
        table[name] = _flat(mean)
        if spread is not None:
            table[f"{name}_standard_error"] = _flat(spread)
        if error is not None:
            shots = np.sqrt((error**2).sum(axis=0)) / len(values)
            table[name + source] = _flat(shots)
    return table


def whole(run: Trajectory) -> Table | None:
    """One row per time (and seed): observables of the whole gas; None where none was requested.

    Observables of pairs are means over all pairs.
    """
    curves = [curve for curve in requested_curves(run) if not curve.group]
    if not curves:
        return None
    table = _index(run, None, "")
    for curve in curves:
        values = curve.values if run.seeds is None else curve.histories
        table[curve.observable] = _flat(values)
    return table


def neutrinos(run: Trajectory) -> Table | None:
    """One row per time and neutrino (and seed); None where a row of the method is a group.

    Besides the columns of :func:`groups`: ``neutrino`` (from 0), ``omega``, ``antineutrino`` (as 0
    or 1). Where rows are beams: ``cosine`` and ``beam_weight``.
    """
    if run.attrs.get("resolve") == "group":
        return None
    data = run.dataset
    rows = range(data.sizes["neutrino"])
    table = _index(run, rows, "neutrino")
    times = len(table["time"]) // len(rows)
    beams = [name for name in ("cosine", "beam_weight") if name in data.coords]
    for name in ("group", "omega", "antineutrino", *beams):
        values = data[name].values
        values = values.astype(int) if name == "antineutrino" else values
        table[name] = values.tolist() * times
    vectors = run.polarization
    for k, name in enumerate(_COMPONENTS):
        table[name] = _flat(vectors[..., k])
        if "polarization_error" in data:
            errors = np.asarray(data["polarization_error"].values)
            table[name + _SUFFIX[error_source(run)]] = _flat(errors[..., k])
    table["length"] = _flat(np.sqrt((vectors**2).sum(axis=-1)))
    if has_entropy(run):
        table["entropy"] = _flat(run.entropy())
    flavors = _flavors(run)
    if flavors is not None:
        table["P_nu_e"] = _flat(flavors)
    for name in OF_ONE:
        if name in data and data[name].dims[-2:] == ("time", "neutrino"):
            table[name] = _flat(np.asarray(data[name].values, float))
    for name in OF_COUPLINGS:
        if name in data:
            for k, axis in enumerate("xyz"):
                table[f"{name}_{axis}"] = _flat(np.asarray(data[name].values, float)[..., k])
                if f"{name}_error" in data:
                    errors = np.asarray(data[f"{name}_error"].values, float)
                    table[f"{name}_{axis}_shot_error"] = _flat(errors[..., k])
    return table


def pairs(run: Trajectory) -> Table | None:
    """One row per time and pair i < j (and seed): requested observables of pairs, or None."""
    names = [
        str(name)
        for name in run.dataset.data_vars
        if run.dataset[name].dims in (_PAIRS, _PAIRS[1:])
    ]
    if not names or run.dataset.sizes["partner"] < 2:
        return None
    first, second = np.triu_indices(run.dataset.sizes["partner"], 1)
    table = _index(run, first.tolist(), "first")
    table["second"] = second.tolist() * (len(table["time"]) // len(second))
    for name in names:
        table[name] = _flat(np.asarray(run.dataset[name].values, float)[..., first, second])
    return table


def _quantities(run: Trajectory) -> Iterator[tuple[str, Floats, Floats | None]]:
    """``(..., samples, groups)`` of every quantity, of an ensemble history by history."""
    rows = [*_COMPONENTS.items(), ("length", "length")]
    if has_entropy(run):
        rows.append(("entropy", "entropy"))
    for name, quantity in rows:
        yield name, *_with_error(run, quantity)
    flavors = _flavors(run)
    if flavors is not None:
        yield "P_nu_e", flavors @ run.group_weights().T, _flavor_error(run)
    curves = [c for c in requested_curves(run) if c.group and c.observable != "entropy"]
    for name in dict.fromkeys(curve.observable for curve in curves):
        over = [c for c in curves if c.observable == name]  # in the order of the groups
        values = [c.values if run.seeds is None else c.histories for c in over]
        yield name, np.stack(values, axis=-1), None
    for name in OF_COUPLINGS:
        if name in run.dataset:
            vectors = np.asarray(run.dataset[name].values, float)
            means = np.einsum("...nk,gn->...gk", vectors, run.group_weights())
            for k, axis in enumerate("xyz"):
                yield f"{name}_{axis}", means[..., k], None


def _with_error(run: Trajectory, quantity: str) -> tuple[Floats, Floats | None]:
    """Values and what shots add, of one history or of each."""
    if run.seeds is None:
        found = estimate(run, quantity)
        return found.mean, found.shot_error
    each = [estimate(run.history(int(seed)), quantity) for seed in run.seeds]
    values = np.stack([one.mean for one in each])
    errors = [one.shot_error for one in each if one.shot_error is not None]
    return values, np.stack(errors) if errors else None


def _flavors(run: Trajectory) -> Floats | None:
    """``(..., samples, rows)`` P(nu_e), or None where a mean does not determine it."""
    try:
        return run.flavor_probability("electron")
    except QnuError:
        return None


def _flavor_error(run: Trajectory) -> Floats | None:
    r"""``sqrt((sin 2 theta e_x)^2 + (cos 2 theta e_z)^2)/2``: x and z come from different shots."""
    error, angle = run.group_error(), float(run.attrs["mixing_angle"])
    if error is None:
        return None
    across, along = np.sin(2 * angle) * error[..., 0], np.cos(2 * angle) * error[..., 2]
    result: Floats = np.sqrt(across**2 + along**2) / 2
    return result


def _index(run: Trajectory, rows: Iterable[Any] | None, name: str) -> Table:
    """Seed, time and row of every line, in the order of :func:`_flat`."""
    parts = [None] if rows is None else list(rows)
    seeds = [None] if run.seeds is None else run.seeds.tolist()
    times = run.times.tolist()
    lines = [(seed, time, part) for seed in seeds for time in times for part in parts]
    table: Table = {} if run.seeds is None else {"seed": [line[0] for line in lines]}
    table["time"] = [line[1] for line in lines]
    if "mu_unit_per_km" in run.attrs:
        unit = float(run.attrs["mu_unit_per_km"])
        table["path_km"] = [line[1] / unit for line in lines]
    if rows is not None:
        table[name] = [line[2] for line in lines]
    return table


def _flat(values: Floats) -> list[float]:
    flat: list[float] = np.asarray(values, float).ravel().tolist()
    return flat
