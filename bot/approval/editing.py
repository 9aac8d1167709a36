"""A person changes a waiting plan: its values, or which of its steps are done.

The click only records what was typed and takes the run out of waiting, so that nobody can approve
the old plan meanwhile. The proposer then plans and shows it anew: a new round, a new digest, every
earlier approval void. Where nothing can come of the change (a value that is not understood, a
refusal, a system that is away), the run waits again exactly as before, and its thread hears why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from bot.approval import edit_form
from bot.approval.eligible import RefusedError, eligible, is_requester, listed, waiting
from bot.cards.legible import cut
from bot.cards.phrases import say
from bot.catalogue import Catalogue
from bot.incoming import Click, Reply, Verb
from bot.joint.names import worded, worded_step
from bot.ports import Clock
from bot.recording import Recorder
from store import ledger
from store.model.decision import Effect
from store.model.entry import Entry, Kind
from store.model.plan import Plan, Proposal
from store.model.run import Edit, Event, Run
from store.model.values import Json

ANSWERS_MAX = 20  # answers and edited values of one run together, as many as the planner reads
VALUE_CHARACTERS_MAX = 60  # of one value in the sentence on what changed; the diff holds it whole
ROUNDS_MAX = 20  # showings of one run, and changes asked for; whoever needs more asks anew


class Edits:
    """The click of an edit, and what becomes of it."""

    def __init__(
        self, catalogue: Callable[[], Catalogue], recorder: Recorder, clock: Clock
    ) -> None:
        self._catalogue, self._recorder, self._clock = catalogue, recorder, clock

    def edit(self, tx: Connection, run: Run, click: Click) -> Reply:
        """Takes a change from the requester or from anybody who could approve."""
        now, catalogue = self._clock(), self._catalogue()
        proposal = waiting(run, click, now)
        if is_requester(tx, run, click):
            person_id, name = run.request.person_id, run.requester_name
        else:
            person = eligible(tx, run, proposal, click, Verb.EDIT, now)
            person_id, name = person.id, person.name
        workflow = catalogue.workflow(run.workflow)
        if workflow is None:
            raise RefusedError(catalogue.gone(run.workflow))
        answers = edit_form.answers(workflow, proposal, click.values)
        skip = edit_form.skip(catalogue, proposal, click.skip)
        if not answers and set(skip) == set(proposal.skipped):
            raise RefusedError("Nothing in that differs from what the card shows.")
        is_often = proposal.round >= ROUNDS_MAX or _asked_before(tx, run.id) >= ROUNDS_MAX
        if is_often or len(run.answers) + len(answers) > ANSWERS_MAX:
            raise RefusedError(
                f"{run.id} was changed too often; cancel it and ask for what is wanted."
            )
        edit = Edit(
            person_id=person_id,
            name=name,
            digest=proposal.digest,
            answers=answers,
            skip=skip,
            at=now,
        )
        self._recorder.append(tx, _asked(run, edit))
        self._recorder.advance(tx, run, Event.EDITED, edit=edit)
        return Reply("")

    def refusal(self, run: Run, proposal: Proposal) -> str:
        """Why the changed plan is not shown; "" when it is. The systems have been read."""
        edit, before = run.edit, run.proposal
        assert edit is not None, "only a change is refused like this"
        assert before is not None, "what is changed was proposed"
        if proposal.decision.effect is Effect.DENIED:
            return f"With it, {proposal.decision.reason}."
        if proposal.plan.fingerprint == before.plan.fingerprint:
            return "It comes to exactly what the card shows."
        if proposal.decision.effect is Effect.MAY_RUN and edit.person_id != run.request.person_id:
            return (
                "Like that it would run without anybody's approval, so only"
                f" {run.requester_name}, who asked, can change it so."
            )
        return ""

    def shown(self, tx: Connection, run: Run, proposal: Proposal) -> dict[str, Any]:
        """What changes about the run beside its proposal once the changed plan is shown."""
        edit, before = run.edit, run.proposal
        assert edit is not None, "only a change is shown like this"
        assert before is not None, "what is changed was proposed"
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.EDIT,
                run_id=run.id,
                actor=edit.person_id,
                data={
                    "of": "shown",
                    "from": edit.digest,
                    "to": proposal.digest,
                    "slots": [*_changed(before.plan, proposal.plan)],
                    "skipped": [*proposal.skipped],
                },
                sensitive={"name": edit.name},
            ),
        )
        return {"edit": None, "answers": (*run.answers, *edit.answers)}

    def note(self, run: Run, proposal: Proposal) -> str:
        """What a person changed about the plan, in one sentence; "" at its first showing."""
        if run.edit is None or run.proposal is None:
            return ""
        return _sentence(run.edit, run.proposal, proposal)

    def keep(self, tx: Connection, run: Run, why: str, **changes: Any) -> None:
        """The run waits again with the plan that it had, and whatever was approved of it counts."""
        edit = run.edit
        assert edit is not None, "only a change comes to nothing"
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.REFUSAL,
                run_id=run.id,
                actor=edit.person_id,
                data={"of": Verb.EDIT.value, "digest": edit.digest},
                sensitive={"why": why},
            ),
        )
        after = self._recorder.advance(tx, run, Event.KEPT, edit=None, **changes)
        line = f"{edit.name}, your change of {run.id} was not made: {why} It stands as it was."
        self._recorder.say(tx, after, f"kept:{run.id}:{after.version}", line)


def without(plan: Plan, step_ids: tuple[str, ...]) -> Plan:
    """The plan without the steps that a person left out."""
    steps = tuple(step for step in plan.steps if step.id not in step_ids)
    return plan.model_copy(update={"steps": steps})


def editors(run: Run) -> dict[str, tuple[str, ...]]:
    """Who is no independent approver of the next showing, as `Circumstances` takes it. Leaving
    steps out is no authorship: what is left is what the requester asked for."""
    before, edit = run.proposal, run.edit
    ids = before.editors if before else ()
    names = before.edited_by if before else ()
    if edit is not None and edit.answers and edit.person_id not in ids:
        ids, names = (*ids, edit.person_id), (*names, edit.name)
    skipped = edit.skip if edit else before.skipped if before else ()
    return {"editors": ids, "edited_by": names, "skipped": skipped}


def _asked_before(tx: Connection, run_id: str) -> int:
    """How many changes were asked for, those included that came to nothing."""
    entries = ledger.show(tx, run_id)
    return sum(e.kind is Kind.EDIT and e.data.get("of") == "asked" for e in entries)


def _asked(run: Run, edit: Edit) -> Entry:
    return Entry(
        kind=Kind.EDIT,
        run_id=run.id,
        actor=edit.person_id,
        data={
            "of": "asked",
            "from": edit.digest,
            "slots": [answer.slot for answer in edit.answers],
            "skipped": [*edit.skip],
        },
        sensitive={"name": edit.name, "values": {a.slot: a.text for a in edit.answers}},
    )


def _changed(before: Plan, after: Plan) -> tuple[str, ...]:
    """The slots that hold another value now."""
    old = {slot.name: slot.value for slot in before.slots}
    new = {slot.name: slot.value for slot in after.slots}
    return tuple(name for name in {**old, **new} if old.get(name) != new.get(name))


def _sentence(edit: Edit, before: Proposal, after: Proposal) -> str:
    said = []
    if changed := _changed(before.plan, after.plan):
        old = {slot.name: slot.value for slot in before.plan.slots}
        new = {slot.name: slot.value for slot in after.plan.slots}
        moves = (f"{worded(n)} from {_said(old.get(n))} to {_said(new.get(n))}" for n in changed)
        said.append(f"changed {' and '.join(moves)}")
    if left := set(after.skipped) - set(before.skipped):
        said.append(f"left out {listed(map(worded_step, left))}")
    if back := set(before.skipped) - set(after.skipped):
        said.append(f"took {listed(map(worded_step, back))} in again")
    return f"{edit.name} {', '.join(said) or 'had it shown anew'}."


def _said(value: Json) -> str:
    return cut(say(value), VALUE_CHARACTERS_MAX)
