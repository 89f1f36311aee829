"""What chats left beside their messages: steps, pictures, pages in words. Reads what is kept and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from slawatch.errors import OutputError, StoreError
from slawatch.model import Moment, MomentKind, Outcome, Request, Verdict
from slawatch.report.model import Kept
from slawatch.report.pictures import within
from slawatch.store import Shown
from slawatch.usecases.world import World

WORDS_ALL_MAX = 2_000_000  # bytes of pages in words in one report
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "text/plain": "txt", "text/yaml": "yaml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A picture of a chat, or its page in words, and the file it is written to where that is wanted."""

    moment: MomentKind
    at: datetime
    media: str
    sha256: str
    file: str


class Trail(NamedTuple):
    """The steps of one chat, and what was kept of its page."""

    moments: tuple[Moment, ...] = ()
    exhibits: tuple[Kept, ...] = ()


def trails_of(
    world: World, requests: Sequence[Request], outcomes: Mapping[int, Outcome], *, pictures: bool
) -> dict[int, Trail]:
    """Return the trail of every request by its id, with as many pictures as a report can hold."""
    ids = [request.id for request in requests]
    moments, exhibits = (world.store.moments(ids), world.store.exhibits(ids)) if ids else ({}, {})
    order = sorted(requests, key=lambda one: (not _held_against(outcomes.get(one.id)), -_asked(one)))
    held = _held(world, [shown for one in order for shown in exhibits.get(one.id, ())], pictures=pictures)
    return {
        one: Trail(
            moments=tuple(moments.get(one, ())),
            exhibits=tuple(
                Kept(moment=shown.moment, at=shown.at, media=shown.media, raw=held.get(shown.sha256))
                for shown in exhibits.get(one, ())
            ),
        )
        for one in ids
    }


def _held_against(outcome: Outcome | None) -> bool:
    """Whether the report says something to a company's discredit: what shows that it is so must not be left out."""
    if outcome is None:
        return False
    reason = outcome.void_reason
    return outcome.verdict is Verdict.MISSED or (reason is not None and reason.theirs)


def _asked(request: Request) -> float:
    return (request.accepted_at or request.intended_at).timestamp()


def _held(world: World, wanted: Sequence[Shown], *, pictures: bool) -> dict[str, bytes]:
    """Return by its hash what the report holds: the first of them, as far as there is room."""
    words, images = (
        dict.fromkeys(one.sha256 for one in wanted if one.media.startswith(f"{kind}/")) for kind in ("text", "image")
    )
    held = dict(_first(world, words))
    if pictures:
        held |= dict(within(images, lambda sha256: _raw(world, sha256)))
    return held


def _first(world: World, words: Mapping[str, None]) -> Iterator[tuple[str, bytes]]:
    room = WORDS_ALL_MAX
    for sha256 in words:
        raw = _raw(world, sha256)
        if raw is not None and len(raw) <= room:
            room -= len(raw)
            yield sha256, raw


def _raw(world: World, sha256: str) -> bytes | None:
    """Return what is kept under that hash; None where it is not: a picture is no reason to have no report."""
    try:
        return world.store.raw(sha256)
    except StoreError:
        return None


def pieces(public_id: str, exhibits: Sequence[Shown]) -> tuple[Piece, ...]:
    """Return each exhibit with a name for its file, in which nothing comes from outside."""
    return tuple(
        Piece(
            moment=shown.moment,
            at=shown.at,
            media=shown.media,
            sha256=shown.sha256,
            file=f"{public_id}-{number:02}-{shown.moment}.{ENDINGS.get(shown.media, 'bin')}",
        )
        for number, shown in enumerate(exhibits, start=1)
    )


def write_out(world: World, pieces: Sequence[Piece], folder: Path) -> list[Path]:
    """Write each exhibit to a file of its own in this folder, which is made where it is not there; returns the paths.

    Raises:
        OutputError: it cannot be written there. StoreError: an exhibit is not kept any more.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for piece in pieces:
            path = folder / piece.file
            path.write_bytes(world.store.raw(piece.sha256))
            written.append(path.resolve())
    except OSError as error:
        cure = "write them elsewhere with --out FOLDER"
        raise OutputError(f'explain: "{folder}" cannot be written to ({error.strerror}); {cure}') from error
    return written
