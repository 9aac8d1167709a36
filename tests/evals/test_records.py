"""Records and blessed baselines as files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.errors import RecordError
from evals.keeping import baselines, records
from evals.keeping.records import Traced
from evals.keeping.results import Arm, Grade, Record, Verdict
from evals.stories.trace import Event, Trace
from store.model.run import Status
from tests.evals.constructed import arm, cases, result

MADE_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
WHY = "the German amounts are read as Germans write them"


def record(verdict: Verdict = Verdict.PASS, candidate: Arm | None = None) -> Record:
    return Record(
        suite="refunds_v3",
        made_at=MADE_AT,
        candidate=candidate or arm(cases({"refunds": 3, "injection": 2})),
        baseline=None,
        metrics=(),
        slices=(),
        verdict=verdict,
        reasons=("within thresholds",),
    )


def traced(case: str, arm_name: records.ArmName = "candidate") -> Traced:
    return Traced(arm=arm_name, trace=Trace(case=case, epoch=0, status=Status.APPLIED))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = records.folder_of(tmp_path, "refunds_v3", "prompt@sha:9f21c2")
    assert folder.name == "refunds_v3-prompt-sha-9f21c2"
    about = Event(kind="read", who="assent", text="of another", data={"case": "a-case"})
    other = Trace(case="b-case", epoch=0, status=Status.APPLIED, events=(about,))
    traces = [
        Traced(arm="candidate", trace=other),
        traced("a-case"),
        traced("a-case", "baseline"),
    ]
    path = records.write(folder, record(), traces)
    assert records.read(path) == records.read(folder) == record()
    assert records.read(path).digest == record().digest
    assert [t.arm for t in records.traces_of(folder, "a-case")] == ["baseline", "candidate"]
    assert len(list(records.traces_of(folder))) == 3
    assert {each.name for each in folder.iterdir()} == {"record.json", "traces.jsonl"}


def test_a_label_never_leaves_the_folder(tmp_path: Path) -> None:
    for label in ("../../etc", "/etc/passwd", "..", "a" * 999):
        assert records.folder_of(tmp_path, "s", label).parent == tmp_path
        assert records.folder_of(tmp_path, "s", label, label).parent == tmp_path


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot read"), (b"{}", "run the gate again"), (b"\xff", "run the gate again")],
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "record.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordError, match=says):
        records.read(path)


def test_a_record_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(record().model_dump_json().replace("assent-eval-1", "assent-eval-2"))
    with pytest.raises(RecordError, match="format"):
        records.read(path)


def test_a_blessed_baseline_is_the_candidate_with_its_pins(tmp_path: Path) -> None:
    grades = (
        Grade(grader="writes", passed=False, is_violation=True),
        Grade(grader="a", passed=True),
    )
    odd = result(
        "odd-case", passed=False, slices=("en", "money"), grades=grades, violations=2,
        cost_micro_usd=1_234, edit_distance=0.25, is_must_pass=True, epoch=3,
    )  # fmt: skip
    blessed = record(candidate=arm([odd, result("a-case")], has_noise=True))
    baselines.bless(blessed, WHY, tmp_path)
    baseline = baselines.load("refunds_v3", tmp_path)
    assert baseline is not None
    assert baseline.why == WHY
    assert baseline.arm.pins == blessed.candidate.pins
    assert baseline.arm.has_noise
    expected = {"trace": "", "milliseconds": 0}
    assert baseline.arm.results == (
        result("a-case").model_copy(update=expected),
        odd.model_copy(update=expected),
    )


def test_a_case_that_flipped_is_one_line_of_the_diff(tmp_path: Path) -> None:
    path = baselines.bless(record(), WHY, tmp_path)
    before = path.read_text().splitlines()
    flipped = arm(cases({"refunds": 3, "injection": 2}, lambda s, n: (s, n) == ("refunds", 1)))
    assert baselines.bless(record(candidate=flipped), WHY, tmp_path) == path
    changed = [line for line in path.read_text().splitlines() if line not in before]
    assert len(changed) == 1
    assert '"refunds-001"' in changed[0]
    assert [each.name for each in tmp_path.iterdir()] == ["refunds_v3.json"]


@pytest.mark.parametrize(
    "verdict", [Verdict.FAIL, Verdict.REGRESSED, Verdict.UNVERIFIABLE, Verdict.SUSPECT]
)
def test_what_did_not_pass_is_blessed_only_on_purpose(tmp_path: Path, verdict: Verdict) -> None:
    with pytest.raises(RecordError, match="--even-failing"):
        baselines.bless(record(verdict), WHY, tmp_path)
    assert not list(tmp_path.iterdir())
    baselines.bless(record(verdict), WHY, tmp_path, even_failing=True)
    baseline = baselines.load("refunds_v3", tmp_path)
    assert baseline is not None
    assert baseline.verdict is verdict


@pytest.mark.parametrize("why", ["", "   ", "better", "x" * 501])
def test_a_baseline_needs_a_reason(tmp_path: Path, why: str) -> None:
    with pytest.raises(RecordError, match="needs a reason"):
        baselines.bless(record(), why, tmp_path, even_failing=True)


def test_some_cases_of_a_suite_are_no_baseline(tmp_path: Path) -> None:
    some = record(candidate=arm(cases({"refunds": 1}), suite="partial:" + "5" * 56))
    with pytest.raises(RecordError, match="run the suite whole"):
        baselines.bless(some, WHY, tmp_path, even_failing=True)


def test_no_baseline_is_none_and_a_broken_one_is_an_error(tmp_path: Path) -> None:
    assert baselines.load("refunds_v3", tmp_path) is None
    (tmp_path / "refunds_v3.json").write_text("{}")
    with pytest.raises(RecordError, match="bless a record again"):
        baselines.load("refunds_v3", tmp_path)
    path = baselines.bless(record(), WHY, tmp_path)
    path.rename(tmp_path / "orders_v1.json")
    with pytest.raises(RecordError, match="of refunds_v3"):
        baselines.load("orders_v1", tmp_path)
