"""What tells who wrote a text is not shown: names, signatures, numbers, addresses. The rest stays as it is."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.email import EmailChannel
from slawatch.redact import OWN, SIGN, Own, cuts, names_in, redact

LETTERS = Path(__file__).parents[3] / "shared" / "data" / "mail" / "froide"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("My name is Anna Smith. I can help.", "My name is •••. I can help."),
        ("Hi, I'm Tom from support", "Hi, I'm ••• from support"),
        ("Guten Tag, ich bin Lisa vom Kundenservice.", "Guten Tag, ich bin ••• vom Kundenservice."),
        ("Mein Name ist Dr. Jörg von der Aue-Groß, ja.", "Mein Name ist •••, ja."),
        ("Hier schreibt Ihnen Mehmet.", "Hier schreibt Ihnen •••."),
        ("You are now chatting with Anna.", "You are now chatting with •••."),
        ("Anna joined the chat", "••• joined the chat"),
        ("Paula hat den Chat betreten", "••• hat den Chat betreten"),
        ("Sehr geehrter Herr Müller-Lüdenscheidt, ja.", "Sehr geehrter Herr •••, ja."),
        ("My colleague Mrs. O'Neill knows.", "My colleague Mrs. ••• knows."),
        ("Ask Dr. Brown about it.", "Ask Dr. ••• about it."),
        ("Yes, on Friday. -KC", "Yes, on Friday. -•••"),
        ("Ja, am Freitag. ^Lisa", "Ja, am Freitag. ^•••"),
        ("Wir sind ab 9 Uhr da. LG Lisa", "Wir sind ab 9 Uhr da. LG •••"),
    ],
)
def test_names_are_cut_where_they_are_said(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Sehr geehrte Damen und Herren,\nwir liefern am Freitag.",
        "Ich bin Kundin und warte seit Montag.",
        "This is Great! I am Sorry about that. Monday here is a holiday.",
        "Hier ist Ihre Antwort: ja.",
        "We are the Support Team from Monday to Friday - Thanks",
        "Dear Customer,\nthanks for writing to us. We ship on Friday.",
        "Thanks!\nThat is a good question, and here is what we know about it.",
        "Open 0900-1700, Mon-Fri 08:00-17:00, from 01.12.2026 or 2026-12-01.",
        "It is 12,345.00 € or 1.234,56 €, order 4711-22, ticket #0049301234567.",
        "10000 Stück, 50000 Kunden, seit 1998 in Berlin.",
        "Version 10.1.2 of 2026/11/22; see https://shop.example/faq?id=0012345678",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "closing",
    [
        *("Mit freundlichen Grüßen", "Viele Grüße aus Köln,", "MfG", "LG", "Herzliche Grüsse", "Mit bestem Gruß"),
        *("Kind regards,", "Best wishes", "Yours sincerely,", "Many thanks,", "Cheers!", "Have a great day!"),
        *("Bien cordialement,", "Saludos,", "Cordiali saluti", "Met vriendelijke groet,"),
    ],
)
def test_below_a_closing_all_is_the_signature(closing: str) -> None:
    signature = "Anna Smith\nHead of Customer Happiness\nThe Example Shop"
    letter = f"Yes, until Friday.\n\n{closing}\n\n{signature}\n\nPS: Bring a bag."

    shown = redact(letter)

    assert shown.startswith("Yes, until Friday.\n\n")
    assert SIGN in shown
    assert "Anna" not in shown
    assert "Happiness" not in shown
    assert shown.endswith("PS: Bring a bag.")


@pytest.mark.parametrize(
    "number",
    [
        *(
            "+49 30 1234567",
            "+49 (0)30 227-33043",
            "0049 30 1234567",
            "030/1234567",
            "(0 30) 12 34 56 78",
            "0800 123 4567",
        ),
        *("(555) 123-4567", "555-123-4567", "1-800-555-0199", "+1 (555) 123-4567", "01 23 45 67 89", "020 7946 0958"),
    ],
)
def test_telephone_numbers_are_cut_however_they_are_written(number: str) -> None:
    assert redact(f"Call {number}, please.") == "Call •••, please."


def test_a_labelled_number_is_cut_however_short() -> None:
    assert redact("Durchwahl 4711 oder Tel.: 12-34") == "Durchwahl ••• oder Tel.: •••"


def test_of_a_mail_address_the_domain_stays() -> None:
    assert redact("Write to anna.smith+x@mail.shop.example!") == "Write to •••@mail.shop.example!"


@pytest.mark.parametrize(
    "address",
    [
        "Hauptstraße 12, 12345 Berlin",
        "Völklinger Straße 49\n40221 Düsseldorf",
        "Am Markt 5, D-54321 Bad Muster",
        "Deelbögenkamp 4\n22297 Hamburg",
        "Lange Str. 7a",
        "12 High Street",
        "221b Baker St.",
        "1600 Example Avenue",
        "Postfach 12 34",
        "PO Box 4711",
        "SW1A 1AA",
    ],
)
def test_postal_addresses_are_cut(address: str) -> None:
    shown = redact(f"We are at {address}.")

    assert shown.startswith("We are at •••")
    assert not any(word in shown for word in address.replace(",", " ").split() if len(word) > 3)


def test_a_name_known_from_elsewhere_is_cut_wherever_it_stands() -> None:
    shown = redact("Anna told me; ask ANNA or anna smith. Smith's desk. An annatto bush.", ["Smith, Anna"])

    assert shown == "••• told me; ask ••• or •••. •••'s desk. An annatto bush."


def test_the_company_is_nobody_s_name() -> None:
    sender = ["Lisa from Cobalt Coffee Support"]

    assert (
        redact("Cobalt Coffee ships. Lisa knows.", sender, keep=["Cobalt Coffee"]) == "Cobalt Coffee ships. ••• knows."
    )


def test_a_name_that_is_an_everyday_word_is_cut_as_a_name_only() -> None:
    assert redact("It is a long way, says Long.", ["Will Long"]) == "It is a long way, says •••."


def test_each_cut_says_by_which_rule() -> None:
    text = "I'm Tom. Tel 030 1234567, tom@shop.example, Lange Str. 7.\n\nRegards,\nTom"

    assert [cut.rule for cut in cuts(text)] == [
        *("introduced-name", "phone", "mail-address", "postal-address", "signature")
    ]


def test_a_letter_gives_its_names_away() -> None:
    assert names_in("I'm Tom.\nMrs Brown will call.\n\nKind regards,\nTom Miller\nShop") == {
        "Tom",
        "Brown",
        "Tom Miller",
    }


def test_in_real_letters_no_sender_s_name_is_left_and_most_words_are() -> None:
    kept, whole = 0, 0
    files = sorted(LETTERS.glob("test_mail_*.txt"))
    assert files
    for file in files:
        facts = EmailChannel.read(file.read_bytes())
        shown = redact(facts.text, [facts.sender_name])
        kept, whole = kept + len(shown.split()), whole + len(facts.text[:20_000].split())
        for part in facts.sender_name.replace(",", " ").split():
            if len(part) > 2 and part not in {"IFG", "Anfragen", "Datenschutz", "Mail", "Delivery", "System"}:
                assert part not in shown.split(), file.name
        assert "Tel" not in shown or not any(run.isdigit() and len(run) > 5 for run in shown.split()), file.name
    assert kept > 0.9 * whole


PIECES = [
    "Anna ",
    "Mr ",
    "Dr. ",
    "my name is ",
    "\n",
    "Best,\n",
    "LG ",
    "-",
    "0",
    "30 ",
    "+",
    "@",
    ".de",
    " ",
    "Straße ",
    "5",
]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


@given(TEXTS | st.text())
def test_cuts_stand_in_order_within_the_text(text: str) -> None:
    found = cuts(text)

    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert all(0 <= cut.start < cut.end <= len(text) for cut in found)
    left = len(text) - sum(cut.end - cut.start for cut in found)
    assert len(redact(text)) == left + sum(len(cut.put) for cut in found)


class TestWhatTheUserWants:
    TEXT = "Mein Name ist Lisa Maier. Ihr Fall hat die Nummer K-4711, Tel. 0221 1234567."

    def test_what_they_want_cut_is_cut_and_says_by_whose_rule(self) -> None:
        own = Own(also=(re.compile(r"K-\d+"),))

        assert "K-4711" not in redact(self.TEXT, own=own)
        assert OWN in {cut.rule for cut in cuts(self.TEXT, own=own)}
        assert "K-4711" in redact(self.TEXT)

    def test_a_pattern_that_matches_nothing_at_all_cuts_nothing(self) -> None:
        assert cuts("ja", own=Own(also=(re.compile(r"x*"),))) == []

    def test_what_they_want_kept_stays_in_any_case_and_nothing_else_does(self) -> None:
        shown = redact(self.TEXT, own=Own(keep=("lisa maier",)))

        assert "Lisa Maier" in shown
        assert "1234567" not in shown

    def test_cutting_goes_before_keeping(self) -> None:
        own = Own(also=(re.compile("Maier"),), keep=("Lisa Maier",))

        assert "Maier" not in redact(self.TEXT, own=own)

    def test_two_passages_that_overlap_go_as_one(self) -> None:
        own = Own(also=(re.compile("Ihr Fall hat"), re.compile("hat die Nummer"), re.compile("Fall")))

        assert redact("Ihr Fall hat die Nummer 7.", own=own) == f"{SIGN} 7."
