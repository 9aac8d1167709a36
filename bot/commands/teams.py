"""`assent teams`: what an administrator of Microsoft Teams needs from Assent."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def teams() -> None:
    """Microsoft Teams: the app that an administrator uploads."""


@teams.command("package")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("assent-teams.zip"),
    show_default=True,
    help="The file to write.",
)
@click.option(
    "--app-id",
    envvar="ASSENT_TEAMS_APP_ID",
    show_envvar=True,
    default="",
    help="Application (client) ID of the bot's app registration.",
)
@click.option("--publisher", default="Assent", show_default=True, help="Who runs it, for people.")
@click.option("--website", help="A page of yours about it; Teams links to it.")
@click.option("--app-version", help="Higher than that of the app which it replaces in Teams.")
def teams_package(
    out: Path, app_id: str, publisher: str, website: str | None, app_version: str | None
) -> None:
    """Write the app package: a manifest and two icons, for one app registration."""
    from bot.errors import CommandError
    from bot.surfaces.teams_package import PACKAGE_VERSION, PackageError, Publisher, package

    who = Publisher(name=publisher, website=website or Publisher().website)
    version = app_version or PACKAGE_VERSION
    try:
        out.write_bytes(package(app_id, who, version))
    except PackageError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"{out}: Assent {version} for the app registration {app_id.lower()}")
    if website is None:
        click.echo(f"Its links lead to {who.website}; --website puts a page of yours there.")
