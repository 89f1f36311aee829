"""What the practice X lets people write by its API, what it refuses and with which words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.practice.at_x import Said, Scene, scene

DAY = timedelta(days=1)


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


def why(said: Said) -> str:
    assert said.status == 403
    return str(said.json["detail"])


def test_a_post_stands_there_as_the_answer_says(at: Scene) -> None:
    said = at.client.write("@AcmeHelp when do you open?")

    assert said.status == 201
    assert said.data["text"] == "@AcmeHelp when do you open?"
    assert at.x.posts[int(said.data["id"])].at == at.clock.now()
    assert at.client_of(at.acme).get(f"/2/users/{at.acme.id}/mentions").ids == [said.data["id"]]


def test_a_reply_gets_the_handles_before_it_unless_they_are_left_out(at: Scene) -> None:
    bob = at.x.person("bob")
    post = at.x.post(at.acme, "@ann and @bob, hello")
    left_out = {"in_reply_to_tweet_id": post.id, "exclude_reply_user_ids": [bob.id]}

    assert at.client.write("Thanks!", post.id).data["text"] == "@AcmeHelp @bob Thanks!"
    assert at.client.post("/2/tweets", {"text": "Thanks.", "reply": left_out}).data["text"] == "@AcmeHelp Thanks."


def test_the_same_text_is_refused_for_a_day(at: Scene) -> None:
    first = at.client.write("Hello?")
    at.clock.forward(DAY - timedelta(seconds=1))

    assert why(at.client.write("Hello?")) == "You are not allowed to create a Tweet with duplicate content."
    assert at.client.write("Hello??").status == 201
    assert at.client_of(at.acme).write("Hello?").status == 201
    at.clock.forward(timedelta(seconds=2))
    assert at.client.write("Hello?").status == first.status == 201


def test_a_deleted_text_may_be_posted_again(at: Scene) -> None:
    first = at.client.write("Hello?").data["id"]

    assert at.client.call("DELETE", f"/2/tweets/{first}").data == {"deleted": True}
    assert at.client.call("DELETE", f"/2/tweets/{first}").data == {"deleted": False}
    assert at.client.write("Hello?").status == 201


def test_nobody_deletes_what_others_wrote(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")

    assert at.client.call("DELETE", f"/2/tweets/{post.id}").status == 403
    assert at.client.get(at.mentions).ids == [post.id]


def test_self_serve_apps_reply_only_where_they_were_called(at: Scene) -> None:
    own = at.x.post(at.ann, "Is anybody there?")
    uncalled = at.x.post(at.acme, "We open at nine.")
    named = at.x.post(at.acme, "@ann hello")
    quoted = at.x.post(at.acme, "look at this", quotes=own)
    free = at.client.write("why not earlier?", uncalled.id)

    at.x.self_serve = True

    assert free.status == 201
    assert "mentioned or otherwise engaged" in why(at.client.write("why not at eight?", uncalled.id))
    assert [at.client.write(f"thanks {one.id}", one.id).status for one in (named, quoted, own)] == [201, 201, 201]


def test_who_blocks_us_cannot_be_replied_to(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")
    at.x.block(at.acme, at.ann)

    assert "blocked" in why(at.client.write("thanks", post.id))


def test_what_is_not_there_cannot_be_replied_to(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")
    at.x.delete(post)

    for one in (post.id, "12"):
        assert "deleted or not visible" in why(at.client.write("thanks", one))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("a" * 280, 201),
        ("a" * 281, 400),
        ("日" * 140, 201),
        ("日" * 141, 400),
        ("a" * 256 + " https://acme.example/" + "x" * 200, 201),
        ("a" * 257 + " https://acme.example/x", 400),
        (" ", 400),
        (None, 400),
    ],
)
def test_texts_are_weighed_as_x_weighs_them(at: Scene, text: str | None, status: int) -> None:
    assert at.client.post("/2/tweets", {"text": text}).status == status


def test_who_pays_may_write_long_posts(at: Scene) -> None:
    assert at.client_of(at.acme).write("a" * 5_000).status == 201


@pytest.mark.parametrize("body", [{"text": "x", "colour": "red"}, {"text": "x", "reply": {"to": "1"}}, ["x"], "x"])
def test_a_body_that_x_does_not_know_is_refused(at: Scene, body: object) -> None:
    assert at.client.post("/2/tweets", body).status == 400


def test_a_direct_message_reaches_who_is_open_or_wrote_first(at: Scene) -> None:
    path = f"/2/dm_conversations/with/{at.acme.id}/messages"
    at.acme.open_to_all = False

    refused = at.client.post(path, {"text": "hello"})
    at.x.direct(at.acme, at.ann, "Please tell us your number.")
    taken = at.client.post(path, {"text": "It is 12."})

    assert refused.status == 403
    assert taken.status == 201
    (mine, theirs) = at.client_of(at.acme).get("/2/dm_events", dm_event__fields="dm_conversation_id").data
    assert mine["id"] == taken.data["dm_event_id"]
    assert mine["dm_conversation_id"] == theirs["dm_conversation_id"] == taken.data["dm_conversation_id"]


def test_who_blocks_us_gets_no_direct_message(at: Scene) -> None:
    at.x.block(at.acme, at.ann)

    assert at.client.post(f"/2/dm_conversations/with/{at.acme.id}/messages", {"text": "hello"}).status == 403
