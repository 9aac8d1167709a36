"""Slack's forms: reject, answer, edit, ask, reply; and what people filled in. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import block_kit, mrkdwn
from bot.cards.block_kit import Block, plain_text
from bot.cards.remarks import open_questions
from bot.cards.run_card import title
from bot.surfaces.slack_views import LABEL_UNITS_MAX, OPTION_UNITS_MAX, Origin, modal
from bot.view import FormField, RunView
from store.model.values import Json

OPTIONS_MAX = 50  # ours; Slack takes 100
TICKS_MAX = 10  # docs.slack.dev: options of one group of checkboxes
REASON_CHARACTERS_MAX = 1_000  # ours, as the flow takes it
ANSWER_CHARACTERS_MAX = 3_000  # docs.slack.dev: plain_text_input
FIELDS_MAX = 12  # ours; a form of more is no form
STEP_VALUE_CHARACTERS_MAX = 75  # ours; Slack takes 150 in an option's value, in its own counting
SKIPPABLE_MAX = 30  # ours; steps that one form offers to leave out

REJECT, ANSWER, EDIT, ASK, REPLY = "reject", "answer", "edit", "ask", "reply"
REVIEW = "review_wrong"
_REASON_BLOCK, _TEXT_BLOCK, _SLOT_BLOCK, _SKIP_BLOCK = "reason", "text", "slot_", "skip_"
_VALUE = "value"


def reject_form(view: RunView, where: Origin) -> Block:
    """Why not? One of the workflow's reasons, words of one's own, or both."""
    blocks = _about(view)
    reasons = view.reject_reasons[:OPTIONS_MAX]
    if reasons:
        options = [_option(reason, str(index)) for index, reason in enumerate(reasons)]
        select = _select("Choose a reason", options)
        blocks.append(_input(_REASON_BLOCK, "Reason", select, is_optional=True))
    blocks.append(
        _input(
            _TEXT_BLOCK,
            "In your own words" if reasons else "Reason",
            _text_input(REASON_CHARACTERS_MAX),
            is_optional=bool(reasons),
        )
    )
    hint = "It is recorded, and posted in the thread for everybody there."
    blocks += block_kit.context([hint])
    return modal(REJECT, "Reject", blocks, submit="Reject", metadata=where.metadata())


def answer_form(view: RunView, where: Origin) -> Block:
    """The question that a run asks, with room for an answer."""
    question = view.run.question
    asked = question.text if question else "This question is answered already."
    blocks = block_kit.sections([mrkdwn.escape(asked, 1_000)])
    blocks.append(_input(_TEXT_BLOCK, "Your answer", _text_input(ANSWER_CHARACTERS_MAX)))
    return modal(ANSWER, "Answer", blocks, submit="Send", metadata=where.metadata())


def edit_form(view: RunView, where: Origin) -> Block:
    """The values of a plan, each in its field, and the steps that may be left out."""
    blocks = _about(view)
    for index, field in enumerate(_fields(view)):
        element = _field(field)
        label = field.label or field.name
        is_optional = not field.value
        blocks.append(_input(f"{_SLOT_BLOCK}{index}", label, element, is_optional=is_optional))
    blocks += _leave_out(view)
    hint = (
        "The systems are read again and the card shows the new plan. Approvals given so far do"
        " not count for it, and whoever changes a value cannot approve it."
    )
    blocks += block_kit.context([hint])
    return modal(EDIT, "Edit", blocks, submit="Show the new plan", metadata=where.metadata())


def ask_form(view: RunView, where: Origin) -> Block:
    """A question to whoever asked for the plan."""
    name = mrkdwn.plain(view.run.requester_name, 60)
    blocks = _about(view)
    text = _text_input(REASON_CHARACTERS_MAX)
    blocks.append(_input(_TEXT_BLOCK, f"Your question to {name}", text))
    blocks += block_kit.context(
        ["It stands on the card and in the thread. The plan keeps waiting."]
    )
    return modal(ASK, "Ask", blocks, submit="Ask", metadata=where.metadata())


def reply_form(view: RunView, where: Origin) -> Block:
    """The questions that approvers asked, with room for one reply to all of them."""
    blocks = _about(view)
    for asked in open_questions(view):
        said = f"{mrkdwn.strong(asked.name, 60)} asks:\n>{mrkdwn.escape(asked.text, 1_000)}"
        blocks += block_kit.sections(said.split("\n"))
    blocks.append(_input(_TEXT_BLOCK, "Your reply", _text_input(REASON_CHARACTERS_MAX)))
    return modal(REPLY, "Reply", blocks, submit="Reply", metadata=where.metadata())


def review_form(view: RunView, where: Origin) -> Block:
    """What was wrong with a run that ran by itself?"""
    blocks = _about(view)
    blocks.append(_input(_TEXT_BLOCK, "What was wrong?", _text_input(REASON_CHARACTERS_MAX)))
    hint = "It is recorded, and the workflow is asked about again from now on."
    blocks += block_kit.context([hint])
    return modal(REVIEW, "It was wrong", blocks, submit="Record", metadata=where.metadata())


def reason_of(values: Json, reasons: Sequence[str]) -> str:
    """The reason as it is recorded: the chosen one, the person's own words, or both."""
    chosen = _chosen(_state(values, _REASON_BLOCK), len(reasons))
    reason = reasons[chosen] if chosen is not None else ""
    own = text_of(values)
    return f"{reason}: {own}" if reason and own else reason or own


def text_of(values: Json) -> str:
    """What was typed into a form."""
    return str(_state(values, _TEXT_BLOCK).get("value") or "").strip()


def edited(view: RunView, values: Json) -> tuple[tuple[str, str], ...]:
    """Each field of the form with what stands in it now, by the slot's name."""
    found = []
    for index, field in enumerate(_fields(view)):
        state = _state(values, f"{_SLOT_BLOCK}{index}")
        if not state:
            continue
        if field.choices:
            chosen = _chosen(state, len(field.choices[:OPTIONS_MAX]))
            found.append((field.name, field.value if chosen is None else field.choices[chosen][0]))
        else:
            found.append((field.name, str(state.get("value") or "").strip()))
    return tuple(found)


def left_out(view: RunView, values: Json) -> tuple[str, ...]:
    """The ids of the steps that are ticked."""
    steps = view.skippable[:SKIPPABLE_MAX]
    found = []
    for start in range(0, len(steps), TICKS_MAX):
        ticked = _state(values, f"{_SKIP_BLOCK}{start}").get("selected_options") or []
        for option in ticked:
            index = str(option.get("value", "")).partition(":")[0]
            if index.isdecimal() and int(index) < len(steps):
                found.append(steps[int(index)][0])
    return tuple(found)


def errors(text: str) -> dict[str, str]:
    """A message beside the form's text field."""
    return {_TEXT_BLOCK: mrkdwn.plain(text, 300)}


def edit_errors(view: RunView | None, text: str) -> dict[str, str]:
    """A message beside the field that it names, else beside the first of the form."""
    said = mrkdwn.plain(text, 300)
    fields = _fields(view) if view is not None else ()
    for index, field in enumerate(fields):
        if field.label and field.label.casefold() in text.casefold():
            return {f"{_SLOT_BLOCK}{index}": said}
    return {f"{_SLOT_BLOCK}0" if fields else f"{_SKIP_BLOCK}0": said}


def _about(view: RunView) -> list[Block]:
    return block_kit.sections([f"{mrkdwn.strong(title(view), 150)}  (run {view.run.id})"])


def _fields(view: RunView) -> tuple[FormField, ...]:
    """The fields that a form can hold whole: a value that Slack would cut cannot be edited."""
    return tuple(
        field for field in view.fields if mrkdwn.units(_sound(field.value)) <= ANSWER_CHARACTERS_MAX
    )[:FIELDS_MAX]


def _field(field: FormField) -> Block:
    if not field.choices:
        element = _text_input(
            ANSWER_CHARACTERS_MAX, is_multiline=len(field.value) > OPTION_UNITS_MAX
        )
        return {**element, "initial_value": _sound(field.value)} if field.value else element
    choices = field.choices[:OPTIONS_MAX]
    options = [_option(label, str(index)) for index, (_, label) in enumerate(choices)]
    select = _select("Choose", options)
    held = [
        option for option, (value, _) in zip(options, choices, strict=True) if value == field.value
    ]
    return {**select, "initial_option": held[0]} if held else select


def _leave_out(view: RunView) -> list[Block]:
    """Checkboxes for the steps that may be left out, ticked where they are left out now."""
    left = {*view.run.proposal.skipped} if view.run.proposal else set()
    steps = view.skippable[:SKIPPABLE_MAX]
    blocks: list[Block] = []
    for start in range(0, len(steps), TICKS_MAX):
        group = steps[start : start + TICKS_MAX]
        options = [
            _option(words, f"{start + at}:{_sound(step)}"[:STEP_VALUE_CHARACTERS_MAX])
            for at, (step, words) in enumerate(group)
        ]
        held = [o for o, (step, _) in zip(options, group, strict=True) if step in left]
        element: Block = {"type": "checkboxes", "action_id": _VALUE, "options": options}
        if held:
            element["initial_options"] = held
        label = "Leave out" if not start else "Leave out, too"
        blocks.append(_input(f"{_SKIP_BLOCK}{start}", label, element, is_optional=True))
    return blocks


def _sound(text: str) -> str:
    """Text that can be sent: no half of a surrogate pair, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "�")


def _option(label: str, value: str) -> Block:
    return {"text": plain_text(label, OPTION_UNITS_MAX), "value": value}


def _select(placeholder: str, options: list[Block]) -> Block:
    return {
        "type": "static_select",
        "action_id": _VALUE,
        "placeholder": plain_text(placeholder, OPTION_UNITS_MAX),
        "options": options,
    }


def _input(block_id: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, LABEL_UNITS_MAX),
        "element": element,
        "optional": is_optional,
    }


def _text_input(characters_max: int, *, is_multiline: bool = True) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": _VALUE,
        "multiline": is_multiline,
        "max_length": characters_max,
    }


def _chosen(state: dict[str, Json], count: int) -> int | None:
    """The index that a menu was set to, None where it names none of ours."""
    index = str((state.get("selected_option") or {}).get("value", ""))
    return int(index) if index.isdecimal() and int(index) < count else None


def _state(values: Json, block: str) -> dict[str, Json]:
    found = values.get(block) if isinstance(values, dict) else None
    state = found.get(_VALUE) if isinstance(found, dict) else None
    return state if isinstance(state, dict) else {}
