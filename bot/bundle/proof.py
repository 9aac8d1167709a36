"""Whether evaluations prove a bundle for a stage: one passing, matching record of each suite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.bundle import eval_record
from bot.bundle.eval_record import EvalRecord
from bot.bundle.installed import (
    BUNDLES,
    TREE,
    Installed,
    installed,
    suite_bundle,
    suite_digest,
    suite_thresholds,
)
from bot.bundle.release import RULES, Release
from bot.errors import CommandError
from policies import folder as folders
from policies.bundle import Bundle

WHYS_MAX = 5  # records whose failure is told, the newest
_COMMIT = re.compile(r"[0-9a-f]{6,64}")


def planner_of(bundle: Bundle, *, rules_only: bool) -> str:
    """Who plans with a bundle: the model that it names, or the rules. Where the command runs says
    nothing of it: a key that is not here may be where the bundle goes."""
    section = bundle.settings.planner
    return RULES if section is None or rules_only else section.model


@dataclass(frozen=True)
class Asked:
    """What is to be proven: a bundle, for whoever plans, with the records of a folder; better than
    what the stage has at `present`, None for a first promotion."""

    bundle: Bundle
    planner: str
    records: Path
    present: Release | None
    now: datetime

    @property
    def model(self) -> str:
        """The model that plans; empty where the rules plan alone."""
        return "" if self.planner == RULES else self.planner


def proven(suite: str, asked: Asked) -> EvalRecord:
    """The newest record that proves a suite, by its own bounds, and against a baseline where
    something is on the stage. Raises CommandError with why none does."""
    at = suite_bundle(TREE, suite)
    if at is None:
        raise CommandError(
            f"there is no suite {suite} in {TREE / 'evals' / 'suites'}, and gates ask for it;"
            " correct the gates, or add the suite"
        )
    product = installed()
    whys = []
    for record in eval_record.in_folder(asked.records):
        if record.suite == suite:
            if not (why := _why_not(record, asked, product)):
                return record
            whys.append(f"{record.path}: {why}")
    raise CommandError(_refusal(suite, at, whys, asked))


def _why_not(record: EvalRecord, asked: Asked, product: Installed) -> str:
    digest = asked.bundle.digest
    why = eval_record.mismatch(record, digest, product, asked.model, asked.now)
    if not why and record.candidate.pins.suite != suite_digest(TREE, record.suite):
        why = "the suite has other cases now"
    why = why or eval_record.short_of(record, suite_thresholds(TREE, record.suite))
    if not why and asked.present is not None:
        why = eval_record.uncompared(record, digest)
    return why


def _refusal(suite: str, at: Path, whys: list[str], asked: Asked) -> str:
    bundle = asked.bundle
    lacking = "\n  ".join(whys[:WHYS_MAX]) or f"there is none below {asked.records}"
    said = [f"{suite} is not proven for {bundle.version} ({bundle.digest[:7]}):\n  {lacking}"]
    if folders.digest(at) != bundle.digest:
        said.append(_elsewhere(suite, at))
    candidate = "planner@claude" if asked.model else "bundle@working"
    said.append(
        f"Run: agent-eval run --suite {suite} --candidate {candidate}{_baseline(asked)}"
        f" --fail-on-regression --out {asked.records}"
    )
    if asked.model:
        said.append(
            f"{asked.model} plans with this bundle wherever there is a key. Where the rules are to"
            " plan alone, promote with --rules-only; no model is asked on that release then."
        )
    return "\n".join(said)


def _elsewhere(suite: str, at: Path) -> str:
    """What to do where the bundle is not the one that agent-eval would run."""
    found = at.relative_to(TREE)
    return (
        f"{suite} is run on {found}, and this bundle is not what stands there. Bring that folder to"
        f" it, or link the folder that it was staged from, ln -s FOLDER {TREE / BUNDLES / 'NAME'},"
        f" and name it in the suite: bundle: NAME in evals/suites/{suite}/suite.yml"
    )


def _baseline(asked: Asked) -> str:
    """What to compare with: the commit that the stage has, if it has one."""
    if asked.present is None or not _COMMIT.fullmatch(asked.present.revision):
        return ""
    model = f" --model {asked.model}" if asked.model else ""
    return f" --baseline bundle@sha:{asked.present.revision}{model}"
