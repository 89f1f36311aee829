"""Reads what a Mastodon server says: people, posts and when they came in. Asks nobody, trusts nothing it is given.

Every post is read from the evidence that is kept of it, so that it can be read again the same when its account is gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from slawatch.channels.mastodon.text import plain
from slawatch.channels.social.platform import Post, Profile
from slawatch.model import ZERO

PLATFORM = "mastodon"
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # digits with Mastodon, ULIDs with GoToSocial, words with letters with Pleroma
HREF = re.compile(r'href="([^"]*)"')
VOLATILE = frozenset(  # what changes by others' doings: with it the same post would be other evidence at each look
    {
        *("replies_count", "reblogs_count", "favourites_count", "quotes_count", "card", "last_status_at"),
        *("followers_count", "following_count", "statuses_count"),
    }
)
ABROAD = timedelta(seconds=1)  # what another server says of its own posts: many leave the fraction out


def evidence(status: Mapping[str, Any], *, home: str, root: str = "", notified_at: str = "") -> bytes:
    """Return what is kept of a post.

    `home` is the domain of the server that was asked: names without a domain are its own. `root` is the id of the post
    that began the conversation, `notified_at` when that server told us of this one.
    """
    document = {
        "platform": PLATFORM,
        "post": _lasting(status, without="account"),
        "author": _lasting(status.get("account")),
        "home": home,
        "root": root,
        "notified_at": notified_at,
    }
    return json.dumps(document, separators=(",", ":")).encode()


def parse(raw: bytes) -> Post:
    """Return the post that was kept.

    Raises:
        ValueError: it is none.
    """
    try:
        document = json.loads(raw)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    told = _table(document, "the evidence")
    if told.get("platform") != PLATFORM:
        raise ValueError(f"it is no post of {PLATFORM}")
    status, home = _table(told.get("post"), "the post"), _text(told, "home")
    author = profile(told.get("author"), home=home)
    own_id, reply_to = id_of(status.get("id")), _optional_id(status, "in_reply_to_id")
    at, source, uncertainty, why = _came(status, author, home=home, notified_at=_text(told, "notified_at"))
    mentions = [one for one in _list(status, "mentions") if isinstance(one, dict)]
    return Post(
        id=own_id,
        author=author,
        text=_words(status, mentions, home),
        at=at,
        source=source,
        uncertainty=uncertainty,
        why=why,
        conversation=_optional_id(told, "root") or reply_to or own_id,
        reply_to=reply_to,
        answers=_optional_id(status, "in_reply_to_account_id") if reply_to else "",
        direct=status.get("visibility") == "direct",
        mentions=tuple(found for one in mentions if (found := _optional_id(one, "id"))),
        lang=_text(status, "language"),
        raw=raw,
    )


def profile(account: Any, *, home: str) -> Profile:
    """Return who an account is. A domain is theirs where the server has found a link back on its page.

    Raises:
        ValueError: it is no account.
    """
    told = _table(account, "the author")
    handle = full_handle(_text(told, "acct"), home)
    if not handle:
        raise ValueError('"acct" is missing')
    moved = told.get("moved")
    return Profile(
        id=id_of(told.get("id")),
        handle=handle,
        name=_text(told, "display_name"),
        domains=tuple(sorted(_verified(told))),
        automated=told.get("bot") is True,
        moved_to=_optional_id(moved, "id") if isinstance(moved, dict) else "",
    )


def full_handle(handle: str, home: str) -> str:
    """Return a handle with its server, in lower case and without the first "@": "robin@social.example"."""
    bare = handle.strip().removeprefix("@").lower()
    return f"{bare}@{home}" if bare and "@" not in bare else bare


def short_handle(handle: str, home: str) -> str:
    """Return a handle as its own server knows it: without the server where that is `home`."""
    full = full_handle(handle, home)
    return full.removesuffix(f"@{home}")


def id_of(value: Any) -> str:
    """Return an id as text.

    Raises:
        ValueError: it is none.
    """
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not ID.fullmatch(text):
        raise ValueError(f'"{str(value)[:80]}" is no id')
    return text


def instant(value: Any) -> datetime:
    """Return a moment, in UTC.

    Raises:
        ValueError: it is none, or has no time zone.
    """
    if not isinstance(value, str):
        raise ValueError(f'"{str(value)[:80]}" is no moment')  # noqa: TRY004 - hostile data, no mistake of ours
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f'"{value[:80]}" has no time zone')
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f'"{value[:80]}" is beyond the calendar') from error


def _came(
    status: Mapping[str, Any], author: Profile, *, home: str, notified_at: str
) -> tuple[datetime, str, timedelta, str]:
    """Return when a post came in, by which stamp, give or take what, and why by that one.

    Our own server stamps both what is written on it and when it told us of what others wrote; what another server says
    of its own post is that server's clock.
    """
    stated = instant(status.get("created_at"))
    if author.handle.endswith(f"@{home}"):
        return stated, "created_at", ZERO, "written on our own server, by whose clock this is"
    if not notified_at:
        why = "no notification tells when our server got it: this is what the author's server says"
        return stated, "created_at", ABROAD, why
    at = instant(notified_at)
    lag = (at - stated).total_seconds()
    return (
        at,
        "notification",
        ZERO,
        f"when our server got it; by the author's own clock {lag:.3f} s after it was written",
    )


def _words(status: Mapping[str, Any], mentions: list[Any], home: str) -> str:
    """Return the text with every handle in full, behind the warning that hides it, where there is one."""
    handles = {_text(one, "url"): full_handle(_text(one, "acct"), home) for one in mentions}
    handles.pop("", None)
    text = plain(_text(status, "content"), handles)
    for handle in handles.values():
        # Some servers send plain text instead of links to people.
        short = re.escape(short_handle(handle, home))
        alone = re.compile(rf"(?<![\w@/.])@{short}(?![\w@]|[.-]\w)", re.IGNORECASE)
        text = alone.sub(f"@{handle}".replace("\\", ""), text)
    return "\n\n".join(part for part in (_text(status, "spoiler_text").strip(), text) if part)


def _verified(account: Mapping[str, Any]) -> set[str]:
    found = set()
    for one in _list(account, "fields"):
        if isinstance(one, dict) and one.get("verified_at"):
            link = HREF.search(_text(one, "value"))
            try:
                host = urlsplit(link[1] if link else _text(one, "value").strip()).hostname or ""
            except ValueError:
                continue
            found.add(host.lower().removeprefix("www."))
    return found - {""}


def _lasting(value: Any, *, without: str = "") -> Any:
    if not isinstance(value, dict):
        return value
    return {key: one for key, one in value.items() if key not in VOLATILE and key != without}


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no JSON object")  # noqa: TRY004 - hostile data, no mistake of ours
    return value


def _text(table: Mapping[str, Any], key: str) -> str:
    """Return a text, "" where there is none; half a character (a lone surrogate) could be kept nowhere."""
    value = table.get(key)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) else []


def _optional_id(table: Mapping[str, Any], key: str) -> str:
    """Return an id, "" where there is none."""
    return id_of(table[key]) if table.get(key) not in (None, "") else ""
