"""Who of the suite's people plays whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.cases.case import SuiteFile


@dataclass(frozen=True)
class Cast:
    """Person id -> the suite's person; `roles` are what somebody has to hold instead of their
    own."""

    players: Mapping[str, str]
    roles: Mapping[str, tuple[str, ...]]


def cast(
    file: SuiteFile,
    people: Sequence[str],
    roles: Mapping[str, tuple[str, ...]],
    one_of: Mapping[str, tuple[str, ...]],
) -> Cast:
    """A different person of the suite for everybody, the requester first: with the same roles where
    they are known, else with one of those that they must have had. Who is lacking is played by
    somebody else with these roles. Raises ValueError where the suite has too few people."""
    players: dict[str, str] = {}
    instead: dict[str, tuple[str, ...]] = {}
    for person in dict.fromkeys(people):
        free = [name for name in file.people if name not in players.values()]
        if not free:
            raise ValueError(f"the suite has {len(file.people)} people; the run had more")
        free.sort(key=lambda name: name != file.requester)  # who asks plays who asked
        if person in roles:
            wanted = roles[person]
            fitting = [name for name in free if set(file.people[name].roles) == set(wanted)]
        elif person in one_of:
            wanted = one_of[person][:1]
            fitting = [name for name in free if set(file.people[name].roles) & set(wanted)]
        else:  # nothing is known but that they pressed
            wanted, fitting = (), free if not players else free[::-1]
        players[person] = (fitting or free[::-1])[0]
        if not fitting:
            instead[players[person]] = wanted
    return Cast(players, instead)
