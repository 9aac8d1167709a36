"""Slack's modals and the home page: views out of the same cards, and what people typed in. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import block_kit, mrkdwn, press
from bot.cards.block_kit import Block, plain_text
from bot.cards.details import details
from bot.cards.fate import badge
from bot.cards.model import Action
from bot.cards.run_card import progress, title
from bot.surfaces.home import HomeView
from bot.view import RunView
from store.model.request import Place
from store.model.run import Status
from store.model.values import Json

TITLE_UNITS_MAX = 24  # docs.slack.dev: view title and buttons
LABEL_UNITS_MAX = 100  # ours; Slack takes 2,000
OPTION_UNITS_MAX = 75  # docs.slack.dev: option text
OPTIONS_MAX = 50  # ours; Slack takes 100
REASON_CHARACTERS_MAX = 1_000  # ours, as the flow takes it
ANSWER_CHARACTERS_MAX = 3_000  # docs.slack.dev: plain_text_input
HOME_RUNS_MAX = 20  # runs a list; three blocks each, and a view takes 100

REJECT, ANSWER, DETAILS = "reject", "answer", "details"
NEXT_PAGE, PREVIOUS_PAGE, OPEN_CARD = "next_page", "previous_page", "open_card"
_REASON_BLOCK, _TEXT_BLOCK = "reason", "text"
_SLACK_URL = re.compile(r"https?://[A-Za-z0-9.:_-]{1,200}/")
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,20}")


@dataclass(frozen=True)
class Origin:
    """Where a modal was opened: the press, the place and the card's message."""

    press: press.Press
    channel: str
    thread: str
    message: str

    def place(self, team: str) -> Place:
        """The place of the card."""
        return Place(surface="slack", team=team, channel=self.channel, thread=self.thread)

    def metadata(self) -> str:
        """As private_metadata: short, and read back by `origin`."""
        return "|".join((press.write(self.press), self.channel, self.thread, self.message))


def origin(metadata: str) -> Origin | None:
    """The origin that a modal carries, None where it is none of ours."""
    parts = metadata.rsplit("|", 3)
    pressed = press.read(parts[0]) if len(parts) == 4 else None
    return Origin(pressed, *parts[1:]) if pressed else None


def loading(heading: str) -> Block:
    """What opens at once, while the content is fetched."""
    return _view("loading", heading, block_kit.sections(["One moment…"]))


def message(heading: str, text: str) -> Block:
    """A modal that only says something."""
    return _view("message", heading, block_kit.sections([mrkdwn.paragraph(text, 2_900)]))


def reject_form(view: RunView, where: Origin) -> Block:
    """Why not? One of the workflow's reasons, words of one's own, or both."""
    blocks = block_kit.sections([f"{mrkdwn.strong(title(view), 150)}  (run {view.run.id})"])
    reasons = view.reject_reasons[:OPTIONS_MAX]
    if reasons:
        select: Block = {
            "type": "static_select",
            "action_id": "value",
            "placeholder": plain_text("Choose a reason", OPTION_UNITS_MAX),
            "options": [
                {"text": plain_text(reason, OPTION_UNITS_MAX), "value": str(index)}
                for index, reason in enumerate(reasons)
            ],
        }
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
    return _view(REJECT, "Reject", blocks, submit="Reject", metadata=where.metadata())


def answer_form(view: RunView, where: Origin) -> Block:
    """The question that a run asks, with room for an answer."""
    question = view.run.question
    asked = question.text if question else "This question is answered already."
    blocks = block_kit.sections([mrkdwn.escape(asked, 1_000)])
    blocks.append(_input(_TEXT_BLOCK, "Your answer", _text_input(ANSWER_CHARACTERS_MAX)))
    return _view(ANSWER, "Answer", blocks, submit="Send", metadata=where.metadata())


def details_page(view: RunView, number: int) -> Block:
    """One page of a run's details; numbers outside of the book show its nearest page."""
    pages = details(view)
    at = min(max(number, 0), len(pages) - 1)
    rendered = block_kit.render(pages[at], is_full=True)
    turns = []
    for action, label, to in ((PREVIOUS_PAGE, "Previous", at - 1), (NEXT_PAGE, "Next", at + 1)):
        if 0 <= to < len(pages):
            turns.append(
                {
                    "type": "button",
                    "action_id": action,
                    "text": plain_text(label, OPTION_UNITS_MAX),
                    "value": press.write(press.Press(view.run.id, "", str(to))),
                }
            )
    blocks = [*rendered.blocks, *([{"type": "actions", "elements": turns}] if turns else [])]
    return _view(DETAILS, "Details", blocks)


def home(shown: HomeView, workspace_url: str) -> Block:
    """The home page: what waits for me first, then what I asked for."""
    blocks = [
        *_runs("Waiting for you", "Nothing waits for you.", shown.waiting_for_me, workspace_url),
        {"type": "divider"},
        *_runs(
            "You asked for",
            "You have not asked for anything yet. Mention me in a channel, or write to me here.",
            shown.asked_by_me,
            workspace_url,
        ),
    ]
    return {"type": "home", "blocks": blocks}


def home_refusal(reason: str) -> Block:
    """The home page of somebody whom I may not serve."""
    said = mrkdwn.escape(f"I cannot take requests from you: {reason}.", 300)
    return {"type": "home", "blocks": block_kit.sections([said])}


def reason_of(values: Json, reasons: Sequence[str]) -> str:
    """The reason as it is recorded: the chosen one, the person's own words, or both."""
    chosen = _state(values, _REASON_BLOCK).get("selected_option") or {}
    index = str(chosen.get("value", ""))
    reason = reasons[int(index)] if index.isdecimal() and int(index) < len(reasons) else ""
    own = text_of(values)
    return f"{reason}: {own}" if reason and own else reason or own


def text_of(values: Json) -> str:
    """What was typed into a form."""
    return str(_state(values, _TEXT_BLOCK).get("value") or "").strip()


def errors(text: str) -> dict[str, str]:
    """A message beside the form's text field."""
    return {_TEXT_BLOCK: mrkdwn.plain(text, 300)}


def _runs(heading: str, nothing: str, runs: Sequence[RunView], url: str) -> list[Block]:
    blocks: list[Block] = [{"type": "header", "text": plain_text(heading, 150)}]
    if not runs:
        return [*blocks, *block_kit.context([nothing])]
    for view in runs[:HOME_RUNS_MAX]:
        blocks += _entry(view, url)
    if len(runs) > HOME_RUNS_MAX:
        blocks += block_kit.context([f"and {len(runs) - HOME_RUNS_MAX} more"])
    return blocks


def _entry(view: RunView, url: str) -> list[Block]:
    run = view.run
    state = badge(view).text.lower()
    if run.status is Status.WAITING:
        state = f"waiting, {progress(view)}"
    lines = [
        f"{mrkdwn.strong(title(view), 120)}   `{mrkdwn.escape(state, 60)}`",
        f"{mrkdwn.escape(run.requester_name, 60)}: “{mrkdwn.escape(run.request.text, 160)}”",
    ]
    buttons: list[Block] = [
        {
            "type": "button",
            "action_id": Action.DETAILS.value,
            "text": plain_text("Details", OPTION_UNITS_MAX),
            "value": press.write(press.Press(run.id, "")),
        }
    ]
    if link := _link(run.request.place, url):
        buttons.insert(
            0,
            {
                "type": "button",
                "action_id": OPEN_CARD,
                "text": plain_text("Open", OPTION_UNITS_MAX),
                "url": link,
            },
        )
    return [*block_kit.sections(lines), {"type": "actions", "elements": buttons}]


def _link(place: Place, url: str) -> str:
    """The address of a thread in the workspace, empty where a part of it is not well formed."""
    is_known = _SLACK_URL.fullmatch(url) and _CHANNEL.fullmatch(place.channel)
    if not (is_known and _TS.fullmatch(place.thread)):
        return ""
    return f"{url}archives/{place.channel}/p{place.thread.replace('.', '')}"


def _view(
    callback: str, heading: str, blocks: Sequence[Block], *, submit: str = "", metadata: str = ""
) -> Block:
    view: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(heading, TITLE_UNITS_MAX),
        "close": plain_text("Close", TITLE_UNITS_MAX),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if submit:
        view["submit"] = plain_text(submit, TITLE_UNITS_MAX)
    return view


def _input(block_id: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, LABEL_UNITS_MAX),
        "element": element,
        "optional": is_optional,
    }


def _text_input(characters_max: int) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": True,
        "max_length": characters_max,
    }


def _state(values: Json, block: str) -> dict[str, Json]:
    found = values.get(block) if isinstance(values, dict) else None
    state = found.get("value") if isinstance(found, dict) else None
    return state if isinstance(state, dict) else {}
