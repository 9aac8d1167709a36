"""What Assent says in Slack: paced, typed in its failures, and alive after a lost socket."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.cards import block_kit
from bot.cards.block_kit import Rendered
from bot.cards.run_card import run_card
from bot.ports import DirectoryUnavailableError
from bot.settings import Slack
from bot.surfaces.errors import Busy, Gone, Refused, SurfaceError
from bot.surfaces.slack import SlackSurface
from bot.surfaces.slack_calls import make_client
from bot.surfaces.slack_directory import SlackDirectory, Workspace, account_of
from bot.surfaces.slack_sender import SlackSender
from bot.surfaces.thread_directory import ThreadDirectory
from policies.roles import RoleBook
from tests.bot.cards.stories import STORIES

HELLO = Rendered((), "hello")


@pytest.mark.parametrize("story", STORIES)
async def test_every_card_is_taken_by_the_workspace(one_world, story):
    rendered = block_kit.render(run_card(STORIES[story]))
    ts = await one_world.surface.post(one_world.place(), rendered)
    await one_world.surface.update(one_world.place(), ts, rendered)


async def test_a_channel_without_the_bot_is_gone(one_world):
    away = one_world.place().model_copy(
        update={"channel": one_world.server.address["channels"]["random"]}
    )
    with pytest.raises(Gone, match="invite the app") as caught:
        await one_world.surface.post(away, HELLO)
    assert caught.value.code == "not_in_channel"


async def test_a_message_that_is_not_there_is_gone(one_world):
    with pytest.raises(Gone, match="message_not_found"):
        await one_world.surface.update(one_world.place(), "1.000001", HELLO)


async def test_blocks_that_slack_does_not_take_are_refused(one_world):
    with pytest.raises(Refused, match="invalid_blocks"):
        await one_world.surface.post(one_world.place(), Rendered(({"type": "nonsense"},), "x"))


async def test_an_error_inside_slack_is_busy(one_world):
    fault = {"kind": "error", "calls": 1, "methods": ["chat.postMessage"]}
    await one_world.do(one_world.people.control, "faults", fault)
    with pytest.raises(Busy):
        await one_world.surface.post(one_world.place(), HELLO)
    await one_world.surface.post(one_world.place(), HELLO)


async def test_a_long_rate_limit_is_given_back_with_its_time(one_world):
    fault = {"kind": "ratelimited", "calls": 1, "methods": ["chat.postMessage"], "seconds": 40}
    await one_world.do(one_world.people.control, "faults", fault)
    with pytest.raises(Busy) as caught:
        await one_world.surface.post(one_world.place(), HELLO)
    assert caught.value.retry_after_seconds == 40


async def test_a_short_rate_limit_is_waited_out(one_world):
    fault = {"kind": "ratelimited", "calls": 1, "methods": ["chat.postMessage"], "seconds": 1}
    await one_world.do(one_world.people.control, "faults", fault)
    assert await one_world.surface.post(one_world.place(), HELLO)


async def test_posts_of_a_channel_keep_their_order_and_pace(one_world):
    sender = SlackSender(one_world.surface._client, posts_per_second=10.0)
    started = time.monotonic()
    posts = [sender.post(one_world.place(), Rendered((), f"number {n}")) for n in range(8)]
    stamps = await asyncio.gather(*posts)
    assert list(stamps) == sorted(stamps)
    assert time.monotonic() - started > 0.3


async def test_a_queue_that_is_too_long_is_given_back(one_world):
    sender = SlackSender(one_world.surface._client, posts_per_second=1.0)
    posts = [asyncio.create_task(sender.post(one_world.place(), HELLO)) for _ in range(30)]
    done, waiting = await asyncio.wait(posts, timeout=1.0)
    refused = [task for task in done if isinstance(task.exception(), Busy)]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert refused


async def test_after_the_app_is_removed_nothing_is_sent(one_world):
    await one_world.surface._events.on_gone({"event": {"type": "app_uninstalled"}})
    with pytest.raises(Gone, match="removed"):
        await one_world.surface.post(one_world.place(), HELLO)


@pytest.mark.slow
@pytest.mark.parametrize("polite", [True, False])
async def test_a_lost_socket_is_opened_again_and_nothing_said_meanwhile_is_lost(one_world, polite):
    await one_world.do(one_world.people.control, "drop-sockets", {"polite": polite})
    await one_world.do(one_world.people.say, "refund order 1043", "agent")
    await one_world.until(lambda: one_world.memory.messages, timeout_seconds=40)
    await asyncio.sleep(0.3)
    assert len(one_world.memory.messages) == 1


async def test_start_says_which_token_is_wrong(one_world):
    address = one_world.server.address
    slack = Slack("xoxb-wrong", address["app_token"], "s", "socket", address["api_base"])
    client = make_client(slack)
    directory = SlackDirectory(client, lambda: RoleBook({}), lambda account: "P")
    threads = ThreadDirectory(directory, "slack", "Slack")
    surface = SlackSurface(one_world.memory, slack, client, directory, threads)
    with pytest.raises(SurfaceError, match="ASSENT_SLACK_BOT_TOKEN"):
        await surface.start()


async def test_secrets_are_in_no_repr(one_world):
    slack = one_world.surface._slack
    assert slack.bot_token not in repr(slack)
    assert slack.signing_secret not in repr(slack)


async def test_worker_threads_read_roles_and_members(one_world):
    account = await one_world.directory.account("U0LEE000000")
    person = await asyncio.to_thread(one_world.threads.person, account)
    assert person.roles == ("support", "support-lead")
    members = await asyncio.to_thread(one_world.threads.members, "slack", "T", "finance-lead")
    assert members == ("Ann Weiss", "Raj Mehta")
    assert await asyncio.to_thread(one_world.threads.members, "slack", "T", "nobody") == ()


async def test_a_directory_that_is_away_grants_nothing(one_world):
    account = await one_world.directory.account("U0LEE000000")
    fault = {"kind": "error", "calls": 50, "methods": ["usergroups.list"]}
    await one_world.do(one_world.people.control, "faults", fault)
    assert await one_world.directory.roles("U0LEE000000") is None
    assert await asyncio.to_thread(one_world.threads.members, "slack", "T", "finance-lead") is None
    with pytest.raises(DirectoryUnavailableError):
        await asyncio.to_thread(one_world.threads.person, account)


def test_a_directory_that_was_never_started_is_unavailable():
    slack = Slack("xoxb-x", "", "", "socket", "http://127.0.0.1:9/api/")
    directory = SlackDirectory(make_client(slack), lambda: RoleBook({}), lambda account: "P")
    threads = ThreadDirectory(directory, "slack", "Slack")
    assert threads.members("slack", "T", "finance-lead") is None


HOME = Workspace(team="T1", enterprise="E1", bot_user="UB", url="https://x.slack.com/")


@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        ({"team_id": "T1", "real_name": "Lee"}, None),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, None),
        ({"team_id": "T2"}, "another organisation"),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, "another organisation"),
        ({"team_id": "T1", "is_stranger": True}, "another organisation"),
        ({"team_id": "T1", "is_restricted": True}, "guest"),
        ({"team_id": "T1", "is_ultra_restricted": True}, "guest"),
        ({"team_id": "T1", "is_bot": True}, "bots"),
        ({"team_id": "T1", "deleted": True}, "deactivated"),
    ],
)
def test_who_may_ask_and_approve(user, refusal):
    account = account_of(user, "U1", HOME)
    if refusal is None:
        assert account.refusal is None
    else:
        assert refusal in str(account.refusal)
