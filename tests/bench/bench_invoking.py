"""How soon a press is answered, at the pace of a busy team: Teams' invokes beside Slack's presses.

The real bot serves both by HTTP. What Slack gets is an acknowledgement, and the work goes on after
it; what Teams gets is the answer itself, the card as it stands for who pressed. The floor is a bare
server with the same check of a token, in the same run.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import psutil
import pytest
from aiohttp import web

from bot.play import Playground
from bot.settings import EVENTS_PATH, MESSAGES_PATH, Teams
from bot.surfaces.teams_http import TeamsDoor
from bot.surfaces.teams_tokens import ChannelTokens
from bot.surfaces.teams_wire import Activity, Answer, Claims
from bot.workspace.teams import seed
from bot.workspace.teams.client import TeamsClient
from store.model.run import Run
from tests.bench import bots, crowd, figures

pytestmark = pytest.mark.bench

RATE = 20.0  # presses a second that the bar is about
SECONDS = 10.0
BAR_MS = 500.0
RUNS_EACH = 20  # of each of two people; nobody may have more than 50 open
CARDS_SECONDS_MAX = 240.0  # Teams takes 60 cards in 30 s
MESSAGE = "application/vnd.microsoft.activity.message"
SUPPORT_OPS = "19:supportops@thread.tacv2"


@dataclass(frozen=True)
class Waiting:
    """A run that waits: what a button of its card carries, and the card's message in Teams."""

    run_id: str
    digest: str
    message: str


@dataclass(frozen=True)
class Answered:
    """One press: when it was due until it was answered, and whether as it should be."""

    seconds: float
    is_good: bool


@dataclass(frozen=True)
class Busy:
    """The two processes, and what they have spent of a processor until now, in seconds."""

    bot: psutil.Process
    workspace: psutil.Process

    def spent(self) -> tuple[float, float]:
        found = [process.cpu_times() for process in (self.bot, self.workspace)]
        return found[0].user + found[0].system, found[1].user + found[1].system


Ask = Callable[[], tuple[str, bytes, dict[str, str]]]  # the address, body and headers of one press


async def pressing(session: aiohttp.ClientSession, ask: Ask) -> list[Answered]:
    """Presses on a fixed schedule; a late answer delays no later press."""
    start, tasks = time.perf_counter(), []
    for number in range(int(RATE * SECONDS)):
        due = start + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_one(session, due, *ask())))
    return list(await asyncio.gather(*tasks))


async def _one(
    session: aiohttp.ClientSession, due: float, url: str, body: bytes, headers: dict[str, str]
) -> Answered:
    try:
        async with session.post(url, data=body, headers=headers) as answer:
            said = await answer.read()
            is_good = answer.status == 200 and b'"statusCode": 400' not in said
            return Answered(time.perf_counter() - due, is_good)
    except (TimeoutError, aiohttp.ClientError):
        return Answered(time.perf_counter() - due, is_good=False)


def slack_presses(url: str, workspace: Mapping[str, Any], runs: Iterator[Waiting]) -> Ask:
    """Lee presses Approve in Slack."""
    secret = str(workspace["signing_secret"]).encode()
    channel, team = workspace["channels"]["support-ops"], workspace["team_id"]

    def ask() -> tuple[str, bytes, dict[str, str]]:
        run = next(runs)
        payload = {
            "type": "block_actions",
            "user": {"id": workspace["people"]["lead"], "team_id": team},
            "team": {"id": team},
            "channel": {"id": channel},
            "container": {"channel_id": channel, "message_ts": "1.2"},
            "actions": [
                {"action_id": "approve", "block_id": "b", "value": f"{run.run_id}:{run.digest}"}
            ],
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        at = str(int(time.time()))
        signed = hmac.new(secret, b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={signed}",
        }
        return url, body, headers

    return ask


def teams_presses(
    url: str, token: str, service: str, verb: str, who: str, runs: Iterator[Waiting]
) -> Ask:
    """Somebody executes a verb in Teams: approve, or look (a card that draws itself anew)."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask() -> tuple[str, bytes, dict[str, str]]:
        run = next(runs)
        press = f"{run.run_id}:{run.digest if verb != 'look' else ''}"
        activity = {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "id": f"f:{time.perf_counter_ns()}",
            "channelId": "msteams",
            "serviceUrl": service,
            "from": {
                "id": seed.address(who),
                "name": who,
                "aadObjectId": seed.OBJECT_IDS[who],
            },
            "recipient": {"id": seed.BOT_ID, "name": seed.BOT_NAME},
            "conversation": {
                "id": f"{SUPPORT_OPS};messageid={run.message}",
                "conversationType": "channel",
                "tenantId": seed.TENANT_ID,
            },
            "channelData": {"tenant": {"id": seed.TENANT_ID}},
            "replyToId": run.message,
            "value": {
                "action": {"type": "Action.Execute", "verb": verb, "data": {"press": press}},
                "trigger": "manual",
            },
        }
        return url, json.dumps(activity).encode(), headers

    return ask


@asynccontextmanager
async def floor(teams: Teams) -> AsyncIterator[str]:
    """A server that checks tokens as the bot does, and answers every invoke with a small card."""

    async def turn(_activity: Activity, _claims: Claims) -> Answer:
        return Answer(body={"statusCode": 200, "type": MESSAGE, "value": "ok"})

    tokens = ChannelTokens(teams)
    application = web.Application()
    application.router.add_post(MESSAGES_PATH, TeamsDoor(tokens, teams, turn).handle)
    runner = web.AppRunner(application)
    await runner.setup()
    port = bots.free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}{MESSAGES_PATH}"
    finally:
        await runner.cleanup()
        await tokens.close()


def waiting_runs(state: Path) -> list[Waiting]:
    """The runs that wait and whose card stands in Teams."""
    with closing(sqlite3.connect(state / "assent.db", timeout=5)) as store:
        rows = store.execute(
            "SELECT r.body, d.message FROM runs r JOIN deliveries d ON d.run_id = 'R-' || r.number"
            " WHERE r.status = 'waiting' AND d.kind = 'card' AND d.surface = 'teams'"
            " AND d.message <> ''"
        ).fetchall()
    runs = [(Run.model_validate_json(body), message) for body, message in rows]
    return [
        Waiting(run.id, run.proposal.digest, message)
        for run, message in runs
        if run.proposal is not None
    ]


def ask_for(state: Path, workspace: Path) -> list[Waiting]:
    """Refunds that two people ask for in Teams, once each has its card there."""
    people, orders = TeamsClient(workspace), crowd.plant_orders(state / "desk.db", 2 * RUNS_EACH)
    people.control("rates", {"is_on": False})  # the bot keeps to Teams' pace all the same
    for number, order in enumerate(orders):
        who = ("agent", "agent2")[number % 2]
        people.say(f"refund $1 on order {order}, arrived damaged", who)
    bots.until(lambda: len(waiting_runs(state)) >= len(orders), CARDS_SECONDS_MAX, 0.5)
    found = waiting_runs(state)
    assert len(found) == len(orders), f"{len(found)} of {len(orders)} requests have a card"
    return found


def one_in_ten(seldom: Ask, often: Ask) -> Ask:
    """What a busy channel does: most invokes are cards that somebody looks at."""
    asks = cycle([seldom, *[often] * 9])

    def ask() -> tuple[str, bytes, dict[str, str]]:
        return next(asks)()

    return ask


def settled(state: Path) -> None:
    """Waits until nothing is executed any more, so that each figure is of its own presses."""

    def is_quiet() -> bool:
        with closing(sqlite3.connect(state / "assent.db", timeout=5)) as store:
            running = "SELECT count(*) FROM runs WHERE status = 'running'"
            return not store.execute(running).fetchone()[0]

    assert bots.until(is_quiet, CARDS_SECONDS_MAX, 0.2), "something is executed for ever"


async def measure(
    both: Playground, address: str, workspace: Mapping[str, Any], token: str, runs: list[Waiting]
) -> None:
    state = both.state
    assert both.bot is not None
    assert both.workspace is not None
    busy = Busy(psutil.Process(both.bot.pid), psutil.Process(both.workspace.pid))
    told = workspace["teams"]
    service = str(told["services"][0])
    teams = Teams(
        app_id=told["app_id"],
        app_secret="",
        tenant=told["tenant_id"],
        tenants=(told["tenant_id"],),
        services=tuple(told["services"]),
        login=told["login"],
        metadata=told["metadata"],
    )
    in_slack, in_teams = runs[:RUNS_EACH], runs[RUNS_EACH:]
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=10.0)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
        floor(teams) as bare,
    ):
        door = f"{address}{MESSAGES_PATH}"

        def invokes(url: str, verb: str, who: str) -> Ask:
            return teams_presses(url, token, service, verb, who, cycle(in_teams))

        base = await shown(session, "a bare server", invokes(bare, "look", "lead"), None, None)
        slack = slack_presses(f"{address}{EVENTS_PATH}", workspace, cycle(in_slack))
        await shown(session, "Slack, press to acknowledgement", slack, base, busy)
        await asyncio.to_thread(settled, state)
        look = invokes(door, "look", "finance")
        await shown(session, "Teams, look to the card for me", look, base, busy, BAR_MS)
        approve = teams_presses(door, token, service, "approve", "lead", iter(in_teams))
        await asyncio.to_thread(settled, state)
        mixed = one_in_ten(approve, look)
        await shown(session, "Teams, one approval in ten", mixed, base, busy, BAR_MS)
        await asyncio.to_thread(settled, state)
        again = invokes(door, "approve", "lead")
        await shown(session, "Teams, approvals alone, refused", again, base, busy)


async def shown(
    session: aiohttp.ClientSession,
    name: str,
    ask: Ask,
    base: float | None,
    busy: Busy | None,
    bar_ms: float | None = None,
) -> float:
    """Presses, prints, and gives the median in seconds. All have to be answered well."""
    before = busy.spent() if busy else (0.0, 0.0)
    found = await pressing(session, ask)
    spent = [each.seconds for each in found]
    figures.latencies(name, spent)
    if bar_ms is not None:
        p99_ms = figures.quantile(spent, 0.99) * 1_000
        figures.under(f"{name}, p99", p99_ms, bar_ms, "ms", 1)
    median = figures.quantile(spent, 0.5)
    if base is not None:
        figures.line("  to the bare server's median", f"{median / base:.1f} times")
    if busy is not None:
        pairs = zip(("bot", "workspace"), before, busy.spent(), strict=True)
        each = [f"{who} {(now - then) / len(found) * 1e3:.1f} ms" for who, then, now in pairs]
        figures.line("  of a processor, each press", ", ".join(each))
    bad = sum(not each.is_good for each in found)
    assert not bad, f"{bad} of {len(found)} presses were not answered as they should be"
    return median


def test_a_press_is_answered_in_time(tmp_path: Path) -> None:
    figures.title(f"Presses at {RATE:g} a second, {SECONDS:g} s each, Slack and Teams by HTTP")
    both = Playground(tmp_path, delivery="http", log=tmp_path / "log")
    try:
        workspace = both.start()
        runs = ask_for(tmp_path, both.workspace_folder)
        told = TeamsClient(both.workspace_folder)
        token, url = told.control("token", {})["token"], told.address()["teams"]["messages_url"]
        with figures.others():
            asyncio.run(measure(both, url.removesuffix(MESSAGES_PATH), workspace, token, runs))
    finally:
        both.stop()
