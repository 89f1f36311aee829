"""When a letter arrived is said by our own servers; what it cannot be known more closely than is said with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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

    assert (chosen.at, chosen.source) == (FILED - 8 * SECOND, "own-mx")
    assert (chosen.earlier, chosen.later) == (SECOND, SECOND)
    assert chosen.internal_at == FILED


def test_of_two_lines_by_our_exchanger_the_newer_counts() -> None:
    # The older one may be what a company wrote there to seem quick.
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:00:02 +0000", f"{OWN_MX} Sun, 29 Mar 2026 00:00:00 +0000")

    assert chosen.at == FILED - 8 * SECOND


def test_a_line_that_claims_a_time_after_the_filing_is_not_believed() -> None:
    chosen = stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:02:11 +0000")

    assert (chosen.at, chosen.source) == (FILED, "internaldate")


def test_two_clocks_of_ours_may_differ_a_little() -> None:
    assert stamps(f"{OWN_MX} Sun, 29 Mar 2026 01:02:10 +0000").source == "own-mx"


def test_without_our_exchanger_the_filing_counts_and_the_newest_hop_bounds_it() -> None:
    # Filed ten seconds after the newest hop: in between it lay somewhere on our side.
    chosen = stamps("fetch.own.example Sun, 29 Mar 2026 01:00:00 +0000", own_mx="")

    assert (chosen.at, chosen.source) == (FILED, "internaldate")
    assert (chosen.earlier, chosen.later) == (10 * SECOND, SECOND)


def test_a_hop_after_the_filing_bounds_nothing() -> None:
    chosen = stamps("fetch.own.example Sun, 29 Mar 2026 02:00:00 +0000", own_mx="")

    assert (chosen.earlier, chosen.later) == (SECOND, SECOND)


def test_without_a_filing_the_newest_hop_counts() -> None:
    chosen = stamps("a.example Sun, 29 Mar 2026 01:00:00 +0000", internal=None, own_mx="")

    assert (chosen.at, chosen.source) == (FILED - 10 * SECOND, "received")


def test_with_nothing_at_all_it_arrived_when_we_saw_it() -> None:
    chosen = stamps("a.example yesterday", internal=None)

    assert (chosen.at, chosen.source) == (SEEN, "seen")


def test_the_senders_own_date_is_kept_and_never_counts() -> None:
    chosen = stamps(internal=FILED, date="Mon, 01 Jan 2035 00:00:00 -0000")

    assert chosen.at == FILED
    assert chosen.date_header_at == datetime(2035, 1, 1, tzinfo=UTC)
