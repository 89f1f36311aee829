"""The lists of the practice X: how far they reach back, their pages, how late they are, and what search knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from slawatch.practice.x import Post, flake_at
from tests.practice.at_x import Client, Scene, scene

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SEARCH = "/2/tweets/search/recent"


@pytest.fixture
def at() -> Iterator[Scene]:
    with scene() as made:
        yield made


def mentioned(at: Scene, count: int, every: timedelta = SECOND) -> list[Post]:
    """Let Acme name Ann so many times, and stop the clock at the last."""
    begin = at.x.now()
    made = [at.x.post(at.acme, f"@ann {number}", at=begin + every * number) for number in range(count)]
    at.clock.forward(every * count)
    return made


def all_pages(client: Client, path: str, token: str, **params: object) -> list[str]:
    ids: list[str] = []
    said = client.get(path, **params)
    while True:
        assert said.status == 200, said.raw
        ids += said.ids
        following = said.json["meta"].get("next_token")
        if following is None:
            return ids
        said = client.get(path, **params, **{token: following})


def test_the_pages_of_a_list_hold_every_post_once_newest_first(at: Scene) -> None:
    made = mentioned(at, 23)

    ids = all_pages(at.client, at.mentions, "pagination_token", max_results=5)

    assert ids == [post.id for post in reversed(made)]
    assert at.x.calls["GET /2/users/:id/mentions"] == 5


def test_a_page_says_what_it_holds_and_an_empty_one_has_no_data(at: Scene) -> None:
    made = mentioned(at, 3)

    full = at.client.get(at.mentions).json
    empty = at.client.get(at.mentions, since_id=made[-1].id).json

    assert full["meta"] == {"result_count": 3, "newest_id": made[2].id, "oldest_id": made[0].id}
    assert empty == {"meta": {"result_count": 0}}


def test_since_and_until_are_compared_as_numbers(at: Scene) -> None:
    made = mentioned(at, 3)

    assert at.client.get(at.mentions, since_id="99").ids == [post.id for post in reversed(made)]
    assert at.client.get(at.mentions, since_id=made[0].id, until_id=made[2].id).ids == [made[1].id]
    assert at.client.get(at.mentions, since_id="ten").status == 400


def test_mentions_reach_back_800_posts_and_no_further(at: Scene) -> None:
    made = mentioned(at, 803)
    at.x.limits.enforced = False

    ids = all_pages(at.client, at.mentions, "pagination_token", max_results=100)

    assert ids == [post.id for post in reversed(made[3:])]
    assert at.client.get("/2/tweets", ids=made[0].id).ids == [made[0].id]


def test_deleted_posts_do_not_count_towards_the_800(at: Scene) -> None:
    made = mentioned(at, 801)
    at.x.delete(made[-1])

    ids = all_pages(at.client, at.mentions, "pagination_token", max_results=100)

    assert ids[-1] == made[0].id


@pytest.mark.parametrize("index", ["mentions", "search", "own"])
def test_each_index_shows_a_post_only_after_its_lag(at: Scene, index: str) -> None:
    post = at.x.post(at.acme, "@ann hello")
    at.x.lag[index] = 5 * SECOND
    ways = {
        "mentions": (at.mentions, {}),
        "search": (SEARCH, {"query": "@ann"}),
        "own": (f"/2/users/{at.acme.id}/tweets", {}),
    }

    def shown() -> dict[str, list[str]]:
        return {name: at.client.get(path, **params).ids for name, (path, params) in ways.items()}

    assert shown() == {name: [] if name == index else [post.id] for name in ways}
    at.clock.forward(5 * SECOND)
    assert shown() == {name: [post.id] for name in ways}


def test_a_post_with_a_lag_of_its_own_comes_after_a_later_one(at: Scene) -> None:
    late = at.x.post(at.acme, "@ann first", lag=30 * SECOND)
    at.clock.forward(SECOND)
    prompt = at.x.post(at.acme, "@ann second")
    early = at.client.get(at.mentions).ids
    at.clock.forward(30 * SECOND)

    assert early == [prompt.id]
    assert at.client.get(at.mentions, since_id=prompt.id).ids == []  # whoever asks so has lost the first for good
    assert at.client.get(at.mentions).ids == [prompt.id, late.id]


def test_own_posts_can_be_had_without_replies_and_retweets(at: Scene) -> None:
    other = at.x.post(at.ann, "@AcmeHelp hello?")
    plain = at.x.post(at.acme, "We open at nine.")
    reply = at.x.post(at.acme, "Hello.", reply_to=other)
    retweet = at.x.post(at.acme, "", reposts=other)
    path = f"/2/users/{at.acme.id}/tweets"

    assert at.client.get(path).ids == [retweet.id, reply.id, plain.id]
    assert at.client.get(path, exclude="replies,retweets").ids == [plain.id]
    assert at.client.get(path, exclude="likes").status == 400


QUERIES = {
    "@AcmeHelp": ["question", "german", "quoting", "shout"],
    "@AcmeHelp -is:reply": ["question", "german", "quoting"],
    "@AcmeHelp -is:reply lang:de": ["german"],
    "from:AcmeHelp": ["reply", "retweet"],
    "from:@acmehelp -is:retweet": ["reply"],
    "to:ann": ["reply"],
    "to:ann -from:AcmeHelp": [],
    '"open on sunday"': ["question"],
    '"on open sunday"': [],
    "OPEN sunday": ["question"],
    "sonntag OR sunday": ["question", "german"],
    "(sonntag OR sunday) -@ann lang:en": ["question"],
    "@AcmeHelp -(sonntag OR sunday)": ["quoting", "shout"],
    "is:quote @AcmeHelp": ["quoting"],
    "@AcmeHelp is:retweet": [],
}


@pytest.fixture
def town(at: Scene) -> dict[str, Post]:
    bob = at.x.person("bob")
    made = {"question": at.x.post(at.ann, "@AcmeHelp are you open on Sunday?")}
    made["german"] = at.x.post(bob, "@AcmeHelp habt ihr am Sonntag offen?", lang="de")
    made["reply"] = at.x.post(at.acme, "No.", reply_to=made["question"])
    made["quoting"] = at.x.post(at.ann, "@AcmeHelp really?", quotes=made["reply"])
    made["shout"] = at.x.post(bob, "never!", reply_to=made["reply"])
    made["retweet"] = at.x.post(at.acme, "", reposts=made["german"])
    return made


@pytest.mark.parametrize("query", QUERIES)
def test_search_finds_what_its_query_says(at: Scene, town: dict[str, Post], query: str) -> None:
    names = {post.id: name for name, post in town.items()}

    found = [names[one] for one in at.client.get(SEARCH, query=query).ids]

    assert sorted(found) == sorted(QUERIES[query])


def test_one_search_covers_many_conversations(at: Scene, town: dict[str, Post]) -> None:
    query = " OR ".join(f"conversation_id:{town[name].id}" for name in ("question", "german"))

    found = at.client.get(SEARCH, query=f"({query}) from:AcmeHelp").ids

    assert found == [town["reply"].id]


@pytest.mark.parametrize(
    "query",
    ["", "-is:reply", "lang:de", "(sunday", "sunday)", "sunday OR", "near:here sunday", "-@ann", "sunday " * 74],
)
def test_a_query_that_x_would_not_take_is_refused(at: Scene, query: str) -> None:
    said = at.client.get(SEARCH, query=query)

    assert said.status == 400
    assert said.json["errors"][0]["parameters"] == {"query": [query]}


def test_a_query_of_512_characters_is_taken(at: Scene) -> None:
    query = ("sunday " * 74)[:512]

    assert len(query) == 512
    assert at.client.get(SEARCH, query=query).status == 200


def test_search_reaches_back_seven_days_and_refuses_what_asks_for_more(at: Scene) -> None:
    now = at.x.now()
    at.x.post(at.acme, "@ann old", at=now - 7 * DAY - SECOND)
    young = at.x.post(at.acme, "@ann young", at=now - 7 * DAY + SECOND)

    assert at.client.get(SEARCH, query="@ann").ids == [young.id]
    assert at.client.get(SEARCH, query="@ann", since_id=flake_at(now - 7 * DAY)).ids == [young.id]
    assert at.client.get(SEARCH, query="@ann", since_id=flake_at(now - 7 * DAY) - 1).status == 400
    assert at.client.get(SEARCH, query="@ann", start_time="2026-03-21T00:00:00Z").status == 400
    assert at.client.get(SEARCH, query="@ann", end_time="2026-03-29T00:29:55Z").status == 400
    assert len(at.client.get(at.mentions, since_id=1).ids) == 2


def test_the_pages_of_a_search_hold_every_post_once(at: Scene) -> None:
    made = mentioned(at, 25)

    ids = all_pages(at.client, SEARCH, "next_token", query="@ann", max_results=10)

    assert ids == [post.id for post in reversed(made)]


def test_a_list_can_be_limited_to_a_time(at: Scene) -> None:
    made = mentioned(at, 5, timedelta(minutes=1))

    ids = at.client.get(at.mentions, start_time="2026-03-29T00:31:00Z", end_time="2026-03-29T00:33:00.000Z").ids

    assert ids == [made[2].id, made[1].id]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("mentions", {"max_results": 4}),
        ("mentions", {"max_results": 101}),
        ("mentions", {"tweet__fields": "author"}),
        ("mentions", {"tweet_fields": "author_id"}),
        ("mentions", {"pagination_token": "two"}),
        (SEARCH, {"query": "sunday", "max_results": 9}),
        ("/2/dm_events", {"max_results": 0}),
        ("/2/tweets", {"ids": ",".join(str(one) for one in range(101))}),
        ("/2/tweets", {}),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(at: Scene, path: str, params: dict[str, object]) -> None:
    said = at.client.get(at.mentions if path == "mentions" else path, **params)

    assert said.status == 400
    assert said.json["title"] == "Invalid Request"


def test_direct_messages_reach_back_thirty_days_and_encrypted_ones_never_show(at: Scene) -> None:
    now = at.x.now()
    bob = at.x.person("bob")
    at.x.direct(at.acme, at.ann, "old", at=now - 30 * DAY - SECOND)
    first = at.x.direct(at.acme, at.ann, "first", at=now - 29 * DAY)
    at.x.direct(at.acme, at.ann, "secret", encrypted=True)
    own = at.x.direct(at.ann, bob, "hi & bye")
    at.x.direct(at.acme, bob, "not for Ann")
    wish = "sender_id,dm_conversation_id,created_at,participant_ids"

    shown = at.client.get("/2/dm_events", dm_event__fields=wish, event_types="MessageCreate").data

    assert [one["id"] for one in shown] == [own.id, first.id]
    assert shown[0]["text"] == "hi &amp; bye"
    assert {"sender_id", "dm_conversation_id", "created_at", "event_type"} < shown[0].keys()
    assert "participant_ids" not in shown[0]
    assert at.client.get(f"/2/dm_conversations/with/{at.acme.id}/dm_events").ids == [first.id]
    assert all_pages(at.client, "/2/dm_events", "pagination_token", max_results=1) == [own.id, first.id]


def test_a_poll_looks_at_new_posts_only_however_many_lie_before_and_ahead(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = mentioned(at, 3_000)
    for number in range(3_000):
        at.x.post(at.acme, f"@ann later {number}", at=at.x.now() + timedelta(hours=1))
    looks: list[Post] = []
    true = Post.gone

    def counted(post: Post, now: datetime) -> bool:
        looks.append(post)
        return true(post, now)

    monkeypatch.setattr(Post, "gone", counted)

    at.client.get(at.mentions, since_id=made[-3].id)
    at.client.get(SEARCH, query=f"conversation_id:{made[5].id} from:AcmeHelp")

    assert 0 < len(looks) < 10
