"""Alerts: at least once and in order, reminders, quiet hours, an end that no crash loses; ping; metrics."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from slawatch import alerting as room
from slawatch.alerting import AlertError
from slawatch.noticing import Kind, Severity, Trouble
from slawatch.usecases import alerting, metrics, noticing
from slawatch.usecases.alerted import Alerting, alert, complete
from slawatch.usecases.tick import tick
from tests.servers.receiver import Receiver, receiving
from tests.stages import ACCOUNT, Opening, Stage, company

DISK = Trouble(key="disk", kind=Kind.DISK, severity=Severity.WARNING, words="5 MB are left", ours=True)
FULL = replace(DISK, severity=Severity.ERROR, words="1 MB is left")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


class Town:
    """A stage whose troubles a test names, and whose alerts go to a receiver."""

    def __init__(self, stage: Stage, troubles: list[Trouble]) -> None:
        self.stage, self.troubles = stage, troubles

    def passes(self, *troubles: Trouble, **span: float) -> Alerting:
        """Let time pass, then do what a pass does about alerts."""
        self.stage.forward(**span)
        self.troubles[:] = troubles
        return alert(self.stage.world)

    def states(self) -> list[tuple[str, str]]:
        return [(one.what, one.state) for one in self.stage.world.store.tellings()]


Building = Callable[..., Town]


@pytest.fixture
def town(stage: Opening, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Building:
    troubles: list[Trouble] = []
    monkeypatch.setattr(noticing, "wrong", lambda _facts, _standing: list(troubles))
    monkeypatch.setenv("ALERTS", f"json://127.0.0.1:{receiver.port}/hook")

    def build(extra: str = "", top: str = "") -> Town:
        table = f'\n[[alert]]\nto_env = "ALERTS"\n{extra}\n'
        opened = stage(top + company() + table) if not top else stage(company() + table)
        return Town(opened, troubles)

    return build


def test_a_trouble_is_told_once_and_its_end_once(town: Building, receiver: Receiver) -> None:
    here = town()

    for _ in range(3):
        here.passes(DISK, minutes=5)
    for _ in range(3):
        here.passes(minutes=5)

    assert receiver.titles == ["slawatch: 5 MB are left", "slawatch: resolved: 5 MB are left"]
    assert here.states() == [("raised", "told"), ("resolved", "told")]


def test_what_is_still_wrong_is_told_again_after_a_day_and_what_got_worse_at_once(
    town: Building, receiver: Receiver
) -> None:
    here = town()
    here.passes(DISK)
    here.passes(FULL, minutes=5)
    here.passes(FULL, hours=23)
    here.passes(FULL, hours=1)

    assert [one["message"].split(":")[0] for one in receiver.posts] == ["WARNING", "WORSE", "STILL"]


def test_the_same_trouble_is_told_anew_when_it_comes_back(town: Building, receiver: Receiver) -> None:
    here = town()
    for troubles in ([DISK], [], [DISK]):
        here.passes(*troubles, minutes=5)

    assert len(receiver.posts) == 3


def test_while_the_receiver_is_away_nothing_is_lost_and_no_end_comes_before_its_beginning(
    town: Building, receiver: Receiver
) -> None:
    here = town()
    receiver.status = 503
    assert here.passes(DISK).failures == [
        "alert alert: not told, will be tried again: json: the service did not take it"
    ]
    tried = len(receiver.posts)
    here.passes(minutes=1)
    assert len(receiver.posts) == tried  # it rests
    receiver.status = 200
    receiver.posts.clear()

    here.passes(minutes=10)

    assert receiver.titles == ["slawatch: resolved: 5 MB are left"]
    assert "over since " in receiver.posts[0]["message"]
    assert {state for _, state in here.states()} == {"told"}


def test_what_may_have_been_told_says_so(town: Building, receiver: Receiver) -> None:
    here = town()
    receiver.status = 503
    here.passes(DISK)
    receiver.status = 200

    here.passes(DISK, minutes=10)

    assert "It may have been told before" in receiver.posts[-1]["message"]


def test_quiet_hours_put_off_the_telling_and_not_the_time_it_began(town: Building, receiver: Receiver) -> None:
    here = town('quiet = "00:00-23:59"')
    here.passes(DISK)
    began = here.stage.clock.now()
    assert receiver.posts == []

    here.passes(DISK, hours=24)

    (alert_of,) = here.stage.world.store.alerts()
    assert alert_of.raised_at == began
    assert receiver.titles == ["slawatch: 5 MB are left"]


def test_only_what_is_wanted_is_told(town: Building, receiver: Receiver) -> None:
    here = town('on = ["account"]')

    here.passes(DISK)

    assert receiver.posts == []
    assert [one.key for one in here.stage.world.store.alerts(still_open=True)] == ["disk"]


def test_the_end_of_what_was_passing_is_no_news(town: Building, receiver: Receiver) -> None:
    here = town()
    here.passes(replace(DISK, passing=True))
    here.passes(minutes=5)

    assert len(receiver.posts) == 1


def test_a_recipient_that_the_config_no_longer_has_is_told_nothing(
    town: Building, receiver: Receiver, stage: Opening
) -> None:
    here = town()
    receiver.status = 503
    here.passes(DISK)
    here.stage = stage(company() + '\n[[alert]]\nname = "other"\nto_env = "ALERTS"\n')
    receiver.status = 200
    receiver.posts.clear()

    here.passes(DISK, minutes=10)

    assert here.states() == [("raised", "withdrawn"), ("raised", "told")]
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("instant", ["before", "after"])
def test_interrupted_between_telling_and_noting_it_is_told_again_and_says_so(
    town: Building, receiver: Receiver, stage: Opening, instant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = town()
    send = room.send

    def dies(url: str, *, title: str, body: str, error: bool) -> None:
        if instant == "after":
            send(url, title=title, body=body, error=error)
        raise KeyboardInterrupt  # like a kill: nothing of the pass is done any more

    monkeypatch.setattr(room, "send", dies)
    with pytest.raises(KeyboardInterrupt):
        here.passes(DISK)
    monkeypatch.setattr(room, "send", send)
    before = len(receiver.posts)
    assert before == (instant == "after")
    here.stage = stage()
    here.passes(DISK, minutes=1)
    assert len(receiver.posts) == before  # whoever sent it may still report back

    here.passes(minutes=10)  # it has ended meanwhile: that is what is told

    assert receiver.titles[before:] == ["slawatch: resolved: 5 MB are left"]
    assert {state for _, state in here.states()} == {"told"}


def test_a_crash_between_the_end_and_its_telling_loses_neither(
    town: Building, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = town()
    here.passes(DISK)
    intend = noticing._intend
    monkeypatch.setattr(noticing, "_intend", lambda *_given: (_ for _ in ()).throw(RuntimeError("crash")))
    with pytest.raises(RuntimeError):
        here.passes(minutes=5)
    monkeypatch.setattr(noticing, "_intend", intend)

    here.passes(minutes=5)

    assert receiver.titles[-1] == "slawatch: resolved: 5 MB are left"


def test_a_service_that_nobody_knows_is_named_without_its_secrets() -> None:
    with pytest.raises(AlertError) as caught:
        room.send("nosuch://token-of-mine@host", title="t", body="b", error=True)

    assert "nosuch" in str(caught.value)
    assert "token-of-mine" not in str(caught.value)


def test_a_real_account_that_fails_is_told_after_a_quarter_of_an_hour(
    stage: Opening, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERTS", f"json://127.0.0.1:{receiver.port}/hook")
    here = stage(company() + '\n[[alert]]\nto_env = "ALERTS"\n')
    for _ in range(4):
        here.world.store.note_failure("main", "login refused")
        alert(here.world)
        here.forward(minutes=5)

    assert len(receiver.posts) == 1
    assert "cannot be read" in receiver.posts[0]["message"]

    tick(here.world)

    assert "RESOLVED" in receiver.posts[-1]["message"]


def test_a_trial_is_sent_at_any_hour_and_says_so_and_one_that_fails_says_why(
    town: Building, receiver: Receiver
) -> None:
    world = town('quiet = "00:00-23:59"').stage.world
    (recipient,) = world.config.alarms.recipients

    assert alerting.try_out(world, recipient) == ""
    receiver.status = 500
    assert alerting.try_out(world, recipient) == "json: the service did not take it"

    assert receiver.titles[0] == "slawatch: a trial"
    assert world.store.tellings() == []


# --- ping and metrics ---


def test_the_ping_is_asked_after_a_pass_and_a_failure_is_noted_once(
    stage: Opening, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = stage(company())
    monkeypatch.setenv("PING", f"http://127.0.0.1:{receiver.port}/alive/secret")
    config = here.world.config.path
    config.write_text('ping_env = "PING"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    here = stage()

    tick(here.world)
    receiver.status = 500
    for _ in range(3):
        here.forward(minutes=5)
        tick(here.world)
    receiver.status = 200
    tick(here.world)

    events = [one.detail for one in here.world.store.events(here.clock.now() - timedelta(days=1)) if one.kind == "ping"]
    assert receiver.gets == ["/alive/secret"] * 5
    assert events == ["ping: it was answered with 500", "it is answered again"]


def test_a_ping_that_nobody_answers_stops_nothing_and_shows_no_address(
    stage: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as gone:
        port = gone.port

    assert alerting._asked(f"http://127.0.0.1:{port}/secret").startswith("ping: no answer")
    assert "secret" not in alerting._asked("file:///secret")


def test_while_an_alert_cannot_leave_the_other_address_is_asked_in_place_of_the_ping(
    stage: Opening, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"http://127.0.0.1:{receiver.port}"
    monkeypatch.setenv("ALERTS", "json://127.0.0.1:1/")
    monkeypatch.setenv("PING", f"{where}/alive")
    monkeypatch.setenv("FAIL", f"{where}/fail")
    monkeypatch.setattr("tests.stages.ACCOUNT", 'ping_env = "PING"\nping_fail_env = "FAIL"\n' + ACCOUNT)
    here = stage(company() + '\n[[alert]]\nto_env = "ALERTS"\n')
    here.far.go_away()
    for _ in range(4):  # cannot be read for a quarter of an hour
        here.forward(minutes=5)
        done = tick(here.world)

    assert done.part_undone
    assert receiver.gets == ["/alive"] * 3 + ["/fail"]

    here.forward(seconds=10)
    assert not tick(here.world).alerting.failures  # nobody is tried so soon again, and still nobody was told
    assert receiver.gets[-1] == "/fail"


def test_a_ping_that_answers_a_letter_at_a_time_holds_up_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "PING_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            visitor, _ = server.accept()
            with visitor, suppress(OSError):
                for _ in range(100):
                    over.wait(0.01)
                    visitor.sendall(b"H")

        over = Event()
        dripping = Thread(target=drip)
        dripping.start()
        said = alerting._asked_in_time(f"http://127.0.0.1:{server.getsockname()[1]}/secret")
        over.set()
        dripping.join()

    assert said == "ping: no answer within 0.2 s"


def test_no_log_no_event_and_no_line_holds_an_address_that_is_a_secret(
    stage: Opening, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERTS", "json://user:planted-1@127.0.0.1:1/planted-2?key=planted-3")
    monkeypatch.setenv("PING", "http://127.0.0.1:1/planted-4")
    monkeypatch.setattr("tests.stages.ACCOUNT", 'ping_env = "PING"\n' + ACCOUNT)
    caplog.set_level("DEBUG")
    here = stage(company() + '\n[[alert]]\nto_env = "ALERTS"\n')
    here.far.go_away()
    for _ in range(4):
        here.forward(minutes=5)
        done = tick(here.world)

    captured = capfd.readouterr()
    events = here.world.store.events(here.clock.now() - timedelta(days=1))
    assert "json: the service did not take it" in str(done.alerting.failures)
    assert any("ping: no answer" in one.detail for one in events)
    # What apprise's own libraries say at the lowest level names the path of what they ask; nothing of ours logs that.
    ours = [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
    said = f"{captured} {events} {done} {here.news} {here.world.store.alerts()} {here.world.store.tellings()} {ours}"
    assert "planted" not in said


def test_the_textfile_is_written_whole_and_read_by_the_rules_of_prometheus(stage: Opening, tmp_path: Path) -> None:
    here = stage(company())
    config = here.world.config.path
    config.write_text('metrics = "slawatch.prom"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    here = stage()
    tick(here.world)

    text = (tmp_path / "slawatch.prom").read_text(encoding="utf-8")

    assert f"slawatch_last_pass_timestamp_seconds {int(here.clock.now().timestamp())}" in text
    assert 'slawatch_alerts{kind="account",severity="error"} 0' in text
    assert 'slawatch_account_up{account="main"} 1' in text
    assert [path.name for path in tmp_path.glob(".*prom*")] == []
    assert text.splitlines()[:4] == metrics.text(here.world).splitlines()[:4]


def test_a_textfile_that_cannot_be_written_is_told_and_stops_nothing(stage: Opening, receiver: Receiver) -> None:
    here = stage(company())
    config = here.world.config.path
    config.write_text('metrics = "nowhere/slawatch.prom"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    here = stage()
    done = Alerting()

    complete(here.world, done)

    assert done.failures[0].startswith("metrics: ")
