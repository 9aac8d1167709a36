"""The daily report counts what the store holds and is posted once a local day, come what may."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.digest import digest_card
from bot.cards.text import render
from bot.digest import Digests
from bot.incoming import Verb
from bot.publisher import Publisher, Screen
from bot.recording import Recorder
from bot.scheduler import DAILY, Scheduler
from connectors.desk import faults
from policies.settings_file import Digest
from store.database import Database

ZONE = ZoneInfo("America/New_York")
CHANNEL = "C0OPSDIGEST"


def at(local: str) -> datetime:
    """A moment of the channel's own clock."""
    return datetime.fromisoformat(local).replace(tzinfo=ZONE)


def set_clock(world: Any, moment: datetime) -> None:
    world.clock.offset = moment - datetime.now(UTC)


def digests_of(world: Any, db: Database | None = None) -> Digests:
    clock = world.assent.clock
    settings = world.assent.settings
    return Digests(
        db or world.assent.db,
        world.assent.catalogue,
        Recorder(clock),
        settings.ledger_key,
        clock,
        is_on=world.directory.knows,
    )


def noon() -> datetime:
    return datetime.now(ZONE).replace(hour=12, minute=0)


def test_the_report_counts_every_outcome(world: Any) -> None:
    set_clock(world, noon())
    world.approve(world.ask("refund $40 on order 1043, arrived damaged"), "lead")
    world.approve(world.ask("refund 12,50 € on order 1051, wrong item"), "lead")
    rejected = world.ask("refund $10 on order 1063, goodwill")
    world.press(Verb.REJECT, rejected, "lead", text="ask the customer first")
    world.ask("refund $1,500.00 on order 1067, arrived damaged", "agent2")
    world.ask("raise Dana's salary by $400")
    stopped = world.ask("refund $1 on order 1066, late")
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    faults.set_fault(world.desk, "refuse", operation="payments.refund", call="compensate")
    assert world.approve(stopped, "lead").status.value == "stuck"

    report = world.assent.digests.report(world.clock())

    totals = {total.title: dict(total.outcomes) for total in report.totals}
    assert totals == {
        "Refund a payment": {"applied": 2, "rejected": 1},
        "Not understood": {"denied": 1},
    }
    assert [(r.minor, r.currency) for r in report.returned] == [(1250, "EUR"), (4000, "USD")]
    assert [(r.reason, r.count) for r in report.rejections] == [("ask the customer first", 1)]
    assert {w.status: w.for_whom for w in report.waiting} == {
        "waiting": ("finance-leads",),
        "stuck": ("support-leads",),
    }
    [saved] = report.saved
    assert 2 * 9 * 60 - 60 < saved.seconds <= 2 * 9 * 60
    assert saved.baseline_minutes == 9
    assert report.median_seconds is not None
    assert report.median_waiting_seconds is not None
    assert 0 <= report.median_waiting_seconds <= report.median_seconds < 30
    with world.assent.db.read() as cx:
        from store import meters

        charged = meters.between(cx, at("2000-01-01"), at("2100-01-01"))
    assert report.cost_micro_usd == sum(total.micro_usd for total in charged.values()) > 0
    text = render(digest_card(report), ZONE)
    for part in ("2 of 6 requests completed", "ask the customer first", "$40.00", "€12.50"):
        assert part in text, f"{part} is not in:\n{text}"


def test_the_median_waiting_time_is_that_of_people(world: Any) -> None:
    set_clock(world, noon())
    for minutes, order in ((10, 1043), (20, 1063), (60, 1066)):
        run = world.ask(f"refund $1 on order {order}, arrived damaged")
        world.clock.offset += timedelta(minutes=minutes)
        assert world.approve(run, "lead").status.value == "applied"
    report = world.assent.digests.report(world.clock())
    assert report.median_waiting_seconds == pytest.approx(20 * 60, abs=10)


def test_what_settles_after_the_hour_is_told_by_the_next_report_and_by_no_other(
    world: Any,
) -> None:
    day = noon().date()
    digests = world.assent.digests
    set_clock(world, noon().replace(hour=18))
    assert digests.post(world.clock())
    set_clock(world, noon().replace(hour=19))
    world.approve(world.ask("refund $40 on order 1043, arrived damaged"), "lead")
    assert digests.daily(day).totals == ()
    [total] = digests.daily(day + timedelta(days=1)).totals
    assert total.outcomes == {"applied": 1}
    set_clock(world, noon() + timedelta(days=1, hours=6))
    assert digests.post(world.clock())
    assert digests.daily(day + timedelta(days=2)).totals == ()


def test_a_report_makes_up_for_the_days_on_which_none_was_posted(world: Any) -> None:
    day = noon().date()
    set_clock(world, noon().replace(hour=18))
    assert world.assent.digests.post(world.clock())
    set_clock(world, noon() + timedelta(hours=8))
    world.approve(world.ask("refund $40 on order 1043, arrived damaged"), "lead")
    [total] = world.assent.digests.daily(day + timedelta(days=4)).totals
    assert total.outcomes == {"applied": 1}


async def test_a_report_that_slack_takes_late_is_still_the_report_of_its_day(world: Any) -> None:
    """The channel is away from 18:00 until after midnight."""
    import asyncio

    set_clock(world, noon())
    world.approve(world.ask("refund $40 on order 1043, arrived damaged"), "lead")
    set_clock(world, noon().replace(hour=18))
    assert world.assent.digests.post(world.clock())
    set_clock(world, noon() + timedelta(hours=13))
    posted: list[str] = []

    async def post(place: Any, text: str) -> str:
        if place.channel == CHANNEL:
            posted.append(text)
        return "1.000001"

    async def nothing(*_given: Any) -> None:
        return None

    screen = Screen(lambda card: render(card, ZONE), post, nothing, nothing)
    publisher = Publisher(
        world.assent.db,
        world.assent.reading.view,
        world.assent.digests,
        {"slack": screen},
        "one",
        world.clock,
    )
    showing = asyncio.create_task(publisher.run())
    async with asyncio.timeout(10):
        while not posted:
            await asyncio.sleep(0.01)
    showing.cancel()
    [text] = posted
    assert "1 of 1 request completed" in text
    assert f"{noon():%A}" in text


def test_posted_once_with_two_processes_at_the_same_moment(world: Any) -> None:
    stores = [Database(world.assent.settings.database_url) for _ in range(4)]
    barrier, answers = threading.Barrier(len(stores)), []

    def post(db: Database) -> None:
        barrier.wait()
        answers.append(digests_of(world, db).post(world.clock()))

    threads = [threading.Thread(target=post, args=(db,)) for db in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for db in stores:
        db.close()
    assert sorted(answers) == [False, False, False, True]
    assert messages(world) == 1


@pytest.mark.slow
def test_posted_once_with_two_real_processes(world: Any) -> None:
    script = (
        "import sys; from datetime import datetime, UTC\n"
        "from bot.bootstrap import catalogue_of; from bot.digest import Digests\n"
        "from bot.recording import Recorder; from bot.settings import from_environment\n"
        "from store.database import Database\n"
        "settings = from_environment({'ASSENT_STATE': sys.argv[1]})\n"
        "now = lambda: datetime.fromtimestamp(float(sys.argv[2]), UTC)\n"
        "catalogue = catalogue_of(settings, now())\n"
        "db = Database(settings.database_url)\n"
        "is_on = lambda surface: surface == 'slack'\n"
        "key = settings.ledger_key\n"
        "digests = Digests(db, lambda: catalogue, Recorder(now), key, now, is_on=is_on)\n"
        "print('ready', flush=True); sys.stdin.readline(); print(digests.post(now()))\n"
    )
    moment = str(world.clock().timestamp())
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(world.folder), moment],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=30)[0].strip() for process in processes]
    assert sorted(answers) == ["False", "True"]
    assert messages(world) == 1


def test_posted_once_although_the_process_starts_again(world: Any) -> None:
    set_clock(world, noon().replace(hour=18))
    assert digests_of(world).post(world.clock())
    assert not digests_of(world).post(world.clock())
    assert not digests_of(world).make_up(world.clock() + timedelta(hours=2))
    assert digests_of(world).post(world.clock() + timedelta(days=1))


def test_a_first_start_with_no_runs_posts_nothing(world: Any) -> None:
    started(world, noon().replace(hour=20)).close()
    assert messages(world) == 0


def test_a_missed_hour_is_made_up_for_at_the_start(world: Any) -> None:
    world.ask("refund $40 on order 1043, arrived damaged")
    started(world, noon().replace(hour=17)).close()
    assert messages(world) == 0
    started(world, noon().replace(hour=20)).close()
    started(world, noon().replace(hour=21)).close()
    assert messages(world) == 1


@pytest.mark.parametrize("hour", ["18:00", "02:30", "01:30", "00:00", "23:59"])
@pytest.mark.parametrize("first", [date(2026, 3, 5), date(2026, 10, 29)])
def test_every_local_day_has_one_report_when_the_clocks_change(hour: str, first: date) -> None:
    """02:30 does not exist on 8 March and 01:30 exists twice on 1 November."""
    posted: Counter[date] = Counter()
    now = at(f"{first}T00:00").astimezone(UTC) - timedelta(seconds=1)

    def post(moment: datetime) -> None:
        day = moment.astimezone(ZONE).date()
        if day not in posted:  # as the store refuses a second one
            posted[day] += 1
            wall = moment.astimezone(ZONE).replace(tzinfo=None)
            late[day] = wall - datetime.fromisoformat(f"{day}T{hour}")

    late: dict[date, timedelta] = {}
    scheduler = Scheduler(declared(hour), post, post, bool, bool, lambda: now)
    [cron] = [job for job in scheduler._scheduler.get_jobs() if job.name.endswith("_digest")]
    fires = fire_times(cron, now, 9)
    while now < at(f"{first + timedelta(days=6)}T23:59"):
        now += timedelta(minutes=1)
        if fires and fires[0] <= now:
            post(fires.pop(0))
        if now.minute == 17:
            scheduler.catch_up()
    assert dict(posted) == {first + timedelta(days=number): 1 for number in range(7)}
    assert all(timedelta() <= each <= timedelta(hours=1) for each in late.values()), late


def test_the_hour_is_the_channels_own_on_both_sides_of_a_change() -> None:
    start = at("2026-03-07T12:00")
    scheduler = Scheduler(declared("18:00"), bool, bool, bool, bool, lambda: start)
    [cron] = [job for job in scheduler._scheduler.get_jobs() if job.name.endswith("_digest")]
    [before, after] = fire_times(cron, start, 2)
    assert (before.astimezone(UTC).hour, after.astimezone(UTC).hour) == (23, 22)
    assert {fire.astimezone(ZONE).hour for fire in (before, after)} == {18}


def fire_times(job: Any, start: datetime, count: int) -> list[datetime]:
    """The next moments at which a job is run."""
    fires: list[datetime] = []
    now, last = start, None
    for _ in range(count):
        last = job.trigger.get_next_fire_time(last, now)
        fires.append(last)
        now = last.astimezone(UTC) + timedelta(seconds=1)
    return fires


def declared(hour: str) -> Callable[[], Digest]:
    return lambda: Digest(channel="ops-digest", time_zone=ZONE.key, at=hour, workflows=())


def started(world: Any, moment: datetime) -> Scheduler:
    digests = digests_of(world)
    clock: Callable[[], datetime] = lambda: moment  # noqa: E731
    scheduler = Scheduler(
        declared("18:00"), digests.post, digests.make_up, bool, lambda _before: None, clock
    )
    scheduler.start()
    return scheduler


def messages(world: Any) -> int:
    """Digests that are asked for in the channel."""
    from sqlalchemy import text

    with world.assent.db.read() as cx:
        count = cx.execute(text("SELECT count(*) FROM deliveries WHERE kind = 'digest'"))
        return int(count.scalar() or 0)


def test_another_hour_counts_at_once_and_one_that_has_passed_is_made_up_for() -> None:
    made_up, hour = threading.Event(), [declared("18:00")]
    scheduler = Scheduler(
        lambda: hour[0](),  # noqa: PLW0108 - asked for at each use
        bool,
        lambda _now: made_up.set(),
        bool,
        lambda _before: None,
        lambda: at("2026-03-05T12:00"),
    )
    scheduler.start()
    try:
        assert not made_up.is_set()
        hour[0] = declared("09:30")
        scheduler.follow()
        assert made_up.wait(5)
        job = scheduler._scheduler.get_job(DAILY)
        assert job is not None
        local = job.next_run_time.astimezone(ZONE)
        assert (local.hour, local.minute) == (9, 30)
    finally:
        scheduler.close()
