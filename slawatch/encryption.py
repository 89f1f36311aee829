"""Encrypts raw evidence with keys from a file: the one room that knows `cryptography`, which is loaded on use.

AES-256-GCM. No word of its errors, and no repr, holds anything of a key.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from slawatch.errors import LockedError, OutputError

MISSING = 'cryptography is not installed; run: pip install "slawatch[encryption]"'
KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: at random, up to 2^32 messages under one key
ID_DIGITS = 8
HEAD = (
    "# Keys of raw evidence, the newest first. Without them it is lost: keep a copy where the store's copies are not.\n"
)

_LINE = re.compile(r"slawatch-key ([0-9a-f]{8}) ([A-Za-z0-9_-]{43}=)")


def missing() -> str:
    """Return what to do where the library is not installed, else ""; loads nothing."""
    from importlib.util import find_spec  # noqa: PLC0415  only a config with a key file asks

    return "" if find_spec("cryptography") else MISSING


@dataclass(frozen=True)
class Key:
    """One key. Its `id` is stored beside what it encrypts, and tells nothing of it."""

    id: str
    secret: bytes = field(repr=False)


class Keys:
    """The keys of a file, read when first needed: the newest encrypts, every one decrypts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        """Name the file; no key."""
        return f"Keys({str(self.path)!r})"

    @property
    def newest(self) -> str:
        """Return the id of the key that encrypts. Raises LockedError where there is none."""
        return self._keys[0].id

    def encrypt(self, sha256: str, packed: bytes) -> tuple[str, bytes]:
        """Return the key's id and what to keep; bound to the hash, so that no other can be laid in its place.

        Raises:
            LockedError: the file cannot be read, or the library is missing.
        """
        key, nonce = self._keys[0], secrets.token_bytes(NONCE_BYTES)
        return key.id, nonce + _cipher(key).encrypt(nonce, packed, sha256.encode())

    def decrypt(self, key_id: str, sha256: str, kept: bytes) -> bytes:
        """Return what was encrypted.

        Raises:
            LockedError: the file has no such key, the key is another one, or what was kept was changed.
        """
        key = next((one for one in self._keys if one.id == key_id), None)
        if key is None:
            raise LockedError(f'key: "{self.path}" lacks the key "{key_id}" of this evidence: add its line there')
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  loaded with the cipher

        try:
            return bytes(_cipher(key).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], sha256.encode()))
        except InvalidTag:
            raise LockedError(
                f'key: "{self.path}": its key "{key_id}" does not open the evidence "{sha256[:12]}…", or that was '
                "changed: compare with a backup"
            ) from None

    @cached_property
    def _keys(self) -> Sequence[Key]:
        return read(self.path)


def _cipher(key: Key):  # type: ignore[no-untyped-def]  # noqa: ANN202  its type is only known where the library is
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  20 ms that others need not pay
    except ImportError:
        raise LockedError(f"key: {MISSING}") from None
    return AESGCM(key.secret)


def read(path: Path) -> Sequence[Key]:
    """Return the file's keys, the newest first.

    Raises:
        LockedError: it is not there, not readable, others can read it, or a line of it is no key.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise LockedError(f'key: "{path}" does not exist: bring it back, or make one with "slawatch key new"') from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise LockedError(f'key: "{path}" cannot be read ({why}): make it a key file you may read') from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise LockedError(f'key: "{path}" can be read by others (mode {mode:o}): run chmod 600 "{path}"')
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        key = _key(base64.urlsafe_b64decode(found[2])) if found else None
        if found is None or key is None or key.id != found[1]:
            raise LockedError(f'key: "{path}", line {number}: it is no key (it is not shown here): restore the file')
        keys.append(key)
    if not keys:
        raise LockedError(f'key: "{path}" holds no key: bring it back, or make one with "slawatch key new"')
    return keys


def add(path: Path) -> str:
    """Write a new key before those of the file, which is made for its owner alone; returns its id.

    Raises:
        OutputError: it cannot be written. LockedError: what is there is no key file.
    """
    key = _key(secrets.token_bytes(KEY_BYTES))
    _write(path, [key, *(read(path) if path.exists() else ())])
    return key.id


def drop(path: Path, ids: Sequence[str]) -> None:
    """Take these keys out of the file."""
    _write(path, [one for one in read(path) if one.id not in ids])


def _key(secret: bytes) -> Key:
    return Key(id=hashlib.sha256(b"slawatch key id " + secret).hexdigest()[:ID_DIGITS], secret=secret)


def _write(path: Path, keys: Sequence[Key]) -> None:
    lines = [f"slawatch-key {one.id} {base64.urlsafe_b64encode(one.secret).decode()}\n" for one in keys]
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(HEAD + "".join(lines))
            file.flush()
            os.fsync(file.fileno())  # a key that is lost in a power cut takes what it encrypted with it
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f'key: "{path}" cannot be written ({error.strerror}): choose another place as key_file'
        ) from None
