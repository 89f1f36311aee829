"""Every way in which X fails to answer, over a real line: which error of ours that is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from slawatch.channels.twitter.client import BODY_MAX, Client
from slawatch.errors import (
    AccountHaltedError,
    AlreadyThereError,
    ChannelError,
    ChannelRefusedError,
    ChannelUnavailableError,
    ChannelUncertainError,
)
from slawatch.testing import FakeClock
from tests.integration.at_twitter import Odd, said

Ask = Callable[[Client], Any]


def read(client: Client) -> Any:
    return client.get_users_mentions("42", user_auth=True)


def write(client: Client) -> Any:
    return client.create_tweet(text="@acme How long does it take?", user_auth=True)


def message(client: Client) -> Any:
    return client.create_direct_message(participant_id="42", text="How long?", user_auth=True)


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd() as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def failure(odd: Odd, clock: FakeClock, ask: Ask, *answers: bytes | None) -> ChannelError:
    odd.answers[:] = answers
    client = odd.client(clock)
    try:
        with pytest.raises(ChannelError) as error:
            ask(client)
    finally:
        client.close()
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("main: ")
    return error.value


def problem(status: int, title: str = "", detail: str = "", kind: str = "") -> bytes:
    body = {"title": title, "detail": detail, "type": f"https://problems.example/{kind}", "status": status}
    return said(status, {name: value for name, value in body.items() if value})


def old(status: int, code: int, words: str = "whatever") -> bytes:
    return said(status, {"errors": [{"code": code, "message": words}]})


HTML = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
TRUNCATED = b'{"data": {"id": "1455'

SILENT = [
    pytest.param(said(503, HTML), id="html-503"),
    pytest.param(said(503), id="empty-503"),
    pytest.param(problem(500, "Internal Error"), id="problem-500"),
    pytest.param(said(502, HTML), id="html-502"),
    pytest.param(said(404), id="empty-404"),
    pytest.param(said(404, HTML), id="html-404"),
    pytest.param(said(400), id="empty-400"),
    pytest.param(said(408, HTML), id="request-timeout"),
    pytest.param(said(200, HTML), id="html-200"),
    pytest.param(said(200), id="empty-200"),
    pytest.param(said(200, TRUNCATED), id="truncated"),
    pytest.param(said(200, b"[]"), id="a-list"),
    pytest.param(said(200, b"null"), id="null"),
    pytest.param(said(200, b"\xff\xfe\x00"), id="no-text"),
    pytest.param(said(200, b"[" * 100_000), id="nested"),
    pytest.param(said(200, {}), id="nothing"),
    pytest.param(said(200, {"errors": [{"code": 130, "message": "Over capacity"}]}), id="over-capacity-in-a-200"),
    pytest.param(said(301, b"", Location="http://127.0.0.1:9/"), id="moved"),
    pytest.param(said(302, HTML, Location="http://127.0.0.1:9/"), id="found"),
    pytest.param(None, id="hung-up"),
    pytest.param(said(200, b'{"data": []}')[:-4], id="cut-off"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="another-protocol"),
]


@pytest.mark.parametrize("answer", SILENT)
def test_what_tells_nothing_is_unavailable_to_who_reads(odd: Odd, clock: FakeClock, answer: bytes | None) -> None:
    error = failure(odd, clock, read, answer)

    assert type(error) is ChannelUnavailableError
    assert len(odd.asked) == 1


@pytest.mark.parametrize("ask", [write, message])
@pytest.mark.parametrize("answer", SILENT)
def test_what_tells_nothing_leaves_who_writes_uncertain_and_is_never_said_twice(
    odd: Odd, clock: FakeClock, answer: bytes | None, ask: Ask
) -> None:
    error = failure(odd, clock, ask, answer)

    assert type(error) is ChannelUncertainError
    assert len(odd.asked) == 1


def test_a_success_that_names_nothing_is_uncertain(odd: Odd, clock: FakeClock) -> None:
    assert type(failure(odd, clock, write, said(201, {"data": {"text": "How long?"}}))) is ChannelUncertainError


def test_a_count_without_the_posts_is_not_taken_for_none(odd: Odd, clock: FakeClock) -> None:
    error = failure(odd, clock, read, said(200, {"meta": {"result_count": 3}}))

    assert "a count of 3, and no data" in str(error)


def test_none_is_said_by_a_count_alone(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(200, {"meta": {"result_count": 0}})]

    assert read(odd.client(clock)).document == {"meta": {"result_count": 0}}


REFUSALS = [
    pytest.param(
        problem(402, "CreditsDepleted", "Your account does not have any credits."),
        AccountHaltedError,
        "out of credits",
        id="402",
    ),
    pytest.param(
        problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content."),
        AlreadyThereError,
        "duplicate content",
        id="duplicate",
    ),
    pytest.param(old(403, 187, "Status is a duplicate."), AlreadyThereError, "duplicate", id="duplicate-old"),
    pytest.param(
        problem(403, "Forbidden", "Reply to this conversation is not allowed because you have not been mentioned."),
        ChannelRefusedError,
        "you have not been mentioned",
        id="not-summoned",
    ),
    pytest.param(
        problem(403, "Forbidden", "You have been blocked from performing this action by the author of the post."),
        ChannelRefusedError,
        "You have been blocked",
        id="blocked",
    ),
    pytest.param(old(403, 63, "User has been suspended."), ChannelRefusedError, "suspended", id="they-are-suspended"),
    pytest.param(
        old(403, 64, "Your account is suspended and is not permitted to access this feature."),
        AccountHaltedError,
        "slawatch check",
        id="we-are-suspended",
    ),
    pytest.param(
        old(403, 326, "To protect our users from spam, this account is temporarily locked."),
        AccountHaltedError,
        "temporarily locked",
        id="locked",
    ),
    pytest.param(
        problem(403, "Client Forbidden", "This request must be made using an approved account.", "client-forbidden"),
        AccountHaltedError,
        "developer portal",
        id="app-may-not",
    ),
    pytest.param(
        problem(403, "Forbidden", "Your client app is not configured with the appropriate oauth1-permissions."),
        AccountHaltedError,
        "developer portal",
        id="read-only-keys",
    ),
    pytest.param(old(403, 261, "No."), AccountHaltedError, "developer portal", id="code-alone"),
    pytest.param(said(403, HTML), ChannelUnavailableError, "X's edge", id="html-403"),
    pytest.param(
        said(400, {"errors": [{"message": "The text must not be empty."}], "title": "Invalid Request"}),
        ChannelRefusedError,
        "must not be empty",
        id="400",
    ),
    pytest.param(problem(404, "Not Found", "No such user."), ChannelRefusedError, "No such user", id="404-said"),
    pytest.param(old(429, 88, "Rate limit exceeded"), ChannelUnavailableError, "too often", id="429"),
    pytest.param(old(403, 185, "User is over daily status update limit."), ChannelUnavailableError, "often", id="185"),
    pytest.param(old(200, 88, "Rate limit exceeded"), ChannelUnavailableError, "too often", id="88-in-a-200"),
]


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSALS)
def test_a_refused_post_says_why_and_whether_trying_again_helps(
    odd: Odd, clock: FakeClock, answer: bytes, kind: type[ChannelError], words: str
) -> None:
    error = failure(odd, clock, write, answer)

    assert type(error) is kind
    assert words in str(error)
    assert len(odd.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(402, "CreditsDepleted"), AccountHaltedError),
        (problem(403, "Forbidden", "You are not permitted to use this endpoint."), AccountHaltedError),
        (problem(404, "Not Found"), ChannelUnavailableError),
        (problem(409, "Conflict"), ChannelUnavailableError),
        (old(503, 131, "Internal error"), ChannelUnavailableError),
    ],
)
def test_reading_is_never_refused_for_good(odd: Odd, clock: FakeClock, answer: bytes, kind: type[ChannelError]) -> None:
    assert type(failure(odd, clock, read, answer)) is kind


def test_a_failed_part_of_a_success_is_no_failure(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(200, {"errors": [{"resource_id": "7", "title": "Not Found Error"}]})]

    assert read(odd.client(clock)).document is not None


# --- a line that cannot be had ---


@pytest.mark.parametrize("ask", [read, write])
def test_where_nobody_listens_nothing_has_left(odd: Odd, clock: FakeClock, ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = odd.client(clock)
    client._api_base = f"http://127.0.0.1:{port}"

    with pytest.raises(ChannelUnavailableError) as error:
        ask(client)
    assert str(error.value).endswith(f"http://127.0.0.1:{port} cannot be reached; check api_base and the network")


@pytest.mark.parametrize("ask", [read, write])
def test_where_there_is_no_such_host_nothing_has_left(odd: Odd, clock: FakeClock, ask: Ask) -> None:
    client = odd.client(clock)
    client._api_base = "http://x.invalid"

    with pytest.raises(ChannelUnavailableError) as error:
        ask(client)
    assert not isinstance(error.value, AccountHaltedError)


@pytest.mark.parametrize(("ask", "kind"), [(read, ChannelUnavailableError), (write, ChannelUncertainError)])
def test_who_does_not_answer_holds_nobody_up(odd: Odd, clock: FakeClock, ask: Ask, kind: type[ChannelError]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = odd.client(clock)
        client._api_base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client._timeout = timedelta(seconds=0.2)

        with pytest.raises(kind) as error:
            ask(client)
    assert "gave no answer in time" in str(error.value)


def test_an_answer_without_end_is_not_read_to_it(odd: Odd, clock: FakeClock) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (BODY_MAX + 1)

    assert "more than 8 MB" in str(failure(odd, clock, read, endless))


def test_what_is_compressed_is_measured_by_what_it_becomes(odd: Odd, clock: FakeClock) -> None:
    import gzip  # noqa: PLC0415 - for this one alone

    bomb = gzip.compress(b" " * (BODY_MAX + 1))

    assert "more than 8 MB" in str(failure(odd, clock, read, said(200, bomb, Content_Encoding="gzip")))


@pytest.mark.parametrize(("ask", "kind"), [(read, ChannelUnavailableError), (write, ChannelUncertainError)])
def test_an_answer_that_comes_in_drops_holds_nobody_up(
    odd: Odd, clock: FakeClock, ask: Ask, kind: type[ChannelError]
) -> None:
    client = odd.client(clock)
    client._timeout = timedelta(seconds=0.3)
    with dripping() as port:
        client._api_base = f"http://127.0.0.1:{port}"

        with pytest.raises(kind) as error:
            ask(client)
    assert "takes too long for its answer" in str(error.value)


@contextmanager
def dripping() -> Iterator[int]:
    """A server whose answer has no end, an octet at a time: each of them comes in time."""
    stop = threading.Event()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not stop.wait(0.05):
                    connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def test_keys_are_never_taken_to_another_host(odd: Odd, clock: FakeClock) -> None:
    with Odd() as other:
        other.answers = [said(200, {"data": []})]
        failure(odd, clock, read, said(302, Location=f"{other.base_url}/2/users/42/mentions"))

        assert other.asked == []


def test_nobody_elses_password_is_sent(
    odd: Odd, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login anna password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    odd.answers = [said(200, {"data": []})]

    read(odd.client(clock))

    assert b"Authorization: OAuth " in odd.asked[0]


# --- asked too often ---


def retry(odd: Odd, clock: FakeClock, answer: bytes) -> timedelta:
    error = failure(odd, clock, read, answer)
    assert isinstance(error, ChannelUnavailableError)
    assert error.retry_at is not None
    return error.retry_at - clock.now()


def test_a_limit_ends_when_x_says_so_by_our_clock(odd: Odd, clock: FakeClock) -> None:
    ahead = FakeClock(clock.now() + timedelta(minutes=10))
    reset = str(int((ahead.now() + timedelta(seconds=90)).timestamp()))

    assert retry(odd, clock, said(429, {}, ahead, x_rate_limit_reset=reset)) == timedelta(seconds=91)


@pytest.mark.parametrize(("left", "left_today", "hours"), [("98", "0", 5), ("0", "98", 1), ("0", "0", 5)])
def test_the_limit_that_is_used_up_is_the_one_waited_for(
    odd: Odd, clock: FakeClock, left: str, left_today: str, hours: int
) -> None:
    soon, late = (str(int((clock.now() + timedelta(hours=h)).timestamp())) for h in (1, 5))
    answer = said(
        429,
        {},
        clock,
        x_rate_limit_reset=soon,
        x_rate_limit_remaining=left,
        x_user_limit_24hour_reset=late,
        x_user_limit_24hour_remaining=left_today,
    )

    assert retry(odd, clock, answer) == timedelta(hours=hours, seconds=1)


def test_seconds_to_wait_are_heeded(odd: Odd, clock: FakeClock) -> None:
    assert retry(odd, clock, said(429, {}, Retry_After="40")) == timedelta(seconds=41)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_rate_limit_reset": "soon"},
        {"x_rate_limit_reset": "1"},
        {"x_rate_limit_reset": "nan"},
        {"x_rate_limit_reset": "1e30"},
        {"Retry_After": "never"},
    ],
)
def test_without_a_time_that_is_to_come_it_waits_a_minute(odd: Odd, clock: FakeClock, headers: dict[str, str]) -> None:
    assert retry(odd, clock, said(429, b"", clock, **headers)) == timedelta(seconds=61)


def test_no_limit_is_believed_to_last_for_weeks(odd: Odd, clock: FakeClock) -> None:
    far = str(int((clock.now() + timedelta(days=400)).timestamp()))

    assert retry(odd, clock, said(429, b"", clock, x_rate_limit_reset=far)) == timedelta(hours=25, seconds=1)


def test_until_then_that_is_not_asked_again_and_everything_else_is(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(429, b""), said(200, {"data": []})]
    client = odd.client(clock)
    for _ in range(3):
        with pytest.raises(ChannelUnavailableError):
            read(client)
    assert len(odd.asked) == 1

    client.get_users_tweets("42", user_auth=True)
    clock.forward(timedelta(seconds=61))
    read(client)
    assert len(odd.asked) == 3


def test_who_is_asked_too_often_again_and_again_is_asked_ever_less(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(429, b"")]
    client = odd.client(clock)
    waits = []
    for _ in range(6):
        with pytest.raises(ChannelUnavailableError) as error:
            read(client)
        assert error.value.retry_at is not None
        waits.append(error.value.retry_at - clock.now())
        clock.forward(waits[-1])

    assert [int(one.total_seconds()) for one in waits] == [61, 121, 241, 481, 901, 901]


def test_an_answer_between_makes_it_as_patient_as_at_first(odd: Odd, clock: FakeClock) -> None:
    odd.answers = [said(429, b""), said(429, b""), said(200, {"data": []}), said(429, b"")]
    client = odd.client(clock)

    def patience() -> int:
        with pytest.raises(ChannelUnavailableError) as error:
            read(client)
        assert error.value.retry_at is not None
        seconds = int((error.value.retry_at - clock.now()).total_seconds())
        clock.forward(timedelta(seconds=seconds))
        return seconds

    assert [patience(), patience()] == [61, 121]
    read(client)
    assert patience() == 61
