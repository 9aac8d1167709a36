"""What one operation takes through Assent, beside the same read and write by the vendor's own SDK.

Both call the same system on this machine, which answers in milliseconds: what is left is what
Assent adds. The SDK's client is made once and kept; what it does is a read and a write, nothing
kept of either. Through Assent it is proposed, approved and executed.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.planner.planner import Asked, Draft, Planned
from bot.scaffolding.workflow import create
from connectors.opening import opened
from store.model.plan import Plan, Step
from store.model.run import Run, Status
from tests.bench import counterparts, figures, timing, vendors
from tests.bench.counterparts import Account
from tests.bot.conftest import World

pytestmark = pytest.mark.bench

ROUNDS, WARM = 20, 3
RATIO_MAX = 400  # loose: far above it something is broken rather than slow
STAGES = ("propose", "approve", "execute")
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """One operation: the parameters of the nth call, and the bare calls that do the same."""

    system: str
    operation: str
    params: Callable[[int], Params]
    bare: Callable[[Account], Callable[[Params], None]]


def _stripe(account: Account) -> Callable[[Params], None]:
    import stripe

    client = stripe.StripeClient(
        account.secret, base_addresses={"api": account.address}, max_network_retries=0
    )

    def call(params: Params) -> None:
        client.v1.charges.retrieve(params["charge"])
        client.v1.refunds.create(
            {"charge": params["charge"], "amount": params["amount"]["minor"]},
            {"idempotency_key": params["charge"]},
        )

    return call


def _okta(account: Account) -> Callable[[Params], None]:
    import httpx2

    headers = {"Authorization": f"SSWS {account.secret}", "Accept": "application/json"}
    client = httpx2.Client(base_url=account.address, headers=headers, trust_env=False)

    def call(params: Params) -> None:
        client.get(f"/api/v1/users/{params['person']}").raise_for_status()
        path = f"/api/v1/groups/{params['group']}/users/{params['person']}"
        client.put(path).raise_for_status()

    return call


def _jira(account: Account) -> Callable[[Params], None]:
    from atlassian import JiraCloud

    user, _, token = account.secret.partition(":")
    client = JiraCloud(account.address, username=user, password=token, api_version=3)

    def call(params: Params) -> None:
        issue = client.endpoint(f"issue/{params['issue']}")
        client.request("GET", issue)
        client.request("PUT", issue, data={"fields": {params["field"]: float(params["value"])}})

    return call


def _sql(account: Account) -> Callable[[Params], None]:
    import psycopg

    user, address = account.account.partition("/")[2], account.address.removeprefix("postgresql://")
    client = psycopg.connect(f"postgresql://{user}:{account.secret}@{address}", autocommit=True)
    read = "SELECT phone, version FROM customers WHERE id = %s"
    write = "UPDATE customers SET phone = %s, version = version + 1 WHERE id = %s AND version = %s"

    def call(params: Params) -> None:
        row = client.execute(read, [params["customer"]]).fetchone()
        assert row is not None
        client.execute(write, [params["phone"], params["customer"], row[1]])

    return call


SUBJECTS = (
    Subject(
        "stripe", "stripe.refund",
        lambda n: {
            "charge": f"ch_bench{n}_", "amount": {"minor": 4000, "currency": "USD"},
            "reason": "arrived damaged",
        },
        _stripe,
    ),
    Subject(
        "okta", "okta.add_to_group",
        lambda n: {"person": f"00u{f'bench{n}':0>17}", "group": f"00g{'readers':0>17}"},
        _okta,
    ),
    Subject(
        "jira", "jira.set_field",
        lambda n: {
            "issue": "OPS-1", "field": "customfield_10010", "kind": "number", "value": str(n + 1)
        },
        _jira,
    ),
    Subject(
        "crm", "crm.set_phone", lambda n: {"customer": "c-1", "phone": f"+1 555 {n:04}"}, _sql
    ),
)  # fmt: skip


class Fixed:
    """Plans what it is told, whatever the words: what reading them costs is measured elsewhere."""

    def __init__(self) -> None:
        self.plan_: Plan | None = None

    def plan(self, _asked: Asked) -> Planned:
        assert self.plan_ is not None
        return Draft(self.plan_, self.plan_.workflow)


class Through:
    """A whole Assent with a workflow for each operation, as `assent new workflow` makes it."""

    def __init__(self, folder: Path, accounts: Mapping[str, Account]) -> None:
        bundle, self._planner = folder / "bundle", Fixed()
        environ = vendors.bundle(bundle, accounts)
        for subject in SUBJECTS:
            create(_workflow(subject), subject.operation, bundle)
        settings = {**environ, "ASSENT_BUNDLE": str(bundle)}
        self._world = World(folder / "state", self._planner, dict(settings))
        self.times, self._moved = timing.Times(), threading.Event()
        self._world.assent.db.on_commit = self._committed

    def call(self, subject: Subject, params: Params) -> dict[str, float]:
        """Seconds of each stage; the approver thinks for none."""
        step = Step(id="bench", operation=subject.operation, params=dict(params))
        self._planner.plan_ = Plan(workflow=_workflow(subject), slots=(), steps=(step,))
        marks = [time.perf_counter()]
        self.times.stage = "propose"
        run = self._world.ask("as planned")
        marks.append(time.perf_counter())
        assert run.status is Status.WAITING, run.note
        self.times.stage = "approve"
        reply = self._world.press(Verb.APPROVE, run, "lead")
        marks.append(time.perf_counter())
        assert not reply.is_refusal, reply.text
        self.times.stage = "execute"
        done = self._settled(run)
        marks.append(time.perf_counter())
        assert done.status is Status.APPLIED, done.note
        return {s: b - a for s, (a, b) in zip(STAGES, itertools.pairwise(marks), strict=True)}

    def close(self) -> None:
        self._world.assent.close()

    def _committed(self) -> None:
        self._world.assent.engine.notice()
        self._moved.set()

    def _settled(self, run: Run) -> Run:
        """Looks after each commit and not in between."""
        self.times.is_elsewhere = True
        try:
            while (now := self._world.run(run.id)).status is Status.RUNNING:
                assert self._moved.wait(20), f"{run.id} does not move"
                self._moved.clear()
        finally:
            self.times.is_elsewhere = False
        return now


def _workflow(subject: Subject) -> str:
    return f"bench-{subject.system}"


@pytest.fixture(scope="module")
def accounts() -> Iterator[Mapping[str, Account]]:
    with counterparts.serving(*(subject.system for subject in SUBJECTS)) as found:
        yield found


def test_operations_beside_bare_calls(
    tmp_path: Path, accounts: Mapping[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    through = Through(tmp_path, accounts)
    through.times.watch(monkeypatch)
    try:
        for subject in SUBJECTS:
            measure(subject, accounts[subject.system], through)
    finally:
        through.close()


def measure(subject: Subject, account: Account, through: Through) -> None:
    """The three in turn, so that whatever else the machine does falls on all of them."""
    bare, alone = subject.bare(account), _alone(subject, account)
    numbers = itertools.count()
    found: dict[str, list[float]] = {"bare": [], "connector": [], **{s: [] for s in STAGES}}
    for round_ in range(WARM + ROUNDS):
        if round_ == WARM:
            through.times.clear()
        spent = {
            "bare": _seconds(lambda: bare(subject.params(next(numbers)))),
            "connector": _seconds(lambda: alone(subject.params(next(numbers)))),
            **through.call(subject, subject.params(next(numbers))),
        }
        if round_ >= WARM:
            for name, seconds in spent.items():
                found[name].append(seconds)
    _print(subject, found, through.times)


def _alone(subject: Subject, account: Account) -> Callable[[Params], None]:
    """The connector without Assent: a session that reads, and one that writes."""
    connector, _ = counterparts.of(subject.system)
    operation = next(o for o in connector.operations if o.name == subject.operation)
    keys = itertools.count()

    def call(given: Params) -> None:
        params = operation.params.model_validate(dict(given))
        with opened(connector, account.reading) as session:
            before = operation.read(session, params)
        with opened(connector, account.credential) as session:
            operation.execute(session, params, before, f"bench/{next(keys)}")

    return call


def _print(subject: Subject, found: Mapping[str, list[float]], times: timing.Times) -> None:
    figures.title(f"{subject.operation}, {ROUNDS} times")
    whole = [sum(each) for each in zip(*(found[stage] for stage in STAGES), strict=True)]
    floor = figures.quantile(found["bare"], 0.5)
    rows = {"bare read and write": found["bare"], "the connector alone": found["connector"]}
    rows |= {stage: found[stage] for stage in STAGES} | {"through Assent": whole}
    for name, seconds in rows.items():
        p50, p95 = figures.quantile(seconds, 0.5), figures.quantile(seconds, 0.95)
        shown = f"p50 {p50 * 1e3:6.1f} ms, p95 {p95 * 1e3:6.1f} ms, {p50 / floor:5.1f} x"
        if name in STAGES:
            parts = {part: times.seconds[name, part] / ROUNDS for part in timing.PARTS}
            parts["rest"] = sum(seconds) / ROUNDS - sum(parts.values())
            shown += " = " + ", ".join(f"{n} {s * 1e3:.1f}" for n, s in parts.items())
        figures.line(name, shown)
    assert figures.quantile(whole, 0.5) / floor < RATIO_MAX


def _seconds(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
