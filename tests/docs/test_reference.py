"""The generated pages are what the code says now. `make docs` writes them anew."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bot.settings import SETTINGS, from_environment
from connectors import registry
from evals.graders.registry import GRADERS
from evals.linting.lint import lint
from tests.docs import case_keys, policy_keys, reference
from tests.evals.writing import SUITE, write


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_generated_page_is_up_to_date(path):
    assert path.read_text() == reference.pages()[path](), f"{path.name} is behind; run `make docs`"


def test_every_setting_stands_in_exactly_one_group():
    grouped = Counter(name for names in reference.GROUPS.values() for name in names)
    assert grouped == Counter(dict.fromkeys(SETTINGS, 1))


def test_env_example_names_every_setting_and_no_other():
    named = re.findall(r"^#?(ASSENT_\w+)=", reference.env_example(), re.MULTILINE)
    assert sorted(named) == sorted(SETTINGS)


def test_env_example_is_a_file_that_assent_starts_with():
    """With every line switched on and left empty, each setting has its default."""
    names = re.findall(r"^#?(ASSENT_\w+)=(.*)$", reference.env_example(), re.MULTILINE)
    assert from_environment(dict(names)) == from_environment({})


def test_every_command_and_its_options_are_on_the_page():
    page = reference.commands()
    commands = [path for path, _ in reference.helps()]
    assert {"assent audit verify", "assent say", "agent-eval run"} <= set(commands)
    assert [path for path in commands if f"## `{path}`" not in page] == []


def test_every_operation_parameter_and_fact_is_on_the_page():
    page = reference.operations()
    for name, (_, operation) in registry.operations().items():
        section = page.partition(f"## `{name}`")[2].partition("\n## ")[0]
        wanted = (*operation.params.model_fields, *operation.fact_types, *operation.scopes)
        assert [each for each in wanted if f"`{each}`" not in section] == [], name
    assert [name for name in registry.finders() if f"## `{name}`" not in page] == []


def test_every_operation_says_how_it_is_taken_back():
    lacking = [name for name, (_, op) in registry.operations().items() if not op.undo.__doc__]
    assert lacking == [], "the first line of undo's docstring is the page's line"


def test_every_connector_is_on_the_page_with_every_promise():
    page = reference.connectors_page.page(reference.MADE)
    for name in registry.connector_names():
        section = page.partition(f"## `{name}`")[2].partition("\n## ")[0]
        wanted = registry.connector(name)
        named = [*(o.name for o in wanted.operations), *(f.name for f in wanted.finders)]
        assert [each for each in named if f"`{each}`" not in section] == [], name
        assert wanted.identify.__doc__, "its docstring says on the page what the account is"


def test_every_key_of_a_suite_is_explained():
    assert case_keys.unexplained() == ()


def test_every_grader_says_what_it_judges():
    lacking = [grader.__name__ for grader in GRADERS if not grader.__doc__]
    assert lacking == [], "its docstring is the page's line"


def test_the_case_on_the_page_is_one(tmp_path):
    said = case_keys.EXAMPLE.removeprefix("```yaml\n").removesuffix("```")
    file = SUITE.replace("  refunds: Money goes back.", "  refunds: Money.\n  money: How much.")
    folder = write(tmp_path, said.removeprefix("cases:\n"), file)
    assert [str(r) for r in lint(folder) if r.severity == "problem"] == []


def test_every_key_and_fact_of_policy_is_explained():
    assert policy_keys.unexplained() == ()
