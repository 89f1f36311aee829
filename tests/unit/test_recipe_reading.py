"""Recipes: what one says, alone and built on its vendor's; and what slawatch brings of the latter."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest

from slawatch import tomlfile
from slawatch.channels.webchat.recipe import (
    ENTER,
    Action,
    FlagName,
    OfflinePolicy,
    Persona,
    Recipe,
    Sender,
    Step,
)
from slawatch.channels.webchat.recipe_reading import VENDORS, bases, load
from slawatch.channels.webchat.recipe_schema import SECTIONS
from slawatch.errors import ConfigError
from slawatch.tomlfile import Reader

SITE = """
url = "https://shop.example/contact"
[compose]
input = "textarea"
[transcript]
item = ".message"
"""
ANNA = Persona(name="Anna Example", email="anna@example.org")

Written = Callable[..., Recipe]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str, name: str = "acme", *, base: str = "", under: str = "base") -> Recipe:
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        if base:
            (tmp_path / "vendors").mkdir(exist_ok=True)
            (tmp_path / "vendors" / f"{under}.toml").write_text(base, encoding="utf-8")
        return load(tmp_path / f"{name}.toml", folders=(tmp_path,))

    return write


# --- a recipe alone ---


def test_the_least_recipe_has_all_else_by_default(written: Written, tmp_path: Path) -> None:
    made = written(SITE)

    assert (made.name, made.path, made.url) == ("acme", tmp_path / "acme.toml", "https://shop.example/contact")
    assert (made.compose.input, made.compose.send, made.compose.by_key) == ("textarea", ENTER, True)
    assert (made.transcript.item, made.transcript.unknown_is) == (".message", Sender.UNKNOWN)
    assert (made.base, made.unverified, made.wants_email) == (None, False, False)
    assert (made.consent, made.opening.steps, made.prechat, made.end, dict(made.flags)) == ((), (), (), (), {})
    assert (made.limits.answer, made.limits.park_after) == (None, timedelta(minutes=10))


def test_every_kind_of_step_is_read_with_its_place(written: Written, tmp_path: Path) -> None:
    made = written(
        SITE
        + """
[open]
frame = ["iframe#outer", "iframe"]
steps = [
    { wait = "#chat" },
    { click = "role=button[name=/open \\\\(now\\\\)/i]", optional = true },
    { dispatch = "#chat", timeout = "5 s" },
    { fill = "#name", value = "Anna" },
    { select = "#topic", value = "Delivery" },
    { check = "#privacy" },
    { press = "Escape" },
    { press = "Enter", on = "#name", frame = ["iframe#form"] },
]
"""
    )

    steps = made.opening.steps
    assert [step.action for step in steps] == [*Action, Action.PRESS]
    assert made.opening.frame == ("iframe#outer", "iframe")
    assert (steps[0].frame, steps[-1].frame) == (None, ("iframe#form",))
    assert steps[0].place == f"{tmp_path / 'acme.toml'}:11: open.steps[1]"
    assert [step.timeout for step in steps[:3]] == [None, timedelta(seconds=3), timedelta(seconds=5)]
    assert [str(step) for step in steps[5:]] == ['check "#privacy"', 'press "Escape"', 'press "Enter" on "#name"']


def test_enter_is_the_key_however_it_is_written(written: Written) -> None:
    made = written(SITE.replace("[transcript]", 'send = "Enter"\n[transcript]'))

    assert made.compose.by_key


def test_never_parked_is_written_none(written: Written) -> None:
    assert written(SITE + '[limits]\npark_after = "none"').limits.park_after is None


def test_a_time_without_a_zone_is_that_of_the_page(written: Written) -> None:
    stamped = SITE + 'time = { attr = "title", format = "%H:%M" }\n'

    assert written(stamped).transcript.time is not None
    made = written('timezone = "Europe/Berlin"\n' + stamped).transcript.time
    told = written(stamped.replace("}", ', tz = "America/New_York" }')).transcript.time

    assert (made and made.zone, told and told.zone) == ("Europe/Berlin", "America/New_York")


def test_the_same_words_have_the_same_digest_and_others_another(written: Written) -> None:
    first = written(SITE)

    assert written(SITE, "beta").digest == first.digest
    assert written(SITE + "# changed\n").digest != first.digest


def test_a_form_that_must_have_an_address_says_so(written: Written) -> None:
    form = SITE + '[prechat]\nsteps = [{ fill = "#mail", value = "{persona.email}"%s }]'

    assert written(form % "").wants_email
    assert not written(form % ", optional = true").wants_email


# --- steps, marks and senders ---


def test_placeholders_are_filled_in_once() -> None:
    step = Step(action=Action.FILL, selector="#q", value="{text} / {persona.name} / {persona.email}")

    assert step.filled(ANNA, "{persona.name}?") == "{persona.name}? / Anna Example / anna@example.org"


def test_the_first_rule_that_fits_wins_and_is_named(written: Written) -> None:
    made = written(
        SITE
        + """classify = [
    { match = ".me", sender = "visitor" },
    { match = ".they", pattern = "(?i)assistant", sender = "bot" },
    { match = ".they", sender = "agent" },
    { pattern = "^Anna has joined", sender = "system" },
]"""
    ).transcript

    assert made.sender({1, 2}, "I am the virtual Assistant") == (Sender.BOT, "text: (?i)assistant")
    assert made.sender({1, 2}, "Hello, Anna here") == (Sender.AGENT, "vendor-field: .they")
    assert made.sender({0}, "assistant?") == (Sender.VISITOR, "vendor-field: .me")
    assert made.sender(set(), "Anna has joined the chat") == (Sender.SYSTEM, "text: ^Anna has joined")
    assert made.sender(set(), "Hello") == (Sender.UNKNOWN, "")


def test_what_no_rule_fits_is_an_agents_only_where_the_recipe_says_so(written: Written) -> None:
    made = written(SITE + 'unknown_is = "agent"').transcript

    assert made.sender((), "Hello") == (Sender.AGENT, "recipe: unknown_is")


def test_a_place_in_a_queue_is_found_in_words(written: Written) -> None:
    queue = written(SITE + "[flags]\nqueue = { select = '.q', number = '(\\d+)' }").flags[FlagName.QUEUE]

    assert (queue.figure("You are number 12 in the queue"), queue.figure("Please wait")) == (12, None)
    assert queue.fits("anything")


def test_a_mark_with_a_pattern_wants_its_words(written: Written) -> None:
    closed = written(SITE + '[flags]\nclosed = { select = ".system", pattern = "ended" }').flags[FlagName.CLOSED]

    assert closed.fits("Anna has ended the chat")
    assert not closed.fits("Anna has joined")


# --- built on a vendor's ---

BASE = """
about = "made for this test"
proven = true
locale = "de-DE"
[consent]
steps = [{ click = "#reject" }]
[open]
steps = [{ click = "#launcher" }]
frame = ["iframe"]
[compose]
input = "textarea"
send = "#send"
[transcript]
item = ".message"
key = "data-id"
poll_ms = 3500
classify = [{ match = ".me", sender = "visitor" }]
[flags]
typing = ".typing"
offline = ".offline"
"""


def test_a_site_overrides_its_vendor_key_by_key(written: Written) -> None:
    made = written(
        """
vendor = "base"
url = "https://shop.example"
[open]
steps = [{ click = "#ours" }]
[transcript]
item = ".line"
[flags]
offline = "#closed"
""",
        base=BASE,
    )

    assert made.base is not None
    assert (made.base.name, made.base.proven, made.unverified) == ("base", True, False)
    assert (made.name, made.locale) == ("acme", "de-DE")
    assert [step.selector for step in made.opening.steps] == ["#ours"]
    assert (made.opening.frame, made.compose.send) == (("iframe",), "#send")
    assert (made.transcript.item, made.transcript.key) == (".line", "data-id")
    assert (made.transcript.poll, made.transcript.settle) == (timedelta(seconds=3.5), timedelta(seconds=0.2))
    assert {name: mark.select for name, mark in made.flags.items()} == {"typing": ".typing", "offline": "#closed"}


def test_a_site_may_do_without_its_vendors_consent(written: Written) -> None:
    site = 'vendor = "base"\nurl = "https://shop.example"\n'

    assert len(written(site, base=BASE).consent) == 1
    assert written(site + '[consent]\nmode = "none"', base=BASE).consent == ()


def test_a_vendors_recipe_of_ones_own_takes_the_place_of_ours(written: Written) -> None:
    made = written('vendor = "supchat"\nurl = "https://shop.example"', base=BASE, under="supchat")

    assert made.base is not None
    assert made.base.about == "made for this test"


def test_a_site_that_bears_its_vendors_name_is_not_built_on_itself(written: Written) -> None:
    made = written('vendor = "supchat"\nurl = "https://shop.example"', "supchat")

    assert made.base is not None
    assert made.compose.input == "[data-supchat-input]"


def test_a_vendor_nobody_has_run_is_unverified(written: Written) -> None:
    assert written('vendor = "base"\nurl = "https://shop.example"', base=BASE.replace("true", "false")).unverified


def test_a_change_of_the_vendors_recipe_changes_the_digest(written: Written) -> None:
    site = 'vendor = "base"\nurl = "https://shop.example"'

    assert written(site, base=BASE).digest != written(site, base=BASE + "# changed\n").digest


def test_what_an_offline_form_needs_may_be_the_vendors(written: Written) -> None:
    base = BASE + '[offline]\nsteps = [{ fill = "textarea", value = "{text}" }]\ndone = ".thanks"\n'

    made = written('vendor = "base"\nurl = "https://shop.example"\n[offline]\npolicy = "submit_form"', base=base)

    assert made.offline.policy is OfflinePolicy.SUBMIT_FORM
    assert made.offline.steps[0].filled(ANNA, "Do you engrave?") == "Do you engrave?"


# --- what slawatch brings ---


@pytest.mark.parametrize("name", sorted(path.stem for path in VENDORS.glob("*.toml")))
def test_a_site_needs_little_more_than_its_vendor(written: Written, name: str) -> None:
    made = written(f'vendor = "{name}"\nurl = "https://shop.example"')

    assert made.base is not None
    assert made.base.about
    assert any(rule.sender is Sender.VISITOR for rule in made.transcript.classify)


def test_only_what_was_run_is_proven() -> None:
    assert {base.name for base in bases() if base.proven} == {"converse", "supchat"}


def test_a_vendors_own_recipe_with_a_mistake_stops_the_list(tmp_path: Path) -> None:
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "broken.toml").write_text("[compos]\n", encoding="utf-8")

    with pytest.raises(ConfigError, match='did you mean "compose"'):
        bases((tmp_path,))


def test_vendors_recipes_of_ones_own_lie_apart_from_those_of_sites(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "ours.toml").write_text(BASE, encoding="utf-8")

    assert [base.name for base in bases((tmp_path,))] == ["converse", "livehelperchat", "ours", "supchat", "zammad"]


def test_a_recipe_is_read_without_loading_a_browsers_library() -> None:
    code = """
import sys
from slawatch.channels.webchat import recipe_reading
recipe_reading.bases()
sys.exit("playwright" in sys.modules)
"""
    assert run([sys.executable, "-c", code], check=False).returncode == 0


# --- what the documentation says ---


@pytest.mark.parametrize(
    ("section", "key"), [(section, key) for section, table in SECTIONS.items() for key in table.keys]
)
def test_the_example_of_every_key_is_one(tmp_path: Path, section: str, key: str) -> None:
    path = tmp_path / "acme.toml"
    example = SECTIONS[section].keys[key].example
    path.write_text((f"[{section}]\n" if section else "") + f"{key} = {example}", encoding="utf-8")
    reader = Reader(tomlfile.read(path))

    where = (section, key) if section else (key,)
    SECTIONS[section].keys[key].read(reader, where, reader.document.at(where))

    assert reader.mistakes.lines() == ()


def test_the_recipes_of_the_how_to_are_some(written: Written) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/write-a-recipe.md").read_text(encoding="utf-8")
    tables = re.findall(r"^```toml\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)

    short, whole = (written(text, f"shop-{number}") for number, text in enumerate(tables[1:]))

    assert short.base is not None
    assert (len(whole.prechat), len(whole.transcript.classify), len(whole.flags)) == (3, 3, 4)


# --- times in the page ---

NOON = datetime(2026, 3, 28, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("format_", "text", "instant", "coarse"),
    [
        ("iso = true", "2026-03-28T11:59:07.123Z", "2026-03-28T11:59:07.123+00:00", 0.001),
        ("iso = true", "2026-03-28T12:59:07+01:00", "2026-03-28T11:59:07+00:00", 1),
        ("iso = true", "2026-03-28T12:59", "2026-03-28T11:59:00+00:00", 60),
        ('format = "%H:%M:%S"', "12:59:07", "2026-03-28T11:59:07+00:00", 1),
        ('format = "%H:%M"', " 12:59 ", "2026-03-28T11:59:00+00:00", 60),
        ('format = "%d.%m.%Y %H:%M"', "27.03.2026 12:59", "2026-03-27T11:59:00+00:00", 60),
    ],
)
def test_a_time_in_the_page_is_read_with_how_coarse_it_is(
    written: Written, format_: str, text: str, instant: str, coarse: float
) -> None:
    made = written('timezone = "Europe/Berlin"\n' + SITE + f"time = {{ {format_} }}").transcript.time

    assert made is not None
    assert made.read(text, near=NOON) == (datetime.fromisoformat(instant), timedelta(seconds=coarse))


def test_a_time_before_midnight_seen_after_it_is_yesterdays(written: Written) -> None:
    made = written(SITE + 'time = { format = "%H:%M:%S" }').transcript.time
    after = datetime(2026, 3, 29, 0, 0, 4, tzinfo=UTC)

    assert made is not None
    assert made.read("23:59:58", near=after) == (datetime(2026, 3, 28, 23, 59, 58, tzinfo=UTC), timedelta(seconds=1))


@pytest.mark.parametrize("text", ["", "just now", "25:00:00", "12:59"])
def test_what_is_no_time_of_that_form_is_none(written: Written, text: str) -> None:
    made = written(SITE + 'time = { format = "%H:%M:%S" }').transcript.time

    assert made is not None
    assert made.read(text, near=NOON) is None


# --- selectors ---


@pytest.mark.parametrize(
    "selector",
    [
        "#chat",
        "chat-widget >> button.open",
        "role=button[name=/reject|ablehnen/i]",
        "role=button[name=\"Say 'hi' (now)\"]",
        "text=Can't find it",
        'text="[unclosed"',
        "//div[@id='chat']",
        "xpath=//a[contains(text(), 'Chat')]",
        r"#a\[0\]",
        "a[href='/x?y=[1']",
        ".supchat-message:not(.supchat-typing-bubble)",
        "button:has-text('Chat')",
        'iframe[src*="//chat.example/"]',
        "ul > li + li ~ li",
    ],
)
def test_a_selector_of_good_form_passes(written: Written, selector: str) -> None:
    made = written(SITE.replace('input = "textarea"', f"input = '''{selector}'''"))

    assert made.compose.input == selector


def test_a_pattern_may_hold_what_a_selector_may_not(written: Written) -> None:
    rule = written(SITE + "classify = [{ pattern = '[.]{3}$', sender = 'bot' }]").transcript.classify[0]

    assert rule.pattern == re.compile("[.]{3}$")
