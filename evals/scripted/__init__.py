"""Models that answer by a script, for `model@scripted:NAME`: one reads honestly and simply, the
others misbehave on purpose. Each is deterministic: the same request has the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.planner.model import Model
from evals.errors import EvalError
from evals.scripted.garbage import Garbage
from evals.scripted.honest import Honest
from evals.scripted.misreading import Escalating, Lying, Mutating, Obedient
from evals.scripted.stopping import (
    Away,
    Broken,
    Looping,
    Overspending,
    Pausing,
    Refusing,
    Slow,
    Truncating,
    Unwilling,
)

HONEST = "honest"
SCRIPTED: Mapping[str, Callable[[], Model]] = MappingProxyType(
    {
        HONEST: Honest,
        "away": Away,
        "broken": Broken,
        "escalating": Escalating,
        "garbage": Garbage,
        "looping": Looping,
        "lying": Lying,
        "mutating": Mutating,
        "obedient": Obedient,
        "overspending": Overspending,
        "pausing": Pausing,
        "refusing": Refusing,
        "slow": Slow,
        "truncating": Truncating,
        "unwilling": Unwilling,
    }
)


class ScriptedError(EvalError):
    """There is no scripted model of that name; the message lists those that there are."""


def scripted(name: str) -> Model:
    """The scripted model of a name. Raises ScriptedError."""
    made = SCRIPTED.get(name)
    if made is None:
        raise ScriptedError(f"no scripted model {name!r}; there are: {', '.join(sorted(SCRIPTED))}")
    return made()
