"""The circuit or the Hamiltonian of an experiment as a file for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..common import writing
from ..common.checks import choice
from ..errors import QnuError
from .catalogue_files import program as program_of
from .catalogue_files import sample_times
from .loading import Experiment, load

#: Endings of files, by form; the first is that of the default name.
ENDINGS = {"qasm2": (".qasm",), "qasm3": (".qasm",), "hamiltonian": (".json", ".txt")}


def export_program(
    experiment: Experiment | str | Path, form: str, output: str | Path | None = None
) -> Path:
    """Write what an experiment asks a quantum computer for, in a form that other programs read.

    Args:
        experiment: or a name of the catalogue, or a path.
        form: ``"qasm2"``: the circuit in OpenQASM 2, in gates of ``qelib1.inc``, measured at the
            end (:func:`qnu.quantum.circuits.openqasm2.export`); ``"qasm3"``: in OpenQASM 3, with
            sample times as comments (:func:`qnu.quantum.circuits.openqasm.export`);
            ``"hamiltonian"``: of plane waves, as Pauli strings, in JSON
            (:func:`qnu.quantum.circuits.hamiltonian.to_json`) or, in ``FILE.txt``, as HamLib's text
            (:func:`qnu.quantum.circuits.hamiltonian.hamlib_text`).
        output: a new file; default: the name of the experiment, in the working directory.

    Returns:
        the file.

    Raises:
        QnuError: no such experiment, one without encounters or with mixed states, a Hamiltonian of
            another schedule, a file that exists, or of another ending.

    References:
        Cross et al. (1707.03429, 2104.14722); Sawaya et al. (2306.13126).

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_program("tournament_4", "qasm2", Path(folder) / "four.qasm").name
        'four.qasm'
    """
    endings = ENDINGS[choice("form", form, tuple(ENDINGS))]
    if not isinstance(experiment, Experiment):
        experiment = load(experiment)
    path = Path(f"{experiment.stem}{endings[0]}" if output is None else output)
    if path.suffix not in endings:
        raise QnuError("output", str(path), f"a file that ends in {' or '.join(endings)}")
    if path.exists():
        raise QnuError("output", str(path), "a file that does not exist yet")
    experiment.gas.require_pure("a circuit")
    if form != "hamiltonian":
        from ..quantum.compile.compilation import check_size

        check_size(experiment.schedule)
    writers: dict[str, Callable[[Experiment, str], str]] = {
        "qasm2": _qasm2,
        "qasm3": lambda given, ending: program_of(given, sample_times(given)),
        "hamiltonian": _hamiltonian,
    }
    writing.write(path, writers[form](experiment, path.suffix))
    return path


def _qasm2(experiment: Experiment, ending: str) -> str:
    from ..quantum.circuits import openqasm2

    del ending
    gas, schedule = experiment.gas, experiment.schedule
    comments = [
        f"{experiment.stem}: {experiment.spec.description}",
        f"{len(gas)} neutrinos, {len(schedule)} encounters, to t = {schedule.final_time:.6g}",
        "q[k] is neutrino k, read into meas[k]; 0 is mass state 1, 1 is mass state 2",
    ]
    return openqasm2.export(gas, schedule, comments=comments)


def _hamiltonian(experiment: Experiment, ending: str) -> str:
    from ..quantum.circuits import hamiltonian

    gas, schedule = experiment.gas, experiment.schedule
    if ending == ".json":
        return hamiltonian.to_json(gas, schedule, experiment.stem)
    return hamiltonian.hamlib_text(hamiltonian.of_schedule(gas, schedule)) + "\n"
