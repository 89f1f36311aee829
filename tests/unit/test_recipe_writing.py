"""What was pointed at becomes a recipe that can be read, and says where it is weak."""

from __future__ import annotations

from pathlib import Path

import pytest

from slawatch.channels.webchat.recipe import Recipe, Sender
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.recorder import Lines, Part, Picked, Recorded
from slawatch.channels.webchat.recorder_writing import WEAK, written

URL = "https://shop.example/contact"


def read(recorded: Recorded, folder: Path) -> Recipe:
    path = folder / "shop.toml"
    path.write_text(written(recorded, name="Shop"), encoding="utf-8")
    return load(path)


def test_nothing_pointed_at_is_still_a_recipe_made_of_guesses(tmp_path: Path) -> None:
    made = read(Recorded(url=URL), tmp_path)

    assert (made.name, made.url, made.locale) == ("Shop", URL, "en-US")
    assert made.compose.by_key


@pytest.mark.parametrize(
    "selector",
    ['role=button[name="Chat"]', "[title='Chat']", """[title="It's"] >> [x='\\"']""", 'role=button[name="Ü\t→"]'],
)
def test_a_selector_comes_back_as_it_was(tmp_path: Path, selector: str) -> None:
    made = read(Recorded(url=URL, parts={Part.INPUT: Picked(selector)}), tmp_path)

    assert made.compose.input == selector


@pytest.mark.parametrize(("lang", "locale"), [("de-AT", "de-AT"), ("", "en-US"), ("{{ lang }}", "en-US")])
def test_the_pages_language_is_taken_where_it_is_one(tmp_path: Path, lang: str, locale: str) -> None:
    assert read(Recorded(url=URL, locale=lang), tmp_path).locale == locale


def test_a_banner_in_a_frame_of_its_own_keeps_that_frame(tmp_path: Path) -> None:
    recorded = Recorded(
        url=URL,
        parts={
            Part.CONSENT: Picked("role=button[name=Reject]", ("#consent",)),
            Part.LAUNCHER: Picked("#chat"),
            Part.START: Picked("#start", ("#window",)),
            Part.INPUT: Picked("textarea", ("#window",)),
        },
    )

    made = read(recorded, tmp_path)

    assert [step.frame for step in (*made.consent, *made.opening.steps, *made.prechat)] == [("#consent",), None, None]
    assert made.opening.frame == ("#window",)


def test_weak_selectors_are_marked_where_they_stand(tmp_path: Path) -> None:
    weak = Picked("body > div:nth-of-type(3) > button", weak=True)
    recorded = Recorded(url=URL, parts={Part.LAUNCHER: weak, Part.INPUT: weak, Part.SEND: Picked("#send")})

    text = written(recorded, name="Shop")

    assert text.count(WEAK) == 2
    assert f"    {WEAK}\n    {{ click" in text
    assert read(recorded, tmp_path).compose.send == "#send"


def test_a_sender_that_nothing_tells_apart_is_left_to_its_words(tmp_path: Path) -> None:
    lines = Lines(item=".row", rules={Part.OURS: ".mine", Part.BOT: "", Part.AGENT: ""})
    recorded = Recorded(url=URL, lines=lines)

    made = read(recorded, tmp_path)

    assert [(rule.sender, rule.match) for rule in made.transcript.classify] == [(Sender.VISITOR, ".mine")]
    assert written(recorded, name="Shop").count("Their words may") == 2


def test_lines_that_were_of_no_use_say_why(tmp_path: Path) -> None:
    recorded = Recorded(url=URL, problem="the lines lie in different frames")

    assert "not to any use: the lines lie in different frames. This is a guess" in written(recorded, name="Shop")
    assert read(recorded, tmp_path).transcript.item == "[role=log] > *"


def test_times_keys_and_roots_are_written_where_they_were_found(tmp_path: Path) -> None:
    lines = Lines(item=".row", root=".log", key="data-id", text=".text", time=("time", "datetime"))

    made = read(Recorded(url=URL, lines=lines), tmp_path).transcript

    assert (made.root, made.key, made.text) == (".log", "data-id", ".text")
    assert made.time is not None
    assert (made.time.select, made.time.attr, made.time.format) == ("time", "datetime", "iso")
