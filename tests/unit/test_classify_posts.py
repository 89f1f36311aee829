"""What a short public answer is: whoever sends us to direct messages has not answered, and sympathy is no answer."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import promise
from slawatch.classify import FASTEST_PERSON_SECONDS, classify
from slawatch.classify.posts import bare
from slawatch.model import Classification, Facts, Form, MessageKind, Text

ANSWER, HANDOFF, INTERIM = MessageKind.ANSWER, MessageKind.HANDOFF, MessageKind.INTERIM
QUESTION, UNKNOWN, BOT = MessageKind.QUESTION, MessageKind.UNKNOWN, MessageKind.BOT
RECEIPT = MessageKind.ACKNOWLEDGEMENT

ASKED = Text(
    probe="delivery-time",
    lang="en",
    variant=0,
    subject="",
    body="How long does a delivery to Austria take, and what does shipping cost?",
    form=Form.POST,
)
GEFRAGT = replace(ASKED, lang="de", body="Wie lange dauert die Lieferung nach Österreich, und was kostet der Versand?")
POSTS = tomllib.loads(Path(__file__).with_name("posts.toml").read_text(encoding="utf-8"))["post"]


def post(text: str, *, direct: bool = False, lang: str = "", automated: str = "") -> Facts:
    headers = {"handle": ("shop",), "lang": (lang,), "automated": (automated,)}
    return Facts(
        platform="twitter",
        sender="twitter:42",
        sender_name="Shop Hilfe (@shop)",
        own_id="twitter:2000",
        cited_ids=("twitter:1001",),
        conversation="twitter:1001",
        direct=direct,
        headers={name: values for name, values in headers.items() if values[0]},
        text=text,
    )


def kind(text: str, *, asked: Text = ASKED, direct: bool = False, lang: str = "", automated: str = "") -> MessageKind:
    facts = post(text, direct=direct, lang=lang, automated=automated)
    return classify(facts, asked=asked, seconds_after=600).kind


@pytest.mark.parametrize("asked", [ASKED, GEFRAGT], ids=["en", "de"])
@pytest.mark.parametrize("example", POSTS, ids=[f"{each['kind']}-{each['text'][:40]!a}" for each in POSTS])
def test_a_post_is_what_its_sentences_do(example: dict[str, str], asked: Text) -> None:
    found = classify(post(example["text"]), asked=asked, seconds_after=600)

    assert found.kind.value == example["kind"], found.because
    assert found.because


# --- what surrounds the words ---


@pytest.mark.parametrize("example", POSTS, ids=[f"{each['kind']}-{each['text'][:40]!a}" for each in POSTS])
def test_mentions_faces_and_marks_of_parts_change_nothing(example: dict[str, str]) -> None:
    plain, kinds = example["text"], set()
    for dressed in (
        f"@prober @a.b@social.example {plain}",
        f".@prober, {plain} (1/2)",
        f"{plain} 🎉❤️ :)",
        f"👋 {plain}",
    ):
        kinds.add(kind(dressed).value)

    assert kinds == {example["kind"]}


@pytest.mark.parametrize(
    ("text", "words", "signed"),
    [
        ("Two days. ^JK", "Two days.", "JK"),
        ("Two days.^JK", "Two days.", "JK"),
        ("Two days. -Anna", "Two days.", "Anna"),
        ("Two days!-Anna", "Two days!", "Anna"),
        ("Two days. *MM", "Two days.", "MM"),
        ("Two days. /Tom", "Two days.", "Tom"),
        ("Two days.\n/ ^HSB", "Two days.\n/", "HSB"),
        ("Two days. - Kirsty 2/2", "Two days.", "Kirsty"),
        ("Two days. ^ab https://t.co/abcDEF1234", "Two days. [link]", "ab"),
        ("Two days. 😊 *ACJ", "Two days.", "ACJ"),
        ("Two days. = JJ", "Two days.", "JJ"),
        ("Two days. -S.D.", "Two days.", "S.D"),
        ("Zwei Tage. LG Tim", "Zwei Tage.", "Tim"),
        ("Zwei Tage. Viele Grüße, Lena", "Zwei Tage.", "Lena"),
        ("Two days. ^Team", "Two days. ^Team", ""),
        ("Two days. -Shop", "Two days. -Shop", ""),
        ("Two days. - Support", "Two days. - Support", ""),
        ("We are open Monday - Friday", "We are open Monday - Friday", ""),
        ("From 5am - 6pm", "From 5am - 6pm", ""),
        ("Two days and/or three", "Two days and/or three", ""),
        ("Size: 40 / L", "Size: 40", "L"),  # a single letter may be an agent's: what is lost by it decides nothing
    ],
)
def test_whoever_typed_a_post_is_told_by_the_sign_below_it(text: str, words: str, signed: str) -> None:
    assert bare(text, "Shop Hilfe (@shop)") == (words, signed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@prober @a.b@social.example Two &amp; three days", "Two & three days"),
        ("Two days #shipping #austria", "Two days"),
        ("Our #shipping takes two days", "Our shipping takes two days"),
        ("Don’t worry", "Don't worry"),
        ("Pls, DM us", "please DM us"),
        ("See https://t.co/abc: two days", "See [link]: two days"),
        ("What is it: https://t.co/abc?", "What is it: [link]?"),
        ("Call 0800 1234\u200b567", "Call 0800 1234567"),
    ],
)
def test_of_a_post_its_words_are_read(text: str, words: str) -> None:
    assert bare(text) == (words, "")


# --- machines ---


@pytest.mark.parametrize("text", ["It takes 3 to 5 days and costs 9.90 EUR.", "Please DM us!", "Hello"])
def test_an_account_that_says_it_is_a_machine_is_one(text: str) -> None:
    assert kind(text, automated="yes") is BOT
    assert kind(f"{text} ^JK", automated="yes") is UNKNOWN  # a person's sign below it: somebody has to look
    assert kind(text, automated="no") is not BOT


@pytest.mark.parametrize(
    "text",
    [
        "You can also ask our chatbot: https://t.co/abcDEF1234 ^JK",
        "The virtual assistant in our app tells you the delivery time. -Anna",
        "We charge automatically 3 days after the order. ^JK",
        "Your parcel could not be delivered, the mailbox was full. It goes out again tomorrow. ^JK",
        "We're closed today, back on Monday. ^JK",
        "I'm out of the office today, my colleague Anna takes over. -Ben",
        "I assure you, I'm a real person, Alex. ^AB",
        "Der Betrag wird automatisch abgebucht. ^AL",
    ],
)
def test_a_person_may_speak_of_machines(text: str) -> None:
    found = kind(text)

    assert found.automatic is not True, found


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for contacting Acme! Our hours are Mon-Fri 9-5. We'll reply by tomorrow.",
        "Hi! Thank you for reaching out. One of our agents will be with you within 24 hours.",
        "Thank you for your message. Your ticket number is 12345.",
        "Hi, we're currently experiencing a high volume of messages. We appreciate your patience.",
        "We're currently offline. Our team is available from 8 am to 8 pm.",
        "Vielen Dank für deine Nachricht! Wir antworten in der Regel innerhalb von 24 Stunden.",
        "Hallo! Wir haben deine Nachricht erhalten. Deine Ticketnummer lautet 4711.",
        "Unser Team ist Mo-Fr von 8 bis 20 Uhr für dich da!",
        "Du erreichst uns gerade außerhalb unserer Servicezeiten. Wir melden uns ab 8 Uhr.",
    ],
)
def test_what_a_machine_sends_at_night_earns_no_credit(text: str) -> None:
    facts = post(text, direct=True)

    assert classify(facts, asked=ASKED, seconds_after=600).kind is UNKNOWN
    assert classify(facts, asked=ASKED, seconds_after=2).kind is RECEIPT
    assert classify(facts, asked=ASKED, seconds_after=600, seen_same=1).kind is RECEIPT


def test_when_they_are_there_may_be_what_was_asked() -> None:
    asked = replace(ASKED, body="What are your opening hours on Saturday, is your team there?")
    text = "Our team is available from 8 am to 8 pm."

    assert kind(text, asked=asked) is ANSWER
    assert kind(text) is UNKNOWN
    assert kind(f"{text} ^JK") is ANSWER


@pytest.mark.parametrize(
    "text",
    [
        "How long does a delivery to Austria take, and what does shipping cost? ^JK",
        "Hi! “How long does a delivery to Austria take, please?” ^JK",
        "You asked how long a delivery to Austria takes. Great question! ^JK",
    ],
)
def test_our_question_again_is_nothing_of_theirs(text: str) -> None:
    assert kind(text) is UNKNOWN


def test_nobody_types_an_answer_within_seconds() -> None:
    answer, receipt = post("It takes 3 to 5 days. ^JK"), post("We have received your message and will respond shortly.")
    at_once = FASTEST_PERSON_SECONDS - 1

    assert classify(answer, asked=ASKED, seconds_after=at_once).kind is UNKNOWN
    assert classify(answer, asked=ASKED, seconds_after=FASTEST_PERSON_SECONDS).kind is ANSWER
    assert classify(receipt, asked=ASKED, seconds_after=at_once).kind is RECEIPT


def test_the_same_text_again_counts_only_with_a_persons_sign_below() -> None:
    def again(text: str, expected: tuple[str, ...] = ()) -> MessageKind:
        return classify(post(text), asked=ASKED, seconds_after=600, seen_same=3, expected=expected).kind

    assert again("Please send us a DM so we can help.") is UNKNOWN
    assert again("Please send us a DM so we can help. ^JK") is HANDOFF
    assert again("We have received your message and will respond shortly.") is RECEIPT
    assert again("It takes 3 to 5 days.") is UNKNOWN
    assert again("It takes 3 to 5 days.", ("5 days",)) is ANSWER


# --- where, and in which language ---


def test_in_a_direct_message_nobody_is_sent_to_direct_messages() -> None:
    text = "Thanks for your DM! A delivery to Austria takes 3 days. ^JK"

    assert kind(text, direct=True) is ANSWER
    assert kind("Thanks, we got your DM. Which order number, please? ^JK", direct=True) is QUESTION
    assert kind("Please call us on 0800 123 4567. ^JK", direct=True) is HANDOFF


def test_what_is_written_in_another_language_is_left_to_a_person() -> None:
    spanish = "Los gastos de envío figuran en nuestra página, gracias. ^LC"

    assert kind(spanish) is UNKNOWN
    assert kind("Por favor envíanos un DM con tu número de pedido. ^LC") is HANDOFF
    found = classify(post("Los gastos de envío son 9,90 €. ^LC"), asked=ASKED, seconds_after=600, expected=["9,90 EUR"])
    assert found.kind is ANSWER


def test_a_platform_may_err_on_the_language() -> None:
    assert kind("It takes 3 days to your door. ^JK", lang="nl") is ANSWER
    assert kind("Het duurt 3 dagen tot Wenen. ^JK", lang="nl") is UNKNOWN
    assert kind("It takes 3 days to your door. ^JK", lang="und") is ANSWER


# --- what was expected ---


def test_an_answer_that_states_what_was_expected_is_told_by_it() -> None:
    def found(text: str) -> Classification:
        return classify(post(text), asked=ASKED, seconds_after=600, expected=["5 days", "9.90 EUR"])

    whole, part = found("3 to 5 days, 9.90 EUR. For more DM us! ^JK"), found("3 to 5 days ^JK")

    assert (whole.kind, whole.complete) == (ANSWER, True)
    assert (part.kind, part.complete) == (ANSWER, False)
    assert found("Please DM us. ^JK").complete is None
    assert found("Someone from our team will reach out to you within 5 days. ^JK").kind is INTERIM
    assert found("We have received your message. Deliveries take 5 days.").kind is UNKNOWN


@pytest.mark.parametrize(
    ("text", "how_long", "why"),
    [
        ("We're looking into it and get back to you by Friday. ^JK", True, True),
        ("I'll let you know tomorrow. ^JK", True, False),
        ("I've passed it on to our shipping team. -Anna", False, True),
        ("Wir melden uns bis morgen. ^AL", True, False),
    ],
)
def test_of_an_interim_post_it_is_kept_whether_it_says_how_long_and_why(text: str, how_long: bool, why: bool) -> None:
    found = classify(post(text), asked=ASKED, seconds_after=600)

    assert (found.kind, found.how_long, found.why) == (INTERIM, how_long, why)


# --- what posts promise, and what they cost ---


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("We'll get back to you within 2 hours ^JK", timedelta(hours=2)),
        ("@prober Our team will reply within 24 hours. -Anna", timedelta(hours=24)),
        ("Wir melden uns innerhalb von 3 Stunden. ^AL", timedelta(hours=3)),
        ("Du bekommst in 30 Minuten eine Antwort 😊 LG Tim", timedelta(minutes=30)),
    ],
)
def test_what_a_post_promises_is_read_as_in_letters(text: str, within: timedelta) -> None:
    promises = promise.find(text, at=datetime(2026, 3, 29, 0, 30, tzinfo=UTC), zone="Europe/Vienna")

    assert [one.within for one in promises] == [within]


@pytest.mark.parametrize("text", ["Deliveries take 2 hours within Vienna. ^JK", "Please DM us. ^JK", "Sorry! 😔 ^JK"])
def test_what_is_no_promise_in_a_post_is_none(text: str) -> None:
    assert not promise.find(text, at=datetime(2026, 3, 29, 0, 30, tzinfo=UTC), zone="Europe/Vienna")


@pytest.mark.parametrize(
    "scrap",
    [
        "@a ",
        "^",
        "-A ",
        "https://t.co/a ",
        "😀",
        "#a ",
        "please ",
        "you can ",
        "melde dich ",
        "if you ",
        "1/2 ",
        "[link]",
        "a",
    ],
)
def test_no_post_takes_long(scrap: str) -> None:
    start = time.process_time()

    classify(post(scrap * 20_000), asked=ASKED, expected=["3 days"])

    assert time.process_time() - start < 5


@given(text=st.text(max_size=300), direct=st.booleans(), lang=st.sampled_from(["", "de", "en", "und", "ja"]))
def test_any_text_can_be_judged(text: str, direct: bool, lang: str) -> None:
    found = classify(post(text, direct=direct, lang=lang), asked=ASKED, seconds_after=600)

    assert found.because
    assert found.kind not in {MessageKind.BOUNCE, MessageKind.OUT_OF_OFFICE, MessageKind.BULK}
