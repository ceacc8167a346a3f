"""qnu measured against its peers: ``make bench``, or ``python -m benchmarks``.

Sections: ``peers`` (the same circuit on every engine), ``scaling`` (qnu alone, to larger N),
``cases`` (schedules, independent, Aer through qnu), ``independent`` (a million neutrinos, a hundred
histories), ``packets``, ``phase_space``, ``collective`` (beside NumPy and SciPy), ``transport``,
``compile`` (lines, native schedules and pytket), ``routing`` (schedules on four devices beside the
best of Qiskit; what Qiskit reaches is cached, see ``python -m benchmarks.routing``), ``optima``
(routes beside known optima; nothing is timed), ``mitigation``
(what helps against noise; nothing is timed).
Tables are printed, everything is written as JSON. A section that is not run again keeps its
numbers.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import results as files
from . import threads

ROOT = Path(__file__).parents[1]
RUN = (
    *(
        "peers",
        "scaling",
        "cases",
        "independent",
        "packets",
        "phase_space",
        "collective",
        "transport",
    ),
    *("compile", "routing", "optima", "mitigation"),
)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(x) for x in text.split(",") if x)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("--rounds", type=int, default=5, help="alternating rounds (default 5)")
    made.add_argument("--sizes", type=_numbers, metavar="N,N,...", help="default 18,...,26")
    made.add_argument("--alone", type=_numbers, metavar="N,N,...", help="sizes of `scaling`")
    made.add_argument("--engines", default="", metavar="A,B", help="only these (and qnu)")
    made.add_argument("--only", default=",".join(RUN), metavar="A,B", help="sections to run")
    made.add_argument("--limit", type=float, default=60.0, help="s; above it a single run")
    made.add_argument("--longest", type=float, default=150.0, help="s; above it no run at all")
    made.add_argument("--contest", type=float, default=20.0, help="s; forms compared below it")
    made.add_argument("--no-contest", action="store_true", help="take the forms as written down")
    made.add_argument("--quick", action="store_true", help="small sizes, one round: does it run?")
    made.add_argument("--output", type=Path, help="default results/bench.json")
    made.add_argument("--figure", type=Path, nargs="?", const=ROOT / "docs/figures/bench.png")
    made.add_argument("--show", action="store_true", help="only print what --output holds")
    made.add_argument("--markdown", action="store_true", help="the same as Markdown")
    return made


def main() -> int:
    options = parser().parse_args()
    if options.quick:
        options.rounds, options.no_contest = 1, True
        options.alone = options.alone or (14, 16)
        if options.figure:  # nothing that was measured in a hurry gets into the documentation
            options.figure = ROOT / "results" / "bench-quick.png"
    options.sizes = options.sizes or ((10, 12) if options.quick else (18, 20, 22, 24, 26))
    name = "bench-quick.json" if options.quick else "bench.json"
    options.output = options.output or ROOT / "results" / name
    found = files.load(options.output)
    if not (options.show or options.markdown):
        # before numba is imported, which reads it then
        os.environ.update(threads.settings())
        _run(options, found)
    from . import tables

    if options.markdown:
        print(tables.markdown(found), end="")
    else:
        tables.show(found)
    if options.figure:
        from . import plot

        plot.draw(found, options.figure)
        print(f"Drawn: {options.figure}")
    wrong = [r for r in files.rows(found, "peers") if r.get("agrees") is False]
    for r in wrong:
        print(f"{r['engine']} {r['precision']}, N = {r['count']}: differs by {r['disagreement']}")
    return 1 if wrong else 0


def _run(options: argparse.Namespace, found: dict[str, Any]) -> None:
    from . import cases, rounds, scaling
    from .engines import ENGINES
    from .machine import describe, limits

    only = options.only.split(",")
    where = describe() | limits()
    contest = 0.0 if options.no_contest else options.contest
    plan = rounds.Plan(options.sizes, options.rounds, options.limit, options.longest, contest)

    def keep(section: str, rows: Any) -> None:
        files.put(found, section, rows, where, **asdict(plan))
        files.save(found, options.output)  # after each section: the next may take an hour

    if "peers" in only:
        names = {"qnu", *options.engines.split(",")}
        engines = [e for e in ENGINES if not options.engines or e.name in names]
        measured, tried = rounds.measure(engines, plan)
        keep("peers", measured)
        if tried:
            keep("contest", tried)
    if "scaling" in only:
        sizes = {p: options.alone or s for p, s in scaling.SIZES.items()}
        keep("scaling", scaling.measure(sizes, where, options.rounds))
    if "cases" in only:
        keep("cases", cases.measure(options.rounds, cases.cases(0.01 if options.quick else 1.0)))
    if "independent" in only:
        keep("independent", _independent(options.quick))
    if "packets" in only:
        from . import packets

        todo = packets.cases(0.01 if options.quick else 1.0)
        keep("packets", cases.measure(options.rounds, todo))
    if "phase_space" in only:
        from . import phase_space

        keep("phase_space", phase_space.measure(options.rounds, options.quick))
    if "collective" in only:
        from . import collective

        keep("collective", collective.measure(options.rounds, options.quick))
    if "transport" in only:
        from . import transport

        keep("transport", transport.measure(options.rounds, options.quick))
    if "compile" in only:
        from . import compiling

        keep("compile", compiling.measure(options.longest, options.quick))
    if "routing" in only:
        from .routing import section

        joined, peers = section.measure(options.quick)
        files.put(found, "routing", joined, where, peers=peers)
        files.save(found, options.output)
    if "optima" in only:
        from .routing import optima

        keep("optima", optima.measure(options.quick))
    if "mitigation" in only:
        from . import mitigation

        keep("mitigation", mitigation.measure(options.quick))
    print(f"Written: {options.output}\n")


def _independent(quick: bool) -> dict[str, Any]:
    from . import ensemble, independent

    size = (10**4, 1e5) if quick else (10**6, 1e8)
    short: dict[str, Any] = {"seeds": 4, "duration": 5.0} if quick else {}
    found = {
        "nanoseconds": independent.nanoseconds(1 if quick else 7),
        "ensemble": ensemble.measure(**short),
        "large": independent.large_apart(*size),
    }
    print(f"  independent, 10^{len(str(size[0])) - 1} neutrinos: {found['large']['seconds']:.3g} s")
    return found


if __name__ == "__main__":
    sys.exit(main())
