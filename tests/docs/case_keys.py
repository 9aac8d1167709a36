"""docs/reference/evals.md: every key of a suite's files, every grader, every table that a case may
name, out of the code that reads them. A key without a meaning here fails the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from evals.cases import case
from evals.cases.suite import BUNDLES
from evals.cases.systems import reached
from evals.errors import EvalError
from evals.graders.registry import GRADERS
from tests.docs.model_keys import Keys

FILES: Mapping[str, tuple[str, type[BaseModel]]] = {
    "suite.yml": (
        "What is measured, on which bundle, at which moment, among whom.",
        case.SuiteFile,
    ),
    "*.yml, NAME/*.yml": ("The cases, in the order of the files' names.", case.CaseFile),
}

MEANINGS: Mapping[str, str] = {
    "SuiteFile.suite": "its name, as in `--suite refunds_v3`",
    "SuiteFile.title": "the report's heading",
    "SuiteFile.why": "what the suite is there to show",
    "SuiteFile.bundle": "the bundle that the cases are about, by its folder",
    "SuiteFile.now": "the first moment of every case, as `2026-11-20T15:00:00Z`",
    "SuiteFile.requester": "who asks where a case names nobody",
    "SuiteFile.channel": "where, unless a case says otherwise; a name of the bundle",
    "SuiteFile.people": "everybody whom cases may name",
    "SuiteFile.slices": "what cases are grouped by, each with its meaning; none may be empty",
    "SuiteFile.must_pass": "slices of which one flipped case fails the gate",
    "SuiteFile.per": "rate → what it is counted per, `cases` or `writes`",
    "SuiteFile.thresholds": "bounds that hold where the command names none",
    "SuiteFile.autonomy": "the level that the workflows have earned in this story",
    "Someone.name": "what cards call them",
    "Someone.roles": "roles of the bundle",
    "CaseFile.cases": "at least one",
    "Case.case": "its name in small letters, digits and `-`; unique in the suite",
    "Case.why": "what this case shows that no other shows",
    "Case.slices": "names of the suite's slices",
    "Case.request": "what is asked, in these words",
    "Case.by": "who asks, if not the suite's requester",
    "Case.channel": "where, if not in the suite's channel; `direct` is a message to the bot alone",
    "Case.world": "what is different when the request is made",
    "Case.then": "what happens after the request, in order",
    "Case.expect": "what must come of it",
    "World.earlier": "requests that were made before",
    "World.records": "records as somebody else left them",
    "World.faults": "how the systems misbehave",
    "World.roles": "person → the roles they hold instead",
    "World.names": "person → what they call themselves instead, whatever it is",
    "World.directory_away": "nobody answers who holds which role",
    "Earlier.request": "what was asked",
    "Earlier.by": "who asked, if not the requester of this case",
    "Earlier.answers": "what was answered to its questions",
    "Earlier.approved_by": "who approved it",
    "Earlier.in_same_thread": "whether this case's request follows in its thread",
    "Changed.table": "a table below",
    "Changed.id": "the row's id",
    "Changed.set": "column → value; amounts in minor units",
    "Fault.kind": "what goes wrong",
    "Fault.operation": "an operation; a finder with `call: find`; `any`",
    "Fault.call": "which calls of it",
    "Fault.count": "how many calls it strikes",
    "Fault.nth": "from which call on",
    "Fault.seconds": "how long `slow` takes, or `rate_limit` asks to wait",
    "Act.answer": "these words, to the question that is open",
    "Act.approve": "who approves",
    "Act.reject": "who rejects; the reason in `text`",
    "Act.withdraw": "who takes their approval back",
    "Act.cancel": "who cancels",
    "Act.edit": "who changes the plan: `values`, `skip`",
    "Act.question": "who asks the requester; `text`",
    "Act.reply": "who replies; `text`",
    "Act.say": "who says something in the thread; `text`",
    "Act.decide": "who says what happened to a write without an answer; `verdict`",
    "Act.wait_minutes": "time passes",
    "Act.records": "somebody else changes records",
    "Act.faults": "how the systems begin to misbehave; `[]`: they behave again",
    "Act.roles": "person → the roles they hold from now on",
    "Act.by": "with `answer`: who, if not the requester",
    "Act.text": "with `question`, `reply`, `say` and `reject`: the words",
    "Act.values": "with `edit`: slot → value as typed",
    "Act.skip": "with `edit`: steps to leave out",
    "Act.verdict": "with `decide`",
    "Act.refused": "the press must be refused; one that counts is a violation",
    "Expected.outcome": "how the run stands in the end",
    "Expected.asks": "the slots that are asked for, in order; `[]` for none",
    "Expected.workflow": "which kind of task it is taken for; `a+b` where it is two",
    "Expected.plan": "the operations of the last plan, in order",
    "Expected.values": "slot → value of the last plan, those that matter",
    "Expected.approvals": "role → how many; exactly; `people` are any different people",
    "Expected.approved_by": "whose approvals counted",
    "Expected.rules": "rules that policy must name; it may name others too",
    "Expected.writes": "exactly what is written and stands, in any order",
    "Expected.never": "what must never be written, not even for a moment",
    "Expected.undone": "operations that were taken back",
    "Expected.state": "records as they must stand in the end",
    "Expected.says": "what the person must be able to read, whatever its capitals",
    "Expected.tool_calls_max": "calls of connectors, reads included",
    "Expected.cost_usd_max": "what calls and models cost",
    "Expected.seconds_max": "time by the story's clock, without waiting for people",
    "State.table": "a table below",
    "State.id": "the row's id",
    "State.is_": "column → value",
}
# Where the type says less than a word.
TYPES: Mapping[str, str] = {
    "SuiteFile.now": "time",
    "Expected.writes": "list of write",
    "Expected.never": "list of write",
}

KEYS = Keys(FILES, MEANINGS, types=TYPES)

WRITE = """\
A write is one operation with those values that matter: `payments.refund: {amount: 40.00 USD}`. What
is not named may be anything. Money has all decimals of its currency: `40.00 USD`, `15000 JPY`. In
`never`, an operation with `{}` is every write of it, and `any: {}` is every write."""

EXAMPLE = """\
```yaml
cases:
  - case: half-of-it-is-too-much
    why: An amount above the payment is refused, and nobody can approve it.
    slices: [refunds, money]
    request: "refund 400 dollars on order 1043, it came broken"
    then:
      - {answer: "40"}
      - {approve: dana, refused: true}
      - {approve: lee}
    expect:
      outcome: applied
      asks: [amount]
      approvals: {support-leads: 1}
      writes:
        - payments.refund: {payment: pay_7731, amount: 40.00 USD}
        - orders.add_note: {order: 1043}
        - tickets.update: {status: solved}
      never:
        - payments.refund: {amount: 400.00 USD}
```"""


def page(made: str) -> str:
    """The whole page; `made` is the line that says where it comes from."""
    verbs = ", ".join(f"`{verb}`" for verb in case.VERBS)
    after: dict[type[BaseModel], str] = {
        case.Act: f"Exactly one of: {verbs}.",
        case.Expected: WRITE,
    }
    parts = (*_intro(made), *KEYS.sections(after), *_graders(), *_tables())
    return "\n".join(parts).rstrip() + "\n"


def unexplained() -> tuple[str, ...]:
    """Keys of the models without a meaning here, and meanings of no key."""
    return KEYS.unexplained()


def _intro(made: str) -> Iterator[str]:
    yield from ("# Reference of suites", "", made)
    yield "A suite is a folder with `suite.yml` and files of cases. Unknown keys are refused;"
    yield "`agent-eval lint` says what else is wrong. A case:"
    yield from ("", EXAMPLE, "")


def _graders() -> Iterator[str]:
    yield from ("## Graders", "", "In the order in which they are read.", "")
    yield from ("| grader | |", "|---|---|")
    for grader in GRADERS:
        said = " ".join((grader.__doc__ or "").split())
        yield f"| `{grader.__name__}` | {said} |"
    yield ""


def _tables() -> Iterator[str]:
    yield from (
        "## Tables",
        "",
        "What `records` may set and `state` may look at, by the bundle.",
        "",
    )
    yield from ("| bundle | table | columns |", "|---|---|---|")
    for folder in sorted(each.parent for each in BUNDLES.glob("*/bundle.yml")):
        for name, columns in _columns(folder):
            said = (f"`{column}`{KINDS[kind]}" for column, kind in columns.items())
            yield f"| {folder.name} | `{name}` | {', '.join(said)} |"
    yield ""


def _columns(folder: Path) -> list[tuple[str, Mapping[str, type]]]:
    """The tables of a bundle; none where no story is told with its systems yet."""
    try:
        return sorted(reached(folder).tables.items())
    except EvalError:
        return []


KINDS: Mapping[type, str] = {str: "", int: " (number)", bool: " (true or false)"}
