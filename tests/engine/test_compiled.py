"""Loops compiled for one thread and for many: each process gets the version it asks for."""

import subprocess
import sys
from pathlib import Path

import pytest

LOOP = """
import numba
import numpy as np
from qnu.engine.compiled import serial_and_threads

def add(a):
    total = 0.0
    for i in numba.prange(a.size):
        total += a[i]
    return total

for version in serial_and_threads(add)[::{step}]:
    assert version(np.ones(10)) == 10
    print(sum(version.stats.cache_hits.values()))
"""


@pytest.mark.parametrize("step", [1, -1])
def test_each_version_is_filed_by_itself(tmp_path: Path, step) -> None:
    script = tmp_path / "loop.py"
    script.write_text(LOOP.format(step=step))
    for hits in ("0", "1"):
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
        assert done.stdout.split() == [hits, hits]
    assert len(list((tmp_path / "__pycache__").glob("*.nbi"))) == 2
