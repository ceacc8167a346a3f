"""Scores in words: a table for a terminal or for Markdown, and what follows from it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from .scores import Score

_HEAD = (
    "circuit", "N", "gates", "depth", "sigmas", "rms", "signal", "success", "compile", "run",
)  # fmt: skip
_LEGEND = (
    ("gates, depth", "two-qubit gates, and layers of them, after compiling"),
    (
        "sigmas",
        "rms of (measured - exact) / (error of the shots), over neutrinos, axes and samples;"
        " shots alone give 1. A star: more than that, the machine's own errors show",
    ),
    ("rms", "of (measured - exact)"),
    ("signal", "what is left of the exact polarizations, 1 without errors"),
    ("success", "probability that nothing fails, by the calibration; the signal should be above"),
    ("compile, run", "time"),
)


def text(settings: Mapping[str, Any], scores: Sequence[Score], width: int = 80) -> str:
    """Title, table, legend and conclusions, in lines of at most ``width`` columns where it fits.

    Args:
        settings: of the run.
        scores: one per circuit.
        width: columns of the terminal.

    Returns:
        several lines.

    Examples:
        >>> score = Score("native", "native 4", 4, sigmas=1.0, rms=0.02, signal=1.0)
        >>> print(text({"machine": "mine", "shots": 100}, [score]).splitlines()[0])
        1 circuit on mine, 100 shots per basis
    """
    rows = [_row(score) for score in scores if score.failed is None]
    columns = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    lines = [title(settings, scores), ""]
    for row in [list(_HEAD), *rows]:
        cells = [row[0].ljust(columns[0])]
        cells += [cell.rjust(size) for cell, size in zip(row[1:], columns[1:], strict=True)]
        lines.append(" ".join(cells).rstrip())
    lines.append("")
    size = max(len(name) for name, _ in _LEGEND) + 2
    for name, meaning in _LEGEND:
        lines += _wrapped(name.ljust(size), meaning, " " * size, width)
    lines.append("")
    for sentence in conclusions(scores):
        lines += _wrapped("", sentence, "  ", width)
    return "\n".join(lines)


def markdown(settings: Mapping[str, Any], scores: Sequence[Score]) -> str:
    """The same as a page of Markdown.

    Args:
        settings: of the run.
        scores: one per circuit.

    Returns:
        the text of a file.

    Examples:
        >>> print(markdown({"machine": "mine", "shots": 0}, [Score("native", "native 4", 4)])[:9])
        # 1 circu
    """
    rows = [_row(score) for score in scores if score.failed is None]
    lines = [f"# {title(settings, scores)}", ""]
    lines += [f"| {' | '.join(_HEAD)} |", "| --- |" + " ---: |" * (len(_HEAD) - 1)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines.append("")
    lines += [f"- {name}: {meaning}." for name, meaning in _LEGEND]
    lines.append("")
    lines += [f"- {sentence}" for sentence in conclusions(scores)]
    return "\n".join(lines) + "\n"


def title(settings: Mapping[str, Any], scores: Sequence[Score]) -> str:
    """``18 circuits on fake_torino (133 qubits), 4096 shots per basis``."""
    count = sum(score.failed is None for score in scores)
    qubits = settings.get("qubits")
    where = f"{settings['machine']} ({qubits} qubits)" if qubits else str(settings["machine"])
    shots = settings.get("shots")
    how = f"{shots} shots per basis" if shots else "without shots"
    return f"{count} circuit{'s' * (count != 1)} on {where}, {how}"


def conclusions(scores: Sequence[Score]) -> list[str]:
    """What the numbers say together, in sentences.

    Args:
        scores: one per circuit.

    Returns:
        one sentence or two per subject.

    Examples:
        >>> conclusions([Score("native", "native 4", 4, failed="at most 3 qubits")])
        ['Not run: native 4 (at most 3 qubits)']
    """
    found = []
    run = [score for score in scores if score.failed is None and score.rms is not None]
    with_shots = [score for score in run if score.sigmas is not None]
    if with_shots:
        found.append(_noise(with_shots))
    elif run:
        found.append(f"Without shots: the largest rms is {max(s.rms or 0.0 for s in run):.1e}.")
    found += _against_calibration(run)
    found += _by_selection(run)
    found += [f"Not run: {s.name} ({s.failed})" for s in scores if s.failed is not None]
    return found


def _noise(scores: Sequence[Score]) -> str:
    """Whether shots or the machine limit the error."""
    beyond = sum(score.beyond_shots for score in scores)
    count = len(scores)
    all_of = {1: "the circuit", 2: "both circuits"}.get(count, f"all {count} circuits")
    if not beyond:
        return (
            f"Shot noise explains the errors of {all_of}: they fall with the square root of the"
            " number of shots."
        )
    which = all_of if beyond == count else f"{beyond} of {count} circuits"
    dominated = sum(score.dominated for score in scores)
    where = "" if count == 1 else f" in {'all' if dominated == count else dominated}"
    more = f", and are larger than it{where} (sigmas above 1.41)" if dominated else ""
    return (
        f"Errors of the machine show above the shot noise in {which}{more}: with more shots sigmas"
        " grow and rms stays."
    )


def _against_calibration(scores: Sequence[Score]) -> list[str]:
    """Signal over success probability, as a geometric mean."""
    pairs = [(s.signal, s.success) for s in scores if s.signal and s.success and s.signal > 0]
    if not pairs:
        return []
    logs = [math.log(signal / success) for signal, success in pairs]
    below = sum(log < 0 for log in logs)
    text = f"Signal over success: {math.exp(sum(logs) / len(logs)):.2f} on the geometric mean"
    if below:
        return [f"{text}; below 1 for {below} of {len(logs)}: worse than the calibration says."]
    return [f"{text}, never below 1: no worse than the calibration says."]


def _by_selection(scores: Sequence[Score]) -> list[str]:
    """What post-selection says about success, against the calibration."""
    found = []
    for score in scores:
        measured = score.success_by_selection
        if measured is not None:
            told = "" if score.success is None else f" ({score.success:.3f})"
            found.append(f"{score.name}: {measured:.3f}{told}")
    if not found:
        return []
    return [
        "Success by post-selection, from shots with the right number of neutrinos in mass state 2"
        f" (by the calibration): {', '.join(found)}."
    ]


def _row(score: Score) -> list[str]:
    star = "*" if score.beyond_shots else " "
    return [
        score.experiment,
        str(score.neutrinos),
        str(score.two_qubit_gates),
        str(score.two_qubit_depth),
        "-" if score.sigmas is None else f"{score.sigmas:.2f}{star}",
        _short(score.rms),
        _short(score.signal),
        _short(score.success),
        _seconds(score.compile_s),
        _seconds(score.run_s),
    ]


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value == 0 or abs(value) >= 5e-4 else f"{value:.0e}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f} s" if value < 9.995 else f"{value:.0f} s"


def _wrapped(head: str, text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=indent)
