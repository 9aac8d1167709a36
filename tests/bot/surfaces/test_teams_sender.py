"""The sender: in order, at Teams' pace, into the right thread; repeated only where that is safe."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.adaptive import Rendered
from bot.surfaces import teams_calls, teams_sender
from bot.surfaces.errors import Busy, Gone, Refused
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_pace import LIMITS, TENANT_LIMITS, Paces
from bot.surfaces.teams_sender import TeamsSender
from bot.surfaces.teams_tokens import AppTokens
from store import conversations
from store.conversations import Contact, Conversation
from store.database import Database
from store.model.request import Place
from tests.bot.surfaces.teams_peer import APP, CHANNEL, TENANT, Fault, Peer, around

pytestmark = pytest.mark.slow

DANA = "7d1f0a52-0000-4000-8000-000000000d01"
GROUP = "19:returns@thread.v2"
ROOT = "1700000000900"
CARD = Rendered({"type": "AdaptiveCard", "version": "1.5", "body": []}, "Refund $40")
LIVE = Rendered({**CARD.card, "refresh": {"action": {"type": "Action.Execute"}}}, "Refund $40")


def now() -> datetime:
    return datetime(2026, 11, 23, 6, tzinfo=UTC)


@dataclass
class World:
    peer: Peer
    sender: TeamsSender
    db: Database
    tokens: AppTokens

    def known(self, channel: str = CHANNEL, kind: str = "channel", user: str = "") -> None:
        with self.db.begin() as tx:
            conversations.remember(
                tx,
                Conversation(
                    surface="teams", team=TENANT, id=channel, kind=kind, user=user,
                    service_url=self.peer.service_url,
                ),
                now(),
            )  # fmt: skip

    def met(self, user: str, address: str, seen_in: str = CHANNEL) -> None:
        with self.db.begin() as tx:
            conversations.meet(
                tx,
                Contact(
                    surface="teams", team=TENANT, user=user, address=address,
                    service_url=self.peer.service_url, seen_in=seen_in,
                ),
                now(),
            )  # fmt: skip

    def is_gone(self, channel: str) -> bool:
        with self.db.read() as cx:
            return conversations.is_gone(cx, "teams", channel)

    @property
    def paths(self) -> list[str]:
        return [f"{call.method} {unquote(call.path)}" for call in self.peer.calls]


def place(channel: str = CHANNEL, thread: str = ROOT) -> Place:
    return Place(surface="teams", team=TENANT, channel=channel, thread=thread)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with around() as peer:
        db = Database(f"sqlite:///{tmp_path}/assent.db")
        db.migrate()
        tokens = AppTokens(peer.settings)
        framework = BotFramework(peer.settings, tokens)
        yield World(peer, TeamsSender(framework, peer.settings, db, now), db, tokens)
        await framework.close()
        await tokens.close()
        db.close()


async def test_a_card_goes_into_its_thread(world):
    world.known()
    message = await world.sender.post(place(), CARD)
    assert world.paths == [f"POST /v3/conversations/{CHANNEL};messageid={ROOT}/activities"]
    assert message == "1700000000001"
    assert world.peer.posted == [
        {
            "type": "message",
            "summary": "Refund $40",
            "attachments": [
                {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD.card}
            ],
        }
    ]


@pytest.mark.parametrize("is_known", [True, False])
async def test_without_a_thread_a_channel_gets_a_new_one(world, is_known):
    if is_known:
        world.known()
    message = await world.sender.post(place(thread=""), CARD)
    assert world.paths == ["POST /v3/conversations"]
    begun = world.peer.posted[0]
    assert begun["isGroup"] is True
    assert begun["bot"] == {"id": f"28:{APP}"}
    assert begun["channelData"] == {"channel": {"id": CHANNEL}}
    assert begun["tenantID"] == TENANT
    assert begun["activity"]["summary"] == "Refund $40"
    assert message == "1700000000001"


@pytest.mark.parametrize(("chat", "kind"), [(GROUP, "group"), ("a:dana", "personal")])
async def test_chats_have_no_threads(world, chat, kind):
    world.known(chat, kind)
    await world.sender.post(place(chat, ""), CARD)
    assert world.paths == [f"POST /v3/conversations/{chat}/activities"]


async def test_an_update_replaces_the_card_in_its_thread(world):
    world.known()
    await world.sender.update(place(), "1700000000001", CARD)
    path = f"/v3/conversations/{CHANNEL};messageid={ROOT}/activities/1700000000001"
    assert world.paths == [f"PUT {path}"]
    assert world.peer.updated["1700000000001"]["attachments"][0]["content"] == CARD.card


async def test_those_who_were_seen_get_cards_of_their_own(world):
    world.known()
    for number in range(70):
        world.met(f"7d1f0a52-0000-4000-8000-0000000{number:05d}", f"29:p{number}")
    world.met(DANA, "29:elsewhere", GROUP)
    await world.sender.post(place(), LIVE)
    refresh = world.peer.posted[0]["attachments"][0]["content"]["refresh"]
    assert len(refresh["userIds"]) == 60
    assert "29:elsewhere" not in refresh["userIds"]
    assert refresh["action"] == {"type": "Action.Execute"}
    assert "userIds" not in LIVE.card["refresh"]
    await world.sender.update(place(), "1", LIVE)
    assert len(world.peer.updated["1"]["attachments"][0]["content"]["refresh"]["userIds"]) == 60
    await world.sender.post(place(), CARD)
    assert "refresh" not in world.peer.posted[1]["attachments"][0]["content"]


async def test_words_are_said_plainly_and_bounded(world):
    world.known()
    await world.sender.say(place(), "**<at>Dana</at>** \u202e" + "x" * 9_000)
    said = world.peer.posted[0]
    assert said["textFormat"] == "plain"
    assert said["text"].startswith("**<at>Dana</at>** ⟨U+202E⟩")
    assert len(said["text"]) < 4_100
    assert "entities" not in said


async def test_a_person_is_told_in_their_own_chat(world):
    world.known("a:dana", "personal", DANA)
    await world.sender.tell(DANA, "your run is done")
    assert world.paths == ["POST /v3/conversations/a:dana/activities"]


@pytest.mark.parametrize("is_met", [True, False])
async def test_a_chat_is_begun_where_there_is_none_and_kept(world, is_met):
    if is_met:
        world.met(DANA, "29:dana")
    await world.sender.tell(DANA, "your run is done")
    await world.sender.tell(DANA, "and another")
    address = "29:dana" if is_met else DANA
    begun, first, second = world.peer.posted
    assert begun["members"] == [{"id": address}]
    assert begun["tenantID"] == TENANT
    assert (first["text"], second["text"]) == ("your run is done", "and another")
    assert world.paths[1:] == [f"POST /v3/conversations/a:{address}/activities"] * 2


async def test_a_removed_bot_is_quiet_until_it_is_added_again(world):
    world.known()
    world.peer.breaks("service", Fault(403, {"error": {"code": "BotNotInConversationRoster"}}))
    with pytest.raises(Gone, match="add Assent again"):
        await world.sender.post(place(), CARD)
    assert world.is_gone(CHANNEL)
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    with pytest.raises(Gone):
        await world.sender.say(place(thread=""), "hello")
    assert len(world.peer.calls) == 1
    world.known()  # added again, or somebody wrote there
    await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_bot_that_is_back_without_a_word_is_found_out_by_a_message_in_a_while(
    world, is_known, monkeypatch
):
    if is_known:
        world.known()
    world.peer.breaks("service", *[Fault(403, {})] * 2)
    for _ in range(3):
        with pytest.raises(Gone):
            await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 1
    monkeypatch.setattr(teams_sender, "PROBE_SECONDS", 0.2)
    world.sender._probe_at[CHANNEL] = 0.0  # an hour has passed
    for _ in range(3):
        with pytest.raises(Gone):
            await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2
    await asyncio.sleep(0.21)
    await world.sender.post(place(), CARD)
    assert not world.is_gone(CHANNEL)
    await world.sender.post(place(), CARD)


async def test_a_person_who_removed_the_bot_is_left_alone(world):
    world.known("a:29:dana", "personal", DANA)
    world.met(DANA, "29:dana", "a:29:dana")
    world.peer.breaks("service", Fault(403, {}))
    for _ in range(2):
        with pytest.raises(Gone):
            await world.sender.tell(DANA, "hello")
    assert not [each for each in world.peer.posted if each.get("text")]
    await world.sender.tell_or_log(DANA, "hello")
    assert not [each for each in world.peer.posted if each.get("text")]


async def test_a_message_that_is_not_the_bots_closes_no_conversation(world):
    """Somebody's click may name any message; the channel goes on hearing of its runs."""
    world.known()
    world.peer.breaks("service", Fault(403, {"error": {"code": "Forbidden"}}))
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    assert not world.is_gone(CHANNEL)
    await world.sender.post(place(), CARD)


async def test_a_deleted_message_is_gone_and_its_conversation_is_not(world):
    world.known()
    world.peer.breaks("service", Fault(404, {"error": {"code": "ActivityNotFoundInConversation"}}))
    with pytest.raises(Gone):
        await world.sender.update(place(), "1", CARD)
    assert not world.is_gone(CHANNEL)


def limited(seconds: str) -> Fault:
    return Fault(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": seconds})


@pytest.mark.parametrize("fault", [Fault(412, {}), limited("1")])
async def test_what_was_refused_as_a_whole_is_posted_again(world, fault):
    world.known()
    world.peer.breaks("service", fault)
    await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2
    assert len(world.peer.posted) == 1


@pytest.mark.parametrize("status", [412, 502, 504])
async def test_an_update_is_repeated(world, status):
    world.known()
    world.peer.breaks("service", Fault(status, {}), Fault(status, {}))
    await world.sender.update(place(), "1", CARD)
    assert len(world.peer.calls) == 3


async def test_a_refusal_that_does_not_end_is_the_callers(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_PATIENCE_SECONDS", 0.5)
    world.known()
    world.peer.breaks("service", *[Fault(412, {})] * 20)
    with pytest.raises(Busy):
        await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2


async def test_a_long_limit_is_the_callers_and_holds_the_conversation(world):
    world.known()
    world.known(GROUP, "group")
    world.peer.breaks("service", limited("60"))
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert raised.value.retry_after_seconds == 60.0
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert raised.value.retry_after_seconds > 50.0
    assert len(world.peer.calls) == 1
    await world.sender.post(place(GROUP, ""), CARD)


@pytest.mark.parametrize(
    "wait", ["-1", "soon", "1.5", "", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"]
)
async def test_a_wait_of_any_shape_is_bounded(world, wait):
    world.known()
    world.peer.breaks("service", *[limited(wait)] * 9)
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert 0 < raised.value.retry_after_seconds <= 3_600


@pytest.mark.parametrize(
    "fault",
    [Fault(502, {}, is_done=True), Fault(504, {}, is_done=True), Fault(is_cut=True, is_done=True),
     Fault(200, b"<html>", is_done=True)],
)  # fmt: skip
async def test_a_post_whose_answer_is_lost_is_not_posted_twice_here(world, fault):
    world.known()
    world.peer.breaks("service", fault)
    with pytest.raises(Busy):
        await world.sender.post(place(), CARD)
    assert len(world.peer.posted) == 1


async def test_a_hanging_service_is_left(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_TIMEOUT_SECONDS", 0.1)
    world.known()
    world.peer.breaks("service", Fault(delay_seconds=30.0))
    with pytest.raises(Busy, match="did not answer"):
        await world.sender.post(place(), CARD)


async def test_a_call_with_all_its_repeats_is_bounded(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_SECONDS_MAX", 0.6)
    world.known()
    world.peer.breaks("service", *[Fault(504, {}, delay_seconds=0.2)] * 9)
    with pytest.raises(Busy, match="did not answer"):
        await world.sender.update(place(), "1", CARD)


async def test_a_service_that_is_away_is_tried_again_because_nothing_has_left(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_PATIENCE_SECONDS", 0.5)
    teams = world.peer.settings
    away = "http://127.0.0.1:9/teams/"
    object.__setattr__(teams, "services", (away,))
    framework = BotFramework(teams, world.tokens)
    with pytest.raises(Busy, match="cannot be reached"):
        await framework.send(away, CHANNEL, {"type": "message"})
    await framework.close()


async def test_a_token_that_is_not_taken_is_renewed_once(world):
    world.known()
    await world.sender.post(place(), CARD)
    world.peer.revoked = {"token-1"}
    await asyncio.gather(*(world.sender.update(place(), str(n), CARD) for n in range(5)))
    assert len(world.peer.logins) == 2
    world.peer.revoked = {"token-1", "token-2", "token-3"}
    with pytest.raises(Busy, match="new token"):
        await world.sender.post(place(), CARD)
    world.tokens._next_forced_at = 0.0
    with pytest.raises(Gone, match="ASSENT_TEAMS_APP_ID"):
        await world.sender.post(place(), CARD)
    assert len(world.peer.logins) == 3
    assert not world.is_gone(CHANNEL)


async def test_nothing_that_is_sent_is_logged(world, caplog):
    caplog.set_level(logging.DEBUG)
    world.known()
    secret = Rendered({**CARD.card, "fallbackText": "attack at dawn"}, "attack at dawn")
    world.peer.breaks(
        "service", Fault(400, {"error": {"code": "a b", "message": "attack at dawn"}})
    )
    with pytest.raises(Refused) as raised:
        await world.sender.post(place(), secret)
    await world.sender.post(place(), secret)
    await world.sender.say(place(), "attack at dawn")
    assert "attack" not in caplog.text + str(raised.value)
    assert "token-1" not in caplog.text


async def test_too_large_a_card_is_refused_and_never_again(world):
    world.known()
    world.peer.breaks("service", Fault(413, {"error": {"code": "MessageSizeTooBig"}}))
    with pytest.raises(Refused):
        await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 1


async def test_a_burst_is_given_back_where_the_queue_is_full(world):
    world.known()
    tasks = [asyncio.create_task(world.sender.say(place(), f"{n}")) for n in range(80)]
    async with asyncio.timeout(5.0):
        while sum(task.done() for task in tasks) < 50 or len(world.peer.posted) < 7:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, Busy)]
    assert {each.code for each in refused} == {"queue_full"}
    assert len(refused) > 40


@given(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=300), st.sampled_from([1, 3, 60]))
def test_no_limit_of_teams_is_ever_passed(pauses, spread):
    paces, leaving, clock = Paces(), {}, 0.0
    for number, pause in enumerate(pauses):
        clock += pause if number % 9 == 0 else 0.0
        conversation = f"c{number % spread}"
        try:
            at = clock + paces.take_turn(conversation, clock)
        except Busy:
            continue
        leaving.setdefault(conversation, []).append(at)
    for moments in leaving.values():
        assert moments == sorted(moments)
        for count, seconds in LIMITS:
            for first, over in zip(moments, moments[count:], strict=False):
                assert over - first >= seconds - 1e-6
    everything = sorted(moment for moments in leaving.values() for moment in moments)
    for count, seconds in TENANT_LIMITS:
        for first, over in zip(everything, everything[count:], strict=False):
            assert over - first >= seconds - 1e-6


def test_a_busy_conversation_makes_no_other_one_wait():
    paces = Paces()
    last = max(paces.take_turn("busy", 0.0) for _ in range(20))
    assert last > 3.0
    assert paces.take_turn("quiet", 0.0) == 0.0


def test_1800_an_hour_and_no_more():
    paces, clock, sent = Paces(), 0.0, []
    while clock < 3_600.0:
        try:
            clock += paces.take_turn("c", clock)
            sent.append(clock)
        except Busy as busy:
            clock += busy.retry_after_seconds
    assert len([moment for moment in sent if moment < 3_600.0]) == 1_800


def test_idle_conversations_are_forgotten():
    paces = Paces()
    for number in range(5_000):
        paces.take_turn(f"c{number}", float(number))
    assert len(paces._paces) <= 1_000
