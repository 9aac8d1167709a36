"""A document checked against its model: pydantic's findings, said in sentences and with places."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from policies import spelling
from policies.document import Document
from policies.findings import Finding

M = TypeVar("M", bound=BaseModel)
SHOWN_MAX = 80  # characters of a value that is refused


def parse(model: type[M], document: Document, findings: list[Finding]) -> M | None:
    """The typed document, or None with at least one finding added. What was found whole is not
    looked at again: models are frozen, and the same file is the same document."""
    if isinstance(known := document.parsed.get(model), model):
        return known
    if not isinstance(document.tree, dict):
        findings.append(document.finding((), "the file must be a mapping of keys to values"))
        return None
    try:
        found = document.parsed[model] = model.model_validate(document.tree)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        causes = tuple(_causes(model, details)) or details  # what is refused is never unsaid
        findings += [_finding(model, document, detail) for detail in causes]
        return None
    return found


def _causes(model: type[BaseModel], details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The errors without those that only follow: a key that is missing because it is misspelt, a
    list that is too short because its items are wrong, the other variants of a union."""
    misspelt = {
        (*detail["loc"][:-1], _near(model, str(detail["loc"][-1])))
        for detail in details
        if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        path, kind = detail["loc"], detail["type"]
        others = [d["loc"] for d in details if d is not detail]
        is_parent = any(len(o) > len(path) and o[: len(path)] == path for o in others)
        is_variant = kind == "literal_error" and any(
            o[: len(path) - 1] == path[:-1] and o[-1] != path[-1] for o in others if len(path) > 1
        )
        is_misspelt = kind == "missing" and path in misspelt
        if not is_misspelt and not is_variant and not (kind == "too_short" and is_parent):
            yield detail


def _finding(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Finding:
    path, kind = detail["loc"], detail["type"]
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return document.key_finding(_present(document, path), _unknown(model, name))
    if kind == "missing":
        return document.finding(path[:-1], f"the key {name!r} is missing")
    # The place says which item of a list it is.
    shown = ".".join(str(part) for part in _present(document, path) if isinstance(part, str))
    return document.finding(path, f"{shown}: {_objection(detail)}")


def _objection(detail: ErrorDetails) -> str:
    """What is wrong with one value, and what it should be."""
    context = detail.get("ctx") or {}
    if detail["type"] == "value_error":
        return str(context.get("error", detail["msg"]))
    if detail["type"] == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        what = "this" if pattern in spelling.SECRET else ascii(str(detail["input"])[:SHOWN_MAX])
        if pattern in spelling.SPELLINGS:
            return f"{what} is not {spelling.SPELLINGS[pattern]}"
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}"


def _unknown(model: type[BaseModel], name: str) -> str:
    near = _near(model, name)
    if near == name:
        return f"the key {name!r} does not stand here"
    return f"unknown key {name!r}" + (f"; did you mean {near!r}?" if near else "")


def _near(model: type[BaseModel], name: str) -> str:
    """The key that was probably meant, "" where none is like it."""
    near = difflib.get_close_matches(name, sorted(_keys(model.model_json_schema())), n=1)
    return near[0] if near else ""


def _keys(schema: object) -> set[str]:
    """Every property name in a JSON schema."""
    if isinstance(schema, dict):
        own = set(schema.get("properties", {}))
        return own.union(*(_keys(value) for value in schema.values()))
    if isinstance(schema, list):
        return set().union(*(_keys(value) for value in schema))
    return set()


def _present(document: Document, path: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The path without the names that pydantic adds for a union's variant."""
    known: tuple[int | str, ...] = ()
    for part in path:
        if (*known, part) in document.marks:
            known = (*known, part)
    return known
