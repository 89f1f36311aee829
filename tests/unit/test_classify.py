"""What a message is: machines must earn no credit, people must not lose theirs."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slawatch
from slawatch.classify import FASTEST_PERSON_SECONDS, classify, fingerprint
from slawatch.classify.phrases import Role
from slawatch.mail import parse
from slawatch.model import Classification, Facts, MessageKind, Report, Text

ANSWER, INTERIM, QUESTION = MessageKind.ANSWER, MessageKind.INTERIM, MessageKind.QUESTION
HANDOFF, REFUSAL, UNKNOWN = MessageKind.HANDOFF, MessageKind.REFUSAL, MessageKind.UNKNOWN
RECEIPT, AWAY, BOT, BULK = (
    MessageKind.ACKNOWLEDGEMENT,
    MessageKind.OUT_OF_OFFICE,
    MessageKind.BOT,
    MessageKind.BULK,
)
BOUNCE, DELAY = MessageKind.BOUNCE, MessageKind.DELAY_NOTICE

ASKED = {
    "de": Text(
        probe="delivery-time",
        lang="de",
        variant=0,
        subject="Lieferzeit nach Österreich, Anfrage k7f3m2q9x4ab",
        body="Hallo,\n\nwie lange dauert die Lieferung nach Österreich, was kostet der Versand?\n\nGruß\nA. Probe",
    ),
    "en": Text(
        probe="delivery-time",
        lang="en",
        variant=0,
        subject="Delivery time to Austria, reference k7f3m2q9x4ab",
        body="Hello,\n\nhow long does a delivery to Austria take, what does shipping cost?\n\nKind regards\nA. Probe",
    ),
}

LETTERS = tomllib.loads(Path(__file__).with_name("letters.toml").read_text(encoding="utf-8"))["letter"]


@pytest.mark.parametrize("example", LETTERS, ids=[f"{each['kind']}-{each['text'][:30]!a}" for each in LETTERS])
def test_a_letter_is_what_its_sentences_do(example: dict[str, str]) -> None:
    found = classify(letter(example["text"]), asked=ASKED[example["lang"]], seconds_after=3600)

    assert found.kind.value == example["kind"], found.because
    assert found.because


@pytest.mark.parametrize(
    ("text", "how_long", "why"),
    [
        ("Ich muss erst im Lager nachfragen und melde mich bis Donnerstag.", True, True),
        ("Ich melde mich morgen Vormittag bei Ihnen.", True, False),
        ("Ich habe das an unsere Versandabteilung weitergeleitet.", False, True),
        ("I'll get back to you by Friday.", True, False),
        ("I'm asking my colleague, because the rates have changed.", False, True),
    ],
)
def test_of_an_interim_reply_it_is_kept_whether_it_says_how_long_and_why(text: str, how_long: bool, why: bool) -> None:
    found = classify(letter(text))

    assert (found.kind, found.how_long, found.why) == (INTERIM, how_long, why)


def test_the_reason_shown_is_the_sentence_that_says_most() -> None:
    text = "Unser Lager liegt am Rand von Graz. Nach Österreich dauert es drei Tage. Der Rest steht auf der Website."

    assert classify(letter(text), asked=ASKED["de"]).because[0].saw == "Nach Österreich dauert es drei Tage."


def test_an_expected_fact_makes_an_answer_even_beside_a_question() -> None:
    text = "Was genau möchten Sie wissen? Um welchen Artikel geht es? Üblich sind 3 Werktage."

    assert classify(letter(text)).kind is QUESTION
    assert classify(letter(text), expected=["3 Werktage"]).kind is ANSWER
    assert classify(letter(text), expected=["13 Werktage", "3 werktage "]).because[0].saw == "3 werktage "


def test_what_a_receipt_promises_of_itself_is_no_expected_fact() -> None:
    text = (
        "Wir haben Ihre Anfrage erhalten und antworten innerhalb von 3 Werktagen. Unsere Fachleute sehen sie sich an."
    )

    assert not classify(letter(text), asked=ASKED["de"], expected=["3 Werktagen"]).kind.by_person
    asking = "Ihre Anfrage ist eingegangen, eine Antwort dauert 3 Werktage. Wie lautet Ihre Kundennummer?"
    assert classify(letter(asking), asked=ASKED["de"], expected=["3 Werktage"]).kind is UNKNOWN


def test_what_stands_below_every_letter_is_no_answer() -> None:
    thanks = letter("Vielen Dank.")
    below = replace(thanks, signature="Die Lieferung nach Österreich dauert 3 Werktage und kostet 9,90 Euro.")
    by_machine = replace(thanks, signature="Dies ist eine automatische Eingangsbestätigung.")

    assert classify(below, asked=ASKED["de"], expected=["3 Werktage"]).kind is UNKNOWN
    assert classify(below, asked=ASKED["de"]).kind is UNKNOWN
    assert classify(by_machine, asked=ASKED["de"]).kind is RECEIPT


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Sie möchten wissen, wie lange die Lieferung nach Österreich dauert und was der Versand kostet."),
        ("de", "Sie haben nach der Lieferdauer nach Österreich und den Versandkosten gefragt. Danke dafür!"),
        ("de", "Sie fragten: wie lange dauert die Lieferung nach Österreich, was kostet der Versand? Danke."),
        ("de", "Das Thema Lieferung nach Österreich und Versandkosten liegt uns sehr am Herzen."),
        ("de", "Ihre Frage zum Versand nach Österreich habe ich mit Freude gelesen."),
        ("de", "Ich schaue mir Ihre Frage zur Lieferung nach Österreich in Ruhe an und melde mich."),
        ("en", "I see that you are interested in a delivery to Austria and what shipping costs."),
        ("en", "You asked how long a delivery to Austria takes. We love that."),
        ("en", "Your question about the delivery to Austria found its way to my desk."),
        ("en", "I'll follow up."),
    ],
)
def test_our_question_in_other_words_answers_nothing(lang: str, text: str) -> None:
    found = classify(letter(f"Hallo,\n\n{text}\n\nLena Ott"), asked=ASKED[lang], seconds_after=180)

    assert not found.kind.by_person, found.because


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("de", "Sie fragten nach der Lieferzeit: sie beträgt drei Tage."),
        ("de", "Zu Ihrer Frage: nach Österreich liefern wir kostenlos."),
        ("de", "Sie fragen, ob wir liefern: ja, gern."),
        ("de", "Wir liefern auch nach Österreich."),
        ("en", "You asked about shipping; we charge 9 EUR."),
        ("en", "You asked about shipping and it costs 9 EUR."),
    ],
)
def test_an_answer_may_say_again_what_was_asked(lang: str, text: str) -> None:
    assert classify(letter(text), asked=ASKED[lang], seconds_after=180).kind is ANSWER


def test_facts_in_a_receipt_for_all_are_left_to_a_person() -> None:
    text = "Wir haben Ihre Anfrage erhalten.\n\nUnsere Lieferung nach Österreich dauert 3 Werktage.\n\n"

    assert classify(letter(f"{text}Ihr Shop-Team"), asked=ASKED["de"], expected=["3 Werktage"]).kind is UNKNOWN
    assert classify(letter(f"{text}Lena Ott"), asked=ASKED["de"], expected=["3 Werktage"]).kind is ANSWER
    again = classify(letter(f"{text}Lena Ott"), asked=ASKED["de"], expected=["3 Werktage"], seen_same=1)
    assert again.kind is UNKNOWN


def test_our_own_question_repeated_without_marks_is_not_the_companys() -> None:
    text = f"Wir haben Ihre Anfrage erhalten.\n\n{ASKED['de'].body}"

    assert classify(letter(text), asked=ASKED["de"]).kind is RECEIPT
    assert classify(letter(text)).kind is not RECEIPT


def test_an_answer_in_seconds_is_left_to_a_person_to_settle() -> None:
    text = "Die Lieferung nach Österreich dauert 3 Tage."

    assert classify(letter(text), seconds_after=FASTEST_PERSON_SECONDS).kind is ANSWER
    hasty = classify(letter(text), seconds_after=FASTEST_PERSON_SECONDS - 1)
    assert (hasty.kind, hasty.because[0].rule) == (UNKNOWN, "faster-than-a-person")
    assert classify(letter(text), seconds_after=1, fastest_person=0).kind is ANSWER


def test_a_receipt_in_seconds_stays_a_receipt() -> None:
    assert classify(letter("We have received your request."), seconds_after=1).kind is RECEIPT


SAME = "Gern sehen wir uns das an. Unsere Leute im Lager packen alles mit Sorgfalt, und die Ware kommt nach 3 Tagen an."


def test_one_text_for_several_questions_earns_no_credit_without_an_expected_fact() -> None:
    assert classify(letter(SAME), asked=ASKED["de"]).kind is ANSWER
    again = classify(letter(SAME), asked=ASKED["de"], seen_same=2)
    assert (again.kind, again.because[0].rule, again.because[0].saw) == (
        UNKNOWN,
        "same-text-elsewhere",
        "2 other requests",
    )
    assert classify(letter(SAME), asked=ASKED["de"], seen_same=1, expected=["5 Tage"]).kind is UNKNOWN
    assert classify(letter(SAME), asked=ASKED["de"], seen_same=1, expected=["3 Tage"]).kind is ANSWER


def test_a_complete_answer_states_every_expected_fact() -> None:
    def complete(*expected: str) -> bool | None:
        return classify(letter(SAME), asked=ASKED["de"], expected=expected).complete

    assert complete() is None
    assert complete("3 Tage") is True
    assert complete("3 Tage", "9,90 Euro") is False
    assert complete("9,90 Euro") is False


def test_the_same_text_has_the_same_fingerprint_whatever_it_is_taken_for() -> None:
    first = classify(letter(f"Guten Tag Frau Probe,\n\n{SAME}"))
    later = classify(letter(f"Hallo Herr Anders,\n\n{SAME}"), seen_same=1)

    assert first.fingerprint == later.fingerprint == fingerprint(letter(SAME)) != ""


def test_one_who_asks_for_an_address_to_send_something_is_no_guard_of_a_mailbox() -> None:
    text = "Please confirm that you are still at the old address, so that I can send it."

    assert classify(letter(text)).kind is UNKNOWN


# --- marks of machines ---


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"auto-submitted": "auto-replied"}, RECEIPT),
        ({"auto-submitted": "Auto-Replied (vacation)"}, AWAY),
        ({"auto-submitted": "no"}, ANSWER),
        ({"auto-submitted": "auto-generated"}, UNKNOWN),  # ticket systems mark people's letters so
        ({"precedence": "auto_reply"}, RECEIPT),
        ({"x-autoreply": "yes"}, RECEIPT),
        ({"x-autoreply": "no"}, ANSWER),
        ({"message-id": "<FS_autoreply-1@desk.example>"}, RECEIPT),
        ({"message-id": "<dovecot-sieve-1@mx.example>"}, RECEIPT),
        ({"x-ms-exchange-generated-message-source": "Mailbox Rules Agent"}, RECEIPT),
        ({"x-post-messageclass": "9; Autoresponder"}, RECEIPT),
    ],
)
def test_a_mark_counts_as_far_as_it_can_be_trusted(headers: dict[str, str], kind: MessageKind) -> None:
    found = classify(letter("Die Lieferung nach Österreich dauert drei Tage.", headers))

    assert found.kind is kind, found.because


@pytest.mark.parametrize(
    "headers",
    [{"precedence": "bulk"}, {"return-path": "<>"}, {"x-auto-response-suppress": "All"}, {"x-loop": "desk"}],
)
def test_what_mailing_lists_and_help_desks_put_on_peoples_letters_proves_nothing(headers: dict[str, str]) -> None:
    assert classify(letter("Die Lieferung nach Österreich dauert drei Tage.", headers)).kind is ANSWER


def test_a_letter_from_a_no_reply_address_is_left_open_but_its_receipt_is_a_receipt() -> None:
    sender = "no_reply@shop.example"

    assert classify(letter("Die Lieferung dauert drei Tage.", sender=sender)).kind is UNKNOWN
    busy = "Ihre Anfrage wurde registriert. Antworten dauern bis zu drei Tage."
    assert classify(letter(busy, sender=sender)).kind is RECEIPT
    mixed = "Wir haben Ihre Anfrage erhalten. Unser Geschäft in Wien hat eine neue Adresse."
    assert classify(letter(mixed, sender=sender)).kind is RECEIPT
    assert classify(letter(mixed)).kind is not RECEIPT


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Abwesenheitsnotiz: Lieferzeit", AWAY),
        ("Out of Office AutoReply: Delivery time", AWAY),
        ("[list] Jane Doe/Example is out of the office.", AWAY),
        ("Maria Huber ist im Urlaub", AWAY),
        ("Automatische Antwort: Lieferzeit", RECEIPT),
        ("Automatic reply: Delivery time", RECEIPT),
        ("E-Mail Empfangsbestätigung: Lieferzeit", RECEIPT),
        ("Your request has been received", RECEIPT),
        ("Re: Delivery time", ANSWER),
        ("AW: Eingangsbestätigung", ANSWER),
        ("Re: Out of office", ANSWER),
        ("Our office hours", ANSWER),
    ],
)
def test_a_subject_tells_only_where_a_machine_wrote_it(subject: str, kind: MessageKind) -> None:
    found = classify(letter("Our parcels arrive after three days.", subject=subject))

    assert found.kind is kind, found.because


def test_an_automatic_answer_is_sorted_by_what_it_says() -> None:
    away = "Ich bin bis Montag nicht im Büro."
    bot = "Ich bin der Chatbot von Beispiel."

    assert classify(letter(away, {"auto-submitted": "auto-replied"})).kind is AWAY
    assert classify(letter(bot, subject="Automatische Antwort: Lieferzeit")).kind is BOT
    assert classify(letter("Ich bin diese Woche nicht im Büro. Die Lieferung dauert drei Tage.")).kind is UNKNOWN


def test_mail_to_many_is_bulk_unless_it_answers_somebody() -> None:
    text = "Unsere neuen Angebote sind da und warten auf Sie."
    listed = {"list-unsubscribe": "<mailto:off@shop.example>"}

    assert classify(letter(text, listed, subject="Angebote")).kind is BULK
    assert classify(letter(text, listed, subject="Re: Lieferzeit")).kind is ANSWER
    assert classify(letter(text, listed, subject="Angebote", cited=("a@our.example",))).kind is ANSWER
    assert classify(letter(f"{text}\nNewsletter abbestellen", subject="Angebote")).kind is BULK


# --- notices of mail systems ---


def report(action: str, *, status: str = "5.1.1", recipient: str = "shop@shop.example") -> Report:
    return Report(type="delivery-status", action=action, status=status, recipient=recipient)


@pytest.mark.parametrize(
    ("reports", "kind"),
    [
        ((report("failed"),), BOUNCE),
        ((report("delayed", status="4.4.1"),), DELAY),
        ((report("relayed", status="2.0.0"),), MessageKind.DELIVERY_RECEIPT),
        ((report("delivered", status="2.0.0"),), MessageKind.DELIVERY_RECEIPT),
        ((report("relayed", status="2.0.0"), report("failed", recipient="me@our.example")), BOUNCE),
        ((report("", status="5.0.0"),), BOUNCE),
        ((report("", status="4.0.0"),), DELAY),
        ((Report(type="disposition-notification", action="displayed"),), MessageKind.READ_RECEIPT),
        ((Report(type="feedback-report", action="abuse"),), MessageKind.ABUSE_REPORT),
    ],
)
def test_a_report_speaks_for_itself(reports: tuple[Report, ...], kind: MessageKind) -> None:
    bounced = Facts(reports=reports, headers={"auto-submitted": ("auto-replied",)}, text="Sorry.")

    assert classify(bounced).kind is kind


def test_our_own_copy_may_bounce_while_the_company_got_the_request() -> None:
    both = Facts(reports=(report("relayed", status="2.0.0"), report("failed", recipient="me@our.example")))

    assert classify(both, target="shop@shop.example").kind is MessageKind.DELIVERY_RECEIPT
    assert classify(both, target="other@shop.example").kind is BOUNCE


def test_a_report_that_says_nothing_is_judged_by_its_letter() -> None:
    empty = Facts(reports=(report("", status=""),), sender="mailer-daemon@mx.example", text="550 5.1.1 User unknown")

    assert classify(empty).kind is BOUNCE


def test_a_mail_thrown_away_unread_was_not_delivered() -> None:
    deleted = Report(type="disposition-notification", action="deleted")
    system = {"sender": "postmaster@mx.example", "reports": (deleted,)}

    assert classify(Facts(text="Your message was rejected: Quota exceeded", **system)).kind is BOUNCE  # type: ignore[arg-type]
    assert classify(Facts(text="It was deleted unread.", **system)).kind is MessageKind.READ_RECEIPT  # type: ignore[arg-type]


BOUNCE_TEXT = "Your message could not be delivered: 550 5.1.1 <x@shop.example>: user unknown"


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (Facts(sender="mailer-daemon@mx.example", subjects=("failure notice",), text=BOUNCE_TEXT), BOUNCE),
        (Facts(sender="mailer-daemon@mx.example", subjects=("?",), text="?"), BOUNCE),
        (Facts(sender="noreply@sns.example", text='{"notificationType":"Bounce"}'), BOUNCE),
        (Facts(sender="noreply@sns.example", text='{\\"eventType\\":\\"Delivery\\"}'), MessageKind.DELIVERY_RECEIPT),
        (Facts(sender="x@mx.example", headers={"x-failed-recipients": ("y@shop.example",)}), BOUNCE),
        (Facts(sender="x@mx.example", headers={"return-path": ("<>",)}, text=BOUNCE_TEXT), BOUNCE),
        (Facts(sender="x@mx.example", subjects=("Undeliverable: hello",), embedded_ids=("a@our.example",)), BOUNCE),
        (Facts(sender="x@mx.example", subjects=("Undelivered Mail",), text=BOUNCE_TEXT), BOUNCE),
        (Facts(sender="postmaster@mx.example", subjects=("Unzustellbar: Frage",), text="Postfach ist voll"), BOUNCE),
        (Facts(sender="postmaster@mx.example", embedded_ids=("a@our.example",), text="Please see below."), BOUNCE),
        (
            Facts(sender="mailer-daemon@mx.example", subjects=("Warning: message delayed",), text="trying"),
            DELAY,
        ),
        (
            Facts(sender="mailer-daemon@mx.example", text="Your message has not yet been delivered; we keep trying."),
            DELAY,
        ),
        (
            Facts(sender="mailer-daemon@mx.example", text="It was still being retried, but now we are giving up."),
            BOUNCE,
        ),
        (Facts(sender="postmaster@mx.example", subjects=("Abwesenheitsnotiz",), embedded_ids=("a@our.example",)), AWAY),
        (Facts(subjects=("complaint about message from 192.0.2.1",)), MessageKind.ABUSE_REPORT),
        (
            Facts(sender="x@mx.example", headers={"content-type": ("multipart/report; report-type=feedback-report",)}),
            MessageKind.ABUSE_REPORT,
        ),
    ],
)
def test_a_notice_written_as_a_letter_needs_two_signs(facts: Facts, kind: MessageKind) -> None:
    found = classify(facts)

    assert found.kind is kind, found.because


@pytest.mark.parametrize(
    "facts",
    [
        Facts(sender="jane@shop.example", subjects=("Delivery problem",), text="Your parcel could not be delivered."),
        Facts(sender="jane@shop.example", subjects=("Fwd: Undelivered Mail",), text="I got this, what can I do?"),
        Facts(
            sender="jane@shop.example", text="Our inbox was full, your mail could not be delivered. It takes 3 days."
        ),
    ],
)
def test_a_person_who_writes_of_lost_parcels_or_mail_is_no_bounce(facts: Facts) -> None:
    assert classify(facts).kind.by_person


NOTICES = tomllib.loads(Path(__file__).with_name("notices.toml").read_text(encoding="utf-8"))["mail"]


@pytest.mark.parametrize(
    "example", NOTICES, ids=[f"{one['kind']}-{one['head'].splitlines()[1][:40]!a}" for one in NOTICES]
)
def test_mail_of_systems_is_told_from_peoples(example: dict[str, str]) -> None:
    raw = f"{example['head'].strip()}\n\n{example['text'].strip()}\n".encode()

    found = classify(parse.facts(raw))

    assert found.kind.value == example["kind"], found.because


# --- form ---


def test_every_rule_that_can_decide_has_words() -> None:
    folder = Path(__file__).parents[2] / "reports"
    words = tomllib.loads((folder / "rules.en.toml").read_text(encoding="utf-8"))["rule"]

    assert {role.value for role in Role} <= words.keys()
    package = Path(str(slawatch.__file__)).parent
    source = "".join(file.read_text(encoding="utf-8") for file in package.rglob("*.py"))
    used = {rule for rule in words if f'"{rule}"' in source} | {role.value for role in Role}
    assert used == words.keys()


@pytest.mark.parametrize(
    "scrap", ["wir ", "a", "\n", "Ihre Anfrage ", "we will ", "1 ", "? ", "ich habe ", "in 3 ", '"']
)
def test_no_letter_takes_long(scrap: str) -> None:
    long = Facts(sender="mailer-daemon@x.example", subjects=(scrap * 500,), text=scrap * 20_000, quoted=scrap * 20_000)
    start = time.process_time()

    classify(long)
    classify(letter(scrap * 20_000), asked=ASKED["de"], expected=["3 Tage"])

    assert time.process_time() - start < 5


@given(st.text(max_size=300), st.text(max_size=60), st.none() | st.floats(0, 1e6))
def test_any_text_is_something_for_a_reason(text: str, subject: str, seconds: float | None) -> None:
    found = classify(letter(text, subject=subject), asked=ASKED["en"], seconds_after=seconds)

    assert isinstance(found, Classification)
    assert found.because
    assert (found.how_long is None) == (found.kind is not INTERIM)


def letter(
    text: str,
    headers: Mapping[str, str] | None = None,
    *,
    sender: str = "service@shop.example",
    subject: str = "Re: Lieferzeit",
    cited: tuple[str, ...] = (),
) -> Facts:
    return Facts(
        sender=sender,
        subjects=(subject,),
        text=text,
        cited_ids=cited,
        headers={name: (value,) for name, value in (headers or {}).items()},
    )
