"""The scripts of ``packaging/`` as modules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qnu

HOME = Path(qnu.__file__).parent.parent


@pytest.fixture(autouse=True)
def scripts() -> Iterator[None]:
    """``import artefacts``, ``import release`` inside a test, as the scripts do it."""
    sys.path.insert(0, str(HOME / "packaging"))
    yield
    sys.path.remove(str(HOME / "packaging"))
