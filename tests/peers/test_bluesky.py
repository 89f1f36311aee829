"""One account on a real network: what is posted, what is seen of others, and what of it the network keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from slawatch.channels.base import Thread
from slawatch.channels.bluesky import native, wording
from slawatch.channels.bluesky.platform import OVERLAP, RECONCILED, BlueskyPlatform
from slawatch.channels.social.platform import Draft, Feed, Post
from slawatch.clock import SystemClock
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.secret import Secret
from tests.peers.at_bluesky import WRITES, BlueskyBench, answered, eventually, notified, reference, settings, somebody
from tests.servers.bluesky import Network, Person
from tests.servers.door import Door

QUESTION = "Grüße 😀: wie lange dauert die Lieferung?"
JSON = {"Content-Type": "application/json"}


class Ahead(SystemClock):
    """The machine's clock, which can be put forward."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


@pytest.fixture
def asker(network: Network) -> Person:
    return somebody(network, "asks")


@pytest.fixture
def company(network: Network) -> Person:
    return somebody(network, "service")


@pytest.fixture
def door(network: Network) -> Iterator[Door]:
    ready = Door(network.pds, guarded=WRITES)
    yield ready
    ready.shut()


@pytest.fixture
def clock() -> Ahead:
    return Ahead()


@pytest.fixture
def opened(asker: Person, door: Door, clock: Ahead, tmp_path: Path) -> Iterator[Callable[..., BlueskyPlatform]]:
    made: list[BlueskyPlatform] = []

    def platform(**keys: Any) -> BlueskyPlatform:
        made.append(
            BlueskyPlatform(settings(asker, door.url, **keys), account="main", clock=clock, store=tmp_path / "store.db")
        )
        return made[-1]

    yield platform
    for one in made:
        one.close()


@pytest.fixture
def platform(opened: Callable[..., BlueskyPlatform]) -> BlueskyPlatform:
    return opened()


def question(company: Person, key: str = "request-1", text: str = QUESTION) -> Draft:
    return Draft(text=f"@{company.handle} {text}", key=key, lang="de", mentions={company.handle: company.did})


def everything(platform: BlueskyPlatform, mark: str = "") -> list[Post]:
    """Return all pages of one pass."""
    posts: list[Post] = []
    page = platform.feed(Feed.MENTIONS, mark, "")
    posts += page.posts
    while page.next:
        page = platform.feed(Feed.MENTIONS, mark, page.next)
        posts += page.posts
    return posts


class TestPosting:
    def test_a_post_mentions_the_company_and_bears_the_time_of_the_index(
        self, network: Network, platform: BlueskyPlatform, company: Person
    ) -> None:
        before = datetime.now(UTC)

        post = platform.publish(question(company))

        shown = network.indexed(post.id)
        assert (post.source, post.at) == ("indexed_at", native.instant(shown["indexedAt"]))
        assert before - timedelta(milliseconds=1) <= post.at <= datetime.now(UTC)
        assert (post.mentions, post.lang, post.conversation) == ((company.did,), "de", post.id)
        assert native.parse(post.raw) == post
        eventually(lambda: notified(company) == [post.id], what="the company is notified")

    def test_one_the_index_does_not_show_soon_is_out_all_the_same_and_bears_our_own_time(
        self, asker: Person, platform: BlueskyPlatform, company: Person, clock: Ahead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        platform.me()
        monkeypatch.setattr(platform, "_posts", lambda _: [])
        monkeypatch.setattr(clock, "sleep", lambda _: setattr(clock, "by", clock.by + timedelta(seconds=2)))
        before = clock.now()

        post = platform.publish(question(company))

        assert [one["uri"] for one in asker.posts()] == [post.id]
        assert (post.source, post.why != "") == ("created_at", True)
        assert abs(post.at - before) <= post.uncertainty

    def test_the_same_request_cannot_be_posted_twice(
        self, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        platform.publish(question(company))

        with pytest.raises(AlreadyThereError):
            platform.publish(question(company, text="And in other words?"))

        assert len(asker.posts()) == 1

    def test_after_a_lost_answer_it_is_found_and_not_posted_again(
        self, asker: Person, platform: BlueskyPlatform, company: Person, door: Door
    ) -> None:
        since = datetime.now(UTC)
        door.faults.append("lose")
        with pytest.raises(ChannelUncertainError):
            platform.publish(question(company))

        with pytest.raises(AlreadyThereError):
            platform.publish(question(company))

        assert [one["uri"] for one in asker.posts()] == [one.id for one in platform.own_posts(since)]
        assert len(asker.posts()) == 1

    @pytest.mark.parametrize(
        "fault", ["swallow", "torn", (502, {"Content-Type": "text/html"}, b"<html>Bad Gateway"), (500, JSON, b"")]
    )
    def test_whatever_else_comes_back_than_an_answer_leaves_it_in_doubt(
        self, platform: BlueskyPlatform, company: Person, door: Door, fault: Any
    ) -> None:
        door.faults.append(fault)

        with pytest.raises(ChannelUncertainError):
            platform.publish(question(company))

    def test_a_server_that_sends_us_elsewhere_is_not_followed(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person, door: Door
    ) -> None:
        elsewhere = Door(network.pds, guarded=WRITES)
        door.faults.append((307, {"Location": f"{elsewhere.url}/xrpc/{WRITES}"}, b""))

        with pytest.raises(ChannelUnavailableError):
            platform.publish(question(company))

        elsewhere.shut()
        assert (elsewhere.passed, asker.posts()) == ([], [])

    def test_too_many_posts_wait_until_the_server_says(
        self, asker: Person, platform: BlueskyPlatform, company: Person, door: Door
    ) -> None:
        reset = int(datetime.now(UTC).timestamp()) + 120
        said = json.dumps({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}).encode()
        door.faults.append((429, {**JSON, "RateLimit-Reset": str(reset)}, said))

        with pytest.raises(ChannelUnavailableError) as caught:
            platform.publish(question(company))

        assert caught.value.retry_at is not None
        assert abs(caught.value.retry_at.timestamp() - reset) <= 2
        assert asker.posts() == []

    def test_one_that_is_too_long_is_refused_in_the_servers_words(
        self, platform: BlueskyPlatform, company: Person
    ) -> None:
        with pytest.raises(ChannelRefusedError, match="grapheme too big"):
            platform.publish(question(company, text="x" * 300))

    def test_what_is_as_long_as_allowed_is_taken(self, platform: BlueskyPlatform, company: Person) -> None:
        draft = question(company, text="ü" * (300 - len(company.handle) - 2))

        assert platform.length(draft.text) == platform.length_max
        assert platform.publish(draft).text == draft.text

    def test_a_reply_stands_under_theirs_in_the_same_conversation(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        theirs = answered(network, company, asker, "Welcher Artikel?", asked.id)

        ours = platform.publish(
            Draft(text=f"@{company.handle} Egal.", key="reply-1", reply_to=theirs["uri"], root=asked.id)
        )

        assert (ours.reply_to, ours.conversation) == (theirs["uri"], asked.id)

    def test_a_reply_to_what_is_gone_is_refused_before_anything_leaves(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        theirs = answered(network, company, asker, "Welcher Artikel?", asked.id)
        company.delete(theirs["uri"])
        network.unindexed(theirs["uri"])

        with pytest.raises(ChannelRefusedError):
            platform.publish(Draft(text="Egal.", key="reply-1", reply_to=theirs["uri"], root=asked.id))

        assert len(asker.posts()) == 1

    def test_direct_messages_are_refused(self, platform: BlueskyPlatform, company: Person) -> None:
        with pytest.raises(ChannelRefusedError):
            platform.publish(Draft(text="Guten Tag", key="request-1", direct_to=company.did))

        assert Feed.DIRECT not in platform.feeds

    def test_own_posts_are_ours_and_those_made_by_hand_since_then(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        long_ago = asker.post("Lange her", at="2026-01-01T12:00:00.000Z")
        since = datetime.now(UTC)
        ours = [platform.publish(question(company, key=f"request-{number}", text=f"Frage {number}")) for number in "12"]
        by_hand = asker.post("Von Hand")
        network.indexed(by_hand["uri"])

        found = platform.own_posts(since)

        assert {one.id for one in found} == {by_hand["uri"], *(one.id for one in ours)}
        assert {one.source for one in found} == {"indexed_at"}
        assert long_ago["uri"] in {one.id for one in platform.own_posts(datetime(2025, 12, 31, tzinfo=UTC))}


class TestReading:
    def test_a_reply_comes_in_with_the_time_of_the_index(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        made = answered(network, company, asker, "Drei Tage.", asked.id)

        (found,) = everything(platform)

        assert (found.id, found.text, found.author.id) == (made["uri"], "Drei Tage.", company.did)
        assert (found.reply_to, found.conversation) == (asked.id, asked.id)
        assert (found.source, found.at) == ("indexed_at", native.instant(network.indexed(made["uri"])["indexedAt"]))
        assert found.author.domains == (company.handle,)

    def test_a_second_handle_of_the_company_is_told_from_the_first(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        other = somebody(network, "service-de")
        asked = platform.publish(question(company))
        answered(network, other, asker, "Drei Tage.", asked.id)

        (found,) = everything(platform)

        assert (found.author.id, found.author.handle) == (other.did, other.handle)
        both = platform.profiles([company.handle, other.handle, "nobody.example.org"])
        assert {handle: one.id for handle, one in both.items()} == {
            company.handle: company.did,
            other.handle: other.did,
        }

    def test_quotes_likes_and_followers_are_no_posts_to_us(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        company.call(
            "com.atproto.repo.createRecord",
            body={
                "repo": company.did,
                "collection": "app.bsky.feed.like",
                "record": {
                    "$type": "app.bsky.feed.like",
                    "subject": {"uri": asked.id, "cid": network.indexed(asked.id)["cid"]},
                    "createdAt": datetime.now(UTC).isoformat(),
                },
            },
        )
        eventually(lambda: notified(asker), what="the like is notified")

        assert everything(platform) == []

    def test_a_reply_by_a_clock_gone_wrong_is_not_notified_as_new_and_found_in_the_conversation(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        answered(network, company, asker, "Wir sehen nach.", asked.id)
        mark = platform.feed(Feed.MENTIONS, "", "").mark
        wrong = (datetime.now(UTC) - OVERLAP - timedelta(days=1)).isoformat(timespec="milliseconds")
        made = company.post("Drei Tage.", reply_to=reference(network, asked.id), at=wrong)
        shown = network.indexed(made["uri"])

        assert made["uri"] not in {one.id for one in everything(platform, mark)}
        sighting = platform.look({asked.id: asked.at})

        found = {one.id: one for one in sighting.posts}
        assert sighting.seen == {asked.id}
        assert found[made["uri"]].at == native.instant(shown["indexedAt"])
        assert "own clock" in found[made["uri"]].why

    def test_what_was_never_notified_is_collected_from_its_conversation_within_minutes(self, network: Network) -> None:
        with BlueskyBench(network) as bench:
            bench.clock = clock = Ahead()
            with bench.channel() as channel:
                asked, attempt = bench.ask()
                sent = channel.send(asked, attempt)
                thread = Thread(remote_id=sent.remote_id, target=asked.target, asked_at=sent.accepted_at)
                # A mark that is newer than the time that will be claimed.
                answered(network, bench.company, bench.me, "Wir sehen nach.", sent.remote_id.removeprefix("bluesky:"))
                batch = channel.collect("", threads=lambda: [thread])
                wrong = (datetime.now(UTC) - OVERLAP - timedelta(days=1)).isoformat(timespec="milliseconds")
                uri = sent.remote_id.removeprefix("bluesky:")
                made = bench.company.post("Drei Tage.", reply_to=reference(network, uri), at=wrong)
                network.indexed(made["uri"])
                batch = channel.collect(batch.cursor, threads=lambda: [thread])
                assert "Drei Tage." not in {one.facts.text for one in batch.messages}

                clock.by += RECONCILED
                texts = set[str]()
                for _ in range(5):
                    batch = channel.collect(batch.cursor, threads=lambda: [thread])
                    texts |= {one.facts.text for one in batch.messages}
                    if not batch.more:
                        break

                assert "Drei Tage." in texts
                assert batch.looked_until is not None

    def test_whoever_blocks_us_leaves_a_conversation_that_was_not_seen_completely(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        theirs = answered(network, company, asker, "Drei Tage.", asked.id)
        company.call(
            "com.atproto.repo.createRecord",
            body={
                "repo": company.did,
                "collection": "app.bsky.graph.block",
                "record": {
                    "$type": "app.bsky.graph.block",
                    "subject": asker.did,
                    "createdAt": datetime.now(UTC).isoformat(),
                },
            },
        )

        eventually(lambda: platform.look({asked.id: asked.at}).unseen, what="the block is indexed")
        sighting = platform.look({asked.id: asked.at})

        assert (sighting.seen, dict(sighting.unseen)) == (
            frozenset(),
            {asked.id: "1 of the replies is not shown to us"},
        )
        assert platform.gone([theirs["uri"]]) == frozenset()

    def test_only_what_is_deleted_is_gone(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        first, second = (answered(network, company, asker, text, asked.id) for text in ("Drei Tage.", "Oder vier."))
        company.delete(first["uri"])
        network.unindexed(first["uri"])

        assert platform.gone([asked.id, first["uri"], second["uri"], "no address"]) == {first["uri"]}

    def test_a_conversation_whose_beginning_is_gone_is_not_seen(
        self, network: Network, asker: Person, platform: BlueskyPlatform, company: Person
    ) -> None:
        asked = platform.publish(question(company))
        asker.delete(asked.id)
        network.unindexed(asked.id)

        sighting = platform.look({asked.id: asked.at})

        assert (sighting.seen, dict(sighting.unseen)) == (frozenset(), {asked.id: "deleted"})

    def test_other_peoples_questions_are_those_that_mention_the_company_and_begin_something(
        self, network: Network, platform: BlueskyPlatform, company: Person
    ) -> None:
        passer_by = somebody(network, "passer-by")
        asks = passer_by.post(f"@{company.handle} wie lange?", mention=company)
        without = passer_by.post(f"@{company.handle} ist nur Text")
        network.indexed(asks["uri"])
        under = passer_by.post(
            f"@{company.handle} noch einmal?", mention=company, reply_to=reference(network, asks["uri"])
        )
        for one in (without, under):
            network.indexed(one["uri"])

        page = platform.questions([company.did], "", "")

        assert [one.id for one in page.posts] == [asks["uri"]]
        assert page.mark
        assert platform.questions([company.did], page.mark, "").posts == page.posts  # it reads back a while

    def test_a_page_is_bounded_and_all_together_are_complete(self, network: Network, platform: BlueskyPlatform) -> None:
        companies = [somebody(network, "service") for _ in range(2)]
        passer_by = somebody(network, "passer-by")
        asked = {passer_by.post(f"@{one.handle} wie lange?", mention=one)["uri"] for one in companies}
        for one in asked:
            network.indexed(one)

        first = platform.questions([one.did for one in companies], "", "")
        second = platform.questions([one.did for one in companies], "", first.next)

        assert {one.id for one in (*first.posts, *second.posts)} == asked
        assert second.next == ""

    def test_a_public_link_names_its_post_by_handle_or_did(
        self, platform: BlueskyPlatform, asker: Person, company: Person
    ) -> None:
        post = platform.publish(question(company))
        link = platform.post_url(post.id, asker.handle)

        assert link.startswith(f"https://bsky.app/profile/{asker.handle}/post/")
        assert platform.post_id(link) == platform.post_id(platform.post_url(post.id, "handle.invalid")) == post.id
        assert platform.post_id(link.replace(asker.handle, "nobody.example.org")) == ""
        assert platform.lookup(post.id) == post
        assert platform.lookup(wording.uri(asker.did, wording.record_key("never"))) is None

    def test_nothing_rings(self, platform: BlueskyPlatform) -> None:
        stop = Event()
        stop.set()

        assert not platform.watch(stop, 3600)


class TestSessions:
    def test_the_next_process_goes_on_with_the_session(
        self, opened: Callable[..., BlueskyPlatform], door: Door, tmp_path: Path
    ) -> None:
        opened().me()
        opened().me()

        assert door.passed.count("com.atproto.server.createSession") == 1
        (kept,) = tmp_path.glob("*.token")
        assert kept.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(("status", "name"), [(400, "ExpiredToken"), (401, "AuthMissing")])
    def test_a_session_that_has_ended_is_renewed_and_the_post_leaves_once(
        self, asker: Person, platform: BlueskyPlatform, company: Person, door: Door, status: int, name: str
    ) -> None:
        door.faults.append((status, JSON, json.dumps({"error": name, "message": "Token has expired"}).encode()))

        platform.publish(question(company))

        assert door.passed.count("com.atproto.server.refreshSession") == 1
        assert door.passed.count("com.atproto.server.createSession") == 1
        assert len(asker.posts()) == 1

    def test_where_it_cannot_be_renewed_we_log_in_again(
        self, opened: Callable[..., BlueskyPlatform], door: Door, tmp_path: Path, clock: Ahead
    ) -> None:
        opened().me()
        (kept,) = tmp_path.glob("*.token")
        told = json.loads(kept.read_bytes())
        kept.write_text(json.dumps({**told, "refresh_token": "no.such.token"}))
        clock.by = timedelta(hours=3)  # the access token is over

        assert opened().me().id
        assert door.passed.count("com.atproto.server.createSession") == 2

    def test_an_account_that_is_turned_away_again_and_again_halts(
        self, platform: BlueskyPlatform, company: Person, door: Door
    ) -> None:
        door.faults += [(401, JSON, b'{"error":"AuthMissing"}')] * 2

        with pytest.raises(AccountHaltedError):
            platform.publish(question(company))

    def test_a_wrong_password_halts_the_account(self, opened: Callable[..., BlueskyPlatform]) -> None:
        with pytest.raises(AccountHaltedError) as caught:
            opened(password=Secret("wrong")).me()

        assert "app password" in str(caught.value)
        assert "wrong" not in str(caught.value).replace("wrong password", "")

    def test_an_account_that_left_halts(self, asker: Person, platform: BlueskyPlatform) -> None:
        asker.call("com.atproto.server.deactivateAccount", body={})

        with pytest.raises(AccountHaltedError, match="deactivated"):
            platform.me()

    def test_while_the_server_is_away_reading_says_so_and_nothing_is_posted(
        self, platform: BlueskyPlatform, company: Person, door: Door
    ) -> None:
        platform.me()
        door.shut()

        with pytest.raises(ChannelUnavailableError):
            platform.feed(Feed.MENTIONS, "", "")
        with pytest.raises(ChannelUnavailableError):
            platform.publish(question(company))


class TestChecking:
    def test_the_check_says_whether_the_account_bears_the_label_of_a_machine(
        self, network: Network, asker: Person, opened: Callable[..., BlueskyPlatform]
    ) -> None:
        assert [one.result for one in opened().check()] == ["ok", "ok", "warning"]
        asker.call(
            "com.atproto.repo.putRecord",
            body={
                "repo": asker.did,
                "collection": "app.bsky.actor.profile",
                "rkey": "self",
                "record": {
                    "$type": "app.bsky.actor.profile",
                    "displayName": "Anna",
                    "labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]},
                },
            },
        )

        eventually(lambda: opened().me().automated, what="the label is indexed")

        assert opened().me().name == "Anna"
        assert [one.result for one in opened().check()] == ["ok", "ok", "ok"]
