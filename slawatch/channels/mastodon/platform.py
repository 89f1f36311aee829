"""One account on one Mastodon server, or on one that speaks as Mastodon does (GoToSocial, Pleroma).

Polling is the truth: nothing rings, and what a look has not shown did not come. A server shows what it got: a reply
that mentions us always gets there, one that does not may never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from slawatch.channels.base import Finding
from slawatch.channels.mastodon import reading
from slawatch.channels.mastodon.errors import ForbiddenError, NotThereError
from slawatch.channels.mastodon.feed import Look, Notice, newer
from slawatch.channels.mastodon.reading import PLATFORM, full_handle, id_of, instant, short_handle
from slawatch.channels.mastodon.settings import Settings
from slawatch.channels.social.platform import Draft, Feed, Page, Post, Profile, Sighting
from slawatch.clock import Clock
from slawatch.errors import (
    AccountHaltedError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)

if TYPE_CHECKING:
    from mastodon import Mastodon

    from slawatch.channels.mastodon.client import Answer, Client

MENTION = "mention"
PAGE = 40  # Mastodon's own most for statuses
HISTORY = timedelta(days=35)  # how far back the first look goes, as with e-mail
BETWEEN = timedelta(seconds=5)  # 300 questions in 5 minutes is what Mastodon allows an account, for everything it does
RESOLUTION = timedelta(milliseconds=1)
URL_LENGTH = 23  # whatever its real length; docs.joinmastodon.org, "Posting to your profile"
ROOTS_MAX = 10_000  # conversations whose beginning is remembered

_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_.-]*[A-Za-z0-9_])@([\w-]+(?:\.[\w-]+)*)")
_POST_PATH = re.compile(r"/(?:web/|deck/)?(?:@[^/]+(?:/statuses)?|users/[^/]+/statuses|statuses)/([A-Za-z0-9_-]+)/?")
_ID_IN_WORDS = re.compile(r"[0-9]{6,}|[0-9A-HJKMNP-TV-Z]{26}")  # Mastodon's, or a ULID


class MastodonPlatform:
    """The Platform of social/platform.py. `token` gives the access token when it is first needed."""

    name = PLATFORM
    resolution = RESOLUTION

    def __init__(self, settings: Settings, *, account: str, clock: Clock, token: Callable[[], str]) -> None:
        self.length_max = settings.length_max
        self.page_size = PAGE
        self.feeds: Mapping[Feed, timedelta] = {Feed.MENTIONS: BETWEEN, Feed.DIRECT: BETWEEN}
        self._settings = settings
        self._account = account
        self._clock = clock
        self._token = token
        self._home = settings.home
        self._made: list[Client] = []
        self._me: Profile | None = None
        self._roots: dict[str, str] = {}

    def close(self) -> None:
        """Give back every connection."""
        for one in self._made:
            one.close()

    def me(self) -> Profile:
        """Return the account itself; asked once.

        Raises:
            AccountHaltedError: the token is another account's.
        """
        if self._me is None:
            answer = self._client.read(lambda api: api.account_verify_credentials())
            try:
                found = self._profile(answer.content)
            except ValueError as error:
                what = f"{self._client.where} answered with something else than the account ({error})"
                raise ChannelUnavailableError(f"{what}; check server") from error
            if found.handle != full_handle(self._settings.handle, self._home):
                cure = f'write handle = "@{found.handle}", or the token of {self._settings.handle}'
                raise AccountHaltedError(f"{self._account}: the token is that of @{found.handle}; {cure}")
            self._me = found
        return self._me

    def profiles(self, handles: Sequence[str]) -> Mapping[str, Profile]:
        """Return who these handles belong to. One without a server is looked for on our own."""
        found = {}
        for handle in handles:
            with suppress(ChannelRefusedError, ValueError):
                found[handle] = self._lookup_profile(full_handle(handle, self._home))
        return found

    def publish(self, draft: Draft) -> Post:
        """Post once. The server takes a second one with the same key for the first, within the hour."""
        text = self._as_posted(draft)
        visibility = "direct" if draft.direct_to else self._settings.visibility
        answer = self._post(
            lambda api: api.status_post(
                text,
                in_reply_to_id=draft.reply_to or None,
                visibility=visibility,
                language=draft.lang or None,
                idempotency_key=draft.key,
            )
        )
        try:
            root = (draft.root or draft.reply_to) if draft.reply_to else id_of(answer.content["id"])
            return self._post_of(answer.content, root=root)
        except (ValueError, KeyError, TypeError) as error:
            what = f"{self._client.where} answered with something else than the post"
            raise ChannelUncertainError(f"{what}; it may have taken it") from error

    def own_posts(self, since: datetime) -> Sequence[Post]:
        """Return all the account itself posted since then, direct messages included."""
        me, found, older = self.me().id, list[Post](), ""
        while True:
            answer = self._client.read(
                lambda api, older=older or None: api.account_statuses(  # type: ignore[misc]
                    me, max_id=older, limit=self.page_size, exclude_reblogs=True
                )
            )
            told = answer.content if isinstance(answer.content, list) else []
            posts = [post for one in told for post in self._read_safely(one)]
            found += [post for post in posts if post.at >= since]
            older = self._older(answer, older)
            if not older or any(post.at < since for post in posts):
                return found

    def feed(self, feed: Feed, mark: str, page: str) -> Page:
        """Return one page of who mentioned us, the newest first: to us alone, or where others can read it."""
        look = Look.after(mark, page)
        answer = self._client.read(
            lambda api: api.notifications(
                types=[MENTION], since_id=look.since or None, max_id=look.older or None, limit=self.page_size
            )
        )
        told = list(_notices(answer.content))
        # Where the last look left no place to stop at, as at the very first, there is no end but this one.
        begins = self._clock.now() - HISTORY
        fresh = [(notice, status) for notice, status in told if look.since or notice.at >= begins]
        older = self._older(answer, look.older) if look.since or len(fresh) == len(told) else ""
        look = look.over([notice for notice, _ in told], now=answer.at, older=older)
        cut_off = look.doubtful and not self._reaches(look.witness)
        posts = tuple(
            post
            for notice, status in fresh
            if _is_direct(status) is (feed is Feed.DIRECT)
            for post in self._read_safely(status, notified_at=notice.at.isoformat())
        )
        return Page(posts=posts, next=look.page, mark=look.anew if cut_off else look.mark, cut_off=cut_off)

    def look(self, conversations: Mapping[str, datetime], *, authors: Sequence[str] = ()) -> Sighting:
        """Look through whole conversations, one question each."""
        posts: list[Post] = []
        seen, unseen = set(), {}
        for root in conversations:
            try:
                answer = self._client.read(lambda api, root=root: api.status_context(root))  # type: ignore[misc]
            except ChannelRefusedError:
                unseen[root] = "the post is no longer there, or not shown to this account"
                continue
            told = answer.content.get("descendants") if isinstance(answer.content, dict) else None
            if not isinstance(told, list):
                unseen[root] = "the server does not tell who replied"
                continue
            found = [post for status in told for post in self._read_safely(status, root=root)]
            posts += [one for one in found if not authors or one.author.id in authors]
            if len(found) == len(told):
                seen.add(root)
            else:
                unseen[root] = "the server tells of a reply in words that make no sense"
        return Sighting(posts=tuple(posts), seen=frozenset(seen), unseen=unseen)

    def gone(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of the posts that are deleted. One that others can still see is merely hidden from us."""
        return frozenset(
            one for one in ids if self._is_missing(self._client, one) and self._is_missing(self.as_nobody, one)
        )

    def questions(self, companies: Sequence[str], mark: str, page: str) -> Page:
        """Refuse: a server knows only what reached it, and shows nobody all that others were asked.

        Raises:
            ChannelRefusedError: always.
        """
        del companies, mark, page
        why = "no server shows what all people ask an account"
        raise ChannelRefusedError(
            f'{self._account}: observe is not possible on Mastodon: {why}; write mode = "assisted" or "auto"'
        )

    def length(self, text: str) -> int:
        """Return how long the server finds a text: of a handle only the name counts, of a link always the same."""
        short = _MENTION.sub(r"@\1", _URL.sub("x" * URL_LENGTH, text))
        return len(short)

    def compose_url(self, text: str, *, reply_to: str = "") -> str:
        """Return the server's own page for a new post; there is none for a reply."""
        return "" if reply_to else f"{self._settings.base_url}/share?text={quote(text)}"

    def post_url(self, post_id: str, handle: str) -> str:
        """Return the page of a post on our own server."""
        return f"{self._settings.base_url}/@{short_handle(handle, self._home)}/{post_id}"

    def post_id(self, url: str) -> str:
        """Return the id in a link to our own server, in any of the forms its pages have."""
        if _ID_IN_WORDS.fullmatch(url.strip()):
            return url.strip()
        try:
            parts, own = urlsplit(url.strip()), urlsplit(self._settings.base_url)
        except ValueError:
            return ""
        found = _POST_PATH.fullmatch(parts.path) if parts.netloc in (own.netloc, self._home) else None
        return found[1] if found else ""

    def lookup(self, post_id: str) -> Post | None:
        """Return one post, None where it is not there, or not shown to us."""
        try:
            status = self._client.read(lambda api: api.status(post_id)).content
        except ChannelRefusedError:
            return None
        return next(iter(self._read_safely(status)), None)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Wait until the time is over: nothing rings here."""
        stop.wait(wait_seconds)
        return False

    def check(self) -> Sequence[Finding]:
        """Return whether we can log in, and read all that is meant for us, and what the server's rules ask of us."""
        from slawatch.channels.mastodon import check  # noqa: PLC0415 - on use, by `slawatch check` alone

        return check.findings(self._client, self._settings, self.me)

    @cached_property
    def _client(self) -> Client:
        return self._new_client(self._token)

    @cached_property
    def as_nobody(self) -> Client:
        """What asks without saying who asks."""
        return self._new_client(lambda: "")

    def _new_client(self, token: Callable[[], str]) -> Client:
        try:
            from slawatch.channels.mastodon.client import Client  # noqa: PLC0415 - on use: it loads the library
        except ImportError as error:
            what = f'{self._account}: channel "mastodon" needs Mastodon.py'
            raise AccountHaltedError(f"{what} ({error}); install slawatch[mastodon]") from error
        made = Client(self._settings, self._account, token, self._clock)
        self._made.append(made)
        return made

    def _post(self, question: Callable[[Mastodon], object]) -> Answer:
        """Post, and tell a post that is not wanted from an account that may do nothing at all."""
        try:
            return self._client.write(question)
        except ForbiddenError:
            self._client.read(lambda api: api.account_verify_credentials())  # raises where it may do nothing
            raise

    def _lookup_profile(self, handle: str) -> Profile:
        """Return who has a handle; one our server has not met yet it asks that person's server for.

        Raises:
            ChannelRefusedError, ValueError: nobody has.
        """
        short = short_handle(handle, self._home)
        try:
            return self._profile(self._client.read(lambda api: api.account_lookup(short)).content)
        except NotThereError:
            if short != handle:
                raise
        answer = self._client.read(
            lambda api: api.search_v2(
                f"@{handle}", resolve=True, result_type="accounts", exclude_unreviewed=False, limit=5
            )
        )
        told = answer.content.get("accounts") if isinstance(answer.content, dict) else []
        for one in told if isinstance(told, list) else []:
            with suppress(ValueError):
                if (found := self._profile(one)).handle == handle:
                    return found
        raise NotThereError(f'{self._client.where} finds nobody called "@{handle}"')

    def _as_posted(self, draft: Draft) -> str:
        """Return the text as it goes out: people on our own server by name alone, whom it is for in any case."""
        text = _MENTION.sub(lambda found: f"@{short_handle(found[0], self._home)}", draft.text)
        if not draft.direct_to:
            return text
        handle = next((handle for handle, one in draft.mentions.items() if one == draft.direct_to), "")
        if not handle:
            handle = self._profile(self._client.read(lambda api: api.account(draft.direct_to)).content).handle
        name = f"@{short_handle(handle, self._home)}"
        named = re.search(rf"(?<!\w){re.escape(name)}(?![\w@])", text, flags=re.IGNORECASE)
        return text if named else f"{name} {text}"

    def _profile(self, told: Any) -> Profile:
        return reading.profile(told, home=self._home)

    def _post_of(self, status: Mapping[str, Any], *, root: str = "", notified_at: str = "") -> Post:
        """Return a post, and remember what its conversation began with.

        Raises:
            ValueError: it is none.
        """
        post = reading.parse(reading.evidence(status, home=self._home, root=root, notified_at=notified_at))
        if len(self._roots) >= ROOTS_MAX:
            self._roots.clear()
        self._roots[post.id] = post.conversation
        return post

    def _read_safely(self, status: Any, *, root: str = "", notified_at: str = "") -> Iterator[Post]:
        """Yield the post, or nothing: one that makes no sense must not keep the others from coming in."""
        with suppress(ValueError):
            if isinstance(status, dict) and not status.get("reblog"):
                yield self._post_of(status, root=root or self._root(status), notified_at=notified_at)

    def _root(self, status: Mapping[str, Any]) -> str:
        """Return the id of the post that began the conversation; the server is asked where we do not know it.

        Raises:
            ValueError: the post has no id.
        """
        own_id = id_of(status.get("id"))
        reply_to = status.get("in_reply_to_id")
        if not reply_to:
            return own_id
        known = self._roots.get(own_id) or self._roots.get(str(reply_to))
        if known:
            return known
        with suppress(ChannelRefusedError):
            told = self._client.read(lambda api: api.status_context(own_id)).content
            above = told.get("ancestors") if isinstance(told, dict) else None
            if isinstance(above, list) and above and isinstance(above[0], dict):
                return id_of(above[0].get("id"))
        return id_of(reply_to)

    def _reaches(self, witness: str) -> bool:
        """Whether the list goes on below a notification that it does not show: then that one alone was taken away."""
        answer = self._client.read(lambda api: api.notifications(types=[MENTION], max_id=witness, limit=1))
        return any(newer(witness, notice.id) for notice, _ in _notices(answer.content))

    def _older(self, answer: Answer, before: str) -> str:
        """Return from where the next page goes on: what the server says, else below the last of a full page."""
        told = answer.content if isinstance(answer.content, list) else []
        if not told:
            return ""
        older = answer.older
        if not older and len(told) >= self.page_size:
            with suppress(ValueError):
                older = id_of(told[-1].get("id") if isinstance(told[-1], dict) else None)
        return "" if older == before else older

    def _is_missing(self, client: Client, post_id: str) -> bool:
        try:
            client.read(lambda api: api.status(post_id))
        except NotThereError:
            return True
        except AccountHaltedError:
            if client is self._client:
                raise
            return True  # the server shows nobody anything, and we have been told already that it is not there
        return False


def _notices(told: Any) -> Iterable[tuple[Notice, Any]]:
    """Yield the notifications that make sense, each with the post it is about."""
    for one in told if isinstance(told, list) else []:
        with suppress(ValueError):
            if isinstance(one, dict):
                # Not every server heeds which kinds are asked for; a favourite brings our own post.
                about = one.get("status") if one.get("type") == MENTION else None
                yield Notice(id=id_of(one.get("id")), at=instant(one.get("created_at"))), about


def _is_direct(status: Any) -> bool:
    return isinstance(status, dict) and status.get("visibility") == "direct"
