"""``summary.json``: the results of a run for programs; and writing both files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..common import writing
from ..gas import NeutrinoGas
from ..reference import common_times, reference_label
from ..time_words import time_words
from ..trajectory import Trajectory
from .conclusions import conclusions, largest_distance
from .observed import observable_rows
from .page import drifts, left_out, markdown
from .record import Record
from .rows import Row, mean_vectors, rows
from .trust import premise_entry

#: The format of summary.json; a reader can rely on the keys of a number.
SUMMARY_FORMAT = 1


def summary(record: Record, figures: Sequence[str]) -> dict[str, Any]:
    """The content of ``summary.json``; numbers that do not exist are ``null``.

    Args:
        record: what was run, and what came out.
        figures: names of the figures.

    Returns:
        a dictionary that JSON can hold.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> run = qnu.solvers.many_body(gas, schedule)
        >>> summary(Record("one neutrino", gas, schedule, {"exact": run}), [])["reference"]
        'exact'
    """
    trajectories = record.trajectories
    by_label: dict[str, Any] = {}
    for row in rows(trajectories):
        trajectory = trajectories[row.label]
        entry = by_label.setdefault(
            row.label,
            {
                "method": trajectory.method,
                "file": f"trajectories/{row.label}.nc",
                "time": row.time,
                "samples": len(trajectory.times),
                "seeds": 1 if trajectory.seeds is None else len(trajectory.seeds),
                "wall_time_s": float(trajectory.attrs["wall_time_s"]),
                "drift": drifts(trajectory),
                "groups": {},
                "observables": {},
            },
        )
        entry["groups"][row.group] = {
            "polarization": row.vector.tolist(),
            "error": None if row.error is None else row.error[:3].tolist(),
            "length": row.length,
            "length_error": None if row.error is None else float(row.error[3]),
            "difference": row.difference,
            "flavor_probability": row.flavor,
            "flavor_probability_error": row.flavor_error,
            **_over_seeds(row),
        }
    _add_observables(by_label, trajectories)
    return {
        "format": SUMMARY_FORMAT,
        "qnu": record.versions.get("qnu"),
        "name": record.name,
        "spec_hash": record.spec_hash,
        "seed": record.seed,
        "seeds": record.seeds,
        **_gas_and_schedule(record),
        "reference": reference_label(trajectories),
        "times": time_words(trajectories.values()),
        "units": record.units or None,
        "conclusions": list(conclusions(trajectories)),
        "methods": by_label,
        "differences": _differences(trajectories),
        "figures": list(figures),
        "figures_left_out": left_out(record, figures),
        "premises": [premise_entry(premise) for premise in record.premises],
        "notes": list(record.notes),
        "versions": dict(record.versions),
        "provenance": None if record.provenance is None else record.provenance.entry(),
    }


def _gas_and_schedule(record: Record) -> dict[str, Any]:
    gas, schedule = record.gas, record.schedule
    return {
        "gas": {
            "neutrinos": len(gas),
            "groups": dict(zip(gas.group_names, gas.counts.tolist(), strict=True)),
            **({} if gas.weight is None else {"weights": _weights(gas)}),
            "velocities": gas.velocities,
            **({} if not gas.directed else {"directed": _directed(gas)}),
            **({} if not gas.angular else {"angular": _angular(gas)}),
            "hash": gas.fingerprint(),
        },
        "schedule": {
            "kind": schedule.kind,
            "encounters": len(schedule) if schedule.counted else None,
            "expected_encounters": schedule.expected,
            "final_time": schedule.final_time,
            "gamma": schedule.gamma,
            "hash": schedule.fingerprint(),
        },
    }


def _directed(gas: NeutrinoGas) -> list[str]:
    return [name for name, one in zip(gas.group_names, gas.directed, strict=True) if one]


def _angular(gas: NeutrinoGas) -> dict[str, str]:
    each = zip(gas.group_names, gas.angular, strict=True)
    return {name: spread.kind for name, spread in each if spread is not None}


def _weights(gas: NeutrinoGas) -> dict[str, float]:
    return dict(zip(gas.group_names, gas.group_weights.tolist(), strict=True))


def _over_seeds(row: Row) -> dict[str, Any]:
    """Standard errors over seeds, where there are several."""
    if row.standard_error is None:
        return {}
    return {
        "standard_error": row.standard_error[:3].tolist(),
        "length_standard_error": float(row.standard_error[3]),
        "difference_standard_error": row.difference_error,
    }


def _add_observables(by_label: dict[str, Any], trajectories: Mapping[str, Trajectory]) -> None:
    for seen in observable_rows(trajectories):
        by_part = by_label[seen.label]["observables"].setdefault(seen.observable, {})
        first, last, largest = seen.values
        by_part[seen.part] = {
            "first": first,
            "last": last,
            "largest": largest,
            "times": [seen.start, seen.stop],
            "time_of_largest": seen.time_of_largest,
            **({} if seen.errors is None else {"standard_errors": list(seen.errors)}),
        }


def _differences(trajectories: Mapping[str, Trajectory]) -> list[dict[str, Any]]:
    """Every two methods: largest ``|P - P'|`` of a group over their common sample times.

    Of an ensemble P is the mean over seeds.
    """
    differences: list[dict[str, Any]] = []
    labels = list(trajectories)
    for k, one in enumerate(labels):
        for two in labels[k + 1 :]:
            worst = largest_distance(one, two, trajectories)
            if worst is None:
                continue
            a, b = trajectories[one], trajectories[two]
            i, j = common_times(a, b)[-1]
            last = np.linalg.norm(mean_vectors(a)[i] - mean_vectors(b)[j], axis=-1)
            differences.append(
                {
                    "methods": [one, two],
                    "common_samples": worst.common,
                    "largest": worst.value,
                    "largest_in": worst.group,
                    "time_of_largest": worst.time,
                    "last": float(last.max()),
                }
            )
    return differences


def _finite(value: Any) -> Any:
    """The same with NaN and infinity as None: JSON has neither."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write(record: Record, place: Path, figures: Sequence[str]) -> None:
    """Writes ``report.md`` and ``summary.json``.

    Args:
        record: what was run, and what came out.
        place: an existing folder.
        figures: names of the figures in its ``figures/``.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu, tempfile
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> run = qnu.solvers.many_body(gas, schedule)
        >>> with tempfile.TemporaryDirectory() as place:
        ...     write(Record("one neutrino", gas, schedule, {"exact": run}), Path(place), [])
        ...     sorted(path.name for path in Path(place).iterdir())
        ['report.md', 'summary.json']
    """
    writing.write(place / "report.md", markdown(record, figures))
    text = json.dumps(_finite(summary(record, figures)), indent=2, allow_nan=False)
    writing.write(place / "summary.json", text + "\n")
