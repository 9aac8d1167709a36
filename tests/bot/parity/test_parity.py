"""No feature is missing on either surface: one list of cases, run on both over the wire."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.cards.forms import FormKind
from bot.cards.model import Action
from bot.incoming import Verb
from bot.surfaces import words
from bot.surfaces.asked import What
from bot.surfaces.port import Port
from bot.view import Stance
from tests.bot.cards.stories import STORIES
from tests.bot.parity.case import Case, Covered
from tests.bot.parity.cases import CASES
from tests.bot.parity.hands import Hands
from tests.bot.parity.hands_slack import slack_hands
from tests.bot.parity.hands_teams import teams_hands

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SURFACES: dict[str, Callable[[Path], AbstractAsyncContextManager[Hands]]] = {
    "slack": slack_hands,
    "teams": teams_hands,
}
# Sentences that only one platform can need, and why. The test below keeps the list honest.
OF_ONE_SURFACE = {
    "ONE_MOMENT": ("slack", "a modal is opened empty within 3 s and filled afterwards"),
    "NOT_OPENED_ASKED": ("slack", "a command opens a modal; no message opens a dialog of Teams"),
    "approve_ticked": ("slack", "the button of a modal is drawn anew with each tick"),
    "STILL_AT_IT": ("teams", "a press waits for its answer, and something has to be in it"),
    "IN_OUR_CHAT": ("teams", "a channel shows nothing to one person alone, as Slack does"),
    "ASK_IN_OUR_CHAT": ("teams", "a channel shows nothing to one person alone, as Slack does"),
    "ASK_FOR_HELP": ("teams", "the end of that hello where several people read it"),
    "HELLO": ("teams", "an app that is added somewhere is told so, and says what it is for"),
}


@pytest.fixture(params=SURFACES)
async def hands(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Hands]:
    async with SURFACES[request.param](tmp_path / "state") as made:
        made.memory.default_stance = Stance.MAY_APPROVE
        yield made


def _param(case: Case) -> object:
    return pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.is_slow else [])


@pytest.mark.parametrize("case", [_param(case) for case in CASES])
async def test_it_works_on_both(case: Case, hands: Hands) -> None:
    await case.do(hands)


def _covered() -> set[Covered]:
    return {each for case in CASES for each in case.covers}


@pytest.mark.parametrize("kinds", [Action, Verb, FormKind, What, Stance])
def test_every_member_has_a_case(kinds: type) -> None:
    assert [each for each in kinds if each not in _covered()] == []  # type: ignore[attr-defined]


def test_every_state_of_a_card_has_a_case() -> None:
    assert [story for story in STORIES if story not in _covered()] == []


def test_every_method_of_the_port_has_a_case() -> None:
    methods = [name for name in vars(Port) if not name.startswith("_")]
    assert len(methods) >= 12
    assert [name for name in methods if name not in _covered()] == []


def test_every_sentence_has_a_case_or_a_platform_of_its_own() -> None:
    sentences = _sentences()
    assert len(sentences) >= 20
    covered = {str(each).removeprefix("words.") for each in _covered()}
    assert sorted(sentences - covered - set(OF_ONE_SURFACE)) == []
    assert sorted(set(OF_ONE_SURFACE) - sentences) == [], "no sentence any more"


@pytest.mark.parametrize("name", OF_ONE_SURFACE)
def test_a_sentence_of_one_platform_is_said_there_alone(name: str) -> None:
    surface, _why = OF_ONE_SURFACE[name]
    users = {
        file.name
        for folder in ("surfaces", "cards")
        for file in (ROOT / "bot" / folder).glob("*.py")
        if f"words.{name}" in file.read_text()
    }
    assert users, f"nobody says {name}"
    assert {user for user in users if not user.startswith(surface)} == set()


def test_every_name_that_a_case_covers_exists() -> None:
    """A case that covers what is gone would hide that nothing covers its successor."""
    known = {*STORIES, *vars(Port), *(f"words.{each}" for each in _sentences())}
    assert sorted(str(each) for each in _covered() if type(each) is str and each not in known) == []


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


def test_both_surfaces_have_every_hand() -> None:
    wanted = {name for name in vars(Hands) if not name.startswith("_")}
    for surface in SURFACES:
        file = Path(__file__).parent / f"hands_{surface}.py"
        made = {
            node.name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.AsyncFunctionDef)
        }
        assert wanted - made - {"name", "memory"} == set(), surface


def _sentences() -> set[str]:
    """Names of what a surface says by itself: texts and functions of words.py."""
    tree = ast.parse(Path(words.__file__).read_text())
    texts = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in (
            node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
        )
        if isinstance(target, ast.Name)
    }
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in texts | functions if not name.startswith("_")}
