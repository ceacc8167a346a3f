"""``python -m benchmarks.routing peers``: Qiskit's results into the cache; stop and go on at will.

``python -m benchmarks --only routing`` measures qnu beside them; ``list`` prints the cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from . import peers
from .cases import DEVICES, cases
from .store import PEERS, Store


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    asked.add_argument("what", choices=("peers", "list"))
    asked.add_argument("--devices", default=",".join(DEVICES), help="default: all four")
    asked.add_argument("--limit", type=float, default=900.0, help="s for one run of Qiskit")
    asked.add_argument("--cache", type=Path, default=PEERS, help=f"default {PEERS}")
    asked.add_argument("--shared", action="store_true", help="others use the machine: say so")
    asked.add_argument("--quick", action="store_true", help="two small cases")
    given = asked.parse_args()
    todo = cases(tuple(given.devices.split(",")), given.quick)
    store = Store(given.cache)
    if given.what == "peers":
        store.about = peers.about(given.shared)
        peers.measure(store, todo, given.limit)
        return 0
    for line in table(store, [case.key for case in todo]):
        print(line)
    return 0


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
