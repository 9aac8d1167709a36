"""Teams' limits, written from its published documents and schema alone: an independent judge of our
Adaptive Cards.

It shares no constant and no code with the renderer. `faults(card)` lists what a client would refuse
or draw wrongly, and what a hostile text could do in a card that Teams takes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match
from markdown_it import MarkdownIt

from bot.cards import press

ELEMENTS = {
    "ActionSet", "Container", "Input.ChoiceSet", "Input.Text", "Input.Toggle", "RichTextBlock",
    "TextBlock", "ColumnSet", "Column", "FactSet",
}  # fmt: skip
COLUMNS_MAX = 2  # more are not readable on a phone
PRIMARY_ACTIONS_MAX = 6
BYTES_MAX = 28_000  # what old clients take of a message
# The only functions that our renderer may write, as npm adaptivecards reads them.
DATE = re.compile(
    r"\{\{DATE\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z, SHORT\)\}\}"
    r"|\{\{TIME\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\)\}\}"
)
# The link to a thread in Teams, the only address that a card may open.
LINK = re.compile(
    r"https://teams\.microsoft\.com/l/message/19%3A[A-Za-z0-9%_.-]+/[0-9]+(\?tenantId=[0-9a-f-]+)?"
)
VERDICTS = {
    "approve", "cancel", "answer", "happened", "did_not", "ask_again", "withdraw", "review_right",
    "look",
}  # fmt: skip
DIALOGS = {
    "details", "reject", "edit", "ask", "reply", "answer_form", "review_wrong", "review_batch",
}  # fmt: skip
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
OURS = {"paragraph", "inline", "text", "strong"}  # what a markdown reader may find in a TextBlock
_MARKDOWN = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def faults(
    card: dict[str, Any], bytes_max: int = BYTES_MAX, *, has_schema: bool = True
) -> list[str]:
    """Everything that is wrong with a card, in words. The schema takes most of the time."""
    found = [*_schema(card)] if has_schema else []
    wire = len(json.dumps(card, ensure_ascii=False).encode())
    if wire > bytes_max:
        found.append(f"{wire} bytes")
    if card.get("version") != "1.5":
        found.append(f"version {card.get('version')}")
    if card.get("msteams") != {"width": "Full"}:
        found.append("not of full width, or with entities that name somebody")
    if not card.get("fallbackText"):
        found.append("nothing for clients that do not know the version")
    found += plain_faults(card.get("fallbackText", ""), is_markdown=True)
    if "actions" in card:
        found.append("actions outside of an ActionSet")
    if refresh := card.get("refresh"):
        found += _refresh(refresh)
    ids = [each["id"] for each in elements(card) if each["type"].startswith("Input.")]
    if len(ids) != len(set(ids)):
        found.append("an input's id twice")
    for element in elements(card):
        found += [f"{element['type']}: {fault}" for fault in _element(element)]
    return found


def elements(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every element of the body, whatever it stands in."""
    yield from _inside(card["body"])


def actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Every button, in the order in which a person sees them."""
    rows = [each["actions"] for each in elements(card) if each["type"] == "ActionSet"]
    return [action for row in rows for action in row]


def texts(card: dict[str, Any]) -> list[str]:
    """What a person reads, line by line, with dates as they stand and markdown read."""
    found = []
    for each in elements(card):
        if each["type"] == "RichTextBlock":
            found.append("".join(run["text"] for run in each["inlines"]))
        elif each["type"] == "TextBlock":
            found.append(each["text"].replace("**", ""))
        found += [each[name] for name in ("label", "title", "placeholder", "value") if name in each]
        found += [choice["title"] for choice in each.get("choices", [])]
        found += [action["title"] for action in each.get("actions", [])]
    return found


def plain_faults(text: str, *, is_markdown: bool = False) -> list[str]:
    """What a text must never hold, whatever people and systems wrote."""
    found = []
    rest = DATE.sub("", text) if is_markdown else text
    if "{{" in rest:
        found.append(f"a function in {rest[:80]!r}")
    if re.search(r"<\s*/?\s*at\b|<[A-Za-z/!]", rest, re.IGNORECASE):
        found.append(f"a mention or a tag in {rest[:80]!r}")
    if "://" in rest or re.search(r"\b(?:mailto|tel):", rest, re.IGNORECASE):
        found.append(f"an address in {rest[:80]!r}")
    if is_markdown:
        found += _markdown(text)
    for index, character in enumerate(text):
        if unicodedata.category(character) in INVISIBLE:
            around = text[max(0, index - 1) : index + 2]
            if character != "\u200d" or around.isascii():
                found.append(f"invisible U+{ord(character):04X}")
    return found


@cache
def _markdown(text: str) -> tuple[str, ...]:
    """What CommonMark (with tables and strikethrough) makes of a text beyond our own bold."""
    tokens = _MARKDOWN.parse(text)
    parts = [part for token in tokens for part in (token, *(token.children or ()))]
    kinds = [part.type.removesuffix("_open").removesuffix("_close") for part in parts]
    found = [f"{kind} in {text[:80]!r}" for kind in kinds if kind not in OURS]
    shown = "".join(part.content for part in parts if part.type == "text")
    if shown.strip() != text.replace("**", "").strip():
        found.append(f"{text[:80]!r} reads {shown[:80]!r}")
    return tuple(found)


@cache
def _validator() -> Draft6Validator:
    source = files("adaptive_cards") / "schemas" / "schema-1.5.json"
    return Draft6Validator(json.loads(source.read_text()))


def _schema(card: dict[str, Any]) -> Iterator[str]:
    """`msteams` is Teams' own and no part of the schema."""
    published = {name: value for name, value in card.items() if name != "msteams"}
    error = best_match(_validator().iter_errors(published))
    if error is not None:
        yield f"{error.json_path}: {error.message[:300]}"


def _inside(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from _inside(item.get("items", []))
        yield from _inside(item.get("columns", []))


def _element(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] not in ELEMENTS:
        yield "not readable on a phone, or not known"
    if "selectAction" in element:
        yield "it is pressed by touching it"
    match element["type"]:
        case "TextBlock":
            if element.get("wrap") is not True:
                yield "it does not wrap"
            if not element["text"].strip():
                yield "no text"
            yield from plain_faults(element["text"], is_markdown=True)
        case "RichTextBlock":
            if not "".join(run["text"] for run in element["inlines"]).strip():
                yield "no text"
            for run in element["inlines"]:
                if not run["text"]:
                    yield "an empty run"
                if "selectAction" in run:
                    yield "a link in a text"
                yield from plain_faults(run["text"])
        case "ColumnSet":
            if len(element["columns"]) > COLUMNS_MAX:
                yield f"{len(element['columns'])} columns"
        case "ActionSet":
            yield from _actions(element["actions"])
        case kind if kind.startswith("Input."):
            yield from _input(element)


def _input(element: dict[str, Any]) -> Iterator[str]:
    for name in ("label", "title", "placeholder", "errorMessage"):
        yield from plain_faults(element.get(name, ""), is_markdown=True)
    if not (element.get("label") or element.get("title")):
        yield "no label"
    if element.get("isRequired") and not element.get("errorMessage"):
        yield "required without a word about it"
    units = len(element.get("value", "").encode("utf-16-le")) // 2
    if element["type"] == "Input.Text" and units > element["maxLength"]:
        yield "the value is longer than the field"
    if element["type"] == "Input.ChoiceSet":
        choices = element["choices"]
        values = [choice["value"] for choice in choices]
        if not choices or len(values) != len(set(values)):
            yield "no choices, or a value twice"
        if any("," in value or not value for value in values):
            yield "a value that is none, or that several would be split at"
        if not {v for v in element.get("value", "").split(",") if v} <= {*values}:
            yield "a value that is not offered"
        for choice in choices:
            yield from plain_faults(choice["title"], is_markdown=True)
            if not choice["title"].strip():
                yield "a choice without words"


def _actions(found: list[dict[str, Any]]) -> Iterator[str]:
    primary = [action for action in found if action.get("mode", "primary") == "primary"]
    if not found or len(primary) > PRIMARY_ACTIONS_MAX:
        yield f"{len(primary)} primary actions"
    modes = [action.get("mode", "primary") for action in found]
    if modes != sorted(modes):
        yield "a minor button before the others"
    for action in found:
        if not action["title"].strip():
            yield "a button without words"
        yield from plain_faults(action["title"])
        yield from _action(action)


def _action(action: dict[str, Any]) -> Iterator[str]:
    match action["type"]:
        case "Action.Execute":
            if action["verb"] not in VERDICTS:
                yield f"verb {action['verb']}"
            fallback = action.get("fallback")
            expected = {**action["data"], "verb": action["verb"]}
            if not fallback or fallback["type"] != "Action.Submit" or fallback["data"] != expected:
                yield "an old client would send something else"
            elif fallback["title"] != action["title"]:
                yield "an old client would read something else"
            yield from _press(action["data"])
        case "Action.Submit" if "msteams" in action["data"]:
            if action["data"]["msteams"] != {"type": "task/fetch"}:
                yield "no dialog"
            if action["data"]["verb"] not in DIALOGS:
                yield f"verb {action['data']['verb']}"
            if action["data"]["verb"] != "review_batch":
                yield from _press(action["data"])
        case "Action.Submit" if action["data"].get("verb") == "page":
            yield from _press(action["data"])
        case "Action.Submit":
            if not action["data"].get("form"):
                yield "it says no form"
        case "Action.OpenUrl":
            if not LINK.fullmatch(action["url"]):
                yield f"a link to {action['url']}"
        case other:
            yield f"{other}"


def _press(data: dict[str, Any]) -> Iterator[str]:
    if press.read(data.get("press", "")) is None:
        yield f"a button that nobody can read: {data}"


def _refresh(refresh: dict[str, Any]) -> Iterator[str]:
    if "userIds" in refresh:
        yield "the sender knows whose view it is, the renderer does not"
    if refresh["action"]["type"] != "Action.Execute" or refresh["action"]["verb"] != "look":
        yield "a refresh that does something"
    yield from _press(refresh["action"]["data"])
