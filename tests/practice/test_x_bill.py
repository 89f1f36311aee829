"""What the practice X charges, in millionths of a dollar: the truth that slawatch's own ledger is held against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from slawatch.practice.x import Fault
from tests.practice.at_x import Scene, scene

DAY = timedelta(days=1)


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


def test_the_owner_of_an_app_reads_its_own_mentions_and_posts_cheaper(at: Scene) -> None:
    at.x.post(at.acme, "@ann one")
    at.x.post(at.ann, "two")

    at.client.get(at.mentions)
    at.client.get(f"/2/users/{at.ann.id}/tweets")
    own = at.x.bill.total
    at.client_of(at.ann).get(at.mentions)
    at.client_of(at.acme).get(at.mentions)

    assert own == 2 * 1_000
    assert dict(at.x.bill.micros) == {"owned-read": 2_000, "read": 5_000}  # both others use one app, on one day


def test_what_was_read_is_free_until_the_utc_day_ends(at: Scene) -> None:
    at.x.post(at.acme, "@ann one")
    at.client.get(at.mentions)
    at.clock.forward(timedelta(hours=23, minutes=29, seconds=59))
    at.client.get(at.mentions)
    at.client.get("/2/tweets/search/recent", query="@ann")
    same_day = at.x.bill.total
    at.clock.forward(timedelta(seconds=1))
    at.client.get(at.mentions)

    assert (same_day, at.x.bill.total) == (1_000, 2_000)


def test_every_post_and_message_and_person_is_charged_once_by_its_kind(at: Scene) -> None:
    for number in range(3):
        at.x.post(at.acme, f"sunday {number}")
        at.x.direct(at.acme, at.ann, f"message {number}")

    at.client.get("/2/tweets/search/recent", query="sunday")
    at.client.get("/2/dm_events")
    at.client.get("/2/users/by", usernames="ann,AcmeHelp,nobody")
    at.client.get("/2/users/me")

    assert dict(at.x.bill.count) == {"read": 3, "dm-read": 3, "user-read": 2}
    assert dict(at.x.bill.micros) == {"read": 15_000, "dm-read": 30_000, "user-read": 20_000}


def test_nothing_found_and_nothing_done_cost_nothing(at: Scene) -> None:
    at.x.post(at.acme, "@ann one")
    at.x.faults.add(Fault.EMPTY_503)
    at.x.faults.add(Fault.RESET, "POST *")

    at.client.get(at.mentions)
    with pytest.raises(ConnectionResetError):
        at.client.write("hello")
    at.client.get(at.mentions, since_id=1 << 62)
    at.client.get("/2/tweets", ids="12")
    at.client.write("")
    at.other().get(at.mentions)

    assert at.x.bill.charges == []


def test_what_was_done_is_charged_even_where_nobody_was_told(at: Scene) -> None:
    at.x.faults.add(Fault.RESET_AFTER, "POST *")

    with pytest.raises(ConnectionResetError):
        at.client.write("hello")

    assert at.x.bill.total == 15_000


def test_writing_costs_by_what_is_written(at: Scene) -> None:
    called, other = at.x.post(at.acme, "@ann hello"), at.x.post(at.acme, "hello all")
    own = at.client.write("plain").data["id"]
    at.client.write("see https://acme.example/")
    at.client.write("called", called.id)
    at.client.write("not called", other.id)
    at.client.write("to myself", own)
    at.client.post(f"/2/dm_conversations/with/{at.acme.id}/messages", {"text": "hello"})
    at.client.call("DELETE", f"/2/tweets/{own}")

    assert [charge.micros for charge in at.x.bill.charges] == [15_000, 200_000, 10_000, 15_000, 15_000, 15_000, 10_000]
    assert dict(at.x.bill.count) == {"post": 3, "post-url": 1, "reply": 1, "dm": 1, "delete": 1}


def test_what_expansions_bring_along_is_charged_where_asked_to(at: Scene) -> None:
    at.x.post(at.acme, "@ann one")
    at.client.get(at.mentions, expansions="author_id")
    without = at.x.bill.total

    at.x.bill.expanded = True
    at.client.get(at.mentions, expansions="author_id")

    assert (without, at.x.bill.total) == (1_000, 11_000)


def test_an_app_without_credits_is_told_so_and_does_nothing(at: Scene) -> None:
    app = at.x.app("poor", at.ann)
    app.credits = 20_000
    client = at.other(keys=at.x.oauth1(at.ann, app))

    said = [client.write(f"hello {number}") for number in range(3)]

    assert [one.status for one in said] == [201, 201, 402]
    assert said[2].json["title"] == "CreditsDepleted"
    assert at.x.bill.total == 30_000
