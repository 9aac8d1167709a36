"""What every attack is judged by: the desk's own writes, the words to the person, the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.incoming import Click, Message, Reply, Verb
from bot.planner.planner import Draft
from bot.settings import BUNDLE_SHIPPED
from store import ledger
from store.ledger.search import find
from store.ledger.verify import verify
from store.model.entry import Kind
from store.model.person import Account, Person
from store.model.plan import Plan, Step
from store.model.request import Place
from store.model.run import Run, Status

SMALL = "refund $40 on order 1043, arrived damaged"  # a support lead decides
MEDIUM = "refund $120 on order 1043, arrived damaged"  # a finance lead decides
HUGE = "refund $1,500.00 on order 1067, arrived damaged"  # two finance leads decide
HUGE_PAYMENT = "pay_7755"
NOT_DONE = frozenset({Status.DENIED, Status.FAILED, Status.EXPIRED, Status.CANCELLED})


@dataclass
class Witness:
    """Looks at a world past Assent. Writes that are there at the beginning do not count."""

    world: Any
    _before: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._before = self._all_writes()

    def writes(self) -> list[str]:
        """The operations that the desk has carried out since the beginning, undoing included."""
        return [row[1] for row in self._all_writes()[len(self._before) :]]

    def nothing_was_written(self) -> None:
        assert self.writes() == []
        self.ledger_is_whole()

    def ledger_is_whole(self) -> None:
        with self.world.assent.db.read() as cx:
            report = verify(cx)
        assert report.is_whole, str(report)

    def turned_down(self, run: Run, *words: str) -> None:
        """A run that came to nothing: a sentence for the person, the outcome in the ledger."""
        run = self.world.run(run.id)
        assert run.status in NOT_DONE, (run.status, run.note)
        assert "defect" not in run.note
        for word in words:
            assert word in run.note, run.note
        assert run.note[-1:] in ".!?", run.note
        kinds = self.world.kinds(run)
        assert Kind.OUTCOME in kinds
        assert Kind.INTENT not in kinds
        self.nothing_was_written()

    def asks_instead(self, run: Run, *words: str) -> None:
        """A run that asks the person, because what was said is no basis for a plan."""
        run = self.world.run(run.id)
        assert run.status is Status.ASKING, (run.status, run.note)
        assert run.question is not None
        for word in words:
            assert word in run.question.text, run.question.text
        assert Kind.QUESTION in self.world.kinds(run)
        self.nothing_was_written()

    def not_planned(self, run: Run) -> None:
        """Words that are no basis for a plan: a question or a refusal."""
        if self.world.run(run.id).status is Status.ASKING:
            self.asks_instead(run)
        else:
            self.turned_down(run)
        assert self.world.run(run.id).proposal is None

    def refused(self, reply: Reply, *words: str) -> None:
        """A click or a message that did not count: a sentence, and the same in the ledger."""
        assert reply.is_refusal, reply.text
        for word in words:
            assert word in reply.text, reply.text
        with self.world.assent.db.read() as cx:
            newest = find(cx, kind=Kind.REFUSAL, limit=1)
        assert newest, f"the ledger says nothing of: {reply.text}"
        assert newest[0].data["why"] in reply.text
        self.ledger_is_whole()

    def needs(self, run: Run) -> set[tuple[str, int]]:
        """Who must approve a run that waits, as its ledger says too."""
        run = self.world.run(run.id)
        assert run.status is Status.WAITING, (run.status, run.note)
        assert run.proposal is not None
        asked = {(r.who, r.count) for r in run.proposal.decision.requirements}
        with self.world.assent.db.read() as cx:
            entries = [e for e in ledger.show(cx, run.id) if e.kind is Kind.DECISION]
        recorded = entries[-1].data["requirements"]
        assert len(recorded) == len(run.proposal.decision.requirements)
        self.ledger_is_whole()
        return asked

    def _all_writes(self) -> list[tuple[Any, ...]]:
        rows = self.world.desk_rows("SELECT rowid, operation FROM writes ORDER BY rowid")
        return [tuple(row) for row in rows]


class Smuggler:
    """A planner that was talked into anything."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def plan(self, *_given: Any) -> Draft:
        return Draft(workflow=self._plan.workflow, plan=self._plan)


def smuggle(
    world: Any, *steps: tuple[str, dict[str, Any]], workflow: str = "refund", user: str = "agent"
) -> Run:
    """A request whose planner proposes exactly these steps, whatever was said."""
    planned = tuple(
        Step(id=f"s{number}", operation=operation, params=params)
        for number, (operation, params) in enumerate(steps)
    )
    proposer = world.assent.flow._proposer
    honest, proposer._planner = (
        proposer._planner,
        Smuggler(Plan(workflow=workflow, slots=(), steps=planned)),
    )
    try:
        run: Run = world.ask(SMALL, user)
    finally:
        proposer._planner = honest
    return run


def refund_of(
    minor: Any, currency: Any = "USD", payment: str = "pay_7731"
) -> tuple[str, dict[str, Any]]:
    """The step that refunds."""
    amount = {"minor": minor, "currency": currency}
    return ("payments.refund", {"payment": payment, "amount": amount, "reason": "damaged"})


def ask_from(
    world: Any, account: Account, text: str, *, channel: str = "C0SUPPORTOP", key: str
) -> tuple[Run | None, Reply]:
    """A request of any account in any place, planned; the run if there is one."""
    before = world.last_id()
    reply = world.assent.flow.receive(
        Message(
            account=account,
            place=Place(surface=account.surface, team=account.team, channel=channel, thread=key),
            message=key,
            text=text,
            event_keys=(key,),
            received_at=world.clock(),
        )
    )
    world.plan()
    return (world.run(world.last_id()) if world.last_id() != before else None), reply


def press_from(
    world: Any,
    verb: Verb,
    run: Run,
    account: Account,
    roles: tuple[str, ...],
    *,
    digest: str | None = None,
    **more: Any,
) -> Reply:
    """A click of any account, with the roles that its directory says it has."""
    from store import people

    with world.assent.db.begin() as tx:
        person_id = people.person_for(tx, account)
    now = world.run(run.id)
    reply: Reply = world.assent.flow.press(
        Click(
            **{
                "verb": verb,
                "run_id": run.id,
                "digest": (now.proposal.digest if now.proposal else "")
                if digest is None
                else digest,
                "account": account,
                "person": Person(
                    id=person_id, name=account.display_name, roles=roles, account=account
                ),
                "place": now.request.place,
                "message": "1700000001.000001",
                "text": "",
                "clicked_at": world.clock(),
                **more,
            }
        )
    )
    return reply


def edited(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """The shipped bundle in a folder of its own, with (file, old, new) edits."""
    import shutil

    if not folder.exists():
        shutil.copytree(BUNDLE_SHIPPED, folder)
    for file, old, new in edits:
        path = folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))
    return folder
