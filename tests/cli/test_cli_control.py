"""Pause, resume, abort and the STOP file; ticks that are alone, idle, or two at a time; plans for people to read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from slawatch import app
from slawatch.model import Slot, SlotState
from slawatch.usecases.plan import keep_laid_out
from slawatch.usecases.tick import only_pass
from tests.cli.conftest import Call
from tests.cli.running import Done, Running, terminal
from tests.cli.town import BAKERY, FLORIST, Town
from tests.stages import ACCOUNT, company

AT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} "  # how a line of cron's log begins


def said(done: Done) -> list[str]:
    """Return the lines of a tick without their times; each has one."""
    assert all(re.match(AT, line) for line in done.lines), done.out
    return [re.sub(AT, "", line, count=1) for line in done.lines]


def config_of(folder: Path, *companies: str) -> Path:
    path = folder / "config.toml"
    path.write_text(ACCOUNT + "".join(companies), encoding="utf-8")
    return path


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A config with two companies that are asked every day, in two zones."""
    return config_of(
        tmp_path,
        company("shop", relationship="own", schedule='cron = "0 9 * * *"'),
        company("cafe", schedule='cron = "30 10 * * *"', extra='timezone = "America/New_York"', lang="en"),
    )


@pytest.fixture
def due(town: Town) -> Callable[[], None]:
    """Plan a request to the bakery that is due now, as a schedule would have done a while ago."""

    def plan() -> None:
        with app.world(town.config) as world:
            keep_laid_out(world)  # or the first tick would, and call off what no schedule gives
            target = world.config.companies["bakery"].targets[0]
            world.store.add_slots(
                [
                    Slot(
                        key=f"bakery|{datetime.now(UTC).isoformat()}",
                        company=target.company,
                        channel=target.channel,
                        target=target.address,
                        account=target.account,
                        due_at=datetime.now(UTC) - timedelta(seconds=1),
                        zone=target.zone,
                    )
                ]
            )

    return plan


# --- tick ---


def test_an_idle_tick_says_nothing_unless_asked(town: Town, call: Call) -> None:
    first = said(call("tick", "-c", town.config))
    assert first == [f'began a new store at "{town.config.parent / "demo.db"}": limits and opt-outs begin from nothing']

    done = call("tick", "-c", town.config)
    assert (done.code, done.out, done.err) == (0, "", "")

    assert said(call("tick", "-v", "-c", town.config)) == ["nothing to do"]


def test_a_tick_sends_what_is_due_and_reads_what_came_in(town: Town, due: Callable[[], None], call: Call) -> None:
    due()

    asked = call("tick", "-c", town.config)
    town.answer(BAKERY)
    heard = call("tick", "-c", town.config)

    assert re.fullmatch(r"R\w{8}: asked bakery \(email\): [\w-]+", "\n".join(said(asked)))
    assert re.fullmatch(r"R\w{8}: answer from bakery after (9|10) min.*", "\n".join(said(heard)))
    assert call("tick", "-c", town.config).out == ""
    assert len(town.asked) == 1


def test_send_and_collect_are_its_halves(town: Town, due: Callable[[], None], call: Call) -> None:
    due()

    assert call("collect", "-c", town.config).out == ""
    assert re.fullmatch(r"R\w{8}: asked bakery .*\n", call("send", "-c", town.config).out)
    town.answer(BAKERY)
    heard = call("collect", "-c", town.config)

    assert heard.lines[-1] == "2 new messages, of which 1 reply"
    assert len(town.asked) == 1


def test_two_ticks_at_the_same_time_ask_once(town: Town, due: Callable[[], None]) -> None:
    due()
    folder = town.config.parent

    with Running("tick", cwd=folder) as one, Running("tick", cwd=folder) as other:
        ends = (one.end(), other.end())

    assert [done.code for done in ends] == [0, 0]
    assert len(town.asked) == 1
    assert sorted(len(done.lines) for done in ends) == [0, 1]


def test_a_tick_leaves_the_work_to_one_that_is_at_it(town: Town, due: Callable[[], None], call: Call) -> None:
    due()

    with only_pass(town.config.parent / "demo.db"):
        quiet, loud = call("tick", "-c", town.config), call("tick", "-v", "-c", town.config)
        collected = call("collect", "-c", town.config)

    words = 'another pass holds "demo.db.lock"; nothing to do for this one'
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert (loud.code, said(loud)) == (0, [words])
    assert (collected.code, collected.err) == (1, words + "\n")
    assert town.asked == []
    assert call("tick", "-c", town.config).code == 0
    assert len(town.asked) == 1, "later it is done"


def test_check_sends_a_letter_to_ourselves_and_reads_it_back(town: Town, call: Call) -> None:
    done = call("check", "-c", town.config)

    assert done.code == 0, done.out
    assert done.lines[-1] == "everything works"
    assert all(line.startswith("ok       ") for line in done.lines[:-1])
    assert town.asked == [], "no company is troubled"


# --- pause, resume, STOP, abort ---


def test_what_is_paused_is_not_asked_until_it_is_resumed(town: Town, due: Callable[[], None], call: Call) -> None:
    due()

    assert call("pause", "-c", town.config, "--why", "holidays").out == (
        "paused: everything; answers are still collected\n"
    )
    assert said(call("tick", "-c", town.config)) == ["not sent: everything is paused (holidays)"]
    assert "not sending: everything is paused (holidays)" in call("status", "-c", town.config).lines
    assert town.asked == []

    assert call("resume", "-c", town.config).out == "resumed\n"
    assert call("tick", "-c", town.config).code == 0
    assert len(town.asked) == 1
    assert call("resume", "-c", town.config).out == "that was not paused\n"


def test_a_pause_for_one_company_leaves_the_others(town: Town, due: Callable[[], None], call: Call) -> None:
    due()
    done = call("pause", "-c", town.config, "--company", "florist")
    assert done.out == "paused: company Blumen Körner; answers are still collected\n"
    call("pause", "-c", town.config, "--account", "practice", "--why", "full")

    lines = call("status", "-c", town.config).lines
    assert "paused: company Blumen Körner" in lines
    assert "paused: account practice (full)" in lines

    lifted = call("resume", "-c", town.config, "--account", "practice")
    assert lifted.lines == ["resumed", "still paused: company Blumen Körner"]
    call("tick", "-c", town.config)
    assert [address for address, _ in town.asked] == [BAKERY.address]


def test_a_stop_file_halts_everything(town: Town, due: Callable[[], None], call: Call) -> None:
    due()
    stop = town.config.parent / "STOP"
    stop.touch()

    assert said(call("tick", "-c", town.config)) == ["not sent: a file STOP lies beside config.toml"]
    call("pause", "-c", town.config, "--why", "besides")
    lines = call("status", "-c", town.config).lines
    assert "not sending: a file STOP lies beside config.toml" in lines
    assert "paused: everything (besides)" in lines
    assert call("resume", "-c", town.config).lines == ["resumed", "still halted: a file STOP lies beside config.toml"]
    assert town.asked == []

    stop.unlink()
    call("tick", "-c", town.config)
    assert len(town.asked) == 1


def test_abort_calls_off_what_has_not_left_and_pauses(town: Town, due: Callable[[], None], call: Call) -> None:
    due()
    due()

    done = call("abort", "-c", town.config, "--company", "bakery", "--why", "they asked us to stop", "--yes")

    assert done.out == (
        "aborted: 2 slots closed, no requests withdrawn; paused until `slawatch resume --company bakery`\n"
    )
    call("resume", "-c", town.config, "--company", "bakery")
    assert call("tick", "-c", town.config).out == ""
    assert town.asked == []
    with app.world(town.config) as world:
        assert {slot.why for slot in world.store.slots(state=SlotState.CLOSED)} == {"they asked us to stop"}


def test_abort_asks_first_and_a_no_changes_nothing(town: Town, due: Callable[[], None], call: Call) -> None:
    due()

    with terminal("abort", cwd=town.config.parent) as screen:
        screen.until(lambda text: "Withdraw all that has not left to every company, and pause? [y/N]" in text)
        screen.press(b"n\n")
        done = screen.end()

    assert done.code == 1
    assert done.out.endswith("nothing was withdrawn\n")
    call("tick", "-c", town.config)
    assert len(town.asked) == 1


def test_abort_without_anybody_to_ask_wants_to_be_sure(town: Town, call: Call) -> None:
    with Running("abort", cwd=town.config.parent) as running:
        done = running.end()

    assert (done.code, done.err) == (2, "abort: nobody is there to ask; add --yes\n")
    assert not any(line.startswith("not sending") for line in call("status", "-c", town.config).lines)


@pytest.mark.parametrize("name", ["pause", "resume", "abort"])
def test_nobody_unknown_is_paused(town: Town, call: Call, name: str) -> None:
    yes = ("--yes",) if name == "abort" else ()

    done = call(name, "-c", town.config, "--company", "baker", *yes)

    assert (done.code, done.out) == (2, "")
    assert done.err == 'company: there is no "baker" in config.toml; known are: bakery, florist\n'
    assert not any("paused" in line for line in call("status", "-c", town.config).lines)


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_one_thing_is_paused_at_a_time(town: Town, call: Call, name: str) -> None:
    assert call(name, "-c", town.config, "--account", "x").err == (
        '--account: there is no "x" in config.toml; known are: practice\n'
    )
    both = call(name, "-c", town.config, "--account", "practice", "--company", "bakery")
    assert (both.code, both.err) == (2, "--company and --account: give one of them\n")


# --- plan ---


def test_a_plan_is_a_table_with_names_zones_and_what_is_asked(planned: Path, call: Call) -> None:
    done = call("plan", "-c", planned, "--ahead", "4 d")

    head, *rows = done.lines
    assert done.code == 0
    assert head.split() == ["When", "Zone", "Company", "Address", "Asks", "about"]
    rows = rows[: rows.index("")]
    assert len(rows) == 8
    for word in ("Zone", "Company", "Address", "Asks about"):
        place = head.index(word)
        assert all(row[place - 2 : place] == "  " and row[place] != " " for row in rows)
    assert any(re.search(r" 09:00  Europe/Berlin     shop .*  [\w-]+ \(de, variant \d\)$", row) for row in rows)
    assert any(re.search(r" 10:30  America/New_York  cafe ", row) for row in rows)
    assert any("  – last asked at " in row for row in rows)
    asked = sum("variant" in row for row in rows)
    assert (
        f"{asked} requests, about {asked * 6} minutes of the companies' work (taking 6 minutes an answer)" in done.out
    )
    assert re.search(r"^\d slots marked – are held back, by the limit named there$", done.out, re.MULTILINE)


def test_a_long_plan_is_cut_unless_all_of_it_is_wanted(planned: Path, call: Call) -> None:
    short, whole = (call("plan", "-c", planned, "--ahead", "60 d", *more).lines for more in ((), ("--all",)))

    assert short[41] == f"… and {whole.index('') - 41} more; --all shows them"
    assert not any("--all" in line for line in whole)


def test_a_plan_for_scripts_says_the_same(planned: Path, call: Call) -> None:
    facts = json.loads(call("plan", "-c", planned, "--ahead", "4 d", "--json").out)
    slots = facts["slots"]

    assert {one["company"] for one in slots} == {"shop", "cafe"}
    assert all((one["probe"] is None) != (one["held_back"] is None) for one in slots)
    asked = sum(one["probe"] is not None for one in slots)
    assert sum(map(sum, facts["week"]["cells"])) == facts["week"]["total"] == asked
    assert facts["agent_minutes"] == sum(one["agent_minutes"] for one in facts["burdens"]) == 6 * asked
    assert {(one["company"], one["measure"]) for one in facts["decidable"]} == {
        (company, measure) for company in ("shop", "cafe") for measure in ("first_response", "answer")
    }
    assert len(facts["seed"]) == 8


def test_a_plan_shows_the_week_the_work_and_when_objectives_can_be_decided(planned: Path, call: Call) -> None:
    done = call("plan", "-c", planned, "--ahead", "4 d")

    grid = done.lines[done.lines.index("     0      6      12     18") + 1 :][:7]
    assert [line[:3] for line in grid] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert all(re.fullmatch(r"\w{3}(  ?[·\d+]{6}){4}(  \d+)?", line) for line in grid)
    assert re.search(r"^\d+ % on Saturdays and Sundays, \d+ % from 22:00 to 08:00; ", done.out, re.MULTILINE)
    assert re.search(r"^shop +\d +\d+ min +\d +(8|none)( +\d)?$", done.out, re.MULTILINE)
    # 35 answers of 35 in time prove nine in ten, two of two that miss it that they are not.
    row = r"^shop +90 % of answers within 1 d +0 +\d{4}-\d\d-\d\d \(35 more\) +\d{4}-\d\d-\d\d \(2 more\)$"
    assert re.search(row, done.out, re.MULTILINE)
    assert re.fullmatch(r"seed: [0-9a-f]{8}, kept in the store; .*", done.lines[-1])


def test_the_messages_of_a_plan_can_be_read_before_any_leaves(planned: Path, call: Call) -> None:
    done = call("plan", "-c", planned, "--ahead", "2 d", "--out", planned.parent / "letters")

    letters = sorted((planned.parent / "letters").iterdir())
    where = planned.parent / "letters"
    assert done.lines[-1] == f"{len(letters)} messages written to {where}; the references in them are specimens"
    for letter in letters:
        mail = message_from_bytes(letter.read_bytes())
        assert re.fullmatch(r"\d{3}-(shop|cafe)\.eml", letter.name)
        assert mail["To"] in {"service@shop.example", "service@cafe.example"}
        assert mail["Bcc"] is None


def test_a_plan_sends_nothing_and_claims_nothing(planned: Path, call: Call) -> None:
    call("plan", "-c", planned)

    with app.world(planned) as world:
        assert world.store.requests() == []
        assert {slot.state for slot in world.store.slots()} == {SlotState.PLANNED}


def test_a_schedule_without_a_slot_in_sight_says_so(tmp_path: Path, call: Call) -> None:
    config = config_of(tmp_path, company("shop", schedule='cron = "0 9 29 2 *"'))

    assert call("plan", "-c", config, "--ahead", "1 d").lines == ["no slot in the next 1 d; look further with --ahead"]


def test_status_of_an_empty_folder_says_what_there_is_not(planned: Path, call: Call) -> None:
    lines = call("status", "-c", planned).lines

    assert lines == [
        "main: not looked into so far",
        "no open requests",
        "no slot is planned",
        "times are those of Europe/Berlin",
    ]
    call("plan", "-c", planned)
    assert re.fullmatch(r"next slot: \w{3} \d{4}-\d\d-\d\d \d\d:\d\d", call("status", "-c", planned).lines[2])


def test_who_answers_is_open_no_longer(town: Town, due: Callable[[], None], call: Call) -> None:
    due()
    call("tick", "-c", town.config)
    assert "1 open request, the oldest first:" in call("status", "-c", town.config).lines
    assert "Old Bakery" in call("status", "-c", town.config).out
    assert FLORIST.name not in call("status", "-c", town.config).out

    town.answer(BAKERY)
    call("tick", "-c", town.config)

    assert "no open requests" in call("status", "-c", town.config).lines
