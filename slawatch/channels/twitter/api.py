"""Asks X for one account and pays for it: every answer is charged when it comes, before anybody makes sense of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from slawatch.channels.twitter import posts
from slawatch.channels.twitter.errors import Answer
from slawatch.channels.twitter.posts import SECOND, Listed
from slawatch.channels.twitter.purse import Purse
from slawatch.channels.twitter.settings import Settings
from slawatch.clock import Clock
from slawatch.errors import AlreadyThereError, ChannelError, ChannelUncertainError
from slawatch.model import ZERO

if TYPE_CHECKING:
    from slawatch.channels.twitter.client import Client

PAGE = 100  # the most that X hands over at once
SEARCH_LEAST = 10  # and the fewest that a search may be asked for
DIRECT_FIRST = 10  # direct messages are dear, and mostly there are few
DIRECT_BUSY = 20  # while somebody writes, one question is to bring all that is new: X allows one a minute
DIRECT_QUIET = 3  # while nobody does, hardly any need be shown again: each is billed once more every day
HANDLES_AT_ONCE = 100
SEARCH_DEPTH = timedelta(days=7)
MENTIONS_PAGES = 8  # 800 mentions are all that X shows, 100 a page
DIRECT_DEPTH = timedelta(days=30)

AUTHOR = "affiliation,protected,verified_type"
POST = {
    "tweet_fields": (
        "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,"
        "referenced_tweets"
    ),
    "expansions": "author_id",
    "user_fields": AUTHOR,
}
MESSAGE = {
    "dm_event_fields": "created_at,dm_conversation_id,event_type,id,sender_id,text",
    "event_types": "MessageCreate",
    "expansions": "sender_id",
    "user_fields": AUTHOR,
}


class Api:
    """X's endpoints as this channel uses them. Errors are those of the platform's promise."""

    def __init__(self, client: Client, purse: Purse, settings: Settings, *, clock: Clock) -> None:
        self.client = client
        self.purse = purse
        self._settings = settings
        self._clock = clock
        self._user_auth = settings.auth == "oauth1"

    def now(self) -> datetime:
        """Return the present by X's clock, as far as that is known to differ from ours."""
        return self._clock.now() + self.client.skew

    def theirs(self, ours: datetime) -> datetime:
        """Return the earliest that an instant of our clock can be by X's, whose Date is floored to the second."""
        return ours + self.client.skew - (SECOND if self.client.skew else ZERO)

    # --- people ---

    def me(self) -> dict[str, Any]:
        """Return X's own description of the account."""
        asked = lambda: self.client.get_me(user_auth=self._user_auth, user_fields=AUTHOR)  # noqa: E731 - said once
        return self._read("user-read", self._settings.price_user, "user", asked)

    def people(self, *, handles: Sequence[str] = (), ids: Sequence[str] = ()) -> dict[str, Any]:
        """Return X's description of these people, at most 100."""
        self.purse.afford("looking accounts up", self._settings.price_user, wanted=len(handles or ids))
        wanted = {"usernames": list(handles)} if handles else {"ids": list(ids)}
        asked = lambda: self.client.get_users(**wanted, user_auth=self._user_auth, user_fields=AUTHOR)  # noqa: E731
        return self._read("user-read", self._settings.price_user, "user", asked)

    # --- reading ---

    def mentions(self, me: str, since_id: int, token: str, *, at_once: int = PAGE) -> Listed:
        """Return one page of what names the account or replies to it, the newest first."""
        self.purse.go_on("reading mentions")
        return self._owned(self.client.get_users_mentions, me, since_id, token, at_once)

    def own(self, me: str, since_id: int, token: str) -> Listed:
        """Return one page of what the account has posted, the newest first."""
        self.purse.go_on("reading the account's own posts")
        return self._owned(self.client.get_users_tweets, me, since_id, token, PAGE)

    def direct(self, token: str, *, at_once: int = PAGE, with_: str = "") -> Listed:
        """Return one page of direct messages in and out, the newest first; `with_` only those with this person."""
        self.purse.go_on("reading direct messages")
        return posts.listed(
            self._read(
                "dm-read",
                self._settings.price_dm_read,
                "dm",
                lambda: self.client.get_direct_message_events(
                    participant_id=with_ or None,
                    max_results=at_once,
                    pagination_token=token or None,
                    user_auth=self._user_auth,
                    **MESSAGE,
                ),
            )
        )

    def search(self, query: str, *, since_id: int = 0, token: str = "") -> Listed:
        """Return one page of what the last 7 days hold, the newest first, of no more posts than can be paid for."""
        price = self._settings.price_read
        many = self.purse.afford("a search", price, wanted=PAGE, least=SEARCH_LEAST)
        return posts.listed(
            self._read(
                "read",
                price,
                "post",
                lambda: self.client.search_recent_tweets(
                    query,
                    max_results=many,
                    since_id=str(since_id) if since_id else None,
                    next_token=token or None,
                    user_auth=self._user_auth,
                    **POST,
                ),
            )
        )

    def posts(self, ids: Sequence[str]) -> Listed:
        """Return these posts, at most 100; `missing` says of the others why not."""
        self.purse.afford("looking posts up", self._settings.price_read, wanted=len(ids), least=len(ids))
        asked = lambda: self.client.get_tweets(list(ids), user_auth=self._user_auth, **POST)  # noqa: E731 - said once
        return posts.listed(self._read("read", self._settings.price_read, "post", asked))

    # --- writing ---

    def post(self, text: str, *, reply_to: str, key: str, price: float, what: str) -> Answer:
        """Post once."""
        return self._written(
            what,
            price,
            key,
            lambda: self.client.create_tweet(
                text=text, in_reply_to_tweet_id=reply_to or None, user_auth=self._user_auth
            ),
        )

    def message(self, text: str, *, to: str, key: str) -> Answer:
        """Send one direct message."""
        return self._written(
            "dm",
            self._settings.price_dm,
            key,
            lambda: self.client.create_direct_message(participant_id=to, text=text, user_auth=self._user_auth),
        )

    # --- behind these ---

    def _owned(self, ask: Callable[..., Answer], me: str, since_id: int, token: str, at_once: int) -> Listed:
        return posts.listed(
            self._read(
                "owned-read",
                self._settings.price_owned_read,
                "post",
                lambda: ask(
                    me,
                    max_results=at_once,
                    since_id=str(since_id) if since_id else None,
                    pagination_token=token or None,
                    user_auth=self._user_auth,
                    **POST,
                ),
            )
        )

    def _read(self, what: str, price: float, kind: str, ask: Callable[[], Answer]) -> dict[str, Any]:
        """Ask and charge each resource that came: a failure costs nothing, and the same twice a day once."""
        before = self.client.answers
        try:
            came = ask()
        except ChannelError:
            self._charge_failure(what, before)
            raise
        document = came.document or {}
        resources = [f"{kind}:{one['id']}" for one in posts.natives(document) if isinstance(one.get("id"), str)]
        self.purse.charge(what, price, resources, calls=self.client.answers - before)
        return document

    def _written(self, what: str, price: float, key: str, ask: Callable[[], Answer]) -> Answer:
        """Write and charge; what may have been taken is charged as well, since it may be on the bill."""
        self.purse.afford(f"a {what}", price)
        before = self.client.answers
        try:
            came = ask()
        except AlreadyThereError:
            self._charge_failure(what, before)
            raise
        except ChannelUncertainError:
            self.purse.charge(what, price, [f"uncertain:{key}"], calls=max(1, self.client.answers - before))
            raise
        except ChannelError:
            self._charge_failure(what, before)
            raise
        data = (came.document or {}).get("data", {})
        made = data.get("id") or data.get("dm_event_id")
        self.purse.charge(what, price, [f"made:{made}"], calls=self.client.answers - before)
        return came

    def _charge_failure(self, what: str, before: int) -> None:
        """Count the calls that were answered; a failure costs nothing."""
        if self.client.answers > before:
            self.purse.charge(what, 0, calls=self.client.answers - before)
