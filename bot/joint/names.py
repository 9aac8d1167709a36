"""How a joint plan and its parts are called. Pure.

    cancel-order+refund+refund~2    the plan's workflow: its parts, in the order of their steps
    refund~2                        a part: the workflow's name, and which time it is asked for
    refund~2.amount                 a slot or a step of that part

None of the three marks can stand in a name of a bundle (policies.spelling.NAME), so nothing that a
bundle declares is ever taken for a joint plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.cards.phrases import spaced

PARTS_MAX = 4  # parts of one plan: what people can still judge on one card

_JOINED, _AGAIN, _OF = "+", "~", "."


def named(workflows: Iterable[str]) -> tuple[str, ...]:
    """A part's name for each workflow: "refund", and "refund~2" where it comes a second time."""
    times: Counter[str] = Counter()
    parts = []
    for workflow in workflows:
        times[workflow] += 1
        again = f"{_AGAIN}{times[workflow]}" if times[workflow] > 1 else ""
        parts.append(f"{workflow}{again}")
    return tuple(parts)


def joint(parts: Iterable[str]) -> str:
    """What the plan of several parts has for its workflow."""
    return _JOINED.join(parts)


def is_joint(workflow: str) -> bool:
    return _JOINED in workflow


def parts_of(workflow: str) -> tuple[str, ...]:
    """The parts of a plan by its workflow, in order; the workflow itself where it is not joint."""
    return tuple(workflow.split(_JOINED))


def declared(part: str) -> str:
    """The workflow of a part, as a bundle declares it."""
    return part.partition(_AGAIN)[0]


def workflows_of(workflow: str) -> tuple[str, ...]:
    """The declared workflows that a plan takes, each once; none for a run that has none yet."""
    return tuple(dict.fromkeys(declared(part) for part in parts_of(workflow) if part))


def within(part: str, name: str) -> str:
    """A slot or a step of a part, as the joint plan calls it."""
    return f"{part}{_OF}{name}"


def part_of(workflow: str, name: str) -> str:
    """The part that a slot or a step of a plan belongs to."""
    return name.partition(_OF)[0] if is_joint(workflow) else workflow


def own(part: str, name: str) -> str:
    """What a part itself calls one of its slots or steps; "" for another part's."""
    of, _, rest = name.partition(_OF)
    return rest if of == part else ""


def worded(name: str) -> str:
    """A slot for people: "amount", and of a joint plan "amount (refund 2)"."""
    of, mark, rest = name.partition(_OF)
    return f"{spaced(rest)} ({worded_part(of)})" if mark else spaced(name)


def worded_step(name: str) -> str:
    """A step for people: "close", and of a joint plan "close (refund 2)"."""
    return worded(name) if _OF in name else name


def worded_part(part: str) -> str:
    """A part for people: "cancel order", "refund 2"."""
    return spaced(part.replace(_AGAIN, " "))
