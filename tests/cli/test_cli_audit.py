"""`slawatch audit` as a person meets it: in a pipe and in a terminal, interrupted and taken up again."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from urllib.parse import urlparse

import pytest

from tests.cli.conftest import Call
from tests.cli.running import CTRL_C, Running, run, terminal
from tests.cli.town import BAKERY, FLORIST, Town

EVERY_SECOND = ("--look-every", "1 s")


def test_it_asks_watches_and_reports(town: Town) -> None:
    with Running("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent) as audit:
        town.wait_until_asked(2)
        town.answer(BAKERY)
        town.answer(FLORIST)
        done = audit.end()

    assert done.code == 0, done.err
    assert sorted(address for address, _ in town.asked) == [BAKERY.address, FLORIST.address]
    assert re.search(r"^R\w{8}: asked bakery \(email\): [\w-]+$", done.out, re.MULTILINE)
    assert re.search(r"^R\w{8}: answer from florist after (9|10) min", done.out, re.MULTILINE)
    assert re.search(r"^R\w{8}  Old Bakery     answered +\d", done.out, re.MULTILINE)
    assert re.search(r"^R\w{8}  Blumen Körner  answered +\d", done.out, re.MULTILINE)
    assert "\x1b" not in done.out, "a pipe is no screen"
    report = Path(urlparse(done.lines[-1].removeprefix("report: ")).path)
    assert report == (town.config.parent / "out" / "audit-1.html").resolve()
    assert "Old Bakery" in report.read_text(encoding="utf-8")
    assert done.err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_interrupted_and_taken_up_again_and_asks_nothing_twice(town: Town, number: signal.Signals) -> None:
    folder = town.config.parent
    with Running("audit", "--yes", *EVERY_SECOND, cwd=folder) as audit:
        town.wait_until_asked(2)
        town.answer(BAKERY)
        audit.said("answer from bakery")
        audit.send(number)
        stopped = audit.end()

    assert stopped.code == 130
    assert re.fullmatch(
        r"interrupted; nothing is lost. Go on with: .* -m slawatch audit -c config.toml --resume\n", stopped.err
    )
    town.answer(FLORIST)
    again = run("audit", "--resume", *EVERY_SECOND, cwd=folder)

    assert again.code == 0, again.err
    assert re.search(r"^audit 1 of .* UTC goes on$", again.out, re.MULTILINE)
    assert "answer from florist" in again.out
    assert len(re.findall(r" answered ", again.out)) == 2
    assert len(town.asked) == 2
    assert run("audit", "--resume", cwd=folder).code == 2, "it has ended"


def test_an_interrupted_one_is_named_until_it_is_taken_up(town: Town, call: Call) -> None:
    with Running("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent) as audit:
        town.wait_until_asked(2)
        audit.send(signal.SIGINT)
        audit.end()

    assert "audit 1 is open; go on with: slawatch audit --resume" in call("status", "-c", town.config).lines
    second = call("audit", "-c", town.config, "--yes", "--until", "1 s", *EVERY_SECOND)
    assert second.lines[0] == (
        "note: audit 1 was never ended; after this one `slawatch audit --resume` goes on with it"
    )
    # The promise holds although a later audit has come and gone.
    assert "audit 1 is open; go on with: slawatch audit --resume" in call("status", "-c", town.config).lines


def test_while_one_runs_a_second_is_refused_and_status_says_that_it_runs(town: Town, call: Call) -> None:
    with Running("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent) as audit:
        town.wait_until_asked(2)
        second = call("audit", "-c", town.config, "--yes", "--until", "1 s")
        resumed = call("audit", "-c", town.config, "--resume")
        looked = call("status", "-c", town.config)
        audit.send(signal.SIGINT)
        audit.end()

    assert (second.code, resumed.code) == (1, 1)
    assert second.err.strip() == 'another audit is at work on "demo.db"; watch it with: slawatch status'
    assert "audit 1 is running" in looked.lines


def test_one_that_asked_nobody_says_why_and_does_not_pass_for_done(town: Town, call: Call) -> None:
    call("pause", "-c", town.config, "--why", "holiday")

    done = call("audit", "-c", town.config, "--yes", "--until", "1 s", *EVERY_SECOND)

    assert done.code == 4
    assert [line for line in done.lines if line.startswith("not asked: ")]
    assert "held up: everything is paused (holiday)" in done.lines


def test_in_a_terminal_it_asks_first_then_shows_clocks_that_run_until_ctrl_c(town: Town) -> None:
    with terminal("audit", "--look-every", "1 h", cwd=town.config.parent) as screen:
        shown = screen.until(lambda text: "Ask these 2 targets? [y/N]" in text)
        assert town.asked == []
        assert re.search(r"Company +Channel +Address\n", shown)
        assert re.search(r"Blumen Körner +email +service@florist.example", shown)

        screen.press(b"y\n")
        waits = r"Old Bakery +[\w-]+ +((?:\d+ min )?[\d.]+ s) …"
        screen.until(lambda text: len(set(re.findall(waits, text))) >= 4)
        screen.press(CTRL_C)
        done = screen.end()

    assert done.code == 130
    assert "audit 1: 2 requests, 0 answered" in done.out
    assert "Europe/Berlin, Ctrl-C interrupts, --resume goes on" in done.out
    assert "interrupted; nothing is lost. Go on with: " in done.out
    assert "Traceback" not in done.out


def test_whoever_says_no_has_asked_nothing(town: Town) -> None:
    with terminal("audit", "--company", "bakery", cwd=town.config.parent) as screen:
        screen.until(lambda text: "Ask this target?" in text)
        screen.press(b"n\n")
        done = screen.end()

    assert done.code == 1
    assert done.out.endswith("nothing was asked\n")
    assert town.asked == []


@pytest.mark.parametrize(("columns", "asked_about"), [(80, False), (100, True)])
def test_the_picture_fits_the_screen(town: Town, columns: int, *, asked_about: bool) -> None:
    with terminal("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent, columns=columns) as screen:
        town.wait_until_asked(2)
        town.answer(BAKERY, "receipt")
        picture = screen.until(lambda text: re.search(r"Old Bakery .* s … +receipt only", text))
        screen.press(CTRL_C)
        screen.end()

    assert max(map(len, picture.splitlines())) <= columns
    assert re.search(r"Blumen Körner .* s … +pending", picture)
    assert ("Asked about" in picture) is asked_about
    assert "audit 1: 2 requests, 0 answered" in picture


def test_on_a_low_screen_those_that_still_wait_are_shown(town: Town) -> None:
    with terminal("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent, rows=13) as screen:
        town.wait_until_asked(2)
        town.answer(BAKERY)
        picture = screen.until(lambda text: re.search(r"1 answered(?s:.)*Blumen Körner .* s …(?s:.)*and 1 more", text))
        screen.press(CTRL_C)
        screen.end()

    assert "Old Bakery" not in picture.rpartition("1 answered")[2]


def test_where_nothing_can_be_sent_it_says_so_and_goes_on_trying(town: Town) -> None:
    text = town.config.read_text(encoding="utf-8")
    town.config.write_text(re.sub(r"smtp_port = \d+", "smtp_port = 1", text), encoding="utf-8")

    with Running("audit", "--yes", *EVERY_SECOND, cwd=town.config.parent) as audit:
        line = audit.said("not sent, will be tried again")
        audit.send(signal.SIGINT)
        done = audit.end()

    assert "127.0.0.1:1" in line
    assert done.code == 130
    assert town.asked == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--resume",), "audit --resume: no audit is open; start one with: slawatch audit"),
        (
            ("--resume", "--company", "bakery"),
            "audit --resume: goes on with what was chosen then; give no other choice beside it",
        ),
        (("--company", "baker"), 'company: there is no "baker" in config.toml; known are: bakery, florist'),
        (("--channel", "chat"), "audit: no target is chosen; see `slawatch audit --help`"),
        (("--until", "2001-02-03"), '--until: "2001-02-03" has passed'),
        (
            ("--until", "soon"),
            '--until: "soon" is not a duration ("2 h"), a day (2026-11-01) or a time (2026-11-01T09:30)',
        ),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_nothing_is_asked(
    town: Town, call: Call, words: tuple[str, ...], message: str
) -> None:
    done = call("audit", "-c", town.config, "--yes", *words)

    assert (done.code, done.err) == (2, message + "\n")
    assert town.asked == []
