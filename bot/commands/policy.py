"""`assent policy`: the rules of a bundle, checked and explained."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.options import STATE


@click.group()
def policy() -> None:
    """Rules: checked and explained."""


@policy.command("check")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
def policy_check(folder: Path | None) -> None:
    """Check a bundle FOLDER (else the one in force): every problem with its place.

    Prints the largest amount that can run without a person. Exits 1 where there are problems.
    """
    from bot.policing.checking import check

    is_clean, text = check(folder)
    click.echo(text)
    sys.exit(0 if is_clean else 1)


@policy.command("test")
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option("--strict", is_flag=True, help="What the examples leave open is a failure too.")
def policy_test(folder: Path | None, strict: bool) -> None:
    """Run the examples of a bundle FOLDER (else the one in force).

    Prints the rules and conditions that no example touches, and the small changes of the rules
    that no example notices. Exits 1 where an example fails.
    """
    from bot.policing.examples import test

    is_sound, text = test(folder, is_strict=strict)
    click.echo(text)
    sys.exit(0 if is_sound else 1)


@policy.command("explain")
@STATE
@click.option(
    "--facts",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A YAML or JSON file of operation, facts, and if you like workflow and given.",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Decide under this bundle's folder.",
)
@click.argument("run_id", metavar="[RUN]", required=False)
def policy_explain(
    state: Path, facts: Path | None, bundle: Path | None, run_id: str | None
) -> None:
    """Each rule that was judged for a RUN, or would be on stated facts, with its values."""
    if (facts is None) == (run_id is None):
        raise click.UsageError("name a run, as R-1001, or a file with --facts")
    if run_id is None:
        from bot.policing.facts import explain_facts

        assert facts is not None, "one of the two was named"
        click.echo(explain_facts(facts, bundle))
    elif bundle is not None:
        from bot.policing.facts import explain_run

        click.echo(explain_run(state, run_id, bundle))
    else:
        from bot.auditing import explain

        click.echo(explain(state, run_id))


@policy.command("replay")
@STATE
@click.option("--from", "old", required=True, help="A bundle's folder, or a git revision of it.")
@click.option("--to", "new", required=True, help="A bundle's folder, or a git revision of it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day to look at (UTC).")
@click.option("--fail-on-looser", is_flag=True, help="Exit 1 where anything would be looser.")
def policy_replay(
    state: Path, old: str, new: str, since: datetime | None, fail_on_looser: bool
) -> None:
    """Decide what the ledger recorded again, under two bundles.

    Counts what would be looser and tighter, and lists it by run.
    """
    from bot.policing.replay import replay

    day = since.replace(tzinfo=UTC) if since else None
    looser, text = replay(state, old, new, day)
    click.echo(text)
    sys.exit(1 if fail_on_looser and looser else 0)
