"""`assent new`: the first files of a connector or a workflow, which pass as they are."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def new() -> None:
    """Begin a connector or a workflow: code, policy, tests and a page that pass at once."""


@new.command("connector")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a project of its own; without it, the checkout, or ./assent-NAME where"
    " Assent is installed.",
)
@click.argument("name")
def new_connector(name: str, into: Path | None) -> None:
    """Write a connector NAME: two operations, a finder, a stand-in of its system.

    With a bundle, tests and a page; everything passes as it is.
    """
    from bot.scaffolding.connector import create

    click.echo(create(name, into))


@new.command("workflow")
@click.option("--operation", required=True, help="What it does, as orders.add_note.")
@click.option(
    "--bundle",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The bundle's folder; without it, the shipped one of the checkout.",
)
@click.argument("name")
def new_workflow(name: str, operation: str, folder: Path | None) -> None:
    """Write a workflow NAME of one operation into a bundle.

    With examples, a policy where no rule grants the operation, and over the desk a first suite.
    """
    from bot.scaffolding.workflow import create

    click.echo(create(name, operation, folder))
