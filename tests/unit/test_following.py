"""What we write after a request: never to a machine, under their subject, in words that are true and said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from slawatch import following
from slawatch.model import Author, Facts, MessageKind, Strength, Writer
from tests.unit.test_waits import REQUEST, hours, reply

AT = datetime(2026, 3, 30, 14, 5, tzinfo=UTC)
ADDRESS = "service@shop.example"


def letter(text: str = "Welches Modell?", *, subject: str = "Re: Frage", **headers: str) -> Facts:
    return Facts(
        sender=ADDRESS,
        sender_name="Maeve Doyle",
        subjects=(subject,),
        text=text,
        headers={name.replace("_", "-"): (value,) for name, value in headers.items()},
    )


class TestToWhomNever:
    def test_a_persons_letter_may_be_replied_to(self) -> None:
        assert following.unfit(letter(), ADDRESS) == ""
        assert following.unfit(letter(auto_submitted="no", return_path="<service@shop.example>"), ADDRESS) == ""

    @pytest.mark.parametrize(
        ("headers", "said"),
        [
            ({"auto_submitted": "auto-replied (vacation)"}, "a machine wrote it"),
            ({"auto_submitted": "Auto-Generated; owner-email=a@b"}, "a machine wrote it"),
            ({"x_autoreply": "yes"}, "x-autoreply"),
            ({"x_autorespond": "AutoReply"}, "x-autorespond"),
            ({"precedence": "Bulk"}, '"Precedence: bulk"'),
            ({"precedence": "auto_reply"}, "auto_reply"),
            ({"list_id": "<news.shop.example>"}, "to many"),
            ({"list_unsubscribe": "<mailto:off@shop.example>"}, "to many"),
            ({"return_path": "< >"}, "empty sender"),
        ],
    )
    def test_whatever_a_machine_or_a_list_sent_is_never_replied_to(self, headers: dict[str, str], said: str) -> None:
        assert said in following.unfit(letter(**headers), ADDRESS)

    @pytest.mark.parametrize(
        "local",
        [
            *("noreply", "no-reply", "No_Reply", "do-not-reply", "donotreply", "shop.noreply", "noreply+case"),
            *("nicht-antworten", "keine-antwort", "mailer-daemon", "postmaster", "bounces+abc", "dont-reply"),
        ],
    )
    def test_an_address_that_nobody_reads_gets_nothing(self, local: str) -> None:
        assert "nobody reads it" in following.unfit(letter(), f"{local}@shop.example")

    @pytest.mark.parametrize("local", ["service", "reply", "norbert.replynski", "antwort", "support+reply", "bouncer"])
    def test_others_are_not_taken_for_such(self, local: str) -> None:
        assert following.unfit(letter(), f"{local}@shop.example") == ""

    @pytest.mark.parametrize("address", ["", "service"])
    def test_without_an_address_there_is_nobody(self, address: str) -> None:
        assert "no address" in following.unfit(letter(), address)


class TestTheSubject:
    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            ("Re: Frage", "Re: Frage"),
            ("AW: Re: AW : Frage", "Re: Frage"),
            ("Antwort: Frage", "Re: Frage"),
            ("RE[2]: Frage", "Re: Frage"),
            ("[Case 4711] Re: Frage", "Re: [Case 4711] Re: Frage"),
            ("Re: [#4711] Frage", "Re: [#4711] Frage"),
            ("Ref: 4711, Ihre Frage", "Re: Ref: 4711, Ihre Frage"),
            ("Reklamation", "Re: Reklamation"),
            ("Your\r\n question\x1b[2J", "Re: Your question [2J"),
            ("", "Re: Asked"),
            ("Re:", "Re: Asked"),
        ],
    )
    def test_it_is_theirs_with_every_ticket_after_one_re(self, theirs: str, ours: str) -> None:
        assert following.subject(letter(subject=theirs), "Asked") == ours

    def test_it_is_no_longer_than_a_subject_is(self) -> None:
        assert len(following.subject(letter(subject="x" * 100_000), "Asked")) <= following.SUBJECT_MAX + 4


class TestTheWords:
    @pytest.mark.parametrize(
        "text",
        [
            "Wie lautet Ihre Kundennummer?",
            "Bitte nennen Sie mir Ihre Kunden-Nr.",
            "What is your customer number?",
            "Could you give me your account no. please?",
            "I need your customer ID.",
        ],
    )
    def test_who_asks_for_the_customer_number_is_understood(self, text: str) -> None:
        assert following.wants_number(letter(text))

    @pytest.mark.parametrize(
        "text", ["Welches Modell?", "Which order number?", "Create an account now", "Sehr geehrter Kunde"]
    )
    def test_who_asks_for_something_else_is_not(self, text: str) -> None:
        assert not following.wants_number(letter(text))

    def test_nothing_is_said_twice(self) -> None:
        assert following.unsaid(["Nummer 4711.", "Allgemein."], []) == "Nummer 4711."
        assert following.unsaid(["Nummer 4711.", "Allgemein."], ["Hallo,\n\nNummer  4711.\n\n> ja"]) == "Allgemein."
        assert following.unsaid(["", "Allgemein."], ["Allgemein."]) == ""

    def test_placeholders_are_filled_in_one_pass(self) -> None:
        assert (
            following.filled("{customer_number} {name}\n", {"customer_number": "{name}", "name": "Anna"})
            == "{name} Anna"
        )


class TestTheQuotation:
    def test_it_repeats_what_they_wrote_and_says_when_and_who(self) -> None:
        assert following.quoted(letter("Welches Modell?\n\nUnd wohin?"), AT, "de") == (
            "Am 30.03.2026 um 14:05 schrieb Maeve Doyle:\n> Welches Modell?\n>\n> Und wohin?"
        )
        assert following.quoted(letter(), AT, "en").startswith("On 2026-03-30 at 14:05, Maeve Doyle wrote:")

    def test_of_a_long_letter_it_shows_the_beginning_and_says_so(self) -> None:
        lines = following.quoted(letter("\n".join(f"Zeile {n} {'x' * 500}" for n in range(50))), AT, "de").splitlines()

        assert len(lines) == following.QUOTED_LINES + 2
        assert lines[-1] == "> […]"
        assert max(map(len, lines)) <= following.QUOTED_WIDTH + 2

    def test_of_nothing_there_is_none(self) -> None:
        assert following.quoted(letter(" \n "), AT, "de") == ""


@pytest.mark.parametrize(
    ("author", "why"),
    [(Author.BOT, "a machine wrote it, as the chat marks it"), (Author.AGENT, ""), (Author.UNKNOWN, "")],
)
def test_what_a_chat_marks_as_a_machine_gets_no_reply(author: Author, why: str) -> None:
    assert following.unfit(Facts(platform="xmpp", chat="help@shop.example", author=author), "help@shop.example") == why


class TestOnThePlatforms:
    def test_an_account_that_says_it_is_automated_gets_no_reply_and_a_persons_does(self) -> None:
        assert following.unfit(Facts(platform="mastodon"), "") == ""
        assert "as its account says" in following.unfit(Facts(platform="mastodon", headers={"automated": ("1",)}), "")

    def test_a_reply_to_a_post_has_no_subject_and_quotes_nothing(self) -> None:
        post = Facts(platform="twitter", text="Which model?")

        assert following.subject(post, "Frage") == ""
        assert following.quoted(post, AT, "en") == ""


def test_a_letter_of_nothing_but_blanks_is_not_quoted() -> None:
    assert following.quoted(letter(" \n\t\n"), AT, "de") == ""


class TestToldAgain:
    TAKEN_UP = replace(REQUEST, continues=3)

    def test_a_request_that_takes_nothing_up_again_says_nothing(self) -> None:
        assert following.told_again(REQUEST, [reply(MessageKind.ANSWER, hours(1))]) is None

    @pytest.mark.parametrize("noted", [True, False])
    def test_a_persons_note_goes_before_what_the_replies_say(self, noted: bool) -> None:
        asked_back = [reply(MessageKind.QUESTION, hours(1))]

        assert following.told_again(replace(self.TAKEN_UP, told_again=noted), asked_back) is noted

    @pytest.mark.parametrize(
        ("kind", "again"),
        [
            (MessageKind.ANSWER, False),
            (MessageKind.INTERIM, False),
            (MessageKind.QUESTION, True),
            (MessageKind.HANDOFF, None),
            (MessageKind.REFUSAL, None),
            (MessageKind.ACKNOWLEDGEMENT, None),
        ],
    )
    def test_who_asks_back_had_to_be_told_again_and_who_answers_not(
        self, kind: MessageKind, again: bool | None
    ) -> None:
        assert following.told_again(self.TAKEN_UP, [reply(kind, hours(1))]) is again

    def test_the_first_person_decides_and_nobody_who_does_not_count(self) -> None:
        replies = [
            reply(MessageKind.ANSWER, hours(3), id=2),
            reply(MessageKind.QUESTION, hours(2), id=3),
            reply(MessageKind.ANSWER, hours(1), id=4, strength=Strength.WEAK),
            reply(MessageKind.ANSWER, hours(1), id=5, writer=Writer.BYSTANDER),
        ]

        assert following.told_again(self.TAKEN_UP, replies) is True
        assert following.told_again(self.TAKEN_UP, []) is None
