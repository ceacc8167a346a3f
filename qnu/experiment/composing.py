"""Experiment files from a few answers: what ``qnu new`` writes with flags or questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..errors import QnuError
from .loading import Experiment, parse
from .recipes import SCHEDULES, STATES, UNIT_WORDS, Recipe, Start

_DEVICES = ("fake", "ibm", "ionq", "ions")
_COLUMN = 35
KIND_WORDS = {
    "tournament": "every pair meets once, one round after the other",
    "stochastic": "random pairs at random times",
    "random_pairs": "random pairs, back to back",
    "bipartite": "two beams: every pair across meets once",
    "plane_wave": "all pairs at all times, as a Trotter product",
}
KEY_WORDS = {
    "gamma": "swap angle of an encounter: theta = gamma (1 - v.v')",
    "probability": "to be in an encounter, per neutrino and step of gamma p / mu",
    "duration": "mu t at the end",
    "encounters": "in all",
    "steps": "of the Trotter product",
}
METHOD_WORDS = {
    "many_body": "the state vector through the schedule: all entanglement, exact",
    "light_cone": "exact, neutrino by neutrino: for few encounters of each",
    "independent": "encounters of uncorrelated neutrinos",
    "kinetic": "the rate equation of these encounters",
    "mean_field": "the limit gamma -> 0 of a large gas",
    "circuit": "the quantum circuit of the schedule",
}


def compose(recipe: Recipe) -> str:
    """The commented file of a recipe, after a check that it is valid.

    Raises:
        QnuError: a file that ``qnu validate`` would refuse, with the flag that is to blame.

    Examples:
        >>> from qnu.experiment.recipes import read_groups
        >>> text = compose(Recipe(read_groups("nu_e:2:electron:0.1")))
        >>> print(*text.splitlines()[6:10], sep=chr(10))
        [[group]]
        name = "nu_e"
        count = 2
        flavor = "electron"                # the state at t = 0
    """
    recipe = recipe.made()
    text = "\n".join(_lines(recipe)) + "\n"
    checked(recipe, text)
    return text


def checked(recipe: Recipe, text: str) -> Experiment:
    """The experiment of a recipe; errors name the flag and no line."""
    try:
        return parse(text)
    except QnuError as error:
        field = _flag(recipe, error.field or "")
        raise QnuError(field, error.value, error.allowed, reason=error.reason) from None


def _flag(recipe: Recipe, field: str) -> str:
    table, _, key = field.partition(".")
    if table == "units":
        return "--units"
    names = [f.name for f in fields(Recipe)]
    if table.startswith("group"):
        return "--groups"
    if table.startswith("method"):
        return f"--{key}" if key in ("hardware", "shots") else "--methods"
    name = key.partition(".")[0].partition("[")[0] or table
    return f"--{name}".replace("_", "-") if name in names else f"--schedule {recipe.schedule}"


def _lines(recipe: Recipe) -> Iterator[str]:
    yield "# An experiment for qnu: `qnu validate FILE`, then `qnu run FILE`."
    yield _line("name", recipe.name, "title of figures and of the report")
    last = recipe.seed + recipe.seeds - 1
    yield _line("seed", recipe.seed, "of everything random; the same seed gives the same numbers")
    if recipe.seeds != 1:
        text = f"histories, with the seeds {recipe.seed} to {last}: means and standard errors"
        yield _line("seeds", recipe.seeds, text)
    yield _line("mixing_angle", recipe.mixing_angle, "theta_mix in radians, of `flavor` and matter")
    yield from _units(recipe)
    yield ""
    yield "# The neutrinos, group by group. Units: mu = 1: omega in units of mu, times in 1/mu."
    for k, group in enumerate(recipe.groups):
        yield from _group(recipe, group, first=k == 0)
    yield from ("", "[gas]")
    every = "every 1 - v.v' = 1" if recipe.velocities == "right-angle" else "drawn with the seed"
    yield _line("velocities", recipe.velocities, every)
    yield from ("", f"# Who meets whom: {KIND_WORDS[recipe.schedule]}.", "[schedule]")
    yield _line("kind", recipe.schedule, "`qnu schema` and circuits/README.md list the others")
    for key in SCHEDULES[recipe.schedule]:
        yield _line(key, getattr(recipe, key), KEY_WORDS[key])
    if recipe.matter:
        yield _line("matter", recipe.matter, "potential of the electrons, in units of mu")
    else:
        yield "# matter = 1.0".ljust(_COLUMN) + "# potential of the electrons, in units of mu"
    yield from ("", "# Sample times that every method shares, unless it has its own.", "[output]")
    yield _line("samples", recipe.samples, "equally spaced, from 0 to the end")
    yield from ("", "# Methods, all on the same gas and schedule. Take out what you do not need.")
    for k, kind in enumerate(recipe.methods or ()):
        yield from ([] if k == 0 else [""])
        yield "[[method]]"
        yield _line("kind", kind, METHOD_WORDS[kind])
        yield from _circuit(recipe) if kind == "circuit" else ()


def _units(recipe: Recipe) -> Iterator[str]:
    if not recipe.units:
        return
    yield from ("", "# Physical units: texts with a unit may stand below, too.", "[units]")
    for name, text in recipe.units.items():
        if name == "mass_splitting" and recipe.ordering == "inverted":
            text = f"-{text.lstrip('+-')}"
        yield _line(name, text, UNIT_WORDS[name])


def _group(recipe: Recipe, group: Start, *, first: bool) -> Iterator[str]:
    if not first:
        yield ""
    yield "[[group]]"
    yield f"name = {json.dumps(group.name, ensure_ascii=False)}"
    yield f"count = {group.count}"
    about = "the state at t = 0" if "mass" not in group.state else "the mass state, at t = 0"
    notes = (about, "omega and flavor as for the antineutrino itself")
    for line, note in zip(STATES[group.state], notes, strict=False):
        yield f"{line:<{_COLUMN}}# {note}" if first or note != about else line
    if group.energy is not None:
        yield _line("energy", group.energy, "omega = dm^2/2E" if first else "")
        return
    if group.omega is None:  # that of [units]
        return
    omega = -group.omega if recipe.ordering == "inverted" and group.omega else group.omega
    text = "dm^2/2E; negative: inverted ordering" if omega < 0 else "dm^2/2E; or a list of numbers"
    yield _line("omega", omega, text if first else "")


def _circuit(recipe: Recipe) -> Iterator[str]:
    if recipe.hardware is None:
        yield _line("shots", recipe.shots or 0, "exact, on qnu's own simulator")
        return
    yield _line("hardware", recipe.hardware, "a name from `qnu list`, or a file")
    if recipe.shots is not None:
        exact = "exact expectation values" if recipe.shots == 0 else "per sample time and basis"
        yield _line("shots", recipe.shots, exact)
    if _is_device(recipe.hardware):
        yield _line("samples", 3, "a noisy circuit takes long: start, middle and end")


def _is_device(hardware: str) -> bool:
    from ..quantum import load_machine

    try:
        return load_machine(hardware).provider in _DEVICES
    except QnuError:  # said when the file is checked
        return False


def _line(key: str, value: Any, comment: str) -> str:
    text = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return f"{text:<{_COLUMN}}# {comment}" if comment else text
