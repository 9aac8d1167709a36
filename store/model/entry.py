"""Ledger entries: one immutable record of one thing that happened."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from store.model.values import Frozen, Json


class Kind(StrEnum):
    """What an entry records."""

    REQUEST = "request"
    QUESTION = "question"
    ANSWER = "answer"
    PLAN = "plan"
    READ = "read"
    DECISION = "decision"
    APPROVAL = "approval"
    REFUSAL = "refusal"  # somebody tried what they may not do
    INTENT = "intent"
    RESULT = "result"
    COMPENSATION = "compensation"
    OUTCOME = "outcome"
    SUMMARY = "summary"
    DIGEST = "digest"
    BUNDLE = "bundle"
    REDACTION = "redaction"
    REMARK = "remark"  # a question to the requester, the reply, a new reason
    EDIT = "edit"  # a person changed the values or left steps out
    WITHDRAWAL = "withdrawal"  # an approver took the approval back
    REMINDER = "reminder"
    DELEGATION = "delegation"
    AUTONOMY = "autonomy"  # a workflow was promoted or demoted
    REVIEW = "review"  # a person's verdict on a run that ran by itself
    PERSON = "person"  # accounts were found to be one human
    MODEL = "model"  # a model was asked while a run was planned: which, its usage, what came back
    HANDOFF = "handoff"  # a coordinator gave a part of a request to a specialist
    PROMOTION = "promotion"  # a bundle was promoted to a stage or rolled back there


class Entry(Frozen):
    """What the caller records. `run_id` is empty for entries that belong to no run.

    `data` is public within the company and hashed as it stands; `sensitive` holds the parts that
    may have to be erased one day (people's words, names): the leaf carries only commitments to
    them.
    """

    kind: Kind
    run_id: str
    actor: str
    data: dict[str, Json]
    sensitive: dict[str, Json] = Field(default_factory=dict)
