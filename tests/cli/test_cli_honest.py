"""What no command may let a reader believe: that a paused plan will run, or that what never left was asked."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from slawatch.clock import SystemClock
from slawatch.store import Store
from tests.cli.conftest import Call
from tests.cli.town import Town

EVERY_HOUR = 'every = "1 h"\n\n[account.'


def scheduled(town: Town) -> Path:
    """Give both companies a schedule and return the config."""
    text = town.config.read_text(encoding="utf-8")
    town.config.write_text(text.replace("[account.", f"[defaults]\n{EVERY_HOUR}", 1), encoding="utf-8")
    return town.config


def test_a_plan_under_a_pause_says_that_nothing_of_it_leaves(town: Town, call: Call) -> None:
    config = scheduled(town)
    assert not call("plan", "-c", config, "--ahead", "4 h").lines[0].startswith("nothing of this leaves")

    call("pause", "-c", config, "--why", "holiday")

    shown = call("plan", "-c", config, "--ahead", "4 h")
    assert shown.lines[0] == "nothing of this leaves now: everything is paused (holiday)"


def test_after_an_abort_the_plan_says_that_its_slots_were_called_off(town: Town, call: Call) -> None:
    config = scheduled(town)
    planned = len(json.loads(call("plan", "-c", config, "--ahead", "4 h", "--json").out)["slots"])
    assert planned

    call("abort", "-c", config, "--yes")
    call("resume", "-c", config)

    shown = call("plan", "-c", config, "--ahead", "4 h").lines
    assert shown == [f"no slot in the next 4 h: {planned} slots were called off; look further with --ahead"]


def test_pausing_again_keeps_the_reason(town: Town, call: Call) -> None:
    call("pause", "-c", town.config, "--why", "holiday")
    call("pause", "-c", town.config)

    assert "not sending: everything is paused (holiday)" in call("status", "-c", town.config).lines


def test_a_report_of_another_scope_does_not_replace_the_full_one(demo_copy: Path, call: Call) -> None:
    names = [
        Path(call("report", "-c", demo_copy, *words).out.strip()).name
        for words in ((), ("--company", "silent-sofa"), ("--period", "2 d"), ("--audit", "1"))
    ]

    day = names[0].removesuffix(".html")
    assert names[1:] == [f"{day}-silent-sofa.html", f"{day}-2d.html", f"{day}-audit-1.html"]


def test_what_has_not_left_has_no_time_of_asking(town: Town, call: Call) -> None:
    config = scheduled(town)
    text = config.read_text(encoding="utf-8")
    call("plan", "-c", config, "--ahead", "4 h")
    with Store(town.config.with_name("demo.db"), clock=SystemClock()) as store:
        slot = store.slots()[0]
        store.put_off(slot.id, SystemClock().now(), "due for this test")
    closed = "smtp_port = 1\n"
    lines = [closed if line.startswith("smtp_port") else f"{line}\n" for line in text.splitlines()]
    config.write_text("".join(lines), encoding="utf-8")
    call("send", "-c", config)

    (waiting,) = json.loads(call("status", "-c", config, "--json").out)["open"]

    assert (waiting["state"], waiting["asked_at"]) == ("intended", None)


def test_each_line_of_a_tick_begins_with_the_time(demo_copy: Path, call: Call) -> None:
    lines = call("tick", "-c", demo_copy).lines

    assert lines
    for line in lines:
        datetime.strptime(line[:24], "%Y-%m-%d %H:%M:%S%z")
