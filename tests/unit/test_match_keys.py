"""A company's own names for a matter: what help desks write is found, and what merely looks like it is not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.match import keys
from slawatch.model import Facts

OCTETS = bytes(range(1, 23))


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("[#123] Re: Frage zur Lieferzeit", "123"),  # Freshdesk, FreeScout
        ("[Ticket#2026112210000012] AW: Frage", "2026112210000012"),  # OTRS
        ("Re: Frage [Ticket: ABC-12]", "abc-12"),
        ("Re: Frage [1G7EOR-0Q2J]", "1g7eor-0q2j"),  # Zendesk
        ("[srv-2] Frage (Eröffnet)", "srv-2"),  # django-helpdesk
        ("[JIRA] (HELP-77) Frage", "help-77"),
        ("[shop.example #4711] Frage", "4711"),  # Request Tracker
        ("Your request (#482913) has been received", "482913"),
        ("Ticket-Nr. 4711", "4711"),
        ("Ihre Vorgangsnummer lautet: 2026-4711", "2026-4711"),
        ("Your ticket number is 88123.", "88123"),
        ("Ihre Anfrage wurde unter der Nummer 4711-22 registriert.", "4711-22"),
        ("Aktenzeichen: 3378-2017, Antrag", "3378-2017"),
        ("AW: Anfragenr. 123456 Lizenzkosten", "123456"),
        ("Case 1970/1234 - Acknowledgement of receipt", "1970/1234"),
        ("Bearbeitungsnummer: CS-88123-X", "cs-88123-x"),
    ],
)
def test_a_ticket_number_is_read_in_the_forms_that_help_desks_write(words: str, number: str) -> None:
    assert keys.tickets(Facts(subjects=(words,))) == (f"ticket:{number}",)
    assert keys.tickets(Facts(subjects=("Frage",), text=f"Guten Tag,\n{words}\n")) == (f"ticket:{number}",)


@pytest.mark.parametrize(
    "words",
    [
        "[2026] Frage",
        "[#2026] Frage",
        "Ticket 2026",
        "Ticket: 06.02.2013",
        "Ihr Anliegen vom 06.02.2013",
        "Vorgang: 2026-11-22",
        "Fall 70173",
        "Anfrage: 70173 Stuttgart",
        "Case 24/7",
        "in this case 24 hours",
        "Request: 48 hours",
        "Ticket-Nr. 0711/123456",
        "Kundennummer 471147",
        "Bestellung 471147",
        "[EXTERN] Frage",
        "[12] Frage",
        "Ticket #77",
        "We are open from 9 to 5 (GMT-5)",
        "Telefon 0711 123456",
    ],
)
def test_what_could_be_anything_is_no_ticket_number(words: str) -> None:
    assert keys.tickets(Facts(subjects=(words,), text=words)) == ()


def test_an_address_that_was_made_for_the_matter_names_it() -> None:
    facts = Facts(headers={"reply-to": ("Shop <support+id1G7EOR-0Q2J@shop.example>",), "from": ("shop@shop.example",)})

    assert keys.tickets(facts) == ("ticket:1g7eor-0q2j",)


def test_headers_of_help_desks_name_the_matter() -> None:
    facts = Facts(headers={"rt-ticket": ("shop.example #4711",), "x-redmine-issue-id": ("815",)})

    assert keys.tickets(facts) == ("ticket:4711", "ticket:815")


def test_an_exchange_conversation_is_known_by_its_first_22_octets() -> None:
    first = Facts(headers={"thread-index": (base64.b64encode(OCTETS).decode(),)})
    later = Facts(headers={"thread-index": (base64.b64encode(OCTETS + b"later").decode(),)})

    assert keys.thread(first) == keys.thread(later) == (f"thread:{OCTETS.hex()}",)


@pytest.mark.parametrize("value", ["", "AQ==", "not base 64 at all!", base64.b64encode(OCTETS[:21]).decode()])
def test_what_is_no_conversation_names_none(value: str) -> None:
    assert keys.thread(Facts(headers={"thread-index": (value,)})) == ()


def test_nothing_of_our_own_is_learned_as_theirs() -> None:
    facts = Facts(
        subjects=("Re: Frage, Ticket-Nr. 0815-k7f3m2q9x4ab",),
        text="Ihre Ticketnummer ist 4711.",
        quoted="> Ticket-Nr. 9999999",
        headers={"to": ("me+k7f3m2q9x4ab@our.example",)},
    )

    assert keys.to_learn(facts, ours=("Frage", "0815-k7f3m2q9x4ab")) == ("ticket:4711",)
    assert "ticket:9999999" in keys.find(facts)


@given(st.text(max_size=2000))
def test_no_text_makes_it_fail_and_every_number_found_is_specific(text: str) -> None:
    for key in keys.find(Facts(subjects=(text,), text=text, headers={"thread-index": (text,), "to": (text,)})):
        number = key.removeprefix(keys.TICKET)
        assert 3 <= len(number) <= 40 or key.startswith(keys.THREAD)
        assert any(sign.isdigit() for sign in number)


def test_a_digest_of_many_tickets_stays_short() -> None:
    facts = Facts(text="\n".join(f"[#{number}]" for number in range(5000, 6000)))

    assert len(keys.tickets(facts)) == 20
