"""Writes a pack of evidence that a stranger can check without our store: messages, chain, outcomes, a checker.

Holds no setting and no secret of an account. Raw messages carry the tokens of requests that are over; `redacted` leaves
raw messages out, and keeps their digests.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slawatch import __version__, resources, rules
from slawatch.clock import MICROSECOND, to_micros
from slawatch.errors import OutputError
from slawatch.imported import ACCOUNT as IMPORTED
from slawatch.model import Message, MessageKind, Reply, Wait
from slawatch.report.model import Case, Material
from slawatch.store.chaining import Link
from slawatch.store.items import Item, base_of, revised
from slawatch.usecases import exporting
from slawatch.usecases.outcomes import standard_of
from slawatch.usecases.report import Choice, gather
from slawatch.usecases.world import World

if TYPE_CHECKING:
    from slawatch.report.book import Book

STAMP = (1980, 1, 1, 0, 0, 0)  # of every entry: the same store at the same instant makes the same file
AS_THEY_ARE = ("README.md", "check.py")
FOLDER = "reports/evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed: so many requests, messages with their raw form, and sealed ones. `head` is the chain's."""

    path: Path
    requests: int
    messages: int
    sealed: int
    head: str


@dataclass(slots=True)
class _Writer:
    """Writes entries into the archive and keeps their digests for the manifest."""

    archive: zipfile.ZipFile
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        self.stream(name, [content])

    def stream(self, name: str, parts: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(name, STAMP)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        hashed = hashlib.sha256()
        with self.archive.open(entry, "w", force_zip64=True) as file:
            for part in parts:
                hashed.update(part)
                file.write(part)
        self.digests[name] = hashed.hexdigest()


def pack(world: World, path: Path, choice: Choice, *, redacted: bool = False) -> Packed:
    """Write the pack of these requests.

    Raises:
        OutputError: it cannot be written there.
    """
    hidden = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with zipfile.ZipFile(hidden, "w", zipfile.ZIP_DEFLATED) as archive:
                packed = _pack(world, _Writer(archive), path, choice, redacted=redacted)
            hidden.replace(path)
        finally:
            hidden.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f'evidence: "{path}" cannot be written ({error.strerror}); write it elsewhere') from error
    return packed


def _pack(world: World, out: _Writer, path: Path, choice: Choice, *, redacted: bool) -> Packed:
    from slawatch.report import build, render  # noqa: PLC0415  numpy and jinja are loaded only by what needs them

    material = gather(world, choice)
    # Times that were given with an imported request are replies without a message: there is nothing to pack of them.
    ids = sorted({reply.message_id for case in material.cases for reply in case.replies if reply.message_id > 0})
    messages = {message.id: message for message in world.store.messages(ids=ids)} if ids else {}
    for name in AS_THEY_ARE:
        out.add(name, resources.read(f"{FOLDER}/{name}", world.config.folder).encode())
    book = build.build(material)
    out.add("report.html", render.html(book, lang=choice.lang, folder=world.config.folder).encode())
    out.add("definitions.md", _definitions(book, choice.lang, world.config.folder))
    kept = 0
    for number in ids:
        kept += _add_message(world, out, messages[number], redacted=redacted)
    out.stream("chain.jsonl", _chain(world, material, ids, redacted=redacted))
    out.add("outcomes.json", _json(_outcomes(world, material, messages, redacted=redacted)))
    out.add("requests.csv", _table(world, choice))
    manifest = "".join(f"{digest}  {name}\n" for name, digest in sorted(out.digests.items()))
    out.add("MANIFEST.sha256", manifest.encode())
    return Packed(
        path=path,
        requests=len(material.cases),
        messages=kept,
        sealed=sum(message.purged_at is not None for message in messages.values()),
        head=material.chain_head,
    )


def _file_of(message: Message) -> str:
    """Return under which name a message stands in the pack."""
    return f"messages/{message.id}.{'eml' if message.channel == 'email' else 'json'}"


def _add_message(world: World, out: _Writer, message: Message, *, redacted: bool) -> bool:
    """Add a message's raw form, or what is left to say of one whose raw form was thrown away; return whether it is."""
    if message.purged_at is not None:
        stub = {"message": message.id, "raw_sha256": message.sha256, "purged_at": to_micros(message.purged_at)}
        out.add(f"messages/{message.id}.sealed.json", _json(stub))
        return False
    if redacted:
        return False
    out.add(_file_of(message), world.store.raw(message.sha256))
    return True


def _chain(world: World, material: Material, messages: list[int], *, redacted: bool) -> Iterator[bytes]:
    """Yield every link, a line each; those of the pack's own requests and messages with their item."""
    named = {case.request.public_id for case in material.cases}
    follow_ups = {str(ours.id) for case in material.cases for ours in case.follow_ups}
    numbers = {str(number) for number in messages}
    reviews = {str(one.id) for number in messages for one in world.store.reviews(number)} if not redacted else set()
    wanted: Mapping[str, set[str]] = {
        "request": named,
        "trail": named,
        "message": numbers,
        "seal": numbers,
        "follow-up": follow_ups,
        "review": reviews,
    }
    for links in world.store.links():
        found = {
            kind: world.store.items(kind, sorted(ours & {base_of(one.item)[0] for one in links if one.kind == kind}))
            for kind, ours in wanted.items()
        }
        for link in links:
            line: dict[str, Any] = {
                "number": link.number,
                "at": link.at,
                "kind": link.kind,
                "digest": link.digest,
                "head": link.head,
            }
            item = _item_of(link, found.get(link.kind, {}))
            if item is not None:
                line["item"] = item
            yield f"{json.dumps(line, ensure_ascii=False, sort_keys=True)}\n".encode()


def _item_of(link: Link, found: Mapping[str, Item]) -> Item | None:
    """Return the item a link is of; None for that of somebody else, and for a state that has passed."""
    from slawatch import chain  # noqa: PLC0415  light, and wanted here alone

    base, revision = base_of(link.item)
    item = found.get(base)
    if item is None:
        return None
    stated = revised(item, revision)
    return stated if chain.digest(stated) == link.digest else None


def _outcomes(world: World, material: Material, messages: Mapping[int, Message], *, redacted: bool) -> dict[str, Any]:
    return {
        "format": 1,
        "redacted": redacted,
        "period": {"since": to_micros(material.since), "until": to_micros(material.until)},
        "made_at": to_micros(material.made_at),
        "chain": {"head": material.chain_head},
        "rules": rules.ALL,
        "config_digest": material.config_digest,
        "version": __version__,
        "made_up": material.made_up_seed is not None,
        "requests": [_outcome(world, case, messages, redacted=redacted) for case in material.cases],
    }


def _outcome(world: World, case: Case, messages: Mapping[int, Message], *, redacted: bool) -> dict[str, Any]:
    request, outcome, standard = case.request, case.outcome, standard_of(world, case.request)
    return {
        "request": request.public_id,
        "company": request.company,
        "channel": request.channel,
        "way": request.way,
        "origin": request.origin.value,
        "imported": request.account == IMPORTED,
        "accepted_at": _micros(request.accepted_at),
        "accepted_uncertainty": _span(request.accepted_uncertainty),
        "submitted_at": _micros(request.submitted_at),
        "copy_received_at": _micros(request.copy_received_at),
        "window": _span(standard.window),
        "late": _span(standard.late),
        "seen_until": _micros(outcome.seen_until),
        "verdict": outcome.verdict.value,
        "void_reason": outcome.void_reason.value if outcome.void_reason else None,
        "first_response": _wait(outcome.first_response),
        "answer": _wait(outcome.answer),
        "paused": _span(outcome.paused),
        "first_reply": outcome.first_reply_id,
        "answer_reply": outcome.answer_reply_id,
        "replies": [_reply(reply, messages.get(reply.message_id), redacted=redacted) for reply in case.replies],
        "follow_ups": [
            {
                "follow_up": ours.id,
                "message": ours.message_id,
                "purpose": ours.purpose.value,
                "sent_at": _micros(ours.sent_at),
                "uncertainty": _span(ours.uncertainty),
            }
            for ours in case.follow_ups
            if ours.sent_at is not None and ours.delivery.value == "sent"
        ],
    }


def _reply(reply: Reply, message: Message | None, *, redacted: bool) -> dict[str, Any]:
    """Return a reply: what it was taken for, by which rules; what these saw is other people's words.

    Without a message it is a time that was given with an imported request.
    """
    stamps = message.stamps if message else reply.stamps
    return {
        "message": reply.message_id,
        "file": _file_of(message) if message else None,
        "raw_sha256": message.sha256 if message else None,
        "stamp_at": to_micros(stamps.at),
        "stamp_earlier": _span(stamps.earlier),
        "stamp_later": _span(stamps.later),
        "stamp_source": stamps.source,
        "kind": reply.kind.value,
        "counts": reply.counts and reply.kind is not MessageKind.UNKNOWN,
        "because": [[reason.rule, "" if redacted else reason.saw] for reason in reply.because],
        "tied_by": reply.evidence.value,
        "strength": reply.strength.value,
        "writer": reply.written_by.writer.value,
        "settled": reply.settled,
    }


def _definitions(book: Book, lang: str, folder: Path) -> bytes:
    """Return the definitions that stand in the report, in its language."""
    from slawatch.report.sentences import Sentences  # noqa: PLC0415  loaded with what renders

    pairs = Sentences(lang, folder=folder, space=" ").definitions(book)
    return "".join(f"**{term}**\n\n{text}\n\n" for term, text in pairs).encode()


def _table(world: World, choice: Choice) -> bytes:
    """Return the tidy table of just these requests."""
    from slawatch.data import csvs  # noqa: PLC0415  loaded only by what needs it

    asked = exporting.Choice(since=choice.since, until=choice.until, companies=choice.companies)
    file = io.StringIO(newline="")
    csvs.write(exporting.rows(world, asked), file)
    return file.getvalue().encode()


def _wait(wait: Wait | None) -> dict[str, Any] | None:
    if wait is None:
        return None
    return {
        "length": _span(wait.length),
        "ended": wait.ended,
        "shorter": _span(wait.shorter),
        "longer": _span(wait.longer),
    }


def _span(duration: timedelta) -> int:
    return duration // MICROSECOND


def _micros(moment: Any) -> int | None:
    return None if moment is None else to_micros(moment)


def _json(value: object) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n".encode()
