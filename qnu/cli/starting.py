"""``qnu new``: an experiment file to begin with, from flags, questions or the catalogue."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from . import _complete
from ._frame import echo, show_path, wrapped

if TYPE_CHECKING:
    from ..experiment.recipes import Recipe

_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file to write, such as my_gas.toml.")
]
_Source = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="NAME",
        help="Copy this experiment of `qnu list`.",
        autocompletion=_complete.catalogue_experiments,
    ),
]


def _flag(name: str, metavar: str, text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=text)


_Groups = Annotated[
    str | None,
    _flag(
        "--groups",
        "LIST",
        "NAME:COUNT:STATE:OMEGA with commas between groups; STATE is electron, x, anti-electron,"
        " anti-x, mass-1 or mass-2; OMEGA may be left out.",
    ),
]
_Ordering = Annotated[
    str | None, _flag("--ordering", "WORD", "normal or inverted: the sign of every omega.")
]
_Angle = Annotated[str | None, _flag("--mixing-angle", "ANGLE", "In radians.")]
_Velocities = Annotated[str | None, _flag("--velocities", "WORD", "right-angle or isotropic.")]
_Schedule = Annotated[
    str | None,
    _flag("--schedule", "KIND", "tournament, stochastic, random_pairs, bipartite or plane_wave."),
]
_Gamma = Annotated[str | None, _flag("--gamma", "NUMBER", "The discreteness parameter.")]
_Probability = Annotated[str | None, _flag("--probability", "NUMBER", "Of a stochastic schedule.")]
_Duration = Annotated[
    str | None, _flag("--duration", "NUMBER", "mu t at the end: stochastic, plane_wave.")
]
_Encounters = Annotated[str | None, _flag("--encounters", "N", "Of random_pairs.")]
_Steps = Annotated[str | None, _flag("--steps", "N", "Of plane_wave.")]
_Matter = Annotated[
    str | None, _flag("--matter", "NUMBER", "Potential of the electrons in units of mu.")
]
_Samples = Annotated[str | None, _flag("--samples", "N", "Sample times, equally spaced.")]
_Methods = Annotated[
    str | None,
    _flag(
        "--methods",
        "LIST",
        "many_body, light_cone, independent, kinetic, mean_field, circuit; with commas.",
    ),
]
_Hardware = Annotated[
    str | None,
    typer.Option(
        "--hardware",
        metavar="CONFIG",
        help="Of the circuit: a name from `qnu list`, or a file.",
        autocompletion=_complete.devices,
    ),
]
_Shots = Annotated[str | None, _flag("--shots", "N", "Of the circuit; 0: exact.")]
_Units = Annotated[
    str | None,
    _flag(
        "--units",
        "LIST",
        "Physical units: density=1e30 cm^-3,mass_splitting=2.5e-3 eV^2,energy=15 MeV; also mu and"
        " packet. Then OMEGA may be an energy, and durations may be texts such as 3 km.",
    ),
]
_Seed = Annotated[str | None, _flag("--seed", "N", "Of everything random; default: 1.")]
_Seeds = Annotated[str | None, _flag("--seeds", "N", "Histories, for means; default: 1.")]
_Name = Annotated[str | None, _flag("--name", "TEXT", "Title of figures; default: as the file.")]


def new(
    file: _File,
    source: _Source = None,
    groups: _Groups = None,
    units: _Units = None,
    ordering: _Ordering = None,
    mixing_angle: _Angle = None,
    velocities: _Velocities = None,
    schedule: _Schedule = None,
    gamma: _Gamma = None,
    probability: _Probability = None,
    duration: _Duration = None,
    encounters: _Encounters = None,
    steps: _Steps = None,
    matter: _Matter = None,
    samples: _Samples = None,
    methods: _Methods = None,
    hardware: _Hardware = None,
    shots: _Shots = None,
    seed: _Seed = None,
    seeds: _Seeds = None,
    name: _Name = None,
) -> None:
    """Write an experiment file to begin with; it runs as it is.

    In a terminal it asks a few questions (Enter takes the default, Ctrl-C writes
    nothing). With any of the flags it asks nothing, and what is not given has its
    default. A comment beside every key says what it is. A file that exists is not
    overwritten.

    Example:
        qnu new gas.toml --groups nu_e:4:electron:0.5,anti_nu_e:4:anti-electron
    """
    arguments = dict(locals())  # before there are other names here
    given = {key: arguments[key] for key in arguments if key not in ("file", "source")}
    flags = {key: text for key, text in given.items() if text is not None}
    from ..experiment import recipes, starting

    starting.check(file)
    if source is not None and flags:
        flag = f"--{next(iter(flags)).replace('_', '-')}"
        raise QnuError(flag, flags[next(iter(flags))], "only without --from, which copies a file")
    recipe: Recipe | None = None
    if flags:
        recipe = recipes.read({"name": file.stem, **flags})
    elif source is None and sys.stdin.isatty() and sys.stdout.isatty():
        recipe = recipes.read({"name": file.stem, **_asked()})
    show_path("Written", starting.write(file, source, recipe))
    echo(f"Next: qnu validate {file}, then qnu run {file}")


def _asked() -> dict[str, str]:
    """The answers, by the name of the flag."""
    from ..experiment import composing, recipes

    echo("Enter takes the default in brackets; Ctrl-C writes nothing.")
    answers = {"groups": _ask_groups()} | _ask_units()
    if "units" not in answers:
        omega = _ask("gamma", "Vacuum frequency omega in units of mu", "0.5")
        first, *others = answers["groups"].split(",")
        answers["groups"] = ",".join([f"{first}:{omega}", *others])
    answers["ordering"] = _ask("ordering", "Mass ordering, normal or inverted", "normal")
    answers["mixing_angle"] = _ask("mixing_angle", "Mixing angle in radians", "0.15")
    echo("Velocities: right-angle (every 1 - v.v' = 1) or isotropic (drawn)")
    answers["velocities"] = _ask("velocities", "Velocities", "right-angle")
    for kind in recipes.SCHEDULES:
        echo(f"  {kind:<13}{composing.KIND_WORDS[kind]}")
    answers["schedule"] = _ask("schedule", "Schedule", "tournament")
    for key, default in recipes.SCHEDULES[answers["schedule"]].items():
        answers[key] = _ask(key, f"{key}, {composing.KEY_WORDS[key]}", str(default))
    chosen = recipes.read(answers).made().methods or ()
    for method in recipes.METHODS[:-1]:
        echo(f"  {method:<13}{composing.METHOD_WORDS[method]}")
    answers["methods"] = _ask("methods", "Methods, with commas", ",".join(chosen))
    echo("The circuit runs on a machine of `qnu list`, such as fake_torino")
    hardware = _ask("hardware", "Machine of the circuit, or none", "aer_statevector")
    if hardware != "none":
        answers["hardware"] = hardware
        answers["shots"] = _ask("shots", "Shots per sample time and basis, 0: exact", "2000")
    answers["seeds"] = _ask("seeds", "Histories with seeds 1, 2, ..., for means", "1")
    return answers


def _ask_groups() -> str:
    """The text of ``--groups``."""
    while True:
        groups = []
        for state, name, count in (
            ("electron", "nu_e", "4"),
            ("x", "nu_x", "4"),
            ("anti-electron", "anti_nu_e", "0"),
            ("anti-x", "anti_nu_x", "0"),
        ):
            number = _ask("encounters", f"Neutrinos that begin as {name}", count, "a whole number")
            if int(number):
                groups.append(f"{name}:{number}:{state}")
        if groups:
            return ",".join(groups)
        echo("At least one neutrino is needed.")


def _ask_units() -> dict[str, str]:
    """The text of ``--units``, where physical units are wanted."""
    question = "Density for physical units, such as 1e30 cm^-3, or none"
    density = _ask_quantity("density", question, "none")
    if density == "none":
        return {}
    splitting = _ask_quantity("mass_splitting", "Squared mass splitting", "2.5e-3 eV^2")
    energy = _ask_quantity("energy", "Energy", "15 MeV")
    return {"units": f"density={density},mass_splitting={splitting},energy={energy}"}


def _ask_quantity(name: str, question: str, default: str) -> str:
    """A number with its unit, or the default; asked again until it is one."""
    from ..units.given import KEYS
    from ..units.reading import converted

    while True:
        answer = str(typer.prompt(question, default=default)).strip()
        if answer == default:
            return answer
        try:
            converted(name, answer, KEYS[name])
        except QnuError as error:
            for line in wrapped("  allowed: ", error.allowed or str(error), "    "):
                echo(line)
        else:
            return answer


def _ask(name: str, question: str, default: str, what: str = "") -> str:
    """One answer that its flag takes; asked again until it does."""
    from ..experiment import recipes

    while True:
        answer = str(typer.prompt(question, default=default)).strip()
        try:
            if answer != "none" or name != "hardware":
                recipes.read_one(name, answer)
        except QnuError as error:
            for line in wrapped("  allowed: ", what or error.allowed or str(error), "    "):
                echo(line)
        else:
            return answer
