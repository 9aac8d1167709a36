"""The command exactly as users call it: two commits of a prompt, answers recorded through the real
SDK from a stand-in service, and a verdict a script can read."""

import json
import re
import subprocess
from typing import Any

import pytest

from evals.scripted import scripted
from tests.evals.repository import Repository
from tests.model_server import ModelServer, Reply, says

pytestmark = pytest.mark.slow

KEY = "sk-test-a-key-that-nobody-else-has"
METRICS = "success_rate>=0.92,policy_violations<=0.01,cost_p95<=0.18"
PROMPT = "policies/bundles/desk/prompts/planner.md"
IN_OTHER_WORDS = {  # what a prompt must speak of for the stand-in to read them
    "other-words": "make it right with $40 on order 1043, damaged",
    "language": "zwróć $40 za #1043, damaged",
}


def cases() -> str:
    """Eleven that the rules read, two that they do not."""
    plain = {f"plain-{n}": f"refund ${n + 10} on order 1043, damaged" for n in range(11)}
    texts = [
        f"  - case: {name}\n    why: It says what is wanted.\n"
        f"    slices: [{'plain' if name in plain else 'words'}]\n"
        f"    request: {json.dumps(text, ensure_ascii=False)}\n    expect: {{outcome: waiting}}\n"
        for name, text in (plain | IN_OTHER_WORDS).items()
    ]
    return "cases:\n" + "".join(texts)


def honestly(body: Any) -> Reply:
    """The service, as far as the simulated reader goes: it can do what its prompt speaks of."""
    answer = scripted("honest").answer(body, 10)
    return says(*answer.content, stop_reason=answer.stop_reason)


def without_languages(text: str) -> str:
    """A prompt that does not speak of languages any more."""
    return re.sub("languages?", "that", text)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    slices = {"plain": "a refund in plain words", "words": "what a model is needed for"}
    return Repository.make(tmp_path_factory.mktemp("repository"), cases(), slices)


@pytest.fixture(scope="module")
def shas(repository: Repository) -> dict[str, str]:
    """Commits of the prompt, by what became of it."""
    return {
        "base": repository.git("rev-parse", "HEAD"),
        "kept": repository.changed(PROMPT, lambda text: f"{text}\nBe brief.\n"),
        "worse": repository.changed(PROMPT, without_languages),
        "new": repository.changed(PROMPT, lambda text: f"{text}\nBe kind.\n"),
    }


@pytest.fixture(scope="module")
def recorded(repository: Repository, shas: dict[str, str]) -> tuple[str, ModelServer]:
    """What the recordings said; all but the newest prompt's are there."""
    said = []
    with ModelServer(KEY, [honestly], repeats=True) as service:
        settings = {"ASSENT_ANTHROPIC_API_KEY": KEY, "ASSENT_ANTHROPIC_API_BASE": service.url}
        for name in ("base", "kept", "worse"):
            asked = ("--suite", "refunds_v3", "--candidate", f"prompt@sha:{shas[name]}")
            done = repository.agent_eval("record", *asked, **settings)
            assert done.returncode == 0, done.stderr
            assert done.stderr == "", "what is missing is counted in one line, not warned of"
            said.append(done.stdout)
    assert not service.faults
    return "\n".join(said), service


@pytest.fixture(scope="module")
def gate(repository: Repository, shas: dict[str, str], recorded: object) -> "Gate":
    del recorded
    return Gate(repository, shas)


class Gate:
    """The command, with the shas that it is about as short as people write them."""

    def __init__(self, repository: Repository, shas: dict[str, str]) -> None:
        self._repository, self._shas = repository, shas

    def __call__(
        self, candidate: str, baseline: str = "base", metrics: str = METRICS
    ) -> subprocess.CompletedProcess[str]:
        return self._repository.agent_eval(
            "run", "--suite", "refunds_v3", "--candidate", self._named(candidate),
            "--baseline", self._named(baseline), "--metrics", metrics, "--fail-on-regression",
        )  # fmt: skip

    def _named(self, name: str) -> str:
        return "none" if name == "none" else f"prompt@sha:{self._shas.get(name, name)[:7]}"


HEAD = re.compile(
    r"success_rate: \d\.\d+ \(baseline \d\.\d+\)\n"
    r"policy_violations: \d\.\d+ \(baseline \d\.\d+\)\n"
    r"cost_p95: \$\d+\.\d+ \(baseline \$\d+\.\d+\)\n"
    r"RESULT: [A-Z ]+ \(.+\)\n\n"
)


def test_a_prompt_that_reads_as_well_passes(
    gate: Gate, repository: Repository, shas: dict[str, str]
) -> None:
    done = gate("kept")
    assert HEAD.match(done.stdout), done.stdout + done.stderr
    assert "RESULT: PASS (within thresholds)" in done.stdout
    assert done.returncode == 0
    notes = re.findall("^note: (.*)$", done.stdout, re.MULTILINE)
    assert notes == [f"prompt@sha:{shas['base'][:7]} is the same as prompt@working"]
    (folder,) = (repository.folder / "state" / "evals").iterdir()
    assert {each.name for each in folder.iterdir()} == {
        "record.json", "traces.jsonl", "report.html", "junit.xml", "comment.md",
    }  # fmt: skip


def test_a_prompt_that_reads_less_is_named(gate: Gate) -> None:
    done = gate("worse")
    assert HEAD.match(done.stdout), done.stdout + done.stderr
    assert "RESULT: REGRESSED (words worse: 1 of 2)" in done.stdout
    assert done.returncode == 3


def test_a_threshold_that_is_missed_fails(gate: Gate) -> None:
    done = gate("worse", "none", "success_rate>=0.95")
    assert "RESULT: FAIL (success_rate 0.923 is below 0.95)" in done.stdout, done.stderr
    assert done.returncode == 1


def test_what_a_new_prompt_would_have_been_answered_is_not_guessed(gate: Gate) -> None:
    done = gate("new", "none")
    assert "RESULT: UNVERIFIABLE (candidate: 2 cases (language, ...) not carried out: no" in (
        done.stdout
    )
    assert done.returncode == 4


def test_a_sha_that_names_nothing_is_misuse(gate: Gate) -> None:
    done = gate("0000000")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no commit 0000000" in done.stderr


def test_recording_says_what_it_costs_and_keeps_no_key(
    recorded: tuple[str, ModelServer], repository: Repository
) -> None:
    said, service = recorded
    assert said.count("0 answers are recorded, 2 are missing; 2 of 13 stories lack some.") == 3
    assert said.count("Estimated $0.") == 3
    assert "asked " in said
    assert KEY.encode() in service.bytes_received  # it went where it belongs
    kept = sorted((repository.folder / "evals").rglob("cassettes/**/*.jsonl"))
    assert len(kept) == 3 * 2  # prompts and cases
    for path in kept:
        assert KEY not in path.read_text()
        assert "authorization" not in path.read_text().lower()


def test_a_live_model_is_asked_with_a_key_that_stays_out_of_everything(
    repository: Repository,
) -> None:
    out = repository.folder / "state" / "live"
    with ModelServer(KEY, [honestly], repeats=True) as service:
        done = repository.agent_eval(
            "run", "--suite", "refunds_v3", "--candidate", "prompt@working", "--baseline", "none",
            "--live", "--case", "language", "--metrics", "success_rate>=1.0", "--out", str(out),
            ASSENT_ANTHROPIC_API_KEY=KEY, ASSENT_ANTHROPIC_API_BASE=service.url,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert service.received
    assert not service.faults
    kept = [path.read_text() for path in out.rglob("*") if path.is_file()]
    assert len(kept) == 5
    assert not [text for text in (done.stdout, done.stderr, *kept) if KEY in text]


def test_the_key_is_not_given_to_the_code_of_a_commit(
    repository: Repository, shas: dict[str, str]
) -> None:
    base = shas["base"]
    for asked in (
        ("--candidate", f"planner@sha:{base}", "--baseline", "none"),
        ("--candidate", "bundle@working", "--baseline", f"connector@sha:{base}"),
    ):
        with ModelServer(KEY, [honestly], repeats=True) as service:
            done = repository.agent_eval(
                "run", "--suite", "refunds_v3", *asked, "--live", "--case", "language",
                ASSENT_ANTHROPIC_API_KEY=KEY, ASSENT_ANTHROPIC_API_BASE=service.url,
            )  # fmt: skip
        assert done.returncode == 2
        assert "not run beside a key" in done.stderr
        assert not service.received


def test_without_a_key_nothing_is_recorded_or_asked_live(repository: Repository) -> None:
    done = repository.agent_eval("record", "--suite", "refunds_v3")
    assert done.returncode == 2
    assert "ASSENT_ANTHROPIC_API_KEY is not set" in done.stderr
