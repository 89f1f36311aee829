from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slawatch.model import Asked, Form, Probe, Slot, SlotState, Text, Variant, Wording
from slawatch.plan import Cron, Every, Schedule, choose, slots_between, suitable, word

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before the change to summer time in Berlin
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def slots(
    schedule: Schedule, since: datetime | str, until: datetime | str, zone: str = BERLIN, **more: Any
) -> list[Slot]:
    fields: dict[str, Any] = {
        "company": "example-shop",
        "channel": "email",
        "target": "service@shop.example",
        "account": "main",
        "zone": zone,
        "since": instant(since) if isinstance(since, str) else since,
        "until": instant(until) if isinstance(until, str) else until,
    }
    return slots_between(schedule, **(fields | more))


def local(planned: list[Slot]) -> list[str]:
    return [slot.key.rpartition("|")[2] for slot in planned]


def cron(expression: str, since: str, until: str, zone: str) -> list[str]:
    return local(slots(Cron(expression), since, until, zone))


# --- what a slot is ---


def test_a_slot_says_who_is_asked_from_where_and_when() -> None:
    (slot,) = slots(Cron("0 9 * * *"), "2026-03-30T00:00+02:00", "2026-03-31T00:00+02:00", campaign=7)

    assert slot == Slot(
        key="example-shop|email|service@shop.example|2026-03-30T09:00+02:00",
        company="example-shop",
        channel="email",
        target="service@shop.example",
        account="main",
        due_at=datetime(2026, 3, 30, 7, tzinfo=UTC),
        zone=BERLIN,
        state=SlotState.PLANNED,
        campaign=7,
    )
    assert slot.due_at.tzinfo is UTC


def test_a_window_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    nine, ten = "2026-03-30T09:00+02:00", "2026-03-30T10:00+02:00"

    assert cron("0 * * * *", nine, ten, BERLIN) == [nine]
    assert cron("0 * * * *", "2026-03-30T09:00:01+02:00", ten, BERLIN) == []
    assert cron("0 * * * *", nine, "2026-03-30T10:00:01+02:00", BERLIN) == [nine, ten]


def test_an_empty_window_holds_no_slot() -> None:
    assert slots(Every(MINUTE), NOW, NOW) == []
    assert slots(Every(MINUTE), NOW, NOW - DAY) == []
    assert slots(Cron("* * * * *"), NOW, NOW) == []


def test_a_window_without_zone_is_refused() -> None:
    naive = datetime(2026, 3, 29)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="has no time zone"):
        slots(Every(DAY), naive, NOW)
    with pytest.raises(ValueError, match="has no time zone"):
        slots(Every(DAY), NOW, naive)
    with pytest.raises(ValueError, match="has no time zone"):
        slots(Every(DAY), NOW, NOW + DAY, start=naive)


# --- cron and the changes of the clock ---


def test_cron_keeps_the_companys_local_time_over_the_change_to_summer_time() -> None:
    assert cron("0 9 * * *", "2026-03-28T00:00Z", "2026-03-30T12:00Z", BERLIN) == [
        "2026-03-28T09:00+01:00",
        "2026-03-29T09:00+02:00",
        "2026-03-30T09:00+02:00",
    ]


@pytest.mark.parametrize(
    ("zone", "expression", "day_before", "expected"),
    [
        (BERLIN, "30 2 * * *", "2026-03-28", ["28T02:30+01:00", "29T03:30+02:00", "30T02:30+02:00"]),
        (NEW_YORK, "30 2 * * *", "2026-03-07", ["07T02:30-05:00", "08T03:30-04:00", "09T02:30-04:00"]),
        (LORD_HOWE, "15 2 * * *", "2026-10-03", ["03T02:15+10:30", "04T02:45+11:00", "05T02:15+11:00"]),
    ],
)
def test_a_cron_time_skipped_in_spring_happens_once(
    zone: str, expression: str, day_before: str, expected: list[str]
) -> None:
    begin = datetime.fromisoformat(f"{day_before}T00:00").replace(tzinfo=ZoneInfo(zone))

    planned = local(slots(Cron(expression), begin, begin + timedelta(days=2, hours=12), zone))

    assert planned == [day_before[:8] + day for day in expected]


@pytest.mark.parametrize(
    ("zone", "expression", "day_before", "expected"),
    [
        (BERLIN, "30 2 * * *", "2026-10-24", ["24T02:30+02:00", "25T02:30+02:00", "26T02:30+01:00"]),
        (NEW_YORK, "30 1 * * *", "2026-10-31", ["31T01:30-04:00", "01T01:30-04:00", "02T01:30-05:00"]),
        (LORD_HOWE, "45 1 * * *", "2026-04-04", ["04T01:45+11:00", "05T01:45+11:00", "06T01:45+10:30"]),
    ],
)
def test_a_cron_time_repeated_in_autumn_happens_once_the_first_time(
    zone: str, expression: str, day_before: str, expected: list[str]
) -> None:
    begin = datetime.fromisoformat(f"{day_before}T00:00").replace(tzinfo=ZoneInfo(zone))

    planned = local(slots(Cron(expression), begin, begin + timedelta(days=2, hours=12), zone))

    assert [key[8:] for key in planned] == expected


def test_times_the_spring_gap_throws_together_are_one_slot() -> None:
    assert cron("0,30 2,3 * * *", "2026-03-29T00:00+01:00", "2026-03-29T12:00+02:00", BERLIN) == [
        "2026-03-29T03:00+02:00",
        "2026-03-29T03:30+02:00",
    ]


def test_an_hour_of_minutes_after_a_half_hour_gap_is_complete() -> None:
    planned = cron("*/10 3 * * *", "2026-10-04T00:00+10:30", "2026-10-04T12:00+11:00", LORD_HOWE)

    assert [key[11:16] for key in planned] == ["03:00", "03:10", "03:20", "03:30", "03:40", "03:50"]


def test_a_skipped_time_falls_into_the_window_that_begins_with_the_change() -> None:
    # 02:30 does not exist; moved on to 03:30 it lies after the start of a window that begins at 03:00.
    change = "2026-03-29T01:00Z"

    assert cron("30 2 * * *", "2026-03-29T00:00Z", change, BERLIN) == []
    assert cron("30 2 * * *", change, "2026-03-29T02:00Z", BERLIN) == ["2026-03-29T03:30+02:00"]


def test_a_time_of_the_first_pass_is_in_a_window_that_ends_in_the_second() -> None:
    # 02:30 summer time comes before 02:10 winter time, though the wall clock reads less then.
    assert cron("30 2 * * *", "2026-10-25T00:00Z", "2026-10-25T01:10Z", BERLIN) == ["2026-10-25T02:30+02:00"]


def test_a_day_that_never_was_makes_no_second_slot() -> None:
    # Samoa went over the date line: after 29 December 2011 came the 31st.
    begin = instant("2011-12-29T00:00-10:00")

    planned = local(slots(Cron("0 10 * * *"), begin, begin + 3 * DAY, "Pacific/Apia"))

    assert planned == ["2011-12-29T10:00-10:00", "2011-12-31T10:00+14:00", "2012-01-01T10:00+14:00"]


def test_cron_counts_sunday_as_0_and_7_and_knows_names() -> None:
    week = ("2026-03-30T00:00+02:00", "2026-04-06T00:00+02:00", BERLIN)

    sunday = ["2026-04-05T08:00+02:00"]
    assert cron("0 8 * * 0", *week) == cron("0 8 * * 7", *week) == cron("0 8 * * Sun", *week) == sunday
    assert len(cron("0 8 * * Mon-Fri", *week)) == 5


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 9 * *", '^"0 9 [*] [*]" has 4 fields; write five, such as "0 9 [*] [*] Mon-Fri"$'),
        ("0 0 9 * * *", "has 6 fields"),
        ("", "has 0 fields"),
        ("60 9 * * *", '^"60 9 [*] [*] [*]": bad minute; write five fields, such as'),
        ("0 9 * * Fri-Mon", "bad day-of-week"),
        ("0 9 31 2 *", "bad day-of-month"),
        ("@daily x x x x", "bad minute"),
    ],
)
def test_a_cron_expression_that_cannot_be_is_refused(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cron(expression)


# --- every ---


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, LORD_HOWE])
def test_every_week_keeps_weekday_and_local_time_all_year(zone: str) -> None:
    planned = slots(Every(7 * DAY), "2026-01-01T00:00Z", "2027-01-01T00:00Z", zone)

    times = {slot.due_at.astimezone(ZoneInfo(zone)).strftime("%a %H:%M") for slot in planned}
    assert len(times) == 1
    assert len(planned) in {52, 53}
    offsets = {key[16:] for key in local(planned)}
    assert len(offsets) == 2  # the year had both winter and summer time


def test_every_few_hours_runs_on_in_real_time_over_the_change() -> None:
    for schedule in (Every(6 * HOUR), Every(36 * HOUR), Every(90 * MINUTE)):
        planned = slots(schedule, "2026-03-20T00:00Z", "2026-04-10T00:00Z")
        assert {later.due_at - earlier.due_at for earlier, later in pairwise(planned)} == {schedule.interval}


def test_a_daily_time_in_the_spring_gap_moves_on_and_comes_back() -> None:
    begin = datetime(2026, 3, 28, 2, 30, tzinfo=ZoneInfo(BERLIN))
    for number in range(3000):  # until the hash gives the very minute of the start
        planned = local(slots(Every(DAY), begin, begin + 3 * DAY, start=begin, seed=str(number)))
        if planned[0] == "2026-03-28T02:30+01:00":
            assert planned == ["2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]
            return
    pytest.fail("no seed put the target on its start")


def test_without_a_start_targets_are_spread_over_the_whole_interval_and_all_hours() -> None:
    firsts = [
        slots(Every(7 * DAY), "2026-04-06T00:00+02:00", "2026-04-13T00:00+02:00", target=f"a{number}@shop.example")
        for number in range(500)
    ]

    assert {len(planned) for planned in firsts} == {1}
    when = [planned[0].due_at.astimezone(ZoneInfo(BERLIN)) for planned in firsts]
    assert set(Counter(at.weekday() for at in when)) == set(range(7))
    assert set(Counter(at.hour for at in when)) == set(range(24))


def test_with_a_start_every_targets_first_slot_lies_within_24_hours_after_it() -> None:
    start = instant("2026-04-06T15:20:42+02:00")

    for number in range(300):
        address = f"a{number}@shop.example"
        planned = slots(Every(7 * DAY), start, start + 14 * DAY, target=address, start=start)
        assert len(planned) == 2
        assert start - MINUTE < planned[0].due_at < start + DAY


def test_with_a_start_a_short_interval_begins_within_itself() -> None:
    start = instant("2026-04-06T15:20+02:00")

    for number in range(50):
        planned = slots(Every(6 * HOUR), start, start + DAY, target=f"a{number}@shop.example", start=start)
        assert len(planned) == 4


def test_nothing_is_due_before_the_start() -> None:
    start = instant("2026-04-06T15:20+02:00")

    before = slots(Every(DAY), start - 30 * DAY, start, start=start)

    assert before == []
    assert slots(Every(DAY), start - 30 * DAY, start) != []


def test_the_spread_does_not_change_from_process_to_process() -> None:
    # A hash of the process (PYTHONHASHSEED) would move every slot with each restart.
    assert local(slots(Every(7 * DAY), "2026-04-06T00:00Z", "2026-04-20T00:00Z")) == [
        "2026-04-08T03:33+02:00",
        "2026-04-15T03:33+02:00",
    ]


def test_seed_company_channel_and_target_each_move_the_slots() -> None:
    def keys(**more: str) -> tuple[datetime, ...]:
        return tuple(slot.due_at for slot in slots(Every(7 * DAY), NOW, NOW + 7 * DAY, **more))

    variants = [keys(), keys(seed="x"), keys(company="b"), keys(channel="twitter"), keys(target="b@shop.example")]
    assert len(set(variants)) == 5
    assert keys(account="other") == keys()


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(seconds=30), timedelta(seconds=90), -DAY])
def test_an_interval_finer_than_minutes_is_refused(interval: timedelta) -> None:
    with pytest.raises(ValueError, match='is no whole number of minutes; write "7 d" or "12 h"'):
        Every(interval)


# --- properties ---

zones = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "UTC", "Africa/Casablanca", "America/Santiago", "Asia/Kathmandu"])
schedules = st.one_of(
    st.integers(min_value=30, max_value=60 * 24 * 20).map(lambda minutes: Every(minutes * MINUTE)),
    st.integers(min_value=1, max_value=40).map(lambda days: Every(days * DAY)),
    st.builds(
        "{} {} * * {}".format,
        st.sampled_from(["0", "15", "30", "0,45", "*/20"]),
        st.sampled_from(["0", "1", "2", "3", "1-3", "*/6", "9,17"]),
        st.sampled_from(["*", "Mon-Fri", "Sun"]),
    ).map(Cron),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones
starts = st.one_of(st.none(), moments)


@settings(deadline=None)
@given(schedules, zones, moments, st.timedeltas(timedelta(0), 30 * DAY), starts)
def test_slots_are_unique_in_order_and_within_the_window(
    schedule: Schedule, zone: str, since: datetime, length: timedelta, start: datetime | None
) -> None:
    planned = slots(schedule, since, since + length, zone, start=start)

    assert len({slot.key for slot in planned}) == len(planned)
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(planned))
    assert all(since <= slot.due_at < since + length for slot in planned)
    assert all(instant(slot.key.rpartition("|")[2]) == slot.due_at for slot in planned)


@settings(deadline=None)
@given(schedules, zones, moments, st.timedeltas(timedelta(0), 15 * DAY), st.timedeltas(timedelta(0), 15 * DAY), starts)
def test_two_windows_side_by_side_hold_what_one_over_both_holds(
    schedule: Schedule, zone: str, since: datetime, first: timedelta, second: timedelta, start: datetime | None
) -> None:
    middle, until = since + first, since + first + second

    apart = slots(schedule, since, middle, zone, start=start) + slots(schedule, middle, until, zone, start=start)

    assert apart == slots(schedule, since, until, zone, start=start)


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=30), zones, moments, starts, st.text(max_size=5))
def test_whole_days_keep_the_local_time_but_in_the_spring_gap(
    days: int, zone: str, since: datetime, start: datetime | None, seed: str
) -> None:
    planned = slots(Every(days * DAY), since, since + 365 * DAY, zone, start=start, seed=seed)

    times = Counter(key[11:16] for key in local(planned))
    for _, count in times.most_common()[1:]:
        assert count <= 2  # at most two changes forward a year, in Morocco
    for earlier, later in pairwise(planned):
        assert abs(later.due_at - earlier.due_at - days * DAY) <= HOUR


@settings(deadline=None, max_examples=40)
@given(st.integers(min_value=0, max_value=59), st.integers(min_value=0, max_value=23), zones)
def test_a_daily_cron_time_comes_once_on_every_day_of_the_year(minute: int, hour: int, zone: str) -> None:
    begin = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))

    planned = slots(Cron(f"{minute} {hour} * * *"), begin, begin.replace(year=2027), zone)

    assert len({key[:10] for key in local(planned)}) == len(planned) == 365


# --- which text ---


def probe(name: str, variants: int = 2, *langs: str, customer: bool = False, posts: int = 0) -> Probe:
    wording = Wording(
        variants=tuple(
            Variant(subject=f"{name} {{reference}} {n}", body=f"{name} {n}?\n\n{{name}}") for n in range(variants)
        ),
        expects=("x",),
        follow_up="y",
        posts=tuple(f"{name} {n}?" for n in range(posts)),
        post_follow_up="z",
    )
    return Probe(name=name, wordings=dict.fromkeys(langs or ("de",), wording), customer=customer)


def was_asked(
    name: str, variant: int, days_ago: float, lang: str = "de", channel: str = "email", form: Form = Form.LETTER
) -> Asked:
    return Asked(
        company="example-shop",
        channel=channel,
        probe=name,
        lang=lang,
        variant=variant,
        at=NOW - days_ago * DAY,
        form=form,
    )


def was_posted(name: str, variant: int, days_ago: float, channel: str = "twitter") -> Asked:
    return was_asked(name, variant, days_ago, channel=channel, form=Form.POST)


def chosen(
    probes: list[Probe], *history: Asked, own: bool = False, salt: str = "", form: Form = Form.LETTER
) -> tuple[str, int] | None:
    choice = choose(probes, "de", history, NOW, own=own, salt=salt, form=form)
    return (choice[0].name, choice[2]) if choice else None


def test_a_probe_never_asked_comes_before_one_that_was() -> None:
    assert chosen([probe("a"), probe("b")], was_asked("a", 0, 20)) in {("b", 0), ("b", 1)}
    assert chosen([probe("a"), probe("b")], was_asked("b", 0, 20)) in {("a", 0), ("a", 1)}


def test_the_probe_asked_longest_ago_comes_next_with_its_fresh_wording() -> None:
    history = [was_asked("a", 1, 50), was_asked("b", 0, 20), was_asked("c", 0, 30)]

    assert chosen([probe("a"), probe("b"), probe("c")], *history) == ("a", 0)


def test_the_latest_use_of_a_probe_counts_in_whatever_order_history_comes() -> None:
    history = [was_asked("a", 0, 20), was_asked("a", 1, 60), was_asked("b", 0, 40)]

    assert chosen([probe("a", 3), probe("b", 3)], *history) in {("b", 1), ("b", 2)}
    assert chosen([probe("a", 3), probe("b", 3)], *reversed(history)) in {("b", 1), ("b", 2)}


def test_the_wording_used_longest_ago_comes_next() -> None:
    history = [was_asked("a", 0, 300), was_asked("a", 1, 400), was_asked("a", 2, 200)]

    assert chosen([probe("a", 3)], *history) == ("a", 1)


def test_the_latest_use_of_a_text_counts_in_whatever_order_history_comes() -> None:
    uses = [was_asked("a", 0, 400), was_asked("a", 0, 10)]

    assert chosen([probe("a", 1)], *uses) is None
    assert chosen([probe("a", 1)], *reversed(uses)) is None


def test_no_text_goes_to_a_company_twice_within_180_days() -> None:
    assert chosen([probe("a", 1)], was_asked("a", 0, 179.99)) is None
    assert chosen([probe("a", 1)], was_asked("a", 0, 180)) == ("a", 0)


def test_a_text_sent_on_another_channel_is_known_to_the_company_too() -> None:
    assert chosen([probe("a", 1)], was_asked("a", 0, 5, channel="twitter")) is None


def test_the_same_probe_in_another_language_is_another_text() -> None:
    assert chosen([probe("a", 1, "de", "en")], was_asked("a", 0, 5, lang="en")) == ("a", 0)


def test_an_own_company_may_get_a_text_again_the_oldest_first() -> None:
    history = [was_asked("a", 0, 2), was_asked("a", 1, 3)]

    assert chosen([probe("a")], *history) is None
    assert chosen([probe("a")], *history, own=True) == ("a", 1)


def test_a_probe_without_the_language_is_never_chosen() -> None:
    assert chosen([probe("a", 2, "en")]) is None
    assert choose([probe("a", 2, "en")], "en", [], NOW) is not None


def test_without_probes_nothing_is_chosen() -> None:
    assert chosen([]) is None


def test_companies_do_not_all_get_the_same_question_first() -> None:
    probes = [probe(name, 4) for name in "abcdef"]

    firsts = Counter(chosen(probes, salt=f"company-{number}") for number in range(300))

    assert {name for name, _ in firsts if name} == set("abcdef")  # type: ignore[misc]
    assert len(firsts) == 24
    assert chosen(probes, salt="company-1") == chosen(probes, salt="company-1")


def test_every_text_is_asked_once_before_the_history_is_used_up() -> None:
    probes = [probe(name, 4) for name in "abcdefghijkl"]
    history: list[Asked] = []
    for number in range(48):
        choice = choose(probes, "de", history, NOW, salt="s")
        assert choice is not None
        history.append(was_asked(choice[0].name, choice[2], 100 - number))
        assert len({asked.probe for asked in history[-12:]}) == min(number + 1, 12)  # the probes take turns

    assert len({(asked.probe, asked.variant) for asked in history}) == 48
    assert choose(probes, "de", history, NOW, salt="s") is None


def test_only_suitable_probes_are_offered() -> None:
    probes = {one.name: one for one in (probe("b"), probe("a"), probe("e", 2, "en"), probe("k", customer=True))}

    def names(**more: Any) -> list[str]:
        return [one.name for one in suitable(probes, lang="de", **more)]

    assert names() == ["a", "b"]
    assert names(customer=True) == ["a", "b", "k"]
    assert names(names=["b", "e"]) == ["b"]
    assert names(names=["k"]) == []  # naming it does not make the sender a customer
    assert names(names=["k"], customer=True) == ["k"]


# --- which post ---


def test_in_public_only_probes_worded_for_it_are_asked() -> None:
    probes = {one.name: one for one in (probe("a", posts=1), probe("b"), probe("c", 2, "en", posts=1))}

    assert [one.name for one in suitable(probes, lang="de", form=Form.POST)] == ["a"]
    assert [one.name for one in suitable(probes, lang="de", names=["b"], form=Form.POST)] == []
    assert [one.name for one in suitable(probes, lang="de")] == ["a", "b"]
    assert chosen([probe("b")], form=Form.POST) is None


def test_what_is_chosen_for_the_public_is_one_of_the_posts() -> None:
    three = {chosen([probe("a", 1, posts=3)], salt=str(number), form=Form.POST) for number in range(50)}

    assert three == {("a", 0), ("a", 1), ("a", 2)}


@pytest.mark.parametrize("platform", ["twitter", "mastodon", "bluesky"])
def test_no_post_goes_to_a_company_on_two_platforms_within_180_days(platform: str) -> None:
    assert chosen([probe("a", posts=1)], was_posted("a", 0, 179.99, platform), form=Form.POST) is None
    assert chosen([probe("a", posts=2)], was_posted("a", 0, 179.99, platform), form=Form.POST) == ("a", 1)
    assert chosen([probe("a", posts=1)], was_posted("a", 0, 180, platform), form=Form.POST) == ("a", 0)


def test_two_platforms_of_one_company_are_never_given_the_same_post() -> None:
    probes = [probe(name, posts=3) for name in "abc"]
    history: list[Asked] = []
    for number in range(9):
        choice = choose(probes, "de", history, NOW, salt="s", form=Form.POST)
        assert choice is not None
        history.append(was_posted(choice[0].name, choice[2], 9 - number, ("twitter", "mastodon")[number % 2]))

    assert len({(asked.probe, asked.variant) for asked in history}) == 9
    assert choose(probes, "de", history, NOW, salt="s", form=Form.POST) is None


def test_a_letter_and_a_post_of_the_same_number_are_different_texts() -> None:
    assert chosen([probe("a", 1, posts=1)], was_asked("a", 0, 5), form=Form.POST) == ("a", 0)
    assert chosen([probe("a", 1, posts=1)], was_posted("a", 0, 5)) == ("a", 0)
    assert chosen([probe("a", 1, posts=1)], was_asked("a", 0, 5), was_posted("a", 0, 4), form=Form.POST) is None


def test_what_was_asked_by_letter_is_not_the_next_question_in_public() -> None:
    probes = [probe("a", posts=1), probe("b", posts=1)]

    assert chosen(probes, was_asked("a", 0, 20), form=Form.POST) == ("b", 0)
    assert chosen(probes, was_asked("b", 0, 20), form=Form.POST) == ("a", 0)


# --- filling in ---


def filled(subject: str, body: str, **values: str) -> Text:
    one = Probe(
        name="p",
        wordings={"en": Wording(variants=(Variant(subject=subject, body=body),), expects=("x",), follow_up="y")},
    )
    values = {"company": "Example Shop", "name": "Kim Doe", "reference": "k7f3"} | values
    return word(one, "en", 0, company=values["company"], name=values["name"], reference=values["reference"])


def test_company_name_and_reference_are_filled_in() -> None:
    text = filled("To {company} (my reference {reference})", "\nHi {company},\n\nWhen?\n\n{name}\n")

    assert text == Text(
        probe="p",
        lang="en",
        variant=0,
        subject="To Example Shop (my reference k7f3)",
        body="Hi Example Shop,\n\nWhen?\n\nKim Doe\n",
    )


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert filled("{company} {reference}", "{name}", company="{name}").subject == "{name} k7f3"
    assert filled("s {reference}", "{name}", name="{company}{reference}").body == "{company}{reference}\n"


def test_a_subject_stays_one_line_whatever_is_filled_in() -> None:
    subject = filled("Hi {company} {reference}", "{name}", company="Shop\r\nBcc: all@shop.example").subject

    assert subject == "Hi Shop Bcc: all@shop.example k7f3"


def posted(post: str, **values: str) -> Text:
    one = Probe(
        name="p",
        wordings={
            "en": Wording(
                variants=(Variant(subject="{reference}", body="A letter"),),
                expects=("x",),
                follow_up="y",
                posts=("Another one?", post),
            )
        },
    )
    values = {"company": "Example Shop", "name": "Kim Doe", "reference": "k7f3"} | values
    return word(one, "en", 1, **values, form=Form.POST)


def test_a_post_is_one_line_without_subject_token_or_name() -> None:
    assert posted(" When does {company} open? ") == Text(
        probe="p", lang="en", variant=1, subject="", body="When does Example Shop open?", form=Form.POST
    )
    assert posted("Is {company} open?", company="Example\n\nShop").body == "Is Example Shop open?"


@pytest.mark.parametrize(
    ("company", "shown"),
    [
        ("Example-Shop.example", "Example-Shop"),
        ("www.shop.co.example GmbH", "shop GmbH"),
        ("https://shop.example", "shop"),
        ("SHOP.EXAMPLE", "SHOP"),
        ("@home", "home"),
        ("#nofilter", "nofilter"),
        ("Dr. Oetker", "Dr. Oetker"),
        ("Dr.Oetker & Co. KG", "Dr.Oetker & Co. KG"),
        ("A.T.U", "A.T.U"),
        ("a.t.u", "a.t.u"),
        ("1. FC Example e.V.", "1. FC Example e.V."),
        ("{name}", "{name}"),
    ],
)
def test_a_companys_name_becomes_no_link_and_no_mention_in_a_post(company: str, shown: str) -> None:
    assert posted("Is {company} open?", company=company).body == f"Is {shown} open?"
    assert filled("{reference}", "{company}", company=company).body == f"{company}\n"
