"""`slawatch record`: typed afterwards, and with the stopwatch in a terminal, in a pipe, interrupted and killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slawatch import app
from slawatch.cli import instants
from slawatch.cli.instants import AN_INSTANT, JUST_NOW
from slawatch.cli.record import Given
from slawatch.cli.stopwatch import Pressed, _Stopwatch
from slawatch.errors import StoreError, UsageError
from slawatch.model import Delivery, MessageKind
from slawatch.usecases import audit, by_hand, recorded, recording
from slawatch.usecases.recorded import Recorded
from slawatch.usecases.tick import tick
from tests.cli.conftest import Call
from tests.cli.running import CTRL_C, Terminal, command, environment, terminal, terminal_of

CONFIG = """
timezone = "Europe/Berlin"

[account.hand]
channel = "manual"
name = "Robin Beispiel"

[company.acme]
name = "Acme"
relationship = "own"
language = "en"
[[company.acme.target]]
channel = "manual"
address = "phone:+49 30 1234567"
[[company.acme.target]]
channel = "manual"
address = "letter:Acme GmbH, Musterstr. 1, 10115 Berlin"
"""
ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 22, 16, 30, 20, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NAME = re.compile(r"R[0-9a-f]{8}")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.touch(mode=0o600)
    path.write_text(CONFIG, encoding="utf-8")
    return path


def kept(config: Path) -> list[Recorded]:
    """Return what the store holds, the first asked first."""
    with app.world(config) as world:
        return [recorded.shown(world, request) for request in world.store.requests()]


def kinds(found: Recorded) -> list[MessageKind]:
    return [reply.kind for reply in found.replies]


# --- times ---


@pytest.mark.parametrize(
    ("text", "at", "earlier", "later"),
    [
        ("now", NOW, JUST_NOW, 0 * SECOND),
        ("10:04", datetime(2026, 11, 22, 9, 4, tzinfo=UTC), 0 * SECOND, MINUTE - AN_INSTANT),
        ("9:04:30", datetime(2026, 11, 22, 8, 4, 30, tzinfo=UTC), 0 * SECOND, SECOND - AN_INSTANT),
        ("17:30", datetime(2026, 11, 22, 16, 30, tzinfo=UTC), 0 * SECOND, 20 * SECOND),  # no later than now
        ("yesterday 17:30", datetime(2026, 11, 21, 16, 30, tzinfo=UTC), 0 * SECOND, MINUTE - AN_INSTANT),
        ("2026-07-01T12:00", datetime(2026, 7, 1, 10, 0, tzinfo=UTC), 0 * SECOND, MINUTE - AN_INSTANT),
        ("2026-07-01 12:00+00:00", datetime(2026, 7, 1, 12, 0, tzinfo=UTC), 0 * SECOND, MINUTE - AN_INSTANT),
        ("2026-11-20", datetime(2026, 11, 19, 23, 0, tzinfo=UTC), 0 * SECOND, timedelta(days=1) - AN_INSTANT),
        ("5 min ago", NOW - 5 * MINUTE, MINUTE / 2, MINUTE / 2),
        ("2 h ago", NOW - timedelta(hours=2), 30 * MINUTE, 30 * MINUTE),
        # The clocks showed it twice: it may be the second time.
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 0 * SECOND, 61 * MINUTE - AN_INSTANT),
    ],
)
def test_a_time_is_read_on_the_companys_clocks(text: str, at: datetime, earlier: timedelta, later: timedelta) -> None:
    found = instants.read(text, zone=ZONE, now=NOW, where="--sent")

    assert (found.at, found.earlier, found.later) == (at, earlier, later)
    assert found.noted


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "10", "2026-13-01", "ago", "5 apples ago", "tomorrow 10:00", "Z"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match=r'--sent: ".*" is no time; write "now", "5 min ago"'):
        instants.read(text, zone=ZONE, now=NOW, where="--sent")


def test_an_hour_that_the_clocks_skipped_never_was() -> None:
    with pytest.raises(UsageError, match="never was: the clocks of Europe/Berlin were put on"):
        instants.read("2026-03-29 02:30", zone=ZONE, now=NOW, where="--sent")


# --- typed afterwards ---


def test_a_call_is_recorded_in_one_line_and_added_to_in_another(config: Path, call: Call) -> None:
    first = call(
        *("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--robot", "8 min ago"),
        *("--interim", "5 min ago|Mr Weber, he looks it up", "--promise", "we call back by tomorrow noon"),
    )
    (name,) = set(NAME.findall(first.out))
    second = call("record", "-c", config, "acme/phone", "--answer", "now|three days")

    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")
    assert "  answered: first response 4 min, answer over 4 min" in first.lines
    assert "  promised: “we call back by tomorrow noon”" in first.lines
    assert f"  mistyped: slawatch record {name} --undo" in first.lines
    assert name in second.out
    (found,) = kept(config)
    assert kinds(found) == [MessageKind.BOT, MessageKind.INTERIM, MessageKind.ANSWER]


def test_the_json_of_a_record_is_as_documented(config: Path, call: Call) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/json.md").read_text(encoding="utf-8")
    documented = page.partition("## slawatch record --json\n")[2].split("```")[1].removeprefix("json")

    done = call(
        *("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--json"),
        *("--interim", "5 min ago", "--promise", "we call back by tomorrow noon"),
    )

    facts, example = json.loads(done.out), json.loads(documented)
    assert [*facts] == [*example]
    assert [*facts["replies"][0]] == [*example["replies"][0]]
    assert [*facts["promises"][0]] == [*example["promises"][0]]
    assert (facts["network"], facts["first_response_seconds"]) == ("phone", 240.0)


def test_a_mistake_in_one_of_several_times_keeps_none_of_them(config: Path, call: Call) -> None:
    done = call(
        "record", "-c", config, "acme/phone", "--sent", "9 min ago", "--robot", "8 min ago", "--answer", "25:00"
    )

    assert done.code == 2
    assert done.err.startswith('--answer: "25:00" is no time')
    assert kept(config) == []


def test_a_file_that_cannot_be_kept_keeps_nothing(config: Path, call: Call) -> None:
    done = call("record", "-c", config, "acme/letter", "--sent", "yesterday", "--evidence", "missing.jpg")

    assert (done.code, done.err) == (2, '--evidence: "missing.jpg" cannot be read: No such file or directory\n')
    assert kept(config) == []


def test_what_was_mistyped_is_taken_back(config: Path, call: Call) -> None:
    made = call("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--answer", "8 min ago", "--json")
    name = json.loads(made.out)["request"]

    done = call("record", "-c", config, name, "--undo")

    assert done.lines[0] == "taken back: answer"
    assert "  pending: first response over 0 s, answer over 0 s" in done.lines
    assert call("record", "-c", config, name, "--undo").lines[0] == "taken back: that it was asked"
    assert call("record", "-c", config, name, "--undo").code == 2


def test_nobody_reached_is_void_with_the_reason(config: Path, call: Call) -> None:
    done = call("record", "-c", config, "acme/phone", "--unreachable", "offline", "nobody picked up")

    assert done.code == 0
    assert "void: offline (nobody picked up)" in done.lines[0]


def test_giving_up_takes_it_from_the_list_of_open_ones(config: Path, call: Call) -> None:
    call("record", "-c", config, "acme/phone", "--sent", "9 min ago")
    assert "1 open request, the oldest first:" in call("status", "-c", config).lines

    done = call("record", "-c", config, "acme/phone", "--given-up", "now")

    assert done.lines[1] == "  pending: first response over 9 min, answer over 9 min"
    assert "then you gave up waiting" in done.out
    assert "no open requests" in call("status", "-c", config).lines


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "record: say whom you asked; `slawatch record --help` shows how"),
        (("acme/phone",), "record: say what happened, like --sent 10:04 --answer 10:09, or take the time"),
        (("acme/phone", "--answer", "now"), 'record: nothing is open at "phone:+49 30 1234567"; say when you asked'),
        (("acme", "--sent", "now"), 'record: "acme" has several ways: "phone:+49 30 1234567", "letter:'),
        (("acme/phone", "--sent", "2099-01-01"), '--sent: "2099-01-01 00:00:00" is still to come in Europe/Berlin'),
        (("acme/phone", "--unreachable", "lazy", "x"), '--unreachable: "lazy" is no reason; write one of offline, '),
        (
            ("acme/phone", "--sent", "now", "--promise", "we call today"),
            "--promise: say in which reply, like --interim",
        ),
        (("acme/phone", "--live", "--sent", "now"), "--live: it takes the times itself"),
        (("acme/phone", "--sent", "now", "--probe", "nope"), '--probe: there is no "nope"; there are: accessibility'),
        (("acme/phone", "--sent", "now", "--told-again", "yes"), "--told-again: "),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(config: Path, call: Call, words: tuple[str, ...], why: str) -> None:
    done = call("record", "-c", config, *words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(why)
    assert done.err.count("\n") == 1
    assert kept(config) == []


def test_what_is_due_by_hand_stands_in_status_with_the_command(config: Path, call: Call) -> None:
    with app.world(config) as world:
        audit.start(world, [by_hand.target_of(world, "acme/phone")], over=timedelta(0), until=None, name="test")
        tick(world)
        (request,) = world.store.requests()

    shown = call("status", "-c", config)
    (waits,) = json.loads(call("status", "-c", config, "--json").out)["to_ask"]

    assert "1 question waits for you to ask by hand:" in shown.lines
    assert any(line.endswith(f"slawatch record {request.public_id} --live") for line in shown.lines)
    assert any(line.endswith("to be asked by you") for line in shown.lines)
    assert (waits["request"], waits["text"]) == (request.public_id, request.text.body)
    assert call("adopt", "-c", config).lines == ["nothing waits for you to post it"]
    assert call("skip", "-c", config, request.public_id).lines == [f"{request.public_id}: skipped"]


def test_what_was_asked_before_something_was_prepared_is_something_else(config: Path, call: Call) -> None:
    with app.world(config) as world:
        audit.start(world, [by_hand.target_of(world, "acme/phone")], over=timedelta(0), until=None, name="test")
        tick(world)
        (request,) = world.store.requests()

    earlier = call("record", "-c", config, "acme/phone", "--sent", "yesterday 10:00", "--json")
    now = call("record", "-c", config, "acme/phone", "--sent", "now", "--json")

    assert json.loads(earlier.out)["request"] != request.public_id
    assert json.loads(now.out)["request"] == request.public_id


def test_what_stands_behind_it_is_explained(config: Path, call: Call) -> None:
    made = call("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--refusal", "8 min ago|no", "--json")

    done = call("explain", "-c", config, json.loads(made.out)["request"])

    assert done.code == 0
    assert "a person decided it: “recorded by hand”" in done.out
    assert 'stamped by        seen (typed as "8 min ago")' in done.out


def test_a_question_is_replied_to_by_hand(config: Path, call: Call) -> None:
    made = call("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--question", "8 min ago|Which order?")
    (name,) = set(NAME.findall(made.out))
    assert f"  when you have replied: slawatch follow-up {name} --sent-at TIME" in made.lines

    shown = call("follow-up", "-c", config, name)
    refused = call("follow-up", "-c", config, name, "--send")
    at = datetime.now(UTC) - 6 * MINUTE
    done = call("follow-up", "-c", config, name, "--sent-at", at.isoformat())
    answered = call("record", "-c", config, name, "--answer", "now", "--json")

    assert shown.lines[-1] == f"Say it, or write it; then: slawatch follow-up {name} --sent-at TIME"
    assert (refused.code, refused.err) == (
        2,
        "follow-up: phone:+49 30 1234567 is replied to by hand; do that, then give --sent-at\n",
    )
    assert done.code == 0
    assert json.loads(answered.out)["answer_seconds"] < 8 * 60  # two minutes were ours


# --- the stopwatch ---


def begun(screen: Terminal) -> str:
    """Wait until the stopwatch takes keys, press the first one, and return the request's name."""
    screen.until(lambda text: "not begun" in text)
    screen.press(b" ")
    text = screen.until(lambda text: "it rings [R" in text)
    return str(NAME.findall(text.partition("it rings [")[2])[0])


def test_two_keys_stamp_a_call(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        name = begun(screen)
        assert [one.request.delivery for one in kept(config)] == [Delivery.SENT]  # while it is still running
        screen.press(b"a")
        screen.until(lambda text: "they answered" in text.partition("it rings [")[2])
        assert kinds(kept(config)[0]) == [MessageKind.ANSWER]
        screen.press(b".")
        screen.until(lambda text: "What did they say" in text)
        screen.press(b"three days\n")
        screen.until(lambda text: "What did they promise" in text)
        screen.press(b"soon\n")
        screen.until(lambda text: '"soon" names no time' in text)
        screen.press(b"\n")
        screen.until(lambda text: "A file to keep" in text)
        screen.press(b"config.toml\n")
        done = screen.end()

    assert done.code == 0
    assert "Acme, by phone, +49 30 1234567" in done.out
    assert "your reference, if they want one: " in done.out
    (found,) = kept(config)
    assert (found.request.public_id, kinds(found)) == (name, [MessageKind.ANSWER])
    assert found.replies[0].stamps.why == "by a key, give or take half a second"
    with app.world(config) as world:
        (shown,) = world.store.exhibits([found.request.id])[found.request.id]
        assert world.store.raw(shown.sha256) == config.read_bytes()


def test_a_call_with_a_machine_a_queue_and_somebody_who_asks_back(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        begun(screen)
        for key, what in ((b"m", "a machine speaks"), (b"p", "a person is there"), (b"q", "they ask back")):
            screen.press(key)
            screen.until(lambda text, what=what: text.count(what) >= 2)  # type: ignore[misc]
        screen.press(b"u")
        screen.until(lambda text: "taken back: question" in text)
        screen.press(b"z")
        screen.until(lambda text: '"z" means nothing here' in text)
        screen.press(b"g")
        for question in ("What did they say", "What did they promise", "A file to keep"):
            screen.until(lambda text, question=question: question in text)  # type: ignore[misc]
            screen.press(b"\n")
        done = screen.end()

    (found,) = kept(config)
    assert (done.code, kinds(found), found.given_up) == (0, [MessageKind.BOT, MessageKind.INTERIM], True)


def test_keys_that_come_at_once_all_count(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        screen.until(lambda text: "not begun" in text)
        screen.press(b" mpa")
        screen.until(lambda text: text.count("they answered") >= 2)
        screen.press(b"\x1b[A")  # an arrow: nothing
        screen.press(CTRL_C)
        done = screen.end()

    assert kinds(kept(config)[0]) == [MessageKind.BOT, MessageKind.INTERIM, MessageKind.ANSWER]
    assert "means nothing" not in done.out


def test_a_stamp_that_the_store_cannot_take_now_is_kept_later_with_its_own_time(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [StoreError("store: the disk is full")]

    def said(*words: Any, **more: Any) -> None:
        if faults:
            raise faults.pop()
        kept_as_ever(*words, **more)

    kept_as_ever = recording.said
    monkeypatch.setattr(recording, "said", said)
    pressed = [Pressed(" "), Pressed("a"), None, Pressed(".")]
    with app.world(config) as world:
        given = Given(
            **dict.fromkeys(field.name for field in fields(Given)) | {"replies": {}, "evidence": ()}  # type: ignore[arg-type]
        )
        watch = _Stopwatch(world, by_hand.prepare(world, by_hand.target_of(world, "acme/phone")), given, "robin")
        monkeypatch.setattr(watch.keys, "pressed", lambda: pressed.pop(0))
        watch.go()

    assert "not kept so far, trying again" in capsys.readouterr().out
    assert kinds(kept(config)[0]) == [MessageKind.ANSWER]


def test_a_line_that_is_busy_takes_three_keys(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        begun(screen)
        screen.press(b"x")
        screen.until(lambda text: "busy, or it turned you away" in text)
        screen.press(b"b")
        screen.until(lambda text: "A file to keep" in text)
        screen.press(b"\n")
        done = screen.end()

    assert done.code == 0
    assert "void: blocked (busy, or it turned you away)" in done.out


def test_ctrl_c_keeps_what_was_stamped_and_says_how_to_go_on(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        name = begun(screen)
        screen.press(CTRL_C)
        done = screen.end()

    assert done.code == 130
    assert "interrupted; what was stamped is kept" in done.out
    assert f"slawatch record {name} --answer now" in done.out
    (found,) = kept(config)
    assert found.listened_until is not None
    assert found.request.accepted_at is not None
    assert found.listened_until - found.request.accepted_at > AN_INSTANT  # they listened until then


def test_ctrl_c_before_the_first_key_records_nothing(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        screen.until(lambda text: "not begun" in text)
        screen.press(CTRL_C)
        done = screen.end()

    assert "nothing was stamped, so nothing was recorded" in done.out
    assert kept(config) == []


def test_a_stopwatch_that_is_killed_loses_no_stamp(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        name = begun(screen)
        screen.press(b"m")
        screen.until(lambda text: text.count("a machine speaks") >= 2)
        screen._process.send_signal(signal.SIGKILL)
        screen.end()

    (found,) = kept(config)
    assert (found.request.public_id, kinds(found)) == (name, [MessageKind.BOT])
    assert found.listened_until is not None
    assert found.replies[0].stamps.at < found.listened_until <= found.replies[0].stamps.at + AN_INSTANT


def test_a_terminal_that_goes_away_ends_the_listening_and_loses_nothing(config: Path) -> None:
    with terminal("record", "-c", config, "acme/phone", "--live", cwd=config.parent) as screen:
        begun(screen)
        screen.until(lambda text: "0:00:01 since it rings" in text)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), screen._master)  # hangs up, and leaves something to be closed in the end
        screen._process.wait(timeout=60)

    (found,) = kept(config)
    assert found.why == "stopped listening"


def test_one_that_was_interrupted_goes_on_by_its_name(config: Path, call: Call) -> None:
    made = call("record", "-c", config, "acme/phone", "--sent", "9 min ago", "--json")
    name = json.loads(made.out)["request"]

    with terminal("record", "-c", config, name, "--live", cwd=config.parent) as screen:
        screen.until(lambda text: "since it rings" in text)
        screen.press(b"a")
        screen.until(lambda text: text.count("they answered") >= 2)
        screen.press(CTRL_C)
        screen.end()

    (found,) = kept(config)
    assert (found.request.public_id, kinds(found)) == (name, [MessageKind.ANSWER])


def test_the_terminal_is_as_before(config: Path) -> None:
    words = " ".join(f"'{word}'" for word in command("record", "-c", config, "acme/phone", "--live"))
    script = f'before=$(stty -g); {words}; [ "$before" = "$(stty -g)" ] && echo the same'
    with terminal_of(["bash", "-c", script], cwd=config.parent) as screen:
        screen.until(lambda text: "not begun" in text)
        screen.press(b".")
        done = screen.end()

    assert "the same" in done.out


def test_in_a_pipe_each_line_is_a_key_and_what_was_said(config: Path) -> None:
    done = subprocess.run(
        command("record", "-c", config, "acme/phone", "--live"),
        cwd=config.parent,
        env=environment(),
        input=" \nm welcome to Acme, press 1\na they deliver in 3 days\n",
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    (found,) = kept(config)
    assert kinds(found) == [MessageKind.BOT, MessageKind.ANSWER]


def test_nothing_is_asked_while_everything_is_paused(config: Path, call: Call) -> None:
    call("pause", "-c", config)

    done = call("record", "-c", config, "acme/phone", "--live")

    assert done.code == 2
    assert done.err.startswith("record: everything is paused; `slawatch resume`")


def test_on_another_way_the_number_is_shown_and_whether_all_was_told_again_is_asked(config: Path, call: Call) -> None:
    ticket = "now|Your ticket number is SRV-471122."
    made = call("record", "-c", config, "acme/letter", "--sent", "yesterday", "--acknowledged", ticket, "--json")
    name = json.loads(made.out)["request"]

    with terminal("record", "-c", config, "acme/phone", "--live", "--continues", name, cwd=config.parent) as screen:
        begun(screen)
        assert "their number for it: SRV-471122" in screen.text
        screen.press(b"t")
        screen.until(lambda text: "everything had to be told again: yes" in text)
        screen.press(CTRL_C)
        screen.end()

    first, second = kept(config)
    assert (second.request.continues, second.request.told_again) == (first.request.id, True)
