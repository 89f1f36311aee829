"""Which request a line of a chat belongs to: by the chat's own names, never by what the line says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slawatch import match
from slawatch.match.known import Beside, Open
from slawatch.model import Author, Facts, Match, MatchEvidence, Strength, Writer

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHAT = "support@shop.example"
KNOWN = match.Known(by_message_id={"request-1@own.example": 1, "xmpp:ours-1": 1, "xmpp:ours-2": 2})


def line(
    *,
    chat: str = CHAT,
    conversation: str = "",
    cited: tuple[str, ...] = (),
    own_id: str = "xmpp:theirs-1",
    author: Author = Author.UNKNOWN,
) -> Facts:
    return Facts(
        platform="xmpp",
        sender=f"xmpp:{chat}",
        chat=chat,
        conversation=conversation,
        cited_ids=cited,
        own_id=own_id,
        author=author,
        text="Two days.",
    )


def put_to(
    request_id: int,
    *,
    whom: str = CHAT,
    since: timedelta = -HOUR,
    until: timedelta = HOUR,
    answered: timedelta | None = None,
    left: bool = True,
) -> Open:
    return Open(
        request_id=request_id,
        subject="",
        token="",
        since=NOW + since,
        until=NOW + until,
        answered_at=None if answered is None else NOW + answered,
        surely_left=left,
        only_from=whom,
    )


def found(facts: Facts, *candidates: Open) -> Match | None:
    return match.find_in_chat(facts, KNOWN, beside=lambda: Beside(open=list(candidates)), at=NOW)


def tied(facts: Facts, *candidates: Open) -> tuple[tuple[int, ...], Strength] | None:
    one = found(facts, *candidates)
    return None if one is None else (one.request_ids, one.strength)


def test_a_chat_that_is_one_requests_alone_ties_its_lines_for_certain() -> None:
    one = found(line(conversation="Request-1@own.example"), put_to(7))

    assert one is not None
    assert (one.request_ids, one.evidence, one.strength) == ((1,), MatchEvidence.CONVERSATION, Strength.CERTAIN)


def test_a_reply_to_a_line_of_ours_is_about_what_we_asked_there() -> None:
    one = found(line(cited=("xmpp:ours-2",)), put_to(1))

    assert one is not None
    assert (one.request_ids, one.evidence, one.strength) == ((2,), MatchEvidence.CITED_ID, Strength.CERTAIN)


def test_what_the_match_shows_does_not_name_the_line() -> None:
    one = found(line(cited=("xmpp:ours-2",)))

    assert one is not None
    assert one.saw == "…rs-2"


def test_the_only_open_request_of_the_chat_is_meant() -> None:
    assert tied(line(), put_to(1)) == ((1,), Strength.STRONG)


def test_what_was_put_to_somebody_else_is_not_meant() -> None:
    assert tied(line(), put_to(1, whom="sales@shop.example")) is None


def test_addresses_are_compared_without_regard_to_case() -> None:
    assert tied(line(chat="!Room:HS.example"), put_to(1, whom="!room:hs.example")) == ((1,), Strength.STRONG)


def test_which_of_several_open_requests_is_meant_only_a_person_can_say() -> None:
    assert tied(line(), put_to(1, since=-2 * HOUR), put_to(2)) == ((2, 1), Strength.WEAK)


def test_an_answered_request_leaves_the_line_to_the_one_that_waits() -> None:
    assert tied(line(), put_to(1, since=-2 * HOUR, answered=-HOUR), put_to(2)) == ((2,), Strength.STRONG)


def test_what_is_said_after_the_answer_belongs_to_what_was_asked_last() -> None:
    answered = put_to(1, since=-2 * HOUR, answered=-HOUR), put_to(2, answered=-HOUR / 2)

    assert tied(line(), *answered) == ((2,), Strength.STRONG)


@pytest.mark.parametrize(
    "closed", [put_to(1, since=HOUR / 2), put_to(1, until=-HOUR / 2)], ids=["not asked yet", "no longer matched"]
)
def test_what_is_not_asked_yet_or_long_over_is_not_meant(closed: Open) -> None:
    assert tied(line(), closed) is None


def test_where_nobody_knows_whether_we_asked_a_person_decides() -> None:
    assert tied(line(), put_to(1, left=False)) == ((1,), Strength.WEAK)


def test_nothing_is_asked_for_where_a_name_decides() -> None:
    def beside() -> Beside:
        raise AssertionError("asked")

    assert match.find_in_chat(line(cited=("xmpp:ours-1",)), KNOWN, beside=beside, at=NOW) is not None


def test_whoever_sits_at_the_other_end_writes_for_the_company() -> None:
    by = match.said_by(line())

    assert by.writer is Writer.COMPANY
    assert by.saw == "xmpp:support@shop.example, the other end of support@shop.example"


def test_the_mark_that_says_who_wrote_is_shown() -> None:
    facts = Facts(
        sender="matrix:@anna:shop.example", chat="!room", author=Author.AGENT, author_by="platform-flag: m.text"
    )

    assert match.said_by(facts).saw == "matrix:@anna:shop.example, platform-flag: m.text"


@pytest.mark.parametrize(
    ("facts", "ours"),
    [
        (line(author=Author.OURSELVES), True),
        (line(own_id="XMPP:ours-1"), True),
        (line(own_id=""), False),
        (line(author=Author.AGENT), False),
    ],
)
def test_our_own_lines_are_known_by_their_mark_or_their_name(facts: Facts, *, ours: bool) -> None:
    assert match.is_own_line(facts, KNOWN) is ours
