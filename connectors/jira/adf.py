"""Atlassian's document format, in which v3 takes and gives every text of more than one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.operation import Value

DEPTH_MAX = 40  # of nested nodes that are read
NODES_MAX = 5_000  # of one text that are read


def document(text: str) -> Mapping[str, Value]:
    """Plain text as a document: an empty line parts paragraphs, a line break stays one."""
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
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def _text(node: Any, depth: int, budget: list[int]) -> str:
    budget[0] -= 1
    if not isinstance(node, Mapping) or depth > DEPTH_MAX or budget[0] < 0:
        return ""
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "hardBreak":
        return "\n"
    if kind in ("mention", "emoji", "status", "date"):
        attributes = node.get("attrs")
        return str(attributes.get("text", "")) if isinstance(attributes, Mapping) else ""
    parts = [_text(each, depth + 1, budget) for each in _content(node)]
    is_inline = kind in ("paragraph", "heading", "codeBlock")
    return ("" if is_inline else "\n").join(parts)


def _content(node: Mapping[str, Any]) -> list[Any]:
    content = node.get("content")
    return content if isinstance(content, list) else []
