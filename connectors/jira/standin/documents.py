"""The document format as Jira checks it: known nodes in known places, nothing else."""

from __future__ import annotations

from typing import Any

from connectors.jira.standin.refusing import RefusedError

_INLINE = {"text", "hardBreak", "mention", "emoji"}
_BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "rule", "blockquote"}
_CHILDREN = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": {"text"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": _BLOCKS,
    "blockquote": _BLOCKS,
}


def check_document(value: Any, field: str) -> None:
    """Raises RefusedError unless it is a document."""
    is_document = (
        isinstance(value, dict)
        and value.keys() == {"type", "version", "content"}
        and value["type"] == "doc"
        and value["version"] == 1
        and isinstance(value["content"], list)
    )
    if not is_document or not all(_is_node(n, "doc", 0) for n in value["content"]):
        raise RefusedError(400, errors={field: "Operation value must be an Atlassian Document."})


def _is_node(node: Any, parent: str, depth: int) -> bool:
    if not isinstance(node, dict) or depth > 20:
        return False
    kind = node.get("type")
    if kind not in _CHILDREN.get(parent, set()):
        return False
    if kind == "text":
        return isinstance(node.get("text"), str) and node["text"] != "" and len(node) <= 3
    if kind in ("hardBreak", "rule"):
        return node.keys() <= {"type", "attrs"}
    if kind in ("mention", "emoji"):
        return isinstance(node.get("attrs"), dict)
    children = node.get("content", [])
    return (
        node.keys() <= {"type", "content", "attrs"}
        and isinstance(children, list)
        and all(_is_node(child, str(kind), depth + 1) for child in children)
    )
