"""A whole Assent without a chat: the real store, desk, policy, engine and flow, and people who are
described by a table instead of by Slack."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import engine
from bot.bootstrap import Assent, catalogue_of, open_store
from bot.incoming import Click, Message, Reply, Verb
from bot.planner.planner import Planner
from bot.ports import Directory, DirectoryUnavailableError
from bot.settings import BUNDLE_SHIPPED, from_environment
from bot.view import RunView
from store import approvals, autonomy, deliveries, ledger, people, runs, steps
from store.autonomy import Earned
from store.database import Database
from store.model.entry import Kind
from store.model.person import Account, Person
from store.model.request import Place
from store.model.run import Run, Status

engine.STOP_SECONDS = 0  # nothing is under way when a test ends
engine.LISTEN_SECONDS = 0.05  # a test ends as soon as this thread has looked once more
LOOK_SECONDS = 0.05  # how often is looked for what this process did not commit
STATUS = text("SELECT status FROM runs WHERE number = :number")
CHANNEL = "C0SUPPORTOP"
ROLES = {
    "agent": ("Dana Okafor", ("support",)),
    "agent2": ("Sam Field", ("support",)),
    "lead": ("Lee Park", ("support", "support-leads")),
    "lead2": ("Mira Sol", ("support", "support-leads")),
    "finance": ("Ann Weiss", ("finance-leads",)),
    "finance2": ("Raj Mehta", ("finance-leads",)),
    "outsider": ("Max Roe", ()),
}


@dataclass
class TableDirectory:
    """People from a table that a test may change at any moment."""

    db: Database
    roles: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: dict(ROLES))
    is_away: bool = False
    surface: str = "slack"
    flags: dict[str, dict[str, bool]] = field(default_factory=dict)  # what else is so of an account

    def person(self, account: Account) -> Person:
        if self.is_away:
            raise DirectoryUnavailableError("The directory of people did not answer.")
        if account.user not in self.roles:  # a surface that does not know an account says so
            account = account.model_copy(update={"team": "", "is_stranger": True})
        account = account.model_copy(update=self.flags.get(account.user, {}))
        name, roles = self.roles.get(account.user, (account.user, ()))
        with self.db.begin() as tx:
            person_id = people.person_for(tx, account)
        return Person(id=person_id, name=name, roles=roles, account=account)

    def knows(self, surface: str) -> bool:
        return surface == self.surface

    def members(self, surface: str, team: str, role: str) -> tuple[str, ...] | None:
        return None if self.is_away else tuple(n for n, held in self.roles.values() if role in held)

    def vacancies(self) -> Mapping[str, str] | None:
        return None if self.is_away else {}


@dataclass
class Clock:
    """Real time plus an offset that a test may advance."""

    offset: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


class World:
    """What a test does to Assent and sees of it."""

    def __init__(self, folder: Path, planner: Planner, environ: dict[str, str]) -> None:
        self.folder, self.clock = folder, Clock()
        settings = from_environment({"ASSENT_STATE": str(folder), **environ})
        db = open_store(settings)
        self.directory = TableDirectory(db)
        catalogue = catalogue_of(settings, self.clock())
        everybody = self.everybody(db)
        self.assent = Assent(
            settings, db, catalogue, everybody, planner, engine.durable(settings), self.clock
        )
        self._committed = threading.Event()
        self.assent.db.on_commit = self._notice
        self.assent.engine.launch()
        self._numbers = itertools.count(1)

    def everybody(self, _db: Database) -> Directory:
        """The people of every surface that is switched on."""
        return self.directory

    @property
    def desk(self) -> str:
        return str(self.folder / "desk.db")

    def account(self, user: str, **flags: bool) -> Account:
        name = ROLES.get(user, (user, ()))[0]
        return Account(surface="slack", team="T1", user=user, display_name=name, **flags)

    def say(
        self,
        text: str,
        user: str = "agent",
        *,
        thread: str | None = None,
        channel: str = CHANNEL,
        keys: tuple[str, ...] | None = None,
        **flags: bool,
    ) -> Reply:
        """A message; what it leads to is planned at once."""
        number = next(self._numbers)
        message = f"1700000000.{number:06d}"
        reply = self.assent.flow.receive(
            Message(
                account=self.account(user, **flags),
                place=Place(surface="slack", team="T1", channel=channel, thread=thread or message),
                message=message,
                text=text,
                event_keys=keys or (f"event:{number}",),
                received_at=self.clock(),
            )
        )
        self.plan()
        return reply

    def plan(self) -> None:
        with self.assent.db.read() as cx:
            received = runs.in_status(cx, (Status.RECEIVED,), 100)
        for run in received:
            self.assent.flow.propose(run.id)

    def ask(self, text: str, user: str = "agent", **more: Any) -> Run:
        """A request; the run it made, planned."""
        before = self.last_id()
        reply = self.say(text, user, **more)
        assert self.last_id() != before, f"no run was made: {reply.text}"
        return self.run(self.last_id())

    def press(
        self,
        verb: Verb,
        run: Run,
        user: str,
        *,
        text: str = "",
        digest: str | None = None,
        is_directory_away: bool = False,
        values: Mapping[str, str] | None = None,
        skip: tuple[str, ...] = (),
        **flags: bool,
    ) -> Reply:
        """A click on the run's card as it stands in the store now."""
        now = self.run(run.id)
        account = self.account(user, **flags)
        person = None if is_directory_away else self.directory.person(account)
        if digest is None:
            digest = now.proposal.digest if now.proposal else ""
        if verb in {Verb.HAPPENED, Verb.DID_NOT, Verb.ASK_AGAIN}:
            text = text or str(now.resumes)
        return self.assent.flow.press(
            Click(
                verb=verb,
                run_id=run.id,
                digest=digest,
                account=account,
                person=person,
                place=now.request.place,
                message="1700000001.000001",
                text=text,
                clicked_at=self.clock(),
                values=tuple((values or {}).items()),
                skip=skip,
            )
        )

    def edit(self, run: Run, user: str, *, skip: tuple[str, ...] = (), **values: str) -> Run:
        """A change that must be taken, and the run once it is shown anew or waits as before."""
        reply = self.press(Verb.EDIT, run, user, values=values, skip=skip)
        assert not reply.is_refusal, reply.text
        self.plan()
        return self.run(run.id)

    def withdraw(self, run: Run, user: str) -> Reply:
        return self.press(Verb.WITHDRAW, run, user)

    def question(self, run: Run, user: str, text: str) -> Reply:
        """An approver's question to the requester."""
        return self.press(Verb.ASK, run, user, text=text)

    def reply(self, run: Run, text: str, user: str = "agent") -> Reply:
        """The requester's reply, by the button."""
        return self.press(Verb.REPLY, run, user, text=text)

    def batch(self, user: str) -> tuple[RunView, ...]:
        """What this person may approve together."""
        return self.assent.reading.batch(self.account(user))

    def lines(self, run: Run) -> list[str]:
        """What was said in the run's thread beside its cards."""
        with self.assent.db.read() as cx:
            said = deliveries.for_run(cx, run.id)
        return [d.body.get("line") or d.body["text"] for d in said if d.kind == "notice"]

    def approve(self, run: Run, *users: str) -> Run:
        """Approvals that must count, and the run once it has stopped moving."""
        for user in users:
            reply = self.press(Verb.APPROVE, run, user)
            assert not reply.is_refusal, reply.text
        return self.settled(run)

    def approve_only(self, run: Run, user: str) -> Run:
        """One approval that must count."""
        reply = self.press(Verb.APPROVE, run, user)
        assert not reply.is_refusal, reply.text
        return run

    def settled(self, run: Run, seconds: float = 20.0) -> Run:
        """The run once it is not running any more."""
        self._wait(run, lambda: self._status(run) is not Status.RUNNING, seconds)
        return self.run(run.id)

    def until(self, run: Run, is_so: Callable[[Run], bool], seconds: float = 20.0) -> Run:
        seen: list[Run] = []

        def is_seen() -> bool:
            seen[:] = [self.run(run.id)]
            return is_so(seen[0])

        self._wait(run, is_seen, seconds)
        return seen[0]

    def _wait(self, run: Run, is_so: Callable[[], bool], seconds: float) -> None:
        """Looks after each commit, and now and then for what another process has committed."""
        deadline = time.monotonic() + seconds
        while True:
            self._committed.clear()
            if is_so():
                return
            assert time.monotonic() < deadline, f"{self.run(run.id)}: {self.steps(run)}"
            self._committed.wait(LOOK_SECONDS)

    def _status(self, run: Run) -> Status:
        """A run's status alone, which is sooner read than the run."""
        with self.assent.db.read() as cx:
            return Status(cx.execute(STATUS, {"number": int(run.id.removeprefix("R-"))}).scalar())

    def _notice(self) -> None:
        self._committed.set()
        self.assent.engine.notice()

    def run(self, run_id: str) -> Run:
        with self.assent.db.read() as cx:
            run = runs.get(cx, run_id)
        assert run is not None, f"there is no run {run_id}"
        return run

    def last_id(self) -> str:
        with self.assent.db.read() as cx:
            newest = runs.newest_in_status(cx, tuple(Status), 1)
        return newest[0].id if newest else ""

    def steps(self, run: Run) -> list[tuple[str, str]]:
        with self.assent.db.read() as cx:
            return [(s.step_id, s.status.value) for s in steps.all_for(cx, run.id)]

    def approvals(self, run: Run) -> list[str]:
        with self.assent.db.read() as cx:
            return [a.person_name for a in approvals.all_for(cx, run.id)]

    def kinds(self, run: Run) -> list[Kind]:
        with self.assent.db.read() as cx:
            return [entry.kind for entry in ledger.show(cx, run.id)]

    def desk_rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The desk's own tables, past Assent."""
        with sqlite3.connect(f"file:{self.desk}?mode=ro", uri=True) as desk:
            return desk.execute(sql).fetchall()

    def refunds(self, payment: str = "pay_7731") -> list[int]:
        rows = self.desk_rows(
            "SELECT amount_minor FROM refunds WHERE reversed_at = ''"
            f" AND payment_id = '{payment}' ORDER BY created_at"
        )
        return [amount for (amount,) in rows]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with schema and desk, to be copied: making one takes most of a test."""
    from bot.planner.rules import RulesPlanner

    folder = tmp_path_factory.mktemp("made") / "state"
    World(folder, RulesPlanner(), {}).assent.close()
    return folder


@pytest.fixture
def make_world(tmp_path: Path, made: Path) -> Iterator[Callable[..., World]]:
    """Worlds by their environment; all are closed at the end."""
    from bot.planner.rules import RulesPlanner

    worlds: list[World] = []

    def make(**environ: str) -> World:
        folder = tmp_path / f"state{len(worlds)}"
        shutil.copytree(made, folder)
        worlds.append(World(folder, RulesPlanner(), environ))
        return worlds[-1]

    yield make
    for world in worlds:
        world.assent.close()


def earn(world: World, level: int = 3) -> None:
    """Refunds have earned a level, without the record that a person would look at."""
    earned = Earned(
        workflow="refund",
        environment="sandbox",
        level=level,
        actor="Ops",
        because="its record",
        at=world.clock(),
    )
    with world.assent.db.begin() as tx:
        autonomy.add(tx, earned)


@pytest.fixture
def trusted(make_world: Callable[..., World], tmp_path: Path) -> World:
    """A world in which small refunds run by themselves."""
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    workflow = bundle / "workflows" / "refund.yml"
    workflow.write_text(workflow.read_text().replace("autonomy: L2", "autonomy: L3"))
    world = make_world(ASSENT_BUNDLE=str(bundle))
    earn(world)
    return world


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A fresh world of the shipped bundle and desk."""
    return make_world()
