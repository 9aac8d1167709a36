"""Misbehaviour of a story's systems at the calls of their connectors.

What a case arms strikes where the contract is: the errors of the tree, before or after the real
call. That a wire's faults end in these errors, the conformance suite shows for each connector. The
desk has faults of its own (connectors/desk/faults.py), with the same meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from connectors.errors import OutcomeUnknown, Rejected, Unavailable
from connectors.operation import Connector, Finder, Operation, Params, Record, Result, Snapshot
from evals.cases.case import Fault

ANY = "any"
LATER = "Nothing was written; ask again later."

Sleep = Callable[[float], None]


@dataclass
class _Armed:
    fault: Fault
    calls_before: int
    calls_left: int

    def counts(self, operation: str, call: str) -> bool:
        return self.fault.operation in {ANY, operation} and self.fault.call in {ANY, call}


class Faults:
    """What is armed in one world. Belongs to one thread."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._armed: list[_Armed] = []

    def begin(self) -> None:
        """Nothing is armed."""
        self._armed = []

    def arm(self, fault: Fault) -> None:
        """From the nth matching call on it strikes `count` times."""
        self._armed.append(_Armed(fault, fault.nth - 1, fault.count))

    def over(self, connector: Connector) -> Connector:
        """The connector, whose calls suffer what is armed."""
        return replace(
            connector,
            operations=tuple(self._operation(each) for each in connector.operations),
            finders=tuple(self._finder(each) for each in connector.finders),
        )

    def _operation(self, of: Operation[Any]) -> Operation[Any]:
        def read(session: Any, params: Params) -> Snapshot:
            self._suffer(of.system, of.name, "read")
            return of.read(session, params)

        def execute(session: Any, params: Params, before: Snapshot, key: str) -> Result:
            return self._write(of, "execute", lambda: of.execute(session, params, before, key))

        def lookup(session: Any, params: Params, key: str) -> Result | None:
            self._suffer(of.system, of.name, "lookup")
            return of.lookup(session, params, key)

        def compensate(
            session: Any, params: Params, before: Snapshot, result: Result, key: str
        ) -> Result:
            return self._write(
                of, "compensate", lambda: of.compensate(session, params, before, result, key)
            )

        return replace(of, read=read, execute=execute, lookup=lookup, compensate=compensate)

    def _finder(self, of: Finder) -> Finder:
        def find(session: Any, words: str) -> tuple[Record, ...]:
            self._suffer(of.system, of.name, "find")
            return of.find(session, words)

        return replace(of, find=find)

    def _write(self, of: Operation[Any], call: str, write: Callable[[], Result]) -> Result:
        struck = self._suffer(of.system, of.name, call)
        done = write()
        if struck == "time_out_after_write":
            raise _unknown(of.system, of.name)
        return done

    def _suffer(self, system: str, name: str, call: str) -> str:
        """Does what strikes this call, before the call does anything; which kind it was."""
        fault = self._strike(name, call)
        if fault is None:
            return ""
        is_write = call in {"execute", "compensate"}
        match fault.kind:
            case "slow":
                self._sleep(fault.seconds or 1)
            case "time_out_before_write" | "time_out_after_write" if not is_write:
                raise Unavailable(f"{system} did not answer {name} in time.", next_step=LATER)
            case "time_out_before_write":
                raise _unknown(system, name)
            case "time_out_after_write":
                """It is written first."""
            case "refuse":
                raise Rejected(
                    f"{system} refused {name}.",
                    next_step="Ask the system's owner why; nothing was written.",
                )
            case "rate_limit":
                raise Unavailable(
                    f"{system} is rate-limiting {name}.",
                    next_step=f"Ask again after {fault.seconds} s; nothing was written.",
                    retry_after_seconds=fault.seconds,
                )
            case "unavailable":
                raise Unavailable(f"{system} does not take {name} at the moment.", next_step=LATER)
            case "lose_permission":
                raise Rejected(
                    f"{system} withdrew the right to {name} from the service account.",
                    next_step="Ask the system's owner to grant it again; nothing was written.",
                )
        return fault.kind

    def _strike(self, name: str, call: str) -> Fault | None:
        """Counts this call for everything armed; the first that strikes it."""
        struck: Fault | None = None
        for armed in [each for each in self._armed if each.counts(name, call)]:
            if armed.calls_before:
                armed.calls_before -= 1
            elif struck is None:
                struck = armed.fault
                armed.calls_left -= 1
        self._armed = [each for each in self._armed if each.calls_left]
        return struck


def _unknown(system: str, name: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{system} did not answer in time after {name} was sent.",
        next_step="It may or may not have happened; it is looked up before anything else is done.",
    )
