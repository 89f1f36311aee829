"""How a report writes numbers, times and foreign text, and that its words and templates agree."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slawatch import durations
from slawatch.errors import ConfigError, UsageError
from slawatch.model import (
    AttemptOutcome,
    DeliveryProof,
    Measure,
    MessageKind,
    Proof,
    Reason,
    Relationship,
    Result,
    Verdict,
    VoidReason,
)
from slawatch.report.sentences import Sentences
from slawatch.report.words import Words, clean

REPORTS = Path(__file__).parents[2] / "reports"
WORDS = Words("en", folder=None, space=" ")
shares = st.floats(0, 1, allow_nan=False)
lengths = st.timedeltas(timedelta(0), timedelta(days=60))
limits = st.sampled_from([timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24), timedelta(days=3)])


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0 %"),
        (3e-17, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (0.001, "< 1 %"),
        (0.999, "> 99 %"),
        (0.875, "88 %"),
        (0.07, "7 %"),
    ],
)
def test_a_share_is_written_in_whole_per_cent_and_none_and_all_mean_it(share: float, shown: str) -> None:
    assert WORDS.percent(share) == shown


def test_a_share_just_below_the_wanted_one_does_not_read_as_reached() -> None:
    assert WORDS.percent(0.8996) == "90 %"
    assert WORDS.percent(0.8996, limit=0.9) == "89.96 %"
    assert WORDS.percent(math.nextafter(0.9, 0), limit=0.9) == "90 %"  # 36 of 40, after a product of shares


@given(shares, st.sampled_from([0.5, 0.9, 0.95]))
def test_the_ends_of_an_interval_are_rounded_outwards(share: float, limit: float) -> None:
    low, high = (
        WORDS.percent(share, rounding=rounding, limit=limit).strip("<> %") for rounding in (ROUND_FLOOR, ROUND_CEILING)
    )

    assert float(low) <= max(share * 100, 1) + 1e-9  # "< 1 %" is as low as it gets
    assert float(high) >= share * 100 - 1e-9


@given(lengths, limits, st.booleans())
def test_a_rounded_time_never_changes_sides_of_the_limit(length: timedelta, limit: timedelta, up: bool) -> None:
    shown = durations.parse(WORDS.about(length, up=up, limit=limit))

    if length > limit + timedelta(seconds=1):
        assert shown > limit
    if length <= limit:
        assert shown <= limit


@given(lengths)
def test_the_upper_end_of_an_interval_is_rounded_up(length: timedelta) -> None:
    assert length <= durations.parse(WORDS.about(length, up=True)) <= length * 1.1 + timedelta(seconds=0.1)


@given(lengths)
def test_a_rounded_time_is_off_by_a_tenth_at_most(length: timedelta) -> None:
    shown = durations.parse(WORDS.about(length))

    assert shown <= length
    assert length - shown <= max(length / 10, timedelta(seconds=0.1))


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(minutes=13, seconds=19), "13 min"),
        (timedelta(hours=1, minutes=18, seconds=40), "1 h 18 min"),
        (timedelta(hours=13, minutes=33), "13 h"),
        (timedelta(days=6, hours=5, minutes=59), "6 d 5 h"),
        (timedelta(days=14, hours=6), "14 d"),
        (timedelta(seconds=12.7), "12 s"),
    ],
)
def test_a_figure_shows_as_many_units_as_a_reader_needs(length: timedelta, shown: str) -> None:
    assert WORDS.about(length) == shown


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (timedelta(days=1), "24 h"),
        (timedelta(days=2), "48 h"),
        (timedelta(hours=36), "36 h"),
        (timedelta(days=3), "3 d"),
        (timedelta(hours=1), "1 h"),
    ],
)
def test_limits_are_spoken_of_in_hours_up_to_two_days(limit: timedelta, shown: str) -> None:
    assert WORDS.limit(limit) == shown


def test_an_open_wait_reads_as_a_lower_bound() -> None:
    assert WORDS.wait(timedelta(days=5), still=True) == "over 5 d"


def test_one_and_many_have_their_own_words_and_thousands_their_mark() -> None:
    assert WORDS.say("count.request", n=1) == "1 request"
    assert WORDS.say("count.request", n=12_345) == "12,345 requests"


def test_times_are_shown_in_the_report_s_zone() -> None:
    shortly_after_the_change = datetime(2026, 3, 29, 1, 30, 7, tzinfo=UTC)

    assert WORDS.instant(shortly_after_the_change, "Europe/Berlin") == "29 Mar 2026, 03:30:07"


def test_a_rule_without_words_still_shows_what_it_saw() -> None:
    assert WORDS.rule(Reason(rule="brand-new", saw="{n} {0}")) == "brand-new {n} {0}"


def test_an_unknown_key_is_named_with_its_whole_path() -> None:
    with pytest.raises(KeyError, match=r"board\.nothing"):
        WORDS.say("board.nothing")


def test_a_language_nobody_wrote_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r'there is no "reports/xx\.toml"'):
        Words("xx", folder=None, space=" ")


def test_a_broken_file_of_words_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "en.toml").write_text("[page\n")

    with pytest.raises(ConfigError, match=r"en\.toml"):
        Words("en", folder=tmp_path, space=" ")


@given(st.text(st.characters(codec=None), max_size=60))
def test_cleaned_text_can_be_written_and_cannot_act_on_a_screen(text: str) -> None:
    shown = clean(text)

    shown.encode()
    assert clean(shown) == shown
    for character in set(shown) - {"\n", "\t", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069\u200f\u061c", "a"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("lone \ud83d", "lone \ufffd"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("Grüße, 您好 👩‍🔧", "Grüße, 您好 👩‍🔧"),
    ],
)
def test_what_acts_on_a_screen_is_taken_out_and_the_rest_is_kept(text: str, shown: str) -> None:
    assert clean(text) == shown


def asked_for(source: str) -> set[str]:
    """Return the keys a template or module asks for by name; computed ends of a key become "*"."""
    found = set(re.findall(r"""(?:\bt|\.say|\.entry|\.has)\(\s*f?["']([a-z_.0-9-]+)["'](?=[,)])""", source))
    found |= {f"{key}*" for key in re.findall(r"""\bt\(["']([a-z_.]+[._])["'] ~""", source)}
    found |= {f"{key}*" for key in re.findall(r"""f["']([a-z_]+\.[a-z_.]*)\{""", source)}
    return found | set(re.findall(r"""["']((?:curves|verdict|format)\.[a-z_]+)["']""", source))


def keys_of(table: dict[str, object], path: str = "") -> set[str]:
    """Return the paths of all texts; a choice between one and many is one text."""
    found: set[str] = set()
    for name, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            found |= keys_of(value, f"{path}{name}.")
        else:
            found.add(f"{path}{name}")
    return found


def test_templates_ask_for_no_words_that_are_missing_and_no_words_are_left_over() -> None:
    package = Path(Sentences.__module__.replace(".", "/")).parent
    beside = REPORTS.parent / "slawatch" / "usecases" / "publishing.py"  # the letter with a company's packet
    sources = [*REPORTS.glob("*.j2"), *(REPORTS.parent / package).glob("*.py"), beside]
    used = set().union(*(asked_for(path.read_text(encoding="utf-8")) for path in sources))
    there = keys_of(tomllib.loads((REPORTS / "en.toml").read_text(encoding="utf-8")))
    exact = {key for key in used if not key.endswith("*")}
    begun = tuple(key[:-1] for key in used if key.endswith("*"))

    assert exact - there == set()
    chosen = set().union(*(re.findall(r"""["']([a-z_]+\.[a-z_.]+)["']""", path.read_text()) for path in sources))
    assert {key for key in there - exact - chosen if not key.startswith(begun)} == set()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("kind", MessageKind),
        ("proof", Proof),
        ("result", Result),
        ("verdict", Verdict),
        ("void", VoidReason),
        ("relationship", Relationship),
        ("measure", Measure),
        ("delivered", DeliveryProof),
        ("event", [f"attempt-{outcome}" for outcome in AttemptOutcome if outcome is not AttemptOutcome.SENT]),
    ],
)
def test_every_value_a_report_can_show_has_its_words(table: str, values: list[str]) -> None:
    assert [value for value in values if not WORDS.has(f"{table}.{value}")] == []
