"""Other processors compute the same routes, draw the same encounters, and write the same circuits.

`make test-portable` runs all tests of this kind, on all processors that this one can be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import portable
from .experiment.test_catalogue_files import the_same_circuit


@pytest.fixture(scope="module")
def here() -> dict:
    return portable.probe()


@pytest.mark.parametrize("which", ["the baseline", "the oldest kernels"])
def test_the_same_on_another_processor(pytestconfig, here, which) -> None:
    # loops for that processor are compiled once, and kept
    cache = Path(pytestconfig.cache.mkdir("kernels"))
    if which == "the baseline":
        own = portable.baseline(cache)
    else:
        own = portable.numpy_without("") | {"OPENBLAS_CORETYPE": (*portable.kernels(), "")[0]}
    done = subprocess.run(
        [sys.executable, portable.__file__, "--probe"],
        env=portable.clean() | own,
        cwd=portable.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    there = json.loads(done.stdout)
    assert there["routes"] == json.loads(json.dumps(here["routes"]))
    assert there["hashes"] == here["hashes"]
    the_same_circuit(there["circuit"], here["circuit"])


def test_every_kind_of_processor_is_tried(tmp_path) -> None:
    tried = portable.environments(tmp_path)
    assert next(iter(tried)) == "as it is"
    assert list(tried)[-1] == "the baseline"
    assert tried["the baseline"]["NUMBA_CPU_NAME"] == "generic"
    if portable.machine() == "x86_64":
        assert tried["OpenBLAS for Core2"] == {"OPENBLAS_CORETYPE": "Core2"}
    for name in portable.TESTS:
        assert (portable.ROOT / name).exists()
