"""A channel on which everybody can read along, over any platform for posts: what they all have in common.

Moves posts and reads what they say; what they mean and when to ask is decided elsewhere.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import ClassVar, Self

from slawatch.channels.base import (
    Batch,
    Capabilities,
    Finding,
    Identity,
    Memory,
    Sent,
    Thread,
    Unknown,
    Verified,
)
from slawatch.channels.social import own, raw
from slawatch.channels.social.check import findings, not_as_named
from slawatch.channels.social.collecting import Collector
from slawatch.channels.social.own import Addressee
from slawatch.channels.social.platform import Draft, Platform, Post, named
from slawatch.channels.social.settings import SocialSettings, handle_of
from slawatch.clock import Clock, require_aware
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
    UsageError,
)
from slawatch.model import Attempt, DeliveryProof, Facts, FollowUp, Request

OVERLAP = timedelta(minutes=2)  # our clock and the platform's are not quite one
BACK = timedelta(days=40)  # how far back a reply by hand is looked for where the letter bears no date
PAUSE_SECONDS = 5.0  # before a platform that is away is listened to again


class SocialChannel(ABC):
    """One account that asks in public, or by direct message, and is answered there.

    A concrete channel says which platform: its name, how it is made and how its posts are read again.
    """

    public: ClassVar[bool] = True
    platform_name: ClassVar[str]

    def __init__(
        self, settings: SocialSettings, *, account: str, clock: Clock, store: Path | None = None, memory: Memory
    ) -> None:
        self._settings = settings
        self._account = account
        self._clock = clock
        self._store = store
        self._memory = memory
        self._made: Platform | None = None
        self._collector: Collector | None = None
        self._rings_at = 0.0
        self.capabilities = Capabilities()  # how exact the stamps are says the platform, once it is there

    @abstractmethod
    def _make_platform(self) -> Platform:
        """Return the platform, not yet connected."""

    @staticmethod
    @abstractmethod
    def parse(raw: bytes) -> Post:
        """Return the post that raw evidence of this platform is of. Raises ValueError where that is none."""

    def open(self) -> None:  # noqa: B027 - nothing to do for anybody
        """Do nothing yet: the platform is connected on first use."""

    def close(self) -> None:
        """Give back the platform's connections."""
        made, self._made, self._collector = self._made, None, None
        if made is not None:
            made.close()

    def __enter__(self) -> Self:
        """Open."""
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close, whatever happened."""
        self.close()

    # --- asking ---

    def prepare(self, request: Request, attempt: Attempt) -> bytes:  # noqa: ARG002 - the same at every attempt
        """Return the text of the post as it will stand there, with whom it is put to; a direct message names nobody.

        Raises:
            ChannelRefusedError: it is too long for the platform.
        """
        return self._text(request).encode()

    def send(self, request: Request, attempt: Attempt) -> Sent:
        """Post once. What may have left at an earlier attempt is looked for first.

        Raises:
            ChannelRefusedError: for good: nobody has that handle, or the platform wants no such post.
            ChannelUnavailableError: nothing left. ChannelUncertainError: nobody knows.
        """
        text, whom = self._text(request), self._addressee(request, ask=True)
        if attempt.number > 1:
            before = self._same(request.intended_at, text, whom)
            if before is not None:
                return self._sent(before)
        draft = Draft(
            text=text,
            key=request.message_id,
            lang=request.text.lang,
            direct_to=whom.id if whom.direct else "",
            mentions={} if whom.direct else {whom.handle: whom.id},
        )
        return self._published(draft, request.intended_at, whom)

    def find(self, request: Request) -> Sent | Unknown:
        """Look for the post among the account's own: exactly this text, put to that company.

        That it is not there never counts as proof that nothing left, however complete and late the answer: a timeline
        is an index that lags, mostly by seconds, and nobody promises by how much at most; nor does a request say when
        it was last tried. Whoever asks gives up after an hour of complete looks and asks something else at another
        time; the same text is not posted again in either case, so a proof would change one word in a report.
        """
        found = self._same(request.intended_at, self._text(request), self._addressee(request))
        return Unknown() if found is None else self._sent(found)

    # --- writing back ---

    @staticmethod
    def correspondent(letter: Facts) -> str:
        """Return the id of who wrote it. Some platforms' ids tell small letters from large ones, so they stay."""
        return letter.sender

    def prepare_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> bytes:  # noqa: ARG002
        """Return the text of our reply, which stands under the company's post or in its direct messages.

        Raises:
            ChannelRefusedError: it is too long for the platform.
        """
        return self._reply_text(follow_up, letter).encode()

    def send_follow_up(self, request: Request, follow_up: FollowUp, letter: Facts) -> Sent:
        """Post our reply once, where theirs stands.

        Raises:
            ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError: as `send`.
        """
        text, whom = self._reply_text(follow_up, letter), self._writer(letter)
        since = follow_up.intended_at
        if follow_up.next_attempt_at is not None:
            before = self._same(since, text, whom, under=letter)
            if before is not None:
                return self._sent(before)
        draft = Draft(
            text=text,
            key=follow_up.own_id,
            lang=request.text.lang,
            reply_to=self._bare(letter.own_id),
            root=self._bare(letter.conversation or letter.own_id),
            direct_to=whom.id if whom.direct else "",
            mentions={} if whom.direct else {whom.handle: whom.id},
        )
        return self._published(draft, since, whom, under=letter)

    def find_follow_up(self, follow_up: FollowUp) -> Sent | Unknown:
        """Look for our reply among the account's own posts. Two of the same words prove nothing of either."""
        posts = self._own_posts(follow_up.intended_at)
        wanted = own.words(follow_up.body)
        fitting = [one for one in posts if (one.direct or one.reply_to) and own.words(one.text) == wanted]
        taken = self._taken(fitting)
        left = [one for one in fitting if one.id not in taken]
        return self._sent(left[0]) if len(left) == 1 else Unknown()

    def find_by_hand(self, letter: Facts) -> Sent | Unknown:
        """Look for a reply of ours to this very post, in direct messages for any that came after it."""
        letter_id = self._bare(letter.own_id)
        if letter.platform != self.platform_name or not letter_id:
            return Unknown()
        came_at = _date(letter) or self._clock.now() - BACK
        later = [
            one
            for one in self._own_posts(came_at)
            if (
                letter.direct
                and one.direct
                and named(self.platform_name, one.conversation) == letter.conversation
                and one.at + one.uncertainty >= came_at
            )
            or (not one.direct and one.reply_to == letter_id)
        ]
        taken = self._taken(later)
        found = min((one for one in later if one.id not in taken), key=lambda one: (one.at, one.id), default=None)
        return Unknown() if found is None else self._sent(found)

    # --- reading ---

    def collect(
        self,
        cursor: str,
        *,
        senders: Callable[[], frozenset[str]] | None = None,  # noqa: ARG002 - only what is said to us comes in
        threads: Callable[[], Sequence[Thread]] | None = None,
    ) -> Batch:
        """Return the next page of what came in, of the feeds that are due."""
        collector = self._collecting()
        batch = collector.collect(cursor, threads)
        self._rings_at = time.monotonic() + max(collector.pace.total_seconds(), 1)
        return batch

    @classmethod
    def read(cls, raw: bytes) -> Facts:
        """Return what raw evidence says of itself; what is no post is not readable."""
        return _read(raw, cls.platform_name, cls.parse)

    def watch(self, stop: Event, wait_seconds: float) -> bool:
        """Ring when the next look is due, or earlier where the platform tells that something came."""
        until = time.monotonic() + wait_seconds
        while not stop.is_set():
            now = time.monotonic()
            if now >= self._rings_at:
                self._rings_at = now + max(self._collecting().pace.total_seconds(), 1)
                return True
            left = min(until, self._rings_at) - now
            if now >= until:
                return False
            try:
                if self._platform().watch(stop, left):
                    return not stop.is_set()
            except ChannelError:
                stop.wait(min(left, PAUSE_SECONDS))  # collect is who says so
        return False

    def check(self) -> list[Finding]:
        """Ask the platform whether we can log in, read and post, and as whom."""
        return findings(self._platform(), self._settings, self._account)

    # --- what only public channels do ---

    def identify(self, addresses: Sequence[str]) -> Mapping[str, Identity]:
        """Look up who these addresses belong to; those that nobody has are left out."""
        handles = {address: handle_of(address) for address in addresses}
        if not handles:
            return {}
        found = self._platform().profiles(sorted(set(handles.values())))
        return {
            address: Identity(
                address=address,
                id=named(self.platform_name, found[handle].id),
                handle=found[handle].handle,
                name=found[handle].name,
            )
            for address, handle in handles.items()
            if handle in found
        }

    def find_posted(self, request: Request) -> Sent | Unknown:
        """Return the post that says this or nearly this to that company, since it was prepared."""
        posts = self._own_posts(request.intended_at)
        found = own.alike(posts, self._text(request), self._addressee(request), taken=self._taken(posts))
        return Unknown() if found is None else self._sent(found)

    def adopt(self, request: Request, url: str) -> Sent:
        """Return the post at a public link as this request's.

        Raises:
            UsageError: there is no post of the account's own, or it is not addressed to the request's target.
        """
        platform = self._platform()
        post_id = platform.post_id(url)
        post = platform.lookup(post_id) if post_id else None
        if post is None:
            raise UsageError(f'adopt: there is no post at "{url}"; copy the link of your post')
        me = platform.me()
        if post.author.id != me.id:
            raise UsageError(
                f'adopt: "{url}" is by @{post.author.handle}, not by @{me.handle}; name a post of your own'
            )
        if not self._addressee(request).is_for(post):
            raise UsageError(f'adopt: "{url}" is not addressed to "{request.target}"; name the post that asks them')
        return self._sent(post)

    def post_link(self, request: Request) -> str:
        """Return the link that opens the platform with the text ready; a direct message has none."""
        return "" if self._memory.direct(request.target) else self._platform().compose_url(self._text(request))

    def verify(self, threads: Sequence[Thread]) -> Verified:
        """Ask the platform once more for everything that was said about these requests."""
        return self._collecting().verify(threads)

    def gone(self, remote_ids: Sequence[str]) -> frozenset[str]:
        """Return those messages that their authors have deleted; of other platforms' nothing is known."""
        ours = [self._bare(one) for one in remote_ids if one.startswith(f"{self.platform_name}:")]
        found = self._platform().gone(ours) if ours else frozenset()
        return frozenset(named(self.platform_name, one) for one in found)

    # --- behind these ---

    def _platform(self) -> Platform:
        if self._made is None:
            self._made = self._make_platform()
            self.capabilities = replace(self.capabilities, resolution=self._made.resolution)
        return self._made

    def _collecting(self) -> Collector:
        if self._collector is None:
            self._collector = Collector(
                self._platform(), self._settings, self._memory, account=self._account, clock=self._clock
            )
        return self._collector

    def _bare(self, one: str) -> str:
        """Return an id of this platform's as the platform knows it, "" of any other."""
        platform, _, bare = one.partition(":")
        return bare if platform == self.platform_name else ""

    def _text(self, request: Request) -> str:
        body = request.text.body.strip()
        whom = self._addressee(request)
        return body if whom.direct else self._checked(f"@{whom.handle} {body}")

    def _reply_text(self, follow_up: FollowUp, letter: Facts) -> str:
        body = follow_up.body.strip()
        return body if letter.direct else self._checked(f"@{self._writer(letter).handle} {body}")

    def _checked(self, text: str) -> str:
        platform = self._platform()
        length = platform.length(text)
        if length > platform.length_max:
            raise ChannelRefusedError(
                f"{self._account}: the post would be {length} long and {platform.name} takes {platform.length_max}; "
                "shorten the probe"
            )
        return text

    def _addressee(self, request: Request, *, ask: bool = False) -> Addressee:
        """Return whom a request is put to; with `ask` the platform is asked where nobody has been yet."""
        direct, address = self._memory.direct(request.target), request.target
        known = self._memory.identity(address)
        if known is None and ask:
            known = self.identify([address]).get(address)
            if known is None:
                raise ChannelRefusedError(
                    f'{self._account}: there is no "{address}" on {self.platform_name}; correct the address'
                )
        if known is None:
            return Addressee(handle=handle_of(address), direct=direct)
        return Addressee(handle=known.handle, id=self._bare(known.id), direct=direct)

    def _writer(self, letter: Facts) -> Addressee:
        handle = next(iter(letter.headers.get("handle", ())), "")
        return Addressee(handle=handle, id=self._bare(letter.sender), direct=letter.direct)

    def _published(self, draft: Draft, since: datetime, whom: Addressee, *, under: Facts | None = None) -> Sent:
        """Post it; where the platform says that it is there already, find it.

        Raises:
            AccountHaltedError: whoever we are logged in as is not the account that the config names.
        """
        mistaken = not_as_named(self._platform().me(), self._settings)
        if mistaken:
            raise AccountHaltedError(f"{self._account}: {mistaken}, then run: slawatch check")
        try:
            return self._sent(self._platform().publish(draft))
        except AlreadyThereError as error:
            with suppress(ChannelUnavailableError, ChannelRefusedError):
                found = self._same(since, draft.text, whom, under=under)
                if found is not None:
                    return self._sent(found)
            raise ChannelUncertainError(f"{error}; it is not among the account's own posts") from error

    def _same(self, since: datetime, text: str, whom: Addressee, *, under: Facts | None = None) -> Post | None:
        """Return our post of exactly this text to them, with `under` among the replies to that letter alone."""
        posts = self._own_posts(since)
        if under is not None and not whom.direct:
            posts = [one for one in posts if one.reply_to == self._bare(under.own_id)]
        return own.same(posts, text, whom, taken=self._taken(posts))

    def _own_posts(self, since: datetime) -> list[Post]:
        """Return what the account itself has posted since then, by the platform's clock and ours."""
        since -= OVERLAP
        return [one for one in self._platform().own_posts(since) if one.at >= since]

    def _taken(self, posts: Iterable[Post]) -> frozenset[str]:
        ids = [named(self.platform_name, one.id) for one in posts]
        return frozenset(self._bare(one) for one in self._memory.taken(ids)) if ids else frozenset()

    def _sent(self, post: Post) -> Sent:
        """Return a post of ours as the platform has it: that it can be seen there proves that it arrived."""
        url = "" if post.direct else self._platform().post_url(post.id, post.author.handle)
        return Sent(
            remote_id=named(self.platform_name, post.id),
            accepted_at=post.at,
            uncertainty=post.uncertainty,
            proof=DeliveryProof.PROVEN,
            evidence=f"posted: {url}" if url else f"sent as direct message {post.id}",
        )


_read = raw.facts


def _date(letter: Facts) -> datetime | None:
    """Return when the letter was written, where it says so."""
    try:
        return require_aware(datetime.fromisoformat(letter.headers["date"][0]))
    except (KeyError, IndexError, ValueError):
        return None
