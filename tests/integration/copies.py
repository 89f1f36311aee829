"""Processes that begin as copies of one that has loaded slawatch: a hundred deaths do not cost a hundred starts.

A copy is a process like any other: it opens its own store and connections, and SIGKILL ends it in the midst of them.
usage, by Copies only: python -m tests.integration.copies MODULE; the module's main() does the work of each copy.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60  # of one copy: it is ended by SIGALRM then, which no test takes for the death it asked for
# What a pass loads only once it needs it. One that is missing here is loaded by every copy again, and costs time alone.
LOADED_LATE = (
    "imapclient",
    "slawatch.channels.email.channel",
    "slawatch.mail.submit",
    "slawatch.usecases.calendars",
    "slawatch.usecases.derive",
    "slawatch.usecases.followed",
)


class Copies:
    """The process that is copied, between enter and exit."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", __name__, module]
        self._environment = environment

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=self._environment
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, folder: Path, *given: str, kill_after: float | None = None) -> subprocess.CompletedProcess[str]:
        """Let a copy do the module's main(*given) and wait for its end; what it prints is kept in the folder.

        `kill_after` are the seconds after which SIGKILL ends a copy that is still at work.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out, errors = folder / "out", folder / "errors"
        print(json.dumps([kill_after, str(out), str(errors), *given]), file=self._process.stdin, flush=True)
        code = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(given, code, out.read_text("utf-8"), errors.read_text("utf-8"))


def live(module: str, out: str, errors: str, *given: str) -> None:
    """Be the copy: do the work and end, here and not in what was copied."""
    signal.alarm(SECONDS)
    for path, number in ((out, sys.stdout.fileno()), (errors, sys.stderr.fileno())):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    try:
        import_module(module).main(*given)
    except BaseException:  # noqa: BLE001 - whatever it is, it must not come back into what was copied
        traceback.print_exc()
        code = 1
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve(module: str) -> None:
    """Make a copy for each line that comes, and tell how it ended."""
    for name in (module, *LOADED_LATE):
        import_module(name)
    for line in sys.stdin:
        kill_after, *given = json.loads(line)
        copy = os.fork()
        if copy == 0:
            live(module, *given)
        print(os.waitstatus_to_exitcode(ended(copy, kill_after)), flush=True)


def ended(copy: int, kill_after: float | None) -> int:
    """Wait for the copy's end, or bring it about; return its status."""
    until = None if kill_after is None else time.monotonic() + kill_after
    while until is not None and time.monotonic() < until:
        found, status = os.waitpid(copy, os.WNOHANG)
        if found:
            return status
        time.sleep(0.001)
    if until is not None:
        os.kill(copy, signal.SIGKILL)
    return os.waitpid(copy, 0)[1]


if __name__ == "__main__":
    serve(sys.argv[1])
