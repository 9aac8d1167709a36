"""The `planner:` section of bundle.yml: what it may say, and what is found wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policies import document, planner_references
from policies.bundle import Bundle, load
from policies.facts import Catalogue
from policies.findings import BundleError, Finding
from policies.parse import parse
from policies.planner_references import Beside
from policies.settings_file import BundleFile
from policies.workflow_references import Known

SECTION = """
planner:
  model: claude-sonnet-5-5
  reads: {orders.find: [support], tickets.update: [support]}
  prices:
    claude-sonnet-5-5: {input: "2.00", output: "10.00", cache_write: "2.50", cache_read: "0.10"}
  specialists:
    payments: {workflows: [refund], prompt: planner}
    orders: {workflows: [cancel-order, change-address], prompt: planner}
  coordinator: planner
"""


@pytest.fixture
def planned(folder: Path) -> Path:
    """A copy of the bundle with the section above as its last."""
    settings = folder / "bundle.yml"
    settings.write_text(settings.read_text().partition("\n# A model for")[0] + SECTION)
    return folder


def test_the_section_is_read_with_its_defaults(
    planned: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]
) -> None:
    section = load(planned, catalogue, finders).settings.planner
    assert section is not None
    assert section.limits.turns == 6
    assert section.limits.spend_usd == "0.20"
    assert section.specialists["orders"].limits is None
    assert section.effort is None


def test_a_bundle_without_the_section_is_whole(
    planned: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]
) -> None:
    settings = planned / "bundle.yml"
    settings.write_text(settings.read_text().partition("\nplanner:")[0])
    assert load(planned, catalogue, finders).settings.planner is None


def test_the_shipped_model_has_a_price_and_a_prompt(desk: Bundle) -> None:
    section = desk.settings.planner
    assert section is not None
    assert section.model in section.prices
    assert desk.prompts[section.prompt].strip()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: claude-sonnet-5-5\n", "model: claude-opus-5-5\n", "claude-opus-5-5 has no price"),
        ("model: claude-sonnet-5-5\n", "model: Claude Sonnet\n", "is not a model's id"),
        ("  reads:", "  prompt: nobody\n  reads:", "there is no prompts/nobody.md"),
        ("orders.find:", "orders.search:", "no connector offers the finder or the operation"),
        ("orders.find:", "orders:", "is not an operation"),
        ("find: [support]", "find: [suport]", "no role suport; there is"),
        ("find: [support]", "find: []", "orders.find is for nobody"),
        ('input: "2.00"', "input: 2", "input"),
        ('input: "2.00"', 'input: "-2"', "is not an amount of US dollars"),
        ('input: "2.00", ', "", "the key 'input' is missing"),
        ("[refund]", "[refunds]", "no workflow refunds"),
        ("[refund]", "[refund, refund]", "refund stands here twice"),
        ("[refund]", "[refund, cancel-order]", "cancel-order is also payments's"),
        ("[refund]", "[]", "payments.workflows"),
        ("[refund], prompt: planner", "[refund], prompt: nobody", "prompts/nobody.md"),
        ("[refund], prompt", "[refund], model: claude-x, prompt", "claude-x has no price"),
        ("[refund], prompt", "[refund], reads: {x.y: [support]}, prompt", "operation x.y"),
        ("coordinator: planner", "coordinator: chief", "there is no prompts/chief.md"),
        ("  prices:", "  limits: {turns: 0}\n  prices:", "limits.turns"),
        ("  prices:", "  limits: {seconds: 9999}\n  prices:", "limits.seconds"),
        ("  prices:", "  temperature: 1\n  prices:", "unknown key 'temperature'"),
        ("  prices:", "  api_key: sk-ant-1\n  prices:", "unknown key 'api_key'"),
    ],
)
def test_what_does_not_hold_is_found_at_its_place(
    desk_folder: Path,
    catalogue: Catalogue,
    finders: Mapping[str, Mapping[str, str]],
    old: str,
    new: str,
    said: str,
) -> None:
    shipped = (desk_folder / "bundle.yml").read_text().partition("\n# A model for")[0]
    assert old in SECTION
    source = document.read("bundle.yml", (shipped + SECTION.replace(old, new, 1)).encode())
    findings: list[Finding] = []
    if settings := parse(BundleFile, source, findings):
        beside = Beside({"planner": b"Read."}, ("refund", "cancel-order", "change-address"))
        known = Known(catalogue, finders, settings)
        planner_references.check(settings, source, known, beside, findings)
    (finding,) = findings
    assert said in finding.message
    assert finding.line > shipped.count("\n")
    assert finding.column > 2


@pytest.mark.parametrize("content", [b"", b" \n", None, b"\xff"])
def test_a_prompt_that_says_nothing_is_found(
    planned: Path,
    catalogue: Catalogue,
    finders: Mapping[str, Mapping[str, str]],
    content: bytes | None,
) -> None:
    prompt = planned / "prompts" / "planner.md"
    prompt.unlink() if content is None else prompt.write_bytes(content)
    with pytest.raises(BundleError, match=r"prompts/planner\.md"):
        load(planned, catalogue, finders)
