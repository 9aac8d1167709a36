"""Finding things on cards and in modals by what a person calls them. Pure."""

from dataclasses import dataclass

from bot.workspace.actions import Placed, placed_elements
from bot.workspace.elements import options_of
from bot.workspace.text import blocks_text, element_label, plain
from bot.workspace.wire import ClientError, Json


@dataclass(frozen=True)
class Element:
    """An element with the id of its block; of a menu's option also the option's value."""

    block_id: str
    element: Json
    option: str | None = None


def find_message(messages: list[Json], marker: str, action: str | None) -> tuple[Json, Element]:
    """The newest message that mentions `marker` and, of those, one that offers `action`.

    `messages` come newest first; what was said to everybody goes before what was said privately,
    and a card whose buttons carry `marker` before what only speaks of it (a report, another card);
    a private remark is no place for anything. Without `action` the element is an empty one.
    """
    lasting = [each for each in messages if each.get("blocks") or not each.get("visible_to")]
    mentioned = [message for message in lasting if _mentions(message, marker)]
    mentioned.sort(
        key=lambda message: (bool(message.get("visible_to")), not _is_on(message, marker))
    )
    if not mentioned:
        raise ClientError(f"No card or message shows {marker}.")
    if action is None:
        return mentioned[0], Element("", {})
    for message in mentioned:
        found = _matching(message.get("blocks") or [], action)
        if found is not None:
            return message, found
    newest_card = next((m for m in mentioned if m.get("blocks")), mentioned[0])
    offered = _offered(newest_card.get("blocks") or [])
    raise ClientError(_not_there(action, f"the message that shows {marker}", offered))


def find_element(blocks: list[Json], action: str, where: str) -> Element:
    """The element with this label or action id."""
    found = _matching(blocks, action)
    if found is None:
        raise ClientError(_not_there(action, where, _offered(blocks)))
    return found


def option_value(element: Json, given: object) -> object:
    """The value of a menu's option that a person named by its text or value."""
    if given is None or isinstance(given, list):
        values = [option_value(element, item) for item in given or []]
        return values if isinstance(given, list) else None
    options = options_of(element)
    if not options:
        return given
    wanted = str(given).lower()
    for option in options:
        if wanted in (option["value"].lower(), option["text"]["text"].lower()):
            return option["value"]
    near = [o for o in options if wanted in f"{o['text']['text']} {o['value']}".lower()]
    if wanted and len(near) == 1:
        return near[0]["value"]
    texts = ", ".join(option["text"]["text"] for option in options)
    raise ClientError(f"{given!r} is not a choice there; there are: {texts}.")


def fill_in(view: Json, inputs: dict[str, object]) -> Json:
    """Values by block and action id for a modal's fields, named by label, block id or action id."""
    fields: dict[str, Placed] = {}
    for block in view["blocks"]:
        for placed in placed_elements([block]):
            label = (block.get("label") or {}).get("text", "")
            for name in (label, placed.block_id, placed.action_id):
                if name:
                    fields.setdefault(str(name).lower(), placed)
    values: Json = {}
    for name, given in inputs.items():
        field = fields.get(name.lower())
        if field is None:
            labels = [b["label"]["text"] for b in view["blocks"] if b["type"] == "input"]
            raise ClientError(
                f"The window {view['title']['text']!r} has no field {name!r}; "
                f"there are: {', '.join(labels) or 'none'}."
            )
        answer = option_value(field.element, given)
        values.setdefault(field.block_id, {})[field.action_id] = answer
    return values


def viewed_names(state: Json) -> dict[str, str]:
    """Names of people, groups and channels by id."""
    names = {person["id"]: str(person["real_name"]) for person in state["people"]}
    names.update({group["id"]: str(group["handle"]) for group in state["groups"]})
    names.update({c["id"]: str(c["name"]) for c in state["channels"] if not c["is_im"]})
    return names


def _matching(blocks: list[Json], action: str) -> Element | None:
    wanted = action.strip(" .…").lower()
    placed = placed_elements(blocks)
    for each in placed:
        if each.action_id == action:
            return Element(each.block_id, each.element)
    for each in placed:
        if element_label(each.element).strip(" .…").lower() == wanted:
            return Element(each.block_id, each.element)
    return _in_a_menu(placed, wanted)


def _in_a_menu(placed: list[Placed], wanted: str) -> Element | None:
    """The option of an overflow menu with this text, or whose value begins with this word."""
    for each in placed:
        if each.element["type"] != "overflow":
            continue
        for option in options_of(each.element):
            names = (option["text"]["text"].strip(" .…").lower(), option["value"].split(" ")[0])
            if wanted in names:
                return Element(each.block_id, each.element, option["value"])
    return None


def _mentions(message: Json, marker: str) -> bool:
    if marker in (message["ts"], message.get("thread_ts")):
        return True
    elements = [each.element for each in _elements(message)]
    values = [str(element.get("value", "")) for element in elements]
    texts = [
        plain(str(message.get("text") or ""), {}),
        blocks_text(message.get("blocks") or [], {}),
    ]
    return any(_holds(text, marker) for text in (*texts, *values))


def _is_on(message: Json, marker: str) -> bool:
    """Whether a button of the message is about `marker`."""
    values = [str(each.element.get("value", "")) for each in _elements(message)]
    return any(_holds(value, marker) for value in values)


def _elements(message: Json) -> list[Element]:
    found = placed_elements(message.get("blocks") or [])
    return [Element(each.block_id, each.element) for each in found]


def _holds(text: str, marker: str) -> bool:
    """Whether `marker` stands in `text` as a whole: R-1 is not in R-12."""
    at = text.lower().find(marker.lower())
    while at >= 0:
        after = text[at + len(marker) : at + len(marker) + 1]
        before = text[at - 1 : at] if at else ""
        if not (after.isalnum() and marker[-1].isalnum()) and not (
            before.isalnum() and marker[0].isalnum()
        ):
            return True
        at = text.lower().find(marker.lower(), at + 1)
    return False


def _offered(blocks: list[Json]) -> list[str]:
    offered = []
    for each in placed_elements(blocks):
        if each.element["type"] == "overflow":
            offered += [option["text"]["text"] for option in options_of(each.element)]
        else:
            offered.append(element_label(each.element))
    return offered


def _not_there(action: str, where: str, offered: list[str]) -> str:
    if not offered:
        return f"There is no {action!r} on {where}; it has no live buttons."
    return f"There is no {action!r} on {where}; there are: {', '.join(offered)}."
