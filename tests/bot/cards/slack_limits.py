"""Slack's limits, written from its published documents alone: an independent judge of our blocks.

It shares no constant and no code with the renderer. `faults(blocks)` lists what Slack would refuse,
and what a hostile text could do in a message that Slack takes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

# The only markup with an angle bracket that our renderer may write: dates and channels.
ALLOWED = re.compile(
    r"<!date\^[0-9]{1,12}\^[{}a-z_ ]+\|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC>"
    r"|<#[CDG][A-Z0-9]{1,20}>"
)
ENTITY = re.compile(r"&(?:amp|lt|gt);")
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def faults(blocks: list[Any], blocks_max: int = 50) -> list[str]:
    found = []
    if len(blocks) > blocks_max:
        found.append(f"{len(blocks)} blocks")
    wire = json.dumps(blocks, ensure_ascii=False)
    if utf16(wire) > 12_000:
        found.append(f"{utf16(wire)} characters over all blocks")
    for number, block in enumerate(blocks):
        found += [f"block {number}: {fault}" for fault in _block(block)]
    return found


def input_faults(block: dict[str, Any]) -> list[str]:
    """What Slack would refuse of an input block of a modal."""
    found = [*_text(block["label"], 2_000, "plain_text"), *element_faults(block["element"])]
    if utf16(block["block_id"]) > 255:
        found.append("block_id")
    return found


def element_faults(element: dict[str, Any]) -> list[str]:
    """What Slack would refuse of an element that takes people's answers."""
    found = []
    kind = element["type"]
    if kind == "plain_text_input":
        if utf16(element.get("initial_value", "")) > min(3_000, element["max_length"]):
            found.append("initial_value is longer than the field")
        if element.get("initial_value") == "":
            found.append("an empty initial_value")
        return found
    options_max = {"static_select": 100, "checkboxes": 10}[kind]
    options = element["options"]
    if not 1 <= len(options) <= options_max:
        found.append(f"{len(options)} options")
    values = [option["value"] for option in options]
    if len(values) != len(set(values)):
        found.append("an option's value twice")
    for option in options:
        found += _text(option["text"], 75, "plain_text")
        if not 1 <= utf16(option["value"]) <= 150:
            found.append("option value")
    first = [element["initial_option"]] if "initial_option" in element else []
    first += element.get("initial_options", [])
    if any(option not in options for option in first):
        found.append("an initial option that is not offered")
    if element.get("initial_options") == []:
        found.append("no initial option in a list of them")
    return found


def text_faults(text: str, *, is_mrkdwn: bool = True) -> list[str]:
    """What a text that Slack shows must never hold, whatever people and systems wrote."""
    found = []
    rest = ALLOWED.sub("", text)
    if "<" in rest:
        found.append(f"unescaped < in {rest[:80]!r}")
    if ">" in re.sub(r"(?m)^>", "", rest):
        found.append(f"unescaped > in {rest[:80]!r}")
    if "&" in ENTITY.sub("", rest):
        found.append(f"unescaped & in {rest[:80]!r}")
    if is_mrkdwn and re.search(r"(?<![0-9A-Za-z]):[a-z0-9_+'-]+:", rest):
        found.append(f"an emoji code in {rest[:80]!r}")
    for index, character in enumerate(text):
        if unicodedata.category(character) in INVISIBLE and character != "\n":
            around = text[max(0, index - 1) : index + 2]
            if character != "\u200d" or around.isascii():
                found.append(f"invisible U+{ord(character):04X}")
    return found


def _block(block: dict[str, Any]) -> Iterator[str]:
    if utf16(block.get("block_id", "")) > 255:
        yield "block_id"
    match block["type"]:
        case "header":
            yield from _text(block["text"], 150, "plain_text")
        case "section":
            yield from _text(block["text"], 3_000)
            if len(block.get("fields", [])) > 10:
                yield "more than 10 fields"
        case "context":
            if not 1 <= len(block["elements"]) <= 10:
                yield "context elements"
            for element in block["elements"]:
                yield from _text(element, 3_000)
        case "actions":
            yield from _actions(block["elements"])
        case "input":
            yield from _text(block["label"], 2_000, "plain_text")
        case "divider":
            pass
        case other:
            yield f"type {other}"


def _actions(elements: list[Any]) -> Iterator[str]:
    if not 1 <= len(elements) <= 25:
        yield f"{len(elements)} elements"
    ids = [element["action_id"] for element in elements]
    if len(ids) != len(set(ids)):
        yield "an action_id twice"
    for element in elements:
        if element["type"] == "overflow":
            yield from _menu(element)
            continue
        yield from _text(element["text"], 75, "plain_text")
        if utf16(element["action_id"]) > 255:
            yield "action_id"
        if utf16(element.get("value", "")) > 2_000:
            yield "value"
        if element.get("style", "primary") not in ("primary", "danger"):
            yield "style"


def _menu(element: dict[str, Any]) -> Iterator[str]:
    if not 1 <= len(element["options"]) <= 5:
        yield "overflow options"
    for option in element["options"]:
        yield from _text(option["text"], 75, "plain_text")
        if not 1 <= utf16(option["value"]) <= 150:
            yield "option value"


def _text(text: dict[str, Any], characters_max: int, kind: str | None = None) -> Iterator[str]:
    if kind is not None and text["type"] != kind:
        yield f"{text['type']} instead of {kind}"
    if not 1 <= utf16(text["text"]) <= characters_max:
        yield f"{utf16(text['text'])} characters of {characters_max}"
    if text["type"] == "mrkdwn" and text.get("verbatim") is not True:
        yield "names and addresses would be linked"
    if text["type"] == "plain_text" and text.get("emoji") is not False:
        yield "emoji codes would be drawn"
    yield from text_faults(text["text"], is_mrkdwn=text["type"] == "mrkdwn")
