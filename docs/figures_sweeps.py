"""Figures of the sweeps that ship, by ``qnu sweep`` and ``qnu plot`` alone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: Name of the figure -> sweep of the catalogue and options of ``qnu plot``.
FIGURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "sweep_entanglement_rate": ("entanglement_rate", ()),
    "sweep_to_mean_field": ("to_mean_field", ()),
    "sweep_spread": (
        "to_mean_field",
        ("--quantity", "spread", "--methods", "independent", "--slope", "0.5"),
    ),
    "sweep_repeated_meetings": ("repeated_meetings", ()),
    "sweep_miscidynamics": ("miscidynamics", ()),
    "sweep_time_to_equilibrium": ("time_to_equilibrium", ()),
    "sweep_plane_waves": ("plane_waves", ()),
    "sweep_log_or_square_root": ("log_or_square_root", ()),
    "sweep_anisotropic_coupling": ("anisotropic_coupling", ()),
    "sweep_two_limits": ("two_limits", ()),
    "sweep_two_limits_packets": ("two_limits_packets", ()),
}


def draw(place: Path) -> None:
    """Runs every sweep once and draws its figures into a folder.

    Args:
        place: of the PNG files.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for name, (sweep, options) in FIGURES.items():
            folder = Path(scratch) / sweep
            if not folder.exists():
                begin = time.perf_counter()
                _qnu("sweep", sweep, "--output", str(folder))
                print(f"{sweep}: {time.perf_counter() - begin:.0f} s", flush=True)
            _qnu("plot", str(folder), "--output", str(place / f"{name}.png"), *options)


def _qnu(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "qnu", *words], check=True)


if __name__ == "__main__":
    draw(Path(__file__).parent / "figures")
