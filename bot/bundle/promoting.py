"""What people do to bundles in the terminal, beside a running bot or without one: put one on a
stage, promote it to the next one, take that back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.auditing import any_store
from bot.bootstrap import utc_now
from bot.bundle.eval_record import EvalRecord
from bot.bundle.loading import checked
from bot.bundle.proof import Asked, planner_of, proven
from bot.bundle.release import RULES, Release
from bot.bundle.stages import Stages, checked_name
from bot.catalogue import loaded
from bot.errors import CommandError
from bot.ports import Clock
from bot.recording import Recorder
from bot.settings import Settings
from policies.bundle import Bundle
from policies.findings import BundleError
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.values import Json

STAGING = "staging"  # where `assent bundle stage` puts a bundle unless it is told otherwise
NAME_CHARACTERS_MAX = 100  # of who promotes; a person's name
BECAUSE_CHARACTERS_MAX = 1_000  # of why; longer text belongs where it can be discussed
FOLLOWS = "A bot that runs from it follows within some seconds."


@dataclass(frozen=True)
class By:
    """Who does it and why, as they say it themselves."""

    name: str
    because: str


def by(name: str, because: str) -> By:
    """Raises CommandError for words that would explain nothing."""
    name, because = name.strip(), because.strip()
    if not 0 < len(name) <= NAME_CHARACTERS_MAX:
        raise CommandError(f"say who you are, in at most {NAME_CHARACTERS_MAX} characters: --as")
    if not 0 < len(because) <= BECAUSE_CHARACTERS_MAX:
        raise CommandError(f"say why, in at most {BECAUSE_CHARACTERS_MAX:,} characters: --because")
    return By(name, because)


@dataclass(frozen=True)
class _Move:
    """What is done to a stage, by whom, on what proof; as the ledger says it."""

    what: str
    stage: str
    who: By
    source: str = ""
    planner: str = ""
    proofs: Sequence[EvalRecord] = ()


class Promoting:
    """Stages of one installation, with its ledger. Whatever takes long is done first; what moves a
    bundle is done alone."""

    def __init__(self, db: Database, settings: Settings, clock: Clock, stages: Stages) -> None:
        self._db, self._settings, self._clock, self._stages = db, settings, clock, stages

    def stage(self, folder: Path, stage: str, who: By) -> str:
        """Puts a folder's bundle, checked whole, on a stage that asks for no evaluations."""
        bundle = checked(folder, self._db, self._clock())
        with self._stages.alone():
            if bundle.settings.gates.get(stage) or self._gates_of(stage):
                raise CommandError(
                    f"{stage} asks for evaluations; put the bundle on another stage and promote it:"
                    f" assent bundle promote {STAGING}->{stage}"
                )
            release = self._put(folder, bundle, _Move("staged", stage, who))
        return f"{stage} is {_named(bundle, release)}. {self._hint(stage)}"

    def promote(
        self, source: str, target: str, who: By, records: Path | None, *, rules_only: bool = False
    ) -> str:
        """Turns a stage to what another one has, if every suite that is asked for passed on it,
        with the model that the bundle names or `rules_only`."""
        if source == target:
            raise CommandError(f"{source} is {target}; name two stages")
        seen = self._seen(source, target)
        release = self._stages.current(source)
        if release is None:
            raise CommandError(
                f"{source} has no bundle yet; assent bundle stage FOLDER puts one there"
                if source == STAGING
                else f"{source} has no bundle yet; promote one to it first"
            )
        self._stages.whole(release.name)
        folder = self._stages.path(source)
        bundle = checked(folder, self._db, self._clock())
        planner = planner_of(bundle, rules_only=rules_only)
        present = self._stages.current(target)
        if present is not None and self._is_there(present, release, planner):
            raise CommandError(f"{target} has {release.revision} already; there is nothing to do")
        suites = sorted({*bundle.settings.gates.get(target, ()), *self._gates_of(target)})
        if not suites:
            raise CommandError(
                f"bundle.yml names no suite that {target} asks for, so nothing would be proven; add"
                f" gates: {{{target}: [refunds_v3]}} to it"
            )
        found = records or self._settings.state / "evals"
        asked = Asked(bundle, planner, found, present, self._clock())
        proofs = [proven(suite, asked) for suite in suites]
        with self._alone(seen):
            move = _Move("promoted", target, who, source, planner, proofs)
            made = self._put(folder, bundle, move)
        shown = ", ".join(suites)
        proven_by = f"proven by {shown}{_by(planner)}"
        return f"{target} is {_named(bundle, made)}, {proven_by}. {self._hint(target)}"

    def roll_back(self, stage: str, who: By) -> str:
        """Turns a stage back to the release that it had before. No evaluation is asked for."""
        seen = self._seen(stage)
        present = self._stages.current(stage)
        if present is None or not present.previous:
            raise CommandError(
                f"{stage} had no other bundle before; there is nothing to go back to"
            )
        earlier = self._stages.whole(present.previous)
        with self._alone(seen):
            self._record(earlier, present.digest, _Move("rolled back", stage, who))
            self._stages.turn(earlier)
        return f"{stage} is {earlier.revision} again ({earlier.name}). {FOLLOWS}"

    def show(self) -> str:
        """Each stage with what it has, since when, by whom, and what is behind it."""
        names = self._stages.names()
        if not names:
            return "No bundle is on a stage yet; assent bundle stage FOLDER puts one there."
        return "\n".join(self._line(name) for name in names)

    def _line(self, stage: str) -> str:
        try:
            release = self._stages.current(stage)
        except CommandError as error:
            return f"{stage:<12} {error}"
        assert release is not None, "a stage that is listed has a release"
        behind = f", before it {release.previous}" if release.previous else ""
        count = len(release.records)
        proven = f", proven by {count} record{'s' if count > 1 else ''}" if count else ""
        said = f"{stage:<12} {release.name}  {release.revision}"
        names = ", ".join(finding.file for finding in self._stages.altered(release))
        altered = f", ALTERED after it was made: {names}" if names else ""
        planned = _by(release.planner)
        return f"{said}  {release.at} by {release.by}{proven}{planned}{behind}{altered}"

    def _seen(self, *stages: str) -> dict[str, str]:
        """What stages have now, before anything is judged."""
        return {stage: self._stages.turned_to(stage) for stage in stages}

    @contextmanager
    def _alone(self, seen: dict[str, str]) -> Iterator[None]:
        """Alone, and over what was judged. Raises CommandError where somebody else was faster."""
        with self._stages.alone():
            for stage, release in seen.items():
                if (now := self._stages.turned_to(stage)) != release:
                    raise CommandError(
                        f"somebody else turned {stage} to {now or 'nothing'} meanwhile, and nothing"
                        " was done here; look with assent bundle show, and run this again if it is"
                        " still wanted"
                    )
            yield

    def _is_there(self, present: Release, release: Release, planner: str) -> bool:
        """Whether a stage has this already, whole, and proven for the same planner."""
        is_same = (present.digest, present.planner) == (release.digest, planner)
        return is_same and not self._stages.altered(present)

    def _gates_of(self, stage: str) -> tuple[str, ...]:
        """What the bundle that a stage has now asks for: an edit of the next one cannot take that
        away before it is proven itself. Raises CommandError where that cannot be known."""
        present = self._stages.current(stage)
        if present is None:
            return ()
        if present.gates is not None:
            return present.gates
        self._stages.whole(present.name)
        try:
            bundle = loaded(self._stages.path(stage))
        except BundleError as error:
            raise CommandError(
                f"what {stage} has now ({present.name}) does not load, so nobody knows what it asks"
                f" for: {error.findings[0]}. Roll {stage} back to one that loads (assent bundle"
                f" rollback {stage}), or do this with the version of Assent that put it there"
            ) from None
        return bundle.settings.gates.get(stage, ())

    def _put(self, folder: Path, bundle: Bundle, move: _Move) -> Release:
        release = self._stages.prepare(
            folder,
            Release(
                name="",
                stage=move.stage,
                digest=bundle.digest,
                revision=bundle.revision,
                previous="",
                by=move.who.name,
                at=self._clock().isoformat(timespec="seconds"),
                records=tuple(proof.digest for proof in move.proofs),
                planner=move.planner,
                gates=bundle.settings.gates.get(move.stage, ()),
            ),
        )
        if release.digest != bundle.digest:
            raise CommandError(f"{folder} was edited meanwhile; nothing was put on {move.stage}")
        present = self._stages.current(move.stage)
        self._record(release, present.digest if present else "", move)
        self._stages.turn(release)
        return release

    def _record(self, release: Release, before: str, move: _Move) -> None:
        """Before the stage is turned: what was not recorded does not happen."""
        evals: list[Json] = [
            {"suite": p.suite, "verdict": p.verdict, "digest": p.digest} for p in move.proofs
        ]
        data: dict[str, Json] = {
            "of": move.what,
            "stage": release.stage,
            "source": move.source,
            "release": release.name,
            "version": release.revision,
            "digest": release.digest,
            "from": before,
            "planner": release.planner,
            "evals": evals,
        }
        entry = Entry(
            kind=Kind.PROMOTION,
            run_id="",
            actor="operator",
            data=data,
            sensitive={"name": move.who.name, "because": move.who.because},
        )
        with self._db.begin() as tx:
            Recorder(self._clock).append(tx, entry)

    def _hint(self, stage: str) -> str:
        path = self._stages.path(stage)
        is_used = self._settings.bundle == path.absolute()
        return FOLLOWS if is_used else f"A bot with ASSENT_BUNDLE={path} runs from it."


def stages_of(text: str) -> tuple[str, str]:
    """ "staging->production" as two stages. Raises CommandError."""
    source, arrow, target = text.partition("->")
    if not arrow:
        raise CommandError(f"{text!r} names no way; write it as staging->production, in quotes")
    return checked_name(source.strip()), checked_name(target.strip())


@contextmanager
def promoting(state: Path, clock: Clock = utc_now) -> Iterator[Promoting]:
    """Over the store of a state folder, made where there is none yet."""
    stages = Stages(state.absolute())
    with ExitStack() as opened:
        with stages.alone():  # else a second one would meet a store that the first is making
            settings, db = opened.enter_context(any_store(state))
        yield Promoting(db, settings, clock, stages)


def _named(bundle: Bundle, release: Release) -> str:
    return f"{bundle.name}@{release.revision} ({release.name})"


def _by(planner: str) -> str:
    """Who planned in the evaluations, behind what they prove; nothing where nobody said."""
    if not planner:
        return ""
    return " with the rules alone" if planner == RULES else f" with {planner}"
