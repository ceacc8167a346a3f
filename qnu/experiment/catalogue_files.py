"""Makes the catalogue a benchmark: OpenQASM 3 files and a manifest of reference polarizations.

``python -m qnu.experiment.catalogue_files`` (``make catalogue``) writes ``circuits/qasm`` and
``circuits/manifest.json`` anew, from the experiments beside them. They are the same circuits on
every processor; the last digit of an angle, and so a hash, may differ.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalogue, solvers
from ..common import writing
from ..common.checks import Floats
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..quantum.circuits import openqasm
from ..schedules import EncounterSchedule
from ..solvers import states
from ..trajectory import Trajectory
from . import Experiment, load

#: Digits after the point of reference polarizations: fewer than rounding could change.
DIGITS = 9
#: A circuit of more encounters is a large file that takes minutes to read.
MOST_ENCOUNTERS = 5000
#: Amplitudes up to which the state is kept whole.
MOST_AMPLITUDES = 1 << 24
_AMPLITUDE_BYTES = 16
_GATE = re.compile(r"^(\w+)(?:\([^)]*\))? \w+\[", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One experiment of the catalogue as a benchmark.

    Args:
        name: of the experiment.
        text: its circuit in OpenQASM 3.
        record: what the manifest says about it.

    Examples:
        >>> entry("tournament_4").record["gates"]["rzz"]
        6
    """

    name: str
    text: str
    record: dict[str, Any]


def why_not(experiment: Experiment) -> str | None:
    """Why an experiment is no benchmark circuit, or None where it is one.

    Args:
        experiment: of the catalogue.

    Returns:
        the reason, as the manifest gives it.

    Examples:
        >>> why_not(load("msw_1"))
        'no encounters: one equation, driven from outside'
    """
    count = round(experiment.schedule.expected)
    if count == 0:
        return "no encounters: one equation, driven from outside"
    if count > MOST_ENCOUNTERS:
        return f"{count:,} encounters: not a circuit to hand around"
    if not experiment.gas.is_pure():
        return "mixed states"
    return None


def entry(name: str) -> Entry:
    """The circuit of an experiment, and the exact polarizations at its sample times.

    The circuit ends with the last of its :func:`sample_times`.

    Args:
        name: an experiment of the catalogue for which :func:`why_not` is None.

    Returns:
        the text and the record.

    Raises:
        QnuError: no circuit, or none with a reference (see :func:`qnu.solvers.light_cone`).

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> record = entry("tournament_4").record
        >>> record["reference"], record["polarization"][0][0]
        ('exact: many-body, 16 amplitudes', [0.564642473, 0.0, 0.825335615])
    """
    experiment = load(name)
    reason = why_not(experiment)
    if reason is not None:
        raise QnuError("name", name, f"an experiment with a circuit (here: {reason})")
    times = sample_times(experiment)
    encounters, layers = _size(experiment, times)
    text = program(experiment, times)
    exact, how = reference(experiment.gas, experiment.schedule, times)
    record = {
        "description": experiment.spec.description,
        "neutrinos": len(experiment.gas),
        "encounters": encounters,
        "layers": layers,
        "gates": dict(sorted(Counter(_GATE.findall(text.partition("] nu;")[2])).items())),
        "qasm": f"qasm/{name}.qasm",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "reference": how,
        "times": times.tolist(),
        "polarization": (exact.polarization.round(DIGITS) + 0.0).tolist(),  # no -0.0
    }
    return Entry(name, text, record)


def program(experiment: Experiment, times: Floats) -> str:
    """The circuit of an experiment in OpenQASM 3, with what a reader must know in its head.

    Args:
        experiment: of the catalogue.
        times: sample times.

    Returns:
        the text of the file.

    Raises:
        QnuError: mixed states, sample times outside the schedule.

    References:
        Cross et al., OpenQASM 3 (ACM Trans. Quantum Comput. 3, 12).

    Examples:
        >>> experiment = load("tournament_4")
        >>> print(*program(experiment, sample_times(experiment)).splitlines()[1:3], sep=chr(10))
        // tournament_4: the smallest tournament, six encounters: a first circuit for a device
        // 4 neutrinos, 6 encounters in 3 layers, to t = 1.5
    """
    count = len(experiment.gas)
    encounters, layers = _size(experiment, times)
    head = [
        f"{experiment.stem}: {experiment.spec.description}",
        f"{count} neutrinos, {encounters} encounters in {layers} layers, to t = {times[-1]:.6g}",
        "nu[k] is neutrino k, |0> = nu_1 and |1> = nu_2 (mass basis), P = (<X>, <Y>, <Z>);",
        "xx_plus_yy(a, 0) = exp(-i a (XX + YY)/4), rzz(a) = exp(-i a ZZ/2).",
        f'What stands before a comment "{openqasm.MARK.strip()} T" is the state at T, in 1/mu.',
    ]
    return openqasm.export(experiment.gas, experiment.schedule, times, comments=head)


def sample_times(experiment: Experiment) -> Floats:
    """Those of the first method of kind ``circuit``, else of the first method.

    Args:
        experiment: of the catalogue.

    Returns:
        times in 1/mu.

    Examples:
        >>> sample_times(load("tournament_4"))
        array([0. , 0.5, 1. , 1.5])
    """
    methods = experiment.methods
    return next((m for m in methods if m.kind == "circuit"), methods[0]).times


def _size(experiment: Experiment, times: Floats) -> tuple[int, int]:
    """Encounters and layers up to the last sample."""
    encounters = int(experiment.schedule.sample_times(times)[1][-1])
    return encounters, int(experiment.schedule.layer_numbers()[:encounters].max()) + 1


def reference(
    gas: NeutrinoGas, schedule: EncounterSchedule, times: Floats
) -> tuple[Trajectory, str]:
    """Exact polarizations, and how they were found.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters; all partners fresh, or none.
        times: sample times in 1/mu.

    Returns:
        from the whole state, from independent pairs where every partner is fresh, or neutrino by
        neutrino from the light cone; and which of them.

    Raises:
        QnuError: too many neutrinos for all of these.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> reference(gas, qnu.schedules.tournament(gas, gamma=0.3), [0.3])[1]
        'exact: many-body, 2 amplitudes'
    """
    if schedule.fresh is not None:
        if not schedule.fresh.all():
            raise QnuError("schedule", "some fresh partners", "all of them, or none")
        run = solvers.independent(gas, schedule, times)
        return run, "exact: independent, since every partner is a fresh one"
    vacuum = not callable(schedule.matter) and schedule.matter == 0
    need = states.memory_need(gas, vacuum, "complex128")
    if need <= _AMPLITUDE_BYTES * MOST_AMPLITUDES:
        run = solvers.many_body(gas, schedule, times, trotter_error=False)
        return run, f"exact: many-body, {need // _AMPLITUDE_BYTES:,} amplitudes"
    run = solvers.light_cone(gas, schedule, times)
    return run, f"exact: light cones of at most {run.attrs['largest_cone']} neutrinos"


def manifest(records: dict[str, dict[str, Any]], left_out: dict[str, str]) -> str:
    """The text of ``manifest.json``: sorted by name, one polarization vector per line.

    Args:
        records: of :func:`entry`, by name.
        left_out: experiments without a circuit, with the reason.

    Returns:
        JSON.

    Examples:
        >>> print(manifest({}, {"msw_1": "no encounters"}).splitlines()[-3].strip())
        "msw_1": "no encounters"
    """
    content = {
        "about": "Circuits of dense neutrino gases with reference polarizations: README.md",
        "polarization": f"[time][neutrino][x, y, z], to {DIGITS} digits after the point",
        "circuits": {name: records[name] for name in sorted(records)},
        "left_out": dict(sorted(left_out.items())),
    }
    text = json.dumps(content, indent=1)
    # numbers of one innermost list on one line
    return re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", _on_one_line, text) + "\n"


def _on_one_line(match: re.Match[str]) -> str:
    return "[" + re.sub(r"\s+", " ", match[1]) + "]"


def write(folder: Path) -> None:
    """Writes ``qasm/*.qasm`` and ``manifest.json``; files of entries that are gone are removed.

    Args:
        folder: such as ``circuits``.

    Raises:
        QnuError: an experiment without a reference.

    Examples:
        >>> write(Path("/no/such/folder"))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: folder: got '/no/such/folder'; allowed: a folder that exists
    """
    if not folder.is_dir():
        raise QnuError("folder", str(folder), "a folder that exists")
    experiments = {name: load(name) for name in catalogue.experiment_names()}
    left_out = {n: reason for n, e in experiments.items() if (reason := why_not(e)) is not None}
    made = {}
    for name in experiments:
        if name not in left_out:
            print(name, flush=True)
            made[name] = entry(name)
    place = folder / "qasm"
    place.mkdir(exist_ok=True)
    for file in place.glob("*.qasm"):
        if file.stem not in made:
            file.unlink()
    for name, one in made.items():
        writing.write(place / f"{name}.qasm", one.text)
    text = manifest({name: one.record for name, one in made.items()}, left_out)
    writing.write(folder / "manifest.json", text)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else catalogue.folder("circuits"))
