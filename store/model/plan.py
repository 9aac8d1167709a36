"""Plans, what they were shown with, and the digest that people sign."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from store.model import canonical
from store.model.approval import Approval, Missing, missing
from store.model.decision import Decision, Effect
from store.model.values import Frozen, Json


class Slot(Frozen):
    """One typed value of a plan, with the words that it came from.

    `source` says whose they are where they are not the requester's own of this request ("Sam
    Field's message", "order 1043"); empty, it is no part of what is stored and signed.
    """

    name: str
    value: Json
    said: str
    source: str = Field(default="", exclude_if=lambda source: not source)


class Step(Frozen):
    """One operation with its parameters. `id` is unique in the plan; the order is the plan's."""

    id: str
    operation: str
    params: dict[str, Json]


class Plan(Frozen):
    """The ordered steps proposed for one request."""

    workflow: str
    slots: tuple[Slot, ...]
    steps: tuple[Step, ...]

    @property
    def fingerprint(self) -> str:
        """The same for the same work, whoever asks for it and in whatever words; 64 digits."""
        steps = [{"operation": s.operation, "params": s.params} for s in self.steps]
        return canonical.digest({"workflow": self.workflow, "steps": steps})


class Change(Frozen):
    """One field's before and after."""

    field: str
    before: Json
    after: Json


class Seen(Frozen):
    """What a step was shown with: the record as read, the predicted values, the way back.

    `fields` are the values that the diff is made of and that are compared again before writing;
    `about` is context for policy and card; `version` is the system's own, a precondition of the
    write.
    """

    system: str
    resource: str
    version: str
    fields: dict[str, Json]
    about: dict[str, Json]
    after: dict[str, Json]
    undo: str
    is_reversible: bool

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(
            Change(field=name, before=self.fields.get(name), after=value)
            for name, value in self.after.items()
            if self.fields.get(name) != value
        )


class Proposal(Frozen):
    """A plan with everything it was shown with. Immutable: any difference is another proposal.

    `round` counts the proposals of one run from 1, so that an approval of an earlier showing never
    counts for a later one, even when the systems have returned to the same state. `editors` are
    the people who changed its values and so are no independent approvers, with `edited_by` their
    names; `skipped` names the steps that a person took out; `shadow` is what policy would have said
    one level higher, where the workflow has that compared. `standing` are the ids of the steps
    that stand for themselves: one of them that is refused leaves the others done, and is left
    standing when another is taken back. `editors_since` are the ids under which
    the editors are known since accounts were found to be one human's; no part of the digest.
    """

    run_id: str
    round: int
    plan: Plan
    seen: tuple[Seen, ...]
    decision: Decision
    bundle_version: str
    bundle_digest: str
    read_at: datetime
    expires_at: datetime
    editors: tuple[str, ...] = ()
    edited_by: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    shadow: Effect | None = None
    editors_since: tuple[str, ...] = ()
    standing: tuple[str, ...] = Field(default=(), exclude_if=lambda standing: not standing)

    @property
    def barred(self) -> frozenset[str]:
        """The people who changed the values, by every id they have: they never approve it."""
        return frozenset({*self.editors, *self.editors_since})

    def lacking(self, approvals: Iterable[Approval], requester_id: str) -> tuple[Missing, ...]:
        """What each requirement still lacks; approvals of another digest do not count."""
        given = [a for a in approvals if a.digest == self.digest and a.run_id == self.run_id]
        barred = {requester_id, *self.barred}
        return missing(self.decision.requirements, given, barred, self.read_at)

    @property
    def digest(self) -> str:
        """The plan digest, 64 hexadecimal digits: run, plan, before-state, way back, bundle,
        requirements, editors, which steps stand for themselves."""
        return canonical.digest(
            {
                "run": self.run_id,
                "round": self.round,
                "plan": self.plan.model_dump(mode="json"),
                "before": [
                    {
                        "system": s.system,
                        "resource": s.resource,
                        "fields": s.fields,
                        "after": s.after,
                        "is_reversible": s.is_reversible,
                    }
                    for s in self.seen
                ],
                "bundle": self.bundle_digest,
                "requirements": [r.model_dump(mode="json") for r in self.decision.requirements],
                "editors": list(self.editors),
                **({"standing": list(self.standing)} if self.standing else {}),
            }
        )
