"""The endpoints that write: posts, their deletion, direct messages; and the reasons for which X refuses them."""

from __future__ import annotations

from typing import Any

from slawatch.practice.x import problems, wording
from slawatch.practice.x.calls import Call
from slawatch.practice.x.people import Person, Post
from slawatch.practice.x.problems import Answer, RefusedError

POST_KEYS = frozenset({"text", "reply", "quote_tweet_id", "reply_settings", "nullcast", "made_with_ai"})
REPLY_KEYS = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"})


def post(call: Call) -> Answer:
    """Post, and return the text as it stands there."""
    _only(call.body, POST_KEYS)
    text = _text(call.body)
    author = call.person
    reply = call.body.get("reply") or {}
    _only(reply, REPLY_KEYS)
    spare = [str(one) for one in reply.get("exclude_reply_user_ids", ())]
    reply_to = _answerable(call, str(reply["in_reply_to_tweet_id"])) if "in_reply_to_tweet_id" in reply else None
    if call.body.get("quote_tweet_id") and call.x.self_serve:
        raise RefusedError(problems.forbidden("Quoting is not available in the current product."))
    whole = call.x.addressed(author, text, reply_to, spare) if reply_to else text
    most = wording.LENGTH_MAX if author.verified == "none" else wording.LONG_MAX
    if wording.weight(text) > most:
        raise problems.invalid("text", text, f"The text is longer than {most} characters.")
    if call.x.repeats(author, whole):
        raise RefusedError(problems.duplicate())
    summoned = reply_to is not None and reply_to.author is not author
    made = call.x.post(author, text, reply_to=reply_to, spare=spare, source=call.caller.app.name)
    call.wrote("post-url" if made.links else "reply" if summoned and _called(reply_to, author) else "post")
    return Answer(
        status=201,
        body={
            "data": {
                "id": made.id,
                "text": wording.escaped(wording.cut(made.text)),
                "edit_history_tweet_ids": [made.id],
            }
        },
    )


def delete(call: Call) -> Answer:
    """Delete one's own post; one that is gone already counts as not deleted."""
    found = call.x.posts.get(int(call.arg)) if call.arg.isdecimal() else None
    if found is None or found.gone(call.x.now()):
        return Answer(body={"data": {"deleted": False}})
    if found.author is not call.person:
        raise RefusedError(problems.forbidden("You are not authorized to delete this Tweet."))
    call.x.delete(found)
    call.wrote("delete")
    return Answer(body={"data": {"deleted": True}})


def direct(call: Call) -> Answer:
    """Write a direct message to one person."""
    text = _text(call.body)
    to = call.x.people.get(call.arg)
    if to is None or to.suspended:
        raise problems.invalid("participant_id", call.arg, "There is no such user.")
    sender = call.person
    known = any(one.sender is to for one in call.x.directs(sender, to))
    if sender.id in to.blocks or not (to.open_to_all or known or sender.id in to.allowed):
        raise RefusedError(problems.forbidden("You do not have permission to DM one or more participants."))
    made = call.x.direct(sender, to, text)
    call.wrote("dm")
    return Answer(status=201, body={"data": {"dm_conversation_id": made.conversation, "dm_event_id": made.id}})


def _answerable(call: Call, text: str) -> Post:
    """Return the post to reply to. Raises RefusedError where this person may not."""
    found = call.x.posts.get(int(text)) if text.isdecimal() else None
    if found is not None and call.person.id in found.author.blocks:
        raise RefusedError(problems.blocked())
    if found is None or found.gone(call.x.now()) or found.author.hides_from(call.viewer):
        raise RefusedError(
            problems.forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
        )
    if call.x.self_serve and not _called(found, call.person):
        raise RefusedError(problems.not_summoned())
    return found


def _called(found: Post | None, person: Person) -> bool:
    """Return whether a post's author named this person or quoted it there; to oneself one may always reply."""
    if found is None or found.author is person:
        return found is not None
    return found.mentioned(person) or (found.quotes is not None and found.quotes.author is person)


def _text(body: Any) -> str:
    text = body.get("text")
    if not isinstance(text, str) or not text.strip():
        raise problems.invalid("text", text, "The text must not be empty.")
    return text


def _only(body: Any, known: frozenset[str]) -> None:
    for name in sorted(set(body) - known):
        raise problems.invalid(name, body[name], f"$.{name}: is not defined in the schema")
