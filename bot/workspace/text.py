"""Messages and blocks as plain text, for terminals. Pure."""

import re

from bot.workspace.blocks import cell_text
from bot.workspace.elements import options_of
from bot.workspace.speech import unescaped
from bot.workspace.wire import Json

_MARK = re.compile(r"<([@#!])([^>|]+)(?:\|([^>]*))?>|<([a-z]+:[^>|]+)(?:\|([^>]*))?>")
# Bold, struck and code, which a terminal does not draw.
_FORMAT = re.compile(
    r"(?<![\w*])\*(\S|\S[^*\n]*\S)\*(?![\w*])"
    r"|(?<![\w~])~(\S|\S[^~\n]*\S)~(?![\w~])"
    r"|(?<![\w`])`([^`\n]+)`(?![\w`])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Names = dict[str, str]


def message_text(message: Json, names: Names) -> str:
    """One message: who said it, then its blocks, or its text when it has none."""
    author = names.get(str(message.get("user")), "somebody")
    mark = " (only you)" if message.get("visible_to") else ""
    blocks = message.get("blocks")
    body = blocks_text(blocks, names) if blocks else plain(str(message.get("text") or ""), names)
    return f"{author}{mark}: {body}"


def blocks_text(blocks: list[Json], names: Names) -> str:
    """Blocks, one below the other."""
    lines = [_block(block, names) for block in blocks]
    return "\n".join(line for line in lines if line)


def plain(text: str, names: Names) -> str:
    """mrkdwn without its escapes; mentions by name; control and direction characters replaced."""

    def named(match: re.Match[str]) -> str:
        if match[4]:
            return f"{match[5]} ({match[4]})" if match[5] else str(match[4])
        if match[1] == "@":
            return "@" + names.get(match[2], match[3] or match[2])
        if match[1] == "#":
            return "#" + (match[3] or names.get(match[2], match[2]))
        if match[2].startswith("date^"):
            return match[3] or match[2]
        return "@" + match[2].split("^")[0]

    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", unescaped(_MARK.sub(named, text)))


def element_label(element: Json) -> str:
    """What a person calls an element: its text, its placeholder, or its action id."""
    for name in ("text", "placeholder"):
        if isinstance(element.get(name), dict):
            return str(element[name].get("text"))
    return str(element.get("action_id"))


def _block(block: Json, names: Names) -> str:
    kind = block.get("type")
    if kind == "divider":
        return "-" * 40
    if kind == "header":
        return f"== {_text(block.get('text'), names)} =="
    if kind == "section":
        return _section(block, names)
    if kind == "context":
        return "  ".join(_text(element, names) for element in block["elements"])
    if kind == "actions":
        return "  ".join(_element(element) for element in block["elements"])
    return _other(block, names)


def _other(block: Json, names: Names) -> str:
    kind = block.get("type")
    if kind == "input":
        return f"{_text(block.get('label'), names)}: {_field(block['element'])}"
    if kind == "markdown":
        return plain(str(block.get("text")), names)
    if kind == "image":
        return f"[image: {block.get('alt_text')}]"
    if kind == "table":
        return "\n".join(" | ".join(cell_text(cell) for cell in row) for row in block["rows"])
    return plain(cell_text(block), names)


def _section(block: Json, names: Names) -> str:
    parts = [_text(block["text"], names)] if block.get("text") else []
    parts.extend(_text(field, names) for field in block.get("fields") or [])
    if block.get("accessory"):
        parts.append(_element(block["accessory"]))
    return "\n".join(parts)


def _text(text: object, names: Names) -> str:
    if not isinstance(text, dict):
        return ""
    if text.get("type") == "image":
        return f"[image: {text.get('alt_text')}]"
    value = str(text.get("text") or "")
    if text.get("type") == "mrkdwn":
        return plain(_FORMAT.sub(lambda match: match[1] or match[2] or match[3], value), names)
    return plain(value, {})


def _field(element: Json) -> str:
    """A field of a form with what stands in it at first."""
    if element["type"] == "plain_text_input":
        return f"[{plain(str(element.get('initial_value') or '...'), {})}]"
    chosen = element.get("initial_option")
    if chosen is None:
        return _element(element)
    others = [o["text"]["text"] for o in options_of(element) if o != chosen]
    return f"[{chosen['text']['text']}; or {' / '.join(others)}]"


def _element(element: Json) -> str:
    if element["type"] == "image":
        return f"[image: {element.get('alt_text')}]"
    if element["type"] == "checkboxes":
        ticked = element.get("initial_options") or []
        marks = [
            ("[x] " if o in ticked else "[ ] ", o["text"]["text"]) for o in options_of(element)
        ]
        return "  ".join(f"{mark}{text}" for mark, text in marks)
    if element["type"] == "overflow":
        return "  ".join(f"[{option['text']['text']}]" for option in options_of(element))
    label = element_label(element)
    choices = [option["text"]["text"] for option in options_of(element)]
    return f"[{label}: {' / '.join(choices)}]" if choices else f"[{label}]"
