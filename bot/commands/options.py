"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("state"),
    envvar="ASSENT_STATE",
    show_default=True,
    help="Folder that holds everything Assent keeps.",
)
