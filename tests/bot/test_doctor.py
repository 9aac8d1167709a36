"""`assent doctor`: what keeps connections from working, and what they hold for nothing."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.bundle.checkup import checkups
from bot.bundle.loading import connected
from bot.bundle.needed import needed
from bot.catalogue import load_catalogue, loaded
from bot.cli import cli
from bot.settings import BUNDLE_SHIPPED, from_environment
from connectors.desk.access import READS
from connectors.desk.embedded import prepare_desk, secrets_of
from connectors.desk.session import utc_now

READER = "secret: env:ASSENT_DESK_READER_SECRET"


@pytest.fixture
def desk(tmp_path: Path) -> str:
    address = str(tmp_path / "state" / "desk.db")
    prepare_desk(address, utc_now().date())
    return address


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    text = (folder / "bundle.yml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "bundle.yml").write_text(text)
    return folder


def doctor(tmp_path: Path, folder: Path = BUNDLE_SHIPPED, **environ: str) -> tuple[int, str]:
    given = {"ASSENT_BUNDLE": str(folder), **environ}
    done = CliRunner().invoke(cli, ["doctor", "--state", str(tmp_path / "state")], env=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_shipped_bundle_is_well_and_asks_for_no_more_than_it_needs(tmp_path, desk):
    code, said = doctor(tmp_path)
    assert code == 0
    assert said.splitlines()[-1] == "no errors, no warnings"
    [row] = [line for line in said.splitlines() if line.startswith("desk-refunds")]
    assert row.split() == [
        "desk-refunds", "desk", "yes", "desk-refunds", "sandbox", "6", "/", "6",
    ]  # fmt: skip
    for secret in secrets_of(desk).values():
        assert secret not in said


def test_needed_is_what_sessions_are_opened_for():
    need = needed(load_catalogue(BUNDLE_SHIPPED, "sandbox", {}))
    assert need["desk-reader"] == frozenset(READS)
    assert "payments:write" in need["desk-refunds"]
    assert "orders:write" not in need["desk-refunds"]


def test_a_wrong_secret_is_an_error_that_does_not_show_it(tmp_path, desk):
    code, said = doctor(tmp_path, ASSENT_DESK_READER_SECRET="wrong-secret-value")
    assert code == 1
    assert "error    desk-reader: The orders desk does not accept account desk-reader" in said
    assert "wrong-secret" not in said
    assert "1 error," in said


def test_an_account_of_another_environment_is_an_error(tmp_path, desk):
    with sqlite3.connect(desk) as connection:
        connection.execute("UPDATE accounts SET environment = 'production'")
    code, said = doctor(tmp_path)
    assert code == 1
    assert said.count("is of the production environment, as the system says") == 3


def test_a_system_that_is_away_is_an_error(tmp_path, desk):
    (tmp_path / "state" / "desk.made").touch()
    Path(desk).rename(tmp_path / "away")
    code, said = doctor(tmp_path)
    assert code == 1
    rows = [line.split()[2] for line in said.splitlines() if line.startswith("desk-")]
    assert rows == ["no", "no", "no"]


def test_more_than_is_needed_is_a_warning(tmp_path, desk):
    more = ('"payments:write", "notes:write"', '"payments:write", "orders:write", "notes:write"')
    with sqlite3.connect(desk) as connection:
        connection.execute(
            "UPDATE accounts SET scopes = scopes || ' orders:write' WHERE name = 'desk-refunds'"
        )
    code, said = doctor(tmp_path, edited(tmp_path, more))
    assert code == 0
    assert "warning  desk-refunds: no workflow needs orders:write of it" in said
    assert "warning  desk-refunds: the account holds orders:write and no workflow needs it" in said


def test_less_than_is_needed_is_an_error(tmp_path, desk):
    with sqlite3.connect(desk) as connection:
        connection.execute(
            "UPDATE accounts SET scopes = replace(scopes, 'notes:write', '')"
            " WHERE name = 'desk-refunds'"
        )
    code, said = doctor(tmp_path)
    assert code == 1
    assert "error    desk-refunds: the account lacks notes:write, which its workflows need" in said


def test_a_secret_file_that_others_may_read_is_a_warning(tmp_path, desk):
    secret = tmp_path / "reader.secret"
    secret.write_text(secrets_of(desk)["desk-reader"])
    folder = edited(tmp_path, (READER, f"secret: file:{secret}"))
    secret.chmod(0o644)
    code, said = doctor(tmp_path, folder)
    assert code == 0
    assert f"others on this machine may read {secret}; run: chmod 600" in said
    secret.chmod(0o600)
    assert "others on this machine" not in doctor(tmp_path, folder)[1]
    secret.unlink()
    code, said = doctor(tmp_path, folder)
    assert code == 1
    assert "cannot be read" in said


def test_a_connection_that_nobody_uses_is_a_warning(tmp_path, desk):
    idle = """connections:
  desk-idle:
    connector: desk
    environment: sandbox
    account: desk-orders
    scopes: ["orders:write"]
    address_env: ASSENT_DESK_ADDRESS
    secret: env:ASSENT_DESK_ORDERS_SECRET
  desk-live:
    connector: desk
    environment: production
    account: desk-live
    scopes: ["orders:read"]
    address_env: ASSENT_DESK_ADDRESS
    secret: env:ASSENT_DESK_LIVE_SECRET
"""
    code, said = doctor(tmp_path, edited(tmp_path, ("connections:\n", idle)))
    assert code == 0
    assert "warning  desk-idle: no workflow uses it here" in said
    [row] = [line for line in said.splitlines() if line.startswith("desk-live")]
    assert "not asked" in row


def test_a_missing_extra_is_an_error_with_the_command(tmp_path, desk, monkeypatch):
    from bot.bundle import checkup

    monkeypatch.setattr(checkup, "lacking", lambda extra: ("hvac",) if extra == "vault" else ())
    folder = edited(tmp_path, (READER, "secret: vault:secret/desk#reader"))
    settings = from_environment(
        {"ASSENT_STATE": str(tmp_path / "state"), "ASSENT_BUNDLE": str(folder)}
    )
    [found, *_] = checkups(connected(settings, loaded(folder)))
    assert found.errors == ("hvac is not installed; run: pip install 'assent[vault]'",)


def test_an_address_that_is_not_set_is_named_first(tmp_path):
    service = BUNDLE_SHIPPED.parent / "service"
    code, said = doctor(tmp_path, service, ASSENT_JIRA_SECRET="assent@acme.example:k")
    assert code != 0
    errors = [line for line in said.splitlines() if line.startswith("error    jira-reader:")]
    assert errors[0].endswith("ASSENT_JIRA_ADDRESS is not set: where does jira answer?")
