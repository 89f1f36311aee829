"""One account on Bluesky: posts through the server it lives on, reads what Bluesky's index (the AppView) shows.

The own repository is the truth about what we posted. The index is the only one who knows what others did; of replies it
knows more than it notifies of, so notifications are checked now and then against the conversations themselves.
Direct messages (chat.bsky) are another service and are not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

from slawatch.channels.base import Finding
from slawatch.channels.bluesky import answers, native, wording
from slawatch.channels.bluesky.client import Client
from slawatch.channels.bluesky.errors import SaidNoError
from slawatch.channels.bluesky.settings import Settings
from slawatch.channels.bluesky.threads import Walk
from slawatch.channels.social.platform import Draft, Feed, Page, Post, Profile, Sighting
from slawatch.clock import Clock
from slawatch.errors import AccountHaltedError, AlreadyThereError, ChannelError, ChannelRefusedError
from slawatch.model import ZERO

BETWEEN = timedelta(seconds=5)
"""Between two looks: 60 questions of the 3,000 that 5 minutes allow an address."""

OVERLAP = timedelta(hours=1)
"""How far notifications are read again. They are sorted by the time their writer's own program claims."""

RECONCILED = timedelta(minutes=5)
"""How often the conversations themselves are looked through: of five replies two were never notified of."""

FIRST_LOOK = timedelta(days=35)  # how far back the first pass reads, as with e-mail
INDEXING = timedelta(seconds=5)  # how long a post of ours is waited for until the index shows it
GLANCE_SECONDS = 0.25
SLOW_CLOCK = timedelta(days=1)  # a program that names its posts by a clock which is wrong by more has worse troubles
AT_ONCE = 25  # people or posts in one question; app.bsky.actor.getProfiles, app.bsky.feed.getPosts
PAGE = 100
DEEP = 1000  # levels of replies, the most that app.bsky.feed.getPostThread takes; servers show fewer
DEEPER_MAX = 100  # questions about one conversation, which no company's has needed
REASONS = ("mention", "reply")
GONE = frozenset({"RecordNotFound", "RepoNotFound"})


class BlueskyPlatform:
    """The promise of social/platform.py."""

    name = native.NAME
    length_max = wording.GRAPHEMES_MAX
    resolution = timedelta(milliseconds=1)

    def __init__(
        self, settings: Settings, *, account: str, clock: Clock, store: Path | None, page_size: int = PAGE
    ) -> None:
        self.feeds: Mapping[Feed, timedelta] = {Feed.MENTIONS: BETWEEN}
        self._settings = settings
        self._account = account
        self._clock = clock
        self._page_size = page_size
        self._client = Client(settings, account=account, clock=clock, store=store)
        self._me: Mapping[str, Any] | None = None

    def close(self) -> None:
        """Give back every connection."""
        self._client.close()

    # --- people ---

    def me(self) -> Profile:
        """Return the account itself; asked once.

        Raises:
            AccountHaltedError: it is deactivated or taken down.
        """
        return native.profile(self._own_view())

    def profiles(self, handles: Sequence[str]) -> Mapping[str, Profile]:
        """Return who these handles belong to; the index has them from the domains' own word."""
        found = {}
        for some in answers.by(AT_ONCE, sorted({handle for handle in handles if wording.is_handle(handle)})):
            for view in answers.views(self._client.ask("app.bsky.actor.getProfiles", actors=some), "profiles"):
                with suppress(ValueError):
                    one = native.profile(view)
                    found[one.handle] = one
        return {handle: found[handle] for handle in handles if handle in found}

    def _own_view(self) -> Mapping[str, Any]:
        if self._me is None:
            session = self._client.ask("com.atproto.server.getSession")
            if session.get("active") is False:
                cure = "activate it in the app, or name another account"
                raise AccountHaltedError(f'{self._client.where}: the account is "{session.get("status")}"; {cure}')
            did = str(session.get("did"))
            view = self._client.ask("app.bsky.actor.getProfile", actor=did)
            self._me = view if view.get("did") == did else session
        return self._me

    # --- our own posts ---

    def publish(self, draft: Draft) -> Post:
        """Post once, under a name that is the same for every attempt: the server takes no second one under it."""
        if draft.direct_to:
            raise ChannelRefusedError(f"{self._client.where}: direct messages are not written here; ask in public")
        me = self.me().id
        now = self._clock.now()
        record: dict[str, Any] = {
            "$type": wording.POST,
            "text": draft.text,
            "createdAt": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z",
        }
        if draft.lang:
            record["langs"] = [draft.lang]
        if marked := wording.facets(draft.text, draft.mentions):
            record["facets"] = marked
        if draft.reply_to:
            record["reply"] = self._reply(draft)
        key = wording.record_key(draft.key)
        try:
            made = self._client.do(
                "com.atproto.repo.putRecord",
                # "Nothing is there yet" as a condition: unlike createRecord, which then only says that it failed.
                {"repo": me, "collection": wording.POST, "rkey": key, "record": record, "swapRecord": None},
            )
        except SaidNoError as error:
            if error.name == "InvalidSwap":
                raise AlreadyThereError(f"{self._client.where}: this very post is there already") from error
            raise
        uri = wording.uri(me, key)
        return self._indexed(uri) or self._from_record({"uri": uri, "cid": made.get("cid"), "value": record})

    def own_posts(self, since: datetime) -> Sequence[Post]:
        """Return what stands in the own repository since then, timed by the index where that has it."""
        me = self.me().id
        records = {}
        floor = wording.key_at(since - SLOW_CLOCK)
        # Ours have names of an own, in no order of time; all others are named by when they were written.
        for start, end in (("", max(floor, wording.ours_end())), (wording.ours_end(), wording.ours_begin())):
            for record in self._records(me, start):
                place = wording.parts(str(record.get("uri")))
                if place is not None and wording.is_key(place[1]) and place[1] < end:
                    break
                records[str(record.get("uri"))] = record
        recent = {}
        for uri, record in records.items():
            with suppress(ValueError):
                post = self._from_record(record)
                if post.at >= since - native.UNINDEXED:
                    recent[uri] = post
        return list({**recent, **{post.id: post for post in self._posts(recent)}}.values())

    def _reply(self, draft: Draft) -> dict[str, Any]:
        """Return what a reply names: the post above it and the first of all, each in the version that stands."""
        root = draft.root or draft.reply_to
        views = {str(view.get("uri")): view for view in self._views_of([root, draft.reply_to])}
        if missing := next((uri for uri in (draft.reply_to, root) if uri not in views), ""):
            raise ChannelRefusedError(
                f'{self._client.where}: "{missing}" is not to be seen any more; nothing is replied'
            )
        refs = {uri: {"uri": uri, "cid": view.get("cid")} for uri, view in views.items()}
        return {"root": refs[root], "parent": refs[draft.reply_to]}

    def _indexed(self, uri: str) -> Post | None:
        """Return the post as the index shows it, None where it does not soon. It is out, so nothing is raised."""
        until = self._clock.now() + INDEXING
        while True:
            with suppress(ChannelError):
                if found := self._posts([uri]):
                    return found[0]
            if self._clock.now() >= until:
                return None
            self._clock.sleep(GLANCE_SECONDS)

    def _records(self, repo: str, start: str) -> Iterator[Mapping[str, Any]]:
        """Return the posts in a repository, the one with the greatest name first, or the greatest below `start`."""
        cursor = start
        while True:
            told = self._client.ask(
                "com.atproto.repo.listRecords", repo=repo, collection=wording.POST, limit=self._page_size, cursor=cursor
            )
            yield from answers.views(told, "records")
            before, cursor = cursor, str(told.get("cursor") or "")
            if not cursor or cursor == before:
                return

    def _from_record(self, record: Mapping[str, Any]) -> Post:
        """Return a post of our own as its repository has it. Raises ValueError where it is none."""
        return native.post(
            {
                "uri": record.get("uri"),
                "cid": record.get("cid"),
                "record": record.get("value"),
                "author": self._own_view(),
            }
        )

    # --- what others say ---

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        """Return one page of notifications as posts.

        Every RECONCILED the page says that something may be missing, so that the conversations are looked through.
        """
        if feed is not Feed.MENTIONS:
            raise ChannelRefusedError(f"{self._client.where}: direct messages are not read here; write direct = false")
        newest, reconciled = _read_mark(mark)
        now = self._clock.now()
        since = newest - OVERLAP if newest else now - FIRST_LOOK
        told = self._client.ask(
            "app.bsky.notification.listNotifications", limit=self._page_size, reasons=list(REASONS), cursor=page
        )
        noticed = [(one, native.instant(one.get("indexedAt"))) for one in answers.views(told, "notifications")]
        stamps = [at for _, at in noticed if at is not None]
        due = reconciled is not None and not ZERO <= now - reconciled < RECONCILED
        return Page(
            posts=tuple(
                self._notified(
                    [one for one, at in noticed if one.get("reason") in REASONS and (at is None or at >= since)]
                )
            ),
            next=answers.next_page(told, ended=not noticed or any(at < since for at in stamps)),
            mark=_mark(
                max((at for at in stamps if at <= now), default=newest or since),
                now if due or reconciled is None else reconciled,
            ),
            cut_off=due and not page,
        )

    def look(self, conversations: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        """Look through whole conversations; one in which something is kept from us has not been seen."""
        posts: dict[str, Post] = {}
        seen, unseen = set[str](), dict[str, str]()
        indexed = {str(view.get("uri")) for view in self._views_of(conversations)}
        for root in conversations:
            walk = self._walked(root) if root in indexed else None
            if walk is None:
                unseen[root] = "deleted" if self.gone([root]) else "not shown, or not indexed"
                continue
            if walk.unseen:
                unseen[root] = walk.unseen
            else:
                seen.add(root)
            found = (post for post in answers.readable(walk.views.values()) if post.id != root)
            posts |= {post.id: post for post in found if not authors or post.author.id in authors}
        return Sighting(posts=tuple(posts.values()), seen=frozenset(seen), unseen=unseen)

    def gone(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those that are deleted. The index hides some that stand: what it does not show is asked for alone."""
        asked = [one for one in dict.fromkeys(ids) if wording.parts(one)]
        shown = {str(view.get("uri")) for view in self._views_of(asked)}
        return frozenset(one for one in asked if one not in shown and self._record(one) is None)

    def questions(self, companies: Sequence[str], mark: str, page: str) -> Page:
        """Return one page of posts that mention one of these accounts and begin a conversation, company by company."""
        if not companies:
            return Page(posts=())
        at, cursor = json.loads(page) if page else (0, "")
        since = native.instant(mark)
        since = since - OVERLAP if since else self._clock.now() - FIRST_LOOK
        company = companies[at]
        told = self._client.ask(
            "app.bsky.feed.searchPosts",
            q=f"@{self._handle(company)}",  # something must be searched for; what else is found is sorted out below
            mentions=company,
            sort="latest",
            since=since.isoformat().replace("+00:00", "Z"),
            limit=self._page_size,
            cursor=cursor,
        )
        posts = answers.readable(answers.views(told, "posts"))
        further = answers.next_page(told, ended=not posts or any(post.at < since for post in posts))
        at = at if further else at + 1
        return Page(
            posts=tuple(post for post in posts if company in post.mentions and not post.reply_to and post.at >= since),
            next=json.dumps([at, further]) if at < len(companies) else "",
            # Where the pass began: what comes in for the first company while the last is asked about must not be lost.
            mark=self._clock.now().isoformat(),
        )

    def lookup(self, post_id: str) -> Post | None:
        """Return one post. Our own is there before the index knows of it."""
        place = wording.parts(post_id)
        if place is None:
            return None
        found = self._posts([post_id])
        if found or place[0] != self.me().id:
            return found[0] if found else None
        record = self._record(post_id)
        return self._from_record(record) if record else None

    def _notified(self, notices: Sequence[Mapping[str, Any]]) -> list[Post]:
        """Return what notifications tell of, as the index shows it: a notification's own time is its writer's claim."""
        uris = [str(one.get("uri")) for one in notices]
        found = {post.id: post for post in self._posts(uris)}
        for one in notices:
            if one.get("uri") not in found:  # hidden or deleted since; that it was there is worth knowing
                view = {key: one.get(key) for key in ("uri", "cid", "record", "author")}
                found |= {post.id: post for post in answers.readable([{**view, "noticedAt": one.get("indexedAt")}])}
        return list(found.values())

    def _walked(self, root: str) -> Walk | None:
        """Return a conversation, asked further where the server stops at some level; None where it shows none."""
        walk = Walk()
        left = [root]
        for _ in range(DEEPER_MAX):
            uri = left.pop()
            try:
                told = self._client.ask("app.bsky.feed.getPostThread", uri=uri, depth=DEEP, parentHeight=0)
            except SaidNoError:
                if uri == root:
                    return None
                told = {}
            walk.add(told.get("thread"))
            left += walk.deeper
            walk.deeper = []
            if not left:
                return walk
        walk.deeper = left
        return walk

    def _record(self, uri: str) -> Mapping[str, Any] | None:
        """Return the record behind an address, None where its repository has none."""
        did, key = wording.parts(uri) or ("", "")
        try:
            return self._client.ask("com.atproto.repo.getRecord", repo=did, collection=wording.POST, rkey=key)
        except SaidNoError as error:
            if error.name in GONE or error.words.lower().startswith("could not locate record"):
                return None
            return {}  # it is there and not shown: taken down, say

    def _handle(self, did: str) -> str:
        return native.profile(self._client.ask("app.bsky.actor.getProfile", actor=did)).handle

    def _posts(self, uris: Iterable[str]) -> list[Post]:
        return answers.readable(self._views_of(uris))

    def _views_of(self, uris: Iterable[str]) -> list[Mapping[str, Any]]:
        """Return what the index shows of these posts; it leaves out what it does not have."""
        return [
            view
            for some in answers.by(AT_ONCE, [uri for uri in dict.fromkeys(uris) if wording.parts(uri)])
            for view in answers.views(self._client.ask("app.bsky.feed.getPosts", uris=some), "posts")
        ]

    # --- addresses and words ---

    def length(self, text: str) -> int:
        """Return how long the text is in graphemes, never less than Bluesky finds; see wording.length."""
        return wording.length(text)

    def compose_url(self, text: str, *, reply_to: str = "") -> str:
        """Return the page with the text ready to be posted; for a reply there is none."""
        return "" if reply_to else f"{wording.PUBLIC_PAGE}/intent/compose?text={quote(text, safe='')}"

    def post_url(self, post_id: str, handle: str) -> str:
        """Return the public page of a post, under its author's DID where the handle has failed."""
        did, key = wording.parts(post_id) or ("", "")
        who = handle if wording.is_handle(handle) and handle != wording.FAILED else did
        return f"{wording.PUBLIC_PAGE}/profile/{who}/post/{key}" if did else ""

    def post_id(self, url: str) -> str:
        """Return the id of the post that a link names. One by handle is looked up; nobody's names none."""
        url = url.strip()
        if wording.parts(url):
            return url
        who, key = wording.page_parts(url) or ("", "")
        if who and not who.startswith("did:"):
            who = next((one.id for one in self.profiles([who.lower()]).values()), "")
        return wording.uri(who, key) if who else ""

    # --- waiting and checking ---

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until the time is over: nothing rings here."""
        stop.wait(wait_seconds)
        return False

    def check(self) -> Sequence[Finding]:
        """Return whether we can log in and read, and whether the account says of itself what the config says."""
        from slawatch.channels.bluesky import check  # noqa: PLC0415 - on use, by `slawatch check` alone

        return check.findings(self._client, self._settings, self._account, self.me)


def _mark(newest: datetime, reconciled: datetime) -> str:
    return f"{newest.isoformat()} {reconciled.isoformat()}"


def _read_mark(mark: str) -> tuple[datetime | None, datetime | None]:
    """Return up to when notifications were seen, and when the conversations were last looked through."""
    newest, _, reconciled = mark.partition(" ")
    return native.instant(newest), native.instant(reconciled)
