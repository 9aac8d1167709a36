"""An OpenAPI 3 document as data: validated, references inside it followed, and nothing fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

METHODS = ("get", "put", "post", "patch", "delete")
REFERENCES_MAX = 20  # that lead from one place to a schema
DEPTH_MAX = 100
JSON = "application/json"

_PART = re.compile(r"\{([^{}]+)\}")
_PATH = re.compile(r"^(/[A-Za-z0-9_.~{}-]*)+$")

Schema = Mapping[str, Any]


class DocumentError(Exception):
    """A document, or a part of it, that cannot be used; the message is for the admin."""


@dataclass(frozen=True)
class Call:
    """One operation of the document. `body` is the schema of its JSON, None where it takes none;
    `answer` that of its first 2xx answer; `required` are parameters outside the path."""

    id: str
    method: str
    path: str
    parameters: Mapping[str, Schema]
    queries: Mapping[str, Schema]
    required: frozenset[str]
    body: Schema | None
    answer: Schema

    @property
    def parts(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(_PART.findall(self.path))


@dataclass(frozen=True)
class Document:
    """A whole, valid document."""

    tree: Mapping[str, Any]

    def call(self, operation_id: str) -> Call:
        """One operation by its id. Raises DocumentError where it is not there once."""
        found = [
            (path, method, item, item[method])
            for path, item in self.tree["paths"].items()
            for method in METHODS
            if isinstance(item, Mapping) and item.get(method, {}).get("operationId") == operation_id
        ]
        if len(found) != 1:
            raise DocumentError(f"the document has {len(found)} operations {operation_id!r}")
        path, method, item, operation = found[0]
        if not _PATH.match(path) or ".." in path or "//" in path:
            raise DocumentError(f"{operation_id} has a path that is none: {path[:60]!r}")
        declared = [
            self.followed(each)
            for each in (*item.get("parameters", ()), *operation.get("parameters", ()))
        ]
        required = {e["name"] for e in declared if e.get("required") and e["in"] != "path"}
        return Call(
            id=operation_id,
            method=method.upper(),
            path=path,
            parameters={
                e["name"]: self.followed(e.get("schema", {})) for e in declared if e["in"] == "path"
            },
            queries={
                e["name"]: self.followed(e.get("schema", {}))
                for e in declared
                if e["in"] == "query"
            },
            required=frozenset(required),
            body=self._body(operation),
            answer=self._answer(operation),
        )

    def followed(self, node: Schema) -> Schema:
        """The node itself, or what its $ref leads to."""
        for _ in range(REFERENCES_MAX):
            if "$ref" not in node:
                return node
            found: Any = self.tree
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        raise DocumentError("a $ref leads in a circle")

    def at(self, schema: Schema, pointer: str) -> Schema:
        """The schema of what stands at a pointer. Raises DocumentError where none is declared."""
        for part in pointer.strip("/").split("/"):
            properties = self.followed(schema).get("properties", {})
            if part not in properties:
                raise DocumentError(f"the document declares nothing at {pointer}")
            schema = properties[part]
        return self.followed(schema)

    def items(self, schema: Schema, pointer: str | None) -> Schema:
        """The schema of one item of the list at a pointer, of the whole where there is none."""
        found = self.followed(schema) if pointer is None else self.at(schema, pointer)
        if found.get("type") != "array" or "items" not in found:
            raise DocumentError(f"the document declares no list at {pointer or 'the top'}")
        return self.followed(found["items"])

    def _body(self, operation: Mapping[str, Any]) -> Schema | None:
        if "requestBody" not in operation:
            return None
        content = self.followed(operation["requestBody"]).get("content", {})
        if JSON not in content:
            raise DocumentError(f"{operation['operationId']} takes no {JSON}")
        return self.followed(content[JSON].get("schema", {}))

    def _answer(self, operation: Mapping[str, Any]) -> Schema:
        for status, answer in operation.get("responses", {}).items():
            content = self.followed(answer).get("content", {})
            if str(status).startswith("2") and JSON in content:
                return self.followed(content[JSON].get("schema", {}))
        return {}


def read(data: bytes) -> Document:
    """The document in a file. Raises DocumentError; ImportError where the validator is missing."""
    from openapi_spec_validator import validate
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

    try:
        tree = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"is no JSON: {str(error)[:100]}") from None
    if not isinstance(tree, dict) or not str(tree.get("openapi", "")).startswith(("3.0.", "3.1.")):
        raise DocumentError("is no OpenAPI document of version 3.0 or 3.1")
    for reference in _references(tree, 0):  # before anything could be fetched
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise DocumentError(f"refers to what is not in it: {str(reference)[:80]!r}")
    try:
        validate(tree)
    except OpenAPIValidationError as error:
        raise DocumentError(f"is not valid: {str(error).splitlines()[0][:120]}") from None
    except Exception as error:  # noqa: BLE001 - a validator's own failure on hostile data
        raise DocumentError(f"cannot be validated ({type(error).__name__})") from None
    return Document(tree)


def _references(node: Any, depth: int) -> Iterator[Any]:
    if depth > DEPTH_MAX:
        raise DocumentError(f"is nested deeper than {DEPTH_MAX}")
    if isinstance(node, dict):
        for name in ("$ref", "$dynamicRef", "$id", "$schema", "operationRef"):
            # A property may itself be called so; then its value is a schema, no text.
            if isinstance(node.get(name), str) and name != "$schema":
                yield node[name]
        for each in node.values():
            yield from _references(each, depth + 1)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each, depth + 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
