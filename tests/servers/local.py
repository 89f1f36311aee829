"""What every private server needs: a short-lived folder, free ports, a deadline, and an end that is sure to come."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LOOPBACK = "127.0.0.1"


def eventually(look: Callable[[], T], *, what: str, seconds: float = 30) -> T:
    """Return the first true value `look` gives. Raise AssertionError, naming `what`, once the deadline is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s; last seen: {found!r}")
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on; all held at once, so that they differ."""
    with_ports = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return [int(server.getsockname()[1]) for server in with_ports]
    finally:
        for server in with_ports:
            server.close()


def listens(port: int) -> bool:
    """Return whether a connection to the port is taken."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """Give a folder that other users may enter and that is gone afterwards.

    Not pytest's tmp_path: servers drop to users that may not enter it, and paths of sockets must stay under 108 octets.
    """
    path = Path(tempfile.mkdtemp(prefix=f"slawatch-{name}-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Daemon:
    """A server in the foreground, in a process group of its own."""

    def __init__(self, command: Sequence[str], *, log: Path) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [*_dies_with_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, port: int, *, seconds: float = 30) -> None:
        """Return once the port is served. Raise RuntimeError with the log's end where the server gave up or is late."""
        deadline = time.monotonic() + seconds
        while not listens(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the server did not come up: {self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server and all its children; safe to call twice."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        # Children that outlive their master would hold the ports of the next start.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)


def _dies_with_us() -> list[str]:
    """Return the words before a command that end it even where the test run itself is killed (prctl(2), PDEATHSIG)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
