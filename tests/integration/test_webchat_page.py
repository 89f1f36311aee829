"""A real Chromium in the odd shop: what is seen of its chat, each line once and at its true instant."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.webchat.browser import Browser
from slawatch.channels.webchat.settings import Settings
from slawatch.errors import ChannelUnavailableError, ChannelUncertainError, ChannelUnreachableError
from slawatch.model import VoidReason
from tests.integration.webchat_guest import Stage, at_the_door, flags, inside, lines, on_stage, until

pytestmark = pytest.mark.server

WORST: dict[str, Any] = {"frame": "cross", "shadow": "closed", "own": "drafts", "greetings": ("Hi, I am Robo",)}
QUESTION = "Do you ship to Malta?"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


@pytest.mark.parametrize(
    "odd", [{}, {"frame": "same"}, {"shadow": "open"}, WORST], ids=["plain", "frame", "root", "worst"]
)
def test_lines_are_stamped_when_their_first_letter_is_there(odd: dict[str, Any], stage: Stage, tmp_path: Path) -> None:
    room = stage.room(**odd)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say(QUESTION)
            room.say("One moment please, I look that up for you", stream=60)
            told = await until(visit, lambda told: lines(told, "agent"))
        answer = next(one for one in told if one.author == "agent")
        assert answer.text == "One moment please, I look that up for you"
        off = {
            "ours": stamp.submitted - room.truth(QUESTION),
            "theirs": answer.t_text - room.truth(answer.text),
        }
        print({what: f"{seconds * 1000:.2f} ms" for what, seconds in off.items()})
        assert all(-0.001 < seconds < 0.1 for seconds in off.values()), off
        assert answer.t_seen < answer.t_text < answer.t_last
        assert stamp.accepted is not None
        assert stamp.accepted >= stamp.submitted

    stage.run(chat())


def test_what_stood_there_before_us_is_told_apart_by_its_stamp(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(**WORST)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say(QUESTION)
            room.say("Hello, Anna here")
            told = await until(visit, lambda told: lines(told, "agent"))
        before = [one.text for one in told if one.kind == "item" and one.t_text < stamp.submitted]
        assert before == ["Hi, I am Robo"]

    stage.run(chat())


@pytest.mark.parametrize("odd", [{"keys": True}, {"keys": False, "own": "unkeyed"}, {"keys": False, "frame": "cross"}])
def test_a_transcript_that_is_painted_anew_tells_nothing_twice(
    odd: dict[str, Any], stage: Stage, tmp_path: Path
) -> None:
    room = stage.room(greetings=("Hi",), **odd)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("Yes")
            room.say("Yes")
            told = await until(visit, lambda told: len(lines(told, "agent")) == 2)
            room.do("repaint")
            room.say("Anything else?")
            told += await until(visit, lambda told: "Anything else?" in lines(told))
            room.do("repaint")
            room.say("Yes")
            told += await until(visit, lines)
        assert lines(told) == ["Hi", QUESTION, "Yes", "Yes", "Anything else?", "Yes"]

    stage.run(chat())


@pytest.mark.parametrize("odd", [{}, {"keys": False}, {"frame": "cross", "shadow": "closed"}])
def test_a_page_that_goes_elsewhere_tells_nothing_twice_and_loses_nothing(
    odd: dict[str, Any], stage: Stage, tmp_path: Path
) -> None:
    room = stage.room(greetings=("Hi",), **odd)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("I send you to the right page")
            room.do("navigate")  # before that line has settled
            told = await until(visit, lambda told: lines(told, "agent"))
            await asyncio.sleep(0.5)
            room.say("Here you are")
            told += await until(visit, lines)
        assert lines(told) == ["Hi", QUESTION, "I send you to the right page", "Here you are"]

    stage.run(chat())


def test_a_line_that_the_next_page_does_not_show_is_not_lost_with_its_own(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(frame="cross")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("I send you to the right page")
            await asyncio.to_thread(room.truth, "I send you to the right page")
            room.lines.clear()
            room.do("navigate")
            told = await until(visit, lambda told: lines(told, "agent"))
        assert lines(told, "agent") == ["I send you to the right page"]
        assert not told[-1].settled

    stage.run(chat())


def test_a_line_of_ours_that_is_never_confirmed_is_not_said_to_be_accepted(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.page.CONFIRM_SECONDS", 1.5)
    room = stage.room(own="never")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say(QUESTION)
            told = await until(visit, lines)
        assert stamp.accepted is None
        assert stamp.key == ""
        assert lines(told, "visitor") == [QUESTION]
        assert room.heard == []

    stage.run(chat())


@pytest.mark.parametrize("own", ["same", "drafts", "answered"])
def test_a_line_of_ours_is_one_however_often_it_is_painted(
    own: str, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.seen.HOLD_SECONDS", 0.5)
    room = stage.room(own=own)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say(QUESTION)
            room.say("Yes")
            told = await until(visit, lambda told: lines(told, "agent"))
            await asyncio.sleep(1.7)  # longer than one that may stand in for another is held back
            told += await visit.drain()
        assert stamp.accepted is not None
        assert stamp.key == room.lines[0]["key"]
        assert lines(told) == [QUESTION, "Yes"]

    stage.run(chat())


def test_without_keys_the_answer_to_the_request_that_carried_it_accepts_a_line(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(keys=False, own="unkeyed")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say("Grüß Gott, was kostet der Versand?")
        assert stamp.by == "response"
        assert stamp.accepted is not None
        assert stamp.accepted >= stamp.submitted

    stage.run(chat())


@pytest.mark.parametrize("keys", [True, False])
def test_a_robot_that_repeats_our_words_has_neither_said_them_for_us_nor_answered(
    keys: bool, stage: Stage, tmp_path: Path
) -> None:
    room = stage.room(keys=keys, own="same" if keys else "unkeyed")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say(QUESTION, "bot")
            told = await until(visit, lambda told: len(lines(told)) == 2)
        ours, echo = (one for one in told if one.kind == "item")
        assert (ours.author, ours.echo) == ("visitor", False)
        assert (echo.author, echo.echo) == ("system", True)

    stage.run(chat())


def test_a_robot_that_repeats_our_words_at_once_does_not_confirm_them(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.page.CONFIRM_SECONDS", 1.5)
    room = stage.room(own="never")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            saying = asyncio.create_task(visit.say(QUESTION))
            await asyncio.sleep(0.3)
            room.say(QUESTION, "bot")
            stamp = await saying
        assert stamp.accepted is None

    stage.run(chat())


def test_two_lines_in_one_tick_of_a_widget_that_polls_are_two(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(poll_ms=700)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("We got your message", "bot")
            room.say("Yes, we do")
            told = await until(visit, lambda told: lines(told, "agent"))
        assert lines(told, "bot", "agent") == ["We got your message", "Yes, we do"]
        assert {one.resolution.total_seconds() for one in told if one.kind == "item"} == {0.7}

    stage.run(chat())


def test_a_time_written_beside_a_line_is_given_with_how_coarse_it_is(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(times=True, poll_ms=300)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            left = room.say("Yes")
            told = await until(visit, lambda told: lines(told, "agent"))
        answer = next(one for one in told if one.author == "agent")
        assert answer.server_stamp is not None
        assert 0 <= left - answer.server_stamp.timestamp() < 0.05
        assert answer.resolution.total_seconds() == 0.001

    stage.run(chat())


def test_a_text_that_is_put_in_the_place_of_another_is_told_as_well(stage: Stage, tmp_path: Path) -> None:
    room = stage.room()

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("Thinking", "bot")
            told = await until(visit, lambda told: lines(told, "bot"))
            room.do("rewrite", before="Thinking", after="We ship everywhere")
            told += await until(visit, lines)
        thought, said = (one for one in told if one.author == "bot")
        assert (thought.text, said.text) == ("Thinking", "We ship everywhere")
        assert said.key == f"{thought.key}~2"
        assert said.t_text > thought.t_text

    stage.run(chat())


def test_a_text_that_comes_haltingly_is_one_line(stage: Stage, tmp_path: Path) -> None:
    room = stage.room()

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("That is what I know. Ask me more", "bot", stream=400)
            told = await until(visit, lambda told: lines(told, "bot"))
            await asyncio.sleep(1.5)
            told += await visit.drain()
        assert lines(told, "bot") == ["That is what I know. Ask me more"]
        assert told[-1].t_last - told[-1].t_text > 2

    stage.run(chat())


def test_an_agent_who_types_and_says_nothing_has_said_nothing(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(**WORST)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            await visit.drain()
            room.do("typing", on=True)
            told = await until(visit, lambda told: flags(told, "typing") == [True])
            room.do("typing", on=False)
            told += await until(visit, lambda told: flags(told, "typing") == [False])
        assert set(lines(told)) <= {QUESTION}  # which may be seen anew once the server has it

    stage.run(chat())


def test_an_agent_who_joins_and_a_chat_that_is_closed_are_told(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(frame="same")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.do("joined", name="Anna is here")
            told = await until(visit, lambda told: flags(told, "agent_joined") == [True])
            room.do("joined", name=None)
            told += await until(visit, lambda told: flags(told, "agent_joined") == [False])
            room.do("closed")
            told += await until(visit, lambda told: flags(told, "closed") == [True])
            with pytest.raises(ChannelUnavailableError, match="takes no text now"):
                await visit.say("Are you still there?")
        assert lines(told, "agent") == []
        assert room.heard[1:] == []

    stage.run(chat())


def test_the_place_in_a_queue_is_told_until_somebody_comes(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(queue="You are number 3")

    async def chat() -> None:
        async with stage.at_the_door(room, tmp_path) as visit:
            opening = asyncio.create_task(visit.open())
            told = await until(visit, lambda told: flags(told, "queue") == [3])
            room.do("queue", text="You are number 1")
            told += await until(visit, lambda told: flags(told, "queue") == [1])
            assert not opening.done()
            room.do("queue", text=None)
            await opening
            await until(visit, lambda told: flags(told, "queue") == [False])

    stage.run(chat())


def test_a_text_that_still_stands_in_the_input_was_not_said(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.page.BUBBLE_SECONDS", 1.0)
    room = stage.room(own="ignored")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            with pytest.raises(ChannelUnreachableError, match="still stands in the input") as raised:
                await visit.say(QUESTION)
            assert raised.value.reason == VoidReason.RECIPE_BROKEN

    stage.run(chat())


def test_a_text_that_was_sent_and_is_not_seen_may_have_left(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.page.BUBBLE_SECONDS", 1.0)
    room = stage.room(own="vanishing")

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            with pytest.raises(ChannelUncertainError, match="not seen among the chat's lines"):
                await visit.say(QUESTION)
            assert [text for text, _ in room.heard] == [QUESTION]

    stage.run(chat())


def test_what_a_browser_showed_before_it_was_killed_is_not_lost(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(greetings=("Hi",))

    async def chat() -> None:
        browser = Browser(Settings(name="Anna Berg"), account="web")
        try:
            async with inside(browser, room, tmp_path) as visit:
                await visit.say(QUESTION)
                room.say("Yes")
                await asyncio.to_thread(room.truth, "Yes")
                await asyncio.sleep(0.5)
                await crash(browser)
                told = await until(visit, lambda _: not visit.alive)
                with pytest.raises(ChannelUnavailableError, match="nothing could be typed"):
                    await visit.say("Hello?")
            assert lines(told) == ["Hi", QUESTION, "Yes"]
            assert not browser.connected
            async with inside(browser, stage.room(), tmp_path) as visit:  # another one is started
                await visit.say("Hello again")
        finally:
            await browser.close()

    async def crash(browser: Browser) -> None:
        session = await (await browser.start()).new_browser_cdp_session()
        with pytest.raises(Exception, match="closed"):
            await session.send("Browser.crash")

    stage.run(chat())


def test_a_browser_that_ends_while_a_chat_is_opened_is_our_own_failure(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(queue="You are number 3")

    async def chat() -> None:
        browser = Browser(Settings(name="Anna Berg"), account="web")
        async with at_the_door(browser, room, tmp_path) as visit:
            opening = asyncio.create_task(visit.open())
            await until(visit, lambda told: flags(told, "queue"))
            await browser.close()
            with pytest.raises(ChannelUnreachableError, match="our browser failed") as raised:
                await opening
        assert raised.value.reason == VoidReason.PROBE_ERROR

    stage.run(chat())


def test_the_page_is_left_as_it_is(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(shadow="closed", strict=True)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            page = visit._page
            ours = "() => Reflect.ownKeys(globalThis).filter(one => /slawatch/i.test(String(one))).map(String)"
            assert await page.evaluate(ours) == ["Symbol(slawatch.observer)"]
            listed = "() => { const all = []; for (const one in globalThis) all.push(one); return all.join() }"
            assert "slaw" not in (await page.evaluate(listed)).lower()
            assert await page.evaluate("() => document.querySelector('odd-chat').shadowRoot") is None
            assert await page.evaluate("() => navigator.webdriver") is True
            assert "HeadlessChrome" in await page.evaluate("() => navigator.userAgent")

    stage.run(chat())


def test_a_visit_can_be_gone_on_with_in_another_browser(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(remembers=True, greetings=("Hi",))

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            storage = await visit.storage()
            jpeg, words = await visit.picture()
            assert jpeg.startswith(b"\xff\xd8")
            assert QUESTION in words
        room.say("Yes")
        # The button to open it is not there any more, as where a chat that is known stands open at once.
        async with stage.at_the_door(room, tmp_path, storage=storage, steps='{ click = "#new" }') as again:
            await again.open(again=True)
            told = await until(again, lambda told: lines(told, "agent"))
        assert lines(told) == ["Hi", QUESTION, "Yes"]

    stage.run(chat())


@pytest.mark.parametrize("own", ["same", "never"])
def test_the_same_words_said_twice_are_two_lines_of_ours(
    own: str, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slawatch.channels.webchat.page.CONFIRM_SECONDS", 0.5)
    monkeypatch.setattr("slawatch.channels.webchat.seen.HOLD_SECONDS", 0.5)
    room = stage.room(own=own)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            first = await visit.say(QUESTION)
            second = await visit.say(QUESTION)
            told = await until(visit, lambda told: len(lines(told)) == 2)
        assert first.submitted < second.submitted
        assert [first.key, second.key] == ([one["key"] for one in room.lines] or ["", ""])
        assert lines(told, "visitor") == [QUESTION, QUESTION]

    stage.run(chat())


def test_a_page_that_bends_clocks_and_tools_bends_no_stamp(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(bent=True)

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            stamp = await visit.say(QUESTION)
            left = room.say("Yes")
            told = await until(visit, lambda told: lines(told, "agent"))
        answer = next(one for one in told if one.author == "agent")
        assert 0 <= answer.t_text - left < 5
        assert 0 <= left - stamp.submitted < 5

    stage.run(chat())


@pytest.mark.parametrize("shadow", ["", "closed"])
def test_a_frame_that_is_written_by_the_page_is_seen_into(shadow: str, stage: Stage, tmp_path: Path) -> None:
    room = stage.room(frame="written", shadow=shadow, greetings=("Hi",))

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            room.say("Yes")
            told = await until(visit, lambda told: lines(told, "agent"))
        assert lines(told) == ["Hi", QUESTION, "Yes"]

    stage.run(chat())


def test_a_line_that_came_at_the_last_moment_is_told(stage: Stage, tmp_path: Path) -> None:
    room = stage.room()

    async def chat() -> None:
        async with stage.inside(room, tmp_path) as visit:
            await visit.say(QUESTION)
            await visit.drain()
            room.say("Good bye", stream=30)
            await asyncio.to_thread(room.truth, "Good bye")
            await visit.end()
            told = await visit.drain()
        assert lines(told, "agent") == ["Good bye"]
        assert not told[-1].settled

    stage.run(chat())
