"""``qnu doctor``: what is installed, what fits, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from ._frame import FAILED, echo, width, wrapped

_GIB = 2**30
_LABEL = 20


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="As JSON, to paste into a bug report.")
    ] = False,
) -> None:
    """Show versions, threads, memory, the largest exact N, caches and missing extras.

    Exits with 1 if something that qnu needs is missing, out of range or broken.
    """
    from ._diagnosis import diagnosis

    found = diagnosis()
    if as_json:
        import json

        typer.echo(json.dumps(found, indent=2))
    else:
        for line in _lines(found):
            echo(line)
    if found["problems"]:
        raise typer.Exit(FAILED)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _row("qnu", f"{found['qnu']}, Python {found['python']}")
    yield from _row("platform", f"{found['platform']}, {found['cores']} cores")
    good = [f"{n} {d['version']}" for n, d in found["dependencies"].items() if not d["problem"]]
    yield from _row("dependencies", ", ".join(good))
    for part, show in (("threads", _threads), ("memory", _memory), ("kernel_cache", _cache),
                       ("jobs", _jobs)):  # fmt: skip
        problem = found[part].get("problem")
        name = part.replace("_", " ")
        if problem:
            yield from _row(name, f"not known: {problem}")
        else:
            yield from show(name, found[part])
    if found["extras"]:
        ready = [name for name, extra in found["extras"].items() if extra["installed"]]
        yield from _row("extras", f"installed: {', '.join(ready) or 'none'}")
    for name, extra in found["extras"].items():
        if not extra["installed"]:
            missing = ", ".join(p for p, version in extra["packages"].items() if version is None)
            yield from _row("", f"{name} is missing ({missing})")
            yield " " * (_LABEL + 2) + extra["install"]  # whole, so that it can be copied
    if "ibm_accounts" in found:
        accounts = found["ibm_accounts"]
        text = accounts if isinstance(accounts, str) else ("yes" if accounts else "no")
        yield from _row("IBM account saved", text)
    problems = found["problems"]
    yield ""
    yield "Everything that qnu needs is there." if not problems else "Problems:"
    for problem in problems:
        yield from _row("", problem, "  ")


def _threads(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    yield from _row(name, f"{found['number']} (numba, layer {found['layer']})")
    if found["settings"]:
        yield from _row("", ", ".join(f"{k}={v}" for k, v in found["settings"].items()))


def _memory(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    total, have = found["total"] / _GIB, found["available"] / _GIB
    yield from _row(name, f"{total:.1f} GiB, {have:.1f} GiB available")
    sizes = found["largest_exact"]
    for k, (kind, number) in enumerate(sizes.items()):
        yield from _row("" if k else "largest exact N", f"{number:2d}  {kind}")


def _cache(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    if found["folder"] is None:
        yield from _row(name, "none: every process compiles anew (set NUMBA_CACHE_DIR)")
        return
    warm = f"{found['loops']} loops compiled" if found["loops"] else "empty: the first run compiles"
    yield from _row(name, warm + ("" if found["writable"] else ", cannot be written"))
    yield from _path(found["folder"])


def _jobs(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    store = "recorded" if found["store"] else "none yet"
    yield from _row(name, store + ("" if found["writable"] else ", folder cannot be written"))
    yield from _path(found["folder"])


def _path(text: str) -> Iterator[str]:
    """Whole, so that it can be copied."""
    indent = _LABEL if len(text) <= width() - _LABEL else 2
    yield " " * indent + text


def _row(name: str, text: str, indent: str = " " * _LABEL) -> Iterator[str]:
    yield from wrapped(f"{name:<{len(indent)}}", text, indent)
