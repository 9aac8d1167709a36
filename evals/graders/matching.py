"""Writes as cases speak of them: an operation with those values that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.cases.amounts import plain
from evals.cases.case import Write
from evals.cases.references import ANY
from evals.stories.trace import Wrote
from store.model.values import Json


def is_such(wanted: Write, wrote: Wrote) -> bool:
    """Whether a write is of the operation and has the values, others notwithstanding."""
    return all(
        name in (ANY, wrote.operation)
        and all(_same(value, wrote.values, key) for key, value in values.items())
        for name, values in wanted.items()
    )


def _same(wanted: Json, values: Mapping[str, Json], key: str) -> bool:
    return key in values and plain(values[key]) == plain(wanted)


def unmatched(
    wanted: Sequence[Write], wrote: Sequence[Wrote]
) -> tuple[tuple[Write, ...], tuple[Wrote, ...]]:
    """What is wanted and was not written, and what was written and is not wanted; each write meets
    one wish. Of all ways to pair them a fullest is taken (augmenting paths), because a wish that
    names few values may be met by what another one needs."""
    met: dict[int, int] = {}  # write -> wish

    def meet(wish: int, tried: set[int]) -> bool:
        for index, each in enumerate(wrote):
            if index in tried or not is_such(wanted[wish], each):
                continue
            tried.add(index)
            if index not in met or meet(met[index], tried):
                met[index] = wish
                return True
        return False

    missing = tuple(each for wish, each in enumerate(wanted) if not meet(wish, set()))
    return missing, tuple(each for index, each in enumerate(wrote) if index not in met)


def said(operation: str, values: Mapping[str, Json]) -> str:
    """ "payments.refund (amount 40.00 USD, payment pay_7731)"."""
    listed = ", ".join(f"{key} {plain(value)}" for key, value in sorted(values.items()))
    return f"{operation} ({listed})" if listed else operation
