"""Every promise of the contract by its title, and for which operations it is one.

A check that does not apply is "by design not"; one that the counterpart cannot show is unproven.
Neither is run, and neither is ever counted as kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from connectors.conformance import failing, finding, reading, writing
from connectors.conformance.case import Case
from connectors.conformance.finding import FinderCase
from connectors.conformance.world import Sample, World
from connectors.operation import Operation

C = TypeVar("C", Case, FinderCase)
Applies = Callable[[Operation[Any], Sample], str]  # why it is no promise; "" where it is one
Verdict = Literal["proven", "by design not", "unproven"]


@dataclass(frozen=True)
class Property(Generic[C]):
    """One promise: what people call it, the check that shows it, and why it may be none."""

    title: str
    check: Callable[[C], None]
    by_design: Applies = lambda _operation, _sample: ""

    @property
    def name(self) -> str:
        """The check's own name, as `World.unproven` has it."""
        return self.check.__name__


@dataclass(frozen=True)
class Standing:
    """Where one operation or finder stands with one property; `why` unless it is proven."""

    verdict: Verdict
    why: str = ""


def _remembers_a_key(operation: Operation[Any], sample: Sample) -> str:
    if operation.remembers != "key":
        return f"the system keeps no key; what is found again is the {operation.remembers}"
    if sample.is_final and sample.other is None:
        return "there is one way to write it, and no way to take it back"
    return ""


def _is_found_at_once(operation: Operation[Any], _sample: Sample) -> str:
    if operation.remembers == "mark" and operation.guard.kind == "re-read":
        return "a mark is found after the write alone; a step is sent by one worker at a time"
    return ""


def _is_compared(operation: Operation[Any], _sample: Sample) -> str:
    if operation.guard.kind == "re-read":
        return "the record is read again before the write; between the two another may be quicker"
    return ""


def _can_be_taken_back(_operation: Operation[Any], sample: Sample) -> str:
    return "it cannot be taken back, and says so" if sample.is_final else ""


def _can_be_taken_back_at_once(operation: Operation[Any], sample: Sample) -> str:
    return _can_be_taken_back(operation, sample) or _is_found_at_once(operation, sample)


def _has_an_end(_operation: Operation[Any], sample: Sample) -> str:
    return "" if sample.final is not None else "every write of it can be taken back"


def _has_refusals(_operation: Operation[Any], sample: Sample) -> str:
    return "" if sample.refused else "nothing that its parameters permit is refused beforehand"


OPERATION_PROPERTIES: tuple[Property[Case], ...] = (
    Property("named and scoped as the contract says", reading.check_declaration),
    Property("parameters are strict", reading.check_params_are_strict),
    Property("reading changes nothing", reading.check_read_is_pure),
    Property("the prediction changes nothing", reading.check_preview_is_pure),
    Property("what is refused is refused twice", reading.check_refused_samples, _has_refusals),
    Property("facts are as declared", reading.check_facts),
    Property("undo is said beforehand", reading.check_undo_is_declared),
    Property("scopes are enforced", writing.check_scopes_are_enforced),
    Property("the prediction comes true", writing.check_preview_comes_true),
    Property("one key writes once", writing.check_same_key_writes_once),
    Property(
        "one key writes once, at once",
        writing.check_same_key_writes_once_at_once,
        _is_found_at_once,
    ),
    Property("a key is of one call", writing.check_key_belongs_to_one_call, _remembers_a_key),
    Property("a stale write conflicts", writing.check_stale_version_conflicts),
    Property("of many writes at once one wins", writing.check_one_of_many_wins, _is_compared),
    Property("taking back restores", writing.check_compensate_restores, _can_be_taken_back),
    Property(
        "taken back once, at once", writing.check_compensate_at_once, _can_be_taken_back_at_once
    ),
    Property(
        "what never was is not taken back",
        writing.check_compensate_wants_a_write,
        _can_be_taken_back,
    ),
    Property("the final is not taken back", writing.check_undo_is_honest, _has_an_end),
    Property("faults of reading are clean", failing.check_faults_of_reading),
    Property("faults of writing are clean", failing.check_faults_of_writing),
    Property("a lost answer is found", failing.check_time_out_after_write),
    Property(
        "faults of taking back are clean", failing.check_faults_of_compensate, _can_be_taken_back
    ),
    Property("a system that is away writes nothing", failing.check_system_away),
    Property("a bad credential opens nothing", failing.check_credentials),
    Property("an environment is what the system says", failing.check_environment),
)
FINDER_PROPERTIES: tuple[Property[FinderCase], ...] = (
    Property("finds what is meant, and nothing else", finding.check_finds),
    Property("records are as declared", finding.check_records_are_typed),
    Property(
        "hostile words write, fail and flood nothing", finding.check_search_is_pure_and_bounded
    ),
    Property("scopes are enforced", finding.check_search_scopes),
    Property("faults of searching are clean", finding.check_search_faults),
)


def operation_standing(
    promise: Property[Case], operation: Operation[Any], its_world: World
) -> Standing:
    """Whether the property is checked of this operation against this world."""
    sample = its_world.samples.get(operation.name)
    if sample is not None and (why := promise.by_design(operation, sample)):
        return Standing("by design not", why)
    if promise.check is failing.check_environment and not its_world.says_environment:
        return Standing("by design not", "the system does not say which environment it is")
    return _shown(promise.name, operation.name, its_world)


def finder_standing(promise: Property[FinderCase], name: str, its_world: World) -> Standing:
    """The same of a finder."""
    return _shown(promise.name, name, its_world)


def _shown(check: str, name: str, its_world: World) -> Standing:
    why = its_world.unproven.get(f"{name} {check}") or its_world.unproven.get(check)
    return Standing("unproven", why) if why else Standing("proven")
