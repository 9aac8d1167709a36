"""A stand-in that answers as it does, with something else where something else belongs: whatever a
connector makes of it is of the tree, and reads are never half understood into a write."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from connectors.conformance.loopback import Answer
from connectors.errors import ConnectorError, OutcomeUnknown
from connectors.operation import Finder, Operation, Params, Record

ODD = (None, True, 7, -1, "odd", "", [], {}, [7], [None], {"x": 7}, [[]], 10**400)
CHANGES = 60  # of answers, for each operation and finder
DICE = random.Random(6)


def odd(
    handle: Callable[[Any, Any], Answer], is_spared: Callable[[Any], bool] = lambda _: False
) -> Callable[[Any, Any], Answer]:
    """`handle`, with one value of some answers replaced."""

    def handle_oddly(tenant: Any, request: Any) -> Answer:
        answer = handle(tenant, request)
        if answer.body is None or is_spared(request) or DICE.random() < 0.6:
            return answer
        return Answer(answer.status, _changed(answer.body), answer.headers)

    return handle_oddly


def check_reading(session: Any, operation: Operation[Any], values: Mapping[str, Any]) -> None:
    """What an operation reads into odd answers is whole, or refused."""
    params = operation.params.model_validate(values)
    refused = 0
    for index in range(CHANGES):
        try:
            before = operation.read(session, params)
            json.dumps([dict(before.fields), dict(before.about)])
            operation.undo(params, before)
            assert operation.facts(params, before).keys() == operation.fact_types.keys()
            operation.preview(params, before)
            operation.lookup(session, params, f"key {index}")
        except OutcomeUnknown as error:
            pytest.fail(f"nothing was written: {error}")
        except ConnectorError:
            refused += 1
    assert refused > 0


def check_finding(session: Any, finder: Finder, words: str) -> Iterator[Record]:
    """The records that a finder finds in odd answers, no more than it may."""
    for _ in range(CHANGES):
        try:
            found = finder.find(session, words)
        except ConnectorError:
            continue
        assert len(found) <= finder.records_max
        yield from found


def check_writing(session: Any, operation: Operation[Any], params: Params) -> None:
    """Writing and taking back raise nothing that is not of the tree."""
    for index in range(CHANGES):
        try:
            before = operation.read(session, params)
            result = operation.execute(session, params, before, f"do {index}")
            operation.compensate(session, params, before, result, f"undo {index}")
        except ConnectorError:
            continue


def _changed(body: Any) -> Any:
    body = copy.deepcopy(body)
    places = list(_walk(body))
    if not places or DICE.random() < 0.1:
        return DICE.choice(ODD)
    parent, name = DICE.choice(places)
    parent[name] = DICE.choice(ODD)
    return body


def _walk(node: Any) -> Iterator[tuple[Any, Any]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in list(inner):
        yield node, name
        if isinstance(value, dict | list):
            yield from _walk(value)
