"""Results of primitives as polarizations with errors, mitigated as the recipe says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...common.checks import Floats, number
from ...errors import QnuError
from ...observables import Variables
from ..simulate.outcomes import signs
from . import mitigation, pairs, statistics
from .mitigation import Calibration


@dataclass(frozen=True, eq=False)
class Readout:
    """Polarizations with their errors, and attributes of the Trajectory."""

    #: ``(time, N, 3)``
    mean: Floats
    #: ``(time, N, 3)`` standard errors.
    error: Floats
    #: ``(time, groups, 3)`` standard errors of group means.
    group_error: Floats | None
    #: ``(time, N, 3, 3)`` covariances of different components of one neutrino; None: all 0.
    cross: Floats | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    #: Others of the Trajectory: the collision term.
    variables: Variables = field(default_factory=dict)


def outcomes_of(result: Any, bits: int) -> tuple[Floats, Floats]:
    """Outcomes ``(kinds, bits)`` of a sampler's result or of counts, and their numbers."""
    if isinstance(result, Mapping):
        counts: dict[str, float] = {}
        for key, count in result.items():
            outcome = hex(_outcome(key, bits))
            counts[outcome] = counts.get(outcome, 0) + number("counts", count, low=0.0)
        if not sum(counts.values()):
            raise QnuError("counts", dict(result), "at least one shot")
    else:
        (register,) = result.data.values()
        if register.num_bits != bits:
            raise QnuError("results", f"{register.num_bits} bits", f"{bits} bits")
        counts = {hex(key): n for key, n in register.get_int_counts().items()}
    return signs(counts, bits)


def _outcome(key: Any, bits: int) -> int:
    """One outcome as a whole number; bit k is neutrino k."""
    allowed = f"an outcome of {bits} bits: a bit string, a hexadecimal string or a whole number"
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        outcome = int(key)
    elif isinstance(key, str):
        text = key.replace(" ", "")
        hexadecimal = text[:2] in ("0x", "0X")
        digits = text[2:] if hexadecimal else text
        alphabet = "0123456789abcdefABCDEF" if hexadecimal else "01"
        if not digits or set(digits) - set(alphabet) or (not hexadecimal and len(digits) != bits):
            raise QnuError("counts", key, allowed)
        outcome = int(digits, 16 if hexadecimal else 2)
    else:
        raise QnuError("counts", key, allowed)
    if not 0 <= outcome < 1 << bits:
        raise QnuError("counts", key, allowed)
    return outcome


def sampled(results: Sequence[Any], recipe: Mapping[str, Any]) -> Readout:
    """From shots in three bases, or in Z alone where X and Y vanish by symmetry."""
    count, times = _shape(recipe)
    options = recipe["mitigation"]
    mean, spread = np.zeros((times, count, 3)), np.zeros((times, 3, count, count))
    shots = np.full((times, 3), float(recipe["shots"]))
    retained: list[float] = []
    for k, (sample, axis) in enumerate(recipe["settings"]):
        outcomes, number = outcomes_of(results[k], count)
        if options["symmetry"] == "postselect":
            outcomes, number, fraction = mitigation.postselect(outcomes, number, recipe["ones"])
            retained.append(fraction)
        m, error = statistics.mean_and_error(outcomes, number)
        c = statistics.covariance(outcomes, number, error)
        if options["readout"] == "calibrated":
            m, c = mitigation.correct_readout(m, c, _calibration(results, recipe, k))
        mean[sample, :, axis], spread[sample, axis] = m, c
        shots[sample, axis] = number.sum()
    cross, attributes = _checked(mean, spread, recipe)
    if retained:
        attributes["retained"] = " ".join(f"{fraction:.4f}" for fraction in retained)
    members = [np.array(rows) for rows in recipe["members"]]
    group_error = np.array(
        [
            [statistics.group_errors(spread[t, axis], members, shots[t, axis]) for axis in range(3)]
            for t in range(times)
        ]
    ).transpose(0, 2, 1)
    error = np.sqrt(np.einsum("taii->tia", spread))
    return Readout(mean, error, group_error, cross, attributes)


def sampled_pairs(results: Sequence[Any], recipe: Mapping[str, Any]) -> Readout:
    """From shots in the settings that measure all pairs: also the collision term."""
    count, times = _shape(recipe)
    bases, corrected = recipe["bases"], recipe["mitigation"]["readout"] == "calibrated"
    samples: list[list[pairs.Setting]] = [[] for _ in range(times)]
    calibrations: list[Calibration | None] = [None] * times
    for k, (sample, setting) in enumerate(recipe["settings"]):
        samples[sample].append(pairs.Setting(bases[setting], *outcomes_of(results[k], count)))
        if corrected and calibrations[sample] is None:  # one layout for all settings of a sample
            calibrations[sample] = _calibration(results, recipe, k)
    read = [
        pairs.pair_readout(settings, np.array(couplings), calibration)
        for settings, couplings, calibration in zip(
            samples, recipe["couplings"], calibrations, strict=True
        )
    ]
    members = [np.array(rows) for rows in recipe["members"]]
    mean, variables = pairs.stacked(read, members)
    spread = np.array([one.covariance for one in read])
    _, attributes = _checked(mean, spread, recipe)
    attributes["settings"] = len(bases)
    error = variables.pop("polarization_error")[1]
    group_error = variables.pop("group_polarization_error")[1]
    return Readout(mean, error, group_error, None, attributes, variables)


def estimated(results: Sequence[Any], recipe: Mapping[str, Any]) -> Readout:
    """From expectation values with error bars.

    Values without a finite error bar are named and excluded from means. The error of the total
    along B, which rescaling and ``total_z_pull`` use, is that of uncorrelated neutrinos: the
    estimator gives no correlations.
    """
    count, times = _shape(recipe)
    mean = np.array([np.asarray(r.data.evs, float) for r in results]).reshape(times, count, 3)
    error = np.array([np.asarray(r.data.stds, float) for r in results]).reshape(times, count, 3)
    bad = ~(np.isfinite(mean) & np.isfinite(error))
    mean, error = np.where(bad, np.nan, mean), np.where(bad, np.inf, error)
    spread = np.einsum("tia,ij->taij", error**2, np.eye(count))
    attributes: dict[str, Any] = {}
    cross = None
    if not bad.any():
        cross, attributes = _checked(mean, spread, recipe)
        error = np.sqrt(np.einsum("taii->tia", spread))
    else:
        words = [f"{'xyz'[a]} of neutrino {i} at sample {t}" for t, i, a in np.argwhere(bad)]
        attributes["unreliable"] = "no finite error bar: " + ", ".join(words)
    # the primitive does not say which neutrinos share shots: no errors of groups
    return Readout(mean, error, None, cross, attributes)


def _shape(recipe: Mapping[str, Any]) -> tuple[int, int]:
    return sum(map(len, recipe["members"])), 1 + max(s[0] for s in recipe["settings"])


def _checked(
    mean: Floats, spread: Floats, recipe: Mapping[str, Any]
) -> tuple[Floats | None, dict[str, Any]]:
    """The conserved total against its measured value; rescales in place where requested."""
    if recipe["conserved"] is None or recipe["conserved"]["matter"]:
        return None, {}
    total = recipe["total"]
    measured = mean[:, :, 2].sum(axis=1)
    error = np.sqrt(np.clip(spread[:, 2].sum(axis=(1, 2)), 0.0, None))
    pull = np.divide(measured - total, error, out=np.zeros_like(measured), where=error > 0)
    attributes: dict[str, Any] = {"total_z_pull": " ".join(f"{x:.2f}" for x in pull)}
    if recipe["mitigation"]["symmetry"] != "rescale":
        return None, attributes
    times = np.array(recipe["frame"]["coords"]["time"]["data"], float)
    if not mitigation.can_rescale(measured, error, times, total):
        return None, {**attributes, "damping": " ".join(["none"] * len(mean))}
    cross = np.empty((*mean.shape, 3))
    factors = []
    for sample in range(len(mean)):
        mean[sample], spread[sample], cross[sample], factor = mitigation.rescale(
            mean[sample], spread[sample], total
        )
        factors.append(f"{factor:.4f}")
    return cross, {**attributes, "damping": " ".join(factors)}


def _calibration(results: Sequence[Any], recipe: Mapping[str, Any], setting: int) -> Calibration:
    """Readout errors of the qubits that a setting measures, in the order of its bits."""
    table = recipe["calibration"]
    row = {qubit: k for k, qubit in enumerate(table["qubits"])}
    rows = [row[place] for place in recipe["qubits"][setting]]
    parts: list[Floats] = []
    errors: list[Floats] = []
    for where, sign in zip(table["circuits"], (1, -1), strict=True):
        outcomes, number = outcomes_of(results[where], len(row))
        m, error = statistics.mean_and_error(outcomes, number)
        parts.append((1 - sign * m[rows]) / 2)
        errors.append(error[rows] / 2)
    return Calibration(parts[0], parts[1], errors[0], errors[1])
