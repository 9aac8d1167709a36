"""What people do to bundles in the terminal, beside a running bot or without one: put one on a
stage, promote it to the next one, take that back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.auditing import any_store
from bot.bootstrap import utc_now
from bot.bundle import eval_record
from bot.bundle.eval_record import EvalRecord
from bot.bundle.installed import TREE, installed, suite_digest, suite_thresholds
from bot.bundle.loading import checked
from bot.bundle.stages import Release, Stages, checked_name
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


class Promoting:
    """Stages of one installation, with its ledger."""

    def __init__(self, db: Database, settings: Settings, clock: Clock) -> None:
        self._db, self._settings, self._clock = db, settings, clock
        self._stages = Stages(settings.state)

    def stage(self, folder: Path, stage: str, who: By) -> str:
        """Puts a folder's bundle, checked whole, on a stage that asks for no evaluations."""
        bundle = checked(folder, self._db, self._clock())
        if bundle.settings.gates.get(stage) or self._gates_of(stage):
            raise CommandError(
                f"{stage} asks for evaluations; put the bundle on another stage and promote it:"
                f" assent bundle promote {STAGING}->{stage}"
            )
        release = self._put("staged", folder, bundle, stage, who)
        return f"{stage} is {_named(bundle, release)}. {self._hint(stage)}"

    def promote(self, source: str, target: str, who: By, records: Path | None) -> str:
        """Turns a stage to what another one has, if every suite that is asked for passed on it."""
        if source == target:
            raise CommandError(f"{source} is {target}; name two stages")
        release = self._stages.current(source)
        if release is None:
            raise CommandError(
                f"{source} has no bundle yet; assent bundle stage FOLDER puts one there"
                if source == STAGING
                else f"{source} has no bundle yet; promote one to it first"
            )
        present = self._stages.current(target)
        if present is not None and present.digest == release.digest:
            raise CommandError(f"{target} has {release.revision} already; there is nothing to do")
        folder = self._stages.path(source)
        bundle = checked(folder, self._db, self._clock())
        suites = sorted({*bundle.settings.gates.get(target, ()), *self._gates_of(target)})
        if not suites:
            raise CommandError(
                f"bundle.yml names no suite that {target} asks for, so nothing would be proven; add"
                f" gates: {{{target}: [refunds_v3]}} to it"
            )
        found = records or self._settings.state / "evals"
        is_compared = present is not None
        proofs = [self._proof(suite, bundle, found, is_compared=is_compared) for suite in suites]
        made = self._put("promoted", folder, bundle, target, who, source, proofs)
        shown = ", ".join(proof.suite for proof in proofs)
        return f"{target} is {_named(bundle, made)}, proven by {shown}. {self._hint(target)}"

    def roll_back(self, stage: str, who: By) -> str:
        """Turns a stage back to the release that it had before. No evaluation is asked for."""
        present = self._stages.current(stage)
        if present is None or not present.previous:
            raise CommandError(
                f"{stage} had no other bundle before; there is nothing to go back to"
            )
        earlier = self._stages.release(present.previous)
        self._record("rolled back", earlier, present.digest, who)
        self._stages.turn(earlier)
        return f"{stage} is {earlier.revision} again ({earlier.name}). {FOLLOWS}"

    def show(self) -> str:
        """Each stage with what it has, since when, by whom, and what is behind it."""
        names = self._stages.names()
        if not names:
            return "No bundle is on a stage yet; assent bundle stage FOLDER puts one there."
        return "\n".join(self._line(name) for name in names)

    def _line(self, stage: str) -> str:
        release = self._stages.current(stage)
        assert release is not None, "a stage that is listed has a release"
        behind = f", before it {release.previous}" if release.previous else ""
        count = len(release.records)
        proven = f", proven by {count} record{'s' if count > 1 else ''}" if count else ""
        said = f"{stage:<12} {release.name}  {release.revision}"
        return f"{said}  {release.at} by {release.by}{proven}{behind}"

    def _gates_of(self, stage: str) -> tuple[str, ...]:
        """What the bundle that a stage has now asks for: an edit of the next one cannot take that
        away before it is proven itself."""
        if self._stages.current(stage) is None:
            return ()
        try:
            bundle = loaded(self._stages.path(stage))
        except BundleError:
            return ()
        return bundle.settings.gates.get(stage, ())

    def _proof(self, suite: str, bundle: Bundle, folder: Path, *, is_compared: bool) -> EvalRecord:
        """The newest record that proves a suite, by its own bounds, and where `is_compared` against
        a baseline. Raises CommandError with why none does."""
        product, model = installed(), self._model(bundle)
        of_suite = [r for r in eval_record.in_folder(folder) if r.suite == suite]
        whys: list[str] = []
        for record in of_suite:
            why = eval_record.mismatch(record, bundle.digest, product, model, self._clock())
            if not why and record.candidate.pins.suite != suite_digest(TREE, suite):
                why = "the suite has other cases now"
            why = why or eval_record.short_of(record, suite_thresholds(TREE, suite))
            if not why and is_compared and record.baseline is None:
                why = "it was compared with no baseline"
            if not why:
                return record
            whys.append(f"{record.path}: {why}")
        lacking = "\n  ".join(whys[:5]) or f"there is none below {folder}"
        candidate = "planner@claude" if model else "bundle@working"
        raise CommandError(
            f"{suite} is not proven for {bundle.version} ({bundle.digest[:7]}):\n  {lacking}\n"
            f"Run: agent-eval run --suite {suite} --candidate {candidate} --fail-on-regression"
            f" --out {folder}"
        )

    def _model(self, bundle: Bundle) -> str:
        """The model that plans here; empty without a key, because the rules plan alone then."""
        planner = bundle.settings.planner
        return planner.model if planner and self._settings.anthropic is not None else ""

    def _put(
        self,
        what: str,
        folder: Path,
        bundle: Bundle,
        stage: str,
        who: By,
        source: str = "",
        proofs: list[EvalRecord] | None = None,
    ) -> Release:
        digests = tuple(proof.digest for proof in proofs or ())
        at = self._clock()
        release = self._stages.prepare(folder, stage, bundle.revision, who.name, at, digests)
        if release.digest != bundle.digest:
            raise CommandError(f"{folder} was edited meanwhile; nothing was put on {stage}")
        present = self._stages.current(stage)
        before = present.digest if present else ""
        self._record(what, release, before, who, source, proofs or [])
        self._stages.turn(release)
        return release

    def _record(
        self,
        what: str,
        release: Release,
        before: str,
        who: By,
        source: str = "",
        proofs: list[EvalRecord] | None = None,
    ) -> None:
        """Before the stage is turned: what was not recorded does not happen."""
        evals: list[Json] = [
            {"suite": p.suite, "verdict": p.verdict, "digest": p.digest} for p in proofs or []
        ]
        data: dict[str, Json] = {
            "of": what,
            "stage": release.stage,
            "source": source,
            "release": release.name,
            "version": release.revision,
            "digest": release.digest,
            "from": before,
            "evals": evals,
        }
        entry = Entry(
            kind=Kind.PROMOTION,
            run_id="",
            actor="operator",
            data=data,
            sensitive={"name": who.name, "because": who.because},
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
    with any_store(state) as (settings, db):
        yield Promoting(db, settings, clock)


def _named(bundle: Bundle, release: Release) -> str:
    return f"{bundle.name}@{release.revision} ({release.name})"
