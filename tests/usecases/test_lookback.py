"""A made-up past comes out as it was, on both sides and from every kind of archive; what is no question stays out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slawatch.mail.archive import Archive, Maildir, Mbox
from slawatch.model import MessageKind, Origin, PledgeState, Verdict, VoidReason, Writer
from slawatch.report import build, render
from slawatch.report.model import Case
from slawatch.usecases.lookback import LookedBack, look_back
from slawatch.usecases.questions import Wanted
from slawatch.usecases.survey import Ours
from tests import past
from tests.past import BEGAN, ME, Mail, Past, letter

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OURS = Ours.read([ME])
MARGIN = timedelta(minutes=1, seconds=5)  # of a clock of ours that nothing tells about, and of two stamps


def mboxes(folder: Path, mails: list[Mail]) -> list[Archive]:
    return [
        Mbox(past.write_mbox(folder / f"{name}.mbox", [one for one in mails if one.folder == name]))
        for name in ("inbox", "sent")
    ]


def looked(archives: list[Archive], **more: object) -> LookedBack:
    return look_back(archives, Wanted(**{"ours": OURS, **more}), made_at=NOW)  # type: ignore[arg-type]


def by_id(found: LookedBack) -> dict[str, Case]:
    return {case.request.message_id: case for case in found.material.cases}


def is_true(case: Case, truth: timedelta | None, *, bounced: bool) -> bool:
    first = case.outcome.first_response
    if bounced:
        return case.outcome.void_reason is VoidReason.BOUNCED
    if first is None:
        return False
    if truth is None:
        return not first.ended
    if truth > timedelta(days=7):
        return case.outcome.late and case.outcome.verdict is Verdict.MISSED
    return first.ended and abs(first.length - truth) <= MARGIN


@pytest.mark.parametrize("we_ask", [True, False], ids=["asker", "answerer"])
@pytest.mark.parametrize("kind", ["mbox", "maildir"])
def test_a_made_up_past_comes_out_as_it_was(tmp_path: Path, kind: str, *, we_ask: bool) -> None:
    made = past.make(180, we_ask=we_ask)
    archives: list[Archive] = (
        mboxes(tmp_path, made.mails) if kind == "mbox" else [Maildir(past.write_maildir(tmp_path / "M", made.mails))]
    )

    found = looked(archives, ours=Ours.read(["own.example"]), we_ask=we_ask)

    cases = by_id(found)
    assert cases.keys() == made.truth.first.keys()
    for message_id, (group, wait) in made.truth.first.items():
        case = cases[message_id]
        assert case.request.company == group
        assert case.request.origin is (Origin.IMPORTED if we_ask else Origin.OBSERVED)
        assert is_true(case, wait, bounced=message_id in made.truth.bounced), (message_id, wait, case.outcome)


def test_the_report_says_what_it_looks_back_on_and_what_it_leaves_out(tmp_path: Path) -> None:
    found = looked(mboxes(tmp_path, past.make(72).mails))

    book = build.build(found.material)
    page, text = render.html(book), render.text(book)

    for shown in (page.replace("\N{NO-BREAK SPACE}", " "), text):
        assert "Nothing was sent for this report." in shown
        assert "18 left out: they went to several companies at once" in shown
    assert render.data(book)["groups"][0]["origin"] == "imported"
    assert "we deliver within" not in page


def test_excerpts_are_shown_on_demand_only(tmp_path: Path) -> None:
    made = past.make(9).mails

    page = render.html(build.build(looked(mboxes(tmp_path, made), excerpts=True).material))

    assert "Kind regards" in page or "Grüße" in page or "Best wishes" in page


# --- single letters ---


def sent(own_id: str, hours: float = 0, **more: object) -> Mail:
    return _mail("sent", own_id, hours, {"sender": ME, "to": "service@shop.example", **more})


def came(own_id: str, hours: float, **more: object) -> Mail:
    return _mail("inbox", own_id, hours, {"sender": "service@shop.example", "to": ME, "received": True, **more})


def _mail(folder: str, own_id: str, hours: float, more: dict[str, object]) -> Mail:
    at = BEGAN + timedelta(hours=hours)
    given = {"subject": "the oak table", "text": "How long does the delivery of the oak table take?\n", **more}
    return Mail(letter(own_id=own_id, at=at, **given), at, folder)  # type: ignore[arg-type]


ANSWER = "Good morning,\n\nwe deliver the oak table within two working days; it costs 240 euros.\n\nMaeve Doyle\n"


def only(tmp_path: Path, *mails: Mail, **more: object) -> Case:
    (case,) = looked(mboxes(tmp_path, list(mails)), **more).material.cases
    return case


def test_who_writes_from_elsewhere_is_no_answer_until_a_company_is_said_to_have_both(tmp_path: Path) -> None:
    mails = sent("q@own"), came("a@desk", 2, sender="team@desk.example", cites=["q@own"], text=ANSWER)

    stranger = only(tmp_path, *mails)
    named = only(tmp_path, *mails, names={"shop.example": "Shop", "desk.example": "Shop"})

    assert [reply.written_by.writer for reply in stranger.replies] == [Writer.STRANGER]
    assert stranger.outcome.verdict is Verdict.PENDING
    assert (named.request.company, named.outcome.verdict) == ("Shop", Verdict.ANSWERED)


def test_a_department_of_the_same_house_answers_for_it(tmp_path: Path) -> None:
    case = only(tmp_path, sent("q@own"), came("a@shop", 2, sender="x@reply.shop.example", cites=["q@own"], text=ANSWER))

    assert case.outcome.verdict is Verdict.ANSWERED


def test_at_a_mail_provider_of_many_each_address_is_somebody_of_its_own(tmp_path: Path) -> None:
    case = only(
        tmp_path,
        sent("q@own", to="shop.one@gmail.com"),
        came("a@g", 2, sender="someone.else@gmail.com", cites=["q@own"], text=ANSWER),
    )

    assert case.request.company == "shop.one@gmail.com"
    assert [reply.written_by.writer for reply in case.replies] == [Writer.STRANGER]


def test_nobody_has_answered_up_to_the_newest_letter_that_came_in_and_not_up_to_our_own(tmp_path: Path) -> None:
    case = only(
        tmp_path,
        sent("q@own"),
        came("x@bank", 48, sender="a@bank.example", subject="quite something else", text="Hello.\n"),
        sent("later@own", 24 * 30, to="friend@other.example", subject="Fwd: x"),
    )

    first = case.outcome.first_response
    assert first is not None
    assert not first.ended
    assert abs(first.length - timedelta(hours=48)) <= timedelta(seconds=2)


def test_our_own_turn_after_a_question_is_taken_off_the_wait_for_the_answer(tmp_path: Path) -> None:
    asks_back = "Dear Ms Example,\n\ncould you please tell us your order number?\n\nMaeve Doyle\n"

    case = only(
        tmp_path,
        sent("q@own"),
        came("b@shop", 2, cites=["q@own"], text=asks_back),
        sent("c@own", 12, cites=["b@shop"], subject="Re: the oak table", text="It is 4711.\n"),
        came("d@shop", 15, cites=["c@own"], text=ANSWER),
    )

    assert [reply.kind for reply in case.replies] == [MessageKind.QUESTION, MessageKind.ANSWER]
    answer = case.outcome.answer
    assert answer is not None
    assert answer.ended
    assert abs(answer.length - timedelta(hours=5)) <= 2 * MARGIN


def test_what_they_promised_is_held_against_what_came(tmp_path: Path) -> None:
    promised = "Good morning,\n\nI have to ask the workshop first. We will reply within 24 hours.\n\nMaeve Doyle\n"

    case = only(
        tmp_path,
        sent("q@own"),
        came("i@shop", 2, cites=["q@own"], text=promised),
        came("a@shop", 40, cites=["q@own"], text=ANSWER),
    )

    assert [pledge.state for pledge in case.outcome.pledges] == [PledgeState.BROKEN]


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (sent("1@own", to="a@shop.example, b@bank.example"), "several"),
        (sent("2@own", subject="Re: the oak table"), "reply"),
        (sent("3@own", cites=["gone@own"]), "reply"),
        (sent("4@own", subject="Fwd: the oak table"), "forwarded"),
        (sent("5@own", to="noreply@shop.example"), "no_reader"),
        (sent("6@own", to="bert@own.example"), "nobody"),
        (sent("7@own", sender="bert@own.example"), "colleague"),
        (sent("8@own", headers=[("Auto-Submitted", "auto-replied")]), "machine"),
        (sent("9@own", headers=[("List-Unsubscribe", "<mailto:x@own.example>")]), "machine"),
        (sent("10@own", -24 * 3), "period"),
        (sent("11@own", 24 * 30), "period"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_question_of_ours_is_left_out_and_counted(tmp_path: Path, mail: Mail, why: str) -> None:
    since, until = BEGAN - timedelta(days=1), BEGAN + timedelta(days=20)

    found = looked(mboxes(tmp_path, [mail, sent("q@own", subject="the real question")]), since=since, until=until)

    assert found.past.left_out == {why: 1}
    assert [case.request.message_id for case in found.material.cases] == ["q@own"]


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (came("1@x", 0, to="somebody@else.example"), "not_to_us"),
        (came("2@x", 0, sender="no-reply@shop.example"), "no_reader"),
        (came("3@x", 0, headers=[("List-Id", "<x.shop.example>")]), "machine"),
        (came("4@x", 0, subject="Re: your letter"), "reply"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_question_to_us_is_left_out_and_counted(tmp_path: Path, mail: Mail, why: str) -> None:
    found = looked(mboxes(tmp_path, [mail]), we_ask=False)

    assert found.past.left_out == {why: 1}


def test_a_letter_that_lies_there_twice_counts_once_by_its_earlier_copy(tmp_path: Path) -> None:
    answer = came("a@shop", 2, cites=["q@own"], text=ANSWER)
    again = came("a@shop", 9, cites=["q@own"], text=ANSWER)

    found = looked(mboxes(tmp_path, [again, sent("q@own"), answer]))

    (case,) = found.material.cases
    assert found.past.noted["twice"] == 1
    assert [reply.stamps.at for reply in case.replies] == [BEGAN + timedelta(hours=2)]


def test_only_the_companies_with_the_most_questions_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    mails = [
        sent(f"{n}@own", n, to=f"service@shop{n % 3 if n else 2}.example", subject=f"matter {n} of the day")
        for n in range(10)
    ]

    found = looked(mboxes(tmp_path, mails), top=1)

    assert Counter(case.request.company for case in found.material.cases) == {"shop2.example": 4}
    assert (found.groups, found.past.left_out) == (3, {"beyond": 6})


def test_a_text_that_came_to_several_questions_is_a_machines_and_our_own_text_blocks_are_not(tmp_path: Path) -> None:
    block = (
        "Good morning,\n\nthe delivery of what you have asked for takes a few days, and you can see on our website "
        "where it is; there you also find how to send it back to us when you do not like it.\n\nMaeve Doyle\n"
    )
    asked = [sent(f"{n}@own", n, subject=f"matter number {n}") for n in range(3)]
    answers = [
        came(f"{n}@shop", n + 5, cites=[f"{n}@own"], subject=f"Re: matter number {n}", text=block) for n in range(3)
    ]
    to_us = [came(f"{n}@c", n, sender=f"c{n}@x{n}.example", subject=f"matter number {n}") for n in range(3)]
    ours = [
        sent(f"{n}@o", n + 5, to=f"c{n}@x{n}.example", cites=[f"{n}@c"], subject=f"Re: matter number {n}", text=block)
        for n in range(3)
    ]

    theirs = looked(mboxes(tmp_path, [*asked, *answers])).material.cases
    own = looked(mboxes(tmp_path, [*to_us, *ours]), we_ask=False).material.cases

    assert [reply.kind for case in theirs for reply in case.replies][1:] == [MessageKind.UNKNOWN] * 2
    assert {reply.kind.by_person for case in own for reply in case.replies} == {True}


def test_an_archive_without_a_letter_gives_an_empty_report(tmp_path: Path) -> None:
    found = looked(mboxes(tmp_path, []))

    assert found.material.cases == ()
    assert "nothing to judge" in render.html(build.build(found.material))


def test_a_past_is_the_same_each_time_it_is_made() -> None:
    first, second = past.make(20), past.make(20)

    assert isinstance(first, Past)
    assert first.mails == second.mails
