"""`make demo`: the whole story in the terminal, with the real processes, in under a minute.

It fails, with exit code 1 and a sentence, when anything does not hold.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from bot import auditing, desking
from bot.play import Playground
from bot.terminal import Terminal

REQUEST = "refund $40 on order 1043, arrived damaged"
RECOVERY_SECONDS = 60.0  # a restart, the slow refund, two more steps
SECONDS_MAX = 20.0  # for any one thing to come true; together the story takes well under a minute


class DoesNotHoldError(Exception):
    """Something that the demonstration promises did not come true."""


def demo() -> int:
    """Tells the story; 0 when everything held."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="assent-demo-"))
    playground = Playground(folder)
    try:
        _tell(playground, folder)
    except DoesNotHoldError as broken:
        click.echo(f"\nDOES NOT HOLD: {broken}\nThe state is kept in {folder}", err=True)
        return 1
    finally:
        playground.stop()
    shutil.rmtree(folder)
    click.echo(f"\nEverything held, in {time.monotonic() - started:.0f} s. Now try `make play`.")
    return 0


def _tell(playground: Playground, folder: Path) -> None:
    _say("Starting the workspace and the bot, as `make play` does.")
    workspace = playground.start()
    terminal = Terminal(playground.workspace_folder)
    run_id = _ask(terminal)
    _refused(terminal, run_id)
    _killed_and_recovered(playground, workspace, terminal, run_id, folder)
    _reported(folder)
    _tampered(folder)


def _ask(terminal: Terminal) -> str:
    _say(f'Dana, a support agent, asks in #support-ops: "{REQUEST}"')
    said = terminal.say(REQUEST, "agent")
    thread = _until(lambda: terminal.thread(said["ts"], "agent"), "WAITING", "the approval card")
    _show(thread)
    return _run_id(thread)


def _refused(terminal: Terminal, run_id: str) -> None:
    _say("Dana presses Approve on her own request. She alone sees the answer:")
    terminal.press("Approve", "agent", run_id)
    refusal = "You asked for this, so somebody else has to decide on it."
    thread = _until(lambda: terminal.thread(run_id, "agent"), refusal, "the refusal")
    _holds("WAITING" in thread, "the requester's approval must not count")
    _show(next(line for line in thread.splitlines() if refusal in line))


def _killed_and_recovered(
    playground: Playground,
    workspace: Mapping[str, Any],
    terminal: Terminal,
    run_id: str,
    folder: Path,
) -> None:
    _say("Lee, a support lead, approves. The payment system is slow, and the bot is killed:")
    desking.arm(folder, "slow", "payments.refund", 1, 0, 3.0, call="execute")
    terminal.press("Approve", "lead", run_id)
    _until(lambda: auditing.show(folder, run_id), "  intent ", "the first step to be under way")
    assert playground.bot is not None, "the bot was started"
    playground.bot.kill()
    playground.bot.wait()
    kinds = [
        line.split()[3] for line in auditing.show(folder, run_id).splitlines() if "Z  " in line
    ]
    _holds(kinds[-1] == "intent", f"the ledger must end with an intent, not {kinds[-1]}")
    _show(f"kill -9. The ledger of {run_id} ends with an intent, and nobody knows its outcome yet.")

    _say("The bot starts again, asks the payment system what happened, and finishes:")
    playground.start_bot(workspace)
    _until(lambda: terminal.thread(run_id, "agent"), "DONE", "the run to finish", RECOVERY_SECONDS)
    summed_up = _until(lambda: terminal.thread(run_id, "agent"), "asked by Dana", "the summary")
    _show(summed_up.split("\n\n")[-1])
    refunds = _refunds(folder)
    _holds(refunds == [4000], f"exactly one refund of $40.00 at the desk, found {refunds}")
    _show("The desk's own table has exactly one refund of $40.00.")


def _reported(folder: Path) -> None:
    _say("The day's report:")
    report = auditing.digest_text(folder)
    _holds("1 of 1" in report, "the report must count the refund")
    _show(report)


def _tampered(folder: Path) -> None:
    _say("The ledger verifies. Then somebody changes an amount in it with a database shell:")
    is_whole, text = auditing.verify(folder, None)
    _holds(is_whole, text)
    _show(text)
    _tamper(folder)
    is_whole, text = auditing.verify(folder, None)
    _holds(not is_whole, "an edited entry must be found")
    _show(text)


def _say(text: str) -> None:
    click.echo(f"\n# {text}")


def _show(text: str) -> None:
    click.echo("\n" + "\n".join(f"  {line}" for line in text.splitlines()))


def _holds(is_true: bool, promise: str) -> None:
    if not is_true:
        raise DoesNotHoldError(promise)


def _until(look: Callable[[], str], wanted: str, what: str, seconds: float = SECONDS_MAX) -> str:
    """What `look` shows once it shows `wanted`."""
    deadline = time.monotonic() + seconds
    while True:
        text = look()
        if wanted in text:
            return text
        if time.monotonic() > deadline:
            raise DoesNotHoldError(f"waited {seconds:g} s for {what}; saw:\n{text}")
        time.sleep(0.05)


def _run_id(thread: str) -> str:
    start = thread.index("R-")
    end = start + 2
    while end < len(thread) and thread[end].isdigit():
        end += 1
    return thread[start:end]


def _refunds(folder: Path) -> list[int]:
    """The desk's own witness: what was refunded on the payment of order 1043."""
    with sqlite3.connect(f"file:{folder / 'desk.db'}?mode=ro", uri=True) as desk:
        rows = desk.execute(
            "SELECT amount_minor FROM refunds WHERE payment_id = 'pay_7731' AND reversed_at = ''"
        )
        return [row[0] for row in rows]


def _tamper(folder: Path) -> None:
    """What somebody with the file and a database shell can do: remove the guards, edit an entry."""
    with sqlite3.connect(folder / "assent.db") as database:
        triggers = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entries'"
        ).fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(
            "UPDATE ledger_entries SET leaf = replace(leaf, '4000', '400')"
            ' WHERE leaf LIKE \'%"kind":"plan"%\''
        )
