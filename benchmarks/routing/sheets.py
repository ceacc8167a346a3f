"""The tables of routing: goals, one table per device, what was not reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from ..sheet import Sheet
from .goals import (
    CIRCLE,
    GOALS,
    Row,
    at_the_bound,
    depth,
    done,
    fallback,
    gates,
    geometric,
    label,
    times,
    unreached,
)

ABOUT = (
    "Two-qubit gates; depth of them, each the best of its runs. best of ten: Qiskit's level 3,"
    " seeds 1 to 10. SABRE 400: the same with 400 random layouts and 400 routings in place of 20"
    " (best of three seeds where that is cheap, else one). ratio: qnu over the best of all these"
    " runs. bound: three gates per encounter and the longest chain of one neutrino, below which no"
    " route is. Five seeds: means over the seeds, the ratios geometric means."
)


def sheets(section: dict[str, Any]) -> Iterator[Sheet]:
    """From the section ``routing`` of the results."""
    found: list[Row] = section["rows"]
    yield _goals(found)
    devices = list(dict.fromkeys(r["device"] for r in found))
    for device in devices:
        own = [r for r in found if r["device"] == device and (done(r) or "why" in r)]
        if own:
            yield _device(device, own, section, device == devices[0])
            yield _success_and_time(device, own, device == devices[0])
    left = [r for r in found if unreached(r)]
    if left:
        yield _unreached(left)


def _goals(found: list[Row]) -> Sheet:
    devices = list(dict.fromkeys(r["device"] for r in found if done(r)))
    body = []
    for goal in GOALS:
        line = [label(goal)]
        for device in devices:
            own = [r for r in found if r["device"] == device]
            result = goal.reached(own)
            if result is None:
                line.append("")
                continue
            why = _short(result.worst)
            if goal.mean and goal.groups == CIRCLE and (least := at_the_bound(own)) > goal.limit:
                why = f"none can: {least:.3f}"
            told = f"{result.value:.3g} {'yes' if result.holds else 'NO'}"
            line.append(told if result.holds else f"{told} ({why})")
        body.append(line)
    note = (
        "qnu at default effort over the best of all runs of Qiskit (ten seeds of level 3, SABRE"
        " with 400 trials): worst case, geometric mean, time over that of one call of level 3. In"
        " brackets: the worst case where a goal is not reached, or the mean of gates with all"
        " circles at three gates per encounter, where that is more than the goal."
    )
    return Sheet("Routing: what is to be reached", ["goal", *devices], body, note)


def _short(name: str) -> str:
    return name.replace(", seed ", " #")


def _device(device: str, own: list[Row], section: dict[str, Any], first: bool) -> Sheet:
    body = [_line(name, some) for name, some in _lines(own)]
    head = ["case", "bound", "qnu", "best of ten", "SABRE 400", "ratio"]
    note = f"{ABOUT} Qiskit's circuits: {section['how'].get('peers', '')}." if first else ""
    return Sheet(f"Routing on {device}: gates; depth", head, body, note)


def _lines(own: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Every circle by itself, seeds of other cases together."""
    for r in sorted((r for r in own if r["group"] == "circle"), key=_by_size):
        yield r["name"], [r]
    together: dict[str, list[Row]] = {}
    for r in own:
        if r["group"] != "circle":
            together.setdefault(r["name"].split(", seed")[0], []).append(r)
    for name, some in together.items():
        yield name if ", seed" not in some[0]["name"] else f"{name}, {_seeds(some)}", some


def _seeds(some: list[Row]) -> str:
    return f"{len(some)} seed{'s' * (len(some) > 1)}"


def _by_size(row: Row) -> int:
    return int(row["name"].split(",")[0].split()[1])


def _line(name: str, some: list[Row]) -> list[str]:
    both = [r for r in some if done(r)]
    if not both:
        return [name, "", str(some[0].get("why", "")), "", "", ""]
    if len(both) < len(some):
        name += f" ({len(both)} done)"
    own = f"{_mean(both, 'gates')}; {_mean(both, 'depth')}"
    if any(map(fallback, both)):
        own += " fallback"
    bound = ""
    if all("least_gates" in r for r in both):
        bound = f"{_mean(both, 'least_gates')}; {_mean(both, 'least_depth')}"
    ratio = "; ".join(f"{geometric([f(r) for r in both]):.2f}" for f in (gates, depth))
    return [name, bound, own, _pair(both, "ten"), _pair(both, "sabre"), ratio]


def _success_and_time(device: str, own: list[Row], first: bool) -> Sheet:
    body = []
    for name, some in _lines(own):
        both = [r for r in some if done(r)]
        if both:
            body.append(
                [
                    name,
                    *(f"{_typical(both, k):.2g}" for k in ("success", "best_success")),
                    *(f"{_median(both, k):.2g} s" for k in ("seconds", "qiskit_s")),
                    f"{geometric([times(r) for r in both]):.2g}",
                    f"{_median(both, 'sabre_s'):.2g} s" if "sabre_s" in both[0] else "",
                ]
            )
    head = ["case", "success, qnu", "Qiskit", "time, qnu", "one call", "ratio", "SABRE 400"]
    note = (
        "success: qnu's estimate (gates, idling, readout), of Qiskit the highest of all runs. time:"
        " median of three calls after a first one, and of calls of level 3 in the same process in"
        " turn; SABRE 400 as it was when the cache of Qiskit's runs was made."
    )
    return Sheet(f"Routing on {device}: success and time", head, body, note if first else "")


def _mean(some: list[Row], name: str) -> str:
    return f"{statistics.fmean(r[name] for r in some):.0f}"


def _pair(some: list[Row], name: str) -> str:
    if not all(name in r for r in some):
        return ""
    return "; ".join(f"{statistics.fmean(r[name][k] for r in some):.0f}" for k in (0, 1))


def _typical(some: list[Row], name: str) -> float:
    return geometric([r[name] for r in some])


def _median(some: list[Row], name: str) -> float:
    return statistics.median(r[name] for r in some)


def _unreached(left: list[Row]) -> Sheet:
    """Cases with more than is wanted, and how far a provable bound is."""
    body = []
    for r in left:
        bound = r.get("proved_gates", r.get("least_gates"))
        gap = "" if bound is None else f"{bound} ({r['gates'] / bound:.2f})"
        body.append(
            [
                f"{r['device'][4:]}: {_short(r['name'])}",
                ", ".join(unreached(r)),
                f"{r['gates']}; {r['depth']}",
                f"{r['best_gates']}; {r['best_depth']}",
                gap,
            ]
        )
    note = (
        "Single cases with more gates or depth than 1 (circles), 0.9 (random pairs, stochastic) or"
        " 1 (general, gates) times the best run of Qiskit. bound: no route has fewer gates; in"
        " brackets qnu over it."
    )
    head = ["case", "too many", "qnu", "best of Qiskit", "bound of gates"]
    return Sheet("Routing: what is not reached", head, body, note)
