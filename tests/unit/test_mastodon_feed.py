"""Where a look at the notifications begins and ends, and what tells a gap from a deletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slawatch.channels.mastodon.feed import Look, Notice, newer

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def notice(name: str, seconds_ago: float) -> Notice:
    return Notice(id=name, at=NOW - timedelta(seconds=seconds_ago))


def test_the_next_pass_begins_where_two_minutes_have_passed() -> None:
    look = Look.after("", "").over(
        [notice("5", 1), notice("4", 119), notice("3", 120), notice("2", 500)], now=NOW, older=""
    )

    assert look.mark == "2 3"  # the server is asked for what is above 2, and has to show 3


def test_while_all_is_young_the_next_pass_begins_where_this_one_did() -> None:
    fresh = [notice("5", 1), notice("4", 119)]

    assert Look.after("", "").over(fresh, now=NOW, older="").mark == ""
    assert Look.after("1 2", "").over([*fresh, notice("2", 119)], now=NOW, older="").mark == "1 2"


def test_an_idle_pass_changes_nothing() -> None:
    look = Look.after("2 3", "").over([notice("3", 9000)], now=NOW, older="")

    assert look.mark == "2 3"
    assert not look.doubtful


def test_a_mark_is_known_at_the_end_of_the_pass_only() -> None:
    middle = Look.after("1 2", "").over([notice("9", 500), notice("8", 501)], now=NOW, older="8")

    assert middle.mark == ""
    end = Look.after("1 2", middle.page).over([notice("7", 502), notice("2", 900)], now=NOW, older="")
    assert end.mark == "8 9"
    assert not end.doubtful


def test_a_page_with_nothing_old_leaves_the_mark_to_the_next() -> None:
    middle = Look.after("1 2", "").over([notice("9", 1), notice("8", 2)], now=NOW, older="8")
    end = Look.after("1 2", middle.page).over([notice("7", 130), notice("2", 900)], now=NOW, older="")

    assert end.mark == "2 7"


def test_a_list_without_what_it_has_to_show_is_doubtful() -> None:
    assert Look.after("2 3", "").over([notice("9", 1)], now=NOW, older="").doubtful
    assert Look.after("2 3", "").over([], now=NOW, older="").doubtful
    assert not Look.after("2 3", "").over([notice("9", 1)], now=NOW, older="9").doubtful  # the rest may show it
    assert not Look.after("", "").over([], now=NOW, older="").doubtful


def test_after_a_gap_the_next_pass_asks_for_no_old_witness() -> None:
    nothing = Look.after("2 3", "").over([], now=NOW, older="")
    assert not Look.after(nothing.anew, "").over([], now=NOW, older="").doubtful

    some = Look.after("2 3", "").over([notice("9", 500), notice("8", 600)], now=NOW, older="")
    assert some.anew == "8 9"


def test_without_the_server_s_clock_the_newest_stands_for_now() -> None:
    look = Look.after("", "").over([notice("9", 500), notice("8", 610), notice("7", 620)], now=None, older="")

    assert look.mark == "- 7"


@pytest.mark.parametrize("mark", ["x", "1 2 3", "1  2", "../ 2", "\n"])
def test_a_mark_nobody_wrote_begins_anew(mark: str) -> None:
    assert Look.after(mark, "") == Look()
    assert Look.after("1 2", mark).since == ""


def test_ids_are_numbers_where_both_are_and_letters_else() -> None:
    assert newer("10", "9")
    assert not newer("9", "10")
    assert newer("01JD9Z5QZK3V0X6W7Y8ABCDEFH", "01JD9Z5QZK3V0X6W7Y8ABCDEFG")
    assert not newer("01JD9Z5QZK3V0X6W7Y8ABCDEFG", "10")
    assert not newer("10", "01JD9Z5QZK3V0X6W7Y8ABCDEFG")
