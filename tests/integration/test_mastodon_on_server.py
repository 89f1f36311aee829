"""Asking and reading on a real server that speaks Mastodon's API, with its bad days."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from slawatch.channels.base import Logins
from slawatch.channels.mastodon import MastodonChannel, Settings, tokens
from slawatch.channels.mastodon.platform import PAGE, MastodonPlatform
from slawatch.channels.social.platform import Draft, Feed, Page, Post
from slawatch.clock import SystemClock
from slawatch.errors import (
    AccountHaltedError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    ConfigError,
)
from slawatch.model import ZERO
from slawatch.secret import Secret
from slawatch.testing import FakeClock
from tests.servers.gate import Gate
from tests.servers.mastodon import HOME, MastodonServer, running
from tests.social_town import Notebook

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

STATUSES = "/api/v1/statuses"
OURS = "token-of-robin"
ME = "robin@social.example"
ACME = "acme@social.example"
SHOP = "help@shop.example"
QUESTION = f"@{SHOP} Wie lange dauert die Lieferung nach Köln & Bonn?\n\nDanke <3"

Made = Callable[..., MastodonPlatform]


@pytest.fixture(scope="module")
def started() -> Iterator[MastodonServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(started: MastodonServer) -> MastodonServer:
    started.reset()
    return started


@pytest.fixture
def made(server: MastodonServer) -> Iterator[Made]:
    platforms: list[MastodonPlatform] = []

    def make(*, token: str = OURS, clock: FakeClock | None = None, **other: object) -> MastodonPlatform:
        platform = MastodonPlatform(
            server.settings(**other), account="main", clock=clock or SystemClock(), token=lambda: token
        )
        platforms.append(platform)
        return platform

    yield make
    for one in platforms:
        one.close()


@pytest.fixture
def platform(made: Made) -> MastodonPlatform:
    return made()


def draft(text: str = QUESTION, *, key: str = "first", reply_to: str = "") -> Draft:
    return Draft(text=text, key=key, lang="de", reply_to=reply_to)


def whole_pass(platform: MastodonPlatform, mark: str = "", feed: Feed = Feed.MENTIONS) -> tuple[list[Post], Page]:
    """Return all posts of a pass, and its last page."""
    page = platform.feed(feed, mark, "")
    posts = [*page.posts]
    while page.next:
        page = platform.feed(feed, mark, page.next)
        posts += page.posts
    return posts, page


class TestPeople:
    def test_the_account_is_who_the_config_says(self, platform: MastodonPlatform, made: Made) -> None:
        assert (platform.me().handle, platform.me().name) == (ME, "Robin Beispiel")

        with pytest.raises(AccountHaltedError, match=f'the token is that of @{ME}; write handle = "@{ME}"'):
            made(handle=f"@other@{HOME}").me()

    def test_handles_are_found_here_and_elsewhere(self, platform: MastodonPlatform) -> None:
        found = platform.profiles(["acme", ACME, SHOP, "nobody", "nobody@shop.example", "help"])

        assert {handle: one.handle for handle, one in found.items()} == {"acme": ACME, ACME: ACME, SHOP: SHOP}

    def test_whom_our_server_has_not_met_it_looks_for(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        shop = server.do("GET", f"/api/v1/accounts/lookup?acct={SHOP}")
        server.fault({"type": "status", "status": 404}, path="/api/v1/accounts/lookup")
        found = {"accounts": [{**shop, "id": "9", "acct": "help@shop.example.org"}, None, {"acct": SHOP}, shop]}
        server.fault({"type": "status", "status": 200, "body": found}, path="/api/v2/search")

        assert platform.profiles([SHOP])[SHOP].id == shop["id"]

    def test_a_machine_that_says_so_is_known_as_one(self, platform: MastodonPlatform) -> None:
        assert platform.profiles(["machine"])["machine"].automated
        assert not platform.profiles(["acme"])["acme"].automated


class TestPosting:
    def test_a_post_stands_there_as_it_was_written(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        before = datetime.now(UTC)

        post = platform.publish(draft())

        assert [one["id"] for one in server.posts("robin")] == [post.id]
        source = server.do("GET", f"{STATUSES}/{post.id}/source", who="robin")
        assert source["text"] == QUESTION
        assert post.text == QUESTION
        assert (post.author.handle, post.conversation, post.lang, post.direct) == (ME, post.id, "de", False)
        assert post.mentions == (platform.profiles([SHOP])[SHOP].id,)
        assert before <= post.at <= datetime.now(UTC)
        assert (post.source, post.uncertainty) == ("created_at", ZERO)

    def test_people_on_our_own_server_are_named_in_short_and_read_in_full(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        post = platform.publish(draft(f"@{ACME} wie lange?"))

        assert server.do("GET", f"{STATUSES}/{post.id}/source", who="robin")["text"] == "@acme wie lange?"
        assert post.text == f"@{ACME} wie lange?"
        assert len(post.mentions) == 1

    def test_the_same_key_posts_once(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        first, again = platform.publish(draft()), platform.publish(draft())

        assert first.id == again.id
        assert len(server.posts("robin")) == 1
        assert platform.publish(draft(key="second")).id != first.id

    def test_who_sees_it_is_as_the_config_says(self, made: Made, server: MastodonServer) -> None:
        made(visibility="unlisted").publish(draft())

        assert server.posts("robin")[0]["visibility"] == "unlisted"

    def test_a_direct_message_names_whom_it_is_for_and_goes_to_nobody_else(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        shop = platform.profiles([SHOP])[SHOP]

        post = platform.publish(Draft(text="Wie lange?", key="k", direct_to=shop.id))

        assert server.posts("robin")[0]["visibility"] == "direct"
        assert (post.text, post.direct, post.mentions) == (f"@{SHOP} Wie lange?", True, (shop.id,))
        named = platform.publish(
            Draft(text=f"@{SHOP} Und jetzt?", key="l", direct_to=shop.id, mentions={SHOP: shop.id})
        )
        assert named.text == f"@{SHOP} Und jetzt?"

    def test_a_reply_stands_in_its_conversation(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        asked = platform.publish(draft())
        answer = server.post("help", "@robin Welche Nummer?", reply_to=asked.id)

        reply = platform.publish(
            Draft(text=f"@{SHOP} Keine.", key="r", reply_to=answer["id"], root=asked.id, mentions={SHOP: "1"})
        )

        assert (reply.reply_to, reply.conversation) == (answer["id"], asked.id)
        assert {one.id for one in platform.own_posts(asked.at)} == {asked.id, reply.id}
        assert {one.conversation for one in platform.own_posts(asked.at)} == {asked.id}

    def test_what_is_too_long_is_refused_for_good(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        with pytest.raises(ChannelRefusedError, match=r"HTTP 422: Validation failed: Text is too long"):
            platform.publish(draft("x" * 501))
        assert server.posts("robin") == []

    def test_our_own_posts_are_found_back_to_a_time_over_pages(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        posted = [server.post("robin", f"Nummer {number}") for number in range(PAGE + 5)]
        server.post("robin", "@help@shop.example geheim", visibility="direct")
        liked = server.post("acme", "Wir liefern nach Köln.")
        server.do("POST", f"{STATUSES}/{liked['id']}/reblog", who="robin")  # said again, not asked

        found = platform.own_posts(datetime.fromisoformat(posted[2]["created_at"]))

        assert len(found) == PAGE + 4
        assert any(one.direct for one in found)
        assert len({one.id for one in found}) == len(found)


class TestReading:
    def test_answers_come_in_with_when_our_server_got_them(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        asked = platform.publish(draft())
        at_home = server.post("acme", "@robin Drei Tage.", reply_to=asked.id)
        abroad = server.post("help", "@robin Vier Tage.", reply_to=asked.id)
        server.post("troll", "Das interessiert niemanden.", reply_to=asked.id)  # names nobody, so nobody is told

        found = {one.id: one for one in whole_pass(platform)[0]}

        assert set(found) == {at_home["id"], abroad["id"]}
        near, far = found[at_home["id"]], found[abroad["id"]]
        assert (near.author.handle, far.author.handle) == (ACME, SHOP)
        assert (near.source, near.at) == ("created_at", datetime.fromisoformat(at_home["created_at"]))
        assert far.source == "notification"
        assert near.at < far.at
        assert timedelta(0) <= far.at - datetime.fromisoformat(abroad["created_at"]) < timedelta(seconds=5)
        assert near.text == f"@{ME} Drei Tage."
        assert {near.conversation, far.conversation} == {asked.id}

    def test_the_beginning_of_a_conversation_is_asked_for_by_who_does_not_know_it(
        self, platform: MastodonPlatform, server: MastodonServer, made: Made
    ) -> None:
        asked = platform.publish(draft())
        first = server.post("help", "@robin Ich frage nach.", reply_to=asked.id)
        second = server.post("help", "@robin Drei Tage.", reply_to=first["id"])

        found = {one.id: one for one in whole_pass(made())[0]}

        assert found[second["id"]].conversation == asked.id
        assert found[second["id"]].reply_to == first["id"]

    def test_what_only_we_can_read_comes_in_apart(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        public = server.post("help", "@robin öffentlich")
        private = server.post("help", "@robin geheim", visibility="direct")

        assert [one.id for one in whole_pass(platform)[0]] == [public["id"]]
        [direct] = whole_pass(platform, feed=Feed.DIRECT)[0]
        assert (direct.id, direct.direct) == (private["id"], True)

    def test_many_come_in_over_pages_each_once(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        sent = [server.post("help", f"@robin Nummer {number}")["id"] for number in range(2 * PAGE + 3)]

        found, last = whole_pass(platform)

        assert sorted(one.id for one in found) == sorted(sent)
        assert not last.cut_off

    def test_what_is_newer_than_two_minutes_comes_in_again(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        first = server.post("help", "@robin eins")["id"]
        _, page = whole_pass(platform)
        second = server.post("help", "@robin zwei")["id"]

        found, _ = whole_pass(platform, page.mark)

        assert {one.id for one in found} == {first, second}

    def test_after_two_minutes_a_look_costs_nothing_but_the_witness(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        notices = [server.post("help", f"@robin {number}") for number in range(4)]
        ids = [one["id"] for one in server.do("GET", "/api/v1/notifications", who="robin")]

        found, page = whole_pass(platform, f"{ids[2]} {ids[1]}")

        assert [one.id for one in found] == [notices[3]["id"], notices[2]["id"]]
        assert (page.mark, page.cut_off) == (f"{ids[2]} {ids[1]}", False)

    def test_notifications_that_were_cleared_leave_a_gap_that_is_told_once(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        for number in range(3):
            server.post("help", f"@robin {number}")
        ids = [one["id"] for one in server.do("GET", "/api/v1/notifications", who="robin")]
        server.do("POST", "/api/v1/notifications/clear", who="robin")

        _, page = whole_pass(platform, f"{ids[2]} {ids[1]}")

        assert page.cut_off
        assert page.mark
        _, again = whole_pass(platform, page.mark)
        assert not again.cut_off

    def test_one_notification_that_is_gone_is_no_gap(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        for number in range(3):
            server.post("help", f"@robin {number}")
        ids = [one["id"] for one in server.do("GET", "/api/v1/notifications", who="robin")]
        server.do("POST", f"/api/v1/notifications/{ids[1]}/dismiss", who="robin")

        _, page = whole_pass(platform, f"{ids[2]} {ids[1]}")

        assert not page.cut_off

    def test_the_first_look_goes_back_no_further_than_the_history(self, made: Made, server: MastodonServer) -> None:
        server.post("help", "@robin längst vergangen")
        long_after = FakeClock(datetime.now(UTC) + timedelta(days=36))

        assert whole_pass(made(clock=long_after))[0] == []
        [notice] = server.do("GET", "/api/v1/notifications", who="robin")
        assert whole_pass(made(clock=long_after), f"- {notice['id']}")[0] == []
        assert len(whole_pass(made())[0]) == 1

    def test_a_post_that_makes_no_sense_keeps_no_other_from_coming_in(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        good = server.post("help", "@robin Drei Tage.")
        told = server.do("GET", "/api/v1/notifications", who="robin")
        broken = {**told[0], "id": "9", "status": {**told[0]["status"], "created_at": "gestern"}}
        other_kind = {**told[0], "id": "8", "type": "favourite", "status": {**told[0]["status"], "id": "7"}}
        said_again = {**told[0], "id": "6", "status": {**told[0]["status"], "id": "5", "reblog": told[0]["status"]}}
        nonsense = [None, {"id": 1}, {**told[0], "status": None}, broken, other_kind, said_again]
        server.fault({"type": "status", "status": 200, "body": [*nonsense, *told]}, path="/api/v1/notifications")

        assert [one.id for one in whole_pass(platform)[0]] == [good["id"]]


class TestLookingOnceMore:
    def test_a_conversation_is_seen_to_its_end(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        asked, silent = platform.publish(draft()), platform.publish(draft(key="silent"))
        first = server.post("troll", "Die antworten nie.", reply_to=asked.id)
        server.post("help", "@troll doch: drei Tage.", reply_to=first["id"])
        shop = platform.profiles([SHOP])[SHOP].id

        sighting = platform.look({asked.id: asked.at, silent.id: silent.at, "42": asked.at})
        theirs = platform.look({asked.id: asked.at}, authors=[shop])

        assert sighting.seen == {asked.id, silent.id}
        assert sighting.unseen == {"42": "the post is no longer there, or not shown to this account"}
        assert [one.author.handle for one in sighting.posts] == [f"troll@{HOME}", SHOP]
        assert [one.author.handle for one in theirs.posts] == [SHOP]
        assert {one.conversation for one in sighting.posts} == {asked.id}
        far = theirs.posts[0]
        assert (far.source, far.uncertainty) == ("created_at", timedelta(seconds=1))

    def test_a_reply_that_makes_no_sense_leaves_silence_unproven(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        asked = platform.publish(draft())
        good = server.post("help", "@robin Drei Tage.", reply_to=asked.id)
        told = {"ancestors": [], "descendants": [good, {**good, "created_at": "gestern"}]}
        path = f"{STATUSES}/{asked.id}/context"
        server.fault({"type": "status", "status": 200, "body": told}, path=path)

        sighting = platform.look({asked.id: asked.at})

        assert [one.id for one in sighting.posts] == [good["id"]]
        assert sighting.unseen == {asked.id: "the server tells of a reply in words that make no sense"}
        server.fault({"type": "status", "status": 200, "body": []}, path=path)
        assert platform.look({asked.id: asked.at}).unseen == {asked.id: "the server does not tell who replied"}

    def test_deleted_posts_are_gone_and_others_not(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        kept, deleted = server.post("help", "eins")["id"], server.post("help", "zwei")["id"]
        server.delete("help", deleted)

        assert platform.gone([kept, deleted]) == {deleted}
        assert platform.lookup(deleted) is None
        found = platform.lookup(kept)
        assert found
        assert found.text == "eins"

    def test_what_is_merely_hidden_from_us_is_not_gone(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        kept = server.post("help", "eins")["id"]
        server.fault({"type": "status", "status": 404}, path=f"{STATUSES}/{kept}")  # whoever asks first: that is us

        assert platform.gone([kept]) == frozenset()

    def test_an_edited_post_keeps_its_id_and_time(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        posted = server.post("acme", "Drei Tage.")
        server.edit("acme", posted["id"], "Fünf Tage.")

        found = platform.lookup(posted["id"])

        assert found
        assert (found.text, found.at) == ("Fünf Tage.", datetime.fromisoformat(posted["created_at"]))

    def test_other_people_s_questions_cannot_be_observed(self, platform: MastodonPlatform) -> None:
        with pytest.raises(ChannelRefusedError, match="observe is not possible on Mastodon: no server shows"):
            platform.questions(["1"], "", "")


class TestBadDays:
    def test_a_post_that_was_taken_without_a_word_is_in_doubt_and_found(
        self, made: Made, server: MastodonServer
    ) -> None:
        gate = Gate(server.port)
        platform = made(server=f"http://127.0.0.1:{gate.port}")
        platform.me()
        gate.lose_next_reply(after=lambda: None)

        with pytest.raises(ChannelUncertainError, match="it may have taken the post"):
            platform.publish(draft())

        assert [one.text for one in platform.own_posts(datetime.now(UTC) - timedelta(minutes=1))] == [QUESTION]
        gate.shut()

    def test_a_kept_connection_that_dies_leaves_no_post_in_doubt(self, made: Made, server: MastodonServer) -> None:
        status = server.post("robin", QUESTION)

        class Tired(BaseHTTPRequestHandler):
            """Closes every connection on its second question, as servers do that have waited long enough."""

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.tell(status["account"])

            def do_POST(self) -> None:
                self.tell(status)

            def tell(self, told: object) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if getattr(self, "asked", False):
                    self.close_connection = True
                    return
                self.asked = True
                body = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Tired) as tired:
            tired.daemon_threads = True
            threading.Thread(target=tired.serve_forever, args=(0.05,), daemon=True).start()
            platform = made(server=f"http://127.0.0.1:{tired.server_address[1]}")
            platform.me()

            assert platform.publish(draft()).id == status["id"]
            with pytest.raises(ChannelUnavailableError, match="cannot be reached"):  # what a kept connection does
                platform.lookup(status["id"])
            platform.close()
            tired.shutdown()

    def test_a_server_that_is_away_has_taken_nothing(self, made: Made, server: MastodonServer) -> None:
        gate = Gate(server.port)
        platform = made(server=f"http://127.0.0.1:{gate.port}")
        platform.me()
        gate.shut()

        with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
            platform.publish(draft())
        with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
            platform.feed(Feed.MENTIONS, "", "")
        assert server.posts("robin") == []

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
    def test_a_server_error_leaves_a_post_in_doubt_and_a_look_for_later(
        self, platform: MastodonPlatform, server: MastodonServer, status: int
    ) -> None:
        server.fault({"type": "status", "status": status}, path=STATUSES, methods=("POST",))
        server.fault({"type": "status", "status": status}, path="/api/v1/notifications")

        with pytest.raises(ChannelUncertainError, match=f"HTTP {status}"):
            platform.publish(draft())
        with pytest.raises(ChannelUnavailableError, match=f"HTTP {status}"):
            platform.feed(Feed.MENTIONS, "", "")

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "300", "X-RateLimit-Reset": "x"}, 300),
            ({"Retry-After": "", "X-RateLimit-Reset": "2000-01-01T00:00:00.000Z"}, 0),
            ({"Retry-After": "x", "X-RateLimit-Reset": "x"}, None),
        ],
    )
    def test_a_limit_says_when_to_come_back_by_our_clock(
        self, made: Made, server: MastodonServer, headers: dict[str, str], seconds: int | None
    ) -> None:
        clock = FakeClock()
        platform = made(clock=clock)
        server.fault({"type": "ratelimit", "headers": headers}, path=STATUSES, methods=("POST",))

        with pytest.raises(ChannelUnavailableError, match="HTTP 429") as caught:
            platform.publish(draft())

        assert caught.value.retry_at == (None if seconds is None else clock.now() + timedelta(seconds=seconds))
        assert server.posts("robin") == []

    def test_a_limit_s_end_is_told_by_the_server_s_clock(self, made: Made, server: MastodonServer) -> None:
        clock = FakeClock()  # a month behind the server's
        end = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        server.fault(
            {"type": "ratelimit", "headers": {"Retry-After": "", "X-RateLimit-Reset": end}},
            path="/api/v1/notifications",
        )

        with pytest.raises(ChannelUnavailableError) as caught:
            made(clock=clock).feed(Feed.MENTIONS, "", "")

        assert caught.value.retry_at
        assert abs(caught.value.retry_at - clock.now() - timedelta(minutes=5)) < timedelta(seconds=5)

    def test_a_token_that_is_worth_nothing_halts_the_account(self, made: Made) -> None:
        platform = made(token="stale")

        with pytest.raises(AccountHaltedError, match=r"HTTP 401.*run slawatch login main"):
            platform.publish(draft())
        with pytest.raises(AccountHaltedError, match="HTTP 401"):
            platform.feed(Feed.MENTIONS, "", "")

    def test_a_post_that_is_forbidden_is_refused_and_an_account_that_is_locked_halted(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        forbidden = {"type": "status", "status": 403, "body": {"error": "This action is not allowed"}}
        scope = {"type": "status", "status": 403, "body": {"error": "This action is outside the authorized scopes"}}

        server.fault(forbidden, path=STATUSES, methods=("POST",))
        with pytest.raises(ChannelRefusedError, match="This action is not allowed"):
            platform.publish(draft())
        server.fault(forbidden, path=STATUSES, methods=("POST",))
        server.fault(forbidden, path="/api/v1/accounts/verify_credentials")
        with pytest.raises(AccountHaltedError, match="see there what is wrong with the account"):
            platform.publish(draft())
        server.fault(scope, path=STATUSES, methods=("POST",))
        with pytest.raises(AccountHaltedError, match="whether the token may read and write"):
            platform.publish(draft())

    @pytest.mark.parametrize("body", [[], {"id": "1"}, {}, "x", {"id": "1", "created_at": "2026-01-01T00:00:00Z"}])
    def test_an_answer_that_is_no_post_leaves_it_in_doubt(
        self, platform: MastodonPlatform, server: MastodonServer, body: object
    ) -> None:
        server.fault({"type": "status", "status": 200, "body": body}, path=STATUSES, methods=("POST",))

        with pytest.raises(ChannelUncertainError, match="something else than the post"):
            platform.publish(draft())

    def test_an_answer_that_is_no_json_leaves_a_post_in_doubt(
        self, platform: MastodonPlatform, server: MastodonServer
    ) -> None:
        for path in (STATUSES, "/api/v1/notifications"):
            server.fault({"type": "malformed"}, path=path)

        with pytest.raises(ChannelUncertainError, match="something else than JSON"):
            platform.publish(draft())
        with pytest.raises(ChannelUnavailableError, match="something else than JSON"):
            platform.feed(Feed.MENTIONS, "", "")

    def test_the_token_follows_no_redirection(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        moved = {"type": "status", "status": 301, "headers": {"Location": "https://elsewhere.example/"}}
        server.fault(moved, path=STATUSES, methods=("POST",))

        with pytest.raises(AccountHaltedError, match=r'write server = "https://elsewhere.example/"'):
            platform.publish(draft())

    def test_every_error_is_one_line(self, platform: MastodonPlatform, server: MastodonServer) -> None:
        server.fault({"type": "status", "status": 422, "body": {"error": "a\nb\x1b[2J"}}, path=STATUSES)

        with pytest.raises(ChannelRefusedError) as caught:
            platform.publish(draft())

        assert str(caught.value).isprintable()


class TestChecking:
    def test_what_stands_in_the_way_is_told_with_its_cure(self, made: Made, server: MastodonServer) -> None:
        server.do("PATCH", "/api/v2/notifications/policy", who="robin", for_not_following="filter")

        found = made().check()

        assert all(one.ok for one in found)
        told = [f"{one.what}; {one.cure}" for one in found]
        assert any(f"log in at {server.url} as @{ME}" in one for one in told)
        assert any("is not marked as automated; mark it as automated" in one for one in told)
        assert any("notifications are kept back (not following); accept them" in one for one in told)
        assert any(f"the server has 1 rules; read them before asking: {server.url}/about" in one for one in told)

    def test_a_length_that_the_server_does_not_take_is_a_fault(self, made: Made) -> None:
        assert [one.cure for one in made(length_max=5000).check() if not one.ok] == ["write length_max = 500"]

    def test_another_server_s_handle_is_a_fault(self, made: Made) -> None:
        cures = [one.cure for one in made(handle="@robin@other.example").check() if not one.ok]

        assert cures == ['write handle = "@robin@social.example", or the right server']

    def test_who_cannot_log_in_is_told_that_alone(self, made: Made) -> None:
        [found] = made(token="stale").check()

        assert not found.ok
        assert "run slawatch login main" in found.cure


class TestLoggingIn:
    def visit(self, address: str, who: str) -> None:
        """Consent in a browser: pick a person on the server's page, and follow where it leads."""
        with urlopen(address, timeout=20) as page:  # noqa: S310 - our own server
            html = page.read().decode()
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
        form = {"username": who, **{key: hidden[key] for key in ("redirect_uri", "client_id", "scope", "state")}}
        assert form["state"] == asked["state"]
        where = urlsplit(address)
        picked = f"{where.scheme}://{where.netloc}{where.path}"
        with urlopen(picked, urlencode(form).encode(), timeout=20) as back:  # noqa: S310 - same
            assert b"slawatch has what it needs" in back.read()

    def logged_in(self, settings: Settings, store: Path) -> tuple[str, list[threading.Thread]]:
        browsers: list[threading.Thread] = []

        def tell(words: str) -> None:
            if words.startswith("http"):
                browsers.append(threading.Thread(target=self.visit, args=(words, "robin")))
                browsers[-1].start()

        channel = MastodonChannel(settings, account="main", clock=SystemClock(), store=store, memory=Notebook())
        assert isinstance(channel, Logins)
        with channel:
            done = channel.login(tell, port=0)
        return done, browsers

    def test_a_login_by_browser_gives_a_token_that_is_kept_for_its_owner_alone(
        self, server: MastodonServer, tmp_path: Path
    ) -> None:
        settings, store = server.settings(access_token=None), tmp_path / "slawatch.sqlite"
        with pytest.raises(AccountHaltedError, match=r"nobody has logged in at .* yet: run slawatch login main"):
            tokens.token(settings, "main", store)

        done, browsers = self.logged_in(settings, store)

        for one in browsers:
            one.join(10)
        kept = tmp_path / "slawatch.main.token"
        assert done == f"logged in at {server.url}; the token is kept in {kept}"
        assert kept.stat().st_mode & 0o777 == 0o600
        platform = MastodonPlatform(
            settings, account="main", clock=SystemClock(), token=lambda: tokens.token(settings, "main", store)
        )
        assert platform.me().handle == ME
        platform.close()

    def test_a_token_is_kept_for_one_account_at_one_server(self, server: MastodonServer, tmp_path: Path) -> None:
        store = tmp_path / "slawatch.sqlite"
        settings = server.settings(access_token=None)
        tokens.keep(settings, "main", store, "brought")
        assert tokens.token(settings, "main", store) == "brought"

        with pytest.raises(AccountHaltedError, match="nobody has logged in"):
            tokens.token(server.settings(access_token=None, handle=f"@acme@{HOME}"), "main", store)
        (tmp_path / "slawatch.main.token").write_text("[]")
        with pytest.raises(AccountHaltedError, match="nobody has logged in"):
            tokens.token(settings, "main", store)

    def test_who_has_a_token_in_the_config_need_not_log_in(self, server: MastodonServer, tmp_path: Path) -> None:
        settings = server.settings(access_token=Secret("x"))
        channel = MastodonChannel(
            settings, account="main", clock=SystemClock(), store=tmp_path / "s", memory=Notebook()
        )

        with pytest.raises(ConfigError, match="the config gives its access_token; leave that out to log in"):
            channel.login(print, port=0)
