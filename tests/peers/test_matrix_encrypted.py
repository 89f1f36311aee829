"""Asking in encrypted rooms: both ways, over restarts, and where keys are late, lost or another program's."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from slawatch.channels.base import Batch, Sent
from slawatch.channels.matrix import Settings
from slawatch.channels.matrix.kept import folder_of
from slawatch.channels.matrix.reading import bare, read
from slawatch.clock import SystemClock
from slawatch.errors import AccountHaltedError, ChannelUnavailableError
from slawatch.model import Incoming
from slawatch.secret import Secret
from tests.peers.at_matrix import ACCOUNT, Channel, ask, channel, standing, whole_pass
from tests.servers.nio_agent import Agent
from tests.servers.synapse import PASSWORD, Homeserver, Person

QUESTION = "Wie lange dauert die Lieferung nach Köln?"


@pytest.fixture
def me(homeserver: Homeserver) -> Person:
    return homeserver.person("robin")


@pytest.fixture
def company(homeserver: Homeserver) -> Person:
    return homeserver.person("acme")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "slawatch.db"


@pytest.fixture
def here(me: Person, store: Path) -> Iterator[Channel]:
    with channel(me, store) as ready:
        yield ready


@pytest.fixture
def agent(company: Person, tmp_path: Path) -> Iterator[Agent]:
    with Agent(company, tmp_path / "agent") as ready:
        yield ready


@pytest.fixture
def room(me: Person, company: Person, agent: Agent) -> str:
    made = company.room(me.id, encrypted=True)
    me.join(made)
    agent.look()
    return made


def lines(batches: list[Batch]) -> list[Incoming]:
    return [one for batch in batches for one in batch.messages]


def test_a_question_and_its_answer_are_read_by_those_in_the_room_and_by_no_server(
    here: Channel, me: Person, company: Person, agent: Agent, room: str
) -> None:
    cursor = whole_pass(here, "")[-1].cursor
    asked, attempt = ask(room, QUESTION)
    sent = here.send(asked, attempt)
    seen = agent.sees(QUESTION)
    agent.say(room, "Zwei Tage.")

    (answer,) = lines(whole_pass(here, cursor, [standing(asked, sent.remote_id)]))

    assert seen == bare(sent.remote_id)
    assert {one["type"] for one in company.lines(room)} == {"m.room.encrypted"}
    assert answer.facts.text == "Zwei Tage."
    assert answer.facts.author_by == "platform-flag: m.text"
    assert read(answer.raw) == answer.facts
    assert b"ciphertext" in answer.raw


def test_each_process_reads_and_writes_with_the_same_keys(
    me: Person, store: Path, company: Person, agent: Agent, room: str
) -> None:
    with channel(me, store) as first:
        asked, attempt = ask(room, QUESTION)
        sent = first.send(asked, attempt)
        cursor = whole_pass(first, "", [standing(asked, sent.remote_id)])[-1].cursor
    agent.sees(QUESTION)
    agent.say(room, "Zwei Tage.")
    with channel(me, store) as second:
        answers = lines(whole_pass(second, cursor, [standing(asked, sent.remote_id)]))
        found = second.find(asked)
        second.send(*ask(room, "Und nach Bonn?"))
    agent.sees("Und nach Bonn?")

    assert [one.facts.text for one in answers] == ["Zwei Tage."]
    assert found == sent


def test_the_same_words_under_another_questions_name_are_not_this_question(here: Channel, room: str) -> None:
    asked, _ = ask(room, QUESTION)
    other, attempt = ask(room, QUESTION)
    sent = here.send(other, attempt)

    assert not isinstance(here.find(asked), Sent)
    assert here.find(other) == sent


def test_what_a_question_asked_for_the_first_time_makes_is_encrypted_where_the_config_says_so(
    me: Person, store: Path, company: Person, agent: Agent
) -> None:
    with channel(me, store, encrypt=True) as here:
        here.send(*ask(company.id, QUESTION))

    (room,) = company.invitations()
    company.join(room)
    agent.sees(QUESTION)


def test_where_nobody_has_a_device_that_could_read_nothing_leaves(
    here: Channel, me: Person, homeserver: Homeserver
) -> None:
    nobody = homeserver.person("plain")
    room = nobody.room(me.id, encrypted=True)
    me.join(room)

    with pytest.raises(ChannelUnavailableError, match="nobody there has a device"):
        here.send(*ask(room))

    assert nobody.lines(room) == []


def test_a_line_whose_key_never_comes_is_kept_and_somebody_is_told_what_to_do(
    me: Person, company: Person, agent: Agent, room: str, store: Path
) -> None:
    with channel(me, store) as here:
        here.key_wait = timedelta(0)
        asked, attempt = ask(room, QUESTION)
        sent = here.send(asked, attempt)
        cursor = whole_pass(here, "")[-1].cursor
        content = {
            "algorithm": "m.megolm.v1.aes-sha2",
            "ciphertext": "AwgAEnACgAkLmt6qF84IK++J7UDH2Za1YVchHyprqTqsg",
            "device_id": "RJYKSTBOIE",
            "sender_key": "IlRMeOPX2e0MurIyfWEucYBRVOEEUMrOHqn/8mLqMjA",
            "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu+QFnm0cKQ",
        }
        event = company.send(room, "m.room.encrypted", content)
        threads = [standing(asked, sent.remote_id)]
        found = whole_pass(here, cursor, threads)

    (kept,) = lines(found)
    assert bare(kept.remote_id) == event
    assert not kept.facts.readable
    assert kept.facts.sender == f"matrix:{company.id}"
    assert any("its key did not" in note for batch in found for note in batch.notes)


def test_while_a_key_may_still_come_nobody_says_that_all_was_seen(
    me: Person, company: Person, agent: Agent, room: str, store: Path
) -> None:
    with channel(me, store) as here:
        asked, attempt = ask(room, QUESTION)
        sent = here.send(asked, attempt)
        cursor = whole_pass(here, "")[-1].cursor
        content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "device_id": "d", "sender_key": "k"}
        company.send(room, "m.room.encrypted", {**content, "session_id": "s"})
        threads = [standing(asked, sent.remote_id)]
        first = whole_pass(here, cursor, threads)
        second = whole_pass(here, first[-1].cursor, threads)

    assert second[-1].looked_until == first[-1].looked_until


def test_two_processes_that_write_at_once_do_not_spoil_each_others_keys(
    me: Person, company: Person, agent: Agent, room: str, store: Path
) -> None:
    texts = [f"Frage {number}" for number in range(6)]
    with channel(me, store) as one, channel(me, store) as other, ThreadPoolExecutor(2) as both:
        several = [(one if number % 2 else other).send for number in range(6)]
        list(both.map(lambda send, text: send(*ask(room, text)), several, texts))

    for text in texts:
        agent.sees(text)
    assert agent.puzzles == []


# --- lost, locked, another's ---


def test_a_device_whose_keys_are_lost_does_nothing_any_more_and_says_what_to_do(
    me: Person, store: Path, company: Person, agent: Agent, room: str
) -> None:
    with channel(me, store) as here:
        here.collect("")
    shutil.rmtree(folder_of(store, ACCOUNT))

    with channel(me, store) as here:
        with pytest.raises(AccountHaltedError, match=r"must not be used: .*slawatch login main for a new device"):
            here.collect("")
        with pytest.raises(AccountHaltedError):
            here.send(*ask(room))
        faults = [one for one in here.check() if not one.ok]

    assert company.lines(room) == []
    assert "backup" in faults[0].cure


def test_keys_without_the_secret_they_are_locked_with_are_lost_too(me: Person, store: Path) -> None:
    with channel(me, store) as here:
        here.collect("")
    for one in folder_of(store, ACCOUNT).glob("*.secret"):
        one.unlink()

    with channel(me, store) as here, pytest.raises(AccountHaltedError, match="new device"):
        here.collect("")


def test_keys_that_are_damaged_are_lost_too(me: Person, store: Path) -> None:
    with channel(me, store) as here:
        here.collect("")
    for one in folder_of(store, ACCOUNT).glob("*.secret"):
        one.write_text("0" * 64)

    with channel(me, store) as here, pytest.raises(AccountHaltedError, match="new device"):
        here.collect("")


def test_after_a_loss_a_new_login_makes_a_new_device_that_works(
    homeserver: Homeserver, me: Person, store: Path, agent: Agent, room: str
) -> None:
    made = Settings(user=me.id, homeserver=homeserver.url, password=Secret(PASSWORD))
    with Channel(made, account=ACCOUNT, clock=SystemClock(), store=store) as here:
        here.login(lambda _: None, port=0)
        here.collect("")
        shutil.rmtree(folder_of(store, ACCOUNT))
        with pytest.raises(AccountHaltedError):
            here.collect("")

        here.login(lambda _: None, port=0)
        asked, attempt = ask(room, QUESTION)
        sent = here.send(asked, attempt)
        cursor = whole_pass(here, "", [standing(asked, sent.remote_id)])[-1].cursor
        agent.sees(QUESTION)
        agent.say(room, "Zwei Tage.")

        assert [one.facts.text for one in lines(whole_pass(here, cursor))] == ["Zwei Tage."]


def test_a_device_that_another_program_encrypts_with_is_left_alone(company: Person, agent: Agent, store: Path) -> None:
    with channel(company, store) as here, pytest.raises(AccountHaltedError, match="another program's"):
        here.collect("")


def test_what_must_not_be_read_by_others_cannot_be(here: Channel, store: Path) -> None:
    here.check()

    folder = folder_of(store, ACCOUNT)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def test_the_check_writes_to_ourselves_encrypted_and_names_the_folder_for_the_backup(
    here: Channel, store: Path
) -> None:
    findings = here.check()

    assert [one for one in findings if not one.ok] == []
    assert any("write to ourselves and read it, encrypted" in one.what for one in findings)
    (warning,) = [one for one in findings if one.result == "warning"]
    assert str(folder_of(store, ACCOUNT)) in warning.cure
    assert "back up" in warning.cure
