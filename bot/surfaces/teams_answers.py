"""What an invoke of Teams is answered with. Pure.

After learn.microsoft.com: "Universal Actions for Adaptive Cards", "Dialogs" and "Message
extensions". Every answer is HTTP 200; what went wrong stands in the body, where clients read it.
"""

from __future__ import annotations

from bot.cards.adaptive_dialogs import CARD_TYPE, Dialog
from bot.surfaces.teams_wire import Answer
from store.model.values import Json

_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"


def card(shown: dict[str, Json], address: str) -> Answer:
    """The card as one person sees it; whoever presses it again is asked for again."""
    refresh = shown.get("refresh")
    if isinstance(refresh, dict) and address:
        shown = {**shown, "refresh": {**refresh, "userIds": [address]}}
    return _executed(200, CARD_TYPE, shown)


def message(text: str) -> Answer:
    """Words for the person who pressed, and for nobody else; the card stays as it is."""
    return _executed(200, _MESSAGE, text)


def error(text: str, code: str = "BadRequest") -> Answer:
    """A press that cannot be understood."""
    return _executed(400, _ERROR, {"code": code, "message": text})


def dialog(shown: Dialog) -> Answer:
    """A dialog: a new one, or the next page of the one that is open."""
    return Answer(body={"task": {"type": "continue", "value": shown.task()}})


def said(text: str) -> Answer:
    """Words instead of a dialog."""
    return Answer(body={"task": {"type": "message", "value": text}})


def closed() -> Answer:
    """The dialog closes, and there is nothing to say."""
    return Answer(body=None)


def _executed(status: int, kind: str, value: Json) -> Answer:
    return Answer(body={"statusCode": status, "type": kind, "value": value})
