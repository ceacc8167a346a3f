"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from . import _complete

_SPEC = typer.Argument(
    metavar="SPEC",
    help="A TOML file, or a name from `qnu list`.",
    autocompletion=_complete.experiments,
)
_CONFIG = typer.Option(
    "--hardware",
    metavar="CONFIG",
    help="A hardware config: a name from `qnu list`, a file, or a class such as FakeBrisbane.",
    autocompletion=_complete.devices,
)
_SEED = typer.Option("--seed", metavar="N", help="Use this seed instead of the one in the file.")
_SEEDS = typer.Option(
    "--seeds",
    metavar="N",
    help="Run N histories, with seeds one after the other; default: as the file says, or 1.",
)
_LABEL = typer.Option(
    "--method",
    metavar="LABEL",
    help="Which circuit of the file; default: the first with shots.",
    autocompletion=_complete.circuit_labels,
)
_RESUME = typer.Option(
    "--resume",
    metavar="ID",
    help="Finish an interrupted submission.",
    autocompletion=_complete.jobs_to_resume,
)
_ID = "From `qnu jobs`, or its beginning; `last`: the newest job."

Spec = Annotated[str, _SPEC]
SpecOrNone = Annotated[str | None, _SPEC]
Config = Annotated[str, _CONFIG]
ConfigOrNone = Annotated[str | None, _CONFIG]
Seed = Annotated[str | None, _SEED]
Seeds = Annotated[str | None, _SEEDS]
Label = Annotated[str | None, _LABEL]
Resume = Annotated[str | None, _RESUME]
AnyJob = Annotated[str, typer.Argument(metavar="ID", help=_ID, autocompletion=_complete.jobs)]
JobToFetch = Annotated[
    str, typer.Argument(metavar="ID", help=_ID, autocompletion=_complete.jobs_to_fetch)
]
JobToCancel = Annotated[
    str, typer.Argument(metavar="ID", help=_ID, autocompletion=_complete.jobs_to_cancel)
]
