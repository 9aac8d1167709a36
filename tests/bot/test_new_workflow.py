"""`assent new workflow`: over any operation of a bundle, understood as it says, and whole or not at
all."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from bot.bundle.reach import out_of_reach
from bot.catalogue import examined, loaded
from bot.cli import cli
from bot.errors import CommandError
from bot.planner.planner import Ask, Asked, Draft, Refuse
from bot.planner.rules import RulesPlanner
from bot.planning import planner_for
from bot.policing.examples import test as policy_test
from bot.scaffolding import sentences, workflow
from bot.scaffolding.editing import with_workflow
from bot.scaffolding.slots import filling, noun_of
from bot.scaffolding.workflow import create
from bot.settings import BUNDLE_SHIPPED, from_environment
from connectors import registry
from connectors.conformance.world import world
from connectors.opening import opened
from connectors.operation import Finder, Operation, Params
from evals.cases import suite
from evals.graders.registry import grade
from evals.linting.lint import lint
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.worlds.world import world as story_world

OPERATIONS = sorted(o.name for o in registry.connector("desk").operations)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the shipped bundle, and nothing of ours touched."""
    root = tmp_path / "checkout"
    bundle = root / "policies" / "bundles" / "desk"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    monkeypatch.setattr(workflow, "checkout", lambda: root)
    monkeypatch.setattr(workflow, "BUNDLE_SHIPPED", bundle)
    return root


@pytest.fixture
def bundle(checkout):
    return checkout / "policies" / "bundles" / "desk"


@pytest.fixture
def find(tmp_path):
    its_world = world("desk")
    credential = its_world.reader(its_world.fresh(tmp_path))
    with opened(registry.connector("desk"), credential) as session:
        yield lambda finder, words: registry.finder(finder)[1].find(session, words)


@pytest.mark.slow
def test_every_operation_makes_a_workflow_that_is_understood_as_it_says(checkout, bundle, find):
    for name in OPERATIONS:
        create(f"try-{name.replace('.', '-').replace('_', '-')}", name, None)
    assert examined(bundle).findings == ()
    assert out_of_reach(loaded(bundle)) == ()
    workflows = tuple(loaded(bundle).workflows.values())
    new = [each for each in workflows if each.workflow.startswith("try-")]
    assert len(new) == len(OPERATIONS)
    for each in new:
        kinds = [bool(e.plan) + 2 * bool(e.asks) + 4 * e.refuses for e in each.examples]
        assert (kinds[0], kinds[-1], set(kinds)) == (1, 4, {1, 2, 4})
        for example in each.examples:
            planned = RulesPlanner().plan(Asked(example.say, workflows, find))
            if example.refuses:
                assert isinstance(planned, Refuse), (example.say, planned)
            elif example.asks:
                assert isinstance(planned, Ask), (example.say, planned)
                assert (planned.workflow, planned.question.slot) == (each.workflow, example.asks)
            else:
                assert isinstance(planned, Draft), (example.say, planned)
                (step,) = planned.plan.steps
                assert (step.operation,) == example.plan
                registry.operation(step.operation)[1].params.model_validate(step.params)


@pytest.mark.slow
def test_first_suite_passes_and_lacks_nothing(checkout, bundle):
    create("leave-word", "orders.add_note", None)
    create("pay-out", "payments.refund", None)
    for name in ("leave_word_v1", "pay_out_v1"):
        folder = checkout / "evals" / "suites" / name
        remarks = lint(folder, checkout / "policies" / "bundles")
        assert [str(each) for each in remarks if each.severity == "problem"] == []
        its = suite.load(folder)
        with story_world(its.file, bundle, planner_for(from_environment({}))) as made:
            for case in its.cases:
                made.begin()
                result = grade(case, observe(Story(made, its.file, case), 0))
                assert [g for g in result.grades if not g.passed] == [], case.case


@pytest.mark.slow
def test_command_says_what_it_wrote_and_what_is_next(checkout, bundle):
    done = CliRunner().invoke(cli, ["new", "workflow", "leave-word", "--operation", OPERATIONS[0]])
    assert done.exit_code == 0, done.output
    for path in (
        "policies/bundles/desk/workflows/leave-word.yml",
        "evals/suites/leave_word_v1/suite.yml",
        "tests/bot/workflows/test_leave_word.py",
    ):
        assert (checkout / path).is_file()
        assert path in done.output
    assert "agent-eval run --suite leave_word_v1" in done.output
    settings = (bundle / "bundle.yml").read_text()
    assert "workflows: [refund, cancel-order, change-address, leave-word]" in settings
    assert "\n  leave-word: [desk-reader, desk-refunds]\n" in settings
    before = (BUNDLE_SHIPPED / "bundle.yml").read_text()
    changed = set(settings.splitlines()) ^ set(before.splitlines())
    assert len(changed) == 3  # one line is new, one is another; comments and order stay


SMALL = {
    "bundle.yml": """
bundle: small
title: Small
environments:
  sandbox: {autonomy: L2}
roles:
  support: {group: support}
  leads: {group: support-leads}
channels:
  ops:
    ids: [C0SUPPORTOP]
    workflows: [tidy]
    time_zone: Etc/UTC
digest: {channel: ops, time_zone: Etc/UTC, at: "18:00", workflows: []}
connections:
  desk-refunds:
    connector: desk
    environment: sandbox
    account: desk-refunds
    scopes: ["orders:read", "payments:read", "tickets:read", "payments:write", "tickets:write"]
    address_env: ASSENT_DESK_ADDRESS
    secret: env:ASSENT_DESK_REFUNDS_SECRET
workflows:
  tidy: [desk-refunds]
""",
    "policies/tickets.yml": """
policy: tickets
applies_to: [tickets.update]
rules:
  - {id: allow, effect: allow, all: {asks: "'support' in requester.roles"}, because: "they may"}
""",
}


@pytest.fixture
def small(checkout, bundle, tmp_path):
    """A bundle of somebody's own, with one workflow and a rule for its operation alone."""
    folder = tmp_path / "small"
    for name, text in SMALL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    create("tidy", "tickets.update", bundle)
    (folder / "workflows").mkdir()
    shutil.copy(bundle / "workflows" / "tidy.yml", folder / "workflows")
    return folder


@pytest.mark.slow
def test_operation_that_no_rule_grants_gets_a_first_policy(small):
    """Deny by default would make a workflow that nobody may use."""
    said = create("give-back", "payments.refund", small)
    assert "No suite was begun" in said
    assert examined(small).findings == ()
    is_sound, report = policy_test(small, is_strict=False)
    assert is_sound, report
    policy = (small / "policies" / "give-back.yml").read_text()
    assert "require: [{role: leads, count: 1}]" in policy
    create("tidy-up", "tickets.update", small)
    assert not (small / "policies" / "tidy-up.yml").exists()


@pytest.mark.slow
def test_nothing_is_written_where_it_could_not_work(small, tmp_path):
    before = {p: p.read_bytes() for p in small.rglob("*") if p.is_file()}
    for name, operation, why in (
        ("tidy", "tickets.update", "has a workflow tidy already"),
        ("two", "orders.add_note", "the scopes notes:write, orders:read"),
        ("three", "orders.steal", "the bundle reaches orders.add_note"),
        ("four", "stripe.refund", "of the connector stripe, and no connection"),
        ("../five", "tickets.update", "cannot be the name of a workflow"),
        ("Six", "tickets.update", "cannot be the name of a workflow"),
    ):
        with pytest.raises(CommandError, match=why):
            create(name, operation, small)
    (small / "workflows" / "seven.yml").write_text("not: one")
    with pytest.raises(CommandError, match="problems of its own"):
        create("seven", "tickets.update", small)
    (small / "workflows" / "seven.yml").unlink()
    assert {p: p.read_bytes() for p in small.rglob("*") if p.is_file()} == before


@pytest.mark.slow
def test_name_that_means_another_workflow_too_is_refused(checkout, bundle):
    """The shipped refund understands "give ... back"."""
    with pytest.raises(CommandError, match="'give back on order 1043' is understood as another"):
        create("give-back", "payments.refund", None)
    assert not (bundle / "workflows" / "give-back.yml").exists()


@pytest.mark.parametrize(
    "settings",
    [
        "workflows: {tidy: [a]}\nchannels:\n  ops:\n    workflows: [tidy]\n",
        "workflows:\n  tidy: [a]\nchannels: {ops: {workflows: [tidy]}}\n",
        "workflows:\n  tidy: [a]\nchannels:\n  ops:\n    workflows:\n      - tidy\n",
        "channels:\n  ops:\n    workflows: [tidy]\n",
    ],
)
def test_settings_that_are_written_another_way_are_left_to_their_owner(settings):
    with pytest.raises(CommandError, match=r"under workflows: new: \[a, b\]"):
        with_workflow(settings, "new", ("a", "b"))


def test_only_what_channels_list_is_edited():
    settings = (
        "digest:\n  workflows: [one]\n"
        "channels:\n  quiet:\n    workflows: []\n  ops:\n    workflows: [one]  # here\n\n"
        "workflows:  # connections\n  one: [a]\n"
    )
    assert with_workflow(settings, "new", ("a", "b")) == settings.replace(
        "workflows: [one]  # here", "workflows: [one, new]  # here"
    ).replace("# connections\n", "# connections\n  new: [a, b]\n")


def test_a_bundle_without_workflows_gets_its_first():
    settings = "channels:\n  ops:\n    workflows: []\nworkflows: {}  # none yet\n"
    assert with_workflow(settings, "new", ("a",)) == (
        "channels:\n  ops:\n    workflows: [new]\nworkflows:   # none yet\n  new: [a]\n"
    )


def operation_of(params):
    """An operation with these parameters; the rest of it is not looked at."""
    refund = registry.operation("payments.refund")[1]
    return Operation(**{**vars(refund), "params": params})


class Numbers(Params):
    count: int
    is_loud: bool
    note: str = "nothing"


class Rows(Params):
    rows: tuple[str, ...]


def test_what_no_slot_can_hold_is_fixed_and_said():
    made = filling(operation_of(Numbers), (), {"count": 3}, {})
    assert dict(made.templates) == {"count": "{count}", "is_loud": True}
    assert [remark.split()[0] for remark in made.remarks] == ["is_loud"]


def test_a_number_is_said_behind_its_name():
    made = filling(operation_of(Numbers), (), {"count": 3}, {})
    (count,) = made.slots
    assert count.declared["digits"] == "whole"
    assert sentences.whole("note-order", made) == "note order count: 3"


def test_what_cannot_be_said_at_all_is_refused():
    with pytest.raises(CommandError, match="rows is neither text"):
        filling(operation_of(Rows), (), {}, {})
    with pytest.raises(CommandError, match="no record of its plan has one"):
        filling(registry.operation("payments.refund")[1], (), {}, {})


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        *(("orders.find", "order"), ("stripe.find_charges", "charge")),
        *(("github.find_people", "person"), ("crm.find_companies", "company")),
    ],
)
def test_what_a_finder_finds_is_said_in_the_singular(name, noun):
    finder = registry.finder("orders.find")[1]
    assert noun_of(Finder(**{**vars(finder), "name": name})) == noun
