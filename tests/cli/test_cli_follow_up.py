"""`slawatch follow-up` and what `status` says of it: a company asks back, and a person or slawatch replies."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch import app
from slawatch.clock import SystemClock
from slawatch.usecases import audit
from slawatch.usecases.send import send_due
from tests.cli.conftest import Call
from tests.cli.town import BAKERY, Town


class AnHourAgo(SystemClock):
    def now(self) -> datetime:
        return super().now() - timedelta(hours=1)


def ask(config: Path) -> None:
    """Have asked the bakery an hour ago, and looked at nothing since."""
    with app.world(config, clock=AnHourAgo()) as world:
        audit.start(world, world.config.companies[BAKERY.key].targets, over=timedelta(0), until=None, name="test")
        send_due(world)


def documented(command: str) -> dict[str, Any]:
    """The example of this command's JSON in the reference."""
    page = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(
        page.partition(f"## slawatch {command} --json")[2].split("```")[1].removeprefix("json")
    )
    return found


def change(config: Path, old: str, new: str) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture
def asked_back(town: Town, call: Call) -> str:
    """The bakery asks back and is to be replied to by hand; returns the request's id."""
    change(town.config, 'name = "Old Bakery"', 'name = "Old Bakery"\nfollow_up = false')
    ask(town.config)
    town.answer(BAKERY, "question", after=timedelta(0))
    done = call("collect", "-c", town.config)
    assert done.code == 0, done.err
    (found,) = re.findall(r"(R\w{8}): question from bakery", done.out)
    return str(found)


def test_status_names_who_waits_for_us_and_why(town: Town, call: Call, asked_back: str) -> None:
    done = call("status", "-c", town.config)

    assert "1 company asks back; reply to it with: slawatch follow-up REQUEST" in done.lines
    assert re.search(
        rf"^{asked_back}  Old Bakery  \d{{4}}-.*  follow_up = false in the config$", done.out, re.MULTILINE
    )
    (turn,) = json.loads(call("status", "-c", town.config, "--json").out)["our_turn"]
    assert [*turn] == [*documented("status")["our_turn"][0]]
    assert (turn["request"], turn["by_itself"], turn["because"]) == (
        asked_back,
        False,
        "follow_up = false in the config",
    )


def test_it_shows_the_question_and_what_would_be_said_and_sends_nothing(
    town: Town, call: Call, asked_back: str
) -> None:
    done = call("follow-up", "-c", town.config, asked_back)

    assert done.code == 0, done.err
    theirs, ours = done.out.split("We would say:")
    assert re.search(r"^  > .*\?", theirs, re.MULTILINE)
    assert re.search(r"^  > .*\?", ours, re.MULTILINE), "their question is quoted below what we say"
    assert re.search(r"^  to +service@bakery\.example$", done.out, re.MULTILINE)
    assert "  Robin Marten" in done.lines
    assert "It does not leave by itself: follow_up = false in the config." in done.lines
    assert len(town.asked) == 1
    token = town.asked[0][1].reply_to.partition("+")[2].partition("@")[0]
    assert token not in done.out


def test_sent_it_arrives_in_their_thread_and_the_company_no_longer_waits(
    town: Town, call: Call, asked_back: str
) -> None:
    done = call("follow-up", "-c", town.config, asked_back, "--send")

    assert done.code == 0, done.err
    assert re.fullmatch(r"sent on .*; from then on it is the company's turn", done.lines[-1])
    (_, first), (address, reply) = town.asked
    assert address == BAKERY.address
    assert reply.reply_to == first.reply_to
    assert reply.subject.startswith("Re: ")
    assert b"In-Reply-To: <" in reply.raw
    assert "asks back" not in call("status", "-c", town.config).out
    again = call("follow-up", "-c", town.config, asked_back, "--send")
    assert again.code == 2
    assert again.err == f"follow-up {asked_back}: no question waits for us there; see `slawatch explain`\n"
    assert len(town.asked) == 2


def test_our_own_words_are_said_instead(town: Town, call: Call, asked_back: str, tmp_path: Path) -> None:
    (tmp_path / "reply.txt").write_text("The small one, please.\n\nRobin\n", encoding="utf-8")

    done = call("follow-up", "-c", town.config, asked_back, "--send", "--text", tmp_path / "reply.txt", "--json")

    facts = json.loads(done.out)
    assert [*facts] == [*documented("follow-up")]
    assert (facts["state"], facts["body"].startswith("The small one, please.\n\nRobin\n\nOn 20")) == ("sent", True)
    assert "The small one, please." in town.asked[1][1].body


def test_a_time_that_cannot_be_is_not_recorded(town: Town, call: Call, asked_back: str) -> None:
    early = call("follow-up", "-c", town.config, asked_back, "--sent-at", "2001-01-01T09:00")
    day = call("follow-up", "-c", town.config, asked_back, "--sent-at", "2001-01-01")
    future = call("follow-up", "-c", town.config, asked_back, "--sent-at", "2999-01-01T09:00")

    assert (early.code, day.code, future.code) == (2, 2, 2)
    assert early.err.startswith("--sent-at: that is before their letter came, ")
    assert day.err == '--sent-at: "2001-01-01" is a day; give the time as well, 2001-01-01T14:05\n'
    assert future.err == "--sent-at: that is still to come; say it when you have\n"
    assert len(town.asked) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("R00000000",), 'request: there is no "R00000000"; `slawatch status` and the report list them'),
        (("--send", "--sent-at", "2026-01-01T09:00"), "give one of them"),
        (("--thanks",), "there is no answer to thank for"),
        (("--text", "/dev/null"), "--text: it is empty"),
        (("--text", "/no/such/file"), "/no/such/file: No such file or directory"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    town: Town, call: Call, asked_back: str, words: tuple[str, ...], said: str
) -> None:
    request = () if words[0].startswith("R") else (asked_back,)

    done = call("follow-up", "-c", town.config, *request, *words)

    assert done.code == (1 if "No such file" in said else 2)
    assert said in done.err
    assert done.err.count("\n") == 1


def test_by_itself_a_pass_replies_and_says_so(town: Town, call: Call) -> None:
    ask(town.config)
    town.answer(BAKERY, "question", after=timedelta(0))

    done = call("tick", "-c", town.config)

    assert done.code == 0, done.err
    assert re.search(r"R\w{8}: replied to the question of bakery$", done.out, re.MULTILINE)
    assert len(town.asked) == 2
    assert re.search(r"^> .*\?", town.asked[1][1].body, re.MULTILINE)
