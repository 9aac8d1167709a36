"""Hostile and careless YAML is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from policies.document import BYTES_MAX, NODES_MAX, Malformed, Size, read

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (BOMB, "1:4", "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]\n", "1:4", "tag"),
        ("a: !include secrets.yml\n", "1:4", "tag"),
        ("a: !!str 5\n", "1:4", "tag"),
        ("a: ! x\n", "1:4", "tag"),
        ("rule: 1\nwhen: 2\nrule: 3\n", "3:1", "stands here twice"),
        ("a:\n  b: 1\n  b: 1\n", "3:3", "stands here twice"),
        ('a: 1\n"a": 2\n', "2:1", "stands here twice"),
        ("<<: {a: 1}\n", "1:1", "merge keys"),
        ("? [a, b]\n: 1\n", "1:3", "a key is text"),
        ("1043: x\n", "1:1", "a key is text"),
        ("a: 1\n---\nb: 2\n", "2:1", "one plain document"),
        ("%YAML 1.1\n---\na: yes\n", "1:1", "directives"),
        ("a: [1, 2\n", None, "not YAML"),
        ("a: b: c\n", "1:5", "not YAML"),
        ("a:\n\t- b\n", None, "not YAML"),
        ("a: 1.5\n", "1:4", "integers"),
        ("a: .5\n", "1:4", "integers"),
        ("a: 1e3\n", "1:4", "integers"),
        ("a: .inf\n", "1:4", "decimal"),
        ("a: .NaN\n", "1:4", "decimal"),
        ("a: 010\n", "1:4", "ambiguous"),
        ("a: +5\n", "1:4", "ambiguous"),
        ("a: 1_000\n", "1:4", "ambiguous"),
        ("a: 0x1F\n", "1:4", "ambiguous"),
        ("a: yes\n", "1:4", "true or false"),
        ("a: No\n", "1:4", "true or false"),
        ("a: TRUE\n", "1:4", "true or false"),
        ("a: 2026-11-27\n", "1:4", "offset"),
        ("a: 2026-11-27T10:00:00\n", "1:4", "offset"),
        ("a: 2026-13-27T10:00:00Z\n", "1:4", "not a time"),
        ("a: 9007199254740992\n", "1:4", "2**53"),
        ("a: 99999999999999999999999999\n", "1:4", "2**53"),
        ("a:\n", "1:3", "missing"),
        ("a: ~\n", "1:4", "missing"),
        ("a: null\n", "1:4", "missing"),
        ("a: 'sup\u200bport'\n", "1:4", "invisible"),
        ('a: "x\u202ey"\n', "1:4", "invisible"),
        ('a: "\\ud800"\n', "1:7", "invalid Unicode character"),
        ("a: 'x\x07'\n", "1:1", "U+0007"),
        ("é: 1\na: 'x\x07'\n", "2:1", "U+0007"),
        ("a: b\nc: x\u2028d: y\n", "2:1", "the line break U+2028"),
        ("a: 'x\x85y'\n", "1:1", "the line break U+0085"),
        ("a: x\ty\n", "1:4", "a tab"),
        ("{a\tb: 1}\n", "1:2", "a tab"),
        ("a: [" + "[" * 50_000, "1:16", "nested deeper"),
        ("{a: " * 2_000, None, "nested deeper"),
        ("a: [" + "x," * NODES_MAX + "x]\n", None, "more than 20,000 values"),
        ("", "file", "empty"),
        ("# only a comment\n", "file", "empty"),
    ],
)
def test_refused(text: str, place: str | None, message: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read("rules.yml", text.encode("utf-8", "surrogatepass"))
    said = str(refusal.value)
    assert message in said
    assert said.startswith("rules.yml")
    if place == "file":
        assert said.startswith("rules.yml: ")
    elif place:
        assert said.startswith(f"rules.yml:{place}: ")


def test_a_huge_file_is_not_even_parsed() -> None:
    with pytest.raises(Malformed, match="262,145 bytes"):
        read("rules.yml", b"#" * (BYTES_MAX + 1))


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(Malformed, match="not UTF-8 at byte 3"):
        read("rules.yml", b"a: \xff")


def test_plain_data_is_read_as_it_is_written() -> None:
    text = b"""
a: {n: -12, t: true, f: false, s: two words, q: "12", y: "yes", m: 2026-10}
at: 2026-11-27T00:00:00-05:00
list: [x, 'y', 3]
block: |
  one
  two
"""
    document = read("rules.yml", text)
    assert document.tree == {
        "a": {
            "n": -12, "t": True, "f": False, "s": "two words", "q": "12", "y": "yes",
            "m": "2026-10",
        },
        "at": datetime(2026, 11, 27, 5, tzinfo=UTC),
        "list": ("x", "y", 3),
        "block": "one\ntwo\n",
    }  # fmt: skip
    assert str(document.finding(("list", 1), "here", column=2)) == "rules.yml:4:13: here"
    assert str(document.key_finding(("a", "s"), "here")) == "rules.yml:2:32: here"


def test_what_nobody_sees_may_stand_in_a_case_where_it_is_written_as_an_escape() -> None:
    hostile = Size(may_escape=True)
    assert read("c.yml", b'a: "10\\u200b43"\n', hostile).tree == {"a": "10\u200b43"}
    with pytest.raises(Malformed, match=r"c\.yml:2:1: .*U\+200B is refused; write it as an escape"):
        read("c.yml", 'a: b\nc: "10\u200b43"\n'.encode(), hostile)
    with pytest.raises(Malformed, match="invalid Unicode character"):
        read("c.yml", b'a: "\\ud800"\n', hostile)
