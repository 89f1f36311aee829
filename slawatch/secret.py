"""A password as the config names it: fetched when it is used, never shown, not even where a server repeats it.

Must not keep what it fetched anywhere but in this process, and never repeats it in an error.
"""

from __future__ import annotations

import os
import shlex
import stat
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from slawatch.errors import ConfigError

COMMAND_SECONDS = 60  # a password manager may first ask a person to unlock it
HIDDEN = "(secret)"
HIDDEN_MIN = 8  # characters; a shorter one may be a word that servers use, and to hide that would give it away

# The only state of a module here: whoever had to hand the secrets on to each place where a server's words are taken in
# would forget one. Access tokens are new every hour, so the oldest are forgotten.
_fetched: deque[str] = deque(maxlen=1000)


def hide(*secrets: str) -> None:
    """From now on leave these out of what servers say; for what is no Secret: tokens, and logins as they are sent."""
    for secret in secrets:
        if len(secret) >= HIDDEN_MIN and secret not in _fetched:
            _fetched.append(secret)


def hidden(words: str) -> str:
    """Return what somebody else said without any secret of this process: some servers repeat what they do not like."""
    for secret in sorted(_fetched, key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), b64encode(secret.encode()).decode()):
            if form in words:
                words = words.replace(form, HIDDEN)
    return words


class Source(StrEnum):
    """Where a secret comes from; the config key is the field's name with this behind it."""

    WRITTEN = ""
    ENVIRONMENT = "_env"
    FILE = "_file"
    COMMAND = "_command"


def readable_by_all(path: Path) -> bool:
    """Tell whether every user of this machine may read the file; a missing one nobody can."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def cure(path: Path) -> str:
    """Return what to do about such a file."""
    return f"run: chmod 600 {shlex.quote(str(path))}"


class Secret:
    """Where to get a secret. `place` returns how an error begins: "config.toml:12: account.main.smtp_password_env"."""

    __slots__ = ("_fetched", "_folder", "_given", "_place", "source")

    def __init__(
        self,
        given: str,
        source: Source = Source.WRITTEN,
        *,
        folder: Path = Path(),
        place: Callable[[], str] = lambda: "secret",
    ) -> None:
        self.source = source
        self._given = given
        self._folder = folder
        self._place = place
        self._fetched: str | None = given if source is Source.WRITTEN else None

    def __repr__(self) -> str:
        """Return the source and never the secret: settings end up in logs and tracebacks."""
        return f"Secret({self.source.name.lower()})"

    def resolve(self) -> str:
        """Return the secret, fetched once a process: a password manager asks its owner each time.

        Of a file all but the line break at its end counts, of what a command prints the first line (`pass show` prints
        notes below the password). A file's path is relative to the config's folder. A command is run without a shell.

        Raises:
            ConfigError: the source does not give it; one line, which never holds the secret.
        """
        if self._fetched is None:
            self._fetched = self.fetch()
        hide(self._fetched)
        return self._fetched

    def fetch(self) -> str:
        """Return the secret as its source gives it now: an access token is another one every hour.

        Raises:
            ConfigError: as of `resolve`.
        """
        fetched = {
            Source.WRITTEN: lambda: self._given,
            Source.ENVIRONMENT: self._from_environment,
            Source.FILE: self._from_file,
            Source.COMMAND: self._from_command,
        }[self.source]()
        if not fetched:
            raise self._failure("gave an empty secret; put the secret there")
        hide(fetched)
        return fetched

    def exposure(self) -> str | None:
        """Return a line with its cure where every user of this machine can read the secret's file, else None."""
        if self.source is not Source.FILE or not readable_by_all(self._path()):
            return None
        return f'{self._place()}: "{self._given}" can be read by every user of this machine; {cure(self._path())}'

    def _from_environment(self) -> str:
        try:
            return os.environ[self._given]
        except KeyError:
            raise self._failure("is not set in the environment; set it or name another variable") from None

    def _from_file(self) -> str:
        try:
            text = self._path().read_text(encoding="utf-8")
        except FileNotFoundError:
            raise self._failure("does not exist; write the secret into it") from None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise self._failure(f"cannot be read: {why}; make it a text file you may read") from None
        return text.removesuffix("\n").removesuffix("\r")

    def _from_command(self) -> str:
        import subprocess  # noqa: PLC0415 - 10 ms that a config without commands need not pay

        try:
            done = subprocess.run(  # noqa: S603 - the user's own command from the user's own config, without a shell
                shlex.split(self._given),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                cwd=self._folder,
                timeout=COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise self._failure(f"did not end within {COMMAND_SECONDS} s; unlock your password manager first") from None
        except (OSError, ValueError, IndexError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise self._failure(f"cannot be run: {why}; write a program and its arguments") from None
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            last = f': "{said[-1]}"' if said else ""
            raise self._failure(f"failed with exit code {done.returncode}{last}; run it by hand to see why")
        lines = done.stdout.decode(errors="replace").splitlines()
        return lines[0] if lines else ""

    def _path(self) -> Path:
        return self._folder / Path(self._given).expanduser()

    def _failure(self, what: str) -> ConfigError:
        return ConfigError([f'{self._place()}: "{self._given}" {what}'])
