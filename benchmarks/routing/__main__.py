"""``python -m benchmarks.routing peers``: Qiskit's results into the cache; stop and go on at will.

``list`` prints the cache. ``qnu`` measures this version of qnu on some cases and prints the tables:
``python -m benchmarks.routing qnu --devices FakeTorino --cases circle``. The page of the
documentation comes from ``python -m benchmarks --only routing``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from . import ours, peers, rows, section
from .cases import DEVICES, Case, cases
from .store import OURS, PEERS, Store


def main() -> int:
    given = parser().parse_args()
    todo = [
        case
        for case in cases(tuple(given.devices.split(",")), given.quick)
        if case.name.startswith(tuple(given.cases.split(",")))
    ]
    store = Store(given.cache)
    if given.what == "peers":
        store.about = peers.about(given.shared)
        peers.measure(store, todo, given.limit)
    elif given.what == "list":
        print("\n".join(table(store, [case.key for case in todo])))
    else:
        _show(todo, store, Store(given.own), given.limit)
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    made.add_argument("what", choices=("peers", "list", "qnu"))
    made.add_argument("--devices", default=",".join(DEVICES), help="default: all four")
    made.add_argument("--cases", default="", metavar="A,B", help="names that begin so")
    made.add_argument("--limit", type=float, default=900.0, help="s for one run or case")
    made.add_argument("--cache", type=Path, default=PEERS, help="of the peers: peers.json")
    made.add_argument("--own", type=Path, default=OURS, help=f"of qnu: {OURS}")
    made.add_argument("--shared", action="store_true", help="others use the machine: say so")
    made.add_argument("--quick", action="store_true", help="two small cases")
    return made


def _show(todo: list[Case], store: Store, own: Store, limit: float) -> None:
    from .. import results, tables
    from ..machine import describe

    ours.measure(own, todo, limit)
    found: dict[str, dict[str, object]] = {}
    joined = rows.joined(todo, store, own)
    results.put(found, "routing", joined, describe(), peers=section.told(store))
    tables.show(found)


def table(store: Store, keys: list[str]) -> list[str]:
    """Best gates, depth, success and time of one level-3 call of every case there is."""
    lines = [f"{'case':40} {'gates':>6} {'depth':>6} {'success':>8} {'one call':>9} runs"]
    for key in keys:
        runs = store.cases.get(key, {}).get("runs", {})
        found = peers.best(runs)
        if found is None:
            continue
        times = [run[3] for run in peers.numbers(runs, "level 3")]
        spent = f"{statistics.median(times):.2g} s" if times else ""
        lines.append(
            f"{key:40} {found[0]:>6} {found[1]:>6} {found[2]:>8.2g} {spent:>9} {len(runs)}"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())
