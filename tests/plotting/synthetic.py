"""Datasets of sweeps without a run: numbers with a known mean, spread and pairing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

SPEC = """
name = "synthetic"
seeds = 20
mixing_angle = 0.1

[[group]]
name = "1"
count = 6
polarization = [0, 0, 1]
omega = 0.1

[[group]]
name = "2"
count = 4
polarization = [0, 0, -1]
omega = 0.2

[schedule]
kind = "stochastic"
gamma = 0.01
probability = 0.1
duration = 50.0

[output]
samples = 5

[[method]]
kind = "many_body"

[[method]]
kind = "independent"

[[method]]
kind = "kinetic"

[[method]]
kind = "miscidynamics"
"""
METHODS = ("many_body", "independent", "kinetic", "miscidynamics")
GAMMA = np.geomspace(1e-3, 1e-1, 8)
OMEGA = (0.1, 0.2, 0.4)
#: The spread of single histories is that share of the mean at gamma = 1: it goes as sqrt(gamma).
SPREAD = 0.6


def sweep_dataset(
    parameters: Mapping[str, Sequence[float]] | None = None,
    methods: Sequence[str] = METHODS,
    seeds: int = 20,
    samples: int = 5,
    groups: Sequence[str] = ("1", "2"),
    meetings: float = 0.0,
) -> xr.Dataset:
    """Entropy ``min(1, gamma mu t f_method (1 + omega) (1 + noise))`` of every history."""
    given = {"schedule.gamma": GAMMA} if parameters is None else parameters
    swept = {k: np.asarray(v) for k, v in given.items()}
    shape = tuple(len(v) for v in swept.values())
    rng = np.random.default_rng(5)
    gamma = _along(swept, "schedule.gamma", 0.01)
    omega = _along(swept, "group.1.omega", 0.1)
    time = np.linspace(0.0, 4.0, samples)
    factor = {"many_body": 0.9, "independent": 1.0, "kinetic": 1.04, "miscidynamics": np.nan}
    size = (*shape, len(methods), seeds, samples, len(groups))
    common = rng.normal(size=(seeds, 1, len(groups)))
    entropy = np.empty(size)
    for m, method in enumerate(methods):
        noise = np.zeros(())
        if method in ("many_body", "independent"):
            own = rng.normal(size=(*shape, seeds, 1, len(groups)))
            noise = SPREAD * np.sqrt(gamma)[..., None, None, None] * (common + 0.15 * own)
        rate = gamma * (1 + omega) * factor.get(method, 1.0)
        mean = rate[..., None, None, None] * time[:, None] * (1 + 0.5 * np.arange(len(groups)))
        entropy[..., m, :, :, :] = np.minimum(mean * (1 + noise), 1.0)
    z = 1 - np.nan_to_num(entropy)
    z[..., 1:] *= -1
    polarization = np.stack([0 * z, 0 * z, z], axis=-1)
    dims = (*swept, "method", "seed", "time", "group")
    data = xr.Dataset(
        {
            "polarization": ((*dims, "axis"), polarization),
            "length": (dims, abs(z)),
            "entropy": (dims, entropy),
            "neutrino_length": (dims, 1 - entropy / 2),
            "random": ("method", [m in ("many_body", "independent") for m in methods]),
            "failed": (tuple(swept), np.zeros(shape, bool)),
            "meetings_per_pair": (tuple(swept), np.full(shape, meetings)),
        },
        coords={
            **swept,
            "method": list(methods),
            "seed": np.arange(1, seeds + 1),
            "group": list(groups),
            "axis": ["x", "y", "z"],
            "time": time,
        },
        attrs={
            "experiment": "synthetic",
            "spec": SPEC,
            "failures": json.dumps({}),
            "sweep": json.dumps({k: v.tolist() for k, v in swept.items()}),
            "seeds": seeds,
        },
    )
    for key, values in swept.items():
        logarithmic = key == "schedule.gamma"
        data[key].attrs["scale"] = "log" if logarithmic and len(values) > 1 else "list"
    return data


def _along(swept: Mapping[str, np.ndarray], key: str, default: float) -> np.ndarray:
    shape = tuple(len(v) for v in swept.values())
    if key not in swept:
        return np.full(shape, default)
    place = list(swept).index(key)
    return np.broadcast_to(
        swept[key].reshape([-1 if k == place else 1 for k in range(len(shape))]), shape
    ).astype(float)
