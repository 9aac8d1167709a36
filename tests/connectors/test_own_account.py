"""The account that writes does nothing to itself, though what was approved was read as another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.github.connector import CONNECTOR as GITHUB
from connectors.github.github_remove_from_organization import OPERATION as LEAVE
from connectors.github.story import BOT, ORGANIZATION, GitHubStory
from connectors.google_workspace import conformance as google
from connectors.google_workspace.connector import CONNECTOR as GOOGLE
from connectors.okta import conformance as okta
from connectors.okta.connector import CONNECTOR as OKTA
from connectors.opening import opened

pytestmark = pytest.mark.slow

OKTA_SELF = f"00u{'assent':0>17}"
GOOGLE_READER = "assent-reader@acme.example"


def okta_world(address):
    okta.org(address).members[okta.READERS].append(OKTA_SELF)
    return okta.WORLD.reader(address)


def google_world(address):
    held = google.domain(address)
    held.members[google.READERS][google.SELF] = "MEMBER"
    other = google.standin.user(f"1{9:020d}", GOOGLE_READER, "Assent reader", isDelegatedAdmin=True)
    held.users[other["id"]] = other
    held.delegated[google.READER_KEY] = (GOOGLE_READER, held.delegated[google.READER_KEY][1])
    account = f"{google.CUSTOMER}/{GOOGLE_READER}"
    return replace(google.WORLD.reader(address), account=account)


@pytest.mark.parametrize(
    ("connector", "module", "prepared", "person", "operation"),
    [
        (connector, module, prepared, person, f"{connector.name}.{verb}")
        for connector, module, prepared, person in (
            (OKTA, okta, okta_world, OKTA_SELF),
            (GOOGLE, google, google_world, google.SELF),
        )
        for verb in ("suspend", "remove_from_group", "reset_sessions")
    ],
    ids=lambda each: each if isinstance(each, str) and "." in each else "",
)
def test_the_writer_is_refused_at_execution_before_any_write(
    tmp_path, connector, module, prepared, person, operation
):
    address = module.WORLD.fresh(tmp_path)
    reader, writer = prepared(address), module.WORLD.writer(address, operation)
    (found,) = (each for each in connector.operations if each.name == operation)
    said = {"person": person}
    if operation.endswith("remove_from_group"):
        said["group"] = module.READERS
    params = found.params.model_validate(said)
    with opened(connector, reader) as reading:
        before = found.read(reading, params)
    assert not found.facts(params, before)["person.is_self"]
    assert found.preview(params, before)
    held = module.fingerprint(address)
    with opened(connector, writer) as writing:
        with pytest.raises(Rejected, match="lock itself out"):
            found.execute(writing, params, before, "k")
        assert found.lookup(writing, params, "k") is None
    assert module.fingerprint(address) == held


def test_so_does_github_whoever_read_it():
    story = GitHubStory()
    credential = Credential(
        f"{ORGANIZATION}/{BOT}",
        "sandbox",
        LEAVE.scopes,
        story.address,
        story.secret(f"{ORGANIZATION}/{BOT}"),
    )
    params = LEAVE.params.model_validate({"organization": ORGANIZATION, "login": BOT})
    held = story.rows()
    with opened(GITHUB, credential) as session:
        live = LEAVE.read(session, params)
        before = replace(live, about={**live.about, "is_self": False})
        assert LEAVE.preview(params, before)
        with pytest.raises(Rejected, match="lock itself out"):
            LEAVE.execute(session, params, before, "k")
    assert story.rows() == held
