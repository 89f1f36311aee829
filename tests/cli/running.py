"""Runs slawatch as people do: as a process of its own, in a pipe or in a terminal, with the keys they press."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import slawatch

CTRL_C = b"\x03"
SECONDS = 180.0  # a deadline, not a measure: a loaded machine may be slow
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str = ""

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def command(*words: object) -> list[str]:
    """Return the command line; a warning of ours or of a library is an error here as well."""
    return [sys.executable, "-W", "error", "-m", "slawatch", *map(str, words)]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment: this slawatch, no settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name not in {"SLAWATCH_CONFIG", "COLUMNS", "LINES"}}
    root = str(Path(slawatch.__file__).parents[1])
    return {**kept, "PYTHONPATH": root, "TERM": "xterm-256color", "PYTHONUTF8": "1", **(extra or {})}


def run(*words: object, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run the command to its end, in a pipe, with nobody at the keyboard."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Running:
    """A command that is still running, in a pipe. Use as a context manager: nothing outlives the test."""

    def __init__(self, *words: object, cwd: Path) -> None:
        self._process = subprocess.Popen(
            command(*words),
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def said(self, words: str) -> str:
        """Wait for a line on standard output that holds these words; return it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if words in line:
                return line
        raise AssertionError(f'it ended without "{words}": {self._process.communicate()[1]}')

    def end(self) -> Done:
        out, err = self._process.communicate(timeout=SECONDS)
        return Done(self._process.returncode, out, err)


class Terminal:
    """A command in a terminal of its own: what it writes to the screen, and keys for it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self._process = process
        self._seen = b""

    @property
    def text(self) -> str:
        """Everything it has written so far, one frame of a moving picture below the other."""
        seen = self._seen.decode("utf-8", "replace").replace("\r\n", "\n")
        return CONTROL.sub("", seen.replace("\r", "\n"))

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, there: Callable[[str], object]) -> str:
        """Read on until the text is as wanted; return it. Raises AssertionError when it ends, or takes too long."""
        deadline = time.monotonic() + SECONDS
        while not there(self.text):
            if time.monotonic() > deadline or not self._read(0.2):
                raise AssertionError(f"never came; the screen says:\n{self.text[-3000:]}")
        return self.text

    def end(self) -> Done:
        """Read to the end."""
        deadline = time.monotonic() + SECONDS
        while self._read(0.2):
            if time.monotonic() > deadline:
                raise AssertionError(f"does not end; the screen says:\n{self.text[-3000:]}")
        return Done(self._process.wait(timeout=SECONDS), self.text)

    def _read(self, seconds: float) -> bool:
        """Take in what there is; False once the other side has hung up."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            some = os.read(self._master, 65536)
        except OSError:  # EIO: the last one who had it open has closed it
            return False
        self._seen += some
        return bool(some)


@contextmanager
def terminal(*words: object, cwd: Path, columns: int = 110, rows: int = 45) -> Iterator[Terminal]:
    """Run the command in a terminal of that size; Ctrl-C reaches it as it would reach it there."""
    with terminal_of(command(*words), cwd=cwd, columns=columns, rows=rows) as shown:
        yield shown


@contextmanager
def terminal_of(program: list[str], *, cwd: Path, columns: int = 110, rows: int = 45) -> Iterator[Terminal]:
    """Run any program like that."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        ["setsid", "--ctty", *program], cwd=cwd, env=environment(), stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        os.close(master)
