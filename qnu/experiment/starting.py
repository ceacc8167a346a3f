"""A file to begin with: ``qnu new``."""

from __future__ import annotations

from pathlib import Path

from ..catalogue import find_experiment
from ..common import toml
from ..common.checks import user_path
from ..errors import QnuError, printable
from . import composing
from .recipes import Recipe
from .schema_file import FILE as SCHEMA

#: Runs as it is, in a second; every line says what it is and what else could stand there.
TEXT = """\
name = "my gas"                    # title of figures and of the report
seed = 1                           # of everything random; the same seed gives the same numbers
mixing_angle = 0.15                # theta_mix in radians; needed by `flavor` and by matter

# The neutrinos, group by group. Units: mu = 1, so omega is in units of mu, times are in 1/mu.
[[group]]
name = "nu_e"
count = 4
flavor = "electron"                # or "x"; or polarization = [x, y, z] in the mass basis
omega = 0.5                        # dm^2/2E; or a list of `count` numbers (a spectrum)

[[group]]
name = "nu_x"
count = 4
flavor = "x"
omega = 0.5
# antineutrino = true

[gas]
velocities = "right-angle"         # every 1 - v.v' = 1; or "isotropic": drawn with the seed

# Who meets whom. In a tournament every pair meets once, one round after the other.
[schedule]
kind = "tournament"                # or "stochastic", "random_pairs", "bipartite", ...
gamma = 0.3                        # swap angle of an encounter: theta = gamma (1 - v.v')
# matter = 1.0                     # potential of the electrons, in units of mu

# Sample times that every method shares, unless it has its own.
[output]
samples = 8                        # the start, and one after each of the 7 rounds

# Methods, all on the same gas and schedule. Take out what you do not need.
[[method]]
kind = "circuit"                   # on qnu's own simulator, exact
observables = ["entropy", "pair_concurrence"]

[[method]]
kind = "circuit"
label = "circuit-shots"            # a second method of one kind needs a label
hardware = "aer_statevector"       # a name from `qnu list`, such as "fake_torino", or a file
shots = 2000                       # per sample time and basis

[[method]]
kind = "many_body"                 # the state vector through the schedule: all entanglement
observables = ["entropy", "pair_concurrence"]

[[method]]
kind = "independent"               # encounters of uncorrelated neutrinos
# observables = ["entropy"]

[[method]]
kind = "mean_field"                # the limit gamma -> 0 of a large gas
samples = 71
"""


def text_from(name: str | None = None) -> str:
    """A commented experiment file to begin with.

    Args:
        name: an experiment of the catalogue to copy; None: a small gas with every method.

    Returns:
        TOML.

    Raises:
        QnuError: no such experiment.

    Examples:
        >>> from qnu.experiment import parse
        >>> parse(text_from()).schedule.kind
        'tournament'
    """
    if name is None:
        return f"# An experiment for qnu: `qnu validate FILE`, then `qnu run FILE`.\n{TEXT}"
    path = find_experiment(name)
    return f"# A copy of {printable(path.stem)}, from the catalogue of qnu.\n{toml.read_text(path)}"


def write(path: str | Path, name: str | None = None, recipe: Recipe | None = None) -> Path:
    """Writes a file to begin with, which does not exist yet: it is valid, and runs.

    Where a schema of ``qnu schema`` lies beside it, the first line names that for editors.

    Args:
        path: the file, ``something.toml``.
        name: an experiment of the catalogue to copy.
        recipe: what to make it from; neither: :func:`text_from`.

    Returns:
        the path.

    Raises:
        QnuError: a file that exists or cannot be written, a name that does not end in ``.toml``, a
            recipe of a file that is not valid.

    Examples:
        >>> write("gas.txt")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: file: got 'gas.txt'; allowed: a name that ends in .toml
    """
    file = check(path)
    text = text_from(name) if recipe is None else composing.compose(recipe)
    if (file.parent / SCHEMA).is_file():
        text = f"#:schema ./{SCHEMA}\n{text}"
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        allowed = f"a place that can be written ({error.strerror})"
        raise QnuError("file", str(path), allowed) from None
    return file


def check(path: str | Path) -> Path:
    """The file that may be written; said before any question is asked.

    Raises:
        QnuError: it exists, or its name does not end in ``.toml``.
    """
    file = user_path("file", path)
    if file.suffix != ".toml":
        raise QnuError("file", str(path), "a name that ends in .toml")
    if file.exists():
        raise _exists(path)
    return file


def _exists(path: str | Path) -> QnuError:
    return QnuError("file", str(path), "a file that does not exist yet (nothing is overwritten)")
