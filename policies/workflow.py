"""A workflow: a declared kind of task, one YAML file. Checked against the catalogue on loading."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from policies import spelling

Name = Annotated[str, StringConstraints(pattern=spelling.NAME)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]

Value = Annotated[str, StringConstraints(pattern=spelling.VALUE)]

FORM_CHARACTERS_MAX = 100  # of the expression for a record's numbers

# US dollars as text, because a float cannot hold cents; micro-dollars at the finest.
Dollars = Annotated[str, StringConstraints(pattern=spelling.DOLLARS)]


class Declared(BaseModel):
    """Base of everything read from a bundle: strict, frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RecordSlot(Declared):
    """A record of a system, found from the person's words by a connector's finder.

    `words` are what else people call it; a number behind the noun or one of them is its number.
    `form` is what its numbers look like, as a regular expression ("INC[0-9]{7}"): nothing else is
    its number then, but what is called so ("incident 23"), and what looks so is no other record's.
    `is_described` false: it is found by
    its number alone, never by words. `is_named`: people say its name, so its place in a sentence
    ("give {person} access") may hold several words, and nothing else is looked for.
    `from` is a field of another record slot ("{person.email}") by which it is found, whatever the
    request says: the same person in the next system. It is asked for only where that finds nothing
    or several; optional, it is left out where that finds nothing, and "none" leaves it out too.
    """

    type: Literal["record"]
    finder: str
    noun: str
    words: tuple[Text, ...] = ()
    form: Annotated[str, StringConstraints(max_length=FORM_CHARACTERS_MAX)] = ""
    is_described: bool = True
    is_named: bool = False
    from_: str = Field(default="", alias="from")
    ask: Text
    is_optional: bool = False

    @field_validator("form")
    @classmethod
    def _is_an_expression(cls, form: str) -> str:
        try:
            re.compile(form)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from None
        return form


class MoneySlot(Declared):
    """An amount. `max` refers to a money field of a record slot, as "{order.refundable}".

    The currency is the one that the person wrote; where none is written it is that of `max`, and a
    different one is asked about, never converted. "full" and its kin mean `max`. `limit` says
    behind the record's name how much that is ("Order 1043 has $129.00 left to refund.").
    """

    type: Literal["money"]
    ask: Text
    max: str
    limit: Text = "has {max} at most"
    is_optional: bool = False


class ChoiceSlot(Declared):
    """One of a few values, each with the words that people use for it.

    A value in capitals ("US") is recognised in capitals only; `words` label it in a form.
    """

    type: Literal["choice"]
    ask: Text
    of: dict[Value, tuple[str, ...]]
    words: tuple[Text, ...] = ()
    is_optional: bool = False


class TextSlot(Declared):
    """Free text of the person, kept as they wrote it.

    `words` label it in a form ("zip: 62704"). `digits` is what the text must hold to be it: a
    postcode some, a city none. A count of things is `whole`: digits alone, and a parameter that is
    exactly its reference takes the whole number itself. `is_rest`: at the end of a sentence it is
    all that follows but its full stop, commas and further lines included, as a comment is.
    """

    type: Literal["text"]
    ask: Text
    characters_max: Annotated[int, Field(ge=1, le=2_000)] = 500
    words: tuple[Text, ...] = ()
    digits: Literal["any", "some", "none", "whole"] = "any"
    is_rest: bool = False
    is_optional: bool = False


class DaySlot(Declared):
    """A day until which something holds, kept as text ("2026-11-30").

    It is read from "until Friday", "till 30 November", "for 2 weeks" and the like anywhere in the
    message, as of the day of the request in the channel's time zone; `words` label it in a form. A
    day that is over, that may mean two, or that cannot be read is asked about.
    """

    type: Literal["day"]
    ask: Text
    words: tuple[Text, ...] = ()
    is_optional: bool = False


Slot = Annotated[
    RecordSlot | MoneySlot | ChoiceSlot | TextSlot | DaySlot, Field(discriminator="type")
]


class StepTemplate(Declared):
    """One step: an operation and its parameters as templates over the slots.

    A parameter that is exactly one reference ("{order.payment}") takes the value itself; a
    reference inside text is rendered for people. `when` names a reference that must be non-empty.
    `may_skip`: an approver may leave this step out and approve the others.
    """

    use: str
    with_: dict[str, str | int | bool] = Field(alias="with")
    when: str = ""
    may_skip: bool = False


class Budget(Declared):
    """What one run may use at most."""

    tool_calls: Annotated[int, Field(ge=1, le=1_000)]
    wall_clock_seconds: Annotated[int, Field(ge=1, le=3_600)]
    spend_usd: Dollars


class Outcome(Declared):
    """The unit that the digest counts, and what one is worth."""

    unit: str
    price_usd: Dollars


class Baseline(Declared):
    """How long the task took by hand, and when that was measured ("2026-10")."""

    minutes: Annotated[int, Field(ge=0)]
    measured: str
    touches: Annotated[int, Field(ge=0)]


class Example(Declared):
    """One sentence and what comes of it: a plan's operations, a question's slot, a refusal."""

    say: Text
    plan: tuple[str, ...] = ()
    asks: str = ""
    refuses: bool = False


class Promotion(Declared):
    """What a workflow's record must hold before a person may promote it, and what takes it back.

    Promotion looks at the newest `runs_looked_at` runs that a person judged since the level last
    changed, and waits until the first of them is `days` old: at least `approved_unchanged` were
    approved as shown and applied (or ran by themselves and were reviewed as right), and at most
    `rejected_max` were rejected or reviewed as wrong, `edited_max` changed by a person (other
    values, steps left out) and `undone_max` taken back, unknown or stuck.

    Demotion counts runs that ran by themselves since the workflow rose above L2:
    `demoted_at_undone` that were taken back, unknown or stuck; `demoted_at_wrong` that were
    reviewed as wrong; more than `unreviewed_max` that wait for their review (at L4) for more than
    `review_days`.
    """

    approved_unchanged: Annotated[int, Field(ge=1, le=200)] = 20
    runs_looked_at: Annotated[int, Field(ge=1, le=200)] = 25
    days: Annotated[int, Field(ge=0, le=365)] = 14
    rejected_max: Annotated[int, Field(ge=0, le=200)] = 0
    edited_max: Annotated[int, Field(ge=0, le=200)] = 3
    undone_max: Annotated[int, Field(ge=0, le=200)] = 0
    demoted_at_undone: Annotated[int, Field(ge=1, le=200)] = 1
    demoted_at_wrong: Annotated[int, Field(ge=1, le=200)] = 1
    review_days: Annotated[int, Field(ge=1, le=365)] = 7
    unreviewed_max: Annotated[int, Field(ge=0, le=200)] = 5


class Workflow(Declared):
    """A declared kind of task.

    `autonomy` is the highest level that it may earn. `shadow`: at L2, policy is asked beside people
    what it would say at L3. `reviewers` are the roles that judge runs which ran by themselves.

    `independent_steps`: each step stands for itself, because one that is done is better than none:
    when a system refuses, what the others took stays, and the next ones are still carried out.

    `verbs` are the words that ask for it, "..." where others may stand between ("give ... back").
    `understands` are whole sentences with slots in braces and optional parts in brackets; they give
    numbers and texts without a mark their place ("refund {amount} on order {order}[, {reason}]").
    """

    workflow: Name
    title: Text
    why: Text
    owner: Text
    autonomy: Literal["L1", "L2", "L3", "L4"]
    shadow: bool = False
    promotion: Promotion = Promotion()
    reviewers: tuple[Name, ...] = ()
    slots: dict[Name, Slot]
    verbs: tuple[Text, ...] = ()
    understands: tuple[Text, ...]
    steps: tuple[dict[Name, StepTemplate], ...]
    independent_steps: bool = False
    approval_minutes: Annotated[int, Field(ge=1, le=43_200)] = 240
    budget: Budget
    outcome: Outcome
    baseline: Baseline
    reject_reasons: tuple[Text, ...]
    examples: tuple[Example, ...]
