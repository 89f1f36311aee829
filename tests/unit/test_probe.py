from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import manners, probe
from slawatch.errors import ConfigError
from slawatch.model import Probe, Variant, Wording
from slawatch.plan import word

SHIPPED = Path(__file__).parents[2] / "probes"
PROBES = probe.load_all([SHIPPED], judge=False)
LANGS = ("de", "en")
each_probe = pytest.mark.parametrize("name", sorted(PROBES))

KNOWN_BY = "replies in a new thread are known by it"
GOOD = """\
tags = ["shop"]

[en]
expects = ["delivery time in days"]
follow_up = "In general, please. {name}"

[[en.variant]]
subject = "Delivery times ({reference})"
body = "How long does delivery take? {name}"
"""


def one(body: str, *, lang: str = "en", subject: str = "Question {reference}", customer: bool = False) -> Probe:
    wording = Wording(variants=(Variant(subject=subject, body=body),), expects=("x",), follow_up="In general. {name}")
    return Probe(name="p", wordings={lang: wording}, customer=customer)


def rules(body: str, *, customer: bool = False) -> set[str]:
    return {offence.rule for offence in manners.offences(one(body, customer=customer))}


def write(folder: Path, text: str, name: str = "delivery.toml") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str, name: str = "delivery.toml") -> list[str]:
    path = write(folder, text, name)
    with pytest.raises(ConfigError) as caught:
        probe.load(path)
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{path}:") for line in caught.value.problems]


# --- the shipped probes ---


def test_there_are_questions_enough_for_half_a_year_within_the_limits() -> None:
    """8 requests in 30 days over all channels are 48 in the 180 days in which no text may go out twice."""
    anybody = [one for one in PROBES.values() if not one.customer]

    assert len(anybody) >= 8
    assert sum(one.customer for one in PROBES.values()) >= 2
    for lang in LANGS:
        assert sum(len(one.wordings[lang].variants) for one in anybody) >= 48


@each_probe
def test_a_shipped_probe_has_good_manners(name: str) -> None:
    assert probe.lint(PROBES[name]) == []


@each_probe
def test_a_shipped_probe_has_four_clearly_different_wordings_in_each_language(name: str) -> None:
    for lang in LANGS:
        variants = PROBES[name].wordings[lang].variants
        assert len(variants) >= 4
        for first, second in combinations(variants, 2):
            assert SequenceMatcher(None, first.subject, second.subject).ratio() < 0.8
            # By words, greeting and closing left out, so that these do not decide.
            alike = SequenceMatcher(None, _question(first.body), _question(second.body)).ratio()
            assert alike < 0.45, (first.body, second.body)


def _question(body: str) -> list[str]:
    return re.findall(r"\w+", " ".join(body.strip().split("\n\n")[1:-1]).lower())


@each_probe
def test_a_shipped_probe_reads_as_a_letter_in_its_language(name: str) -> None:
    common = {
        "de": {"und", "oder", "die", "bei", "ich", "ist", "man", "sie"},
        "en": {"the", "and", "do", "is", "of", "to", "you"},
    }
    for lang in LANGS:
        for index, variant in enumerate(PROBES[name].wordings[lang].variants):
            text = word(PROBES[name], lang, index, company="Beispiel AG", name="Kim Doe", reference="k7f3m2p9xq4t")
            words = set(re.findall(r"\w+", text.body.lower()))
            other = "en" if lang == "de" else "de"
            assert len(words & common[lang]) > len(words & common[other])
            assert not re.search(r"[{}\[\]<>]", text.subject + text.body)
            assert text.body.endswith("\nKim Doe\n")
            assert text.body.count("\n\n") >= 2  # greeting, question, closing
            assert 80 < len(text.body) < 600
            assert len(text.subject) <= 76
            assert "?" in text.body or re.search(r"\b(?:bitte|please|dankbar|grateful|wüsste|to know)\b", text.body)
            assert len(variant.subject.replace("{reference}", "")) >= 12


@each_probe
def test_a_shipped_probe_has_a_signed_follow_up_and_says_what_it_expects(name: str) -> None:
    for lang in LANGS:
        wording = PROBES[name].wordings[lang]
        assert len(wording.expects) == 2
        assert wording.follow_up.strip().endswith("{name}")
    assert len(PROBES[name].wordings["de"].expects) == len(PROBES[name].wordings["en"].expects)
    assert PROBES[name].tags


def test_no_two_shipped_texts_are_the_same() -> None:
    texts = [text for one in PROBES.values() for lang in LANGS for text in one.wordings[lang].variants]

    assert len({text.body for text in texts}) == len({text.subject for text in texts}) == len(texts)


def test_a_customers_probe_would_be_refused_as_anybodys() -> None:
    for one in PROBES.values():
        if one.customer:
            as_anybody = Probe(name=one.name, wordings=one.wordings, customer=False)
            assert all("customer" in fault for fault in probe.lint(as_anybody))
            for lang in LANGS:
                assert any(f"{lang}.variant" in fault for fault in probe.lint(as_anybody))


# --- manners ---

OFFENCES = [
    ("threat", "Otherwise I will contact my lawyer."),
    ("threat", "I shall take legal action."),
    ("threat", "We'll see you in court."),
    ("threat", "I'd have to leave a negative review."),
    ("threat", "I will report you to trading standards."),
    ("threat", "Or else I'll go to the press."),
    ("threat", "Andernfalls werde ich meinen Anwalt einschalten."),
    ("threat", "Ich behalte mir rechtliche Schritte vor."),
    ("threat", "Sonst sehe ich mich gezwungen, mich an die Verbraucherzentrale zu wenden."),
    ("threat", "Ich werde Anzeige erstatten."),
    ("threat", "Dann schreibe ich eine schlechte Bewertung."),
    ("threat", "Time to boycott them."),
    ("threat", "Schämt euch, das gibt einen Shitstorm."),
    ("deadline", "Please answer within 24 hours."),
    ("deadline", "Please let me know by Friday."),
    ("deadline", "Could you get back to me as soon as possible?"),
    ("deadline", "Within three days I expect an answer."),
    ("deadline", "This is urgent."),
    ("deadline", "I expect a reply."),
    ("deadline", "I am giving you until the 5th."),
    ("deadline", "Bitte antworten Sie bis spätestens Freitag."),
    ("deadline", "Ich bitte um Ihre Antwort innerhalb von 24 Stunden."),
    ("deadline", "Bitte teilen Sie mir umgehend mit, wie lange die Lieferung dauert."),
    ("deadline", "Bis zum 5. März bitte ich um Rückmeldung."),
    ("deadline", "Ich setze Ihnen eine Frist von 14 Tagen."),
    ("deadline", "Ich erwarte Ihre Antwort."),
    ("deadline", "Die Sache ist dringend."),
    ("deadline", "Sagt mir bitte bis Freitag, wann ihr öffnet."),
    ("deadline", "Ich erwarte eure Antwort."),
    ("law", "Under § 312 I may send it back."),
    ("law", "According to GDPR you must tell me."),
    ("law", "You are legally required to say so."),
    ("law", "As required by law, tell me your terms."),
    ("law", "Under Article 15 of the regulation, what do you store?"),
    ("law", "This is a subject access request."),
    ("law", "Please delete all my personal data."),
    ("law", "The Consumer Rights Act says otherwise."),
    ("law", "Nach Art. 15 DSGVO verlange ich das."),
    ("law", "Gemäß § 355 BGB kann man widerrufen."),
    ("law", "Sie sind gesetzlich dazu verpflichtet."),
    ("law", "Bitte geben Sie Auskunft über meine gespeicherten Daten."),
    ("law", "Laut Gesetz muss das Impressum stimmen."),
    ("law", "Das steht in Absatz 2."),
    ("law", "Löscht bitte alle meine Daten."),
    ("selling", "We offer web design for shops like yours."),
    ("selling", "Would you consider a partnership?"),
    ("selling", "Our agency can boost your sales."),
    ("selling", "I am looking for a guest post with backlinks."),
    ("selling", "Wir bieten Webseiten für Händler an."),
    ("selling", "Ich schlage eine Kooperation vor."),
    ("selling", "Unsere Agentur kann Ihren Umsatz steigern."),
    ("selling", "Mehr Klicks steigern euren Umsatz."),
    ("link", "See https://shop.example/a for details."),
    ("link", "I found it on www.shop.example today."),
    ("link", "Write to me@post.example please."),
    ("link", "Ich habe es auf beispiel-shop.de gesehen."),
    ("link", "Ich habe es auf {company}.com gesehen."),
    ("link", "Klicken Sie hier."),
    ("order", "I would like to order two chairs."),
    ("order", "I'd like to book a table."),
    ("order", "Please send me 3 boxes."),
    ("order", "I'll take the blue one."),
    ("order", "Please ship it to the office."),
    ("order", "Hiermit bestelle ich zwei Stühle."),
    ("order", "Ich möchte gern zwei Stühle bestellen."),
    ("order", "Bitte liefern Sie an die Firma."),
    ("order", "Schicken Sie mir bitte zwei davon."),
    ("order", "Ich nehme den blauen."),
    ("order", "Schickt mir bitte zwei davon."),
    ("complaint", "The lamp arrived damaged."),
    ("complaint", "It is completely broken."),
    ("complaint", "The thing doesn't work."),
    ("complaint", "It hasn't arrived."),
    ("complaint", "I am very disappointed."),
    ("complaint", "I want to complain."),
    ("complaint", "Die Lampe ist kaputt."),
    ("complaint", "Das Teil ist leider beschädigt angekommen."),
    ("complaint", "Das Gerät funktioniert leider nicht."),
    ("complaint", "Es ist bis heute nicht angekommen."),
    ("complaint", "Ich bin enttäuscht."),
    ("complaint", "Ich möchte mich beschweren."),
    ("customer", "Where is my order?"),
    ("customer", "I recently bought a lamp."),
    ("customer", "As a long-standing customer I wonder about returns."),
    ("customer", "It's about order no. 4711."),
    ("customer", "How do I close my customer account?"),
    ("customer", "Wo bleibt meine Bestellung?"),
    ("customer", "Ich habe bei Ihnen eine Lampe gekauft."),
    ("customer", "Als langjährige Kundin frage ich mich das."),
    ("customer", "Es geht um Bestellnummer 4711."),
    ("customer", "Wie lösche ich mein Kundenkonto?"),
    ("customer", "Wie lösche ich mein Konto bei euch?"),
    ("persona", "I am in a wheelchair."),
    ("persona", "I use a wheelchair."),
    ("persona", "It is for my daughter."),
    ("persona", "I'm a student."),
    ("persona", "Ich sitze im Rollstuhl."),
    ("persona", "Ich bin Rentnerin."),
    ("persona", "Es ist für meine Tochter."),
    ("leftover", "Hello [company], when do you open?"),
    ("leftover", "Hello <name>, when do you open?"),
    ("leftover", "Hallo XXX, wann öffnen Sie?"),
    ("leftover", "TODO: Anrede"),
]


@pytest.mark.parametrize(("rule", "sentence"), OFFENCES)
def test_an_offence_is_found(rule: str, sentence: str) -> None:
    assert rule in rules(f"Guten Tag,\n\n{sentence}\n\nKim Doe")


def test_every_rule_is_shown_to_fire_in_both_languages() -> None:
    german = re.compile(r"[äöüß]|\b(?:ich|sie|ihnen|die|es|wir|das|nach|bis|hallo|bitte|als|anrede)\b", re.IGNORECASE)
    shown = {(rule, bool(german.search(sentence))) for rule, sentence in OFFENCES}

    assert shown == {(rule.name, language) for rule in manners.RULES for language in (True, False)}


HARMLESS = [
    # threat
    "Do you have an issue of the catalogue?",
    "Is there a tennis court or a food court near you?",
    "Do you also publish customer reviews?",
    "Welche vegetarischen Gerichte haben Sie?",
    "Haben Sie auch in Klagenfurt geöffnet?",
    "Wohin kann man sich sonst wenden?",
    # deadline
    "Do you deliver within 3 days?",
    "Could you tell me whether you deliver by Friday?",
    "Please let me know how long one has to return an item within the country.",
    "Do you normally answer within a day?",
    "How late are you open today?",
    "Many thanks for your answer.",
    "Bitte teilen Sie mir mit, ob Sie innerhalb von 3 Tagen liefern.",
    "Sind die Artikel sofort lieferbar?",
    "Bis wann kann man Ware zurückgeben?",
    "Welche Frist gilt für Rückgaben?",
    "Ich hätte gern eine Auskunft zu Lieferungen innerhalb Deutschlands.",
    "Antworten Sie normalerweise innerhalb von 2 Tagen?",
    "Über eine Antwort freue ich mich.",
    "Haben Sie morgen geöffnet?",
    "Sagt mir bitte, ob ihr innerhalb von 3 Tagen liefert.",
    # law
    "Is there an art gallery on 3 floors?",
    "Wie finde ich die Artikelnummer 15?",
    "Haben Sie an gesetzlichen Feiertagen geöffnet?",
    "Are you open on public holidays?",
    "Do you also deliver to law firms?",
    "Wie lange gilt das Widerrufsrecht?",
    # selling
    "Do you offer gift wrapping?",
    "Which of your products are in stock?",
    "Bieten Sie auch Gutscheine an?",
    "Was kosten Ihre Produkte?",
    "Gibt es Partnerwerkstätten?",
    # link
    "Do you open at 9.30, e.g. on Saturdays, or at 10.00?",
    "Geht das z.B. auch am Samstag, d.h. ab 9.30 Uhr?",
    "Gilt das u.a. für Möbel und/oder Lampen?",
    # order
    "How can one order by phone?",
    "If I order today, when does it arrive?",
    "Is it possible to order in the shop?",
    "Please send me your opening hours.",
    "Ich möchte gern wissen, ob man telefonisch bestellen kann.",
    "Wie lange dauert es, wenn ich heute bestelle?",
    "Was passiert, wenn ich bestelle und nicht da bin?",
    "Schicken Sie mir bitte eine Liste der Länder.",
    "Schickt mir gern eine Liste der Länder.",
    "Ist eine Bestellung auch ohne Konto möglich?",
    # complaint
    "What happens if something arrives broken or is damaged on the way?",
    "Nothing is broken, I just wonder about repairs.",
    "Was passiert, wenn ein Paket beschädigt ist?",
    "Es ist nichts kaputt, ich frage nur allgemein.",
    "Sollte etwas nicht angekommen sein, wer hilft dann?",
    "Do you work on Saturdays?",
    # customer
    "Does one need a customer account to order?",
    "My reference is k7f3.",
    "How long does a delivery take?",
    "If I have bought something, how long can it be returned?",
    "Braucht man ein Kundenkonto?",
    "Wie lange dauert eine Lieferung an Kunden?",
    "Mein Zeichen ist k7f3.",
    "Wie lange kann man es zurückgeben, wenn man es bei Ihnen gekauft hat?",
    "Kann man auf Rechnung bezahlen?",
    # persona
    "Can somebody in a wheelchair get in?",
    "Are there toys for children?",
    "Kommt man mit einem Rollstuhl hinein?",
    "Gibt es etwas für Kinder und Freunde?",
    "Meine Frage betrifft die Öffnungszeiten.",
    # leftover
    "Do you have size XL or XXL?",
    "Geht das auch (oder nur online)?",
]


@pytest.mark.parametrize("sentence", HARMLESS)
def test_a_harmless_look_alike_is_left_alone(sentence: str) -> None:
    assert rules(f"Guten Tag,\n\n{sentence}\n\nKim Doe") == set()


def test_customers_may_speak_of_their_account_but_not_of_lawyers() -> None:
    assert rules("How do I change my customer account?") == {"customer"}
    assert rules("How do I change my customer account?", customer=True) == set()
    assert rules("My customer account says: ask my lawyer.", customer=True) == {"threat"}


def test_no_way_of_typing_hides_a_word() -> None:
    assert rules("Nach der DSGVO") == rules("nach der dsgvo") == {"law"}
    assert rules("Please answer\nwithin\n24 hours") == {"deadline"}
    assert rules("Ich bin enttäuscht") == {"complaint"}  # a and diaeresis as two characters
    assert rules("It hasn\N{RIGHT SINGLE QUOTATION MARK}t arrived.") == {"complaint"}
    assert rules("ÖFFENTLICHKEIT: AN DIE ÖFFENTLICHKEIT") == {"threat"}
    assert rules("\N{FULLWIDTH LATIN SMALL LETTER G}dpr") == {"law"}  # fullwidth g


def test_a_condition_in_one_sentence_excuses_nothing_in_the_next() -> None:
    assert rules("What if it rains? The lamp is broken. If not, fine.") == {"complaint"}


def test_subject_and_follow_up_are_judged_too() -> None:
    wording = Wording(
        variants=(Variant(subject="Urgent request {reference}", body="When? {name}"),),
        expects=("x",),
        follow_up="My lawyer asks. {name}",
    )

    found = list(manners.offences(Probe(name="p", wordings={"en": wording})))

    assert [(offence.path, offence.rule) for offence in found] == [
        (("en", "follow_up"), "threat"),
        (("en", "variant", 0, "subject"), "deadline"),
    ]


def test_an_offence_names_place_rule_and_words_and_says_what_to_do() -> None:
    assert probe.lint(one("Please Answer within 24 hours. {name}")) == [
        'p: en.variant[1].body: deadline: "Answer within 24": leave the time to the company; it is what is measured'
    ]


def test_long_offending_words_are_cut() -> None:
    (offence,) = manners.offences(one("See https://shop.example/" + "a" * 100))

    assert len(offence.words) == manners.SHOWN_MAX
    assert offence.words.endswith("…")


def test_a_probe_without_manners_is_not_sent() -> None:
    probe.require_manners(one("When do you open?"))
    with pytest.raises(ConfigError, match='deadline: "Answer me today"'):
        probe.require_manners(one("Answer me today!"))


@given(st.text(max_size=300))
def test_any_text_can_be_judged(text: str) -> None:
    for offence in manners.offences(one(text)):
        assert offence.words


# --- reading ---


def test_a_probe_is_read_as_written(tmp_path: Path) -> None:
    assert probe.load(write(tmp_path, GOOD)) == Probe(
        name="delivery",
        tags=("shop",),
        customer=False,
        wordings={
            "en": Wording(
                variants=(Variant(subject="Delivery times ({reference})", body="How long does delivery take? {name}"),),
                expects=("delivery time in days",),
                follow_up="In general, please. {name}",
            )
        },
    )


def test_the_users_own_file_of_the_same_name_counts(tmp_path: Path) -> None:
    own, bundled = tmp_path / "own", tmp_path / "bundled"
    write(own, GOOD.replace("shop", "mine"))
    write(bundled, GOOD)
    write(bundled, GOOD, "other.toml")

    probes = probe.load_all([own, bundled, tmp_path / "missing"])

    assert {name: one.tags for name, one in probes.items()} == {"delivery": ("mine",), "other": ("shop",)}
    assert probe.names([own, bundled]) == ["delivery", "other"]


def test_a_hidden_bundled_file_is_not_even_read(tmp_path: Path) -> None:
    write(tmp_path / "own", GOOD)
    write(tmp_path / "bundled", "not TOML at all")

    assert list(probe.load_all([tmp_path / "own", tmp_path / "bundled"])) == ["delivery"]


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, GOOD.replace('tags = ["shop"]', 'tag = ["shop"]'), "a.toml")
    second = write(tmp_path, GOOD.replace("How long", "My lawyer asks how long"), "b.toml")

    with pytest.raises(ConfigError) as caught:
        probe.load_all([tmp_path])

    assert caught.value.problems == (
        f'{first}:1: there is no key "tag": did you mean "tags"?',
        f'{second}:9: en.variant[1].body: threat: "lawyer": ask only; announce nothing',
    )


def test_reading_without_judging_finds_mistakes_only(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("How long", "My lawyer asks how long"))

    assert list(probe.load_all([tmp_path], judge=False)) == ["delivery"]


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("[en]\n", "[fr]\nx = 1\n[en]\n", '3: there is no key "fr"; write "customer", "de", "en" or "tags"'),
        ('tags = ["shop"]', "customer = 1", '1: customer: "1" is neither true nor false; write it without quotes'),
        ('["shop"]', '"shop"', '1: tags: "shop" is no list; write ["…", "…"]'),
        ('["shop"]', '["shop", 3]', '1: tags[2]: "3" is no text; write it in quotes or leave it out'),
        ("expects", "expect", '4: en: there is no key "expect": did you mean "expects"?'),
        (
            'expects = ["delivery time in days"]\n',
            "",
            '3: en.expects: is missing; list what a complete answer holds: ["delivery time in days"]',
        ),
        (
            'follow_up = "In general, please. {name}"\n',
            "",
            "3: en.follow_up: is missing; write it as a text in quotes",
        ),
        ('"In general, please. {name}"', '" "', '5: en.follow_up: " " is no text; write at least a sentence in quotes'),
        ("[[en.variant]]", "[[en.wording]]", "3: en.variant: is missing; write each wording under [[en.variant]]"),
        ("body =", "text =", "7: en.variant[1].body: is missing; write it as a text in quotes"),
        ("body =", "bdy =", '9: en.variant[1]: there is no key "bdy": did you mean "body"?'),
        (
            '"Delivery times ({reference})"',
            '"Delivery times"',
            '8: en.variant[1].subject: "Delivery times" must hold "{reference}" exactly once: ' + KNOWN_BY,
        ),
        (
            '"Delivery times ({reference})"',
            '"{reference} {reference}"',
            '8: en.variant[1].subject: "{reference} {reference}" must hold "{reference}" exactly once: ' + KNOWN_BY,
        ),
        (
            '"Delivery times ({reference})"',
            '"Delivery\\ntimes ({reference})"',
            '8: en.variant[1].subject: "Delivery\\ntimes ({reference})" is more than one line; write it on one',
        ),
        (
            "take? {name}",
            "take? {nane}",
            '9: en.variant[1].body: "{nane}" is not filled in here; write "{company}" or "{name}"',
        ),
        (
            "take? {name}",
            "take? {reference}",
            '9: en.variant[1].body: "{reference}" is not filled in here; write "{company}" or "{name}"',
        ),
        (
            "take? {name}",
            "take? {name",
            '9: en.variant[1].body: "{" is not filled in here; write "{company}" or "{name}"',
        ),
    ],
)
def test_a_mistake_is_shown_on_its_line(tmp_path: Path, written: str, instead: str, expected: str) -> None:
    assert written in GOOD

    assert expected in mistakes(tmp_path, GOOD.replace(written, instead))


def test_a_file_without_any_language_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, 'tags = ["shop"]\n') == [
        '1: there is no "de" and no "en"; write at least one of them as a table, [en]'
    ]


def test_values_that_should_be_tables_are_named(tmp_path: Path) -> None:
    assert mistakes(tmp_path, 'en = "hello"\n') == ['1: en: "hello" is no table; write [en] on a line of its own']
    assert mistakes(tmp_path, '[en]\nexpects = ["x"]\nfollow_up = "y"\nvariant = ["hello"]\n') == [
        '4: en.variant[1]: "hello" is no table; give it a subject and a body'
    ]


def test_a_file_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD, "Delivery Time.toml") == [
        '1: "Delivery Time" is no name for a probe; name the file like "delivery-time.toml"'
    ]


# --- what is said in every matter ---

REPLIES = SHIPPED / "replies"


def test_thanks_and_the_customer_number_are_worded_in_both_languages() -> None:
    found = probe.load_courtesies([REPLIES])

    assert set(found) == set(LANGS)
    for each in found.values():
        assert len(each.thanks) >= 3
        assert len(each.customer_number) >= 2
        for text in (*each.thanks, *each.customer_number):
            assert text.endswith("{name}")
            assert "?" not in text  # whoever is asked something has to write once more


def test_replies_are_no_probes() -> None:
    assert not {"de", "en", "replies"} & set(PROBES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('thanks = ["Answer me by Friday. {name}"]', 'thanks[1]: deadline: "Answer me by Friday"'),
        ('thanks = ["My last order is fine. {name}"]', 'thanks[1]: customer: "My last order"'),
        ('thanks = ["Thanks, {customer_number}"]', 'thanks[1]: "{customer_number}" is not filled in here'),
        ('customer_number = ["It is 4711."]', 'customer_number[1]: "It is 4711." does not say it'),
        ('customer_number = "no list"', "customer_number: "),
        ("thank = []", "thank"),
    ],
)
def test_what_is_said_in_every_matter_has_manners_too(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text, "en.toml")

    with pytest.raises(ConfigError) as caught:
        probe.load_courtesies([tmp_path])

    assert any(said in line and line.startswith(str(path)) for line in caught.value.problems), caught.value.problems


def test_a_file_of_replies_is_named_after_its_language(tmp_path: Path) -> None:
    write(tmp_path, "thanks = []", "common.toml")

    with pytest.raises(ConfigError, match='"common" is no language here; name the file "de" or "en"'):
        probe.load_courtesies([tmp_path])


def test_the_users_own_replies_come_first(tmp_path: Path) -> None:
    write(tmp_path, 'thanks = ["Ta. {name}"]', "en.toml")

    found = probe.load_courtesies([tmp_path, REPLIES])

    assert found["en"].thanks == ("Ta. {name}",)
    assert found["de"].thanks


@pytest.mark.parametrize(("customer", "allowed"), [("customer = true\n", True), ("", False)])
def test_only_a_customer_can_name_a_number(tmp_path: Path, customer: str, allowed: bool) -> None:
    text = customer + GOOD.replace('"In general, please. {name}"', '"It is {customer_number}. {name}"')

    if allowed:
        assert probe.load(write(tmp_path, text)).customer
    else:
        assert any('"{customer_number}" is not filled in here' in line for line in mistakes(tmp_path, text))
