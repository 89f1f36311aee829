"""What a post says of itself is read from its evidence, and hostile evidence harms nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.social import raw
from slawatch.channels.social.platform import Post, Profile
from slawatch.model import Facts
from slawatch.testing import BEFORE_SUMMER_TIME
from tests.social_town import TOWN, TownChannel, parse, write

POST = Post(
    id="20",
    author=Profile(id="7", handle="acme_help", name="Acme Help", affiliations=("8",), domains=("Acme.example",)),
    text="@anna @tom Zwei Tage, sagt @acme.",
    at=BEFORE_SUMMER_TIME,
    source="snowflake",
    conversation="10",
    reply_to="15",
    lang="de",
)


def test_facts_name_everything_by_the_platform() -> None:
    assert raw.facts_of(POST, TOWN) == Facts(
        sender="town:7",
        sender_name="Acme Help (@acme_help)",
        own_id="town:20",
        cited_ids=("town:15", "town:10"),
        conversation="town:10",
        platform=TOWN,
        affiliations=("town:8", "domain:acme.example"),
        text="Zwei Tage, sagt @acme.",
        headers={"handle": ("acme_help",), "lang": ("de",), "date": ("2026-03-29T00:30:00+00:00",)},
    )


def test_a_post_that_begins_a_conversation_cites_nothing_and_keeps_whom_it_names() -> None:
    facts = raw.facts_of(replace(POST, conversation="20", reply_to=""), TOWN)

    assert (facts.cited_ids, facts.conversation, facts.text) == ((), "town:20", "@anna @tom Zwei Tage, sagt @acme.")


def test_the_conversation_of_a_direct_message_is_no_post_that_is_cited() -> None:
    facts = raw.facts_of(replace(POST, direct=True, reply_to="", conversation="7-1"), TOWN)

    assert (facts.cited_ids, facts.conversation, facts.direct) == ((), "town:7-1", True)


def test_a_declared_machine_is_one() -> None:
    machine = replace(POST, author=replace(POST.author, automated=True))

    assert raw.facts_of(machine, TOWN).headers["automated"] == ("yes",)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@anna Ja", "Ja"),
        ("@anna, @tom: Ja", "Ja"),
        ("@anna@town.example Ja", "Ja"),
        ("@anna.b-c.example\nJa", "Ja"),
        ("Ja @anna", "Ja @anna"),
        ("@anna", ""),
        ("@ anna", "@ anna"),
        ("@? @anna Ja", "@? @anna Ja"),
        ("  Ja  ", "Ja"),
        ("anna@shop.example hilft", "anna@shop.example hilft"),
    ],
)
def test_whom_a_text_begins_with_is_no_word_of_it(text: str, left: str) -> None:
    assert raw.bare(text) == left


def test_a_long_row_of_handles_takes_no_longer_than_it_is() -> None:
    for text in ("@a" * 50_000, "a" * 100_000, "@a.-" * 50_000, "a.b@" * 50_000, "http://a/" * 20_000):
        assert raw.bare(text) == text
        assert raw.scrubbed(replace(POST, text=text), TOWN, []).text


def test_halves_of_characters_do_not_reach_the_store() -> None:
    half = replace(POST, text="Ja \ud83d", author=replace(POST.author, name="\ude00"))

    message = raw.incoming(half, TOWN, "mentions")

    assert message.facts.text == "Ja ?"
    str(message.facts).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"at": 10**40},
        {"at": "gestern"},
        {"mentions": None},
        {"text": 5},
        {"uncertainty": []},
        {"unknown": 1},
        {"id": None},
    ],
)
def test_evidence_that_is_not_as_it_should_be_is_unreadable(change: dict[str, Any]) -> None:
    found = json.loads(write(POST))
    found["post"] |= change

    facts = TownChannel.read(json.dumps(found).encode())

    assert isinstance(facts, Facts)
    assert not facts.readable


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
AUTHORS = st.dictionaries(
    st.sampled_from(["id", "handle", "name", "affiliations", "domains"]), VALUES | st.lists(VALUES)
)
FIELDS = st.sampled_from(
    ["id", "author", "text", "at", "source", "uncertainty", "why", "conversation", "reply_to", "lang"]
)


@given(read=VALUES | st.dictionaries(FIELDS, VALUES | AUTHORS, min_size=5))
def test_evidence_in_our_own_form_is_trusted_no_more_than_the_platforms(read: Any) -> None:
    assert isinstance(TownChannel.read(json.dumps({"platform": TOWN, "read": read}).encode()), Facts)


def test_our_own_form_gives_the_same_post_again() -> None:
    scrubbed = raw.scrubbed(replace(POST, reply_to="10"), TOWN, ["acme"])

    assert raw.post(scrubbed.raw, parse) == scrubbed
    assert (scrubbed.text, scrubbed.reply_to) == ("Zwei Tage, sagt @acme.", "10")
    assert raw.scrubbed(scrubbed, TOWN, ["acme"]) == scrubbed
