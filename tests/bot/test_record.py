"""What a record says, at the edges of every limit, and which sentence it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.autonomy.record import Past, Record, lacks, turned_bad
from bot.autonomy.shadow import compare
from policies.workflow import Promotion
from store.model.decision import Decision, Effect
from store.model.plan import Plan, Proposal, Seen, Step
from store.model.request import Place, Request
from store.model.run import Run, Status
from store.reviews import Review

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = Promotion()


def past(
    number: int = 1,
    *,
    status: Status = Status.APPLIED,
    effect: Effect = Effect.NEEDS_APPROVAL,
    is_approved: bool = True,
    is_right: bool | None = None,
    is_reversible: bool = True,
    editors: tuple[str, ...] = (),
    skipped: tuple[str, ...] = (),
    days: float = 20,
    **more: Any,
) -> Past:
    """A run of `days` ago that people approved as shown, unless said otherwise."""
    at = NOW - timedelta(days=days)
    run_id = f"R-{number}"
    seen = Seen(
        system="Payments", resource="pay_1", version="1", fields={}, about={}, after={}, undo="",
        is_reversible=is_reversible,
    )  # fmt: skip
    proposal = Proposal(
        run_id=run_id,
        round=1,
        plan=Plan(workflow="refund", slots=(), steps=(Step(id="s", operation="o.p", params={}),)),
        seen=(seen,),
        decision=Decision(effect=effect, reason="", steps=(), requirements=()),
        bundle_version="desk@1",
        bundle_digest="0@sandbox",
        read_at=at,
        expires_at=at,
        editors=editors,
        edited_by=tuple(f"name of {e}" for e in editors),
        skipped=skipped,
    )
    request = Request(
        person_id="P-1", account_user="U1", message="1.0", text="x", event_keys=(), received_at=at,
        place=Place(surface="slack", team="T1", channel="C1", thread="1.0"),
    )  # fmt: skip
    is_settled = status not in {Status.UNKNOWN, Status.STUCK, Status.RUNNING, Status.WAITING}
    run = Run(
        id=run_id, version=1, status=status, request=request, requester_name="Dana",
        workflow="refund", answers=(), slots=(), question=None, proposal=proposal, drift=(),
        note="", cost_micro_usd=0, created_at=at, changed_at=at, proposed_at=at,
        approved_at=at if is_approved else None, settled_at=at if is_settled else None,
        is_cancel_requested=False, resumes=more.pop("resumes", 0),
    )  # fmt: skip
    review = None
    if is_right is not None:
        review = Review(run_id=run_id, person_id="P-2", is_right=is_right, reason="no", at=at)
    return Past(run=run, review=review, **more)


def free(number: int = 1, **more: Any) -> Past:
    """A run that ran by itself."""
    return past(number, effect=Effect.MAY_RUN, **more)


def rejected(number: int = 1, **more: Any) -> Past:
    return past(number, status=Status.REJECTED, is_approved=False, **more)


def lacking(pasts: list[Past], limits: Promotion = LIMITS) -> str:
    return " ".join(lacks(Record(tuple(pasts)), limits, NOW))


def test_twenty_of_twenty_five_are_enough() -> None:
    good = [past(n) for n in range(20)]
    assert lacking(good) == ""
    assert "19 of the last 19" in lacking(good[1:])
    neither = [past(n, status=Status.FAILED) for n in range(30, 35)]
    assert lacking(neither + good) == ""
    assert "19 of the last 25" in lacking([past(40, status=Status.FAILED), *neither, *good])


def test_the_newest_are_looked_at_and_no_older_ones() -> None:
    assert lacking([past(n) for n in range(25)] + [rejected(99, days=30)]) == ""
    assert "R-99" in lacking([past(n) for n in range(24)] + [rejected(99, days=30)])


def test_the_first_of_them_has_its_age() -> None:
    days = [13.99] * 20
    assert "13 days old; 14 days are needed" in lacking(
        [past(n, days=d) for n, d in enumerate(days)]
    )
    assert lacking([past(n, days=d) for n, d in enumerate([13.0] * 19 + [14.0])]) == ""


@pytest.mark.parametrize(
    ("one", "limit", "words"),
    [
        (rejected(50), 0, "rejected or reviewed as wrong (R-50); at most 0"),
        (free(50, is_right=False), 0, "rejected or reviewed as wrong (R-50); at most 0"),
        (past(50, editors=("P-3",)), 3, "changed by a person"),
        (past(50, skipped=("note",)), 3, "changed by a person"),
        (past(50, status=Status.COMPENSATED), 0, "taken back, unknown or stuck (R-50)"),
        (past(50, status=Status.STUCK), 0, "taken back, unknown or stuck (R-50)"),
        (past(50, status=Status.UNKNOWN), 0, "taken back, unknown or stuck (R-50)"),
        (past(50, resumes=1), 0, "taken back, unknown or stuck (R-50)"),
        (free(50, status=Status.COMPENSATED), 0, "taken back, unknown or stuck (R-50)"),
    ],
)
def test_each_objection_has_its_own_limit(one: Past, limit: int, words: str) -> None:
    good = [past(n) for n in range(20)]
    assert lacking([one] * limit + good) == ""
    assert words in lacking([one] * (limit + 1) + good)


@pytest.mark.parametrize(
    "nothing_said",
    [
        past(60, status=Status.WAITING, is_approved=False),
        past(60, status=Status.EXPIRED, is_approved=False),
        past(60, status=Status.DENIED, is_approved=False),
        past(60, status=Status.CANCELLED, is_approved=False),
        past(60, status=Status.RUNNING),
        free(60),
        free(60, status=Status.RUNNING),
    ],
)
def test_what_nobody_judged_says_nothing(nothing_said: Past) -> None:
    """Neither for nor against: runs by themselves are no evidence until somebody looked."""
    assert not nothing_said.is_judged
    assert lacking([nothing_said] * 25 + [past(n) for n in range(20)]) == ""
    assert "0 of the last 0" in lacking([nothing_said] * 25)


def test_a_review_counts_like_an_approval() -> None:
    assert lacking([free(n, is_right=True) for n in range(20)]) == ""


def test_what_can_never_be_taken_back_has_no_higher_level() -> None:
    fixed = [past(n, is_reversible=False) for n in range(20)]
    assert "stays at L2" in lacking(fixed)
    assert lacking([past(20), *fixed]) == ""


def bad(pasts: list[Past], **limits: int) -> str | None:
    return turned_bad(Record(tuple(pasts)), Promotion(**limits), NOW)


def test_what_people_approved_never_demotes() -> None:
    assert bad([past(status=Status.COMPENSATED), past(status=Status.STUCK), rejected()]) is None
    assert bad([free(), free(is_right=True)]) is None


@pytest.mark.parametrize("status", [Status.COMPENSATED, Status.UNKNOWN, Status.STUCK])
def test_what_ran_by_itself_and_went_wrong_demotes(status: Status) -> None:
    assert bad([free(7, status=status)]) == (
        f"R-7 ran without being asked about and ended {status.value}."
    )
    assert bad([free(status=status)], demoted_at_undone=2) is None
    assert bad([free(1, status=status), free(2, status=status)], demoted_at_undone=2) is not None


def test_a_failure_that_wrote_nothing_does_not_demote() -> None:
    assert bad([free(status=Status.FAILED), free(status=Status.DENIED)]) is None


def test_a_review_as_wrong_demotes() -> None:
    assert "R-7 ran" in (bad([free(7, is_right=False)]) or "")
    assert bad([free(is_right=False)], demoted_at_wrong=2) is None


def test_reviews_that_are_owed_at_l4_and_late_demote() -> None:
    late = [free(n, level=4, days=7.01) for n in range(6)]
    assert bad(late[1:]) is None
    assert "6 runs (R-0, R-1, R-2 and 3 more) have waited" in (bad(late) or "")
    assert bad([free(n, level=4, days=6.99) for n in range(6)]) is None
    assert bad([free(n, level=3, days=90) for n in range(6)]) is None
    assert bad([free(n, level=4, days=90, is_right=True) for n in range(6)]) is None
    assert bad([free(n, level=4, days=90, status=Status.FAILED) for n in range(6)]) is None


def test_reasons_and_editors_are_counted() -> None:
    record = Record(
        (
            rejected(1, rejection="wrong amount"),
            rejected(2, rejection="too late"),
            rejected(3, rejection="wrong amount"),
            free(4, is_right=False),
            past(5, editors=("P-3",)),
        )
    )
    assert record.reasons == (("wrong amount", 2), ("too late", 1), ("no", 1))
    assert record.editors == (("name of P-3", 1),)


def test_shadow_says_where_people_differed_and_how() -> None:
    run, ask, deny = Effect.MAY_RUN, Effect.NEEDS_APPROVAL, Effect.DENIED
    compared = compare(
        Record(
            (
                past(1, first_shadow=run),
                rejected(2, first_shadow=run, rejection="wrong amount"),
                past(3, first_shadow=run, editors=("P-3",)),
                past(4, first_shadow=run, skipped=("note",)),
                past(5, first_shadow=ask),
                past(6, first_shadow=deny),
                rejected(7, first_shadow=ask, rejection="no"),
                past(8, first_shadow=ask, editors=("P-3",)),
                past(9),
                free(10, first_shadow=run),
                past(11, first_shadow=run, status=Status.EXPIRED, is_approved=False),
                past(12, first_shadow=run, status=Status.COMPENSATED),
            )
        )
    )
    assert (compared.count, compared.agreed) == (9, 4)
    assert [(d.run_id, d.did) for d in compared.unwanted] == [
        ("R-2", "rejected: wrong amount"),
        ("R-3", "changed by name of P-3"),
        ("R-4", "left out: note"),
    ]
    assert [d.run_id for d in compared.unneeded] == ["R-5", "R-6"]
    assert "denied" in compared.unneeded[1].did
