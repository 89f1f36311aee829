"""People, posts and direct messages as JSON: only the fields that were asked for, and what expansions bring along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slawatch.practice.x import problems, wording
from slawatch.practice.x.people import Direct, Person, Post
from slawatch.practice.x.world import X

POST_FIELDS = frozenset(
    {
        "attachments",
        "author_id",
        "context_annotations",
        "conversation_id",
        "created_at",
        "edit_controls",
        "edit_history_tweet_ids",
        "entities",
        "geo",
        "id",
        "in_reply_to_user_id",
        "lang",
        "note_tweet",
        "possibly_sensitive",
        "public_metrics",
        "referenced_tweets",
        "referenced_posts",
        "reply_settings",
        "source",
        "text",
        "withheld",
    }
)
USER_FIELDS = frozenset(
    {
        "affiliation",
        "created_at",
        "description",
        "entities",
        "id",
        "is_identity_verified",
        "location",
        "most_recent_tweet_id",
        "name",
        "parody",
        "pinned_tweet_id",
        "profile_image_url",
        "protected",
        "public_metrics",
        "receives_your_dm",
        "subscription_type",
        "url",
        "username",
        "verified",
        "verified_type",
        "withheld",
    }
)
DIRECT_FIELDS = frozenset(
    {
        "attachments",
        "created_at",
        "dm_conversation_id",
        "entities",
        "event_type",
        "id",
        "participant_ids",
        "referenced_tweets",
        "sender_id",
        "text",
    }
)
POST_EXPANSIONS = frozenset(
    {
        "author_id",
        "in_reply_to_user_id",
        "referenced_tweets.id",
        "referenced_tweets.id.author_id",
        "referenced_posts.id",
        "referenced_posts.id.author_id",
        "entities.mentions.username",
        "edit_history_tweet_ids",
        "attachments.media_keys",
    }
)
DIRECT_EXPANSIONS = frozenset({"sender_id", "participant_ids", "referenced_tweets.id", "attachments.media_keys"})
AUTHORS = frozenset({"author_id"})
DEEPER_AUTHORS = frozenset({"referenced_tweets.id.author_id", "referenced_posts.id.author_id"})
ALWAYS_POST = {"id", "text", "edit_history_tweet_ids"}
ALWAYS_USER = {"id", "name", "username"}
ALWAYS_DIRECT = {"id", "event_type", "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which fields and expansions a call asks for."""

    post: frozenset[str] = frozenset()
    user: frozenset[str] = frozenset()
    direct: frozenset[str] = frozenset()
    expand: frozenset[str] = frozenset()

    @classmethod
    def of(cls, params: Mapping[str, str], expansions: frozenset[str] = POST_EXPANSIONS) -> Wish:
        """Return what the parameters ask for. Raises RefusedError for a field that there is not."""
        posts = _listed(params, "tweet.fields", POST_FIELDS) | _listed(params, "post.fields", POST_FIELDS)
        return cls(
            post=posts,
            user=_listed(params, "user.fields", USER_FIELDS),
            direct=_listed(params, "dm_event.fields", DIRECT_FIELDS),
            expand=_listed(params, "expansions", expansions),
        )


def _listed(params: Mapping[str, str], name: str, known: frozenset[str]) -> frozenset[str]:
    found = frozenset(one for one in params.get(name, "").split(",") if one)
    for one in sorted(found - known):
        options = ",".join(sorted(known))
        raise problems.invalid(name, one, f"The `{name}` query parameter value [{one}] is not one of [{options}]")
    return found


@dataclass(slots=True)
class View:
    """Shows things to one viewer, and gathers what expansions bring along and what may not be shown."""

    x: X
    viewer: Person | None
    wish: Wish
    users: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def page(self, data: Sequence[Mapping[str, Any]], meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the body of an answer with a list; without anything found it has no `data`, as X's has none."""
        body: dict[str, Any] = {"data": list(data)} if data else {}
        return self._completed(body, meta)

    def single(self, data: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the body of an answer with one thing."""
        return self._completed({} if data is None else {"data": dict(data)}, None)

    def _completed(self, body: dict[str, Any], meta: Mapping[str, Any] | None) -> dict[str, Any]:
        posts = [self.post(one, deeper=False) for one in self.posts.values()]
        includes: dict[str, Any] = {}
        if self.users:
            includes["users"] = [self.user(one) for one in self.users.values()]
        if posts:
            includes["tweets"] = posts
        if includes:
            body["includes"] = includes
        if self.errors:
            body["errors"] = self.errors
        if meta is not None:
            body["meta"] = dict(meta)
        return body

    def post(self, post: Post, *, deeper: bool = True) -> dict[str, Any]:
        """Return a post. `deeper` follows expansions; what they brought along is not expanded again but for authors."""
        expand = self.wish.expand
        wanted = ALWAYS_POST | self.wish.post
        if self.x.drift:
            wanted = wanted - {"author_id"}
        if expand & (AUTHORS if deeper else DEEPER_AUTHORS):
            wanted = wanted | {"author_id"}
            self._along(post.author)
        if deeper:
            wanted = wanted | self._expanded(post)
        makers: dict[str, Callable[[], Any]] = {
            "author_id": lambda: post.author.id,
            "conversation_id": lambda: str(post.conversation),
            "created_at": lambda: stamp(post.at),
            "edit_controls": lambda: {"edits_remaining": 6 - len(self._versions(post)), "is_edit_eligible": True},
            "edit_history_tweet_ids": lambda: [one.id for one in self._versions(post)],
            "entities": lambda: _entities(post),
            "id": lambda: post.id,
            "in_reply_to_user_id": lambda: post.reply_to.author.id if post.reply_to else None,
            "lang": lambda: post.lang,
            "note_tweet": lambda: self._note(post),
            "possibly_sensitive": lambda: False,
            "public_metrics": lambda: {"reply_count": 0, "retweet_count": 0, "like_count": 0, "quote_count": 0},
            "referenced_tweets": lambda: _referenced(post),
            "referenced_posts": lambda: _referenced(post),
            "reply_settings": lambda: "everyone",
            "source": lambda: post.source,
            "text": lambda: wording.escaped(wording.cut(post.text)),
        }
        made = {name: makers[name]() for name in sorted(wanted & makers.keys())}
        if self.x.drift and ("referenced_tweets" in made or "referenced_posts" in made):
            made["referenced_posts"] = made.pop("referenced_tweets", None) or made.get("referenced_posts")
        elif "referenced_posts" in made:
            made["referenced_tweets"] = made.pop("referenced_posts")
        return {name: value for name, value in made.items() if value not in (None, {}, [])}

    def user(self, person: Person) -> dict[str, Any]:
        """Return an account."""
        makers: dict[str, Callable[[], Any]] = {
            "affiliation": lambda: _affiliation(person),
            "created_at": lambda: stamp(person.created_at),
            "description": lambda: person.description,
            "entities": lambda: {"url": {"urls": [{"expanded_url": person.url}]}} if person.url else None,
            "id": lambda: person.id,
            "name": lambda: person.name,
            "parody": lambda: False,
            "protected": lambda: person.protected,
            "receives_your_dm": lambda: person.open_to_all,
            "url": lambda: wording.shortened(person.url)[0],
            "username": lambda: person.handle,
            "verified": lambda: person.verified != "none",
            "verified_type": lambda: person.verified,
        }
        made = {name: makers[name]() for name in sorted((ALWAYS_USER | self.wish.user) & makers.keys())}
        return {name: value for name, value in made.items() if value is not None}

    def direct(self, one: Direct) -> dict[str, Any]:
        """Return a direct message. It never says who takes part: X gives that for other events only."""
        wanted = ALWAYS_DIRECT | self.wish.direct
        if self.x.drift:
            wanted = wanted - {"sender_id"}
        if "sender_id" in self.wish.expand:
            wanted = wanted | {"sender_id"}
            self._along(one.sender)
        made: dict[str, Any] = {
            "created_at": stamp(one.at),
            "dm_conversation_id": one.conversation,
            "event_type": "MessageCreate",
            "id": one.id,
            "sender_id": one.sender.id,
            "text": wording.escaped(one.text),
        }
        return {name: value for name, value in made.items() if name in wanted}

    def _expanded(self, post: Post) -> set[str]:
        """Bring along what is asked to be; return the fields that hold its ids, which X then gives unasked."""
        expand, wanted = self.wish.expand, set()
        if "in_reply_to_user_id" in expand and post.reply_to:
            wanted.add("in_reply_to_user_id")
            self._along(post.reply_to.author)
        if "entities.mentions.username" in expand and post.mentions:
            wanted.add("entities")
            for one in post.mentions:
                self._along(self.x.people[one.id])
        if any(one.startswith(("referenced_tweets", "referenced_posts")) for one in expand):
            wanted.add("referenced_tweets")
            for other in (post.reply_to, post.quotes, post.reposts):
                if other is not None:
                    self._along_post(other)
        return wanted

    def _along(self, person: Person) -> None:
        if not person.suspended:
            self.users[person.id] = person

    def _along_post(self, post: Post) -> None:
        if post.gone(self.x.now()):
            self.errors.append(problems.missing("tweet", "referenced_tweets.id", post.id))
        elif post.author.hides_from(self.viewer):
            self.errors.append(problems.not_authorized("tweet", "referenced_tweets.id", post.id))
        else:
            self.posts[post.id] = post

    def _versions(self, post: Post) -> list[Post]:
        now = self.x.now()
        return [one for one in post.versions if one.at <= now]

    def _note(self, post: Post) -> dict[str, Any] | None:
        return None if wording.cut(post.text) == post.text else {"text": wording.escaped(post.text)}


def stamp(at: datetime) -> str:
    """Return an instant as X writes it: the whole second before it, with three zeros that say nothing."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def _entities(post: Post) -> dict[str, Any]:
    named = [{"start": one.start, "end": one.end, "username": one.value, "id": one.id} for one in post.mentions]
    linked = [
        {
            "start": one.start,
            "end": one.end,
            "url": post.text[one.start : one.end],
            "expanded_url": one.value,
            "display_url": one.value.partition("//")[2],
        }
        for one in post.links
    ]
    return {name: value for name, value in (("mentions", named), ("urls", linked)) if value}


def _referenced(post: Post) -> list[dict[str, str]]:
    kinds = (("replied_to", post.reply_to), ("quoted", post.quotes), ("retweeted", post.reposts))
    return [{"type": kind, "id": other.id} for kind, other in kinds if other is not None]


def _affiliation(person: Person) -> dict[str, Any] | None:
    """Return whom an account belongs to; X shows who answers for a machine in the same place."""
    to = person.automated or person.affiliation
    if to is None:
        return {}
    return {
        "badge_url": f"https://img.example/{to.id}.png",
        "description": f"Automated by @{to.handle}" if person.automated else to.name,
        "url": f"https://x.example/{to.handle}",
        "user_id": [to.id],
    }
