"""What the companies of the practice range write: every letter is whole, to the point, and read as what it is."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from itertools import product
from typing import Any

import pytest

from slawatch import classify, plan
from slawatch.mail.compose import compose
from slawatch.mail.parse import facts
from slawatch.model import Classification, Facts, MessageKind, Text
from slawatch.practice.companies import COMPANIES, PracticeCompany
from slawatch.practice.letters import ANSWER, BOUNCE, Asked
from slawatch.practice.post import stamp
from slawatch.testing import BEFORE_SUMMER_TIME
from tests.practice.far_side import letters, probes

AT = BEFORE_SUMMER_TIME
TEXTS: dict[str, Any] = tomllib.loads(files("slawatch.practice").joinpath("letters.toml").read_text("utf-8"))
ASKED_OF_ANYONE = sorted(name for name, probe in probes().items() if not probe.customer)
KINDS = {
    "answer": MessageKind.ANSWER,
    "receipt": MessageKind.ACKNOWLEDGEMENT,
    "receipt-without-marks": MessageKind.ACKNOWLEDGEMENT,
    "up-to-three-days": MessageKind.ACKNOWLEDGEMENT,
    "interim": MessageKind.INTERIM,
    "question": MessageKind.QUESTION,
    "handoff": MessageKind.HANDOFF,
    "out-of-office": MessageKind.OUT_OF_OFFICE,
    "bounce": MessageKind.BOUNCE,
}
WRITERS = sorted(
    ((company, step.letter, step.median) for company in COMPANIES for step in company.steps),
    key=lambda writer: (writer[1], writer[0].key),
)


class Dice(random.Random):
    """Dice whose first choices are said beforehand; what else they throw is thrown as ever."""

    def __init__(self, *choices: int, seed: int = 1) -> None:
        super().__init__(seed)
        self._choices = list(choices)

    def choice(self, seq: Any) -> Any:
        return seq[self._choices.pop(0)] if self._choices else super().choice(seq)


@pytest.fixture(autouse=True)
def nothing_written_yet() -> None:
    letters().begin()


def question(company: PracticeCompany, probe: str, variant: int) -> tuple[Text, Asked]:
    """Return the letter as it reaches the company."""
    text = plan.word(
        probes()[probe],
        company.lang,
        variant,
        company=company.name,
        name="Robin Marten",
        reference="7hmek3f3abcd",
    )
    raw = compose(
        sender="robin+7hmek3f3abcd@practice.example",
        name="Robin Marten",
        recipient=company.address,
        subject=text.subject,
        body=text.body,
        message_id="abc@practice.example",
        written_at=AT,
        lang=company.lang,
    )
    return text, Asked.read(raw)


def read(
    company: PracticeCompany, letter: str, asked: Asked, text: Text, dice: random.Random, after: timedelta
) -> tuple[Facts, Classification]:
    """Return what slawatch makes of the company's letter when it has been delivered."""
    sender, raw = letters().write(company, letter, asked, at=AT + after, dice=dice)
    found = facts(stamp(raw, asked.reply_to, f"mail.{company.domain}", sender, AT + after))
    kind = classify.classify(found, asked=text, seconds_after=after.total_seconds(), target=company.address)
    return found, kind


def variants(lang: str) -> Iterator[tuple[str, int]]:
    for name in ASKED_OF_ANYONE:
        for variant in range(len(probes()[name].wordings[lang].variants)):
            yield name, variant


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", sorted(probes()))
def test_a_company_sees_what_it_is_asked_from_every_wording(name: str, lang: str) -> None:
    probe = probes()[name]
    for variant in range(len(probe.wordings[lang].variants)):
        text = plan.word(probe, lang, variant, company="Waldhaus Möbel", name="Robin Marten", reference="7hmek3f3abcd")

        assert letters().topic(text.body) == name, text.body


def test_a_letter_about_nothing_they_know_gets_the_answer_for_all_cases() -> None:
    assert letters().topic("???") == ""


@pytest.mark.parametrize("lang", ["de", "en"])
def test_they_have_an_answer_of_their_own_to_every_probe_that_anyone_can_ask(lang: str) -> None:
    assert set(ASKED_OF_ANYONE) <= set(TEXTS[lang][ANSWER])


def test_every_text_is_written_by_some_company() -> None:
    written = {(company.lang, letter) for company, letter, _ in WRITERS}
    answers = {("de", ANSWER), ("en", ANSWER)}

    there = {
        (lang, letter) for lang in ("de", "en") for letter, text in TEXTS[lang].items() if isinstance(text, dict | list)
    }

    assert written - {("de", BOUNCE)} == there
    assert answers <= written


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", ASKED_OF_ANYONE)
def test_each_answer_with_each_opening_and_close_is_read_as_an_answer(name: str, lang: str) -> None:
    company, median = next((c, m) for c, letter, m in WRITERS if letter == ANSWER and c.lang == lang)
    texts = TEXTS[lang][ANSWER]
    text, asked = question(company, name, 0)
    choices = product(*(range(len(some)) for some in (texts["openings"], texts[name], texts["closings"])))

    for opening, core, close in choices:
        letters().begin()
        found, kind = read(company, ANSWER, asked, text, Dice(opening, core, close), median)

        assert kind.kind is MessageKind.ANSWER, found.text
        assert texts[name][core].strip() in found.text
        # What is shown as the reason is no thanks and no "gern beantworte ich Ihre Frage". Quotations are shown as "…".
        said = kind.because[0].saw.partition("…")[0]
        assert said in " ".join(texts[name][core].split()), kind.because
        assert "{" not in found.text + found.subject
        assert max(text.body.splitlines(), key=len) not in found.text, "what they quote is not what they wrote"


@pytest.mark.parametrize(
    ("company", "letter", "median"), WRITERS, ids=[f"{company.key}-{letter}" for company, letter, _ in WRITERS]
)
def test_whatever_was_asked_each_letter_is_read_as_what_it_is(
    company: PracticeCompany, letter: str, median: timedelta
) -> None:
    for number, (name, variant) in enumerate(variants(company.lang)):
        text, asked = question(company, name, variant)

        found, kind = read(company, letter, asked, text, Dice(seed=number), median)

        assert kind.kind is KINDS[letter], f"{name}: {found.text}"
        assert "{" not in found.text + found.subject
        if letter != BOUNCE:
            assert found.sender == company.address
            assert bool(found.cited_ids) is company.threads
            assert company.name in found.sender_name or company.agent in found.sender_name


def test_a_bounce_names_our_letter_and_comes_from_nobody() -> None:
    company = next(company for company, letter, _ in WRITERS if letter == BOUNCE)
    text, asked = question(company, "languages", 0)

    sender, _ = letters().write(company, BOUNCE, asked, at=AT, dice=Dice())
    found, _ = read(company, BOUNCE, asked, text, Dice(), timedelta(seconds=20))

    assert sender == ""
    assert [(report.action, report.status, report.recipient) for report in found.reports] == [
        ("failed", "5.1.1", company.address)
    ]
    assert found.embedded_ids == ("abc@practice.example",)


def test_a_company_whose_software_starts_new_threads_cites_nothing() -> None:
    company = next(company for company in COMPANIES if not company.threads)
    text, asked = question(company, "languages", 0)

    found, _ = read(company, ANSWER, asked, text, Dice(), timedelta(hours=1))

    assert found.cited_ids == ()
    assert found.quoted == ""
    assert asked.subject not in found.subject
    assert found.delivered_to == ("robin+7hmek3f3abcd@practice.example",)


def test_a_ticket_number_stands_in_the_subject_of_those_who_keep_tickets() -> None:
    company = next(company for company in COMPANIES if company.key == "fenwick-lamps")
    text, asked = question(company, "languages", 0)

    found, _ = read(company, ANSWER, asked, text, Dice(), timedelta(hours=1))

    assert found.subject.startswith("Re: [Case ")
    assert found.subject.endswith(asked.subject)


def test_the_same_dice_give_the_same_letter() -> None:
    company = COMPANIES[0]
    _, asked = question(company, "languages", 0)

    first = letters().write(company, ANSWER, asked, at=AT, dice=Dice(seed=7))
    other = letters().write(company, ANSWER, asked, at=AT, dice=Dice(seed=7))
    letters().begin()
    second = letters().write(company, ANSWER, asked, at=AT, dice=Dice(seed=7))

    assert first == second
    assert first[1].partition(b"\r\n\r\n")[2] != other[1].partition(b"\r\n\r\n")[2], "no person sends one text twice"
