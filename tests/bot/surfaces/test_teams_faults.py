"""The transport against a workspace that misbehaves as Teams may: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.cards.adaptive import Rendered
from bot.surfaces.errors import Busy, Gone
from store import conversations
from tests.bot.surfaces.teams_world import SUPPORT_OPS, TeamsWorld

pytestmark = pytest.mark.slow


def card(text: str) -> Rendered:
    body = [{"type": "TextBlock", "text": text, "wrap": True}]
    return Rendered({"type": "AdaptiveCard", "version": "1.5", "body": body}, text)


async def shown(teams: TeamsWorld, text: str) -> int:
    """How many messages of the channel show a text."""
    found = await teams.do(teams.people.cards, text, "agent", SUPPORT_OPS)
    return len(found)


async def control(teams: TeamsWorld, name: str, **body) -> None:
    await teams.do(teams.people.control, name, body)


@pytest.mark.parametrize("is_old_published", [True, False])
async def test_messages_arrive_while_the_keys_are_rotated(teams: TeamsWorld, is_old_published):
    await teams.ask("refund order 1043")
    for number in range(2):
        await control(teams, "faults", kind="rotate_keys", is_old_published=is_old_published)
        asked = await teams.ask(f"refund order {number}")
        assert asked.text.endswith(f"refund order {number}")


@pytest.mark.parametrize(
    "fault",
    [{"kind": "status", "status": 503}, {"kind": "hang", "seconds": 5.0},
     {"kind": "slow", "seconds": 3.0}],
)  # fmt: skip
async def test_keys_that_are_away_stop_no_message_of_a_known_key(teams: TeamsWorld, fault):
    await teams.ask("refund order 1043")
    await teams.fault("metadata", "keys", "token", **fault)
    started = time.perf_counter()
    await teams.ask("refund order 1044")
    await teams.surface.post(teams.place(), card("answered"))
    assert time.perf_counter() - started < 2.5


async def test_a_revoked_token_is_renewed_within_the_call(teams: TeamsWorld):
    await teams.surface.post(teams.place(), card("one"))
    await control(teams, "faults", kind="revoke_tokens")
    await teams.surface.post(teams.place(), card("two"))
    assert (await shown(teams, "one"), await shown(teams, "two")) == (1, 1)


@pytest.fixture
async def quiet(teams: TeamsWorld) -> TeamsWorld:
    """Everybody was greeted, so that a fault meets what the test does."""
    async with asyncio.timeout(6.0):
        while (await teams.do(teams.people.control, "status"))["events_waiting"] or (
            teams.surface._parts.background._tasks
        ):
            await asyncio.sleep(0.02)
    return teams


@pytest.mark.parametrize("status", [412, 429])
async def test_a_post_that_was_refused_as_a_whole_is_posted_once(quiet: TeamsWorld, status):
    await quiet.fault("create", "send", kind="status", status=status, calls=1)
    await quiet.surface.post(quiet.place(), card("posted after all"))
    assert await shown(quiet, "posted after all") == 1


@pytest.mark.parametrize("status", [502, 504])
async def test_a_post_whose_answer_is_lost_is_left_to_the_caller(quiet: TeamsWorld, status):
    await quiet.fault("create", "send", kind="lost", status=status, calls=1)
    with pytest.raises(Busy):
        await quiet.surface.post(quiet.place(), card("posted once"))
    assert await shown(quiet, "posted once") == 1


@pytest.mark.parametrize("status", [412, 502, 504])
async def test_an_update_reaches_everybody_in_the_end(quiet: TeamsWorld, status):
    message = await quiet.surface.post(quiet.place(), card("before"))
    await quiet.fault("update", kind="lost", status=status, calls=2)
    await quiet.surface.update(quiet.place(message), message, card("after"))
    assert (await shown(quiet, "before"), await shown(quiet, "after")) == (0, 1)


async def test_a_message_of_nobodys_is_gone(teams: TeamsWorld):
    with pytest.raises(Gone):
        await teams.surface.update(teams.place(), "1700000000999", card("after"))
    await teams.surface.post(teams.place(), card("still here"))


async def test_a_removed_bot_is_quiet_until_it_is_added_again(teams: TeamsWorld):
    await teams.ask("refund order 1043")
    await teams.do(teams.people.install, SUPPORT_OPS, "admin", is_in=False)

    def is_gone() -> bool:
        with teams.db.read() as cx:
            return conversations.is_gone(cx, "teams", SUPPORT_OPS)

    with pytest.raises(Gone):
        await teams.surface.post(teams.place(), card("unheard"))
    await teams.until(is_gone)
    await teams.do(teams.people.install, SUPPORT_OPS, "admin", is_in=True)
    await teams.until(lambda: not is_gone())
    await teams.surface.post(teams.place(), card("heard"))


@pytest.mark.slow
async def test_a_burst_stays_within_teams_rates(teams: TeamsWorld):
    """The workspace counts as Teams does, and refuses with 429 what comes too fast."""
    started = time.perf_counter()
    posts = [teams.surface.post(teams.place(), card(f"card {n:02d}")) for n in range(16)]
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert time.perf_counter() - started > 2.9
    posted = [each for each in outcomes if isinstance(each, str)]
    assert len(posted) == len(set(posted))
    assert all(isinstance(each, str | Busy) for each in outcomes)
    assert {each.code for each in outcomes if isinstance(each, Busy)} <= {"queue_full"}
    assert len(posted) >= 8
