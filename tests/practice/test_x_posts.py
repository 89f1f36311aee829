"""What the practice X shows of people, posts and messages: ids, versions, threads, fields, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from slawatch.practice.x import Direct, Post, X, flake_at, instant
from slawatch.testing import FakeClock
from tests.practice.at_x import Scene, scene

SECOND = timedelta(seconds=1)
ALL = "author_id,created_at,conversation_id,referenced_tweets,in_reply_to_user_id,entities,lang,note_tweet"


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


def test_an_id_holds_the_millisecond_and_created_at_the_second_before_it(at: Scene) -> None:
    at.clock.forward(timedelta(seconds=7, milliseconds=654, microseconds=321))
    post = at.x.post(at.ann, "When do you open?")

    shown = at.client.get(f"/2/tweets/{post.id}", tweet__fields="created_at").data

    assert shown["created_at"] == "2026-03-29T00:30:07.000Z"
    assert instant(int(shown["id"])) == datetime(2026, 3, 29, 0, 30, 7, 654_000, tzinfo=UTC)


def test_a_thousand_posts_of_one_millisecond_have_rising_ids_of_it() -> None:
    x = X(FakeClock())
    ann = x.person("ann")

    ids = [x.post(ann, str(number)).number for number in range(1000)]

    assert ids == sorted(set(ids))
    assert {instant(one) for one in ids} == {x.now()}


def test_flake_at_is_the_least_id_of_its_millisecond() -> None:
    x = X(FakeClock())
    least = flake_at(x.now())

    assert least <= x.post(x.person("ann"), "now").number
    assert instant(least) == x.now()
    assert instant(least - 1) < x.now()


def test_a_reply_names_its_receivers_and_belongs_to_what_the_first_post_began(at: Scene) -> None:
    bob = at.x.person("bob")
    first = at.x.post(at.ann, "@AcmeHelp when do you open?")
    reply = at.x.post(at.acme, "At nine.", reply_to=first)
    third = at.x.post(bob, "they never do", reply_to=reply)

    shown = at.client.get("/2/tweets", ids=f"{reply.id},{third.id}", tweet__fields=ALL).data

    assert [one["text"] for one in shown] == ["@ann At nine.", "@AcmeHelp @ann they never do"]
    assert {one["conversation_id"] for one in shown} == {first.id}
    assert shown[0]["referenced_tweets"] == [{"type": "replied_to", "id": first.id}]
    assert shown[0]["in_reply_to_user_id"] == at.ann.id
    assert shown[0]["entities"]["mentions"] == [{"start": 0, "end": 4, "username": "ann", "id": at.ann.id}]


def test_a_bare_reply_is_no_mention_and_only_its_conversation_tells_of_it(at: Scene) -> None:
    first = at.x.post(at.ann, "@AcmeHelp when do you open?")
    reply = at.x.post(at.acme, "At nine.", reply_to=first, bare=True)

    assert at.client.get(at.mentions).ids == []
    assert at.client.get("/2/tweets/search/recent", query=f"conversation_id:{first.id}").ids == [reply.id, first.id]


def test_a_reply_that_names_its_receiver_itself_is_left_as_it_is(at: Scene) -> None:
    first = at.x.post(at.ann, "@AcmeHelp when do you open?")

    assert at.x.post(at.acme, "Dear @Ann, at nine.", reply_to=first).text == "Dear @Ann, at nine."


def test_who_names_itself_is_not_told_of_it(at: Scene) -> None:
    at.x.post(at.ann, "@ann and @AcmeHelp")
    other = at.x.post(at.acme, "@ann and @AcmeHelp")

    assert at.client.get(at.mentions).ids == [other.id]


def test_only_what_is_asked_for_is_given(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")

    bare = at.client.get(at.mentions).json
    full = at.client.get(at.mentions, tweet__fields="author_id", expansions="author_id").json

    assert bare["data"] == [{"id": post.id, "text": "@ann hello", "edit_history_tweet_ids": [post.id]}]
    assert "includes" not in bare
    assert full["data"][0]["author_id"] == at.acme.id
    assert full["includes"]["users"] == [{"id": at.acme.id, "name": "Acme Help", "username": "AcmeHelp"}]


def test_an_edit_takes_the_place_of_the_first_version_and_names_both(at: Scene) -> None:
    first = at.x.post(at.acme, "@ann at nien", at=at.x.now() + SECOND)
    at.clock.forward(SECOND)
    before = at.client.get(at.mentions).ids
    at.clock.forward(SECOND)

    second = at.x.edit(first, "@ann at nine")

    (listed,) = at.client.get(at.mentions, tweet__fields="conversation_id").data
    (old,) = at.client.get("/2/tweets", ids=first.id).data
    assert before == [first.id]
    assert listed["id"] == second.id != first.id
    assert listed["edit_history_tweet_ids"] == old["edit_history_tweet_ids"] == [first.id, second.id]
    assert listed["conversation_id"] == first.id
    assert old["text"] == "@ann at nien"


def test_an_edit_that_lies_ahead_is_not_known_yet(at: Scene) -> None:
    first = at.x.post(at.acme, "@ann at nien")
    second = at.x.edit(first, "@ann at nine", at=at.x.now() + SECOND)
    (before,) = at.client.get(at.mentions).data
    at.clock.forward(SECOND)

    (after,) = at.client.get(at.mentions).data

    assert (before["id"], before["edit_history_tweet_ids"]) == (first.id, [first.id])
    assert (after["id"], after["edit_history_tweet_ids"]) == (second.id, [first.id, second.id])


def test_a_deleted_post_is_gone_in_all_versions_and_named_among_the_errors(at: Scene) -> None:
    kept, post = at.x.post(at.acme, "@ann one"), at.x.post(at.acme, "@ann two")
    edited = at.x.edit(post, "@ann zwei")

    at.x.delete(edited)

    found = at.client.get("/2/tweets", ids=f"{kept.id},{post.id}")
    assert found.status == 200
    assert found.ids == at.client.get(at.mentions).ids == [kept.id]
    (error,) = found.json["errors"]
    assert (error["resource_id"], error["type"].rpartition("/")[2]) == (post.id, "resource-not-found")


def test_a_deletion_may_lie_ahead(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann one")
    at.x.delete(post, at=at.x.now() + SECOND)
    before = at.client.get(at.mentions).ids
    at.clock.forward(SECOND)

    assert (before, at.client.get(at.mentions).ids) == ([post.id], [])


def test_who_is_protected_is_read_by_followers_alone(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")
    at.acme.protected = True

    hidden = at.client.get("/2/tweets", ids=post.id)
    listed = at.client.get(at.mentions).ids
    own = at.client.get(f"/2/users/{at.acme.id}/tweets").json
    at.acme.allowed.add(at.ann.id)

    assert own.keys() == {"errors"}
    assert hidden.status == 200
    assert [one["type"].rpartition("/")[2] for one in hidden.json["errors"]] == ["not-authorized-for-resource"]
    assert listed == []
    assert at.client.get("/2/tweets", ids=post.id).ids == at.client.get(at.mentions).ids == [post.id]


def test_who_blocks_us_is_not_shown_to_us(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann hello")
    bob = at.x.person("bob")

    at.x.block(at.acme, at.ann)

    assert at.client.get(at.mentions).ids == []
    assert at.client_of(bob).get("/2/tweets", ids=post.id).ids == [post.id]
    at.x.unblock(at.acme, at.ann)
    assert at.client.get(at.mentions).ids == [post.id]


def test_nobody_sees_a_post_before_its_time(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann good morning", at=at.x.now() + timedelta(hours=8))

    assert at.client.get(at.mentions).ids == []
    assert "data" not in at.client.get("/2/tweets", ids=post.id).json
    at.clock.forward(timedelta(hours=8))
    assert at.client.get(at.mentions).ids == [post.id]


def test_texts_come_escaped_and_their_links_shortened(at: Scene) -> None:
    post = at.x.post(at.acme, "@ann see <help> & https://acme.example/help?a=1&b=2.")

    (shown,) = at.client.get(at.mentions, tweet__fields="entities").data

    (link,) = shown["entities"]["urls"]
    assert shown["text"].startswith("@ann see &lt;help&gt; &amp; https://t.example/")
    assert shown["text"].endswith(".")
    assert link["expanded_url"] == "https://acme.example/help?a=1&b=2"
    assert post.text[link["start"] : link["end"]] == link["url"]


def test_a_long_post_is_cut_and_stands_whole_in_its_note(at: Scene) -> None:
    text = "@ann " + "word " * 100
    at.x.post(at.acme, text)

    (shown,) = at.client.get(at.mentions, tweet__fields="note_tweet").data

    assert len(shown["text"]) <= 280
    assert shown["text"].endswith("…")
    assert shown["note_tweet"]["text"] == text


def test_people_say_whom_they_belong_to_and_who_answers_for_a_machine(at: Scene) -> None:
    at.x.person("AcmeDE", affiliation=at.acme, verified="business")
    at.x.person("AcmeBot", automated=at.acme)

    shown = at.client.get(
        "/2/users/by", usernames="AcmeDE,AcmeBot,ann,nobody", user__fields="affiliation,verified_type,protected"
    ).json

    agent, machine, ann = shown["data"]
    assert agent["affiliation"]["user_id"] == machine["affiliation"]["user_id"] == [at.acme.id]
    assert machine["affiliation"]["description"] == "Automated by @AcmeHelp"
    assert (agent["verified_type"], ann["verified_type"], ann["affiliation"]) == ("business", "none", {})
    assert [(one["value"], one["parameter"]) for one in shown["errors"]] == [("nobody", "usernames")]


def test_a_renamed_account_keeps_its_id_and_frees_its_handle(at: Scene) -> None:
    at.x.rename(at.acme, "AcmeCares")

    assert at.client.get("/2/users/by/username/acmecares").data["id"] == at.acme.id
    assert "data" not in at.client.get("/2/users/by/username/AcmeHelp").json
    assert at.client.get("/2/users", ids=at.acme.id).data[0]["username"] == "AcmeCares"
    with pytest.raises(ValueError, match='"@ANN" is taken'):
        at.x.person("ANN")


def test_under_drift_fields_have_their_new_names_and_authors_come_by_expansion_only(at: Scene) -> None:
    first = at.x.post(at.ann, "@AcmeHelp hello?")
    at.x.post(at.acme, "Hello.", reply_to=first)
    at.x.direct(at.acme, at.ann, "hi")
    plain = at.client.get(at.mentions, tweet__fields=ALL).data[0]

    at.x.drift = True

    drifted = at.client.get(at.mentions, post__fields=ALL).data[0]
    expanded = at.client.get(at.mentions, tweet__fields=ALL, expansions="author_id").data[0]
    (message,) = at.client.get("/2/dm_events", dm_event__fields="sender_id").data
    (known,) = at.client.get("/2/dm_events", expansions="sender_id").data
    assert (plain["author_id"], "referenced_posts" in plain) == (at.acme.id, False)
    assert drifted["referenced_posts"] == plain["referenced_tweets"]
    assert not {"author_id", "referenced_tweets"} & drifted.keys()
    assert expanded["author_id"] == known["sender_id"] == at.acme.id
    assert "sender_id" not in message


def test_expansions_bring_along_what_a_post_refers_to(at: Scene) -> None:
    first = at.x.post(at.ann, "@AcmeHelp hello?")
    reply = at.x.post(at.acme, "Hello.", reply_to=first)
    wish = {"expansions": "referenced_tweets.id,referenced_tweets.id.author_id"}
    along = at.client.get("/2/tweets", ids=reply.id, **wish).json["includes"]

    at.x.delete(first)

    gone = at.client.get("/2/tweets", ids=reply.id, **wish).json
    assert [one["id"] for one in along["tweets"]] == [first.id]
    assert [one["id"] for one in along["users"]] == [at.ann.id]
    assert "includes" not in gone
    assert [one["resource_id"] for one in gone["errors"]] == [first.id]


def test_listeners_hear_of_everything_and_may_write_themselves(at: Scene) -> None:
    heard: list[Post | Direct] = []

    def answer(one: Post | Direct) -> None:
        heard.append(one)
        if isinstance(one, Post) and one.author is at.ann:
            at.x.post(at.acme, "Hello.", reply_to=one)

    at.x.listeners.append(answer)

    at.client.write("@AcmeHelp hello?")

    assert [one.text for one in heard] == ["@AcmeHelp hello?", "@ann Hello."]


def test_listeners_are_called_while_nothing_is_held(at: Scene) -> None:
    free: list[bool] = []

    def look(_: Post | Direct) -> None:
        with ThreadPoolExecutor(1) as other:
            free.append(other.submit(at.x.lock.acquire, timeout=1).result())
            if free[-1]:
                other.submit(at.x.lock.release).result()

    at.x.listeners.append(look)

    at.client.write("@AcmeHelp hello?")
    at.x.direct(at.acme, at.ann, "hello")

    assert free == [True, True]
