"""`assent`: the bot, the local workspace, and the tools of people who operate and audit it.

Each command imports what it needs when it runs, so that --help answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from bot import collecting
from bot.commands.autonomy import autonomy
from bot.commands.bundle import bundle
from bot.commands.doctor import doctor
from bot.commands.new import new
from bot.commands.options import STATE
from bot.commands.people import people
from bot.commands.policy import policy
from bot.commands.teams import teams

AS = click.option(
    "--as", "as_", default="agent", show_default=True, help="Who acts: agent, lead, finance, ..."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Assent completes operational work from a chat channel: plan, exact diff, approval, proof."""


@cli.command()
@STATE
@click.option("--port", default=0, help="Port of the page; 0 keeps the last one or takes any.")
def play(state: Path, port: int) -> None:
    """Start a local workspace and the bot: try everything without an account."""
    from bot.play import play as start

    sys.exit(start(state, port))


@cli.command()
def demo() -> None:
    """Tell the whole story in the terminal: ask, approve, kill, recover, verify."""
    from bot.demo import demo as tell

    sys.exit(tell())


@cli.command()
def run() -> None:
    """Run the bot; it is told everything by ASSENT_ variables (see .env.example)."""
    from bot.serving import serve

    sys.exit(serve())


@cli.command()
@STATE
@AS
@click.option("--in", "channel", default="support-ops", show_default=True, help="Channel, or dm.")
@click.option("--thread", help="A run or any words in the thread to answer in.")
@click.argument("text")
def say(state: Path, as_: str, channel: str, thread: str | None, text: str) -> None:
    """Say something to Assent in the local workspace."""
    from bot.terminal import client

    with client(state) as workspace:
        if text.startswith("/"):
            click.echo(workspace.command_and_show(text, as_, channel))
        else:
            click.echo(workspace.say_and_show(text, as_, channel, thread))


@cli.command()
@STATE
@AS
@click.option("--words", "--reason", help="What to write where a window asks: a reason, an answer.")
@click.option("--choice", help="What to choose from a menu.")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="A value of an edit.")
@click.option("--skip", "skips", multiple=True, metavar="STEP", help="A step that an edit omits.")
@click.argument("button")
@click.argument("run_id", metavar="RUN")
def press(
    state: Path,
    as_: str,
    words: str | None,
    choice: str | None,
    sets: tuple[str, ...],
    skips: tuple[str, ...],
    button: str,
    run_id: str,
) -> None:
    """Press a button on a run's card by its label or name: approve, reject, edit, ask, details."""
    from bot.terminal import client, fields_of

    with client(state) as workspace:
        fields = fields_of(sets, skips)
        click.echo(workspace.press_and_show(button, as_, run_id, words, choice, fields))


@cli.command()
@STATE
@AS
@click.option("--approve", is_flag=True, help="Approve what is shown, each run for itself.")
@click.option("--without", multiple=True, metavar="RUN", help="A run to leave out of it.")
def batch(state: Path, as_: str, approve: bool, without: tuple[str, ...]) -> None:
    """Show what waits for a person side by side, one line a run."""
    from bot.terminal import client

    with client(state) as workspace:
        left_out = without if approve else None
        click.echo(workspace.batch_and_show(as_, "support-ops", left_out))


@cli.command()
@STATE
@AS
@click.argument("run_id", metavar="RUN")
def thread(state: Path, as_: str, run_id: str) -> None:
    """Show the thread of a run as text."""
    from bot.terminal import client

    with client(state) as workspace:
        click.echo(workspace.thread(run_id, as_))


@cli.command()
@STATE
@AS
def home(state: Path, as_: str) -> None:
    """Show a person's App Home: what waits for them, what they asked for."""
    from bot.terminal import client

    with client(state) as workspace:
        click.echo(workspace.home_page(as_))


@cli.group()
def audit() -> None:
    """Read, verify and export the ledger."""


@audit.command("show")
@STATE
@click.option("--whole", is_flag=True, help="Every rule and fact of every decision too.")
@click.argument("run_id", metavar="RUN")
def audit_show(state: Path, run_id: str, *, whole: bool) -> None:
    """Every entry of a run, oldest first."""
    from bot.auditing import show

    click.echo(show(state, run_id, is_whole=whole))


@audit.command("verify")
@STATE
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint kept elsewhere.")
def audit_verify(state: Path, checkpoint: Path | None) -> None:
    """Check every entry; names any that was edited, removed or reordered. Exits 1 then."""
    from bot.auditing import verify

    is_whole, text = verify(state, checkpoint)
    click.echo(text)
    sys.exit(0 if is_whole else 1)


@audit.command("checkpoint")
@STATE
def audit_checkpoint(state: Path) -> None:
    """Print a signed tree head; keep it elsewhere and verify against it later."""
    from bot.auditing import checkpoint

    click.echo(checkpoint(state), nl=False)


@audit.command("export")
@STATE
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.argument("to", type=click.Path(path_type=Path))
def audit_export(state: Path, format_: str, to: Path) -> None:
    """Write the ledger to a file that can be verified again (jsonl) or read by people (csv)."""
    from bot.auditing import export

    click.echo(export(state, format_, to))


cli.add_command(autonomy)
cli.add_command(bundle)
cli.add_command(doctor)
cli.add_command(new)
cli.add_command(people)
cli.add_command(policy)
cli.add_command(teams)


@cli.command()
@STATE
def digest(state: Path) -> None:
    """Today's report so far."""
    from bot.auditing import digest_text

    click.echo(digest_text(state))


@cli.group()
def desk() -> None:
    """Break and bend the embedded orders desk, to see what Assent says."""


@desk.command("fault")
@STATE
@click.option("--operation", default="any", show_default=True, help="Such as payments.refund.")
@click.option("--times", default=1, show_default=True, help="How often it strikes.")
@click.option("--after", default=0, show_default=True, help="Calls that pass before it strikes.")
@click.option("--seconds", default=0.0, help="How slow, or how long to wait.")
@click.argument("kind")
def desk_fault(
    state: Path, operation: str, times: int, after: int, seconds: float, kind: str
) -> None:
    """Arm a fault: slow, time_out_before_write, time_out_after_write, refuse, rate_limit, ..."""
    from bot.desking import arm

    click.echo(arm(state, kind, operation, times, after, seconds))


@desk.command("clear")
@STATE
def desk_clear(state: Path) -> None:
    """Disarm every fault."""
    from bot.desking import clear

    click.echo(clear(state))


@desk.command("refund")
@STATE
@click.argument("payment")
@click.argument("amount_minor", type=int)
def desk_refund(state: Path, payment: str, amount_minor: int) -> None:
    """Refund a payment behind Assent's back, as a batch would (AMOUNT_MINOR in cents)."""
    from bot.desking import refund

    click.echo(refund(state, payment, amount_minor))


def main() -> NoReturn:
    """The entry point: an error that the operator can mend is one sentence, not a traceback."""
    from bot.errors import is_expected

    try:
        with collecting.seldom():
            cli(standalone_mode=True)
    except Exception as error:
        if not is_expected(error):
            raise
        click.echo(f"assent: {error}", err=True)
        sys.exit(2)
    sys.exit(0)
