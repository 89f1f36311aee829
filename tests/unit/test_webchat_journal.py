"""What web chats remember between processes, and what their evidence says of itself."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.webchat import Settings, evidence
from slawatch.channels.webchat.channel import WebChannel
from slawatch.channels.webchat.recipe import Sender
from slawatch.channels.webchat.recipe_reading import load
from slawatch.channels.webchat.seen import Seen
from slawatch.channels.webchat.state import Chat, Journal, Said, Standing
from slawatch.channels.webchat.telling import Teller
from slawatch.model import Author, Exhibit, Facts, Incoming, Moment, MomentKind, Stamps
from slawatch.testing import BEFORE_SUMMER_TIME as NOW
from slawatch.testing import FakeClock

ASKED = "question@own.example"
RECIPE = """
name = "Acme"
url = "https://acme.example/"
[open]
steps = [{ click = "#chat" }]
[compose]
input = "textarea"
send = "enter"
[transcript]
item = ".line"
key = "id"
text = ".words"
[[transcript.classify]]
match = ".agent"
sender = "agent"
[[transcript.classify]]
match = ".visitor"
sender = "visitor"
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "state")
    yield made
    made.close()


def a_chat(request: str = ASKED, **values: object) -> Chat:
    return Chat(**{"request": request, "target": "acme", "text": "Wie lange?", "began_at": NOW, **values})  # type: ignore[arg-type]


def an_answer(key: str = "7", text: str = "Zwei Tage.") -> Incoming:
    raw = evidence.theirs(
        own_id=evidence.line_id(ASKED, key),
        target="Acme",
        request=ASKED,
        text=text,
        author=Author.AGENT,
        author_by="vendor-field: .agent",
        stamps=Stamps(at=NOW, source="page", why="so", earlier=timedelta(seconds=3)),
        seen={"t_text": 1774744200.0, "key": key},
    )
    return evidence.incoming(raw)


def a_line(key: str, text: str = "Zwei Tage.", author: Sender = Sender.AGENT) -> Seen:
    return Seen(kind="item", t_seen=1.0, t_text=1.0, t_last=1.0, key=key, text=text, author=author, rule="r")


class TestJournal:
    def test_nobody_else_can_read_it(self, journal: Journal) -> None:
        journal.keep(a_chat())
        journal.hold()

        assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in journal.folder.iterdir()} == {0o600}

    def test_a_chat_is_the_same_in_another_process(self, journal: Journal) -> None:
        chat = a_chat(
            standing=Standing.PARKED,
            storage={"cookies": [{"name": "visitor"}]},
            looked_at=NOW,
            due_at=NOW,
            greetings=("Hallo!",),
        )
        journal.keep(chat)
        other = Journal(journal.folder)

        assert other.chat(ASKED) == chat
        assert other.chats() == [chat]
        assert other.name == journal.name
        other.close()

    def test_ended_chats_are_not_watched(self, journal: Journal) -> None:
        journal.keep(a_chat(standing=Standing.ENDED))

        assert journal.chats() == []
        assert journal.chats({Standing.ENDED})

    def test_one_process_holds_it_and_the_next_one_afterwards(self, journal: Journal) -> None:
        other = Journal(journal.folder)

        assert journal.hold()
        assert journal.hold()
        assert not other.hold()
        journal.close()
        assert other.hold()
        other.close()

    def test_the_same_thing_seen_twice_is_one(self, journal: Journal) -> None:
        step = Moment(request=ASKED, kind=MomentKind.QUEUED, at=NOW, saw="3")

        assert journal.see(ASKED, an_answer())
        assert not journal.see(ASKED, an_answer())
        assert journal.see(ASKED, step)
        assert not journal.see(ASKED, step)

    def test_what_was_seen_comes_back_as_it_was(self, journal: Journal) -> None:
        picture = Exhibit(
            request=ASKED, moment=MomentKind.OPENED, at=NOW, media="image/jpeg", raw=b"\xff\xd8", name="a.jpg"
        )
        step = Moment(
            request=ASKED, kind=MomentKind.TYPING, at=NOW, earlier=timedelta(seconds=1), clock="page", saw="Anna"
        )
        for one in (an_answer(), step, picture):
            journal.see(ASKED, one)
        journal.mark(ASKED, "webchat:x:y", NOW, "no message")

        page = journal.page(0, journal.last(), messages_max=9)

        assert [one for _, one in page] == [an_answer(), step, picture]

    def test_a_page_holds_no_more_messages_than_it_may(self, journal: Journal) -> None:
        for number in range(5):
            journal.see(ASKED, an_answer(str(number)))

        first = journal.page(0, journal.last(), messages_max=3)
        rest = journal.page(first[-1][0], journal.last(), messages_max=3)

        assert [len(first), len(rest)] == [3, 2]

    def test_what_we_said_is_known_before_it_left_and_after(self, journal: Journal) -> None:
        said = journal.say(Said(own_id=ASKED, request=ASKED, text="Wie lange?", began_at=NOW))
        assert journal.said(own_id=ASKED) == [said]

        done = journal.say(
            Said(own_id=ASKED, request=ASKED, text="Wie lange?", began_at=NOW, at=NOW, uncertainty=timedelta(seconds=2))
        )

        assert journal.said(request=ASKED) == [done]
        journal.unsay(ASKED)
        assert journal.said(request=ASKED) == []

    def test_old_chats_that_are_over_are_forgotten_and_no_others(self, journal: Journal) -> None:
        journal.keep(a_chat("old@own.example", standing=Standing.ENDED))
        journal.keep(a_chat("open@own.example", standing=Standing.PARKED))
        journal.see("old@own.example", an_answer())

        journal.forget(NOW + timedelta(days=1))

        assert journal.chat("old@own.example") is None
        assert journal.chat("open@own.example") is not None
        assert journal.page(0, journal.last(), messages_max=9) == []

    def test_they_are_forgotten_where_there_are_always_chats_to_watch(self, tmp_path: Path) -> None:
        settings = Settings(name="Alex Beispiel", recipes=tmp_path)
        clock = FakeClock(NOW + timedelta(days=40))
        held = Journal(tmp_path / "store.db.main-webchat")  # by another process, which has the page of the second
        held.hold()
        held.keep(a_chat("old@own.example", standing=Standing.ENDED))
        held.keep(a_chat("open@own.example", standing=Standing.LIVE))

        with WebChannel(settings, account="main", clock=clock, store=tmp_path / "store.db") as channel:
            channel.collect("")

        assert [held.chat(f"{name}@own.example") is None for name in ("old", "open")] == [True, False]
        held.close()


class TestEvidence:
    def test_it_says_what_was_said_where_by_whom_and_by_what_mark(self) -> None:
        facts = evidence.facts(an_answer().raw)

        assert facts == Facts(
            platform="webchat",
            chat="acme",
            sender="webchat:acme",
            own_id=evidence.line_id(ASKED, "7"),
            conversation=ASKED,
            author=Author.AGENT,
            author_by="vendor-field: .agent",
            text="Zwei Tage.",
        )

    def test_stamps_are_kept_to_the_microsecond(self) -> None:
        assert an_answer().stamps == Stamps(at=NOW, source="page", why="so", earlier=timedelta(seconds=3))

    def test_what_we_typed_is_told_from_what_they_wrote(self) -> None:
        raw = evidence.ours(own_id=ASKED, target="Acme", request=ASKED, text="Wie lange?", cites="webchat:1")

        facts = evidence.facts(raw)

        assert (facts.author, facts.own_id, facts.cited_ids) == (Author.OURSELVES, f"webchat:{ASKED}", ("webchat:1",))

    def test_lines_of_two_chats_never_share_a_name(self) -> None:
        assert evidence.line_id("a@own.example", "1") != evidence.line_id("b@own.example", "1")

    def test_halves_of_characters_are_no_reason_to_lose_a_line(self) -> None:
        raw = an_answer(text="Zwei \ud800 Tage.").raw

        assert evidence.facts(raw).text == "Zwei ? Tage."

    @pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b'{"chat": 1}', b"\xff", b"[" * 100_000])
    def test_what_is_no_evidence_is_not_readable(self, raw: bytes) -> None:
        assert not evidence.facts(raw).readable


class TestRecognising:
    @pytest.fixture
    def teller(self, journal: Journal, tmp_path: Path) -> Teller:
        path = tmp_path / "acme.toml"
        path.write_text(RECIPE, encoding="utf-8")
        journal.keep(a_chat())
        return Teller(journal, FakeClock(), load(path, folders=()), ASKED)

    def test_a_chat_is_known_again_by_an_answer_in_it(self, journal: Journal, teller: Teller) -> None:
        journal.see(ASKED, an_answer("7"))

        assert teller.recognises([a_line("7")])
        assert not teller.recognises([a_line("8")])

    def test_a_greeting_that_stands_in_every_chat_says_not_which_one_this_is(
        self, journal: Journal, teller: Teller
    ) -> None:
        hello = a_line("welcome", text="Hello, how can we help?")
        notice = a_line("rules", text="We keep chats for a month.", author=Sender.SYSTEM)
        teller.tell([hello, notice])
        assert len(journal.lines(ASKED)) == 2

        assert not teller.recognises([hello, notice])
