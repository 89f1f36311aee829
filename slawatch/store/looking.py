"""The store's part for what came in: evidence, untouched; cursors; how long we have looked. Judges no message."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slawatch.clock import from_micros
from slawatch.errors import StoreError
from slawatch.model import Incoming, Message, Moment, MomentKind, Request
from slawatch.store.locking import Locking
from slawatch.store.rows import Look, Shown, columns_of, message_of, moment, moment_of

if TYPE_CHECKING:
    from slawatch.channels.base import Batch

ONE_STRETCH = timedelta(
    hours=1
)  # passes closer than this count as looking all the time; keeps one row, not one a minute


class Looking(Locking):
    """Mailboxes and feeds, and the messages out of them."""

    def cursor(self, account: str) -> str:
        """Return where collecting goes on; "" for an account never read."""
        row = self._one("inbox", account=account)
        return "" if row is None else str(row["cursor"])

    def observed_until(self, account: str) -> datetime | None:
        """Return the start of the last complete pass; None for an account never read to the end."""
        row = self._one("inbox", account=account)
        return None if row is None else moment(row["observed_until"])

    def warning(self, account: str) -> str:
        """Return what the last complete pass found that may soon keep answers from coming in; "" for nothing."""
        row = self._one("inbox", account=account)
        return "" if row is None else str(row["warning"])

    def looks(self, account: str, since: datetime) -> list[Look]:
        """Return the stretches of looking that ended since, oldest first; what lies between them was not looked at."""
        return [
            Look(
                started_at=from_micros(row["started_at"]),
                ended_at=from_micros(row["ended_at"]),
                ok=bool(row["ok"]),
                note=row["note"],
            )
            for row in self._rows("looks", account=account, since=since)
        ]

    def add_batch(self, account: str, channel: str, batch: Batch, *, observed: Sequence[Request] = ()) -> list[Message]:
        """Keep the batch's evidence and messages together with its cursor: all of it or nothing.

        Returns the messages that are new and no duplicates. A message of a known `remote_id` is left out; one with the
        same bytes as an earlier one, or the same Message-ID and the same Date, is kept as its duplicate. The Date is
        asked for because some systems give all their receipts one Message-ID: an answer must not be lost to that.
        `observed` are the batch's questions by other people, as requests; those of a known `remote_id` are left out.
        """
        packed = [
            (incoming, hashlib.sha256(incoming.raw).hexdigest(), zlib.compress(incoming.raw))
            for incoming in batch.messages
        ]
        new = []
        with self._writing():
            self._change("add_inbox", account=account)
            for incoming, sha256, small in packed:
                message = self._add_message(account, channel, incoming, sha256, small)
                if message is not None and message.duplicate_of is None:
                    new.append(message)
            self._add_trail(batch)
            for request in observed:
                if self._one("requests", remote_id=request.remote_id) is None:
                    self._rows("add_request", worker="", **columns_of(request))
            self._change("move_cursor", account=account, cursor=batch.cursor)
            if batch.warning is not None:
                self._change("warn", account=account, warning=batch.warning)
            if batch.looked_until is not None:
                self._change("observed", account=account, looked_until=batch.looked_until)
                self._note_look(account, batch.looked_until, ok=True, note="")
        return new

    def note_failure(self, account: str, error: str) -> None:
        """Keep that we tried to look now and could not."""
        with self._writing():
            self._note_look(account, self._now(), ok=False, note=error)

    def take_inbox(self, account: str, worker: str, lease: timedelta) -> bool:
        """Take the account for one pass of collecting. False where another worker holds it and its lease still runs."""
        now = self._now()
        with self._writing():
            self._change("add_inbox", account=account)
            return self._change("take_inbox", account=account, worker=worker, now=now, lease_until=now + lease) == 1

    def release_inbox(self, account: str, worker: str) -> None:
        """Give the account back; nothing happens where it has passed to another worker."""
        with self._writing():
            self._change("release_inbox", account=account, worker=worker)

    def raw(self, sha256: str) -> bytes:
        """Return raw evidence as it came in.

        Raises:
            StoreError: it is not kept.
            LockedError: it is encrypted, and its key is not at hand.
        """
        row = self._one("raw", sha256=sha256)
        if row is None:
            raise StoreError(f'store: "{self._path}" keeps no evidence "{sha256}": restore a backup that does')
        return self._opened_blob(sha256, row)

    def message(self, message_id: int) -> Message | None:
        """Return the message of that id, duplicates included."""
        found = self.messages(ids=[message_id])
        return found[0] if found else None

    def messages(
        self,
        *,
        account: str | None = None,
        ids: Sequence[int] | None = None,
        unmatched: bool = False,
        rules_before: str | None = None,
    ) -> list[Message]:
        """Return messages in the order of their arrival; duplicates only where asked for by id.

        `unmatched`: those that were judged, are not our own and belong to no request. `rules_before`: those that were
        not yet judged by these rules; costs next to nothing where there are none.
        """
        rows = self._rows_among(
            "messages",
            "ids",
            ids,
            account=account,
            unmatched=unmatched,
            rules_before=rules_before,
            no_duplicates=ids is None,
        )
        return sorted((message_of(row) for row in rows), key=lambda message: (message.stamps.at, message.id))

    def waiting_for_review(self, *, opt_outs: bool = False) -> list[Message]:
        """Return the replies a person must look at: tied to their request by weak evidence, or of unknown kind.

        These count nowhere. With `opt_outs` also those that put their company on the opt-out register, which do count.
        """
        return [message_of(row) for row in self._rows("in_review", opt_outs=opt_outs)]

    def _add_message(
        self, account: str, channel: str, incoming: Incoming, sha256: str, packed: bytes
    ) -> Message | None:
        if self._one("is_known", account=account, remote_id=incoming.remote_id):
            return None
        stamps = incoming.stamps
        first = self._one("same_bytes", account=account, sha256=sha256) or self._one(
            "same_letter", account=account, own_id=incoming.facts.own_id, date_header_at=stamps.date_header_at
        )
        self._add_blob(sha256, len(incoming.raw), packed)
        (row,) = self._rows(
            "add_message",
            account=account,
            channel=channel,
            remote_id=incoming.remote_id,
            folder=incoming.folder,
            sha256=sha256,
            own_id=incoming.facts.own_id,
            sender=incoming.facts.sender,
            subject=incoming.facts.subject,
            stamp_at=stamps.at,
            stamp_source=stamps.source,
            stamp_why=stamps.why,
            stamp_earlier=stamps.earlier,
            stamp_later=stamps.later,
            internal_at=stamps.internal_at,
            date_header_at=stamps.date_header_at,
            now=self._now(),
            duplicate_of=first["id"] if first else None,
        )
        if first is None:
            self._change("add_derived", message_id=row["id"])
        return message_of(row)

    def moments(self, request_ids: Sequence[int]) -> dict[int, list[Moment]]:
        """Return what happened in the chats of these requests beside their messages, each list in order."""
        found: dict[int, list[Moment]] = {}
        for row in self._rows_among("moments", "request_ids", request_ids):
            found.setdefault(row["request_id"], []).append(moment_of(row))
        return found

    def exhibits(self, request_ids: Sequence[int]) -> dict[int, list[Shown]]:
        """Return the pictures kept of these requests, each list in order; `raw` has what they show."""
        found: dict[int, list[Shown]] = {}
        for row in self._rows_among("exhibits", "request_ids", request_ids):
            shown = Shown(
                moment=MomentKind(row["moment"]),
                at=from_micros(row["at"]),
                media=row["media"],
                name=row["name"],
                sha256=row["sha256"],
            )
            found.setdefault(row["request_id"], []).append(shown)
        return found

    def _add_trail(self, batch: Batch) -> None:
        """Keep moments and exhibits; those of a request that is not known (a practice run's) are left out."""
        for one in batch.moments:
            self._change(
                "add_moment",
                request=one.request.lower(),
                kind=one.kind,
                at=one.at,
                earlier=one.earlier,
                later=one.later,
                clock=one.clock,
                saw=one.saw,
            )
        for shown in batch.exhibits:
            sha256 = hashlib.sha256(shown.raw).hexdigest()
            self._add_blob(sha256, len(shown.raw), zlib.compress(shown.raw))
            self._change(
                "add_exhibit",
                request=shown.request.lower(),
                moment=shown.moment,
                at=shown.at,
                media=shown.media,
                name=shown.name,
                sha256=sha256,
            )

    def _note_look(self, account: str, started_at: datetime, *, ok: bool, note: str) -> None:
        last = self._one("last_look", account=account)
        now = self._now()
        if (
            last
            and bool(last["ok"]) == ok
            and last["note"] == note
            and started_at - from_micros(last["ended_at"]) <= ONE_STRETCH
        ):
            self._change("extend_look", id=last["id"], now=now)
        else:
            self._change("add_look", account=account, started_at=started_at, now=now, ok=ok, note=note)
