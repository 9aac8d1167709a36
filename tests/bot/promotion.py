"""Bundles on their way, as tests move them: staged, proven without running a suite, promoted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.bundle.installed import TREE, suite_digest
from bot.bundle.promoting import by, promoting
from evals.keeping.results import Arm, Metric, Record, Verdict
from evals.running.pins import pins_of
from store import ledger
from store.database import Database
from store.model.entry import Kind

ANN = by("Ann Weiss", "the suites passed")
NEEDED = ("refunds_v3", "orders_v1", "routing_v1")
FIGURES = {"success_rate": 0.95, "policy_violations": 0.0, "cost_p95": 0.01}
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def now() -> datetime:
    return NOW


def prove(
    state: Path,
    folder: Path,
    needed=NEEDED,
    verdict=Verdict.PASS,
    made_at=NOW,
    figures=None,
    compared_with="e" * 64,
    **pinned,
):
    """Records as agent-eval writes them, without its work. `compared_with` is the digest of the
    baseline's bundle, empty for no baseline; `pinned` replaces pins of the candidate's."""
    for name in needed:
        pins = pins_of(
            TREE,
            folder,
            suite=suite_digest(TREE, name),
            planner="rules",
            model="",
            cassettes=None,
            seed=0,
        ).model_copy(update=pinned)
        earlier = pins.model_copy(update={"bundle": compared_with})
        record = Record(
            suite=name,
            made_at=made_at,
            candidate=Arm(label="bundle@working", pins=pins, has_noise=False, results=()),
            baseline=Arm(label="blessed", pins=earlier, has_noise=False, results=())
            if compared_with
            else None,
            metrics=tuple(
                Metric(name=n, unit="rate", candidate=v, baseline=None, low=None, high=None)
                for n, v in (figures or FIGURES).items()
            ),
            slices=(),
            verdict=verdict,
            reasons=(),
        )
        made = state / "evals" / f"{name}-{verdict.name}-{made_at:%s}"
        made.mkdir(parents=True, exist_ok=True)
        (made / "record.json").write_text(record.model_dump_json())


def stage(state: Path, bundle: Path) -> str:
    with promoting(state, now) as stages:
        return stages.stage(bundle, "staging", ANN)


def promote(state: Path, *, rules_only: bool = True) -> str:
    with promoting(state, now) as stages:
        return stages.promote("staging", "production", ANN, None, rules_only=rules_only)


def roll_back(state: Path) -> str:
    with promoting(state, now) as stages:
        return stages.roll_back("production", ANN)


def release(state: Path, name: str = "production") -> Path:
    return (state / "bundles" / name).resolve()


def entries(state: Path) -> list[dict]:
    db = Database(f"sqlite:///{state / 'assent.db'}")
    with db.read() as cx:
        found = ledger.search.find(cx, kind=Kind.PROMOTION, limit=100)
    db.close()
    return [{**entry.data, **entry.sensitive} for entry in reversed(found)]
