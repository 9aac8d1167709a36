"""Drawn stories through the whole flow: people who ask, approve, edit and take back, whose roles
and accounts change, under policies that change, at a desk that somebody else works at too. Whatever
happens, each write that the ledger knows of was allowed and consented to."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.bundle.loading import connected
from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from connectors.desk import faults
from evals.stories.breaches import breaches
from evals.stories.second_opinion import Write, is_consented, writes
from policies import document
from policies.bundle import Bundle
from policies.compiled import Policy
from policies.parse import parse
from policies.rules import PolicyFile
from store import identity, ledger, people, runs
from store.model.person import Account, Person
from store.model.run import Run, Status
from tests.bot.conftest import World

APPLIED_MAX = 3  # what the drawn policies let one requester have done
PAYMENTS = {"1007": "pay_7695", "1043": "pay_7731", "1067": "pay_7755", "1077": "pay_7765"}
AMOUNTS = (5, 20, 60, 95, 120)  # US dollars
USERS = {
    "agent": ("support",),
    "agent2": ("support",),
    "alias": ("support", "support-leads", "finance-leads"),  # of agent
    "lead": ("support", "support-leads"),
    "lead2": ("support", "support-leads"),
    "lead-alias": ("finance-leads",),  # of lead
    "finance": ("finance-leads",),
    "finance2": ("finance-leads",),
}
ROLES = ("support", "support-leads", "finance-leads")
NAMES = {user: user.replace("-", " ").title() for user in USERS}
PHONE_BOOK = {user: (NAMES[user], roles) for user, roles in USERS.items()}


@dataclass(frozen=True)
class Drawn:
    """A policy for refunds: what it refuses, what it leaves to itself at L3, and whom it asks."""

    cap_minor: int
    free_to_minor: int
    asks: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        asks = json.dumps(list(self.asks))
        return f"""policy: refunds
applies_to: [payments.refund]
counters: {{asked: {{per: [requester.id], window: 400 days}}}}
rules:
  - {{id: may, effect: allow, all: {{in support: "'support' in requester.roles"}}, because: may}}
  - {{id: cap, effect: deny, all: {{over: "refund.amount_minor > {self.cap_minor}"}}, because: cap}}
  - {{id: often, effect: deny, all: {{often: "asked.count >= {APPLIED_MAX}"}}, because: often}}
  - id: asks
    effect: require
    any: {{large: "refund.amount_minor > {self.free_to_minor}", ladder: "workflow.level < 3"}}
    require: {asks}
    because: asks
"""

    def asked(self) -> set[tuple[frozenset[str], int, int]]:
        """(roles, count, stage) of everybody whose approval it wants."""
        wanted = set()
        for ask in self.asks:
            stage, count = ask.get("stage", 1), ask.get("count", 0)
            pools = [[role] for role in ask.get("all_of", [])] or [ask.get("any_of", [])]
            pools = [[ask["role"]]] if "role" in ask else pools
            wanted |= {(frozenset(pool), count, stage) for pool in pools if pool}
        return wanted


ASKS = st.sampled_from(
    [
        ({"role": "support-leads", "count": 1},),
        ({"role": "support-leads", "count": 2},),
        ({"role": "finance-leads", "count": 1}, {"people": 2}),
        ({"role": "support-leads", "count": 1}, {"role": "finance-leads", "count": 1}),
        (
            {"role": "support-leads", "count": 1},
            {"role": "finance-leads", "count": 1, "stage": 2},
        ),
        ({"any_of": ["finance-leads", "support-leads"], "count": 2},),
        ({"all_of": ["finance-leads", "support-leads"], "count": 1},),
        ({"role": "support-leads", "count": 1}, {"veto": "finance-leads"}),
    ]
)
POLICIES = st.builds(
    Drawn,
    cap_minor=st.sampled_from([1_000_000, 10_000, 4_000]),
    free_to_minor=st.sampled_from([0, 1_000, 9_000]),
    asks=ASKS,
)
USER = st.sampled_from(sorted(USERS))
NUMBER = st.integers(0, 20)
Asked = tuple[str, str, int]  # who, for which order, how many US dollars
ASKED = st.tuples(
    st.sampled_from(["agent", "agent2", "lead"]),
    st.sampled_from(sorted(PAYMENTS)),
    st.sampled_from(AMOUNTS),
)
CHANGE = st.one_of(
    POLICIES.map(lambda policy: ("policy", policy)),
    st.tuples(USER, st.sampled_from(ROLES)).map(lambda held: ("role", held)),
    USER.map(lambda user: ("account", user)),
    st.sampled_from([2, 3]).map(lambda level: ("level", level)),
)


class WholeFlow(RuleBasedStateMachine):
    """One world from an empty store on; `made` is the state folder that it starts from."""

    made: Path
    base: Bundle

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="assent-whole-flow-"))
        shutil.copytree(self.made, self.home / "state")
        self.world = World(self.home / "state", RulesPlanner(), {})
        self.roles = dict(USERS)
        self.closed: set[str] = set()
        self.level = 2
        self.numbers = itertools.count(1)
        self.policies: dict[str, Drawn] = {}
        self.digests: list[str] = []
        self.checked = 0  # the last entry whose write was looked at when it was made
        self.meanwhile: list[Callable[[], None]] = []
        self._arrange()

    def _arrange(self) -> None:
        """Aliases are one human, and people, levels and moments are as the story says."""
        assent, directory = self.world.assent, self.world.directory
        directory.roles = dict(PHONE_BOOK)
        with assent.db.begin() as tx:
            ids = {user: people.person_for(tx, self.world.account(user)) for user in USERS}
            identity.merge(tx, ids["alias"], ids["agent"])
            identity.merge(tx, ids["lead-alias"], ids["lead"])
        self.users = {ids[user]: [user] for user in USERS if "alias" not in user}
        self.users[ids["agent"]].append("alias")
        self.users[ids["lead"]].append("lead-alias")
        asked, began = directory.person, assent.executor.begin

        def person(account: Account) -> Person:
            found = asked(account)
            if account.user not in self.closed:
                return found
            gone = account.model_copy(update={"is_deactivated": True})
            return found.model_copy(update={"account": gone, "roles": ()})

        def begin(run_id: str, digest: str) -> int:
            while self.meanwhile:
                self.meanwhile.pop()()
            return began(run_id, digest)

        directory.person = person  # type: ignore[method-assign]
        assent.executor.begin = begin  # type: ignore[method-assign]
        for levels in (assent.executor._drift._levels, assent.flow._proposer._levels):
            levels.level = lambda *_: self.level  # type: ignore[method-assign]

    @initialize(policy=POLICIES, level=st.sampled_from([2, 3]), asked=st.tuples(ASKED, ASKED))
    def begin(self, policy: Drawn, level: int, asked: tuple[Asked, Asked]) -> None:
        self.level = level
        self._put(policy)
        for one in asked:
            self.ask_for(*one)

    @rule(asked=ASKED, is_approved=st.booleans())
    def ask(self, asked: Asked, is_approved: bool) -> None:
        self.ask_for(*asked)
        if is_approved:
            self._everybody_approves(0)

    @rule(number=NUMBER, is_everybody=st.booleans(), user=USER)
    def approve(self, number: int, is_everybody: bool, user: str) -> None:
        if is_everybody:
            self._everybody_approves(number)
        else:
            self.press(Verb.APPROVE, number, user)

    @precondition(lambda self: self.digests)
    @rule(number=NUMBER, user=USER, old=NUMBER)
    def approve_with_the_digest_of_another_showing(self, number: int, user: str, old: int) -> None:
        digest, waiting = self.digests[old % len(self.digests)], self._waiting()
        run = waiting[number % len(waiting)] if waiting else None
        if run is not None and run.proposal is not None and run.proposal.digest != digest:
            assert self.world.press(Verb.APPROVE, run, user, digest=digest).is_refusal
            self._rest()

    @rule(number=NUMBER, user=USER, verb=st.sampled_from([Verb.WITHDRAW, Verb.REJECT, Verb.CANCEL]))
    def take_back(self, number: int, user: str, verb: Verb) -> None:
        self.press(verb, number, user, text="wrong amount" if verb is Verb.REJECT else "")

    @rule(number=NUMBER, user=USER, dollars=st.sampled_from(AMOUNTS), is_approved=st.booleans())
    def edit(self, number: int, user: str, dollars: int, is_approved: bool) -> None:
        self.press(Verb.EDIT, number, user, values={"amount": f"${dollars}"})
        self.world.plan()
        self._rest()
        if is_approved:
            self._everybody_approves(number)

    @rule(change=CHANGE)
    def change(self, change: tuple[str, Any]) -> None:
        self.act(*change)

    @rule(change=CHANGE, number=NUMBER)
    def change_between_approval_and_execution(self, change: tuple[str, Any], number: int) -> None:
        self.meanwhile.append(lambda: self.act(*change))
        self._everybody_approves(number)

    @rule(order=st.sampled_from(sorted(PAYMENTS)))
    def somebody_else_refunds_a_cent(self, order: str) -> None:
        with sqlite3.connect(self.world.desk, timeout=5) as desk:
            desk.execute(
                "UPDATE payments SET refunded_minor = refunded_minor + 1, version = version + 1,"
                " status = 'partly refunded' WHERE id = ?",
                (PAYMENTS[order],),
            )

    @rule()
    def a_later_step_will_be_refused(self) -> None:
        faults.clear_faults(self.world.desk)
        faults.set_fault(self.world.desk, "refuse", operation="orders.add_note", call="execute")

    @rule(hours=st.sampled_from([1, 3, 5]))
    def time_passes(self, hours: int) -> None:
        self.world.clock.offset += timedelta(hours=hours)
        self.world.assent.sweep()

    @invariant()
    def each_write_was_allowed_and_consented_to(self) -> None:
        newest = self.checked
        for run in self._runs():
            with self.world.assent.db.read() as cx:
                entries = ledger.show(cx, run.id)
            assert breaches(entries) == ()
            for write in writes(entries):
                assert write.effect != "denied", write
                assert "denied" not in write.step_effects, write
                assert is_consented(write), write
                if write.seq > self.checked:
                    self._as_it_is_now(run, write)
                newest = max(newest, write.seq)
        self.checked = newest

    @invariant()
    def nothing_is_done_twice(self) -> None:
        standing: dict[str, list[str]] = {}
        for key, reference in self.world.desk_rows(
            "SELECT w.key, w.reference FROM writes w JOIN refunds r ON r.id = w.reference"
            " WHERE r.reversed_at = ''"
        ):
            standing.setdefault(key.partition(":")[0], []).append(reference)
        status = {run.id: run.status for run in self._runs()}
        assert {id_ for id_, now in status.items() if now is Status.APPLIED} <= standing.keys()
        assert {status[id_] for id_ in standing} <= {Status.APPLIED, Status.STUCK}
        assert all(len(references) == 1 for references in standing.values()), standing

    @invariant()
    def nobody_has_more_done_than_the_counter_allows(self) -> None:
        done = [run.request.person_id for run in self._runs() if run.status is Status.APPLIED]
        assert all(done.count(person_id) <= APPLIED_MAX for person_id in done)

    def check(self) -> None:
        """Every invariant, for a story that is told by hand."""
        self.each_write_was_allowed_and_consented_to()
        self.nothing_is_done_twice()
        self.nobody_has_more_done_than_the_counter_allows()

    def statuses(self) -> list[Status]:
        """How every run stands, oldest first."""
        return [run.status for run in self._runs()]

    def teardown(self) -> None:
        self.world.assent.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def _as_it_is_now(self, run: Run, write: Write) -> None:
        """Nothing has changed since this write began but what happened before its first step."""
        if not write.is_first:
            return
        policy = self.policies[write.bundle_digest.partition("@")[0]]
        assert policy is self._present(), "executed under a policy that is not in force"
        assert write.amount_minor <= policy.cap_minor, write
        assert "support" in self._roles_now(run.request.person_id, (run.request.account_user,))
        assert is_consented(write, self._roles_now), write
        if write.amount_minor > policy.free_to_minor or self.level < 3:
            asked = {(frozenset(r["roles"]), r["stage"]): r["count"] for r in write.requirements}
            for roles, count, stage in policy.asked():
                assert asked.get((roles, stage), 0) >= count, (write, policy)

    def _roles_now(self, person_id: str, users: tuple[str, ...] = ()) -> frozenset[str]:
        """The roles that a human holds by any account that is open, or by the accounts given."""
        names = users or self.users[person_id]
        return frozenset(r for user in names if user not in self.closed for r in self.roles[user])

    def ask_for(self, user: str, order: str, dollars: int) -> None:
        self.world.say(f"refund ${dollars} on order {order}, arrived damaged", user)
        self._rest()

    def _everybody_approves(self, number: int) -> None:
        for user in sorted(USERS):
            self.press(Verb.APPROVE, number, user)

    def act(self, kind: str, what: Any) -> None:
        match kind:
            case "policy":
                self._put(what)
            case "level":
                self.level = what
            case "account":
                self.closed ^= {what}
            case "role":
                user, role = what
                held = tuple(sorted({*self.roles[user]} ^ {role}))
                self.roles[user] = held
                self.world.directory.roles[user] = (NAMES[user], held)

    def _put(self, policy: Drawn) -> None:
        number = next(self.numbers)
        source = document.read("policies/refunds.yml", f"{policy.text}# {number}\n".encode())
        findings: list[Any] = []
        file = parse(PolicyFile, source, findings)
        assert file is not None, findings
        others = tuple(p for p in self.base.policies if p.file.policy != "refunds")
        digest = f"{number:064d}"
        bundle = replace(
            self.base, policies=(*others, Policy(file, source)), digest=digest, revision="drawn"
        )
        self.policies[digest] = policy
        self.world.assent.in_force.put(connected(self.world.assent.settings, bundle))

    def _present(self) -> Drawn:
        return self.policies[self.world.assent.catalogue().bundle.digest]

    def press(self, verb: Verb, number: int, user: str, **more: Any) -> None:
        waiting = self._waiting()
        if not waiting:
            return
        run = waiting[number % len(waiting)]
        self.world.press(verb, run, user, **more)
        self._rest()

    def _rest(self) -> None:
        """Waits until nothing moves, and remembers what was shown."""
        for run in self._runs():
            now = self.world.settled(run)
            if now.proposal is not None and now.proposal.digest not in self.digests:
                self.digests.append(now.proposal.digest)

    def _runs(self) -> tuple[Run, ...]:
        with self.world.assent.db.read() as cx:
            return runs.in_status(cx, tuple(Status), 1_000)

    def _waiting(self) -> tuple[Run, ...]:
        return tuple(run for run in self._runs() if run.status is Status.WAITING)
