"""Messages and Adaptive Cards as text for a terminal, and finding things in them by name. Pure."""

import json
import re
from collections.abc import Iterator

from bot.workspace.teams.card_parts import Placed, actions_of, inputs_of
from bot.workspace.wire import ClientError, Json

_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>&])")
_LINK = re.compile(r"(?<!\\)\[([^\]]*)\]\(([^)]*)\)")
_STRONG = re.compile(r"(?<!\\)(\*\*|__)(?=\S)(.+?)(?<=\S)(?<!\\)\1")


def message_text(message: Json) -> str:
    """One message as its reader sees it: who, what, and the card."""
    if message["is_deleted"]:
        return f"{message['from']['name']}: (taken back)"
    text = plain(message["text"]) if message["is_bot"] else message["text"]
    parts = [f"{message['from']['name']}: {text}".rstrip(": ") + (":" if not text else "")]
    if message["card"]:
        parts.append(card_text(message["card"]))
    if message["said"]:
        parts.append(f"(only you) {plain(message['said']['text'])}")
    return "\n".join(parts)


def card_text(card: Json) -> str:
    """A card from top to bottom."""
    lines = [*_lines(card.get("body")), _buttons(card.get("actions"))]
    return "\n".join(line for line in lines if line)


def plain(text: str) -> str:
    """Markdown without its marks."""
    text = _LINK.sub(lambda match: f"{match[1]} ({match[2]})", text)
    return _ESCAPE.sub(r"\1", _STRONG.sub(r"\2", text))


def find_message(messages: list[Json], marker: str, action: str | None) -> tuple[Json, Placed]:
    """The newest message that shows `marker` (or has this id) and offers `action` by its title.

    `messages` come newest first; a card whose buttons carry `marker` goes before what only
    speaks of it. Without `action` the Placed is an empty one.
    """
    mentioned = [message for message in messages if _mentions(message, marker)]
    mentioned.sort(key=lambda message: not _is_on(message, marker))
    if not mentioned:
        raise ClientError(f"No card or message shows {marker}.")
    if action is None:
        return mentioned[0], Placed("", {"type": ""}, ())
    for message in mentioned:
        found = find_action(message["card"], action) if message["card"] else None
        if found is not None:
            return message, found
    newest = next((message for message in mentioned if message["card"]), mentioned[0])
    raise ClientError(not_there(action, f"the message that shows {marker}", newest["card"]))


def find_action(card: Json, title: str) -> Placed | None:
    """A card's action by title, id or verb."""
    wanted = title.strip(" .…").lower()
    placed = actions_of(card)
    for each in placed:
        if str(each.action.get("title", "")).strip(" .…").lower() == wanted:
            return each
    for each in placed:
        data = each.action.get("data")
        verb = each.action.get("verb") or (data.get("verb") if isinstance(data, dict) else "")
        if title in (each.action.get("id"), verb):
            return each
    return None


def not_there(action: str, where: str, card: Json | None) -> str:
    """That an action is not offered, and which are."""
    offered = [str(each.action.get("title")) for each in actions_of(card or {})]
    if not offered:
        return f"There is no {action!r} on {where}; it has no live buttons."
    return f"There is no {action!r} on {where}; there are: {', '.join(offered)}."


def fill_in(card: Json, inputs: dict[str, object], where: str) -> Json:
    """Values by input id for fields named by label or id; a choice by its text or value."""
    fields: dict[str, Json] = {}
    for field in inputs_of(card):
        for name in (label_of(field), str(field["id"])):
            fields.setdefault(name.lower(), field)
    values: Json = {}
    for name, given in inputs.items():
        found = fields.get(name.lower())
        if found is None:
            labels = ", ".join(label_of(each) for each in inputs_of(card))
            raise ClientError(f"{where} has no field {name!r}; there are: {labels or 'none'}.")
        values[str(found["id"])] = _chosen(found, given)
    return values


def label_of(field: Json) -> str:
    """What a field is called: its label, a toggle's title, or its id."""
    return plain(str(field.get("label") or field.get("title") or field["id"]))


def holds(text: str, marker: str) -> bool:
    """Whether `marker` stands in `text` as a whole: R-1 is not in R-12."""
    before = r"(?<!\w)" if marker[:1].isalnum() else ""
    after = r"(?!\w)" if marker[-1:].isalnum() else ""
    return re.search(before + re.escape(marker) + after, text, re.IGNORECASE) is not None


def _chosen(field: Json, given: object) -> object:
    if field["type"] == "Input.Toggle" and isinstance(given, bool):
        return str(field.get("valueOn" if given else "valueOff", str(given).lower()))
    if field["type"] != "Input.ChoiceSet":
        return given
    if isinstance(given, list | tuple):
        return ",".join(_choice(field, str(each)) for each in given)
    return _choice(field, str(given)) if given else ""


def _choice(field: Json, given: str) -> str:
    wanted = given.lower()
    for choice in field["choices"]:
        if wanted in (str(choice["value"]).lower(), plain(str(choice["title"])).lower()):
            return str(choice["value"])
    near = [each for each in field["choices"] if wanted in plain(str(each["title"])).lower()]
    if len(near) == 1:
        return str(near[0]["value"])
    titles = ", ".join(str(choice["title"]) for choice in field["choices"])
    raise ClientError(f"{given!r} is not a choice there; there are: {titles}.")


def _mentions(message: Json, marker: str) -> bool:
    if marker in (message["id"], message["thread"]):
        return True
    texts = [message["text"], plain(message["text"]), message["summary"]]
    if message["card"]:
        texts.append(card_text(message["card"]))
    return any(holds(text, marker) for text in texts) or _is_on(message, marker)


def _is_on(message: Json, marker: str) -> bool:
    """Whether a button of the message is about `marker`."""
    placed = actions_of(message["card"]) if message["card"] else []
    return any(holds(json.dumps(each.action.get("data")), marker) for each in placed)


def _lines(elements: object) -> Iterator[str]:
    for element in elements if isinstance(elements, list) else []:
        if element.get("isVisible") is False:
            continue
        kind = element.get("type", "Column")
        if kind == "TextBlock":
            yield plain(element["text"])
        elif kind == "RichTextBlock":
            yield "".join(_run(each) for each in element["inlines"])
        elif kind == "FactSet":
            yield from (
                f"{plain(each['title'])}: {plain(each['value'])}" for each in element["facts"]
            )
        elif kind == "ActionSet":
            yield _buttons(element["actions"])
        elif kind == "ColumnSet":
            columns = [" ".join(_lines(each.get("items"))) for each in element["columns"]]
            yield "   ".join(column for column in columns if column)
        elif kind.startswith("Input."):
            yield _field(element)
        elif kind == "Image":
            yield f"[image: {element.get('altText', '')}]"
        else:
            yield from _lines(element.get("items") or element.get("rows") or element.get("cells"))


def _run(inline: Json | str) -> str:
    if isinstance(inline, str):
        return inline
    text = str(inline["text"])
    return f"~{text}~" if inline.get("strikethrough") else text


def _field(field: Json) -> str:
    label = label_of(field)
    if field["type"] == "Input.Toggle":
        is_on = field.get("value") == field.get("valueOn", "true")
        return f"[{'x' if is_on else ' '}] {label}"
    if field["type"] == "Input.ChoiceSet":
        chosen = str(field.get("value", "")).split(",")
        marks = [
            f"{'(x)' if str(each['value']) in chosen else '( )'} {plain(str(each['title']))}"
            for each in field["choices"]
        ]
        return f"{label}: {'  '.join(marks)}"
    return f"{label}: [{field.get('value') or '...'}]"


def _buttons(actions: object) -> str:
    titles = [str(each.get("title")) for each in actions] if isinstance(actions, list) else []
    return "  ".join(f"[{title}]" for title in titles)
