"""Buttons of Adaptive Cards: a verdict is executed, a dialog is fetched. Pure.

What a button carries is its verb and a press (see press.py); neither is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.cards import press
from bot.cards.adaptive_elements import Element
from bot.cards.adaptive_text import inert
from bot.cards.model import Action, Button
from store.model.values import Json

TITLE_UNITS_MAX = 75  # ours, as Slack has it; a longer button fills the line of a phone
PRIMARY_MAX = 6  # learn.microsoft.com, cards in Teams: primary actions that are shown
LOOK = "look"  # the verb of a refresh: how does it stand, for me?

# These open a dialog; every other action is a verdict of its own.
DIALOGS = frozenset(
    {
        Action.DETAILS,
        Action.REJECT,
        Action.EDIT,
        Action.ASK,
        Action.REPLY,
        Action.ANSWER_FORM,
    }
)
_STYLES = {"primary": "positive", "danger": "destructive"}


def action_sets(buttons: Iterable[Button]) -> list[Element]:
    """The buttons in rows that Teams shows whole, the minor ones in the last row's menu."""
    shown = tuple(buttons)
    actions = [_action(button) for button in shown if not button.is_minor]
    menu = [_action(button) | {"mode": "secondary"} for button in shown if button.is_minor]
    rows = [actions[at : at + PRIMARY_MAX] for at in range(0, len(actions), PRIMARY_MAX)] or [[]]
    rows[-1] = [*rows[-1], *menu]
    return [row_of(row) for row in rows if row]


def row_of(actions: Sequence[Element]) -> Element:
    """One row of actions."""
    return {"type": "ActionSet", "spacing": "medium", "actions": list(actions)}


def refresh(buttons: Iterable[Button]) -> Element | None:
    """How a client asks for its person's own view; None where all see the same for good.

    Whoever sends the card says for whom (`userIds`).
    """
    open_ones = [button for button in buttons if button.action is not Action.DETAILS]
    pressed = press.read(open_ones[0].value) if open_ones else None
    return look(pressed.run_id) if pressed else None


def look(run_id: str) -> Element:
    """The refresh of a run's card."""
    value = press.write(press.Press(run_id, ""))
    action = {"type": "Action.Execute", "verb": LOOK, "data": {"press": value}}
    return {"action": action}


def executes(verb: str, label: str, value: str, style: str = "") -> Element:
    """A button that does something at once. Old clients send it as a message (`fallback`)."""
    title = inert(label, TITLE_UNITS_MAX) or "–"
    shown: Element = {"title": title} | ({"style": style} if style else {})
    return {
        "type": "Action.Execute",
        **shown,
        "verb": verb,
        "data": {"press": value},
        "fallback": {
            "type": "Action.Submit",
            **shown,
            "data": {"verb": verb, "press": value},
        },
    }


def opens(verb: str, label: str, value: str = "", style: str = "") -> Element:
    """A button that opens a dialog, which the bot is asked for."""
    data: dict[str, Json] = {"msteams": {"type": "task/fetch"}, "verb": verb}
    if value:
        data["press"] = value
    return submits(label, data, style)


def submits(label: str, data: dict[str, Json], style: str = "") -> Element:
    """A button that sends its data, in a dialog together with what was filled in."""
    action: Element = {"type": "Action.Submit", "title": inert(label, TITLE_UNITS_MAX) or "–"}
    if style:
        action["style"] = style
    return {**action, "data": data}


def _action(button: Button) -> Element:
    make = opens if button.action in DIALOGS else executes
    style = _STYLES.get(button.style, "")
    return make(button.action.value, button.label, button.value, style)
