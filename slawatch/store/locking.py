"""The store's part for encrypted evidence: raw forms go in and come out under a key, where the config names one.

Hashes are those of what came in, encrypted or not: the chain of evidence knows nothing of keys.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from slawatch.clock import Clock
from slawatch.encryption import Keys
from slawatch.errors import LockedError
from slawatch.store.database import Database

AT_ONCE = 100  # raw forms in one transaction


class Locking(Database):
    """Raw forms under keys."""

    def __init__(self, path: Path, *, clock: Clock, key_file: Path | None = None) -> None:
        super().__init__(path, clock=clock)
        self._keys = Keys(key_file) if key_file is not None else None

    def keys_in_use(self) -> dict[str, int]:
        """Return how many raw forms are under which key; "" is in the clear."""
        return {row["key_id"]: row["n"] for row in self._rows("keys_in_use")}

    def encrypted(self, hashes: Sequence[str]) -> frozenset[str]:
        """Return those of these raw forms that are under a key."""
        return frozenset(row["sha256"] for row in self._rows_among("encrypted_among", "hashes", list(hashes)))

    def try_keys(self) -> None:
        """Open one raw form of every key in use, and close one. Raises LockedError where that cannot be done."""
        self._require_keys()
        for row in self._rows("keys_in_use"):
            if row["key_id"]:
                for blob in self._rows("raw", sha256=row["sha256"]):
                    self._opened_blob(row["sha256"], blob)

    def lock_all(self, tell: Callable[[int], object] = lambda _done: None) -> int:
        """Bring every raw form under the newest key; returns how many were not. Can be broken off and begun again."""
        newest = self._keys.newest if self._keys is not None else ""
        done, after = 0, ""
        while rows := self._rows("blobs_under", key_id=newest, after=after, most=AT_ONCE):
            with self._writing():
                for row in rows:
                    packed = self._unlocked(row["sha256"], row)
                    self._relock(row["sha256"], packed)
            done, after = done + len(rows), rows[-1]["sha256"]
            tell(done)
        return done

    def open_all(self, tell: Callable[[int], object] = lambda _done: None) -> int:
        """Bring every raw form into the clear; returns how many were not."""
        done, after = 0, ""
        while rows := self._rows("blobs_under", key_id="", after=after, most=AT_ONCE):
            with self._writing():
                for row in rows:
                    packed = self._unlocked(row["sha256"], row)
                    self._change("relock_blob", sha256=row["sha256"], key_id="", packed=packed)
            done, after = done + len(rows), rows[-1]["sha256"]
            tell(done)
        return done

    def forget_keys(self) -> None:
        """Read the key file again when a key is next needed: it was changed."""
        if self._keys is not None:
            self._keys = Keys(self._keys.path)

    def _relock(self, sha256: str, packed: bytes) -> None:
        key_id, kept = self._locked(sha256, packed)
        self._change("relock_blob", sha256=sha256, key_id=key_id, packed=kept)

    def _add_blob(self, sha256: str, size: int, packed: bytes) -> None:
        key_id, kept = self._locked(sha256, packed)
        self._change("add_blob", sha256=sha256, size=size, packed=kept, key_id=key_id)

    def _require_keys(self) -> None:
        """Raise LockedError where a key is wanted and there is none."""
        if self._keys is not None:
            self._keys.encrypt("", b"")

    def _locked(self, sha256: str, packed: bytes) -> tuple[str, bytes]:
        return ("", packed) if self._keys is None else self._keys.encrypt(sha256, packed)

    def _opened_blob(self, sha256: str, row: sqlite3.Row) -> bytes:
        return zlib.decompress(self._unlocked(sha256, row))

    def _unlocked(self, sha256: str, row: sqlite3.Row) -> bytes:
        if not row["key_id"]:
            return bytes(row["bytes"])
        if self._keys is None:
            raise LockedError(
                f'store: "{self._path}" holds encrypted evidence, and the config names no key: write key_file = "..."'
            )
        return self._keys.decrypt(row["key_id"], sha256, row["bytes"])
