"""Everything that goes wrong at the practice X: on demand by rules, and by itself where limits and credits end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from slawatch.practice.x import Fault, X, XServer
from slawatch.practice.x.faults import DONE_FIRST
from slawatch.practice.x.limits import Limit
from slawatch.testing import FakeClock
from tests.practice.at_x import MENTIONS, Scene, scene

ME = "/2/users/me"
POST = "POST /2/tweets"
QUARTER = timedelta(minutes=15)
BREAKING = {Fault.CUT, Fault.RESET, Fault.RESET_AFTER, Fault.HANG, Fault.HANG_AFTER}
STATUS = {
    Fault.UNAUTHORIZED: 401,
    Fault.CREDITS: 402,
    Fault.DUPLICATE: 403,
    Fault.NOT_SUMMONED: 403,
    Fault.BLOCKED: 403,
    Fault.EMPTY_404: 404,
    Fault.LIMITED: 429,
    Fault.LIMITED_BARE: 429,
    Fault.LIMITED_PAST: 429,
    Fault.LEGACY_LIMITED: 429,
    Fault.HTML_503: 503,
    Fault.HTML_503_AFTER: 503,
    Fault.EMPTY_503: 503,
    Fault.LEGACY_503: 503,
    Fault.JSON_500: 500,
    Fault.JSON_500_AFTER: 500,
    Fault.HTML_200: 200,
    Fault.EMPTY_200: 200,
    Fault.EMPTY_200_AFTER: 200,
    Fault.TRUNCATED: 201,
}


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


def test_the_tests_know_every_fault() -> None:
    assert set(Fault) == STATUS.keys() | BREAKING


@pytest.mark.parametrize("fault", STATUS)
def test_a_fault_says_what_it_is_named_after_and_then_all_is_well(at: Scene, fault: Fault) -> None:
    at.x.faults.add(fault, POST)

    struck, well = at.client.write("hello"), at.client.write("hello again")

    assert struck.status == STATUS[fault]
    assert well.status == 201
    assert len(list(at.x.by(at.ann, at.ann))) == (2 if fault in DONE_FIRST else 1)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.RESET_AFTER])
def test_a_reset_breaks_the_line_before_or_after_the_deed(at: Scene, fault: Fault) -> None:
    at.x.faults.add(fault, POST)

    with pytest.raises(ConnectionResetError) as broken:
        at.client.write("hello")

    assert not isinstance(broken.value, RemoteDisconnected)  # which http.client makes of an orderly end
    assert len(list(at.x.by(at.ann, at.ann))) == (1 if fault is Fault.RESET_AFTER else 0)
    assert at.client.get(ME).status == 200


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HANG_AFTER])
def test_a_hang_says_nothing_before_or_after_the_deed(at: Scene, fault: Fault) -> None:
    at.x.faults.add(fault, POST)
    line = HTTPConnection(urlsplit(at.server.base_url).netloc, timeout=0.2)

    line.request("POST", "/2/tweets", b'{"text": "hello"}', at.client.authorized("POST", "/2/tweets"))
    with pytest.raises(TimeoutError):
        line.getresponse()

    line.close()
    assert len(list(at.x.by(at.ann, at.ann))) == (1 if fault is Fault.HANG_AFTER else 0)


def test_a_cut_answer_ends_before_its_announced_length(at: Scene) -> None:
    at.x.faults.add(Fault.CUT, f"GET {ME}")

    with pytest.raises(IncompleteRead):
        at.client.get(ME)

    assert at.client.get(ME).status == 200


def test_a_truncated_answer_is_no_json_and_bodies_are_what_they_are_named_after(at: Scene) -> None:
    for fault in (Fault.TRUNCATED, Fault.HTML_200, Fault.EMPTY_200, Fault.EMPTY_404, Fault.LEGACY_LIMITED):
        at.x.faults.add(fault, f"GET {ME}")

    truncated, html, empty, missing, legacy = (at.client.get(ME) for _ in range(5))

    assert truncated.raw.startswith(b'{"data"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(truncated.raw)
    assert html.headers["Content-Type"].startswith("text/html")
    assert html.raw.startswith(b"<!DOCTYPE")
    assert (empty.status, empty.raw, missing.status, missing.raw) == (200, b"", 404, b"")
    assert legacy.json == {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}


def test_a_429_says_until_when_by_the_servers_own_clock_or_nothing(at: Scene) -> None:
    at.x.skew = timedelta(minutes=3)
    for fault in (Fault.LIMITED, Fault.LIMITED_PAST, Fault.LIMITED_BARE):
        at.x.faults.add(fault, f"GET {ME}")

    ahead, past, bare = (at.client.get(ME) for _ in range(3))

    now = int(at.x.now().timestamp())
    assert int(ahead.headers["x-rate-limit-reset"]) == now + 900
    assert int(past.headers["x-rate-limit-reset"]) < now
    assert not [name for name in bare.headers if name.startswith("x-rate")]


def test_a_rule_strikes_where_when_as_often_and_whom_it_says(at: Scene) -> None:
    bob = at.client_of(at.x.person("bob"))
    rule = at.x.faults.add(Fault.EMPTY_503, "GET /2/users/*", times=2, after=1, person=at.ann.id)

    assert [at.client.get("/2/tweets", ids="1").status for _ in range(3)] == [200, 200, 200]
    assert [bob.get(ME).status for _ in range(3)] == [200, 200, 200]
    assert [at.client.get(ME).status for _ in range(4)] == [200, 503, 503, 200]
    assert rule.hits == 2


def test_a_rule_knows_routes_and_paths_and_may_go_on_for_ever(at: Scene) -> None:
    at.x.faults.add("503-empty", MENTIONS, times=-1)
    at.x.faults.add("503-empty", f"GET /2/users/{at.acme.id}/tweets", times=-1)

    assert [at.client.get(at.mentions).status for _ in range(4)] == [503] * 4
    assert at.client.get(f"/2/users/{at.acme.id}/tweets").status == 503
    assert at.client.get(f"/2/users/{at.ann.id}/tweets").status == 200
    at.x.faults.clear()
    assert at.client.get(at.mentions).status == 200


def test_a_rule_may_strike_by_chance_and_the_same_again_from_the_same_seed() -> None:
    runs = []
    for _ in range(2):
        with scene() as made:
            made.x.faults.add(Fault.EMPTY_503, times=-1, chance=0.3)
            made.x.limits.enforced = False
            runs.append([made.client.get(ME).status for _ in range(100)])

    assert runs[0] == runs[1]
    assert 15 < runs[0].count(503) < 45


def test_a_login_can_lose_its_answer_too(at: Scene) -> None:
    app = at.x.app(public=True)
    token = at.x.oauth2(at.ann, app).refresh
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.client_id}
    at.x.faults.add(Fault.RESET_AFTER, "POST /2/oauth2/token")
    client = at.other()

    with pytest.raises(ConnectionResetError):
        client.form("/2/oauth2/token", form)

    assert client.form("/2/oauth2/token", form).status == 400  # it was used up, and the next one is lost


def test_the_sixteenth_look_at_direct_messages_must_wait_for_the_next_quarter(at: Scene) -> None:
    begin = int(at.x.now().timestamp())
    said = [at.client.get("/2/dm_events") for _ in range(16)]
    bob = at.client_of(at.x.person("bob")).get("/2/dm_events")
    at.clock.forward(QUARTER)
    later = at.client.get("/2/dm_events")

    assert [one.status for one in said] == [200] * 15 + [429]
    assert [one.headers["x-rate-limit-remaining"] for one in said] == [str(left) for left in (*range(14, -1, -1), 0)]
    assert {one.headers["x-rate-limit-reset"] for one in said} == {str(begin + 900)}
    assert (bob.status, later.status) == (200, 200)


def test_an_app_by_itself_has_limits_of_its_own(at: Scene) -> None:
    path, query = "/2/tweets/search/recent", {"query": "hello"}

    assert at.other(bearer=at.x.app().bearer).get(path, **query).headers["x-rate-limit-limit"] == "450"
    assert at.client.get(path, **query).headers["x-rate-limit-limit"] == "300"


def test_limits_can_be_left_to_be_told_only(at: Scene) -> None:
    at.x.limits.enforced = False

    assert {at.client.get("/2/dm_events").status for _ in range(20)} == {200}


def test_a_day_has_a_limit_of_its_own(at: Scene) -> None:
    at.x.limits.by_route[POST] = Limit(3, day_app=5)
    statuses = []
    for number in range(8):
        statuses.append(at.client.write(f"hello {number}").status)
        if number in {3, 6}:
            at.clock.forward(QUARTER)

    assert statuses == [201, 201, 201, 429, 201, 201, 429, 429]
    at.clock.forward(timedelta(days=1))
    assert at.client.write("hello").status == 201


def test_leaving_does_not_wait_for_clients_that_keep_their_line_or_hang() -> None:
    x = X(FakeClock())
    x.faults.add(Fault.HANG, "GET /2/tweets")
    with XServer(x) as server:
        kept, hanging = (HTTPConnection(urlsplit(server.base_url).netloc, timeout=30) for _ in range(2))
        kept.request("GET", ME)
        assert kept.getresponse().read()
        hanging.request("GET", "/2/tweets")

    assert kept.sock.recv(1) == b""
    with pytest.raises(ConnectionResetError):
        hanging.getresponse()
    kept.close()
    hanging.close()


def test_calls_and_statuses_are_counted_by_route(at: Scene) -> None:
    at.client.get(at.mentions)
    at.client.get(f"/2/users/{at.acme.id}/mentions")
    at.client.get("/2/nowhere")

    assert at.x.calls[MENTIONS] == at.x.statuses[MENTIONS, 200] == 2
    assert at.x.statuses["GET /2/nowhere", 404] == 1
