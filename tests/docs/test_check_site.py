"""The checker of the built site finds dead links and what a page would load from the network."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import qnu

HOME = Path(qnu.__file__).parent.parent


@pytest.fixture(scope="module")
def check_site() -> ModuleType:
    specification = importlib.util.spec_from_file_location(
        "check_site", HOME / "docs" / "check_site.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules["check_site"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        ('<a href="b.html#there">', None),
        ('<a href="b.html#gone">', "no such heading"),
        ('<a href="c.html">', "c.html is no file"),
        ('<a href="https://arxiv.org/abs/2402.05022">', None),
        ('<img src="figure.png">', "figure.png is no file"),
        ('<script src="https://cdn.example/m.js"></script>', "from the network"),
        ('<script src="//cdn.example/m.js"></script>', "from the network"),
        ('<link rel="stylesheet" href="https://cdn.example/m.css">', "from the network"),
        ('<link rel="canonical" href="https://qnu.example/a.html">', None),
    ],
)
def test_what_is_a_fault(
    check_site: ModuleType, tmp_path: Path, element: str, fault: str | None
) -> None:
    (tmp_path / "a.html").write_text(f"<html><body>{element}</body></html>", encoding="utf-8")
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1>', encoding="utf-8")
    found = check_site.faults(tmp_path)
    assert len(found) == (fault is not None)
    assert fault is None or fault in found[0]


def test_style_sheets_load_nothing_either(check_site: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(
        "@font-face { src: url(https://fonts.example/f.woff) }", encoding="utf-8"
    )
    assert "from the network" in check_site.faults(tmp_path)[0]


def test_an_empty_site_is_a_fault(
    check_site: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["check_site.py", str(tmp_path)])
    assert check_site.main() == 1
