"""A workflow's move to another level: one row, one ledger entry and one message in the digest's
channel, together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.announcing import announce
from bot.autonomy.standing import earned_level
from bot.catalogue import Catalogue
from bot.errors import CommandError
from bot.links import Links, everywhere
from bot.ports import Clock
from bot.recording import Recorder
from store import autonomy
from store.autonomy import Earned
from store.model.entry import Entry, Kind
from store.model.request import Place

NAME_CHARACTERS_MAX = 100  # of who moves a workflow; a person's name
BECAUSE_CHARACTERS_MAX = 1_000  # of why; longer text belongs where it can be discussed
ASSENT = "assent"  # the actor where the record itself moved a workflow
_MEANS = {
    3: ": what no rule asks people for runs by itself",
    4: ": what no rule asks people for runs by itself, and somebody looks at it afterwards",
}  # below that the sentence behind it says that every write is approved


@dataclass(frozen=True)
class Change:
    """By whom (a person's name, or ASSENT), why, and by which run where one made it."""

    workflow: str
    to: int
    actor: str
    because: str
    run_id: str = ""


@dataclass(frozen=True)
class Where:
    """The environment that a change holds in, the bundle that it is made under ("" where its folder
    cannot be loaded), and the places that hear of it, if any are known."""

    environment: str
    bundle_version: str = ""
    places: tuple[Place, ...] = ()


def where(catalogue: Catalogue, is_on: Callable[[str], bool] = everywhere) -> Where:
    """The place of a change under the bundle in force; `is_on` says whether a surface is."""
    places = Links(lambda: catalogue, is_on).of(catalogue.bundle.settings.digest.channel)
    return Where(catalogue.environment, catalogue.bundle_version, places)


def by_person(workflow: str, to: int, name: str, because: str) -> Change:
    """Raises CommandError for words that would explain nothing."""
    name, because = name.strip(), because.strip()
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or name == ASSENT:
        raise CommandError(f"say who you are, in at most {NAME_CHARACTERS_MAX} characters: --as")
    if not 0 < len(because) <= BECAUSE_CHARACTERS_MAX:
        raise CommandError(f"say why, in at most {BECAUSE_CHARACTERS_MAX:,} characters: --because")
    return Change(workflow, to, name, because)


class Changes:
    """Both halves of a change. Recording comes first: who writes the ledger is alone, so what is
    read in between holds."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder, self._clock = recorder, clock

    def record(self, tx: Connection, at: Where, change: Change) -> None:
        """The ledger's entry. Names and words of people can be erased one day."""
        present = autonomy.present(tx, change.workflow, at.environment)
        is_own = change.actor == ASSENT
        words = {"because": change.because}
        entry = Entry(
            kind=Kind.AUTONOMY,
            run_id=change.run_id,
            actor=ASSENT if is_own else "operator",
            data={
                "workflow": change.workflow,
                "environment": at.environment,
                "from": earned_level(present),
                "to": change.to,
                "bundle": at.bundle_version,
                **(words if is_own else {}),
            },
            sensitive={} if is_own else {"name": change.actor, **words},
        )
        self._recorder.append(tx, entry)

    def settle(self, tx: Connection, at: Where, change: Change) -> None:
        """The level, and a message where everybody reads the report: nobody's authority changes in
        silence."""
        earned = Earned(
            workflow=change.workflow,
            environment=at.environment,
            level=change.to,
            actor=change.actor,
            because=change.because,
            at=self._clock(),
        )
        number = autonomy.add(tx, earned)
        by = "" if change.actor == ASSENT else f"{change.actor}: "
        means = _MEANS.get(change.to, "")
        text = f"{change.workflow} is at L{change.to} now{means}. {by}{change.because}"
        announce(tx, at.places, f"autonomy:{number}", "Autonomy", text, self._clock())
