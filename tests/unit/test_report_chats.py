"""The report of chats: who was reached, who spoke, by which clock, what it looked like, and what is not shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from slawatch.model import (
    Author,
    MessageKind,
    Moment,
    MomentKind,
    Origin,
    Strength,
    Verdict,
    VoidReason,
    Writer,
    WrittenBy,
)
from slawatch.report import render
from slawatch.report.book import Book, Entry, Group
from slawatch.report.build import build
from slawatch.report.model import Case, Kept, Mark
from slawatch.report.transcript import ALIKE_MAX
from tests.chat_sample import (
    AGENT,
    BOT,
    GREETING,
    PAGE,
    PERSONA,
    QUESTION,
    SECOND,
    START,
    chat,
    held,
    hostile_chat,
    in_chats,
    kept,
    line,
    refused,
    robot_first,
    silent_robot,
    steps,
)
from tests.report_sample import DAY, case, four_weeks, material, request
from tests.unit.test_report_render import Page

ANSWER = "Three to four working days."


@pytest.fixture(scope="module")
def book() -> Book:
    return build(in_chats())


@pytest.fixture(scope="module")
def source(book: Book) -> str:
    return render.html(book)


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


@pytest.fixture(scope="module")
def text(book: Book) -> str:
    return " ".join(render.text(book).split())


def of(*cases: Case, **changes: Any) -> Book:
    return build(material(cases, **changes))


def only(book: Book) -> Group:
    (group,) = book.groups
    return group


def group_of(book: Book, company: str, way: str) -> Group:
    return next(one for one in book.groups if one.company and (one.company.key, one.channel) == (company, way))


def entry(book: Book, public_id: str) -> Entry:
    return next(one for one in book.entries if one.request.public_id == public_id)


def said(book: Book) -> str:
    """Return the report's words as a reader has them."""
    return Page(render.html(book)).words


def answered(number: int, seconds: float = 40, *told: Moment, **changes: Any) -> Case:
    asked = chat(number, "lindqvist", START + number * DAY / 10, **changes)
    return held(asked, ((line(number, asked, MessageKind.ANSWER, seconds), ANSWER, AGENT),), told)


def shut(number: int, why: VoidReason) -> Case:
    return held(refused(number, "lindqvist", START + number * DAY / 10, why, "so it said"))


class TestWays:
    def test_what_went_over_a_bridge_or_by_hand_is_reported_under_its_own_name(self, book: Book) -> None:
        ways = [(one.company.key, one.channel, one.over) for one in book.groups if one.company]

        assert ways == [
            ("lindqvist", "phone", ("manual",)),
            ("lindqvist", "webchat", ()),
            ("lindqvist", "whatsapp", ("matrix",)),
            ("moss", "threema", ("manual",)),
            ("moss", "webchat", ()),
        ]

    def test_beside_its_name_stands_what_only_led_there(self, page: Page, text: str) -> None:
        for shown in (page.words, text):
            assert "Lindqvist Lamps" in shown
            assert "WhatsApp, over Matrix" in shown
            assert "phone, by hand" in shown
            assert "website chat" in shown

    def test_a_network_without_words_of_its_own_is_written_like_a_name(self, text: str) -> None:
        assert "Moss & Fern Nursery by Threema, by hand" in text

    def test_data_gives_the_network_as_the_channel(self, book: Book) -> None:
        groups = render.data(book)["groups"]

        found = [(one["company"], one["channel"], one["over"]) for one in groups if one["company"] != "*"]
        assert ("lindqvist", "whatsapp", ["matrix"]) in found
        assert ("lindqvist", "phone", ["manual"]) in found


class TestReachability:
    def test_what_led_to_nobody_is_no_miss_and_what_we_broke_is_in_no_count(self) -> None:
        book = of(
            answered(1),
            answered(2),
            shut(3, VoidReason.OFFLINE),
            shut(4, VoidReason.CAPTCHA),
            shut(5, VoidReason.RECIPE_BROKEN),
            shut(6, VoidReason.PROBE_ERROR),
            shut(7, VoidReason.REFUSED),
        )
        group = only(book)
        reach = group.chats.reach

        assert reach is not None
        assert (reach.tried, reach.reached, group.n, group.missed) == (4, 2, 2, 0)
        assert dict(reach.why_not) == {VoidReason.OFFLINE: 1, VoidReason.CAPTCHA: 1}
        assert dict(reach.ours) == {VoidReason.RECIPE_BROKEN: 1, VoidReason.PROBE_ERROR: 1}

    @pytest.mark.parametrize("why", [one for one in VoidReason if one.theirs])
    def test_each_reason_that_is_theirs_counts_as_advertised_but_not_reachable(self, why: VoidReason) -> None:
        reach = only(of(answered(1), shut(2, why))).chats.reach

        assert reach is not None
        assert (reach.tried, reach.reached, dict(reach.why_not)) == (2, 1, {why: 1})

    def test_it_is_said_with_its_interval_and_its_reasons(self) -> None:
        cases = [*(answered(number) for number in range(1, 10)), *(shut(10 + n, VoidReason.OFFLINE) for n in range(3))]
        words = said(of(*cases, shut(20, VoidReason.PROBE_ERROR)))

        # Wilson for 9 of 12: 46.8 % to 91.1 %, rounded outwards.
        assert (
            "9 of 12 tries led to somebody, or something, that took the question; "
            "with 95 % confidence 46 % to 92 % do; "
            "3 were advertised but not reachable: nobody was there (3); "
            "1 more failed by our own means and counts nowhere: our own program failed (1)"
        ) in words

    def test_where_all_failed_by_our_own_means_nothing_is_said_of_them(self) -> None:
        words = said(of(shut(1, VoidReason.RECIPE_BROKEN)))

        assert "nothing can be said: 1 try failed by our own means (our own steps did not fit the page (1))" in words
        assert "with 95 % confidence" not in words.partition("The figures")[0].partition("Beside the waits")[2]

    def test_that_we_could_not_see_the_answer_says_nothing_against_the_way_there(self) -> None:
        asked = chat(1, "lindqvist", START, void_reason=VoidReason.NOT_OBSERVED)
        reach = only(of(held(asked))).chats.reach

        assert reach is not None
        assert (reach.tried, reach.reached) == (1, 1)

    def test_what_came_back_undelivered_is_in_neither_count(self, book: Book) -> None:
        reach = group_of(book, "lindqvist", "whatsapp").chats.reach

        assert entry(book, "R-0011").outcome.void_reason is VoidReason.BOUNCED
        assert reach is not None
        assert (reach.tried, reach.reached) == (2, 2)

    def test_letters_speak_of_none_of_this(self) -> None:
        book = build(four_weeks(per_company=2))
        shown = render.html(book)

        assert book.chat_groups == ()
        assert all(not one.chats.anything for one in (*book.groups, *book.channels))
        for word in ("Reachability", "Chats:", "CAPTCHA", "Told again", "AI Act", "img-src", "Pictures are"):
            assert word not in shown

    def test_a_letter_box_is_not_said_to_be_reached(self) -> None:
        posted = request(1, "lindqvist", START, channel="manual", network="letter", origin=Origin.RECORDED)

        assert only(of(case(posted))).chats.reach is None

    def test_every_new_reason_has_its_line_outside_the_count(self, page: Page, text: str) -> None:
        for reason in ("nobody was there", "a puzzle for people only (CAPTCHA)", "our own steps did not fit the page"):
            assert f"{reason}: Lindqvist Lamps 1" in page.words
            assert f"void: {reason}: Lindqvist Lamps 1" in text
        assert "no chat on the page that names one: Moss & Fern Nursery 1" in page.words
        assert "counted as reachability, above" in page.words


class TestTakingUp:
    def test_the_time_until_somebody_joins_runs_from_what_we_wrote(self) -> None:
        asked = chat(1, "lindqvist", START)
        told = steps(asked, (MomentKind.OPENED, -20), (MomentKind.SUBMITTED, 1), (MomentKind.AGENT_JOINED, 31))

        taken = only(of(held(asked, (), told))).chats.accepting

        assert taken is not None
        assert (taken.chats, taken.joined, taken.median) == (1, 1, 30 * SECOND)

    def test_where_nobody_can_write_before_somebody_joins_it_runs_from_the_queue(self) -> None:
        asked = chat(1, "lindqvist", START)
        told = steps(
            asked,
            (MomentKind.OPENED, -60),
            (MomentKind.QUEUED, -50, "place 4"),
            (MomentKind.AGENT_JOINED, -10),
            (MomentKind.SUBMITTED, 0),
        )

        taken = only(of(held(asked, (), told))).chats.accepting

        assert taken is not None
        assert (taken.median, taken.queued, taken.place) == (40 * SECOND, 1, 4)

    def test_a_queue_that_shows_no_place_has_none(self) -> None:
        asked = chat(1, "lindqvist", START)
        book = of(held(asked, (), steps(asked, (MomentKind.QUEUED, 1, "Please wait"))))
        taken = only(book).chats.accepting

        assert taken is not None
        assert (taken.queued, taken.place, taken.joined, taken.median) == (1, None, 0, None)
        assert "nobody was seen to join the one chat there was; 1 stood in a queue" in said(book)

    def test_it_is_said_in_words(self, text: str) -> None:
        assert (
            "Taken up: somebody was seen to join in 2 of 4 chats, half of the times within 26 s; "
            "2 stood in a queue, at most at place 3"
        ) in text


class TestMachines:
    def test_a_machine_that_said_so_before_a_person_answered_is_told_from_one_that_did_not(self, text: str) -> None:
        assert (
            "Machine first: a machine wrote before any person in 2 of 4 chats, half of the times within 1.3 s; "
            "in 1 of these 2 it said that it is a machine before any person wrote, in 1 not in words we recognise"
        ) in text

    @pytest.mark.parametrize(
        ("says", "words"),
        [
            (True, "it said that it is a machine before any person wrote"),
            (False, "it did not say, in words we recognise, that it is a machine"),
        ],
    )
    def test_of_a_single_one_it_is_said_plainly_and_without_blame(self, says: bool, words: str) -> None:
        asked = chat(1, "lindqvist", START)
        bot = line(1, asked, MessageKind.BOT, 2, says_machine=says)

        assert f"a machine wrote before any person in 1 of 1 chats, after 2 s; {words}" in said(
            of(held(asked, ((bot, "Hello!", BOT),)))
        )

    def test_what_a_machine_says_after_a_person_has_answered_comes_too_late(self) -> None:
        asked = chat(1, "lindqvist", START)
        lines = (
            (line(1, asked, MessageKind.BOT, 2, says_machine=False), "One moment!", BOT),
            (line(2, asked, MessageKind.ANSWER, 30), ANSWER, AGENT),
            (line(3, asked, MessageKind.BOT, 60, says_machine=True), "I am a bot. Was that of help?", BOT),
        )
        machines = only(of(held(asked, lines))).chats.machines

        assert machines is not None
        assert (machines.spoke, machines.said, machines.median) == (1, 0, 2 * SECOND)

    def test_a_machine_that_only_speaks_after_a_person_was_not_first(self) -> None:
        asked = chat(1, "lindqvist", START)
        lines = (
            (line(1, asked, MessageKind.ANSWER, 30), ANSWER, AGENT),
            (line(2, asked, MessageKind.BOT, 60, says_machine=False), "Was that of help?", BOT),
        )

        assert only(of(held(asked, lines))).chats.machines is None

    def test_who_said_so_in_the_greeting_need_not_say_it_again(self) -> None:
        found = silent_robot()
        machines = only(of(replace(found, greeted_as_machine=True))).chats.machines

        assert machines is not None
        assert (machines.spoke, machines.said) == (1, 1)

    def test_what_is_not_surely_of_this_chat_counts_for_no_machine(self) -> None:
        asked = chat(1, "lindqvist", START)
        weak = line(1, asked, MessageKind.BOT, 2, says_machine=True, strength=Strength.WEAK)

        assert only(of(held(asked, ((weak, "I am a bot", BOT),)))).chats.machines is None

    def test_the_law_is_named_with_what_we_cannot_see_and_nobody_is_accused(self, page: Page) -> None:
        words = page.words

        assert "Article 50 (1) of the EU’s AI Act asks that of such systems since 2 August 2026" in words
        assert "where we recognised none, something may have been said all the same" in words
        for accusing in ("violat", "breach", "illegal", "unlawful", "failed to", "pretend", "deceiv"):
            assert accusing not in words.lower()


class TestToldAgain:
    def test_it_is_counted_where_it_is_known(self, text: str) -> None:
        assert (
            "Told again: 2 matters were taken up again on this way after another; "
            "we had to tell everything again in 1 of 2"
        ) in text

    def test_that_it_is_not_known_is_said_and_counts_as_neither(self, text: str) -> None:
        assert (
            "Told again: 1 matter was taken up again on this way after another; "
            "whether we had to tell everything again is not known"
        ) in text

    def test_of_some_known_and_some_not_both_are_said(self) -> None:
        cases = [answered(number, continues=1, told_again=told) for number, told in ((2, True), (3, False), (4, None))]
        book = of(answered(1), *cases)

        assert (
            "3 matters were taken up again on this way after another; we had to tell everything again in 1 of 2; "
            "of 1 it is not known"
        ) in said(book)
        assert render.data(book)["groups"][0]["told_again"] == {"taken_up": 3, "known": 2, "told": 1}

    def test_what_was_derived_counts_before_what_was_noted(self) -> None:
        taken_up = replace(answered(2, continues=1, told_again=None), told_again=False)
        retold = only(of(answered(1), taken_up)).chats.retold

        assert retold is not None
        assert (retold.again, retold.known, retold.told) == (1, 1, 0)

    def test_a_request_links_to_the_one_whose_matter_it_takes_up(self, page: Page) -> None:
        words = page.words

        assert "Takes up, on another way, the matter of R-0003; had to tell everything again: yes." in words
        assert "the matter of R-0002; had to tell everything again: no." in words
        assert "the matter of R-0004; had to tell everything again: not known." in words
        assert "#R-0003" in [link["href"] for link in page.all("a")]

    def test_one_that_is_not_in_the_report_is_named_without_a_link(self) -> None:
        words = said(of(answered(2, continues=77, told_again=True)))

        assert "the matter of an earlier request; had to tell everything again: yes." in words


class TestTranscript:
    def test_steps_and_lines_stand_in_order_each_with_the_clock_it_is_by(self, book: Book) -> None:
        events = entry(book, "R-0001").timeline
        told = [one.what for one in events]

        assert all(one.at <= other.at for one, other in pairwise(events))
        assert told[:6] == [
            "moment-opened",
            "moment-ready",
            "moment-greeting",
            "moment-submitted",
            "began",
            "moment-accepted",
        ]
        assert told[-2:] == ["answer", "moment-closed"]
        assert {one.clock for one in events} == {"page", ""}
        assert [one.what for one in events if not one.clock] == ["began"]

    def test_what_we_asked_stands_where_it_appeared_and_once_only(self, book: Book) -> None:
        for public_id, where in (("R-0001", "moment-submitted"), ("R-0009", "began"), ("R-0004", "meant")):
            ours = [one for one in entry(book, public_id).timeline if one.excerpt == QUESTION]

            assert [(one.what, one.speaker) for one in ours] == [(where, "ourselves")]

    def test_what_could_not_be_asked_is_not_said_to_have_been(self, book: Book, page: Page) -> None:
        shut_out = [one.what for one in entry(book, "R-0004").timeline]

        assert shut_out == ["meant", "moment-opened", "moment-offline-form", "attempt-unreachable"]
        assert "We meant to ask" in page.words
        assert "The way led to nobody" in page.words

    def test_each_line_says_who_wrote_it_by_which_mark_and_why_it_is_taken_for_that(self, page: Page) -> None:
        words = page.words

        assert "Robot’s reply a machine after 1.8 s, page’s clock" in words
        assert "says that it is a machinemarked there as a machine’s (vendor-field: data-sender=bot). Why: " in words
        assert "does not say, in words we recognise, that it is a machine" in words
        assert "Answer a person after 52 s, page’s clock ends the wait for the first response and for the ans" in words
        assert "marked there as a person’s (vendor-field: data-sender=operator)" in words
        assert "Not yet known a person or a machine after 5 s" in words

    def test_a_step_before_the_wait_began_is_timed_back_from_it(self, page: Page) -> None:
        assert "The page was there 8.2 s before, page’s clock" in page.words
        assert "We asked page’s clock How long does delivery" in page.words  # neither before nor after

    @pytest.mark.parametrize(
        ("earlier", "later", "words"),
        [
            (0.0, 0.0, "server’s clock"),
            (0.05, 0.02, "server’s clock"),
            (0.0, 1.0, "server’s clock (up to 1 s later)"),
            (3.5, 0.0, "server’s clock (up to 3.5 s earlier)"),
            (1.0, 1.0, "server’s clock (± 1 s)"),
            (190.0, 1.0, "server’s clock (up to 3 min 10 s earlier or 1 s later)"),
        ],
    )
    def test_how_far_a_stamp_may_be_off_is_said_where_it_matters(
        self, earlier: float, later: float, words: str
    ) -> None:
        found = answered(1, 600)
        (came,) = found.replies
        stamps = replace(came.stamps, source="platform", earlier=earlier * SECOND, later=later * SECOND)
        shown = said(of(replace(found, replies=(replace(came, stamps=stamps),))))

        assert f"a person after 10 min, {words} ends the wait" in shown

    def test_what_was_seen_only_after_a_page_was_opened_again_says_how_much_earlier_it_may_have_come(
        self, page: Page
    ) -> None:
        assert "after 23 min, our own clock (up to 3 min 10 s earlier) ends the wait" in page.words

    def test_of_many_steps_alike_only_the_first_and_the_last_are_shown(self, book: Book, page: Page) -> None:
        parked = [one for one in entry(book, "R-0006").timeline if one.what in {"moment-parked", "moment-reopened"}]

        assert [(one.what, one.skipped) for one in parked] == [("moment-parked", 10), ("moment-reopened", 0)]
        assert "and 10 more such steps up to the next line" in page.words

    def test_a_few_steps_alike_are_all_shown(self) -> None:
        asked = chat(1, "lindqvist", START)
        told = steps(asked, *((MomentKind.TYPING, float(second)) for second in range(ALIKE_MAX)))
        (one,) = of(held(asked, (), told)).entries

        assert [event.what for event in one.timeline].count("moment-typing") == ALIKE_MAX

    def test_a_queue_is_shown_with_the_place_in_it(self, page: Page) -> None:
        assert "Put in a queue after 2.4 s, page’s clock You are number 3 in the queue" in page.words

    def test_what_a_person_noted_by_hand_is_no_notice_of_the_chat(self) -> None:
        asked = chat(1, "lindqvist", START, channel="manual", network="phone", origin=Origin.RECORDED)
        words = said(of(held(asked, (), steps(asked, (MomentKind.NOTICE, 3, "a friendly voice"), clock="local"))))

        assert "Our own note after 3 s, our own clock a friendly voice" in words
        assert "Notice of the chat" not in words

    def test_every_kind_of_step_has_its_words(self) -> None:
        asked = chat(1, "lindqvist", START)
        told = steps(asked, *((kind, float(number), "saw") for number, kind in enumerate(MomentKind)))

        assert "moment-" not in said(of(held(asked, (), told)))

    def test_from_where_on_nothing_could_be_seen_stands_there_and_the_wait_stays_open(self, book: Book) -> None:
        left = entry(book, "R-0013")

        assert left.timeline[-1].what == "moment-left"
        assert left.outcome.verdict is Verdict.PENDING
        assert left.outcome.first_response is not None
        assert (left.outcome.first_response.length, left.outcome.first_response.ended) == (65 * SECOND, False)


class TestPictures:
    def test_they_stand_in_the_page_at_their_steps_and_nothing_is_loaded(self, source: str, page: Page) -> None:
        pictures = page.all("img")

        assert len(pictures) == 5
        for one in pictures:
            assert one["src"].startswith("data:image/jpeg;base64,")
            assert (one["width"], one["height"], one["loading"]) == ("720", "450", "lazy")
        assert "http" not in re.sub(r"https://lindqvist\.example[^\"< ]*", "", source).replace("http-equiv", "")
        assert page.all("script", "link", "iframe") == []

    def test_the_policy_lets_pictures_in_only_where_there_are_some_and_only_from_the_page_itself(
        self, page: Page
    ) -> None:
        def policy(found: Page) -> list[str]:
            (one,) = [meta["content"] for meta in found.all("meta") if meta.get("http-equiv")]
            return [part for part in one.split("; ") if part.startswith("img-src")]

        assert policy(page) == ["img-src data:"]
        assert policy(Page(render.html(of(answered(1))))) == []

    def test_each_says_to_those_who_cannot_see_it_of_which_step_it_is(self, page: Page) -> None:
        alts = [one["alt"] for one in page.all("img")]

        assert "The page of the chat, at the step “First answer”" in alts
        assert alts.count("The page of the chat, at the step “The page was there”") == 3

    def test_the_picture_of_the_first_answer_stands_with_the_answer(self, book: Book) -> None:
        (answer,) = [one for one in entry(book, "R-0001").timeline if one.role]

        assert [one.moment for one in answer.sights] == [MomentKind.FIRST_ANSWER]

    def test_the_page_in_words_stands_below_the_picture_that_was_taken_with_it(self, book: Book) -> None:
        (asked,) = [one for one in entry(book, "R-0001").timeline if one.what == "moment-submitted"]
        (sight,) = asked.sights

        assert sight.picture is not None
        assert sight.words == PAGE.replace("Anna", "•••")

    def test_a_picture_of_no_step_stands_by_itself(self) -> None:
        asked = chat(1, "lindqvist", START)
        book = of(held(asked, (), (), kept(START + DAY / 2, MomentKind.CLOSED, "offline")))
        (one,) = book.entries

        assert one.timeline[-1].what == "sight"
        assert "What it looked like" in said(book)

    def test_one_that_is_left_out_is_counted_and_said_how_to_get_at(self) -> None:
        shots = kept(START, MomentKind.OPENED, "opened") + kept(START + SECOND, MomentKind.CLOSED, "offline")
        found = replace(robot_first(), exhibits=(shots[0], replace(shots[1], raw=None)))
        book = of(found)
        words = said(book)

        assert book.pictures == (1, 1)
        assert "1 picture or file is not in this page; slawatch explain R-0001 --out FOLDER writes it" in words
        assert "1 picture or file in all is kept and not in this page" in words

    def test_what_is_no_picture_or_is_one_with_a_script_is_left_out(self) -> None:
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        odd = tuple(
            Kept(moment=MomentKind.OPENED, at=START, media=media, raw=svg)
            for media in ("image/svg+xml", "image/jpeg", "application/pdf", "text/html")
        )
        shown = render.html(of(replace(robot_first(), exhibits=odd)))

        assert Page(shown).all("img", "script") == []
        assert "&lt;script&gt;alert(1)" in shown  # the last of them is text, and is shown as such
        assert of(replace(robot_first(), exhibits=odd)).pictures == (0, 3)

    def test_that_they_may_show_names_is_said_where_there_are_any(self, page: Page) -> None:
        warning = "They may show the name and the address that we gave"

        assert warning in page.words
        assert "make it with --no-pictures" in page.words
        assert warning not in said(of(answered(1)))


class TestWhatIsNobodysBusiness:
    def test_our_name_is_kept_out_of_greetings_lines_and_the_page_in_words(self, source: str, book: Book) -> None:
        assert "Anna" in GREETING
        for shown in (source, render.text(book), json.dumps(render.data(book))):
            assert "Anna" not in shown
            assert "Ms Example" not in shown
        assert "Hello •••! I am Lumi" in source

    def test_nobody_who_works_there_is_named_by_who_joined(self, source: str) -> None:
        assert "Somebody joined" in source
        assert "Jonas" not in source
        assert "Vogt" not in source

    def test_nor_where_their_name_is_written_like_no_name(self) -> None:
        asked = chat(1, "lindqvist", START)
        (one,) = of(held(asked, (), steps(asked, (MomentKind.AGENT_JOINED, 9, "jonas_v")))).entries

        assert [event.detail for event in one.timeline if event.what == "moment-agent-joined"] == [""]

    @pytest.mark.parametrize("who", ["@anna:shop.example", "anna@shop.example/desk", "@whatsapp_49301234:hs.example"])
    def test_nobody_who_works_there_is_named_by_who_closed_it(self, who: str) -> None:
        asked = chat(1, "lindqvist", START)
        (one,) = of(held(asked, (), steps(asked, (MomentKind.CLOSED, 9, f"{who} took us out")))).entries

        assert one.timeline[-1].detail == "••• took us out"

    def test_no_number_or_id_of_whoever_wrote_is_shown(self) -> None:
        asked = chat(1, "lindqvist", START, channel="matrix", network="whatsapp")
        theirs = line(1, asked, MessageKind.ANSWER, 9, sender="matrix:@whatsapp_4930123:hs.example")

        book = of(held(asked, ((theirs, ANSWER, AGENT),)))

        assert {event.sender for event in book.entries[0].timeline} == {""}
        assert "4930123" not in render.html(book)

    @pytest.mark.parametrize("where", ["saw", "words", "text", "mark"])
    def test_no_token_or_key_of_a_chat_gets_through(self, where: str) -> None:
        asked = chat(1, "lindqvist", START)
        secret = f"{asked.token.upper()} and {asked.message_id}"
        told = steps(asked, (MomentKind.NOTICE, 3, secret if where == "saw" else "…"))
        shot = kept(START, MomentKind.SUBMITTED, words=secret if where == "words" else "…")
        answer = line(1, asked, MessageKind.ANSWER, 9)
        mark = Mark(Author.AGENT, secret if where == "mark" else "vendor-field: x")
        found = held(asked, ((answer, secret if where == "text" else ANSWER, mark),), told, shot)
        shown = render.html(of(found)).lower()

        assert asked.token not in shown
        assert asked.message_id not in shown
        assert "•••" in shown

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("Hello Anna Example!", "Hello •••!"),
            ("hello anna  example", "hello •••"),
            ("Dear Ms EXAMPLE, dear Anna", "Dear Ms •••, dear •••"),
            ("for example, an annals of it", "for example, an annals of it"),
            ("we wrote to anna@example.org.", "we wrote to •••."),
            ("to anna+x7k2@example.org too", "to ••• too"),
            ("hanna@example.org", "•••@example.org"),  # somebody else's: only whose letters come from there stays
        ],
    )
    def test_our_name_goes_in_whatever_form_and_ordinary_words_stay(self, written: str, shown: str) -> None:
        found = answered(1)
        (came,) = found.replies
        book = of(replace(found, texts={came.message_id: written}), ours=(PERSONA, "anna@example.org"))
        (one,) = [event for event in book.entries[0].timeline if event.what == "answer"]

        assert one.excerpt == shown

    def test_who_answered_is_not_named_whether_they_sign_or_their_colleagues_name_them(self) -> None:
        found = answered(1)
        (came,) = found.replies
        told = "Yes, until Friday; Tom will see to it.\n\nKind regards,\nTom Miller\n030 1234567"
        shown = render.html(of(replace(found, texts={came.message_id: told}, people=("Anna Lindqvist",))))

        assert "Yes, until Friday; ••• will see to it." in shown
        assert not any(word in shown for word in ("Tom", "Miller", "1234567"))

    def test_the_company_s_own_name_stays_though_its_letters_come_from_it(self) -> None:
        found = answered(1)
        (came,) = found.replies
        company = of(found).entries[0].company.name
        texts = {came.message_id: f"{company} ships on Friday, says Jonas."}
        (one,) = of(replace(found, texts=texts, people=(f"Jonas from {company}",))).entries
        shown = [event.excerpt for event in one.timeline]

        assert f"{company} ships on Friday, says •••." in shown

    def test_what_strangers_and_passers_by_say_is_as_little_shown_as_elsewhere(self) -> None:
        asked = chat(1, "lindqvist", START)
        stranger = line(
            1,
            asked,
            MessageKind.UNKNOWN,
            5,
            written_by=WrittenBy(writer=Writer.BYSTANDER, saw="somebody"),
            sender="x:y",
        )
        book = of(held(asked, ((stranger, "They never reply", BOT),)))

        assert "They never reply" not in render.html(book)


class TestWhatOthersWrite:
    def test_it_stays_text_in_steps_marks_networks_and_pages_in_words(self) -> None:
        shown = render.html(build(hostile_chat("<script>alert(1)</script>\u202e\x00\"'><img src=x onerror=alert(1)>")))
        found = Page(shown)

        assert shown.count("&lt;script&gt;") > len(MomentKind)
        assert found.all("script") == []
        assert [one["src"][:16] for one in found.all("img")] == ["data:image/jpeg;"]
        assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)
        assert not set(shown) & set("\u202e\x00")

    def test_it_moves_no_terminal_s_cursor(self) -> None:
        shown = render.text(build(hostile_chat("Shop \x1b[2J\x1b]0;pwned\x07 & <b>")))

        assert "& <b>" in shown
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown) is None

    def test_braces_in_it_are_no_placeholders(self) -> None:
        assert "{{ 7*7 }} {n} {request}" in said(build(hostile_chat("{{ 7*7 }} {n} {request}")))


class TestData:
    def test_reach_taking_up_and_disclosure_are_given_as_numbers(self, book: Book) -> None:
        (found,) = [
            one for one in render.data(book)["groups"] if (one["company"], one["channel"]) == ("lindqvist", "webchat")
        ]

        assert found["reachability"]["not_reached"] == {"offline": 1, "captcha": 1}
        assert found["reachability"]["our_fault"] == {"recipe-broken": 1}
        assert (found["reachability"]["tried"], found["reachability"]["reached"]) == (6, 4)
        assert found["reachability"]["low"] == pytest.approx(0.2999, abs=1e-3)
        assert found["accepting"] == {"chats": 4, "joined": 2, "median": 26.5, "queued": 2, "place_max": 3}
        assert found["disclosed"] == {"chats": 4, "machine_first": 2, "median": pytest.approx(1.35), "said_so": 1}
        assert found["told_again"] is None

    def test_the_text_the_page_and_the_data_agree(self, book: Book, page: Page, text: str) -> None:
        for group in book.groups:
            reach = group.chats.reach
            assert reach is not None
            tries = "try" if reach.tried == 1 else "tries"
            sentence = f"{reach.reached} of {reach.tried} {tries} led to somebody, or something, that took the question"
            assert sentence in page.words
            assert sentence in text
