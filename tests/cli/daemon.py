"""Runs `slawatch run` as a service manager does: a process of its own, its lines one by one, signals, SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.cli.running import environment

SECONDS = 60.0  # a deadline, not a measure


class Daemon:
    """A daemon at work, `within` a command that becomes it. Use as a context manager: nothing outlives the test."""

    def __init__(
        self, config: Path, *words: object, env: Mapping[str, str] | None = None, within: Sequence[str] = ()
    ) -> None:
        self._lines: list[str] = []
        self._come = threading.Condition()
        # A doorbell cut off while it connects is closed by the end of its process.
        python = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning"]
        self._process = subprocess.Popen(
            [*within, *python, "-m", "slawatch", "run", "-c", str(config), *map(str, words)],
            cwd=config.parent,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def text(self) -> str:
        with self._come:
            return "".join(self._lines)

    def says(self, words: str, times: int = 1) -> str:
        """Wait until that many lines hold these words; return the last of them."""
        until = time.monotonic() + SECONDS
        with self._come:
            while len(found := [line for line in self._lines if words in line]) < times:
                if not self._come.wait(until - time.monotonic()) or (
                    self._process.poll() is not None and not self._reader.is_alive()
                ):
                    raise AssertionError(f'never said "{words}":\n{"".join(self._lines)}')
            return found[times - 1]

    def send(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def end(self) -> int:
        """Wait for the end; return the exit code (negative: the signal that killed it)."""
        code = self._process.wait(SECONDS)
        self._reader.join(SECONDS)
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._come:
                self._lines.append(line)
                self._come.notify_all()
        with self._come:
            self._come.notify_all()
