"""The refund by the terminal's commands alone, and what each says when it is used wrongly."""

import os
import re
import sqlite3
import subprocess
import sys

import pytest

from bot.play import Playground

pytestmark = pytest.mark.slow

COMMAND_SECONDS = 40.0


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The state folder of a running playground."""
    folder = tmp_path_factory.mktemp("play")
    playground = Playground(folder)
    try:
        playground.start()
        yield folder
    finally:
        playground.stop()


def assent(*arguments, state=None):
    """Runs `assent`; the finished process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        env={**kept, **({"ASSENT_STATE": str(state)} if state else {})},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def told(*arguments, state):
    """What a command prints when all is well."""
    done = assent(*arguments, state=state)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def refused(*arguments, state, code=2):
    """The one sentence of a command that cannot do what it was asked."""
    done = assent(*arguments, state=state)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("assent: ")
    return sentence


def asked(text, state):
    """A request's thread once it has its card, and its run."""
    thread = told("say", text, state=state)
    return thread, re.search(r"run (R-\d+)", thread)[1]


def named(given):
    """A case is called by its command, not by what is said of it."""
    return " ".join(given) if isinstance(given, tuple) else ""


def test_the_whole_refund_by_commands(state):
    thread, run = asked("refund $40 on order 1043, arrived damaged", state)
    assert "Dana Okafor: @Assent refund $40 on order 1043, arrived damaged" in thread
    assert "WAITING 0 of 1" in thread
    assert "refunded   $0.00 → $40.00" in thread
    assert f"{run} · plan" in thread
    assert "Refund a payment · order 1043" in told("home", "--as", "lead", state=state)

    own = told("press", "approve", run, state=state)
    assert "Assent (only you): You asked for this, so somebody else has to decide" in own
    assert "WAITING 0 of 1" in own
    details = told("press", "details", run, "--as", "lead", state=state)
    assert "Plan digest" in details
    assert "support-refunds (allow" in details

    done = told("press", "approve", run, "--as", "lead", state=state)
    assert "DONE in" in done
    assert "3 of 3 steps as predicted" in done
    assert "approved by Lee Park" in done
    assert "[Approve]" not in done
    seen = told("thread", run, "--as", "finance", state=state)
    assert "3 of 3 steps as predicted" in seen
    assert "only you" not in seen

    record = told("audit", "show", run, state=state)
    kinds = [line.split()[3] for line in record.splitlines() if not line.startswith(" " * 10)]
    assert kinds[0] == "request"
    assert kinds.index("approval") < kinds.index("intent") < kinds.index("result")
    assert kinds[-1] == "summary"
    assert "may_ask" not in record
    assert max(map(len, record.splitlines())) < 2_000
    assert "may_ask" in told("audit", "show", run, "--whole", state=state)
    assert "whole and unaltered" in told("audit", "verify", state=state)
    assert "support-refunds" in told("policy", "explain", run, state=state)
    for report in (told("digest", state=state), told("say", "/assent digest", state=state)):
        assert "$40.00 returned" in report
    assert "DONE" in told("say", f"/assent run {run}", state=state)


def test_questions_rejections_and_commands(state):
    question, run = asked("refund order 1060", state)
    assert "How much?" in question
    form = told("press", "answer_form", run, state=state)
    assert "Your answer: [...]" in form
    assert "Nothing was sent" in form
    assert "Why?" in told("press", "answer_form", run, "--words", "¥500", state=state)
    assert "¥0 → ¥500" in told("say", "it came late", "--thread", run, state=state)
    rejected = told(
        "press", "reject", run, "--as", "lead", "--reason", "outside 30 days", state=state
    )
    assert "REJECTED" in rejected
    assert "Rejected by Lee Park" in rejected
    assert "outside 30 days" in rejected

    opened = told("say", "/assent refund ¥200 on order 1060, late", state=state)
    assert "Dana Okafor asks" in opened
    run = re.search(r"run (R-\d+)", opened)[1]
    assert "CANCELLED" in told("press", "cancel", run, state=state)
    assert "That is nothing I can do here" in told("say", "raise my salary by $400", state=state)
    guest = told("say", "refund $5 on order 1065, late", "--as", "guest", state=state)
    assert "guest accounts cannot ask" in guest
    assert "refund $40 on order 1043" in told("say", "/assent help", state=state)


def test_an_approval_is_thought_over_by_commands(state):
    _, run = asked("refund $9 on order 1065, late", state)
    form = told("press", "edit", run, state=state)
    assert "Amount: [$9.00]" in form
    assert "Reason: [late; or damaged" in form
    assert "[ ] Update a ticket" not in form  # there is no ticket to leave out
    assert '--set "FIELD=VALUE" or --skip STEP' in form
    edited = told("press", "edit", run, "--as", "lead", "--set", "amount=$8", state=state)
    assert "changed amount from $9.00 to $8.00" in edited
    assert "1 support lead (Mira Sol)" in edited
    assert "has no field 'price'" in refused("press", "edit", run, "--set", "price=1", state=state)
    assert "no step 'nothing' to leave out" in refused(
        "press", "edit", run, "--skip", "nothing", state=state
    )
    assert "--set takes FIELD=VALUE" in refused("press", "edit", run, "--set", "x", state=state)

    question = ("press", "ask", run, "--as", "lead2", "--words", "Is it late again?")
    assert "“Is it late again?”" in told(*question, state=state)
    assert "“It is.”" in told("press", "reply", run, "--words", "It is.", state=state)
    assert "“Is it late again?”" in told("thread", run, state=state)
    told("press", "cancel", run, state=state)


def test_several_are_approved_by_one_command(state):
    _, first = asked("refund $3 on order 1065, late", state)
    _, second = asked("refund ¥300 on order 1060, late", state)
    shown = told("batch", "--as", "lead", state=state)
    for said in (first, second, "refunded $0.00 → $3.00", "[x] Approve", "can be taken back"):
        assert said in shown
    assert "R-9999 is not among the runs" in refused(
        "batch", "--as", "lead", "--approve", "--without", "R-9999", state=state
    )
    done = told("batch", "--as", "lead", "--approve", "--without", second, state=state)
    assert "1 of 1 approvals recorded" in done
    assert "WAITING 0 of 1" in told("thread", second, state=state)
    assert "guest accounts cannot" in told("batch", "--as", "guest", state=state)
    told("press", "cancel", second, state=state)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("say", "hi", "--as", "nobody"), "no person 'nobody' here; there are: admin, agent,"),
        (("home", "--as", "nobody"), "no person 'nobody' here"),
        (("say", "hi", "--as", "former"), "account is deactivated"),
        (("say", "hi", "--in", "nowhere"), "no conversation 'nowhere'"),
        (("say", "hi", "--thread", "R-9999"), "No card or message shows R-9999"),
        (("say", "/other help"), "/other is not a command here. There is: /assent"),
        (("thread", "R-9999"), "No card or message shows R-9999"),
        (("press", "approve", "R-9999"), "No card or message shows R-9999"),
        (("audit", "show", "R-9999"), "the ledger has no run R-9999; runs look like R-1001"),
        (("audit", "verify", "--checkpoint", "missing"), "missing cannot be read"),
        (("audit", "export", "missing/ledger.jsonl"), "missing/ledger.jsonl cannot be written"),
        (("policy", "explain", "R-9999"), "no run R-9999; runs look like R-1001"),
        (("desk", "fault", "explode"), "no fault 'explode'; there are: slow,"),
        (("desk", "refund", "pay_nope", "500"), "no payment pay_nope"),
    ],
    ids=named,
)
def test_wrong_use_is_one_sentence(state, arguments, said):
    assert said in refused(*arguments, state=state)


def test_a_private_remark_is_no_card_of_the_run_it_names(state):
    assert "I know no run R-9998" in told("say", "/assent run R-9998", state=state)
    assert "No card or message shows R-9998" in refused("thread", "R-9998", state=state)


def test_a_wrong_button_names_the_live_ones(state):
    _, run = asked("refund $5 on order 1065, late", state)
    sentence = refused("press", "explode", run, state=state)
    assert f"'explode' on the message that shows {run}" in sentence
    assert "Approve, Reject…, Edit…, Details, Ask Dana…, Cancel the request" in sentence
    told("press", "cancel", run, state=state)
    assert "Details" in refused("press", "approve", run, "--as", "lead", state=state)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("say", "hi"), "There is no workspace in"),
        (("press", "approve", "R-1001"), "start one with make play"),
        (("thread", "R-1001"), "start one with make play"),
        (("home",), "start one with make play"),
        (("audit", "show", "R-1001"), "there is no ledger in"),
        (("audit", "verify"), "name another with --state"),
        (("audit", "checkpoint"), "there is no ledger in"),
        (("digest",), "there is no ledger in"),
        (("desk", "clear"), "there is no desk in"),
    ],
    ids=named,
)
def test_without_a_play_each_command_says_what_to_start(tmp_path, arguments, said):
    folder = tmp_path / "empty"
    assert said in refused(*arguments, state=folder)
    assert not folder.exists()


def test_an_edited_ledger_is_found_and_named(state):
    asked("refund $6 on order 1065, late", state)
    path = state / "assent.db"
    with sqlite3.connect(path) as database:
        triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        guards = database.execute(triggers).fetchall()
        for name, _ in guards:
            database.execute(f'DROP TRIGGER "{name}"')
        (seq,) = database.execute("SELECT max(seq) FROM ledger_entries").fetchone()
        (leaf,) = database.execute(
            "SELECT leaf FROM ledger_entries WHERE seq = ?", (seq,)
        ).fetchone()
        edited = leaf[:-1] + (b" }" if isinstance(leaf, bytes) else " }")
        database.execute("UPDATE ledger_entries SET leaf = ? WHERE seq = ?", (edited, seq))
    try:
        done = assent("audit", "verify", state=state)
        assert done.returncode == 1
        assert f"entry {seq}" in done.stdout.lower()
    finally:
        with sqlite3.connect(path) as database:
            database.execute("UPDATE ledger_entries SET leaf = ? WHERE seq = ?", (leaf, seq))
            for _, sql in guards:
                database.execute(sql)
    assert "whole and unaltered" in told("audit", "verify", state=state)
