"""`assent people`: who is one human, and who decides for whom."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import STATE

BY = click.option("--as", "by", required=True, help="Your name, for the record.")


@click.group()
def people() -> None:
    """People, their accounts, and who decides for somebody who is away."""


@people.command("list")
@STATE
def people_list(state: Path) -> None:
    """Everybody known: id, the bundle's name, the chat's name, accounts; and all delegations."""
    from bot.people.staffing import list_all

    click.echo(list_all(state))


@people.command("show")
@STATE
@click.argument("person")
def people_show(state: Path, person: str) -> None:
    """One PERSON (P-1001, the bundle's name, or slack:U0DANA): accounts and delegations."""
    from bot.people.staffing import show

    click.echo(show(state, person))


@people.command("delegate")
@STATE
@click.option("--from", "absent", required=True, metavar="PERSON", help="Who is away.")
@click.option("--to", required=True, metavar="PERSON", help="Who decides for them.")
@click.option("--until", required=True, help="The last day, or a time with its offset.")
@click.option("--starts", default="", help="The first day, or a time; now if left out.")
@click.option("--role", "roles", multiple=True, help="Only this role; may be repeated.")
@click.option("--workflow", "workflows", multiple=True, help="Only this; may be repeated.")
@click.option("--max", "amounts", multiple=True, help="Up to this, as 500.00USD; each currency.")
@click.option("--because", required=True, help="Why, in your words.")
@BY
def people_delegate(
    state: Path,
    absent: str,
    to: str,
    until: str,
    starts: str,
    roles: tuple[str, ...],
    workflows: tuple[str, ...],
    amounts: tuple[str, ...],
    because: str,
    by: str,
) -> None:
    """Let somebody decide for a person who is away, 30 days at most.

    Only roles that the absent person still holds at each decision; never on what they asked for.
    A plan that shows no amount is not reached by a delegation with --max.
    """
    from bot.people.staffing import Wanted, delegate

    wanted = Wanted(absent, to, until, starts, roles, workflows, amounts, because)
    click.echo(delegate(state, wanted, by))


@people.command("end-delegation")
@STATE
@BY
@click.argument("delegation")
def people_end_delegation(state: Path, by: str, delegation: str) -> None:
    """End a DELEGATION (D-1001) now."""
    from bot.people.staffing import end

    click.echo(end(state, delegation, by))
