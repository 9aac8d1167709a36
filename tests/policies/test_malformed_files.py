"""Files of a bundle that are no plain document, no policy, or no part of it at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.check import check
from policies.facts import Catalogue

FILES = ["policies/refunds.yml", "bundle.yml", "workflows/refund.yml"]
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n"
BYTES = [
    (b"", "the file is empty"),
    (b"# nothing\n", "the file is empty"),
    (b"\xef\xbb\xbfpolicy: x\n", "byte order mark"),
    (b"policy: x\x00\n", "U+0000"),
    ("policy: caf\u00e9\n".encode("latin-1"), "not UTF-8 at byte 11"),
    ("policy: x\n".encode("utf-16"), "not UTF-8 at byte 0"),
    (b"#" * (256 * 1024 + 1), "262,144 bytes"),
    (b"x: [" * 300_000, "262,144 bytes"),
    (BOMB, "anchors and aliases"),
    (b"a: !!python/object/apply:os.system [ls]\n", "tag"),
    (b"a: !include /etc/passwd\n", "tag"),
    (b"a: " + b"[" * 5_000, "nested deeper"),
    (b"a: " + b"{b: " * 5_000, "nested deeper"),
    (b"a: 1\na: 2\n", "stands here twice"),
    (b"- a\n- b\n", "must be a mapping"),
    (b"just words\n", "must be a mapping"),
    (b"a: 1\n---\nb: 2\n", "one plain document"),
    (b"a: {b: 1\n", "not YAML"),
    (b"\x80\x80\x80", "not UTF-8 at byte 0"),
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("data", "message"), BYTES, ids=[message for _, message in BYTES])
def test_a_file_that_is_no_plain_document_is_one_finding(
    folder: Path, catalogue: Catalogue, name: str, data: bytes, message: str
) -> None:
    (folder / name).write_bytes(data)
    checked = check(folder, catalogue, None)
    assert checked.bundle is None
    (finding,) = checked.findings
    assert finding.file == name
    assert message in finding.message
    assert len(finding.message) < 200


WHOLE = [
    ("policy: x\napplies_to: '*'\nrules: []\n", "rules: tuple should have at least 1 item"),
    ("policy: x\napplies_to: '*'\n", "the key 'rules' is missing"),
    ("policy: [x]\napplies_to: '*'\nrules: [{id: a, effect: deny, because: so}]\n",
     "policy: input should be a valid string"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: allow, because: so,"
     " all: {c: 'true'}, require: [{role: admins, count: 1}]}]\n", "only require rules ask"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: require, because: so,"
     " require: [{role: admins, count: 0}]}]\n", "greater than or equal to 1"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: require, because: so,"
     " require: [{role: admins, count: -2}]}]\n", "greater than or equal to 1"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: require, because: so,"
     " require: [{role: chiefs, count: 1}]}]\n", "no role chiefs in bundle.yml"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: require, because: so,"
     " require: [{role: admins}]}]\n", "how many? write `count: 1`"),
    ("policy: x\napplies_to: '*'\nvalues: {limit: 10.5}\nrules: [{id: a, effect: deny,"
     " because: so}]\n", "integers"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: deny, because: so, all: {c: '"
     + "[1,2].exists(x, " * 40 + "true" + ")" * 40 + "'}}]\n", "recursion limit"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: deny, because: so, all: {c: "
     "'now.getHours(\"Mars/Base\") < 8'}}]\n", "not a time zone"),
    ("policy: x\napplies_to: '*'\nrules: [{id: a, effect: deny, because: so, any: [1]}]\n",
     "any: input should be a valid dictionary"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), WHOLE, ids=[message for _, message in WHOLE])
def test_a_policy_file_with_one_mistake_is_one_finding(
    folder: Path, catalogue: Catalogue, text: str, message: str
) -> None:
    (folder / "policies" / "x.yml").write_text(text)
    (finding,) = check(folder, catalogue, None).findings
    assert finding.file == "policies/x.yml"
    assert finding.line > 0
    assert message in finding.message


def test_what_is_not_part_of_a_bundle_is_refused(folder: Path, catalogue: Catalogue) -> None:
    (folder / "policies" / "refunds.yaml").write_text("policy: other\n")
    (folder / "policies" / "old").mkdir()
    (folder / "policies" / "old" / "refunds.yml").write_text("policy: other\n")
    found = check(folder, catalogue, None).findings
    assert [f.file for f in found] == ["policies/old/refunds.yml", "policies/refunds.yaml"]


@pytest.mark.parametrize("target", ["outside.yml", "nowhere.yml", "/dev/zero", "."])
def test_a_link_out_of_the_bundle_is_refused(
    folder: Path, catalogue: Catalogue, target: str
) -> None:
    (folder.parent / "outside.yml").write_text("policy: other\n")
    (folder / "policies" / "link.yml").symlink_to(folder.parent / target)
    (finding,) = check(folder, catalogue, None).findings
    assert (finding.file, finding.message[:20]) == ("policies/link.yml", "a link out of the bu")


def test_a_folder_without_bundle_yml_says_that_it_is_missing(
    folder: Path, catalogue: Catalogue
) -> None:
    (folder / "bundle.yml").unlink()
    (finding,) = check(folder, catalogue, None).findings
    assert (finding.file, "missing" in finding.message) == ("bundle.yml", True)


def test_line_ends_of_another_system_are_read_as_line_ends(
    folder: Path, catalogue: Catalogue
) -> None:
    for name in FILES:
        (folder / name).write_bytes((folder / name).read_bytes().replace(b"\n", b"\r\n"))
    assert check(folder, catalogue, None).findings == ()


def test_a_folder_of_something_else_is_not_read(tmp_path: Path, catalogue: Catalogue) -> None:
    for index in range(300):
        (tmp_path / f"{index}.txt").write_text("x")
    (finding,) = check(tmp_path, catalogue, None).findings
    assert "more than 200 files" in finding.message
