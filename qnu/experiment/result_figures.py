"""Figures of a result folder that is there: ``qnu plot``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..common.spelling import did_you_mean
from ..errors import QnuError
from .figures import check_output
from .folder import MARKER
from .results import Results, load_results
from .sweeps.place import FILE as SWEEP_FILE

#: What `qnu plot` can be told of a result folder.
SETTINGS = (
    "panels",
    "methods",
    "histories",
    "individuals",
    "reference",
    "title",
    "width",
    "second_axis",
)

#: Figures of methods with space by their name: the function in :mod:`qnu.plotting`, what it shows.
OVER_SPACE = {
    "space": ("space_time", "transverse polarization over position and time (transport)"),
    "transverse": ("transverse_growth", "transverse polarization, rms over cells, in time"),
    "angles": ("angular_survival", "P(nu_e) of every beam against its cosine (transport)"),
}
_OF_A_MAP = {"panels", "methods", "title", "width"}


def is_result(place: Path) -> bool:
    """Whether a place is a folder of ``qnu run``, and not of ``qnu sweep``."""
    return (place / MARKER).is_file() and not (place / SWEEP_FILE).exists()


def draw(place: Path, given: Mapping[str, Any], output: Path | None = None) -> list[Path]:
    """Draws the methods of a result folder over each other.

    Args:
        place: what ``qnu run`` wrote.
        given: by the names in :data:`SETTINGS`; what is not given is as in ``[output]`` of its
            file.
        output: a file; None: ``figures/PANELS.png`` and ``.pdf`` in the folder.

    Returns:
        the files that were written.

    Raises:
        QnuError: no result folder; an unknown name, with the nearest; a place that cannot be
            written.

    Examples:
        >>> import tempfile, qnu
        >>> with tempfile.TemporaryDirectory() as name:
        ...     _ = qnu.experiment.run("free_streaming_5", Path(name) / "out")
        ...     [f.name for f in draw(Path(name) / "out", {"panels": ["z"]})]
        ['z.png', 'z.pdf']
    """
    from .. import plotting
    from ..plotting.files import write

    check_output(output)
    results = load_results(place)
    if any(name in OVER_SPACE for name in given.get("panels") or ()):
        figure = _over_space(results, given)
    else:
        figure = plotting.compare(**arguments(results, given))
    if output is not None:
        write(figure, output)
        return [output]
    name = "-".join(given.get("panels") or ["comparison"])
    return list(plotting.save(figure, place / "figures", name))


def arguments(results: Results, given: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`qnu.plotting.compare` is called with.

    Args:
        results: of a folder, or of a run.
        given: by the names in :data:`SETTINGS`.

    Raises:
        QnuError: a method that the results do not have.
    """
    wanted = dict(given)
    labels = _known("methods", wanted.pop("methods", None), list(results.trajectories))
    runs = {label: results.trajectories[label] for label in labels}
    output = results.experiment.spec.output
    defaults: dict[str, Any] = {
        "panels": output.panels,
        "individuals": [label for label in output.individuals if label in runs],
        "histories": [k for k in output.histories if k in runs and runs[k].seeds is not None],
    }
    schedule = results.experiment.schedule
    return {"trajectories": runs, "schedule": schedule, **defaults, **wanted}


def _over_space(results: Results, given: Mapping[str, Any]) -> Any:
    """One of the figures of methods with space, which has the page for itself."""
    from .. import plotting

    panels = list(given["panels"])
    if len(panels) > 1:
        raise QnuError("panels", panels, f"{', '.join(OVER_SPACE)}: each alone, as one figure")
    for name in set(given) - _OF_A_MAP:
        raise QnuError(name, given[name], f"with {panels[0]!r}: {', '.join(sorted(_OF_A_MAP))}")
    labels = _known("methods", given.get("methods"), list(results.trajectories))
    options = {name: given[name] for name in ("title", "width") if name in given}
    runs = {label: results.trajectories[label] for label in labels}
    return getattr(plotting, OVER_SPACE[panels[0]][0])(runs, **options)


def _known(field: str, names: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    for name in names or ():
        if name not in known:
            raise QnuError(field, name, ", ".join(known) + did_you_mean(name, known))
    return list(known if names is None else dict.fromkeys(names))
