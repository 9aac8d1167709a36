"""`assent doctor`: the connections, and what keeps them from working."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.commands.options import STATE


@click.command()
@STATE
def doctor(state: Path) -> None:
    """Check each connection: reachable, whose account, scopes granted against needed.

    Nothing is written at any system and no secret is shown. Exits 1 where a connection cannot work.
    """
    from bot.doctor import diagnose

    is_well, text = diagnose(state)
    click.echo(text)
    sys.exit(0 if is_well else 1)
