"""The most that a workflow may do without a person, in words for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Ceiling:
    """`sentence` is about one workflow in one environment; `file` is where the workflow stands."""

    file: str
    workflow: str
    environment: str
    sentence: str


def lines(ceilings: Sequence[Ceiling]) -> Iterator[str]:
    """One line for a workflow, or one for each environment where they differ."""
    for file, group in groupby(ceilings, key=lambda ceiling: ceiling.file):
        own = list(group)
        if len({ceiling.sentence for ceiling in own}) == 1:
            yield f"{file}  without a person: {own[0].sentence}"
        else:
            for one in own:
                yield f"{file}  without a person in {one.environment}: {one.sentence}"
