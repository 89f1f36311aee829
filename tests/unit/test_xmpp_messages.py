"""What messages on XMPP say, and what is kept of them: replies, threads, copies, ids, and hostile ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slawatch.channels.xmpp import evidence, names, stanza
from slawatch.channels.xmpp.names import is_ours, stanza_id
from slawatch.channels.xmpp.stanza import Said
from slawatch.model import Author, Facts

ME = "asks@own.example"
THEM = "service@shop.example"
ASKED = stanza_id("request-1@own.example")


def message(inside: str, *, sender: str = f"{THEM}/desk", to: str = ME, more: str = "") -> str:
    return f'<message xmlns="jabber:client" from="{sender}" to="{to}" type="chat" {more}>{inside}</message>'


def said(text: str) -> Said:
    found = stanza.said(stanza.parsed(text), ME)
    assert found is not None
    return found


def kept(text: str, *standing: str) -> Facts:
    return evidence.read(evidence.keep(stanza.parsed(text), me=ME, archive_id="a1", standing=standing).raw())


def test_an_id_follows_from_its_key_looks_like_any_other_and_is_known_as_ours() -> None:
    assert (
        stanza_id("request-1@own.example") == stanza_id("Request-1@OWN.example") != stanza_id("request-2@own.example")
    )
    assert [len(part) for part in ASKED.split("-")] == [8, 4, 4, 4, 12]
    assert "request" not in ASKED
    assert is_ours(ASKED)
    assert not is_ours(ASKED[:-1] + ("0" if ASKED[-1] != "0" else "1"))
    assert not is_ours("")


def test_a_line_says_who_wrote_it_what_it_replies_to_and_in_which_chat() -> None:
    facts = kept(
        message(
            f'<body>Zwei Tage.</body><reply xmlns="urn:xmpp:reply:0" id="{ASKED}"/>', more='id="long-enough-to-be-one"'
        )
    )

    assert facts.text == "Zwei Tage."
    assert (facts.sender, facts.chat, facts.platform) == (f"xmpp:{THEM}", THEM, "xmpp")
    assert facts.cited_ids == (f"xmpp:{ASKED}",)
    assert facts.own_id == "xmpp:long-enough-to-be-one"
    assert (facts.author, facts.author_by, facts.conversation) == (Author.UNKNOWN, "", "")


def test_what_an_old_messenger_repeats_of_the_question_is_no_part_of_the_answer() -> None:
    quoted = "> Wie lange?\n"
    fallback = (
        f'<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="{len(quoted)}"/></fallback>'
    )

    facts = kept(message(f"<body>&gt; Wie lange?\nZwei Tage.</body>{fallback}"))

    assert (facts.text, facts.quoted) == ("Zwei Tage.", "> Wie lange?")


@pytest.mark.parametrize("span", ['start="-3" end="x"', 'start="99999999999" end="1"', 'start="²" end="4"', ""])
def test_a_fallback_that_makes_no_sense_leaves_the_words(span: str) -> None:
    fallback = f'<fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body {span}/></fallback>'

    assert "Zwei Tage." in kept(message(f"<body>Zwei Tage.</body>{fallback}")).text


def test_a_thread_ties_a_line_to_a_question_only_while_that_stands() -> None:
    line = message(f"<body>Zwei Tage.</body><thread>{ASKED}</thread>")

    assert kept(line, ASKED).cited_ids == (f"xmpp:{ASKED}",)
    assert kept(line).cited_ids == ()


def test_two_answers_under_the_same_short_id_are_two_and_a_reply_cites_what_their_sender_calls_them() -> None:
    first, second = (kept(message(f"<body>{words}</body>", more='id="7"')) for words in ("Moment bitte.", "Zwei Tage."))

    assert first.own_id != second.own_id
    assert evidence.name_to_cite(first) == evidence.name_to_cite(second) == "7"
    assert first == kept(message("<body>Moment bitte.</body>", more='id="7"'))


def test_an_encrypted_line_has_come_though_nobody_here_can_read_it() -> None:
    facts = kept(message('<encrypted xmlns="eu.siacs.conversations.axolotl"/><body>Sorry, encrypted</body>'))

    assert said(message('<encrypted xmlns="eu.siacs.conversations.axolotl"/>')).is_line
    assert (facts.readable, facts.text, facts.chat) == (False, "Sorry, encrypted", THEM)


def test_a_copy_counts_from_our_own_account_alone() -> None:
    inner = message("<body>Zwei Tage.</body>")
    copied = (
        f'<received xmlns="urn:xmpp:carbons:2"><forwarded xmlns="urn:xmpp:forward:0">{inner}</forwarded></received>'
    )

    ours = stanza.unwrapped(stanza.parsed(message(copied, sender=ME)), ME)
    forged = stanza.unwrapped(stanza.parsed(message(copied, sender="evil@far.example")), ME)

    assert stanza.said(ours, ME) == said(inner)
    found = stanza.said(forged, ME)
    assert found is not None
    assert (found.sender, found.line) == ("evil@far.example", None)


def test_only_our_own_archive_names_a_message() -> None:
    theirs = '<stanza-id xmlns="urn:xmpp:sid:0" by="service@shop.example" id="theirs"/>'
    ours = f'<stanza-id xmlns="urn:xmpp:sid:0" by="{ME}" id="ours"/>'

    assert said(message(f"<body>x</body>{theirs}")).archive_id == ""
    assert said(message(f"<body>x</body>{theirs}{ours}")).archive_id == "ours"


def test_a_message_that_came_back_says_why_and_whether_it_may_pass() -> None:
    why = '<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">no\nsuch user</text>'
    gone = '<item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>'
    back = message(f'<body>Wie lange?</body><error type="cancel">{gone}{why}</error>').replace("chat", "error")

    found = said(back)

    assert (found.error, found.error_text, found.passing, found.is_line) == (
        "item-not-found",
        "no\nsuch user",
        False,
        False,
    )
    assert said(back.replace("cancel", "wait")).passing
    assert said(message("").replace("chat", "error")).error == "undefined-condition"


@pytest.mark.parametrize("kind", ["groupchat", "headline"])
def test_what_is_no_chat_of_two_is_nothing_to_us(kind: str) -> None:
    assert stanza.said(stanza.parsed(message("<body>x</body>").replace("chat", kind)), ME) is None


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-11-22T16:11:35Z", 1_000_000),
        ("2026-11-22T16:11:35.2Z", 100_000),
        ("2026-11-22T16:11:35.123Z", 1_000),
        ("2026-11-22T17:11:35.123456+01:00", 1),
    ],
)
def test_a_stamp_says_how_finely_it_counts(text: str, micros: int) -> None:
    at, grain = stanza.stamp(text)

    assert at is not None
    assert at.replace(microsecond=0).isoformat() == "2026-11-22T16:11:35+00:00"
    assert grain.total_seconds() * 1e6 == micros


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-11-22T16:11:35", "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_stamp_is_none(text: str) -> None:
    assert stanza.stamp(text)[0] is None


def test_what_is_written_can_be_read_again_and_is_always_the_same() -> None:
    one = stanza.message(to=THEM, body='Kostet "A & B" < 3 €?\n', lang="de", name=ASKED, thread=ASKED, reply_to="x")

    again = stanza.parsed(stanza.written(one))

    assert stanza.written(again) == stanza.written(one)
    assert again.findtext(f"{names.CLIENT}body") == 'Kostet "A & B" < 3 €?\n'


def test_a_message_nested_without_end_is_cut_and_not_followed() -> None:
    deep = stanza.parsed(message("<body>Zwei Tage.</body>" + "<x xmlns='urn:x'>" * 5000 + "</x>" * 5000))

    assert kept(stanza.written(deep)).text == "Zwei Tage."


@given(
    st.fixed_dictionaries(
        {key: st.text(max_size=20) | st.none() | st.integers() for key in ("account", "archive_id", "stamp")},
        optional={
            "message": st.text(max_size=60) | st.just(message("<body>x</body>")) | st.none(),
            "open": st.lists(st.text(max_size=5)) | st.none() | st.integers(),
        },
    )
)
@example({"account": ME, "archive_id": "", "stamp": "", "message": "<a>" * 50_000, "open": []})
@example(
    {"account": ME, "archive_id": "", "stamp": "", "message": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "open": []}
)
def test_whatever_was_kept_reading_it_never_raises(record: dict[str, object]) -> None:
    assert isinstance(evidence.read(json.dumps(record).encode()), Facts)
