"""The report as a page, as text and as data: its shape, its honesty in words, and that foreign text stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from slawatch.errors import UsageError
from slawatch.model import DeliveryProof, MessageKind
from slawatch.report import render
from slawatch.report.book import Book
from slawatch.report.build import build
from slawatch.report.model import Blind, Case
from tests.report_sample import (
    DAY,
    EMAIL,
    HOUR,
    MADE_AT,
    MINUTE,
    SINCE,
    case,
    four_weeks,
    hostile,
    material,
    reply,
    request,
    token,
)

STYLE = Path(__file__).parents[2] / "reports" / "style.css"
VOID_ELEMENTS = {"img", "meta", "br", "path", "circle", "rect"}


class Page(HTMLParser):
    """A page as a list of elements; fails on one that is not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.parents: list[tuple[str, ...]] = []
        self._open: list[str] = []
        self.feed(source)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self.parents.append(tuple(self._open))
        if tag in {"td", "th", "span", "li"}:
            self.text.append(" ")
        if tag not in VOID_ELEMENTS:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID_ELEMENTS:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] != "style":
            self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def words(self) -> str:
        """The visible text, with every kind of space as one plain space."""
        return " ".join("".join(self.text).split())


def first_responses(*waits: timedelta | None, company: str = "alder-books") -> list[Case]:
    cases = []
    for number, wait in enumerate(waits, start=1):
        asked = request(number, company, SINCE + number * MINUTE)
        came = [] if wait is None else [reply(number, asked, MessageKind.ANSWER, wait)]
        cases.append(case(asked, came))
    return cases


def page(*cases: Case, **changes: Any) -> Page:
    return Page(render.html(build(material(cases, **changes))))


@pytest.fixture(scope="module")
def book() -> Book:
    return build(four_weeks())


@pytest.fixture(scope="module")
def source(book: Book) -> str:
    return render.html(book)


@pytest.fixture(scope="module")
def whole(source: str) -> Page:
    return Page(source)


def test_the_page_is_one_file_that_runs_nothing_and_asks_for_nothing(source: str, whole: Page) -> None:
    tags = {tag for tag, _ in whole.elements}

    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video"})
    for _, attributes in whole.elements:
        assert not any(name.startswith("on") or name in {"src", "srcset", "style", "srcdoc"} for name in attributes)
        assert attributes.get("href", "#").startswith("#")
    assert "@import" not in source
    assert "url(" not in source


def test_the_policy_allows_the_one_style_sheet_by_its_hash_and_nothing_else(source: str, whole: Page) -> None:
    (policy,) = [meta["content"] for meta in whole.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_a_link_that_somebody_adds_tells_no_site_where_the_report_lies(whole: Page) -> None:
    assert [meta["content"] for meta in whole.all("meta") if meta.get("name") == "referrer"] == ["no-referrer"]


def test_every_link_leads_somewhere_and_every_id_is_there_once(whole: Page) -> None:
    ids = [attributes["id"] for _, attributes in whole.elements if "id" in attributes]
    wanted = {link["href"][1:] for link in whole.all("a")}
    wanted |= {attributes["aria-labelledby"] for _, attributes in whole.elements if "aria-labelledby" in attributes}

    assert len(ids) == len(set(ids))
    assert wanted - set(ids) == set()


def test_every_table_has_a_caption_and_every_head_cell_its_direction(whole: Page) -> None:
    assert len(whole.all("table")) == len(whole.all("caption")) > 7
    assert {cell.get("scope") for cell in whole.all("th")} == {"col", "colgroup", "row"}


def test_headings_descend_one_level_at_a_time_and_the_language_is_named(whole: Page) -> None:
    levels = [int(tag[1]) for tag, _ in whole.elements if re.fullmatch(r"h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert whole.all("html") == [{"lang": "en"}]


def test_every_drawing_says_in_words_what_it_shows_or_is_hidden_from_those_who_cannot_see_it(whole: Page) -> None:
    drawings = list(zip(whole.elements, whole.parents, strict=True))
    for (tag, attributes), parents in drawings:
        if tag == "svg" and "ul" not in parents:
            assert attributes.get("aria-hidden") == "true" or attributes["aria-label"]


def test_the_first_thing_on_the_page_says_who_is_proven_to_meet_what(whole: Page) -> None:
    words = whole.words

    assert words.index("Proven met Not proven Proven not met") < words.index("In this report")
    assert "First response mean within 1 h e-mail" in words
    assert "Answer 90 % within 24 h e-mail" in words


def test_the_result_is_a_plain_count_and_the_proof_says_how_much_more_would_settle_it() -> None:
    words = page(*first_responses(*[HOUR] * 8)).words

    assert "Result met: 8 of 8 answered within 24 h" in words
    assert (
        "Proof not proven: with 95 % confidence between 67 % and 100 % are in time; 90 % wanted; "
        "27 more in-time answers in a row would prove it"
    ) in words


def test_what_is_proven_not_met_says_so_in_words() -> None:
    words = page(*first_responses(*[HOUR] * 3, *[None] * 20)).words

    assert "Result not met: 3 of 23 answered within 24 h" in words
    assert "Proof proven not met: with 95 % confidence at most 33 % are in time; 90 % wanted" in words


def test_one_late_of_one_proves_nothing_and_says_how_often_chance_would_do_it() -> None:
    words = page(*first_responses(None)).words

    assert "Result not met: 0 of 1 answered within 24 h" in words
    assert "not proven: too few to tell: of companies that keep 90 %, 10 % would look as bad by chance" in words


def test_thirty_five_of_thirty_five_prove_nine_in_ten_and_thirty_four_do_not() -> None:
    assert "proven met: with 95 % confidence at least 90.1 % are in time" in page(*first_responses(*[HOUR] * 35)).words
    assert "1 more in-time answer would prove it" in page(*first_responses(*[HOUR] * 34)).words


def test_beside_a_mean_stands_the_share_answered_at_all() -> None:
    words = page(*first_responses(*[timedelta(minutes=10 + number) for number in range(20)])).words

    assert "proven met: with 95 % confidence the mean is at most" in words
    assert "at least 83 % are answered within 7 d" in words
    assert "100 % (83 % to 100 %)" in words
    assert "fewer than 8 requests have none" in words


def test_what_came_back_undeliverable_says_why() -> None:
    asked = request(1, "juniper", SINCE)
    bounced = case(asked, [reply(1, asked, MessageKind.BOUNCE, MINUTE)], texts={1: "550 5.1.1 no such mailbox"})

    assert "returned as undeliverable 550 5.1.1 no such mailbox" in page(bounced).words


def test_an_open_request_is_shown_as_a_lower_bound() -> None:
    asked = request(1, "alder-books", MADE_AT - 5 * DAY)

    words = page(case(asked)).words

    assert "Alder & Finch Books 25 Mar 2026, 07:12 over 5 d presumed" in words


def test_where_nothing_is_decided_yet_the_result_counts_nothing() -> None:
    words = page(case(request(1, "alder-books", MADE_AT - HOUR))).words

    assert "Result no data: 1 request is still open within the limit" in words
    assert "0 of 0" not in words


def test_a_company_that_asked_back_is_not_said_to_be_open() -> None:
    asked = [request(number, "alder-books", SINCE + number * MINUTE) for number in (1, 2)]
    found = page(*(case(one, [reply(one.id, one, MessageKind.QUESTION, HOUR)]) for one in asked))

    assert "no data: 2 requests got a question back, which waits for our reply" in found.words
    assert "not proven: nothing is decided yet" in found.words
    assert "Answer asked back after 1 h, our turn" in found.words
    assert "still open" not in found.words.rpartition("Company by company")[2].partition("How this")[0]


def test_each_reason_why_waits_have_not_ended_is_counted_apart() -> None:
    question = request(11, "alder-books", SINCE)
    words = page(
        *first_responses(HOUR),
        case(question, [reply(11, question, MessageKind.QUESTION, HOUR)]),
        case(request(12, "alder-books", MADE_AT - 2 * MINUTE)),
        case(request(13, "alder-books", MADE_AT - 2 * DAY), observed_until=MADE_AT - 47 * HOUR),
    ).words

    assert (
        "1 of 1 answered within 24 h; 1 more is still open within the limit; "
        "1 more got a question back, which waits for our reply; 1 more could not be watched up to the limit yet"
    ) in words


def test_a_fresh_request_is_open_and_nothing_more_is_said_of_it() -> None:
    words = page(case(request(1, "alder-books", MADE_AT - 2 * MINUTE))).words

    assert (
        "no data: the mean cannot be said yet, at most 1 h wanted; 1 request is still open within the window" in words
    )
    assert "no data: 1 request is still open within the limit Proof not proven: nothing is decided yet" in words
    assert "followed to the end" not in words.partition("How this was measured")[0]


def test_where_an_interval_holds_bounds_the_open_ones_are_named() -> None:
    fresh = [case(request(number, "alder-books", MADE_AT - number * MINUTE)) for number in range(1, 11)]

    assert "10 requests are still open within the window, so these are bounds" in page(*fresh).words


@pytest.mark.parametrize(
    ("since_start", "said"), [((0, 1), "asked on 2 Mar 2026."), ((0, 49), "asked from 2 Mar 2026 to 4 Mar 2026.")]
)
def test_the_first_sentence_says_when_was_really_asked(since_start: tuple[int, ...], said: str) -> None:
    words = page(*(case(request(hours, "alder-books", SINCE + hours * HOUR)) for hours in since_start)).words

    assert f"1 company, 2 questions by e-mail, {said}" in words


def test_a_mean_without_any_response_is_a_lower_bound_wherever_it_stands() -> None:
    words = page(*first_responses(*[None] * 9)).words

    assert "mean wait for the first response at least 7 d (none came within 7 d), at most 1 h wanted" in words
    assert "or more 0 % (0 % to" in words
    assert "over 7 d over 7 d ≥ 7 d –" in words
    assert "100 % had no first response within 7 d" in words
    assert "never got" not in words


def test_a_mean_into_which_cut_waits_went_says_how_many() -> None:
    words = page(*first_responses(*[HOUR] * 9, 9 * DAY)).words

    assert "mean wait for the first response at least 17 h (1 over 7 d, counted as 7 d), at most 1 h wanted" in words
    assert "≥ 17 h" in words


def test_a_mean_of_waits_that_all_ended_is_no_lower_bound() -> None:
    words = page(*first_responses(*[2 * HOUR] * 9)).words

    assert "mean wait for the first response 2 h, at most 1 h wanted" in words
    assert "≥ 2 h" not in words


def test_a_mean_that_is_met_in_spite_of_a_cut_wait_is_not_said_to_be_at_least() -> None:
    words = page(*first_responses(*[MINUTE] * 199, None)).words

    assert "met: mean wait for the first response 51 min (1 over 7 d, counted as 7 d), at most 1 h wanted" in words


def test_requests_still_open_stand_beside_the_share_without_a_response() -> None:
    words = page(*first_responses(None, None), case(request(9, "alder-books", MADE_AT - HOUR))).words

    assert "100 % had no first response within 7 d; 1 request is still open" in words


def test_a_returned_request_does_not_read_as_if_the_company_had_taken_it_over() -> None:
    asked = request(1, "juniper", SINCE)
    words = page(case(asked, [reply(1, asked, MessageKind.BOUNCE, MINUTE)])).words
    words = words.rpartition("Company by company")[2].partition("How this was measured")[0]

    assert "Taken by a mail server, which could not deliver it" in words
    assert "Taken over by the company’s side" not in words
    assert "delivery presumed" not in words


def test_void_late_and_missed_requests_are_each_disclosed() -> None:
    bounced = request(1, "alder-books", SINCE)
    late = request(2, "alder-books", SINCE + MINUTE)
    silent = request(3, "alder-books", SINCE + 2 * MINUTE, proof=DeliveryProof.PROVEN)
    words = page(
        case(bounced, [reply(1, bounced, MessageKind.BOUNCE, MINUTE)]),
        case(late, [reply(2, late, MessageKind.ANSWER, 9 * DAY)]),
        case(silent),
    ).words

    assert "1 of 3 requests (33 %)." in words
    assert "returned as undeliverable: Alder & Finch Books 1" in words
    assert "R-0002 Alder & Finch Books 2 Mar 2026, 00:01 9 d" in words
    assert "2 requests counted, 1 outside the count" in words


def test_figures_stand_with_and_without_the_replies_in_review() -> None:
    asked = request(9, "alder-books", SINCE)
    unsure = case(asked, [reply(99, asked, MessageKind.UNKNOWN, HOUR)])

    words = page(unsure, *first_responses(HOUR, HOUR), review_waiting=1).words

    assert "2 of 3 answered within 24 h" in words
    assert "3 of 3 answered within 24 h" in words
    assert "1 message in all waits to be looked at; it counts nowhere until then." in words


def test_what_a_person_did_not_post_is_said_without_blame_and_counts_nowhere() -> None:
    made = build(material(first_responses(HOUR), skipped=2))
    said = "2 questions that a person was to post were not posted in time: nobody was asked, they count nowhere"

    assert said in Page(render.html(made)).words
    assert said in " ".join(render.text(made).split())
    assert render.data(made)["method"]["skipped"] == 2
    assert "1 request counted" in Page(render.html(made)).words
    assert "Not asked" not in page(*first_responses(HOUR)).words


def test_the_first_screen_says_of_whom_replies_in_review_would_change_the_proof() -> None:
    asked = request(99, "alder-books", SINCE)
    unsure = case(asked, [reply(99, asked, MessageKind.UNKNOWN, HOUR)])

    words = page(unsure, *first_responses(*[HOUR] * 34), review_waiting=1).words

    assert "Alder & Finch Books so far met proven met if replies in doubt count" in words
    assert "if replies in doubt count" not in page(unsure, *first_responses(HOUR)).words


def test_history_that_is_made_up_says_so_before_anything_else(whole: Page) -> None:
    words = whole.words

    assert words.index("made up from the seed “four weeks”") < words.index("First response")
    assert "made up from" not in page(*first_responses(HOUR)).words


def test_where_only_some_is_made_up_the_banner_says_how_much_and_each_request_is_marked() -> None:
    real = case(request(5, "alder-books", SINCE, made_up=False))
    words = page(real, *first_responses(HOUR, HOUR), made_up_seed="seven").words

    assert "All companies in this report are made up; no real one was asked" in words
    assert "2 requests and what came back are made up from the seed “seven” and carry the mark" in words
    assert "1 was asked live in the practice range" in words
    assert words.count(" from the seed ") == 1 + 2  # the banner and each of the two


def test_a_company_of_the_practice_range_is_nothing_but_made_up() -> None:
    live = case(request(1, "alder-books", SINCE, made_up=False))
    practice, real = page(live, made_up_seed="seven").words, page(live).words

    assert "Alder & Finch Books made up e-mail" in practice
    assert "described here: 1 was asked live in the practice range." in practice
    assert "consent" not in practice
    assert "Alder & Finch Books tested with its consent e-mail" in real


def test_the_method_discloses_the_period_the_looks_and_the_times_we_were_blind() -> None:
    words = page(
        *first_responses(HOUR),
        blind=(Blind("main", SINCE, None, "IMAP: no route to host"),),
        looks={"main": MADE_AT, "second": None},
        plan=("delivery-time, every 7 d",),
    ).words

    assert "main: 2 Mar 2026, 00:00 to still: IMAP: no route to host" in words
    assert "main: 30 Mar 2026, 08:12:00" in words
    assert "second: never" in words
    assert "delivery-time, every 7 d" in words
    assert "slawatch 0.1.0, configuration 3f1c9a6f" in words
    assert "missed after 7 d, late answers recorded for 30 d" in words


def test_a_period_without_requests_still_makes_a_page() -> None:
    found = page()

    assert "No request falls into this period" in found.words
    assert "How this was measured" in found.words
    assert "No request falls into this period" in render.text(build(material([])))


def test_no_token_message_id_or_envelope_id_reaches_a_reader(book: Book, source: str) -> None:
    shown = (source + render.text(book) + json.dumps(render.data(book))).lower()

    assert "r-0042" in shown
    for entry in book.entries:
        assert entry.request.token not in shown
        assert entry.request.message_id not in shown
        assert f"env-{token(entry.request.id)}" not in shown


def test_hostile_text_stays_text_wherever_it_comes_from() -> None:
    asked = hostile("<script>alert(1)</script>\u202e\x00\"'><img src=x onerror=alert(1)>")
    source = render.html(build(asked))

    found = Page(source)

    assert source.count("&lt;script&gt;") > 10
    assert found.all("script", "img") == []
    assert "\u202e" not in source
    assert "\x00" not in source
    source.encode()


def test_braces_in_foreign_text_are_no_placeholders() -> None:
    found = Page(render.html(build(hostile("{n} {0} {{ 7*7 }} {% raw %} {request.token}"))))

    assert "{{ 7*7 }}" in found.words
    assert "{request.token}" in found.words


def test_the_text_form_holds_the_findings_and_cannot_move_a_terminal_s_cursor() -> None:
    shown = render.text(build(hostile("Shop \x1b[2J\x1b]0;pwned\x07 & <b>")))

    assert "& <b>" in shown  # no markup in a terminal, so nothing to escape
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown) is None


def test_the_text_form_says_result_and_proof() -> None:
    shown = render.text(build(material(first_responses(*[HOUR] * 8))))

    assert "Alder & Finch Books by e-mail" in shown
    assert "    Result: met: 8 of 8 answered within 24 h\n" in shown
    assert "27 more in-time answers in a row would prove it" in shown
    assert "\N{NO-BREAK SPACE}" not in shown
    assert "\n\n\n" not in shown


def test_files_in_the_user_s_folder_win(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "style.css").write_text("body { color: teal }")
    (tmp_path / "reports" / "board.j2").write_text("<p>our own board</p>")

    source = render.html(build(material(first_responses(HOUR))), folder=tmp_path)

    assert "body { color: teal }" in source
    assert "<p>our own board</p>" in source
    assert "In this report" in source


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("board.j2", b"<p>\n{{ nix.foo }}", "board.j2:2: 'nix' is undefined; correct it, or take the file away"),
        ("board.j2", b"{% if %}", "board.j2:1: Expected an expression, got 'end of statement block'; correct it,"),
        ("board.j2", b"\n{{ t('page.nix') }}", 'board.j2:2: there are no words at "page.nix"; correct it,'),
        ("board.j2", b"\n{{ 1 / 0 }}", "board.j2:2: division by zero; correct it,"),
        ("report.html.j2", b'{% include "nix.j2" %}', "report.html.j2:1: 'nix.j2' not found in search paths"),
        ("board.j2", b"\xff", "reports: a template there is not UTF-8; save it as UTF-8"),
        ("style.css", b"\xff", "style.css: is not UTF-8 (byte 1); save it as UTF-8"),
        ("draw.j2", b"", "a template in "),  # ours miss the macros that stood in it
    ],
)
def test_a_mistake_in_a_template_of_the_users_is_told_by_file_and_line(
    name: str, text: bytes, says: str, tmp_path: Path
) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / name).write_bytes(text)

    with pytest.raises(UsageError) as raised:
        render.html(build(material(first_responses(HOUR))), folder=tmp_path)

    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_data_has_exactly_the_promised_shape(book: Book) -> None:
    found = render.data(book)
    json.dumps(found, allow_nan=False)

    assert list(found) == ["period", "groups", "leagues", "across", "since_last", "offers", "method"]
    assert found["period"] == {"since": "2026-03-01T23:00:00+00:00", "until": "2026-03-29T22:00:00+00:00"}
    assert [group["company"] for group in found["groups"]].count("*") == 1
    for group in found["groups"]:
        assert list(group) == [
            *("company", "channel", "origin", "n", "answered", "missed", "pending", "void", "late", "objectives"),
            *(
                "first_response",
                "answer",
                "acknowledged",
                "promises",
                "published",
                "in_hours",
                "asked_back",
                "handed_off",
                "complete",
            ),
            *("in_review", "over", "budgets", "reachability", "accepting", "disclosed", "told_again"),
            *("change", "when", "handling"),
        ]
        assert group["n"] == group["answered"] + group["missed"] + group["pending"]
        for objective in group["objectives"]:
            assert list(objective) == [
                *("kind", "measure", "limit_seconds", "at_least", "value", "low", "high", "result", "proof"),
                *("more_needed", "by_chance", "in_hours"),
            ]
        for measure in ("first_response", "answer"):
            assert list(group[measure]) == [
                *("limit_seconds", "share_within", "share_low", "share_high", "median", "median_low", "median_high"),
                *("p90", "restricted_mean", "mean_of_answered"),
            ]
        assert list(group["acknowledged"]) == ["n", "median"]
        assert list(group["promises"]) == ["made", "kept", "broken", "running"]


def test_data_gives_seconds_and_null_where_nothing_can_be_said() -> None:
    (company, channel) = render.data(build(material(first_responses(30 * MINUTE, HOUR, None))))["groups"]

    assert (company["company"], channel["company"]) == ("alder-books", "*")
    assert {**company, "company": "*"} == channel
    assert company["first_response"]["median"] == 3600.0
    assert company["first_response"]["p90"] is None
    assert company["first_response"]["restricted_mean"] == pytest.approx((1800 + 3600 + 7 * 86400) / 3)
    assert company["first_response"]["mean_of_answered"] == 2700.0
    assert company["objectives"][1]["limit_seconds"] == 86400.0
    assert (company["acknowledged"]["median"], company["promises"]["made"]) == (None, 0)
    assert (company["published"], company["in_hours"]) == (None, None)


def test_data_of_a_company_without_counted_requests_claims_nothing() -> None:
    asked = request(1, "juniper", SINCE)
    (group, _) = render.data(build(material([case(asked, [reply(1, asked, MessageKind.BOUNCE, MINUTE)])])))["groups"]

    assert (group["n"], group["void"]) == (0, 1)
    assert group["first_response"]["share_within"] is None
    assert group["first_response"]["share_low"] is None
    assert [objective["result"] for objective in group["objectives"]] == ["no_data", "no_data"]


def test_the_times_of_data_can_be_read_back(book: Book) -> None:
    method = render.data(book)["method"]

    assert datetime.fromisoformat(method["observed_until"]["main"]) == MADE_AT
    assert datetime.fromisoformat(method["blind"][0]["since"]) > SINCE


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colours(block: str) -> dict[str, str]:
    return {
        name: value if len(value) > 4 else "#" + "".join(digit * 2 for digit in value[1:])
        for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block)
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_signs_stand_out_from_every_ground_they_are_put_on(scheme: str) -> None:
    light, dark = STYLE.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)", 1)
    used = {**colours(light), **(colours(dark.split("\n}\n", 1)[0]) if scheme == "dark" else {})}
    grounds = ["paper", "sheet", "met-wash", "not-met-wash", "open-wash"]
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in grounds]
    pairs += [("met", "paper"), ("met", "met-wash"), ("not-met", "paper"), ("not-met", "not-met-wash")]
    pairs += [("open", "paper"), ("open", "open-wash"), ("warn", "warn-wash"), ("link", "paper"), ("met", "sheet")]

    too_faint = {pair: contrast(used[pair[0]], used[pair[1]]) for pair in pairs}

    assert {pair: value for pair, value in too_faint.items() if value < 4.5} == {}  # WCAG 2.2, 1.4.3 (AA)


def test_the_standard_s_limits_stand_in_the_answered_within_table() -> None:
    assert EMAIL.window == 7 * DAY
    words = page(*first_responses(HOUR)).words

    assert "1 min 5 min 1 h 4 h 24 h 48 h 3 d 5 d 7 d not within 7 d" in words
