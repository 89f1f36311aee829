"""The commands that only read: what they print of a demo's folder, for people and for scripts."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlparse

import pytest

from slawatch import app
from slawatch.cli.lines import MASK_KEEPS
from slawatch.model import Request
from slawatch.usecases.world import World
from tests.cli.conftest import Call, Demo
from tests.cli.running import command, environment, run, terminal


@contextmanager
def opened(config: Path) -> Iterator[World]:
    with app.world(config) as world:
        yield world


def requests_of(demo: Demo, company: str) -> list[Request]:
    with opened(demo.config) as world:
        return world.store.requests(company=company)


# --- report ---


def test_the_report_is_written_once_more_and_its_place_printed(demo: Demo, tmp_path: Path, call: Call) -> None:
    done = call("report", "-c", demo.config, "--out", tmp_path / "new" / "r.html")

    path = Path(urlparse(done.out.strip()).path)
    assert done.code == 0
    assert path == (tmp_path / "new" / "r.html").resolve()
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "Morgentau Tee" in page


def test_without_out_it_lies_in_the_configs_own_folder_for_reports(demo_copy: Path, call: Call) -> None:
    done = call("report", "-c", demo_copy)

    path = Path(urlparse(done.out.strip()).path)
    assert path.parent == (demo_copy.parent / "out").resolve()
    assert re.fullmatch(r"report-\d{4}-\d{2}-\d{2}\.html", path.name)


def test_the_report_as_text_names_every_company(demo: Demo, call: Call) -> None:
    done = call("report", "-c", demo.config, "--text")

    assert done.code == 0
    for name in ("Morgentau Tee", "Waldhaus Möbel", "Silent Sofa"):
        assert name in done.out


def test_the_report_as_json_is_one_document(demo: Demo, call: Call) -> None:
    facts = json.loads(call("report", "-c", demo.config, "--json", "--company", "silent-sofa").out)

    assert {group["company"] for group in facts["groups"]} == {"silent-sofa", "*"}


@pytest.mark.parametrize(("company", "code"), [("silent-sofa", 3), ("morgentau-tee", 0)])
def test_a_script_can_ask_whether_every_objective_was_met(demo: Demo, call: Call, company: str, code: int) -> None:
    done = call("report", "-c", demo.config, "--json", "--check", "--company", company)

    assert done.code == code
    assert json.loads(done.out)["groups"], "the figures are printed all the same"


def test_only_one_audit_can_be_reported(demo: Demo, call: Call) -> None:
    facts = json.loads(call("report", "-c", demo.config, "--json", "--audit", "1").out)

    assert sum(group["n"] + group["void"] for group in facts["groups"] if group["company"] != "*") == 22


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--audit", "7"), '--audit: there is no audit "7"'),
        (("--company", "sofa"), 'company: there is no "sofa" in config.toml; known are: brightwater-pools, '),
        (("--company", "silent sofa"), 'company: there is no "silent sofa" in config.toml; write "silent-sofa"'),
        (("--period", "1 hr"), '--period: "1 hr" is no period; write "28 d", "this month", '),
        (("--period", "2026-11-30..2026-11-01"), '--period: "2026-11-30..2026-11-01" ends before it begins'),
        (
            ("--period", "2026-11-31..2026-12-01"),
            '--period: "2026-11-31..2026-12-01" is no period; write "28 d", ',
        ),
        (("--period", "9999999 d"), '--period: "9999999 d" reaches beyond the years 1 to 9999'),
    ],
)
def test_a_wrong_choice_is_one_line(demo: Demo, call: Call, words: tuple[str, str], message: str) -> None:
    done = call("report", "-c", demo.config, *words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(message)
    assert len(done.err.splitlines()) == 1


def test_reading_needs_neither_password_nor_server(demo_copy: Path, call: Call) -> None:
    text = demo_copy.read_text(encoding="utf-8")
    demo_copy.write_text(text.replace('imap_password = "practice"', 'imap_password_env = "NOBODY_SET_THIS"'), "utf-8")

    for words in (("status",), ("report", "--text"), ("plan",)):
        assert call(*words, "-c", demo_copy).code == 0, words


# --- status ---


def after(lines: list[str], pattern: str) -> list[str]:
    """Return the one line that begins so, and all that follow."""
    (place,) = [number for number, line in enumerate(lines) if re.match(pattern, line)]
    return lines[place:]


def test_status_says_first_what_goes_wrong_then_lists_the_oldest_open_requests(demo: Demo, call: Call) -> None:
    lines = call("status", "-c", demo.config).lines

    assert re.fullmatch(r"\d\d error budgets used up or near it:", lines[0])
    assert lines[1].split() == ["Company", "Channel", "Objective", "Misses", "Since", "State"]
    assert all(re.search(r"  \d+ of \d+ +\d{4}-\d\d-\d\d  (used up|near it)$", row) for row in lines[2:7])
    assert re.fullmatch(r"… and \d+ more; --all shows them", lines[7])
    assert lines[8] == ""
    assert re.fullmatch(r"practice: looked through until \w{3} \d{4}-\d\d-\d\d \d\d:\d\d", lines[9])
    assert lines[10].startswith("public: looked through until ")
    assert lines[11].startswith("messenger: looked through until ")
    found = after(lines, r"\d\d open requests, the oldest first:")
    head, rows = found[1], found[2:22]
    assert head.split() == ["Request", "Company", "Channel", "Asked", "About", "No", "person", "for", "State"]
    for row in rows:
        for word in ("Company", "Channel", "Asked", "About", "No person for", "State"):
            place = head.index(word)
            assert row[place - 2 : place] == "  ", row
            assert row[place] != " ", row
    asked = [re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", row) for row in rows]
    assert [one[0] for one in asked if one] == sorted(one[0] for one in asked if one)
    assert re.fullmatch(r"… and \d+ more; --all shows them", found[22])
    assert found[23:] == ["", "no slot is planned", "times are those of Europe/Berlin"]


def test_status_shows_all_of_them_when_asked(demo: Demo, call: Call) -> None:
    opens = r"\d\d open requests"
    short = after(call("status", "-c", demo.config).lines, opens)
    whole = call("status", "-c", demo.config, "--all")

    rows = [line for line in whole.lines if re.match(r"[PR]\w{8}  ", line)]
    assert len(rows) == int(after(whole.lines, opens)[0].split()[0]) > 20
    assert "more" not in whole.out
    assert short[:22] == after(whole.lines, opens)[:22]


def test_a_receipt_is_told_from_silence(demo: Demo, call: Call) -> None:
    rows = [row for row in call("status", "-c", demo.config, "--all").lines if re.match(r"[PR][0-9a-f]{8} ", row)]

    assert all(row.endswith("  receipt only") for row in rows if "Grand Atlas Hotels" in row)
    assert all(row.endswith("  pending") for row in rows if "Silent Sofa" in row)


def test_status_for_scripts_lists_everything(demo: Demo, call: Call) -> None:
    facts = json.loads(call("status", "-c", demo.config, "--json").out)

    shown = call("status", "-c", demo.config, "--all").out
    assert {one["request"] for one in facts["open"]} == set(re.findall(r"[PR][0-9a-f]{8}", shown))
    assert facts["audit"] is None
    assert facts["halted"] is None
    assert datetime.fromisoformat(facts["looks"]["practice"]).tzinfo is not None


def test_a_narrow_terminal_shows_less_of_it_and_a_pipe_all(demo: Demo, call: Call) -> None:
    def rows(columns: int) -> list[str]:
        with terminal("status", "-c", demo.config, cwd=demo.folder, columns=columns) as screen:
            lines = screen.end().lines
        assert max(map(len, lines)) <= max(columns, 76)
        return after(lines, r"\d\d open requests")[1:22]

    eighty, sixty = rows(80), rows(60)

    assert eighty[0].split() == ["Request", "Company", "Channel", "Asked", "No", "person", "for", "State"]
    assert all(re.search(r"  (email|twitter|xmpp)  ", row) for row in eighty[1:]), "only names and states need be cut"
    assert any("…" in row for row in sixty[1:])
    assert all(re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d  over \d", row) for row in sixty[1:]), "times stay whole"
    assert "About" in call("status", "-c", demo.config).out


# --- explain ---


def live(demo: Demo, company: str) -> Request:
    return next(request for request in requests_of(demo, company) if not request.made_up)


def test_explain_shows_all_that_is_behind_a_figure(demo: Demo, call: Call) -> None:
    request = live(demo, "morgentau-tee")

    done = call("explain", "-c", demo.config, request.public_id)

    assert done.code == 0
    assert done.lines[0] == f"{request.public_id}: Morgentau Tee, by email to service@morgentau-tee.example"
    for expected in (
        r"^  verdict           answered$",
        r"^  first response    \d+ min( \d+ s)? ± \d+\.\d{3} s$",
        r"^  held to           mean of first responses at most 1 h$",
        r"^  held to           90 % of answers within 1 d$",
        r"^  window            7 d; replies are matched for 30 d$",
        r"^  attempt 1         .*: sent$",
        r"^                    127\.0\.0\.1: 250 2\.0\.0 taken over$",
        r"^  wait began        \d{4}-.* ± \d+\.\d{3} s: the company's side took it over$",
        r"^  answer            \d{4}-.* ± 1\.000 s$",
        r"^  written by        company: morgentau-tee\.example, ",
        r"^  tied by           delivered-to \(certain\): ....…$",
        r"^  because           \S",
        r"^  stamped by        own-mx \(\S.*\)$",
        r"^  sender says       \d{4}-.*; never used for a wait$",
        r"^  evidence          sha256 [0-9a-f]{64}$",
    ):
        assert re.search(expected, done.out, re.MULTILINE), expected


def test_explain_says_what_is_made_up_and_what_was_only_acknowledged(demo: Demo, call: Call) -> None:
    request = next(request for request in requests_of(demo, "grand-atlas-hotels") if request.made_up)

    done = call("explain", "-c", demo.config, request.public_id)

    assert done.lines[1].startswith("made up: ")
    assert re.search(r"^  acknowledged      after .*, by a machine; this ends no wait$", done.out, re.MULTILINE)
    assert re.search(r"^  verdict           missed$", done.out, re.MULTILINE)
    assert "made up" not in call("explain", "-c", demo.config, live(demo, "silent-sofa").public_id).out


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize("company", ["morgentau-tee", "fenwick-lamps", "vellmer-uhren", "sattler-reisen"])
def test_explain_never_shows_the_secret_whole(demo: Demo, call: Call, company: str, as_json: tuple[str, ...]) -> None:
    asked = [request for request in requests_of(demo, company) if request.token in request.text.subject]  # no posts
    for request in (asked[0], asked[-1]):
        out = call("explain", "-c", demo.config, request.public_id, *as_json).out

        assert request.token in request.text.subject
        assert request.token.lower() not in out.lower()
        assert request.token[:MASK_KEEPS] + "…" in out


def test_explain_for_scripts_is_one_document(demo: Demo, call: Call) -> None:
    request = live(demo, "lindner-optik")

    facts = json.loads(call("explain", "-c", demo.config, request.public_id, "--json").out)

    assert facts["request"]["public_id"] == request.public_id
    assert "token" not in facts["request"]
    assert facts["standard"]["window"] == 7 * 86400
    assert facts["attempts"][0]["outcome"] == "sent"


def test_foreign_words_cannot_steer_the_terminal(demo_copy: Path, call: Call) -> None:
    with opened(demo_copy) as world:
        request = next(one for one in world.store.requests(company="morgentau-tee") if not one.made_up)
        (reply,) = world.store.replies([request.id])[request.id]
        message = world.store.message(reply.message_id)
    assert message is not None
    assert "\x1b" not in message.subject
    _poison(demo_copy.parent / "demo.db", message.id)

    out = call("explain", "-c", demo_copy, request.public_id).out

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[31mred" in out


def _poison(store: Path, message: int) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE message SET subject = ? WHERE id = ?", ("\x1b[31mred \u202efdp.exe", message))
    connection.close()


def test_an_unknown_request_is_one_line(demo: Demo, call: Call) -> None:
    done = call("explain", "-c", demo.config, "R00000000")

    assert (done.code, done.out) == (2, "")
    assert done.err == 'request: there is no "R00000000"; `slawatch status` and the report list them\n'


# --- check, plan, tick on a folder whose servers are gone ---


def test_check_names_each_fault_with_its_cure(demo: Demo, call: Call) -> None:
    done = call("check", "-c", demo.config)

    assert done.code == 1
    assert done.lines[0] == "ok       config.toml: 12 companies, 22 targets, 3 accounts"
    assert re.search(
        r"^FAULT    account practice: .*127\.0\.0\.1:\d+\n         cure: .*nobody listens", done.out, re.MULTILINE
    )
    assert re.search(
        r"^FAULT    account public: log in at http://127\.0\.0\.1:\d+\n         cure: ", done.out, re.MULTILINE
    )
    assert re.search(
        r"^FAULT    account messenger: .*\n         cure: 127\.0\.0\.1:\d+: nobody listens there; check host and port$",
        done.out,
        re.MULTILINE,
    )
    assert done.lines[-1] == "4 faults"


def test_check_for_scripts_says_the_same(demo: Demo, call: Call) -> None:
    done = call("check", "-c", demo.config, "--json")

    assert done.code == 1
    assert [one["ok"] for one in json.loads(done.out)] == [True, *[False] * 4]
    assert [one["result"] for one in json.loads(done.out)] == ["ok", *["fault"] * 4]


def test_a_mailbox_that_cannot_be_reached_is_exit_code_4(demo_copy: Path, call: Call) -> None:
    for words in (("tick",), ("collect",)):
        done = call(*words, "-c", demo_copy)

        assert done.code == 4, words
        assert re.search(r"^(.* )?practice: cannot look: 127\.0\.0\.1:\d+: nobody listens there; ", done.out)
        # The account on X is looked at in its own rhythm: it is due only some minutes after the demo's last look.
        assert all(re.match(r"(.* )?(practice|public|messenger): cannot look: ", line) for line in done.lines), done.out
        assert done.err == ""


def test_status_names_no_look_that_failed(demo_copy: Path, call: Call) -> None:
    before = after(call("status", "-c", demo_copy).lines, "practice: looked through until ")[0]

    assert call("tick", "-c", demo_copy).code == 4

    assert after(call("status", "-c", demo_copy).lines, "practice: looked through until ")[0] == before


def test_a_plan_without_a_schedule_says_how_to_ask(demo: Demo, call: Call) -> None:
    done = call("plan", "-c", demo.config)

    (line,) = done.lines
    assert line == "nothing is planned: no target has `every`, `cron` or `random`; `slawatch audit` asks on demand"
    assert json.loads(call("plan", "-c", demo.config, "--json").out)["slots"] == []


# --- pipes and other ends of lines ---


@pytest.mark.parametrize("words", [("status", "--all"), ("report", "--text"), ("report", "--json"), ("--help",)])
def test_a_reader_that_leaves_early_costs_no_complaint(demo: Demo, words: tuple[str, ...]) -> None:
    option = () if "--help" in words else ("-c", str(demo.config))
    with subprocess.Popen(
        command(*words, *option),
        cwd=demo.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        process.wait(timeout=60)

    assert complaint == ""
    assert process.returncode == 1


def test_a_full_disk_behind_the_output_is_one_line(demo: Demo) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("status", "-c", demo.config),
            cwd=demo.folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "output: No space left on device\n")


def test_the_config_may_stand_in_a_variable(demo: Demo, tmp_path: Path) -> None:
    done = run("status", cwd=tmp_path, env={"SLAWATCH_CONFIG": str(demo.config)})

    assert done.code == 0
    assert after(done.lines, "practice: ")


def test_nothing_that_only_reads_changes_the_store(demo_copy: Path, call: Call) -> None:
    with opened(demo_copy) as world:
        request = world.store.requests()[0]
        before = _everything(world)

    for words in (("status", "--all"), ("report", "--text"), ("explain", request.public_id), ("status", "--json")):
        assert call(*words, "-c", demo_copy).code == 0

    with opened(demo_copy) as world:
        assert _everything(world) == before


def _everything(world: World) -> list[object]:
    requests = world.store.requests()
    return [requests, world.store.replies(), world.store.slots(), world.store.messages()]


def test_a_report_is_named_after_the_day_it_is_where_its_reader_lives(call: Call, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    names = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never the same day
        config.write_text(f'store = "store.db"\ntimezone = "{zone}"\n', encoding="utf-8")
        names.append(Path(call("report", "-c", config).out.strip()).name)

    assert names[0] > names[1]
