"""Commands in Teams: said after the mention, answered in the thread or to one person alone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Reply
from bot.workspace.teams import seed
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.teams_world import RUN, TeamsWorld

pytestmark = pytest.mark.slow

LEE = seed.OBJECT_IDS["lead"]
MIRA = seed.OBJECT_IDS["lead2"]


def mentioned(text: str, *people: tuple[str, str], as_: str = "lead") -> dict[str, Any]:
    """A message in the channel that mentions the bot and people (name, address)."""
    named = (("Assent", seed.BOT_ID), *people)
    entities = [
        {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": address, "name": name}}
        for name, address in named
    ]
    return {
        "type": "message",
        "id": "1700000000005",
        "text": f"<at>Assent</at> {text}",
        "textFormat": "plain",
        "entities": entities,
    }


@pytest.mark.parametrize("command", ["help", ""])
async def test_help_stands_where_it_was_asked(teams: TeamsWorld, command: str):
    said = await teams.do(teams.people.say, f"@Assent {command}", "agent")
    told = await teams.said("refund a payment", "lead", "support-ops")
    assert told["thread"] == said["id"]
    assert teams.memory.messages == []


SHOWN = [
    ("status", "ledger 88,431 <!channel>"),
    ("Digest", "31 of 34 requests completed"),
    (f"run {RUN}", "WAITING 1 of 2"),
    ("run R-9", "I know no run R-9"),
    ("home", "Waiting for you"),
]


@pytest.mark.parametrize(("command", "answer"), SHOWN)
async def test_what_shows_runs_is_shown_in_the_own_chat_and_the_thread_says_so(
    teams: TeamsWorld, command: str, answer: str
):
    said = await teams.do(teams.people.say, command, "lead")
    await teams.said(answer, "lead", "personal")
    told = await teams.said("I have answered you in our own chat", "agent", "support-ops")
    assert told["thread"] == said["id"]
    assert answer not in await teams.do(teams.people.channel, "agent")
    assert teams.memory.messages == []


@pytest.mark.parametrize(("command", "answer"), SHOWN)
async def test_without_an_own_chat_nothing_of_it_is_shown(
    teams: TeamsWorld, command: str, answer: str
):
    await teams.do(teams.people.install, "personal", "lead", is_in=False)
    await teams.do(teams.people.say, command, "lead")
    await teams.said("open your own chat with me", "agent", "support-ops")
    assert answer not in await teams.do(teams.people.channel, "agent")


@pytest.mark.parametrize(
    ("command", "answer"), [("review it wrong", "review R-1001 right"), ("back", "Welcome back.")]
)
async def test_what_is_one_persons_is_answered_in_their_own_chat(
    teams: TeamsWorld, command: str, answer: str
):
    await teams.do(teams.people.say, command, "lead")
    await teams.said(answer, "lead", "personal")
    assert answer not in await teams.do(teams.people.channel, "agent")
    assert teams.memory.messages == []


async def test_commands_need_no_mention_in_the_own_chat(teams: TeamsWorld):
    await teams.do(teams.people.say, "status", "lead", "personal")
    await teams.said("ledger 88,431", "lead", "personal")


async def test_a_run_shown_to_one_person_has_no_verdicts(teams: TeamsWorld):
    await teams.do(teams.people.say, f"run {RUN}", "lead")
    await teams.said("WAITING 1 of 2", "lead", "personal")
    assert await teams.do(teams.people.buttons, RUN, "lead", "personal") == ["Details"]


async def test_guests_are_refused_every_command_but_help(teams: TeamsWorld):
    for command in ("status", f"run {RUN}", "away until 2026-12-01 to me", "review R-1 right"):
        await teams.do(teams.people.say, command, "guest")
    await teams.said("guest accounts", "guest", "personal")
    seen = await teams.do(teams.people.channel, "guest", "personal")
    assert "WAITING" not in seen
    assert (teams.memory.absences, teams.memory.reviews) == ([], [])


async def test_a_command_that_fails_says_so(teams: TeamsWorld):
    def status() -> str:
        raise RuntimeError("the store is away")

    teams.memory.status = status
    await teams.do(teams.people.say, "status", "agent")
    await teams.said("I could not take that just now", "agent", "support-ops")


async def test_away_names_the_account_of_whom_was_mentioned(teams: TeamsWorld):
    text = "away until 2026-12-01 to <at>Mira Sol</at> because I &lt;3 sun"
    activity = mentioned(text, ("Mira Sol", seed.address("lead2")))
    await teams.forge({**teams.invoke("", None), **activity})
    await teams.said("Lee Park is away.", "lead", "personal")
    assert teams.memory.absences == [(LEE, f"until 2026-12-01 to teams:{MIRA} because I <3 sun")]


async def test_a_name_alone_is_no_account(teams: TeamsWorld):
    """Neither typed tags, nor somebody else who shows the same name."""
    await teams.do(teams.people.say, "away until 2026-12-01 to <at>Mira Sol</at>", "lead")
    await teams.said("Lee Park is away.", "lead", "personal")
    forged = mentioned("away until 2026-12-01 to <at>Mira Sol</at>", ("Mira Sol", "29:nobody"))
    await teams.forge({**teams.invoke("", None), **forged})
    await teams.until(lambda: len(teams.memory.absences) == 2)
    assert teams.memory.absences == [(LEE, "until 2026-12-01 to @Mira Sol")] * 2


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("review R-20391 right", ("R-20391", True, "")),
        ("review r-20391 Wrong: the wrong order", ("R-20391", False, "the wrong order")),
        ("review R-20391 wrong", ("R-20391", False, "")),  # the flow asks for the reason
    ],
)
async def test_a_review_by_command(teams: TeamsWorld, said: str, given: tuple[str, bool, str]):
    await teams.do(teams.people.say, said, "lead")
    await teams.said("in the record", "lead", "personal")
    assert teams.memory.reviews == [(LEE, *given)]


async def home(teams: TeamsWorld) -> None:
    teams.memory.shown = {RUN: STORIES["applied"]}
    teams.memory.to_review = (STORIES["applied"],)
    await teams.do(teams.people.say, "home", "lead", "personal")
    await teams.said("was it right?", "lead", "personal")


async def test_the_home_card_takes_both_verdicts(teams: TeamsWorld):
    await home(teams)
    await teams.do(teams.people.press, "It was right", "lead", "was it right?")
    assert "Thank you; that is in the record." in await teams.seen("lead", "was it right?")
    inputs = {"text": "It was order 1044."}
    await teams.do(teams.people.press, "It was wrong…", "lead", "was it right?", inputs=inputs)
    assert teams.memory.reviews == [
        (LEE, RUN, True, ""),
        (LEE, RUN, False, "It was order 1044."),
    ]


async def test_a_refused_review_stays_in_its_dialog(teams: TeamsWorld):
    await home(teams)
    teams.memory.reply = Reply("It has been reviewed already.", is_refusal=True)
    inputs = {"text": "everything"}
    await teams.do(teams.people.press, "It was wrong…", "lead", "was it right?", inputs=inputs)
    assert "reviewed already" in await teams.do(teams.people.dialog_text, "lead")
    assert "everything" in (await teams.do(teams.people.fields, "lead")).values()


async def test_a_review_that_was_not_recorded_is_told(teams: TeamsWorld):
    def review(*_given: object) -> Reply:
        raise RuntimeError("the store is away")

    teams.memory.review = review
    await teams.do(teams.people.say, f"review {RUN} right", "lead")
    await teams.said("I could not record that", "lead", "personal")


async def test_a_guest_has_no_home(teams: TeamsWorld):
    await teams.do(teams.people.say, "home", "guest")
    await teams.said("I cannot take requests from you: guest accounts", "guest", "personal")
