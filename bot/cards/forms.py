"""The neutral form: what a person fills in, before any surface's own format. Pure.

`form` makes it of a run, a surface's renderer shows it and gives back what was filled in, `read`
makes of that what the flow takes. Every text in a form is raw and may be hostile: a renderer makes
it legible, escapes and cuts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.cards.model import Strong, Words
from bot.cards.remarks import open_questions
from bot.cards.run_card import title
from bot.incoming import Verb
from bot.view import FormField, RunView
from store.model.run import Status

CHOICES_MAX = 50  # ours; Slack takes 100
REASON_CHARACTERS_MAX = 1_000  # ours, as the flow takes it
ANSWER_CHARACTERS_MAX = 3_000  # docs.slack.dev: plain_text_input; Teams states no lower one
FIELDS_MAX = 12  # ours; a form of more is no form
SKIPPABLE_MAX = 30  # ours; steps that one form offers to leave out
SHORT_CHARACTERS_MAX = 75  # ours; a value of more stands in a field of several lines

REASON, TEXT, SKIP = "reason", "text", "skip"  # names of fields
UNKNOWN_FORM = "I do not know that form any more; nothing was done. Close it and press again."
_NO_CHANGE = "Nothing is changed. Change something, or close this."


class FormKind(StrEnum):
    """What a form is for. The value doubles as its name on the wire."""

    REJECT = "reject"
    ANSWER = "answer"
    EDIT = "edit"
    ASK = "ask"
    REPLY = "reply"
    REVIEW = "review_wrong"


@dataclass(frozen=True)
class TextField:
    """Words. `value` stands in it at first."""

    name: str
    label: str
    characters_max: int
    value: str = ""
    is_optional: bool = False
    is_long: bool = True


@dataclass(frozen=True)
class ChoiceField:
    """One of `choices`, each (value, label); `value` is chosen at first, "" for none."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    value: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class TicksField:
    """Any of `ticks`, each (value, label); `ticked` are ticked at first. Never required."""

    name: str
    label: str
    ticks: tuple[tuple[str, str], ...]
    ticked: tuple[str, ...] = ()


Field = TextField | ChoiceField | TicksField


@dataclass(frozen=True)
class Form:
    """One form: `lines` say what it is about, `hint` what comes of it, `submit` names its button
    (24 characters at most, as the heading)."""

    kind: FormKind
    heading: str
    lines: tuple[Words, ...]
    fields: tuple[Field, ...]
    submit: str
    hint: str = ""


# What was filled in, by the field's name: words, the value of a choice, the values of ticks.
# A field that was not sent is missing.
Filled = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Submission:
    """A form as it was filled in. Not empty `errors`, by the field's name, mean: nothing is done.

    `verb` is None for a review, which is no verdict on a waiting run.
    """

    verb: Verb | None
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    skip: tuple[str, ...] = ()
    errors: Mapping[str, str] | None = None


# Of each kind: the heading, the button, what comes of it.
_FACES: Mapping[FormKind, tuple[str, str, str]] = {
    FormKind.REJECT: (
        "Reject",
        "Reject",
        "Choose a reason, say one, or both. It is recorded, and posted in the thread for everybody"
        " there.",
    ),
    FormKind.ANSWER: ("Answer", "Send", ""),
    FormKind.EDIT: (
        "Edit",
        "Show the new plan",
        "The systems are read again and the card shows the new plan. Approvals given so far do"
        " not count for it, and whoever changes a value cannot approve it.",
    ),
    FormKind.ASK: (
        "Ask",
        "Ask",
        "It stands on the card and in the thread. The plan keeps waiting.",
    ),
    FormKind.REPLY: ("Reply", "Reply", ""),
    FormKind.REVIEW: (
        "It was wrong",
        "Record",
        "It is recorded, and the workflow is asked about again from now on.",
    ),
}
_LACKING: Mapping[FormKind, str] = {
    FormKind.REJECT: "Choose a reason or say one; who asked reads it.",
    FormKind.REVIEW: "Say what was wrong; whoever owns the workflow reads it.",
}
_VERBS: Mapping[FormKind, Verb] = {
    FormKind.REJECT: Verb.REJECT,
    FormKind.ANSWER: Verb.ANSWER,
    FormKind.EDIT: Verb.EDIT,
    FormKind.ASK: Verb.ASK,
    FormKind.REPLY: Verb.REPLY,
}


def form(kind: FormKind, view: RunView, digest: str = "") -> Form | str:
    """The form of a run as it stands, or why there is none now. `digest` is what the button named:
    for an answer the slot that was asked about."""
    if none := _none(kind, view, digest):
        return none
    _, submit, hint = _FACES[kind]
    return Form(kind, heading(kind), _lines(kind, view), fields(kind, view), submit, hint)


def heading(kind: FormKind) -> str:
    """What stands above a form, and above the reason why there is none."""
    return _FACES[kind][0]


def fields(kind: FormKind, view: RunView | None) -> tuple[Field, ...]:
    """The fields of a form, whether the run still waits or not: what was filled in is read by them.
    None: the run cannot be read; what does not depend on it is there."""
    match kind:
        case FormKind.REJECT:
            return _reject(view.reject_reasons[:CHOICES_MAX] if view else ())
        case FormKind.EDIT:
            return _edit(view) if view else ()
        case FormKind.ANSWER:
            return (TextField(TEXT, "Your answer", ANSWER_CHARACTERS_MAX),)
        case FormKind.ASK:
            whom = f" to {view.run.requester_name}" if view else ""
            return (TextField(TEXT, f"Your question{whom}", REASON_CHARACTERS_MAX),)
        case FormKind.REPLY:
            return (TextField(TEXT, "Your reply", REASON_CHARACTERS_MAX),)
        case FormKind.REVIEW:
            return (TextField(TEXT, "What was wrong?", REASON_CHARACTERS_MAX),)


def read(kind: FormKind, view: RunView | None, filled: Filled) -> Submission:
    """What a filled form asks the flow to do. Nothing in `filled` is believed: what names no field,
    choice or tick of the run as it stands counts as not sent. None: the run cannot be read, which
    only an edit cannot do without."""
    if kind is FormKind.EDIT:
        return _edited(view, filled)
    text = _reason(view, filled) if kind is FormKind.REJECT else _words(filled, TEXT)
    lacking = _LACKING.get(kind, "Say something, or close this.")
    return Submission(_VERBS.get(kind), text, errors=None if text else {TEXT: lacking})


def error_field(kind: FormKind, view: RunView | None, text: str) -> str:
    """The name of the field beside which a refusal stands: of an edit the field that it names, else
    the first one."""
    if kind is not FormKind.EDIT:
        return TEXT
    slots = _editable(view) if view is not None else ()
    for index, slot in enumerate(slots):
        if slot.label and slot.label.casefold() in text.casefold():
            return _slot(index)
    return _slot(0) if slots else SKIP


def too_late(view: RunView) -> str:
    """What is said where a run does not wait any more."""
    return f"{view.run.id} is {view.run.status} already; its card shows how it stands."


def _none(kind: FormKind, view: RunView, digest: str) -> str:
    """Why there is no such form now; empty where there is one."""
    question = view.run.question
    match kind:
        case FormKind.REVIEW:
            return ""
        case FormKind.ANSWER:
            is_open = view.run.status is Status.ASKING and question is not None
            is_meant = question is not None and question.slot == digest
            return "" if is_open and is_meant else "This question is answered already."
        case _ if view.run.status is not Status.WAITING:
            return too_late(view)
        case FormKind.EDIT if not (view.fields or view.skippable):
            return "Nothing about this plan can be edited."
        case FormKind.REPLY if not open_questions(view):
            return "Nobody waits for a reply any more."
    return ""


def _lines(kind: FormKind, view: RunView) -> tuple[Words, ...]:
    """What a form is about."""
    question = view.run.question
    if kind is FormKind.ANSWER and question is not None:
        return ((question.text,),)
    lines: list[Words] = [(Strong(title(view)), f" (run {view.run.id})")]
    if kind is FormKind.REPLY:
        for said in open_questions(view):
            lines += [(Strong(said.name), " asks:"), (f"“{said.text}”",)]
    return tuple(lines)


def _reject(reasons: tuple[str, ...]) -> tuple[Field, ...]:
    """Why not? One of the workflow's reasons, words of one's own, or both."""
    if not reasons:
        return (TextField(TEXT, "Reason", REASON_CHARACTERS_MAX),)
    choices = tuple((reason, reason) for reason in reasons)
    return (
        ChoiceField(REASON, "Reason", choices, is_optional=True),
        TextField(TEXT, "In your own words", REASON_CHARACTERS_MAX, is_optional=True),
    )


def _edit(view: RunView) -> tuple[Field, ...]:
    """The values of a plan, each in its field, and the steps that may be left out."""
    slots = tuple(_field(_slot(index), slot) for index, slot in enumerate(_editable(view)))
    steps = view.skippable[:SKIPPABLE_MAX]
    left = view.run.proposal.skipped if view.run.proposal else ()
    return (*slots, TicksField(SKIP, "Leave out", steps, left)) if steps else slots


def _editable(view: RunView) -> tuple[FormField, ...]:
    """The slots that a form can hold whole: a value that would be cut cannot be edited."""
    return tuple(f for f in view.fields if _units(f.value) <= ANSWER_CHARACTERS_MAX)[:FIELDS_MAX]


def _slot(index: int) -> str:
    """A field's name by its place: a slot's own name could be that of another field."""
    return f"slot_{index}"


def _field(name: str, slot: FormField) -> Field:
    label, is_optional = slot.label or slot.name, not slot.value
    if slot.choices:
        choices = slot.choices[:CHOICES_MAX]
        return ChoiceField(name, label, choices, slot.value, is_optional)
    is_long = len(slot.value) > SHORT_CHARACTERS_MAX
    return TextField(name, label, ANSWER_CHARACTERS_MAX, slot.value, is_optional, is_long)


def _reason(view: RunView | None, filled: Filled) -> str:
    """The reason as it is recorded: the chosen one, the person's own words, or both."""
    chosen, own = filled.get(REASON), _words(filled, TEXT)
    reasons = view.reject_reasons[:CHOICES_MAX] if view else ()
    reason = chosen if isinstance(chosen, str) and chosen in reasons else ""
    return f"{reason}: {own}" if reason and own else reason or own


def _edited(view: RunView | None, filled: Filled) -> Submission:
    """The fields that hold something else than the plan does, and every step that is ticked."""
    if view is None:
        return Submission(Verb.EDIT, errors={error_field(FormKind.EDIT, None, ""): UNKNOWN_FORM})
    changed: list[tuple[str, str]] = []
    for index, slot in enumerate(_editable(view)):
        typed = _typed(slot, filled.get(_slot(index)))
        if typed != slot.value:
            changed.append((slot.name, typed))
    ticked = filled.get(SKIP)
    left = ticked if isinstance(ticked, tuple) else ()
    skip = tuple(step for step, _ in view.skippable[:SKIPPABLE_MAX] if step in left)
    skipped = view.run.proposal.skipped if view.run.proposal else ()
    is_same = not changed and {*skip} == {*skipped}
    errors = {error_field(FormKind.EDIT, view, ""): _NO_CHANGE} if is_same else None
    return Submission(Verb.EDIT, values=tuple(changed), skip=skip, errors=errors)


def _typed(slot: FormField, sent: str | tuple[str, ...] | None) -> str:
    """What stands in a field now; what the plan holds where nothing of the form was sent."""
    if not isinstance(sent, str):
        return slot.value
    if not slot.choices:
        return sent.strip()
    return sent if any(sent == value for value, _ in slot.choices[:CHOICES_MAX]) else slot.value


def _words(filled: Filled, name: str) -> str:
    sent = filled.get(name)
    return sent.strip() if isinstance(sent, str) else ""


def _units(text: str) -> int:
    """UTF-16 units, the strictest way in which a surface may count; halves of pairs included."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
