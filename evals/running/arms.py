"""What is run: a named artefact laid over a tree of the product, and what that rests on.

evals/running/artefacts.py makes one of a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from evals.cases.case import Case
from evals.cases.suite import Suite
from evals.errors import ArtefactError
from evals.keeping.results import Pins
from evals.stories.trace import Trace

HERE = Path(__file__).parents[2]  # the tree that this code stands in

KINDS = ("prompt", "policy", "workflow", "bundle", "connector", "planner")


@dataclass(frozen=True)
class Artefact:
    """Something that cases can be carried out with, while its context lasts.

    `tree` is what the workers import; `bundle` the folder they load; `planner` is "rules" or
    "claude", and `model` who answers the latter: "scripted:NAME", "cassette:FOLDER" or a live
    model's name. With `has_noise` two runs of it may differ (a live model).
    """

    label: str  # prompt@sha:9f21c2
    tree: Path
    bundle: Path
    planner: str
    pins: Pins
    model: str = ""
    has_noise: bool = False
    is_as_here: bool = False  # named by a commit, and equal to what stands here


def beside_a_key(label: str) -> ArtefactError:
    """Why the code of a commit is given no key: nobody may have read it."""
    return ArtefactError(
        f"{label} is code of a commit, which is not run beside a key; check that commit out, read "
        "it, then do the same there with what stands there"
    )


def beside_secrets(label: str, names: Iterable[str]) -> ArtefactError:
    """Why the code of a commit is not run from a shell that holds secrets: a worker is a process of
    the same user, and could read what its parent was started with."""
    return ArtefactError(
        f"{label} is code of a commit, which is not run from a shell with {', '.join(names)}; "
        "unset them and run it again"
    )


@dataclass(frozen=True)
class Ran:
    """One case carried out once; how long it took is this machine's affair."""

    trace: Trace
    milliseconds: int


# Carries out cases in some epochs, in any order; every case and epoch comes out exactly once.
Runner = Callable[[Artefact, Sequence[Case], Sequence[int]], Iterator[Ran]]
Resolver = Callable[[str, Suite, int], AbstractContextManager[Artefact]]
