"""What the platform makes of answers, without a network: marks, when conversations are looked through, and errors."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.bluesky import errors, wording
from slawatch.channels.bluesky.errors import Answer, SaidNoError, meaning, retry_at
from slawatch.channels.bluesky.platform import FIRST_LOOK, OVERLAP, RECONCILED, BlueskyPlatform
from slawatch.channels.bluesky.session import LOGIN, REFRESH, Session, ends_at
from slawatch.channels.bluesky.settings import Settings
from slawatch.channels.social.platform import Draft, Feed
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.secret import Secret
from slawatch.testing import BEFORE_SUMMER_TIME, FakeClock

NOW = BEFORE_SUMMER_TIME
SETTINGS = Settings(handle="@Robin.example.org", password=Secret("app-password"))
ASKER, SHOP = "did:plc:asks", "did:plc:shop"


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def notice(number: int, at: datetime, *, reason: str = "reply") -> dict[str, Any]:
    uri = f"at://{SHOP}/app.bsky.feed.post/3k2a2222222{number:02}".replace("0", "a").replace("1", "b")
    return {
        "uri": uri,
        "author": {"did": SHOP, "handle": "shop.example"},
        "record": {"text": str(number), "createdAt": stamp(at)},
        "reason": reason,
        "indexedAt": stamp(at),
    }


class Asked(BlueskyPlatform):
    """The platform, whose questions are answered from a table."""

    def __init__(self, clock: FakeClock, **answers: Any) -> None:
        super().__init__(SETTINGS, account="main", clock=clock, store=None)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._client.ask = self._answer  # type: ignore[method-assign]  # no network

    def _answer(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.asked.append((method, parameters))
        answer = self.answers.get(method.rpartition(".")[2], {})
        return dict(answer(**parameters) if callable(answer) else answer)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class TestMarks:
    def test_the_first_pass_goes_back_as_far_as_with_e_mail(self, clock: FakeClock) -> None:
        old, older = (notice(2, NOW - FIRST_LOOK), notice(3, NOW - FIRST_LOOK - timedelta(seconds=1)))
        platform = Asked(clock, listNotifications={"notifications": [old, older], "cursor": "on"})

        page = platform.feed(Feed.MENTIONS, "", "")

        assert [one.text for one in page.posts] == ["2"]
        assert (page.next, page.cut_off) == ("", False)

    def test_the_next_pass_reads_an_hour_again(self, clock: FakeClock) -> None:
        seen = NOW - timedelta(minutes=10)
        mark = Asked(clock, listNotifications={"notifications": [notice(2, seen)]}).feed(Feed.MENTIONS, "", "").mark
        again, before = notice(3, seen - OVERLAP), notice(4, seen - OVERLAP - timedelta(seconds=1))
        platform = Asked(clock, listNotifications={"notifications": [again, before], "cursor": "on"})

        page = platform.feed(Feed.MENTIONS, mark, "")

        assert [one.text for one in page.posts] == ["3"]
        assert page.next == ""

    def test_while_all_is_new_the_next_page_is_asked_for(self, clock: FakeClock) -> None:
        platform = Asked(clock, listNotifications={"notifications": [notice(2, NOW)], "cursor": "on"})

        page = platform.feed(Feed.MENTIONS, "", "")
        platform.feed(Feed.MENTIONS, "", page.next)

        cursors = [given["cursor"] for method, given in platform.asked if method.endswith("listNotifications")]
        assert cursors == ["", "on"]

    def test_a_pass_that_brings_nothing_does_not_move_its_mark(self, clock: FakeClock) -> None:
        mark = Asked(clock, listNotifications={"notifications": [notice(2, NOW)]}).feed(Feed.MENTIONS, "", "").mark
        clock.forward(timedelta(minutes=1))

        assert Asked(clock).feed(Feed.MENTIONS, mark, "").mark == mark

    def test_a_stamp_of_the_future_does_not_move_it_either(self, clock: FakeClock) -> None:
        ahead = notice(2, NOW + timedelta(days=365))

        mark = Asked(clock, listNotifications={"notifications": [ahead]}).feed(Feed.MENTIONS, "", "").mark

        assert mark == Asked(clock).feed(Feed.MENTIONS, "", "").mark

    def test_other_reasons_are_no_posts_to_us(self, clock: FakeClock) -> None:
        several = [notice(2, NOW, reason="quote"), notice(3, NOW, reason="like"), notice(4, NOW, reason="mention")]

        page = Asked(clock, listNotifications={"notifications": several}).feed(Feed.MENTIONS, "", "")

        assert [one.text for one in page.posts] == ["4"]

    def test_one_the_index_no_longer_shows_is_told_by_its_notification(self, clock: FakeClock) -> None:
        page = Asked(clock, listNotifications={"notifications": [notice(2, NOW)]}).feed(Feed.MENTIONS, "", "")

        assert [one.source for one in page.posts] == ["notification"]

    def test_the_indexs_time_counts_where_it_shows_it(self, clock: FakeClock) -> None:
        one = notice(2, NOW - timedelta(minutes=30))
        shown = {**one, "indexedAt": stamp(NOW)}

        page = Asked(clock, listNotifications={"notifications": [one]}, getPosts={"posts": [shown]}).feed(
            Feed.MENTIONS, "", ""
        )

        assert [(one.at, one.source) for one in page.posts] == [(NOW, "indexed_at")]


class TestReconciling:
    """What was never notified of is found where the conversations are looked through."""

    def test_that_is_due_every_few_minutes_and_the_first_page_says_so(self, clock: FakeClock) -> None:
        platform = Asked(clock)
        mark = platform.feed(Feed.MENTIONS, "", "").mark
        clock.forward(RECONCILED - timedelta(seconds=1))
        early = platform.feed(Feed.MENTIONS, mark, "")
        clock.forward(timedelta(seconds=1))

        due = platform.feed(Feed.MENTIONS, early.mark, "")

        assert (early.cut_off, due.cut_off) == (False, True)
        assert not platform.feed(Feed.MENTIONS, due.mark, "").cut_off

    def test_a_clock_set_back_does_not_put_it_off(self) -> None:
        mark = Asked(FakeClock(NOW + timedelta(days=1))).feed(Feed.MENTIONS, "", "").mark

        assert Asked(FakeClock(NOW)).feed(Feed.MENTIONS, mark, "").cut_off


def answer(status: int, name: str = "", **headers: str) -> Answer:
    return Answer(
        status=status,
        headers={key.replace("_", "-"): value for key, value in headers.items()},
        document={"error": name, "message": "words"} if name else {},
    )


def error(given: Answer, *, writes: bool = False) -> ChannelError:
    return meaning(given, where="main: x.example", method="a.b.c", writes=writes, now=NOW)


class TestErrors:
    @pytest.mark.parametrize(
        ("given", "reading", "writing"),
        [
            (answer(500, "InternalServerError"), ChannelUnavailableError, ChannelUncertainError),
            (answer(503), ChannelUnavailableError, ChannelUncertainError),
            (answer(404), ChannelUnavailableError, ChannelUnavailableError),
            (answer(400, "InvalidRequest"), SaidNoError, SaidNoError),
            (answer(413), SaidNoError, SaidNoError),
            (answer(501, "MethodNotImplemented"), SaidNoError, SaidNoError),
            (answer(429, "RateLimitExceeded"), ChannelUnavailableError, ChannelUnavailableError),
            (answer(401, "AuthenticationRequired"), AccountHaltedError, AccountHaltedError),
            (answer(400, "ExpiredToken"), AccountHaltedError, AccountHaltedError),
            (answer(403), AccountHaltedError, AccountHaltedError),
            (answer(400, "AccountTakedown"), AccountHaltedError, AccountHaltedError),
            (answer(401, "AuthFactorTokenRequired"), AccountHaltedError, AccountHaltedError),
        ],
    )
    def test_each_answer_says_whether_trying_again_can_help(
        self, given: Answer, reading: type[ChannelError], writing: type[ChannelError]
    ) -> None:
        assert type(error(given)) is reading
        assert type(error(given, writes=True)) is writing
        assert str(error(given)).startswith('main: x.example: a.b.c: "')
        assert "\n" not in str(error(given))

    @pytest.mark.parametrize("hostile", [{"error": 7}, {"error": "a\nb", "message": ["x"]}, {"message": {"a": 1}}])
    def test_whatever_an_error_says_of_itself_it_fits_on_one_line(self, hostile: dict[str, Any]) -> None:
        said = str(error(Answer(status=500, document=hostile)))

        assert "\n" not in said

    def test_a_limit_ends_by_the_servers_clock(self) -> None:
        ends = int((NOW - timedelta(minutes=57)).timestamp())
        late = "Sun, 28 Mar 2026 23:30:00 GMT"  # the server's clock is an hour behind ours

        assert retry_at(answer(429, ratelimit_reset=str(ends), date=late), NOW) == NOW + timedelta(minutes=3)

    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ({"retry_after": "30"}, timedelta(seconds=30)),
            ({"ratelimit_reset": str(int(NOW.timestamp()) + 60)}, timedelta(minutes=1)),
            ({"ratelimit_reset": str(int(NOW.timestamp()) - 60)}, None),  # over, and yet it said no
            ({"ratelimit_reset": "9" * 30}, None),
            ({"ratelimit_reset": "soon", "retry_after": "²"}, None),
            ({"retry_after": "9" * 30}, errors.LONGEST_WAIT),
            ({"ratelimit_reset": str(int(NOW.timestamp()) + 60), "date": "yesterday"}, timedelta(minutes=1)),
            ({}, None),
        ],
    )
    def test_a_limit_without_a_sensible_end_names_none(self, headers: dict[str, str], wait: timedelta | None) -> None:
        assert retry_at(answer(429, **headers), NOW) == (None if wait is None else NOW + wait)


def token(ends: datetime | None = None) -> str:
    claims = {"sub": "did:plc:asks", **({"exp": int(ends.timestamp())} if ends else {})}
    return f"h.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


class Server:
    """A server that gives sessions; `refuses` are the methods that it turns away."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, object, str]] = []
        self.refuses: set[str] = set()
        self.given = 0

    def __call__(self, method: str, document: object, sent: str) -> Answer:
        self.asked.append((method, document, sent))
        if method in self.refuses:
            return answer(400, "ExpiredToken")
        self.given += 1
        access = token(self.clock.now() + timedelta(hours=2, seconds=self.given))
        return Answer(status=200, document={"accessJwt": access, "refreshJwt": f"refresh-{self.given}"})

    @property
    def methods(self) -> list[str]:
        return [method for method, _, _ in self.asked]


class TestSessions:
    @pytest.fixture
    def server(self, clock: FakeClock) -> Server:
        return Server(clock)

    def session(self, server: Server, store: Path | None) -> Session:
        return Session(SETTINGS, account="main", clock=server.clock, store=store, ask=server)

    def test_it_is_begun_with_the_handle_and_the_password_and_kept(self, server: Server, tmp_path: Path) -> None:
        first = self.session(server, tmp_path / "store.db").access()
        second = self.session(server, tmp_path / "store.db").access()

        assert first == second
        assert server.asked == [(LOGIN, {"identifier": "robin.example.org", "password": "app-password"}, "")]

    def test_before_it_ends_it_is_renewed_each_time_with_the_newest_token(
        self, server: Server, tmp_path: Path, clock: FakeClock
    ) -> None:
        session = self.session(server, tmp_path / "store.db")
        for _ in range(3):
            session.access()
            clock.forward(timedelta(hours=2))

        assert [(method, sent) for method, _, sent in server.asked] == [
            (LOGIN, ""),
            (REFRESH, "refresh-1"),
            (REFRESH, "refresh-2"),
        ]

    def test_one_that_was_refused_is_renewed_at_once(self, server: Server, tmp_path: Path) -> None:
        session = self.session(server, tmp_path / "store.db")
        refused = session.access()

        assert session.access(refused=refused) != refused
        assert server.methods == [LOGIN, REFRESH]

    def test_where_it_cannot_be_renewed_another_is_begun(self, server: Server, tmp_path: Path) -> None:
        session = self.session(server, tmp_path / "store.db")
        refused = session.access()
        server.refuses = {REFRESH}

        session.access(refused=refused)

        assert server.methods == [LOGIN, REFRESH, LOGIN]

    def test_without_a_store_it_lasts_as_long_as_the_process(self, server: Server) -> None:
        session = self.session(server, None)

        assert session.access() == session.access()
        assert session.access(refused=session.access()) != ""
        assert server.methods == [LOGIN, LOGIN]

    def test_where_neither_is_taken_a_person_must_act(self, server: Server, tmp_path: Path) -> None:
        server.refuses = {LOGIN}

        with pytest.raises(AccountHaltedError, match="app password"):
            self.session(server, tmp_path / "store.db").access()

    def test_an_answer_without_a_session_is_none(self, tmp_path: Path, clock: FakeClock) -> None:
        def strange(*_: object) -> Answer:
            return Answer(status=200, document={"accessJwt": 7})

        with pytest.raises(ChannelUnavailableError, match="no session"):
            Session(SETTINGS, account="main", clock=clock, store=tmp_path / "s.db", ask=strange).access()

    def test_a_token_says_when_it_ends_or_nothing(self) -> None:
        ends = datetime(2026, 10, 25, 2, 0, tzinfo=UTC)

        assert ends_at(token(ends)) == ends
        for odd in ("", "a.b.c", token(), "x", f"h.{urlsafe_b64encode(b'[]').decode()}.s", "h.\udc80.s"):
            assert ends_at(odd) is None


class TestOnce:
    """What must hold on the way out; that servers keep their part of it is tried on a network (tests/peers)."""

    @pytest.fixture
    def platform(self, clock: FakeClock) -> Asked:
        return Asked(clock, getSession={"did": ASKER}, getProfile={"did": ASKER, "handle": "robin.example.org"})

    @pytest.fixture
    def done(self, platform: Asked, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = []

        def do(method: str, document: dict[str, Any]) -> dict[str, Any]:
            written.append({"method": method, **document})
            return {"cid": "c"}

        monkeypatch.setattr(platform._client, "do", do)
        return written

    def test_every_attempt_at_a_post_is_made_under_one_name_on_condition_that_nothing_is_there(
        self, platform: Asked, done: list[dict[str, Any]]
    ) -> None:
        posts = [platform.publish(Draft(text=text, key="request-1")) for text in ("Guten Tag", "Guten Abend")]

        assert {one["rkey"] for one in done} == {wording.record_key("request-1")}
        assert [(one["method"], one["swapRecord"]) for one in done] == [("com.atproto.repo.putRecord", None)] * 2
        assert {one.id for one in posts} == {wording.uri(ASKER, wording.record_key("request-1"))}

    def test_what_fails_after_it_has_left_is_no_failure_to_post(
        self, platform: Asked, done: list[dict[str, Any]], clock: FakeClock
    ) -> None:
        platform.me()

        def away(**_: Any) -> dict[str, Any]:
            raise ChannelUnavailableError("the index is away")

        platform.answers["getPosts"] = away
        before = clock.now()

        post = platform.publish(Draft(text="Guten Tag", key="request-1"))

        assert (len(done), post.source) == (1, "created_at")
        assert post.at == before

    def test_that_it_stands_already_is_said_apart_from_other_refusals(
        self, platform: Asked, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_: Any) -> dict[str, Any]:
            raise SaidNoError("main: no", "InvalidSwap", "Record was at c")

        monkeypatch.setattr(platform._client, "do", refused)

        with pytest.raises(AlreadyThereError):
            platform.publish(Draft(text="Guten Tag", key="request-1"))


class TestSilence:
    """Where something is kept from us, nobody may be said not to have answered."""

    ROOT = f"at://{ASKER}/app.bsky.feed.post/3k2a2222222aa"

    def shown(self, **other: Any) -> dict[str, Any]:
        author = {"did": ASKER, "handle": "robin.example.org"}
        record = {"text": "Guten Tag", "createdAt": stamp(NOW)}
        return {"uri": self.ROOT, "cid": "c", "author": author, "record": record, "indexedAt": stamp(NOW), **other}

    def test_a_conversation_shown_whole_was_seen(self, clock: FakeClock) -> None:
        view = self.shown(replyCount=0)
        platform = Asked(clock, getPosts={"posts": [view]}, getPostThread={"thread": {"post": view}})

        sighting = platform.look({self.ROOT: NOW})

        assert (sighting.seen, sighting.unseen, sighting.posts) == (frozenset({self.ROOT}), {}, ())

    def test_one_with_a_reply_that_is_not_shown_was_not(self, clock: FakeClock) -> None:
        view = self.shown(replyCount=1)
        platform = Asked(clock, getPosts={"posts": [view]}, getPostThread={"thread": {"post": view}})

        assert platform.look({self.ROOT: NOW}).seen == frozenset()

    def test_one_that_the_index_has_not_was_not(self, clock: FakeClock) -> None:
        # Our own server shows us our own post in its place, without any reply.
        platform = Asked(clock, getRecord={"value": {}}, getPostThread={"thread": {"post": self.shown(replyCount=0)}})

        sighting = platform.look({self.ROOT: NOW})

        assert (sighting.seen, dict(sighting.unseen)) == (frozenset(), {self.ROOT: "not shown, or not indexed"})

    def test_a_server_that_always_knows_of_more_is_not_asked_for_ever(self, clock: FakeClock) -> None:
        numbers = iter(range(10**6))

        def deeper(**_: Any) -> dict[str, Any]:
            return {"thread": {"post": {"uri": f"at://{next(numbers)}", "replyCount": 1}}}

        platform = Asked(clock, getPosts={"posts": [self.shown()]}, getPostThread=deeper)

        assert dict(platform.look({self.ROOT: NOW}).unseen) == {self.ROOT: "too long"}

    @pytest.mark.parametrize(
        ("name", "words", "gone"),
        [
            ("RecordNotFound", "Could not locate record", True),
            ("InvalidRequest", "Could not locate record: at://x", True),
            ("RepoNotFound", "", True),
            ("InvalidRequest", "Something else", False),
            ("RepoTakendown", "", False),
        ],
    )
    def test_only_what_its_repository_does_not_have_is_gone(
        self, clock: FakeClock, name: str, words: str, gone: bool
    ) -> None:
        def refused(**_: Any) -> dict[str, Any]:
            raise SaidNoError("main: no", name, words)

        assert (Asked(clock, getRecord=refused).gone([self.ROOT]) == {self.ROOT}) is gone
