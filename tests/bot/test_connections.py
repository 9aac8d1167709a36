"""The accounts of a bundle's connections: where their secrets are, that they are who they say, and
that a secret is replaced while people work."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import open_store
from bot.bundle.loading import load_checked, prepare
from bot.bundle.reloading import Reloader
from bot.catalogue import loaded
from bot.settings import BUNDLE_SHIPPED, Settings, from_environment, is_for_connections
from connectors.desk.embedded import secrets_of
from connectors.desk.session import secret_sha256, utc_now
from connectors.secrets import resolving
from policies.findings import BundleError
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
NEW = "a-secret-that-was-rotated"
REFUNDS = "secret: env:ASSENT_DESK_REFUNDS_SECRET"


def edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The shipped bundle with other words in bundle.yml."""
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    text = (folder / "bundle.yml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "bundle.yml").write_text(text)
    return folder


def rotate(desk: str) -> None:
    with sqlite3.connect(desk) as connection:
        connection.execute(
            "UPDATE accounts SET secret_sha256 = ? WHERE name = 'desk-refunds'",
            (secret_sha256(NEW),),
        )


def settings_of(tmp_path: Path, folder: Path = BUNDLE_SHIPPED) -> Settings:
    given = {"ASSENT_STATE": str(tmp_path / "state"), "ASSENT_BUNDLE": str(folder)}
    settings = from_environment(given)
    settings.state.mkdir(exist_ok=True)
    prepare(settings, utc_now())
    return settings


def test_a_secret_that_stands_in_the_bundle_itself_is_found_and_not_repeated(tmp_path):
    folder = edited(tmp_path, (REFUNDS, "secret: sk_live_0123456789"))
    with pytest.raises(BundleError, match="must never stand here") as caught:
        loaded(folder)
    assert "sk_live" not in str(caught.value)
    assert "bundle.yml:76" in str(caught.value)


@pytest.mark.parametrize("own", ["ASSENT_SLACK_BOT_TOKEN", "ASSENT_DATABASE_URL"])
def test_no_connection_gets_what_is_assents_own(tmp_path, world, own):
    folder = edited(tmp_path, (REFUNDS, f"secret: env:{own}"))
    with pytest.raises(BundleError, match=f"{own} is no connection's"):
        loaded(folder)
    assert not is_for_connections(own)
    assert own not in world.assent.catalogue()._environ


def test_an_account_of_two_environments_is_found(tmp_path):
    again = """connections:
  desk-live:
    connector: desk
    environment: production
    account: desk-refunds
    scopes: ["orders:read"]
    address_env: ASSENT_DESK_ADDRESS
"""
    folder = edited(tmp_path, ("connections:\n", again))
    with pytest.raises(BundleError, match="an account is of one environment"):
        loaded(folder)


def test_a_connector_that_is_not_there_is_found(tmp_path):
    folder = edited(
        tmp_path, ("  desk-orders:\n    connector: desk", "  desk-orders:\n    connector: desc")
    )
    settings = settings_of(tmp_path, folder)
    with pytest.raises(BundleError, match="desk-orders: there is no connector desc"):
        load_checked(settings, open_store(settings), utc_now())


def test_a_connection_of_another_environment_stops_the_start(tmp_path):
    settings = settings_of(tmp_path)
    db = open_store(settings)
    load_checked(settings, db, utc_now())
    with sqlite3.connect(settings.environ["ASSENT_DESK_ADDRESS"]) as desk:
        desk.execute("UPDATE accounts SET environment = 'production' WHERE name = 'desk-orders'")
    with pytest.raises(BundleError) as caught:
        load_checked(settings, db, utc_now())
    assert len(caught.value.findings) == 1
    assert "connection desk-orders" in str(caught.value)
    assert "production environment, as the system says" in str(caught.value)


def test_a_system_that_is_away_is_a_warning_at_the_start(tmp_path, caplog):
    settings = settings_of(tmp_path)
    Path(settings.environ["ASSENT_DESK_ADDRESS"]).rename(tmp_path / "away")
    catalogue = load_checked(settings, open_store(settings), utc_now())
    assert catalogue.connections() == ("desk-reader", "desk-refunds", "desk-orders")
    warned = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert [name for name in catalogue.connections() if any(f" {name} " in w for w in warned)] == [
        "desk-reader",
        "desk-refunds",
        "desk-orders",
    ]


def test_an_edit_to_an_account_that_is_not_itself_leaves_the_earlier_bundle_in_force(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    folder = edited(tmp_path)
    world = make_world(ASSENT_BUNDLE=str(folder))
    before = world.assent.catalogue()
    settings, db = world.assent.settings, world.assent.db
    reloader = Reloader(
        folder, world.assent.in_force, lambda: load_checked(settings, db, utc_now()), lambda: None
    )
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE accounts SET environment = 'production' WHERE name = 'desk-reader'")
    text = (folder / "bundle.yml").read_text()
    (folder / "bundle.yml").write_text(f"{text}# edited\n")
    for _ in range(3):
        reloader.look()
    assert world.assent.catalogue() is before
    assert "connection desk-reader" in world.assent.in_force.refused().sentence


def test_a_secret_in_a_file_is_replaced_while_a_card_waits(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    secret = tmp_path / "secret"
    folder = edited(tmp_path, (REFUNDS, f"secret: file:{secret}"))
    world = make_world(ASSENT_BUNDLE=str(folder))
    run = world.ask(SMALL)
    assert run.status is Status.WAITING  # it was read with the reader's account
    secret.write_text(NEW)
    rotate(world.desk)
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_manager_is_asked_again_when_the_system_refuses_what_it_gave(
    tmp_path: Path, make_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    is_rotated = False

    def manager(reference: Any, environ: Any) -> str:
        given.append(NEW if is_rotated else secrets_of(world.desk)["desk-refunds"])
        return given[-1]

    monkeypatch.setattr(resolving, "_FETCHED", {"aws": manager})
    folder = edited(tmp_path, (REFUNDS, "secret: aws:desk#refunds"))
    world = make_world(ASSENT_BUNDLE=str(folder))
    assert world.approve(world.ask(SMALL), "lead").status is Status.APPLIED
    assert len(given) == 1
    run = world.ask("refund $10 on order 1063, goodwill")
    is_rotated = True
    rotate(world.desk)
    assert world.approve(run, "lead").status is Status.APPLIED
    assert given[1:] == [NEW]


def test_a_secret_that_stays_wrong_is_a_refusal_and_is_not_called_with_again(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    world = make_world(ASSENT_DESK_REFUNDS_SECRET="wrong-secret-value")
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.FAILED
    assert "does not accept account desk-refunds" in run.note
    assert "wrong-secret" not in run.note
