"""Asking over a real homeserver: from the question to the stamps, through restarts, limits and what others may do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from slawatch.channels.base import Batch, Sent
from slawatch.channels.matrix import Settings
from slawatch.channels.matrix.channel import MatrixChannel
from slawatch.channels.matrix.kept import Notebook, brought
from slawatch.channels.matrix.reading import bare
from slawatch.clock import SystemClock
from slawatch.errors import AccountHaltedError, ChannelRefusedError, ChannelUnavailableError
from slawatch.model import Attempt, Author, Incoming, Moment, MomentKind, Request
from slawatch.secret import Secret
from tests.peers.at_matrix import ACCOUNT, Channel, ask, channel, standing, whole_pass
from tests.servers import synapse
from tests.servers.synapse import PASSWORD, Homeserver, Person


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


def lines(batches: list[Batch]) -> list[Incoming]:
    return [one for batch in batches for one in batch.messages]


def steps(batches: list[Batch]) -> list[Moment]:
    return [one for batch in batches for one in batch.moments]


def test_a_question_to_a_person_makes_one_direct_room_and_everything_in_it_is_seen(
    here: Channel, me: Person, company: Person
) -> None:
    asked, attempt = ask(company.id)
    cursor = whole_pass(here, "")[-1].cursor

    sent = here.send(asked, attempt)
    (room,) = company.invitations()
    company.join(room)
    company.read(room, bare(sent.remote_id))
    company.typing(room)
    threads = [standing(asked, sent.remote_id)]
    first = whole_pass(here, cursor, threads)
    receipt = company.say(room, "Danke! Wir antworten bald.", kind="m.notice")
    answer = company.say(room, "Zwei Tage.", reply_to=bare(sent.remote_id))
    company.typing(room, on=False)
    rest = whole_pass(here, first[-1].cursor, threads)

    kinds = [one.kind for one in steps(first)]
    assert {MomentKind.AGENT_JOINED, MomentKind.READ, MomentKind.TYPING} <= set(kinds)
    assert {one.request for one in steps(first)} == {asked.message_id}
    by_name = {bare(one.remote_id): one for one in lines(rest)}
    assert list(by_name) == [receipt, answer]
    assert by_name[receipt].facts.author is Author.BOT
    assert by_name[receipt].facts.author_by == "platform-flag: m.notice"
    assert by_name[answer].facts.author is Author.AGENT
    assert by_name[answer].facts.cited_ids == (sent.remote_id,)
    assert by_name[answer].facts.chat == company.id
    assert by_name[answer].stamps.at >= sent.accepted_at


def test_the_same_company_is_asked_again_in_the_same_room(
    here: Channel, me: Person, company: Person, store: Path
) -> None:
    here.send(*ask(company.id))
    here.send(*ask(company.id, "Und nach Bonn?"))
    Notebook(store, ACCOUNT).forget(company.id)
    with channel(me, store) as another:
        another.send(*ask(company.id, "Und nach Trier?"))

    (room,) = company.invitations()

    company.join(room)
    assert len(company.lines(room, by=me.id)) == 3


def test_a_room_that_was_made_and_then_forgotten_by_a_crash_is_found_again(
    here: Channel, me: Person, company: Person
) -> None:
    room = me.room(company.id, is_direct=True, preset="trusted_private_chat")  # and nobody noted it as direct

    here.send(*ask(company.id))

    assert company.invitations() == [room]


def test_whoever_left_the_direct_room_is_asked_in_another(here: Channel, me: Person, company: Person) -> None:
    here.send(*ask(company.id))
    (first,) = company.invitations()
    company.call("POST", "rooms", first, "leave", body={})

    here.send(*ask(company.id, "Noch da?"))

    (second,) = company.invitations()
    assert second != first


def test_an_alias_with_capital_letters_leads_to_its_room(here: Channel, me: Person, company: Person) -> None:
    name = f"ServiceDesk{company.id[1:].partition(':')[0]}"
    room = company.room(alias=name, preset="public_chat")

    here.send(*ask(f"#{name}:{synapse.NAME}"))

    assert len(company.lines(room, by=me.id)) == 1


def test_a_room_by_its_id_is_asked_there_and_one_that_lets_nobody_in_is_refused(
    here: Channel, me: Person, company: Person
) -> None:
    room, closed = company.room(me.id), company.room()

    here.send(*ask(room))
    with pytest.raises(ChannelRefusedError):
        here.send(*ask(closed))

    assert len(company.lines(room, by=me.id)) == 1


def test_nobody_of_that_name_is_refused_for_good(here: Channel) -> None:
    with pytest.raises(ChannelRefusedError, match="nobody-there"):
        here.send(*ask(f"@nobody-there:{synapse.NAME}"))
    with pytest.raises(ChannelRefusedError, match="no room"):
        here.send(*ask(f"#nobody-there:{synapse.NAME}"))


def test_a_second_try_of_the_same_question_is_the_same_line(here: Channel, me: Person, company: Person) -> None:
    asked, attempt = ask(company.id)

    first = here.send(asked, attempt)
    again = here.send(asked, attempt)

    (room,) = company.invitations()
    company.join(room)
    assert first == again == here.find(asked)
    assert len(company.lines(room, by=me.id)) == 1


def test_what_was_said_before_we_asked_is_nobodys_answer(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    for number in range(10):
        company.say(room, f"Altes {number}")

    begun = whole_pass(here, "")
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    company.say(room, "Neues")
    found = whole_pass(here, begun[-1].cursor, [standing(asked, sent.remote_id)])

    assert lines(begun) == []
    assert [one.facts.text for one in lines(found)] == ["Neues"]


def test_a_first_look_after_asking_reaches_back_to_the_question(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    for number in range(10):
        company.say(room, f"Antwort {number}")

    found = whole_pass(here, "", [standing(asked, sent.remote_id)])

    assert {one.facts.text for one in lines(found)} == {f"Antwort {number}" for number in range(10)}


def test_other_rooms_of_the_account_are_none_of_our_business(here: Channel, me: Person, company: Person) -> None:
    friend = me.server.person("friend")
    private = friend.room(me.id)
    me.join(private)
    asked, attempt = ask(company.id)
    sent = here.send(asked, attempt)
    cursor = whole_pass(here, "", [standing(asked, sent.remote_id)])[-1].cursor

    friend.say(private, "Kommst du heute Abend?")
    found = whole_pass(here, cursor, [standing(asked, sent.remote_id)])

    assert lines(found) == []


def test_many_lines_at_once_are_all_read_and_none_twice(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    cursor = whole_pass(here, "")[-1].cursor
    said = [company.say(room, f"Zeile {number}") for number in range(25)]

    found = whole_pass(here, cursor, [standing(asked, sent.remote_id)])

    assert len(found) > 8
    assert sorted(bare(one.remote_id) for one in lines(found)) == sorted(said)


def test_an_edit_is_no_second_message_and_a_deletion_is_told(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    cursor = whole_pass(here, "")[-1].cursor
    first = company.say(room, "Zwei Tag")
    edit = {
        "msgtype": "m.text",
        "body": "* Zwei Tage",
        "m.new_content": {"msgtype": "m.text", "body": "Zwei Tage"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": first},
    }
    company.send(room, "m.room.message", edit)
    here_now = whole_pass(here, cursor, [standing(asked, sent.remote_id)])
    company.call("PUT", "rooms", room, "redact", first, "t-redact", body={})
    after = whole_pass(here, here_now[-1].cursor, [standing(asked, sent.remote_id)])

    assert [one.facts.text for one in lines(here_now)] == ["Zwei Tag"]
    assert lines(after) == []
    assert any("deleted" in note for batch in after for note in batch.notes)


def test_a_thumb_under_our_line_shows_that_it_was_read(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    cursor = whole_pass(here, "")[-1].cursor
    relates = {"rel_type": "m.annotation", "event_id": bare(sent.remote_id), "key": "\N{THUMBS UP SIGN}"}
    company.send(room, "m.reaction", {"m.relates_to": relates})

    found = whole_pass(here, cursor, [standing(asked, sent.remote_id)])

    (step,) = steps(found)
    assert (step.kind, step.request, step.clock) == (MomentKind.READ, asked.message_id, "server")
    assert lines(found) == []


def test_who_throws_us_out_has_closed_the_chat(here: Channel, me: Person, company: Person) -> None:
    room = company.room(me.id)
    me.join(room)
    asked, attempt = ask(room)
    sent = here.send(asked, attempt)
    cursor = whole_pass(here, "")[-1].cursor
    company.say(room, "Wir schließen jetzt.")
    company.call("POST", "rooms", room, "kick", body={"user_id": me.id})

    found = whole_pass(here, cursor, [standing(asked, sent.remote_id)])

    assert [one.facts.text for one in lines(found)] == ["Wir schließen jetzt."]
    assert [one.kind for one in steps(found)] == [MomentKind.CLOSED]


# --- restarts ---

ANOTHER_PROCESS = """
import sys
from datetime import timedelta
from pathlib import Path
from slawatch.channels.matrix import Settings
from slawatch.channels.matrix.channel import MatrixChannel
from slawatch.clock import SystemClock
from slawatch.secret import Secret
store, user, url, token, cursor = sys.argv[1:]
settings = Settings(user=user, homeserver=url, access_token=Secret(token))
with MatrixChannel(settings, account="main", clock=SystemClock(), store=Path(store)) as channel:
    while True:
        batch = channel.collect(cursor, senders=frozenset, threads=lambda: ())
        for one in batch.messages:
            print(one.facts.text, one.stamps.at.isoformat(), sep="|")
        if not batch.more:
            break
        cursor = batch.cursor
"""


def test_another_process_goes_on_from_the_token_with_the_servers_own_stamps_after_the_server_was_killed(
    tmp_path: Path,
) -> None:
    with synapse.running() as server:
        me, company = server.person("robin"), server.person("acme")
        store = tmp_path / "slawatch.db"
        room = company.room(me.id)
        me.join(room)
        asked, attempt = ask(room)
        with channel(me, store) as here:
            sent = here.send(asked, attempt)
            cursor = whole_pass(here, "", [standing(asked, sent.remote_id)])[-1].cursor
            event = company.say(room, "Zwei Tage.")
            server.stop()
            with pytest.raises(ChannelUnavailableError):
                here.collect(cursor)
        server.start()

        arguments = (str(store), me.id, server.url, me.token, cursor)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", ANOTHER_PROCESS, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        )
        truth = company.call("GET", "rooms", room, "event", event)["origin_server_ts"]

    text, at = done.stdout.strip().split("|")
    assert text == "Zwei Tage."
    answered_at = datetime.fromisoformat(at)
    assert sent.accepted_at < answered_at
    assert round(answered_at.timestamp() * 1000) == truth


# --- logins and limits ---


def test_a_login_is_kept_and_no_run_logs_in_again(homeserver: Homeserver, me: Person, store: Path) -> None:
    settings = Settings(user=me.id, homeserver=homeserver.url, password=Secret(PASSWORD))
    told: list[str] = []
    with MatrixChannel(settings, account=ACCOUNT, clock=SystemClock(), store=store) as here:
        with pytest.raises(AccountHaltedError, match="slawatch login main"):
            here.collect("")
        done = here.login(told.append, port=0)
        here.collect("")
    with MatrixChannel(settings, account=ACCOUNT, clock=SystemClock(), store=store) as another:
        another.collect("")
        devices = me.call("GET", "devices")["devices"]

    kept = brought(settings, ACCOUNT, store)
    assert kept is not None
    assert kept.device in done
    assert kept.token not in done
    assert {one["device_id"] for one in devices} == {me.device, kept.device}


def test_a_new_login_ends_the_one_before(homeserver: Homeserver, me: Person, store: Path) -> None:
    settings = Settings(user=me.id, homeserver=homeserver.url, password=Secret(PASSWORD))
    with MatrixChannel(settings, account=ACCOUNT, clock=SystemClock(), store=store) as here:
        here.login(lambda _: None, port=0)
        here.collect("")
        here.login(lambda _: None, port=0)
        here.collect("")

    assert len(me.call("GET", "devices")["devices"]) == 2


def test_a_wrong_password_says_what_to_check(homeserver: Homeserver, me: Person, store: Path) -> None:
    settings = Settings(user=me.id, homeserver=homeserver.url, password=Secret("wrong"))

    with (
        MatrixChannel(settings, account=ACCOUNT, clock=SystemClock(), store=store) as here,
        pytest.raises(ChannelUnavailableError, match="check user and password"),
    ):
        here.login(lambda _: None, port=0)


def test_a_token_that_has_ended_halts_the_account_until_somebody_acts(me: Person, here: Channel) -> None:
    here.collect("")
    me.call("POST", "logout", body={})

    with pytest.raises(AccountHaltedError, match="slawatch login main"):
        here.collect("")


def test_somebody_elses_token_asks_nothing(me: Person, company: Person, store: Path) -> None:
    with (
        channel(me, store, access_token=Secret(company.token)) as here,
        pytest.raises(AccountHaltedError, match=company.id),
    ):
        here.send(*ask(company.id))


def refusal(here: Channel, request: Request, attempt: Attempt) -> ChannelUnavailableError | None:
    try:
        here.send(request, attempt)
    except ChannelUnavailableError as error:
        return error
    return None


def test_a_server_with_its_usual_limits_says_when_to_try_again_and_gets_each_line_once(tmp_path: Path) -> None:
    with synapse.running(limited=True) as server:
        me, company = server.person("robin"), server.person("acme")
        room = company.room(me.id)
        me.join(room)
        with channel(me, tmp_path / "slawatch.db") as here:
            asked = [ask(room, f"Frage {number}") for number in range(15)]
            refused = [(one, why) for one in asked if (why := refusal(here, *one)) is not None]
            assert refused
            (request, attempt), why = refused[0]
            assert why.retry_at is not None
            assert why.retry_at > request.intended_at
            assert not isinstance(here.find(request), Sent)
            SystemClock().sleep(max((why.retry_at - SystemClock().now()).total_seconds() + 0.5, 0))
            assert isinstance(here.send(request, attempt), Sent)

        said = [one["content"]["body"] for one in company.lines(room, by=me.id)]
    assert len(said) == len(set(said)) == len(asked) - len(refused) + 1
