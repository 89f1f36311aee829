"""Chats on a website, in a real browser: what is seen, what is parked, what a crash leaves, and what is evidence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.channels.webchat.channel import WebChannel
from slawatch.errors import ChannelRefusedError, ChannelUnavailableError, ChannelUnreachableError
from slawatch.model import Author, MomentKind, VoidReason
from tests import one_browser
from tests.servers import plain_shop
from tests.servers.local import eventually
from tests.servers.plain_shop import PlainShop, wait_for_chat
from tests.web_stage import Watcher, a_channel, a_follow_up, a_request, short_waits

pytestmark = pytest.mark.server

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def pages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have pages from the browser that tests share, but where the browser is to be killed."""
    with short_waits(), nullcontext() if request.cls is TestCrashes else one_browser.lent():
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PlainShop]:
    with plain_shop.running() as ready:
        ready.write_recipe(tmp_path / "recipes")
        yield ready


@pytest.fixture
def channel(tmp_path: Path, shop: PlainShop) -> Iterator[WebChannel]:
    with a_channel(tmp_path) as ready:
        yield ready


def browser_of(channel: WebChannel) -> int:
    """Return the process of the channel's browser: of those of its kind whose parent is no browser the youngest."""
    ours, found = {os.getpid()}, []
    pids = sorted(int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal())
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            name = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if int(stat[1]) in ours:
            if b"chrom" in name.lower():
                found.append((int(stat[19]), pid))  # when it began
            else:
                ours.add(pid)
    assert found, "no browser runs"
    return max(found)[1]


class TestWhatIsSeen:
    def test_a_person_a_robot_and_the_systems_lines_are_told_apart(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        sent = channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.say(chat, "Ich bin ein Automat.", who="bot")
        shop.say(chat, "Anna ist jetzt bei Ihnen.", who="system")
        said_at = shop.say(chat, "Zwei Tage.")

        answer = watcher.wait_for("Zwei Tage.")

        assert [(one.facts.text, one.facts.author) for one in watcher.messages] == [
            ("Ich bin ein Automat.", Author.BOT),
            ("Zwei Tage.", Author.AGENT),
        ]
        assert [one.saw for one in watcher.moments if one.kind is MomentKind.NOTICE] == ["Anna ist jetzt bei Ihnen."]
        assert answer.facts.author_by == "vendor-field: .agent"
        assert answer.facts.conversation == asked.message_id
        assert answer.stamps.source == "page"
        assert sent.accepted_at < answer.stamps.at
        assert abs(answer.stamps.at - said_at) < 5 * SECOND

    def test_a_greeting_before_our_text_is_no_message_not_even_when_told_again(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.greeting = "Willkommen! Wie kann ich helfen?"
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.look()
        channel.close()

        with a_channel(tmp_path) as another:
            watcher.channel = another
            shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")
            watcher.wait_for("Zwei Tage.")

        assert [one.facts.text for one in watcher.messages] == ["Zwei Tage."]
        assert {one.saw for one in watcher.moments if one.kind is MomentKind.GREETING} == {shop.greeting}

    def test_the_steps_of_a_chat_come_in_their_order(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.tell(chat, typing=True)
        watcher.wait_until(lambda: MomentKind.TYPING in watcher.kinds(), what="typing")
        shop.say(chat, "Zwei Tage.")
        shop.tell(chat, closed=True)
        watcher.wait_until(lambda: MomentKind.CLOSED in watcher.kinds(), what="the end of the chat")

        first = list(dict.fromkeys(watcher.kinds()))
        assert first[:3] == [MomentKind.OPENED, MomentKind.READY, MomentKind.SUBMITTED]
        assert first.index(MomentKind.TYPING) < first.index(MomentKind.CLOSED)
        assert MomentKind.LEFT not in first

    def test_lines_painted_anew_are_no_new_lines(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.say(chat, "Zwei Tage.")
        watcher.wait_for("Zwei Tage.")
        shop.repaint(chat)
        shop.say(chat, "Noch etwas?")
        watcher.wait_for("Noch etwas?")

        assert [one.facts.text for one in watcher.messages] == ["Zwei Tage.", "Noch etwas?"]

    def test_our_reply_goes_into_the_same_chat(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.say(chat, "Wohin denn?")
        question = watcher.wait_for("Wohin denn?")

        channel.send_follow_up(asked, a_follow_up(asked, "Nach Köln,\nbitte."), question.facts)

        assert [one["text"] for one in chat.lines if one["who"] == "visitor"] == [asked.text.body, "Nach Köln, bitte."]
        watcher.look()
        assert [one.facts.text for one in watcher.messages] == ["Wohin denn?"]

    def test_a_page_that_says_it_is_cut_off_counts_as_not_looked_at(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.look()
        seen_until = watcher.batches[-1].looked_until
        shop.shut()

        def says_so() -> bool:
            try:
                watcher.look()
            except ChannelUnavailableError as error:
                return "cut off" in str(error)
            return False

        eventually(says_so, what="a look that is not counted")
        shop.open()
        shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")
        watcher.wait_for("Zwei Tage.")
        assert seen_until is not None
        watcher.wait_until(
            lambda: any(batch.looked_until > seen_until for batch in watcher.batches if batch.looked_until),
            what="a look that counts again",
        )


class TestWaysThatLeadNowhere:
    def test_a_visitor_who_is_not_let_in_has_asked_nothing(self, channel: WebChannel, shop: PlainShop) -> None:
        shop.blocked.add("service")
        asked, attempt = a_request()

        with pytest.raises(ChannelUnreachableError) as caught:
            channel.send(asked, attempt)

        assert caught.value.reason == VoidReason.BLOCKED
        batch = channel.collect("", threads=list)
        assert {one.media for one in batch.exhibits} == {"image/jpeg", "text/yaml"}
        assert {one.request for one in batch.exhibits} == {asked.message_id}
        assert batch.looked_until is not None

    def test_a_target_without_recipe_is_our_own_mistake(self, channel: WebChannel) -> None:
        with pytest.raises(ChannelUnreachableError) as caught:
            channel.send(*a_request(target="elsewhere"))

        assert caught.value.reason == VoidReason.RECIPE_BROKEN
        assert "elsewhere.toml" in str(caught.value)

    def test_a_chat_the_company_has_closed_takes_no_reply(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.say(chat, "Wohin denn?")
        question = watcher.wait_for("Wohin denn?")
        shop.tell(chat, closed=True)
        watcher.wait_until(lambda: MomentKind.CLOSED in watcher.kinds(), what="the end of the chat")

        with pytest.raises(ChannelRefusedError):
            channel.send_follow_up(asked, a_follow_up(asked, "Nach Köln."), question.facts)


def test_what_opens_a_chat_is_clicked_once_however_long_the_page_takes_over_it(
    channel: WebChannel, shop: PlainShop
) -> None:
    shop.slow_ms = 2500
    asked, attempt = a_request()

    channel.send(asked, attempt)

    assert shop.heard(asked.text.body) == [asked.text.body]


class TestParking:
    def test_a_long_wait_is_parked_and_what_came_meanwhile_lies_between_two_looks(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "1 s"\npark_every = "2 s"')
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.wait_until(lambda: MomentKind.PARKED in watcher.kinds(), what="a chat that is parked")
        said_at = shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        answer = watcher.wait_for("Zwei Tage.")

        assert MomentKind.REOPENED in watcher.kinds()
        assert answer.stamps.source == "seen"
        assert answer.stamps.at - answer.stamps.earlier <= said_at <= answer.stamps.at
        assert answer.stamps.earlier > timedelta(0)

    def test_a_chat_in_which_nothing_happens_is_open_for_looks_only(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "2 s"\npark_every = "1 s"')
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)

        watcher.wait_until(lambda: MomentKind.REOPENED in watcher.kinds(), what="a chat that is opened again")

        steps = next(
            batch.moments for batch in watcher.batches if MomentKind.REOPENED in {m.kind for m in batch.moments}
        )
        assert [one.kind for one in steps][-2:] == [MomentKind.REOPENED, MomentKind.PARKED]

    def test_a_stamp_in_the_page_says_better_when_it_came(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.stamped = True
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "1 s"\npark_every = "2 s"')
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.wait_until(lambda: MomentKind.PARKED in watcher.kinds(), what="a chat that is parked")
        said_at = shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        answer = watcher.wait_for("Zwei Tage.")

        assert answer.stamps.source == "platform"
        assert answer.stamps.at - answer.stamps.earlier <= said_at <= answer.stamps.at + answer.stamps.later
        assert answer.stamps.earlier + answer.stamps.later <= 2 * SECOND

    def test_another_process_goes_on_with_a_chat(self, channel: WebChannel, shop: PlainShop, tmp_path: Path) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        channel.close()
        shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        seen = subprocess.run(
            [sys.executable, "-c", ANOTHER_PROCESS, str(tmp_path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=False,
            text=True,
        )

        assert json.loads(seen.stdout) == {"texts": ["Zwei Tage."], "source": "seen"}, seen.stderr

    def test_what_a_chat_is_known_by_is_nobody_elses_to_read(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        channel.send(*a_request())
        channel.close()

        folder = tmp_path / "store.db.main-webchat"
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())

    def test_while_another_process_has_the_chats_open_nothing_is_asked(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        channel.send(*a_request())

        with a_channel(tmp_path) as another:
            with pytest.raises(ChannelUnavailableError):
                another.send(*a_request(2))
            assert another.collect("").looked_until is not None


class TestCrashes:
    def test_a_chat_outlives_its_browser(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.look()
        before = datetime.now(UTC)
        os.kill(browser_of(channel), signal.SIGKILL)
        said_at = shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        answer = watcher.wait_for("Zwei Tage.")

        parked = [one for one in watcher.moments if one.kind is MomentKind.PARKED]
        assert [one.saw for one in parked] == ["the browser or its page ended unexpectedly"]
        assert parked[0].at <= before
        assert MomentKind.REOPENED in watcher.kinds()
        assert MomentKind.LEFT not in watcher.kinds()
        assert answer.stamps.at - answer.stamps.earlier <= said_at <= answer.stamps.at

    def test_a_chat_that_nothing_leads_back_to_is_left_at_the_last_look(
        self, channel: WebChannel, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "none"')
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        watcher.look()
        before = datetime.now(UTC)
        os.kill(browser_of(channel), signal.SIGKILL)

        watcher.wait_until(lambda: MomentKind.LEFT in watcher.kinds(), what="a chat that is left")

        (left,) = [one for one in watcher.moments if one.kind is MomentKind.LEFT]
        assert left.at <= before
        watcher.look()
        assert watcher.batches[-1].looked_until is not None

    def test_after_a_crash_the_next_question_starts_another_browser(self, channel: WebChannel, shop: PlainShop) -> None:
        channel.send(*a_request())
        os.kill(browser_of(channel), signal.SIGKILL)

        channel.send(*a_request(2))

        assert wait_for_chat(shop, a_request(2)[0].text.body)


class TestLimits:
    def test_no_more_chats_are_open_than_may_be_and_the_longest_waiting_is_parked(
        self, shop: PlainShop, tmp_path: Path
    ) -> None:
        shop.write_recipe(tmp_path / "recipes", limits='park_every = "3 s"')
        asked = [a_request(number) for number in range(1, 5)]
        with a_channel(tmp_path, chats_max=2, opening_max=2) as channel:
            for one in asked:
                channel.send(*one)
            watcher = Watcher(channel, *(request for request, _ in asked))
            watcher.look()
            parked = [one.request for one in watcher.moments if one.kind is MomentKind.PARKED]
            assert parked[:2] == [asked[0][0].message_id, asked[1][0].message_id]
            for request, _ in asked:
                shop.say(wait_for_chat(shop, request.text.body), f"Antwort auf {request.id}")

        with a_channel(tmp_path) as another:
            watcher.channel = another
            for request, _ in asked:
                watcher.wait_for(f"Antwort auf {request.id}")

    def test_where_none_can_be_parked_one_more_has_to_wait(self, shop: PlainShop, tmp_path: Path) -> None:
        shop.write_recipe(tmp_path / "recipes", limits='park_after = "none"')
        with a_channel(tmp_path, chats_max=1, opening_max=1) as channel:
            channel.send(*a_request())

            with pytest.raises(ChannelUnavailableError) as caught:
                channel.send(*a_request(2))

        assert "1 chats are open" in str(caught.value)

    def test_several_threads_ask_at_once(self, channel: WebChannel, shop: PlainShop) -> None:
        asked = [a_request(number) for number in range(1, 7)]

        with ThreadPoolExecutor(6) as pool:
            sent = list(pool.map(lambda one: channel.send(*one), asked))

        assert len({one.remote_id for one in sent}) == 6
        assert all(len(shop.heard(request.text.body)) == 1 for request, _ in asked)


class TestTheEnd:
    def test_a_chat_is_watched_as_long_as_it_stands_and_no_longer(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        chat = wait_for_chat(shop, asked.text.body)
        shop.say(chat, "Zwei Tage.")
        watcher.wait_for("Zwei Tage.")
        watcher.standing.clear()
        watcher.look()
        watcher.look()

        assert watcher.kinds()[-1] is MomentKind.LEFT
        shop.say(chat, "Hallo?")
        watcher.look()
        assert [one.facts.text for one in watcher.messages] == ["Zwei Tage."]

    def test_pictures_and_words_of_the_page_are_kept_at_each_step(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")
        watcher.wait_for("Zwei Tage.")
        watcher.standing.clear()
        watcher.look()
        watcher.look()

        exhibits = [one for batch in watcher.batches for one in batch.exhibits]
        pictures = [one for one in exhibits if one.media == "image/jpeg"]
        words = {one.moment: one.raw.decode() for one in exhibits if one.media == "text/yaml"}
        assert [one.moment for one in pictures] == [
            MomentKind.OPENED,
            MomentKind.SUBMITTED,
            MomentKind.FIRST_ANSWER,
            MomentKind.LEFT,
        ]
        assert all(one.raw.startswith(b"\xff\xd8") for one in pictures)
        assert asked.text.body in words[MomentKind.SUBMITTED]
        assert "Zwei Tage." in words[MomentKind.FIRST_ANSWER]

    def test_evidence_says_the_same_when_it_is_read_again(self, channel: WebChannel, shop: PlainShop) -> None:
        asked, attempt = a_request()
        channel.send(asked, attempt)
        watcher = Watcher(channel, asked)
        shop.say(wait_for_chat(shop, asked.text.body), "Zwei Tage.")

        answer = watcher.wait_for("Zwei Tage.")

        assert WebChannel.read(answer.raw) == answer.facts
        kept = json.loads(answer.raw)
        assert kept["author_by"] == "vendor-field: .agent"
        assert kept["seen"]["recipe"]
        assert kept["seen"]["attrs"]["data-id"]


ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from tests.web_stage import Watcher, a_channel, a_request

with a_channel(Path(sys.argv[1])) as channel:
    watcher = Watcher(channel, a_request()[0])
    answer = watcher.wait_for("Zwei Tage.")
    print(json.dumps({"texts": [one.facts.text for one in watcher.messages], "source": answer.stamps.source}))
"""
