"""The bundles that are shipped beside the desk: whole, and their examples come true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from bot import systems
from bot.bundle.needed import needed
from bot.catalogue import Catalogue, examined, fact_types, loaded
from bot.planner.planner import Ask, Asked, Draft, Find, Refuse
from bot.planner.rules import RulesPlanner
from bot.settings import from_environment
from connectors.credentials import Credential
from connectors.operation import Record
from evals.cases import suite
from evals.cases.systems import story
from policies import examples
from policies.bundle import Bundle
from policies.engine import Engine
from policies.workflow import Workflow

NAMES = ("access", "revenue", "service")
CASES_MIN = 30  # stories of each workflow
# The suite of each workflow, and the slice of it that is about it; "" is the whole suite.
TOLD_IN = {
    "grant-access": ("access_v1", "grant"),
    "revoke-access": ("access_v1", "revoke"),
    "offboard": ("offboarding_v1", ""),
    "correct-field": ("crm_v1", ""),
    "refund-charge": ("charges_v1", ""),
    "reconcile-invoice": ("invoices_v1", ""),
    "route-ticket": ("tickets_v1", "route"),
    "update-ticket": ("tickets_v1", "update"),
    "resolve-incident": ("tickets_v1", "resolve"),
    "restart-service": ("incidents_v1", "restart"),
    "scale-service": ("incidents_v1", "scale"),
}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@cache
def bundle(name: str) -> Bundle:
    return loaded(suite.BUNDLES / name)


def files(name: str) -> list[str]:
    """The names of its workflows' files: cheap to have, when it is asked which tests there are."""
    return sorted(path.stem for path in (suite.BUNDLES / name / "workflows").glob("*.yml"))


WORKFLOWS = [(name, each) for name in NAMES for each in files(name)]


@pytest.mark.parametrize("name", NAMES)
def test_the_workflows_of_a_bundle_are_its_files(name: str) -> None:
    assert sorted(bundle(name).workflows) == files(name)


def test_no_bundle_is_forgotten() -> None:
    shipped = {path.parent.name for path in suite.BUNDLES.glob("*/bundle.yml")}
    assert shipped == {"desk", *NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_about_a_bundle_is_to_be_mended(name: str) -> None:
    checked = examined(suite.BUNDLES / name)
    assert checked.bundle is not None, [str(each) for each in checked.findings]
    assert [str(each) for each in checked.findings] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_has_the_scopes_that_its_workflows_need_and_no_more(name: str) -> None:
    its = bundle(name)
    need = needed(Catalogue(its, "sandbox", {}))
    assert {each: set(of.scopes) for each, of in its.settings.connections.items()} == {
        each: set(scopes) for each, scopes in need.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_assent_starts_with_every_variable_that_a_bundle_names(name: str) -> None:
    connections = bundle(name).settings.connections.values()
    secrets = {(each.secret or "").removeprefix("env:") for each in connections}
    variables = {each.address_env for each in connections} | (secrets - {""})
    assert from_environment(dict.fromkeys(variables, "x")).environ.keys() >= variables


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_reached_by_an_example(name: str) -> None:
    its = bundle(name)
    catalogue = fact_types(systems.reached(its))
    assert [str(finding) for finding in examples.run(its, catalogue)] == []
    engine = Engine(its, catalogue)
    matched = {
        rule.rule
        for policy in its.policies
        for example in policy.file.examples
        for step in engine.decide([examples.step(policy, example, engine)]).steps
        for rule in step.rules
        if rule.is_matched
    }
    assert {rule.id for policy in its.policies for rule in policy.file.rules} - matched == set()


@pytest.fixture(scope="module")
def find_in() -> Iterator[dict[str, Find]]:
    """How records of each bundle's systems are found, as at the beginning of a story."""
    with ExitStack() as opened:
        yield {name: _found(name, opened) for name in NAMES}


def _found(name: str, opened: ExitStack) -> Find:
    sessions = {}
    for connector in systems.reached(bundle(name)):
        system = story(connector.name)()
        system.begin(NOON)
        opened.callback(system.close)
        account = next(
            each.account
            for each in bundle(name).settings.connections.values()
            if each.connector == connector.name
        )
        scopes = frozenset(scope for finder in connector.finders for scope in finder.scopes)
        credential = Credential(account, "sandbox", scopes, "")
        session = opened.enter_context(system.open(connector, credential))
        sessions |= {finder.name: (finder, session) for finder in connector.finders}

    def find(finder: str, words: str) -> tuple[Record, ...]:
        known, session = sessions[finder]
        return known.find(session, words)

    return find


@pytest.mark.slow
@pytest.mark.parametrize(("name", "workflow"), WORKFLOWS)
def test_every_example_holds(name: str, workflow: str, find_in: dict[str, Find]) -> None:
    its = bundle(name)
    flows = tuple(its.workflows.values())
    for example in its.workflows[workflow].examples:
        planned = RulesPlanner().plan(Asked(example.say, flows, find_in[name], today=NOON.date()))
        if example.refuses:
            assert isinstance(planned, Refuse), (example.say, planned)
        elif example.asks:
            assert isinstance(planned, Ask), (example.say, planned)
            assert (planned.workflow, planned.question.slot) == (workflow, example.asks)
        else:
            assert isinstance(planned, Draft), (example.say, planned)
            assert tuple(step.operation for step in planned.plan.steps) == example.plan


@pytest.mark.parametrize(("name", "workflow"), WORKFLOWS)
def test_a_workflow_shows_a_plan_a_question_and_a_refusal(name: str, workflow: str) -> None:
    shown: Workflow = bundle(name).workflows[workflow]
    assert any(e.plan for e in shown.examples)
    assert any(e.asks for e in shown.examples)
    assert any(e.refuses for e in shown.examples)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "workflow"), WORKFLOWS)
def test_every_workflow_is_held_to_stories_enough(name: str, workflow: str) -> None:
    its_suite, its_slice = TOLD_IN[workflow]
    assert its_suite in bundle(name).settings.gates["production"]
    told = suite.load(suite.named(its_suite)).cases
    own = [case for case in told if not its_slice or its_slice in case.slices]
    assert len(own) >= CASES_MIN
    assert {case.expect.workflow for case in own} <= {None, "", workflow}


@pytest.mark.parametrize("name", NAMES)
def test_a_suite_is_of_the_bundle_that_it_holds(name: str) -> None:
    for each in bundle(name).settings.gates["production"]:
        text = Path(suite.named(each) / suite.SUITE_FILE).read_text()
        assert f"\nbundle: {name}\n" in text, each
