"""`slawatch recipe`: vendors are listed honestly, a recipe is recorded in a window, and no page is told a message."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from slawatch.channels import BUILT_IN
from slawatch.channels.webchat.recipe_reading import load
from slawatch.cli.recipe import command
from tests.cli.conftest import Call
from tests.cli.running import Running
from tests.integration import recipe_page
from tests.servers.local import free_ports

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "chromium"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with recipe_page.serving() as where:
        yield where


@pytest.mark.parametrize("name", sorted(command.commands))
def test_every_option_of_its_commands_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    section = page.partition(f"### slawatch recipe {name}\n")[2].partition("\n##")[0]
    options = [flag for one in command.commands[name].params if isinstance(one, click.Option) for flag in one.opts]

    assert section
    assert [flag for flag in options if flag not in section] == []


def test_an_unknown_command_is_told_with_the_nearest(call: Call) -> None:
    done = call("recipe", "lst")

    assert (done.code, done.out) == (2, "")
    assert (
        done.err == 'slawatch recipe: there is no command "lst": did you mean "list"?; see `slawatch recipe --help`\n'
    )


# --- list ---


def test_vendors_are_listed_with_whether_anybody_has_run_them(call: Call, tmp_path: Path) -> None:
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "ours.toml").write_text('about = "our own"\n', encoding="utf-8")

    done = call("recipe", "list", "--recipes", tmp_path)

    assert (done.code, done.err) == (0, "")
    assert [line.split()[:2] for line in done.lines] == [
        ["Vendor", "State"],
        ["converse", "proven"],
        ["livehelperchat", "unverified"],
        ["ours", "unverified"],
        ["supchat", "proven"],
        ["zammad", "unverified"],
    ]


def test_the_list_as_json_says_the_same(call: Call, tmp_path: Path) -> None:
    found = json.loads(call("recipe", "list", "--recipes", tmp_path, "--json").out)

    assert [(one["name"], one["proven"]) for one in found if one["proven"]] == [("converse", True), ("supchat", True)]
    assert all(one["about"] for one in found)


def test_a_mistake_in_a_vendors_recipe_of_ones_own_is_told_with_its_line(call: Call, tmp_path: Path) -> None:
    (tmp_path / "vendors").mkdir()
    (tmp_path / "vendors" / "ours.toml").write_text("[compos]\n", encoding="utf-8")

    done = call("recipe", "list", "--recipes", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err == f'{tmp_path}/vendors/ours.toml:1: there is no key "compos": did you mean "compose"?\n'


# --- record ---


def test_without_a_display_it_says_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    done = call("recipe", "record", "https://shop.example/contact")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("there is no display here to open a window on; run this on your desktop")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_page_is_refused_before_a_window_opens(call: Call) -> None:
    done = call("recipe", "record", "shop.example")

    assert done.code == 2
    assert done.err == 'URL: "shop.example" is not a web address; write it as "https://shop.example/contact"\n'


def test_a_recipe_that_is_there_is_not_written_over(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_text("mine", encoding="utf-8")

    done = call("recipe", "record", "https://shop.example/", "--out", path)

    assert done.code == 2
    assert done.err == f'"{path}" is there already; remove it, or name another file with --out\n'
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_browser_that_is_not_there_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")

    done = call("recipe", "record", "https://shop.example/", "--out", "never.toml", "--browser", "no-such-browser")

    assert (done.code, done.err) == (1, 'there is no program "no-such-browser"; name another with --browser\n')


@pytest.mark.server
def test_a_recorded_recipe_is_written_and_can_be_read(
    site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    (port,) = free_ports(1)
    # A window needs a display, which few machines for tests have; this is the same browser without one, and with a
    # second wire on which the test moves the mouse.
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nexec {CHROMIUM} --headless=new --remote-debugging-port={port} "$@"\n', encoding="utf-8"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")

    with Running("recipe", "record", f"{site}/", "--browser", browser, cwd=tmp_path) as running:
        running.said("a window is open")
        with sync_playwright() as playwright:
            page = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0].pages[-1]
            bar = page.locator("slawatch-recorder")
            bar.get_by_text("banner about cookies").wait_for()
            for words, target in (
                ("banner about cookies", "#banner button >> nth=1"),
                ("what opens the chat", "#launcher-48213"),
                ("field for a name", "[name=visitor]"),
            ):
                bar.get_by_text(words).wait_for()
                box = page.locator(target).bounding_box()
                assert box is not None
                page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            bar.get_by_text("e-mail address").wait_for()
            bar.get_by_role("button", name="Done").click()
        done = running.end()

    (written,) = (tmp_path / "recipes").iterdir()
    made = load(written)
    assert (done.code, done.err) == (0, "")
    assert done.lines[-1].startswith(f"recipes/{written.name} is written; now try it: ")
    assert re.search(r"recipe check recipes/127-0-0-1\.toml$", done.lines[-1])
    assert [str(step) for step in (*made.consent, *made.opening.steps)] == [
        'click "role=button[name="Only what is needed"]"',
        'click "role=button[name="Chat with us"]"',
    ]


# --- check ---

RECIPE = """
url = "{site}"
[consent]
steps = [{{ click = "role=button[name='Only what is needed']", optional = true }}]
[open]
steps = [{{ click = "{launcher}" }}]
frame = [{frame}]
[prechat]
steps = [
    {{ fill = "[name=visitor]", value = "{{persona.name}}" }},
    {{ fill = "[type=email]", value = "{{persona.email}}", optional = true }},
    {{ click = "role=button[name=Start]" }},
]
[compose]
input = "textarea"
send = ".send"
[transcript]
item = ".row"
key = "data-message-id"
text = ".bubble"
classify = [{{ match = ".row-auto", sender = "bot" }}]
[limits]
open = "8 s"
"""
LAUNCHER = "role=button[name='Chat with us']"


def recipe(folder: Path, site: str, *, launcher: str = LAUNCHER, frame: str = "", extra: str = "") -> Path:
    path = folder / "acme.toml"
    path.write_text(RECIPE.format(site=site, launcher=launcher, frame=frame) + extra, encoding="utf-8")
    return path


@pytest.mark.server
def test_a_recipe_that_works_is_gone_through_step_by_step(call: Call, site: str, tmp_path: Path) -> None:
    done = call("recipe", "check", recipe(tmp_path, f"{site}/"), "--out", tmp_path / "seen")

    told = [re.sub(r" +\d+\.\d s", "", line) for line in done.lines]
    assert (done.code, done.err) == (0, "")
    assert told == [
        "ok  page",
        "ok  consent.steps[1]: click \"role=button[name='Only what is needed']\"",
        f'ok  open.steps[1]: click "{LAUNCHER}"',
        'ok  prechat.steps[1]: fill "[name=visitor]"',
        'ok  prechat.steps[2]: fill "[type=email]"',
        'ok  prechat.steps[3]: click "role=button[name=Start]"',
        "ok  input",
        'seen    bot: "Hello! I am a virtual assistant." (vendor-field: .row-auto)',
        f"wrote   {tmp_path}/seen/acme.jpg",
        f"wrote   {tmp_path}/seen/acme.yaml",
        told[-1],
    ]
    assert re.fullmatch(r"it works: the input takes text after; no message was sent", told[-1])
    assert (tmp_path / "seen/acme.jpg").read_bytes().startswith(b"\xff\xd8")
    words = (tmp_path / "seen/acme.yaml").read_text(encoding="utf-8")
    assert 'textbox "Your message"' in words
    assert "Anna" not in words  # nobody answered, for nothing was asked


@pytest.mark.server
def test_a_chat_in_a_frame_names_the_frame_as_it_comes(call: Call, site: str, tmp_path: Path) -> None:
    path = recipe(tmp_path, f"{site}/framed", frame="'iframe[title=Chat]'").read_text(encoding="utf-8")
    framed = path.replace("name='Chat with us']\" }", 'name=\'Chat with us\']", frame = ["iframe"] }')
    (tmp_path / "acme.toml").write_text(framed, encoding="utf-8")

    done = call("recipe", "check", tmp_path / "acme.toml", "--out", tmp_path)

    assert done.code == 0, done.out
    assert any(line.endswith("frame iframe[title=Chat]") for line in done.lines)


@pytest.mark.server
def test_a_step_that_fails_is_told_with_its_line_and_what_is_there_instead(
    call: Call, site: str, tmp_path: Path
) -> None:
    path = recipe(tmp_path, f"{site}/", launcher="role=button[name='Talk to us']")

    done = call("recipe", "check", path, "--out", tmp_path)

    assert (done.code, done.err) == (1, "")
    assert done.lines[-5] == (
        f"FAULT   {path}:6: open.steps[1]: click \"role=button[name='Talk to us']\": there is no such element"
    )
    assert done.lines[-4] == "        a request would be void: widget-absent"
    assert done.lines[-3] == '        the page offers: button "Chat with us"'
    assert (tmp_path / "acme.jpg").stat().st_size > 1000


@pytest.mark.server
def test_a_page_that_is_not_there_leaves_no_picture(call: Call, tmp_path: Path) -> None:
    done = call("recipe", "check", recipe(tmp_path, "http://127.0.0.1:1/"), "--out", tmp_path / "seen")

    assert done.code == 1
    assert "FAULT   http://127.0.0.1:1/: the page cannot be loaded" in done.out


@pytest.mark.server
def test_an_unverified_vendor_is_named_as_such(call: Call, site: str, tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    text = f'vendor = "zammad"\nurl = "{site}/empty"\n[limits]\nopen = "2 s"\n'
    path.write_text(text, encoding="utf-8")

    done = call("recipe", "check", path, "--out", tmp_path)

    assert done.code == 1
    assert "note    the vendor's recipe \"zammad\" is unverified: written from Zammad's public source" in done.out
    assert "the page offers: nothing to click or to type in" in done.out


@pytest.mark.server
def test_who_asks_is_taken_from_the_config(
    call: Call, site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(BUILT_IN, "webchat", "slawatch.channels.webchat:WebChannel")
    config = tmp_path / "config.toml"
    config.write_text('[account.web]\nchannel = "webchat"\nname = "Bea Beispiel"\n', encoding="utf-8")
    path = recipe(tmp_path, f"{site}/")
    text = path.read_text(encoding="utf-8").replace('{ click = "role=button[name=Start]" },', "")
    path.write_text(text.replace('"textarea"', '"[name=visitor]"'), encoding="utf-8")

    assert call("recipe", "check", path, "-c", config, "--out", tmp_path).code == 0

    assert "Bea Beispiel" in (tmp_path / "acme.yaml").read_text(encoding="utf-8")


def test_a_form_that_must_have_an_address_is_not_filled_in_without(call: Call, tmp_path: Path) -> None:
    path = recipe(tmp_path, "http://127.0.0.1:1/")
    path.write_text(path.read_text(encoding="utf-8").replace(", optional = true },\n    { cl", " },\n    { cl"))

    done = call("recipe", "check", path)

    assert (done.code, done.out) == (2, "")
    assert "asks for an address; give one with --email" in done.err


def test_mistakes_in_a_recipe_are_told_before_a_browser_starts(call: Call, tmp_path: Path) -> None:
    path = recipe(tmp_path, "http://127.0.0.1:1/", extra='opne = "1 s"\n')

    done = call("recipe", "check", path)

    assert (done.code, done.out) == (2, "")
    assert done.err == f'{path}:24: limits: there is no key "opne": did you mean "open"?\n'


def test_an_address_that_is_none_is_refused(call: Call, tmp_path: Path) -> None:
    done = call("recipe", "check", recipe(tmp_path, "http://127.0.0.1:1/"), "--email", "anna")

    assert (done.code, done.err) == (2, '--email: "anna" has no "@"; write it like "service@shop.example"\n')


def test_without_a_browser_it_says_where_to_get_one(call: Call, tmp_path: Path) -> None:
    done = call("recipe", "check", recipe(tmp_path, "http://127.0.0.1:1/"), "--browser", "no-such-browser")

    assert (done.code, done.out) == (1, "")
    assert 'there is no program "no-such-browser"' in done.err
