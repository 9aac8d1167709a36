"""A story with the same words in every place that a person, a model or a system fills."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.view import FormField, RunView
from store.model.decision import Check, RuleResult
from store.model.plan import Change
from store.model.run import Remark
from tests.bot.cards.one_refund import (
    ALLOWING,
    REQUIREMENTS,
    decision,
)


def with_text(story: RunView, text: str) -> RunView:
    """The same run with `text` in every place that a person or a system fills."""
    return replace(story, **hostile_parts(story, text))


def hostile_parts(story: RunView, text: str) -> dict[str, Any]:
    # What enters a digest has ASCII field names and no lone surrogate: canonical.encode says so.
    whole = text.encode("utf-8", "ignore").decode()
    ascii_part = text.encode("ascii", "ignore").decode()
    of = story.run
    proposal = of.proposal
    if proposal is not None:
        seen = tuple(
            s.model_copy(
                update={
                    "system": whole,
                    "resource": whole,
                    "undo": text,
                    "fields": {f"{name} {ascii_part}": whole for name in s.fields},
                    "after": {f"{name} {ascii_part}": whole + "!" for name in s.after},
                }
            )
            for s in proposal.seen * 4
        )
        checks = tuple(
            Check(label=f"{text} {number}", is_met=None, values={text: text}, problem=text)
            for number in range(12)
        )
        rule = RuleResult(
            rule=text,
            source=ALLOWING.source,
            effect=ALLOWING.effect,
            is_matched=True,
            because=text,
            checks=checks,
        )
        broken = tuple(r.model_copy(update={"because": whole}) for r in REQUIREMENTS)
        judged = decision(proposal.decision.effect, rule)
        judged = judged.model_copy(update={"requirements": broken})
        proposal = proposal.model_copy(
            update={
                "seen": seen,
                "decision": judged,
                "bundle_version": text,
                "edited_by": (whole,) * 12 if proposal.edited_by else (),
                "skipped": (whole,) * 12 if proposal.skipped else (),
            }
        )
    question = of.question and of.question.model_copy(
        update={"text": text, "choices": tuple((text, text) for _ in range(12))}
    )
    changed = of.model_copy(
        update={
            "remarks": tuple(
                Remark(kind=r.kind, person_id=whole, name=text, text=text, at=r.at)
                for r in of.remarks * 20
            ),
            "request": of.request.model_copy(update={"text": text}),
            "slots": tuple(s.model_copy(update={"source": text}) for s in of.slots) * 6,
            "requester_name": text,
            "proposal": proposal,
            "question": question,
            "note": text,
            "edit": of.edit and of.edit.model_copy(update={"name": text}),
        }
    )
    renamed = tuple(
        a.model_copy(
            update={
                "person_name": text,
                "reason": text,
                "stands_in": tuple(s.model_copy(update={"person_name": text}) for s in a.stands_in),
            }
        )
        for a in story.approvals
    )
    return {
        "run": changed,
        "workflow_title": text,
        "approvals": renamed,
        "missing": tuple(
            m.model_copy(
                update={
                    "approved_by": tuple(text for _ in m.approved_by),
                    "requirement": m.requirement.model_copy(update={"because": text}),
                }
            )
            for m in story.missing
        ),
        "eligible": dict.fromkeys(story.eligible, (text,) * 20),
        "steps": tuple(s.model_copy(update={"problem": text}) for s in story.steps),
        "drift": tuple(Change(field=text, before=text, after=text) for _ in story.drift) * 6,
        "fields": tuple(
            FormField(text, text, text, tuple((text, text) for _ in f.choices) * 150)
            for f in story.fields
        )
        * 20,
        "skippable": tuple((text, text) for _ in story.skippable) * 60,
    }
