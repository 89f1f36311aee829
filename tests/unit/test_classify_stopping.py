"""Whether somebody asks to be left alone: in their own words, and never where they ask for something else."""

from __future__ import annotations

import pytest

from slawatch.classify.stopping import RULE, asks_to_stop
from slawatch.model import Facts, MessageKind, Text

ASKS = [
    "Please stop contacting us.",
    "Hello,\n\nplease do not contact us again.\n\nRegards\nMaeve Doyle",
    "Please don't e-mail us any more, we have enough to do.",
    "Don’t write to us again!",
    "Kindly refrain from contacting us in future.",
    "Please remove us from your mailing list.",
    "Take our address off your list, please.",
    "We do not wish to be contacted.",
    "We no longer want to receive any such emails.",
    "Would you stop sending us these messages? We would appreciate it if you would stop emailing us.",
    "STOP",
    "Please stop.",
    "Unsubscribe",
    "Leave us alone!",
    "No more enquiries, please.",
    "Never contact me again.",
    "Bitte nicht mehr.",
    "Bitte nicht mehr anschreiben!",
    "Bitte kontaktieren Sie uns nicht mehr.",
    "Guten Tag,\n\nbitte schreiben Sie uns künftig nicht mehr an. Vielen Dank.",
    "Nehmen Sie uns aus dem Verteiler.",
    "Bitte nehmen Sie uns umgehend aus Ihrem Verteiler!",
    "Streichen Sie unsere Adresse bitte aus Ihrer Liste.",
    "Wir bitten Sie, uns aus dem Verteiler zu nehmen.",
    "Bitte senden Sie uns keine weiteren Anfragen.",
    "Schicken Sie uns bitte keine E-Mails mehr.",
    "Bitte sehen Sie von weiteren Anfragen ab.",
    "Unterlassen Sie bitte weitere Kontaktaufnahmen.",
    "Wir möchten nicht mehr kontaktiert werden.",
    "Wir wünschen keine weiteren Anfragen.",
    "Hören Sie bitte auf, uns ständig Fragen zu stellen.",
    "Lassen Sie uns bitte in Ruhe.",
    "Stoppen Sie bitte diese Anfragen.",
    "Wir bitten darum, uns nicht mehr zu kontaktieren.",
]

OTHERWISE = [
    "Don't stop asking, we are happy to help.",
    "Our shop is right beside the bus stop.",
    "The non-stop service runs until midnight. Please do stop by!",
    "You can stop the subscription in your account.",
    "Bitte stoppen Sie den Versand meiner Bestellung.",
    "Wir stoppen den Versand Ihrer Bestellung.",
    "Die Haltestelle heißt Stopp am Markt.",
    "Please do not contact us by phone, use our form instead.",
    "Please do not contact us again until you have your order number.",
    "Bitte schreiben Sie uns nicht mehr an diese Adresse, sondern an service@shop.example.",
    "Bitte verwenden Sie diese Adresse nicht mehr.",
    "If you no longer wish to receive our newsletter, unsubscribe here.",
    "Wenn Sie keine E-Mails mehr erhalten möchten, klicken Sie hier.",
    "To stop receiving these messages click the link.",
    "Wir werden Sie nicht mehr anschreiben.",
    "We will not contact you again.",
    "Den Artikel führen wir nicht mehr.",
    "Bitte nicht mehr als drei Stück bestellen.",
    "The lamp is no longer available, and we stop producing it in May.",
    "Wir nehmen Sie gern in unseren Verteiler auf.",
    "Do not hesitate to contact us again.",
    "Please contact us again if you have any questions.",
    "Zögern Sie nicht, uns wieder zu kontaktieren.",
    "Melden Sie sich gern noch einmal.",
    'You wrote "please stop contacting us", and we did.',
    "Bitte senden Sie keine weiteren E-Mails zu diesem Vorgang, das verzögert die Bearbeitung.",
    "Should we stop sending you our catalogue?",
    "A customer asked us to stop sending these emails, so there is no newsletter any more.",
    "Besten Dank, Sie brauchen uns dazu nicht mehr zu schreiben.",
    "Haben Sie aufgehört, uns zu schreiben?",
    "Das geht nicht mehr, bitte schreiben Sie uns Ihre Kundennummer.",
]


@pytest.mark.parametrize("text", ASKS)
def test_it_is_seen_and_shown_in_their_own_words(text: str) -> None:
    found = asks_to_stop(Facts(text=text), MessageKind.REFUSAL)

    assert found is not None
    assert found.rule == RULE
    assert found.saw.lower() in text.replace("\n", " ").lower()


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_asks_for_something_else_is_left_alone(text: str) -> None:
    assert asks_to_stop(Facts(text=text), MessageKind.ANSWER) is None


@pytest.mark.parametrize("subject", ["STOP", "Re: please stop contacting us", "AW: Bitte nicht mehr anschreiben"])
def test_a_subject_may_say_it(subject: str) -> None:
    assert asks_to_stop(Facts(subjects=(subject,), text="siehe Betreff"), MessageKind.UNKNOWN) is not None


def test_our_own_subject_repeated_says_nothing_of_them() -> None:
    asked = Text(probe="p", lang="en", variant=0, subject="Please stop contacting us", body="…")
    facts = Facts(subjects=(f"Re: {asked.subject}",), text="We have done so.")

    assert asks_to_stop(facts, MessageKind.ANSWER, asked) is None
    assert asks_to_stop(facts, MessageKind.ANSWER) is not None  # as theirs it would


def test_what_they_quote_says_nothing_of_them() -> None:
    facts = Facts(text="Yes, in two days.\n> please stop contacting us", quoted="> please stop contacting us")

    assert asks_to_stop(facts, MessageKind.ANSWER) is None


@pytest.mark.parametrize("kind", [MessageKind.ACKNOWLEDGEMENT, MessageKind.BULK, MessageKind.BOUNCE, MessageKind.BOT])
def test_machines_ask_for_nothing(kind: MessageKind) -> None:
    assert asks_to_stop(Facts(text="Please do not contact us again."), kind) is None
    assert asks_to_stop(Facts(text="Please do not contact us again."), MessageKind.INTERIM) is not None


def test_a_long_hostile_letter_costs_no_time() -> None:
    text = "bitte " * 3000 + "nehmen sie uns " * 3000 + "stop " * 3000

    assert asks_to_stop(Facts(text=text), MessageKind.ANSWER) is None
