"""`assent policy`: the rules of a bundle, checked and explained."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.options import STATE


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
    from bot.policing import check

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
    from bot.policing_examples import test

    is_sound, text = test(folder, is_strict=strict)
    click.echo(text)
    sys.exit(0 if is_sound else 1)


@policy.command("explain")
@STATE
@click.argument("run_id", metavar="RUN")
def policy_explain(state: Path, run_id: str) -> None:
    """Each rule that was judged for a run, each condition with its values."""
    from bot.auditing import explain

    click.echo(explain(state, run_id))
