"""The store's part for what rules made of messages: matches and kinds, replaced when a rule changes. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slawatch.match import Known
from slawatch.model import Classification, Match, MessageKind, Promise, Reply, WrittenBy
from slawatch.store.database import Database
from slawatch.store.rows import promise_of, reasons, reply_of


class Deriving(Database):
    """Derived rows, and the keys that lead from a message to its request."""

    def save_derived(
        self,
        message_id: int,
        *,
        match: Match | None,
        own: bool,
        classification: Classification | None,
        rules: str,
        promises: Sequence[Promise] = (),
    ) -> None:
        """Keep what these rules made of the message, in place of what earlier ones made of it."""
        with self._writing():
            self._change("forget_replies", message_id=message_id)
            self._change("forget_promises", message_id=message_id)
            self._change(
                "save_derived",
                message_id=message_id,
                rules=rules,
                own=own,
                kind=classification.kind if classification else MessageKind.UNKNOWN,
                because=reasons(classification.because) if classification else "[]",
                how_long=classification.how_long if classification else None,
                why=classification.why if classification else None,
                complete=classification.complete if classification else None,
                fingerprint=classification.fingerprint if classification else "",
            )
            for number, promise in enumerate(promises):
                self._change(
                    "add_promise",
                    message_id=message_id,
                    number=number,
                    quote=promise.quote,
                    about=promise.about,
                    within=promise.within,
                    business_days=promise.business_days,
                    business_time=promise.business_time,
                    due_at=promise.due_at,
                )
            for request_id in match.request_ids if match else ():
                by = match.writers.get(request_id, WrittenBy()) if match else WrittenBy()
                self._change(
                    "add_reply",
                    message_id=message_id,
                    request_id=request_id,
                    evidence=match.evidence if match else None,
                    strength=match.strength if match else None,
                    saw=match.saw if match else "",
                    writer=by.writer,
                    writer_saw=by.saw,
                )

    def replies(self, request_ids: Sequence[int] | None = None) -> dict[int, list[Reply]]:
        """Return the replies of these requests (of all, without ids), each list in the order of arrival."""
        found: dict[int, list[Reply]] = {}
        for reply in self._replies("request_ids", request_ids):
            found.setdefault(reply.request_id, []).append(reply)
        return found

    def replies_of(self, message_ids: Sequence[int]) -> dict[int, list[Reply]]:
        """Return by message what ties it to its requests: one reply each."""
        found: dict[int, list[Reply]] = {}
        for reply in self._replies("message_ids", message_ids):
            found.setdefault(reply.message_id, []).append(reply)
        return found

    def _replies(self, key: str, values: Sequence[int] | None) -> list[Reply]:
        promised: dict[int, list[Promise]] = {}
        for row in self._rows_among("promises", key, values):
            promised.setdefault(row["message_id"], []).append(promise_of(row))
        return [
            reply_of(row, tuple(promised.get(row["message_id"], ())))
            for row in self._rows_among("replies", key, values)
        ]

    def known_for(
        self, *, tokens: Collection[str], message_ids: Collection[str], envelope_ids: Collection[str]
    ) -> Known:
        """Return those of the given keys that are ours, by a look into an index for each."""
        return Known(
            by_token=self._known("known_tokens", tokens),
            by_message_id=self._known("known_message_ids", message_ids),
            by_envelope_id=self._known("known_envelope_ids", envelope_ids),
        )

    def ids_known(self) -> Known:
        """Return every key we ever sent out; for passes over many messages, `known_for` is for single ones."""
        return Known(
            by_token=self._known("known_tokens", None),
            by_message_id=self._known("known_message_ids", None),
            by_envelope_id=self._known("known_envelope_ids", None),
        )

    def _known(self, name: str, keys: Collection[str] | None) -> dict[str, int]:
        wanted = None if keys is None else sorted({key.lower() for key in keys if key})
        return {row["key"]: row["id"] for row in self._rows_among(name, "keys", wanted)}
