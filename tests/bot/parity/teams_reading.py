"""What a person reads of an Adaptive Card, of its fields, and of what was wrong with them."""

from __future__ import annotations

from bot.cards.adaptive_forms import NONE
from bot.workspace.teams.card_parts import actions_of
from bot.workspace.teams.text import card_text, label_of, plain
from bot.workspace.wire import Json
from tests.bot.parity.hands import Seen

OPTIONAL = " (optional)"  # ends the label of a field that may stay empty


def seen_of(card: Json | None) -> Seen:
    """A card as a person sees it; what can be pressed stands apart from what is read."""
    if card is None:
        return Seen("", ())
    body = [each for each in card["body"] if each["type"] != "ActionSet"]
    titles = tuple(plain(str(each.action["title"])) for each in actions_of(card))
    return Seen(card_text({"body": body}), titles)


def name_of(field: Json) -> str:
    return label_of(field).removesuffix(OPTIONAL)


def held_of(field: Json) -> str | tuple[str, ...]:
    """What stands in a field, in the words that a person reads."""
    value = str(field.get("value", ""))
    if field["type"] != "Input.ChoiceSet":
        return value
    chosen = [key for key in value.split(",") if key not in ("", NONE)]
    titles = tuple(plain(str(e["title"])) for e in field["choices"] if e["value"] in chosen)
    return titles if field.get("isMultiSelect") else "".join(titles)


def wrong_fields(card: Json | None) -> dict[str, str]:
    """The lines of a dialog that say what was wrong, each by the label of the field below it."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for element in card["body"] if card else ():
        if _is_error(element):
            lines.append(card_text({"body": [element]}))
        elif lines and str(element["type"]).startswith("Input."):
            found[name_of(element)] = " ".join(lines)
            lines = []
    assert not lines, "a line that says what is wrong stands below the last field"
    return found


def _is_error(element: Json) -> bool:
    runs = element.get("inlines") or [element]
    return any(isinstance(run, dict) and run.get("color") == "attention" for run in runs)
