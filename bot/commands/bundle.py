"""`assent bundle`: which bundle is on which stage, who put it there, and on what proof."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import STATE

NAME = click.option("--as", "name", required=True, help="Your name, for the record.")
BECAUSE = click.option("--because", required=True, help="Why, in your words.")


@click.group()
def bundle() -> None:
    """Move bundles between stages: nothing gets to production without a proof."""


@bundle.command("stage")
@STATE
@click.option("--on", "stage", default="staging", show_default=True, help="The stage.")
@NAME
@BECAUSE
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def bundle_stage(state: Path, stage: str, name: str, because: str, folder: Path) -> None:
    """Put the bundle of a FOLDER, checked whole, on a stage."""
    from bot.bundle.promoting import by, promoting
    from bot.bundle.stages import checked_name

    with promoting(state) as stages:
        click.echo(stages.stage(folder, checked_name(stage), by(name, because)))


@bundle.command("promote")
@STATE
@click.option(
    "--records",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of agent-eval's records; STATE/evals unless it is named.",
)
@click.option(
    "--rules-only",
    is_flag=True,
    help="Take records of the rules planner alone, although the bundle has a planner: section; no"
    " model is asked on the release then, whatever key the bot has.",
)
@NAME
@BECAUSE
@click.argument("way", metavar="STAGE->STAGE")
def bundle_promote(
    state: Path, records: Path | None, rules_only: bool, name: str, because: str, way: str
) -> None:
    """Promote a bundle, as 'staging->production'; refuses without a passing, matching record of
    every suite that the bundle names for that stage, made with the model that it names."""
    from bot.bundle.promoting import by, promoting, stages_of

    source, target = stages_of(way)
    who = by(name, because)
    with promoting(state) as stages:
        click.echo(stages.promote(source, target, who, records, rules_only=rules_only))


@bundle.command("rollback")
@STATE
@NAME
@BECAUSE
@click.argument("stage", default="production")
def bundle_rollback(state: Path, name: str, because: str, stage: str) -> None:
    """Turn a stage back to the bundle that it had before, at once."""
    from bot.bundle.promoting import by, promoting
    from bot.bundle.stages import checked_name

    with promoting(state) as stages:
        click.echo(stages.roll_back(checked_name(stage), by(name, because)))


@bundle.command("show")
@STATE
def bundle_show(state: Path) -> None:
    """Each stage, its bundle, who put it there and what it had before."""
    from bot.bundle.promoting import promoting

    with promoting(state) as stages:
        click.echo(stages.show())
