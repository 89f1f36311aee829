"""The raw evidence of posts: what it says of itself, and a form of it in which only companies can be recognised.

What a platform's own JSON means is the platform's (`Parse`). Hostile evidence gives unreadable facts, no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from slawatch.channels.social.platform import Parse, Post, Profile, named
from slawatch.clock import from_micros, require_aware, to_micros
from slawatch.model import ZERO, Facts, Incoming, Stamps

ANYBODY = "@…"  # stands where somebody was named whom we keep nothing of
_HANDLE = r"@\w(?:[\w.-]*\w)?(?:@\w(?:[\w.-]*\w)?)?"
_LEADING = re.compile(rf"\A\s*(?:{_HANDLE}[\s,:]+)+")
_ANY_HANDLE = re.compile(rf"(?<![\w/])({_HANDLE})")
_LINK = re.compile(r"(https?://[^\s/]+/)\S+")  # may lead to somebody's page; where it leads to is enough
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_BROKEN = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


def bare(text: str) -> str:
    """Return a text without the handles that it begins with: whom it is put to is no word of it."""
    return _LEADING.sub("", f"{text} ", count=1).strip() if text.lstrip().startswith("@") else text.strip()


def facts(raw: bytes, platform: str, parse: Parse) -> Facts:
    """Return what raw evidence says of itself. What is no post of the platform's is not readable."""
    try:
        return facts_of(post(raw, parse), platform)
    except _BROKEN:
        return Facts(text=raw.decode("utf-8", "replace"), readable=False, platform=platform)


def post(raw: bytes, parse: Parse) -> Post:
    """Return the post that raw evidence is of, in the platform's form or in ours. Raises ValueError and its like."""
    if b'"read"' in raw:
        found = json.loads(raw)
        if isinstance(found, dict) and isinstance(found.get("read"), dict):
            return _post(found["read"], raw)
    return parse(raw)


def facts_of(one: Post, platform: str) -> Facts:
    """Return what a post says of itself, all ids named by the platform."""
    one = _clean(one)
    author = one.author
    began = "" if one.direct or one.conversation == one.id else one.conversation
    cited = dict.fromkeys(named(platform, cited) for cited in (one.reply_to, began) if cited)
    headers = {
        "handle": author.handle,
        "lang": one.lang,
        "answers": named(platform, one.answers),
        "automated": "yes" if author.automated else "",
        "date": require_aware(one.at).isoformat(),
    }
    return Facts(
        sender=named(platform, author.id),
        sender_name=f"{author.name} (@{author.handle})" if author.name else f"@{author.handle}",
        own_id=named(platform, one.id),
        cited_ids=tuple(cited),
        conversation=named(platform, one.conversation),
        platform=platform,
        direct=one.direct,
        affiliations=(
            *(named(platform, other) for other in author.affiliations),
            *(f"domain:{domain.lower()}" for domain in author.domains),
        ),
        text=bare(one.text) if one.reply_to else one.text.strip(),
        headers={name: (value,) for name, value in headers.items() if value},
    )


def incoming(one: Post, platform: str, feed: str, *, known: Collection[str] | None = None) -> Incoming:
    """Return a post as the channel hands it over; with `known` only these handles are left in it."""
    one = _clean(one if known is None else scrubbed(one, platform, known))
    return Incoming(
        remote_id=named(platform, one.id),
        folder=feed,
        raw=one.raw,
        stamps=Stamps(at=one.at, source=one.source, why=one.why, earlier=one.uncertainty, later=one.uncertainty),
        facts=facts_of(one, platform),
    )


def _clean(one: Post) -> Post:
    """Return the post without halves of characters, which JSON can name and no store can keep."""
    who = one.author
    return replace(
        one,
        id=_whole(one.id),
        author=replace(who, id=_whole(who.id), handle=_whole(who.handle), name=_whole(who.name)),
        text=_whole(one.text),
        conversation=_whole(one.conversation),
        reply_to=_whole(one.reply_to),
        lang=_whole(one.lang),
    )


def _whole(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def scrubbed(one: Post, platform: str, handles: Collection[str]) -> Post:
    """Return a company's post in which nobody but these is named, with raw evidence that holds no more than that.

    What it replies to is left out unless that began the conversation, whose id is the observed request's own.
    """
    ours = {handle.lower() for handle in handles} | {one.author.handle.lower()}

    def whom(found: re.Match[str]) -> str:
        return found[0] if found[1].removeprefix("@").lower() in ours else ANYBODY

    text = bare(one.text) if one.reply_to else one.text
    text = _ANY_HANDLE.sub(whom, _MAIL.sub(ANYBODY, _LINK.sub(r"\1…", text)))
    read = {
        "id": one.id,
        "author": {
            "id": one.author.id,
            "handle": one.author.handle,
            "name": one.author.name,
            "affiliations": [],
            "domains": list(one.author.domains),
            "automated": one.author.automated,
        },
        "text": text,
        "at": to_micros(one.at),
        "source": one.source,
        "uncertainty": one.uncertainty // timedelta(microseconds=1),
        "why": one.why,
        "conversation": one.conversation,
        "reply_to": one.reply_to if one.reply_to == one.conversation else "",
        "lang": one.lang,
    }
    raw = json.dumps({"platform": platform, "read": read}, ensure_ascii=False, sort_keys=True).encode()
    return _post(read, raw)


def _post(read: Mapping[str, Any], raw: bytes) -> Post:
    """Return the post that `scrubbed` has written down."""
    author = read["author"]
    at: datetime = from_micros(int(read["at"]))
    return Post(
        id=str(read["id"]),
        author=Profile(
            id=str(author["id"]),
            handle=str(author["handle"]),
            name=str(author["name"]),
            affiliations=tuple(str(one) for one in author["affiliations"]),
            domains=tuple(str(one) for one in author["domains"]),
            automated=bool(author["automated"]),
        ),
        text=str(read["text"]),
        at=at,
        source=str(read["source"]),
        uncertainty=max(timedelta(microseconds=int(read["uncertainty"])), ZERO),
        why=str(read["why"]),
        conversation=str(read["conversation"]),
        reply_to=str(read["reply_to"]),
        lang=str(read["lang"]),
        raw=raw,
    )
