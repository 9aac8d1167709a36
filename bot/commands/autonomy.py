"""`assent autonomy`: how far each workflow may go by itself, why, and who moves it."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import STATE

LEVEL = click.Choice(["L2", "L3", "L4"])
NAME = click.option("--as", "name", required=True, help="Your name, for the record.")
BECAUSE = click.option("--because", required=True, help="Why, in your words.")


class _Shown(click.Group):
    """Whatever is no command of the group is shown: `assent autonomy refund`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Shown)
def autonomy() -> None:
    """How far workflows may go by themselves. Without a command: where they stand."""


@autonomy.command("show")
@STATE
@click.option("--shadow", is_flag=True, help="Where L3 would have differed from people.")
@click.argument("workflow", required=False)
def autonomy_show(state: Path, shadow: bool, workflow: str | None) -> None:
    """Each workflow's level, its record, and what a promotion lacks. `show` may be left out."""
    from bot.autonomy.laddering import show

    click.echo(show(state, workflow, is_shadow=shadow))


@autonomy.command("promote")
@STATE
@click.option("--to", type=LEVEL, required=True, help="One level up.")
@NAME
@BECAUSE
@click.argument("workflow")
def autonomy_promote(state: Path, to: str, name: str, because: str, workflow: str) -> None:
    """Promote a workflow by one level; refuses with what its record lacks."""
    from bot.autonomy.laddering import promote

    click.echo(promote(state, workflow, to, name, because))


@autonomy.command("demote")
@STATE
@click.option("--to", type=LEVEL, required=True, help="A level below the one it has earned.")
@NAME
@BECAUSE
@click.argument("workflow")
def autonomy_demote(state: Path, to: str, name: str, because: str, workflow: str) -> None:
    """Demote a workflow. A running bot obeys with its next decision."""
    from bot.autonomy.laddering import demote

    click.echo(demote(state, workflow, to, name, because))
