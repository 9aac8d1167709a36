"""Buttons: who pressed, with which roles at that moment, on which plan, and what only they see."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from bot.cards import adaptive
from bot.cards.run_card import run_card
from bot.incoming import Click, Reply, Verb
from bot.view import Stance
from bot.workspace.teams import seed
from store import conversations
from store.errors import StoreAwayError
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.surfaces.teams_world import RUN, SUPPORT_OPS, TeamsWorld

pytestmark = pytest.mark.slow

KEPT_SECONDS = 1.5  # less than an answer may take
VALUE = f"{RUN}:{PROPOSAL.digest}"


def executed(verb: str, press: str = VALUE, **data: Any) -> dict[str, Any]:
    action = {"type": "Action.Execute", "verb": verb, "data": {"press": press, **data}}
    return {"action": action, "trigger": "manual"}


async def test_approve_names_run_digest_person_and_the_roles_held_now(teams: TeamsWorld):
    message = await teams.card()
    answer = await teams.do(teams.people.press, "Approve", "lead", RUN)
    assert answer["kind"] == "card"
    (click,) = teams.memory.clicks
    assert (click.verb, click.run_id, click.digest) == (Verb.APPROVE, RUN, PROPOSAL.digest)
    assert (click.person.name, click.person.roles) == ("Lee Park", ("support", "support-lead"))
    assert click.person.id == f"P-{seed.OBJECT_IDS['lead']}"
    assert (click.message, click.place.channel) == (message, SUPPORT_OPS)
    assert click.place.team == seed.TENANT_ID


async def test_the_answer_is_the_card_with_the_reply_for_this_person_alone(teams: TeamsWorld):
    await teams.card()
    teams.memory.reply = Reply("You asked for this; ask **somebody** else.", is_refusal=True)
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    mine = await teams.seen("lead")
    assert "You asked for this; ask **somebody** else." in mine
    assert "Only you see this line." in mine
    assert "You asked for this" not in await teams.seen("agent")


async def test_who_presses_for_the_first_time_is_kept_while_the_press_is_applied(teams: TeamsWorld):
    """The card that the press changes goes out at once, and is to be theirs."""
    kept: list[str] = []

    def press(_click: Click) -> Reply:
        until = time.monotonic() + KEPT_SECONDS
        while not kept and time.monotonic() < until:
            with teams.db.read() as cx:
                seen = conversations.seen_in(cx, "teams", SUPPORT_OPS, 9)
            kept.extend(each.address for each in seen)
            time.sleep(0.01)
        return Reply("")

    teams.memory.press = press
    await teams.card()
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    assert kept == [seed.address("lead")]


async def test_what_was_said_outlasts_the_next_look(teams: TeamsWorld):
    await teams.card()
    teams.memory.reply = Reply("You asked for this.", is_refusal=True)
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    assert "You asked for this." in await teams.do(teams.people.card, RUN, "lead")


async def test_each_person_sees_their_own_buttons(teams: TeamsWorld):
    for who in ("agent", "lead", "lead2"):
        await teams.ask("hello there", who)
    teams.memory.stances = {
        seed.OBJECT_IDS["agent"]: Stance.REQUESTER,
        seed.OBJECT_IDS["lead"]: Stance.HAS_APPROVED,
        seed.OBJECT_IDS["lead2"]: Stance.ONLOOKER,
    }
    await teams.card()
    buttons = {
        who: await teams.do(teams.people.buttons, RUN, who) for who in ("agent", "lead", "lead2")
    }
    assert "Approve" not in buttons["agent"]
    assert "Take back my approval" in buttons["lead"]
    assert "Approve" not in buttons["lead"]
    assert buttons["lead2"] == ["Details"]


async def test_nobody_whom_the_bot_does_not_serve_has_cards_of_their_own(teams: TeamsWorld):
    for who in ("agent", "guest", "stranger"):
        await teams.ask("hello there", who)
    await teams.card()
    await teams.do(teams.people.press, "Details", "lead", RUN)
    await teams.do(teams.people.press, "Details", "guest", RUN)
    await teams.until(lambda: len(met(teams)) == 2)
    await teams.card()
    assert met(teams) == {seed.OBJECT_IDS["agent"], seed.OBJECT_IDS["lead"]}
    (newest, *_) = await teams.do(teams.people.cards, RUN, "lead2", refresh=False)
    addresses = newest["card"]["refresh"]["userIds"]
    assert sorted(addresses) == [seed.address("agent"), seed.address("lead")]


def met(teams: TeamsWorld) -> set[str]:
    with teams.db.read() as cx:
        return {each.user for each in conversations.seen_in(cx, "teams", SUPPORT_OPS, 60)}


async def test_who_may_do_what_is_not_asked_of_the_buttons(teams: TeamsWorld):
    """A stance grants nothing: what is pressed is judged by the flow, shown or not."""
    teams.memory.default_stance = Stance.ONLOOKER
    teams.memory.reply = Reply("You may not approve this.", is_refusal=True)
    answer = await teams.forge(teams.invoke("adaptiveCard/action", executed("approve"), "agent2"))
    assert "You may not approve this." in json.dumps(answer["body"])
    assert teams.memory.clicks[0].account.user == seed.OBJECT_IDS["agent2"]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("guest", "guest accounts cannot ask or approve"),
        ("stranger", "this account belongs to another organisation"),
    ],
)
async def test_outsiders_press_without_any_role_and_see_no_run(
    teams: TeamsWorld, who: str, reason: str
):
    await teams.card()
    teams.memory.reply = Reply(f"Not done: {reason}.", is_refusal=True)
    answer = await teams.do(teams.people.press, "Approve", who, RUN, refresh=False)
    (click,) = teams.memory.clicks
    assert click.account.refusal == reason
    assert click.person.roles == ()
    assert (answer["kind"], answer["text"]) == ("message", f"Not done: {reason}.")
    looked = await teams.forge(teams.invoke("adaptiveCard/action", executed("look"), who))
    assert PROPOSAL.digest not in json.dumps(looked["body"])
    assert reason in looked["body"]["value"]


@pytest.mark.parametrize("fault", ["status", "slow"])
async def test_nobody_is_believed_while_the_directory_is_away(teams: TeamsWorld, fault: str):
    await teams.card()
    await teams.fault("member", kind=fault, seconds=20.0)
    teams.memory.reply = Reply("I cannot check your role right now.", is_refusal=True)
    answer = await teams.do(teams.people.press, "Approve", "lead", RUN, refresh=False)
    if fault == "status":
        assert answer["text"] == "I cannot check your role right now."
        assert teams.memory.clicks[0].person is None
        return
    assert "I am still at it" in answer["text"]
    assert teams.memory.clicks == []


async def test_a_role_taken_away_does_not_count_a_moment_later(teams: TeamsWorld):
    await teams.card()
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    roster = {"conversation": "19:supportleads@thread.tacv2", "as": "lead", "is_in": False}
    await teams.do(teams.people.control, "roster", roster)
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    assert [click.person.roles for click in teams.memory.clicks] == [
        ("support", "support-lead"),
        ("support",),
    ]


async def test_who_left_the_conversation_is_refused_at_once(teams: TeamsWorld):
    await teams.card()
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    gone = {"conversation": SUPPORT_OPS, "as": "lead", "is_in": False}
    await teams.do(teams.people.control, "roster", gone)
    await teams.forge(teams.invoke("adaptiveCard/action", executed("approve"), "lead"))
    click = await teams.click(2)
    assert click.account.refusal == "this account is deactivated"
    assert click.person.roles == ()


async def test_a_choice_names_the_slot_it_answers(teams: TeamsWorld):
    await teams.card("asking_with_choices")
    await teams.do(teams.people.press, "1077 (Nov 19, $131.50)", "agent", RUN)
    (click,) = teams.memory.clicks
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "order", "1077")


@pytest.mark.parametrize(
    ("label", "verb"),
    [
        ("It happened", Verb.HAPPENED),
        ("It did not", Verb.DID_NOT),
        ("Ask the system again", Verb.ASK_AGAIN),
    ],
)
async def test_an_unknown_outcome_is_decided_by_a_button(teams: TeamsWorld, label: str, verb: Verb):
    await teams.card("unknown")
    await teams.do(teams.people.press, label, "finance", RUN)
    assert [click.verb for click in teams.memory.clicks] == [verb]


@pytest.mark.parametrize(
    ("button", "verb"),
    [("Take back my approval", Verb.WITHDRAW), ("Cancel the request", Verb.CANCEL)],
)
async def test_the_menu_carries_the_run_and_the_digest(teams: TeamsWorld, button: str, verb: Verb):
    await teams.card()
    await teams.do(teams.people.press, button, "lead", RUN, refresh=False)
    (click,) = teams.memory.clicks
    assert (click.verb, click.run_id, click.digest) == (verb, RUN, PROPOSAL.digest)


async def test_an_old_client_presses_by_a_message(teams: TeamsWorld):
    message = await teams.card()
    teams.memory.reply = Reply("Recorded; one more is needed.")
    press = teams.people.press
    await teams.do(press, "Approve", "lead", RUN, is_old_client=True, refresh=False)
    click = await teams.click()
    assert (click.verb, click.digest, click.message) == (Verb.APPROVE, PROPOSAL.digest, message)
    assert click.person.roles == ("support", "support-lead")
    told = await teams.said("Recorded; one more is needed.", "lead", "personal")
    assert told["conversation"] == seed.personal("lead")
    assert teams.memory.messages == []


async def test_a_press_that_could_not_be_recorded_says_so(teams: TeamsWorld):
    await teams.card()
    teams.memory.failing = RuntimeError("the store is away")
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    assert "I could not record that" in await teams.seen("lead")


async def test_a_press_while_the_database_is_away_is_answered(
    teams: TeamsWorld, monkeypatch: pytest.MonkeyPatch
):
    def away(*_given: object) -> None:
        raise StoreAwayError("the database is away")

    await teams.card()
    for part in ("read", "begin"):
        monkeypatch.setattr(teams.db, part, away)
    for part in ("press", "view", "stance"):
        monkeypatch.setattr(teams.memory, part, away, raising=False)
    for verb in ("approve", "look"):
        answer = await teams.forge(teams.invoke("adaptiveCard/action", executed(verb)))
        assert answer["body"]["type"] == "application/vnd.microsoft.activity.message"
        assert "nothing was done" in answer["body"]["value"]


@pytest.mark.slow
async def test_a_press_that_takes_longer_than_teams_waits_is_answered_and_counts_once(
    teams: TeamsWorld,
):
    await teams.card()
    teams.memory.delay_seconds = 2.8
    teams.memory.reply = Reply("It took a while.")
    loop = asyncio.get_running_loop()
    began = loop.time()
    await teams.do(teams.people.press, "Approve", "lead", RUN, refresh=False)
    assert loop.time() - began < 3.5
    assert "I am still at it" in await teams.seen("lead")
    await teams.click()
    await teams.said("It took a while.", "lead", "personal")
    assert len(teams.memory.clicks) == 1


async def test_a_double_press_reaches_the_flow_twice_and_is_decided_there(teams: TeamsWorld):
    await teams.card()
    invoke = teams.invoke("adaptiveCard/action", executed("approve"))
    answers = await asyncio.gather(teams.forge(invoke), teams.forge(invoke))
    assert [each["status"] for each in answers] == [200, 200]
    assert {(c.run_id, c.digest, c.account.user) for c in teams.memory.clicks} == {
        (RUN, PROPOSAL.digest, seed.OBJECT_IDS["lead"])
    }


async def test_a_press_on_a_settled_run_shows_how_it_stands(teams: TeamsWorld):
    await teams.card()
    teams.memory.shown[RUN] = STORIES["applied"]
    teams.memory.reply = Reply(f"{RUN} is applied already.", is_refusal=True)
    await teams.do(teams.people.press, "Approve", "lead", RUN, refresh=False)
    shown = await teams.seen("lead")
    assert f"{RUN} is applied already." in shown
    assert "DONE" in shown
    assert await teams.do(teams.people.buttons, RUN, "lead") == ["Details"]


async def test_the_card_is_replaced_for_everybody_and_its_buttons_go(teams: TeamsWorld):
    message = await teams.card()
    await teams.do(teams.people.press, "Approve", "lead", RUN)
    teams.memory.shown[RUN] = STORIES["applied"]
    settled = adaptive.render(run_card(STORIES["applied"]))
    await teams.surface.update(teams.place(), message, settled)
    seen = await teams.said("DONE", "lead", "support-ops")
    assert seen["id"] == message
    assert await teams.do(teams.people.buttons, RUN, "lead") == ["Details"]


FORGED = [
    executed("explode"),
    executed("approve", "nonsense"),
    executed("approve", ""),
    executed("approve", "x" * 3_000),
    executed("details"),
    {"action": {"type": "Action.Execute", "verb": "approve", "data": "R-1:ab"}},
    {"action": {"type": "Action.Execute", "verb": ["approve"], "data": {"press": VALUE}}},
    {"action": {"type": "Action.Execute", "data": {"press": VALUE, "verb": "approve"}}},
    {"action": "approve"},
    {"action": None},
    [],
    "approve",
    None,
]


@pytest.mark.parametrize("value", FORGED, ids=range(len(FORGED)))
async def test_a_forged_press_does_nothing_and_says_so(teams: TeamsWorld, value: Any):
    answer = await teams.forge(teams.invoke("adaptiveCard/action", value))
    assert (answer["status"], answer["body"]["statusCode"]) == (200, 400)
    assert answer["body"]["type"] == "application/vnd.microsoft.error"
    assert "I do not know that button" in answer["body"]["value"]["message"]
    assert teams.memory.clicks == []


async def test_data_names_a_run_and_a_digest_and_nothing_else(teams: TeamsWorld):
    """Whoever forges a person, a place or a message in the data presses as themselves."""
    data = {
        "user": seed.OBJECT_IDS["lead"],
        "aadObjectId": seed.OBJECT_IDS["lead"],
        "account": {"user": seed.OBJECT_IDS["lead"]},
        "roles": ["support-lead"],
        "channel": "19:opsdigest@thread.tacv2",
        "thread": "1",
        "message": "2",
    }
    value = executed("cancel", **data)
    value["action"]["data"]["verb"] = "approve"
    invoke = teams.invoke("adaptiveCard/action", value, "agent", replyToId="1700000000009")
    await teams.forge(invoke)
    (click,) = teams.memory.clicks
    assert (click.verb, click.account.user) == (Verb.CANCEL, seed.OBJECT_IDS["agent"])
    assert click.person.roles == ("support",)
    assert (click.place.channel, click.message) == (SUPPORT_OPS, "1700000000009")


@pytest.mark.parametrize(
    "sender",
    [
        {"id": seed.BOT_ID, "name": "Assent"},
        {"id": "28:another-bot", "aadObjectId": seed.OBJECT_IDS["lead"]},
        {"id": "29:x", "role": "bot", "aadObjectId": seed.OBJECT_IDS["lead"]},
        {},
    ],
)
async def test_bots_press_nothing(teams: TeamsWorld, sender: dict[str, str]):
    activity = teams.invoke("adaptiveCard/action", executed("approve"))
    answer = await teams.forge({**activity, "from": sender})
    assert answer["status"] == 200
    assert "I do not know that button" in json.dumps(answer["body"])
    assert teams.memory.clicks == []


async def test_an_anonymous_guest_presses_as_nobody(teams: TeamsWorld):
    activity = teams.invoke("adaptiveCard/action", executed("approve"))
    await teams.forge({**activity, "from": {"id": seed.address("lead"), "name": "Lee Park"}})
    click = await teams.click()
    assert click.account.refusal == "guest accounts cannot ask or approve"
    assert click.person is None or click.person.roles == ()


async def test_another_tenants_press_is_turned_away(teams: TeamsWorld):
    activity = teams.invoke("adaptiveCard/action", executed("approve"))
    for part in ("conversation", "channelData"):
        foreign = json.loads(
            json.dumps(activity[part]).replace(seed.TENANT_ID, seed.OTHER_TENANT_ID)
        )
        assert (await teams.forge({**activity, part: foreign}))["status"] == 403
    assert teams.memory.clicks == []


async def test_a_run_that_is_not_there_is_told(teams: TeamsWorld):
    answer = await teams.forge(teams.invoke("adaptiveCard/action", executed("look", "R-9:ab")))
    assert answer["body"]["value"] == "I know no run R-9."


async def test_an_invoke_that_is_none_of_ours_is_said_so(teams: TeamsWorld):
    for name in ("signin/verifyState", "composeExtension/query", "", "x" * 400):
        assert (await teams.forge(teams.invoke(name, {})))["status"] == 501
