"""``qnu schema``: what may stand in an experiment file, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._frame import echo, show_path


def schema(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it to this file, such as qnu.schema.json; an earlier schema is replaced.",
        ),
    ] = None,
) -> None:
    """Print the JSON schema of experiment files, for completion and checks in editors.

    Editors with TOML support (Even Better TOML, Taplo) read it where the first
    line of a file is `#:schema ./qnu.schema.json`; `qnu new` writes that line
    where the schema lies beside the new file.

    Example:
        qnu schema -o qnu.schema.json
    """
    from ..experiment import schema_file

    if output is None:
        typer.echo(schema_file.text(), nl=False)
        return
    show_path("Written", schema_file.write(output))
    echo(f"Next: begin a file beside it with the line  #:schema ./{output.name}")
