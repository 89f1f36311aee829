"""Reports by e-mail: due by the calendar, sent once to each, tried again where nothing left, and told of if unsure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from slawatch.channels.base import Enclosure, Note, Sent, Unknown
from slawatch.errors import BusyError, ChannelRefusedError, ChannelUnavailableError, ChannelUncertainError
from slawatch.store import LetterState
from slawatch.testing import MemoryChannel, MemoryWorld
from slawatch.usecases import mailing
from slawatch.usecases.check import check
from slawatch.usecases.mailing import mail_due, mail_now, packed, troubles, unpacked
from slawatch.usecases.status import status
from slawatch.usecases.tick import tick
from slawatch.usecases.world import STOP_FILE, World
from tests.stages import Opening, Stage, company

WEEKLY = """
[[report]]
every = "week"
at = "Mon 07:30"
to = ["lead@example.org", "chief@example.org"]
"""
DAILY = '\n[[report]]\nevery = "day"\nat = "07:30"\nto = ["lead@example.org"]\n'


class Postman(MemoryChannel):
    """An account that can write to its user; `faults` are raised one after the other, after `swallowed` has left."""

    def __init__(self, far: MemoryWorld) -> None:
        super().__init__(far)
        self.notes: list[Note] = []
        self.faults: list[Exception | None] = []
        self.leaves = False

    def write(self, note: Note) -> Sent:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.leaves:
            self.notes.append(note)
        if fault is not None:
            raise fault
        return Sent(remote_id=self.note_id(note.key), accepted_at=self._world.clock.now(), evidence="250 taken")

    def note_id(self, key: str) -> str:
        return f"{key}@own.example"

    def find_note(self, key: str) -> Sent | Unknown:
        if any(note.key == key for note in self.notes):
            return Sent(remote_id=key, accepted_at=self._world.clock.now(), evidence="it lies in INBOX")
        return Unknown()


@dataclass
class Mails:
    """A stage with a postman."""

    stage: Stage
    postman: Postman

    def at(self, moment: str) -> mailing.Mailing:
        """Let the time come, in Berlin's summer or winter time as written, and do what is due."""
        self.until(moment)
        return mail_due(self.stage.world)

    def until(self, moment: str) -> None:
        self.stage.clock.forward(datetime.fromisoformat(moment) - self.stage.clock.now())

    def to(self) -> list[str]:
        return [note.to for note in self.postman.notes]

    def states(self) -> list[LetterState]:
        return [letter.state for letter in self.stage.world.store.letters()]


Opened = Callable[..., Mails]


@pytest.fixture
def opened(stage: Opening) -> Opened:
    postmen: list[Postman] = []

    def opening(report: str = WEEKLY) -> Mails:
        made = stage(company("shop", schedule='every = "1 d"'), report) if report else stage()
        postmen.append(postmen[-1] if postmen else Postman(made.far))
        made.world = replace(made.world, channel=lambda _account: postmen[-1])
        return Mails(made, postmen[-1])

    return opening


def test_a_weekly_report_leaves_with_the_first_pass_after_its_time_once_to_each(opened: Opened) -> None:
    mails = opened()

    assert mails.at("2026-04-01T09:00+02:00").sent == []
    assert mails.at("2026-04-06T07:29+02:00").sent == []
    mails.at("2026-04-06T07:31+02:00")
    for moment in ("2026-04-06T07:36+02:00", "2026-04-08T07:36+02:00", "2026-04-12T23:59+02:00"):
        mails.at(moment)

    assert mails.to() == ["lead@example.org", "chief@example.org"]
    lead = mails.postman.notes[0]
    assert lead.subject == "slawatch: nothing was asked (30 Mar – 5 Apr)"
    assert "chief@example.org" not in lead.body + lead.html
    assert lead.evidence
    (page,) = lead.enclosures
    assert (page.name, page.media) == ("report-2026-04-06.html", "text/html")
    kept = mails.stage.world.config.out / "mailed" / page.name
    assert kept.read_bytes() == page.raw


def test_what_was_due_before_the_config_had_it_is_not_sent(opened: Opened) -> None:
    mails = opened()

    mails.at("2026-04-06T07:31+02:00")
    mails.at("2026-04-06T08:00+02:00")
    assert mails.to() == []

    mails.at("2026-04-13T07:30+02:00")
    assert len(mails.to()) == 2


def test_after_an_outage_the_newest_one_leaves_and_no_burst(opened: Opened) -> None:
    mails = opened(DAILY)
    mails.at("2026-04-01T09:00+02:00")

    mails.at("2026-04-20T12:00+02:00")
    mails.at("2026-04-20T12:05+02:00")

    assert [note.subject for note in mails.postman.notes] == ["slawatch: nothing was asked (19 Apr)"]


def test_days_of_23_and_25_hours_bring_one_report_each(opened: Opened) -> None:
    mails = opened(DAILY.replace("07:30", "02:30"))
    mails.at("2026-10-23T12:00+02:00")

    moment = datetime(2026, 10, 23, 23, 30, tzinfo=UTC)
    while moment < datetime(2026, 10, 27, 2, tzinfo=UTC):
        moment += timedelta(hours=1)
        mails.at(moment.isoformat())

    days = [note.subject.partition("(")[2] for note in mails.postman.notes]
    assert days == ["23 Oct)", "24 Oct)", "25 Oct)", "26 Oct)"]


def test_a_second_process_and_a_reopened_store_send_no_second_copy(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-01T09:00+02:00")
    mails.at("2026-04-06T07:31+02:00")

    again = opened("")
    again.at("2026-04-06T07:31+02:00")

    assert len(again.to()) == 2


def test_the_intent_is_on_disk_before_the_first_byte_leaves(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-01T09:00+02:00")
    seen = []
    write = mails.postman.write

    def looking(note: Note) -> Sent:
        seen.append(mails.states())
        return write(note)

    mails.postman.write = looking  # type: ignore[method-assign]
    mails.at("2026-04-06T07:31+02:00")

    sending, intended, sent = LetterState.SENDING, LetterState.INTENDED, LetterState.SENT
    assert seen == [[sending, intended], [sent, sending]]


def test_where_the_server_is_away_it_is_tried_again_with_growing_pauses(opened: Opened) -> None:
    mails = opened(DAILY.replace('"day"', '"month"'))
    mails.at("2026-03-30T09:00+02:00")
    mails.postman.faults = [ChannelUnavailableError("smtp: away")] * 3

    done = mails.at("2026-04-01T07:30+02:00")
    assert done.failures == [
        "report report to lead@example.org: not sent, will be tried again: smtp: away",
    ]
    mails.at("2026-04-01T07:34+02:00")
    assert len(mails.postman.faults) == 2
    mails.at("2026-04-01T07:35+02:00")
    mails.at("2026-04-01T07:39+02:00")
    assert len(mails.postman.faults) == 1
    mails.at("2026-04-01T07:40+02:00")
    assert troubles(mails.stage.world) == [
        "report report to lead@example.org: not sent yet, will be tried again: smtp: away"
    ]
    mails.at("2026-04-01T07:50+02:00")

    assert mails.to() == ["lead@example.org"]
    assert troubles(mails.stage.world) == []


def test_what_cannot_leave_for_two_days_is_given_up_and_said(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-01T09:00+02:00")
    mails.postman.faults = [ChannelUnavailableError("smtp: away")] * 99
    mails.at("2026-04-06T07:30+02:00")
    mails.at("2026-04-07T07:30+02:00")

    done = mails.at("2026-04-08T07:30+02:00")

    assert len(done.failures) == 2
    assert mails.states() == [LetterState.WITHDRAWN] * 2
    assert "given up: smtp: away" in status(mails.stage.world).not_mailed[0]
    assert (
        len([one for one in mails.stage.world.store.events(datetime(2026, 4, 8, tzinfo=UTC)) if one.kind == "mail"])
        == 2
    )


def test_who_is_refused_gets_no_second_try_and_the_others_get_theirs(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-01T09:00+02:00")
    mails.postman.faults = [ChannelRefusedError("550 nobody of that name")]

    mails.at("2026-04-06T07:31+02:00")
    mails.at("2026-04-06T09:00+02:00")

    assert mails.to() == ["chief@example.org"]
    assert mails.states() == [LetterState.REFUSED, LetterState.SENT]


@pytest.mark.parametrize("left", [True, False])
def test_what_may_have_left_is_looked_for_and_never_sent_again(opened: Opened, left: bool) -> None:
    mails = opened(DAILY.replace('"day"', '"month"'))
    mails.at("2026-03-30T09:00+02:00")
    mails.postman.faults, mails.postman.leaves = [ChannelUncertainError("no reply to the final dot")], left

    mails.at("2026-04-01T07:30+02:00")
    for hour in range(8, 24):
        mails.at(f"2026-04-01T{hour:02}:00+02:00")

    assert mails.to() == ["lead@example.org"] * left
    assert mails.states() == [LetterState.SENT if left else LetterState.UNCERTAIN]
    assert bool(troubles(mails.stage.world)) is not left


def test_a_sender_that_died_leaves_its_letter_uncertain(opened: Opened) -> None:
    mails = opened(DAILY.replace('"day"', '"month"'))
    mails.at("2026-03-30T09:00+02:00")
    mails.postman.faults = [KeyboardInterrupt()]  # type: ignore[list-item]  # the process ends here
    with pytest.raises(KeyboardInterrupt):
        mails.at("2026-04-01T07:30+02:00")
    assert mails.states() == [LetterState.SENDING]

    assert mails.at("2026-04-01T07:39+02:00").failures == []
    assert "did not report back" in mails.at("2026-04-01T07:41+02:00").failures[0]

    assert mails.states() == [LetterState.UNCERTAIN]
    assert mails.to() == []


def test_while_everything_is_held_no_report_leaves_and_afterwards_the_newest_does(opened: Opened) -> None:
    mails = opened(DAILY)
    mails.at("2026-04-01T09:00+02:00")
    stop = mails.stage.world.config.folder / STOP_FILE
    stop.touch()
    mails.at("2026-04-02T09:00+02:00")
    mails.at("2026-04-03T09:00+02:00")
    assert mails.to() == []

    stop.unlink()
    mails.at("2026-04-03T09:05+02:00")

    assert [note.subject for note in mails.postman.notes] == ["slawatch: nothing was asked (2 Apr)"]


def test_a_report_that_cannot_be_made_is_said_once_in_the_events_and_holds_nothing_up(opened: Opened) -> None:
    mails = opened(DAILY)
    mails.at("2026-04-01T09:00+02:00")
    mails.stage.world.config.out.write_text("in the way", encoding="utf-8")

    first = mails.at("2026-04-02T09:00+02:00")
    mails.at("2026-04-02T09:05+02:00")

    assert "it could not be made" in first.failures[0]
    assert (
        len([one for one in mails.stage.world.store.events(datetime(2026, 4, 2, tzinfo=UTC)) if one.kind == "mail"])
        == 1
    )
    assert "it could not be made" in status(mails.stage.world).not_mailed[0]
    mails.stage.world.config.out.unlink()
    mails.at("2026-04-02T09:10+02:00")
    assert mails.to() == ["lead@example.org"]
    assert status(mails.stage.world).not_mailed == ()


def test_a_report_that_cannot_be_made_is_tried_again_after_pauses_that_double_and_told_of_once(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = opened(DAILY.replace('"day"', '"month"'))
    mails.at("2026-03-30T09:00+02:00")
    tries: list[str] = []
    news: list[str] = []

    def busy(world: World, *_: object) -> None:
        tries.append(f"{world.clock.now():%H:%M}")
        raise BusyError("store: busy" if len(tries) < 6 else "store: busier")

    monkeypatch.setattr(mailing, "_letters", busy)
    begin = datetime.fromisoformat("2026-04-01T07:30+02:00")
    failures = []
    for minute in range(0, 24 * 60, 5):
        world = replace(mails.stage.world, tell=lambda one: news.append(one.words))  # as a new process has it
        mails.until((begin + timedelta(minutes=minute)).isoformat())
        failures.append(len(mail_due(world).failures))

    assert tries[:9] == ["05:30", "05:35", "05:40", "05:50", "06:10", "06:50", "08:10", "10:50", "14:50"]
    assert [tries[at] for at in range(9, len(tries))] == ["18:50", "22:50", "02:50"]
    assert sum(failures) == len(tries)  # a pass in which it rests has nothing to report
    assert [one.partition(";")[0] for one in news] == [
        f"it could not be made: store: {how}" for how in ("busy", "busier")
    ]
    assert status(mails.stage.world).not_mailed == (
        (
            "report report: it could not be made: store: busier; "
            "tried since 2026-04-01 07:30, again from 2026-04-02 08:50 on"
        ),
    )


def test_the_next_report_is_tried_at_once_whatever_pause_the_one_before_had_come_to(opened: Opened) -> None:
    mails = opened(DAILY)
    mails.at("2026-04-01T09:00+02:00")
    mails.stage.world.config.out.write_text("in the way", encoding="utf-8")
    for hour in range(8, 24):
        mails.at(f"2026-04-02T{hour:02}:00+02:00")
    mails.at("2026-04-03T06:00+02:00")
    mails.stage.world.config.out.unlink()

    assert mails.at("2026-04-03T07:29+02:00").sent == []
    mails.at("2026-04-03T07:30+02:00")

    assert [note.subject for note in mails.postman.notes] == ["slawatch: nothing was asked (2 Apr)"]


def test_at_will_it_leaves_at_once_as_often_as_one_says_so_and_what_is_due_leaves_all_the_same(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-06T07:00+02:00")
    (report,) = mails.stage.world.config.reports

    mail_now(mails.stage.world, report, to=["me@example.org"])
    mails.stage.forward(seconds=1)
    (letter,) = mail_now(mails.stage.world, report, to=["me@example.org"])
    mails.at("2026-04-06T07:31+02:00")

    assert letter.state is LetterState.SENT
    assert mails.to() == ["me@example.org"] * 2 + ["lead@example.org", "chief@example.org"]


def test_a_tick_mails_and_says_by_its_outcome_that_a_report_did_not_leave(opened: Opened) -> None:
    mails = opened()
    mails.at("2026-04-01T09:00+02:00")
    mails.postman.faults = [ChannelUnavailableError("smtp: away")]
    mails.until("2026-04-06T07:31+02:00")

    first = tick(mails.stage.world)
    mails.stage.forward(minutes=6)
    second = tick(mails.stage.world)

    assert (first.part_undone, first.part_unmeasured) == (True, False)
    assert (len(second.mailing.sent), second.part_undone) == (2, False)


@pytest.mark.parametrize(("lang", "stop"), [("en", "no more reports: "), ("de", "keine weiteren Berichte: ")])
def test_who_wants_no_more_says_so_in_the_language_of_the_report(opened: Opened, lang: str, stop: str) -> None:
    mails = opened(f'{DAILY}language = "{lang}"\n')
    mails.at("2026-04-01T07:00+02:00")

    mails.at("2026-04-02T07:31+02:00")
    (note,) = mails.postman.notes

    assert note.unsubscribe.startswith(stop)
    assert quote(note.unsubscribe) in note.html  # the link says what the header says


def test_a_packed_letter_comes_out_as_it_went_in() -> None:
    files = (
        Enclosure(name="logo.png", media="image/png", raw=bytes(range(256)), content_id="logo"),
        Enclosure(name="a.html", media="text/html", raw="ä\n{".encode()),
    )
    note = Note(to="a@b.example", subject="ä", body="b\n", key="k", html="<p>", enclosures=files, evidence=True)

    assert unpacked(packed(note)) == note


def test_check_says_when_a_report_leaves_next_and_to_whom(opened: Opened) -> None:
    mails = opened()

    said = [one for one in check(mails.stage.world) if one.where.startswith("report")]

    assert [(one.where, one.result, one.what) for one in said] == [
        (
            "report report",
            "ok",
            "next Mon 2026-03-30 07:30 (Europe/Berlin) from main to lead@example.org, chief@example.org",
        )
    ]


def test_a_page_that_somebody_got_stays_when_another_is_mailed_on_the_same_day(opened: Opened) -> None:
    mails = opened()
    (report,) = mails.stage.world.config.reports

    for day in ("2026-04-01", "2026-04-02"):
        choice = replace(
            mailing.choice_of(mails.stage.world, report, mails.stage.world.clock.now()),
            since=datetime.fromisoformat(f"{day}T00:00+02:00"),
        )
        mail_now(mails.stage.world, report, choice, to=["me@example.org"])
        mails.stage.forward(seconds=1)

    first, second = (note.enclosures[0] for note in mails.postman.notes)
    folder = mails.stage.world.config.out / "mailed"
    assert first.raw != second.raw
    assert [(folder / one.name).read_bytes() for one in (first, second)] == [first.raw, second.raw]
