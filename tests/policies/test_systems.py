"""Systems that a bundle declares, as far as policies read them: names, places, and the digest."""

from __future__ import annotations

import shutil

import pytest

from policies.bundle import load, systems_of
from policies.findings import BundleError

pytestmark = pytest.mark.slow

CRM = "system: crm\nconnector: sql\ntitle: Customer records\n"


@pytest.fixture
def folder(desk_folder, tmp_path):
    copy = tmp_path / "desk"
    shutil.copytree(desk_folder, copy)
    (copy / "systems").mkdir()
    return copy


def findings(folder, catalogue, finders):
    with pytest.raises(BundleError) as refused:
        load(folder, catalogue, finders)
    return [str(finding) for finding in refused.value.findings]


def test_a_declared_system_is_part_of_what_is_signed(folder, catalogue, finders):
    bare = load(folder, catalogue, finders)
    (folder / "systems" / "crm.yml").write_text(CRM)
    declared = load(folder, catalogue, finders)
    (folder / "systems" / "crm.yml").write_text(f"{CRM}# another word\n")
    reworded = load(folder, catalogue, finders)
    (folder / "systems" / "api.json").write_text("{}")
    beside = load(folder, catalogue, finders)
    assert len({b.digest for b in (bare, declared, reworded, beside)}) == 4
    assert declared.systems == {"systems/crm.yml": CRM.encode()}
    assert set(systems_of(folder)) == {"systems/crm.yml", "systems/api.json"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system: erp\nconnector: sql\n", "systems/crm.yml:1:9: erp stands in a file named crm"),
        ("connector: sql\n", "systems/crm.yml:1:1: the key 'system' is missing"),
        ("system: crm\nconnector: [sql]\n", "systems/crm.yml:2:1: connector: must be a name"),
        ("- crm\n", "systems/crm.yml:1:1: the file must be a mapping"),
        ("system: crm\nsystem: erp\n", "systems/crm.yml:2:1: the key 'system' stands here twice"),
        ("system: &x crm\n", "systems/crm.yml:1:9: anchors"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder, catalogue, finders, text, said):
    (folder / "systems" / "crm.yml").write_text(text)
    assert any(finding.startswith(said) for finding in findings(folder, catalogue, finders))


def test_nothing_else_lies_among_the_systems(folder, catalogue, finders):
    (folder / "systems" / "crm.py").write_text("import os")
    (folder / "systems" / "link.yml").symlink_to("/etc/hostname")
    found = findings(folder, catalogue, finders)
    assert any(f.startswith("systems/crm.py: not part of a bundle") for f in found)
    assert any(f.startswith("systems/link.yml: a link out of the bundle") for f in found)
    assert systems_of(folder) == {}
