"""Who holds a role: groups, accounts, people and included roles, by ids alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.roles import RoleBook
from policies.settings_file import Human, Role

Change = Callable[[str, str, str], "tuple[str, ...]"]
BUNDLE = "bundle.yml"
DANA = Human(name="Dana Okafor", accounts=("slack:U0DANA", "slack:U0DANA2", "teams:29:1abc"))
LEE = Human(name="Lee Park", accounts=("slack:U0LEE",))


def test_a_declared_person_holds_a_role_with_every_account() -> None:
    book = RoleBook({"leads": Role(people=("dana",))}, {"dana": DANA, "lee": LEE})
    assert book.held_by("slack", "U0DANA", {}) == ("leads",)
    assert book.held_by("slack", "U0DANA2", {}) == ("leads",)
    assert book.held_by("teams", "29:1abc", {}) == ("leads",)
    assert book.held_by("slack", "U0LEE", {}) == ()


def test_the_id_of_one_surface_is_nothing_on_another() -> None:
    book = RoleBook({"leads": Role(accounts=("teams:29:1abc", "U0LEE"))})
    assert book.held_by("slack", "29:1abc", {}) == ()
    assert book.held_by("teams", "U0LEE", {}) == ()


def test_members_of_a_group_hold_a_role_in_slack_alone() -> None:
    book = RoleBook({"leads": Role(group="leads", people=("lee",))}, {"lee": LEE})
    members = {"leads": ("U0ANN",)}
    assert book.users("leads", "slack", members) == ("U0ANN", "U0LEE")
    assert book.users("leads", "teams", members) == ()


def test_whoever_holds_an_included_role_holds_the_including_one_and_not_the_reverse() -> None:
    roles = {
        "all": Role(includes=("leads",), accounts=("U0SAM",)),
        "leads": Role(includes=("finance",)),
        "finance": Role(group="finance"),
    }
    book = RoleBook(roles)
    members = {"finance": ("U0ANN",)}
    assert book.held_by("slack", "U0ANN", members) == ("all", "leads", "finance")
    assert book.held_by("slack", "U0SAM", members) == ("all",)


def test_a_circle_of_roles_ends_where_it_closes() -> None:
    book = RoleBook({"a": Role(includes=("b",)), "b": Role(includes=("a",), accounts=("U0SAM",))})
    assert book.held_by("slack", "U0SAM", {}) == ("a", "b")


@pytest.mark.parametrize("user", ["u0dana", "U0DANA ", "U0DАNA", "U0DANA\u200b", "Dana Okafor", ""])
def test_what_only_looks_like_an_id_holds_nothing(user: str) -> None:
    book = RoleBook({"leads": Role(people=("dana",))}, {"dana": DANA})
    assert book.held_by("slack", user, {}) == ()


def test_groups_are_asked_for_only_where_a_role_names_one() -> None:
    assert RoleBook({"leads": Role(people=("dana",))}, {"dana": DANA}).groups == frozenset()
    assert RoleBook({"leads": Role(group="leads")}).groups == {"leads"}


def test_a_role_that_nobody_holds_says_why() -> None:
    book = RoleBook(
        {
            "gone": Role(group="gone"),
            "empty": Role(group="empty"),
            "held": Role(accounts=("U0LEE",)),
        }
    )
    vacancies = book.vacancies({"empty": ()})
    assert vacancies["gone"] == "there is no user group gone"
    assert vacancies["empty"] == "the user group empty is empty"
    assert "held" not in vacancies


def test_one_human_is_shown_once() -> None:
    book = RoleBook({}, {"dana": DANA})
    assert len(book.one_a_human("slack", ("U0DANA", "U0LEE", "U0DANA2"))) == 2


ROLES = "  admins: {group: admins}\n"
PEOPLE = ROLES + "people:\n  dana: {name: Dana Okafor, accounts: [slack:U0DANA, teams:29:1abc]}\n"
LEE_TOO = "  lee: {name: Lee, accounts: [slack:U0DANA]}\n"
BROKEN = [  # the text, what is found, and the last words of the text that it is found at
    (PEOPLE + LEE_TOO, "also an account of dana", "slack:U0DANA]"),
    (PEOPLE.replace("teams:29:1abc", "slack:U0DANA"), "stands here twice", "slack:U0DANA]"),
    (PEOPLE.replace("slack:U0DANA", "slack:u0dana"), "is not an account's id", "slack:u0dana"),
    (PEOPLE.replace("slack:U0DANA", "Dana Okafor"), "never a name", "Dana Okafor, teams"),
    (
        PEOPLE.replace("slack:U0DANA", "slack:U0D\u0410NA"),
        r"'slack:U0D\u0410NA' is not an account",
        "slack:U0D",
    ),
    (PEOPLE.replace("slack:U0DANA", "slack:U0D\u200bANA"), "invisible", "slack:U0D"),
    (PEOPLE.replace("[slack:U0DANA, teams:29:1abc]", "[]"), "at least 1", "accounts: []"),
    (ROLES + "  more: {people: [dina]}\n", "no person dina", "dina"),
    (ROLES + "  more: {includes: [suport]}\n", "no role suport", "suport"),
    (ROLES + "  a: {includes: [b]}\n  b: {includes: [a]}\n", "circle: a > b > a", "a]}"),
    (ROLES + "  a: {includes: [a]}\n", "circle: a > a", "a]}"),
    (ROLES + "  a: {group: aa}\n  b: {}\n", "neither a group nor accounts, people", "b: {}"),
]


@pytest.mark.parametrize(("new", "message", "spot"), BROKEN)
def test_what_roles_and_people_get_wrong_is_found_with_its_place(
    change: Change, desk_folder: Path, new: str, message: str, spot: str
) -> None:
    found = [line for line in change(BUNDLE, ROLES, new) if message in line]
    assert found, f"no finding says {message!r}"
    before = (desk_folder / BUNDLE).read_text().partition(ROLES)[0] + new[: new.rindex(spot)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert found[0].startswith(f"{BUNDLE}:{line}:{column}:"), found[0]


def test_a_bundle_of_people_without_any_user_group_loads(change: Change) -> None:
    assert change(BUNDLE, ROLES, PEOPLE.replace("{group: admins}", "{people: [dana]}")) == ()
