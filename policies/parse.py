"""A document checked against its model: pydantic's findings, said in sentences and with places."""

from __future__ import annotations

import difflib
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from policies.document import Document
from policies.findings import Finding

M = TypeVar("M", bound=BaseModel)


def parse(model: type[M], document: Document, findings: list[Finding]) -> M | None:
    """The typed document, or None with at least one finding added."""
    if not isinstance(document.tree, dict):
        findings.append(document.finding((), "the file must be a mapping of keys to values"))
        return None
    try:
        return model.model_validate(document.tree)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True)
        findings += [_finding(model, document, detail) for detail in details]
        return None


def _finding(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Finding:
    path, kind = detail["loc"], detail["type"]
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return document.key_finding(_present(document, path), _unknown(model, name))
    if kind == "missing":
        return document.finding(path[:-1], f"the key {name!r} is missing")
    shown = ".".join(str(part) for part in path if part != "[key]")
    return document.finding(path, f"{shown}: {detail['msg'][0].lower()}{detail['msg'][1:]}")


def _unknown(model: type[BaseModel], name: str) -> str:
    near = difflib.get_close_matches(name, sorted(_keys(model.model_json_schema())), n=1)
    return f"unknown key {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


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
