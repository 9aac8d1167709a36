"""What a colleague with a client of their own tries in Teams, over the wire: dialogs that name
other messages and channels than they were opened in; and a bot that is put out and let in again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.play import bot_environment
from bot.settings import BUNDLE_SHIPPED
from bot.workspace.teams import seed
from bot.workspace.teams.client import TeamsClient
from bot.workspace.teams.text import message_text
from store import conversations, deliveries
from store.deliveries import Delivery
from store.model.run import Run
from tests.bot.wire.conftest import Play

pytestmark = pytest.mark.slow  # two processes

SUPPORT_OPS = "19:supportops@thread.tacv2"


class Teams(Play):
    """A playground as people in Teams use it and misuse it."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, "http", ASSENT_BUNDLE=str(BUNDLE_SHIPPED))
        self.hands = TeamsClient(self.playground.workspace_folder)

    def ask_in_teams(self, text: str) -> Run:
        """A request in the channel that waits for approval, its card shown on both sides."""
        before = {run.id for run in self.runs()}
        self.hands.say(text, "agent", "support-ops")

        def waiting() -> Run | None:
            new = [run for run in self.runs() if run.id not in before]
            return next((run for run in new if run.status == "waiting"), None)

        run = self.until(waiting, "the run")
        self.until(lambda: all(card.wanted == card.sent for card in self.cards(run)), "its cards")
        return run

    def cards(self, run: Run) -> list[Delivery]:
        with self.store.read() as cx:
            return [one for one in deliveries.for_run(cx, run.id) if one.kind == "card"]

    def refused(self, run: Run) -> int:
        """How many cards Teams has refused to change since the run did."""
        return sum(bool(card.problem and card.attempts) for card in self.cards(run))

    def submit(self, run: Run, message: str, channel: str, thread: str) -> Any:
        """A rejection that a client of one's own submits, as if its dialog had been opened on that
        message; the answer."""
        press = f"{run.id}:{'0' * 64}"
        data = {"form": "reject", "press": press, "message": message, "text": "no"}
        activity = {
            "type": "invoke",
            "name": "task/submit",
            "id": "f:1",
            "channelId": "msteams",
            "serviceUrl": self.told["teams"]["services"][0],
            "from": {"id": seed.address("agent2"), "aadObjectId": seed.OBJECT_IDS["agent2"]},
            "recipient": {"id": seed.BOT_ID},
            "conversation": {
                "id": f"{channel};messageid={thread}",
                "conversationType": "channel",
                "tenantId": seed.TENANT_ID,
            },
            "channelData": {"tenant": {"id": seed.TENANT_ID}},
            "value": {"data": data},
        }
        return self.hands.control("post", {"activity": activity})["body"]

    def removals(self) -> list[str]:
        """What was said in Slack of the bot's removal."""
        said = [self.texts(each) for each in self.messages() if each["channel"] == "C0OPSDIGEST"]
        return [each for each in said if "I was removed from support-ops" in each]

    def shown(self, message: str, as_: str, conversation: str = "support-ops") -> str:
        """A message as somebody sees it who does not look anew."""
        found = self.hands.messages(as_, conversation)
        return message_text(next(each for each in found if each["id"] == message))


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    made = Teams(tmp_path_factory.mktemp("teams") / "state")
    yield made
    made.close()


def test_a_dialog_that_names_anybodys_message_keeps_no_channel_still(teams: Teams) -> None:
    """Teams answers 403 where the bot would change it, as it does where the bot was removed."""
    run = teams.ask_in_teams("refund $40 on order 1043, arrived damaged")
    [card] = [one for one in teams.cards(run) if one.place.surface == "teams"]
    lunch = teams.hands.say("lunch?", "agent2", "support-ops", mention=False)
    assert teams.submit(run, lunch["id"], SUPPORT_OPS, lunch["thread"])["task"]
    assert teams.submit(run, card.place.thread, SUPPORT_OPS, card.place.thread)["task"]
    teams.until(lambda: teams.refused(run) == 2, "both refusals")
    teams.people.press("Cancel the request", "agent", run.id)  # in Slack: nobody opens it again
    teams.until(lambda: "CANCELLED" in teams.shown(card.message, "lead2"), "the card")
    teams.until(lambda: teams.refused(run) == 2, "both refusals")
    with teams.store.read() as cx:
        assert not conversations.is_gone(cx, "teams", SUPPORT_OPS)


def test_a_dialog_carries_no_card_to_a_channel_where_its_run_is_not_shown(teams: Teams) -> None:
    run = teams.ask_in_teams("refund $41 on order 1043, arrived damaged")
    asked = teams.hands.say("help", "agent2", "General")
    said = teams.hands.wait_for("Besides that", "agent2", 10.0, "General")
    assert teams.submit(run, said["id"], seed.TEAM_ID, asked["thread"])["task"]
    assert {card.place.channel for card in teams.cards(run)} == {SUPPORT_OPS, "C0SUPPORTOP"}
    teams.hands.press("Cancel the request", "agent", run.id)
    teams.until(lambda: all(card.wanted == card.sent for card in teams.cards(run)), "its cards")
    assert "Besides that" in teams.shown(said["id"], "guest", "General")


def test_a_bot_that_was_out_shows_how_its_runs_stand_once_it_is_back(teams: Teams) -> None:
    run = teams.ask_in_teams("refund $42 on order 1043, arrived damaged")
    [card] = [one for one in teams.cards(run) if one.place.surface == "teams"]
    teams.hands.control("install", {"conversation": SUPPORT_OPS, "is_in": False})
    teams.until(teams.removals, "the notice")
    teams.people.press("Approve", "lead", run.id)
    teams.until_status(run, "applied")
    teams.until(lambda: [c for c in teams.cards(run) if c.problem], "the refusal")
    assert "WAITING" in teams.shown(card.message, "lead2")
    teams.hands.control("install", {"conversation": SUPPORT_OPS, "is_in": True})
    teams.until(lambda: "DONE" in teams.shown(card.message, "lead2"), "the card")
    assert len(teams.removals()) == 1, "Teams tells of it twice"


def test_a_wrong_secret_is_the_last_word_of_a_start(teams: Teams, tmp_path: Path) -> None:
    """What stood there after it was noise of the other chat, which had been connected already."""
    environ = {**os.environ, **bot_environment(tmp_path / "other", teams.told)}
    environ |= {"ASSENT_TEAMS_APP_SECRET": "a-wrong-secret", "ASSENT_HTTP_PORT": "1"}
    started = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    last = started.stderr.strip().splitlines()[-1]
    assert started.returncode == 2
    assert last.startswith("assent: the login gives no token for Teams"), started.stderr
    assert "ASSENT_TEAMS_APP_SECRET" in last
    assert "a-wrong-secret" not in started.stderr
