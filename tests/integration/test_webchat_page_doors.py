"""A real Chromium before the odd shop's chat: how far it gets, and by whose doing it gets no farther."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slawatch.channels.webchat.browser import Browser, program
from slawatch.channels.webchat.settings import Settings
from slawatch.channels.webchat.steps import Passed
from slawatch.errors import ChannelUnavailableError, ChannelUnreachableError
from slawatch.model import VoidReason
from tests.integration.webchat_guest import Stage, on_stage
from tests.servers.local import free_ports
from tests.servers.odd_shop import Room

pytestmark = pytest.mark.server

REJECT = "[consent]\nsteps = [{ click = '#reject', optional = true, timeout = '1 s' }]"
FORM = """
[offline]
policy = "submit_form"
steps = [
    { fill = "[name=email]", value = "{persona.email}" }, { fill = "textarea", value = "{text}" }, { click = ".leave" },
]
done = ".thanks"
failed = { select = ".offline p", pattern = "problem" }
"""


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


def turned_away(stage: Stage, room: Room, folder: Path, **recipe: Any) -> tuple[str, str]:
    """Return the reason and the words of who did not get in. There is a picture of it, too."""
    told: list[tuple[str, str]] = []

    async def come() -> None:
        async with stage.at_the_door(room, folder, **recipe) as visit:
            with pytest.raises(ChannelUnreachableError) as raised:
                await visit.open()
            told.append((raised.value.reason, str(raised.value)))
            jpeg, _ = await visit.picture()
            assert jpeg

    stage.run(come())
    return told[0]


def let_in(stage: Stage, room: Room, folder: Path, **recipe: Any) -> None:
    async def come() -> None:
        async with stage.inside(room, folder, **recipe) as visit:
            await visit.say("Hello")

    stage.run(come())


@pytest.mark.parametrize("launcher", ["absent", "hidden"])
def test_a_chat_of_which_nothing_is_to_be_seen_is_absent(launcher: str, stage: Stage, tmp_path: Path) -> None:
    reason, words = turned_away(stage, stage.room(launcher=launcher), tmp_path, limit="2 s")

    assert reason == VoidReason.WIDGET_ABSENT
    assert 'odd.toml:6: open.steps[1]: click "#launcher": ' in words


def test_a_button_that_has_another_name_now_is_the_recipes_mistake(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(launcher="renamed", frame="same", renamed_frame=True)

    reason, words = turned_away(stage, room, tmp_path, limit="2 s")

    assert reason == VoidReason.RECIPE_BROKEN
    assert words.endswith('click "#launcher": there is no such element')


def test_a_button_behind_something_else_is_named_with_it_and_takes_a_click_by_script(
    stage: Stage, tmp_path: Path
) -> None:
    reason, words = turned_away(stage, stage.room(launcher="covered"), tmp_path, limit="2 s")
    assert reason == VoidReason.RECIPE_BROKEN
    assert '<div id="cover"></div> lies over it and takes the click' in words

    let_in(stage, stage.room(launcher="covered"), tmp_path, steps='{ wait = "#launcher" }, { dispatch = "#launcher" }')


@pytest.mark.parametrize("late_ms", [0, 1500])
def test_a_banner_that_swallows_the_click_is_named_unless_the_recipe_clears_it_away(
    late_ms: int, stage: Stage, tmp_path: Path
) -> None:
    reason, words = turned_away(stage, stage.room(consent=True), tmp_path, limit="2 s")
    assert reason == VoidReason.RECIPE_BROKEN
    assert 'id="consent"' in words

    # One that comes after it was looked for is met again at the first click that it swallows.
    more = REJECT + "\n" if not late_ms else REJECT.replace("1 s", "0.2 s") + "\n"
    steps = '{ click = "#launcher" }' if not late_ms else '{ wait = "#consent" }, { click = "#launcher" }'
    let_in(stage, stage.room(consent=True, consent_ms=late_ms), tmp_path, more=more, steps=steps)


def test_a_riddle_for_people_is_not_solved(stage: Stage, tmp_path: Path) -> None:
    reason, _ = turned_away(stage, stage.room(captcha=True), tmp_path)

    assert reason == VoidReason.CAPTCHA


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_site_that_refuses_us_has_blocked_us(status: int, stage: Stage, tmp_path: Path) -> None:
    reason, words = turned_away(stage, stage.room(status=status), tmp_path)

    assert reason == VoidReason.BLOCKED
    assert "turned away" in words or f"HTTP {status}" in words


def test_a_page_that_is_gone_is_the_recipes_mistake(stage: Stage, tmp_path: Path) -> None:
    reason, words = turned_away(stage, stage.room(status=404), tmp_path)

    assert reason == VoidReason.RECIPE_BROKEN
    assert "HTTP 404" in words


def test_a_site_that_fails_may_work_later(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(status=500)

    async def come() -> None:
        async with stage.at_the_door(room, tmp_path) as visit:
            with pytest.raises(ChannelUnavailableError, match="HTTP 500"):
                await visit.open()

    stage.run(come())


def test_a_site_that_does_not_answer_may_work_later(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = stage.room()
    monkeypatch.setattr(stage.shop, "url", f"http://127.0.0.1:{free_ports(1)[0]}")

    async def come() -> None:
        async with stage.at_the_door(room, tmp_path) as visit:
            with pytest.raises(ChannelUnavailableError, match="ERR_CONNECTION_REFUSED"):
                await visit.open()

    stage.run(come())


def test_a_form_for_those_who_come_too_late_is_noted_and_left_alone(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(offline="works")

    reason, _ = turned_away(stage, room, tmp_path)

    assert reason == VoidReason.OFFLINE
    assert room.forms == []


def test_a_widget_that_looks_closed_while_it_loads_is_not(stage: Stage, tmp_path: Path) -> None:
    let_in(stage, stage.room(flicker=True), tmp_path)


@pytest.mark.parametrize(("offline", "taken"), [("works", True), ("fails", False)])
def test_a_form_that_is_sent_says_what_became_of_it(offline: str, taken: bool, stage: Stage, tmp_path: Path) -> None:
    room = stage.room(offline=offline)

    async def come() -> None:
        async with stage.at_the_door(room, tmp_path, more=FORM) as visit:
            with pytest.raises(ChannelUnreachableError):
                await visit.open()
            outcome = await visit.leave_word("Do you ship to Malta?")
        assert outcome.taken is taken
        assert outcome.saw == ("Thank you" if taken else "There was a problem sending your request")
        assert room.forms == [{"email": "anna@example.org", "text": "Do you ship to Malta?"}]

    stage.run(come())


def test_a_field_that_no_step_fills_in_is_named(stage: Stage, tmp_path: Path) -> None:
    steps = "[prechat]\nsteps = [{ fill = '[name=name]', value = '{persona.name}' }, PHONE { click = '.start' }]"
    reason, words = turned_away(stage, stage.room(prechat=True), tmp_path, more=steps.replace("PHONE", ""), limit="2 s")
    assert reason == VoidReason.RECIPE_BROKEN
    assert 'still wants "Phone"' in words

    room = stage.room(prechat=True)
    let_in(stage, room, tmp_path, more=steps.replace("PHONE", "{ fill = '[name=phone]', value = '1' },"))
    assert room.forms == [{"name": "Anna Berg", "phone": "1"}]


def test_a_queue_that_does_not_end_led_to_nobody(stage: Stage, tmp_path: Path) -> None:
    reason, words = turned_away(stage, stage.room(queue="You are number 3"), tmp_path, limit="2 s")

    assert reason == VoidReason.OFFLINE
    assert "wait in the queue (3)" in words


def test_an_input_that_goes_for_a_queue_as_soon_as_it_came_lets_nobody_in(stage: Stage, tmp_path: Path) -> None:
    reason, words = turned_away(stage, stage.room(queue="You are number 3", queue_ms=150), tmp_path, limit="2 s")

    assert reason == VoidReason.OFFLINE
    assert "wait in the queue (3)" in words


def test_a_frame_that_is_not_there_is_named(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(frame="same")

    reason, words = turned_away(stage, room, tmp_path, limit="2 s", steps='{ wait = "#launcher" }')

    assert reason == VoidReason.RECIPE_BROKEN
    assert 'open.frame: "iframe[title=Chat]": there is no such frame' in words


def test_who_watches_hears_of_each_step(stage: Stage, tmp_path: Path) -> None:
    room = stage.room(frame="cross")
    heard: list[Passed] = []
    passed: list[tuple[str, bool]] = []

    async def come() -> None:
        async with stage.at_the_door(room, tmp_path, more=REJECT, tell=heard.append) as visit:
            visit.passed = lambda step, _, skipped: passed.append((str(step), skipped))
            await visit.open()

    stage.run(come())

    said = [str(one.step) for one in heard]
    assert said == ["page", 'click "#reject"', 'click "#launcher"', "frame iframe[title=Chat]", "input"]
    assert [one.skipped for one in heard] == [False, True, False, False, False]
    assert passed == [(str(one.step), one.skipped) for one in heard]


def test_without_a_browser_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ChannelUnavailableError, match="none of chromium-headless-shell, chromium, google-chrome is"):
        program("")
    with pytest.raises(ChannelUnavailableError, match='there is no program "/opt/chrome"'):
        program("/opt/chrome")


def test_a_program_that_is_no_browser_is_said_not_to_start(stage: Stage) -> None:
    async def start() -> None:
        browser = Browser(Settings(name="Anna Berg", browser="true"), account="web")
        with pytest.raises(ChannelUnavailableError, match=r'web: the browser ".*/true" does not start'):
            await browser.start()
        assert not browser.connected
        await browser.close()

    stage.run(start())
