"""X as a platform, against the practice X: posting, our own posts, the feeds and their marks, deletions, money."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from slawatch.channels.base import Identity
from slawatch.channels.social.platform import Draft, Feed, Page, Post
from slawatch.channels.twitter import posts
from slawatch.channels.twitter.posts import flake_at, instant_of
from slawatch.channels.twitter.settings import micros
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from tests.integration.at_twitter import Odd, Scene, said, scene

MENTIONS = "GET /2/users/:id/mentions"
POSTING = "POST /2/tweets"
SEARCH = "GET /2/tweets/search/recent"
SECOND = timedelta(seconds=1)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as here:
        yield here


def draft(
    text: str = "@AcmeHelp How long does delivery take?", *, reply_to: str = "", root: str = "", direct_to: str = ""
) -> Draft:
    return Draft(text=text, key="key-1", reply_to=reply_to, root=root, direct_to=direct_to)


def whole(at: Scene, feed: Feed = Feed.MENTIONS, mark: str = "") -> tuple[list[Post], Page]:
    """Read a feed to its end; return all posts and the last page."""
    found: list[Post] = []
    page = at.platform.feed(feed, mark, "")
    found += page.posts
    while page.next:
        page = at.platform.feed(feed, mark, page.next)
        found += page.posts
    return found, page


# --- who ---


def test_the_account_is_asked_once_who_it_is(at: Scene) -> None:
    assert at.platform.me().handle == at.platform.me().handle == "ann"
    assert at.x.calls["GET /2/users/me"] == 1


def test_handles_are_looked_up_a_hundred_at_a_time_and_what_nobody_has_is_left_out(at: Scene) -> None:
    for number in range(120):
        at.x.person(f"shop{number}")

    found = at.platform.profiles(["acmehelp", "nobody_there", "no handle!", *(f"shop{n}" for n in range(120))])

    assert found["acmehelp"].id == at.acme.id
    assert len(found) == 121
    assert at.x.calls["GET /2/users/by"] == 2


def test_what_x_confirms_of_an_account_is_told(at: Scene) -> None:
    at.x.person("acme_de", affiliation=at.acme)
    at.x.person("acme_bot", automated=at.acme)
    at.x.person("shy", protected=True)

    found = at.platform.profiles(["acme_de", "acme_bot", "shy"])

    assert found["acme_de"].affiliations == (at.acme.id,)
    assert (found["acme_de"].automated, found["acme_bot"].automated) == (False, True)
    assert found["shy"].protected


# --- posting ---


def test_a_post_is_stamped_with_the_millisecond_at_which_x_made_it(at: Scene) -> None:
    at.clock.forward(timedelta(milliseconds=437))

    post = at.platform.publish(draft())

    true = at.x.posts[int(post.id)]
    assert abs(post.at - true.at) <= post.uncertainty == timedelta(milliseconds=1)
    assert (post.source, post.why) == ("snowflake", "")
    assert (post.author.id, post.conversation, post.reply_to) == (at.ann.id, post.id, "")
    assert posts.parse(post.raw) == post


def test_a_reply_stands_under_what_it_replies_to(at: Scene) -> None:
    asked = at.platform.publish(draft())
    answer = at.x.post(at.acme, "Three days. Where to?", reply_to=at.x.posts[int(asked.id)])

    reply = at.platform.publish(draft("@AcmeHelp To Cologne.", reply_to=answer.id, root=asked.id))

    assert (reply.reply_to, reply.conversation) == (answer.id, asked.id)
    assert at.x.posts[int(reply.id)].reply_to is answer
    assert at.memory.bought == {"post": 1, "reply": 1, "user-read": 1}


@pytest.mark.parametrize("fault", ["503-html-after", "500-after", "200-empty-after", "truncated", "cut", "reset-after"])
def test_a_post_of_which_nobody_heard_again_is_found_among_our_own(at: Scene, fault: str) -> None:
    at.x.faults.add(fault, POSTING)
    before = at.clock.now()

    with pytest.raises(ChannelUncertainError) as error:
        at.platform.publish(draft())
    at.clock.forward(timedelta(minutes=1))

    assert not isinstance(error.value, AlreadyThereError)
    (found,) = at.platform.own_posts(before)
    assert found.text == "@AcmeHelp How long does delivery take?"
    assert at.x.calls[POSTING] == 1
    assert at.memory.spent(before) >= micros(0.015)  # it may be on the bill


def test_a_post_that_hangs_is_uncertain_and_stands_there_all_the_same(at: Scene) -> None:
    at.x.faults.add("hang-after", POSTING)
    before = at.clock.now()

    with pytest.raises(ChannelUncertainError):
        at.platform.publish(draft())
    at.clock.forward(timedelta(minutes=1))

    assert len(at.platform.own_posts(before)) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("402", AccountHaltedError),
        ("403-duplicate", AlreadyThereError),
        ("403-not-summoned", ChannelRefusedError),
        ("403-blocked", ChannelRefusedError),
        ("429", ChannelUnavailableError),
        ("429-bare", ChannelUnavailableError),
        ("429-past", ChannelUnavailableError),
        ("429-legacy", ChannelUnavailableError),
    ],
)
def test_a_refused_post_is_not_there_and_costs_nothing(at: Scene, fault: str, kind: type[Exception]) -> None:
    at.platform.me()
    before = at.memory.spent(at.clock.now())
    at.x.faults.add(fault, POSTING)

    with pytest.raises(kind) as error:
        at.platform.publish(draft())

    assert type(error.value) is kind
    assert not at.x.posts
    assert at.memory.spent(at.clock.now()) == before


def test_a_post_that_was_taken_and_not_named_is_uncertain(at: Scene) -> None:
    with Odd() as odd:
        me = {"data": {"id": at.ann.id, "username": "ann"}}
        odd.answers = [said(200, me), said(201, {"data": {"id": "no number"}})]
        with pytest.raises(ChannelUncertainError) as error:
            at.other(api_base=odd.base_url).publish(draft())
    assert "X took the post and says nothing usable of it" in str(error.value)


def test_the_same_text_twice_is_there_already(at: Scene) -> None:
    at.platform.publish(draft())

    with pytest.raises(AlreadyThereError):
        at.platform.publish(draft())


# --- direct messages ---


def test_nobody_is_written_to_who_did_not_write_first(at: Scene) -> None:
    with pytest.raises(ChannelRefusedError) as error:
        at.platform.publish(draft("How long?", direct_to=at.acme.id))
    assert "X lets no program write first" in str(error.value)
    assert at.x.calls["POST /2/dm_conversations/with/:id/messages"] == 0

    at.x.direct(at.acme, at.ann, "Hello Ann, how can we help?")
    at.clock.forward(SECOND)
    sent = at.platform.publish(draft("How long?", direct_to=at.acme.id))

    assert (sent.direct, sent.text, sent.author.id) == (True, "How long?", at.ann.id)
    assert sent.id.startswith("dm-")
    assert at.acme.id in sent.conversation.split("-")
    assert posts.parse(sent.raw) == sent


def test_that_they_wrote_first_is_found_behind_much_that_we_wrote(at: Scene) -> None:
    at.x.direct(at.acme, at.ann, "Hello Ann")
    for number in range(25):
        at.clock.forward(SECOND)
        at.x.direct(at.ann, at.acme, f"Message {number}")
    at.clock.forward(SECOND)

    assert at.platform.publish(draft("How long?", direct_to=at.acme.id)).direct


def test_our_own_messages_are_among_our_own_posts(at: Scene) -> None:
    before = at.clock.now()
    at.x.direct(at.acme, at.ann, "Hello Ann")
    at.clock.forward(SECOND)
    at.platform.publish(draft("How long?", direct_to=at.acme.id))
    at.clock.forward(timedelta(minutes=1))

    assert [(one.direct, one.text) for one in at.platform.own_posts(before)] == [(True, "How long?")]


def test_a_message_that_was_just_sent_is_looked_for_anew(at: Scene) -> None:
    before = at.clock.now()
    at.x.direct(at.acme, at.ann, "Hello Ann")
    at.clock.forward(SECOND)
    assert at.platform.own_posts(before) == []
    at.x.faults.add("reset-after", "POST /2/dm_conversations/with/:id/messages")

    with pytest.raises(ChannelUncertainError):
        at.platform.publish(draft("How long?", direct_to=at.acme.id))
    at.clock.forward(SECOND)

    assert [one.text for one in at.platform.own_posts(before)] == ["How long?"]


def test_what_was_kept_does_not_stand_for_what_is_older(at: Scene) -> None:
    before = at.clock.now()
    for number in range(15):
        at.x.direct(at.ann, at.acme, f"Message {number}")
        at.clock.forward(timedelta(minutes=1))

    assert len(at.platform.own_posts(at.clock.now() - timedelta(minutes=2))) == 2
    assert len(at.platform.own_posts(before)) == 15


@pytest.mark.parametrize("written", [0, 5, 40])
def test_x_is_asked_for_direct_messages_no_more_often_than_it_allows(at: Scene, written: int) -> None:
    """15 times in 15 minutes: a feed every 90 s, and our own posts at every poll."""
    for number in range(written):
        at.x.direct(at.acme, at.ann, f"Message {number}")
        at.clock.forward(timedelta(minutes=1))
    mark = whole(at, Feed.DIRECT)[1].mark
    asked_at = at.clock.now() - timedelta(hours=1)
    at.clock.forward(timedelta(minutes=15))
    for second in range(0, 45 * 60, 30):
        at.platform.own_posts(asked_at)
        if second % 90 == 0:
            mark = whole(at, Feed.DIRECT, mark)[1].mark
        if written and second == 600:
            at.x.direct(at.acme, at.ann, "And one more")
        at.clock.forward(timedelta(seconds=30))

    assert at.x.statuses["GET /2/dm_events", 429] == 0
    assert at.x.calls["GET /2/dm_events"] > 30


def test_where_nothing_new_is_said_few_old_messages_are_paid_for_again_each_day(at: Scene) -> None:
    for number in range(40):
        at.x.direct(at.acme, at.ann, f"Message {number}")
        at.clock.forward(timedelta(minutes=1))
    mark = whole(at, Feed.DIRECT)[1].mark
    at.clock.forward(timedelta(days=2))
    mark = whole(at, Feed.DIRECT, mark)[1].mark
    before = at.memory.bought["dm-read"]
    for _ in range(10):
        at.clock.forward(timedelta(days=1))
        mark = whole(at, Feed.DIRECT, mark)[1].mark

    assert at.memory.bought["dm-read"] - before == 30


# --- our own posts ---


def test_our_own_posts_are_those_since_then_without_what_we_only_show_around(at: Scene) -> None:
    early = at.x.post(at.ann, "Before")
    at.clock.forward(timedelta(hours=1))
    since = at.clock.now()
    theirs = at.x.post(at.acme, "We are open.")
    at.x.post(at.ann, "", reposts=theirs)
    for number in range(130):
        at.clock.forward(SECOND)
        at.x.post(at.ann, f"Number {number}")
    at.clock.forward(timedelta(minutes=1))

    found = at.platform.own_posts(since)

    assert {one.text for one in found} == {f"Number {number}" for number in range(130)}
    assert early.id not in {one.id for one in found}


# --- mentions ---


def test_mentions_are_read_to_the_end_and_then_from_a_little_before_the_newest(at: Scene) -> None:
    for number in range(250):
        at.x.post(at.acme, f"@ann Number {number}")
        at.clock.forward(SECOND)
    at.clock.forward(timedelta(minutes=1))

    found, last = whole(at)
    assert len({one.id for one in found}) == len(found) == 250
    assert at.x.calls[MENTIONS] == 3

    newest = max(int(one.id) for one in found)
    again, _ = whole(at, mark=at.platform.feed(Feed.MENTIONS, "", "").mark)
    assert instant_of(last.mark) == instant_of(newest) - timedelta(seconds=120)
    assert len(again) == 121  # one a second, from the very millisecond of the mark on


def test_what_the_index_shows_late_is_not_missed(at: Scene) -> None:
    """Without the overlap the post that came first would lie before the mark when it can at last be seen."""
    at.x.post(at.acme, "@ann Slow", lag=timedelta(seconds=90))
    at.clock.forward(SECOND)
    at.x.post(at.acme, "@ann Fast", lag=timedelta(0))
    at.clock.forward(SECOND)

    first, last = whole(at)
    at.clock.forward(timedelta(seconds=100))
    then, _ = whole(at, mark=last.mark)

    assert [one.text for one in first] == ["@ann Fast"]
    assert "@ann Slow" in [one.text for one in then]


def test_a_mark_never_goes_back(at: Scene) -> None:
    at.x.post(at.acme, "@ann Hello")
    at.clock.forward(timedelta(minutes=1))
    _, first = whole(at)
    at.clock.forward(timedelta(hours=1))
    ahead = str(flake_at(at.clock.now()))

    assert whole(at, mark=first.mark)[1].mark == first.mark
    assert whole(at, mark=ahead)[1].mark == ahead


def test_the_first_look_goes_a_day_back(at: Scene) -> None:
    at.x.post(at.acme, "@ann Long ago", at=at.clock.now() - timedelta(days=2))
    at.x.post(at.acme, "@ann This morning", at=at.clock.now() - timedelta(hours=3))

    assert [one.text for one in whole(at)[0]] == ["@ann This morning"]


def test_where_x_shows_no_more_although_there_is_more_it_says_so(at: Scene) -> None:
    _, before = whole(at)
    for number in range(850):
        at.clock.forward(SECOND)
        at.x.post(at.acme, f"@ann Number {number}")
    at.clock.forward(timedelta(minutes=1))

    found, last = whole(at, mark=before.mark)

    assert len(found) == 800
    assert last.cut_off
    assert not whole(at, mark=last.mark)[1].cut_off


def test_a_page_that_x_no_longer_knows_is_no_end(at: Scene) -> None:
    for number in range(150):
        at.x.post(at.acme, f"@ann Number {number}")
        at.clock.forward(SECOND)
    at.clock.forward(timedelta(minutes=1))
    page = at.platform.feed(Feed.MENTIONS, "", "")

    with pytest.raises(ChannelUnavailableError):
        at.platform.feed(Feed.MENTIONS, "", page.next.replace('["', '["gone'))


def test_what_we_wrote_ourselves_is_no_mention(at: Scene) -> None:
    at.x.post(at.ann, "@ann to myself")
    at.x.post(at.acme, "@ann Hello")
    at.clock.forward(timedelta(minutes=1))

    assert [one.author.id for one in whole(at)[0]] == [at.acme.id]


@pytest.mark.parametrize("drift", [False, True])
def test_a_mention_is_read_whole_whatever_x_calls_its_fields(at: Scene, drift: bool) -> None:
    at.x.drift = drift
    asked = at.platform.publish(draft())
    at.clock.forward(timedelta(seconds=7, milliseconds=123))
    true = at.x.post(at.acme, "Three days & <no> more", reply_to=at.x.posts[int(asked.id)], lang="en")
    at.clock.forward(timedelta(minutes=1))

    (found,) = whole(at)[0]

    assert (found.author.id, found.author.handle, found.author.name) == (at.acme.id, "acmehelp", "Acme Help")
    assert found.text == "@ann Three days & <no> more"
    assert (found.conversation, found.reply_to, found.lang) == (asked.id, asked.id, "en")
    assert found.mentions == (at.ann.id,)
    assert abs(found.at - true.at) <= found.uncertainty
    assert posts.parse(found.raw) == found


def test_an_edited_answer_keeps_its_first_versions_id_and_instant(at: Scene) -> None:
    first = at.x.post(at.acme, "@ann Three dais")
    at.clock.forward(timedelta(minutes=5))
    at.x.edit(first, "@ann Three days")
    at.clock.forward(timedelta(minutes=1))

    (found,) = whole(at)[0]

    assert (found.id, found.text) == (first.id, "@ann Three days")
    assert abs(found.at - first.at) <= found.uncertainty


# --- direct messages coming in ---


def test_direct_messages_are_read_from_the_mark_on_although_x_knows_none(at: Scene) -> None:
    for number in range(30):
        at.x.direct(at.acme, at.ann, f"Number {number}")
        at.clock.forward(timedelta(minutes=1))
    at.x.direct(at.ann, at.acme, "Thank you")
    at.clock.forward(timedelta(minutes=1))

    found, last = whole(at, Feed.DIRECT)
    assert [one.text for one in found] == [f"Number {number}" for number in reversed(range(30))]
    assert all(one.direct and one.author.id == at.acme.id for one in found)

    at.x.direct(at.acme, at.ann, "And one more")
    at.clock.forward(SECOND)
    calls = at.x.calls["GET /2/dm_events"]
    then, _ = whole(at, Feed.DIRECT, last.mark)
    assert then[0].text == "And one more"
    assert len(then) <= 3
    assert at.x.calls["GET /2/dm_events"] == calls + 1


def test_an_account_that_reads_no_direct_messages_has_no_such_feed(at: Scene) -> None:
    platform = at.other(direct=False)

    assert list(platform.feeds) == [Feed.MENTIONS]
    platform.own_posts(at.clock.now())
    assert at.x.calls["GET /2/dm_events"] == 0


# --- deletions, single posts ---


def test_only_what_is_deleted_is_gone(at: Scene) -> None:
    shy = at.x.person("shy")
    kept, deleted, hidden = (at.x.post(who, "@ann Hello") for who in (at.acme, at.acme, shy))
    at.x.delete(deleted)
    shy.protected = True
    at.clock.forward(timedelta(minutes=1))

    assert at.platform.gone([kept.id, deleted.id, hidden.id, "dm-17", "17"]) == {deleted.id, "17"}


def test_messages_are_not_asked_for_as_if_they_were_posts(at: Scene) -> None:
    assert at.platform.gone(["dm-17"]) == frozenset()
    assert at.platform.lookup("dm-17") is None
    assert at.x.calls["GET /2/tweets"] == 0


def test_a_post_is_looked_up_by_its_link(at: Scene) -> None:
    post = at.x.post(at.ann, "@AcmeHelp How long?")
    url = at.platform.post_url(post.id, "ann")

    found = at.platform.lookup(at.platform.post_id(url))

    assert found is not None
    assert (found.id, found.mentions) == (post.id, (at.acme.id,))
    assert at.platform.lookup("17") is None


# --- money ---


def spend(at: Scene, dollars: float) -> None:
    at.memory.charge("other", resources=[f"other-{dollars}"], each=micros(dollars))


def test_every_answer_is_charged_as_x_bills_it(at: Scene) -> None:
    asked = at.platform.publish(draft())
    at.platform.publish(draft("@AcmeHelp see https://shop.example/a"))
    for number in range(5):
        at.x.post(at.acme, f"Answer {number}", reply_to=at.x.posts[int(asked.id)])
    at.x.direct(at.acme, at.ann, "Hello")
    at.clock.forward(timedelta(minutes=1))
    for _ in range(3):
        whole(at)
        whole(at, Feed.DIRECT)
    at.platform.look({asked.id: asked.at})

    assert at.memory.spent(at.clock.now()) == at.x.bill.total
    assert at.memory.calls["owned-read"] == at.x.calls[MENTIONS] == 3


def test_posting_stops_before_the_month_costs_more_than_it_may(at: Scene) -> None:
    platform = at.other(month_max=1.0)
    spend(at, 0.99)
    with pytest.raises(AccountHaltedError) as error:
        platform.publish(draft())

    assert str(error.value) == (
        "main: a post would pass what this month may cost: $1.00 of $1.00 are spent; "
        'raise month_max (now "1"), or wait until 2026-04-01'
    )
    assert error.value.retry_at is not None
    assert error.value.retry_at.isoformat() == "2026-04-01T00:00:00+00:00"
    assert at.x.calls[POSTING] == 0

    at.clock.forward(timedelta(days=4))
    assert platform.publish(draft())


def test_a_search_takes_no_more_than_can_be_paid_for(at: Scene) -> None:
    asked = at.platform.publish(draft())
    for number in range(60):
        at.x.post(at.acme, f"Answer {number}", reply_to=at.x.posts[int(asked.id)])
    at.clock.forward(timedelta(minutes=1))
    platform = at.other(month_max=1.0)
    spend(at, 0.8)

    with pytest.raises(AccountHaltedError) as error:
        platform.look({asked.id: asked.at})

    assert "a search would pass" in str(error.value)
    assert 0.9 * 10**6 < at.memory.spent(at.clock.now()) <= 10**6


def test_nobody_and_nothing_is_looked_up_that_cannot_be_paid_for(at: Scene) -> None:
    platform = at.other(month_max=1.0)
    post = at.x.post(at.acme, "@ann Hello")
    spend(at, 0.999)

    for ask in (lambda: platform.profiles(["acmehelp"]), lambda: platform.gone([post.id])):
        with pytest.raises(AccountHaltedError) as error:
            ask()
        assert "looking " in str(error.value)
    assert at.memory.spent(at.clock.now()) == micros(0.999)


def test_answers_are_read_until_the_month_has_cost_twice_what_it_may(at: Scene) -> None:
    platform = at.other(month_max=1.0)
    spend(at, 1.9)
    assert platform.feed(Feed.MENTIONS, "", "").posts == ()

    spend(at, 0.2)
    for ask in (
        lambda: platform.feed(Feed.MENTIONS, "", ""),
        lambda: platform.feed(Feed.DIRECT, "", ""),
        lambda: platform.own_posts(at.clock.now()),
    ):
        with pytest.raises(AccountHaltedError) as error:
            ask()
        assert "of $2.00 are spent" in str(error.value)


def test_without_a_limit_nothing_stops(at: Scene) -> None:
    platform = at.other(month_max=0.0)
    spend(at, 10_000.0)

    assert platform.publish(draft())


# --- waiting ---


def test_nothing_rings_and_nobody_who_is_to_stop_is_held_up(at: Scene) -> None:
    stop = Event()

    assert not at.platform.watch(stop, 0.001)
    stop.set()
    assert not at.platform.watch(stop, 3600)


# --- check ---


def test_a_check_says_what_works_what_is_left_and_what_the_rules_ask(at: Scene) -> None:
    found = at.platform.check()

    assert [one.ok for one in found] == [True] * len(found)
    assert [one.what for one in found[:3]] == [
        "main: logged in as @ann",
        "main: read mentions",
        "main: read direct messages",
    ]
    assert any("$0.01 of $25.00 spent this month" in one.what for one in found)
    assert found[-1].result == "warning"
    assert "labelled = true" in found[-1].cure
    assert at.other(labelled=True).check()[-1].result == "ok"


def test_keys_that_x_does_not_know_are_told_with_their_cure(at: Scene) -> None:
    at.x.keys.revoke(at.ann)

    (finding,) = at.platform.check()

    assert not finding.ok
    assert "make new keys on the app's page" in finding.cure


@pytest.mark.parametrize(("minutes", "words"), [(5, "5 min behind X's"), (-90, "90 min ahead of X's")])
def test_a_clock_that_is_off_is_a_fault(at: Scene, minutes: int, words: str) -> None:
    at.x.skew = timedelta(minutes=minutes)

    (fault,) = [one for one in at.platform.check() if not one.ok]

    assert fault.what == f"main: this machine's clock is {words}"


def test_what_cannot_be_read_is_one_fault_each(at: Scene) -> None:
    at.x.faults.add("503-html", MENTIONS)
    at.x.faults.add("402", "GET /2/dm_events")

    faults = [one for one in at.platform.check() if not one.ok]

    assert [one.what for one in faults] == ["main: read mentions", "main: read direct messages"]
    assert faults[1].cure.endswith("; or write direct = false")


def test_questions_to_those_who_are_observed_are_found_and_followed(at: Scene) -> None:
    at.memory.watched = [Identity(address="@acmehelp", id=f"twitter:{at.acme.id}", handle="acmehelp")]
    bob = at.x.person("bob")
    at.x.post(bob, "@AcmeHelp Where is my parcel?", at=at.clock.now() - timedelta(minutes=2))
    thanks = at.x.post(at.acme, "@bob Which one?")
    at.x.post(bob, "This one", reply_to=thanks)
    at.clock.forward(timedelta(minutes=1))

    page = at.platform.questions([at.acme.id], "", "")
    at.x.post(bob, "@AcmeHelp Another question", at=at.clock.now())
    at.clock.forward(timedelta(minutes=10))
    then = at.platform.questions([at.acme.id], page.mark, "")

    assert [one.text for one in page.posts] == ["@AcmeHelp Where is my parcel?"]
    assert page.posts[0].mentions == (at.acme.id,)
    assert "@AcmeHelp Another question" in [one.text for one in then.posts]
    assert at.x.calls["GET /2/users"] == 0
