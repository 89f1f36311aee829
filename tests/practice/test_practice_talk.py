"""What companies of the practice range say in chats: the same from the same seed, in order, each in its manner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from slawatch import classify
from slawatch.model import Author, Facts, MessageKind, Text
from slawatch.practice.companies import COMPANIES
from slawatch.practice.talk import ANSWER, CHATS, ROBOTS, ChatCompany, Line, Talk
from slawatch.testing import FakeClock
from tests.practice.far_side import UNTIL, letters
from tests.servers.local import eventually

ALL = {one.key: one for one in CHATS}
ASKED = "Hello, how long does delivery usually take, and is there a tracking number?"
GEFRAGT = "Hallo, wie lange dauert die Lieferung, und gibt es eine Sendungsnummer?"


def talk(seed: str = "test", say: Callable[[Line], None] = print) -> Talk:
    return Talk(FakeClock(UNTIL), letters(), seed, say)


def said(company: ChatCompany, *, seed: str = "test", times: int = 1) -> list[Line]:
    here = talk(seed)
    question = GEFRAGT if company.company.lang == "de" else ASKED
    return [line for visit in range(times) for line in here.lines(company, f"visit {visit}", question, UNTIL)]


def test_the_companies_that_chat_are_companies_of_the_range() -> None:
    assert set(ALL) <= {one.key for one in COMPANIES}
    assert {one.way for one in CHATS} == {"window", "xmpp"}


@pytest.mark.parametrize("key", sorted(ALL))
def test_the_same_seed_says_the_same_and_another_does_not(key: str) -> None:
    company = ALL[key]

    assert said(company, times=5) == said(company, times=5)
    if company.steps:
        assert said(company, times=5) != said(company, seed="other", times=5)


@pytest.mark.parametrize("key", sorted(ALL))
def test_what_a_company_says_it_says_in_the_order_of_its_manner(key: str) -> None:
    for visit in range(20):
        lines = said(ALL[key], seed=f"{visit}")

        assert [line.sort for line in lines] == [step.letter for step in ALL[key].steps][: len(lines)]
        assert all(line.at > UNTIL for line in lines)
        assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_nobody_says_anything_where_nobody_is() -> None:
    assert said(ALL["silent-sofa"]) == []
    assert not ALL["silent-sofa"].open


def test_answers_are_about_what_was_asked() -> None:
    lines = [line for line in said(ALL["fenwick-lamps"], times=20) if line.sort == ANSWER]

    assert all("days" in line.words or "shipping" in line.words.lower() for line in lines)


def test_people_vary_their_words_and_robots_do_not() -> None:
    people = Counter(line.words for line in said(ALL["fenwick-lamps"], times=10))
    robots = Counter(line.words for line in said(ALL["grand-atlas-hotels"], times=10))

    assert max(people.values()) == 1
    assert max(robots.values()) > 1


@pytest.mark.parametrize("key", sorted(ALL))
def test_no_robot_of_the_range_is_taken_for_a_person_and_every_answer_for_one(key: str) -> None:
    company = ALL[key]
    lang = company.company.lang
    asked = Text(probe="delivery-time", lang=lang, variant=0, subject="", body=GEFRAGT if lang == "de" else ASKED)
    for line in said(company, times=10):
        author = Author.BOT if line.sort in ROBOTS else Author.AGENT
        facts = Facts(platform="webchat", chat=company.key, author=author, author_by="vendor-field: x", text=line.words)
        if line.by == "system":
            continue

        kind = classify.classify(facts, asked=asked, seconds_after=(line.at - UNTIL) / timedelta(seconds=1)).kind

        assert kind.by_person is (line.sort not in ROBOTS), line
        if line.sort == "handoff":
            assert kind is MessageKind.HANDOFF, line
        elif line.sort not in ROBOTS:
            assert (kind is MessageKind.ANSWER) is (line.sort == ANSWER), line


def test_what_is_due_is_said_and_nothing_twice() -> None:
    clock = FakeClock(UNTIL)
    heard: list[Line] = []
    with Talk(clock, letters(), "test", heard.append) as here:
        here.heard(ALL["fenwick-lamps"], "visit", ASKED)
        clock.forward(timedelta(hours=1))
        eventually(lambda: heard, what="a line")

    assert len(heard) == 1
