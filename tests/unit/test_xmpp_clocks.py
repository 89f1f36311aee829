"""How the server's clock stands to ours: the truth is never outside what is said to be possible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slawatch.channels.xmpp.clocks import UNSEEN, Seen, ServerClock, stamps
from slawatch.model import Stamps

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
DELAY = timedelta(milliseconds=50)


def cut(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def looked(clock: ServerClock, ahead: timedelta, at: datetime, *, way: timedelta = 2 * MILLISECOND) -> None:
    """Look at a server's clock that is `ahead` of ours; the question takes `way` there and back each."""
    clock.see(Seen(before=at, after=at + 2 * way, showed=cut(at + way + ahead), grain=SECOND))


def kept(clock: ServerClock, *, live: datetime | None, stamp: datetime | None, now: datetime = NOON) -> Stamps:
    return stamps(live=live, delay=DELAY, stamp=stamp, grain=SECOND, clock=clock, now=now, when=lambda at: at)


def holds(found: Stamps, truth: datetime) -> bool:
    return found.at - found.earlier <= truth <= found.at + found.later


@given(
    ahead=st.timedeltas(timedelta(days=-2), timedelta(days=2)),
    looks=st.lists(st.timedeltas(timedelta(0), timedelta(minutes=5)), min_size=1, max_size=10),
    arrived=st.timedeltas(timedelta(minutes=-5), timedelta(minutes=5)),
)
def test_the_true_instant_lies_in_what_a_stamp_leaves_open(
    ahead: timedelta, looks: list[timedelta], arrived: timedelta
) -> None:
    clock = ServerClock()
    for look in sorted(looks):
        looked(clock, ahead, NOON + look)

    found = kept(clock, live=None, stamp=cut(NOON + arrived + ahead), now=NOON + max(looks))

    assert holds(found, NOON + arrived)
    assert found.source == "platform"


def test_looking_around_the_tick_soon_says_how_the_clocks_stand() -> None:
    clock, ahead, at = ServerClock(), timedelta(seconds=3.21), NOON
    looked(clock, ahead, at)
    for _ in range(8):
        wait = clock.wait_for_tick(at, timedelta(milliseconds=20))
        if wait is None:
            break
        at += timedelta(seconds=wait)
        looked(clock, ahead, at)

    found = kept(clock, live=None, stamp=cut(at + ahead), now=at)

    assert clock.wait_for_tick(at, timedelta(milliseconds=20)) is None
    assert found.earlier + found.later <= SECOND + timedelta(milliseconds=25)
    assert clock.at_least_apart() is not None


def test_a_clock_that_was_set_is_believed_as_it_shows_now() -> None:
    clock = ServerClock()
    looked(clock, timedelta(0), NOON)
    looked(clock, timedelta(hours=1), NOON + SECOND)

    assert holds(kept(clock, live=None, stamp=cut(NOON + timedelta(hours=1)), now=NOON + SECOND), NOON)


def test_a_server_that_never_told_its_time_may_be_off_by_more() -> None:
    found = kept(ServerClock(), live=None, stamp=NOON)

    assert found.earlier + found.later == 2 * UNSEEN + SECOND
    assert "taken to be" in found.why


def test_what_came_over_the_open_connection_is_stamped_by_its_arrival() -> None:
    clock = ServerClock()
    looked(clock, timedelta(0), NOON)
    live = NOON + timedelta(seconds=7.4)

    found = kept(clock, live=live, stamp=cut(live))

    assert (found.at, found.source, found.later) == (live, "seen", timedelta(0))
    assert found.earlier == DELAY
    assert "the server's stamp agrees" in found.why


def test_what_came_long_after_the_server_had_it_is_stamped_by_the_server() -> None:
    clock = ServerClock()
    looked(clock, timedelta(0), NOON)
    truth = NOON + timedelta(seconds=7.4)

    found = kept(clock, live=truth + timedelta(seconds=40), stamp=cut(truth))

    assert holds(found, truth)
    assert found.source == "platform"
    assert "hung" in found.why


def test_a_stamp_of_the_future_is_the_servers_mistake() -> None:
    clock = ServerClock()
    looked(clock, timedelta(0), NOON)

    found = kept(clock, live=NOON, stamp=NOON + timedelta(hours=1))

    assert (found.at, found.source) == (NOON, "seen")


def test_without_any_stamp_it_is_when_it_was_fetched() -> None:
    assert kept(ServerClock(), live=None, stamp=None).at == NOON
    assert kept(ServerClock(), live=NOON - SECOND, stamp=None).at == NOON - SECOND
