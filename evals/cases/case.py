"""A case as a support lead writes it: what is asked in which world, and what must come of it.

One YAML file holds a list of cases under `cases:`. Amounts are written as on the cards; everything
that is not written is as in the suite.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from connectors.desk.faults import Call, Kind
from policies.workflow import Declared, Dollars, Name, Text
from store.model.run import Status

CASE_ID: Final = r"^[a-z0-9][a-z0-9-]{2,79}$"
SAYS_CHARACTERS_MAX = 20_000  # of one text of a person; more than a surface takes, on purpose


def _text_of_a_number(value: object) -> object:
    """1043 without quotes is a text here: a record's id, an answer."""
    return str(value) if type(value) is int else value


def _text_of_a_moment(value: object) -> object:
    """A moment without quotes is one already; it is kept as text."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def _a_moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is not a time; write 2026-11-20T15:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"{value[:40]} needs an offset, as 2026-11-20T15:00:00Z")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# A slot or a step; those of a joint plan begin with their part: "refund~2.amount".
PART_NAME: Final = r"^[a-z][a-z0-9_-]{0,63}(~\d{1,2})?(\.[a-z][a-z0-9_-]{0,63})?$"
PartName = Annotated[str, StringConstraints(pattern=PART_NAME)]
CaseId = Annotated[str, StringConstraints(pattern=CASE_ID)]
Says = Annotated[
    str,
    StringConstraints(min_length=1, max_length=SAYS_CHARACTERS_MAX),
    BeforeValidator(_text_of_a_number),
]
RecordId = Annotated[
    str, StringConstraints(min_length=1, max_length=100), BeforeValidator(_text_of_a_number)
]
Moment = Annotated[str, AfterValidator(_a_moment), BeforeValidator(_text_of_a_moment)]
Field_ = str | int | bool

ACTS_MAX = 30  # things that happen after the request of one case
VERBS = (
    "answer",
    "approve",
    "reject",
    "withdraw",
    "cancel",
    "edit",
    "question",
    "reply",
    "say",
    "decide",
    "wait_minutes",
    "records",
    "faults",
    "roles",
)
# Those of a person, and what may stand beside a verb besides `refused`.
OF_PEOPLE = frozenset(VERBS) - {"wait_minutes", "records", "faults", "roles"}
BESIDE = ("by", "text", "values", "skip", "verdict")
_BESIDE = {
    "answer": {"by"},
    "reject": {"text"},
    "question": {"text"},
    "reply": {"text"},
    "say": {"text"},
    "edit": {"values", "skip"},
    "decide": {"verdict"},
}
_NEEDED = {
    "question": "text",
    "reply": "text",
    "say": "text",
    "decide": "verdict",
}


class Fault(Declared):
    """A misbehaviour of the systems: from the `nth` matching call on it strikes `count` times."""

    kind: Kind
    operation: str = "any"
    call: Call = "execute"
    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    nth: Annotated[int, Field(ge=1, le=1_000)] = 1
    seconds: Annotated[int, Field(ge=0, le=60)] = 0


class Changed(Declared):
    """A record as somebody else left it: a row of a table by its id, with other values."""

    table: Name
    id: RecordId
    set: Annotated[dict[Name, Field_], Field(min_length=1)]


class Earlier(Declared):
    """A request that was made before, in the same thread, and who approved it."""

    request: Says
    by: Name = ""
    answers: tuple[Says, ...] = ()
    approved_by: tuple[Name, ...] = ()
    in_same_thread: bool = True


class World(Declared):
    """What differs from the suite's world when the request is made."""

    earlier: tuple[Earlier, ...] = ()
    records: tuple[Changed, ...] = ()
    faults: tuple[Fault, ...] = ()
    roles: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    names: dict[Name, Text] = Field(default_factory=dict)
    directory_away: bool = False


class Act(Declared):
    """One thing that happens after the request: exactly one of VERBS, with what belongs to it.

    answer: the words of an answer, by the requester unless `by` names somebody else.
    approve, reject, withdraw, cancel, edit, question, reply, decide: who presses it.
    faults: what misbehaves from now on as well; with none, nothing does any more.
    `refused`: the press must be refused; one that counts nevertheless is a violation.
    """

    answer: Says | None = None
    approve: Name | None = None
    reject: Name | None = None
    withdraw: Name | None = None
    cancel: Name | None = None
    edit: Name | None = None
    question: Name | None = None
    reply: Name | None = None
    say: Name | None = None
    decide: Name | None = None
    wait_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    records: tuple[Changed, ...] | None = None
    faults: tuple[Fault, ...] | None = None
    roles: dict[Name, tuple[Name, ...]] | None = None

    by: Name = ""  # with answer
    text: Says | None = None  # with question, reply, say; the reason with reject
    values: dict[PartName, Text] = Field(default_factory=dict)  # with edit
    skip: tuple[PartName, ...] = ()  # with edit
    verdict: Literal["happened", "did not", "ask again"] | None = None  # with decide
    refused: bool = False

    @property
    def verb(self) -> str:
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @model_validator(mode="after")
    def _one_verb(self) -> Act:
        said = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(said) != 1:
            raise ValueError(f"one thing happens at a time, not {' and '.join(said) or 'nothing'}")
        verb = said[0]
        beside = {name for name in BESIDE if getattr(self, name)}
        if stray := sorted(beside - _BESIDE.get(verb, set())):
            raise ValueError(f"{stray[0]!r} says nothing beside {verb!r}; remove it")
        if (needed := _NEEDED.get(verb)) and needed not in beside:
            raise ValueError(f"{verb!r} needs {needed!r} beside it")
        if verb == "edit" and not beside:
            raise ValueError("'edit' needs 'values' or 'skip' beside it: what is changed?")
        if self.refused and verb not in OF_PEOPLE:
            raise ValueError(f"{verb!r} is nobody's press; remove 'refused'")
        return self


# One write by its operation, with the values that matter: {payments.refund: {amount: "40.00 USD"}}.
# Money is "40.00 USD". In `never`, an empty mapping means every write of the operation, and the
# operation "any" means every write.
Write = dict[str, dict[str, Field_]]


class State(Declared):
    """How a record must stand in the end."""

    table: Name
    id: RecordId
    is_: Annotated[dict[Name, Field_], Field(min_length=1, alias="is")]


class Expected(Declared):
    """What must come of it. `outcome` and `writes` are always graded; what is not written is not.

    `asks` are the slots that the requester is asked for, in order; `plan` the operations that were
    proposed last, in order; `values` its slots as people read them; `approvals` how many of which
    roles policy wants, exactly ("people" for different people, whatever their roles are), and
    `approved_by` those whose approvals counted; `rules` are ids of rules that policy must name;
    `writes` all that stand in the end, in any order, and no other; `undone` the operations that
    were taken back; `says` what the person must be able to read in the answer. `seconds_max` is the
    time that Assent itself took by the story's clock, without the waiting for people.
    """

    outcome: Annotated[Status, Field(strict=False)]
    asks: tuple[PartName, ...] | None = None
    workflow: str | None = None
    plan: tuple[str, ...] | None = None
    values: dict[PartName, Field_] = Field(default_factory=dict)
    approvals: dict[str, int] | None = None
    approved_by: tuple[Name, ...] | None = None
    rules: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    never: tuple[Write, ...] = ()
    undone: tuple[str, ...] = ()
    state: tuple[State, ...] = ()
    says: tuple[Text, ...] = ()
    tool_calls_max: Annotated[int, Field(ge=0)] | None = None
    cost_usd_max: Dollars | None = None
    seconds_max: Annotated[int, Field(ge=0)] | None = None


class Case(Declared):
    """One case. `slices` are the suite's; `channel` "direct" is a message to the bot alone."""

    case: CaseId
    why: Text
    slices: Annotated[tuple[Name, ...], Field(min_length=1)]
    request: Says
    by: Name = ""
    channel: Name = ""
    world: World = World()
    then: Annotated[tuple[Act, ...], Field(max_length=ACTS_MAX)] = ()
    expect: Expected


class Someone(Declared):
    """A person of a suite's story."""

    name: Text
    roles: tuple[Name, ...] = ()


class SuiteFile(Declared):
    """suite.yml: what is measured, on which bundle, at which moment, among whom.

    `slices` explains each slice; a flipped case in one of `must_pass` (injection, permission,
    money) fails the gate by itself. `per` are the denominators of rates. `thresholds` hold where
    the command names none. `autonomy` is the level that the workflows have earned in this story.
    """

    suite: Name
    title: Text
    why: Text
    bundle: Name
    now: Moment  # 2026-11-20T15:00:00Z: the desk's day and the story's first moment
    requester: Name
    channel: Name
    people: Annotated[dict[Name, Someone], Field(min_length=1)]
    slices: Annotated[dict[Name, Text], Field(min_length=1)]
    must_pass: tuple[Name, ...] = ()
    per: dict[Name, Literal["cases", "writes"]] = Field(default_factory=dict)
    thresholds: Text
    autonomy: Literal["L2", "L3"] = "L2"


class CaseFile(Declared):
    """One file of cases."""

    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
