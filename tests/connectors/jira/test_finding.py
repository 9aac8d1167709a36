"""Finding issues and people: exact where a key or an address is said, escaped everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira import adf
from connectors.jira.jql import quoted, words
from connectors.jira.standin import queries, seed
from connectors.jira.standin.documents import check_document
from connectors.jira.standin.refusing import RefusedError

pytestmark = pytest.mark.slow


def keys(records):
    return [record.id for record in records]


def test_a_key_in_any_form_is_that_issue_or_nothing(find):
    for said in ("OPS-1", "ops-1", "see OPS-1, please", "https://acme.atlassian.net/browse/OPS-1"):
        assert keys(find("jira.find_issues", said)) == ["OPS-1"], said
    for said in ("OPS-5 printer", "HR-1", "https://other.atlassian.net/browse/OPS-1"):
        assert find("jira.find_issues", said) == (), said


def test_a_moved_key_finds_the_issue_under_its_new_one(find):
    assert keys(find("jira.find_issues", "OPS-4")) == ["NET-1"]


def test_words_find_what_the_account_may_see_alone(find):
    assert find("jira.find_issues", "salary round") == ()
    assert keys(find("jira.find_issues", "toner")) == ["OPS-2"]
    assert keys(find("jira.find_issues", "VPN OR salary")) == []


def test_the_search_lags_and_keys_do_not(jira, find):
    jira.site.freeze_index()
    jira.do("jira.set_field", issue="OPS-1", field="summary", kind="text", value="Fax on fire")
    assert find("jira.find_issues", "fax") == ()
    assert find("jira.find_issues", "OPS-1")[0].fields["summary"] == "Fax on fire"
    jira.site.catch_up()
    assert keys(find("jira.find_issues", "fax")) == ["OPS-1"]


def test_people_are_found_exactly(find):
    assert keys(find("jira.find_people", "assign it to MIA@acme.example please")) == [seed.MIA]
    assert keys(find("jira.find_people", "mia krause")) == [seed.MIA]  # not the app of that name
    assert keys(find("jira.find_people", "Ada Hidden")) == [seed.ADA]
    assert keys(find("jira.find_people", seed.JO)) == [seed.JO]  # as an answer to a question
    for said in ("Krause", "Mi", "Noa", "Noa Levi", "ada@acme.example", "%", "*", seed.NOA):
        assert find("jira.find_people", said) == (), said


def test_a_first_name_is_a_part_of_what_somebody_is_called(find):
    (mia,) = find("jira.find_people", "mia")
    assert (mia.id, mia.is_partly_named) == (seed.MIA, True)
    assert not find("jira.find_people", "Mia Krause")[0].is_partly_named


def test_people_are_found_pages_later(jira, find):
    for index in range(120):
        account = f"6a{index:03}"
        jira.site.people[account] = seed.person(account, f"Sam Doe {index}")
    jira.site.people["6b"] = seed.person("6b", "Sam Doe")
    assert keys(find("jira.find_people", "Sam Doe")) == ["6b"]
    assert sum("startAt=" in e.path for e in jira.proxy.exchanges()) == 3


@given(st.text(max_size=60))
def test_any_words_are_one_value_of_a_query(text):
    said = words(text)
    if not said:
        return
    matches, _, _ = queries.parse(f"summary ~ {quoted(said)}", "me", {"OPS"})
    assert matches({"fields": {"summary": said}})


@given(st.text(max_size=60))
def test_any_value_stays_within_its_quotes(text):
    with pytest.raises(RefusedError, match="does not exist"):
        queries.parse(f"project = {quoted(text)}", "me", {"OPS"} - {text})


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"))


def test_a_value_with_quotes_of_its_own_is_one_value():
    hostile = 'X" OR project = "HR\\'
    with pytest.raises(RefusedError) as caught:
        queries.parse(f"project = {quoted(hostile)}", "me", {"HR"})
    (said,) = caught.value.answer.body["errorMessages"]
    assert said.startswith(f"The value '{hostile}' does not exist")


@given(TEXTS.filter(str.strip))
def test_any_text_is_a_document_and_comes_back_as_it_was(text):
    document = adf.document(text)
    check_document(document, "description")
    assert adf.plain(document) == text


def test_an_address_of_the_web_is_a_link_that_shows_where_it_goes():
    text = "see (https://a.example/1?b=2), https://b.example.\nor http://c.example"
    document = adf.document(text)
    check_document(document, "description")
    (paragraph,) = document["content"]
    links = [each for each in paragraph["content"] if "marks" in each]
    assert [each["text"] for each in links] == [
        "https://a.example/1?b=2", "https://b.example", "http://c.example",
    ]  # fmt: skip
    for each in links:
        assert each["marks"] == [{"type": "link", "attrs": {"href": each["text"]}}]
    assert adf.plain(document) == text


def test_a_card_of_a_link_reads_as_its_address():
    card = {"type": "inlineCard", "attrs": {"url": "https://a.example/1"}}
    words = {"type": "text", "text": "see "}
    document = {"type": "doc", "content": [{"type": "paragraph", "content": [words, card]}]}
    assert adf.plain(document) == "see https://a.example/1"


def test_a_document_of_others_is_read_without_end_and_depth():
    deep = {"type": "text", "text": "in"}
    for _ in range(10_000):
        deep = {"type": "blockquote", "content": [deep]}
    assert (
        adf.plain({"type": "doc", "content": [deep, "x", None, {"type": "paragraph"}]}) is not None
    )
    wide = {"type": "doc", "content": [{"type": "text", "text": "x"}] * 100_000}
    assert adf.plain(wide).count("x") < 10_000
    lists = {
        "type": "doc",
        "content": [
            {"type": "bulletList", "content": [
                {"type": "listItem", "content": [
                    {"type": "paragraph", "content": [
                        {"type": "mention", "attrs": {"text": "@Mia"}},
                        {"type": "text", "text": " look"}]}]}]}
        ],
    }  # fmt: skip
    assert adf.plain(lists) == "@Mia look"
