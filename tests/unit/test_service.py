"""What a service manager is told, and the page of metrics: real sockets on this machine."""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path

import pytest

from slawatch.errors import UsageError
from slawatch.runner.service import Service, in_journal
from slawatch.runner.serving import serving


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    way = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    way.bind(str(tmp_path / "notify"))
    way.settimeout(10)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    return way


def test_systemd_is_told_how_the_service_stands(manager: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    with manager:
        service = Service()
        service.ready()
        service.alive()
        service.reloading()
        service.stopping()

        said = [manager.recv(1000).decode() for _ in range(4)]

    assert said[:2] == ["READY=1", "WATCHDOG=1"]
    assert said[2].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert said[3] == "STOPPING=1"
    assert "NOTIFY_SOCKET" not in os.environ  # no command that we start speaks in our name


def test_a_watchdog_that_is_meant_for_another_process_is_not_fed(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    with manager:
        service = Service()
        service.alive()
        service.ready()

        assert manager.recv(1000) == b"READY=1"


def test_without_a_manager_nothing_is_said_and_a_dead_one_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Service().ready()
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    Service().ready()


def test_only_what_really_goes_to_the_journal_is_left_without_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")

    assert not in_journal()


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_one_page_is_served_and_nothing_else() -> None:
    with serving("127.0.0.1", 0, lambda: "slawatch_up 1\n", "text/plain") as port:
        assert get(port, "/metrics") == (200, "slawatch_up 1\n")
        assert get(port, "/config.toml")[0] == 404


def test_what_fails_while_it_is_made_tells_strangers_nothing() -> None:
    def fail() -> str:
        raise LookupError("sesame")

    with serving("127.0.0.1", 0, fail, "text/plain") as port:
        status, text = get(port, "/metrics")

    assert status == 503
    assert "sesame" not in text


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with (
        serving("127.0.0.1", 0, str, "text/plain") as port,
        pytest.raises(UsageError, match=f'"127.0.0.1:{port}" cannot be used'),
        serving("127.0.0.1", port, str, "text/plain"),
    ):
        pass
