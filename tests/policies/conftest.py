"""The shipped bundle, a world of one operation, and facts to vary."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.catalogue import fact_types, finder_types
from connectors import registry
from policies import document
from policies.bundle import Bundle, load
from policies.compiled import Policy
from policies.engine import Engine, StepFacts
from policies.facts import Catalogue, FactTypes
from policies.findings import BundleError, Finding
from policies.parse import parse
from policies.rules import PolicyFile
from policies.settings_file import BundleFile
from store.model.decision import Decision
from tests.slack_alone import slack_alone

DESK = Path(__file__).parents[2] / "policies" / "bundles" / "desk"

REFUND: Mapping[str, object] = {
    "requester.id": "person-dana",
    "requester.roles": ["support"],
    "request.channel": "support-ops",
    "request.surface": "slack",
    "workflow.name": "refund",
    "workflow.level": 2,
    "run.environment": "sandbox",
    "step.is_reversible": True,
    "now": datetime(2026, 11, 22, 12, tzinfo=UTC),
    "read.age_seconds": 4,
    "refund.amount_minor": 4_000,
    "refund.currency": "USD",
    "payment.currency": "USD",
    "payment.paid_minor": 12_900,
    "payment.refundable_minor": 12_900,
    "payment.status": "paid",
    "order.status": "delivered",
    "order.placed_at": datetime(2026, 11, 12, 12, tzinfo=UTC),
    "customer.id": "cus_acme",
    "customer.refunds_24h": 0,
    "refunds_of_customer.count": 0,
    "refunds_of_customer.sum_minor": 0,
    "refunds_of_requester.count": 0,
    "refunds_of_requester.sum_minor": 0,
    "refunds_of_everybody.count": 0,
    "refunds_of_everybody.sum_minor": 0,
}


Change = Callable[[str, str, str], "tuple[str, ...]"]


@pytest.fixture(scope="session")
def desk_folder() -> Path:
    return DESK


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle as it is for Slack alone."""
    copy = Path(shutil.copytree(DESK, tmp_path_factory.mktemp("plain") / "desk"))
    settings = copy / "bundle.yml"
    settings.write_text(slack_alone(settings.read_text()))
    return copy


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return fact_types([registry.connector("desk")])


@pytest.fixture(scope="session")
def finders() -> Mapping[str, Mapping[str, str]]:
    return finder_types([registry.connector("desk")])


@pytest.fixture(scope="session")
def desk(catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]) -> Bundle:
    return load(DESK, catalogue, finders)


@pytest.fixture(scope="session")
def engine(desk: Bundle, catalogue: Catalogue) -> Engine:
    return Engine(desk, catalogue)


@pytest.fixture(scope="session")
def decide_refund(engine: Engine) -> Callable[..., Decision]:
    """Decides on the shipped rules: facts changed by name, `without` names left out."""

    def decide(changes: Mapping[str, object] | None = None, without: str = "") -> Decision:
        facts = {**REFUND, **(changes or {})}
        facts.pop(without, None)
        return engine.decide([StepFacts("refund", "payments.refund", facts)])

    return decide


@pytest.fixture(scope="session")
def refund_facts() -> Mapping[str, object]:
    return REFUND


@pytest.fixture(scope="session")
def engine_of(desk: Bundle) -> Callable[..., Engine]:
    """An engine over one policy text that judges `box.open` with the given fact types."""

    def build(text: str, types: FactTypes) -> Engine:
        findings: list[Finding] = []
        source = document.read("box.yml", text.encode())
        file = parse(PolicyFile, source, findings)
        assert file, findings
        settings: BundleFile = desk.settings
        bundle = Bundle(settings, {}, (Policy(file, source),), {}, "0" * 64, "test")
        return Engine(bundle, {"box.open": types})

    return build


@pytest.fixture(scope="session")
def common_facts() -> Mapping[str, object]:
    names = list(REFUND)[:10]
    return {name: REFUND[name] for name in names}


@pytest.fixture
def folder(tmp_path: Path, plain_folder: Path) -> Path:
    """A copy of the plain bundle outside any repository, without the long tables of examples."""
    copy = Path(shutil.copytree(plain_folder, tmp_path / "desk"))
    for path in (copy / "policies").iterdir():
        path.write_text(path.read_text().partition("  # Either side of")[0])
    return copy


@pytest.fixture
def change(folder: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]) -> Change:
    """Replaces a text once in a file of the copy and gives the findings of loading it."""

    def apply(file: str, old: str, new: str) -> tuple[str, ...]:
        path = folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))
        try:
            load(folder, catalogue, finders)
        except BundleError as error:
            return tuple(str(finding) for finding in error.findings)
        return ()

    return apply
