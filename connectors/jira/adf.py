"""Atlassian's document format, in which v3 takes and gives every text of more than one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.operation import Value
from connectors.text import WEB_ADDRESS

DEPTH_MAX = 40  # of nested nodes that are read
NODES_MAX = 5_000  # of one text that are read
_LINK = re.compile(f"({WEB_ADDRESS.pattern})", WEB_ADDRESS.flags)
# Nodes that say what they show in an attribute (Atlassian Document Format, "Inline nodes").
_NAMED = {"mention": "text", "emoji": "text", "status": "text", "inlineCard": "url"}


def document(text: str) -> Mapping[str, Value]:
    """Plain text as a document: an empty line parts paragraphs, a line break stays one, and an
    address of the web is a link."""
    return {
        "type": "doc",
        "version": 1,
        "content": [_paragraph(part) for part in text.split("\n\n")],
    }


def plain(node: Any) -> str:
    """The text of a document, and of nothing else in it; "" for none."""
    if not isinstance(node, Mapping):
        return ""
    budget = [NODES_MAX]
    blocks = (_text(block, 1, budget) for block in _content(node))
    return "\n\n".join(blocks)


def _paragraph(part: str) -> Mapping[str, Value]:
    content: list[Mapping[str, Value]] = []
    for index, line in enumerate(part.split("\n")):
        if index:
            content.append({"type": "hardBreak"})
        content += [_words(each) for each in _LINK.split(line) if each]
    return {"type": "paragraph", "content": content}


def _words(text: str) -> Mapping[str, Value]:
    """Words, or a link that shows where it goes: Jira makes none of plain words."""
    words: dict[str, Value] = {"type": "text", "text": text}
    if _LINK.fullmatch(text):
        words["marks"] = [{"type": "link", "attrs": {"href": text}}]
    return words


def _text(node: Any, depth: int, budget: list[int]) -> str:
    budget[0] -= 1
    if not isinstance(node, Mapping) or depth > DEPTH_MAX or budget[0] < 0:
        return ""
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    if name := _NAMED.get(str(kind)):
        attributes = node.get("attrs")
        return str(attributes.get(name, "")) if isinstance(attributes, Mapping) else ""
    parts = [_text(each, depth + 1, budget) for each in _content(node)]
    is_inline = kind in ("paragraph", "heading", "codeBlock")
    return ("" if is_inline else "\n").join(parts)


def _content(node: Mapping[str, Any]) -> list[Any]:
    content = node.get("content")
    return content if isinstance(content, list) else []
