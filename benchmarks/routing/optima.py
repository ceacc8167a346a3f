"""How far routers are from optima that are known: by complete search, or by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import qnu
from qnu.quantum.compile.routing.device import DeviceGraph
from qnu.quantum.compile.target import device_graph

from ..sheet import Sheet
from .apart import Apart
from .cases import backend
from .exact import optimum
from .goals import geometric
from .known import Known, with_moves, without_moves

SEEDS = (1, 2, 3)
#: Qiskit's seeds on every one of them.
RUNS = 10
#: Neutrinos, and how many tournaments of four among them need moves.
SIZES = ((8, 4), (12, 4), (20, 4))
#: Encounters per neutrino where none is needed.
EACH = 5

#: Devices by name, for a number of neutrinos.
LATTICE = "heavy hexagons"
SMALL_DEVICES: dict[str, Callable[[int], DeviceGraph]] = {
    "line of 6": lambda count: _line(6),
    "ring of 8": lambda count: DeviceGraph.of(8, [(k, (k + 1) % 8) for k in range(8)]),
    "grid 3 x 3": lambda count: _grid(3, 3),
    "hexagon with 6 ends": lambda count: _hexagon(),
    LATTICE: lambda count: heavy_hexagons(_radius(count))[0],
}
#: Device, neutrinos of a circle tournament, states after which the search is stopped.
SMALL = (
    ("line of 6", 4, 10_000),
    ("line of 6", 6, 100_000),
    ("ring of 8", 4, 10_000),
    ("ring of 8", 6, 1_000_000),
    ("grid 3 x 3", 5, 100_000),
    ("grid 3 x 3", 6, 100_000),
    ("hexagon with 6 ends", 4, 100_000),
    ("heavy hexagons", 4, 100_000),
    ("heavy hexagons", 5, 100_000),
    ("heavy hexagons", 6, 30_000),
)


def _radius(count: int) -> int:
    """So large that nothing is lost: a pair with p encounters before its own is never farther apart
    than p + 1 and the moves, and in a tournament p <= 2 (N - 2), with at most ten moves here.
    """
    return 2 * (count - 2) + 1 + 10


def _line(sites: int) -> DeviceGraph:
    return DeviceGraph.of(sites, [(k, k + 1) for k in range(sites - 1)])


def _grid(rows: int, columns: int) -> DeviceGraph:
    sites = np.arange(rows * columns).reshape(rows, columns)
    across = np.stack([sites[:, :-1], sites[:, 1:]], -1).reshape(-1, 2)
    down = np.stack([sites[:-1], sites[1:]], -1).reshape(-1, 2)
    return DeviceGraph.of(rows * columns, np.concatenate([across, down]))


def _hexagon() -> DeviceGraph:
    """One cell of a heavy hexagonal lattice: a ring of 12, every other site with a neighbour."""
    ring = [(k, (k + 1) % 12) for k in range(12)]
    return DeviceGraph.of(18, ring + [(2 * k, 12 + k) for k in range(6)])


def heavy_hexagons(radius: int) -> tuple[DeviceGraph, list[tuple[int, int]]]:
    """All sites of a heavy hexagonal lattice within ``radius`` of one where three couplers meet.

    Returns:
        the device, and one coupler in both directions: by symmetry all couplers are like it.
    """
    number: dict[tuple[int, int], int] = {}
    couplers: list[tuple[int, int]] = []

    def site(x: int, y: int) -> int:
        return number.setdefault((x, y), len(number))

    # hexagons as bricks; a site in the middle of every side (even coordinates are corners)
    for x in range(-radius, radius + 1):
        for y in range(-radius, radius + 1):
            ways = [(1, 0)] if (x + y) % 2 else [(1, 0), (0, 1)]
            for across, up in ways:
                ends = (2 * x, 2 * y), (2 * (x + across), 2 * (y + up))
                middle = site(2 * x + across, 2 * y + up)
                couplers += [(site(*end), middle) for end in ends]
    whole = DeviceGraph.of(len(number), couplers)
    keep = np.flatnonzero(whole.distance[number[0, 0]] <= radius)
    part = whole.part(keep)
    center = int(np.searchsorted(keep, number[0, 0]))
    near = part.neighbors[center][0]
    return part, [(center, near), (near, center)]


def circle(count: int) -> list[tuple[int, int]]:
    """The pairs of a circle tournament."""
    schedule = qnu.schedules.tournament(_gas(count), gamma=0.1, order="circle")
    return list(zip(schedule.first.tolist(), schedule.second.tolist(), strict=True))


def _gas(count: int) -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas([[0.0, 0.0, 1.0]] * count, omega=np.linspace(0.1, 0.2, count))


def small(device: str, count: int, most_states: int) -> dict[str, Any]:
    """The optimum of a circle tournament, beside what routers find."""
    graph, pairs = SMALL_DEVICES[device](count), circle(count)
    first = heavy_hexagons(_radius(count))[1] if device == LATTICE else None
    row = {"kind": "small", "device": device, "what": f"circle {count}"}
    row |= _measured(pairs, count, graph)
    below = row["qnu"] - 3 * len(pairs)
    found = optimum(graph, pairs, first=first, below=below, most_states=most_states)
    return row | {"optimum": 3 * len(pairs) + found.least, "complete": found.complete}


def known(kind: str, count: int, sections: int, seed: int) -> dict[str, Any]:
    """A schedule of known optimum on FakeTorino."""
    graph = device_graph(backend("FakeTorino").target).without_bad()
    made: Known
    if kind == "with moves":
        made = with_moves(graph, count, sections, seed)
    else:
        made = without_moves(graph, count, EACH * count, seed)
    made.route.check(graph, made.pairs)
    row = {"kind": kind, "device": "FakeTorino", "what": f"{count} neutrinos", "seed": seed}
    row |= {"optimum": made.gates, "complete": True}
    return row | _measured(made.pairs, count, None)


def _measured(pairs: Any, count: int, graph: DeviceGraph | None) -> dict[str, Any]:
    from qiskit import transpile
    from qiskit.transpiler import CouplingMap, Target

    first, second = zip(*pairs, strict=True)
    angles = np.random.default_rng(len(pairs)).uniform(0.1, 0.6, len(pairs))
    times = np.arange(len(pairs), dtype=float)
    schedule = qnu.EncounterSchedule(first, second, angles, times, 0.0, neutrinos=count)
    own, target = (backend("FakeTorino") if graph is None else None), None
    if graph is not None:
        couplers = CouplingMap([e for a, b in graph.edges.tolist() for e in ((a, b), (b, a))])
        gates = ["cz", "rz", "sx", "x"]
        target = Target.from_configuration(gates, graph.sites, couplers)
    isa = qnu.quantum.compile_for(_gas(count), schedule, own or target)
    logical = qnu.quantum.circuit(_gas(count), schedule, barriers=False)
    theirs = [
        transpile(logical, optimization_level=3, seed_transpiler=seed, backend=own, target=target)
        for seed in range(1, RUNS + 1)
    ]
    return {
        "qnu": isa.count_ops()["cz"],
        "qiskit": min(found.count_ops()["cz"] for found in theirs),
    }


def measure(
    quick: bool = False, limit: float = 900.0, say: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """All rows; one that takes more than ``limit`` seconds is left out."""
    todo: list[Any] = [partial(_call, small, *case) for case in SMALL[: 1 if quick else None]]
    for kind in ("with moves", "without moves"):
        for count, sections in () if quick else SIZES:
            todo += [partial(_call, known, kind, count, sections, seed) for seed in SEEDS]
    process = Apart()
    rows = []
    try:
        for call in todo:
            row = call(process, limit)
            if isinstance(row, str):
                say(f"  {call.args}: {row}")
                continue
            rows.append(row)
            told = f"{row['optimum']} gates; qnu {row['qnu']}, Qiskit {row['qiskit']}"
            say(f"  {row['device']}, {row['what']}, {row['kind']}: {told}")
    finally:
        process.close()
    return rows


def _call(function: Any, *arguments: Any) -> Any:
    *own, process, limit = arguments
    return process.call(limit, function, *own)


def sheets(found: list[dict[str, Any]]) -> Iterator[Sheet]:
    """One table of small cases, one of constructed ones."""
    head = ["case", "optimum", "qnu", "Qiskit, best of ten", "qnu / optimum", "Qiskit / optimum"]
    body = [
        [
            f"{r['what']}, {r['device']}",
            f"{'' if r['complete'] else '>= '}{r['optimum']}",
            *(str(r[k]) for k in ("qnu", "qiskit")),
            *(f"{r[k] / r['optimum']:.2f}" for k in ("qnu", "qiskit")),
        ]
        for r in found
        if r["kind"] == "small"
    ]
    if body:
        note = (
            "Two-qubit gates. optimum: no route has fewer, by a complete search from all initial"
            " sites (three per encounter with or without a swap, three per SWAP, two per move to an"
            " empty site); >=: the search was stopped, a lower bound. A circuit that is no such"
            " route may have fewer. heavy hexagons: a patch of the lattice of Torino and Marrakesh."
        )
        yield Sheet("Routing: small cases and their optimum", head, body, note)
    body = []
    for kind, what in dict.fromkeys((r["kind"], r["what"]) for r in found):
        own = [r for r in found if (r["kind"], r["what"]) == (kind, what) and kind != "small"]
        if own:
            means = [f"{np.mean([r[k] for r in own]):.0f}" for k in ("optimum", "qnu", "qiskit")]
            ratios = [_ratios([r[k] / r["optimum"] for r in own]) for k in ("qnu", "qiskit")]
            body.append([f"{what}, {kind}", *means, *ratios])
    if body:
        note = (
            "Two-qubit gates on FakeTorino, means of three seeds; ratios: geometric mean, worst."
            " without moves: encounters drawn on the couplers, swapped at random, five per"
            " neutrino: three gates each. with moves: tournaments of four, each of which needs six"
            " gates more, and encounters between them that put all of one before the next (as in"
            " QUBIKOS, arXiv:2502.08839, for routers that swap inside encounters)."
        )
        yield Sheet("Routing: schedules whose optimum is known", head, body, note)


def _ratios(values: list[float]) -> str:
    return f"{geometric(values):.2f}; {max(values):.2f}"
