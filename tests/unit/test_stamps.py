"""When a letter arrived is said by our own servers; what it cannot be known more closely than is said with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slawatch.mail.parse import facts
from slawatch.mail.stamps import choose
from slawatch.model import Stamps

SECOND = timedelta(seconds=1)
FILED = datetime(2026, 3, 29, 1, 0, 10, tzinfo=UTC)
SEEN = FILED + timedelta(minutes=5)
OWN_MX = "mx.own.example"


def stamps(*received: str, internal: datetime | None = FILED, own_mx: str = OWN_MX, date: str = "") -> Stamps:
    """Choose for a letter with these Received lines, the newest first, as "host time" each."""
    lines = [
        f"Received: from a (b [192.0.2.1])\r\n by {line.replace(' ', ' with ESMTP id 7; ', 1)}" for line in received
    ]
    raw = "\r\n".join([*lines, *([f"Date: {date}"] if date else []), "", "text"])
    return choose(facts(raw.encode()), internal_at=internal, own_mx=own_mx, seen_at=SEEN)


def test_our_own_exchanger_is_believed_first() -> None:
    chosen = stamps(
        "store.own.example Sun, 29 Mar 2026 03:00:09 +0200",
        f"{OWN_MX} Sun, 29 Mar 2026 03:00:02 +0200",
        "out.shop.example Sun, 29 Mar 2026 00:59:58 +0000",
    )

    assert (chosen.at, chosen.source, chosen.why) == (FILED - 8 * SECOND, "own-mx", "filed 8 s later")
    assert (chosen.earlier, chosen.later) == (4 * SECOND, SECOND)  # handed over by the company's side at 00:59:58
    assert chosen.internal_at == FILED


def test_of_two_lines_by_our_exchanger_the_newer_counts() -> None:
    # The older one may be what a company wrote there to seem quick.
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000", f"{OWN_MX} Sun, 29 Mar 2026 00:00:00 +0000")

    assert chosen.at == FILED - 8 * SECOND


def test_a_line_that_claims_a_time_after_the_filing_is_not_believed() -> None:
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:02:11 +0000")

    assert (chosen.at, chosen.source) == (FILED, "internaldate")
    assert chosen.why == f"{OWN_MX}'s line says 2 min 1 s later and is not believed"
    assert (chosen.earlier, chosen.later) == (SECOND, 121 * SECOND)  # unless it is the filing that lies


def test_two_clocks_of_ours_may_differ_a_little() -> None:
    assert stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:02:10 +0000").source == "own-mx"


def test_without_our_exchanger_the_filing_counts_and_the_newest_hop_bounds_it() -> None:
    # Filed ten seconds after the newest hop: in between it lay somewhere on our side.
    chosen = stamps("fetch.own.example Sun, 29 Mar 2026 01:00:00 +0000", own_mx="")

    assert (chosen.at, chosen.source, chosen.why) == (FILED, "internaldate", "own_mx is not set")
    assert (chosen.earlier, chosen.later) == (10 * SECOND, SECOND)


def test_a_hop_a_little_after_the_filing_moves_the_upper_end() -> None:
    chosen = stamps("fetch.own.example Sun, 29 Mar 2026 01:01:10 +0000", own_mx="")

    assert (chosen.at, chosen.earlier, chosen.later) == (FILED, SECOND, 60 * SECOND)


def test_a_hop_from_the_future_says_nothing() -> None:
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 02:00:00 +0000")

    assert (chosen.at, chosen.source, chosen.later) == (FILED, "internaldate", SECOND)


@pytest.mark.parametrize("lied", [datetime(2001, 9, 9, tzinfo=UTC), SEEN + timedelta(days=1)])
def test_a_filing_that_cannot_be_is_not_believed(lied: datetime) -> None:
    # APPEND sets INTERNALDATE to whatever it is told.
    own = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000", internal=lied)
    other = stamps("a.example Sun, 29 Mar 2026 01:00:02 +0000", internal=lied)

    assert (own.at, own.source) == (FILED - 8 * SECOND, "own-mx")
    assert own.why.startswith("INTERNALDATE ")
    assert (other.at, other.source) == (FILED - 8 * SECOND, "received")
    assert other.at + other.later == SEEN
    assert own.internal_at == other.internal_at == lied


def test_where_our_servers_clock_is_ahead_its_stamp_counts_and_the_interval_reaches_back_to_when_we_saw_it() -> None:
    ahead = SEEN + timedelta(minutes=10)
    chosen = stamps(internal=ahead)

    assert (chosen.at, chosen.source) == (ahead, "internaldate")
    assert chosen.at - chosen.earlier == SEEN


def test_a_copy_filed_weeks_later_keeps_the_arrival_our_exchanger_stamped() -> None:
    chosen = stamps(f"{OWN_MX} Sun, 01 Mar 2026 01:00:02 +0000")

    assert (chosen.at, chosen.source) == (datetime(2026, 3, 1, 1, 0, 2, tzinfo=UTC), "own-mx")


def test_a_line_in_our_exchangers_name_below_a_foreign_one_was_written_by_the_sender() -> None:
    chosen = stamps("backup.other.example Sun, 29 Mar 2026 01:00:08 +0000", f"{OWN_MX} Sun, 29 Mar 2026 00:30:00 +0000")

    assert (chosen.at, chosen.source) == (FILED, "internaldate")
    assert chosen.why == f"a line of {OWN_MX} stands below one of backup.other.example and is not believed"


@pytest.mark.parametrize("above", ["localhost", "store.own.example", "2002:a05:7208::1", "[192.0.2.7]"])
def test_machines_of_ours_may_stand_above_our_exchanger(above: str) -> None:
    assert stamps(f"{above} Sun, 29 Mar 2026 01:00:09 +0000", f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000").source == (
        "own-mx"
    )


@pytest.mark.parametrize("host", ["mx.example.org", "mx.own.example.shop.example", "notmx.own.example"])
def test_a_name_that_only_resembles_our_exchangers_is_foreign(host: str) -> None:
    chosen = stamps(f"{host} Sun, 29 Mar 2026 00:00:00 +0000")

    assert (chosen.source, chosen.why) == ("internaldate", f"no line of {OWN_MX}")


def test_an_exchanger_of_many_names_is_known_by_their_domain() -> None:
    chosen = stamps("ve1eur01ft4.mx.own.example Sun, 29 Mar 2026 01:00:02 +0000")

    assert (chosen.at, chosen.source) == (FILED - 8 * SECOND, "own-mx")


def test_what_our_side_put_off_was_out_of_the_companys_hands_when_it_first_tried() -> None:
    # Greylisting: turned away at 00:50, taken at 01:00. Counted to the arrival, and said how much earlier it may be.
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000", "out.shop.example Sun, 29 Mar 2026 00:50:02 +0000")

    assert (chosen.at, chosen.earlier) == (FILED - 8 * SECOND, timedelta(minutes=10))


@pytest.mark.parametrize("lie", ["Sun, 29 Mar 2026 01:10:00 +0000", "Sun, 01 Mar 2026 00:00:00 +0000"])
def test_a_line_that_cannot_be_and_all_below_it_bound_nothing(lie: str) -> None:
    chosen = stamps(
        f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000",
        "out.shop.example Sun, 29 Mar 2026 01:00:00 +0000",
        f"desk.shop.example {lie}",
        "forged.example Sun, 29 Mar 2026 00:00:00 +0000",
    )

    assert chosen.earlier == 2 * SECOND


def test_without_a_filing_the_newest_hop_counts() -> None:
    chosen = stamps("a.example Sun, 29 Mar 2026 01:00:00 +0000", internal=None, own_mx="")

    assert (chosen.at, chosen.source) == (FILED - 10 * SECOND, "received")
    assert chosen.at + chosen.later == SEEN
    assert chosen.why == "no INTERNALDATE; own_mx is not set"


def test_with_nothing_at_all_it_arrived_when_we_saw_it() -> None:
    chosen = stamps("a.example yesterday", internal=None)

    assert (chosen.at, chosen.source) == (SEEN, "seen")


def test_with_nothing_but_the_senders_date_that_bounds_it_below() -> None:
    chosen = stamps(internal=None, date="Sun, 29 Mar 2026 00:30:10 -0000")

    assert (chosen.at, chosen.source, chosen.earlier) == (SEEN, "seen", timedelta(minutes=35))


def test_the_senders_own_date_is_kept_and_never_counts() -> None:
    chosen = stamps(internal=FILED, date="Mon, 01 Jan 2035 00:00:00 -0000")

    assert chosen.at == FILED
    assert chosen.date_header_at == datetime(2035, 1, 1, tzinfo=UTC)
