"""Who holds a role: groups, accounts, people and included roles, by ids alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.channels import has_threads, surface_of
from policies.roles import RoleBook
from policies.settings_file import Human, Role

Change = Callable[[str, str, str], "tuple[str, ...]"]
BUNDLE = "bundle.yml"
GUID = "7d1f0a52-0000-4000-8000-000000000d01"
DANA = Human(name="Dana Okafor", accounts=("slack:U0DANA", "slack:U0DANA2", f"teams:{GUID}"))
LEE = Human(name="Lee Park", accounts=("slack:U0LEE",))


def test_a_declared_person_holds_a_role_with_every_account() -> None:
    book = RoleBook({"leads": Role(people=("dana",))}, {"dana": DANA, "lee": LEE})
    assert book.held_by("slack", "U0DANA", {}) == ("leads",)
    assert book.held_by("slack", "U0DANA2", {}) == ("leads",)
    assert book.held_by("teams", GUID, {}) == ("leads",)
    assert book.held_by("slack", "U0LEE", {}) == ()


def test_the_id_of_one_surface_is_nothing_on_another() -> None:
    book = RoleBook({"leads": Role(accounts=(f"teams:{GUID}", "U0LEE"))})
    assert book.held_by("slack", GUID, {}) == ()
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
TEAMS = f"teams:{GUID}"
PEOPLE = ROLES + f"people:\n  dana: {{name: Dana Okafor, accounts: [slack:U0DANA, {TEAMS}]}}\n"
LEE_TOO = "  lee: {name: Lee, accounts: [slack:U0DANA]}\n"
BROKEN = [  # the text, what is found, and the last words of the text that it is found at
    (PEOPLE + LEE_TOO, "also an account of dana", "slack:U0DANA]"),
    (PEOPLE.replace(TEAMS, "slack:U0DANA"), "stands here twice", "slack:U0DANA]"),
    (PEOPLE.replace("slack:U0DANA", "slack:u0dana"), "is not an account's id", "slack:u0dana"),
    (PEOPLE.replace("slack:U0DANA", "Dana Okafor"), "never a name", "Dana Okafor, teams"),
    (
        PEOPLE.replace("slack:U0DANA", "slack:U0D\u0410NA"),
        r"'slack:U0D\u0410NA' is not an account",
        "slack:U0D",
    ),
    (PEOPLE.replace("slack:U0DANA", "slack:U0D\u200bANA"), "invisible", "slack:U0D"),
    (PEOPLE.replace(f"[slack:U0DANA, {TEAMS}]", "[]"), "at least 1", "accounts: []"),
    (ROLES + "  more: {people: [dina]}\n", "no person dina", "dina"),
    (ROLES + "  more: {includes: [suport]}\n", "no role suport", "suport"),
    (ROLES + "  a: {includes: [b]}\n  b: {includes: [a]}\n", "circle: a > b > a", "a]}"),
    (ROLES + "  a: {includes: [a]}\n", "circle: a > a", "a]}"),
    (ROLES + "  a: {group: aa}\n  b: {}\n", "neither a group nor accounts, people", "b: {}"),
]


@pytest.mark.parametrize(("new", "message", "spot"), BROKEN)
def test_what_roles_and_people_get_wrong_is_found_with_its_place(
    change: Change, plain_folder: Path, new: str, message: str, spot: str
) -> None:
    found = [line for line in change(BUNDLE, ROLES, new) if message in line]
    assert found, f"no finding says {message!r}"
    before = (plain_folder / BUNDLE).read_text().partition(ROLES)[0] + new[: new.rindex(spot)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert found[0].startswith(f"{BUNDLE}:{line}:{column}:"), found[0]


def test_a_bundle_of_people_without_any_user_group_loads(change: Change) -> None:
    assert change(BUNDLE, ROLES, PEOPLE.replace("{group: admins}", "{people: [dana]}")) == ()


ROSTER = "19:supportleads@thread.tacv2"


def test_members_of_a_roster_hold_a_role_in_teams_alone() -> None:
    book = RoleBook({"leads": Role(group="leads", teams_roster=ROSTER, people=("lee",))}, {})
    members = {"leads": ("U0ANN",), ROSTER: (GUID,)}
    assert book.users("leads", "teams", members) == (GUID,)
    assert book.users("leads", "slack", members) == ("U0ANN",)
    assert book.rosters == {ROSTER}
    assert book.groups == {"leads"}


def test_a_group_and_a_roster_are_never_taken_for_each_other() -> None:
    """Whatever somebody calls a group, its members hold no role by a roster, and the reverse."""
    book = RoleBook({"leads": Role(teams_roster=ROSTER), "others": Role(group="others")})
    assert book.held_by("slack", "U0EVE", {ROSTER: ("U0EVE",)}) == ()
    assert book.held_by("teams", GUID, {"others": (GUID,)}) == ()


def test_a_role_that_nobody_of_a_surface_holds_says_why() -> None:
    book = RoleBook(
        {
            "gone": Role(teams_roster=ROSTER),
            "empty": Role(teams_roster="19:empty@thread.tacv2"),
            "elsewhere": Role(group="leads", accounts=("U0LEE",)),
            "held": Role(people=("dana",)),
        },
        {"dana": DANA},
    )
    vacancies = book.vacancies({"19:empty@thread.tacv2": ()}, "teams")
    assert ROSTER in vacancies["gone"]
    assert vacancies["empty"] == "nobody is in 19:empty@thread.tacv2 in Teams"
    assert vacancies["elsewhere"] == "it names nobody in Teams"
    assert "held" not in vacancies
    assert book.vacancies({"leads": ("U0LEE",)}).keys() == {"gone", "empty"}


@pytest.mark.parametrize(
    "written",
    [
        "teams:29:1abc",  # an address, another one in each app
        f"teams:{GUID.upper()}",
        f"teams:{GUID}x",
        f"teams:{GUID[:-1]}",
        "teams:dana@northwind.example",
        "teams:",
    ],
)
def test_an_account_of_teams_is_an_object_id_alone(change: Change, written: str) -> None:
    found = change(BUNDLE, ROLES, PEOPLE.replace(TEAMS, f'"{written}"'))
    assert any("Entra object id" in line for line in found), found


@pytest.mark.parametrize(
    ("roster", "is_one"),
    [
        (ROSTER, True),
        ("19:leads@thread.skype", True),
        ("19:returns@thread.v2", False),  # a group chat: whoever is in it adds others
        ("19:leads@thread.tacv2;messageid=1", False),
        ("support-leads", False),
        ("a:dana", False),
    ],
)
def test_a_roster_is_a_team_or_a_channel(change: Change, roster: str, is_one: bool) -> None:
    found = change(BUNDLE, ROLES, f'  admins: {{teams_roster: "{roster}"}}\n')
    assert (found == ()) == is_one, found


@pytest.mark.parametrize(
    ("channel_id", "surface", "is_threaded"),
    [
        ("C0SUPPORTOP", "slack", True),
        ("D0DANA", "slack", True),
        ("19:supportops@thread.tacv2", "teams", True),
        ("19:old@thread.skype", "teams", True),
        ("19:returns@thread.v2", "teams", False),
        ("a:dana", "teams", False),
    ],
)
def test_an_id_says_whose_channel_it_is_and_whether_it_has_threads(
    channel_id: str, surface: str, is_threaded: bool
) -> None:
    assert (surface_of(channel_id), has_threads(channel_id)) == (surface, is_threaded)
