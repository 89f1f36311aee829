"""Reads Bluesky's own JSON of posts and people. Pure, and without the library: old evidence is read long after.

Posts and profiles are whatever strangers' programs put there; only what a post cannot do without makes it unreadable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slawatch.channels.bluesky import wording
from slawatch.channels.social.platform import Post, Profile
from slawatch.model import ZERO

NAME = "bluesky"
LATE = timedelta(minutes=1)
"""Posts are indexed within a second or so. Where the writer's clock says more than this, one of the two is wrong."""

UNINDEXED = timedelta(seconds=5)
"""How far the writer's own time may be off where nobody has indexed a post yet: our clock, or a slow client."""

MACHINE_LABELS = frozenset({"bot", "automated"})
JSON_MAX = 1_000_000  # octets; a post with all that hangs on it has some kilobytes


def profile(author: Any) -> Profile:
    """Return who this is. Raises ValueError without a DID."""
    author = _mapping(author, "author")
    did = author.get("did")
    if not isinstance(did, str) or not did.startswith("did:"):
        raise ValueError("an author without a DID")
    handle = _text(author.get("handle")).lower()
    domain = wording.own_domain(handle)
    return Profile(
        id=did,
        handle=handle,
        name=_text(author.get("displayName")),
        affiliations=_verifiers(author),
        domains=(domain,) if domain else (),
        automated=any(
            label.get("src") == did and label.get("val") in MACHINE_LABELS and label.get("neg") is not True
            for label in _mappings(author.get("labels"))
        ),
    )


def raw(post: Mapping[str, Any]) -> bytes:
    """Return the evidence of a post: what was said of it (app.bsky.feed.defs#postView), its author apart."""
    rest = {key: value for key, value in post.items() if key not in ("author", "viewer", "threadgate")}
    return json.dumps(
        {"platform": NAME, "post": rest, "author": post.get("author")}, ensure_ascii=False, sort_keys=True
    ).encode("utf-8", "replace")


def parse(evidence: bytes) -> Post:
    """Return the post that this evidence is of. Raises ValueError where it is of none."""
    if len(evidence) > JSON_MAX:
        raise ValueError(f"{len(evidence)} octets are no post")
    try:
        told = _mapping(json.loads(evidence), "evidence")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if told.get("platform") != NAME:
        raise ValueError("no post of this platform")
    view = _mapping(told.get("post"), "post")
    uri = _text(view.get("uri"))
    place = wording.parts(uri)
    author = profile(told.get("author"))
    if place is None or place[0] != author.id:
        raise ValueError("a post without an address, or under somebody else's")
    record = _mapping(view.get("record"), "record")
    at, source, uncertainty, why = _instant(view, record)
    reply = record.get("reply")
    root, parent = (_cited(reply, key) for key in ("root", "parent")) if isinstance(reply, Mapping) else ("", "")
    langs = record.get("langs")
    return Post(
        id=uri,
        author=author,
        text=_text(record.get("text")),
        at=at,
        source=source,
        uncertainty=uncertainty,
        why=why,
        conversation=root or uri,
        reply_to=parent,
        answers=(wording.parts(parent) or ("", ""))[0],
        mentions=_mentions(record),
        lang=_text(langs[0]) if isinstance(langs, list) and langs else "",
        raw=evidence,
    )


def post(view: Mapping[str, Any]) -> Post:
    """Return the post that an AppView or a repository tells of; by way of its evidence, so that both always agree."""
    return parse(raw(view))


def instant(text: Any) -> datetime | None:
    """Return the moment a stamp names, None where it is none; one without a zone is UTC, as most mean it."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _instant(view: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[datetime, str, timedelta, str]:
    """Return when a post was there, by which stamp, give or take how much, and what speaks against it.

    Everybody can write any "createdAt"; "indexedAt" is when Bluesky came to know of it: nobody read it before.
    """
    indexed, created = instant(view.get("indexedAt")), instant(record.get("createdAt"))
    noticed = instant(view.get("noticedAt"))
    if indexed is None and noticed is not None:
        return noticed, "notification", UNINDEXED, "nothing but its notification was to be seen"
    if indexed is None and created is not None:
        return created, "created_at", UNINDEXED, "it was not indexed yet: the time is its writer's own"
    if indexed is None:
        raise ValueError("a post without a time")
    if created is None or not ZERO <= indexed - created <= LATE:
        said = created.isoformat(timespec="seconds") if created else "nothing"
        return indexed, "indexed_at", ZERO, f"its writer's own clock says {said}"
    return indexed, "indexed_at", indexed - created, ""


def _cited(reply: Mapping[str, Any], key: str) -> str:
    cited = reply.get(key)
    uri = _text(cited.get("uri")) if isinstance(cited, Mapping) else ""
    return uri if wording.parts(uri) else ""


def _mentions(record: Mapping[str, Any]) -> tuple[str, ...]:
    found = (
        _text(feature.get("did"))
        for facet in _mappings(record.get("facets"))
        for feature in _mappings(facet.get("features"))
        if feature.get("$type") == wording.MENTION
    )
    return tuple(dict.fromkeys(did for did in found if did))


def _verifiers(author: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who has confirmed this account in a way that Bluesky takes as valid: a company does so for its people."""
    verification = author.get("verification")
    shown = _mappings(verification.get("verifications")) if isinstance(verification, Mapping) else ()
    issuers = (_text(one.get("issuer")) for one in shown if one.get("isValid") is True)
    return tuple(dict.fromkeys(did for did in issuers if did))


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"no {what}")  # noqa: TRY004 - the promise of Parse names one error
    return value


def _mappings(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
